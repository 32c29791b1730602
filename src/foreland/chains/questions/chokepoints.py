"""Where are the chokepoints of the chain?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.chains.chokepoints import Chokepoints, concentration_needed
from foreland.chains.chokepoints import chokepoints as method
from foreland.chains.questions.assumed import assume as with_assumed
from foreland.chains.questions.chain_notes import benchmark, notes, steps
from foreland.chains.questions.product_chains import Chain, read
from foreland.chains.questions.weights import Weights
from foreland.chains.weight_stability import Stability, stability
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

TOP = 10
"""So many make the top whose stability is told; of few products half."""
LOOKED_UP = 10
"""Products without shares that are named."""
ALONE = 0.9995
"""Share from which a place counts as the only one listed: shares are published to a tenth of a percent."""
STAYS = 0.9
"""A product that is in the top under so many of the weightings stays there whatever one thinks of the weights."""


@question(
    "chains.chokepoints",
    zh="产业链的咽喉在哪里？",
    en="Where are the chokepoints of the chain?",
    example={"region": "CN"},
    uses=("region", "scheme", "field", "period", "source"),
    beyond_packs=True,
)
def chokepoints(ws: Workspace, scope: Scope, weights: Weights = Weights(), assume: str = "") -> Finding:
    """Products by how much of a chokepoint they are, with the parts of the score and how far it hangs on the weights.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at: with a place or several the chain as it is seen from there, else the chain
        as such, without a part of own supply.
    weights
        Of concentration, lack of substitutes, position and lack of own supply.
    assume
        Shares of supply in place of those of the source, as in ``Photoresists: JP 87%, US 8%``.
    """
    chain, supposed = with_assumed(read(ws, scope), assume)
    chosen = weights.values()
    if not scope.region:
        chosen = (*chosen[:3], 0.0)
    found = method(chain.system, chain.asking, chosen)
    ranked = int(found.ranked.sum())
    top = min(TOP, max(1, ranked // 2))
    held = stability(found, top) if ranked > 1 else None
    rows = _rows(chain, found, held, top)
    wanted = {chain.products[chain.index(product)] for product in scope.field}
    told = [row for row in rows if not wanted or row["field_id"] in wanted]
    caveats = notes(chain)
    caveats[:0] = [
        *supposed,
        *([_hangs(held)] if held is not None else []),
        *_could_rank(chain, rows, top),
        *_sole(chain, told, top),
    ]
    finding = answer(
        ws,
        "chains.chokepoints",
        chain.scope,
        told,
        headline=_headline(chain, told, rows, top),
        benchmark=benchmark(chain),
        inputs=chain.inputs(),
        steps=[
            *steps(chain),
            Step("chains.step.concentration"),
            Step("chains.step.substitutes"),
            Step("chains.step.reach"),
            Step("chains.step.chokepoints"),
            Step("chains.step.stability"),
        ],
        caveats=caveats,
        parameters={**weights.parameters(), **({"assume": assume} if supposed else {})},
    )
    return finding if len(told) > 1 else finding.offering("parts")


def _rows(chain: Chain, found: Chokepoints, held: Stability | None, top: int) -> list[dict[str, Any]]:
    """Ranked products, then wholes whose types are ranked by their score, then those without a score by position."""
    at, needed = found.concentration, concentration_needed(found, top)
    scored = ~np.isnan(found.score)
    order = sorted(
        range(len(chain.products)),
        key=lambda k: (
            found.rank[k] or np.inf,
            -np.nan_to_num(found.score[k], nan=-1.0),
            -found.parts[k, 2],
            chain.products[k],
        ),
    )
    return [
        {
            "rank": int(found.rank[k]) or None,
            "field_id": chain.products[k],
            "chokepoint": float(found.score[k]) if scored[k] else None,
            "part_concentration": float(found.parts[k, 0]) if scored[k] else None,
            "part_substitutes": float(found.parts[k, 1]) if scored[k] else None,
            "part_position": float(found.parts[k, 2]),
            "part_own": float(found.parts[k, 3]) if scored[k] and chain.scope.region else None,
            "rank_low": int(held.rank_low[k]) if held is not None and found.ranked[k] else None,
            "rank_high": int(held.rank_high[k]) if held is not None and found.ranked[k] else None,
            "in_top": float(held.in_top[k]) if held is not None and found.ranked[k] else None,
            "leader_id": chain.places[at.leader[k]] if at.leader[k] >= 0 else None,
            "leader_share": float(at.leader_share[k]) if at.leader[k] >= 0 else None,
            "own_supply": float(found.own_share[k]) if chain.scope.region and chain.years[k] else None,
            "supplier_places": int(at.suppliers[k]) if chain.years[k] else None,
            "hhi": float(at.low[k]) if scored[k] else None,
            "hhi_high": float(at.high[k]) if scored[k] else None,
            "substitutes": int(found.substitutes[k]),
            "score_low": float(found.low[k]),
            "score_high": float(found.high[k]),
            "hhi_needed": None if np.isnan(needed[k]) else float(needed[k]),
            "share_period": chain.years[k] or None,
        }
        for k in order
    ]


def _hangs(held: Stability) -> Caveat:
    """How far the ranking hangs on the weights."""
    overlap = float(held.overlap.mean())
    return Caveat(
        "chains.caveat.weights",
        "warning" if overlap < STAYS else "note",
        {
            "top": held.count,
            "stay": f"{overlap * held.count:.1f}",
            "tau": f"{float(np.median(held.tau)):.2f}",
            **{
                part: f"{share * held.count:.0f}"
                for part, share in zip(("concentration", "substitutes", "position", "own"), held.alone, strict=True)
            },
        },
    )


def _could_rank(chain: Chain, rows: list[dict[str, Any]], top: int) -> list[Caveat]:
    """Products with suppliers whose shares are not told, that would be in the top were they concentrated enough."""
    found = [row for row in rows if row["hhi_needed"] is not None and row["share_period"]]
    if not found:
        return []
    found.sort(key=lambda row: (row["hhi_needed"], row["field_id"]))
    shown = listed(chain.ws, [row["field_id"] for row in found[:LOOKED_UP]])
    words = {"number": len(found), "top": top, "hhi": f"{found[0]['hhi_needed']:,.0f}", "products": shown}
    return [Caveat("chains.caveat.could_rank", "warning", words)]


def _sole(chain: Chain, told: list[dict[str, Any]], top: int) -> list[Caveat]:
    """Products of the top of which the source lists one place alone: a monopoly, or all that it counts."""
    first = [row for row in told if row["rank"] is not None and row["rank"] <= top]
    found = [row["field_id"] for row in first if row["leader_share"] is not None and row["leader_share"] >= ALONE]
    if not found:
        return []
    return [Caveat("chains.caveat.sole", "warning", {"number": len(found), "products": listed(chain.ws, found)})]


def _headline(chain: Chain, told: list[dict[str, Any]], rows: list[dict[str, Any]], top: int) -> Text:
    ranked = [row for row in rows if row["rank"] is not None]
    if not ranked or not told:
        return both("chains.chokepoints.headline.none", of=len(rows))
    first = told[0]
    words: dict[str, Any] = {"place": chain.asked, "product": name(chain.ws, first["field_id"]), "of": len(ranked)}
    if first["chokepoint"] is None:
        return both("chains.chokepoints.headline.unscored", **words)
    words |= {"leader": name(chain.ws, first["leader_id"]), "share": f"{first['leader_share']:.0%}"}
    view = "place" if chain.scope.region else "world"
    if first["rank"] is None:
        return both("chains.chokepoints.headline.whole", **words, score=f"{first['chokepoint']:.2f}")
    if chain.scope.field:
        bounds = {"low": first["rank_low"] or 1, "high": first["rank_high"] or 1}
        return both(f"chains.chokepoints.headline.one.{view}", **words, rank=first["rank"], **bounds)
    stay = sum((row["in_top"] or 0) >= STAYS for row in ranked)
    return both(f"chains.chokepoints.headline.all.{view}", **words, stay=stay, top=top)
