"""Documents made here, sound and hostile ones."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from xml.sax.saxutils import escape


def pdf_objects(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of numbered objects; the first is its root."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + content + b"\nendobj\n")
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, table))
    return out.getvalue()


def stream(content: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(content)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n" % (len(packed), entries) + packed + b"\nendstream"


def pdf(pages: Sequence[Sequence[str]], title: str = "", unicode: bool = True) -> bytes:
    """A PDF with lines of text on each page, in a font whose codes are code points; ``unicode`` says so."""
    used = sorted({ord(character) for lines in pages for line in lines for character in line})
    mapping = b"".join(b"<%04X> <%04X>\n" % (code, code if unicode else 0xE000 + code % 0x1000) for code in used)
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 2 def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n%d beginbfchar\n%sendbfchar endcmap end end"
        % (len(used), mapping)
    )
    kids = b" ".join(b"%d 0 R" % (6 + 2 * at) for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages)),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Own /Encoding /Identity-H /DescendantFonts [4 0 R]"
        b" /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Own /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        stream(cmap),
    ]
    for at, lines in enumerate(pages):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>" % (7 + 2 * at)
        )
        shown = b"".join(
            b"1 0 0 1 40 %d Tm <%s> Tj\n" % (760 - 16 * row, line.encode("utf-16-be").hex().encode())
            for row, line in enumerate(lines)
        )
        objects.append(stream(b"BT /F 10 Tf\n" + shown + b"ET"))
    trailer = b""
    if title:
        objects.append(
            b"<< /Title <FEFF%s> /CreationDate (D:20260203080000) >>" % title.encode("utf-16-be").hex().encode()
        )
        trailer = b"/Info %d 0 R" % len(objects)
    return pdf_objects(objects, trailer)


def scanned_pdf(pages: int = 3) -> bytes:
    """Pages with a picture on each and no text."""
    kids = b" ".join(b"%d 0 R" % (5 + at) for at in range(pages))
    picture = stream(b"\x80" * 64, b"/Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8")
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /XObject << /I 3 0 R >> >> >>"
    )
    tree = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages)
    drawn = stream(b"q 600 0 0 800 0 0 cm /I Do Q")
    return pdf_objects([b"<< /Type /Catalog /Pages 2 0 R >>", tree, picture, drawn] + [page] * pages)


def bomb_pdf(size: int) -> bytes:
    """A page whose drawing unpacks to ``size`` bytes, packed piece by piece."""
    packer = zlib.compressobj(9)
    block = b" " * (1 << 20)
    packed = b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()
    content = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream"
    return pdf_objects(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R"
            b" /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
            content,
        ]
    )


def looped_pdf() -> bytes:
    """A tree of pages whose branch is its own child."""
    return pdf_objects(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 /Parent 2 0 R >>"]
    )


def looped_xref_pdf() -> bytes:
    """A table of places that names itself as the one before."""
    sound = pdf([["甲乙丙丁戊己庚辛壬癸"]])
    at = int(sound.rsplit(b"startxref", 1)[1].split()[0])
    return sound.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % at)


def docx(body: str, **parts: str) -> bytes:
    """A Word document with this XML for its body; more parts by path, ``/`` written as ``__`` and no extension."""
    names = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
        ),
        "_rels/.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
            'Target="word/document.xml"/></Relationships>'
        ),
        "word/document.xml": (
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
            ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
            f"><w:body>{body}</w:body></w:document>"
        ),
        **{name.replace("__", "/") + ".xml": content for name, content in parts.items()},
    }
    return packed(names)


def packed(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def bomb_docx(megabytes: int) -> bytes:
    out = io.BytesIO(docx(paragraph("甲")))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media.xml", "w") as part:
        for _ in range(megabytes):
            part.write(b" " * (1 << 20))
    return out.getvalue()


def laughing_docx() -> bytes:
    """Entities that name ten of the one before, ten deep."""
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    sound = docx(paragraph("LAUGH"))
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    body = parts["word/document.xml"].replace("LAUGH", "&a9;")
    return packed({**parts, "word/document.xml": f"<!DOCTYPE x [{entities}]>{body}"})
