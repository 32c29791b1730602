"""Who supplies one product, what rests on it, and what it rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from foreland.chains.chokepoints import Chokepoints, chokepoints
from foreland.chains.product_chain import depends, needed, siblings
from foreland.chains.questions.chain_notes import benchmark, notes, steps
from foreland.chains.questions.drawn import drawn
from foreland.chains.questions.product_chains import Chain, read
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Input, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name, names

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

SHOWN = 60
"""Products in the picture of the neighbourhood: more is the whole map again."""


@question(
    "chains.node",
    zh="这种产品由谁供给，什么依赖它，它又依赖什么？",
    en="Who supplies this product, what depends on it, and what does it depend on?",
    example={"region": "CN"},
    uses=("field", "region", "scheme", "period", "source"),
    beyond_packs=True,
)
def node(ws: Workspace, scope: Scope) -> Finding:
    """One product: suppliers by place, firms, inputs, what it goes into, what depends on it, substitutes.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at: the first field is the product; without one the tightest chokepoint.
    """
    chain = read(ws, scope)
    found = chokepoints(chain.system, chain.asking)
    k = chain.index(scope.field[0]) if scope.field else (found.top(1) or [0])[0]
    product = chain.products[k]
    chain = replace(chain, scope=chain.scope.replace(field=(product,)))
    rows, firms = _rows(chain, found, k)
    picture = drawn(chain.system, _around(chain, k))
    finding = answer(
        ws,
        "chains.node",
        chain.scope,
        rows,
        headline=_headline(chain, found, k, rows),
        benchmark=benchmark(chain),
        inputs=_inputs(chain, product),
        steps=[*steps(chain), Step("chains.step.reach"), Step("chains.step.substitutes"), Step("chains.step.layers")],
        caveats=notes(chain),
        tables={
            "nodes": pa.Table.from_pylist([{**each, **_shown(chain, found, each)} for each in
                                           picture.nodes(chain.products)]),
            "links": pa.Table.from_pylist(picture.edges(chain.products), _LINK),
        },
    )  # fmt: skip
    shared = {row["relation"] for row in rows if row["share"] is not None}
    downstream = any(row["relation"] in ("goes_into", "depends") for row in rows)
    drawable = {"suppliers": "supplier" in shared, "around": True, "firms": "firm" in shared, "downstream": downstream}
    offered = [chart for chart, there in drawable.items() if there]
    called = names(ws, chain.products)
    return replace(finding, labels={**finding.labels, **called, **firms}).offering(*offered)


_LINK = pa.schema([("from", pa.string()), ("to", pa.string()), ("kind", pa.string())])


def _rows(chain: Chain, found: Chokepoints, k: int) -> tuple[list[dict[str, Any]], dict[str, Text]]:
    """What is told of a product, a row each: kind of relation, the other end, share or dependence."""
    system, product = chain.system, chain.products[k]
    rows: list[dict[str, Any]] = []

    def tell(relation: str, **values: Any) -> None:
        blank = ("region_id", "firm_id", "product_id", "share", "dependence", "chokepoint", "edge_from", "edge_to")
        rows.append({"relation": relation, "field_id": product, **dict.fromkeys(blank), **values})

    shares = system.shares[k]
    for j in sorted(range(len(shares)), key=lambda j: (-np.nan_to_num(shares[j]), chain.places[j])):
        if np.isnan(shares[j]) or shares[j] > 0:
            known = None if np.isnan(shares[j]) else float(shares[j])
            tell("supplier", region_id=chain.places[j], share=known, edge_from=product)
    firms: dict[str, Text] = {}
    for firm in chain.firms:
        if firm.field_id == product:
            tell("firm", firm_id=firm.actor_id, region_id=firm.region_id, share=firm.share, edge_from=firm.actor_id)
            firms[firm.actor_id] = firm.called
    reach, need = depends(system), needed(system)
    pairs = system.inputs.reshape(-1, 2)

    def other(relation: str, j: int, dependence: float | None, **ends: str) -> None:
        score = None if np.isnan(found.score[j]) else float(found.score[j])
        tell(relation, product_id=chain.products[j], dependence=dependence, chokepoint=score, **ends)

    into = [(int(b), float(need[e])) for e, (a, b) in enumerate(pairs) if a == k]
    for j, share in sorted(into, key=lambda pair: (-pair[1], chain.products[pair[0]])):
        other("goes_into", j, share, edge_from=product, edge_to=chain.products[j])
    direct = {j for j, _ in into} | {k} | {int(b) for a, b in system.type_pairs if a == k}
    further = [j for j in np.flatnonzero(reach[k] > 0).tolist() if j not in direct]
    for j in sorted(further, key=lambda j: (-reach[k, j], chain.products[j])):
        other("depends", j, float(reach[k, j]), edge_from=product)
    inputs = [(int(a), float(need[e])) for e, (a, b) in enumerate(pairs) if b == k]
    for j, share in sorted(inputs, key=lambda pair: (-pair[1], -np.nan_to_num(found.score[pair[0]]), pair[0])):
        other("input", j, share, edge_from=chain.products[j], edge_to=product)
    for a, b in system.type_pairs.tolist():
        if a == k:
            other("type_of", b, None, edge_from=product, edge_to=chain.products[b])
        elif b == k:
            other("type", a, None, edge_from=chain.products[a], edge_to=product)
    for j in siblings(system)[k]:
        other("substitute", j, None, edge_from=chain.products[j])
    return rows, firms


def _inputs(chain: Chain, product: str) -> list[Input]:
    """What was read: a supplier leads to its share, a firm to its link, a neighbour to the edge between."""
    source = {chain.listed.source_id: chain.ws.sources[chain.listed.source_id].content_hash}
    here = {"source_id": chain.listed.source_id}
    own = chain.inputs()
    shares = Input(
        "observation",
        own[0].filter,
        own[0].rows,
        source,
        {"field_id": "field_id", "region_id": "region_id"},
    )
    supply = Input(
        "link",
        {**here, "kind": "supply"},
        chain.rows["supply"],
        source,
        {"field_id": "to_id", "firm_id": "from_id"},
    )
    edges = replace(own[-1], match={"edge_from": "from_id", "edge_to": "to_id"})
    return [shares, *([supply] if chain.rows["supply"] else []), edges]


def _around(chain: Chain, k: int) -> list[int]:
    """A product and its kind, two steps of inputs, two of what they go into, and what else goes into the first."""
    pairs, types = chain.system.inputs.reshape(-1, 2).tolist(), chain.system.type_pairs.tolist()
    kind = {k}
    for _ in range(3):
        kind |= {b for a, b in types if a in kind}
    found = [k, *sorted(kind - {k})]
    for end in (0, 1):
        edge = set(kind)
        for _ in range(2):
            edge = {pair[end] for pair in pairs if pair[1 - end] in edge} - set(found)
            found += sorted(edge)
    first = {b for a, b in pairs if a in kind}
    beside = [a for a, b in pairs if b in first]
    near = [*siblings(chain.system)[k], *(a for a, b in types if b == k), *sorted(set(beside))]
    found += [j for j in dict.fromkeys(near) if j not in found]
    return found[:SHOWN]


def _shown(chain: Chain, found: Chokepoints, row: dict[str, Any]) -> dict[str, Any]:
    k, at = chain.at[row["field_id"]], found.concentration
    return {
        "chokepoint": None if np.isnan(found.score[k]) else float(found.score[k]),
        "depending": float(found.parts[k, 2]),
        "leader_id": chain.places[at.leader[k]] if at.leader[k] >= 0 else None,
        "leader_share": float(at.leader_share[k]) if at.leader[k] >= 0 else None,
    }


def _headline(chain: Chain, found: Chokepoints, k: int, rows: list[dict[str, Any]]) -> Text:
    at = found.concentration
    words: dict[str, Any] = {"product": name(chain.ws, chain.products[k]), "part": f"{found.parts[k, 2]:.0%}"}
    if at.leader[k] < 0:
        count = {relation: sum(row["relation"] == relation for row in rows) for relation in ("supplier", "firm")}
        return both("chains.node.headline.unsupplied", **words, places=count["supplier"], firms=count["firm"])
    words |= {"leader": name(chain.ws, chain.places[at.leader[k]]), "share": f"{at.leader_share[k]:.0%}"}
    if at.named[k] == 1 and at.leader_share[k] > 0.99:
        return both("chains.node.headline.only", **words)
    if not chain.scope.region:
        return both("chains.node.headline.world", **words, number=int(at.named[k]))
    own = float(found.own_share[k])
    if at.leader[k] in chain.asking:
        return both("chains.node.headline.leads", **words, number=int(at.named[k]))
    return both("chains.node.headline.place", **words, place=chain.asked, own=f"{own:.0%}" if own >= 0.005 else "0%")
