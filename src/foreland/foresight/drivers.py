"""What drives a field in a place: technology that pushes, scenarios that pull, policy that assures.

The three drivers are those of Chen, Feng, Kang and Yang (2023, *Bulletin of the Chinese Academy of Sciences*,
ChinaXiv 202312.00024, section 1.1). Each is an index from 0 to 100: the share of those compared that have a lower rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRIVERS = ("technology", "scenario", "policy")
TYPES = (
    "none",
    "technology",
    "scenario",
    "technology_scenario",
    "policy",
    "technology_policy",
    "scenario_policy",
    "balanced",
)
"""What is strong, by the sum of 1 for technology, 2 for scenario and 4 for policy."""
INCOMPLETE = -1
BLOCK = 1_000_000
"""Pairs compared at a time."""


@dataclass(frozen=True)
class Standing:
    """Where things stand among those compared.

    Parameters
    ----------
    index
        Percent of the others known that have a lower rate, 0 to 100; NaN where the thing's own rate is unknown, there
        is nothing to compare it with, or none of those compared has any count.
    low, high
        Ends of its interval, ``low <= index <= high``; NaN with the index.
    """

    index: np.ndarray
    low: np.ndarray
    high: np.ndarray


def standing(count: np.ndarray, exposure: np.ndarray, level: float = 0.9) -> Standing:
    """Percentile of each rate among the others, with an interval that small counts make wide.

    The interval follows confidence sets for ranks (Mogstad, Romano, Shaikh & Wilhelm 2024, *Review of Economic
    Studies* 91): a thing certainly stands above those whose rate is lower by a pairwise test and below those whose rate
    is higher. The test is the exact one of two Poisson rates (Przyborowski & Wilenski 1940, *Biometrika* 31), pair by
    pair without a correction for the number of pairs.

    Parameters
    ----------
    count
        Events, shape (N, M): N things compared, M comparisons apart from each other. NaN where unknown. Fractional
        counts are taken as they are.
    exposure
        What events are counted per, of a shape that broadcasts; unknown or not positive means that the rate is unknown.
    level
        Coverage of each test.

    Raises
    ------
    ValueError
        If a count is negative or `level` does not lie between 0 and 1.
    """
    count, exposure = (np.asarray(a, dtype=float) for a in np.broadcast_arrays(count, exposure))
    if np.any(count < 0):
        raise ValueError("counts must not be negative")
    if not 0 < level < 1:
        raise ValueError("level must lie between 0 and 1")
    found = np.full((3, *count.shape), np.nan)
    for column in range(count.shape[1]):
        with np.errstate(invalid="ignore"):
            known = np.flatnonzero(np.isfinite(count[:, column]) & (exposure[:, column] > 0))
        # Where nobody has anything, all stand alike for want of evidence, not at the bottom.
        if len(known) > 1 and count[known, column].any():
            below, low, high = _placed(count[known, column], exposure[known, column], (1 - level) / 2)
            found[:, known, column] = below, low, high
    return Standing(*found)


def _placed(count: np.ndarray, exposure: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Percent of the others that are lower, that are surely lower, and that are not surely higher; each (N,)."""
    from scipy.special import betainc

    rate = count / exposure
    below, surely_below, surely_above = (np.zeros(len(count)) for _ in range(3))
    step = max(1, BLOCK // len(count))
    for at in range(0, len(count), step):
        part = slice(at, at + step)
        below[part] = (rate[part, None] > rate[None]).sum(axis=1)
        # Given both counts together the first is binomial: the chance of so many or more where the rates are equal.
        share = exposure[part, None] / (exposure[part, None] + exposure[None])
        some = count[part, None] > 0
        chance = betainc(np.where(some, count[part, None], 1.0), count[None] + 1, share)
        surely = some & (chance < tail)
        surely_below[part] = surely.sum(axis=1)
        surely_above += surely.sum(axis=0)
    others = len(count) - 1
    return 100 * below / others, 100 * surely_below / others, 100 * (others - surely_above) / others


def mean_standing(parts: Sequence[Standing]) -> Standing:
    """Mean over the parts of a driver that are known; NaN where none is.

    Raises
    ------
    ValueError
        If there are no parts.
    """
    if not parts:
        raise ValueError("no parts to take the mean of")
    known = sum(np.isfinite(part.index).astype(float) for part in parts)
    found = []
    for name in ("index", "low", "high"):
        total = sum(np.nan_to_num(getattr(part, name)) for part in parts)
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(np.where(known > 0, total / known, np.nan))
    return Standing(*found)


def widened(point: Standing, *others: Standing) -> Standing:
    """The same index with an interval that also covers what other assumptions give; where those know nothing, as is."""
    low, high = point.low, point.high
    for other in others:
        low, high = np.fmin(low, other.low), np.fmax(high, other.high)
    unknown = np.isnan(point.index)
    return Standing(point.index, np.where(unknown, np.nan, low), np.where(unknown, np.nan, high))


def balance(indices: np.ndarray) -> np.ndarray:
    """How even the drivers are, 0 to 1: their geometric over their arithmetic mean.

    This is the coupling degree of studies of coordinated development, in the form that keeps to [0, 1] for any number
    of systems (Wang, Kong, Ren, Zhi & Dai 2021, *Journal of Natural Resources* 36(3)).

    Parameters
    ----------
    indices
        Shape (L, …), not negative.

    Returns
    -------
    numpy.ndarray
        Shape (…); NaN where a driver is unknown or all are 0.

    Raises
    ------
    ValueError
        If an index is negative.
    """
    indices = np.asarray(indices, dtype=float)
    if np.any(indices < 0):
        raise ValueError("indices must not be negative")
    mean = indices.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        geometric = np.exp(np.log(indices).mean(axis=0))
        # Rounding may lift three equal indices a hair above 1.
        return np.where(mean > 0, np.minimum(geometric / mean, 1.0), np.nan)


def types(indices: np.ndarray, counts: np.ndarray, strong_at: float, least: float = 0.0) -> np.ndarray:
    """Which drivers are strong, as a position in :data:`TYPES`; -1 where one is unknown.

    Parameters
    ----------
    indices
        Technology, scenario and policy, shape (3, …).
    counts
        What was counted for each, of the same shape; NaN counts as nothing.
    strong_at, least
        A driver is strong from this index on, where at least so many were counted: one mention is no driver, though
        nobody else may have any.

    Raises
    ------
    ValueError
        If there are not three drivers.
    """
    indices = np.asarray(indices, dtype=float)
    if len(indices) != len(DRIVERS):
        raise ValueError("there are three drivers")
    with np.errstate(invalid="ignore"):
        strong = (indices >= strong_at) & (np.nan_to_num(counts) >= least)
    weight = np.array([1, 2, 4]).reshape(-1, *[1] * (indices.ndim - 1))
    return np.where(np.isnan(indices).any(axis=0), INCOMPLETE, (strong * weight).sum(axis=0))


def certain(low: np.ndarray, high: np.ndarray, strong_at: float) -> np.ndarray:
    """Whether no driver's interval crosses the threshold, so that the type holds anywhere within; shape (…)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(((np.asarray(low) >= strong_at) | (np.asarray(high) < strong_at)).all(axis=0))


def crossed(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Counts of one scheme's classes as counts of another's fields.

    Parameters
    ----------
    values
        Shape (…, C).
    weights
        Share of each class that each field takes, shape (C, F); NaN in a column says that the field has no class.

    Returns
    -------
    numpy.ndarray
        Shape (…, F); NaN for fields without a class.
    """
    weights = np.asarray(weights, dtype=float)
    without = np.isnan(weights).any(axis=0)
    found = np.asarray(values, dtype=float) @ np.nan_to_num(weights)
    return np.where(without, np.nan, found)
