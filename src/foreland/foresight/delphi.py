"""Delphi surveys: what a panel answered, how far it moved together, and what such answers were worth elsewhere.

Convergence is not accuracy: nothing here says that a panel that agrees is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.core.ranks import average_ranks

Floats = NDArray[np.float64]
NEVER = np.inf
"""The year of a topic that is held never to be realised: later than any other, so it is censored, not left out."""
LEVELS = 5
"""Steps of importance and confidence."""


@dataclass(frozen=True)
class Importance:
    """Importance of each topic, shape (U,) each.

    Parameters
    ----------
    index
        From 0 (all say the least) to 100 (all say the most).
    high
        Share of the answers at the two upper steps.
    answered
        Answers that count.
    """

    index: Floats
    high: Floats
    answered: NDArray[np.int64]


@dataclass(frozen=True)
class Realisation:
    """When topics are held to be realised, shape (U,) each; infinite where the answers say never, NaN without any.

    Parameters
    ----------
    median, low, high
        Median and quartiles of the years.
    iqr
        ``high - low``; infinite where the upper quartile is never.
    never
        Share of the answers that say never.
    answered
        Answers that count, never included.
    """

    median: Floats
    low: Floats
    high: Floats
    iqr: Floats
    never: Floats
    answered: NDArray[np.int64]


@dataclass(frozen=True)
class Concordance:
    """Kendall's W: 0 where the raters' orders have nothing in common, 1 where they are one.

    Parameters
    ----------
    w
        Coefficient of concordance, corrected for ties; NaN where no rater tells the items apart.
    chi2, dof, p
        Friedman's statistic m (n - 1) W, its degrees of freedom, and its chance under no concordance.
    raters, items
        Raters who judged all items, and items.
    """

    w: float
    chi2: float
    dof: int
    p: float
    raters: int
    items: int


@dataclass(frozen=True)
class Stability:
    """How answers changed from one round to the next, shape (U,) each.

    Parameters
    ----------
    changed
        Share of those who answered in both rounds and answered otherwise.
    towards
        Share of those who changed that came nearer to the median of the earlier round: the pull of the feedback.
    compared
        Participants who answered in both rounds.
    """

    changed: Floats
    towards: Floats
    compared: NDArray[np.int64]


def importance(levels: ArrayLike, weights: ArrayLike | None = None) -> Importance:
    """Index of importance: steps 1 to 5 count 0, 25, 50, 75 and 100.

    NISTEP weighs its steps high, medium, low and none with 100, 50, 25 and 0 (8th survey, 2005) and five steps evenly
    (11th survey, 2019); this is the latter on a scale from 0 to 100.

    Parameters
    ----------
    levels
        Shape (N, U), steps from 1 to 5; NaN where there is no answer.
    weights
        Weight of each answer, shape (N, U) or (N, 1); all equal by default.

    Raises
    ------
    ValueError
        If a level is no step or a weight is negative.
    """
    found, given = _checked(levels, weights)
    there = np.isfinite(found) & (given > 0)
    if (there & ((found < 1) | (found > LEVELS))).any():
        raise ValueError("levels run from 1 to 5")
    weight = np.where(there, given, 0.0)
    value = np.where(there, found, 0.0)
    total = weight.sum(axis=0)
    mean, high = _over((weight * value).sum(axis=0), total), _over((weight * (value >= LEVELS - 1)).sum(axis=0), total)
    return Importance(100 * (mean - 1) / (LEVELS - 1), high, there.sum(axis=0))


def quantiles(values: ArrayLike, weights: ArrayLike, shares: ArrayLike) -> Floats:
    """Quantiles of weighted values, infinite ones among them.

    The inverse of the empirical distribution, averaged where it is flat (definition 2 of Hyndman & Fan 1996).

    Parameters
    ----------
    values, weights
        Shape (N,); weights are not negative. Values of NaN are left out.
    shares
        Shape (Q,). Infinite where a share lies beyond 1.

    Returns
    -------
    ndarray
        Shape (Q,); NaN where there are no values.
    """
    value = np.asarray(values, np.float64)
    weight = np.asarray(weights, np.float64)
    share = np.asarray(shares, np.float64)
    keep = ~np.isnan(value) & (weight > 0)
    value = value[keep]
    if not len(value):
        return np.full(share.shape, np.nan)
    order = np.argsort(value, kind="stable")
    value = value[order]
    reached = np.cumsum(weight[keep][order])
    # Relative to the total, so that the comparison below does not hang on the scale of the weights.
    reached = reached / reached[-1]
    slack = 1e-12
    first = np.searchsorted(reached, share - slack, side="left")
    after = np.searchsorted(reached, share + slack, side="right")
    last = len(value) - 1
    low, high = value[np.minimum(first, last)], value[np.minimum(after, last)]
    both = np.where(low == high, low, 0.5 * low + 0.5 * high)
    return np.where(share > 1 + slack, np.inf, both)


def realisation(years: ArrayLike, weights: ArrayLike | None = None) -> Realisation:
    """Median and quartiles of the years of realisation, answers of never censored.

    An answer of never stands behind every year: it moves the median, and a quartile that falls among such answers has
    no year.

    Parameters
    ----------
    years
        Shape (N, U): a year, :data:`NEVER`, or NaN where there is no answer.
    weights
        As in :func:`importance`.
    """
    given, weight = _checked(years, weights)
    found = np.array([quantiles(given[:, u], weight[:, u], [0.25, 0.5, 0.75]) for u in range(given.shape[1])])
    low, median, high = found.reshape(-1, 3).T
    there = ~np.isnan(given) & (weight > 0)
    weight = np.where(there, weight, 0.0)
    with np.errstate(invalid="ignore"):
        iqr = np.where(np.isinf(low), np.nan, high - low)
    never = _over((weight * np.isinf(given)).sum(axis=0), weight.sum(axis=0))
    return Realisation(median, low, high, iqr, never, there.sum(axis=0))


def concordance(scores: ArrayLike) -> Concordance:
    """Kendall's coefficient of concordance with correction for ties, and its test.

    W = 12 S / (m² (n³ − n) − m Σ T), T = Σ (t³ − t) over the ties of a rater (Kendall & Babington Smith 1939);
    χ² = m (n − 1) W is Friedman's statistic, approximate for few raters and items.

    Parameters
    ----------
    scores
        Shape (N, U): what each rater gives each item, infinite allowed. Raters with a missing item are left out.
    """
    from scipy.special import chdtrc

    given = np.asarray(scores, np.float64)
    given = given[~np.isnan(given).any(axis=1)]
    raters, items = given.shape
    if raters < 2 or items < 2:
        return Concordance(np.nan, np.nan, max(items - 1, 0), np.nan, raters, items)
    ranks = average_ranks(given)
    sums = ranks.sum(axis=0)
    ties = sum(((count := np.unique(row, return_counts=True)[1]) ** 3 - count).sum() for row in ranks)
    spread = 12 * ((sums - sums.mean()) ** 2).sum()
    most = raters**2 * (items**3 - items) - raters * ties
    if most <= 0:
        return Concordance(np.nan, np.nan, items - 1, np.nan, raters, items)
    w = float(spread / most)
    statistic = raters * (items - 1) * w
    return Concordance(w, statistic, items - 1, float(chdtrc(items - 1, statistic)), raters, items)


def stability(before: ArrayLike, after: ArrayLike) -> Stability:
    """Who changed their answers between two rounds, and whether towards the median they were shown.

    Parameters
    ----------
    before, after
        Shape (N, U), the same participants in the same rows; NaN where there is no answer.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    before = np.asarray(before, np.float64)
    after = np.asarray(after, np.float64)
    if before.shape != after.shape:
        raise ValueError("both rounds hold the same participants and topics")
    both = ~np.isnan(before) & ~np.isnan(after)
    changed = both & (before != after)
    middle = realisation(before).median
    nearer = changed & (_distance(after, middle) < _distance(before, middle))
    counted = both.sum(axis=0)
    return Stability(_over(changed.sum(axis=0), counted), _over(nearer.sum(axis=0), changed.sum(axis=0)), counted)


