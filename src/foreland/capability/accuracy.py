"""How well scores rank what happened: ROC-AUC, average precision, precision at k, with intervals by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value with its bootstrap percentile interval; NaN where it can't be had."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class RankingScore:
    """How one score ranked the outcomes.

    Attributes
    ----------
    roc_auc
        Probability that a hit is ranked above a miss, ties counting half (Hanley & McNeil 1982).
    average_precision
        Area under the steps of the precision–recall curve (Davis & Goadrich 2006); equal scores are one step.
        A random score gets the base rate.
    precision_at
        k → share of hits among the k highest, the expectation over random orders of ties (McSherry & Najork
        2008).
    """

    roc_auc: Estimate
    average_precision: Estimate
    precision_at: dict[int, Estimate]


@dataclass(frozen=True)
class Comparison:
    """Scores on the same cells, and the paired gains of the first over each of the others.

    Attributes
    ----------
    scores
        Name → its score.
    gains
        Name of another score → first score minus that one. An interval above zero means that the first is
        better.
    """

    scores: dict[str, RankingScore]
    gains: dict[str, RankingScore]


def roc_auc(outcome: ArrayLike, score: ArrayLike) -> float:
    """Area under the receiver operating characteristic, ties counting half; NaN with one class only."""
    return float(_Curve(outcome, score).measure(())[0])


def average_precision(outcome: ArrayLike, score: ArrayLike) -> float:
    """Average precision, equal scores being one step; NaN without hits."""
    return float(_Curve(outcome, score).measure(())[1])


def precision_at(outcome: ArrayLike, score: ArrayLike, k: int) -> float:
    """Share of hits among the k highest scores, expected over random orders of ties; NaN if k exceeds n."""
    if k < 1:
        raise ValueError("k must be at least 1")
    return float(_Curve(outcome, score).measure((k,))[2])


def compare(
    outcome: ArrayLike,
    scores: Mapping[str, ArrayLike],
    groups: ArrayLike,
    top: tuple[int, ...] = (),
    replicates: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Judge several scores of the same cells.

    Parameters
    ----------
    outcome
        Shape (n,), true or false.
    scores
        Name → shape (n,), finite; the first is compared with the others.
    groups
        Group of every cell (its place), shape (n,). Cells of a place are not independent, so the bootstrap
        draws whole places with replacement (Cameron, Gelbach & Miller 2008), the same for every score.
    top
        The k of precision at k.
    replicates, level, seed
        Number of bootstrap draws (0 for none), confidence level, and seed.

    Raises
    ------
    ValueError
        If shapes don't fit, a score is not finite, or a parameter is out of range.
    """
    if not 0 < level < 1 or replicates < 0 or any(k < 1 for k in top):
        raise ValueError("level lies between 0 and 1, replicates are not negative, and k is at least 1")
    curves = {name: _Curve(outcome, score) for name, score in scores.items()}
    _, member = np.unique(np.asarray(groups), return_inverse=True)
    if member.shape != np.shape(outcome):
        raise ValueError("groups names a group for every cell")
    values = np.array([curve.measure(top) for curve in curves.values()])
    draws = np.full((replicates, *values.shape), np.nan)
    rng, n = np.random.default_rng(seed), member.max(initial=-1) + 1
    for b in range(replicates):
        weight = rng.multinomial(n, np.full(n, 1 / n)).astype(np.float64)[member]
        draws[b] = [curve.measure(top, weight) for curve in curves.values()]
    names = list(curves)
    return Comparison(
        {name: _score(values[i], draws[:, i], top, level) for i, name in enumerate(names)},
        {
            name: _score(values[0] - values[i], draws[:, 0] - draws[:, i], top, level)
            for i, name in enumerate(names)
            if i
        },
    )


class _Curve:
    """Outcomes sorted by a score once, so that every reweighting costs one pass."""

    def __init__(self, outcome: ArrayLike, score: ArrayLike) -> None:
        y, s = np.asarray(outcome, dtype=bool), np.asarray(score, dtype=np.float64)
        if y.ndim != 1 or y.shape != s.shape:
            raise ValueError(f"outcome {y.shape} and score {s.shape} don't fit")
        if not np.isfinite(s).all():
            raise ValueError("scores must be finite")
        self.order = np.argsort(-s, kind="stable")
        self.hit = y[self.order].astype(np.float64)
        ordered = s[self.order]
        self.ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], np.ones(min(len(s), 1), dtype=bool)))

    def measure(self, top: tuple[int, ...], weight: Floats | None = None) -> Floats:
        """ROC-AUC, average precision and precision at every k, for cells repeated `weight` times."""
        out = np.full(2 + len(top), np.nan)
        if not len(self.ends):
            return out
        w = np.ones(len(self.hit)) if weight is None else weight[self.order]
        drawn, hits = np.cumsum(w)[self.ends], np.cumsum(w * self.hit)[self.ends]
        misses = drawn - hits
        gained = np.diff(hits, prepend=0.0)
        if hits[-1] > 0 and misses[-1] > 0:
            below = misses[-1] - misses + np.diff(misses, prepend=0.0) / 2
            out[0] = gained @ below / (hits[-1] * misses[-1])
        if hits[-1] > 0:
            precision = np.divide(hits, drawn, out=np.zeros(len(hits)), where=drawn > 0)
            out[1] = gained @ precision / hits[-1]
        for i, k in enumerate(top):
            if k <= drawn[-1]:
                # In a block of equal scores hits come at the block's rate: a straight line.
                out[2 + i] = np.interp(k, np.append(0.0, drawn), np.append(0.0, hits)) / k
        return out


def _score(values: Floats, draws: Floats, top: tuple[int, ...], level: float) -> RankingScore:
    estimates = []
    for value, drawn in zip(values, draws.T, strict=True):
        known = drawn[np.isfinite(drawn)]
        # Draws without a hit say nothing; with too few left the interval would flatter.
        if np.isfinite(value) and len(known) and len(known) >= 0.9 * len(drawn):
            lower, upper = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
        else:
            lower = upper = np.nan
        estimates.append(Estimate(float(value), float(lower), float(upper)))
    return RankingScore(estimates[0], estimates[1], dict(zip(top, estimates[2:], strict=True)))
