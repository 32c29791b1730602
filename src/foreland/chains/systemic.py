"""Which sector's loss costs most: every sector of a table hit alone, without and with time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from foreland.chains.ario import ArioParameters, Shock, recovery, scenarios
from foreland.chains.ario_engine import DAYS_A_YEAR, economy, run
from foreland.chains.input_output import Floats, InputOutput
from foreland.chains.static_shock import SingleLosses, single_losses


@dataclass(frozen=True, eq=False)
class Systemic:
    """Losses of m sectors hit alone, in the order they were asked for; currency of the table."""

    sectors: NDArray[np.intp]
    """(m,)."""
    static: SingleLosses
    """Of all n sectors: value added lost a year while the capacity is missing."""
    direct: Floats
    """(m,): value added that the missing capacity would have made."""
    loss: Floats
    """(m,): value added lost over all steps."""
    loss_days: Floats
    """(m,): the same in days of GDP."""
    low: Floats
    """(m,): smallest loss over central parameters and draws; equal to `loss` without draws."""
    high: Floats
    """(m,)."""
    unmet: Floats
    """(m,): final use not met over all steps."""
    recovery_day: Floats
    """(m,): NaN where not recovered."""
    order: NDArray[np.intp]
    """Positions in `sectors`, the costliest first; ties by position."""

    @property
    def amplification(self) -> Floats:
        """Loss over direct loss; NaN without a direct loss."""
        out = np.full_like(self.loss, np.nan)
        np.divide(self.loss, self.direct, out=out, where=self.direct > 0)
        return out


def systemic(
    table: InputOutput,
    shock: Shock,
    parameters: ArioParameters | None = None,
    steps: int = 365,
    sectors: Sequence[int] | None = None,
    draws: Sequence[ArioParameters] = (),
) -> Systemic:
    """Each sector loses its share of capacity alone; what does it cost all?

    The criterion is the value added that all sectors lose (Hallegatte 2014's output loss, in value added), by
    :func:`foreland.chains.ario.simulate`, with the static bounds of :func:`foreland.chains.static_shock.single_losses`.

    Parameters
    ----------
    shock
        `loss` of shape (n,): what each sector loses when its turn comes; e.g. ``np.full(n, 0.1)``.
    sectors
        Positions to hit; all where None. Time grows with their number: a sector takes as long as one simulation.
    draws
        Further parameters, as from :func:`foreland.chains.bands.design`; each costs as much again.

    Raises
    ------
    ValueError
        If a position is out of range or shapes don't fit.
    ChainError
        As :func:`foreland.chains.ario.simulate` and :func:`foreland.chains.static_shock.static_shock`.
    """
    n = len(table)
    parameters = ArioParameters() if parameters is None else parameters
    chosen = np.arange(n) if sectors is None else np.asarray(sectors, dtype=np.intp)
    if chosen.size == 0 or chosen.min() < 0 or chosen.max() >= n:
        raise ValueError(f"sectors are not positions below {n}")
    if shock.loss.shape != (n,):
        raise ValueError(f"loss is not of shape ({n},)")
    base = economy(table)
    alone = [replace(shock, loss=np.where(np.arange(n) == k, shock.loss, 0.0)) for k in chosen]
    trace = run(base, scenarios(n, alone, [parameters] * len(alone), steps), detail=False)
    loss = trace.lost.sum(axis=1) / DAYS_A_YEAR
    runs = [loss]
    for draw in draws:
        other = run(base, scenarios(n, alone, [draw] * len(alone), steps), detail=False)
        runs.append(other.lost.sum(axis=1) / DAYS_A_YEAR)
    strength = shock.strength(steps, parameters.step_days)
    days = [recovery(path, strength, parameters.step_days) for path in trace.value_added]
    return Systemic(
        sectors=chosen,
        static=single_losses(table, shock.loss),
        direct=shock.loss[chosen]
        * base.value_added[chosen]
        * float(strength.sum() * parameters.step_days)
        / DAYS_A_YEAR,
        loss=loss,
        loss_days=loss / base.gdp * DAYS_A_YEAR,
        low=np.min(runs, axis=0),
        high=np.max(runs, axis=0),
        unmet=trace.unmet.sum(axis=1) / DAYS_A_YEAR,
        recovery_day=np.array([np.nan if day is None else day for day in days]),
        order=np.argsort(-loss, kind="stable"),
    )
