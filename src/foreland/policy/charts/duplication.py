"""Charts of duplicated layout."""

from __future__ import annotations

from typing import Any

from foreland.charts import heatmap, network, ranked_bars
from foreland.core.finding import Finding
from foreland.core.registry import chart

MOST = 60
"""Most links of the network."""


@chart("policy.duplication", "network")
def linked(finding: Finding) -> Any:
    """Places that overlap beyond chance, the strongest links first; larger: more such links."""
    rows = finding.rows()
    strong = [row for row in rows if row["clear"]][:MOST] or rows[: MOST // 2]
    links = [{"from": row["region_id"], "to": row["other_id"], "weight": row["overlap"]} for row in strong]
    ends = [place for row in strong for place in (row["region_id"], row["other_id"])]
    nodes = [{"region_id": place, "count": ends.count(place)} for place in sorted(set(ends))]
    return network(finding, nodes, links, label="region_id", size="count")


@chart("policy.duplication", "pairs")
def pairs(finding: Finding) -> Any:
    """The pairs that overlap most."""
    rows = finding.rows()
    if len({row["region_id"] for row in rows}) == 1:
        drawn = [{**row, "region_id": row["other_id"]} for row in rows]
        return ranked_bars(finding, drawn, label="region_id", value="overlap", limit=31)
    return heat(finding)


@chart("policy.duplication", "heat")
def heat(finding: Finding) -> Any:
    """Every place against every other."""
    rows = finding.rows()
    both_ways = [*rows, *({**row, "region_id": row["other_id"], "other_id": row["region_id"]} for row in rows)]
    mean: dict[str, list[float]] = {}
    for row in both_ways:
        mean.setdefault(row["region_id"], []).append(row["overlap"])
    order = {place: sum(values) / len(values) for place, values in mean.items()}
    cells = {(row["region_id"], row["other_id"]): row["overlap"] for row in both_ways}
    places = sorted(order, key=lambda place: (-order[place], place))
    drawn = [
        {"region_id": one, "other_id": other, "overlap": cells.get((one, other))} for one in places for other in places
    ]
    return heatmap(finding, drawn, x="other_id", y="region_id", value="overlap")


@chart("policy.duplication", "crowding")
def crowding(finding: Finding) -> Any:
    """Which fields the unbacked attention of all places crowds into."""
    rows = finding.tables["crowding"].to_pylist()
    return ranked_bars(finding, rows, label="field_id", value="share", limit=30)
