"""Chunks of records become parts: a few Parquet files each, kept until the load is done.

A part whose marker is there is whole. A load that was cut short is taken up again from them: chunks are cut the same
way every time, and the marker holds the hash of the chunk it was made of.
"""

from __future__ import annotations

import datetime
import gc
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.tables import table_spec
from foreland.data.records.counts import TOTAL
from foreland.data.records.formats import format_of
from foreland.data.records.plain import number_of, title_key
from foreland.data.records.record import EARLIEST, Bad, Chunk, FieldName, Left, Record

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = "3"
"""Raised when the same chunk comes to be read into other parts."""
SPAN = 1 << 20
"""Records of a part have numbers from ``part * SPAN``."""
TAGS = "iotf"

PARTS = ("document", "participation", "link", "unit", "actor", "field", "reject")
_OWN = {
    "document": {"doc": "int64", "year": "int32", "native_key": "int64", "doi_key": "int64", "title_key": "int64",
                 "filled": "int32"},
    "participation": {"doc": "int64"},
    "link": {"doc": "int64", "to_key": "int64"},
    "unit": {"doc": "int64", "field_id": "string", "year": "int32", "citations": "int64", "kind": "string"},
}  # fmt: skip
"""Columns that parts have beside those of their table."""
COLUMNS = {
    "document": ("doc", "year", "native_key", "doi_key", "title_key", "filled", "document_id", "kind", "title", "date",
                 "language", "file", "text", "characters", "venue", "citations"),
    "participation": ("doc", "actor_id", "document_id", "role", "region_id", "value", "unit"),
    "link": ("doc", "to_key", "from_id", "to_id", "kind", "period", "weight", "unit", "line"),
    "unit": ("doc", "field_id", "year", "citations", "kind"),
    "actor": ("actor_id", "name_en", "kind", "region_id"),
    "field": ("field_id", "scheme", "code", "name_en", "name_zh", "parent_id"),
    "reject": ("line", "column", "text", "reason"),
}  # fmt: skip
"""Columns that are filled; the others are empty."""
EXAMPLES = 5


def part_schema(name: str) -> pa.Schema:
    """Schema of a part: its table's without the source, which all rows share, and what merging needs."""
    import pyarrow as pa

    types = {"int64": pa.int64(), "int32": pa.int32(), "string": pa.string()}
    own = [pa.field(column, types[kind]) for column, kind in _OWN.get(name, {}).items()]
    if name == "unit":
        return pa.schema(own)
    return pa.schema([*own, *(item for item in table_spec(name).arrow_schema() if item.name != "source_id")])


def part_file(folder: Path, number: int, name: str) -> Path:
    return folder / f"part-{number:06d}.{name}.parquet"


def marker(folder: Path, number: int) -> Path:
    return folder / f"part-{number:06d}.json"


def digest(chunk: Chunk) -> str:
    """What a part is known by: the bytes it is made of and the code that reads them."""
    payload = chunk.payload if isinstance(chunk.payload, bytes) else repr(chunk.payload).encode()
    found = hashlib.sha256(payload)
    found.update(json.dumps([VERSION, chunk.line, chunk.extra], sort_keys=True, default=str).encode())
    return found.hexdigest()


