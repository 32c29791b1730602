"""Intervals that more than one room needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def clopper_pearson(
    count: ArrayLike, total: ArrayLike, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Exact interval of a binomial share (Clopper & Pearson 1934, *Biometrika* 26).

    Parameters
    ----------
    count, total
        Successes and trials, 0 ≤ count ≤ total, of shapes that broadcast. Fractional counts are taken as they are.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper end; 0 and 1 where there are no trials, NaN where either is NaN.
    """
    from scipy.special import betaincinv

    count, total = np.broadcast_arrays(np.asarray(count, np.float64), np.asarray(total, np.float64))
    rest = np.maximum(total - count, 0.0)
    tail = (1 - level) / 2
    unknown = np.isnan(count) | np.isnan(total)
    low, high = np.zeros(count.shape), np.ones(count.shape)
    some, short = count > 0, rest > 0
    low[some] = betaincinv(count[some], rest[some] + 1, tail)
    high[short] = betaincinv(count[short] + 1, rest[short], 1 - tail)
    low[unknown], high[unknown] = np.nan, np.nan
    return low, high


def rate_ratio(
    count: ArrayLike, exposure: ArrayLike, other: ArrayLike, other_exposure: ArrayLike, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Exact interval of the ratio of two independent Poisson rates (Przyborowski & Wilenski 1940, *Biometrika* 31).

    Given both counts together, the first is binomial; its interval of Clopper and Pearson gives that of the ratio.

    Parameters
    ----------
    count, exposure
        Events and exposure of the first rate, of shapes that broadcast with the others.
    other, other_exposure
        Events and exposure of the rate compared with.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper end of ``(count / exposure) / (other / other_exposure)``; upper is infinite where `other`
        is 0, and both are NaN where something is NaN or an exposure is 0.
    """
    count, exposure, other, other_exposure = np.broadcast_arrays(
        *(np.asarray(a, np.float64) for a in (count, exposure, other, other_exposure))
    )
    low, high = clopper_pearson(count, count + other, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(exposure > 0, other_exposure / exposure, np.nan)
        scale = np.where(other_exposure > 0, scale, np.nan)
        return low / (1 - low) * scale, high / (1 - high) * scale
