"""Files read as a stream: unpacked, hashed, cut into chunks of whole records, with the lines counted."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from foreland.core.errors import DataError, Where
from foreland.data.records.record import Chunk, RecordOptions
from foreland.data.textfile import MAX_RATIO, open_text

CHUNK = 16 << 20
"""Bytes of a chunk: large enough that starting one costs nothing, small enough that several fit in memory."""
BLOCK = 1 << 20
LONGEST = 64 << 20
"""A record longer than this is none."""

Cut = Callable[[bytes], int]


@dataclass
class Reading:
    """One load's way through its files.

    Parameters
    ----------
    folder
        Where copies in UTF-8 may be put.
    options
        How the records are loaded.
    tell
        Called with the share of the bytes read.
    size
        Bytes of all files, as they are on the disk.
    """

    folder: Path
    options: RecordOptions
    tell: Callable[[float], None] = lambda share: None
    size: int = 0
    done: int = 0
    number: int = 0
    hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def chunks(self, path: Path, cut: Cut, extra: Mapping[str, object] | None = None) -> Iterator[Chunk]:
        """Whole records of a file, many at a time.

        Parameters
        ----------
        path
            The file, plain or gzip.
        cut
            How many bytes from the start of a buffer are whole records, 0 if none are.
        extra
            What every chunk carries.

        Raises
        ------
        DataError
            If the file can't be read, is cut short, or holds no records that end.
        """
        line, waiting, size = 1, [], 0
        for block in self._blocks(path):
            waiting.append(block)
            size += len(block)
            if size < CHUNK:
                continue
            buffer = b"".join(waiting)
            whole = cut(buffer)
            if not whole and size > LONGEST:
                raise DataError("data.error.long_line", where=Where(path, line))
            if whole:
                yield self._chunk(buffer[:whole], line, extra)
                line += buffer.count(b"\n", 0, whole)
            waiting, size = [buffer[whole:]], len(buffer) - whole
        if size:
            yield self._chunk(b"".join(waiting), line, extra)

    def text(self, path: Path) -> Path:
        """A file in plain UTF-8: itself where it is, else a copy.

        Raises
        ------
        DataError
            If it has no single encoding, with the byte and line of the first bad character.
        """
        copy = self.folder / f"text-{self.number}.txt"
        found = open_text(path, copy, self.options.table.encoding)
        if found.encoding != "UTF-8":
            self.notes.append(("data.note.encoding", {"encoding": found.encoding}))
        return found.readable

    def rows(self, payload: object, line: int, size: int, extra: Mapping[str, object] | None = None) -> Chunk:
        """A chunk that is not bytes of a file."""
        self.done += size
        self.tell(self.done / max(1, self.size))
        return self._next(payload, line, size, extra)

    def _chunk(self, payload: bytes, line: int, extra: Mapping[str, object] | None) -> Chunk:
        self.hash.update(payload)
        return self._next(payload, line, len(payload), extra)

    def _next(self, payload: object, line: int, size: int, extra: Mapping[str, object] | None) -> Chunk:
        chunk = Chunk(self.number, line, payload, size, dict(extra or {}))
        self.number += 1
        return chunk

    def _blocks(self, path: Path) -> Iterator[bytes]:
        unpacked, lines, before = 0, 0, self.done
        try:
            with path.open("rb") as raw:
                packed = raw.peek(2)[:2] == b"\x1f\x8b"
                file: IO[bytes] = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]
                size = max(1, path.stat().st_size)
                while block := file.read(BLOCK):
                    unpacked += len(block)
                    if packed and unpacked > 256 << 20 and unpacked > MAX_RATIO * size:
                        raise DataError("data.error.bomb", where=Where(path), packed=size, unpacked=unpacked)
                    if not lines:
                        block = block.removeprefix(b"\xef\xbb\xbf")
                        if block[:2] in (b"\xff\xfe", b"\xfe\xff"):
                            raise DataError(
                                "data.error.bad_bytes", where=Where(path, 1), offset=0, bytes=block[:2].hex(" "),
                                encoding="UTF-8",
                            )  # fmt: skip
                    lines += block.count(b"\n")
                    self.done = before + raw.tell()
                    self.tell(self.done / max(1, self.size))
                    yield block
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError("data.error.gzip_broken", where=Where(path, lines + 1), detail=error) from error
        except OSError as error:
            raise DataError("data.error.cannot_read", where=Where(path), detail=error.strerror or error) from error
        self.done = before + path.stat().st_size


def whole_lines(buffer: bytes) -> int:
    """Bytes of whole lines."""
    return buffer.rfind(b"\n") + 1


def through(pattern: bytes) -> Cut:
    """Bytes up to the end of the last match: a mark that ends a record."""
    mark = re.compile(pattern, re.MULTILINE)

    def cut(buffer: bytes) -> int:
        end = 0
        # The last megabyte nearly always has one; only if not is the rest looked through.
        for start in (max(0, len(buffer) - BLOCK), 0):
            for found in mark.finditer(buffer, start):
                end = found.end()
            if end:
                break
        return end

    return cut


def before(pattern: bytes) -> Cut:
    """Bytes up to the start of the last match: a mark that begins a record."""
    mark = re.compile(pattern, re.MULTILINE)

    def cut(buffer: bytes) -> int:
        start = 0
        for begin in (max(1, len(buffer) - BLOCK), 1):
            for found in mark.finditer(buffer, begin):
                start = found.start()
            if start:
                break
        return start

    return cut


def whole_rows(buffer: bytes) -> int:
    """Bytes of whole rows of a table whose cells may hold line breaks inside quotes."""
    odd = buffer.count(b'"') % 2 == 1
    end = len(buffer)
    while (newline := buffer.rfind(b"\n", 0, end)) >= 0:
        odd ^= buffer.count(b'"', newline, end) % 2 == 1
        if not odd:
            return newline + 1
        end = newline
    return 0


def files_in(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The file itself, or those of a folder and the folders in it, in the order of their names."""
    if path.is_file():
        return [path]
    found = (item for item in path.rglob("*") if item.is_file() and not item.name.startswith("."))
    return sorted(item for item in found if item.name.lower().endswith(suffixes))
