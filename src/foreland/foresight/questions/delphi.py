"""What do the experts of a Delphi survey expect, and how far do they agree?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name
from foreland.foresight import delphi as method
from foreland.foresight.questions.panel import WEIGHTS, Asked, Held, read_survey

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

FEW = 10
"""A panel that is smaller is told to be small."""
NEVER = "∞"
"""How a year of never is written."""


@question(
    "foresight.delphi",
    zh="专家预期什么何时实现，意见有多一致？",
    en="What do the experts of the survey expect, and how far do they agree?",
    example={},
    uses=(),
    beyond_packs=True,
)
def delphi(
    ws: Workspace,
    scope: Scope,
    survey: str = "",
    weighting: Literal["equal", "expertise"] = "equal",
    base_rate: Annotated[float, Between(0, 1)] = 0.7,
    later_decline: Annotated[float, Between(0, 0.5)] = 0.1,
) -> Finding:
    """Importance and year of realisation of each topic, agreement by round, and what such answers were worth elsewhere.

    Parameters
    ----------
    ws, scope
        The workspace, and the language.
    survey
        Id of the survey; by default the one whose last round was closed last.
    weighting
        Whether all answers weigh the same, or by their authors' own expertise.
    base_rate
        Share of topics that came true in a retrospective of earlier surveys.
    later_decline
        Share of it lost for every decade beyond the first.
    """
    held = read_survey(ws, survey)
    views = [_View(each, weighting) for each in held.rounds]
    last = views[-1]
    before = views[-2] if len(views) > 1 else None
    chance = method.realised_chance(last.realised.median - last.asked.year, base_rate, later_decline)
    calibrated = method.calibrate(last.asked.years, chance, last.weights)
    moved = _moved(before.asked, last.asked) if before else None
    narrower = method.narrowing(before.realised.iqr, last.realised.iqr) if before else None
    rows: list[dict[str, Any]] = [
        {
            "field_id": topic,
            "importance_index": _known(last.importance.index[u]),
            "year_median": _year(last.realised.median[u]),
            "year_low": _year(last.realised.low[u]),
            "year_high": _year(last.realised.high[u]),
            "never_share": _known(last.realised.never[u]),
            "answers": int(last.realised.answered[u]),
            "confidence": _known(_mean(last.asked.confidence[:, u])),
            "iqr_change": _known(narrower[u]) if narrower is not None else None,
            "changed_share": _known(moved.changed[u]) if moved is not None else None,
            "obstacle": (top := _obstacle(last.asked, u))[0],
            "obstacle_share": top[1],
            "realised_by_median": _known(calibrated.by_median[u]),
            "even_year": _year(calibrated.even[u]),
        }
        for u, topic in enumerate(last.asked.topics)
    ]
    rows = [row for row in rows if row["importance_index"] is not None or row["answers"]]
    rows.sort(key=lambda row: (-(row["importance_index"] or -1.0), row["field_id"]))
    importance, years = method.concordance(last.asked.importance), method.concordance(last.asked.years)
    steps = [
        Step("foresight.step.delphi_index"),
        Step("foresight.step.delphi_years"),
        Step(f"foresight.step.delphi_weights_{weighting}"),
        _agreement("importance", importance),
        _agreement("years", years),
        *([Step("foresight.step.delphi_rounds")] if before else []),
        Step("foresight.step.delphi_calibration", {"rate": f"{base_rate:.0%}", "decline": f"{later_decline:.0%}"}),
    ]
    shown = ["years", *(["plane"] if len(rows) > 1 else []), *(["obstacles"] if last.asked.obstacles else [])]
    order = [row["field_id"] for row in rows]
    return answer(
        ws,
        "foresight.delphi",
        scope,
        rows,
        headline=_headline(ws, held, rows, narrower),
        benchmark=both(
            "foresight.delphi.benchmark", people=len(last.asked.people), round=last.asked.number, title=held.title
        ),
        inputs=held.inputs,
        steps=steps,
        caveats=_caveats(held, last, base_rate),
        parameters={
            "survey": held.survey, "weighting": weighting, "base_rate": base_rate, "later_decline": later_decline,
        },
        tables={"rounds": _rounds(views, order), "obstacles": _obstacles(last.asked, rows)},
    ).offering(*shown)  # fmt: skip


class _View:
    """A round and what it comes to."""

    def __init__(self, asked: Asked, weighting: str) -> None:
        self.asked = asked
        self.weights = (
            method.expertise_weights(asked.expertise, WEIGHTS)
            if weighting == "expertise"
            else np.ones(asked.years.shape)
        )
        self.importance = method.importance(asked.importance, self.weights)
        self.realised = method.realisation(asked.years, self.weights)


def _moved(before: Asked, last: Asked) -> method.Stability:
    """Changes of the years of those who answered in both rounds."""
    both_rounds = [who for who in last.people if who in before.people]
    rows = [[each.people.index(who) for who in both_rounds] for each in (before, last)]
    return method.stability(before.years[rows[0]], last.years[rows[1]])


def _agreement(what: str, found: method.Concordance) -> Step:
    if np.isnan(found.w):
        return Step(f"foresight.step.delphi_no_agreement_{what}", {"raters": found.raters})
    values = {"w": f"{found.w:.2f}", "p": f"{found.p:.2g}", "raters": found.raters, "items": found.items}
    return Step(f"foresight.step.delphi_agreement_{what}", values)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _mean(values: np.ndarray) -> float:
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else np.nan


def _year(value: float) -> str | None:
    """A year as it is written: a half where the middle lies between two, a sign where it is never."""
    if np.isnan(value):
        return None
    return NEVER if np.isinf(value) else f"{value:g}"


def _obstacle(asked: Asked, u: int) -> tuple[str | None, float | None]:
    """The obstacle that most named of a topic, and the share of its answers that did."""
    people = max(int(np.sum(~np.isnan(asked.importance[:, u]) | ~np.isnan(asked.years[:, u]))), 1)
    counts = {code: counts[u] for code, counts in asked.obstacles.items() if counts[u]}
    if not counts:
        return None, None
    code = min(counts, key=lambda each: (-counts[each], each))
    return f"obstacle_{code}", min(float(counts[code] / people), 1.0)


def _caveats(held: Held, last: _View, base_rate: float) -> list[Caveat]:
    people, first = len(last.asked.people), held.rounds[0].people
    left = sum(who not in last.asked.people for who in first)
    return [
        Caveat("foresight.caveat.consensus_is_not_accuracy", "warning"),
        Caveat("foresight.caveat.borrowed_base_rate", "warning", {"rate": f"{base_rate:.0%}"}),
        *([Caveat("foresight.caveat.small_panel", "warning", {"people": people})] if people < FEW else []),
        *(
            [Caveat("foresight.caveat.left_panel", "warning", {"left": left, "first": len(first)})]
            if len(held.rounds) > 1 and left
            else []
        ),
        *(
            [Caveat("foresight.caveat.never_counts", "note", {"topics": int((last.realised.never > 0).sum())})]
            if (last.realised.never > 0).any()
            else []
        ),
    ]


def _headline(ws: Workspace, held: Held, rows: list[dict[str, Any]], narrower: np.ndarray | None) -> Text:
    top = rows[0]
    values = {
        "topic": name(ws, top["field_id"]),
        "index": f"{top['importance_index'] or 0:.0f}",
        "people": len(held.last.people),
    }
    year = top["year_median"]
    said = "unsaid" if year is None else "never" if year == NEVER else "year"
    expects = both(f"foresight.delphi.expects.{said}", year=year or "")
    if narrower is None or not np.isfinite(narrower).any():
        return both("foresight.delphi.headline.one", expects=expects, **values)
    return both(
        "foresight.delphi.headline.rounds",
        expects=expects,
        narrower=int((narrower < 0).sum()),
        of=int(np.isfinite(narrower).sum()),
        rounds=len(held.rounds),
        **values,
    )


def _rounds(views: list[_View], order: list[str]) -> pa.Table:
    """Years by topic and round, for the chart; bounds without a year are empty."""
    import pyarrow as pa

    rows = [
        {
            "field_id": topic,
            "round": view.asked.number,
            "year_at": _known(view.realised.median[u]),
            "year_from": _known(view.realised.low[u]),
            "year_to": _known(view.realised.high[u]),
            "never_share": _known(view.realised.never[u]),
            "answers": int(view.realised.answered[u]),
            "importance_index": _known(view.importance.index[u]),
            "years_to_come": _known(view.realised.median[u] - view.asked.year),
        }
        for topic in order
        for view in views
        for u in (view.asked.topics.index(topic),)
    ]
    return pa.Table.from_pylist(rows)


def _obstacles(asked: Asked, rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    found = []
    for row in rows:
        u = asked.topics.index(row["field_id"])
        people = max(int(np.sum(~np.isnan(asked.importance[:, u]) | ~np.isnan(asked.years[:, u]))), 1)
        for code, counts in asked.obstacles.items():
            share = min(float(counts[u] / people), 1.0)
            found.append({"field_id": row["field_id"], "obstacle": f"obstacle_{code}", "obstacle_share": share})
    return pa.Table.from_pylist(found, schema=pa.schema(
        [("field_id", pa.string()), ("obstacle", pa.string()), ("obstacle_share", pa.float64())]
    ))  # fmt: skip
