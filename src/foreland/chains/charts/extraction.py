"""Charts of hypothetical extraction."""

from __future__ import annotations

from typing import Any

from foreland.charts import ranked_bars, scatter
from foreland.core.finding import Finding
from foreland.core.registry import chart


@chart("chains.extraction", "ranking")
def ranking(finding: Finding) -> Any:
    """What would be lost without each sector, in the order asked for."""
    loss = finding.provenance.parameters["loss"]
    return ranked_bars(finding, finding.rows(), label="field_id", value=f"loss_{loss}", limit=30)


@chart("chains.extraction", "sides")
def sides(finding: Finding) -> Any:
    """Missed as a customer against missed as a supplier."""
    return scatter(finding, finding.rows(), x="loss_backward", y="loss_forward", label="field_id")


@chart("chains.extraction", "losers")
def losers(finding: Finding) -> Any:
    """Who would lose most of its own output without the sector asked for."""
    rows = finding.tables["losers"].to_pylist() if "losers" in finding.tables else []
    return ranked_bars(finding, rows, label="field_id", value="loss_own", focus=(), limit=25)
