r"""What to do with a budget for resilience: added suppliers and stocks, by a small mixed-integer program.

An option is a step on a ladder: the second added supplier of a product is open once there is the first, the fifth day
of stock once there are four. With :math:`g_s` the expected loss that step s avoids, :math:`c_s` its cost and
:math:`x_s` the part of it that is taken (0 or 1 for a supplier, anything between for a stock),

.. math::

   \max \sum_s g_s x_s \quad \text{subject to} \quad \sum_s c_s x_s \le B, \qquad
   x_{s+1} \le y_s \le x_s,\; y_s \in \{0, 1\} \text{ along each ladder},

which fills a ladder from below even where a later step avoids more than an earlier one (the incremental model of
piecewise-linear functions: Markowitz & Manne 1957; Dantzig 1960). Losses of different products and sectors are added
up: failures are taken one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.chains.errors import ChainError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# The solver's tolerances are 1e-6 to 1e-7 of figures scaled to one; ties are told apart no finer.
SLACK = 1e-7
FRONTIER_POINTS = 11


@dataclass(frozen=True)
class Options:
    """Steps that can be taken, shape (m,) each, those of a ladder one after another.

    Attributes
    ----------
    ladder
        Product or sector of the step: ascending numbers.
    gain
        Expected loss that the step avoids once those before it are taken.
    cost
        Its cost, in the units of the budget.
    whole
        Whether it is taken as a whole or not at all.
    size
        What it adds: one supplier, or days of stock.
    loss
        Expected loss when nothing is done.
    """

    ladder: Ints
    gain: Floats
    cost: Floats
    whole: Bools
    size: Floats
    loss: float

    def __len__(self) -> int:
        return len(self.gain)


@dataclass(frozen=True)
class Choice:
    """What to take within a budget.

    Attributes
    ----------
    taken
        Part of each step, shape (m,); 0 or 1 where it is whole.
    avoided, cost, loss
        Expected loss avoided, its cost, and the expected loss that is left.
    bound
        No choice avoids more: the optimum when every step is divisible and the order of steps is free of integers.
    price
        Expected loss that one more unit of budget would avoid under `bound` (the dual of the budget).
    greedy, greedy_avoided
        What taking the affordable step with the most gain per cost, again and again, comes to.
    """

    budget: float
    taken: Floats
    avoided: float
    cost: float
    loss: float
    bound: float
    price: float
    greedy: Floats
    greedy_avoided: float


def supplier_options(
    leader: ArrayLike,
    probability: ArrayLike,
    downstream: ArrayLike,
    cost: ArrayLike,
    *,
    added: ArrayLike = 0.1,
    most: int = 1,
) -> Options:
    r"""Added suppliers of the products of a chain.

    If the largest supplier of product v fails, :math:`w_v s_v` is lost, with :math:`s_v` its share and :math:`w_v` what
    depends on the product; that happens with probability :math:`p_v`. An added supplier takes the share a from all
    there are, in proportion, so that after l of them the largest has :math:`\max(s_v (1 - a)^l, a)`.

    Parameters
    ----------
    leader
        Share of the largest supplier, 0 to 1, shape (n,).
    probability
        That it fails, 0 to 1, shape (n,) or one for all.
    downstream
        Loss >= 0 if all supply of the product failed, shape (n,) or one for all.
    cost
        Of one added supplier >= 0, shape (n,) or one for all.
    added
        Share that an added supplier takes, above 0 and below 1, shape (n,) or one for all.
    most
        Suppliers that may be added to one product.

    Raises
    ------
    ChainError
        ``resilience_share``, ``resilience_probability``, ``resilience_loss``, ``resilience_cost``, with `nodes`.
    """
    shares = np.atleast_1d(np.asarray(leader, float))
    if shares.ndim != 1 or most < 1:
        raise ValueError(f"leader: shape {shares.shape}; most: {most}")
    n = len(shares)
    chance, weight, price, part = (
        np.broadcast_to(np.asarray(a, float), n) for a in (probability, downstream, cost, added)
    )
    _refuse("resilience_share", ~((shares >= 0) & (shares <= 1) & (part > 0) & (part < 1)), "nodes")
    _refuse("resilience_probability", ~((chance >= 0) & (chance <= 1)), "nodes")
    _refuse("resilience_loss", ~((weight >= 0) & np.isfinite(weight)), "nodes")
    _refuse("resilience_cost", ~((price >= 0) & np.isfinite(price)), "nodes")
    count = np.arange(most + 1)
    largest = shares[:, None] * (1 - part[:, None]) ** count
    largest[:, 1:] = np.maximum(largest[:, 1:], part[:, None])
    losses = (chance * weight)[:, None] * largest
    return Options(
        ladder=np.repeat(np.arange(n), most),
        gain=-np.diff(losses, axis=1).ravel(),
        cost=np.repeat(price, most),
        whole=np.ones(n * most, bool),
        size=np.ones(n * most),
        loss=float(losses[:, 0].sum()),
    )


def stock_options(days: ArrayLike, losses: ArrayLike, cost: ArrayLike) -> Options:
    """Stocks of the sectors of an input–output table, from the losses that a shock model finds.

    Parameters
    ----------
    days
        Levels of stock, ascending from what there is now, shape (k,), k >= 2.
    losses
        Expected loss from failures of the sector with stocks at each level, shape (n, k); linear in between.
    cost
        Of a day of stock >= 0, shape (n,) or one for all.

    Raises
    ------
    ChainError
        ``resilience_days`` (not ascending), ``resilience_loss`` (not finite) or ``resilience_cost``, with `nodes`.
    """
    level, table = np.asarray(days, float), np.asarray(losses, float)
    if level.ndim != 1 or len(level) < 2 or table.ndim != 2 or table.shape[1] != len(level):
        raise ValueError(f"days: shape {level.shape}, losses: shape {table.shape}")
    n, k = table.shape
    price = np.broadcast_to(np.asarray(cost, float), n)
    if not (np.isfinite(level).all() and (np.diff(level) > 0).all()):
        raise ChainError("resilience_days", days=", ".join(f"{day:g}" for day in level))
    _refuse("resilience_loss", ~np.isfinite(table).all(axis=1), "nodes")
    _refuse("resilience_cost", ~((price >= 0) & np.isfinite(price)), "nodes")
    return Options(
        ladder=np.repeat(np.arange(n), k - 1),
        gain=-np.diff(table, axis=1).ravel(),
        cost=(price[:, None] * np.diff(level)).ravel(),
        whole=np.zeros(n * (k - 1), bool),
        size=np.tile(np.diff(level), n),
        loss=float(table[:, 0].sum()),
    )


def together(*options: Options) -> Options:
    """Options of several kinds in one choice; ladders are numbered on, losses added."""
    shifts = np.cumsum([0] + [int(part.ladder.max(initial=-1)) + 1 for part in options[:-1]])
    return Options(
        ladder=np.concatenate([part.ladder + shift for part, shift in zip(options, shifts, strict=True)]),
        gain=np.concatenate([part.gain for part in options]),
        cost=np.concatenate([part.cost for part in options]),
        whole=np.concatenate([part.whole for part in options]),
        size=np.concatenate([part.size for part in options]),
        loss=sum(part.loss for part in options),
    )


def choose(options: Options, budget: float, most: int | None = None) -> Choice:
    """The steps that avoid the largest expected loss within the budget.

    Among choices that avoid the same, the cheapest is taken, and among those the one that takes earlier steps of the
    list (differences below about 1e-6 of the largest figure count as none).

    Parameters
    ----------
    budget
        >= 0, in the units of the costs; infinite: no limit.
    most
        Whole steps (added suppliers) that may be taken in all; None: no limit.

    Raises
    ------
    ChainError
        ``resilience_budget``: negative or not a number.
    """
    if not budget >= 0:
        raise ChainError("resilience_budget", budget=float(budget))
    if most is not None and most < 0:
        raise ValueError(f"most: {most}")
    program = _Program(options, budget, most)
    taken = program.solve()
    greedy = _greedy(options, budget, most)
    avoided, by_greedy = float(options.gain @ taken), float(options.gain @ greedy)
    if by_greedy > avoided:  # by less than the solver's tolerance
        taken, avoided = greedy, by_greedy
    bound, price = program.relaxed()
    return Choice(
        budget=float(budget),
        taken=taken,
        avoided=avoided,
        cost=float(options.cost @ taken),
        loss=options.loss - avoided,
        bound=max(bound, avoided),
        price=price,
        greedy=greedy,
        greedy_avoided=by_greedy,
    )


def choose_paying(options: Options, budget: float, most: int | None = None) -> Choice:
    """The steps within the budget that avoid most beyond what they cost: what does not pay is left, though affordable.

    For gains in the units of the costs. `bound` and `price` are those of the gain beyond the cost.

    Raises
    ------
    ChainError
        As :func:`choose`.
    """
    net = choose(replace(options, gain=options.gain - options.cost), budget, most)
    avoided = float(options.gain @ net.taken)
    greedy_avoided = float(options.gain @ net.greedy)
    return replace(net, avoided=avoided, loss=options.loss - avoided, greedy_avoided=greedy_avoided)


def frontier(options: Options, budgets: ArrayLike | None = None, most: int | None = None) -> list[Choice]:
    """The best choice for each budget; without: eleven from nothing to the cost of all options."""
    if budgets is None:
        budgets = np.linspace(0.0, options.cost.sum(), FRONTIER_POINTS)
    return [choose(options, float(budget), most) for budget in np.atleast_1d(np.asarray(budgets, float))]


class _Program:
    """The mixed-integer program: x (m parts of steps), then y (one integer for each pair of steps in turn)."""

    def __init__(self, options: Options, budget: float, most: int | None) -> None:
        self.options = options
        self.m = len(options)
        self.gain_unit = float(np.abs(options.gain).max(initial=0.0)) or 1.0
        self.cost_unit = float(options.cost.max(initial=0.0)) or 1.0
        self.gain, self.cost = options.gain / self.gain_unit, options.cost / self.cost_unit
        earlier = np.flatnonzero(options.ladder[1:] == options.ladder[:-1])
        # Between whole steps x is the integer itself.
        self.linked = earlier[~(options.whole[earlier] & options.whole[earlier + 1])]
        width = self.m + len(self.linked)
        rows: list[tuple[Floats, float]] = []

        def row(entries: dict[int, float], limit: float) -> None:
            line = np.zeros(width)
            line[list(entries)] = list(entries.values())
            rows.append((line, limit))

        for s in earlier.tolist():
            at = np.flatnonzero(self.linked == s)
            if len(at):
                row({self.m + int(at[0]): 1.0, s: -1.0}, 0.0)
                row({s + 1: 1.0, self.m + int(at[0]): -1.0}, 0.0)
            else:
                row({s + 1: 1.0, s: -1.0}, 0.0)
        if most is not None:
            row({int(s): 1.0 for s in np.flatnonzero(options.whole)}, float(most))
        if np.isfinite(budget):
            row({s: float(c) for s, c in enumerate(self.cost)}, budget / self.cost_unit)
        self.budgeted = bool(np.isfinite(budget))
        self.rows = rows
        self.integer = np.r_[options.whole, np.ones(len(self.linked), bool)]
        # Steps dearer than the budget: the solver's tolerance would let some by.
        self.upper = np.r_[np.where(options.whole & (options.cost > budget), 0.0, 1.0), np.ones(len(self.linked))]

    def solve(self) -> Floats:
        """Most gain; then least cost; then the earliest steps."""
        if self.m == 0:
            return np.zeros(0)
        # Roots, so that no two sets of steps are alike in their sum.
        early = np.sqrt(np.arange(self.m, 0, -1) / self.m)
        kept: list[tuple[Floats, float]] = []
        taken = np.zeros(self.m)
        for objective in (-self.gain, self.cost, -early):
            found = self._milp(objective, kept)
            if found is None:
                if not kept:
                    raise ArithmeticError("the solver found no choice, not even to take nothing")
                break  # what was kept is tighter than the solver's tolerance: the ties stay as they are
            taken = found
            kept.append((objective, float(objective @ taken) + SLACK))
        near = np.round(taken)
        return np.where(self.options.whole | (np.abs(taken - near) < 100 * SLACK), near, taken)

    def _milp(self, objective: Floats, kept: list[tuple[Floats, float]]) -> Floats | None:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        more = len(self.linked)
        lines = [*self.rows, *((np.r_[line, np.zeros(more)], limit) for line, limit in kept)]
        # Sparse: for a dense matrix scipy makes every warning of the process an error for a moment, and a page that is
        # answered in another thread would fail.
        limits = (
            LinearConstraint(csr_array(np.array([line for line, _ in lines])), ub=[limit for _, limit in lines])
            if lines
            else ()
        )
        # HiGHS may fail (status 4) on what its own presolve made of a small programme, and solve it without.
        for presolve in (True, False):
            found = milp(
                np.r_[objective, np.zeros(more)],
                integrality=self.integer.astype(int),
                bounds=Bounds(0.0, self.upper),
                constraints=limits,
                options={"mip_rel_gap": 0.0, "presolve": presolve},
            )
            if found.status != 4:
                break
        return None if found.x is None else np.clip(found.x[: self.m], 0.0, 1.0)

    def relaxed(self) -> tuple[float, float]:
        """Optimum without integers, and the dual of the budget."""
        from scipy.optimize import linprog

        if self.m == 0:
            return 0.0, 0.0
        width = self.m + len(self.linked)
        lines = {"A_ub": np.array([r for r, _ in self.rows]), "b_ub": np.array([b for _, b in self.rows])}
        found = linprog(
            np.r_[-self.gain, np.zeros(width - self.m)],
            **(lines if self.rows else {}),
            bounds=(0.0, 1.0),
            method="highs",
        )
        price = -float(found.ineqlin.marginals[-1]) * self.gain_unit / self.cost_unit if self.budgeted else 0.0
        return 0.0 - float(found.fun) * self.gain_unit, price


def _greedy(options: Options, budget: float, most: int | None) -> Floats:
    """Again and again the affordable next step with the most gain per cost (ties: the earlier one)."""
    taken = np.zeros(len(options))
    left, count = float(budget), 0
    first = np.r_[True, options.ladder[1:] != options.ladder[:-1]] if len(options) else np.zeros(0, bool)
    while True:
        before = np.r_[1.0, taken[:-1]]
        open_ = (taken == 0) & (first | (before == 1)) & (options.gain > 0)
        if most is not None and count >= most:
            open_ &= ~options.whole
        open_ &= np.where(options.whole, options.cost <= left, (left > 0) | (options.cost == 0))
        if not open_.any():
            return taken
        ratio = np.where(options.cost > 0, options.gain / np.where(options.cost > 0, options.cost, 1.0), np.inf)
        best = int(np.argmax(np.where(open_, ratio, -1.0)))
        part = 1.0 if options.cost[best] <= left else left / options.cost[best]
        taken[best] = part
        left = max(left - part * options.cost[best], 0.0)
        count += int(options.whole[best])


def _refuse(kind: str, wrong: Bools, name: str) -> None:
    if wrong.any():
        raise ChainError(kind, **{name: np.flatnonzero(wrong).tolist()})
