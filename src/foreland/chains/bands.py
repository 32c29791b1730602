"""How much a simulated loss hangs on what nobody measures: stocks, spare capacity and the time to adapt.

The parameters of ARIO are assumptions (Hallegatte 2008, 2014; Juhel, Delahais & Viguié 2024 on how much they matter),
so every curve comes with a band over a stated range of them. The designs are fixed: nothing is drawn at random.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np

from foreland.chains.ario import ArioParameters, Shock, Simulation, recovery, scenarios, simulate
from foreland.chains.ario_engine import DAYS_A_YEAR, economy, run
from foreland.chains.input_output import Floats, InputOutput

Design = Literal["corners", "sobol"]


@dataclass(frozen=True)
class Ranges:
    """Factors (low, high) on the central parameters; (1, 1) holds one fixed.

    The defaults span what the literature uses: 45–180 days of stocks around 90, capacity at most 112.5–137.5 % around
    125 %, half a year to two years to adapt around one (Hallegatte 2008 has 120 % and half a year, 2014 125 % and a
    year), 30–120 days of restoration around 60 only where asked for.
    """

    inventory: tuple[float, float] = (0.5, 2.0)
    """On inventory_days; where step_days / psi allows no less, that is the low end."""
    overproduction: tuple[float, float] = (0.5, 1.5)
    """On what overproduction_max is above 1."""
    adaptation: tuple[float, float] = (0.5, 2.0)
    """On overproduction_days and import_substitution_days."""
    restoration: tuple[float, float] = (1.0, 1.0)
    """On inventory_restoration_days."""

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            low, high = getattr(self, name)
            if not (np.isfinite([low, high]).all() and 0 <= low <= high and (low > 0 or name == "overproduction")):
                raise ValueError(f"{name} is not a range of factors")


def design(
    central: ArioParameters, ranges: Ranges, kind: Design = "corners", draws: int = 16, seed: int = 0
) -> tuple[ArioParameters, ...]:
    """Parameters over the ranges; the central ones are not among them.

    Parameters
    ----------
    kind
        ``corners``: all combinations of low and high ends (2^k for k ranges): the extremes, where the loss moves one
        way in each parameter. ``sobol``: `draws` points of a scrambled Sobol sequence of `seed` (Sobol 1967; Owen
        1998), uniform in the logarithm of the factor, in the factor itself for overproduction.
    """
    names = list(Ranges.__dataclass_fields__)
    ends = np.array([getattr(ranges, name) for name in names])
    free = np.flatnonzero(ends[:, 0] < ends[:, 1])
    if kind == "corners":
        points = np.array(list(product((0.0, 1.0), repeat=len(free)))).reshape(-1, len(free))
    elif kind == "sobol":
        from scipy.stats import qmc

        if len(free) == 0:
            return (central,)
        points = qmc.Sobol(len(free), seed=seed).random(draws)
    else:
        raise ValueError(f"unknown design {kind!r}")
    factors = np.repeat(ends[None, :, 0], len(points), axis=0)
    for column, which in enumerate(free):
        low, high = ends[which]
        share = points[:, column]
        straight = low + (high - low) * share
        factors[:, which] = straight if names[which] == "overproduction" else low ** (1 - share) * high**share
    return tuple(_scaled(central, dict(zip(names, row, strict=True))) for row in factors.tolist())


def _scaled(p: ArioParameters, factor: dict[str, float]) -> ArioParameters:
    step = p.step_days

    def times(value: object, by: float, least: float) -> float | Floats:
        found = np.maximum(np.asarray(value, dtype=np.float64) * by, least)
        return float(found) if found.ndim == 0 else found

    top = 1.0 + (np.asarray(p.overproduction_max, dtype=np.float64) - 1.0) * factor["overproduction"]
    return replace(
        p,
        inventory_days=times(p.inventory_days, factor["inventory"], step / p.psi),
        inventory_restoration_days=times(p.inventory_restoration_days, factor["restoration"], step),
        overproduction_max=float(top) if top.ndim == 0 else top,
        overproduction_days=max(p.overproduction_days * factor["adaptation"], step),
        import_substitution_days=max(p.import_substitution_days * factor["adaptation"], step),
    )


@dataclass(frozen=True, eq=False)
class Band:
    """A simulation with its range over parameters; K draws, currency of the table, rates a year's."""

    central: Simulation
    draws: tuple[ArioParameters, ...]
    """K sets of parameters, without the central one."""
    value_added: Floats
    """(K, T): rate of value added."""
    low: Floats
    """(T,): lowest rate of value added of central and draws."""
    high: Floats
    """(T,)."""
    total_loss: Floats
    """(K,): value added lost over all steps."""
    loss_by_sector: Floats
    """(K, n)."""
    unmet: Floats
    """(K,): final use not met over all steps."""
    recovery_day: Floats
    """(K,): NaN where not recovered."""

    @property
    def loss_range(self) -> tuple[float, float]:
        """Smallest and largest total loss of central and draws."""
        found = np.append(self.total_loss, self.central.total_loss)
        return float(found.min()), float(found.max())

    @property
    def loss_days_range(self) -> tuple[float, float]:
        """The same in days of GDP."""
        low, high = (loss / self.central.gdp * DAYS_A_YEAR for loss in self.loss_range)
        return low, high

    @property
    def recovery_range(self) -> tuple[float | None, float | None]:
        """First and last day of recovery among central and draws; None where one doesn't recover."""
        days = [self.central.recovery_day, *(None if np.isnan(d) else float(d) for d in self.recovery_day)]
        known = [d for d in days if d is not None]
        return (min(known) if known else None), (max(known) if len(known) == len(days) else None)


def simulate_band(
    table: InputOutput,
    shock: Shock,
    parameters: ArioParameters | None = None,
    steps: int = 365,
    ranges: Ranges | None = None,
    draws: tuple[ArioParameters, ...] | None = None,
) -> Band:
    """:func:`simulate` with central parameters, and its range over others.

    Parameters
    ----------
    ranges
        Ends of the corners; defaults of :class:`Ranges` where None.
    draws
        Parameters to run instead, as from :func:`design`; same step_days.

    Raises
    ------
    ValueError, ChainError
        As :func:`simulate`.
    """
    parameters = ArioParameters() if parameters is None else parameters
    draws = design(parameters, ranges or Ranges()) if draws is None else tuple(draws)
    if not draws or any(p.step_days != parameters.step_days for p in draws):
        raise ValueError("no draws, or draws that differ in step_days")
    central = simulate(table, shock, parameters, steps)
    base = economy(table)
    trace = run(base, scenarios(len(table), [shock] * len(draws), draws, steps), detail=False)
    strength = shock.strength(steps, parameters.step_days)
    days = [recovery(path, strength, parameters.step_days) for path in trace.value_added]
    value_added = trace.value_added * base.gdp
    paths = np.vstack([central.value_added[None], value_added])
    lost = trace.lost / DAYS_A_YEAR
    return Band(
        central=central,
        draws=draws,
        value_added=value_added,
        low=paths.min(axis=0),
        high=paths.max(axis=0),
        total_loss=lost.sum(axis=1),
        loss_by_sector=lost,
        unmet=trace.unmet.sum(axis=1) / DAYS_A_YEAR,
        recovery_day=np.array([np.nan if day is None else day for day in days]),
    )
