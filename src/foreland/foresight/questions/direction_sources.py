"""What priority directions are judged by: output of directions, attention of policy, experts of a survey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from foreland.core.errors import DataError
from foreland.core.provenance import Caveat, Input
from foreland.core.scope import Scope
from foreland.core.tables import TAXONOMY
from foreland.data.coverage import level_of
from foreland.data.taxonomy.fields import leaves
from foreland.foresight import directions as method
from foreland.foresight.delphi import expertise_weights
from foreland.foresight.questions.panel import WEIGHTS, Held, read_survey, surveys
from foreland.foresight.questions.series import read_series
from foreland.foresight.questions.units import seen_from

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

MIDDLE, POINTS = 50.0, 25.0
"""Importance index that neither lifts nor sinks a direction, and the points that count as one spread of directions."""


@dataclass(frozen=True, eq=False)
class Output:
    """Output by direction.

    Parameters
    ----------
    units
        Ids of the directions, shape (U,).
    values
        Shape (T, R, U), every place; without years where nothing was counted.
    own
        Of the places asked for, shape (T, U).
    scope
        With what was chosen filled in.
    last
        Last period; empty without figures.
    crossed
        Whether a crosswalk led to the directions.
    inputs, caveats
        What went in, and what reading it brought up.
    """

    units: tuple[str, ...]
    values: np.ndarray
    own: np.ndarray
    scope: Scope
    last: str
    crossed: bool
    inputs: tuple[Input, ...]
    caveats: tuple[Caveat, ...]


def read_output(ws: Workspace, scope: Scope, into: str) -> Output:
    """Counts by direction: those of a scheme, or of the industries of the future through a crosswalk.

    A field's output is divided among the directions by the crosswalk's weights; what leads nowhere is left out. Where
    a place has no such figures and none were asked for by name, the directions are there without them.
    """
    asked = scope.level or (level_of(ws, scope.region[0]) if scope.region else None)
    try:
        series = read_series(ws, seen_from(ws, scope.replace(level=asked)))
        at = [series.cube.region_index(region) for region in scope.region] or list(range(len(series.cube.regions)))
    except DataError:
        if into != "iotf" or scope.scheme or scope.indicator or scope.source or scope.period:
            raise
        return _uncounted(scope)
    cube = series.cube
    values = np.nan_to_num(cube.values)
    crossing = ws.table("crosswalk")
    rows = []
    if into == "iotf" and cube.scope.scheme != "iotf":
        scheme = f"{cube.scope.scheme}:"
        crossing = crossing.filter(crossing.from_id.startswith(scheme), crossing.to_id.startswith("iotf:"))
        rows = ws.to_arrow(crossing.order_by(["from_id", "to_id"])).to_pylist()
        rows = [row for row in rows if row["from_id"] in series.units]
    read = cube.scope.replace(region=scope.region, period=scope.period)
    figures = replace(cube.inputs[0], match={} if rows else {"field_id": "field_id"})
    last = series.periods[-1]
    if not rows:
        own_fields = into == "iotf" and cube.scope.scheme != "iotf"
        caveats = (Caveat("foresight.caveat.no_crosswalk", "note"),) if own_fields else ()
        own = values[:, at].sum(axis=1)
        return Output(series.units, values, own, read, last, False, (figures,), (*caveats, *series.caveats))
    units = tuple(sorted({row["to_id"] for row in rows}))
    share = np.zeros((len(series.units), len(units)))
    for row in rows:
        share[series.units.index(row["from_id"]), units.index(row["to_id"])] = row["weight"]
    values = values @ share
    item = Input(
        table="crosswalk",
        filter={"from_id": {"prefix": f"{cube.scope.scheme}:"}, "to_id": {"prefix": "iotf:"}},
        rows=len(rows),
        sources={TAXONOMY: ws.sources[TAXONOMY].content_hash},
        match={"field_id": "to_id"},
    )
    sure = np.mean([row["quality"] == "good" for row in rows])
    caveat = Caveat("foresight.caveat.through_crosswalk", "warning", {"good": f"{sure:.0%}"})
    own = values[:, at].sum(axis=1)
    return Output(units, values, own, read, last, True, (figures, item), (caveat, *series.caveats))


def _uncounted(scope: Scope) -> Output:
    """The industries of the future without figures: what policy and experts say can still be told."""
    units = tuple(unit for unit in leaves("iotf") if not unit.endswith("_generic"))
    empty, own = np.zeros((0, 1, len(units))), np.zeros((0, len(units)))
    return Output(units, empty, own, scope, "", False, (), (Caveat("foresight.caveat.no_output", "serious"),))


@dataclass(frozen=True, eq=False)
class Attention:
    """What the policy documents of a place speak of.

    Parameters
    ----------
    mentions
        Of each direction, shape (U,); all NaN where there are no documents.
    years
        Of the first and the last document that names a direction.
    other_language
        How many documents in another language stand aside.
    """

    mentions: np.ndarray
    years: tuple[str, str] | None = None
    other_language: int = 0
    inputs: tuple[Input, ...] = ()


def read_attention(ws: Workspace, scope: Scope, units: Sequence[str]) -> Attention:
    """Mentions of each direction in the policy documents of the place, up to the last year asked about.

    One language counts: a report and its translation say the same, and would say it twice.
    """
    passage, document = ws.table("passage"), ws.table("document")
    silent = np.full(len(units), np.nan)
    if not scope.region or not ws.rows("passage"):
        return Attention(silent)
    own = document.filter(document.region_id.isin(list(scope.region)), document.duplicate_of.isnull())
    if scope.period_range:
        own = own.filter(own.date.left(4) <= scope.period_range[1][:4])
    passage = passage.filter(passage.kind == "field", passage.field_id.isin(list(units)))
    named = own.semi_join(passage, "document_id")
    spoken = named.group_by("language").agg(places=named.region_id.nunique(), documents=named.count())
    languages = ws.to_arrow(spoken).to_pylist()
    if not languages:
        return Attention(silent)
    # As for the drivers: the language of most places; of equals that of most documents, of equals Chinese.
    language = max(languages, key=lambda row: (row["places"], row["documents"], row["language"] == "zh"))["language"]
    aside = sum(row["documents"] for row in languages if row["language"] != language)
    own = own.filter(own.language.isnull() if language is None else own.language == language)
    found = passage.inner_join(own.select("document_id", dated=own.date.left(4)), "document_id")
    by_source = found.group_by(["field_id", "source_id"])
    counted = ws.to_arrow(
        by_source.agg(mentions=found.count(), first=found.dated.min(), last=found.dated.max())
    ).to_pylist()
    mentions = np.zeros(len(units))
    for row in counted:
        mentions[list(units).index(row["field_id"])] += row["mentions"]
    sources = sorted({row["source_id"] for row in counted})
    item = Input(
        table="passage",
        filter={
            "kind": "field",
            "region_id": scope.region,
            "source_id": tuple(sources),
            **({} if language is None else {"language": language}),
            **({"document_year": {"to": int(scope.period_range[1][:4])}} if scope.period_range else {}),
        },
        rows=int(mentions.sum()),
        sources={source: ws.sources[source].content_hash for source in sources},
        match={"field_id": "field_id"},
    )
    dated = [row for row in counted if row["first"]]
    years = (min(row["first"] for row in dated), max(row["last"] for row in dated)) if dated else None
    return Attention(mentions, years, aside, (item,))


@dataclass(frozen=True, eq=False)
class Experts:
    """What the last round of a survey says of the directions, pooled on the scale of the importance index."""

    panel: method.Panel
    held: Held
    inputs: tuple[Input, ...]


def read_experts(
    ws: Workspace, survey: str, units: Sequence[str], reliability: float, correlation: float
) -> Experts | None:
    """Importance that experts give to the topics of each direction; None where no survey speaks of any.

    Of a direction with several topics it is the mean of an expert's answers. Answers weigh by expertise. They stand on
    the scale of the index itself: a survey of few topics can't say that its least is worse than what it left out.
    """
    known = surveys(ws)
    if not known and not survey:
        return None
    for each in [survey] if survey else list(reversed(known)):
        held = read_survey(ws, each)
        where = [[u for u, topic in enumerate(held.last.topics) if held.parents.get(topic) == unit] for unit in units]
        if any(where):
            return _pooled(held, where, reliability, correlation)
    return None


def _pooled(held: Held, where: list[list[int]], reliability: float, correlation: float) -> Experts:
    last = held.last
    people = len(last.people)
    answers, weights = np.full((people, len(where)), np.nan), np.zeros((people, len(where)))
    weight = expertise_weights(last.expertise, WEIGHTS)
    for v, topics in enumerate(where):
        if not topics:
            continue
        said = 25 * (last.importance[:, topics] - 1)
        there = np.isfinite(said)
        count = there.sum(axis=1)
        total = np.where(there, said, 0.0).sum(axis=1)
        answers[:, v] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        weights[:, v] = np.where(there, weight[:, topics], 0.0).sum(axis=1) / np.maximum(count, 1)
    found = method.panel(answers, weights, centre=MIDDLE, unit=POINTS, reliability=reliability, correlation=correlation)
    spoken = {topic for row in where for topic in (last.topics[u] for u in row)}
    item = held.inputs[0]
    narrowed = type(item)(
        table=item.table,
        filter={**item.filter, "to_id": tuple(sorted(spoken)), "kind": "delphi_importance"},
        rows=int(sum(np.isfinite(each.importance[:, row]).sum() for each in held.rounds for row in where if row)),
        sources=item.sources,
    )
    return Experts(found, held, (narrowed,))
