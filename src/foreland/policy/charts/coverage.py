"""Charts of who speaks of which field."""

from __future__ import annotations

from typing import Any

from foreland.charts import heatmap, ranked_bars, tile_map
from foreland.core.finding import Finding
from foreland.core.registry import chart


@chart("policy.coverage", "map")
def tiles(finding: Finding) -> Any:
    """One field: how much each place speaks of it; several: how many of them it speaks of."""
    rows = finding.rows()
    if len({row["field_id"] for row in rows}) == 1:
        return tile_map(finding, rows, value="mention_density")
    held: dict[str, int] = {}
    for row in rows:
        held[row["region_id"]] = held.get(row["region_id"], 0) + (row["mentions"] > 0)
    counted = [{"region_id": place, "fields": count} for place, count in sorted(held.items())]
    return tile_map(finding, counted, value="fields")


@chart("policy.coverage", "bars")
def bars(finding: Finding) -> Any:
    """Mentions per 10,000 characters: the places of a field, or the fields of a place."""
    rows = [row for row in finding.rows() if row["mentions"]]
    label = "region_id" if len({row["field_id"] for row in rows}) == 1 else "field_id"
    rows.sort(key=lambda row: (-row["mention_density"], row["region_id"], row["field_id"]))
    return ranked_bars(finding, rows, label=label, value="mention_density", limit=40)


@chart("policy.coverage", "places")
def places(finding: Finding) -> Any:
    """Of how many places each field is spoken of."""
    first = {row["field_id"]: row for row in reversed(finding.rows())}
    rows = sorted(first.values(), key=lambda row: (-row["places"], row["field_id"]))
    return ranked_bars(finding, rows, label="field_id", value="places", limit=40)


@chart("policy.coverage", "matrix")
def matrix(finding: Finding) -> Any:
    """Every place and field."""
    rows = finding.rows()
    order = {row["region_id"]: 0 for row in rows}
    for row in rows:
        order[row["region_id"]] += row["mentions"] > 0
    rows.sort(key=lambda row: (-order[row["region_id"]], row["region_id"], -row["places"], row["field_id"]))
    shown = [{**row, "mention_density": row["mention_density"] if row["mentions"] else None} for row in rows]
    return heatmap(finding, shown, x="field_id", y="region_id", value="mention_density")
