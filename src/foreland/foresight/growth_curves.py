"""S-shaped curves of growth: what they add a year, how much of them is left, and how fast they grow.

Time runs in years from the beginning of the first year: the first year is 0 to 1. F is the share of the ceiling that is
reached, by ``turn`` (the inflection, in these years) and ``rate`` (a year):

- logistic (Verhulst 1838): F = 1 / (1 + e^(−rate (t − turn))), the inflection at one half;
- Gompertz (1825): F = exp(−e^(−rate (t − turn))), the inflection at 1/e;
- Bass (1969, *Management Science* 15): F = (1 − e^(−(p+q) a)) / (1 + q/p e^(−(p+q) a)), a years after the launch. What
  it adds a year is what a logistic curve with rate p + q and turn = launch + ln(q/p) / (p + q) adds, cut off at the
  launch: the two differ in nothing but what was there before.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shape = Literal["logistic", "gompertz"]

STEEP = 200.0
"""Exponents are cut here: beyond it a curve is flat in double precision anyhow."""


def log_increments(shape: Shape, periods: int, turn: Floats, rate: Floats) -> Floats:
    """ln of what the curve adds in each of T years, as a share of its ceiling; shape (…, T) for turns of shape (…)."""
    edges = np.arange(periods + 1.0)
    x = rate[..., None] * (edges - turn[..., None])
    if shape == "logistic":
        # F(b) − F(a) = sinh((b − a)/2) / (2 cosh(a/2) cosh(b/2)), which loses no digits in the tails.
        size = np.abs(x)
        cosh = size / 2 + np.log1p(np.exp(-size))
        return np.asarray(np.log(2 * np.sinh(rate / 2))[..., None] - cosh[..., 1:] - cosh[..., :-1])
    u = np.exp(-np.clip(x, -STEEP, STEEP))
    gone = np.maximum(u[..., :-1] - u[..., 1:], 1e-300)
    return np.asarray(-u[..., 1:] + np.log(-np.expm1(-gone)))


def reached(shape: Shape, time: Floats | float, turn: Floats, rate: Floats) -> Floats:
    """F, the share of the ceiling that is reached at a time."""
    x = np.clip(rate * (time - turn), -STEEP, STEEP)
    return np.asarray(1 / (1 + np.exp(-x)) if shape == "logistic" else np.exp(-np.exp(-x)))


def left(shape: Shape, time: Floats | float, turn: Floats, rate: Floats) -> Floats:
    """1 − F, with all its digits near the ceiling."""
    x = np.clip(rate * (time - turn), -STEEP, STEEP)
    return np.asarray(1 / (1 + np.exp(x)) if shape == "logistic" else -np.expm1(-np.exp(-x)))


def growth(shape: Shape, time: float, turn: Floats, rate: Floats) -> Floats:
    """Growth of the yearly count at a time, d ln F′ / dt, a year: above 0 before the inflection, below it after."""
    x = np.clip(rate * (time - turn), -STEEP, STEEP)
    return np.asarray(-rate * np.tanh(x / 2) if shape == "logistic" else rate * (np.exp(-x) - 1))


TENTHS = {
    "logistic": (-float(np.log(9)), float(np.log(9))),
    "gompertz": (-float(np.log(-np.log(0.1))), -float(np.log(-np.log(0.9)))),
}
"""rate × years from the inflection to where a tenth and nine tenths of the ceiling are reached."""


def bass(turn: Floats, rate: Floats, launch: Floats) -> tuple[Floats, Floats]:
    """Innovation p and imitation q of the Bass curve that adds what a logistic curve does from the launch on."""
    p = rate / (1 + np.exp(np.clip(rate * (turn - launch), -STEEP, STEEP)))
    return p, rate - p
