"""The steps of the adaptive regional input–output (ARIO) model, for many scenarios at once.

Everything is kept relative to the table's year: production in baselines, the stock that sector j holds of product i in
targets, u_ij = stock / (inventory days × daily use). A step then costs a handful of passes over (n, n) numbers, done in
blocks of rows that fit in the processor's cache.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from foreland.chains.errors import ChainError
from foreland.chains.input_output import Floats, InputOutput, positions

DAYS_A_YEAR = 365.0
# Numbers of one array that a block works on (½ MB): fits the cache, and no product of it is so large that BLAS starts
# threads of its own.
BLOCK = 65_536
# Numbers of one array of all scenarios that are worked on together: spreads the calls' own time over more of them.
TOGETHER = 131_072
# Sectors from which a second thread gains more than it costs (45: slower, 153: faster).
THREADS_FROM = 100
# A stock of what a sector never uses: so large that it never binds, and finite, so that zero times it is zero.
PLENTY = 1e300
# Scarcity below this is rounding, and lets capacity fall back.
ROUNDING = 1e-13
# Cells below zero by less than this share of the product's use are rounding.
NEGATIVE = 1e-9


@dataclass(frozen=True, eq=False)
class Economy:
    """A table as the simulation uses it; currency a year."""

    flows: Floats
    """(n, n): use of product i by sector j, of any origin."""
    final: Floats
    """(n,): final use of any origin, without withdrawals from stocks."""
    output: Floats
    """(n,)."""
    home: Floats
    """(n,): share of a product's supply that its own sector makes; the rest are imports and withdrawals."""
    value_added: Floats
    """(n,)."""

    @property
    def uses(self) -> Floats:
        """All uses of a product, shape (n,)."""
        total: Floats = self.flows.sum(axis=1) + self.final
        return total

    @property
    def gdp(self) -> float:
        """Value added of all sectors, currency a year."""
        return float(self.value_added.sum())


def economy(table: InputOutput) -> Economy:
    """Uses of any origin and the share of each product that home sectors make.

    Final use below zero (withdrawals from stocks) counts as supply. What uses and supply differ by, a table's
    balancing item, goes to final use or to that supply, so that the table's year is an exact equilibrium.

    Raises
    ------
    ChainError
        ``negative_flows`` (sectors that sell them), ``negative_output``, ``no_value_added`` where the sum is not
        above zero.
    """
    x = table.output
    if (x < 0).any():
        raise ChainError("negative_output", sectors=positions(x < 0))
    flows = table.flows if table.imported is None else table.flows + table.imported
    final = table.final if table.imported_final is None else table.final + table.imported_final
    below = (flows < 0).any(axis=1) & (flows.min(axis=1, initial=0.0) < -NEGATIVE * np.abs(flows).sum(axis=1))
    if below.any():
        raise ChainError("negative_flows", sectors=positions(below))
    if not table.value_added.sum() > 0:
        raise ChainError("no_value_added")
    flows = np.maximum(flows, 0.0)
    used = np.maximum(final, 0.0).sum(axis=1)
    inputs = flows.sum(axis=1)
    used += np.maximum(x - inputs - used, 0.0)
    total = inputs + used
    home = np.divide(x, total, out=np.zeros_like(x), where=total > 0)
    return Economy(flows, used, x, home, table.value_added)


@dataclass(frozen=True, eq=False)
class Scenarios:
    """What differs between B scenarios; days are days of the year."""

    loss: Floats
    """(B, n): share of capacity lost at full strength."""
    strength: Floats
    """(B, T): part of the loss in force, by step."""
    inventory: Floats
    """(B, n): days of use that users hold of a product."""
    restoration: Floats
    """(B, n): days over which users order what is missing of it."""
    psi: Floats
    """(B,): share of the target stock below which production is cut."""
    extra: Floats
    """(B, n): capacity at most, in baselines."""
    adaptation: Floats
    """(B,): days over which capacity adapts."""
    replace_share: Floats
    """(B, n): share of a product's home orders that may at most go to imports."""
    replace_days: Floats
    """(B,): days over which they do."""
    step: float
    """Days a step."""

    def take(self, chosen: slice) -> Scenarios:
        """Some of the scenarios."""
        names = [name for name in self.__dataclass_fields__ if name != "step"]
        return Scenarios(**{name: getattr(self, name)[chosen] for name in names}, step=self.step)

    def __len__(self) -> int:
        return len(self.loss)


