"""Charts of supplier networks."""

from __future__ import annotations

from typing import Any

from foreland.charts import curve, ranked_bars, scatter
from foreland.core.finding import Finding
from foreland.core.registry import chart

SHOWN = 25


def _ranked(finding: Finding, column: str) -> list[dict[str, Any]]:
    return finding.rows() if column in finding.table.column_names else []


def _table(finding: Finding, name: str) -> list[dict[str, Any]]:
    return finding.tables[name].to_pylist() if name in finding.tables else []


@chart("chains.firms", "ranking")
def ranking(finding: Finding) -> Any:
    """The firms whose failure costs the network most."""
    return ranked_bars(finding, _ranked(finding, "esri"), label="firm_id", value="esri", limit=SHOWN)


@chart("chains.firms", "profile")
def profile(finding: Finding) -> Any:
    """Systemic risk by rank: how many firms are a danger to all."""
    rows = _table(finding, "profile")
    return curve(finding, rows, x="rank", y="esri", label="firm_id", points=len(rows) <= 60)


@chart("chains.firms", "sides")
def sides(finding: Finding) -> Any:
    """A firm's size against what its failure costs."""
    return scatter(finding, _ranked(finding, "esri"), x="own_share", y="esri", label="firm_id")


@chart("chains.firms", "cascade")
def cascade(finding: Finding) -> Any:
    """Whom the failure hits hardest: of those that the network loses most with, by the loss of their own output."""
    rows = sorted(_ranked(finding, "loss_share"), key=lambda row: (-row["loss_own"], row["rank"]))
    return ranked_bars(finding, rows, label="firm_id", value="loss_own", limit=SHOWN)


@chart("chains.firms", "hit_sectors")
def sectors(finding: Finding) -> Any:
    """Losses by sector."""
    return ranked_bars(finding, _table(finding, "sectors"), label="field_id", value="loss_own", limit=SHOWN)
