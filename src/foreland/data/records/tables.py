"""Tables of records, a row each: rows out of chunks of CSV, organisations and countries out of addresses."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from foreland.data.records.plain import plain
from foreland.data.records.reading import Reading, whole_lines, whole_rows
from foreland.data.records.record import Chunk, Participant
from foreland.data.taxonomy import regions

LONGEST_CELL = 8 << 20
CHANGED = {
    "peoples r china": "CN", "pr china": "CN", "p.r. china": "CN", "england": "GB", "scotland": "GB", "wales": "GB",
    "north ireland": "GB", "northern ireland": "GB", "u arab emirates": "AE", "bosnia & herceg": "BA",
    "trinid & tobago": "TT", "trinidad tobago": "TT", "dem rep congo": "CD", "rep congo": "CG", "cent afr republ": "CF",
    "papua n guinea": "PG", "st kitts & nevi": "KN", "turkiye": "TR", "fed rep ger": "DE", "mongol peo rep": "MN",
    "equat guinea": "GQ", "new caledonia": "NC", "macau": "MO", "yugoslavia": "", "ussr": "", "czechoslovakia": "",
}  # fmt: skip
"""Names as databases write them, where the gazetteer has no such name or one of a smaller place."""
_UNIVERSITY = re.compile(r"\buniv|college|école|ecole polytech|hochschule|politec|\beth\b|大学|学院", re.IGNORECASE)
_INSTITUTE = re.compile(r"\binst|academy|acad\b|laborator|\blab\b|centre|center|cnrs|max planck|fraunhofer|研究", re.I)
_UNIT = re.compile(r"(dept|department|school|faculty|division|section|institute of|lab(oratory)? of)\b", re.IGNORECASE)
_FIRM = re.compile(r"\b(inc|ltd|llc|corp|co|gmbh|ag|s\.?a|plc|company|技术)\b\.?|公司|株式会社", re.IGNORECASE)


def headers_of(head: bytes, delimiter: str = ",") -> list[str]:
    """The first row of a table."""
    text = head.split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip("\r")
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    except csv.Error:
        return []


def chunks(path: Path, reading: Reading, *, delimiter: str = ",", quoted: bool = True) -> Iterator[Chunk]:
    """Chunks of whole rows; each carries the headers."""
    readable = reading.text(path)
    headers: list[str] = []
    for chunk in reading.chunks(readable, whole_rows if quoted else whole_lines):
        if not headers:
            headers = headers_of(chunk.payload, delimiter)
        extra = {**chunk.extra, "headers": headers, "delimiter": delimiter, "quoted": quoted}
        yield chunk._replace(extra=extra)


def rows(chunk: Chunk) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and cells by header of each row."""
    csv.field_size_limit(LONGEST_CELL)
    text = io.StringIO(chunk.payload.decode("utf-8-sig" if chunk.line == 1 else "utf-8", "replace"), newline="")
    headers = chunk.extra["headers"]
    delimiter = chunk.extra["delimiter"]
    quoted = chunk.extra["quoted"]
    reader = (
        csv.reader(text, delimiter=delimiter)
        if quoted
        else csv.reader(text, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    )
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            before = reader.line_num
            yield chunk.line + before - 1, {}
            continue
        line, before = chunk.line + before, reader.line_num
        if not any(cells) or (line == 1 and [cell.strip() for cell in cells] == headers):
            continue
        yield line, {name: cell.strip() for name, cell in zip(headers, cells, strict=False)}


def integer(text: str | None) -> int | None:
    """A count or year; None where there is none."""
    text = (text or "").strip().replace(",", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def parts(text: str | None, mark: str = ";") -> list[str]:
    """What stands between marks, without blanks and repeats."""
    return list(dict.fromkeys(filter(None, (item.strip() for item in (text or "").split(mark)))))


@cache
def country(name: str) -> str | None:
    """The place of a country's name or code as databases write it."""
    name = re.sub(r"\s+", " ", name.strip().strip(".").strip())
    if not name:
        return None
    if name.lower() in CHANGED:
        return CHANGED[name.lower()] or None
    if name.upper().endswith(" USA"):  # "MA 02139 USA"
        return "US"
    found = regions.resolve(name, level="country")
    return found if found and len(found) == 2 else None


def address(text: str) -> Participant | None:
    """The organisation and country of an address: the first and the last of what stands between commas."""
    pieces = [piece.strip() for piece in re.sub(r"^\[[^\]]*\]\s*", "", text).split(",") if piece.strip()]
    if not pieces:
        return None
    region = country(pieces[-1])
    names = pieces[:-1] if region else pieces
    # Departments come first in some exports: the piece that names an organisation is the one wanted.
    name = next((piece for piece in names if _UNIVERSITY.search(piece)), "")
    if not name:
        name = next((piece for piece in names if not _UNIT.match(piece)), names[0] if names else "")
    return actor(plain(name), region) if name or region else None


def actor(name: str, region: str | None, share: float | None = None) -> Participant:
    """An organisation known by its name alone, or by its country alone."""
    if not name:
        return Participant(f"unknown:{region}", "", "other", region, share)
    kind = ("university" if _UNIVERSITY.search(name) else "institute" if _INSTITUTE.search(name)
            else "firm" if _FIRM.search(name) else "other")  # fmt: skip
    key = re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:80]
    return Participant(f"name:{key}", name, kind, region, share)


def shared(found: Sequence[Participant | None]) -> list[Participant]:
    """Each organisation once."""
    return list({(item.actor_id, item.region_id): item for item in found if item is not None}.values())
