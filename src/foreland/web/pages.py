"""What each page shows, worked out from questions and workspace; templates only set it."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from foreland.charts.labels import unit_of
from foreland.core.columns import Column, unit_label
from foreland.core.errors import DataError, ForelandError, UsageError
from foreland.core.finding import Finding
from foreland.core.registry import Question, chart_names, questions, rooms
from foreland.data.answer import names
from foreland.data.coverage import coverage, region_levels
from foreland.i18n import Language, t
from foreland.web.controls import controls, level_label, level_order, places, scheme_label

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace
    from foreland.web.answers import Answers
    from foreland.web.state import State

ROWS = 50
"""Rows of a table on a page, unless all are asked for."""
PATIENCE = 0.7
"""Seconds a page waits for headlines of questions; the others come by script or a click."""


@dataclass(frozen=True)
class Card:
    """A question and, where it stands ready, its answer in a sentence."""

    question: Question
    url: str
    headline: str = ""
    benchmark: str = ""
    caveats: int = 0
    pending: str = ""


def question_page(answers: Answers, question: Question, state: State) -> dict[str, Any]:
    """The page of a question with its answer; the error where there is none."""
    language = state.language
    missing = [name for name in question.needs if not state.arguments.get(name)]
    finding, error = None, None
    if not missing:
        try:
            finding = answers.ask(question, state.arguments)
        except (DataError, UsageError) as found:
            # The controls stay, so that the reader can choose otherwise.
            error = found
    looked, measured = controls(answers.ws, question, state, finding)
    context: dict[str, Any] = {
        "question": question,
        "finding": finding,
        "error": error,
        "missing": missing,
        "controls": looked,
        "parameters": measured,
        "changed": sum(control.name in state.arguments for control in measured),
        "example": state.elsewhere(f"/{question.room}/{question.name}", **question.example),
        "others": [q for q in questions(question.room).values() if q.id != question.id],
        "region": state.arguments.get("region", "").partition(",")[0],
    }
    if finding is None:
        return context
    chart = state.shown.get("chart") or (finding.charts[0] if finding.charts else "")
    if chart and chart not in finding.charts:
        known = chart_names(question.id)
        if chart not in known:
            raise UsageError("core.error.unknown_chart", name=chart, question=question.id, known=", ".join(known))
        # The question has it, but for this scope it would repeat another.
        chart = finding.charts[0]
    return {
        **context,
        "chart": chart,
        "figures": [answers.figure(finding, chart, size, language).svg for size in ("wide", "narrow")] if chart else [],
        "table_first": state.shown.get("view") == "table" or not chart,
        "table": table(finding, state),
        "looked_at": looked_at(answers.ws, finding, language),
    }


def looked_at(ws: Workspace, finding: Finding, language: Language) -> list[tuple[str, str]]:
    """What was chosen of what the question leaves open: indicator, level, period, classification; with names."""
    scope, uses = finding.scope, finding.registered.uses
    found = []
    if scope.indicator and "indicator" in uses:
        unit = next((e.unit for e in coverage(ws) if e.indicator_id == scope.indicator), "")
        name = finding.name(scope.indicator, language)
        if unit and unit != "count":
            name = t("web.with_unit", language, name=name, unit=unit_label(unit, language))
        found.append(("indicator", name))
    if scope.level and "level" in uses:
        found.append(("level", level_label(scope.level, language)))
    if scope.scheme:
        found.append(("scheme", scheme_label(scope.scheme, language)))
    if scope.period:
        found.append(("period", scope.period.replace(":", "–")))
    return [(t(f"core.scope.{name}", language), value) for name, value in found]


def table(finding: Finding, state: State) -> dict[str, Any]:
    """The table as it is shown: sorted, cut, written."""
    order = list(range(len(finding)))
    sort = state.shown.get("sort", "")
    name = sort.lstrip("-")
    if name:
        if name not in finding.table.column_names:
            known = ", ".join(finding.table.column_names)
            raise UsageError("web.error.unknown_column", name=name, known=known)
        values = [row[name] for row in replace(finding, table=finding.table.select([name])).rows()]
        having = [i for i in order if values[i] is not None]
        having.sort(key=values.__getitem__, reverse=sort.startswith("-"))
        order = having + [i for i in order if values[i] is None]
    shown = order if state.shown.get("rows") == "all" else order[:ROWS]
    # An answer may have millions of rows; only those that are shown are written.
    part = replace(finding, table=finding.table.take(shown))
    rows, written = part.rows(), part.written(state.language)
    lead = [k for k in label_columns(finding.columns) if len(finding.table.column(k).unique()) > 1] or [0]
    focus = {*finding.scope.region, *finding.scope.field}
    focal = finding.scope.focus
    marked = [any(row[finding.columns[k].name] in focus for k in lead) for row in rows]
    # A mark on every row would mark nothing.
    if all(marked) and _all_marked(finding, lead, focus):
        marked = [False] * len(rows)
    # A column that names the place in focus on every row says nothing a heading can't say better.
    whole = [
        k
        for k, spec in enumerate(finding.columns)
        if spec.name == "region_id" and finding.scope.region and finding.table.column(k).unique().to_pylist() == [focal]
    ]
    kept = [k for k in finding.shown if k not in whole]
    return {
        "columns": [(k, finding.columns[k], unit_of(finding, finding.columns[k], state.language)) for k in kept],
        "about": [written[0][k] for k in whole],
        "sort": sort,
        "total": len(finding),
        "rows": [
            {
                "index": i,
                "cells": written[n],
                "raw": [rows[n][spec.name] for spec in finding.columns],
                "name": " · ".join(written[n][k] for k in lead) or str(i + 1),
                "focus": marked[n],
            }
            for n, i in enumerate(shown)
        ],
        "lead": next((k for k in lead if k in kept), kept[0]),
    }


def _all_marked(finding: Finding, lead: Sequence[int], focus: set[str]) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    names = [finding.columns[k].name for k in lead if pa.types.is_string(finding.table.schema.field(k).type)]
    marks = [pc.is_in(finding.table[name], value_set=pa.array(sorted(focus), pa.string())) for name in names]
    return bool(marks) and pc.all(functools.reduce(pc.or_, marks)).as_py()


def label_columns(specs: Sequence[Column]) -> list[int]:
    """Columns that say which thing a row is about; dates of what happened to it are not among them."""
    keys = {"region_id", "field_id", "other_id", "indicator_id", "measure_id", "instrument_id", "mark_id", "period"}
    found = [k for k, spec in enumerate(specs) if spec.name in keys]
    return found or [0]


def cards(
    answers: Answers, asked: Sequence[tuple[Question, Mapping[str, str]]], state: State, patience: float = PATIENCE
) -> list[Card]:
    """Questions with their answers, as many as there is time for; those the data can't answer are left out."""
    until = time.monotonic() + patience
    found = []
    for question, arguments in asked:
        url = state.elsewhere(f"/{question.room}/{question.name}", **arguments)
        if time.monotonic() > until and not answers.has(question, arguments):
            pending = state.elsewhere(f"/api/v1/headline/{question.room}/{question.name}", **arguments)
            found.append(Card(question, url, pending=pending))
            continue
        try:
            finding = answers.ask(question, arguments)
        except ForelandError:
            continue
        found.append(
            Card(
                question, url, finding.headline[state.language], finding.benchmark[state.language], len(finding.caveats)
            )
        )
    return found


