"""Tables of records, a row each: rows out of chunks of CSV, organisations and countries out of addresses."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path

from foreland.core.errors import DataError, Where
from foreland.data.records.plain import plain
from foreland.data.records.reading import Reading, whole_lines, whole_rows
from foreland.data.records.record import Chunk, Participant
from foreland.data.taxonomy import regions

LONGEST_CELL = 8 << 20
DELIMITERS = ",;\t"
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
    text = re.split(rb"[\r\n]", head, maxsplit=1)[0].decode("utf-8-sig", "replace")
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    except csv.Error:
        return []


def delimiter_of(head: bytes, needed: Collection[str]) -> str:
    """What stands between the cells of a table that has the headers needed; empty where it has not.

    Spreadsheets in German, French and other languages write semicolons when they save a CSV file again.
    """
    return next((mark for mark in DELIMITERS if set(needed) <= set(headers_of(head, mark))), "")


def chunks(path: Path, reading: Reading, layout: str, needed: Collection[str]) -> Iterator[Chunk]:
    """Chunks of whole rows with quoted cells; each carries the headers.

    Raises
    ------
    DataError
        If a header that is needed is missing.
    """
    headers: list[str] = []
    delimiter = ""
    for chunk in reading.chunks(reading.text(path), whole_rows):
        if not headers:
            delimiter = delimiter_of(chunk.payload, needed)
            if not delimiter:
                known = {header for mark in DELIMITERS for header in headers_of(chunk.payload, mark)}
                missing = ", ".join(name for name in needed if name not in known) or ", ".join(needed)
                raise DataError("data.error.layout_mismatch", where=Where(path, 1), layout=layout, missing=missing)
            headers = headers_of(chunk.payload, delimiter)
        extra = {**chunk.extra, "headers": headers, "delimiter": delimiter, "quoted": True}
        yield chunk._replace(extra=extra)


def unquoted(path: Path, reading: Reading, delimiter: str) -> Iterator[Chunk]:
    """Chunks of lines in which quotation marks mean nothing; each carries the headers."""
    headers: list[str] = []
    for chunk in reading.chunks(reading.text(path), whole_lines):
        headers = headers or headers_of(chunk.payload, delimiter)
        extra = {**chunk.extra, "headers": headers, "delimiter": delimiter, "quoted": False}
        yield chunk._replace(extra=extra)


def rows(chunk: Chunk) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and cells by header of each row; no cells for each line of what can't be parted into cells.

    A quotation mark that is not closed swallows the rows below it: every line it goes over counts, so that a file which
    loses many of its rows to one is refused.
    """
    csv.field_size_limit(LONGEST_CELL)
    text = io.StringIO(chunk.payload.decode("utf-8-sig" if chunk.line == 1 else "utf-8", "replace"), newline="")
    headers, delimiter = chunk.extra["headers"], chunk.extra["delimiter"]
    quoted: bool = chunk.extra["quoted"]
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in text:
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    line = chunk.line
    while True:
        start = line
        taken.clear()
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if quoted and len(taken) > 1:
                next(csv.reader(taken, delimiter=delimiter, strict=True))
        except csv.Error:
            line += len(taken)
            yield from ((number, {}) for number in range(start, line))
            continue
        line += len(taken)
        if not any(cells) or (start == 1 and [cell.strip() for cell in cells] == headers):
            continue
        yield start, {name: cell.strip() for name, cell in zip(headers, cells, strict=False)}


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