@dataclass(frozen=True, eq=False)
class Trace:
    """What B scenarios did; detail arrays are empty (T = 0) where they weren't asked for."""

    value_added: Floats
    """(B, T): relative to the baseline."""
    lost: Floats
    """(B, n): value added lost by sector, baseline days; below zero where overproduction gains more."""
    unmet: Floats
    """(B, n): final use not met by product, baseline days of it."""
    production: Floats
    """(B, T, n): relative to the baseline."""
    served: Floats
    """(B, T, n): share of orders served."""
    stocks: Floats
    """(B, T, n): stock of a product with all its users after the step, relative to its target."""
    residual: Floats
    """(B,): largest mass imbalance of a product in a step, share of its uses."""
    lowest: Floats
    """(B,): lowest stock, relative to its target."""


def run(economy: Economy, scenarios: Scenarios, detail: bool) -> Trace:
    """All steps of all scenarios, as many at a time as the cache holds.

    The scheme is that of Hallegatte (2014), with proportional rationing. In each step

    1. production wanted is the lesser of home orders D_i and capacity α_i (1 − Δ_i) x_i,
    2. inputs limit it to min_i u_ij / ψ of what is wanted (relative to the stock that this would need),
    3. users get the share of their orders that was produced (imports deliver theirs),
    4. stocks change by what came in less what was used,
    5. users order what they used, and over the restoration time what their stock lacks for production wanted,
    6. capacity grows toward its maximum with scarcity (D − x) / D, D being the orders just placed; else it falls back.
    """
    n, size = len(economy.output), len(scenarios)
    threads = max(1, min(os.cpu_count() or 1, size)) if n >= THREADS_FROM else 1
    together = min(max(1, TOGETHER // max(n * n, 1)), -(-size // threads))
    groups = [scenarios.take(slice(start, start + together)) for start in range(0, size, together)]
    # NumPy lets go of the interpreter in each pass; groups share nothing that is written to.
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda group: _run(economy, group, detail), groups))
    return Trace(*(np.concatenate([getattr(part, name) for part in parts]) for name in Trace.__dataclass_fields__))


