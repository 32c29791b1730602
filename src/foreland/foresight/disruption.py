"""Disruption: whether later work cites a document in place of what it built on, or beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreland.foresight.citations import distinct, ranges

PAIRS = 4_000_000
"""Pairs of a document and a citer of its references held at a time."""


@dataclass(frozen=True, eq=False)
class Disruption:
    """The CD index of each document and what it is made of; all of shape (N,).

    Parameters
    ----------
    cd
        From -1 (consolidates) to 1 (disrupts); NaN where it is not defined.
    alone
        Later documents in the window that cite it and none of its references (n_i).
    beside
        Those that cite it and at least one of its references (n_j).
    around
        Those that cite at least one of its references and not it (n_k).
    references
        Documents it cites.
    """

    cd: np.ndarray
    alone: np.ndarray
    beside: np.ndarray
    around: np.ndarray
    references: np.ndarray

    @property
    def cited(self) -> np.ndarray:
        """Citations received in the window, shape (N,)."""
        return self.alone + self.beside


def disruption(citing: np.ndarray, cited: np.ndarray, time: np.ndarray, window: float | None = 5) -> Disruption:
    """CD_t of every document: (n_i - n_j) / (n_i + n_j + n_k).

    Only documents later than the focal one, and at most `window` after it, are counted; without a window it is the
    disruption index of Wu, Wang & Evans. Weights of citations are 1.

    **Not defined (NaN)** where a document cites nothing *in the data*: with no references n_j and n_k are 0 by
    construction and any citation at all would make it 1, which says nothing about the document. Not defined either
    where nobody cites the document or one of its references in the window (0/0), or its time is unknown. A document
    that nobody cites while others cite its references has 0, as the formula gives: read it together with ``cited``.

    Parameters
    ----------
    citing, cited
        Shape (L,), from 0 to N - 1: link by link. Repeated pairs count once, self-citations not at all.
    time
        Shape (N,): when each document appeared, NaN where unknown.
    window
        In the unit of `time`.

    Raises
    ------
    ValueError
        If shapes differ, a document is named that there is none of, or the window is not positive.

    References
    ----------
    Funk, R. J. & Owen-Smith, J. (2017). A dynamic network measure of technological change. Management Science 63(3),
    791–817. Wu, L., Wang, D. & Evans, J. A. (2019). Large teams develop and small teams disrupt science and technology.
    Nature 566, 378–382.
    """
    time = np.asarray(time, dtype=float)
    source, target = np.asarray(citing, dtype=np.int64), np.asarray(cited, dtype=np.int64)
    size = time.size
    if source.shape != target.shape or source.ndim != 1:
        raise ValueError(f"citing and cited must be vectors of one length, not {source.shape} and {target.shape}")
    if source.size and not (min(source.min(), target.min()) >= 0 and max(source.max(), target.max()) < size):
        raise ValueError(f"links name documents outside 0 … {size - 1}")
    if window is not None and not window > 0:
        raise ValueError(f"the window must be positive, not {window}")
    kept = source != target
    pairs = distinct(source[kept] * max(size, 1) + target[kept])
    source, target = pairs // max(size, 1), pairs % max(size, 1)
    references = np.bincount(source, minlength=size)
    until = time + (np.inf if window is None else window)
    # Citers of each document in the order of their time; those of unknown time are nobody's later work.
    dated = np.isfinite(time[source])
    order = np.lexsort((time[source], target))
    order = order[dated[order]]
    citer = source[order]
    places = _Places(time, until, time[citer], target[order])
    beside, around = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    own_start, own_stop = places.within(np.arange(size), np.arange(size))
    # Link by link of the focal documents: who, in the window, cites the reference.
    first, last = places.within(source, target)
    load = np.concatenate([[0], np.cumsum(last - first)])
    bounds = np.concatenate([[0], np.cumsum(references)])
    begin = 0
    while begin < size:
        end = max(begin + 1, int(np.searchsorted(load[bounds], load[bounds[begin]] + PAIRS, side="right")) - 1)
        part = slice(bounds[begin], bounds[end])
        focal = np.repeat(source[part] - begin, last[part] - first[part])
        keys = distinct(focal * size + citer[ranges(first[part], last[part])])
        whose = keys // max(size, 1)
        direct = citer[ranges(own_start[begin:end], own_stop[begin:end])]
        focal = np.repeat(np.arange(end - begin), own_stop[begin:end] - own_start[begin:end])
        at = np.searchsorted(keys, focal * size + direct)
        both = np.zeros(focal.size, dtype=bool)
        inside = at < keys.size
        both[inside] = keys[at[inside]] == focal[inside] * size + direct[inside]
        beside[begin:end] = np.bincount(focal[both], minlength=end - begin)
        around[begin:end] = np.bincount(whose, minlength=end - begin) - beside[begin:end]
        begin = end
    alone = (own_stop - own_start) - beside
    whole = alone + beside + around
    defined = (references > 0) & (whole > 0)
    cd = np.full(size, np.nan)
    cd[defined] = (alone - beside)[defined] / whole[defined]
    return Disruption(cd, alone, beside, around, references)


@dataclass(frozen=True, eq=False)
class _Places:
    """Where, among the citers of a document, those later than another and in its window stand."""

    time: np.ndarray
    until: np.ndarray
    when: np.ndarray
    target: np.ndarray

    def within(self, focal: np.ndarray, of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First and last place (exclusive) of the citers of ``of`` in the window of ``focal``, one of each pair."""
        known = distinct(self.when)
        rank = np.searchsorted(known, self.when)
        if not known.size:
            none = np.zeros(focal.size, dtype=np.int64)
            return none, none
        # Target and time in one number, so that one search finds the place.
        steps = known.size + 1
        keys = self.target * steps + rank
        after = np.searchsorted(known, self.time, side="right")
        before = np.searchsorted(known, self.until, side="right")
        unknown = np.isnan(self.time)
        before[unknown] = after[unknown] = 0
        first = np.searchsorted(keys, of * steps + after[focal])
        last = np.searchsorted(keys, of * steps + before[focal])
        return first, last
