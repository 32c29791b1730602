"""Charts of what lowers the expected loss."""

from __future__ import annotations

from typing import Any

from foreland.charts import curve, ranked_bars
from foreland.core.finding import Finding
from foreland.core.registry import chart


def _suppliers(finding: Finding) -> bool:
    return bool(finding.provenance.parameters["measures"] == "suppliers")


@chart("chains.resilience", "frontier")
def frontier(finding: Finding) -> Any:
    """Expected loss that is left, over what is spent."""
    rows = finding.tables["frontier"].to_pylist() if "frontier" in finding.tables else []
    x, y = ("suppliers_added", "left_share") if _suppliers(finding) else ("cost", "expected_left")
    return curve(finding, rows, x=x, y=y, points=True)


@chart("chains.resilience", "avoided")
def avoided(finding: Finding) -> Any:
    """What is taken, by the loss it avoids."""
    value = "avoided_share" if _suppliers(finding) else "avoided"
    return ranked_bars(finding, finding.rows(), label="field_id", value=value, focus=())
