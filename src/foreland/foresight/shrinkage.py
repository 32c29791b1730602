"""Empirical-Bayes shrinkage: what few documents say counts as little as it is sure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]

FEWEST = 3
"""With fewer units their spread can't be estimated (Efron & Morris 1975)."""
DEFAULT_SPREAD = float(np.log(2))
"""Spread of true values where it can't be estimated: one in three units lies more than a doubling off."""


@dataclass(frozen=True, eq=False)
class Shrunk:
    """Estimates of U units drawn to their common centre."""

    mean: Floats
    """Posterior means, shape (U,); NaN where there is no estimate."""
    low: Floats
    high: Floats
    """Bounds of the credible intervals, shape (U,)."""
    centre: float
    spread: float
    """Standard deviation of the true values: 0 where the estimates differ no more than chance makes them."""

    def scaled(self, factor: float) -> Shrunk:
        """The same in another unit; `factor` is above zero."""
        mean, low, high = factor * self.mean, factor * self.low, factor * self.high
        return Shrunk(mean, low, high, factor * self.centre, factor * self.spread)

    def moved(self, by: float) -> Shrunk:
        """The same counted from another zero."""
        return Shrunk(self.mean + by, self.low + by, self.high + by, self.centre + by, self.spread)


def shrink(estimate: Floats, variance: Floats, level: float = 0.9, spread: float = DEFAULT_SPREAD) -> Shrunk:
    """Posterior of each unit's true value in the normal–normal model, its prior estimated from all units.

    y_u ~ N(θ_u, s_u²), θ_u ~ N(μ, τ²): θ̂_u = μ + B_u (y_u − μ) with B_u = τ²/(τ² + s_u²) (James & Stein 1961; Efron &
    Morris 1975). τ² is that of Paule & Mandel (1982), μ the mean with weights w_u = 1/(s_u² + τ²). Intervals
    know that μ and τ are estimates of k units (Morris 1983): the variance is s_u² (1 − (k − 3)/k · (1 − B_u)) +
    2/(k − 3) · (1 − B_u)² (s̄² + τ²)/(s_u² + τ²) · (y_u − μ)², s̄² the mean of s² with weights w.

    Parameters
    ----------
    estimate, variance
        Shape (U,). Units whose estimate is NaN are left out.
    level
        Probability of the intervals.
    spread
        τ where fewer than three units have an estimate; μ is 0 then.

    Raises
    ------
    ValueError
        If a variance is not above zero.
    """
    known = np.isfinite(estimate)
    mean, low, high = (np.full(len(estimate), np.nan) for _ in range(3))
    y, s2 = estimate[known], variance[known]
    if not (s2 > 0).all():
        raise ValueError("variances must be above zero")
    if y.size < FEWEST:
        tau2, centre = spread**2, 0.0
        posterior = tau2 / (tau2 + s2) * s2
    else:
        tau2 = paule_mandel(y, s2)
        weight = 1 / (s2 + tau2)
        centre = float(weight @ y / weight.sum())
        drawn, fewer = s2 * weight, y.size - 3
        common = float(weight @ s2 / weight.sum())
        posterior = s2 * (1 - fewer / y.size * drawn)
        posterior = posterior + 2 / max(fewer, 1) * drawn**2 * (common + tau2) * weight * (y - centre) ** 2
    kept = tau2 / (tau2 + s2)
    reach = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(posterior)
    mean[known] = centre + kept * (y - centre)
    low[known], high[known] = mean[known] - reach, mean[known] + reach
    return Shrunk(mean, low, high, centre, float(np.sqrt(tau2)))


def paule_mandel(estimate: Floats, variance: Floats) -> float:
    """Variance of the true values: the τ² ≥ 0 at which Σ (y − μ)²/(s² + τ²) = U − 1 (Paule & Mandel 1982).

    The left side falls and is convex in τ², so Newton's steps from 0 never pass the root (DerSimonian & Kacker 2007).
    """
    tau2 = 0.0
    for _ in range(200):
        weight = 1 / (variance + tau2)
        away = (estimate - weight @ estimate / weight.sum()) ** 2
        excess = weight @ away - (len(estimate) - 1)
        slope = weight**2 @ away
        if excess <= 0 or slope == 0:
            break
        step = float(excess / slope)
        tau2 += step
        if step <= 1e-12 * tau2:
            break
    return tau2
