"""Local alignment of two sequences of units (Smith & Waterman 1981, Journal of Molecular Biology 147).

:func:`smith_waterman` is the method itself, for two short texts. :func:`extend` runs many alignments at once, each
outward from a place where two texts are known to agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]

_SCALE = 1 << 20  # a key is score × 2^20 + identical units: of equal scores, more identical units win
_NEVER = -(1 << 50)
_CHUNK = 64


@dataclass(frozen=True)
class Scoring:
    """What an alignment is worth, and how far it is looked for.

    Parameters
    ----------
    match, mismatch, gap
        Worth of two equal units, two unlike units, and one unit that the other text lacks. The values are those of
        Wilkerson, Smith & Stramp (2015, AJPS 59).
    band
        Most units that one side may run ahead of the other.
    drop
        An extension ends where its best has fallen this far below the best so far (Altschul et al. 1997).
    """

    match: int = 2
    mismatch: int = -1
    gap: int = -1
    band: int = 12
    drop: int = 20

    def __post_init__(self) -> None:
        if not (self.match > 0 > self.mismatch and self.gap < 0 and self.band > 0 and self.drop > 0):
            raise ValueError(f"match, band and drop are above 0, mismatch and gap below: {self}")


@dataclass(frozen=True)
class Alignment:
    """The best local alignment: its score, what it spans on either side, and its columns.

    ``columns`` has shape (C, 2): positions left and right, -1 where one side has nothing.
    """

    score: int
    left: tuple[int, int]
    right: tuple[int, int]
    columns: Ints


def smith_waterman(left: ArrayLike, right: ArrayLike, scoring: Scoring = Scoring()) -> Alignment:
    """The best local alignment of two sequences, with a linear gap cost and without a band.

    Parameters
    ----------
    left, right
        Numbers of the units, shapes (N,) and (M,).
    scoring
        Its band and drop are not used.

    Returns
    -------
    Alignment
        Of equally good ones, the one that ends first on the left, then on the right.

    Notes
    -----
    A row at a time: with a gap cost linear in length, the gaps of a row are a running maximum. Takes N × M bytes.
    """
    a, b = np.asarray(left), np.asarray(right)
    n, m = len(a), len(b)
    ramp = scoring.gap * np.arange(m + 1)
    row = np.zeros(m + 1, np.int64)
    came = np.zeros((n + 1, m + 1), np.int8)  # 1 diagonal, 2 gap right, 3 gap left, 0 begins here
    best, end = 0, (0, 0)
    for i in range(1, n + 1):
        diagonal = row[:-1] + np.where(b == a[i - 1], scoring.match, scoring.mismatch)
        above = row[1:] + scoring.gap
        start = np.concatenate([[0], np.maximum(np.maximum(diagonal, above), 0)])
        row = np.maximum.accumulate(start - ramp) + ramp
        here = came[i, 1:]
        here[row[1:] > 0] = 3
        here[(row[1:] == above) & (row[1:] > 0)] = 2
        here[(row[1:] == diagonal) & (row[1:] > 0)] = 1
        top = int(row.argmax())
        if row[top] > best:
            best, end = int(row[top]), (i, top)
    columns, (i, j) = [], end
    while came[i, j]:
        step = came[i, j]
        columns.append((i - 1 if step != 3 else -1, j - 1 if step != 2 else -1))
        i, j = i - (step != 3), j - (step != 2)
    return Alignment(best, (int(i), end[0]), (int(j), end[1]), np.array(columns[::-1], np.int64).reshape(-1, 2))


@dataclass(frozen=True)
class Extension:
    """How far each extension went: score, identical units, and units taken on either side; all of shape (P,)."""

    score: Ints
    identical: Ints
    left: Ints
    right: Ints


def extend(codes: NDArray, starts: Ints, rooms: Ints, step: int, scoring: Scoring = Scoring()) -> Extension:
    """Align outward from given places, all at once: the best alignment of some beginning of one side with some
    beginning of the other, within a band.

    Parameters
    ----------
    codes
        Units of all texts, one after the other, none below 0.
    starts
        Where each extension begins left and right, positions in `codes`, shape (2, P).
    rooms
        Units there are on either side before the text ends, shape (2, P).
    step
        1 to go forward, -1 to go backward.
    scoring
        Worth of columns, band and drop.

    Notes
    -----
    Rows are worked one at a time for all places together: `V[p, c]` is the best score of aligning the first i units
    left with the first i + c - band units right.
    """
    count, band = starts.shape[1], scoring.band
    ramp = scoring.gap * _SCALE * np.arange(2 * band + 1)
    same, unlike, gap = scoring.match * _SCALE + 1, scoring.mismatch * _SCALE, scoring.gap * _SCALE
    best, rows = np.zeros(count, np.int64), np.zeros(count, np.int64)
    columns = np.full(count, band, np.int64)
    active = np.arange(count)
    V = np.full((count, 2 * band + 1), _NEVER, np.int64)
    V[:, band:] = ramp[: band + 1]
    done = 0
    while len(active):
        A = _gather(codes, starts[0, active], rooms[0, active], step, np.arange(done, done + _CHUNK), -1)
        B = _gather(codes, starts[1, active], rooms[1, active], step, np.arange(done - band, done + _CHUNK + band), -2)
        top, top_row, top_V = best[active], np.zeros(len(active), np.int64), np.empty_like(V)
        for r in range(_CHUNK):
            T = V + np.where(A[:, r, None] == B[:, r : r + 2 * band + 1], same, unlike)
            np.maximum(T[:, :-1], V[:, 1:] + gap, out=T[:, :-1])
            T -= ramp
            V = np.maximum.accumulate(T, axis=1, out=T)
            V += ramp
            row_best = V.max(axis=1)
            better = row_best > top
            if better.any():
                top[better], top_row[better] = row_best[better], done + r + 1
                top_V[better] = V[better]
            V[row_best < top - scoring.drop * _SCALE] = _NEVER
        moved = top_row > 0
        best[active[moved]], rows[active[moved]] = top[moved], top_row[moved]
        columns[active[moved]] = top_V[moved].argmax(axis=1)
        done += _CHUNK
        alive = (V.max(axis=1) > _NEVER // 2) & (rooms[:, active].min(axis=0) + band > done)
        active, V = active[alive], V[alive]
    return Extension(best // _SCALE, best % _SCALE, rows, np.where(rows > 0, rows + columns - band, 0))


def _gather(codes: NDArray, starts: Ints, rooms: Ints, step: int, steps: Ints, outside: int) -> NDArray:
    """Units at `steps` from each start, `outside` where the text has none; shape (P, steps)."""
    inside = (steps >= 0) & (steps < rooms[:, None])
    at = np.where(inside, starts[:, None] + step * steps, 0)
    return np.where(inside, codes[at], outside)