def stored(folder: Path, chunk: Chunk, known: str) -> dict[str, Any] | None:
    """What the part of a chunk says of itself, if it is there and whole."""
    try:
        told: dict[str, Any] = json.loads(marker(folder, chunk.number).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if told.get("digest") == known else None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without looking for cycles: rows are many small tuples, and looking through them again and again takes long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_no_collection()
def make(folder: Path, layout: str, chunk: Chunk, known: str, abstracts: bool = True) -> dict[str, Any]:
    """Read a chunk into its part; gives what the marker says.

    Parameters
    ----------
    folder
        Folder of the parts.
    layout
        Name of the format.
    chunk
        The records as they come.
    known
        Digest of the chunk.
    abstracts
        Whether texts are kept.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    part = _Part(chunk, abstracts)
    part.read(layout)
    for name in PARTS:
        target = part_file(folder, chunk.number, name)
        temporary = target.with_suffix(f".{os.getpid()}.tmp")
        schema, rows = part_schema(name), part.rows[name]
        columns = dict(zip(COLUMNS[name], zip(*rows, strict=True), strict=True)) if rows else {}
        arrays = [
            pa.array(columns[item.name], item.type) if item.name in columns else pa.nulls(len(rows), item.type)
            for item in schema
        ]
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), temporary, compression="snappy")
        os.replace(temporary, target)
    told = {"digest": known, "counts": dict(part.counts), "left": dict(part.left), "examples": part.examples}
    temporary = marker(folder, chunk.number).with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps(told), encoding="utf-8")
    os.replace(temporary, marker(folder, chunk.number))
    return told


@cache
def _tagger() -> Any:
    from foreland.data.taxonomy.tagger import Tagger

    return Tagger(TAGS)


class _Part:
    """Rows of the tables of one part, in the order of :data:`COLUMNS`."""

    def __init__(self, chunk: Chunk, abstracts: bool) -> None:
        self.chunk, self.abstracts = chunk, abstracts
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in PARTS}
        self.counts: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.examples: list[list[Any]] = []
        self.fields: dict[str, FieldName] = {}
        self.actors: dict[str, tuple[str, str | None, str, str | None]] = {}
        self.latest = datetime.date.today().year + 1
        self.file = str(chunk.extra.get("file", ""))
        self.source = str(chunk.extra.get("source", "made"))

    def read(self, layout: str) -> None:
        for item in format_of(layout).parse(self.chunk, self.fields):
            if isinstance(item, Record):
                problem = self._problem(item)
                if problem:
                    self._reject(problem)
                else:
                    self._take(item)
            elif isinstance(item, Left):
                self.left[item.reason] += 1
            else:
                self._reject(item)
        self.rows["actor"] = list(self.actors.values())
        self.rows["field"] = [
            (key, *key.split(":", 1), name.name_en, name.name_zh or name.name_en, name.parent_id)
            for key, name in self.fields.items()
        ]

    def _problem(self, record: Record) -> Bad | None:
        if not record.title:
            return Bad(record.line, "title", record.native or record.doi, "no_title")
        if record.year is None:
            return Bad(record.line, "year", record.title, "no_year")
        if not EARLIEST <= record.year <= self.latest:
            return Bad(record.line, "year", str(record.year), "impossible_year")
        return None

    def _reject(self, item: Bad) -> None:
        column = ":".join(filter(None, (self.file, item.column)))
        self.rows["reject"].append((item.line, column, item.text[:500] or None, f"data.reject.{item.reason}"))
        self.counts["rejected"] += 1
        self.counts[f"rejected.{item.reason}"] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append([item.line, column, item.text[:200], item.reason, self.file])

    def _take(self, record: Record) -> None:
        index = len(self.rows["document"])
        if index >= SPAN:
            raise ValueError("too many records in one chunk")
        doc = self.chunk.number * SPAN + index
        own = record.native or f"{self.source}:{self._made(record):016x}"
        name = f"doi:{record.doi}" if record.doi else own
        text = record.text
        self.rows["document"].append(
            (
                doc,
                record.year,
                key_of(own),
                key_of(name) if record.doi else None,
                title_key(record.title),
                record.filled,
                name,
                record.kind,
                record.title,
                _date(record),
                record.language or None,
                record.url or None,
                (text or None) if self.abstracts else None,
                len(text) - text.count(" ") if text else None,
                record.venue or None,
                record.citations,
            )
        )
        role = record.role
        people = self.rows["participation"]
        for actor, actor_name, kind, region, share in record.participants:
            people.append((doc, actor, name, role, region, share, None if share is None else "share"))
            if actor not in self.actors:
                self.actors[actor] = (actor, actor_name or None, kind, region)
        self._links(record, doc, name, own)
        self.counts["records"] += 1

    def _made(self, record: Record) -> int:
        """A number for a record that its source gives no id: the same wherever it stands in the file."""
        return number_of(f"{record.title}\n{record.year}\n{record.venue}") & (2**64 - 1)

    def _links(self, record: Record, doc: int, name: str, own: str) -> None:
        line, year, links = record.line, str(record.year), self.rows["link"]
        seen = dict.fromkeys(record.references)
        for itself in {own, name} & seen.keys():
            del seen[itself]
            self.counts["self_citations"] += 1
        links += [(doc, key_of(target), name, target, "cites", year, None, None, line) for target in seen]
        units: dict[str, bool] = {}
        linked: set[str] = set()
        for field_id, weight, counted, link in record.units:
            units[field_id] = units.get(field_id, False) or counted
            if link and field_id not in linked:
                linked.add(field_id)
                unit = None if weight is None else "score"
                links.append((doc, None, name, field_id, "classified", year, weight, unit, line))
        for field_id, mentions in sorted(_tagger().count(f"{record.title}\n{record.text}").items()):
            units[field_id] = True
            links.append((doc, None, name, field_id, "speaks_of", year, float(mentions), "mention", line))
        about = (record.year, record.citations, record.kind)
        self.rows["unit"].append((doc, TOTAL, *about))
        self.rows["unit"] += [(doc, field_id, *about) for field_id, counted in units.items() if counted]


def _date(record: Record) -> str:
    """The day or month the source gives, where it is one of the year."""
    return record.date if record.date.startswith(f"{record.year}-") else str(record.year)


def key_of(name: str) -> int:
    """A document's id as a number; ids of OpenAlex are numbers already."""
    if name.startswith("openalex:W") and name[10:].isdigit() and len(name) < 28:
        return int(name[10:])
    return number_of(name)
