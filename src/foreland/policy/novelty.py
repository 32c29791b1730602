"""Novelty: which terms appear, come back, rise and fall from one period to the next.

The terms were already found in dated documents; ``new_terms.py`` finds those that are in no list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.core.intervals import rate_ratio

Array = NDArray

FIRST, RETURNED, RISEN, STEADY, FALLEN, TOO_FEW = "first", "returned", "risen", "steady", "fallen", "too_few"
STATES = (FIRST, RETURNED, RISEN, STEADY, FALLEN, TOO_FEW)


@dataclass(frozen=True)
class Newness:
    """What became of each term in each period; shapes (T, V).

    Parameters
    ----------
    counts, documents
        Mentions, and documents with at least one.
    past
        Mentions in the periods of the window before.
    ratio_low, ratio_high
        Exact interval of the rate now over the rate in the window; NaN where the window is empty.
    state
        ``first``: never before, and too often now for that to be chance. ``returned``: the same for the window, but
        known from earlier. ``risen``, ``fallen``: the interval lies above, below 1. ``too_few``: said, but with
        fewer mentions or documents than asked for. ``steady``: all else. None where it is said neither now nor in
        the window, and in the first period.
    """

    counts: Array
    documents: Array
    past: Array
    ratio_low: Array
    ratio_high: Array
    state: Array


def tabulate(periods: ArrayLike, documents: ArrayLike, terms: ArrayLike, shape: tuple[int, int]) -> tuple[Array, Array]:
    """Mentions, and documents with at least one, of each term in each period.

    Parameters
    ----------
    periods, documents, terms
        Period, document and term of each mention, numbered from 0, shape (M,).
    shape
        Number of periods and of terms.
    """
    periods, documents, terms = (np.asarray(x, np.int64) for x in (periods, documents, terms))
    flat = periods * shape[1] + terms
    counts = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
    once = np.unique(np.stack([flat, documents]), axis=1)[0]
    return counts, np.bincount(once, minlength=shape[0] * shape[1]).reshape(shape)


def newness(
    counts: ArrayLike,
    documents: ArrayLike,
    sizes: ArrayLike,
    window: int = 1,
    least: tuple[int, int] = (3, 1),
    level: float = 0.95,
) -> Newness:
    """Hold each term in each period against the periods before.

    Parameters
    ----------
    counts, documents
        From :func:`tabulate`, shape (T, V), periods in order of time.
    sizes
        Characters (or words) of all text of each period, shape (T,).
    window
        Periods before that count as the past.
    least
        Fewest mentions and fewest documents for a term to be judged at all.
    level
        Coverage of the interval of the ratio of rates (Przyborowski & Wilenski 1940). A term that was never said is
        new only if its lower end is above 1: said three times in a short report and never in a long past it is,
        said three times in a long report after a short one it is not.
    """
    counts, documents = np.asarray(counts, np.int64), np.asarray(documents, np.int64)
    sizes = np.asarray(sizes, np.float64)
    if window < 1:
        raise ValueError(f"window is at least 1, not {window}")
    if counts.ndim != 2 or documents.shape != counts.shape or sizes.shape != counts.shape[:1]:
        raise ValueError("counts and documents are periods × terms, sizes one a period")
    total = np.concatenate([np.zeros((1, counts.shape[1]), np.int64), np.cumsum(counts, axis=0)])
    length = np.concatenate([[0.0], np.cumsum(sizes)])
    here = np.arange(len(counts))
    back = np.maximum(here - window, 0)
    past, ever = total[here] - total[back], total[here]
    past_size = length[here] - length[back]
    low, high = rate_ratio(counts, sizes[:, None], past, past_size[:, None], level)
    enough = (counts >= least[0]) & (documents >= least[1])
    state = np.full(counts.shape, None, object)
    state[(counts > 0) | (past > 0)] = STEADY
    state[high < 1] = FALLEN
    state[low > 1] = RISEN
    state[(low > 1) & (past == 0)] = RETURNED
    state[(low > 1) & (ever == 0)] = FIRST
    state[(counts > 0) & ~enough & ~(high < 1)] = TOO_FEW
    state[0] = None
    return Newness(counts, documents, past, low, high, state)
