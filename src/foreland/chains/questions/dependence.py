"""What does a place control, what does it depend on, and who could cut whom?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa

from foreland.chains.dependence import CONTROL, Dependence, levers
from foreland.chains.dependence import dependence as method
from foreland.chains.product_chain import ATTRIBUTED, ProductChain, concentration
from foreland.chains.questions.chain_notes import benchmark, notes, steps
from foreland.chains.questions.product_chains import Chain, read
from foreland.chains.questions.weights import ChainWeights
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Input, Step
from foreland.core.registry import Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

MAPPED = 12
"""Places in the map of who could cut whom: those that supply most, and the one asked for."""


@question(
    "chains.dependence",
    zh="我们掌握什么、依赖什么，谁能卡住谁？",
    en="What do we control, what do we depend on, and who could cut whom?",
    example={"region": "CN"},
    uses=("region", "scheme", "period", "source"),
    beyond_packs=True,
)
def dependence(
    ws: Workspace,
    scope: Scope,
    threshold: Annotated[float, Between(0.2, 1.0)] = CONTROL,
    weights: ChainWeights = ChainWeights(),
) -> Finding:
    """Leverage between places: what each supplies that others lack, at points much depends on.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at: with a place or several what it controls and who could cut it, else all.
    threshold
        Share of supply from which a place controls a product.
    weights
        Of concentration, lack of substitutes and position.
    """
    chain = read(ws, scope)
    system, places, own = _seen(chain)
    found = method(system, (*weights.values()[:3], 1.0), threshold)
    rows = _rows(chain, system, found, places, own)
    products = _products(chain, system, found, places, own)
    chosen = _mapped(found, own)
    cells = [
        {"region_id": places[a], "user_id": places[b], "leverage": float(found.leverage[a, b]) if a != b else None}
        for a in chosen
        for b in chosen
    ]
    finding = answer(
        ws,
        "chains.dependence",
        chain.scope,
        rows,
        headline=_headline(chain, found, rows, products, own),
        benchmark=benchmark(chain),
        inputs=_inputs(chain),
        steps=[
            *steps(chain),
            Step("chains.step.concentration"),
            Step("chains.step.substitutes"),
            Step("chains.step.reach"),
            Step("chains.step.leverage"),
        ],
        caveats=[Caveat("chains.caveat.could", "warning"), *notes(chain)],
        parameters={"threshold": threshold, **weights.parameters()},
        tables={
            "cells": pa.Table.from_pylist(cells),
            **({"products": pa.Table.from_pylist(products)} if products else {}),
        },
    )
    return finding.offering(*(("cut", "map", "depend", "control") if own is not None else ("supply", "map")))


def _seen(chain: Chain) -> tuple[ProductChain, tuple[str, ...], int | None]:
    """The chain with the places asked for as one, its places, and the number of the one that asks."""
    if not chain.scope.region:
        return chain.system, chain.places, None
    if chain.asking:
        return chain.bloc, chain.places, chain.asking[0]
    # It supplies nothing: a place of its own without shares.
    shares = np.hstack([chain.system.shares, np.zeros((len(chain.products), 1))])
    return replace(chain.system, shares=shares), (*chain.places, chain.scope.region[0]), len(chain.places)


def _rows(
    chain: Chain, system: ProductChain, found: Dependence, places: tuple[str, ...], own: int | None
) -> list[dict[str, Any]]:
    """Each place: what it supplies and lacks, and how it stands to the one that asks."""
    bloc = set(chain.asking[1:])
    controlled = found.controls.sum(axis=0)
    rows = []
    for j, place in enumerate(places):
        if j == own or j in bloc:
            continue
        row: dict[str, Any] = {
            "region_id": place,
            "supplied": float(found.supplied[j]),
            "lacked": float(found.lacked[j]),
            "controls": int(controlled[j]),
        }
        if own is not None:
            over, back = levers(system, found, j, own), levers(system, found, own, j)
            row = {
                "region_id": place,
                "leverage": float(found.leverage[j, own]),
                "leverage_back": float(found.leverage[own, j]),
                "leverage_net": float(found.net[j, own]),
                "lever_id": chain.products[int(over.argmax())] if over.max(initial=0.0) > 0 else None,
                "lever_back_id": chain.products[int(back.argmax())] if back.max(initial=0.0) > 0 else None,
                **row,
            }
        rows.append(row)
    key = "supplied" if own is None else "leverage"
    rows.sort(key=lambda row: (-row[key], row["region_id"]))
    return [{"rank": n, **row} for n, row in enumerate(rows, 1)]


def _products(
    chain: Chain, system: ProductChain, found: Dependence, places: tuple[str, ...], own: int | None
) -> list[dict[str, Any]]:
    """Products as the place that asks stands to them, those it lacks most first."""
    if own is None:
        return []
    at, total = concentration(system), found.mass.sum() or 1.0
    rows = [
        {
            "field_id": chain.products[k],
            "own_supply": float(system.known[k, own]),
            "lacking": float(found.mass[k] * (1.0 - system.known[k, own]) / total),
            "leader_id": places[at.leader[k]] if at.leader[k] >= 0 else None,
            "leader_share": float(at.leader_share[k]),
            "controlled": bool(found.controls[k, own]),
        }
        for k in range(len(chain.products))
        if at.attributed[k] >= ATTRIBUTED
    ]
    return sorted(rows, key=lambda row: (-row["lacking"], row["field_id"]))


def _mapped(found: Dependence, own: int | None) -> list[int]:
    order = np.argsort(-found.supplied, kind="stable").tolist()
    chosen = [j for j in order if found.supplied[j] > 0][:MAPPED]
    if own is not None and own not in chosen:
        chosen = [*chosen[: MAPPED - 1], own]
    return chosen


def _inputs(chain: Chain) -> list[Input]:
    """A place leads to its shares, and the product it could withhold to what that goes into."""
    shares, *others = chain.inputs()
    return [
        replace(shares, match={"region_id": "region_id"}),
        *[replace(item, match={"lever_id": "from_id"}) for item in others[-1:]],
    ]


def _headline(
    chain: Chain, found: Dependence, rows: list[dict[str, Any]], products: list[dict[str, Any]], own: int | None
) -> Text:
    if not rows or not found.mass.sum():
        return both("chains.dependence.headline.none")
    first = rows[0]
    if own is None:
        return both(
            "chains.dependence.headline.world",
            first=name(chain.ws, first["region_id"]),
            share=f"{first['supplied']:.0%}",
            number=first["controls"],
        )
    words = {"place": chain.asked, "number": sum(row["controlled"] for row in products), "of": len(products)}
    if first["lever_id"] is None:
        return both("chains.dependence.headline.free", **words)
    return both(
        "chains.dependence.headline.place",
        **words,
        first=name(chain.ws, first["region_id"]),
        share=f"{first['leverage']:.0%}",
        back=f"{first['leverage_back']:.0%}",
        product=name(chain.ws, first["lever_id"]),
    )
