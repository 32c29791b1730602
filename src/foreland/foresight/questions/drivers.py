"""What drives each field: technology that pushes, scenarios that pull, policy that assures?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.core.errors import DataError, DidYouMean, UsageError, Worded
from foreland.core.finding import Finding
from foreland.core.intervals import rate_ratio
from foreland.core.registry import AtLeast, Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name
from foreland.data.coverage import level_compared, level_of
from foreland.data.taxonomy.fields import children, leaves
from foreland.foresight import drivers as method
from foreland.foresight.questions import driver_words as words
from foreland.foresight.questions.driver_policy import (
    Policy,
    inputs_of,
    passages_of,
    places_with_documents,
    read_policy,
)
from foreland.foresight.questions.driver_technology import (
    SCHEME,
    Output,
    crosswalk_inputs,
    read_outputs,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

LEVEL = 0.9
"""Coverage of each pairwise test behind an interval."""
FEW = ("projects", "labs")
ENOUGH = 5
"""Places with documents from which on they are compared with each other."""
Compare = Literal["auto", "places", "fields"]


@dataclass(frozen=True, eq=False)
class View:
    """Everything counted, along the same places and fields."""

    places: tuple[str, ...]
    fields: tuple[str, ...]
    outputs: list[Output]
    policy: Policy | None
    compare: Literal["places", "fields"]

    def spread(self, places: tuple[str, ...], values: np.ndarray) -> np.ndarray:
        """Values by place laid out over all places; NaN where a place has none."""
        found = np.full((len(self.places), *values.shape[1:]), np.nan)
        for i, place in enumerate(places):
            if place in self.places:
                found[self.places.index(place)] = values[i]
        return found


@question(
    "foresight.drivers",
    zh="各领域由什么驱动：技术推动、场景牵引还是政策保障？",
    en="What drives each field: technology, scenarios or policy?",
    example={"region": "CN-ZJ"},
    uses=("region", "field", "level", "scheme", "indicator", "period", "source"),
)
def drivers(
    ws: Workspace,
    scope: Scope,
    compare: Compare = "auto",
    strong_at: Annotated[float, Between(0, 100)] = 60.0,
    min_count: Annotated[int, AtLeast(0)] = 3,
    window: Annotated[int, AtLeast(1)] = 3,
) -> Finding:
    """Put three indices from 0 to 100 on each field of a place, tell how even they are and which of them are strong.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at: places, fields, or both. Indicator, scheme and source choose the figures of
        technology; of documents all sources are read.
    compare
        Each field among the places, or the fields of each place among each other; by default among the places, but
        among the fields where fewer than five places have documents.
    strong_at
        A driver is strong from this index on,
    min_count
        where at least so many were counted.
    window
        Years of figures and of documents pooled, up to the last.
    """
    fields = _fields(scope)
    view = _view(ws, scope, fields, compare, window)
    legs = _legs(view)
    places = [view.places.index(place) for place in scope.region] or list(range(len(view.places)))
    chosen = [fields.index(field) for field in scope.field] or list(range(len(fields)))
    rows = _rows(ws, view, legs, places, chosen, (strong_at, min_count))
    if not rows:
        raise words.nothing(ws, scope, view)
    return answer(
        ws,
        "foresight.drivers",
        scope.replace(level=level_of(ws, view.places[0])),
        rows,
        headline=words.headline(ws, scope, rows),
        benchmark=words.benchmark(ws, view, rows),
        inputs=[
            *(output.input() for output in view.outputs),
            *crosswalk_inputs(ws, view.outputs),
            *(inputs_of(ws, view.policy) if view.policy else ()),
        ],
        steps=words.steps(ws, view, (strong_at, min_count), LEVEL),
        caveats=words.caveats(view, rows),
        parameters={"compare": compare, "strong_at": strong_at, "min_count": min_count, "window": window},
        tables={"lanes": _lanes(rows)},
    ).offering(*_charts(scope, words.lacking(rows)))


def _fields(scope: Scope) -> tuple[str, ...]:
    """Fields of industries of the future; what only names them as a whole is none."""
    import difflib

    whole = children(f"{SCHEME}:g_generic")
    fields = tuple(field for field in leaves(SCHEME) if field not in whole)
    for field in scope.field:
        if field not in fields:
            near = DidYouMean(difflib.get_close_matches(field, fields, 3, 0.5))
            raise UsageError("foresight.error.unknown_field", name=field, near=near, known=", ".join(fields))
    return fields


def _view(ws: Workspace, scope: Scope, fields: tuple[str, ...], compare: Compare, window: int) -> View:
    documented = places_with_documents(ws)
    level = level_compared(ws, scope)
    if level is None:
        level = min(documented, key=lambda each: (-documented[each], str(each)), default=None) or "country"
    last = int(scope.period_range[1][:4]) if scope.period_range and scope.period_range[1][:4].isdigit() else None
    policy = read_policy(ws, level, fields, last, window)
    outputs = read_outputs(ws, scope, level, fields, window)
    places = {region for output in outputs for region in output.cube.regions} | set(policy.places if policy else ())
    missing = [region for region in scope.region if region not in places]
    if missing or not places:
        where = name(ws, missing[0]) if missing else both("foresight.drivers.everywhere")
        raise DataError("foresight.error.no_drivers", place=Worded(where))
    if compare == "auto":
        # One government's documents have nobody to be compared with but themselves.
        told = policy is not None and (not scope.region or set(scope.region) & set(policy.places))
        compare = "fields" if told and len(policy.places) < ENOUGH else "places"  # type: ignore[union-attr]
    return View(tuple(sorted(places)), fields, outputs, policy, compare)


def _legs(view: View) -> dict[str, method.Standing]:
    """The three indices with their intervals, each of shape (P, F)."""
    technology: list[method.Standing] = []
    for counts, own in _pooled(view):
        if view.compare == "places":
            # How much there is, and how much of all that the place turns out.
            parts = [[_standing(view, each, 1.0), _standing(view, each, own[:, None])] for each in counts]
        else:
            parts = [[_standing(view, each, np.nansum(each, axis=0)[None])] for each in counts]
        for first, *others in zip(*parts, strict=True):
            technology.append(method.widened(first, *others))
    unknown = np.full((len(view.places), len(view.fields)), np.nan)
    missing = method.Standing(unknown, unknown, unknown)
    legs = {"technology": method.mean_standing(technology) if technology else missing}
    policy = view.policy
    if policy is None:
        return {**legs, "scenario": missing, "policy": missing}

    def rate(counts: np.ndarray) -> method.Standing:
        written = view.spread(policy.places, policy.characters)[:, None]
        if view.compare == "fields" and len(policy.places) >= ENOUGH:
            # Broad fields are named more often everywhere: each is held against how often places name it.
            usual = counts.sum(axis=0) / policy.characters.sum()
            written = written * usual[None]
        return _standing(view, view.spread(policy.places, counts), written)

    return {
        **legs,
        "scenario": rate(policy.demand),
        "policy": method.mean_standing([rate(policy.mentions), rate(policy.means)]),
    }


def _pooled(view: View) -> list[tuple[list[np.ndarray], np.ndarray]]:
    """Counts (P, F), with the weak links of a crosswalk again, and all that each place turns out (P,).

    Projects and laboratories are too few to stand apart: they are added up.
    """
    found: list[tuple[list[np.ndarray], np.ndarray]] = []
    few = [output for output in view.outputs if output.kind in FEW]
    for output in view.outputs:
        variants = [output.counts] if output.otherwise is None else [output.counts, output.otherwise]
        counts = [view.spread(output.cube.regions, each) for each in variants]
        own = view.spread(output.cube.regions, output.totals)
        if len(few) > 1 and output.kind in FEW:
            if output is not few[0]:
                continue
            rest = [view.spread(other.cube.regions, other.counts) for other in few[1:]]
            totals = [view.spread(other.cube.regions, other.totals) for other in few[1:]]
            counts, own = [_sum([counts[0], *rest])], _sum([own, *totals])
        found.append((counts, own))
    return found


def _sum(arrays: list[np.ndarray]) -> np.ndarray:
    """Sum of what is known; NaN where nothing is."""
    return np.where(np.isnan(arrays).all(axis=0), np.nan, np.nansum(arrays, axis=0))


def _standing(view: View, counts: np.ndarray, exposure: np.ndarray | float) -> method.Standing:
    counts, exposure = (np.array(each, dtype=float) for each in np.broadcast_arrays(counts, exposure))
    if view.compare == "places":
        return method.standing(counts, exposure, LEVEL)
    turned = method.standing(counts.T, exposure.T, LEVEL)
    return method.Standing(turned.index.T, turned.low.T, turned.high.T)


def _rows(
    ws: Workspace,
    view: View,
    legs: dict[str, method.Standing],
    places: list[int],
    chosen: list[int],
    strong: tuple[float, int],
) -> list[dict[str, Any]]:
    index, low, high = (
        np.array([getattr(legs[leg], end) for leg in method.DRIVERS]) for end in ("index", "low", "high")
    )
    counted = _counted(view)
    behind = np.array(
        [
            np.fmax.reduce([values for key, values in counted.items() if key.startswith("tech_")] or [index[0]]),
            counted["demand_named"],
            counted["mentions"],
        ]
    )
    even, kind = method.balance(index), method.types(index, behind, *strong)
    sure = method.certain(low, high, strong[0])
    asked = {view.places[p] for p in places}
    documents = [row for row in view.policy.documents if row["region_id"] in asked] if view.policy else []
    passages = passages_of(ws, documents, [view.fields[f] for f in chosen])
    changes = {"technology_change": _technology_change(view), "policy_change": _policy_change(view)}
    rows = []
    for p in places:
        for f in chosen:
            if np.isnan(index[:, p, f]).all():
                continue
            place, field = view.places[p], view.fields[f]
            row: dict[str, Any] = {"region_id": place, "field_id": field}
            row["driver_type"] = "incomplete" if kind[p, f] < 0 else method.TYPES[kind[p, f]]
            row["type_holds"] = bool(sure[p, f]) if kind[p, f] >= 0 else None
            row |= {leg: _known(index[i, p, f]) for i, leg in enumerate(method.DRIVERS)}
            row["drive"] = _known(np.nanmean(index[:, p, f]))
            row["drive_balance"] = _known(even[p, f])
            row |= {key: _known(values[p, f]) for key, values in counted.items()}
            row |= {key: values[p][f] for key, values in changes.items()}
            for i, leg in enumerate(method.DRIVERS):
                row |= {f"{leg}_low": _known(low[i, p, f]), f"{leg}_high": _known(high[i, p, f])}
            for key, demand in (("demand_passages", True), ("means_passages", False)):
                row[key] = passages.get((place, field, demand), [])
            if any(output.classes for output in view.outputs):
                held = (output.classes.get(field, ()) for output in view.outputs)
                row["classes"] = sorted({code for each in held for code in each})
            rows.append(row)
    order = {view.places[p]: i for i, p in enumerate(places)}
    if len(chosen) == 1:
        rows.sort(key=lambda row: (-row["drive"], row["region_id"]))
    else:
        rows.sort(key=lambda row: (order[row["region_id"]], -row["drive"], row["field_id"]))
    return rows


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _counted(view: View) -> dict[str, np.ndarray]:
    """The counts behind the indices, by column."""
    found = {f"tech_{output.kind}": view.spread(output.cube.regions, output.counts) for output in view.outputs}
    empty = np.full((len(view.places), len(view.fields)), np.nan)
    for column, attribute in (("demand_named", "demand"), ("mentions", "mentions"), ("means_named", "means")):
        policy = view.policy
        found[column] = view.spread(policy.places, getattr(policy, attribute)) if policy else empty
    return found


def _technology_change(view: View) -> list[list[str | None]]:
    """Share of all places' output against that of as many years before, of the first output that has them."""
    output = next((each for each in view.outputs if each.before is not None), None)
    if output is None:
        return _unchanged(view)
    assert output.before is not None
    now, before = output.counts, output.before
    low, high = rate_ratio(now, np.nansum(now, axis=0), before, np.nansum(before, axis=0), LEVEL)
    return _words(view.spread(output.cube.regions, low), view.spread(output.cube.regions, high))


