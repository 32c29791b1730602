"""Agreement of a place with the centre: does it speak of what the centre speaks of, and in the same proportions?

Works for any list of things counted in text: fields, instruments, targets. Rows are places, columns the things.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """How each place agrees with the centre; shapes (R,), NaN where it, or the centre, speaks of nothing.

    Parameters
    ----------
    coverage
        Share of the centre's attention that is on things the place speaks of at all.
    overlap
        Σ min of the two parts: share of attention on the same things in the same proportion.
    jensen_shannon
        1 − Jensen–Shannon divergence in bits (Lin 1991), from 0 (nothing in common) to 1 (same parts).
    cosine
        Cosine of the two.
    spearman
        Rank correlation over the things either speaks of; NaN with fewer than three, or where all are equal.
    """

    coverage: Floats
    overlap: Floats
    jensen_shannon: Floats
    cosine: Floats
    spearman: Floats


def shares(X: ArrayLike) -> Floats:
    """Parts of one along the last axis, NaN where there is nothing.

    Raises
    ------
    ValueError
        Where an entry is negative or missing.
    """
    X = np.asarray(X, np.float64)
    if not (X >= 0).all():
        raise ValueError("attention is without negative or missing values")
    total = X.sum(axis=-1, keepdims=True)
    return X / np.where(total > 0, total, np.nan)


def jensen_shannon(P: ArrayLike, Q: ArrayLike) -> Floats:
    """Jensen–Shannon divergence in bits (Lin 1991, IEEE Transactions on Information Theory 37) along the last axis.

    Parameters
    ----------
    P, Q
        Parts that add up to one; shapes that broadcast.
    """
    P, Q = np.broadcast_arrays(np.asarray(P, np.float64), np.asarray(Q, np.float64))
    middle = (P + Q) / 2

    def against_middle(X: Floats) -> Floats:
        ratio = np.divide(X, middle, out=np.ones_like(middle), where=X > 0)
        return (X * np.log2(ratio)).sum(axis=-1)

    return np.clip((against_middle(P) + against_middle(Q)) / 2, 0, 1)


def ranks(X: ArrayLike) -> Floats:
    """Ranks from 1 of a vector, ties sharing the mean of theirs."""
    _, group, size = np.unique(np.asarray(X), return_inverse=True, return_counts=True)
    return (np.cumsum(size) - (size - 1) / 2)[group]


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Rank correlation (Spearman 1904) with ties at their mean rank; NaN with fewer than three or without variation."""
    if len(np.asarray(x)) < 3:
        return float("nan")
    a, b = (r - r.mean() for r in (ranks(x), ranks(y)))
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else float("nan")


def agreement(P: ArrayLike, centre: ArrayLike) -> Agreement:
    """Agreement of each place with the centre.

    Parameters
    ----------
    P
        Mentions (or any attention ≥ 0) of each thing in each place, shape (R, F).
    centre
        The same of the centre, shape (F,).
    """
    P, centre = np.asarray(P, np.float64), np.asarray(centre, np.float64)
    if P.ndim != 2 or centre.shape != P.shape[1:]:
        raise ValueError(f"places are {P.shape}, the centre {centre.shape}; give (R, F) and (F,)")
    p, c = shares(P), shares(centre)
    nothing = np.isnan(p[:, 0]) if P.shape[1] else np.ones(len(P), bool)
    lengths = np.sqrt((p**2).sum(axis=1) * (c**2).sum())
    rank = [spearman(row[(row > 0) | (centre > 0)], centre[(row > 0) | (centre > 0)]) for row in P]
    return Agreement(
        np.where(nothing, np.nan, np.where(P > 0, c, 0 * c).sum(axis=1)),
        np.minimum(p, c).sum(axis=1),
        1 - jensen_shannon(p, c),
        np.clip((p * c).sum(axis=1) / lengths, 0, 1),
        np.where(nothing, np.nan, np.array(rank, np.float64)),
    )


@dataclass(frozen=True)
class Expected:
    """What to hold a place's agreement against, shape (R,): the mean of all other places (so what a place taken at
    random would have), how far above it lies, and the share of the other places that agree at least as much."""

    others: Floats
    excess: Floats
    at_least: Floats


def expected(values: ArrayLike) -> Expected:
    """Leave-one-out comparison of one measure of :class:`Agreement`; places with NaN count for nobody."""
    values = np.asarray(values, np.float64)
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    rest = known.sum() - known
    with np.errstate(invalid="ignore", divide="ignore"):
        others = np.where(known & (rest > 0), (filled.sum() - filled) / rest, np.nan)
        reach = ((values[None, :] >= values[:, None]) & known[None, :]).sum(axis=1) - 1
        at_least = np.where(known & (rest > 0), reach / rest, np.nan)
    return Expected(others, values - others, at_least)


@dataclass(frozen=True)
class Emphasis:
    """Where a place puts more or less weight than the centre; shapes (R, F).

    ``log_ratio`` is the natural logarithm of the odds ratio, shrunk towards 0 where counts are small; ``low`` and
    ``high`` are its interval; ``above`` is 1 or -1 where the interval leaves out 0, else 0.
    """

    log_ratio: Floats
    low: Floats
    high: Floats
    above: NDArray[np.int64]


def emphasis(P: ArrayLike, centre: ArrayLike, prior: float = 10.0, level: float = 0.95) -> Emphasis:
    r"""Weighted log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008, Political Analysis
    16, equations 15-22): :math:`\delta_f = \log\frac{y_f + a_f}{n + a_0 - y_f - a_f} - \log\frac{c_f + a_f}{m + a_0 -
    c_f - a_f}` with variance :math:`1/(y_f + a_f) + 1/(c_f + a_f)`.

    Parameters
    ----------
    P
        Mentions of each thing in each place, shape (R, F).
    centre
        Mentions of each in the centre's document, shape (F,).
    prior
        a₀, the mentions the prior is worth; they are shared out as all documents together share theirs.
    level
        Coverage of the normal interval.

    Returns
    -------
    Emphasis
        NaN for things that nobody mentions, and where there are fewer than two things.
    """
    from scipy.special import ndtri

    if not (prior > 0 and 0 < level < 1):
        raise ValueError(f"prior is above 0 and level between 0 and 1, not {prior} and {level}")
    P, centre = np.asarray(P, np.float64), np.asarray(centre, np.float64)
    if P.ndim != 2 or centre.shape != P.shape[1:]:
        raise ValueError(f"places are {P.shape}, the centre {centre.shape}; give (R, F) and (F,)")
    pooled = P.sum(axis=0) + centre
    spoken = pooled > 0
    shape = P.shape
    log_ratio, half = np.full(shape, np.nan), np.full(shape, np.nan)
    if spoken.sum() >= 2:
        a = prior * pooled[spoken] / pooled.sum()
        y, c = P[:, spoken] + a, centre[spoken] + a
        odds = np.log(y / (y.sum(axis=1, keepdims=True) - y)) - np.log(c / (c.sum() - c))
        log_ratio[:, spoken] = odds
        half[:, spoken] = ndtri((1 + level) / 2) * np.sqrt(1 / y + 1 / c)
    low, high = log_ratio - half, log_ratio + half
    return Emphasis(log_ratio, low, high, (low > 0).astype(np.int64) - (high < 0))
