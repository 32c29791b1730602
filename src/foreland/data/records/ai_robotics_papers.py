"""Papers of conferences on artificial intelligence and robotics (Papercopilot's lists), as one Parquet table.

The lists hold submissions, too: those that were rejected or withdrawn are left out, or years with open reviews would
look larger than they are. Organisations and countries stand beside each other, in order and parted by semicolons;
credit is shared equally between the countries named. Only ICRA and IROS go on without gaps (2000-2023).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from foreland.core.errors import DataError, Where
from foreland.data.files import batches
from foreland.data.package import Note
from foreland.data.records.plain import plain, title_of
from foreland.data.records.reading import Reading
from foreland.data.records.record import Chunk, FieldName, Item, Left, Participant, Record
from foreland.data.records.tables import actor, country

NAME = "ai_robotics_papers"
TITLE = ("Papers of conferences on artificial intelligence and robotics", "人工智能与机器人会议论文")
LICENCE = ""
COLUMNS = ("conf", "year", "status", "title", "abstract", "aff_unique", "country_unique", "gs_citation")
NOT_ACCEPTED = frozenset({"reject", "rejected", "withdraw", "withdrawn", "desk reject", "desk rejected", "active"})
BATCH = 5_000
NOTES: tuple[Note, ...] = (("data.records.note.conferences", {}),)


def detect(path: Path, head: bytes) -> bool:
    """A Parquet file with the columns of the lists."""
    if not path.is_file() or not head.startswith(b"PAR1"):
        return False
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return set(COLUMNS) <= set(pq.read_schema(path).names)
    except (pa.ArrowException, OSError):
        return False


def chunks(path: Path, reading: Reading) -> Iterator[Chunk]:
    """Batches of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(path)
        missing = ", ".join(name for name in COLUMNS if name not in about.schema.to_arrow_schema().names)
        if missing:
            raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing=missing)
        rows, size = 1, path.stat().st_size / max(1, about.num_rows)
        for batch in batches(path, BATCH, COLUMNS):
            yield reading.rows(batch.to_pylist(), rows, round(size * batch.num_rows))
            rows += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        detail = str(error).splitlines()[0]
        raise DataError("data.error.parquet_unreadable", where=Where(path), detail=detail) from error


def parse(chunk: Chunk, fields: dict[str, FieldName]) -> Iterator[Item]:
    """The accepted papers of a batch."""
    for number, row in enumerate(chunk.payload, chunk.line):
        if str(row["status"] or "").strip().lower() in NOT_ACCEPTED:
            yield Left(number, "not_accepted")
        else:
            yield _record(row, number)


def _record(row: dict[str, Any], line: int) -> Record:
    cites = row["gs_citation"]
    return Record(
        line,
        title_of(row["title"] or ""),
        int(row["year"]) if row["year"] is not None else None,
        text=plain(row["abstract"] or ""),
        venue=(row["conf"] or "").upper(),
        citations=int(cites) if cites is not None and cites == cites and cites >= 0 else None,
        participants=_participants(row["aff_unique"] or "", row["country_unique"] or ""),
    )


def _participants(organisations: str, countries: str) -> list[Participant]:
    named, placed = organisations.split(";"), countries.split(";")
    placed += [""] * (len(named) - len(placed))
    found = {}
    for name, where in zip(named + [""] * (len(placed) - len(named)), placed, strict=True):
        region = country(where)
        if name.strip() or region:
            item = actor(plain(name), region)
            found[item.actor_id, item.region_id] = item
    return list(found.values())
