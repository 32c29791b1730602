"""What fitted curves say of the ceiling, of growth and of the years to come, at best and over all likely curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreland.foresight import growth_curves as curves
from foreland.foresight.curve_fits import (
    Bools,
    Data,
    Fit,
    Floats,
    exponential,
    exponential_interval,
    exponential_likelihood,
    fit,
    log_sum,
    region,
)
from foreland.foresight.growth_curves import Shape


@dataclass(frozen=True, eq=False)
class Said:
    """What curves say, each array of shape (U, M): M curves of each unit."""

    rest: Floats
    """Documents that are still to come after the last year; infinite where counts do not fall in the end."""
    growth: Floats
    """Of the yearly count in the last year, in logs a year."""
    yearly: Floats
    """Counts a year, shape (U, M, T + horizon)."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A family fitted to U units: an S-curve, or steady growth where there is no shape."""

    shape: Shape | None
    data: Data
    likelihood: Floats
    """-inf where the family does not apply."""
    parameters: int
    turn: Floats
    """NaN for steady growth."""
    rate: Floats

    def says(self, turn: Floats, rate: Floats, horizon: int) -> Said:
        """What curves of this family say, turns and rates of shape (U, M)."""
        if self.shape is None:
            return steady_says(self.data.counts, rate, horizon)
        counts, counted = self.data.counts, self.data.counted
        periods, total = self.data.periods, counts.sum(axis=1)[:, None]
        D = curves.log_increments(self.shape, periods + horizon, turn, rate)
        log_size = np.log(total) - log_sum(self.data, D[..., :periods])
        yearly = np.exp(np.minimum(D + log_size[..., None], 500.0))
        yearly[..., :periods] *= counted[:, None, :]
        ahead = np.maximum(curves.left(self.shape, periods, turn, rate), 1e-300)
        return Said(
            np.exp(np.minimum(np.log(ahead) + log_size, 500.0)),
            curves.growth(self.shape, periods - 0.5, turn, rate),
            yearly,
        )

    def mean(self) -> Floats:
        """Counts a year on the best curve, shape (U, T)."""
        return self.says(self.turn[:, None], self.rate[:, None], 0).yearly[:, 0]


def curve(data: Data, shape: Shape, parameters: int, applies: Bools) -> Candidate:
    """An S-curve fitted to all units, though it may apply to some only."""
    found = fit(data, shape)
    return Candidate(shape, data, np.where(applies, found.likelihood, -np.inf), parameters, found.turn, found.rate)


def steady(data: Data) -> Candidate:
    """Steady growth or decline of the yearly count."""
    found, rate = exponential(data.counts)
    return Candidate(None, data, found, 2, np.full_like(rate, np.nan), rate)


def steady_says(counts: Floats, rate: Floats, horizon: int) -> Said:
    """What steady growth says: without a ceiling, unless counts fall."""
    periods, total = counts.shape[1], counts.sum(axis=1)[:, None]
    x = rate[..., None] * (np.arange(periods + horizon) - (periods - 1.0))
    size = total[..., None] / np.exp(x[..., :periods]).sum(axis=-1, keepdims=True)
    yearly = np.exp(x) * size
    # The years after the last add a geometric series to its count.
    with np.errstate(over="ignore", divide="ignore"):
        tail = np.where(rate < 0, size[..., 0] / np.expm1(np.maximum(-rate, 1e-12)), np.inf)
    return Said(tail, rate, yearly)


@dataclass(frozen=True, eq=False)
class Reach:
    """A family's extremes over its likely curves, lows and highs in the last axis."""

    turn: Floats
    """Inflection, shape (U, 2); -inf and inf where the region reaches the edge of what was looked for."""
    rest: Floats
    """Documents still to come, shape (U, 2); infinite where the data leave them open."""
    growth: Floats
    """Shape (U, 2)."""
    yearly: Floats
    """Shape (U, T + horizon, 2)."""
    total: Floats
    """Running total after the last year, shape (U, horizon, 2)."""


def reach(candidate: Candidate, slack: Floats, horizon: int) -> Reach:
    """Extremes over all curves whose likelihood is at most `slack` (shape (U,)) below the family's best.

    An S-curve tends to steady growth the further away its inflection is. Where growth that does not fall is likely
    too, the ceiling has no upper bound, and the years to come are those of both.
    """
    counts, periods = candidate.data.counts, candidate.data.periods
    best, grows = exponential(counts) if candidate.shape else (candidate.likelihood, candidate.rate)
    least = np.where(np.isfinite(candidate.likelihood), candidate.likelihood, 0.0) - slack
    low, high = exponential_interval(counts, grows, least)
    ends = np.stack([low, grows, high], axis=1)
    plain = steady_says(counts, ends, horizon)
    if candidate.shape is None:
        turn = np.broadcast_to([-np.inf, np.inf], (len(counts), 2))
        return _extremes([(plain, np.ones(ends.shape, bool))], turn, high >= 0, periods)
    found = region(candidate.data, Fit(candidate.shape, least + slack, candidate.turn, candidate.rate), slack)
    said = candidate.says(found.turn, found.rate, horizon)
    first = np.where(found.inside, found.turn, np.inf).min(axis=1)
    last = np.where(found.inside, found.turn, -np.inf).max(axis=1)
    whole = candidate.data.counted.all(axis=1)
    not_falling = exponential_likelihood(counts, np.maximum(grows, 0.0)[:, None])[:, 0]
    open_above = found.open_above | (whole & (not_falling >= least))
    turn = np.stack([np.where(found.open_below, -np.inf, first), np.where(open_above, np.inf, last)], axis=1)
    likely = np.broadcast_to((whole & (best >= least))[:, None], ends.shape)
    return _extremes([(said, found.inside), (plain, likely)], turn, open_above, periods)


def _extremes(parts: list[tuple[Said, Bools]], turn: Floats, open_above: Bools, periods: int) -> Reach:
    inside = np.concatenate([mask for _, mask in parts], axis=1)

    def ends(name: str) -> Floats:
        values = np.concatenate([getattr(said, name) for said, _ in parts], axis=1)
        mask = inside.reshape(inside.shape + (1,) * (values.ndim - 2))
        low = np.where(mask, values, np.inf).min(axis=1)
        return np.stack([low, np.where(mask, values, -np.inf).max(axis=1)], axis=-1)

    ahead = np.concatenate([said.yearly[..., periods:].cumsum(axis=-1) for said, _ in parts], axis=1)
    low = np.where(inside[..., None], ahead, np.inf).min(axis=1)
    high = np.where(inside[..., None], ahead, -np.inf).max(axis=1)
    rest = ends("rest")
    rest[:, 1] = np.where(open_above, np.inf, rest[:, 1])
    return Reach(turn, rest, ends("growth"), ends("yearly"), np.stack([low, high], axis=-1))
