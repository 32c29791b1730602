"""How does a place grow, against whom, and where does it rank?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.capability import growth as method
from foreland.capability.questions.view import pool, view
from foreland.capability.specialisation import ranks
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding
from foreland.core.provenance import Caveat, Input, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name
from foreland.data.coverage import coverage, covering, level_compared
from foreland.data.cube import Cube, read_cube, read_totals

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


NO_STANDING = (
    "key_projects",
    "key_projects_classified",
    "key_projects_funds_known",
    "key_project_funds",
)
"""What is no standing: what other figures are set against, lists that cover years unevenly."""

SHORTEST = 3
"""Fewest years over which a compound rate says something."""


@question(
    "capability.growth",
    zh="增长来自大势、结构还是自身竞争力？",
    en="Is its growth the tide, its mix of fields, or its own doing?",
    example={"region": "CN", "scheme": "wipo35", "indicator": "patent_families"},
    needs=("region",),
)
def growth(
    ws: Workspace,
    scope: Scope,
    years: Annotated[int, AtLeast(1)] = 10,
    window: Annotated[int, AtLeast(1)] = 3,
    method_of: Literal["classic", "dynamic"] = "classic",
) -> Finding:
    """Shift-share of a place, field by field.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; needs a region.
    years
        Periods from start to end.
    window
        Periods pooled at either end (the classic form).
    method_of
        ``classic`` (Dunn 1960) or ``dynamic``, which renews weights and rates every period (Barff & Knight
        1988).
    """
    if not scope.focus:
        raise UsageError("core.error.needs_region", question="capability.growth")
    found = view(ws, scope, window=window, panel=True)
    cube = found.cube
    r = cube.region_index(scope.focus)
    last = len(cube.periods)
    first = max(last - years, found.window if method_of == "classic" else 1)
    if first >= last:
        raise DataError("capability.error.panel_too_short", periods=last, needed=found.window + 1)
    kind = cube.coverage.kind
    if method_of == "classic":
        start, end = (pool(cube.values[at - found.window : at], kind) for at in (first, last))
        parts = method.shift_share(start, end)
        when = _span(cube, first - found.window, first), _span(cube, last - found.window, last)
    else:
        start, end = cube.values[first - 1], cube.values[last - 1]
        parts = method.dynamic_shift_share(cube.values[first - 1 : last]).total
        when = cube.periods[first - 1], cube.periods[last - 1]
    rate = method.cagr(start, end, last - first)
    gap = method.growth_gap(start, end, last - first)
    rows: list[dict[str, Any]] = [
        {
            "region_id": scope.focus,
            "field_id": field,
            "value_before": float(start[r, f]),
            "value": float(end[r, f]),
            "gained": float(parts.change[r, f]),
            "national": float(parts.national[r, f]),
            "mix": float(parts.mix[r, f]),
            "regional": float(parts.regional[r, f]),
            "growth": float(rate[r, f]),
            "growth_gap": float(gap[r, f]),
        }
        for f, field in enumerate(cube.fields)
        if np.isfinite(parts.change[r, f])
    ]
    rows.sort(key=lambda row: (-row["regional"], row["field_id"]))
    whole = parts.places()
    share = whole.regional[r] / whole.change[r] if whole.change[r] else np.nan
    return answer(
        ws,
        "capability.growth",
        found.scope,
        rows,
        headline=both(
            "capability.growth.headline" if whole.change[r] >= 0 else "capability.growth.headline.lost",
            place=name(ws, scope.focus),
            change=_amount(abs(whole.change[r])),
            regional=_amount(whole.regional[r]),
            mix=_amount(whole.mix[r]),
            start=when[0],
            end=when[1],
            best=name(ws, rows[0]["field_id"]),
        ),
        benchmark=found.benchmark_text(ws),
        inputs=cube.inputs,
        steps=[
            Step("capability.step.growth", {"start": when[0], "end": when[1]}),
            Step(f"capability.step.shift_share.{method_of}"),
        ],
        caveats=[
            *([Caveat("capability.caveat.shrinking", "note")] if not (share > 0 and whole.change[r] > 0) else []),
            *found.small(start[r], 20),
            *cube.caveats,
        ],
        parameters={"years": years, "window": window, "method_of": method_of},
    )


@question(
    "capability.ranking",
    zh="各地区排名如何变化？",
    en="How have the places moved in rank?",
    example={"region": "CN-ZJ", "indicator": "rd_expenditure"},
    uses=("region", "level", "scheme", "field", "indicator", "period", "source"),
)
def ranking(ws: Workspace, scope: Scope, top: Annotated[int, AtLeast(1)] = 31) -> Finding:
    """Ranks of the places in one indicator over time.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With a field, values of that field; else the sum over fields.
    top
        Places kept: those that reach this rank in the last period, and the one in focus.
    """
    cube = read_cube(ws, scope, by_field=False)
    columns = [f for f, field in enumerate(cube.fields) if not scope.field or field in scope.field]
    if not columns:
        raise DataError("capability.error.no_such_field", field=", ".join(scope.field), scheme=cube.scope.scheme)
    values = np.where(
        np.isnan(cube.values[:, :, columns]).all(axis=2), np.nan, np.nansum(cube.values[:, :, columns], axis=2)
    )
    # A period in which nothing is reported ranks nobody.
    values[np.nansum(values, axis=1) == 0] = np.nan
    paths = method.rank_paths(values)
    focus = cube.region_index(scope.focus) if scope.focus else -1
    kept = [i for i in range(len(cube.regions)) if 0 < paths.ranks[-1, i] <= top or i == focus]
    rows: list[dict[str, Any]] = [
        {
            "region_id": cube.regions[i],
            "period": period,
            "rank": int(paths.ranks[t, i]),
            "value": float(values[t, i]),
            "movement": int(paths.ranks[0, i] - paths.ranks[t, i]) if paths.ranks[0, i] else None,
        }
        for t, period in enumerate(cube.periods)
        for i in kept
        if paths.ranks[t, i] > 0
    ]
    rows.sort(key=lambda row: (_backwards(row["period"]), row["rank"], row["region_id"]))
    indicator = name(ws, cube.scope.indicator)
    of = int((paths.ranks[-1] > 0).sum())
    if scope.focus:
        headline = both(
            "capability.ranking.headline.place",
            place=name(ws, scope.focus),
            rank=int(paths.ranks[-1, focus]),
            before=int(paths.ranks[0, focus]),
            of=of,
            first=cube.periods[0],
            last=cube.periods[-1],
            indicator=indicator,
        )
    else:
        leader = name(ws, cube.regions[int(np.argmax(paths.ranks[-1] == 1))])
        headline = both("capability.ranking.headline.all", place=leader, indicator=indicator, last=cube.periods[-1])
    return answer(
        ws,
        "capability.ranking",
        cube.scope,
        rows,
        headline=headline,
        benchmark=both(
            "capability.ranking.benchmark", count=of, level=both(f"core.level.{cube.scope.level}"), indicator=indicator
        ),
        inputs=cube.inputs,
        steps=[Step("capability.step.ranking", {"first": cube.periods[0], "last": cube.periods[-1]})],
        caveats=cube.caveats,
        parameters={"top": top},
    )


@question(
    "capability.position",
    zh="这个地区的总体位置如何？",
    en="Where does this place stand overall?",
    example={"region": "CN-ZJ"},
    uses=("region", "level", "period", "source"),
    needs=("region",),
)
def position(ws: Workspace, scope: Scope, years: Annotated[int, AtLeast(1)] = 5) -> Finding:
    """Every indicator that is not split by field: value, rank, share of all places, growth against them.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; needs a region.
    years
        Periods over which growth is measured.
    """
    if not scope.focus:
        raise UsageError("core.error.needs_region", question="capability.position")
    level = level_compared(ws, scope)
    having = covering(ws, scope.focus)
    entries = [
        entry
        for entry in coverage(ws)
        if entry.level == level
        and entry.scheme == "all"
        and entry.regions > 1
        and entry.indicator_id not in NO_STANDING
        and (entry.source_id, entry.scheme, entry.indicator_id) in having
        and scope.source in (None, entry.source_id)
    ]
    rows: list[dict[str, Any]] = []
    inputs: list[Input] = []
    for cube in read_totals(ws, scope, entries):
        row = _standing(cube, scope.focus, years)
        if row is not None:
            rows.append(row)
            # The whole series stands behind value, rank and growth.
            inputs += (replace(item, match={"region_id": "region_id"}) for item in cube.inputs)
    if not rows:
        raise DataError("capability.error.no_totals", region=scope.focus, level=level)
    rows.sort(key=lambda row: (row["rank"], row["indicator_id"]))
    best = rows[0]
    stale = min(row["period"] for row in rows)
    return answer(
        ws,
        "capability.position",
        scope.replace(level=level),
        rows,
        headline=both(
            "capability.position.headline",
            place=name(ws, scope.focus),
            top=sum(row["rank"] <= 5 for row in rows),
            count=len(rows),
            of=_between({row["of"] for row in rows}),
            best=name(ws, best["indicator_id"]),
            rank=best["rank"],
        ),
        benchmark=both("capability.position.benchmark", level=both(f"core.level.{level}")),
        inputs=inputs,
        steps=[Step("capability.step.position", {"years": years})],
        caveats=[
            Caveat(
                "capability.caveat.different_periods",
                "note",
                {"first": stale, "last": max(row["period"] for row in rows)},
            )
        ],
        parameters={"years": years},
    )


def _standing(cube: Cube, region: str, years: int) -> dict[str, Any] | None:
    """Where a place stands in one indicator; None where it has no value in the last period."""
    values = cube.values[:, :, 0]
    # The last period in which most places report: a half-published year ranks nobody fairly.
    full = [t for t in range(len(values)) if np.count_nonzero(np.nan_to_num(values[t])) >= 0.5 * len(cube.regions)]
    if not full or region not in cube.regions:
        return None
    t = full[-1]
    r = cube.regions.index(region)
    if np.isnan(values[t, r]):
        return None
    rank = ranks(values[t])
    before = next((s for s in full if int(cube.periods[s][:4]) >= int(cube.periods[t][:4]) - years), t)
    span = int(cube.periods[t][:4]) - int(cube.periods[before][:4])
    summed = cube.coverage.aggregation == "sum"
    known = ~np.isnan(values[t]) & ~np.isnan(values[before])
    # A share or an index that doubles has not grown by what its compound rate says.
    grows = span >= SHORTEST and values[before, r] > 0 and cube.coverage.kind in ("flow", "stock")
    return {
        "region_id": region,
        "indicator_id": cube.coverage.indicator_id,
        "period": cube.periods[t],
        "value": float(values[t, r]),
        "unit": cube.coverage.unit,
        "rank": int(rank[r]),
        "of": int((rank > 0).sum()),
        "share": float(values[t, r] / np.nansum(values[t])) if summed else None,
        "growth": float(method.cagr(values[before, r], values[t, r], span)) if grows else None,
        "growth_all": float(method.cagr(values[before][known].sum(), values[t][known].sum(), span))
        if grows and summed
        else None,
        "from_period": cube.periods[before],
    }


def _between(counts: set[int]) -> str:
    return f"{min(counts)}–{max(counts)}" if len(counts) > 1 else str(*counts)


def _span(cube: Cube, first: int, last: int) -> str:
    periods = cube.periods[max(first, 0) : last]
    return periods[0] if len(periods) == 1 else f"{periods[0]}–{periods[-1]}"


def _amount(value: float) -> dict[str, str]:
    from foreland.core.columns import write_amount

    return {"en": write_amount(value, "en"), "zh": write_amount(value, "zh")}


def _backwards(period: str) -> tuple[int, ...]:
    """A key that puts later periods first."""
    return tuple(-ord(character) for character in period)
