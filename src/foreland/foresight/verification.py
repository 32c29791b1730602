"""How often calls came true: precision, threat score, recall, Brier score and ROC area, with intervals.

Threat score (critical success index): Gilbert 1884, Schaefer 1990. Brier 1950, its parts: Murphy 1973. Intervals:
bootstrap over clusters of units (Efron 1979; Field & Welsh 2007), because calls of one unit at several origins are not
independent of each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foreland.foresight.back_testing import BackTest

MEASURES = ("precision", "threat", "recall", "brier", "auc")
BASELINE = "vitality"
EXACT = 12


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its interval; NaN where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Card:
    """The scores of every caller.

    Parameters
    ----------
    scores
        Caller → measure → estimate. ``precision`` is of the short list; ``threat`` and ``recall`` are of the list of
        as many as came true before; ``brier`` is of the probabilities (the smaller, the better); ``auc`` is the chance
        that of two candidates of an origin the one that came true was ranked higher.
    differences
        Caller → measure → estimate of its score less the baseline's.
    base_rate
        Share of the candidates that came true.
    calls, candidates, origins
        Places on short lists; candidates over all origins; origins.
    """

    scores: Mapping[str, Mapping[str, Estimate]]
    differences: Mapping[str, Mapping[str, Estimate]]
    base_rate: float
    calls: int
    candidates: int
    origins: int

    @property
    def model_wins(self) -> bool:
        """Whether the model's short list is better than the baseline's beyond doubt: the interval lies above 0."""
        return self.differences["model"]["precision"].low > 0

    @property
    def default(self) -> str:
        """Who is to call: the model if it wins, else the baseline."""
        return "model" if self.model_wins else BASELINE


@dataclass(frozen=True)
class Bin:
    """Calls with probabilities between two bounds: how many, their mean, and the share that came true."""

    low: float
    high: float
    count: int
    chance: float
    came: float


def score(
    test: BackTest, clusters: np.ndarray | None = None, draws: int = 1000, seed: int = 0, area_draws: int = 200
) -> Card:
    """Score every caller of a back-test.

    Parameters
    ----------
    clusters
        Shape (U,), integers from 0: units with the same one are drawn together; by default each unit by itself.
    draws, seed
        Bootstrap draws, and the seed of their generator (PCG64).
    area_draws
        Draws for the interval of the ROC area, which takes the longest; 0 leaves it out.

    Raises
    ------
    ValueError
        If the back-test has no origins.
    """
    if not test.calls:
        raise ValueError("no origin with a known outcome")
    units = len(test.calls[0].candidate)
    clusters = np.arange(units) if clusters is None else np.asarray(clusters)
    weights = drawn(int(clusters.max()) + 1, draws, seed)
    candidate = np.array([calls.candidate for calls in test.calls])
    truth = np.array([outcome.emergent for outcome in test.outcomes])
    found = {
        name: _measured(test, name, candidate, truth, clusters, weights, area_draws) for name in test.calls[0].short
    }
    scores = {name: {measure: _estimate(v) for measure, v in own.items()} for name, own in found.items()}
    differences = {
        name: {measure: _estimate(v - found[BASELINE][measure]) for measure, v in own.items()}
        for name, own in found.items()
    }
    every = int(candidate.sum())
    calls = round(sum(float(made.short[BASELINE].sum()) for made in test.calls))
    return Card(scores, differences, float(truth.sum() / every), calls, every, len(test.calls))


def drawn(clusters: int, draws: int, seed: int) -> np.ndarray:
    """How often each cluster is drawn: ones, then one row a draw; shape (1 + draws, C)."""
    generator = np.random.Generator(np.random.PCG64(seed))
    sampled = generator.multinomial(clusters, np.full(clusters, 1.0 / clusters), size=draws)
    return np.vstack([np.ones(clusters), sampled])


def _measured(
    test: BackTest,
    name: str,
    candidate: np.ndarray,
    truth: np.ndarray,
    clusters: np.ndarray,
    weights: np.ndarray,
    area_draws: int,
) -> dict[str, np.ndarray]:
    """Each measure with the weights of every draw, shape (1 + draws,) or fewer; the first is the measure itself."""
    short = np.array([calls.short[name] for calls in test.calls])
    full = np.array([calls.full[name] for calls in test.calls])
    chance = np.array([calls.chances[name] for calls in test.calls])
    parts = np.stack(
        [short * truth, short, full * truth, full, truth, candidate * (chance - truth) ** 2, candidate], axis=-1
    ).sum(axis=0)
    summed = np.zeros((weights.shape[1], parts.shape[1]))
    np.add.at(summed, clusters, parts)
    hit, called, caught, listed, true, square, every = np.einsum("bc,cm->mb", weights, summed)
    with np.errstate(invalid="ignore", divide="ignore"):
        measures = {
            "precision": hit / called,
            "threat": caught / (listed + true - caught),
            "recall": caught / true,
            "brier": square / every,
        }
    if area_draws:
        ranks = np.array([calls.scores[name] for calls in test.calls])
        measures["auc"] = area(ranks, truth, candidate, weights[: 1 + area_draws, clusters])
    return measures


def area(ranks: np.ndarray, truth: np.ndarray, candidate: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """ROC area over pairs of candidates of the same origin, ties counting half (Hanley & McNeil 1982).

    Parameters
    ----------
    ranks, truth, candidate
        Shape (O, U).
    weights
        Shape (B, U): how often each unit counts; a pair counts as often as the product.

    Returns
    -------
    numpy.ndarray
        Shape (B,); NaN where there is no pair.
    """
    right, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for rank, true, here in zip(ranks, truth, candidate, strict=True):
        at = np.flatnonzero(here)
        if not len(at):
            continue
        order = at[np.argsort(rank[at], kind="stable")]
        starts = np.flatnonzero(np.concatenate([[True], np.diff(rank[order]) > 0]))
        own = weights[:, order]
        positive = np.add.reduceat(own * true[order], starts, axis=1)
        negative = np.add.reduceat(own * ~true[order], starts, axis=1)
        below = np.cumsum(negative, axis=1) - negative
        right += (positive * (below + 0.5 * negative)).sum(axis=1)
        pairs += positive.sum(axis=1) * negative.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(right / pairs)


def _estimate(values: np.ndarray) -> Estimate:
    """The value and the middle 95 % of the draws, in digits that do not hang on how many threads summed them."""
    finite = values[1:][np.isfinite(values[1:])]
    low, high = np.quantile(finite, [0.025, 0.975]) if len(finite) else (np.nan, np.nan)
    return Estimate(*(round(float(value), EXACT) for value in (values[0], low, high)))


def reliability(chance: np.ndarray, truth: np.ndarray, bounds: np.ndarray) -> tuple[Bin, ...]:
    """Probabilities in bins against the share that came true (a reliability diagram, Murphy & Winkler 1977).

    Parameters
    ----------
    chance, truth
        Shape (N,).
    bounds
        Ends of the bins, ascending, from 0 to 1. Empty bins are left out.
    """
    where = np.clip(np.searchsorted(bounds, chance, side="right") - 1, 0, len(bounds) - 2)
    found = []
    for b in range(len(bounds) - 1):
        own = where == b
        if own.any():
            mean, came = float(chance[own].mean()), float(truth[own].mean())
            found.append(Bin(float(bounds[b]), float(bounds[b + 1]), int(own.sum()), mean, came))
    return tuple(found)


def brier_parts(chance: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Reliability, resolution and uncertainty; Brier score = reliability − resolution + uncertainty (Murphy 1973).

    Parameters
    ----------
    chance, truth
        Shape (N,). Calls with the same probability are a group; the identity is exact.
    """
    truth = np.asarray(truth, float)
    groups, where = np.unique(chance, return_inverse=True)
    count = np.bincount(where)
    came = np.bincount(where, weights=truth) / count
    base = truth.mean()
    weight = count / count.sum()
    return (
        float(weight @ (groups - came) ** 2),
        float(weight @ (came - base) ** 2),
        float(base * (1 - base)),
    )