def narrowing(before: ArrayLike, after: ArrayLike) -> Floats:
    """Change of the interquartile range between rounds, in years; below 0 the panel moved together.

    NaN where either range is not bounded: a panel of which a quarter says never has no width.
    """
    before = np.asarray(before, np.float64)
    after = np.asarray(after, np.float64)
    bounded = np.isfinite(before) & np.isfinite(after)
    return np.where(bounded, np.where(bounded, after, 0) - np.where(bounded, before, 0), np.nan)


# What such answers were worth elsewhere ----------------------------------------------------------


@dataclass(frozen=True)
class Calibrated:
    """The panel's years under a borrowed base rate, shape (U,) each.

    Parameters
    ----------
    chance
        That a topic of this horizon comes true at all, as topics of other panels did.
    by_median
        That it has come true by the panel's median year.
    low, even, high
        Years by which the chance reaches a quarter, a half, three quarters; infinite where it never does.
    """

    chance: Floats
    by_median: Floats
    low: Floats
    even: Floats
    high: Floats


def realised_chance(horizon: ArrayLike, base_rate: float, decline: float, reference: float = 10.0) -> Floats:
    """Chance that a topic comes true, by how far ahead its median year lies.

    ``base_rate · exp(−decline · max(horizon − reference, 0) / 10)``: the base rate up to the reference horizon, less by
    the share `decline` for every decade beyond it.

    Parameters
    ----------
    horizon
        Years from the survey to the median year; infinite gives 0.
    base_rate
        Share of topics that came true in a retrospective of earlier surveys.
    decline
        Share lost a decade; 0 for none. That later dates came true less often is known, by how much is an assumption.

    Raises
    ------
    ValueError
        If the base rate is no share or the decline is negative.
    """
    if not 0 <= base_rate <= 1 or decline < 0:
        raise ValueError("a base rate lies between 0 and 1, a decline is not negative")
    horizon = np.asarray(horizon, np.float64)
    beyond = np.maximum(np.where(np.isfinite(horizon), horizon, 0.0) - reference, 0.0) / 10
    chance = base_rate * np.exp(-decline * beyond)
    return np.where(np.isnan(horizon), np.nan, np.where(np.isposinf(horizon), 0.0, chance))


