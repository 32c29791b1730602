"""Who led each field when, and by how much?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError, DidYouMean, UsageError
from foreland.core.finding import Finding, Text
from foreland.core.intervals import rate_ratio
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name, within
from foreland.data.cube import Cube
from foreland.foresight import ladder as method
from foreland.foresight.questions.catch_up import WORLD, of_output, read_output, world_output
from foreland.foresight.questions.institutions import input_of, top_institutions
from foreland.foresight.questions.most_cited import MostCited, most_cited
from foreland.foresight.questions.series import last_year_thin

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace


LEVEL = 0.9
"""Coverage of the interval of a lead."""


@question(
    "foresight.leadership",
    zh="各领域由谁领先，何时易主？",
    en="Who led each field, and when did the lead change?",
    example={"level": "country", "scheme": "wipo35"},
    uses=("level", "scheme", "field", "indicator", "period", "source"),
)
def leadership(
    ws: Workspace,
    scope: Scope,
    window: Annotated[int, AtLeast(1)] = 3,
    hold: Annotated[int, AtLeast(1)] = 2,
    min_count: Annotated[int, AtLeast(0)] = 30,
) -> Finding:
    """Tell the reigns of each field: who led from when to when, from whom it took the lead, and how far ahead it was.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; the fields of the scope, or all.
    window
        Years summed, so that one good year does not make a leader.
    hold
        Windows in a row that a place must lead to take over.
    min_count
        Nobody leads in a window in which no place has put out so much.
    """
    cube = read_output(ws, scope.replace(level=scope.level or "country", region=()))
    if len(cube.regions) < 2:
        raise DataError("foresight.error.one_country", region=cube.regions[0], indicator=cube.coverage.indicator_id)
    if (cube.values < 0).any():
        raise DataError("foresight.error.negative", indicator=cube.coverage.indicator_id)
    chosen = _chosen(scope, cube)
    # The first full window: earlier sums cover fewer years.
    start = min(window, len(cube.periods)) - 1
    output = method.moving_sum(np.nan_to_num(cube.values), window)[start:][..., chosen]
    whole = world_output(ws, cube)
    world = method.moving_sum(whole, window)[start:][..., chosen]
    result = method.ladder(output, np.maximum(world, output.sum(axis=1)), 0)
    leader = np.where(output.max(axis=1) >= min_count, result.leader, -1)
    record = method.settled(leader, hold)
    periods, fields = cube.periods[start:], [cube.fields[f] for f in chosen]
    share = output / np.where(world > 0, np.maximum(world, output.sum(axis=1)), np.nan)[:, None]
    span = cube.periods[max(0, len(cube.periods) - window)][:4], cube.periods[-1][:4]
    top = top_institutions(ws, cube.coverage.source_id, fields, span)
    rows = _rows(cube, fields, periods, output, share, record, top)
    cited = most_cited(ws, cube, window)
    if cited is not None:
        rows = [_cited(row, cited, cube) for row in rows]
    if not rows:
        raise DataError(
            "foresight.error.nobody_held", hold=hold, minimum=min_count, indicator=cube.coverage.indicator_id
        )
    vacant = len(fields) - len({row["field_id"] for row in rows})
    pending = int(((leader[-1] != record[-1]) & (leader[-1] >= 0)).sum())
    finding = answer(
        ws,
        "foresight.leadership",
        cube.scope.replace(field=scope.field),
        rows,
        headline=_headline(ws, cube, rows, periods),
        benchmark=both(
            "foresight.catch_up.benchmark", count=len(cube.regions), indicator=within(ws, cube.scope.indicator)
        ),
        inputs=[
            replace(cube.inputs[0], match={"field_id": "field_id", "leader_id": "region_id"}),
            replace(cube.inputs[0], match={"field_id": "field_id", "runner_up_id": "region_id"}),
            replace(
                cube.inputs[0],
                filter={**cube.inputs[0].filter, "region_id": WORLD},
                match={"field_id": "field_id"},
            ),
            *([input_of(ws, cube.coverage.source_id, sum(map(len, top.values())))] if top else []),
            *(cited.inputs if cited else ()),
        ],
        steps=[
            Step("foresight.step.window", {"window": window, "first": cube.periods[0], "last": cube.periods[-1]}),
            Step("foresight.step.share"),
            Step("foresight.step.hold", {"hold": hold}),
            *([Step("foresight.step.least_output", {"minimum": min_count})] if min_count else []),
            Step("foresight.step.monopoly_institutions" if top else "foresight.step.monopoly"),
            *(cited.steps() if cited else []),
        ],
        caveats=[
            *of_output(ws, cube, institutions=bool(top)),
            *last_year_thin(cube.periods, whole.sum(axis=1)),
            *(cited.caveats() if cited else []),
            *([Caveat("foresight.caveat.lead_pending", "note", {"count": pending, "hold": hold})] if pending else []),
            *(
                [Caveat("foresight.caveat.no_leader", "note", {"count": vacant, "minimum": min_count})]
                if vacant
                else []
            ),
            *cube.caveats,
        ],
        parameters={"window": window, "hold": hold, "min_count": min_count},
        tables={
            "series": _series(cube, fields, periods, result, record),
            "ranks": _ranks(cube, periods, output.sum(axis=2)),
        },
    )
    return finding.offering("strip", "bump", "lead", *(["top_cited"] if cited else []))


def _cited(row: dict[str, Any], cited: MostCited, cube: Cube) -> dict[str, Any]:
    """A reign with how much of the leader's and the runner-up's output is among the most cited, in its last window."""
    at, field = cube.periods.index(row["to_period"]), cube.fields.index(row["field_id"])
    second = row["runner_up_id"]
    more = {
        **cited.of((at, cube.regions.index(row["leader_id"]), field)),
        "runner_up_top10": cited.of((at, cube.regions.index(second), field))["top10_share"] if second else None,
    }
    return {**{key: value for key, value in row.items() if key != "count"}, **more, "count": row["count"]}


def _chosen(scope: Scope, cube: Cube) -> list[int]:
    """Positions of the fields in focus, or of all."""
    import difflib

    for field in scope.field:
        if field not in cube.fields:
            near = DidYouMean(difflib.get_close_matches(field, cube.fields, 3, 0.5))
            raise UsageError("foresight.error.unknown_field", name=field, near=near, known=", ".join(cube.fields))
    return [cube.fields.index(field) for field in scope.field] or list(range(len(cube.fields)))


def _rows(
    cube: Cube,
    fields: list[str],
    periods: tuple[str, ...],
    output: np.ndarray,
    share: np.ndarray,
    record: np.ndarray,
    top: dict[str, list[tuple[str, str]]],
) -> list[dict[str, Any]]:
    """A row a reign; how far ahead is told of its last window. Fields whose present reign began first come first."""
    rows: list[dict[str, Any]] = []
    took: dict[str, str] = {}
    for reign in method.reigns(record):
        at, field = reign.last, fields[reign.field]
        own = output[at, reign.place, reign.field]
        others = np.delete(output[at, :, reign.field], reign.place)
        best = int(others.argmax())
        runner = best + (best >= reign.place)
        lead = float(own / others[best]) if others[best] > 0 else float("inf")
        low, high = (float(end) for end in rate_ratio(own, 1.0, others[best], 1.0, LEVEL))
        leader = cube.regions[reign.place]
        # Institutions are looked up for the last window, so they tell of reigns that reach it.
        ten = top.get(field) if at == len(periods) - 1 else None
        of_ten = None if ten is None else sum(place == leader for _, place in ten)
        risk = int(method.monopoly_risk(np.array(lead), np.array(np.nan if of_ten is None else of_ten)))
        rows.append(
            {
                "field_id": field,
                "leader_id": leader,
                "leader_before_id": took.get(field) if took.get(field) != leader else None,
                "from_period": periods[reign.first],
                "to_period": periods[reign.last],
                "years": reign.last - reign.first + 1,
                "share": float(share[at, reign.place, reign.field]),
                "runner_up_id": cube.regions[runner] if others[best] > 0 else None,
                "lead": lead,
                "lead_low": low,
                "lead_high": high,
                **({"of_ten": of_ten, "institutions": [actor for actor, _ in ten or ()]} if top else {}),
                "monopoly_risk": method.RISKS[risk],
                "count": float(own),
            }
        )
        took[field] = leader
    began = {row["field_id"]: row["from_period"] for row in rows}
    rows.sort(key=lambda row: (began[row["field_id"]], row["field_id"], row["from_period"]))
    return rows


def _headline(ws: Workspace, cube: Cube, rows: list[dict[str, Any]], periods: tuple[str, ...]) -> Text:
    present = [row for row in rows if row["to_period"] == periods[-1]]
    level = bool(present) and all(row["lead"] == 1 for row in present)
    now = [row["leader_id"] for row in present if level or row["lead"] != 1]
    now = now or [row["leader_id"] for row in rows]
    then = [row["leader_id"] for row in rows if row["from_period"] == periods[0]]
    top = min(set(now), key=lambda place: (-now.count(place), place))
    told = {
        "indicator": within(ws, cube.scope.indicator),
        "place": name(ws, top),
        "first": periods[0],
        "last": periods[-1],
        "changes": sum(row["leader_before_id"] is not None for row in rows),
    }
    fields = list(dict.fromkeys(row["field_id"] for row in rows))
    if len(fields) == 1:
        latest = rows[-1]
        kept = "level" if level else "same" if latest["leader_before_id"] is None else "changed"
        key = kept if present else "vacant"
        return both(
            f"foresight.leadership.headline.{key}", **told,
            field=name(ws, fields[0]), since=latest["from_period"],
            before=listed(ws, list(dict.fromkeys(row["leader_id"] for row in rows[:-1]))),
            latest=name(ws, latest["leader_id"]), until=latest["to_period"], other=name(ws, latest["runner_up_id"]),
            lead="—" if latest["lead"] == float("inf") else f"{latest['lead']:.1f}",
        )  # fmt: skip
    return both(
        f"foresight.leadership.headline.{'all_level' if level else 'all'}",
        **told,
        of=len(fields),
        leads=now.count(top),
        before=then.count(top),
    )


def _series(
    cube: Cube, fields: list[str], periods: tuple[str, ...], result: method.Ladder, record: np.ndarray
) -> pa.Table:
    """Leader of record, the largest place and how far ahead it is, by field and period."""
    import pyarrow as pa

    return pa.table(
        {
            "period": np.repeat(list(periods), len(fields)),
            "field_id": list(fields) * len(periods),
            "leader_id": [cube.regions[i] if i >= 0 else None for i in record.ravel()],
            "largest_id": [cube.regions[i] if i >= 0 else None for i in result.leader.ravel()],
            "lead": result.lead.ravel(),
        }
    )


def _ranks(cube: Cube, periods: tuple[str, ...], output: np.ndarray) -> pa.Table:
    """Rank of each place by period over the fields together."""
    import pyarrow as pa

    return pa.table(
        {
            "period": np.repeat(list(periods), len(cube.regions)),
            "region_id": list(cube.regions) * len(periods),
            "rank": method.ranks(output).ravel(),
            "count": output.ravel(),
        }
    )
