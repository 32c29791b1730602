"""Charts of growth, rank and standing."""

from __future__ import annotations

from typing import Any

from foreland.capability.charts.bubbles import Axes, bubbles
from foreland.capability.charts.dots import standings
from foreland.capability.charts.forms import Move, moves
from foreland.charts import bump, ranked_bars, stacked_parts, tile_map
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

PARTS = {"national": "rest", "mix": "kind2", "regional": "focus"}


@chart("capability.growth", "bars")
def sources_of_change(finding: Finding) -> Any:
    """What the tide, the mix and the place itself contributed to each field."""
    # Largest change first, so that the eye meets what matters; the table is in order of the third part.
    known = (row for row in finding.rows() if row["gained"] is not None)
    rows = sorted(known, key=lambda row: (-abs(row["gained"]), row["field_id"]))
    return stacked_parts(finding, rows, PARTS, limit=35)


@chart("capability.growth", "scatter")
def against_benchmark(finding: Finding) -> Any:
    """Growth of each field here against its growth everywhere; above the line it grew faster here."""
    rows = [
        {**row, "growth_all": row["growth"] - row["growth_gap"]}
        for row in finding.rows()
        if row["growth"] is not None and row["growth_gap"] is not None
    ]
    largest = sorted(rows, key=lambda row: (-(row["value"] or 0), row["field_id"]))
    axes = Axes("growth_all", "growth", diagonal=t("capability.chart.equal", current_language()))
    ahead = [row["field_id"] for row in rows if row["growth_gap"] > 0]
    return bubbles(finding, largest, axes=axes, label="field_id", size="value", focus=ahead)


@chart("capability.ranking", "bump")
def paths(finding: Finding) -> Any:
    """Ranks over the periods."""
    return bump(finding, finding.rows(), label="region_id", limit=15)


@chart("capability.ranking", "bars")
def last_values(finding: Finding) -> Any:
    """Values in the last period."""
    rows = [row for row in _last(finding) if row["value"] is not None]
    return ranked_bars(finding, rows, label="region_id", value="value", limit=40)


@chart("capability.ranking", "map")
def last_map(finding: Finding) -> Any:
    """The last period on tiles."""
    return tile_map(finding, _last(finding), value="value")


@chart("capability.position", "ranks")
def ranks(finding: Finding) -> Any:
    """The place's rank in each indicator, the best first."""
    return standings(finding, finding.rows())


@chart("capability.position", "growth")
def growth_here_and_there(finding: Finding) -> Any:
    """Growth of each indicator here and in all places together."""
    language = current_language()
    rows = [row for row in finding.rows() if row["growth"] is not None]
    rows.sort(key=lambda row: (-row["growth"], row["indicator_id"]))
    for row in rows:
        row["note"] = f"{row['from_period']}–{row['period']}"
    words = (
        t("capability.chart.position.all", language),
        finding.name(finding.scope.focus, language) if finding.scope.focus else t("capability.chart.position.here"),
    )
    return moves(finding, rows, label="indicator_id", move=Move("growth_all", "growth", words, "note", line=0.0))


def _last(finding: Finding) -> list[dict[str, Any]]:
    rows = finding.rows()
    last = max((row["period"] for row in rows), default="")
    return [row for row in rows if row["period"] == last]
