"""Weak signals: units that few speak of yet and more do every year, with what small counts leave open.

Keyword emergence and issue maps (Yoon 2012, "Detecting weak signals for long-term business opportunities using text
mining of Web news", *Expert Systems with Applications* 39): how often a unit is spoken of against how fast that grows,
each map cut at its medians into weak signals, strong signals, latent units and well-known ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from foreland.foresight.shrinkage import Floats

LATENT, WEAK, KNOWN, STRONG = 0, 1, 2, 3
QUADRANTS = ("latent", "weak", "well_known", "strong")
OPEN = -1
"""The quadrant of a unit that has none: too few documents, or the two maps disagree."""


@dataclass(frozen=True, eq=False)
class Map:
    """One map of U units; shapes (U,), NaN for units without any document."""

    level: Floats
    """Mean count of a period."""
    rate: Floats
    """Geometric mean growth from period to period of the time-weighted share of documents; 0.1 for ten per cent."""
    low: Floats
    high: Floats
    """Bounds of its interval."""
    probability: Floats
    """That it lies above the median of all units."""
    cross: tuple[float, float]
    """Medians of level and rate: where the quadrants meet."""
    quadrant: np.ndarray
    """Of each unit, by the estimates."""


@dataclass(frozen=True, eq=False)
class WeakSignals:
    """Both maps, and what they agree on."""

    issue: Map
    """From documents: degree of diffusion."""
    emergence: Map | None
    """From occurrences, where they are known: degree of visibility."""
    quadrant: np.ndarray
    """Shape (U,): where the maps agree, or that of the one there is; −1 elsewhere."""
    probability: Floats
    """That growth lies on the side of the median the quadrant says, shape (U,): the less sure of the maps; NaN where
    there is no quadrant."""


def weak_signals(
    documents: Floats,
    totals: Floats,
    occurrences: Floats | None = None,
    *,
    time_weight: float = 0.05,
    half: float = 0.5,
    level: float = 0.9,
    least: float = 1.0,
    unrest: float = 0.0,
) -> WeakSignals:
    """Sort units into weak and strong signals, latent and well-known ones.

    Parameters
    ----------
    documents, totals
        Documents that speak of a unit by period, shape (T, U), and all documents, shape (T,); two periods or more.
    occurrences
        How often units occur in them, shape (T, U).
    time_weight
        How much less a period counts than the one after it; Yoon's is 0.05.
    half
        Added to counts, so that a unit may begin at zero; 0 is Yoon's own formula.
    level
        Probability of the intervals.
    least
        Units with fewer documents over all periods are left out.
    unrest
        Variance of a period's logarithm of share beyond that of counting: good and bad years.

    Raises
    ------
    ValueError
        If shapes don't fit, counts are negative or missing, a period has no documents, or so many periods are given
        that the first has no weight left.
    """
    given = [documents] if occurrences is None else [documents, occurrences]
    if documents.ndim != 2 or totals.shape != documents.shape[:1] or any(v.shape != documents.shape for v in given):
        raise ValueError("documents and occurrences are (periods, units) and totals (periods,)")
    if len(totals) < 2 or not (totals > 0).all():
        raise ValueError("there must be documents in two periods or more, and in each")
    if not all(np.isfinite(v).all() and (v >= 0).all() for v in given):
        raise ValueError("counts must be finite and not negative")
    if not 0 <= time_weight * (len(totals) - 1) < 1:
        raise ValueError("the first period has no weight left: take fewer periods or a smaller time weight")
    there = documents.sum(axis=0) >= max(least, np.nextafter(0, 1))
    ends = documents[[0, -1]]
    issue = _map(documents, totals, 1 / (ends + 0.5) + unrest, there, (time_weight, half, level))
    if occurrences is None:
        return WeakSignals(issue, None, issue.quadrant, _sureness(issue, issue.quadrant))
    clumped = _clumped(occurrences[[0, -1]], ends) + unrest
    emergence = _map(occurrences, totals, clumped, there, (time_weight, half, level))
    agreed = np.where(issue.quadrant == emergence.quadrant, issue.quadrant, OPEN)
    sure = np.minimum(_sureness(issue, agreed), _sureness(emergence, agreed))
    return WeakSignals(issue, emergence, agreed, sure)


def degree(counts: Floats, totals: Floats, time_weight: float = 0.05) -> Floats:
    """Degree of visibility (of occurrences) or of diffusion (of documents): n_tu/N_t · (1 − tw·(T − t)), t = 1…T; shape
    (T, U) (Yoon 2012, eq. 1 and 2)."""
    age = np.arange(len(totals))[::-1]
    return counts / totals[:, None] * (1 - time_weight * age)[:, None]


def without_weights(rate: Floats, periods: int, time_weight: float = 0.05) -> Floats:
    """Growth of the share itself, from that of its degree: of T periods the last weighs 1/(1 − tw·(T − 1)) times the
    first, which alone would make a share that never changes grow. Shape as given."""
    return np.asarray((1 + rate) * (1 - time_weight * (periods - 1)) ** (1 / (periods - 1)) - 1)


def _map(
    counts: Floats, totals: Floats, variance: Floats, there: np.ndarray, setting: tuple[float, float, float]
) -> Map:
    """A map from counts; `variance`, shape (2, U), is that of the logarithm of the first and last count."""
    time_weight, half, level = setting
    steps = len(totals) - 1
    shares = degree(counts + half, totals, time_weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The mean of the steps' logarithms is that of the ends: the steps between cancel out.
        growth = (np.log(shares[-1]) - np.log(shares[0])) / steps
    growth = np.where(there & np.isfinite(growth), growth, np.nan)
    deviation = np.sqrt(variance.sum(axis=0)) / steps
    mean = np.where(there, counts.mean(axis=0), np.nan)
    if not np.isfinite(growth).any():
        nothing = np.full(growth.shape, np.nan)
        return Map(mean, nothing, nothing, nothing, nothing, (np.nan, np.nan), np.full(growth.shape, OPEN))
    known = np.isfinite(growth)
    rate = np.expm1(growth)
    cross = (float(np.median(mean[known])), float(np.median(rate[known])))
    across, up = cross[0], np.log1p(cross[1])
    reach = NormalDist().inv_cdf((1 + level) / 2) * deviation
    quadrant = np.where(known, 2 * (mean > across) + (growth > up), OPEN)
    return Map(
        mean,
        rate,
        np.expm1(growth - reach),
        np.expm1(growth + reach),
        _normal((growth - up) / deviation),
        cross,
        quadrant,
    )


def _clumped(occurrences: Floats, documents: Floats) -> Floats:
    """Variance of the logarithm of occurrences that come in documents: a Poisson number of documents, in each a
    geometric number of occurrences of mean m, has (2 − 1/m) times the variance of that many documents alone."""
    several = np.maximum(np.divide(occurrences, documents, out=np.ones(documents.shape), where=documents > 0), 1.0)
    return (2 - 1 / several) / (documents + 0.5)


def _sureness(found: Map, quadrant: np.ndarray) -> Floats:
    fast = (quadrant == WEAK) | (quadrant == STRONG)
    return np.where(quadrant == OPEN, np.nan, np.where(fast, found.probability, 1 - found.probability))


def _normal(z: Floats) -> Floats:
    """The normal distribution function; NaN stays NaN."""
    from scipy.special import ndtr

    return np.asarray(ndtr(z), dtype=float)
