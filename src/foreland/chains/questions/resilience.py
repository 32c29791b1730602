"""What would make a chain more resilient for the money: stocks, or further suppliers?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pyarrow as pa

from foreland.chains.ario import RECOVERED, scenarios
from foreland.chains.ario_engine import DAYS_A_YEAR, economy, run
from foreland.chains.errors import ChainError
from foreland.chains.questions.listing import choose
from foreland.chains.questions.shocks import STANDSTILL, Assumed, money, passable, stocked, stylised_goods, usual_days
from foreland.chains.questions.tables import Table, read, told
from foreland.chains.resilience import Choice, Options, choose_paying, frontier, stock_options
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Measure = Literal["stocks", "suppliers"]
STEP = 5
"""Days a step: every sector is hit at every level of stock."""
CANDIDATES = 24
"""Sectors whose stocks are weighed against each other: those where a unit of money avoids most."""
LEAST = 1e-6
"""Part of a step below which it is the solver's rounding."""
POINTS = 9
"""Budgets along the frontier."""


@dataclass(frozen=True)
class Harsher(Assumed):
    """A loss that usual stocks don't bridge: where they do, more of them are worth nothing."""

    capacity_lost: Annotated[int, Between(1, 100)] = 30
    stock_days: Annotated[int, Between(10, 180)] = 30


@dataclass(frozen=True)
class Costs:
    """What options cost and what they are weighed against; assumptions of whoever asks.

    Parameters
    ----------
    budget
        A year, in % of GDP (stocks).
    added_days
        Days of stock that can at most be added to a product.
    holding_cost
        Of a stock, % of its value a year: capital, space, ageing.
    probability
        % a year that a sector is hit, or that a product's largest supplier fails.
    added_suppliers
        Suppliers that can be added in all.
    supplier_cost
        Of an added supplier, in whatever unit.
    added_share
        % of the world's supply that an added supplier takes.
    """

    budget: Annotated[float, Between(0, 0.5)] = 0.02
    added_days: Annotated[int, Between(5, 90)] = 30
    added_suppliers: Annotated[int, Between(1, 20)] = 3
    holding_cost: Annotated[float, AtLeast(0.1)] = 20.0
    probability: Annotated[float, AtLeast(0.01)] = 1.0
    supplier_cost: Annotated[float, AtLeast(0.01)] = 1.0
    added_share: Annotated[int, AtLeast(1)] = 10

    def told(self) -> dict[str, float]:
        """As they stand in the finding's provenance."""
        return {field: getattr(self, field) for field in self.__dataclass_fields__}


@question(
    "chains.resilience",
    zh="多备库存或多找供应商，哪里最划算？",
    en="Where do more stocks or suppliers pay most?",
    example={"region": "US"},
    uses=("region", "scheme", "field", "period", "source"),
)
def resilience(
    ws: Workspace,
    scope: Scope,
    assumed: Harsher = Harsher(),
    costs: Costs = Costs(),
    measures: Measure = "stocks",
) -> Finding:
    """The options that lower the expected loss most within a budget, and the frontier over budgets.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. Only the sectors or products asked for, where any are.
    assumed
        The loss that is guarded against, and the stocks there are.
    costs
        What options cost and how likely the loss is.
    measures
        ``stocks``: days of stock of a sector's product with all its users, from an input–output table. ``suppliers``:
        further suppliers of the products of a product chain.
    """
    if measures == "suppliers":
        from foreland.chains.questions.added_suppliers import added_suppliers

        return added_suppliers(ws, scope, assumed, costs)
    table = read(ws, choose(ws, scope), scope)
    system, more = passable(table)
    table = replace(table, system=system, caveats=(*table.caveats, *more))
    try:
        return _stocks(table, assumed, costs)
    except ChainError as error:
        raise told(error, table.sectors, ws) from error


