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
    citers = _citers(source, target, time, time + (np.inf if window is None else window))
    citer = citers.citer
    beside, around = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    own_start, own_stop = citers.within(np.arange(size), np.arange(size))
    # Link by link of the focal documents: who, in the window, cites the reference.
    first, last = citers.within(source, target)
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
class _Citers:
    """Who cites each document, in the order of time, and where those in a window stand.

    ``key`` is the cited document and the rank of the time in one number, so that one search finds a place; ``after``
    and ``before`` are the ranks that a document's window begins and ends with.
    """

    citer: np.ndarray
    key: np.ndarray
    steps: int
    after: np.ndarray
    before: np.ndarray

    def within(self, focal: np.ndarray, of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First and last place (exclusive) of the citers of ``of`` in the window of ``focal``, one of each pair."""
        first = np.searchsorted(self.key, of * self.steps + self.after[focal])
        last = np.searchsorted(self.key, of * self.steps + self.before[focal])
        return first, last


def _citers(source: np.ndarray, target: np.ndarray, time: np.ndarray, until: np.ndarray) -> _Citers:
    known = distinct(time[np.isfinite(time)])
    steps = known.size + 1
    after, before = (np.searchsorted(known, part, side="right") for part in (time, until))
    unknown = np.isnan(time)
    before[unknown] = after[unknown] = 0
    # Those of unknown time are nobody's later work.
    dated = np.isfinite(time[source])
    source, target = source[dated], target[dated]
    key = target * steps + np.searchsorted(known, time)[source]
    size = max(time.size, 1)
    if size * size * steps < 2**62:
        # One sort of numbers is several times as fast as a sort by two keys.
        packed = np.sort(key * size + source)
        return _Citers(packed % size, packed // size, steps, after, before)
    order = np.argsort(key, kind="stable")
    return _Citers(source[order], key[order], steps, after, before)
