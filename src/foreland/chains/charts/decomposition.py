"""Charts of structural decomposition."""

from __future__ import annotations

from typing import Any

from foreland.charts import ranked_bars, stacked_parts
from foreland.core.finding import Finding
from foreland.core.registry import chart

PARTS = {
    "intensity": "kind6", "inputs": "kind1", "origin": "kind3",
    "use_level": "rest", "use_category": "kind4", "use_mix": "kind2", "use_other": "axis",
}  # fmt: skip


@chart("chains.decomposition", "parts")
def parts(finding: Finding) -> Any:
    """The parts of each sector's change beside each other, a dark tick at their sum."""
    return stacked_parts(finding, finding.rows(), PARTS, limit=25)


@chart("chains.decomposition", "whole")
def whole(finding: Finding) -> Any:
    """The parts summed over all sectors."""
    rows = [row for row in finding.tables["whole"].to_pylist() if row["set"] == "part"]
    return ranked_bars(finding, rows, label="part", value="contribution", focus=())


@chart("chains.decomposition", "users")
def users(finding: Finding) -> Any:
    """What the change of each kind of final use brought about in all sectors."""
    rows = [row for row in finding.tables["whole"].to_pylist() if row["set"] == "user"]
    rows.sort(key=lambda row: (-row["contribution"], row["indicator_id"]))
    return ranked_bars(finding, rows, label="indicator_id", value="contribution", focus=())