def _stocks(table: Table, assumed: Harsher, costs: Costs) -> Finding:
    base = economy(table.system)
    levels = assumed.stock_days + np.array([0.0, costs.added_days / 2, costs.added_days])
    goods = stocked(table)
    if table.scope.field:
        goods[table.chosen()] = True
    losses, stopped = _losses(table, (assumed, goods), levels)
    expected = losses * costs.probability / 100
    a_day = base.flows.sum(axis=1) / DAYS_A_YEAR * costs.holding_cost / 100
    wanted = [k for k in table.chosen() if goods[k] and base.output[k] > 0 and a_day[k] > 0]
    worth = (expected[:, 0] - expected.min(axis=1)) / np.maximum(a_day, 1e-300)
    candidates = sorted(wanted, key=lambda k: (-worth[k], table.sectors[k]))[:CANDIDATES]
    candidates = [k for k in candidates if worth[k] > 0]
    budget = costs.budget / 100 * base.gdp
    options = stock_options(levels, expected[candidates], a_day[candidates]) if candidates else None
    choice = None if options is None else choose_paying(options, budget)
    rows = [] if options is None or choice is None else _rows(table, (candidates, options, choice), expected)
    whole = float(expected.sum())
    why = "none" if options is None else "none_pays" if (options.gain <= options.cost).all() else "no_budget"
    amounts = {"loss": f"{assumed.capacity_lost}%", "days": assumed.duration, "back": assumed.recovery_days}
    counts = {"number": len(candidates), "of": len(wanted), "added": costs.added_days}
    return answer(
        table.ws,
        "chains.resilience",
        table.scope,
        pa.Table.from_pylist(rows) if rows else _empty(),
        headline=_headline(table, rows, choice, assumed, (whole, why)),
        benchmark=both("chains.benchmark.as_is", table=table.benchmark(), stock=assumed.stock_days),
        inputs=[*table.inputs(), table.inputs({"field_id": "from_id"})[0]],
        steps=[
            *table.steps,
            Step("chains.step.one_at_a_time", amounts),
            Step("chains.step.ario", {"days": assumed.horizon}),
            Step("chains.step.ario_steps", {"step": STEP}),
            Step("chains.step.stock_ladder", counts),
            Step("chains.step.milp"),
            Step("chains.step.paying"),
        ],
        caveats=[
            *table.caveats,
            stylised_goods(assumed, goods),
            *_standstill(stopped, int(goods.sum())),
            *_unspent(choice, budget, table.unit),
            Caveat(
                "chains.caveat.stated_costs",
                "serious",
                {"probability": f"{costs.probability:g}", "holding": f"{costs.holding_cost:g}"},
            ),
        ],
        parameters={**assumed.told(), **costs.told(), "measures": "stocks"},
        tables={} if options is None else {"frontier": _frontier(options, (whole, budget), table.unit)},
    ).offering("frontier", "avoided")


def _standstill(stopped: int, of: int) -> tuple[Caveat, ...]:
    told = {"number": stopped, "of": of}
    return (Caveat("chains.caveat.standstill_some", "serious", told),) if stopped else ()


def _unspent(choice: Choice | None, budget: float, unit: str) -> tuple[Caveat, ...]:
    """That part of the budget is left, as nothing more pays."""
    if choice is None or choice.cost >= (1 - LEAST) * budget or choice.taken.min(initial=1.0) == 1.0:
        return ()
    told = {"budget": money(budget, unit), "left": money(budget - choice.cost, unit)}
    return (Caveat("chains.caveat.unspent", "note", told),)


