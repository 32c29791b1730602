"""Weights of signals as a person chooses them, and how often calls by them came true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np

from foreland.core.errors import UsageError
from foreland.core.provenance import Caveat
from foreland.core.registry import Between
from foreland.core.scope import Scope
from foreland.foresight.questions.track_record import record, untested
from foreland.foresight.scoring import score
from foreland.foresight.signals import signals

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

MOST = 2.0
FROM_COUNTS = ("vitality", "growth", "novelty", "acceleration")
"""Signals that counts alone tell, so that they can be worked out again for every earlier year."""
USUAL_WINDOW = 3


@dataclass(frozen=True)
class SignalWeights:
    """How much each signal counts; by default the two that held in the back-test."""

    weight_vitality: Annotated[float, Between(0.0, MOST)] = 1.0
    weight_growth: Annotated[float, Between(0.0, MOST)] = 1.0
    weight_novelty: Annotated[float, Between(0.0, MOST)] = 0.0
    weight_acceleration: Annotated[float, Between(0.0, MOST)] = 0.0
    weight_diffusion: Annotated[float, Between(0.0, MOST)] = 0.0
    weight_impact: Annotated[float, Between(0.0, MOST)] = 0.0
    weight_coherence: Annotated[float, Between(0.0, MOST)] = 0.0

    def by_signal(self) -> dict[str, float]:
        """Signal → weight; diffusion is that which is under way.

        Raises
        ------
        UsageError
            If all are zero.
        """
        weights = {key.removeprefix("weight_"): value for key, value in vars(self).items()}
        weights["diffusion_change"] = weights.pop("diffusion")
        if not any(weights.values()):
            raise UsageError("foresight.error.no_weights")
        return weights


def track_record(ws: Workspace, scope: Scope, weights: SignalWeights, window: int, cautious: bool) -> Caveat:
    """How often calls by these weights came true on these figures.

    The usual weights are among the callers that every back-test has; others are tested where counts alone tell the
    signals.
    """
    wanted = {name: weight for name, weight in weights.by_signal().items() if weight}
    if weights == SignalWeights() and window == USUAL_WINDOW and not cautious:
        return record(ws, scope, "signals").caveat
    if not set(wanted) <= set(FROM_COUNTS):
        return untested()
    # The name is the key under which a back-test is kept.
    name = f"weights {sorted(wanted.items())} {window} {cautious}"

    def rank(counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
        return _scores(counts, totals, (wanted, window, cautious))

    return record(ws, scope, name, score=rank).caveat


def _scores(counts: np.ndarray, totals: np.ndarray, setting: tuple[dict[str, float], int, bool]) -> np.ndarray:
    """Scores at the last year; units with totals of their own are those of a place, and scored among themselves."""
    wanted, window, cautious = setting
    found = np.full(counts.shape[1], -np.inf)
    if totals.ndim == 1:
        groups = np.zeros(counts.shape[1], dtype=int)
    else:
        groups = np.unique(totals, axis=1, return_inverse=True)[1].ravel()
    for group in range(groups.max() + 1):
        own = groups == group
        whole = totals if totals.ndim == 1 else totals[:, own][:, 0]
        try:
            seen = signals(counts[:, own], whole, at=len(counts) - 1, window=window)
            total = score(seen, wanted, sure=cautious).total
        except ValueError:  # too few years for any of the signals
            continue
        found[own] = np.where(np.isfinite(total), total, -np.inf)
    return found
