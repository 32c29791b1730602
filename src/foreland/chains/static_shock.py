"""A loss of capacity without stocks, spare capacity or time: bounds and linear estimates.

Nothing here adapts, so these are rates at which value added is lost while the capacity is missing (currency a year;
times d / 365 for d days). Home products only: imported inputs come in their base proportion and don't fill in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.chains.ario_engine import economy
from foreland.chains.input_output import Floats, InputOutput, floats, leontief_inverse, technical_coefficients

CONVERGED = 1e-12


@dataclass(frozen=True, eq=False)
class StaticShock:
    """Value added lost a year, and the inoperability 1 − x / x⁰ of each sector (Santos & Haimes 2004), shape (n,)."""

    direct: float
    """Of the missing capacity alone."""
    lower: float
    """With the best allocation of what is left."""
    backward: float
    """With final users of the lost products going without, and their suppliers with them; linear, so below `lower`
    where final use of the products is too small to give way."""
    forward: float
    """With the shortage passed on in proportion to input shares (Ghosh)."""
    upper: float
    """With every user of a short product cut by its full shortage, at any remove."""
    inoperability_lower: Floats
    inoperability_backward: Floats
    inoperability_forward: Floats
    inoperability_upper: Floats


@dataclass(frozen=True, eq=False)
class SingleLosses:
    """The same for each sector alone, shape (n,): value added lost a year when sector k loses capacity."""

    direct: Floats
    lower: Floats
    backward: Floats
    forward: Floats
    upper: Floats


@dataclass(frozen=True, eq=False)
class _Home:
    """Home products: x = Z 1 + f exactly."""

    flows: Floats
    final: Floats
    output: Floats
    value_added: Floats
    rate: Floats
    """Value added by output."""
    leontief: Floats
    allocation: Floats
    """Ghosh inverse (I − x̂⁻¹ Z)⁻¹ = x̂⁻¹ L x̂."""


def static_shock(table: InputOutput, loss: ArrayLike, essential: float = 0.0) -> StaticShock:
    """What a loss of capacity costs when nothing adapts: two bounds and two linear estimates.

    - lower: least value added lost over all ways to cut final use, production following by the Leontief inverse,
      min Σ w_j y_j with w = v'L, 0 ≤ y ≤ f and L_k y ≥ loss_k x_k for each hit sector: the optimum that rationing
      schemes are held against (Koks & Thissen 2016; Pichler & Farmer 2022).
    - backward: final use of the hit products is cut until their output fits, Δx = L_·S L_SS⁻¹ Δx_S (mixed model, Miller
      & Blair 2009, §13.2).
    - forward: the same with the Ghosh inverse: each user loses in proportion to the input's share (Ghosh 1958; as
      quantities implausible where inputs don't replace one another, Oosterhaven 1988).
    - upper: strict Leontief inputs and equal rationing of all users without reallocation: a sector can make no more
      than the scarcest product among its suppliers, theirs, and so on, nor more than is still ordered.

    Parameters
    ----------
    loss
        Shape (n,), share of capacity lost by sector, 0–1.
    essential
        Inputs of a smaller share of a sector's home inputs don't limit it in `upper` (not all inputs are critical:
        Pichler et al. 2022). At 0, all do, and lower ≤ upper holds.

    Raises
    ------
    ValueError
        If `loss` has another shape or is out of range.
    ChainError
        ``negative_flows``, ``negative_output``, ``no_value_added``, ``not_productive``.
    """
    home = _home(table)
    x, v = home.output, home.value_added
    loss = floats(loss, "loss", (len(x),))
    if loss.size and not (loss.min() >= 0 and loss.max() <= 1):
        raise ValueError("loss is not in [0, 1]")
    hit = np.flatnonzero(loss * x > 0)
    lost = loss[hit] * x[hit]
    best = home.leontief @ _least_cut(home, hit, lost)
    back = home.leontief[:, hit] @ _push(home.leontief[np.ix_(hit, hit)], lost)
    on = _push(home.allocation[np.ix_(hit, hit)].T, lost) @ home.allocation[hit]
    able = np.where(_reach(home, essential)[hit], 1.0 - loss[hit, None], 1.0).min(axis=0, initial=1.0)
    least = _demand_limited(home, able[:, None])[:, 0]

    def share(cut: Floats) -> Floats:
        out = np.zeros_like(x)
        np.divide(cut, x, out=out, where=x > 0)
        return np.clip(out, 0.0, 1.0)

    found = [share(best), share(back), share(on), 1.0 - least]
    lower, backward, forward, upper = (float(part @ v) for part in found)
    return StaticShock(float(loss[hit] @ v[hit]), lower, backward, forward, upper, *found)


def single_losses(table: InputOutput, loss: ArrayLike, essential: float = 0.0) -> SingleLosses:
    """:func:`static_shock` for each sector alone, all at once: one inverse and one sort serve them all.

    The lower bound for one sector is a fractional knapsack (Dantzig 1957): final uses are cut in the order of value
    added lost per unit of the hit product saved, w_j / L_kj.

    Parameters
    ----------
    loss
        Share of capacity that a sector loses: a number, or shape (n,).
    """
    home = _home(table)
    x, v, L, G = home.output, home.value_added, home.leontief, home.allocation
    n = len(x)
    loss = np.broadcast_to(np.asarray(loss, dtype=np.float64), (n,))
    if n and not (loss.min() >= 0 and loss.max() <= 1):
        raise ValueError("loss is not in [0, 1]")
    lost = loss * x
    able = np.where(_reach(home, essential), 1.0 - (loss * (x > 0))[:, None], 1.0)
    least = _demand_limited(home, np.ascontiguousarray(able.T))
    return SingleLosses(
        direct=loss * np.where(x > 0, v, 0.0),
        lower=np.array([_knapsack(home, k, lost[k])[1] for k in range(n)]),
        backward=lost / L.diagonal() * (home.rate @ L),
        forward=lost / G.diagonal() * (G @ home.rate),
        upper=v @ (1.0 - least),
    )


def _home(table: InputOutput) -> _Home:
    """Uses of home products: as published where the table splits, else by import proportionality."""
    base = economy(replace(table, imported=None, imported_final=None) if table.split else table)
    x = base.output
    flows, final = base.home[:, None] * base.flows, base.home * base.final
    L = leontief_inverse(technical_coefficients(flows, x))
    G = np.eye(len(x))
    np.divide(L * x, x[:, None], out=G, where=x[:, None] > 0)
    rate = np.divide(base.value_added, x, out=np.zeros_like(x), where=x > 0)
    return _Home(flows, final, x, base.value_added, rate, L, G)


def _knapsack(home: _Home, k: int, lost: float) -> tuple[Floats, float]:
    """Cuts of final use that save `lost` of product k at the least value added, and that value added."""
    cut = np.zeros_like(home.final)
    if lost <= 0:
        return cut, 0.0
    saves, costs = home.leontief[k], np.maximum(home.rate @ home.leontief, 0.0)
    useful = np.flatnonzero((saves > 0) & (home.final > 0))
    order = useful[np.argsort(costs[useful] / saves[useful], kind="stable")]
    whole = saves[order] * home.final[order]
    left = np.clip(lost - (np.cumsum(whole) - whole), 0.0, whole)
    cut[order] = left / saves[order]
    return cut, float(costs @ cut)


def _least_cut(home: _Home, hit: NDArray[np.intp], lost: Floats) -> Floats:
    """Cuts of final use, shape (n,), that fit output into the capacity of all hit sectors at the least value added."""
    if hit.size == 0:
        return np.zeros_like(home.final)
    if hit.size == 1:
        return _knapsack(home, int(hit[0]), float(lost[0]))[0]
    from scipy.optimize import linprog

    # In shares of final use and of output lost: currencies of 1e15 would be beyond the solver's tolerances.
    used = np.flatnonzero(home.final > 0)
    costs = np.maximum(home.rate @ home.leontief, 0.0)[used] * home.final[used]
    saves = home.leontief[np.ix_(hit, used)] * home.final[used] / lost[:, None]
    found = linprog(costs / costs.sum(), A_ub=-saves, b_ub=-np.ones(hit.size), bounds=(0.0, 1.0), method="highs")
    cut = np.zeros_like(home.final)
    # A loss of 100 % may miss feasibility by rounding: then nothing of what needs the products is left.
    cut[used] = (found.x if found.status == 0 else (saves > 0).any(axis=0)) * home.final[used]
    return cut


def _push(block: Floats, lost: Floats) -> Floats:
    """Exogenous changes c ≥ 0 with block @ c ≥ lost; a sector that the others pull down enough has none of its own."""
    c, active = np.zeros_like(lost), np.ones(len(lost), dtype=bool)
    while active.any():
        c[:] = 0.0
        c[active] = np.linalg.solve(block[np.ix_(active, active)], lost[active])
        if not (c < 0).any():
            break
        active &= c >= 0
    return c


def _reach(home: _Home, essential: float) -> NDArray[np.bool_]:
    """Whether product k goes into sector j, directly or through others, in essential amounts; k reaches itself."""
    inputs = home.flows.sum(axis=0)
    reach = (home.flows > 0) & (home.flows >= essential * inputs)
    np.fill_diagonal(reach, True)
    while True:
        further = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
        if (further == reach).all():
            return further
        reach = further


def _demand_limited(home: _Home, able: Floats) -> Floats:
    """Largest production p ≤ able with p_i x_i ≤ Σ_j z_ij p_j + f_i, relative to the baseline; shape (n, scenarios)."""
    x = home.output[:, None]
    p = able
    while True:
        orders = np.divide(home.flows @ p + home.final[:, None], x, out=np.ones_like(p), where=x > 0)
        lower = np.minimum(able, orders)
        if np.abs(lower - p).max(initial=0.0) < CONVERGED:
            return lower
        p = lower
