"""Growth of places: against their own past, against a benchmark, split into its parts, and in rank.

Arrays are ``(places, fields)`` or ``(periods, places, fields)``. NaN is a missing or suppressed cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.capability.specialisation import Floats, benchmark_row, check_values, divide, ranks


@dataclass(frozen=True)
class ShiftShare:
    """Change of every cell in three parts, in the units of the values; ``national + mix + regional =
    change``.

    Attributes
    ----------
    change
        Actual change, shape (R, F).
    national
        What the cell would have gained at the benchmark's overall rate.
    mix
        What it gained more because its field grew faster in the benchmark (industry mix, proportional shift).
    regional
        What it gained more than its field in the benchmark (competitive effect, differential shift).
    """

    change: Floats
    national: Floats
    mix: Floats
    regional: Floats

    def places(self) -> ShiftShare:
        """Sums over the fields whose change is known, shape (R,)."""
        return ShiftShare(*(_known_sum(part) for part in (self.change, self.national, self.mix, self.regional)))


def shift_share(
    X0: ArrayLike,
    X1: ArrayLike,
    benchmark0: ArrayLike | None = None,
    benchmark1: ArrayLike | None = None,
) -> ShiftShare:
    r"""Shift-share analysis (Dunn 1960).

    With g the benchmark's overall rate of growth and g_f its rate in field f, national :math:`x_0 g`, mix
    :math:`x_0 (g_f - g)`, regional :math:`x_1 - x_0 (1 + g_f)`.

    Parameters
    ----------
    X0, X1
        Values >= 0 at the start and the end, shape (R, F).
    benchmark0, benchmark1
        Values of the fields in the benchmark, shape (F,); both or neither. Default: the sums over places, on
        the cells known at both times, so that a cell that becomes suppressed is not a decline.

    Returns
    -------
    ShiftShare
        NaN for cells that are missing at either time. A cell that starts at zero has only a regional part.

    Raises
    ------
    ValueError
        If shapes differ, one benchmark stands alone, or a place starts with a field that the benchmark lacks.
    """
    X0, X1 = check_values(X0, "X0", (2,)), check_values(X1, "X1", (2,))
    if X0.shape != X1.shape:
        raise ValueError(f"shapes differ: {X0.shape} and {X1.shape}")
    if (benchmark0 is None) != (benchmark1 is None):
        raise ValueError("benchmark0 and benchmark1 are given together or not at all")
    known = ~(np.isnan(X0) | np.isnan(X1))
    X0, X1 = np.where(known, X0, np.nan), np.where(known, X1, np.nan)
    b0, b1 = benchmark_row(X0, benchmark0)[0], benchmark_row(X1, benchmark1)[0]
    if ((X0 > 0) & ~(b0 > 0)).any():
        raise ValueError("a place starts with a field of which the benchmark has nothing")
    both = ~(np.isnan(b0) | np.isnan(b1))
    overall = divide(b1[both].sum(), b0[both].sum()) - 1.0
    rate = divide(b1, b0) - 1.0
    change = X1 - X0
    # A cell that starts at zero has no expected growth, whatever the rate, even where the rate is undefined.
    national = np.where(X0 == 0, 0.0, X0 * overall)
    mix = np.where(X0 == 0, 0.0, X0 * (rate - overall))
    return ShiftShare(change, national, mix, change - national - mix)


@dataclass(frozen=True)
class DynamicShiftShare:
    """Shift-share of every period and their sum (Barff & Knight 1988).

    Attributes
    ----------
    total
        Sum over periods, shape (R, F).
    periods
        The parts of every period, each with shape (R, F).
    """

    total: ShiftShare
    periods: tuple[ShiftShare, ...]


def dynamic_shift_share(X: ArrayLike, benchmark: ArrayLike | None = None) -> DynamicShiftShare:
    """Shift-share added up over periods, with weights and rates renewed each period (Barff & Knight 1988).

    Parameters
    ----------
    X
        Values >= 0, shape (T, R, F), T at least 2, in the order of time.
    benchmark
        Values of the fields in the benchmark, shape (T, F). Default: the sums over places.

    Returns
    -------
    DynamicShiftShare
        NaN for cells missing in any period: otherwise the parts would not add up to the change from first to
        last.

    Raises
    ------
    ValueError
        As :func:`shift_share`, or if there are fewer than two periods.
    """
    X = check_values(X, "X", (3,))
    if len(X) < 2:
        raise ValueError("dynamic shift-share needs at least two periods")
    X = np.where(np.isnan(X).any(axis=0), np.nan, X)
    if benchmark is None:
        rows: list[ArrayLike | None] = [None] * len(X)
    else:
        checked = check_values(benchmark, "benchmark", (2,))
        if checked.shape != (X.shape[0], X.shape[2]):
            raise ValueError(f"benchmark does not fit values of shape {X.shape}")
        rows = list(checked)
    steps = tuple(shift_share(X[t], X[t + 1], rows[t], rows[t + 1]) for t in range(len(X) - 1))
    total = ShiftShare(
        X[-1] - X[0],
        np.sum([s.national for s in steps], axis=0),
        np.sum([s.mix for s in steps], axis=0),
        np.sum([s.regional for s in steps], axis=0),
    )
    return DynamicShiftShare(total, steps)


def cagr(X0: ArrayLike, X1: ArrayLike, years: float) -> Floats:
    """Compound yearly rate of growth, (x1/x0)^(1/years) - 1.

    Parameters
    ----------
    X0, X1
        Values >= 0 of equal shape.
    years
        Time between the two, > 0.

    Returns
    -------
    ndarray
        A rate (0.05 is 5 % a year); -1 where the end is zero, NaN where the start is zero or either is
        missing.
    """
    a, b = check_values(X0, "X0", (0, 1, 2, 3)), check_values(X1, "X1", (0, 1, 2, 3))
    if not years > 0:
        raise ValueError("years must be positive")
    ratio = divide(b, a)
    with np.errstate(over="ignore"):
        rate = ratio ** (1.0 / years) - 1.0
    return np.where(np.isinf(rate), np.nan, rate)


def growth_gap(
    X0: ArrayLike,
    X1: ArrayLike,
    years: float,
    benchmark0: ArrayLike | None = None,
    benchmark1: ArrayLike | None = None,
) -> Floats:
    """Yearly growth of every cell less that of its field in the benchmark, in points of rate (0.01 is one
    point).

    Parameters
    ----------
    X0, X1
        Values >= 0 at the start and the end, shape (R, F).
    years
        Time between the two, > 0.
    benchmark0, benchmark1
        Shape (F,); both or neither. Default: sums over places, on the cells known at both times.
    """
    X0, X1 = check_values(X0, "X0", (2,)), check_values(X1, "X1", (2,))
    if (benchmark0 is None) != (benchmark1 is None):
        raise ValueError("benchmark0 and benchmark1 are given together or not at all")
    known = ~(np.isnan(X0) | np.isnan(X1))
    X0, X1 = np.where(known, X0, np.nan), np.where(known, X1, np.nan)
    return cagr(X0, X1, years) - cagr(benchmark_row(X0, benchmark0), benchmark_row(X1, benchmark1), years)


def quotient_growth(
    lq_from: ArrayLike,
    lq_to: ArrayLike,
    years: float = 1.0,
    how: Literal["rate", "difference", "log"] = "rate",
) -> Floats:
    """Yearly change of the location quotient between two periods.

    Parameters
    ----------
    lq_from, lq_to
        Quotients of equal shape.
    years
        Time between the two, > 0.
    how
        ``rate``: compound yearly rate; ``difference``: points of LQ a year; ``log``: ln(LQ1/LQ0) a year.

    Returns
    -------
    ndarray
        NaN where either is missing, or where a ratio has a zero in its base (for ``log`` in either).
    """
    a, b = check_values(lq_from, "lq_from", (0, 1, 2, 3)), check_values(lq_to, "lq_to", (0, 1, 2, 3))
    if a.shape != b.shape:
        raise ValueError(f"shapes differ: {a.shape} and {b.shape}")
    if how == "rate":
        return cagr(a, b, years)
    if not years > 0:
        raise ValueError("years must be positive")
    if how == "difference":
        return (b - a) / years
    if how == "log":
        ratio = divide(b, a)
        return np.log(ratio, out=np.full(ratio.shape, np.nan), where=ratio > 0) / years
    raise ValueError(f"how is 'rate', 'difference' or 'log', not {how!r}")


@dataclass(frozen=True)
class RankPaths:
    """Ranks over time, for a bump chart.

    Attributes
    ----------
    ranks
        Shape (T, N): 1 is the largest, ties by index, 0 where missing.
    movement
        Shape (T, N): places gained since the last period in which the item was ranked, positive is up; 0
        where there is none.
    first
        Shape (T, N): ranked for the first time in this period.
    """

    ranks: NDArray[np.int64]
    movement: NDArray[np.int64]
    first: NDArray[np.bool_]


def rank_paths(values: ArrayLike, top: int | None = None) -> RankPaths:
    """Ranks of items over time and their movement.

    Parameters
    ----------
    values
        Shape (T, N), periods in the order of time; any real values, NaN for missing.
    top
        Keep ranks 1 to `top` and set the others to 0, as if the item were not in the list.

    Raises
    ------
    ValueError
        If `values` is not two-dimensional or `top` is not positive.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"values has {values.ndim} dimensions, not 2")
    if top is not None and top < 1:
        raise ValueError("top must be positive")
    places = ranks(values, axis=1)
    if top is not None:
        places[places > top] = 0
    movement, first = np.zeros(places.shape, dtype=np.int64), np.zeros(places.shape, dtype=bool)
    last = np.zeros(places.shape[1], dtype=np.int64)
    for t, now in enumerate(places):
        here = now > 0
        movement[t] = np.where(here & (last > 0), last - now, 0)
        first[t] = here & (last == 0)
        last = np.where(here, now, last)
    return RankPaths(places, movement, first)


def _known_sum(X: Floats) -> Floats:
    """Sum over fields of the known cells, of any sign; NaN where none is known."""
    known = ~np.isnan(X)
    return np.where(known.any(axis=-1), np.where(known, X, 0.0).sum(axis=-1), np.nan)
