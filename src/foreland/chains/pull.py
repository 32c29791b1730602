"""What one unit of final use, spread over sectors, pulls along, with bounds where the spread is uncertain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from foreland.chains.input_output import Floats, InputOutput, floats, technical_coefficients

# Shares that a person wrote down are rounded; they must add up to 1 within this.
WHOLE = 1e-6


@dataclass(frozen=True)
class Bounded:
    """A value with the least and the most it can be; arrays of one shape, shape () for totals."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Pull:
    """What one unit of final use pulls along, per unit of currency."""

    output: Bounded
    """By sector, shape (n,)."""
    value_added: Bounded
    """By sector, shape (n,)."""
    imports: Bounded | None
    """By imported product, shape (n,); None where the table isn't split."""
    total_output: Bounded
    total_value_added: Bounded
    total_imports: Bounded | None


@dataclass(frozen=True)
class Spread:
    """A field over sectors: shares that add up to 1, and what each may be at least and at most; shapes (n,)."""

    weights: Floats
    low: Floats | None = None
    high: Floats | None = None


def pull(table: InputOutput, spread: Spread) -> Pull:
    """Output L w, value added v ∘ L w and imports A^m L w of one unit of final use (Miller & Blair 2009, ch. 2 and 6).

    Parameters
    ----------
    table
        Split, for effects at home (:func:`foreland.chains.input_output.domestic`); otherwise the whole chain is taken
        as if it were at home. The unit of final use is of domestic products.
    spread
        Bounds of shares need not be symmetric. Every result is linear in the shares, so its least and most over all
        shares within the bounds that add up to 1 are exact; those of two results need not come from the same shares.

    Raises
    ------
    ValueError
        If shares are negative, don't add up to 1, or lie outside their bounds.
    """
    w, low, high = _checked(spread, len(table))
    L = table.leontief
    added = technical_coefficients(table.value_added[None], table.output)[0]
    brought = None if table.imported is None else technical_coefficients(table.imported, table.output) @ L

    def bounded(matrix: Floats) -> Bounded:
        return Bounded(matrix @ w, extreme(matrix, low, high, most=False), extreme(matrix, low, high))

    def total(row: Floats) -> Bounded:
        found = bounded(row[None])
        return Bounded(found.value[0], found.low[0], found.high[0])

    return Pull(
        output=bounded(L),
        value_added=bounded(added[:, None] * L),
        imports=None if brought is None else bounded(brought),
        total_output=total(L.sum(axis=0)),
        total_value_added=total(added @ L),
        total_imports=None if brought is None else total(brought.sum(axis=0)),
    )


def extreme(matrix: ArrayLike, low: ArrayLike, high: ArrayLike, most: bool = True) -> Floats:
    """The most (or least) of ``matrix @ w`` over low <= w <= high with Σ w = 1, row by row.

    A linear programme with one equation is solved by filling the best columns first (Dantzig 1957).

    Parameters
    ----------
    matrix
        Shape (m, n).
    low, high
        Shapes (n,), with Σ low <= 1 <= Σ high.

    Returns
    -------
    ndarray
        Shape (m,).
    """
    values = floats(matrix, "matrix", (None, None))
    n = values.shape[1]
    least, top = floats(low, "low", (n,)), floats(high, "high", (n,))
    order = np.argsort(-values if most else values, axis=1, kind="stable")
    room = (top - least)[order]
    before = np.cumsum(room, axis=1) - room
    taken = np.clip((1 - least.sum()) - before, 0, room)
    return np.asarray(values @ least + (np.take_along_axis(values, order, axis=1) * taken).sum(axis=1))


def _checked(spread: Spread, n: int) -> tuple[Floats, Floats, Floats]:
    w = floats(spread.weights, "weights", (n,))
    low = w if spread.low is None else floats(spread.low, "low", (n,))
    high = w if spread.high is None else floats(spread.high, "high", (n,))
    if (low < 0).any() or (low > w).any() or (w > high).any():
        raise ValueError("weights must lie between their bounds, and not below zero")
    if abs(w.sum() - 1) > WHOLE:
        raise ValueError(f"weights add up to {w.sum():.6g}, not 1")
    return w, low, high
