"""Web of Science exports: plain text with tags, and tab-delimited with the tags as headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from foreland.data.records import tables, tagged
from foreland.data.records.bibtex import MONTHS
from foreland.data.records.plain import doi_of, plain, title_of
from foreland.data.records.reading import Reading, through
from foreland.data.records.record import Chunk, FieldName, Item, Left, Participant, Record, Unit
from foreland.data.records.ris import language

NAME = "wos"
TITLE = ("Web of Science records", "Web of Science 文献记录")
LICENCE = ""
LEFT_OUT = ("retracted publication", "retraction", "correction", "withdrawn publication")
_ADDRESSES = re.compile(r"(\[[^\]]*\])?([^;\[]+)")


def detect(path: Path, head: bytes) -> bool:
    """The heading of the plain text, or the tags in the order of the tab-delimited one."""
    start = head[:4000].lstrip(b"\xef\xbb\xbf\xff\xfe")
    if b"\x00" in start:  # tab-delimited exports may come in UTF-16
        start = start.replace(b"\x00", b"")
    plain_text = re.match(rb"\s*(FN [^\n]*\r?\n(VR [^\n]*\r?\n)?)?PT [A-Z]\r?\n", start) is not None
    return plain_text or start.startswith((b"PT\tAU\t", b"PT\tBA\t", b"PT\tTI\t"))


def chunks(path: Path, reading: Reading) -> Iterator[Chunk]:
    """Chunks of whole records."""
    readable = reading.text(path)
    with readable.open("rb") as file:
        head = file.read(64).lstrip(b"\xef\xbb\xbf")
    if head.startswith(b"PT\t"):
        return tables.unquoted(path, reading, "\t")
    return reading.chunks(readable, through(rb"^ER[ \t\r]*\n"))


def parse(chunk: Chunk, fields: dict[str, FieldName]) -> Iterator[Item]:
    """The records of a chunk."""
    if "headers" in chunk.extra:
        found: Iterator[tuple[int, tagged.Tagged]] = (
            (line, {tag: [cell] for tag, cell in row.items()}) for line, row in tables.rows(chunk)
        )
    else:
        found = tagged.wos(chunk.payload.decode("utf-8", "replace"), chunk.line)
    for line, entry in found:
        yield _record(line, entry, fields)


def _record(line: int, entry: tagged.Tagged, fields: dict[str, FieldName]) -> Item:
    kind = "; ".join(entry.get("DT", [])).lower()
    if any(word in kind for word in LEFT_OUT):
        return Left(line, "retracted" if "retract" in kind or "withdrawn" in kind else "no_work")
    title = title_of(" ".join(entry.get("TI", [])))
    identity = tagged.first(entry, "UT").removeprefix("WOS:")
    cites = tables.integer(tagged.first(entry, "TC", "Z9"))
    year = tables.integer(tagged.first(entry, "PY")) or tables.integer(tagged.first(entry, "EY"))
    month = MONTHS.get(tagged.first(entry, "PD")[:3].lower())
    return Record(
        line,
        title,
        year,
        native=f"wos:{identity}" if identity else "",
        doi=doi_of(tagged.first(entry, "DI")),
        date=f"{year}-{month}" if year and month else "",
        language=language(tagged.first(entry, "LA"), title),
        text=plain(" ".join(entry.get("AB", []))),
        venue=plain(" ".join(entry.get("SO", []))).title(),
        citations=cites,
        participants=_participants(entry),
        references=_references(entry),
        units=_categories(entry, fields),
    )


def _participants(entry: tagged.Tagged) -> list[Participant]:
    """Addresses of the authors (C1), or of the one to write to (RP) where there are none."""
    found: list[Participant | None] = []
    # In brackets stand the authors of an address, with semicolons between them too.
    for value in entry.get("C1", []) or []:
        found += [tables.address(part[1]) for part in _ADDRESSES.findall(value) if part[1].strip(" .")]
    if not found:
        for value in entry.get("RP", []) or []:
            found += [tables.address(re.sub(r"^[^()]*\([^()]*author[^()]*\),?", "", part)) for part in value.split(";")]
    return tables.shared(found)


def _references(entry: tagged.Tagged) -> list[str]:
    """References that have a DOI; the others can't be told apart surely."""
    found = (doi_of(part) for value in entry.get("CR", []) for part in value.split("; ") if "10." in part)
    return [f"doi:{doi}" for doi in found if doi]


def _categories(entry: tagged.Tagged, fields: dict[str, FieldName]) -> list[Unit]:
    """Categories of the journal; a paper counts in each."""
    names = tables.parts(" ".join(entry.get("WC", [])) or " ".join(entry.get("SC", [])))
    for name in names:
        fields.setdefault(f"wos:{name}", FieldName(f"wos:{name}", name))
    return [Unit(f"wos:{name}") for name in names]
