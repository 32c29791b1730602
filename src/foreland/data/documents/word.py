"""Word documents (.docx): paragraphs, tables, footnotes; bombs refused before they are opened."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from foreland.data.documents.extract import Content, Limits, Refused
from foreland.data.documents.furniture import Kind, Mark
from foreland.data.documents.plain import clean

UNPACKED = 400 << 20
"""Most bytes all parts together may unpack to."""
PART = 100 << 20
RATIO = 200
"""A part of more than a megabyte that unpacks to more than this many times its size is a bomb: words don't."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\0!\0(?:D\0O\0C\0T|E\0N\0T)|\0<\0!\0(?:D\0O|E\0N)", re.IGNORECASE)
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SKIPPED = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}pPr", f"{_W}rPr", _FALLBACK))


def read_docx(file: IO[bytes], limits: Limits) -> Content:
    """Text of a Word document in its order.

    A paragraph is a line, a row of a table is one with tabs between its cells. Entries of an automatic table of
    contents are marked, and so are footnotes, which stand at the end. Deleted text of tracked changes is left out.

    Raises
    ------
    Refused
        ``zip_bomb``, ``damaged_docx`` or ``too_long``.
    """
    _check(file)
    import docx
    from lxml import etree

    try:
        document = docx.Document(file)
        out = _Lines(limits.characters)
        styles = {style.style_id: (style.name or "").lower() for style in document.styles}
        _blocks(document.element.body, out, styles)
        for note in _footnotes(document):
            out.add(note, "glossary", "footnote")
        core = document.core_properties
        title = clean(core.title or "").strip()
        # The template of python-docx has a date of its own, from 2013.
        date = core.created or core.modified if core.author != "python-docx" else None
    except (Refused, MemoryError):
        raise
    except (etree.LxmlError, zipfile.BadZipFile, zipfile.LargeZipFile, OSError) as error:
        raise Refused("damaged_docx", error) from error
    except Exception as error:  # a part that is missing, a relation that leads nowhere: python-docx has no one error
        raise Refused("damaged_docx", f"{type(error).__name__}: {error}") from error
    return Content(
        out.text(), "docx", title=title or None, date=date.date().isoformat() if date else None, marks=tuple(out.marks)
    )


def _check(file: IO[bytes]) -> None:
    """Refuse a package that unpacks to too much, or whose XML declares entities."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            total = sum(part.file_size for part in parts)
            if total > UNPACKED or any(_bomb(part) for part in parts):
                raise Refused("zip_bomb", f"{total >> 20:,} MB")
            if any(part.flag_bits & 1 for part in parts):
                raise Refused("damaged_docx", "encrypted")
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    _check_part(archive, part)
    except (Refused, MemoryError):
        raise
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused("damaged_docx", error) from error
    except Exception as error:  # zlib.error and its like
        raise Refused("damaged_docx", f"{type(error).__name__}: {error}") from error
    finally:
        file.seek(0)


def _bomb(part: zipfile.ZipInfo) -> bool:
    xml = part.filename.lower().endswith((".xml", ".rels"))
    return part.file_size > PART or (
        xml and part.file_size > 1 << 20 and part.file_size > RATIO * max(1, part.compress_size)
    )


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as stream:
        before = b""
        while block := stream.read(1 << 20):
            if _DOCTYPE.search(before + block):
                raise Refused("zip_bomb", f"{part.filename}: <!DOCTYPE")
            before = block[-16:]


class _Lines:
    """Lines of text that know where they stand."""

    def __init__(self, most: int) -> None:
        self.pieces: list[str] = []
        self.marks: list[Mark] = []
        self.size = 0
        self.most = most

    def add(self, line: str, kind: Kind | None = None, rule: str = "") -> None:
        line = clean(line)
        if not line.strip():
            return
        if self.size + len(line) > self.most:
            raise Refused("too_long", f"> {self.most:,}")
        start, end = self.size, self.size + len(line)
        if kind and self.marks and self.marks[-1][1:] == (start - 1, kind, rule):
            self.marks[-1] = self.marks[-1]._replace(end=end)
        elif kind:
            self.marks.append(Mark(start, end, kind, rule))
        self.pieces.append(line)
        self.size = end + 1

    def text(self) -> str:
        return "\n".join(self.pieces)


def _blocks(parent: Any, out: _Lines, styles: dict[str, str]) -> None:
    for child in parent:
        tag = child.tag
        if tag == f"{_W}p":
            toc = _style(child, styles).startswith("toc ")
            out.add(_text(child), "contents" if toc else None, "toc_style")
            for box in child.iter(f"{_W}txbxContent"):
                if not any(up.tag == _FALLBACK for up in box.iterancestors()):
                    _blocks(box, out, styles)
        elif tag == f"{_W}tbl":
            for row in _rows(child):
                out.add(row, "table", "docx")
        elif tag in (f"{_W}sdt", f"{_W}ins", f"{_W}moveTo", f"{_W}customXml", f"{_W}smartTag", f"{_W}sdtContent"):
            _blocks(child, out, styles)


def _style(paragraph: Any, styles: dict[str, str]) -> str:
    found = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return styles.get(found.get(f"{_W}val"), "") if found is not None else ""


def _text(node: Any) -> str:
    """Text of a paragraph, with its links and insertions, without what was deleted and without its text boxes."""
    pieces: list[str] = []
    for child in node:
        tag = child.tag
        if tag == f"{_W}t":
            pieces.append(child.text or "")
        elif tag in _BREAKS:
            pieces.append(_BREAKS[tag])
        elif isinstance(tag, str) and tag not in _SKIPPED and tag != f"{_W}txbxContent":
            pieces.append(_text(child))
    return "".join(pieces)


def _rows(table: Any) -> Iterator[str]:
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue
        cells = []
        for cell in row.iter(f"{_W}tc"):
            if next(cell.iterancestors(f"{_W}tr")) is row:
                cells.append(" ".join(" ".join(_text(part).split()) for part in cell.iter(f"{_W}p")).strip())
        yield "\t".join(cells)


def _footnotes(document: Any) -> Iterator[str]:
    from lxml import etree

    for relation in document.part.rels.values():
        if relation.is_external or not relation.reltype.endswith(("/footnotes", "/endnotes")):
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(relation.target_part.blob, parser)
        for note in root:
            if note.get(f"{_W}type") in (None, "normal"):
                yield " ".join(" ".join(_text(part) for part in note.iter(f"{_W}p")).split())
