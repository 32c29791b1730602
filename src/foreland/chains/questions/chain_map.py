"""What does the chain look like, and where is it at risk?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from foreland.chains.chokepoints import Chokepoints, chokepoints
from foreland.chains.errors import ChainError
from foreland.chains.imports import import_content, self_reliance
from foreland.chains.layers import MOST
from foreland.chains.position import position as steps_between
from foreland.chains.questions import listing
from foreland.chains.questions.cells import EXPORTS
from foreland.chains.questions.chain_notes import benchmark, notes, steps
from foreland.chains.questions.drawn import drawn, in_layers, strongest
from foreland.chains.questions.product_chains import Chain, fitting, read
from foreland.chains.questions.tables import Table, told
from foreland.chains.questions.tables import read as read_table
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Shade = Literal["risk", "own"]

COLUMNS_OF_SECTORS = 6
"""Layers of an input–output table, where every sector buys from nearly every other."""


@question(
    "chains.map",
    zh="这条产业链长什么样，哪里有风险？",
    en="What does the chain look like, and where is it at risk?",
    example={"region": "US"},
    uses=("region", "scheme", "field", "period", "source"),
)
def chain_map(ws: Workspace, scope: Scope, shade: Shade = "risk") -> Finding:
    """A product chain in layers; where there is none, the strongest flows of an input–output table.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at: with a place the chain as it is seen from there.
    shade
        What colours the nodes: how much of a chokepoint each is, or what share of it the place supplies itself.
    """
    if fitting(ws, scope) or not listing.tables(ws):
        return _products(ws, scope, shade)
    return _sectors(ws, scope, shade)


# Products ---------------------------------------------------------------------------------------


def _products(ws: Workspace, scope: Scope, shade: Shade) -> Finding:
    chain = read(ws, scope)
    found = chokepoints(chain.system, chain.asking)
    picture = drawn(chain.system)
    rows = _product_rows(chain, found, picture.layer)
    caveats = notes(chain)
    if len(picture.kept) < len(chain.products):
        caveats.insert(0, Caveat("chains.caveat.drawn_part", "warning", {"number": MOST, "of": len(chain.products)}))
    for product in scope.field:
        chain.index(product)
    return answer(
        ws,
        "chains.map",
        chain.scope,
        rows,
        headline=_headline(chain, found, max(picture.layer.values()) + 1),
        benchmark=benchmark(chain),
        inputs=chain.inputs(),
        steps=[*steps(chain), Step("chains.step.chokepoints"), Step("chains.step.layers")],
        caveats=caveats,
        parameters={"shade": shade},
        tables={
            "nodes": pa.Table.from_pylist(picture.nodes(chain.products)),
            "links": pa.Table.from_pylist(picture.edges(chain.products)),
        },
    )


def _product_rows(chain: Chain, found: Chokepoints, layer: dict[int, int]) -> list[dict[str, Any]]:
    at = found.concentration
    into = np.bincount(chain.system.inputs.reshape(-1, 2)[:, 1], minlength=len(chain.products))
    rows = [
        {
            "field_id": chain.products[k],
            "layer": layer[k] + 1,
            "chokepoint": None if np.isnan(found.score[k]) else float(found.score[k]),
            "own_supply": float(found.own_share[k]) if chain.asking and chain.years[k] else None,
            "depending": float(found.parts[k, 2]),
            "leader_id": chain.places[at.leader[k]] if at.leader[k] >= 0 else None,
            "leader_share": float(at.leader_share[k]) if at.leader[k] >= 0 else None,
            "needs": int(into[k]),
            "share_period": chain.years[k] or None,
        }
        for k in layer
    ]
    return sorted(rows, key=lambda row: (row["layer"], -(row["chokepoint"] or 0), row["field_id"]))


def _headline(chain: Chain, found: Chokepoints, layers: int) -> Text:
    first = found.top(3)
    words = {"products": len(chain.products), "layers": layers}
    if not first:
        return both("chains.map.headline.unscored", **words)
    named = listed(chain.ws, [chain.products[k] for k in first])
    if not chain.scope.region:
        return both("chains.map.headline.world", **words, first=named)
    scored = ~np.isnan(found.score)
    without = int((found.own_share[scored] < 0.01).sum())
    return both(
        "chains.map.headline.place",
        place=chain.asked,
        number=without,
        of=int(scored.sum()),
        first=named,
    )


# Sectors ----------------------------------------------------------------------------------------


def _sectors(ws: Workspace, scope: Scope, shade: Shade) -> Finding:
    table = read_table(ws, listing.choose(ws, scope), scope, "total")
    home = read_table(ws, listing.choose(ws, scope), scope)
    try:
        steps_to_use = steps_between(table.system, exports=(EXPORTS,)).upstreamness
    except ChainError as error:
        raise told(error, table.sectors, ws) from error
    brought, made = _imports(home)
    kept = [k for k in table.chosen() if np.isfinite(steps_to_use[k])][:MOST]
    if scope.field:
        kept = [k for k in range(len(table.sectors)) if np.isfinite(steps_to_use[k])][:MOST]
    layer = in_layers(steps_to_use[kept], COLUMNS_OF_SECTORS)
    flows = table.system.flows[np.ix_(kept, kept)]
    own = [table.sectors[k] for k in kept]
    rows: list[dict[str, Any]] = [
        {
            "field_id": table.sectors[k],
            "layer": int(layer[n]) + 1,
            "upstreamness": float(steps_to_use[k]),
            "import_content": None if brought is None else float(brought[k]),
            "self_reliance_chain": None if made is None else float(made[k]),
            "output": float(table.system.output[k]),
            "unit": table.unit,
        }
        for n, k in enumerate(kept)
    ]
    rows.sort(key=lambda row: (row["layer"], -row["upstreamness"], row["field_id"]))
    # The largest stand in the middle of their layer, where most links meet.
    nodes = [
        {"field_id": own[n], "layer": int(layer[n]), "place": float(place), "under": None}
        for each in range(COLUMNS_OF_SECTORS)
        for place, n in enumerate(_by_size(np.flatnonzero(layer == each), table.system.output[kept]))
    ]
    links = [{"from": own[i], "to": own[j], "kind": "input"} for i, j in strongest(flows)]
    return answer(
        ws,
        "chains.map",
        table.scope,
        rows,
        headline=_headline_of_sectors(home, rows, shade),
        benchmark=table.benchmark(),
        inputs=[*table.inputs(), table.inputs({"field_id": "from_id"})[0]],
        steps=[
            *table.steps,
            Step("chains.step.upstreamness"),
            Step("chains.step.import_content"),
            Step("chains.step.sector_layers", {"links": len(links), "layers": COLUMNS_OF_SECTORS}),
        ],
        caveats=(*home.caveats, Caveat("chains.caveat.sectors_for_products", "warning")),
        parameters={"shade": shade},
        tables={"nodes": pa.Table.from_pylist(nodes), "links": pa.Table.from_pylist(links)},
    )


def _by_size(members: np.ndarray, size: np.ndarray) -> list[int]:
    """The largest in the middle, smaller ones to both sides."""
    order = members[np.argsort(-size[members], kind="stable")].tolist()
    return [*order[1::2][::-1], *order[::2]]


def _imports(table: Table) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Import content and self-reliance of each sector; none where the table doesn't tell imports."""
    try:
        return import_content(table.system).chain, self_reliance(table.system).sector_chain
    except ChainError:
        return None, None


def _headline_of_sectors(table: Table, rows: list[dict[str, Any]], shade: Shade) -> Text:
    words = {"place": name(table.ws, table.listed.region_id), "year": table.listed.period, "sectors": len(rows)}
    known = [row for row in rows if row["import_content"] is not None]
    if not known:
        furthest = max(rows, key=lambda row: (row["upstreamness"], row["field_id"]))
        return both(
            "chains.map.headline.sectors_upstream",
            **words,
            sector=name(table.ws, furthest["field_id"]),
            steps=f"{furthest['upstreamness']:.1f}",
        )
    most = max(known, key=lambda row: (row["import_content"], row["field_id"]))
    return both(
        "chains.map.headline.sectors",
        **words,
        sector=name(table.ws, most["field_id"]),
        share=f"{most['import_content']:.0%}",
    )
