"""What does it cost when a sector loses part of its capacity?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from foreland.chains.ario_engine import DAYS_A_YEAR, economy
from foreland.chains.bands import Band, simulate_band
from foreland.chains.errors import ChainError
from foreland.chains.questions.listing import choose
from foreland.chains.questions.shocks import (
    STANDSTILL,
    Assumed,
    Method,
    corners,
    days,
    hit_by,
    money,
    passable,
    span,
    stylised,
)
from foreland.chains.questions.tables import Table, read, told
from foreland.chains.static_shock import StaticShock, static_shock
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

CALLED = {"backward": "idle_suppliers", "forward": "short_users"}
FOLLOWED = 3
"""Sectors whose production is drawn besides those hit."""


@question(
    "chains.shock",
    zh="一个部门失去部分产能，损失有多大？",
    en="What does it cost when a sector loses part of its capacity?",
    example={"region": "US"},
    uses=("region", "scheme", "field", "period", "source"),
)
def shock(ws: Workspace, scope: Scope, assumed: Assumed = Assumed(), method: Method = "dynamic") -> Finding:
    """A loss of capacity day by day: recovery, losses by sector, and their range over what nobody measures.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. Several sectors are hit at the same time; without any it is the
        largest of the key sectors.
    assumed
        What is lost, for how long, and how sectors can answer.
    method
        ``dynamic``: with stocks and overproduction, day by day. ``static``: without, as bounds.
    """
    table = read(ws, choose(ws, scope), scope)
    system, more = passable(table)
    table = replace(table, system=system, caveats=(*table.caveats, *more))
    hit, chosen = hit_by(table)
    loss = np.zeros(len(table.sectors))
    loss[hit] = assumed.capacity_lost / 100
    try:
        if method == "static":
            return _static(table, (hit, loss), assumed, chosen)
        parameters = assumed.parameters()
        band = simulate_band(system, assumed.shock(loss), parameters, steps=assumed.horizon, draws=corners(parameters))
    except ChainError as error:
        raise told(error, table.sectors, ws) from error
    return _dynamic(table, (hit, band), assumed, chosen)


def _dynamic(table: Table, found: tuple[list[int], Band], assumed: Assumed, chosen: tuple[Caveat, ...]) -> Finding:
    hit, band = found
    stopped = _stopped(band.central.lowest, band.central.recovery_day)
    rows = _rows(table, hit, band)
    if stopped:
        rows = _without_amounts(table, rows, band)
    others = sorted((row for row in rows if not row["hit"]), key=lambda row: (row["lowest"], row["rank"]))[:FOLLOWED]
    followed = [*hit, *(table.index(row["field_id"]) for row in others)]
    caveats = [*table.caveats, *chosen, stylised(assumed)]
    if stopped:
        caveats.append(Caveat("chains.caveat.standstill", "serious"))
    elif _worst_stopped(band):
        caveats.append(Caveat("chains.caveat.standstill_range", "warning"))
    return answer(
        table.ws,
        "chains.shock",
        _scope(table, hit),
        rows,
        headline=_headline(table, (hit, band), assumed, "standstill" if stopped else "dynamic"),
        benchmark=both("chains.benchmark.undisturbed", table=table.benchmark()),
        inputs=[*table.inputs(), table.inputs({"field_id": "from_id"})[0]],
        steps=[
            *table.steps,
            Step("chains.step.capacity", _amounts(assumed)),
            Step("chains.step.ario", {"days": assumed.horizon}),
            Step("chains.step.ario_band"),
        ],
        caveats=caveats,
        parameters={**assumed.told(), "method": "dynamic"},
        tables={"curve": _curve(band), "sectors": _followed(table, followed, band)},
    ).offering("curve", *(() if stopped else ("losses",)), "sectors")


def _rows(table: Table, hit: list[int], band: Band) -> list[dict[str, Any]]:
    """Losses by sector, the largest first."""
    central, base = band.central, economy(table.system)
    runs = np.vstack([central.loss_by_sector, band.loss_by_sector])
    low, high = runs.min(axis=0), runs.max(axis=0)
    kept = [int(k) for k in np.flatnonzero(base.output > 0)]
    order = sorted(kept, key=lambda k: (-central.loss_by_sector[k], table.sectors[k]))
    trough = central.production.argmin(axis=0)
    return [
        {
            "rank": place,
            "field_id": table.sectors[k],
            "hit": k in hit,
            "value_lost": float(central.loss_by_sector[k]),
            "lost_low": float(low[k]),
            "lost_high": float(high[k]),
            "own_days": _own_days(float(central.loss_by_sector[k]), float(base.value_added[k])),
            "lowest": float(central.production[trough[k], k] / base.output[k]),
            "lowest_day": int(central.days[trough[k]]),
            "unit": table.unit,
        }
        for place, k in enumerate(order, start=1)
    ]


def _without_amounts(table: Table, rows: list[dict[str, Any]], band: Band) -> list[dict[str, Any]]:
    """Sectors at a standstill, the first to make less than half first: their amounts mean nothing."""
    none = dict.fromkeys(("value_lost", "lost_low", "lost_high", "own_days"))
    halved = band.central.production < table.system.output / 2
    for row in rows:
        below = np.flatnonzero(halved[:, table.index(row["field_id"])])
        row |= {**none, "halved_day": int(band.central.days[below[0]]) if len(below) else None}
    rows.sort(key=lambda row: (row["halved_day"] or np.inf, row["field_id"]))
    return [{**row, "rank": place} for place, row in enumerate(rows, start=1)]


def _own_days(lost: float, value_added: float) -> float | None:
    return lost / value_added * DAYS_A_YEAR if value_added > 0 else None


def _stopped(lowest: float, recovered: float | None) -> bool:
    return lowest < STANDSTILL and recovered is None


def _worst_stopped(band: Band) -> bool:
    """Whether the chain comes to a standstill with other parameters of the range."""
    lowest = band.value_added.min(axis=1) / band.central.gdp
    return bool(((lowest < STANDSTILL) & np.isnan(band.recovery_day)).any())


def _curve(band: Band) -> pa.Table:
    """Value added by day from the day before, as a share of the baseline."""
    paths = {"value_added": band.central.value_added, "curve_low": band.low, "curve_high": band.high}
    shares = {name: np.append(1.0, path / band.central.gdp) for name, path in paths.items()}
    return pa.table({"day": np.append(0, band.central.days.astype(int)), **shares})


def _followed(table: Table, followed: list[int], band: Band) -> pa.Table:
    """Production of some sectors by day."""
    produced, output = band.central.production, table.system.output
    days_of = np.append(0, band.central.days.astype(int))
    made = [k for k in followed if output[k] > 0] or followed
    return pa.table(
        {
            "field_id": np.repeat([table.sectors[k] for k in made], len(days_of)),
            "day": np.tile(days_of, len(made)),
            "produced": np.concatenate([np.append(1.0, produced[:, k] / max(output[k], 1e-300)) for k in made]),
        }
    )


def _headline(table: Table, found: tuple[list[int], Band], assumed: Assumed, form: str) -> Text:
    hit, band = found
    central = band.central
    if central.total_loss <= 0:
        form = "made_up"
    told = {**_place(table, hit), **_amounts(assumed), "amount": money(central.total_loss, table.unit)}
    more = {"gdp_days": days(central.loss_days), "times": f"{central.amplification:.1f}"}
    ends: dict[str, Any] = span(*band.loss_days_range)
    if _worst_stopped(band):
        ends["high"] = both("chains.word.standstill")
    return both(f"chains.shock.headline.{form}", **told, **more, **ends)


def _static(table: Table, found: tuple[list[int], np.ndarray], assumed: Assumed, chosen: tuple[Caveat, ...]) -> Finding:
    """Bounds on what is lost where nothing adapts."""
    hit, loss = found
    result = static_shock(table.system, loss)
    value_added = economy(table.system).value_added
    part = assumed.whole_days / DAYS_A_YEAR
    gdp = float(value_added.sum())
    totals = {name: getattr(result, name) * part for name in ("direct", "lower", "backward", "forward", "upper")}
    rows = _static_rows(table, hit, result, value_added * part)
    bounds = [{"estimate": CALLED.get(n, n), "value_lost": v, "unit": table.unit} for n, v in totals.items()]
    return answer(
        table.ws,
        "chains.shock",
        _scope(table, hit),
        rows,
        headline=both(
            "chains.shock.headline.static",
            **_place(table, hit),
            **_amounts(assumed),
            amount=money(totals["lower"], table.unit),
            upper=money(totals["upper"], table.unit),
            **span(totals["lower"] / gdp * DAYS_A_YEAR, totals["upper"] / gdp * DAYS_A_YEAR),
        ),
        benchmark=both("chains.benchmark.undisturbed", table=table.benchmark()),
        inputs=[*table.inputs(), table.inputs({"field_id": "from_id"})[0]],
        steps=[*table.steps, Step("chains.step.capacity", _amounts(assumed)), Step("chains.step.static_shock")],
        caveats=[*table.caveats, *chosen, Caveat("chains.caveat.static_shock", "serious")],
        parameters={**assumed.told(), "method": "static"},
        tables={"bounds": pa.Table.from_pylist(bounds)},
    ).offering("bounds", "losses")


def _static_rows(table: Table, hit: list[int], found: StaticShock, whole: np.ndarray) -> list[dict[str, Any]]:
    amounts = {
        "value_lost": found.inoperability_lower * whole,
        "lost_backward": found.inoperability_backward * whole,
        "lost_forward": found.inoperability_forward * whole,
        "lost_upper": found.inoperability_upper * whole,
    }
    kept = [int(k) for k in np.flatnonzero(table.system.output > 0)]
    order = sorted(kept, key=lambda k: (-amounts["value_lost"][k], -amounts["lost_upper"][k], table.sectors[k]))
    return [
        {
            "rank": place,
            "field_id": table.sectors[k],
            "hit": k in hit,
            **{name: float(values[k]) for name, values in amounts.items()},
            "unit": table.unit,
        }
        for place, k in enumerate(order, start=1)
    ]


def _scope(table: Table, hit: list[int]) -> Scope:
    """With the sectors that are hit, so that the page and the charts point them out."""
    return table.scope.replace(field=tuple(table.sectors[k] for k in hit))


def _place(table: Table, hit: list[int]) -> dict[str, Any]:
    return {
        "sector": listed(table.ws, [table.sectors[k] for k in hit]),
        "place": name(table.ws, table.listed.region_id),
        "year": table.listed.period,
    }


def _amounts(assumed: Assumed) -> dict[str, Any]:
    return {
        "loss": f"{assumed.capacity_lost}%",
        "days": assumed.duration,
        "back": assumed.recovery_days,
        "stock": assumed.stock_days,
    }
