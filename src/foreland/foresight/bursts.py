"""Bursts: years in which a unit takes a larger share of all documents than it does on the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

HIGHEST = 0.9999
"""Most that a burst state expects of a year's documents: a share of 1 would forbid every other document."""
BLOCK = 16_384
"""Series worked on at once, so that a year of them stays in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Bursts:
    """Bursts of U series over T periods: B intervals, by unit, then level, then start."""

    states: NDArray[np.int8]
    """Cheapest state of every series and period, shape (T, U): 0 is no burst."""
    unit: Ints
    """Column of the series, shape (B,)."""
    level: Ints
    """1 and more; an interval of a level lies within one of the level below. Shape (B,)."""
    start: Ints
    """First period, shape (B,)."""
    end: Ints
    """Last period, itself part of the burst, shape (B,)."""
    weight: Floats
    """Cost saved over the interval against staying a level below, in nats, shape (B,)."""
    base: Floats
    """p_0, the share of each series over all periods, shape (U,). NaN without any document."""

    @property
    def running(self) -> NDArray[np.bool_]:
        """Whether the last period is part of the burst, so that its end is not known; shape (B,)."""
        return self.end == len(self.states) - 1


def bursts(counts: ArrayLike, totals: ArrayLike, scaling: float = 2.0, gamma: float = 1.0, levels: int = 1) -> Bursts:
    """Kleinberg's bursts of batched documents, exact, with nested levels.

    Of the d_t documents of period t, r_t belong to the unit. The automaton of Kleinberg (2002, "Bursty and
    hierarchical structure in streams", the model for batched arrivals) expects the share p_i = p_0 s^i in state i, with
    p_0 = Σ r / Σ d. A state costs −ln of its binomial probability of r_t out of d_t; going up from state i to j costs
    (j − i) γ ln T over T periods, going down nothing; before the first period the state is 0. The cheapest path of
    states is found by dynamic programming. The binomial coefficient is the same in all states and left out. Of
    equally cheap paths the one in the lower state is taken, from the last period back.

    Parameters
    ----------
    counts
        r, shape (T, U): documents of each unit, not negative; whole or fractional.
    totals
        d, shape (T,), or (T, U) where each unit has its own. A period without documents says nothing of any state.
    scaling
        s, above 1: how much larger a share each level expects. p_i stays below 1, at 0.9999 at most; a level which
        that leaves less than half of its step, in logs, is not there.
    gamma
        γ, not negative: how dear it is to go up a level.
    levels
        States above 0.

    Raises
    ------
    ValueError
        For other shapes, values that are negative or not finite, more documents of a unit than there are, or
        parameters out of range.
    """
    r, d = _checked(counts, totals)
    if not (scaling > 1 and gamma >= 0 and levels >= 1):
        raise ValueError("scaling above 1, gamma not negative, at least one level")
    periods, units = r.shape
    relevant = r.sum(axis=0)
    drawn = np.broadcast_to(d.sum(axis=0), units).astype(float)
    with np.errstate(invalid="ignore"):
        base = relevant / np.where(drawn > 0, drawn, np.nan)
    up = gamma * np.log(periods)
    states = np.zeros((periods, units), np.int8)
    for first in range(0, units, BLOCK):
        own = slice(first, first + BLOCK)
        totals_own = d if d.shape[1] == 1 else d[:, own]
        hit, miss = _evidence(base[own], scaling, levels)
        if levels == 1:
            states[:, own] = _two_states(r[:, own], totals_own, hit[0], miss[0], up)
        else:
            states[:, own] = _many_states(r[:, own], totals_own, hit, miss, up)
    return Bursts(states, *_intervals(states, r, d, base, scaling, levels), base)


def _checked(counts: ArrayLike, totals: ArrayLike) -> tuple[Floats, Floats]:
    r, d = np.asarray(counts, float), np.asarray(totals, float)
    d = d[:, None] if d.ndim == 1 else d
    if r.ndim != 2 or d.ndim != 2 or len(r) != len(d) or d.shape[1] not in (1, r.shape[1]) or not len(r):
        raise ValueError(f"counts of shape (T, U) and totals of shape (T,) or (T, U), not {r.shape} and {d.shape}")
    # NaN and both infinities make a sum that is not finite.
    if not (np.isfinite(r.sum()) and np.isfinite(d.sum())) or (r.size and r.min() < 0) or (d.size and d.min() < 0):
        raise ValueError("counts and totals are finite and not negative")
    if (r > d).any():
        raise ValueError("more documents of a unit than there are documents")
    return r, d


def _evidence(base: Floats, scaling: float, levels: int) -> tuple[Floats, Floats]:
    """What a document of the unit, and one of another, say for state i against state 0; both of shape (levels, U)."""
    # Without documents, or with all of them, no level is there.
    p0 = np.where((base > 0) & (base < 1), base, HIGHEST)
    p = np.empty((levels, len(p0)))
    below = p0
    for i in range(levels):
        share = np.minimum(below * scaling, HIGHEST)
        p[i] = below = np.where(share >= below * np.sqrt(scaling), share, below)
    return np.log(p / p0), np.log1p(-p) - np.log1p(-p0)


def _two_states(r: Floats, d: Floats, hit: Floats, miss: Floats, up: float) -> NDArray[np.int8]:
    """The cheapest path of two states, from the difference of their costs alone: D_t = min(max(D_t−1, 0), τ) − g_t."""
    periods, units = r.shape
    dearer = np.empty((periods, units))
    before = np.full(units, up)
    gain, other = np.empty(units), np.empty(units)
    for t in range(periods):
        np.multiply(r[t], hit, out=gain)
        np.subtract(d[t], r[t], out=other)
        other *= miss
        gain += other
        np.subtract(before, gain, out=dearer[t])
        np.clip(dearer[t], 0.0, up, out=before)
    states = np.empty((periods, units), np.int8)
    now = dearer[-1] < 0
    states[-1] = now
    for t in range(periods - 2, -1, -1):
        now = np.where(now, dearer[t] < up, dearer[t] < 0)
        states[t] = now
    return states


def _many_states(r: Floats, d: Floats, hit: Floats, miss: Floats, up: float) -> NDArray[np.int8]:
    """The cheapest path of any number of states."""
    periods, units = r.shape
    number = len(hit) + 1
    cost = np.arange(number)[:, None] * up + np.zeros(units)
    came = np.zeros((periods, number, units), np.int8)
    for t in range(periods):
        if t:
            cost = _stepped(cost, up, came[t])
        cost[1:] -= r[t] * hit + (d[t] - r[t]) * miss
    states = np.empty((periods, units), np.int8)
    now = cost.argmin(axis=0)
    states[-1] = now
    for t in range(periods - 1, 0, -1):
        now = came[t, now, np.arange(units)].astype(np.intp)
        states[t - 1] = now
    return states


def _stepped(cost: Floats, up: float, came: NDArray[np.int8]) -> Floats:
    """Cost of being in each state a period on; where from is written to `came`."""
    stepped = np.empty_like(cost)
    for j in range(len(cost)):
        best, origin = cost[0] + j * up, np.zeros(cost.shape[1], np.int8)
        for i in range(1, len(cost)):
            other = cost[i] + max(j - i, 0) * up
            less = other < best
            best, origin = np.where(less, other, best), np.where(less, np.int8(i), origin)
        stepped[j], came[j] = best, origin
    return stepped


def _intervals(
    states: NDArray[np.int8], r: Floats, d: Floats, base: Floats, scaling: float, levels: int
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """Unit, level, start, end and weight of the unbroken stretches at a level or above it."""
    active = np.flatnonzero(states.any(axis=0))
    inside, own = states[:, active], r[:, active]
    drawn = d if d.shape[1] == 1 else d[:, active]
    hit, miss = _evidence(base[active], scaling, levels)
    found = []
    below = np.zeros_like(own)
    for level in range(1, levels + 1):
        gain = own * hit[level - 1] + (drawn - own) * miss[level - 1]
        saved = np.concatenate([np.zeros((1, len(active))), np.cumsum(gain - below, axis=0)])
        below = gain
        on = np.zeros((len(states) + 2, len(active)), bool)
        on[1:-1] = inside >= level
        # Along the transposed array, so that starts and ends come in pairs.
        unit, start = np.nonzero((on[1:] & ~on[:-1]).T)
        _, end = np.nonzero((on[:-1] & ~on[1:]).T)
        found.append((active[unit], np.full(len(unit), level), start, end - 1, saved[end, unit] - saved[start, unit]))
    unit, level_, start, last, weight = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((start, level_, unit))
    return unit[order], level_[order], start[order], last[order], weight[order]
