"""The tables of the data model, read from one CSV each under ``data/schema``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from foreland.i18n.bundled import bundled_rows

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = (
    "region",
    "field",
    "indicator",
    "observation",
    "document",
    "passage",
    "actor",
    "participation",
    "link",
    "crosswalk",
    "source",
    "reject",
)

TAXONOMY = "foreland:taxonomy"
"""The source of what Foreland itself defines: its regions, fields and crosswalks."""

ADDED: dict[str, tuple[str, ...]] = {"document": ("venue", "citations"), "participation": ("region_id",)}
"""Columns that files written by earlier versions lack; they are empty there."""


@dataclass(frozen=True)
class ColumnSpec:
    """One column of a table: type, unit, place in the key, meaning in both languages."""

    name: str
    type: str
    unit: str
    key: int | None
    required: bool
    en: str
    zh: str


@dataclass(frozen=True)
class TableSpec:
    """One table: its columns in order and its key."""

    name: str
    columns: tuple[ColumnSpec, ...]

    @cached_property
    def key(self) -> tuple[str, ...]:
        """Columns that identify a row, in the order of the key."""
        keyed = [column for column in self.columns if column.key is not None]
        return tuple(column.name for column in sorted(keyed, key=lambda column: column.key or 0))

    @property
    def shared_by_sources(self) -> bool:
        """Whether several sources may hold the same row (a definition), as the key has no source."""
        return "source_id" not in self.key

    def arrow_schema(self) -> pa.Schema:
        """The table's schema in Arrow; columns of the key and required ones are not nullable."""
        import pyarrow as pa

        types = {"string": pa.string(), "int64": pa.int64(), "double": pa.float64()}
        return pa.schema([pa.field(column.name, types[column.type]) for column in self.columns])


@cache
def table_spec(name: str) -> TableSpec:
    """The specification of one table of :data:`TABLES`."""
    if name not in TABLES:
        raise KeyError(name)
    columns = tuple(
        ColumnSpec(
            name=row["column"],
            type=row["type"],
            unit=row["unit"],
            key=int(row["key"]) if row["key"] else None,
            required=row["required"] == "1",
            en=row["en"],
            zh=row["zh"],
        )
        for row in bundled_rows("data", "schema", f"{name}.csv")
    )
    return TableSpec(name, columns)
