"""What is a place unusually good at?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.capability import specialisation as method
from foreland.capability.growth import quotient_growth
from foreland.capability.questions.view import View, earlier, pool, view
from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.intervals import rate_ratio
from foreland.core.provenance import Caveat, Input, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.data.coverage import coverage
from foreland.data.cube import read_cube

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

MARGIN = 1.25
"""A quotient this far above 1, or its inverse below, stands out where there is no interval to say so."""

SMALLEST = 0.001
"""Share of the place, or of all places, that a field without an interval needs to be worth a word."""

_STANDINGS = ("strength", "average", "weakness", "too_few")

Measure = Literal["lq", "symmetric", "standardised", "per_head"]


@question(
    "capability.specialisation",
    zh="这个地区擅长什么？",
    en="What is this place unusually good at?",
    example={"region": "CN-ZJ"},
)
def specialisation(
    ws: Workspace,
    scope: Scope,
    measure: Measure = "lq",
    window: Annotated[int, AtLeast(1)] = 3,
    min_count: Annotated[int, AtLeast(0)] = 5,
) -> Finding:
    """How much more of a field a place has than its size explains.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. Without a region, all places and fields.
    measure
        ``lq``: location quotient (Balassa 1965 for exports); ``symmetric``: Laursen 2015; ``standardised``:
        z-score over places (O'Donoghue & Gleave 2004); ``per_head``: per head of population, which needs an
        indicator ``population``.
    window
        Periods pooled.
    min_count
        Fields with less are listed, but never called a strength.

    Notes
    -----
    A strength is a field with a quotient above 1 whose exact 95 % interval (Clopper & Pearson 1934 on the
    place's part of the field) lies above 1 and whose value reaches `min_count`; a weakness one whose interval
    lies below 1. A quotient above 1 on a smaller value is too little to tell. Money and weights have no such
    interval: there a quotient beyond :data:`MARGIN` counts, on at least :data:`SMALLEST` of the place or the whole.
    """
    found = view(ws, scope, window=window, min_count=min_count)
    cube, X, lq = found.cube, found.X, found.lq
    inputs = found.inputs
    values, extra = _measured(ws, found, measure)
    inputs += extra
    low, high = _interval(found)
    none = np.full_like(X, np.nan)
    lower, upper = {"lq": (low, high), "symmetric": (method.symmetric(low), method.symmetric(high))}.get(
        measure, (none, none)
    )
    shares = method.shares(X)
    rank = method.ranks(values, axis=0)
    before = earlier(found)
    change = np.full_like(lq, np.nan) if before is None else quotient_growth(before[1], lq, before[3], "difference")
    places = [cube.region_index(region) for region in scope.region] or list(range(len(cube.regions)))
    columns = [f for f, field in enumerate(cube.fields) if not scope.field or field in scope.field]
    counted = cube.coverage.unit == "count"
    if counted:
        above, below, few = low > 1, high < 1, min_count > X
    else:
        # Money and weights have no interval: a margin, and a size that matters to the place or to all places.
        size = np.fmax(np.nan_to_num(shares), method.shares(np.nansum(X, axis=0, keepdims=True)))
        above, below, few = lq >= MARGIN, lq <= 1 / MARGIN, size < SMALLEST
        below &= ~few
    standing = np.select([above & ~few, below, (lq > 1) & few], [0, 2, 3], 1)
    rows: list[dict[str, Any]] = [
        {
            "region_id": cube.regions[r],
            "field_id": cube.fields[f],
            "value": float(X[r, f]),
            "share": float(shares[r, f]),
            "specialisation": float(values[r, f]),
            "lower": float(lower[r, f]),
            "upper": float(upper[r, f]),
            "standing": _STANDINGS[int(standing[r, f])],
            "rank": int(rank[r, f]),
            "change": float(change[r, f]),
        }
        for r in places
        for f in columns
        if np.isfinite(values[r, f])
    ]
    # What is too few to tell stands last, however large the quotient of two units by chance.
    rows.sort(
        key=lambda row: (
            row["standing"] == "too_few",
            -row["specialisation"],
            row["region_id"],
            row["field_id"],
        )
    )
    strong = [row for row in rows if row["standing"] == "strength"]
    return answer(
        ws,
        "capability.specialisation",
        found.scope,
        rows,
        headline=_headline(ws, scope, rows, strong),
        benchmark=found.benchmark_text(ws),
        inputs=inputs,
        steps=[
            *found.steps(),
            Step(f"capability.step.measure.{measure}"),
            Step("capability.step.standing", {"min_count": min_count})
            if counted
            else Step("capability.step.standing.plain", {"margin": f"{MARGIN:g}", "smallest": f"{SMALLEST:.1%}"}),
            *([Step("capability.step.change", {"from": before[2]})] if before else []),
        ],
        caveats=[
            *found.small(X[places][:, columns], min_count),
            *([] if counted else [Caveat("capability.caveat.no_interval", "note")]),
            *cube.caveats,
        ],
        parameters={"measure": measure, "window": window, "min_count": min_count},
    ).offering(*_told_apart(rows))


def _told_apart(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """The charts that differ: of one place or one field there is nothing to lay out both ways."""
    if len({row["region_id"] for row in rows}) < 2:
        return ("bars",)
    return ("bars", "map") if len({row["field_id"] for row in rows}) < 2 else ()


def _interval(found: View) -> tuple[method.Floats, method.Floats]:
    """Interval of the quotients, shape (R, F); NaN where the figures are no counts.

    A benchmark that is one of the places, or too small to hold them, is another place: then the place's and its
    share are both uncertain.
    """
    cube, X = found.cube, found.X
    if cube.coverage.unit != "count":
        return np.full_like(X, np.nan), np.full_like(X, np.nan)
    if cube.benchmark is None:
        return method.interval(X)
    reference = pool(cube.benchmark[-found.window :], cube.coverage.kind)
    if found.scope.benchmark not in cube.regions and not (reference < X).any():
        return method.interval(X, reference)
    low, high = rate_ratio(X, method.observed_sum(X, 1, True), reference, np.nansum(reference))
    known = np.isfinite(found.lq)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _measured(ws: Workspace, found: View, measure: Measure) -> tuple[method.Floats, list[Input]]:
    if measure == "symmetric":
        return method.symmetric(found.lq), []
    if measure == "standardised":
        return method.standardised(found.lq), []
    if measure == "lq":
        return found.lq, []
    level = found.scope.level
    if not any(entry.indicator_id == "population" and entry.level == level for entry in coverage(ws)):
        raise DataError("capability.error.no_population", level=level)
    people = read_cube(
        ws, Scope(indicator="population", level=level, period=found.cube.periods[-1]), window=1, by_field=False
    )
    known = dict(zip(people.regions, people.values[-1].sum(axis=1), strict=True))
    population = np.array([known.get(region, np.nan) for region in found.cube.regions])
    return method.per_head_specialisation(found.X, population), list(people.inputs)


def _headline(ws: Workspace, scope: Scope, rows: list[dict[str, Any]], strong: list[dict[str, Any]]) -> Text:
    if not scope.focus:
        key = "capability.specialisation.headline.all"
        return both(key, strong=len(strong), of=len(rows))
    place = name(ws, scope.focus)
    if not strong:
        return both("capability.specialisation.headline.none", place=place, of=len(rows))
    fields = listed(ws, [row["field_id"] for row in strong[:3]])
    return both(
        "capability.specialisation.headline.place", place=place, strong=len(strong), of=len(rows), fields=fields
    )
