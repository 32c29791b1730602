"""Rows of the tables that terms and topics are landed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foreland.data.records.counts import WORLD

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[Any]
STABILITY = "topic_stability"
WEIGHT = "term_weight"


def same(text: str, size: int) -> pa.Array:
    import pyarrow as pa

    return pa.array([text], pa.string()).take(pa.array(np.zeros(size, np.int64)))


def of_world(source_id: str, indicator: str, content: Iterable[tuple[str, str, float]]) -> pa.Table:
    """Estimates for the world: field, period and value of each."""
    import pyarrow as pa

    from foreland.core.tables import table_spec

    fields, periods, values = zip(*content, strict=True)
    size = len(fields)
    columns = {
        "region_id": same(WORLD, size),
        "field_id": pa.array(fields, pa.string()),
        "indicator_id": same(indicator, size),
        "period": pa.array(periods, pa.string()),
        "value": pa.array(values, pa.float64()),
        "status": same("estimated", size),
        "source_id": same(source_id, size),
    }
    schema = table_spec("observation").arrow_schema()
    return pa.table({item.name: columns.get(item.name, pa.nulls(size, item.type)) for item in schema}).cast(schema)


def summed(rows: pa.Table) -> pa.Table:
    """Kinds of documents share an indicator (citations received): its values are added up."""
    key = ["indicator_id", "field_id", "region_id", "period", "status", "source_id"]
    found = rows.group_by(key, use_threads=False).aggregate([("value", "sum")]).rename_columns([*key, "value"])
    return found.sort_by([(name, "ascending") for name in key[:4]])


def table(name: str, content: Any, source_id: str) -> pa.Table:
    """Rows or columns in the schema of a table."""
    import pyarrow as pa

    from foreland.core.tables import table_spec

    schema = table_spec(name).arrow_schema()
    if not isinstance(content, pa.Table):
        return pa.Table.from_pylist([{**row, "source_id": source_id} for row in content], schema=schema)
    size = content.num_rows
    columns = {
        item.name: content[item.name] if item.name in content.column_names else pa.nulls(size, item.type)
        for item in schema
    }
    columns["source_id"] = same(source_id, size)
    return pa.table(columns).cast(schema)
