"""Which phase of its life cycle is each unit in, and where is it heading?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Input, Step
from foreland.core.registry import AtLeast, Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, said, within
from foreland.foresight.life_cycles import FAMILIES, FEWEST_YEARS, PHASES, LifeCycles, Plan
from foreland.foresight.life_cycles import life_cycles as method
from foreland.foresight.questions.series import THIN, Series, read_series
from foreland.foresight.questions.units import (
    caveats_of,
    chosen_fields,
    inputs_of,
    place_of,
    scheme_of,
    seen_from,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

MOST = 200
"""Most units fitted for one answer: the largest, and those in focus."""
FALLEN = 0.8
"""Below so much of their peak, all documents together have fallen."""
LOOKED_BACK = 5
"""Years the fan is held against that were not given to the fit."""


@question(
    "foresight.life_cycle",
    zh="各领域处于生命周期的哪个阶段，将走向何处？",
    en="Which phase is each field in, and where is it heading?",
    example={"region": "CN"},
    uses=("region", "scheme", "field", "indicator", "period", "source"),
)
def life_cycle(
    ws: Workspace,
    scope: Scope,
    ahead: Annotated[int, Between(1, 30)] = 10,
    interval_level: Annotated[float, Between(50.0, 99.0)] = 90.0,
    leave_out: Annotated[int, Between(0, 5)] = 0,
    min_count: Annotated[int, AtLeast(1)] = 30,
) -> Finding:
    """Fit S-curves to yearly counts: the phase of each unit; with one field its curve and the fan of years to come.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. A single year as the period asks for the view from that year.
    ahead
        Years that the curve is drawn beyond the last.
    interval_level
        Of all intervals and of the fan, in percent.
    leave_out
        Last years that are not used, because they are not complete yet. One that has far fewer documents than the year
        before, everywhere together, is left out anyway: each curve would take it for the end of a rise.
    min_count
        Units with fewer documents over all years are left out.
    """
    series = read_series(ws, seen_from(ws, scope))
    chosen_fields(series, scope)
    view = _view(series, scope, leave_out, min_count)
    plan = Plan(ahead, interval_level / 100, min_count)
    found = method(view.counts, plan)
    told = found.family >= 0
    alone = scope.field[0] if len(scope.field) == 1 else None
    if not told.any() or (alone and not told[view.units.index(alone)]):
        raise DataError(
            "foresight.error.too_little_to_fit",
            years=FEWEST_YEARS,
            minimum=min_count,
            indicator=series.cube.coverage.indicator_id,
        )
    every = _rows(view, found, scope)
    shown = series.cube.scope.replace(region=scope.region, field=scope.field, language=scope.language)
    rows = _years(view, found, alone) if alone else every
    inputs = inputs_of(series, scope)
    finding = answer(
        ws,
        "foresight.life_cycle",
        shown,
        rows,
        headline=_headline_one(ws, shown, view, every[0]) if alone else _headline(ws, shown, view, every),
        benchmark=both(
            "foresight.life_cycle.benchmark", first=view.periods[0], last=view.periods[-1], scheme=scheme_of(series)
        ),
        inputs=[_by_year(item) for item in inputs] if alone else inputs,
        steps=_steps(view, interval_level, found, alone),
        caveats=_caveats(series, view, found, plan, every),
        parameters={
            "ahead": ahead, "interval_level": interval_level, "leave_out": leave_out, "min_count": min_count
        },
        tables={"series": _series(view, found, [row["field_id"] for row in every]), "phases": _phases(every)},
    )  # fmt: skip
    return finding.offering(*(("curve", "yearly") if alone else ("phases", "curves")))


@dataclass(frozen=True, eq=False)
class View:
    """Counts that are fitted: of U units over T years without a gap."""

    counts: np.ndarray
    """Shape (T, U)."""
    units: tuple[str, ...]
    periods: tuple[str, ...]
    small: int
    """Units left out because they have too few documents."""
    cut: int
    """Units left out because there are too many."""
    thin: bool
    """Whether the last year is left out because it is not complete."""

    @property
    def first(self) -> int:
        return int(self.periods[0][:4])


def _view(series: Series, scope: Scope, leave_out: int, min_count: int) -> View:
    counts = series.counts if scope.region else series.world
    thin = not leave_out and _thin(series.totals, series.world.sum(axis=1))
    last = len(series.periods) - max(leave_out, int(thin))
    gaps = np.flatnonzero(np.diff(series.years[:last]) != 1)
    first = int(gaps[-1]) + 1 if len(gaps) else 0
    counts = counts[first:last]
    total = counts.sum(axis=0) if len(counts) else np.zeros(len(series.units))
    large = [u for u in np.argsort(-total, kind="stable") if total[u] >= min_count]
    focus = [u for u, field in enumerate(series.units) if field in scope.field]
    kept = sorted({*large[:MOST], *focus})
    return View(
        counts[:, kept],
        tuple(series.units[u] for u in kept),
        series.periods[first:last],
        int(((total > 0) & (total < min_count)).sum()),
        max(len(large) - MOST, 0),
        thin,
    )


def _thin(totals: np.ndarray, world: np.ndarray) -> bool:
    """Whether the last year is not complete: a fall far beyond that of the year before, and not of the place alone."""
    if len(totals) < 3 or not totals[-3:-1].all():
        return False
    usual = min(1.0, totals[-2] / totals[-3])
    return bool(totals[-1] < THIN * totals[-2] * usual and world[-1] < world[-2])


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _rows(view: View, found: LifeCycles, scope: Scope) -> list[dict[str, Any]]:
    """Units with their phase, those that grow fastest first."""

    def year(value: float) -> str | None:
        return str(round(view.first + float(value))) if np.isfinite(value) else None

    rows: list[dict[str, Any]] = []
    total = view.counts.sum(axis=0)
    for u, field in enumerate(view.units):
        if found.family[u] < 0 or (scope.field and field not in scope.field):
            continue
        growth, ceiling, turn = found.growth, found.ceiling, found.inflection
        rises = growth.low[u] > 0
        rows.append(
            {
                "field_id": field,
                "phase": PHASES[found.phase[u]],
                "growth": float(np.expm1(growth.value[u])),
                "growth_low": float(np.expm1(growth.low[u])),
                "growth_high": float(np.expm1(growth.high[u])),
                "doubling": float(np.log(2) / growth.value[u]) if rises and growth.value[u] > 0 else None,
                "inflection": year(turn.value[u]) if np.isfinite(ceiling.value[u]) else None,
                "inflection_low": year(turn.low[u]),
                "inflection_high": year(turn.high[u]),
                "ceiling": _number(ceiling.value[u]),
                "ceiling_low": _number(ceiling.low[u]),
                "ceiling_high": _number(ceiling.high[u]),
                "reached": _number(total[u] / ceiling.value[u]),
                "nine_tenths": year(found.turns[u, 2]) if np.isfinite(ceiling.value[u]) else None,
                "curve": FAMILIES[found.family[u]],
                "innovation": _number(found.innovation[u]) if FAMILIES[found.family[u]] == "bass" else None,
                "imitation": _number(found.imitation[u]) if FAMILIES[found.family[u]] == "bass" else None,
                "count": float(total[u]),
            }
        )
    for column in ("innovation", "imitation"):
        if all(row[column] is None for row in rows):
            for row in rows:
                del row[column]
    rows.sort(key=lambda row: (-round(row["growth"], 9), row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _years(view: View, found: LifeCycles, field: str) -> list[dict[str, Any]]:
    """The curve of one unit year by year, beyond the last year with the fan."""
    u, known = view.units.index(field), len(view.periods)
    rows = []
    for t in range(found.yearly.value.shape[1]):
        future = t >= known
        rows.append(
            {
                "period": str(view.first + t),
                "field_id": field,
                "count": None if future else float(view.counts[t, u]),
                "expected": float(found.yearly.value[u, t]),
                "expected_low": float(found.yearly.low[u, t]) if future else None,
                "expected_high": float(found.yearly.high[u, t]) if future else None,
                "running_total": float(found.total.value[u, t]),
                "running_low": float(found.total.low[u, t]) if future else None,
                "running_high": float(found.total.high[u, t]) if future else None,
            }
        )
    return rows


def _series(view: View, found: LifeCycles, fields: list[str]) -> pa.Table:
    import pyarrow as pa

    rows = [row for field in fields for row in _years(view, found, field)]
    return pa.Table.from_pylist(rows)


def _phases(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(rows)


def _by_year(item: Input) -> Input:
    return replace(item, match={"field_id": "field_id", "period": "period"})


def _about(ws: Workspace, scope: Scope, view: View) -> dict[str, Any]:
    return {
        "place": place_of(ws, scope),
        "indicator": within(ws, scope.indicator),
        "first": view.periods[0],
        "last": view.periods[-1],
    }


def _counted(number: int) -> Text:
    """A number inside a sentence."""
    return {"en": str(number or "none"), "zh": str(number)}


def _headline(ws: Workspace, scope: Scope, view: View, rows: list[dict[str, Any]]) -> Text:
    about = _about(ws, scope, view)
    grown = [row for row in rows if row["phase"] in ("emerging", "growing")]
    about |= {
        "of": len(rows),
        "growing": len(grown),
        "past": _counted(sum(row["phase"] in ("maturing", "saturated") for row in rows)),
        "told": _counted(sum(row["ceiling"] is not None for row in rows)),
    }
    if not grown:
        return both("foresight.life_cycle.headline.none_grow", **about)
    top = next((row for row in grown if row["doubling"] is not None), grown[0])
    about |= {
        "top": said(ws, top["field_id"]),
        "growth": f"{top['growth']:.0%}",
        "low": f"{top['growth_low']:.0%}",
        "high": f"{top['growth_high']:.0%}",
    }
    return both("foresight.life_cycle.headline.all", **about)


def _headline_one(ws: Workspace, scope: Scope, view: View, row: dict[str, Any]) -> Text:
    about = _about(ws, scope, view) | {
        "field": said(ws, row["field_id"]),
        "phase": both(f"foresight.value.{row['phase']}"),
        "growth": f"{row['growth']:.0%}",
        "low": f"{row['growth_low']:.0%}",
        "high": f"{row['growth_high']:.0%}",
        "count": f"{row['count']:,.0f}",
    }
    if row["ceiling"] is None:
        kind = row["phase"] if row["phase"] in ("maturing", "no_trend") else "growing"
        doubling = "—" if row["doubling"] is None else f"{row['doubling']:.1f}"
        return both(f"foresight.life_cycle.headline.one_{kind}", **about, doubling=doubling)
    about |= {key: f"{row[key]:,.0f}" for key in ("ceiling", "ceiling_low", "ceiling_high")}
    about["reached"] = f"{row['reached']:.0%}"
    if row["inflection"] is None:
        return both("foresight.life_cycle.headline.one_falling", **about)
    return both("foresight.life_cycle.headline.one_ceiling", **about, inflection=row["inflection"])


def _steps(view: View, level: float, found: LifeCycles, alone: str | None) -> list[Step]:
    steps = [
        Step("foresight.step.curves", {"first": view.periods[0], "last": view.periods[-1]}),
        Step("foresight.step.curve_choice"),
        Step("foresight.step.curve_intervals", {"level": f"{level:g} %"}),
        Step("foresight.step.curve_ceiling"),
        Step("foresight.step.curve_phases"),
    ]
    if alone:
        u = view.units.index(alone)
        names = [
            both(f"foresight.value.{family}") for family, kept in zip(FAMILIES, found.supported[u], strict=True) if kept
        ]
        joined: Text = {
            language: ("、" if language == "zh" else ", ").join(each[language] for each in names)
            for language in ("en", "zh")
        }
        steps.insert(
            2,
            Step(
                "foresight.step.curve_supported",
                {
                    "best": both(f"foresight.value.{FAMILIES[found.family[u]]}"),
                    "all": joined,
                    "dispersion": f"{found.dispersion[u]:,.1f}",
                    "serial": f"{found.serial[u]:.2f}",
                },
            ),
        )
    return steps


def _caveats(series: Series, view: View, found: LifeCycles, plan: Plan, rows: list[dict[str, Any]]) -> list[Caveat]:
    own = []
    open_ = sum(row["ceiling"] is None for row in rows)
    if open_ and len(rows) > 1:
        own.append(Caveat("foresight.caveat.no_ceiling", "warning", {"count": open_, "of": len(rows)}))
    own += _looked_back(view, plan)
    told = found.family >= 0
    together = int((found.serial[told] >= 0.5).sum())
    if together:
        own.append(Caveat("foresight.caveat.curve_misses", "warning", {"count": together, "of": int(told.sum())}))
    own.append(Caveat("foresight.caveat.curve_continues", "note"))
    if view.small:
        own.append(Caveat("foresight.caveat.left_small", "note", {"count": view.small, "minimum": int(plan.least)}))
    if view.cut:
        own.append(Caveat("foresight.caveat.largest_fitted", "note", {"count": MOST, "left": view.cut}))
    usual = [*caveats_of(series, view.counts), *series.caveats]
    if view.periods[-1] < series.periods[-1]:
        usual = [caveat for caveat in usual if caveat.code != "last_year_thin"]
    return [*_of_the_whole(series, view, rows), *own, *usual]


def _of_the_whole(series: Series, view: View, rows: list[dict[str, Any]]) -> list[Caveat]:
    """What all documents together do, which curves of single units know nothing of."""
    found = []
    if view.thin:
        found.append(Caveat("foresight.caveat.last_year_left", "warning", {"year": series.periods[-1]}))
    totals = series.totals[: series.periods.index(view.periods[-1]) + 1]
    top = int(totals.argmax())
    past = sum(row["phase"] in ("maturing", "saturated") for row in rows)
    if past and totals[-1] < FALLEN * totals[top]:
        less = {"peak": series.periods[top], "last": view.periods[-1], "less": f"{1 - totals[-1] / totals[top]:.0%}"}
        found.append(Caveat("foresight.caveat.whole_falls", "serious", {"count": past, **less}))
    return found


def _looked_back(view: View, plan: Plan) -> list[Caveat]:
    """How many counts the fan held, and what became of ceilings, when fitted the same way without the last years."""
    known = len(view.periods) - LOOKED_BACK
    if known < FEWEST_YEARS:
        return []
    past = method(view.counts[:known], replace(plan, horizon=LOOKED_BACK))
    told = past.family >= 0
    if not told.any():
        return []
    after = view.counts[known:].T[told]
    held = (past.yearly.low[told, known:] <= after) & (after <= past.yearly.high[told, known:])
    share = float(held.mean())
    values: dict[str, Any] = {
        "origin": view.periods[known - 1],
        "level": f"{plan.level:.0%}",
        "share": f"{share:.0%}",
        "years": LOOKED_BACK,
        "units": int(told.sum()),
    }
    found = [Caveat("foresight.caveat.fan_kept", "note" if share >= plan.level - 0.1 else "warning", values)]
    ceilings = np.isfinite(past.ceiling.value)
    if ceilings.any():
        passed = int((view.counts.sum(axis=0) > past.ceiling.high)[ceilings].sum())
        values = {"origin": values["origin"], "years": LOOKED_BACK, "told": int(ceilings.sum()), "passed": passed}
        found.append(Caveat("foresight.caveat.ceilings_kept", "warning" if passed else "note", values))
    return found
