"""The adaptive regional input–output model (ARIO): what a loss of capacity costs, day by day.

Hallegatte (2008), "An adaptive regional input–output model and its application to the assessment of the economic cost
of Katrina", Risk Analysis 28(3), 779–799, and Hallegatte (2014), "Modeling the role of inventories and heterogeneity in
the assessment of the economic costs of natural disasters", Risk Analysis 34(1), 152–167, with the inventory threshold
ψ of the latter. Nothing is drawn: the same table and shock give the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from foreland.chains.ario_engine import DAYS_A_YEAR, Economy, Scenarios, Trace, economy, run
from foreland.chains.input_output import Floats, InputOutput, floats

Recovery = Literal["instant", "linear", "exponential", "none"]

# Value added counts as recovered once it stays above this share of its baseline.
RECOVERED = 0.999


@dataclass(frozen=True)
class ArioParameters:
    """How sectors hold stocks and adapt. Durations in days; scalars, or one value a sector where said.

    The defaults are those that BoARIO 0.7 (Juhel 2024) documents for the model of Hallegatte (2014).

    Raises
    ------
    ValueError
        If a duration isn't above zero, ψ not in (0, 1], capacity at most below 1, a share not in [0, 1], or stocks
        could run below zero within a step (inventory_days < step_days / psi, restoration shorter than a step).
    """

    step_days: float = 1.0
    """Length of a step."""
    inventory_days: float | Sequence[float] | Floats = 90.0
    """Days of use that users hold of a product; one value a product or one for all (n_i, Hallegatte 2014)."""
    inventory_restoration_days: float | Sequence[float] | Floats = 60.0
    """Days over which what a stock lacks is ordered; by product (τ_s, Hallegatte 2014)."""
    psi: float = 0.8
    """Production is cut when a stock falls below this share of its target (ψ, Hallegatte 2014)."""
    overproduction_max: float | Sequence[float] | Floats = 1.25
    """Capacity at most, relative to the baseline; by sector (α_max; Hallegatte 2008 has 1.2, 2014 1.25)."""
    overproduction_days: float = 365.0
    """Days over which capacity adapts to scarcity (τ_α; Hallegatte 2008 has half a year, 2014 a year)."""
    import_substitution_max: float | Sequence[float] | Floats = 0.0
    """Share of orders to a home sector that can at most go abroad while it is scarce; by product. This is the
    adaptation of clients of Hallegatte (2008), with the law of overproduction; left out (0) as in Hallegatte (2014)."""
    import_substitution_days: float = 180.0
    """Days over which clients turn to imports and back (half a year in Hallegatte 2008)."""

    def __post_init__(self) -> None:
        durations = (
            *("step_days", "inventory_days", "inventory_restoration_days"),
            *("overproduction_days", "import_substitution_days"),
        )
        for name in durations:
            if not (np.isfinite(getattr(self, name)).all() and np.min(getattr(self, name)) > 0):
                raise ValueError(f"{name} is not above zero")
        if not 0 < self.psi <= 1:
            raise ValueError("psi is not in (0, 1]")
        if not (np.isfinite(self.overproduction_max).all() and np.min(self.overproduction_max) >= 1):
            raise ValueError("overproduction_max is below 1")
        if np.min(self.import_substitution_max) < 0 or not np.max(self.import_substitution_max) <= 1:
            raise ValueError("import_substitution_max is not in [0, 1]")
        if np.min(self.inventory_days) * self.psi < self.step_days * (1 - 1e-12):
            raise ValueError("inventory_days is below step_days / psi: stocks could run below zero")
        if np.min(self.inventory_restoration_days) < self.step_days:
            raise ValueError("inventory_restoration_days is below step_days")
        if min(self.overproduction_days, self.import_substitution_days) < self.step_days:
            raise ValueError("overproduction_days or import_substitution_days is below step_days")


@dataclass(frozen=True, eq=False)
class Shock:
    """A loss of capacity.

    Parameters
    ----------
    loss
        Shape (n,): share of capacity lost by sector, 0–1.
    duration_days
        How long the whole of it is lost.
    recovery
        How capacity comes back afterwards: at once, linearly over `recovery_days`, with that time as the time constant
        of an exponential, or not at all.
    start_days
        Days before the loss.
    profile
        Part of the loss in force in each step, 0–1, instead of all the former; after its end the last value holds.
    """

    loss: Floats
    duration_days: float = 30.0
    recovery: Recovery = "instant"
    recovery_days: float = 0.0
    start_days: float = 0.0
    profile: Sequence[float] | Floats | None = None

    def __post_init__(self) -> None:
        loss = floats(self.loss, "loss", (None,))
        object.__setattr__(self, "loss", loss)
        if loss.size and not (loss.min() >= 0 and loss.max() <= 1):
            raise ValueError("loss is not in [0, 1]")
        if self.recovery not in ("instant", "linear", "exponential", "none"):
            raise ValueError(f"unknown recovery {self.recovery!r}")
        if min(self.duration_days, self.recovery_days, self.start_days) < 0:
            raise ValueError("a duration is below zero")
        if self.recovery == "exponential" and not self.recovery_days > 0:
            raise ValueError("an exponential recovery needs recovery_days above zero")
        if self.profile is not None:
            profile = floats(self.profile, "profile", (None,))
            if not profile.size or not (profile.min() >= 0 and profile.max() <= 1):
                raise ValueError("profile is empty or not in [0, 1]")

    def strength(self, steps: int, step_days: float) -> Floats:
        """Part of the loss in force, shape (steps,): the mean over each step, so that it sums up for any step."""
        if self.profile is not None:
            given = np.asarray(self.profile, dtype=np.float64)
            return given[np.minimum(np.arange(steps), len(given) - 1)]
        # Integral of the strength since the start, at the edges of steps.
        since = np.maximum(np.arange(steps + 1) * step_days - self.start_days, 0.0)
        if self.recovery == "none":
            area = since
        else:
            area = np.minimum(since, self.duration_days)
            after = since - area
            tau = self.recovery_days
            if self.recovery == "linear" and tau > 0:
                after = np.minimum(after, tau)
                area = area + after - after**2 / (2 * tau)
            elif self.recovery == "exponential":
                area = area - tau * np.expm1(-after / tau)
        return np.clip(np.diff(area) / step_days, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Simulation:
    """What one shock did. Currency of the table; rates are a year's, so the baseline of production is `output`."""

    days: Floats
    """(T,): day at which a step ends."""
    production: Floats
    """(T, n): rate of production."""
    value_added: Floats
    """(T,): rate of value added of all sectors; its baseline is `gdp`."""
    gdp: float
    """Value added a year before the shock."""
    final_unmet: Floats
    """(T, n): rate at which final use is not met."""
    stocks: Floats
    """(T, n): stock of each product with its users after a step, share of the target of the baseline."""
    loss_by_sector: Floats
    """(n,): value added lost over all steps; below zero where overproduction gains more than the shock took."""
    total_loss: float
    """Value added lost over all steps, overproduction counted against it."""
    loss_days: float
    """The same in days of GDP."""
    direct_loss: float
    """Value added that the missing capacity would have made, without any effect on others."""
    unmet: Floats
    """(n,): final use not met over all steps."""
    total_unmet: float
    lowest: float
    """Lowest rate of value added, share of the baseline."""
    lowest_day: float
    """Day by which it was reached."""
    recovered: bool
    """Whether value added is back at 99.9 % of its baseline at the end, with no capacity lost any more."""
    recovery_day: float | None
    """Day from which it stays there: 0 when it was never below, None when not recovered."""
    balance: float
    """Largest mass imbalance of any product in any step: stocks against deliveries less use, share of uses."""

    @property
    def amplification(self) -> float:
        """Total loss over direct loss; NaN without a direct loss."""
        return self.total_loss / self.direct_loss if self.direct_loss > 0 else float("nan")


