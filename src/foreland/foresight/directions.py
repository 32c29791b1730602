"""Priority directions: what experts say and what signals show, each with as much say as it has earned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.core.ranks import average_ranks

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """What experts say of each direction, shape (U,) each.

    Parameters
    ----------
    mean
        Weighted mean of their answers, from the centre and in the unit of the scale; NaN where nobody answered.
    variance
        Of that mean about the truth, in squares of that unit.
    experts
        Experts who answered, copies counted once.
    effective
        How many independent experts they are worth.
    """

    mean: Floats
    variance: Floats
    experts: NDArray[np.int64]
    effective: Floats


@dataclass(frozen=True)
class Posterior:
    """What is believed of each direction, shape (U,) each; in spreads of the directions, 0 being the average one."""

    mean: Floats
    sd: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Ranking:
    """How the ranking depends on the weights, shape (U,) each.

    Parameters
    ----------
    rank
        Rank under the weights as set, 1 being the first; ties in order of the directions.
    low, high
        Interval of the rank over the draws, widened to the rank itself.
    top
        Share of the draws in which the direction is among the first.
    """

    rank: NDArray[np.int64]
    low: Floats
    high: Floats
    top: Floats


def standardised(values: ArrayLike) -> Floats:
    """Values as distances from their mean in standard deviations, NaN left as they are; 0 where all are the same.

    Parameters
    ----------
    values
        Shape (U,) or (K, U).
    """
    values = np.asarray(values, np.float64)
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=-1, keepdims=True), 1)
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=-1, keepdims=True) / count
    off = np.where(known, filled - mean, 0.0)
    sd = np.sqrt((off**2).sum(axis=-1, keepdims=True) / count)
    # What rounding alone tells apart is the same.
    same = sd <= 1e-12 * np.maximum(np.abs(mean), 1.0)
    return np.where(known, np.where(same, 0.0, off / np.where(same, 1.0, sd)), np.nan)


def error_variance(reliability: ArrayLike) -> Floats:
    """Error variance of a standardised measure by its correlation with what it measures.

    A measure x = θ + e of a truth with variance 1 has the correlation r = 1/√(1 + Var e), so Var e = 1/r² − 1
    (Lord & Novick 1968). Infinite at r ≤ 0: what does not go with the truth says nothing of it.
    """
    reliability = np.asarray(reliability, np.float64)
    if (reliability > 1).any():
        raise ValueError("a reliability is at most 1")
    known = reliability > 0
    return np.where(known, 1 / np.where(known, reliability, 1.0) ** 2 - 1, np.inf)


def panel(
    answers: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    centre: float = 3.0,
    unit: float = 1.0,
    reliability: float = 0.5,
    correlation: float = 0.3,
    alike_from: int = 5,
) -> Panel:
    """Pool experts who think alike in part.

    The mean of n experts with weights w and pairwise correlation ρ of their errors has the variance
    σ² ((1 − ρ) Σ w² + ρ), which n can't bring below σ² ρ (Winkler 1981; Clemen & Winkler 1985). σ² is the variance
    that the reliability stands for, or their spread about each other where that is larger: that they agree proves
    nothing, that they differ does. Whoever answers in every direction exactly as another is a copy and counts once.
    The scale is absolute: against the other directions asked, a middling one among the best would seem bad.

    Parameters
    ----------
    answers
        Shape (N, U): each expert's answers on one scale for all; NaN where there is none.
    weights
        Of each answer, shape (N, U) or (N, 1), as by expertise; all equal by default.
    centre, unit
        Answer that speaks neither for nor against a direction, and distance that counts as one spread of directions.
    reliability
        Correlation of one expert with the truth.
    correlation
        Of the errors of two experts, from 0 to 1; at 1 a hundred count as one.
    alike_from
        Copies are looked for only where experts answered at least so many directions, and not all with the same.

    Raises
    ------
    ValueError
        If the correlation is not between 0 and 1, a weight is negative, or the unit is not positive.
    """
    answers = np.asarray(answers, np.float64) - centre
    weights = np.ones(answers.shape) if weights is None else np.broadcast_to(np.asarray(weights, float), answers.shape)
    if not 0 <= correlation <= 1 or not (weights >= 0).all() or not unit > 0:
        raise ValueError("a correlation lies between 0 and 1, weights are not negative, a unit is positive")
    answers, weights = _distinct(answers / unit, weights, alike_from)
    known = np.isfinite(answers) & (weights > 0)
    weight = np.where(known, weights, 0.0)
    total = weight.sum(axis=0)
    weight = np.divide(weight, total, out=np.zeros(weight.shape), where=total > 0)
    filled = np.where(known, answers, 0.0)
    mean = (weight * filled).sum(axis=0)
    squares = (weight**2).sum(axis=0)
    off = (weight * np.where(known, filled - mean, 0.0) ** 2).sum(axis=0)
    spread = np.divide(off, 1 - squares, out=np.zeros(off.shape), where=squares < 1 - 1e-9)
    each = np.maximum(float(error_variance(reliability)), spread)
    shared = (1 - correlation) * squares + correlation
    said = total > 0
    return Panel(
        np.where(said, mean, np.nan),
        np.where(said, each * shared, np.inf),
        known.sum(axis=0),
        np.where(said, 1 / np.where(said, shared, 1.0), 0.0),
    )


def _distinct(answers: Floats, weights: Floats, alike_from: int) -> tuple[Floats, Floats]:
    """Experts without copies of others; the weight of the heaviest copy stands for all."""
    kept: dict[bytes, int] = {}
    rows: list[int] = []
    heaviest: list[Floats] = []
    for i, row in enumerate(answers):
        said = row[np.isfinite(row)]
        key = row.tobytes() if len(said) >= alike_from and len(set(said)) > 1 else f"alone {i}".encode()
        if key in kept:
            heaviest[kept[key]] = np.maximum(heaviest[kept[key]], weights[i])
        else:
            kept[key] = len(rows)
            rows.append(i)
            heaviest.append(weights[i])
    return answers[rows], np.array(heaviest).reshape(len(rows), answers.shape[1])


def combine(
    estimates: ArrayLike, variances: ArrayLike, weights: ArrayLike, *, level: float = 0.9, prior: float = 1.0
) -> Posterior:
    """Combine estimates of the same directions by their precision, normal prior and normal errors.

    Precision 1/prior + Σ w/v, mean Σ (w/v) x over it (Gelman et al. 2013, § 2.5), each likelihood raised to its weight
    (a logarithmic opinion pool, Genest & Zidek 1986): a weight of 1 takes a source at its word, 0 leaves it out.

    Parameters
    ----------
    estimates
        Shape (K, U): standardised, NaN where a source says nothing.
    variances
        Error variances, shape (K, U) or (K, 1); infinite where a source says nothing.
    weights
        Shape (K,) or (K, 1), not negative.
    level
        Coverage of the interval.
    prior
        Variance of the directions before anything is known.

    Raises
    ------
    ValueError
        If a weight is negative or a variance is not positive.
    """
    from scipy.special import ndtri

    estimates = np.asarray(estimates, np.float64)
    precision = _precision(estimates, variances) * _weights(weights)
    total = 1 / prior + precision.sum(axis=0)
    mean = (precision * np.nan_to_num(estimates)).sum(axis=0) / total
    sd = np.sqrt(1 / total)
    reach = float(ndtri(0.5 + level / 2)) * sd
    return Posterior(mean, sd, mean - reach, mean + reach)


def parts(estimates: ArrayLike, variances: ArrayLike, weights: ArrayLike, *, prior: float = 1.0) -> Floats:
    """What each source adds to the posterior mean of :func:`combine`, shape (K, U): over sources they sum to it."""
    estimates = np.asarray(estimates, np.float64)
    precision = _precision(estimates, variances) * _weights(weights)
    return precision * np.nan_to_num(estimates) / (1 / prior + precision.sum(axis=0))


def ranking(
    estimates: ArrayLike,
    variances: ArrayLike,
    weights: ArrayLike,
    *,
    concentration: float = 20.0,
    draws: int = 2000,
    top: int = 3,
    seed: int = 0,
) -> Ranking:
    """Rank directions by their posterior mean, and how the rank changes as the weights do.

    Weights are drawn from a Dirichlet distribution around those set (Butler, Jia & Dyer 1997 draw weights at random;
    Saisana, Saltelli & Tarantola 2005 do so around a choice), scaled back to their sum.

    Parameters
    ----------
    estimates, variances, weights
        As in :func:`combine`.
    concentration
        Of the Dirichlet distribution: the larger, the nearer to the weights set.
    draws
        How many; the same with the same seed.
    top
        How many directions are the first ones.

    Raises
    ------
    ValueError
        As :func:`combine`; or if no weight is positive.
    """
    estimates = np.asarray(estimates, np.float64)
    precision, weight = _precision(estimates, variances), _weights(weights)[:, 0]
    if not (weight > 0).any():
        raise ValueError("some weight is positive")
    used = weight > 0
    share = weight[used] / weight.sum()
    drawn = np.zeros((draws, len(weight)))
    drawn[:, used] = np.random.default_rng(seed).dirichlet(concentration * share, draws) * weight.sum()
    known = np.nan_to_num(estimates) * precision
    # (D, U) of all draws at once: numerator and precision are linear in the weights.
    means = (drawn @ known) / (1.0 + drawn @ precision)
    ranks = _ranks(means)
    at = _ranks((weight @ known / (1.0 + weight @ precision))[None])[0]
    low, high = np.quantile(ranks, [0.05, 0.95], axis=0, method="inverted_cdf")
    low, high = np.minimum(low, at), np.maximum(high, at)
    return Ranking(at, low.astype(float), high.astype(float), (ranks <= top).mean(axis=0))


def among_first(belief: Posterior, top: int, *, draws: int = 4000, seed: int = 0) -> Floats:
    """Chance that each direction is truly among the first, shape (U,): its share in draws from what is believed.

    The errors of the directions are drawn independently; what they share (a common source) moves no rank.
    """
    drawn = np.random.default_rng(seed).standard_normal((draws, len(belief.mean))) * belief.sd + belief.mean
    return (_ranks(drawn) <= top).mean(axis=0)


def _ranks(scores: Floats) -> NDArray[np.int64]:
    """Ranks of each row from the largest on; rounding makes no order, ties keep that of the columns."""
    order = np.argsort(-np.round(scores, 12), axis=1, kind="stable")
    ranks = np.empty(order.shape, np.int64)
    np.put_along_axis(ranks, order, np.arange(1, order.shape[1] + 1)[None].repeat(len(order), 0), axis=1)
    return ranks


def _precision(estimates: Floats, variances: ArrayLike) -> Floats:
    variances = np.broadcast_to(np.asarray(variances, np.float64), estimates.shape)
    known = np.isfinite(estimates) & np.isfinite(variances)
    if (known & (variances <= 0)).any():
        raise ValueError("variances are positive: nothing measures without error")
    return np.where(known, 1 / np.where(known, variances, 1.0), 0.0)


def _weights(weights: ArrayLike) -> Floats:
    weights = np.asarray(weights, np.float64).reshape(-1, 1)
    if not (weights >= 0).all():
        raise ValueError("weights are not negative")
    return weights


# What signals were worth --------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """How far signals went with what came, over places and origins.

    Parameters
    ----------
    momentum, growth
        Mean rank correlation over units of the world's, and of the place's own, growth with the place's growth to come.
    origins, places
        How many years and places it rests on.
    """

    momentum: float
    growth: float
    origins: int
    places: int


def shrunk_growth(counts: ArrayLike, at: int, window: int) -> Floats:
    """Growth of each unit beyond that of all, from one window of years to the next, shrunk by its uncertainty.

    Parameters
    ----------
    counts
        Shape (T, U).
    at
        Last year of the later window.
    window
        Years of each window.

    Returns
    -------
    ndarray
        Shape (U,): logarithm of the ratio of the two windows, that of all units taken off.
    """
    from foreland.foresight.shrinkage import shrink

    given = np.asarray(counts, np.float64)
    now, before = given[at - window + 1 : at + 1].sum(axis=0), given[at - 2 * window + 1 : at - window + 1].sum(axis=0)
    rate = np.log((now + 0.5) / (before + 0.5)) - np.log((now.sum() + 0.5) / (before.sum() + 0.5))
    found = shrink(rate, 1 / (now + 0.5) + 1 / (before + 0.5)).mean
    return np.where(now + before > 0, found, np.nan)


def track_record(values: ArrayLike, *, window: int = 3, ahead: int = 5, fewest: float = 100.0) -> Record:
    """Back-test growth as a signal of growth to come, by rolling origin.

    At every year the signals are worked out from what was known by then, and held against the place's growth over the
    years `ahead` (the last window of these against the last one known); Spearman's correlation over units, averaged
    over the places and years.

    Parameters
    ----------
    values
        Counts, shape (T, R, U).
    window, ahead
        Years of a window, and years looked ahead (not fewer than a window).
    fewest
        A place counts only with so much output a unit in the windows on average.
    """
    given = np.asarray(values, np.float64)
    years, places, units = given.shape
    found: list[tuple[float, float]] = []
    used, origins = set(), set()
    if ahead < window or units < 4:
        return Record(np.nan, np.nan, 0, 0)
    whole = given.sum(axis=1)
    for at in range(2 * window - 1, years - ahead):
        world = shrunk_growth(whole, at, window)
        for place in range(places):
            own = given[:, place]
            then, now = (
                own[at + ahead - window + 1 : at + ahead + 1].sum(axis=0),
                own[at - window + 1 : at + 1].sum(axis=0),
            )
            if min(then.sum(), now.sum()) < fewest * units:
                continue
            came = np.log((then + 0.5) / (now + 0.5))
            growth = shrunk_growth(own, at, window)
            known = np.isfinite(world) & np.isfinite(growth) & (then + now > 0)
            if known.sum() < 4:
                continue
            ranks = average_ranks(np.array([came, world, growth])[:, known])
            if (ranks.std(axis=1) == 0).any():
                continue
            correlation = np.asarray(np.corrcoef(ranks))[0]
            found.append((correlation[1], correlation[2]))
            used.add(place)
            origins.add(at)
    if not found:
        return Record(np.nan, np.nan, 0, 0)
    momentum, growth_ = np.mean(found, axis=0)
    return Record(float(momentum), float(growth_), len(origins), len(used))