def _policy_change(view: View) -> list[list[str | None]]:
    """Mentions per character against those of the years before."""
    policy = view.policy
    if policy is None or policy.years_before is None:
        return _unchanged(view)
    low, high = rate_ratio(
        policy.mentions, policy.characters[:, None], policy.mentions_before, policy.characters_before[:, None], LEVEL
    )
    return _words(view.spread(policy.places, low), view.spread(policy.places, high))


def _unchanged(view: View) -> list[list[str | None]]:
    return [[None] * len(view.fields) for _ in view.places]


def _words(low: np.ndarray, high: np.ndarray) -> list[list[str | None]]:
    return [
        [None if np.isnan(one) else "more" if one > 1 else "less" if other < 1 else "unclear" for one, other in pairs]
        for pairs in (zip(lows, highs, strict=True) for lows, highs in zip(low, high, strict=True))
    ]


def _behind(row: dict[str, Any], leg: str) -> float | None:
    """What was counted for a driver: the most of its outputs, scenarios and procurement named, or mentions."""
    if leg != "technology":
        return row["demand_named" if leg == "scenario" else "mentions"]
    return max((value for key, value in row.items() if key.startswith("tech_") and value is not None), default=None)


def _lanes(rows: list[dict[str, Any]]) -> pa.Table:
    """A row a driver, for the charts; drivers without evidence stay, without an index."""
    import pyarrow as pa

    return pa.Table.from_pylist(
        [
            {
                "region_id": row["region_id"], "field_id": row["field_id"], "driver": leg,
                "driver_index": row[leg], "low": row[f"{leg}_low"], "high": row[f"{leg}_high"],
                "count": _behind(row, leg),
            }
            for row in rows
            for leg in method.DRIVERS
        ],
        schema=pa.schema(
            [("region_id", pa.string()), ("field_id", pa.string()), ("driver", pa.string()),
             ("driver_index", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("count", pa.float64())]
        ),
    )  # fmt: skip


def _charts(scope: Scope, lacking: list[str]) -> tuple[str, ...]:
    triangle = () if lacking else ("triangle",)
    if len(scope.field) == 1 and len(scope.region) != 1:
        return ("heat", "lanes", *triangle)
    return ("lanes", *triangle) if len(scope.region) == 1 else ("heat",)
