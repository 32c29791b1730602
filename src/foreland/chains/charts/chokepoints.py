"""Charts of chokepoints."""

from __future__ import annotations

from typing import Any

from foreland.chains.charts.scored import scored_bars
from foreland.charts import intervals
from foreland.core.finding import Finding
from foreland.core.registry import chart

SHOWN = 25
PARTS = ("part_concentration", "part_substitutes", "part_position", "part_own")


@chart("chains.chokepoints", "parts")
def parts(finding: Finding) -> Any:
    """The score as a bar, and beside it the parts it is made of."""
    rows = [row for row in finding.rows() if row["chokepoint"] is not None][:SHOWN]
    also = ("leader_id", "leader_share", "own_supply", "rank_low", "rank_high")
    return scored_bars(finding, rows, "field_id", "chokepoint", PARTS, also)


@chart("chains.chokepoints", "ranks")
def ranks(finding: Finding) -> Any:
    """The rank, and how far it moves under other weights."""
    rows = [row for row in finding.rows() if row["rank_low"] is not None][:SHOWN]
    return intervals(finding, rows, label="field_id", value="rank", low="rank_low", high="rank_high")
