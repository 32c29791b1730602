"""What a reader must know of a product chain before believing a number."""

from __future__ import annotations

import numpy as np

from foreland.chains.product_chain import ATTRIBUTED, concentration
from foreland.chains.questions.product_chains import Chain
from foreland.core.finding import Text
from foreland.core.provenance import Caveat, Step
from foreland.data.answer import both, listed, name, names

OLD = 3
"""Shares so many years older than the newest ones tell of another market."""
WHOLE = 0.98
"""Share from which what is not attributed is rounding."""


def notes(chain: Chain) -> list[Caveat]:
    """Caveats of the chain itself: age, gaps and rounding of shares, types beside what they are types of, cycles."""
    found = [*_old(chain), *_unattributed(chain)]
    ws, system = chain.ws, chain.system
    if chain.within:
        places = {"places": listed(ws, chain.within), "country": chain.asked}
        found.insert(0, Caveat("chains.caveat.seen_as", "warning", places))
    if chain.absent:
        found.insert(0, Caveat("chains.caveat.absent", "warning", {"places": listed(ws, chain.absent)}))
    if chain.system.weights is None or np.isnan(chain.system.weights).all():
        found.append(Caveat("chains.caveat.in_full", "warning"))
    if len(system.type_pairs):
        found.append(Caveat("chains.caveat.subcategories", "note", {"number": len(set(system.type_pairs[:, 0]))}))
    above = int((np.nan_to_num(system.shares).sum(axis=1) > 1 + 1e-6).sum())
    if above:
        found.append(Caveat("chains.caveat.rounded", "note", {"number": above}))
    rings = cycles(chain)
    if rings:
        largest = [chain.products[k] for k in rings[0]]
        shown = listed(ws, largest[:6])
        found.append(
            Caveat("chains.caveat.cycles", "note", {"number": sum(map(len, rings)), "products": _more(shown, largest)})
        )
    called = names(ws, chain.products).values()
    alike = sum(text["en"] == text["zh"] for text in called)
    if 2 * alike > len(chain.products):
        found.append(Caveat("chains.caveat.names", "note", {"number": alike}))
    return found


def _more(shown: Text, whole: list[str], most: int = 6) -> Text:
    """The first names, and a sign that there are more."""
    more = len(whole) > most
    return {"en": shown["en"] + ", …" * more, "zh": shown["zh"] + "等" * more}


def _old(chain: Chain) -> list[Caveat]:
    years = {int(year[:4]) for year in chain.years if year[:4].isdigit()}
    if not years or max(years) - min(years) < OLD:
        return []
    newest = max(years)
    old = [
        p for p, y in zip(chain.products, chain.years, strict=True) if y[:4].isdigit() and newest - int(y[:4]) >= OLD
    ]
    return [
        Caveat(
            "chains.caveat.old_shares",
            "warning",
            {
                "number": len(old),
                "of": sum(bool(year) for year in chain.years),
                "oldest": min(years),
                "newest": newest,
                "products": _more(listed(chain.ws, old[:4]), old, 4),
            },
        )
    ]


def _unattributed(chain: Chain) -> list[Caveat]:
    told = concentration(chain.system).attributed
    # Where all shares are unknown or there are none, nothing is attributed.
    none = [p for p, share in zip(chain.products, told, strict=True) if share < ATTRIBUTED]
    part = int(((told >= ATTRIBUTED) & (told < WHOLE)).sum())
    found = []
    if none:
        found.append(
            Caveat(
                "chains.caveat.no_score",
                "warning",
                {
                    "number": len(none),
                    "of": len(chain.products),
                    "products": _more(listed(chain.ws, none[:4]), none, 4),
                },
            )
        )
    if part:
        found.append(Caveat("chains.caveat.unattributed", "note", {"number": part}))
    return found


def cycles(chain: Chain) -> list[list[int]]:
    """Products that depend on each other in a ring, the largest ring first."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    pairs = chain.system.inputs.reshape(-1, 2)
    n = len(chain.products)
    if not len(pairs):
        return []
    graph = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, group = connected_components(graph, connection="strong")
    rings = [np.flatnonzero(group == g).tolist() for g in np.flatnonzero(np.bincount(group) > 1)]
    return sorted(rings, key=lambda ring: (-len(ring), ring))


def steps(chain: Chain) -> list[Step]:
    """How the chain was read."""
    system = chain.system
    years = [year for year in chain.years if year]
    return [
        Step(
            "chains.step.read_chain",
            {
                "products": len(chain.products),
                "inputs": len(system.inputs),
                "types": len(system.type_pairs),
                "supplied": len(years),
                "places": len(chain.places),
            },
        )
    ]


def benchmark(chain: Chain) -> Text:
    """Which chain it is, in words."""
    years = sorted({year for year in chain.years if year[:4].isdigit()})
    span = "—" if not years else years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}"
    return both(
        "chains.benchmark.chain",
        source=name(chain.ws, chain.listed.source_id),
        products=len(chain.products),
        places=len(chain.places),
        years=span,
    )
