"""A score out of signals, with weights that are stated and parts that are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foreland.foresight.shrinkage import Floats
from foreland.foresight.signals import SIGNALS, Signals


@dataclass(frozen=True, eq=False)
class Score:
    """A score of U units out of S signals, and what each signal gives to it."""

    total: Floats
    """Shape (U,): the sum of the parts. NaN where a unit has none of the signals."""
    parts: Floats
    """Shape (U, S): weight times standardised signal; NaN where the signal can't be told, which adds nothing."""
    names: tuple[str, ...]
    weights: Floats
    """Shape (S,): as used; their absolute values sum to 1."""


def score(
    found: Signals, weights: Mapping[str, float], *, among: np.ndarray | None = None, sure: bool = False
) -> Score:
    """Sum of standardised signals with stated weights; signals no unit has are left out and the rest scaled up.

    A mean, even shrunk, lets a unit of one document of the last year lead where units differ much: the prior is wide
    then, and takes such a jump for real. So score either the units with documents enough, or lower bounds.

    Parameters
    ----------
    found
        Signals of U units.
    weights
        Signal → weight; below zero where less is more.
    among
        Which units to score, shape (U,), boolean; all by default. The others neither get a score nor set the scale.
    sure
        Whether signals count with the lower bound of their interval.

    Raises
    ------
    ValueError
        If a name is not among :data:`SIGNALS`, or no signal with a weight is known.
    """
    if unknown := sorted(set(weights) - set(SIGNALS)):
        raise ValueError(f"no such signals: {', '.join(unknown)}")
    values = found.array(sure=sure)
    if among is not None:
        values = np.where(among[:, None], values, np.nan)
    told = [name for k, name in enumerate(SIGNALS) if np.isfinite(values[:, k]).any()]
    names = tuple(name for name in told if weights.get(name))
    if not names:
        raise ValueError("no signal with a weight is known")
    weight = np.array([weights[name] for name in names])
    weight = weight / np.abs(weight).sum()
    parts = weight * standardised(values[:, [SIGNALS.index(name) for name in names]])
    total = np.where(np.isfinite(parts).any(axis=1), np.nansum(parts, axis=1), np.nan)
    return Score(total, parts, names, weight)


def standardised(values: Floats, most: float = 3.0) -> Floats:
    """Deviations from the mean in standard deviations (ddof 0) by column; 0 where all are alike.

    Beyond `most` only the logarithm grows, z → most (1 + ln z/most), so that one signal of one unit does not decide
    everything, and units far out keep their order. Shape as given; NaN stays NaN.
    """
    known = np.isfinite(values)
    held = np.where(known, values, 0.0)
    size = np.maximum(known.sum(axis=0), 1)
    mean = held.sum(axis=0) / size
    away = np.where(known, values - mean, 0.0)
    deviation = np.sqrt((away**2).sum(axis=0) / size)
    # What rounding leaves of equal values is no difference.
    flat = deviation <= 1e-12 * np.maximum(np.abs(mean), 1e-300)
    scaled = np.where(flat, 0.0, away / np.where(flat, 1.0, deviation))
    size = np.abs(scaled)
    bent = np.where(size > most, most * (1 + np.log(np.maximum(size, most) / most)), size)
    return np.where(known, np.sign(scaled) * bent, np.nan)
