"""Charts of shared wording."""

from __future__ import annotations

from typing import Any

from foreland.charts import heatmap, network, ranked_bars
from foreland.core.finding import Finding
from foreland.core.registry import chart

MOST = 60
"""Most links of the network."""


@chart("policy.reuse", "network")
def linked(finding: Finding) -> Any:
    """Places that share wording, the most first; larger: more characters shared."""
    rows = finding.rows()[:MOST]
    links = [{"from": row["region_id"], "to": row["other_id"], "weight": row["characters"]} for row in rows]
    held: dict[str, int] = {}
    for row in rows:
        for place in (row["region_id"], row["other_id"]):
            held[place] = held.get(place, 0) + row["characters"]
    nodes = [{"region_id": place, "characters": count} for place, count in sorted(held.items())]
    return network(finding, nodes, links, label="region_id", size="characters")


@chart("policy.reuse", "bars")
def bars(finding: Finding) -> Any:
    """The places that share most wording with others, all pairs together."""
    pairs = finding.rows()
    held: dict[str, int] = {}
    for row in pairs:
        for place in (row["region_id"], row["other_id"]):
            held[place] = held.get(place, 0) + row["characters"]
    everywhere = set.intersection(*({row["region_id"], row["other_id"]} for row in pairs)) if pairs else set()
    if len(everywhere) == 1:
        # The one place that all are held against.
        del held[everywhere.pop()]
    rows = [{"region_id": place, "characters": held[place]} for place in sorted(held, key=lambda p: (-held[p], p))]
    return ranked_bars(finding, rows, label="region_id", value="characters", limit=40)


@chart("policy.reuse", "heat")
def heat(finding: Finding) -> Any:
    """Characters shared by every two places."""
    cells: dict[tuple[str, str], int] = {}
    for row in finding.rows():
        for pair in ((row["region_id"], row["other_id"]), (row["other_id"], row["region_id"])):
            cells[pair] = cells.get(pair, 0) + row["characters"]
    places = sorted({place for pair in cells for place in pair})
    drawn = [
        {"region_id": one, "other_id": other, "characters": cells.get((one, other))}
        for one in places
        for other in places
    ]
    return heatmap(finding, drawn, x="other_id", y="region_id", value="characters")


@chart("policy.wording", "bars")
def passages(finding: Finding) -> Any:
    """The passages by length."""
    drawn = [{**row, "passage": f"{row['rank']}  {row['left_text'][:24]}"} for row in finding.rows()]
    return ranked_bars(finding, drawn, label="passage", value="characters", limit=30)
