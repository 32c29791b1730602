"""Text files of unknown origin: what they are, which encoding they have, whether every byte is sound."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import itertools
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from foreland.core.errors import DataError, Where

HEAD = 1 << 20
CHUNK = 4 << 20
MAX_LINE = 8 << 20
MAX_UNPACKED = 16 << 30
MAX_RATIO = 500
"""A compressed text that unpacks to more than this many times its size is a bomb."""

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"%PDF", "PDF document"),
    (b"BZh", "bzip2 archive"),
    (b"\xfd7zXZ", "xz archive"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"Rar!", "RAR archive"),
    (b"SQLite format 3", "SQLite database"),
    (b"\x28\xb5\x2f\xfd", "zstd archive"),
    (b"\x7fELF", "program"),
)

EXTENSIONS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".csv": "text",
    ".tsv": "text",
    ".tab": "text",
    ".txt": "text",
    ".gz": "text",
}


def empty_file(path: Path) -> DataError:
    """The error of a file with nothing in it; what should be in it is told by its name."""
    records = not {".bib", ".ris", ".nbib", ".ciw", ".jsonl", ".json"}.isdisjoint(path.suffixes)
    return DataError("data.error.empty_records" if records else "data.error.empty_file", where=Where(path))


def kind_of_file(path: Path) -> str:
    """``parquet``, ``xlsx`` or ``text``, told by content and held against the name.

    Raises
    ------
    DataError
        If the file is empty, is none of these, or is not what its name says.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        size = file.seek(0, 2)
        file.seek(max(0, size - 4))
        tail = file.read(4)
    if not head.strip(b"\x00\xef\xbb\xbf \t\r\n"):
        raise empty_file(path)
    found = _content(path, head)
    claimed = EXTENSIONS.get(path.suffix.lower())
    if found == "parquet" and tail != b"PAR1":
        raise DataError("data.error.parquet_unreadable", where=Where(path), detail="PAR1 … ?")
    if found == "xls":
        raise DataError("data.error.old_excel", where=Where(path))
    if found not in ("parquet", "xlsx", "text"):
        raise DataError("data.error.not_a_table", where=Where(path), found=found)
    if claimed and claimed != found:
        raise DataError("data.error.not_what_it_says", where=Where(path), claimed=path.suffix, found=found)
    return found


def _content(path: Path, head: bytes) -> str:
    signature = next((kind for mark, kind in SIGNATURES if head.startswith(mark)), None)
    if signature == "zip":
        import zipfile

        try:
            with zipfile.ZipFile(path) as archive:
                return "xlsx" if "xl/workbook.xml" in archive.namelist() else "ZIP archive"
        except (zipfile.BadZipFile, OSError):
            return "xlsx" if path.suffix.lower() in (".xlsx", ".xlsm") else "ZIP archive"
    if signature == "gzip":
        return "text"
    if signature:
        return signature
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "HTML page"
    if start.startswith(b"<"):
        return "XML document"
    if start.startswith((b"{", b"[{")):
        return "JSON document"
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\x00" in head:
        return _utf16(head) or "binary file"
    return "text"


