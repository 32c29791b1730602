"""Charts of the product space."""

from __future__ import annotations

from typing import Any

import numpy as np

from foreland.capability.charts.forms import table_rows
from foreland.charts import heatmap, network
from foreland.core.finding import Finding
from foreland.core.registry import chart

NODES = 400
CELLS = 40


@chart("capability.relatedness", "network")
def space(finding: Finding) -> Any:
    """Fields by their links; those the place has stand out."""
    nodes = sorted(table_rows(finding, "nodes"), key=lambda row: (-(row["total"] or 0), row["field_id"]))[:NODES]
    links = [
        {"from": row["field_id"], "to": row["other_id"], "weight": row["proximity"]}
        for row in finding.rows()
        if row["proximity"] is not None
    ]
    has = [row["field_id"] for row in nodes if row["present"]]
    asked = bool(finding.scope.region)
    return network(
        finding, nodes, links, label="field_id", size="total", group="present" if asked else None,
        focus=has if asked else (),
    )  # fmt: skip


@chart("capability.relatedness", "heatmap")
def strongest(finding: Finding) -> Any:
    """The strongest links as a matrix, related fields beside each other."""
    rows = [row for row in finding.rows() if row["proximity"] is not None]
    fields = list(dict.fromkeys(i for row in rows for i in (row["field_id"], row["other_id"])))[:CELLS]
    if len(fields) < 2:
        return heatmap(finding, rows, x="other_id", y="field_id", value="proximity")
    at = {field: i for i, field in enumerate(fields)}
    near = np.zeros((len(fields), len(fields)))
    for row in rows:
        if row["field_id"] in at and row["other_id"] in at:
            i, j = at[row["field_id"]], at[row["other_id"]]
            near[i, j] = near[j, i] = row["proximity"]
    order = _seriated(near)
    linked = near != 0
    cells = [
        {"field_id": fields[i], "other_id": fields[j], "proximity": float(near[i, j])}
        for i, j in _ordered(order, linked)
    ]
    return heatmap(finding, cells, x="other_id", y="field_id", value="proximity", focus=finding.scope.field)


def _seriated(near: np.ndarray) -> list[int]:
    """An order in which related fields are neighbours: the leaves of average linkage."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distance = near.max() - near
    np.fill_diagonal(distance, 0)
    return [int(i) for i in leaves_list(linkage(squareform(distance), "average", optimal_ordering=True))]


def _ordered(order: list[int], linked: np.ndarray) -> list[tuple[int, int]]:
    """Pairs to draw, in such an order that rows and columns first come in ``order``."""
    return [(i, j) for i in order for j in order if linked[i, j]]