def simulate(
    table: InputOutput, shock: Shock, parameters: ArioParameters | None = None, steps: int = 365
) -> Simulation:
    """Production, stocks and losses after a shock, from the table's year as equilibrium.

    Inputs are of any origin: users hold one stock of a product; imports keep their share of its supply and deliver
    theirs, so a loss of home capacity cuts a product by its home share (import proportionality). They don't fill in
    unless `import_substitution_max` lets them. Final demand stays at its baseline, and what isn't met is lost.

    Where stocks are short against the loss and slow to restore, each sector waits for inputs that others can't make for
    want of its own: production then stays low after capacity is back (`recovered` is false). That is the model's, and
    BoARIO's too; a band shows whether it hangs on the stocks assumed.

    Parameters
    ----------
    table
        n sectors; split, with competitive imports, or closed.
    shock
        `loss` of shape (n,).
    parameters
        Defaults of :class:`ArioParameters` where None.
    steps
        T, steps of `step_days`.

    Raises
    ------
    ValueError
        If shapes don't fit or `steps` isn't above zero.
    ChainError
        ``negative_flows``, ``negative_output``, ``no_value_added``.
    """
    parameters = ArioParameters() if parameters is None else parameters
    base = economy(table)
    trace = run(base, scenarios(len(table), [shock], [parameters], steps), detail=True)
    return _simulation(base, trace, shock, parameters)


