"""How far a ranking of chokepoints hangs on the weights of its parts.

Weights are drawn evenly from all there are (a flat Dirichlet distribution), which is the uncertainty analysis of
Saisana, Saltelli & Tarantola (2005, Journal of the Royal Statistical Society A 168(2)) with nothing known of the
weights; and each part is taken alone, the corners of the simplex.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foreland.chains.chokepoints import PARTS, Chokepoints, mean_of_parts, ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Stability:
    """How stable a ranking is under other weights.

    Attributes
    ----------
    in_top
        (n,) share of the draws in which a product is among the first ``count``.
    rank_low, rank_high
        (n,) the rank that 5 % and 95 % of the draws stay at or below; 0 where it is not ranked.
    tau
        (draws,) Kendall's tau-b between the ranking under each draw and the ranking asked about.
    overlap
        (draws,) share of the first ``count`` that stay among them.
    alone
        (4,) the same overlap where each of the parts counts alone.
    count
        How many make the top.
    """

    in_top: NDArray[np.float64]
    rank_low: NDArray[np.int64]
    rank_high: NDArray[np.int64]
    tau: NDArray[np.float64]
    overlap: NDArray[np.float64]
    alone: NDArray[np.float64]
    count: int


def stability(found: Chokepoints, count: int = 10, draws: int = 1000, seed: int = 20240) -> Stability:
    """Rank again under many weights.

    Parameters
    ----------
    found
        The ranking asked about.
    count
        How many make the top.
    draws, seed
        Number of weights drawn, and the seed that makes them the same each time.

    Raises
    ------
    ValueError
        If there are fewer than two ranked products, or no draws.
    """
    from scipy.stats import kendalltau

    scored = np.flatnonzero(found.ranked)
    if len(scored) < 2 or draws < 1 or count < 1:
        raise ValueError("nothing to rank")
    parts, count = found.parts[scored], min(count, len(scored))
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(PARTS)), draws)
    scores = mean_of_parts(parts, weights)
    placed = np.array([ranks(row) for row in scores])
    top = _top(found.score[scored], count)
    tops = np.array([_top(row, count) for row in scores])
    alone = np.array([_top(row, count) for row in mean_of_parts(parts, np.eye(len(PARTS)))])
    n = len(found.score)
    in_top, low, high = np.zeros(n), np.zeros(n, np.int64), np.zeros(n, np.int64)
    in_top[scored] = tops.mean(axis=0)
    low[scored] = np.quantile(placed, 0.05, axis=0, method="inverted_cdf")
    high[scored] = np.quantile(placed, 0.95, axis=0, method="inverted_cdf")
    tau = np.array([kendalltau(found.score[scored], row).statistic for row in scores])
    return Stability(
        in_top,
        low,
        high,
        tau,
        (tops & top).sum(axis=1) / count,
        (alone & top).sum(axis=1) / count,
        count,
    )


def _top(score: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Whether each is among the first; equals in their order."""
    chosen = np.zeros(len(score), bool)
    chosen[np.argsort(-score, kind="stable")[:count]] = True
    return chosen