def calibrate(years: ArrayLike, chance: ArrayLike, weights: ArrayLike | None = None) -> Calibrated:
    """Shift the panel's distribution of years so that it reaches no more than the chance to come true.

    F*(y) = chance · F(y), a distribution with a mass at never: the year of an even chance is the panel's quantile
    0.5 / chance, later than its median unless the chance is 1.

    Parameters
    ----------
    years, weights
        As in :func:`realisation`.
    chance
        Shape (U,), as from :func:`realised_chance`.
    """
    given, weight = _checked(years, weights)
    rate = np.broadcast_to(np.asarray(chance, np.float64), given.shape[1:]).copy()
    shares = _over(np.array([0.25, 0.5, 0.75])[None], rate[:, None])
    shares = np.where(np.isnan(shares), np.inf, shares)
    found = np.array([quantiles(given[:, u], weight[:, u], shares[u]) for u in range(given.shape[1])]).reshape(-1, 3)
    median = realisation(given, weight).median
    there = ~np.isnan(given)
    weight = np.where(there, weight, 0.0)
    reached = _over((weight * (np.where(there, given, np.inf) <= median)).sum(axis=0), weight.sum(axis=0))
    by_median = np.where(np.isinf(median), 0.0, rate * reached)
    return Calibrated(rate, by_median, found[:, 0], found[:, 1], found[:, 2])


# Helpers ------------------------------------------------------------------------------------------


def expertise_weights(levels: ArrayLike, table: ArrayLike) -> Floats:
    """Weight of answers by their authors' expertise.

    Parameters
    ----------
    levels
        Shape (N, U): steps from 1 (none) on; NaN where it is not said, which weighs as the least step.
    table
        Weight of each step, shape (L,), not negative.
    """
    levels = np.asarray(levels, np.float64)
    table = np.asarray(table, np.float64)
    at = np.clip(np.where(np.isnan(levels), 1, levels).astype(int) - 1, 0, len(table) - 1)
    return table[at]


def _distance(values: Floats, middle: Floats) -> Floats:
    """Distance from a middle that may be never; of two that are never it is nil."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(values) & np.isinf(middle), 0.0, np.abs(values - middle))


def _checked(values: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    found = np.asarray(values, np.float64)
    weight = np.ones(found.shape) if weights is None else np.broadcast_to(np.asarray(weights, np.float64), found.shape)
    if not (weight >= 0).all():
        raise ValueError("weights are not negative")
    return found, weight


def _over(part: ArrayLike, whole: ArrayLike) -> Floats:
    above, below = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
