"""Charts of priority directions: ranks under weights, what is believed, how often among the first."""

from __future__ import annotations

from typing import Any

from foreland.charts import intervals, ranked_bars
from foreland.core.finding import Finding
from foreland.core.registry import chart

MOST = 35


@chart("foresight.directions", "ranks")
def ranks(finding: Finding) -> Any:
    """Rank under the weights set, with the span it takes under weights nearby."""
    return intervals(finding, finding.rows()[:MOST], label="field_id", value="rank", low="rank_low", high="rank_high")


@chart("foresight.directions", "belief")
def belief(finding: Finding) -> Any:
    """Posterior mean with its interval."""
    return intervals(
        finding, finding.rows()[:MOST], label="field_id", value="priority", low="priority_low", high="priority_high"
    )


@chart("foresight.directions", "first")
def first(finding: Finding) -> Any:
    """Share of nearby weights under which a direction is among the first."""
    rows = sorted((row for row in finding.rows() if row["top_share"]), key=lambda row: (-row["top_share"], row["rank"]))
    return ranked_bars(finding, rows, label="field_id", value="top_share")