def _run(economy: Economy, s: Scenarios, detail: bool) -> Trace:
    """The steps of scenarios that are worked on together."""
    B, T, n = len(s), s.strength.shape[1], len(economy.output)
    Z, x, home, dt = economy.flows, economy.output, economy.home, s.step
    uses = economy.uses
    per_output = np.divide(1.0, x, out=np.zeros_like(x), where=x > 0)
    va = economy.value_added / economy.gdp
    rows = n if B > 1 else max(1, min(n, BLOCK // max(n, 1)))
    blocks = [slice(start, min(start + rows, n)) for start in range(0, n, rows)]
    depth = T if detail else 0
    trace = Trace(
        value_added=np.empty((B, T)),
        lost=np.zeros((B, n)),
        unmet=np.zeros((B, n)),
        production=np.empty((B, depth, n)),
        served=np.empty((B, depth, n)),
        stocks=np.empty((B, depth, n)),
        residual=np.zeros(B),
        lowest=np.ones(B),
    )
    lost, unmet, residual, lowest = trace.lost, trace.unmet, trace.residual, trace.lowest
    gap = np.broadcast_to(np.where(Z > 0, 0.0, -PLENTY), (B, n, n)).copy()
    stocks = _Stocks(Z, gap, np.zeros((B, n, n)), np.empty((B, rows, n)), blocks)
    due = dt / s.inventory
    least = np.where((Z > 0).any(axis=0), np.ones((B, n)), PLENTY)
    wanted, before = np.ones((B, n)), np.ones((B, n))
    missing, used = np.zeros((B, n)), np.zeros((B, n))
    capacity, away = np.ones((B, n)), np.zeros((B, n))
    ordered = np.broadcast_to(uses, (B, n)).copy()
    wanted_home = ordered * home
    target = Z.sum(axis=1)
    stock = np.broadcast_to(target, (B, n)).copy()
    held = s.inventory / s.restoration
    psi = s.psi[:, None]
    for t in range(T):
        cap = capacity * (1.0 - s.loss * s.strength[:, t, None]) * x
        last, wanted = wanted, np.minimum(wanted_home, cap) * per_output
        limit = np.divide(least, psi * wanted, out=np.ones_like(wanted), where=wanted > 0)
        made = wanted * np.minimum(limit, 1.0)
        # Exactly 1 where nothing binds: products that nobody rations are spared a pass over their stocks.
        rationed = ((limit < 1.0) | (wanted_home > cap)) & (wanted_home > 0)
        own = np.divide(made * x, wanted_home, out=np.ones_like(made), where=rationed)
        served = 1.0 - home * (1.0 - away) * (1.0 - np.minimum(own, 1.0))
        _stocks(
            stocks,
            np.stack([np.ones_like(due), -served * due, due], axis=2),
            np.stack([wanted - last, before, made], axis=1),
            served * (dt / s.restoration),
            (missing, used, least),
        )
        # So far the largest gap; the smallest stock is what that leaves.
        np.subtract(wanted, least, out=least)
        before = made
        share = np.where(x > 0, made, 1.0)
        trace.value_added[:, t] = np.vecdot(share, va)
        lost += (1.0 - share) * (economy.value_added * dt)
        unmet += (1.0 - served) * (economy.final * dt)
        if detail:
            trace.production[:, t], trace.served[:, t] = share, served
            now = _total(Z, wanted, stocks)
            came = served * (ordered - economy.final) - used
            change = (now - stock) * s.inventory / dt
            off = np.divide(np.abs(change - came), uses, out=np.zeros_like(came), where=uses > 0)
            np.maximum(residual, off.max(axis=1), out=residual)
            stock = now
            trace.stocks[:, t] = np.divide(stock, target, out=np.ones_like(stock), where=target > 0)
        np.minimum(lowest, least.min(axis=1), out=lowest)
        ordered = used + held * missing + economy.final
        wanted_home = ordered * home * (1.0 - away)
        scarce = np.divide(wanted_home - made * x, wanted_home, out=np.zeros_like(made), where=wanted_home > 0)
        up = scarce > ROUNDING
        capacity += np.where(up, (s.extra - capacity) * scarce, 1.0 - capacity) * (dt / s.adaptation[:, None])
        away += np.where(up, (s.replace_share - away) * scarce, -away) * (dt / s.replace_days[:, None])
    return trace


@dataclass(frozen=True, eq=False)
class _Stocks:
    """Arrays that are written over in every step."""

    flows: Floats
    gap: Floats
    """(B, n, n): q_j − u_ij, what the stock of product i lacks for what sector j wants; below zero, it has to spare."""
    lack: Floats
    """(B, n, n): the same where above zero, when the last orders were placed."""
    work: Floats
    blocks: list[slice]


def _stocks(
    arrays: _Stocks, rates: Floats, levels: Floats, refill: Floats, sums: tuple[Floats, Floats, Floats]
) -> None:
    """Gaps after deliveries and use; into `sums` what all users of a product lack, what they used, each user's largest.

    Orders are made_j + (s_i/τ_i) lack_ij, so u_ij changes by (σ_i (made_j(t−1) + (s_i/τ_i) lack_ij) − made_j(t)) dt /
    s_i. All of it but refilling, (σ_i dt/τ_i) lack_ij, is a product of numbers by product (`rates`, (B, n, 3)) and
    numbers by user (`levels`, (B, 3, n)).
    """
    missing, used, largest = sums
    largest.fill(-np.inf)
    nothing = np.zeros_like(arrays.work)
    for rows in arrays.blocks:
        gap, lack = arrays.gap[:, rows], arrays.lack[:, rows]
        w = arrays.work[:, : gap.shape[1]]
        np.matmul(rates[:, rows], levels, out=w)
        gap += w
        lack *= refill[:, rows, None]
        gap -= lack
        np.maximum(largest, gap.max(axis=1), out=largest)
        np.maximum(gap, nothing[:, : gap.shape[1]], out=lack)
        missing[:, rows] = np.vecdot(arrays.flows[rows], lack)
        # Row by row, not as one matrix product, for which BLAS would start threads and round by their number.
        used[:, rows] = np.vecdot(arrays.flows[rows], levels[:, 2:])


def _total(Z: Floats, wanted: Floats, arrays: _Stocks) -> Floats:
    """Stock of each product with all its users, Σ_j z_ij u_ij with u_ij = q_j − gap_ij."""
    out = np.empty(arrays.gap.shape[:2])
    for rows in arrays.blocks:
        out[:, rows] = np.vecdot(Z[rows], wanted[:, None, :]) - np.vecdot(Z[rows], arrays.gap[:, rows])
    return out