def _losses(table: Table, asked: tuple[Harsher, np.ndarray], levels: np.ndarray) -> tuple[np.ndarray, int]:
    """Loss of all, shape (n, levels), when sector k is hit and users hold so many days of its product; and how many
    bring the model to a standstill with the stocks there are.

    Only of products that can be stocked. Of the others users have as much as in the other questions at least.
    """
    assumed, goods = asked
    base = economy(table.system)
    central = assumed.parameters(float(STEP))
    usual = np.where(goods, assumed.stock_days, usual_days(assumed)).astype(float)
    hit = np.flatnonzero(goods & (base.output > 0))
    shocks, parameters = [], []
    for level in levels:
        for k in hit:
            at = np.arange(len(goods)) == k
            shocks.append(assumed.shock(np.where(at, assumed.capacity_lost / 100, 0.0)))
            parameters.append(replace(central, inventory_days=np.where(at, level, usual)))
    found = run(base, scenarios(len(goods), shocks, parameters, -(-assumed.horizon // STEP)), detail=False)
    losses = np.zeros((len(goods), len(levels)))
    paths = found.value_added[: len(hit)]
    stopped = int(((paths.min(axis=1) < STANDSTILL) & (paths[:, -1] < RECOVERED)).sum())
    losses[hit] = np.maximum(found.lost.sum(axis=1) / DAYS_A_YEAR, 0.0).reshape(len(levels), len(hit)).T
    return losses, stopped


Taken = tuple[list[int], Options, Choice]


def _rows(table: Table, found: Taken, expected: np.ndarray) -> list[dict[str, Any]]:
    """What is taken, that which avoids most first."""
    candidates, options, choice = found
    rows: list[dict[str, Any]] = []
    for ladder, k in enumerate(candidates):
        part = choice.taken * ((options.ladder == ladder) & (choice.taken > LEAST))
        cost, avoided = float(part @ options.cost), float(part @ options.gain)
        if not part.any():
            continue
        rows.append(
            {
                "field_id": table.sectors[k],
                "days_added": float(part @ options.size),
                "cost": cost,
                "avoided": avoided,
                "avoided_per_cost": avoided / cost if cost > 0 else None,
                "expected_before": float(expected[k, 0]),
                "expected_after": float(expected[k, 0]) - avoided,
                "unit": table.unit,
            }
        )
    rows.sort(key=lambda row: (-row["avoided"], row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _empty() -> pa.Table:
    columns = {"rank": pa.int64(), "field_id": pa.string(), "days_added": pa.float64(), "avoided": pa.float64()}
    return pa.table({name: pa.array([], kind) for name, kind in columns.items()})


def _frontier(options: Options, known: tuple[float, float], unit: str) -> pa.Table:
    """Expected loss left over budgets: even steps up to the cost of all, and the budget asked for."""
    whole, budget = known
    most = max(float(options.cost.sum()), 1e-300)
    # Most is won by the first of it: closer there.
    budgets = sorted({*(most * np.linspace(0, 1, POINTS) ** 2).tolist(), min(budget, most)})
    found = frontier(options, budgets)
    rows = [
        {"cost": choice.cost, "expected_left": whole - choice.avoided, "avoided": choice.avoided, "unit": unit}
        for choice in found
    ]
    return pa.Table.from_pylist(rows)


def _headline(
    table: Table,
    rows: list[dict[str, Any]],
    choice: Choice | None,
    assumed: Harsher,
    known: tuple[float, str],
) -> Text:
    whole, why = known
    said = {
        "place": name(table.ws, table.listed.region_id),
        "loss": f"{assumed.capacity_lost}%",
        "days": assumed.duration,
        "stock": assumed.stock_days,
    }
    if not rows or choice is None or whole <= 0:
        return both(f"chains.resilience.headline.{why}", **said)
    said |= {
        "sector": name(table.ws, rows[0]["field_id"]),
        "added": f"{round(rows[0]['days_added'], 1):g}",
        "number": len(rows),
        "cost": money(choice.cost, table.unit),
        "share": f"{choice.avoided / whole:.0%}",
        "avoided": money(choice.avoided, table.unit),
        "times": f"{choice.avoided / choice.cost:.1f}" if choice.cost > 0 else "—",
    }
    return both(f"chains.resilience.headline.{'stocks' if len(rows) > 1 else 'stocks_one'}", **said)