def home_page(answers: Answers, state: State) -> dict[str, Any]:
    """Rooms, findings, data."""
    ws = answers.ws
    region = state.arguments.get("region", "")
    asked = []
    for room in rooms():
        for question in list(questions(room).values())[:1]:
            example = {name: str(value) for name, value in question.example.items()}
            asked.append((question, example))
    known = coverage(ws)
    return {
        "region": region,
        "rooms": [(room, list(questions(room).values())) for room in rooms()],
        "cards": [card for card in cards(answers, asked, state) if card.headline or card.pending],
        "counts": {
            "places": len(places(ws, state.language)),
            "indicators": len({entry.indicator_id for entry in known}),
            "fields": len(_measured_fields(ws)),
            "rows": ws.rows("observation"),
            "sources": len(ws.sources),
            "first": min((entry.first for entry in known), default=""),
            "last": max((entry.last for entry in known), default=""),
        },
    }


def _measured_fields(ws: Workspace) -> list[str]:
    def read() -> list[str]:
        rows = ws.to_arrow(ws.table("observation").select("field_id").distinct())
        return [field for field in rows["field_id"].to_pylist() if not field.startswith("all:")]

    found: list[str] = ws.cache.remember("web:measured", read)
    return found


def region_page(answers: Answers, region: str, state: State, *, patient: bool = False) -> dict[str, Any]:
    """What there is to say of a place; all of it, however long it takes, where the reader is ``patient``."""
    from foreland.data.taxonomy.regions import ancestors, regions

    ws, language = answers.ws, state.language
    level = region_levels(ws, region)[region]
    asked = [(q, {"region": region}) for q in questions().values() if "region" in q.uses]
    found = cards(answers, asked, state, float("inf") if patient else PATIENCE)
    answered = {card.question.id for card in found}
    kin = [(r, label) for its, r, label in places(ws, language) if its == level and r != region]
    # A place of the user's own stands in no gazetteer.
    above = ancestors(region)[:1] if region in regions() else []
    called = names(ws, [region, *above])
    return {
        "region": region,
        "name": called[region][language] if region in called else region,
        "level": level_label(level, language),
        "above": [(r, called[r][language]) for r in above if r in called and r in region_levels(ws)],
        "cards": found,
        "unanswered": [q for q, _ in asked if q.id not in answered],
        "kin": kin[:60],
    }


