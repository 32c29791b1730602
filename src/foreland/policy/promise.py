"""Promise against backing: what a place speaks of, and what it has to show for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreland.core.intervals import clopper_pearson

OVER_PROMISED, BACKED, QUIET_STRENGTH, QUIET = "over_promised", "backed", "quiet_strength", "quiet"
TOO_FEW = "too_few"
STANCES = (OVER_PROMISED, QUIET_STRENGTH, BACKED, QUIET, TOO_FEW)


@dataclass(frozen=True)
class Promise:
    """How much each place promises of a field and what backs it, relative to its peers.

    Parameters
    ----------
    attention
        Mentions per 10,000 characters over the mean of all places, shape (R, F); NaN where no place
        mentions the field.
    backing
        Projects and laboratories over the expected number, shape (R, F); NaN where there are none
        anywhere.
    stance
        One of :data:`STANCES`, or None where either is NaN; shape (R, F), dtype object.
    clear
        Whether the count is far enough from the expected number for the stance not to be chance,
        shape (R, F).
    """

    attention: np.ndarray
    backing: np.ndarray
    stance: np.ndarray
    clear: np.ndarray


def promise(
    density: np.ndarray,
    count: np.ndarray,
    size: np.ndarray | None = None,
    min_total: float = 1,
    level: float = 0.1,
) -> Promise:
    """Hold what places speak of against what backs it.

    Parameters
    ----------
    density
        Mentions of each field per 10,000 characters, shape (R, F).
    count
        What backs it (projects, laboratories), shape (R, F), whole numbers.
    size
        Weight of each place in the expected number of backing, shape (R,); None for equal places.
    min_total
        Fields with less backing than this over all places are too few to tell.
    level
        Level of the test that a count differs from its expected number.

    Notes
    -----
    The expected number is the field's total shared out by ``size``. A stance is *clear* where the
    exact (Clopper–Pearson 1934) binomial interval of the count, out of the field's total, leaves out
    the place's expected share: with two national projects in all, having none says nothing.
    """
    weights = np.full(len(density), 1 / len(density)) if size is None else size / size.sum()
    total = count.sum(axis=0)
    mean = density.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        attention = np.where(mean > 0, density / mean, np.nan)
        backing = np.where(total > 0, count / (total * weights[:, None]), np.nan)
    low, high = clopper_pearson(count, total, 1 - level)
    clear = (weights[:, None] < low) | (weights[:, None] > high)
    loud, strong = attention >= 1, backing >= 1
    stance = np.where(loud, np.where(strong, BACKED, OVER_PROMISED), np.where(strong, QUIET_STRENGTH, QUIET))
    stance = stance.astype(object)
    few = total < max(min_total, 1)
    stance[:, few] = TOO_FEW
    stance[np.isnan(attention) | np.isnan(backing)] = None
    return Promise(attention, backing, stance, clear & ~few)
