"""Charts of how places are made up and where fields concentrate."""

from __future__ import annotations

from typing import Any

from foreland.capability.charts.bubbles import Axes, bubbles, median
from foreland.charts import ranked_bars, scatter, tile_map
from foreland.core.finding import Finding
from foreland.core.registry import chart


@chart("capability.structure", "bars")
def unlike(finding: Finding) -> Any:
    """Places by how unlike the others they are."""
    return ranked_bars(finding, finding.rows(), label="region_id", value="krugman", limit=40)


@chart("capability.structure", "map")
def unlike_map(finding: Finding) -> Any:
    """The Krugman index on tiles."""
    return tile_map(finding, finding.rows(), value="krugman")


@chart("capability.structure", "scatter")
def varieties(finding: Finding) -> Any:
    """Related against unrelated variety; where fields have no groups, variety against the Krugman index."""
    rows = finding.rows()
    if any(row["related_variety"] for row in rows):
        return scatter(finding, rows, x="unrelated_variety", y="related_variety", label="region_id")
    return scatter(finding, rows, x="entropy", y="krugman", label="region_id")


@chart("capability.concentration", "bars")
def concentrated(finding: Finding) -> Any:
    """Fields by how unevenly they are spread."""
    return ranked_bars(finding, finding.rows(), label="field_id", value="locational_gini", limit=40)


@chart("capability.concentration", "scatter")
def size_and_spread(finding: Finding) -> Any:
    """Concentration against size: small fields concentrate by chance alone."""
    rows = finding.rows()
    axes = Axes("total", "locational_gini", log=(True, False), cross=(None, median(rows, "locational_gini")))
    return bubbles(finding, rows, axes=axes, label="field_id", focus=[row["field_id"] for row in rows[:3]])


@chart("capability.similar", "bars")
def alike(finding: Finding) -> Any:
    """Places by similarity, the three nearest in colour."""
    rows = finding.rows()
    nearest = [row["region_id"] for row in rows[:3]]
    return ranked_bars(finding, rows, label="region_id", value="similarity", focus=nearest, limit=31)


@chart("capability.similar", "map")
def alike_map(finding: Finding) -> Any:
    """Similarity on tiles, the place itself outlined."""
    return tile_map(finding, finding.rows(), value="similarity")