def scenarios(n: int, shocks: Sequence[Shock], parameters: Sequence[ArioParameters], steps: int) -> Scenarios:
    """Shocks and parameters, one each a scenario, as arrays for :func:`foreland.chains.ario_engine.run`."""
    if steps < 1:
        raise ValueError("steps is not above zero")
    if any(shock.loss.shape != (n,) for shock in shocks):
        raise ValueError(f"loss is not of shape ({n},)")
    if len({p.step_days for p in parameters}) != 1:
        raise ValueError("parameters differ in step_days")

    def by_sector(name: str) -> Floats:
        return np.stack([_vector(getattr(p, name), name, n) for p in parameters])

    step = parameters[0].step_days
    return Scenarios(
        loss=np.stack([shock.loss for shock in shocks]),
        strength=np.stack([shock.strength(steps, step) for shock in shocks]),
        inventory=by_sector("inventory_days"),
        restoration=by_sector("inventory_restoration_days"),
        psi=np.array([p.psi for p in parameters]),
        extra=by_sector("overproduction_max"),
        adaptation=np.array([p.overproduction_days for p in parameters]),
        replace_share=by_sector("import_substitution_max"),
        replace_days=np.array([p.import_substitution_days for p in parameters]),
        step=step,
    )


def _vector(value: ArrayLike, name: str, n: int) -> Floats:
    found = np.asarray(value, dtype=np.float64)
    if found.shape not in ((), (n,)):
        raise ValueError(f"{name} has the shape {found.shape}, neither a number nor ({n},)")
    return np.broadcast_to(found, (n,)).copy()


def recovery(value_added: Floats, strength: Floats, step_days: float) -> float | None:
    """Day from which value added (T,), relative to its baseline, stays at 99.9 %; None if it doesn't.

    A shock that is still in force at the end has no recovery, unless value added never fell below.
    """
    below = np.flatnonzero(value_added < RECOVERED)
    if below.size == 0:
        return 0.0
    if below[-1] == len(value_added) - 1 or strength[-1] > 1 - RECOVERED:
        return None
    return float((below[-1] + 1) * step_days)


def _simulation(base: Economy, trace: Trace, shock: Shock, parameters: ArioParameters) -> Simulation:
    steps, step = trace.value_added.shape[1], parameters.step_days
    strength = shock.strength(steps, step)
    path, lost, unmet = trace.value_added[0], trace.lost[0] / DAYS_A_YEAR, trace.unmet[0] / DAYS_A_YEAR
    total = float(lost.sum())
    day = recovery(path, strength, step)
    trough = int(path.argmin())
    return Simulation(
        days=np.arange(1, steps + 1) * step,
        production=trace.production[0] * base.output,
        value_added=path * base.gdp,
        gdp=base.gdp,
        final_unmet=(1.0 - trace.served[0]) * base.final,
        stocks=trace.stocks[0],
        loss_by_sector=lost,
        total_loss=total,
        loss_days=total / base.gdp * DAYS_A_YEAR,
        direct_loss=float(strength.sum() * step * (shock.loss @ base.value_added) / DAYS_A_YEAR),
        unmet=unmet,
        total_unmet=float(unmet.sum()),
        lowest=float(path[trough]),
        lowest_day=(trough + 1) * step,
        recovered=day is not None,
        recovery_day=day,
        balance=float(trace.residual[0]),
    )
