"""Charts of every sector's loss."""

from __future__ import annotations

from typing import Any

from foreland.charts import intervals, ranked_bars, scatter
from foreland.core.finding import Finding
from foreland.core.registry import chart

SHOWN = 25


@chart("chains.systemic", "ranking")
def ranking(finding: Finding) -> Any:
    """What the loss of each sector costs, in the order asked for."""
    value = "value_lost" if finding.provenance.parameters["rank_by"] == "loss" else "amplification"
    return ranked_bars(finding, finding.rows(), label="field_id", value=value, limit=SHOWN)


@chart("chains.systemic", "interval")
def interval(finding: Finding) -> Any:
    """The same with its range."""
    rows = [row for row in finding.rows()[:SHOWN] if row["lost_low"] is not None]
    return intervals(finding, rows, label="field_id", value="value_lost", low="lost_low", high="lost_high")


@chart("chains.systemic", "leverage")
def leverage(finding: Finding) -> Any:
    """The size of a sector against how many times its own loss all lose."""
    rows = [row for row in finding.rows() if row["amplification"] is not None]
    return scatter(finding, rows, x="added_share", y="amplification", label="field_id")
