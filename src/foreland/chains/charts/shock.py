"""Charts of a loss of capacity."""

from __future__ import annotations

from typing import Any

from foreland.charts import curve, ranked_bars
from foreland.core.finding import Finding
from foreland.core.registry import chart

SHOWN = 20


def _table(finding: Finding, name: str) -> list[dict[str, Any]]:
    return finding.tables[name].to_pylist() if name in finding.tables else []


@chart("chains.shock", "curve")
def recovery(finding: Finding) -> Any:
    """Value added by day, with its range over stocks and overproduction."""
    return curve(finding, _table(finding, "curve"), x="day", y="value_added", band=("curve_low", "curve_high"))


@chart("chains.shock", "losses")
def losses(finding: Finding) -> Any:
    """Value added lost by sector."""
    rows = [row for row in finding.rows() if row["value_lost"]]
    return ranked_bars(finding, rows, label="field_id", value="value_lost", limit=SHOWN)


@chart("chains.shock", "sectors")
def sectors(finding: Finding) -> Any:
    """Production by day of what is hit and of those that lose most besides."""
    return curve(finding, _table(finding, "sectors"), x="day", y="produced", series="field_id")


@chart("chains.shock", "bounds")
def bounds(finding: Finding) -> Any:
    """What is lost without stocks, by how what is left is shared out."""
    return ranked_bars(finding, _table(finding, "bounds"), label="estimate", value="value_lost", focus=())