def _utf16(head: bytes) -> str:
    """Text in UTF-16 without a mark: every other byte of Latin text is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return "text" if max(even, odd) > 0.2 * len(head) and min(even, odd) == 0 else ""


@dataclass(frozen=True)
class TextFile:
    """A text file that was read once from end to end.

    Parameters
    ----------
    path
        The file.
    readable
        The same text in plain UTF-8: the file itself, or a staged copy.
    encoding
        Encoding found.
    head
        The first megabyte, decoded.
    lines
        Number of lines, a last one without line break included.
    regular
        Whether each record is one line: no blank lines, and no quote that may hide a line break.
    content_hash
        SHA-256 of the file as it came.
    """

    path: Path
    readable: Path
    encoding: str
    head: str
    lines: int
    regular: bool
    content_hash: str

    def data_lines(self, skip: int) -> int:
        """Lines after the first ``skip``."""
        return self.lines - skip


def open_text(path: Path, copy: Path, encoding: str = "") -> TextFile:
    """Read a text file from end to end: find its encoding, check every byte, take its hash.

    Parameters
    ----------
    path
        The file, plain or gzip.
    copy
        Where a copy in UTF-8 is written if the file is not plain UTF-8.
    encoding
        Its encoding, if known; else UTF-8, UTF-16 and GB18030 are tried.

    Raises
    ------
    DataError
        If it has no single encoding, with the byte and line of the first bad character.
    """
    head, packed = _head(path)
    name = encoding or _detect(head)
    try:
        "a".encode(name)  # Python has encodings of bytes, too (base64, zip), which say no
    except (LookupError, ValueError) as error:
        raise DataError("data.error.unknown_encoding", where=Where(path), encoding=name) from error
    canonical = codecs.lookup(name).name
    old_mac = b"\r" in head and b"\n" not in head
    plain = canonical in ("utf-8", "utf-8-sig", "ascii") and not packed and not old_mac
    scan = _Scan(path, "utf-8-sig" if canonical == "utf-8" else name, old_mac)
    if plain:
        for _ in scan.pieces():
            pass
        readable = path
    else:
        readable = copy
        with copy.open("w", encoding="utf-8", newline="") as target:
            for piece in scan.pieces():
                target.write(piece)
    shown = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "ascii": "UTF-8"}.get(canonical, name.upper())
    return TextFile(path, readable, shown, scan.head, scan.lines, scan.regular, scan.hash.hexdigest())


class _Scan:
    """One pass over a file: hash, decoding, lines."""

    def __init__(self, path: Path, encoding: str, old_mac: bool) -> None:
        self.old_mac = old_mac
        self.path = path
        self.encoding = encoding
        self.hash = hashlib.sha256()
        self.head = ""
        self.regular = True
        self.breaks = 0
        self.ended = True
        self.tail = ""

    @property
    def lines(self) -> int:
        return self.breaks + (not self.ended)

    def pieces(self) -> Iterator[str]:
        """The text, piece by piece."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        before = 0
        for block in itertools.chain(self._blocks(), [b""]):
            try:
                piece = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                # What the decoder complains of is what it kept of earlier blocks, and this block.
                offset = before + len(block) - len(error.object) + error.start
                raise self._broken(error, offset) from error
            except UnicodeError as error:
                where = Where(self.path)
                raise DataError("data.error.unknown_encoding", where=where, encoding=self.encoding) from error
            before += len(block)
            if self.old_mac:
                piece = piece.replace("\r", "\n")
            if piece:
                self._look(piece)
                yield piece

    def _look(self, piece: str) -> None:
        if len(self.head) < HEAD:
            self.head += piece[: HEAD - len(self.head)]
        joined = self.tail + piece
        end = len(joined.rstrip("\r\n"))
        start = max(0, joined.rfind("\n", 0, end))
        self.tail = joined[start:]
        if len(self.tail) > MAX_LINE:
            raise DataError("data.error.long_line", where=Where(self.path, self.breaks + 1))
        if self.regular:
            self.regular = not (
                ('"' in joined and any(line.count('"') % 2 for line in joined[:start].split("\n")))
                or ("\n\n" in joined and re.search(r"\n\n+[^\r\n]", joined))
                or ("\n\r\n" in joined and re.search(r"\n(\r\n)+[^\r\n]", joined))
                or (self.breaks == 0 and joined[0] in "\r\n")
            )
        self.breaks += piece.count("\n")
        self.ended = piece[-1] == "\n"

    def _blocks(self) -> Iterator[bytes]:
        size = max(1, self.path.stat().st_size)
        unpacked = 0
        try:
            with _opened(self.path) as file:
                packed = isinstance(file, gzip.GzipFile)
                while block := file.read(CHUNK):
                    unpacked += len(block)
                    if packed and (unpacked > MAX_UNPACKED or (unpacked > 256 << 20 and unpacked > MAX_RATIO * size)):
                        raise DataError("data.error.bomb", where=Where(self.path), packed=size, unpacked=unpacked)
                    self.hash.update(block)
                    yield block
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError("data.error.gzip_broken", where=Where(self.path), detail=error) from error

    def _broken(self, error: UnicodeDecodeError, offset: int) -> DataError:
        line = self.breaks + error.object[: error.start].count(b"\n") + 1
        return DataError(
            "data.error.bad_bytes",
            where=Where(self.path, line),
            offset=offset,
            bytes=error.object[error.start : error.start + 2].hex(" "),
            encoding=self.encoding.removesuffix("-sig").upper(),
        )


def _head(path: Path) -> tuple[bytes, bool]:
    """The first megabyte, unpacked, and whether the file is packed."""
    try:
        with _opened(path) as file:
            return file.read(HEAD), isinstance(file, gzip.GzipFile)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError("data.error.gzip_broken", where=Where(path), detail=error) from error


def _opened(path: Path) -> IO[bytes]:
    file = path.open("rb")
    if file.peek(2)[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]
    return file


def _detect(head: bytes) -> str:
    """Encoding by mark, then by decoding the first megabyte.

    UTF-8 is taken where it fits, and also where nearly all of the text is sound UTF-8 with characters
    beyond ASCII: a broken byte in such a file is an error to name, not another encoding.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head and _utf16(head):
        return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    decoded = head.decode("utf-8", errors="replace")
    bad = decoded.count("\ufffd")
    beyond = sum(1 for character in decoded if character > "\x7f") - bad
    if bad == 0 or (bad <= 3 and beyond > 4 * bad) or bad * 50 < beyond:
        return "utf-8"
    try:
        text = codecs.getincrementaldecoder("gb18030")().decode(head)
    except UnicodeDecodeError:
        return "utf-8"
    words = re.findall("[\u4e00-\u9fff]+", text)
    han = sum(map(len, words))
    other = sum(1 for character in text if character > "\x7f")
    # Chinese comes in words; a Latin letter with an accent, misread, gives one character alone.
    return "gb18030" if han * 2 >= other and han >= 1.5 * len(words) else "utf-8"
