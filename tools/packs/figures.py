"""Sources, indicators, figures and readings of a pack, and how they become files.

A pack is a folder with ``pack.toml`` and one folder a source, which holds one Parquet file a table of the data model.
The same rows give the same bytes: they are in the order of their key, and nothing of the time or machine goes in.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import shutil
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
TOTAL = "all:total"
#: What ``sources.toml`` says of a source; all but these two are the same in both languages.
TEXTS = ("publisher", "licence", "url", "published", "retrieved")
LANGUAGES = ("en", "zh")
#: What rows of other tables are sorted by, so that like rows stand together.
ORDER = {
    "document": ("document_id",),
    "passage": ("document_id", "start", "end", "kind", "passage_id"),
    "field": ("field_id",),
    "link": ("period", "kind", "from_id", "to_id"),
}
#: Columns that change little from row to row, and how only the change is written.
STEPS = {
    "passage": {
        "passage_id": "DELTA_BYTE_ARRAY",
        **dict.fromkeys(("start", "end", "sentence_start", "sentence_end"), "DELTA_BINARY_PACKED"),
    }
}


class Observation(NamedTuple):
    """One figure; ``line`` is the line of the source file, None where the figure is counted from many."""

    region_id: str
    field_id: str
    indicator_id: str
    period: str
    value: float | None
    line: int | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self[:4]


@dataclass
class Figures:
    """The figures of one source, and what was read in its documents.

    Parameters
    ----------
    source_id
        A table of ``sources.toml``.
    facts
        Measured numbers that the source's note names in braces.
    observations
        Figures by key.
    tables
        Rows of the tables of :data:`ORDER`.
    """

    source_id: str
    facts: dict[str, Any] = field(default_factory=dict)
    observations: dict[tuple[str, str, str, str], Observation] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, rows: Iterable[Observation]) -> None:
        """Take figures in.

        Raises
        ------
        ValueError
            If a figure with the same place, field, indicator and period is there already, or is not a number.
        """
        for row in rows:
            if row.key in self.observations:
                raise ValueError(f"{self.source_id}: two figures for {' '.join(row.key)}")
            if row.value is not None and not math.isfinite(row.value):
                raise ValueError(f"{self.source_id}: not a number for {' '.join(row.key)}")
            self.observations[row.key] = row

    def put(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        """Take the rows of a table of :data:`ORDER` in.

        Raises
        ------
        ValueError
            If two rows have the same key, or a number is none.
        """
        from foreland.core.tables import table_spec

        names = [column.name for column in table_spec(table).columns]
        ordered = sorted(rows, key=lambda row: [row[name] for name in ORDER[table]])
        self.tables[table] = [{name: row.get(name) for name in names} for row in ordered]
        key = table_spec(table).key
        if len({tuple(row[name] for name in key) for row in self.tables[table]}) < len(self.tables[table]):
            raise ValueError(f"{self.source_id}: two rows of {table} with one {', '.join(key)}")
        for row in self.tables[table]:
            if any(isinstance(value, float) and not math.isfinite(value) for value in row.values()):
                raise ValueError(f"{self.source_id}: not a number in {row[key[0]]}")

    @property
    def count(self) -> int:
        """How many figures, documents, passages and links there are."""
        return len(self.observations) + sum(len(rows) for name, rows in self.tables.items() if name != "field")

    @property
    def rows(self) -> list[Observation]:
        """The figures in the order of their key: indicator, field, region, period. Like rows stand together."""
        return sorted(self.observations.values(), key=lambda o: (o.indicator_id, o.field_id, o.region_id, o.period))

    @property
    def indicators(self) -> list[str]:
        """Indicators that have figures, sorted."""
        return sorted({row.indicator_id for row in self.observations.values()})

    def source(self) -> dict[str, str | None]:
        """The row of table ``source``, without the content hash."""
        told = source_texts()[self.source_id]
        row: dict[str, str | None] = {"source_id": self.source_id}
        for language in LANGUAGES:
            joint = "" if language == "zh" else " "
            note = joint.join(told[f"note_{language}"].strip().splitlines())
            row[f"note_{language}"] = note.format(**self.facts)
            row[f"title_{language}"] = told[f"title_{language}"].format(**self.facts)
        return row | {name: told.get(name) for name in TEXTS}

    def content_hash(self) -> str:
        """SHA-256 of the figures and readings, what they measure and where they come from."""
        digest = hashlib.sha256()
        known = indicator_texts()
        head = [self.source(), *(known[name] for name in self.indicators)]
        read = ([table, *row.values()] for table in sorted(self.tables) for row in self.tables[table])
        for item in (*head, *(list(row) for row in self.rows), *read):
            digest.update(json.dumps(item, ensure_ascii=False, sort_keys=True).encode() + b"\n")
        return digest.hexdigest()

    def write(self, folder: Path) -> None:
        """Write the tables of the source into ``folder``, which is made new."""
        import pyarrow as pa

        from foreland.core.tables import table_spec

        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        own = {"source_id": self.source_id}
        known = indicator_texts()
        status = [{"status": "suppressed" if row.value is None else "observed"} for row in self.rows]
        tables = {
            "source": [self.source() | {"content_hash": self.content_hash()}],
            "indicator": [known[name] | own for name in self.indicators],
            "observation": [row._asdict() | s | own for row, s in zip(self.rows, status, strict=True)],
            **self.tables,
        }
        for name, rows in tables.items():
            if rows:
                table = pa.Table.from_pylist(rows, schema=table_spec(name).arrow_schema())
                write_parquet(table, folder / f"{name}.parquet", STEPS.get(name))


def write_parquet(table: Any, path: Path, encoding: dict[str, str] | None = None) -> None:
    """Write small and the same way every time: no pandas metadata, no statistics, one row group.

    Columns with an encoding of their own have no dictionary.
    """
    import pyarrow.parquet as pq

    own: dict[str, Any] = {}
    if encoding:
        own = {"use_dictionary": [n for n in table.column_names if n not in encoding], "column_encoding": encoding}
    pq.write_table(
        table.replace_schema_metadata(None),
        path,
        compression="zstd",
        compression_level=19,
        row_group_size=max(table.num_rows, 1),
        write_statistics=False,
        store_schema=False,
        **own,
    )


@cache
def source_texts() -> dict[str, dict[str, Any]]:
    """Sources by id, from ``sources.toml``."""
    with (HERE / "sources.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def indicator_texts() -> dict[str, dict[str, str]]:
    """Rows of table ``indicator`` without the source, by id: those of the package, and of ``indicators.csv``.

    Raises
    ------
    ValueError
        If the two define the same indicator: rows of several sources must agree, so there is one place for each.
    """
    from foreland.i18n.bundled import bundled_rows

    found = {row["indicator_id"]: row for row in bundled_rows("data", "indicators.csv")}
    with (HERE / "indicators.csv").open(encoding="utf-8", newline="") as lines:
        own = {row["indicator_id"]: row for row in csv.DictReader(lines)}
    if twice := sorted(found.keys() & own.keys()):
        raise ValueError(f"indicators defined twice: {twice}")
    return found | own


def by_place(figures: Figures, indicator: str) -> dict[str, dict[tuple[str, str], float]]:
    """Region → (field, period) → value of one indicator."""
    found: dict[str, dict[tuple[str, str], float]] = {}
    for row in figures.observations.values():
        if row.indicator_id == indicator and row.value is not None:
            found.setdefault(row.region_id, {})[row.field_id, row.period] = row.value
    return found
