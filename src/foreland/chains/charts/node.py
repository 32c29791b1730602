"""Charts of one product of a chain."""

from __future__ import annotations

from typing import Any

from foreland.chains.charts.scored import long_named_bars
from foreland.charts import ranked_bars
from foreland.charts.chain import Look, chain_map
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t


def _of(finding: Finding, *relations: str) -> list[dict[str, Any]]:
    return [row for row in finding.rows() if row["relation"] in relations]


@chart("chains.node", "suppliers")
def suppliers(finding: Finding) -> Any:
    """Shares of supply by place."""
    return ranked_bars(finding, _of(finding, "supplier"), label="region_id", value="share")


@chart("chains.node", "around")
def around(finding: Finding) -> Any:
    """The product among its inputs, its kind and what it goes into."""
    language = current_language()
    look = Look(
        label="field_id",
        fill="chokepoint",
        size="depending",
        told=("leader_id", "leader_share"),
        ends=(t("chains.word.inputs", language), t("chains.word.uses", language)),
        classes=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
        page="chains.node",
        asked={"region": ",".join(finding.scope.region), "source": finding.scope.source},
    )
    return chain_map(finding, finding.tables["nodes"].to_pylist(), finding.tables["links"].to_pylist(), look)


@chart("chains.node", "firms")
def firms(finding: Finding) -> Any:
    """Firms with a known share."""
    return long_named_bars(finding, _of(finding, "firm"), "firm_id", "share")


@chart("chains.node", "downstream")
def downstream(finding: Finding) -> Any:
    """How far products downstream depend on it, those it goes into first."""
    rows = sorted(_of(finding, "goes_into", "depends"), key=lambda row: -row["dependence"])
    return long_named_bars(finding, rows, "product_id", "dependence", 30)
