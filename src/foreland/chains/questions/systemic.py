"""Which sector's loss costs most?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from foreland.chains.ario_engine import DAYS_A_YEAR
from foreland.chains.errors import ChainError
from foreland.chains.questions.listing import choose
from foreland.chains.questions.shocks import Assumed, Method, corners, days, money, passable, span, stylised
from foreland.chains.questions.tables import Table, read, told
from foreland.chains.static_shock import single_losses
from foreland.chains.systemic import systemic as hit_each
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

RankBy = Literal["loss", "amplification"]
STEP = 5
"""Days a step: every sector of a table is hit in turn, and the ranking does not turn on days."""
RANGED, ALL_RANGED = 40, 80
"""Sectors whose loss gets a range, which takes two more simulations; all of a table of no more than so many."""
NEGLIGIBLE = 1e-3
"""Sectors that make less than this share of value added are not ranked by amplification: next to nothing, many times
over."""


@question(
    "chains.systemic",
    zh="哪个部门停产，代价最大？",
    en="Which sector's loss costs most?",
    example={"region": "US"},
    uses=("region", "scheme", "field", "period", "source"),
)
def systemic(
    ws: Workspace,
    scope: Scope,
    assumed: Assumed = Assumed(),
    method: Method = "dynamic",
    rank_by: RankBy = "loss",
) -> Finding:
    """Every sector loses the same share of its capacity, one at a time; what does it cost all?

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. Sectors that are asked for keep their rank among all.
    assumed
        What is lost, for how long, and how sectors can answer.
    method
        ``dynamic``: day by day with stocks. ``static``: without, as bounds.
    rank_by
        Value added lost, or that over what the missing capacity itself would have made.
    """
    table = read(ws, choose(ws, scope), scope)
    system, more = passable(table)
    table = replace(table, system=system, caveats=(*table.caveats, *more))
    try:
        found = _static(table, assumed) if method == "static" else _dynamic(table, assumed, rank_by)
    except ChainError as error:
        raise told(error, table.sectors, ws) from error
    rows = _rows(table, found, rank_by)
    wanted = {table.sectors[k] for k in table.chosen()}
    shown = [row for row in rows if row["field_id"] in wanted]
    amounts = {"loss": f"{assumed.capacity_lost}%", "days": assumed.duration, "back": assumed.recovery_days}
    steps = [*table.steps, Step("chains.step.one_at_a_time", amounts)]
    caveats = [*table.caveats]
    if method == "static":
        steps.append(Step("chains.step.static_shock"))
        caveats.append(Caveat("chains.caveat.static_shock", "serious"))
    else:
        steps += [Step("chains.step.ario", {"days": assumed.horizon}), Step("chains.step.ario_steps", {"step": STEP})]
        steps.append(Step("chains.step.ario_ends"))
        caveats.append(stylised(assumed))
        stopped = int(np.isnan(found["recovery_day"]).sum())
        if stopped:
            caveats.append(
                Caveat("chains.caveat.standstill_some", "serious", {"number": stopped, "of": len(table.sectors)})
            )
    left = int((table.system.output > 0).sum()) - int(_counted(table, rank_by).sum())
    steps.append(Step(f"chains.step.rank_{rank_by}", {"left": left, "least": f"{NEGLIGIBLE:.1%}"}))
    if left:
        caveats.append(Caveat("chains.caveat.small_unranked", "note", {"left": left, "least": f"{NEGLIGIBLE:.1%}"}))
    finding = answer(
        ws,
        "chains.systemic",
        table.scope,
        shown,
        headline=_headline(table, shown, assumed, (method, rank_by), len(rows)),
        benchmark=both("chains.benchmark.undisturbed", table=table.benchmark()),
        inputs=[*table.inputs(), table.inputs({"field_id": "from_id"})[0]],
        steps=steps,
        caveats=caveats,
        parameters={**assumed.told(), "method": method, "rank_by": rank_by},
    )
    return finding if len(shown) > 1 else finding.offering("interval")


Found = dict[str, np.ndarray]


def _dynamic(table: Table, assumed: Assumed, rank_by: RankBy) -> Found:
    """Losses of all sectors; those that rank first or were asked for also in the stiffest and the nimblest economy."""
    n = len(table.sectors)
    parameters = assumed.parameters(float(STEP))
    steps = -(-assumed.horizon // STEP)
    shock = assumed.shock(np.full(n, assumed.capacity_lost / 100))
    every = hit_each(table.system, shock, parameters, steps)
    by = every.loss if rank_by == "loss" else np.where(_counted(table, rank_by), every.amplification, -np.inf)
    first = np.argsort(-np.nan_to_num(by, nan=-np.inf), kind="stable")[: n if n <= ALL_RANGED else RANGED]
    ranged = sorted({int(k) for k in first} | ({*table.chosen()} if table.scope.field else set()))
    ends = corners(parameters)
    found = hit_each(table.system, shock, parameters, steps, sectors=ranged, draws=(ends[0], ends[-1]))
    low, high = np.full(n, np.nan), np.full(n, np.nan)
    low[ranged], high[ranged] = found.low, found.high
    return {
        "value_lost": every.loss,
        "lost_low": low,
        "lost_high": high,
        "direct": every.direct,
        "static_least": every.static.lower * assumed.whole_days / DAYS_A_YEAR,
        "recovery_day": every.recovery_day,
    }


def _counted(table: Table, rank_by: RankBy) -> np.ndarray:
    """Sectors that are ranked."""
    made = np.asarray(table.system.output > 0)
    if rank_by == "loss":
        return made
    value_added = table.system.value_added
    return made & (value_added > NEGLIGIBLE * value_added.sum())


def _static(table: Table, assumed: Assumed) -> Found:
    found = single_losses(table.system, assumed.capacity_lost / 100)
    part = assumed.whole_days / DAYS_A_YEAR
    return {
        "value_lost": found.lower * part,
        "lost_low": found.lower * part,
        "lost_high": np.maximum(found.upper, found.lower) * part,
        "direct": found.direct * part,
        "static_least": found.lower * part,
        "recovery_day": np.full(len(found.lower), np.nan),
    }


def _rows(table: Table, found: Found, rank_by: RankBy) -> list[dict[str, Any]]:
    value_added = table.system.value_added
    gdp = float(value_added.sum())
    made = table.system.output > 0
    ratio = np.full(len(made), np.nan)
    np.divide(found["value_lost"], found["direct"], out=ratio, where=found["direct"] > 0)
    counted = _counted(table, rank_by)
    by = found["value_lost"] if rank_by == "loss" else ratio
    order = sorted(np.flatnonzero(counted & np.isfinite(by)), key=lambda k: (-by[k], table.sectors[k]))
    return [
        {
            "rank": place,
            "field_id": table.sectors[k],
            "value_lost": float(found["value_lost"][k]),
            "lost_low": _known(found["lost_low"][k]),
            "lost_high": _known(found["lost_high"][k]),
            "gdp_days": float(found["value_lost"][k] / gdp * DAYS_A_YEAR),
            "direct_loss": float(found["direct"][k]),
            "amplification": _known(ratio[k]),
            "static_least": float(found["static_least"][k]),
            "added_share": float(value_added[k] / gdp),
            "recovery_day": int(day) if np.isfinite(day := found["recovery_day"][k]) else None,
            "unit": table.unit,
        }
        for place, k in enumerate(order, start=1)
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _headline(
    table: Table, rows: list[dict[str, Any]], assumed: Assumed, asked: tuple[Method, RankBy], of: int
) -> Text:
    method, rank_by = asked
    place = {"place": name(table.ws, table.listed.region_id), "year": table.listed.period}
    if not rows:
        if rank_by == "amplification" and table.scope.field:
            return both("chains.systemic.headline.small", **place, sector=listed(table.ws, table.scope.field))
        return both("chains.systemic.headline.none", **place)
    first = rows[0]
    gdp = float(table.system.value_added.sum())
    said = {
        **place,
        "sector": name(table.ws, first["field_id"]),
        "loss": f"{assumed.capacity_lost}%",
        "days": assumed.duration,
        "amount": money(first["value_lost"], table.unit),
        "gdp_days": days(first["gdp_days"]),
        "times": "—" if first["amplification"] is None else f"{first['amplification']:.1f}",
        "rank": first["rank"],
        "of": of,
        **span(first["lost_low"] / gdp * DAYS_A_YEAR, first["lost_high"] / gdp * DAYS_A_YEAR),
    }
    if table.scope.field:
        return both("chains.systemic.headline.some", **said)
    return both(f"chains.systemic.headline.{rank_by}.{method}", **said)
