"""Fitting S-curves to yearly counts by quasi-likelihood, all units at once, with the whole region of likely curves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from foreland.foresight.growth_curves import Shape, log_increments

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

GOLDEN = (np.sqrt(5) - 1) / 2
STEEPEST = 3.0
"""Highest rate a year: nine tenths of a curve within a year and a half."""
EARLIEST, LATEST = -1.0, 3.0
"""Where inflections are looked for, in lengths of the series from its beginning."""
RATES = 60
"""Rates looked at first for each inflection."""
TRACED = 33
"""Inflections at which the region of likely curves is cut."""


@dataclass(frozen=True, eq=False)
class Data:
    """Yearly counts of U units over T years, and the year each begins to count, as arrays of shape (U, T)."""

    counts: Floats
    counted: Bools
    """Years from the launch on; a curve is not held to the years before it."""

    @property
    def periods(self) -> int:
        return self.counts.shape[1]

    @property
    def slowest(self) -> float:
        return slowest(self.periods)


def slowest(periods: int) -> float:
    """Lowest rate looked at: nine tenths of the curve take twenty times the years there are."""
    return float(np.log(81) / (20 * periods))


def likelihood(data: Data, shape: Shape, turn: Floats, rate: Floats) -> Floats:
    """Poisson log-likelihood of curves with the ceiling that suits them best; shape (U, N) for turns of shape (U, N).

    With the ceiling Y / S, where Y is the sum of counts and S what the curve adds over the years as a share of its
    ceiling, that is Σ y ln D − Y ln S and a constant: the likelihood of how the documents spread over the years.
    """
    D = log_increments(shape, data.periods, turn, rate)
    # From the largest year: far below the inflection logs are so large that their difference would be lost.
    D -= D.max(axis=-1, keepdims=True)
    S = np.log(np.maximum(np.einsum("unt,ut->un", np.exp(D), data.counted.astype(float)), 1e-300))
    return np.asarray(np.einsum("unt,ut->un", D, data.counts) - data.counts.sum(axis=1)[:, None] * S)


def log_sum(data: Data, D: Floats) -> Floats:
    """ln S of log increments of shape (U, N, T)."""
    top = D.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.einsum("unt,ut->un", np.exp(D - top), data.counted.astype(float))) + top[..., 0])


@dataclass(frozen=True, eq=False)
class Fit:
    """The best curve of a shape for each unit: likelihood, inflection and rate, shapes (U,)."""

    shape: Shape
    likelihood: Floats
    turn: Floats
    rate: Floats


def fit(data: Data, shape: Shape) -> Fit:
    """The likeliest curve of each unit: the best of a grid, then ever finer around it.

    A search from one start may end beside the best curve, and in another place on another machine; the grid can't.
    """
    units = len(data.counts)
    turns, coarse = coarse_profile(data, shape)
    cell = float(turns[1] - turns[0])
    turn = turns[coarse.argmax(axis=1)]
    best, rate = np.full(units, -np.inf), np.ones(units)
    for _ in range(5):
        grid = turn[:, None] + np.linspace(-1.5, 1.5, 13) * cell
        profile, rates = over_rates(data, shape, grid)
        at = profile.argmax(axis=1)
        turn, rate, best = (x[np.arange(units), at] for x in (grid, rates, profile))
        cell /= 4
    return Fit(shape, best, turn, rate)


@lru_cache(maxsize=8)
def _grid(shape: Shape, periods: int) -> tuple[Floats, Floats]:
    """Inflections looked at first, and log increments for each with sixty rates, from the largest year."""
    turns = np.linspace(EARLIEST, LATEST, 129) * periods
    rates = np.geomspace(slowest(periods), STEEPEST, RATES)
    turn, rate = (x.ravel() for x in np.meshgrid(turns, rates, indexing="ij"))
    D = log_increments(shape, periods, turn, rate)
    D -= D.max(axis=1, keepdims=True)
    for array in (turns, D):
        array.flags.writeable = False
    return turns, D


def coarse_profile(data: Data, shape: Shape) -> tuple[Floats, Floats]:
    """Inflections from long before to long after the data, shape (N,), and the likelihood of each, shape (U, N).

    The rates are the best of sixty; the curves are the same for all units.
    """
    turns, D = _grid(shape, data.periods)
    # From each launch on, what the curves add.
    S = np.log(np.maximum(np.einsum("ut,gt->ug", data.counted.astype(float), np.exp(D)), 1e-300))
    # Not a product of matrices: its last digits hang on how many threads share it.
    L = np.einsum("ut,gt->ug", data.counts, D) - data.counts.sum(axis=1)[:, None] * S
    return turns, np.asarray(L.reshape(len(data.counts), len(turns), RATES).max(axis=2))


def over_rates(data: Data, shape: Shape, turns: Floats) -> tuple[Floats, Floats]:
    """Likelihood of each inflection with its best rate, and that rate, shapes (U, N): a scan, then golden sections."""
    logs = np.linspace(np.log(data.slowest), np.log(STEEPEST), 20)
    scanned = np.stack([likelihood(data, shape, turns, np.full_like(turns, np.exp(x))) for x in logs])
    at = logs[scanned.argmax(axis=0)]
    low = np.maximum(at - (logs[1] - logs[0]), logs[0])
    high = np.minimum(at + (logs[1] - logs[0]), logs[-1])
    one, two = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    f_one, f_two = (likelihood(data, shape, turns, np.exp(x)) for x in (one, two))
    for _ in range(16):
        keep = f_one >= f_two
        low, high = np.where(keep, low, one), np.where(keep, two, high)
        point = np.where(keep, high - GOLDEN * (high - low), low + GOLDEN * (high - low))
        value = likelihood(data, shape, turns, np.exp(point))
        one, two = np.where(keep, point, two), np.where(keep, one, point)
        f_one, f_two = np.where(keep, value, f_two), np.where(keep, f_one, value)
    rate = np.exp((low + high) / 2)
    return likelihood(data, shape, turns, rate), rate


@dataclass(frozen=True, eq=False)
class Region:
    """The edge of the region of curves nearly as likely as the best: inflections and rates, shapes (U, M)."""

    turn: Floats
    rate: Floats
    inside: Bools
    """False where a cut misses the region; the best curve is always in. Shape (U, M)."""
    open_above: Bools
    """The region reaches the latest inflection or the slowest rate looked for; shape (U,)."""
    open_below: Bools
    """It reaches the earliest inflection, shape (U,)."""


def region(data: Data, found: Fit, slack: Floats) -> Region:
    """All curves whose likelihood is at most `slack` (shape (U,)) below the best.

    The extremes of a quantity over the region are its profile likelihood interval (Venzon & Moolgavkar 1988). The
    region has two dimensions, the ceiling being the best for each curve: it is cut at inflections from its first to
    its last, and at each the lowest and the highest rate are found by bisection.
    """
    shape, units = found.shape, len(data.counts)
    least = (found.likelihood - slack)[:, None]
    turns, coarse = coarse_profile(data, shape)
    likely = coarse >= least
    first = np.minimum(np.where(likely.any(axis=1), turns[likely.argmax(axis=1)], np.inf), found.turn)
    last = np.maximum(
        np.where(likely.any(axis=1), turns[len(turns) - 1 - likely[:, ::-1].argmax(axis=1)], -np.inf), found.turn
    )
    cell = turns[1] - turns[0]
    low, high = first - cell, last + cell
    for _ in range(3):
        # Sharper ends: the region may be much narrower than the cells.
        grid = low[:, None] + np.linspace(0, 1, 17) * (high - low)[:, None]
        likely = over_rates(data, shape, grid)[0] >= least
        likely |= grid == found.turn[:, None]
        some = likely.any(axis=1)
        width = (high - low) / 16
        start = grid[np.arange(units), likely.argmax(axis=1)]
        end = grid[np.arange(units), 16 - likely[:, ::-1].argmax(axis=1)]
        low = np.where(some, np.minimum(start, found.turn), found.turn) - width
        high = np.where(some, np.maximum(end, found.turn), found.turn) + width
    cuts = low[:, None] + np.linspace(0, 1, TRACED) * (high - low)[:, None]
    cuts = np.concatenate([cuts, found.turn[:, None]], axis=1)
    profile, rate = over_rates(data, shape, cuts)
    inside = profile >= least
    inside[:, -1] = True
    slow = _edge(data, shape, cuts, rate, least, np.full_like(rate, data.slowest))
    fast = _edge(data, shape, cuts, rate, least, np.full_like(rate, STEEPEST))
    at_slowest = (inside & (slow <= data.slowest * 1.001)).any(axis=1)
    return Region(
        np.concatenate([cuts, cuts, found.turn[:, None]], axis=1),
        np.concatenate([slow, fast, found.rate[:, None]], axis=1),
        np.concatenate([inside, inside, np.ones((units, 1), bool)], axis=1),
        at_slowest | (last >= turns[-1]),
        first <= turns[0],
    )


def _edge(data: Data, shape: Shape, cuts: Floats, rate: Floats, least: Floats, bound: Floats) -> Floats:
    """Where between its best and a bound the rate leaves the region, by bisection."""
    inner, outer = np.log(rate), np.log(bound)
    for _ in range(15):
        middle = (inner + outer) / 2
        still = likelihood(data, shape, cuts, np.exp(middle)) >= least
        inner, outer = np.where(still, middle, inner), np.where(still, outer, middle)
    return np.asarray(np.exp(inner))


def exponential(counts: Floats) -> tuple[Floats, Floats]:
    """Likelihood and rate of steady growth e^(rate t), to which every S-curve tends far below its ceiling; shapes (U,).

    The likelihood has one summit: Newton's steps, kept within 3 a year.
    """
    periods = counts.shape[1]
    time = np.arange(periods) - (periods - 1) / 2
    total, moment = counts.sum(axis=1), (counts * time).sum(axis=1)
    rate = np.zeros(len(counts))
    for _ in range(60):
        weight = _weights(rate, time)
        mean = (weight * time).sum(axis=1)
        spread = np.maximum((weight * time**2).sum(axis=1) - mean**2, 1e-9)
        with np.errstate(invalid="ignore", divide="ignore"):
            step = np.where(total > 0, (moment / total - mean) / spread, 0.0)
        rate = np.clip(rate + np.clip(step, -0.5, 0.5), -STEEPEST, STEEPEST)
    return exponential_likelihood(counts, rate[:, None])[:, 0], rate


def exponential_likelihood(counts: Floats, rate: Floats) -> Floats:
    """Likelihood of steady growth at rates of shape (U, N), comparable with :func:`likelihood`."""
    periods = counts.shape[1]
    x = rate[..., None] * (np.arange(periods) - (periods - 1) / 2)
    top = x.max(axis=-1)
    S = top + np.log(np.exp(x - top[..., None]).sum(axis=-1))
    return np.asarray(np.einsum("unt,ut->un", x, counts) - counts.sum(axis=1)[:, None] * S)


def exponential_interval(counts: Floats, rate: Floats, least: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest rate whose likelihood is at least `least`, shapes (U,); the best rate where none is."""
    ends = []
    for bound in (-STEEPEST, STEEPEST):
        inner, outer = rate.copy(), np.full_like(rate, bound)
        for _ in range(40):
            middle = (inner + outer) / 2
            still = exponential_likelihood(counts, middle[:, None])[:, 0] >= least
            inner, outer = np.where(still, middle, inner), np.where(still, outer, middle)
        ends.append(inner)
    return ends[0], ends[1]


def _weights(rate: Floats, time: Floats) -> Floats:
    x = rate[:, None] * time
    x -= x.max(axis=1, keepdims=True)
    weight = np.exp(x)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
