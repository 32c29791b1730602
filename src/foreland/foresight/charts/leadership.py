"""Charts of who led when: a strip a field, ranks that cross, and how far ahead the leader is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import altair as alt

from foreland.charts import bump as bump_of
from foreland.charts import lines, ranked_bars
from foreland.charts.common import Rows, chart_of, cut, finished, nothing_to_draw, plain, prepared, tooltip
from foreland.charts.theme import KINDS, colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

MOST = 45
"""Most fields of one picture."""
PALE = frozenset({"rest"})
"""Tokens on which dark letters stand."""
SHOWN = 8
"""Ranks that are drawn."""


@chart("foresight.leadership", "strip")
def strip(finding: Finding) -> Any:
    """Leader of record by field and year, in the order of the table; each reign named where it begins."""
    order = list(dict.fromkeys(row["field_id"] for row in finding.rows()))[:MOST]
    series = [row for row in _table(finding, "series") if row["field_id"] in order and row["leader_id"]]
    if not series:
        return nothing_to_draw(finding)
    place = {field: i for i, field in enumerate(order)}
    series.sort(key=lambda row: (place[row["field_id"]], row["period"]))
    told = ("period", "leader_id", "largest_id", "lead")
    drawn = prepared(finding, series, "field_id", told)
    tokens = _tokens(series)
    most = 118 if is_narrow() else 236
    for row in drawn:
        row["name"], row["fill"] = cut(row["name"], most), colour(tokens[row["leader_id"]])
    room = int(max(text_width(row["name"], 12.5) for row in drawn)) + 14
    periods = sorted({row["period"] for row in drawn})
    inner = width() - room - 12
    named = periods[:: -max(1, -(-len(periods) // (4 if is_narrow() else 9)))][::-1]
    across = alt.X(
        "period:O",
        sort=periods,
        scale=alt.Scale(paddingInner=0.0, paddingOuter=0.0),
        axis=alt.Axis(title=None, orient="top", values=named, labelAngle=0, labelOverlap=False),
    )
    names = list(dict.fromkeys(row["name"] for row in drawn))
    down = alt.Y("name:N", sort=names, axis=alt.Axis(title=None, labelLimit=room, labelPadding=8))
    spans = _spans(drawn, inner / len(periods), tokens)
    layers = alt.layer(
        chart_of(drawn)
        .mark_rect(stroke=colour("surface"), strokeWidth=0.6)
        .encode(x=across, y=down, color=alt.Color("fill:N", scale=None), tooltip=tooltip(finding, "field_id", told)),
        chart_of(spans)
        .mark_text(
            align="left", fontSize=10.5, dx=-(inner / len(periods)) / 2 + (2 if is_narrow() else 4), baseline="middle"
        )
        .encode(x=across, y=down, text="word:N", color=alt.Color("ink:N", scale=None)),
    )
    return finished(layers.properties(width=inner, height=alt.Step(22)), finding)


def _tokens(series: Rows) -> dict[str, str]:
    """A colour for each of those that led longest; the rest are grey, their names tell them."""
    held = Counter(row["leader_id"] for row in series)
    order = sorted(held, key=lambda place: (-held[place], place))
    return {place: KINDS[i] if i < len(KINDS) - 1 else "rest" for i, place in enumerate(order)}


def _spans(drawn: Rows, step: float, tokens: dict[str, str]) -> list[dict[str, Any]]:
    """Unbroken reigns at their first cell: by name where there is room, in English else by code, else unnamed."""
    spans: list[dict[str, Any]] = []
    for row in drawn:
        last = spans[-1] if spans else None
        if last and last["name"] == row["name"] and last["leader_id"] == row["leader_id"]:
            last["long"] += 1
        else:
            ink = "on_pale" if tokens[row["leader_id"]] in PALE else "on_strong"
            spans.append({**row, "ink": colour(ink), "long": 1})
    # A code is short for a name in Latin letters only; Chinese names are short themselves.
    chinese = current_language() == "zh"
    room = 4 if chinese else 8
    for span in spans:
        words = (span["t_leader_id"],) if chinese else (span["t_leader_id"], span["leader_id"])
        wide = span["long"] * step - room
        span["word"] = next((word for word in words if text_width(word, 10.5) <= wide), "")
    return [span for span in spans if span["word"]]


@chart("foresight.leadership", "bump")
def bump(finding: Finding) -> Any:
    """Ranks over the years, in the field or over the fields shown together; those that ever led in colour."""
    led = [row["leader_id"] for row in _table(finding, "series") if row["leader_id"]]
    order = sorted(set(led), key=lambda place: (-led.count(place), place))[: len(KINDS) - 1]
    return bump_of(finding, _table(finding, "ranks"), label="region_id", focus=order, limit=SHOWN)


@chart("foresight.leadership", "lead")
def lead(finding: Finding) -> Any:
    """The leader's output over the runner-up's, year by year; in colour the fields with the longest leads."""
    rows = finding.rows()
    present: dict[str, float] = {}
    for row in rows:
        if row["lead"] is not None:
            present[row["field_id"]] = row["lead"]
    order = sorted(present, key=lambda field: (-present[field], field))
    series = [row for row in _table(finding, "series") if row["lead"] is not None]
    return lines(finding, series, y="lead", series="field_id", focus=list(finding.scope.field) or order[:5])


@chart("foresight.leadership", "top_cited")
def top_cited(finding: Finding) -> Any:
    """What share of the present leaders' documents is among the tenth most cited of field and year."""
    present: dict[str, dict[str, Any]] = {row["field_id"]: row for row in finding.rows()}
    rows = [row for row in present.values() if row.get("top10_share") is not None]
    if not rows:
        return nothing_to_draw(finding)
    rows.sort(key=lambda row: (-row["top10_share"], row["field_id"]))
    language = current_language()
    named = [{**row, "unit": f"{finding.name(row['field_id'])} · {finding.name(row['leader_id'])}"} for row in rows]
    return ranked_bars(
        finding, named, label="unit", value="top10_share", focus=(),
        reference=(0.1, t("foresight.chart.world_tenth", language)), limit=40,
    )  # fmt: skip


def _table(finding: Finding, name: str) -> list[dict[str, Any]]:
    table = finding.tables.get(name)
    return [] if table is None else [{k: plain(v) for k, v in row.items()} for row in table.to_pylist()]


__all__ = ["bump", "lead", "strip", "top_cited"]
