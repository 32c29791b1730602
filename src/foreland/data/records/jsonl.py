"""JSON lines: objects a line each, arrays and pages of them, with the line each object starts in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from foreland.core.errors import DataError, Where
from foreland.data.records.reading import LONGEST, Reading, files_in, whole_lines
from foreland.data.records.record import Bad, Chunk

SUFFIXES = (".jsonl", ".ndjson", ".json", ".gz")
SHOWN = 80


def chunks(path: Path, reading: Reading, page: str) -> Iterator[Chunk]:
    """Chunks of one file or of all files of a folder.

    A file whose first line is no whole object is read as one JSON document: an array of records, or a page with a list
    of them under the name `page`.
    """
    files = files_in(path, SUFFIXES)
    for file in files:
        about = {"file": file.name} if len(files) > 1 else {}
        document = False
        try:
            for chunk in reading.chunks(file, lambda buffer: 0 if _document(buffer) else whole_lines(buffer), about):
                document = document or (chunk.line == 1 and _document(chunk.payload))
                yield chunk._replace(extra={**chunk.extra, "document": document})
        except DataError as error:
            if error.key == "data.error.long_line" and error.where and error.where.line == 1:
                raise DataError("data.error.json_document", where=Where(file), most=LONGEST >> 20) from error
            raise


def _document(buffer: bytes) -> bool:
    """Whether one object or array goes over several lines: its first line is not whole."""
    lines = buffer.lstrip().split(b"\n", 2)
    first, second = lines[0].strip(), lines[1].strip().rstrip(b",") if len(lines) > 1 else b""
    if first[:1] not in (b"{", b"["):
        return False
    if first == b"[":
        # An array that has its objects a line each is read line by line.
        return not (second.startswith(b"{") and _sound(second))
    if first[:1] == b"[":
        return True
    # A first line that is cut short stands for itself where the next one is whole.
    return not first.endswith((b"}", b"},")) and not (second.startswith(b"{") and _sound(second))


def _sound(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
        return False
    return True


def objects(chunk: Chunk, page: str) -> Iterator[tuple[int, bytes]]:
    """Line and bytes of each object."""
    payload: bytes = chunk.payload
    if chunk.extra.get("document"):
        yield from _within(payload, chunk.line, page)
        return
    line = chunk.line - 1
    start, size = 0, len(payload)
    opened = (b'{"meta"', b'{"' + page.encode() + b'"')
    while start < size:
        end = payload.find(b"\n", start)
        end = size if end < 0 else end
        raw = payload[start:end].strip()
        start, line = end + 1, line + 1
        if raw.endswith(b","):
            raw = raw[:-1]
        if not raw or raw in (b"[", b"]"):
            continue
        if raw.startswith(opened):
            yield from ((line, item) for _, item in _within(raw, line, page))
        else:
            yield line, raw


def _within(payload: bytes, line: int, page: str) -> Iterator[tuple[int, bytes]]:
    """The objects of an array or page; all of it as one where it is neither."""
    try:
        if payload.lstrip().startswith(b"["):
            items = msgspec.json.decode(payload, type=list[msgspec.Raw])
        else:
            found = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
            if page not in found:
                yield line, payload
                return
            items = msgspec.json.decode(found[page], type=list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
        yield line, payload
        return
    at = 0
    for item in items:
        raw = bytes(item)
        place = payload.find(raw, at)
        line += payload.count(b"\n", at, place)
        yield line, raw
        line += raw.count(b"\n")
        at = place + len(raw)


def bad(line: int, raw: bytes, error: Exception) -> Bad:
    """A line that is no record: no JSON, or one with other things in it than its source has."""
    shown = raw[:SHOWN].decode("utf-8", "replace") + ("…" if len(raw) > SHOWN else "")
    detail = f"{error}: {shown}"  # the reason first: only so much of a text is shown
    shaped = isinstance(error, msgspec.ValidationError)
    return Bad(line, "", detail, "record_shape" if shaped else "not_json")
