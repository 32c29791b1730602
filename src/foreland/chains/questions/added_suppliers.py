"""Where further suppliers of a product chain pay most: the part of chains.resilience that reads a product chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from foreland.chains.chokepoints import chokepoints
from foreland.chains.errors import ChainError
from foreland.chains.product_chain import position
from foreland.chains.questions.product_chains import Chain, read
from foreland.chains.questions.tables import told
from foreland.chains.resilience import Choice, Options, frontier, supplier_options
from foreland.chains.resilience import choose as choose_options
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.chains.questions.resilience import Costs, Harsher
    from foreland.data.workspace import Workspace

LADDER = 3
"""Suppliers that may be added to one product."""
CANDIDATES = 30
"""Products that are weighed against each other."""


@dataclass(frozen=True)
class _Now:
    """How things stand: shares of others, the largest of them by product, and the loss expected from its failure, as
    a part of that of the whole chain."""

    known: np.ndarray
    leader: np.ndarray
    expected: np.ndarray
    whole: float


def added_suppliers(ws: Workspace, scope: Scope, assumed: Harsher, costs: Costs) -> Finding:
    """Further suppliers at the products where they lower the expected loss of the chain most.

    The loss is the share of the chain's steps that stand still: what depends on a product times the share of its
    largest supplier abroad, times the probability that it fails.
    """
    chain = read(ws, scope)
    try:
        return _answered(chain, assumed, costs)
    except ChainError as error:
        raise told(error, chain.products, ws) from error


def _answered(chain: Chain, assumed: Harsher, costs: Costs) -> Finding:
    known = chain.system.known.copy()
    known[:, list(chain.asking)] = 0.0
    leader = known.max(axis=1, initial=0.0)
    depends = position(chain.system)
    scored = chokepoints(chain.system, chain.asking)
    counted = scored.ranked & (leader > 0) & (depends > 0)
    if chain.scope.field:
        counted &= np.isin(np.arange(len(leader)), [chain.index(product) for product in chain.scope.field])
    order = np.argsort(-(leader * depends), kind="stable")
    candidates = [int(k) for k in order if counted[k]][:CANDIDATES]
    part = costs.probability / 100
    whole = float((part * leader * depends)[counted].sum())
    rows: list[dict[str, Any]] = []
    tables: dict[str, pa.Table] = {}
    choice = None
    if candidates and whole > 0:
        options = supplier_options(
            leader[candidates],
            min(part, 1.0),
            depends[candidates],
            costs.supplier_cost,
            added=min(costs.added_share, 99) / 100,
            most=LADDER,
        )
        choice = choose_options(options, costs.added_suppliers * costs.supplier_cost, costs.added_suppliers)
        expected = part * leader * depends / whole
        rows = _rows(chain, (candidates, options, choice), _Now(known, leader, expected, whole))
        tables = {"frontier": _frontier(options, whole, costs)}
    return answer(
        chain.ws,
        "chains.resilience",
        chain.scope,
        pa.Table.from_pylist(rows) if rows else _empty(),
        headline=_headline(chain, rows, choice, whole),
        benchmark=both("chains.benchmark.suppliers_as_is", source=name(chain.ws, chain.listed.source_id)),
        inputs=chain.inputs(),
        steps=[
            Step("chains.step.supplier_ladder", {"number": len(candidates), "of": int(counted.sum()), "most": LADDER}),
            Step("chains.step.milp"),
        ],
        caveats=[
            Caveat(
                "chains.caveat.stated_suppliers",
                "serious",
                {
                    "probability": f"{costs.probability:g}",
                    "share": costs.added_share,
                    "cost": f"{costs.supplier_cost:g}",
                },
            )
        ],
        parameters={**assumed.told(), **costs.told(), "measures": "suppliers"},
        tables=tables,
    ).offering("frontier", "avoided")


def _rows(chain: Chain, found: tuple[list[int], Options, Choice], at: _Now) -> list[dict[str, Any]]:
    """What is taken, that which avoids most first."""
    candidates, options, choice = found
    rows: list[dict[str, Any]] = []
    for ladder, k in enumerate(candidates):
        part = choice.taken * (options.ladder == ladder)
        if not part.any():
            continue
        avoided = float(part @ options.gain) / at.whole
        rows.append(
            {
                "field_id": chain.products[k],
                "suppliers_added": round(float(part.sum())),
                "leader_id": chain.places[int(at.known[k].argmax())],
                "leader_share": float(at.leader[k]),
                "cost_units": float(part @ options.cost),
                "avoided_share": avoided,
                "before_share": float(at.expected[k]),
                "after_share": float(at.expected[k]) - avoided,
                "share_period": chain.years[k],
            }
        )
    rows.sort(key=lambda row: (-row["avoided_share"], row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _empty() -> pa.Table:
    columns = {
        "rank": pa.int64(),
        "field_id": pa.string(),
        "suppliers_added": pa.int64(),
        "avoided_share": pa.float64(),
    }
    return pa.table({name: pa.array([], kind) for name, kind in columns.items()})


def _frontier(options: Options, whole: float, costs: Costs) -> pa.Table:
    """Expected loss left by number of suppliers added."""
    most = int(min(max(10, 2 * costs.added_suppliers), len(options)))
    rows = []
    for count in range(most + 1):
        (choice,) = frontier(options, [count * costs.supplier_cost], count)
        left = 1 - choice.avoided / whole
        rows.append({"suppliers_added": count, "left_share": left, "avoided_share": 1 - left})
    return pa.Table.from_pylist(rows)


def _headline(chain: Chain, rows: list[dict[str, Any]], choice: Choice | None, whole: float) -> Text:
    if not rows or choice is None or whole <= 0:
        return both("chains.resilience.headline.no_suppliers", asked=chain.asked)
    return both(
        "chains.resilience.headline.suppliers",
        asked=chain.asked,
        product=name(chain.ws, rows[0]["field_id"]),
        leader=name(chain.ws, rows[0]["leader_id"]),
        number=sum(row["suppliers_added"] for row in rows),
        products=len(rows),
        share=f"{choice.avoided / whole:.0%}",
    )
