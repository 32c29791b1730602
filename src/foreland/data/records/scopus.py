"""Scopus exports in CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from foreland.data.records import tables
from foreland.data.records.plain import doi_of, plain, title_of
from foreland.data.records.reading import Reading
from foreland.data.records.record import Bad, Chunk, FieldName, Item, Left, Record
from foreland.data.records.ris import language

NAME = "scopus"
TITLE = ("Scopus records", "Scopus 文献记录")
LICENCE = ""
NEEDED = ("Title", "Year")
OWN = ("Source title", "EID")
"""Headers that only Scopus has."""
LEFT_OUT = {"erratum": "no_work", "retracted": "retracted"}


def detect(path: Path, head: bytes) -> bool:
    """The headers of Scopus."""
    return bool(tables.delimiter_of(head, NEEDED + OWN))


def chunks(path: Path, reading: Reading) -> Iterator[Chunk]:
    """Chunks of whole rows."""
    return tables.chunks(path, reading, NAME, NEEDED)


def parse(chunk: Chunk, fields: dict[str, FieldName]) -> Iterator[Item]:
    """The records of a chunk."""
    for line, row in tables.rows(chunk):
        if not row:
            yield Bad(line, "", "", "broken_row")
            continue
        if reason := LEFT_OUT.get(row.get("Document Type", "").lower()):
            yield Left(line, reason)
            continue
        title = title_of(row.get("Title", ""))
        text = row.get("Abstract", "")
        cited = row.get("Cited by")
        cites = (doi_of(part) for part in row.get("References", "").split("; ") if "10." in part)
        yield Record(
            line,
            title,
            tables.integer(row.get("Year")),
            native=f"scopus:{row['EID']}" if row.get("EID") else "",
            doi=doi_of(row.get("DOI", "")),
            language=language(row.get("Language of Original Document", ""), title),
            text="" if text.startswith("[No abstract") else plain(text),
            venue=plain(row.get("Source title", "")),
            url=row.get("Link", ""),
            # Scopus leaves the cell empty where nothing cites a paper.
            citations=None if cited is None else tables.integer(cited) or 0,
            participants=tables.shared([tables.address(part) for part in row.get("Affiliations", "").split(";")]),
            references=[f"doi:{doi}" for doi in cites if doi],
        )
