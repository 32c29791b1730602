"""Chokepoints of a product chain: where supply is concentrated, can't be replaced, and much depends on it.

The score is a composite indicator in the sense of the OECD/JRC handbook (Nardo et al. 2008, Handbook on Constructing
Composite Indicators): a weighted geometric mean of four parts between 0 and 1, so that a part near zero can't be made
up for by the others. The parts and the weights are shown, and :func:`stability` says how far the ranking hangs on the
weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foreland.chains.product_chain import (
    ATTRIBUTED,
    Concentration,
    ProductChain,
    concentration,
    position,
    substitutes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

PARTS = ("concentration", "substitutes", "position", "own")
"""Parts of the score: concentration of supply, lack of substitutes, position, lack of own capability."""

EQUAL = (1.0, 1.0, 1.0, 1.0)
"""Equal weights: nothing published says which part matters more."""


@dataclass(frozen=True)
class Chokepoints:
    """Products by how much of a chokepoint they are to the place that asks.

    Attributes
    ----------
    parts
        (n, 4) :data:`PARTS` between 0 and 1.
    score
        (n,) weighted geometric mean of the parts; not a number where less than :data:`ATTRIBUTED` of the supply is
        attributed.
    low, high
        (n,) its bounds over all ways to attribute what is not attributed, with the same substitutes known; there for
        every product.
    ranked
        (n,) products with a score none of whose types has one: a ranking among them counts no market twice.
    rank
        (n,) from 1 among the ranked; equal scores have the same, the better one; 0 for the others.
    own_share
        (n,) share of the place or places that ask.
    substitutes
        (n,) substitutes whose supply is known.
    concentration
        Index, leader and suppliers.
    weights
        (4,) adding up to 1.
    """

    parts: NDArray[np.float64]
    score: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    ranked: NDArray[np.bool_]
    rank: NDArray[np.int64]
    own_share: NDArray[np.float64]
    substitutes: NDArray[np.int64]
    concentration: Concentration
    weights: NDArray[np.float64]

    def top(self, count: int = 10, among: NDArray[np.bool_] | None = None) -> list[int]:
        """The ranked products with the highest scores, the highest first; equals in their order. Only some if told."""
        chosen = np.flatnonzero(self.ranked & (True if among is None else among))
        return chosen[np.argsort(-self.score[chosen], kind="stable")][:count].tolist()


def chokepoints(chain: ProductChain, asking: Sequence[int] = (), weights: ArrayLike = EQUAL) -> Chokepoints:
    r"""Score every product of a chain as a chokepoint for a place or a bloc.

    .. math:: s_i = \prod_k p_{ik}^{w_k}, \qquad \sum_k w_k = 1

    with the parts HHI/10,000, lack of substitutes, position and 1 − own share. A part that is 0 makes the score 0
    where its weight is not: what the place supplies in full itself, or on which nothing depends, is no chokepoint. A
    part of weight 0 is left out, also where it is 0.

    Parameters
    ----------
    chain
        The chain.
    asking
        Numbers of the places whose supply counts as own; none for the chain as such.
    weights
        Of :data:`PARTS`, zero or above, not all zero.

    Raises
    ------
    ValueError
        If weights are not four, one is below zero or all are zero, or a place is not there.
    """
    chosen = _weights(weights)
    places = sorted(set(asking))
    if places and not (places[0] >= 0 and places[-1] < chain.shares.shape[1]):
        raise ValueError("no such place")
    at = concentration(chain)
    lacking = substitutes(chain)
    where = position(chain)
    own = np.clip(chain.known[:, places].sum(axis=1), 0.0, 1.0)
    rest = 1.0 - at.attributed
    own_most = np.clip(own + rest, 0.0, 1.0) if places else own
    parts = np.column_stack([at.low / 1e4, lacking.lack, where, 1.0 - own])
    least = np.column_stack([at.low / 1e4, lacking.low, where, 1.0 - own_most])
    most = np.column_stack([at.high / 1e4, lacking.high, where, 1.0 - own])
    scored = at.attributed >= ATTRIBUTED
    score = np.where(scored, mean_of_parts(parts, chosen), np.nan)
    ranked = scored & ~_has_scored_type(chain, scored)
    return Chokepoints(
        parts,
        score,
        mean_of_parts(least, chosen),
        mean_of_parts(most, chosen),
        ranked,
        ranks(np.where(ranked, score, np.nan)),
        own,
        lacking.number,
        at,
        chosen,
    )


def _weights(weights: ArrayLike) -> NDArray[np.float64]:
    chosen = np.asarray(weights, float)
    if chosen.shape != (len(PARTS),) or not np.isfinite(chosen).all() or (chosen < 0).any() or not chosen.any():
        raise ValueError(f"weights must be {len(PARTS)} numbers, none below zero and not all zero")
    return np.asarray(chosen / chosen.sum())


def mean_of_parts(parts: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted geometric mean over the last axis; weights (4,) give (n,), weights (draws, 4) give (draws, n)."""
    with np.errstate(divide="ignore"):
        logs = np.log(np.clip(parts, 0.0, 1.0))
    zero = np.isneginf(logs)
    total = np.where(zero, 0.0, logs) @ weights.T
    stopped = zero.astype(float) @ (weights > 0).T.astype(float) > 0
    return np.asarray(np.where(stopped, 0.0, np.exp(total)).T)


def ranks(score: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) ranks from 1, the highest score first, equals with the better one; 0 where there is no score."""
    scored = ~np.isnan(score)
    ordered = np.sort(score[scored])
    made = np.zeros(len(score), np.int64)
    # Scores that differ in the last digits only are equal: the order of sums must not decide.
    made[scored] = 1 + len(ordered) - np.searchsorted(ordered, score[scored] * (1 + 1e-12) + 1e-15, side="right")
    return np.maximum(made, np.where(scored, 1, 0))


def _has_scored_type(chain: ProductChain, scored: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) products that are a market made of others in the list."""
    whole = np.zeros(len(scored), bool)
    for child, parent in chain.type_pairs:
        whole[parent] |= scored[child]
    return whole


def concentration_needed(found: Chokepoints, count: int = 10) -> NDArray[np.float64]:
    """Herfindahl–Hirschman index from which a product without a score would be among the first ``count``.

    Says what shares that nobody published would have to be. The other parts are taken as they stand.

    Returns
    -------
    (n,) array
        0–10,000; not a number for products with a score, and where no concentration would do.
    """
    scores = np.sort(found.score[found.ranked])[::-1]
    if not len(scores) or found.weights[0] == 0:
        return np.full(len(found.score), np.nan)
    bar = scores[min(count, len(scores)) - 1]
    others = np.where(np.isnan(found.score)[:, None], found.parts, np.nan)
    others[:, 0] = 1.0
    reached = mean_of_parts(np.nan_to_num(others), found.weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        needs = 1e4 * (bar / reached) ** (1.0 / found.weights[0])
    return np.where(np.isnan(found.score) & (needs <= 1e4) & (found.high >= bar), needs, np.nan)
