"""Charts of what a field pulls along."""

from __future__ import annotations

from typing import Any

from foreland.charts import intervals
from foreland.core.finding import Finding
from foreland.core.registry import chart

SHOWN = 25


def _spans(finding: Finding, rows: list[dict[str, Any]], column: str) -> Any:
    rows = [row for row in rows if row.get(column) is not None]
    rows = sorted(rows, key=lambda row: (-row[column], row["field_id"]))[:SHOWN]
    return intervals(finding, rows, label="field_id", value=column, low=f"{column}_low", high=f"{column}_high")


@chart("chains.pull", "sectors")
def sectors(finding: Finding) -> Any:
    """Output pulled along in each sector, with bounds."""
    return _spans(finding, finding.rows(), "pulled_output")


@chart("chains.pull", "imports")
def imports(finding: Finding) -> Any:
    """Imports pulled along by product, with bounds."""
    return _spans(finding, finding.rows(), "pulled_imports")


@chart("chains.pull", "makers")
def makers(finding: Finding) -> Any:
    """Who makes the products of the field: what the answer rests on."""
    return _spans(finding, finding.tables["makers"].to_pylist() if "makers" in finding.tables else [], "made")


@chart("chains.pull", "fields")
def fields(finding: Finding) -> Any:
    """Output that each field pulls along."""
    return _spans(finding, finding.rows(), "pulled_output")


@chart("chains.pull", "abroad")
def abroad(finding: Finding) -> Any:
    """Imports that each field pulls along."""
    return _spans(finding, finding.rows(), "pulled_imports")