def sources_page(ws: Workspace) -> dict[str, Any]:
    """Every source with licence, hash and note."""
    counts: dict[str, int] = {}
    for source in ws.sources.values():
        counts[source.source_id] = sum(stored.rows for stored in source.tables.values())
    return {"sources": list(ws.source_table.values()), "counts": counts}


def data_page(ws: Workspace, language: Language) -> dict[str, Any]:
    """What the figures cover."""
    entries = coverage(ws)
    called = names(ws, {value for e in entries for value in (e.indicator_id, e.source_id)})
    rows = [
        {
            "indicator": called[e.indicator_id][language] if e.indicator_id in called else e.indicator_id,
            "indicator_id": e.indicator_id,
            "unit": unit_label(e.unit, language),
            "scheme": scheme_label(e.scheme, language),
            "scheme_id": e.scheme,
            "level": level_label(e.level, language),
            "regions": e.regions,
            "fields": e.fields,
            "first": e.first,
            "last": e.last,
            "rows": e.rows,
            "source": called[e.source_id][language] if e.source_id in called else e.source_id,
            "source_id": e.source_id,
        }
        for e in sorted(entries, key=lambda e: (*level_order(e.level), e.indicator_id, e.scheme, e.source_id))
    ]
    return {"rows": rows}


def search_page(ws: Workspace, text: str, state: State) -> dict[str, Any]:
    """Places and questions that a text may mean."""
    from foreland.data.taxonomy.regions import candidates, regions, suggest

    language = state.language
    known = places(ws, language)
    having = {region: (level, label) for level, region, label in known}
    folded = text.casefold().strip()
    exact = [place.id for place in candidates(text)] if folded else []
    if text in regions() or text in having:
        exact.insert(0, text)
    part = [r for _, r, label in known if folded and (folded in label.casefold() or folded == r.casefold())]
    hits = [r for r in dict.fromkeys([*exact, *part]) if r in having]
    near = [place.id for place in suggest(text, 5)] if folded and not hits else []
    matching = [
        q
        for q in questions().values()
        if folded
        and any(folded in each.casefold() for each in (*q.text.values(), q.id, t(f"core.room.{q.room}", language)))
    ]
    return {
        "text": text,
        "hits": [(r, having[r][1], level_label(having[r][0], language)) for r in hits[:40]],
        "near": [(r, having[r][1], level_label(having[r][0], language)) for r in near if r in having],
        "questions": matching,
        "exact": hits[0] if len(hits) == 1 else None,
    }
