"""Are two findings the same? Exactly in everything but floating-point numbers, which engines add in another order."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa

from foreland.core.finding import Finding

RELATIVE = 1e-9
NEAR_ZERO = 1e-12
"""What cancels to nothing has no relative precision; figures of the packs are of order one and more."""


def differences(one: Finding, other: Finding) -> list[str]:
    """What differs, for a person; empty for the same finding."""
    found = [
        f"{name}: {getattr(one, name)!r} ≠ {getattr(other, name)!r}"
        for name in ("id", "scope", "headline", "benchmark", "caveats", "labels", "provenance", "offered")
        if getattr(one, name) != getattr(other, name)
    ]
    found += table_differences("table", one.table, other.table)
    if set(one.tables) != set(other.tables):
        found.append(f"tables: {sorted(one.tables)} ≠ {sorted(other.tables)}")
    for name in sorted(set(one.tables) & set(other.tables)):
        found += table_differences(name, one.tables[name], other.tables[name])
    return found


def table_differences(name: str, one: pa.Table, other: pa.Table) -> list[str]:
    """Where two tables differ, row by row."""
    if one.schema != other.schema:
        return [f"{name}: {one.schema} ≠ {other.schema}"]
    if one.num_rows != other.num_rows:
        return [f"{name}: {one.num_rows} ≠ {other.num_rows} rows"]
    found = []
    for column in one.column_names:
        pairs = zip(one[column].to_pylist(), other[column].to_pylist(), strict=True)
        wrong = [(row, a, b) for row, (a, b) in enumerate(pairs) if not same(a, b)]
        if wrong:
            found.append(f"{name}.{column}: {len(wrong)} differ, first {wrong[0]}")
    return found


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same, floats to :data:`RELATIVE`."""
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=RELATIVE, abs_tol=NEAR_ZERO)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(a == b)
