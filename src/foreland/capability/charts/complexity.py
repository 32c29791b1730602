"""Charts of complexity, of places and of fields, and of the fields a place could turn to."""

from __future__ import annotations

from typing import Any

from foreland.capability.charts.bubbles import Axes, bubbles, median
from foreland.charts import ranked_bars, scatter, tile_map
from foreland.charts.parts import keyed
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t


@chart("capability.complexity", "bars")
def place_bars(finding: Finding) -> Any:
    """Places by complexity."""
    return ranked_bars(finding, finding.rows(), label="region_id", value="eci", limit=40)


@chart("capability.complexity", "scatter")
def place_scatter(finding: Finding) -> Any:
    """Complexity against the number of fields: many fields are not always demanding ones."""
    return scatter(finding, finding.rows(), x="diversity", y="eci", label="region_id")


@chart("capability.complexity", "map")
def place_map(finding: Finding) -> Any:
    """Complexity on tiles, parted at the mean."""
    return tile_map(finding, finding.rows(), value="eci", midpoint=0.0)


@chart("capability.field_complexity", "bars")
def field_bars(finding: Finding) -> Any:
    """Fields by complexity; those the place has stand out."""
    rows = finding.rows()
    made = ranked_bars(finding, rows, label="field_id", value="pci", focus=_has(finding, rows), limit=40)
    if not rows or not finding.scope.focus:
        return made
    language = current_language()
    place = finding.name(finding.scope.focus)
    marks = [
        ("focus", "■", t("capability.chart.key.has", language, place=place)),
        ("rest", "■", t("capability.chart.key.has_not", language, place=place)),
    ]
    return keyed(made, marks)


@chart("capability.field_complexity", "scatter")
def field_scatter(finding: Finding) -> Any:
    """Complexity against the number of places that have the field."""
    rows = finding.rows()
    note = t("capability.chart.has", place=finding.name(finding.scope.focus)) if finding.scope.focus else ""
    axes = Axes("ubiquity", "pci", cross=(median(rows, "ubiquity"), 0.0), note=note)
    return bubbles(finding, rows, axes=axes, label="field_id", focus=_has(finding, rows))


@chart("capability.opportunities", "scatter")
def near_and_complex(finding: Finding) -> Any:
    """To the right: near; up: complex; large: opens further fields. The best five in colour."""
    rows = finding.rows()
    axes = Axes("relatedness", "pci", cross=(median(rows, "relatedness"), 0.0))
    return bubbles(finding, rows, axes=axes, label="field_id", size="gain", focus=_best(rows))


@chart("capability.opportunities", "bars")
def scores(finding: Finding) -> Any:
    """Fields by score."""
    rows = finding.rows()
    return ranked_bars(finding, rows, label="field_id", value="score", focus=_best(rows), limit=30)


def _best(rows: list[dict[str, Any]], count: int = 5) -> list[str]:
    return [row["field_id"] for row in rows[:count]]


def _has(finding: Finding, rows: list[dict[str, Any]]) -> list[str]:
    return [row["field_id"] for row in rows if row["present"]] if finding.scope.region else list(finding.scope.field)
