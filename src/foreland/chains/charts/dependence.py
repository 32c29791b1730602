"""Charts of control and dependence."""

from __future__ import annotations

from typing import Any

from foreland.chains.charts.scored import long_named_bars
from foreland.charts import heatmap, ranked_bars
from foreland.core.finding import Finding
from foreland.core.registry import chart


def _products(finding: Finding) -> list[dict[str, Any]]:
    return finding.tables["products"].to_pylist() if "products" in finding.tables else []


@chart("chains.dependence", "cut")
def cut(finding: Finding) -> Any:
    """Who could withhold how much from the place that asks."""
    rows = [row for row in finding.rows() if (row.get("leverage") or 0) >= 0.0005]
    return ranked_bars(finding, rows, label="region_id", value="leverage", focus=())


@chart("chains.dependence", "supply")
def supply(finding: Finding) -> Any:
    """Who supplies how much of the chain, weighted by how critical products are."""
    return ranked_bars(finding, [row for row in finding.rows() if row["supplied"]], label="region_id", value="supplied")


@chart("chains.dependence", "map")
def leverage(finding: Finding) -> Any:
    """Who could cut whom: the place in the row supplies what the one in the column lacks."""
    return heatmap(finding, finding.tables["cells"].to_pylist(), x="user_id", y="region_id", value="leverage")


@chart("chains.dependence", "depend")
def depend(finding: Finding) -> Any:
    """What the place lacks most, weighted by how critical it is."""
    rows = [row for row in _products(finding) if row["lacking"]]
    return long_named_bars(finding, rows, "field_id", "lacking")


@chart("chains.dependence", "control")
def control(finding: Finding) -> Any:
    """What the place controls, the largest share first."""
    rows = sorted(
        (row for row in _products(finding) if row["controlled"]), key=lambda row: (-row["own_supply"], row["field_id"])
    )
    return long_named_bars(finding, rows, "field_id", "own_supply")
