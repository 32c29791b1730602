"""Who is catching up, and who leads?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Input, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name, within
from foreland.data.coverage import covering, level_of
from foreland.data.cube import Cube, read_cube
from foreland.foresight import ladder as method
from foreland.foresight.questions.most_cited import at_hand, most_cited
from foreland.foresight.questions.series import last_year_thin, nothing_counted, unplaced

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

WORLD = "agg:world"
TOP_CITED = ("top_cited_", "top10_", "top1_")
"""How indicators begin that count only what is much cited."""
OFFICE = {
    "patent_families": "foresight.caveat.home_office",
    "uspto_patents": "foresight.caveat.host_office",
}
"""Where counting patents favours some countries."""


@question(
    "foresight.catch_up",
    zh="谁在追赶，谁已领先？",
    en="Who is catching up, and who leads?",
    example={"region": "CN"},
    uses=("region", "scheme", "indicator", "period", "source"),
    needs=("region",),
)
def catch_up(
    ws: Workspace,
    scope: Scope,
    window: Annotated[int, AtLeast(1)] = 3,
    rival_at: Annotated[float, AtLeast(0)] = 0.5,
    min_count: Annotated[int, AtLeast(0)] = 30,
    hold: Annotated[int, AtLeast(1)] = 2,
) -> Finding:
    """Place a country on the ladder from follower to rival to leader, field by field.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    window
        Years summed, so that one good year does not make a leader.
    rival_at
        A rival has at least this share of the largest other country's output.
    min_count
        Fields in which no country's output over the window is as large come last, without saying who leads; those in
        which the country's own is smaller are marked.
    hold
        Windows in a row that a country must lead to take over as the leader of record.
    """
    scope = scope if scope.region else scope.replace(region=("CN",))
    focus = scope.region[0]
    if level_of(ws, focus) != "country":
        raise UsageError("foresight.error.countries_only", region=focus)
    cube = read_output(ws, scope.replace(level="country"))
    if len(cube.regions) < 2:
        raise DataError("foresight.error.one_country", region=focus, indicator=cube.coverage.indicator_id)
    if (cube.values < 0).any():
        raise DataError("foresight.error.negative", indicator=cube.coverage.indicator_id)
    place = cube.region_index(focus)
    world = world_output(ws, cube)
    output = method.moving_sum(np.nan_to_num(cube.values), window)
    total = np.maximum(method.moving_sum(world, window), output.sum(axis=1))
    result = method.ladder(output, total, place, rival_at, float(min_count))
    rival, leader = (method.since(result.stage, stage) for stage in (method.RIVAL, method.LEADER))
    led = method.since((result.leader == result.leader[-1]).astype(int), 1)
    # The first full window: earlier sums cover fewer years.
    start = min(window, len(cube.periods)) - 1
    before = _led_before(result.leader[start:], hold)
    risk = method.monopoly_risk(result.lead[-1])
    ahead = result.lead[-1] > 1
    cited = most_cited(ws, cube, window)
    rows: list[dict[str, Any]] = [
        {
            "field_id": field,
            "stage": method.STAGES[result.stage[-1, f]] if result.stage[-1, f] >= 0 else None,
            "share": float(result.share[-1, f]),
            "share_before": float(result.share[start, f]),
            "rank": int(result.rank[-1, f]),
            "lead_ratio": None if np.isnan(result.ratio[-1, f]) else float(result.ratio[-1, f]),
            "stage_before": method.STAGES[result.stage[start, f]] if result.stage[start, f] >= 0 else None,
            "rival_since": cube.periods[rival[f]] if rival[f] > start else None,
            "leader_since": cube.periods[leader[f]] if leader[f] > start else None,
            "leader_id": cube.regions[result.leader[-1, f]] if ahead[f] else None,
            "led_since": cube.periods[led[f]] if ahead[f] and led[f] > start else None,
            "leader_before_id": cube.regions[before[f]] if ahead[f] and before[f] >= 0 else None,
            "lead": None if np.isnan(result.lead[-1, f]) else float(result.lead[-1, f]),
            "monopoly_risk": method.RISKS[risk[f]] if risk[f] >= 0 else None,
            **(cited.of((-1, place, f)) if cited else {}),
            "count": float(output[-1, place, f]),
        }
        for f, field in enumerate(cube.fields)
        if output[-1, :, f].any()
    ]
    if not rows:
        raise nothing_counted(cube)
    rows.sort(key=lambda row: (row["stage"] is None, -(row["lead_ratio"] or 0.0), row["field_id"]))
    small = sum(row["count"] < min_count for row in rows)
    open_ = sum(row["stage"] is None for row in rows)
    caveats = [
        *of_output(ws, cube),
        *last_year_thin(cube.periods, world.sum(axis=1)),
        *(
            [Caveat("foresight.caveat.too_small_to_lead", "note", {"count": open_, "minimum": min_count})]
            if open_
            else []
        ),
        *(cited.caveats() if cited else []),
        *(
            [Caveat("foresight.caveat.small_counts", "warning", {"count": small, "minimum": min_count})]
            if small
            else []
        ),
        *cube.caveats,
    ]
    finding = answer(
        ws,
        "foresight.catch_up",
        cube.scope,
        rows,
        headline=_headline(ws, cube, rows, window, min_count),
        benchmark=both(
            "foresight.catch_up.benchmark", count=len(cube.regions), indicator=within(ws, cube.scope.indicator)
        ),
        inputs=[*_inputs(cube, focus), *(cited.inputs if cited else ())],
        steps=[
            Step("foresight.step.window", {"window": window, "first": cube.periods[0], "last": cube.periods[-1]}),
            Step("foresight.step.share"),
            Step("foresight.step.ladder", {"rival_at": f"{rival_at:g}"}),
            Step("foresight.step.since"),
            Step("foresight.step.hold", {"hold": hold}),
            Step("foresight.step.monopoly"),
            *(cited.steps() if cited else []),
        ],
        caveats=caveats,
        parameters={"window": window, "rival_at": rival_at, "min_count": min_count, "hold": hold},
        tables={"series": _series(cube, result, start)},
    )
    return finding.offering("ladder", "ratio", "lines", *(["top_cited"] if cited else []))


def _headline(ws: Workspace, cube: Cube, rows: list[dict[str, Any]], window: int, least: int) -> Text:
    told = [row for row in rows if row["stage"] is not None]
    level = sum(row["lead_ratio"] == 1 for row in told)
    key = "small" if not told else "level" if level else "clear"
    return both(
        f"foresight.catch_up.headline.{key}",
        place=name(ws, cube.scope.region[0]),
        indicator=within(ws, cube.scope.indicator),
        leads=sum(row["stage"] == "leader" for row in told),
        rivals=sum(row["stage"] == "rival" and row["lead_ratio"] != 1 for row in told),
        level=level,
        of=len(rows),
        before=sum(row["stage_before"] == "leader" for row in rows),
        minimum=least,
        then=years_of(cube.periods[:window]),
        now=years_of(cube.periods[-window:]),
    )


def years_of(periods: Sequence[str]) -> Text:
    """From the first to the last year of a window, or its only one."""
    ends = list(dict.fromkeys((periods[0], periods[-1])))
    return {"en": "–".join(ends), "zh": "—".join(ends)}


def read_output(ws: Workspace, scope: Scope) -> Cube:
    """The output of all places. What does not add up over places, as whole counts do not, is read where it is named."""
    return read_cube(ws, scope, summable=scope.indicator is None)


def of_output(ws: Workspace, cube: Cube, *, institutions: bool = False) -> list[Caveat]:
    """What leading by this indicator means, and what the grade of monopoly risk leaves out."""
    indicator = cube.coverage.indicator_id
    found = [Caveat(OFFICE[indicator], "serious")] if indicator in OFFICE else []
    found += unplaced(ws, cube)
    if indicator == "patent_families" and cube.periods[-1] >= cube.coverage.last:
        found.append(Caveat("foresight.caveat.families_lag", "warning", {"year": cube.periods[-1]}))
    if cube.coverage.aggregation != "sum":
        found.append(Caveat("foresight.caveat.several_countries", "note"))
    if not indicator.startswith(TOP_CITED):
        found.append(Caveat("foresight.caveat.output_not_quality", "note"))
        if there := at_hand(ws, indicator, cube.coverage.scheme):
            found.append(Caveat("foresight.caveat.top_cited_at_hand", "note", {"indicator": there}))
    elif indicator.startswith("top_cited_"):
        found.append(Caveat("foresight.caveat.top_of_year", "note"))
    return found if institutions else [*found, Caveat("foresight.caveat.risk_by_lead", "note")]


def _led_before(leader: np.ndarray, hold: int) -> np.ndarray:
    """The leader of record before the present one, shape (F,); -1 where the lead never changed."""
    found = np.full(leader.shape[1], -1)
    reigns = method.reigns(method.settled(leader, hold))
    for one, other in itertools.pairwise(reigns):
        if one.field == other.field:
            found[one.field] = one.place
    return found


def world_output(ws: Workspace, cube: Cube) -> np.ndarray:
    """The world's output by period and field: the publisher's own total where it gives one."""
    triple = (cube.coverage.source_id, cube.coverage.scheme, cube.coverage.indicator_id)
    if triple not in covering(ws, WORLD):
        return np.nansum(cube.values, axis=1)
    whole = read_output(ws, cube.scope.replace(benchmark=WORLD))
    assert whole.benchmark is not None
    return np.nan_to_num(whole.benchmark)


def _inputs(cube: Cube, focus: str) -> list[Input]:
    """All countries' rows; behind one row of the finding stand those of the country, the leader and the world."""
    everything = cube.inputs[0]
    own = replace(everything, filter={**everything.filter, "region_id": focus}, match={"field_id": "field_id"})
    world = replace(own, filter={**own.filter, "region_id": WORLD})
    leader = replace(everything, match={"field_id": "field_id", "leader_id": "region_id"})
    return [own, leader, world]


def _series(cube: Cube, result: method.Ladder, start: int):  # type: ignore[no-untyped-def]
    """Stage and share by field and period, for the charts."""
    import pyarrow as pa

    periods, fields = result.share.shape
    keep = np.arange(start, periods)
    stage = result.stage[keep]
    return pa.table(
        {
            "period": np.repeat([cube.periods[t] for t in keep], fields),
            "field_id": list(cube.fields) * len(keep),
            "share": result.share[keep].ravel(),
            "lead_ratio": result.ratio[keep].ravel(),
            "stage": [method.STAGES[s] if s >= 0 else None for s in stage.ravel()],
            "leader_id": [cube.regions[i] if i >= 0 else None for i in result.leader[keep].ravel()],
        }
    )
