"""Charts of what documents mean by industries of the future."""

from __future__ import annotations

from typing import Any

from foreland.charts import heatmap, ranked_bars
from foreland.core.finding import Finding
from foreland.core.registry import chart


@chart("policy.definitions", "fields")
def fields(finding: Finding) -> Any:
    """How many places count each field among the industries of the future."""
    return _held(finding, "field_id")


@chart("policy.definitions", "members")
def members(finding: Finding) -> Any:
    """Which place names which field."""
    pairs = {(row["region_id"], row["field_id"]) for row in finding.rows() if row["field_id"]}
    places = sorted({place for place, _ in pairs}, key=lambda p: (-sum(a == p for a, _ in pairs), p))
    named = sorted({field for _, field in pairs}, key=lambda f: (-sum(b == f for _, b in pairs), f))
    drawn = [
        {"region_id": place, "field_id": field, "count": 1 if (place, field) in pairs else None}
        for place in places
        for field in named
    ]
    return heatmap(finding, drawn, x="field_id", y="region_id", value="count")


@chart("policy.definitions", "marks")
def marks(finding: Finding) -> Any:
    """By what marks the term is defined, and in how many places."""
    return _held(finding, "mark_id")


def _held(finding: Finding, column: str) -> Any:
    pairs = {(row["region_id"], row[column]) for row in finding.rows() if row[column]}
    held: dict[str, int] = {}
    for _, code in pairs:
        held[code] = held.get(code, 0) + 1
    rows = [{column: code, "places": held[code]} for code in sorted(held, key=lambda c: (-held[c], c))]
    return ranked_bars(finding, rows, label=column, value="places", limit=30)
