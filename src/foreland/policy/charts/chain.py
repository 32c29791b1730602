"""Charts of the whole chain."""

from __future__ import annotations

from typing import Any

from foreland.charts import heatmap, ranked_bars, tile_map
from foreland.core.finding import Finding
from foreland.core.registry import chart


@chart("policy.chain", "matrix")
def matrix(finding: Finding) -> Any:
    """Stages by domains: instruments of the place, or of all; empty cells are what nothing covers."""
    cells: dict[tuple[str, str], int] = {}
    for row in finding.rows():
        key = (row["stage"], row["domain"])
        cells[key] = cells.get(key, 0) + row["count"]
    drawn = [{"stage": stage, "domain": domain, "count": count or None} for (stage, domain), count in cells.items()]
    return heatmap(finding, drawn, x="stage", y="domain", value="count")


@chart("policy.chain", "empty")
def empty(finding: Finding) -> Any:
    """Places by how many cells nothing covers."""
    held = _empty(finding)
    rows = [{"region_id": place, "empty_cells": held[place]} for place in sorted(held, key=lambda p: (-held[p], p))]
    return ranked_bars(finding, rows, label="region_id", value="empty_cells", limit=40)


@chart("policy.chain", "map")
def tiles(finding: Finding) -> Any:
    """Empty cells on tiles."""
    rows = [{"region_id": place, "empty_cells": count} for place, count in sorted(_empty(finding).items())]
    return tile_map(finding, rows, value="empty_cells")


def _empty(finding: Finding) -> dict[str, int]:
    held: dict[str, int] = {}
    for row in finding.rows():
        held[row["region_id"]] = held.get(row["region_id"], 0) + (row["count"] == 0)
    return held
