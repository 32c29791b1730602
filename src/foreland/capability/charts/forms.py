"""Forms that several charts of the room share: quotients around 1, moves between two values, bubbles."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from foreland.charts.bars import ROW, _named, _names_axis
from foreland.charts.clouds import _domain, _inner, _names, _placed
from foreland.charts.common import (
    Rows,
    axis,
    chart_of,
    cut,
    finished,
    heading,
    in_focus,
    nothing_to_draw,
    plain,
    prepared,
    spec_of,
    tooltip,
    up_axis,
)
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.i18n import current_language, t

TICKS = tuple(digit * 10.0**power for power in range(-3, 5) for digit in (1, 2, 5))
LOWEST = 0.05
"""Smaller quotients are drawn here: on a scale of ratios 0 lies infinitely far to the left."""


@dataclass(frozen=True)
class Key:
    """Codes of a column and the colours they are drawn in."""

    column: str
    tokens: Mapping[str, str]


def table_rows(finding: Finding, name: str) -> list[dict[str, Any]]:
    """A further table of the finding as plain values; empty where it has none."""
    table = finding.tables.get(name)
    return [] if table is None else [{k: plain(v) for k, v in row.items()} for row in table.to_pylist()]


def distinct(rows: Rows, column: str) -> list[Any]:
    """The values of a column in the order they come."""
    return list(dict.fromkeys(row[column] for row in rows))


def totals(rows: Rows, column: str, value: str = "value") -> list[str]:
    """The ids of a column, those with the largest sum of values first."""
    sums: dict[str, float] = {}
    for row in rows:
        sums[row[column]] = sums.get(row[column], 0.0) + (row[value] or 0.0)
    return sorted(sums, key=lambda i: (-sums[i], i))


def label_of(rows: Rows) -> str:
    """What tells rows of places and fields apart; ``pair`` where it takes both."""
    if len(distinct(rows, "region_id")) == 1:
        return "field_id"
    return "region_id" if len(distinct(rows, "field_id")) == 1 else "pair"


def named_rows(
    finding: Finding, rows: Rows, label: str, told: tuple[str, ...], wanted: set[str]
) -> tuple[list[dict[str, Any]], int]:
    """Rows with names that fit beside the marks, and the room they take; pairs are named by both parts."""
    if label != "pair":
        return _named(finding, rows, label, told, wanted)
    most = 118 if is_narrow() else 250
    drawn = prepared(finding, rows, "field_id", ("region_id", *told))
    for row in drawn:
        row["name"] = cut(f"{row['t_region_id']} · {row['t_field_id']}", most)
        row["focus"] = row["region_id"] in wanted and row["field_id"] in wanted
    return drawn, int(max(text_width(row["name"], 12.5) for row in drawn)) + 14


def ratio_scale(values: Sequence[float]) -> tuple[alt.Scale, list[float], float]:
    """A logarithmic scale around 1, its ticks, and its lower end."""
    known = [max(float(v), LOWEST) for v in values if math.isfinite(v)]
    low, high = min([0.5, *known]) / 1.12, max([2.0, *known]) * 1.12
    ticks = [tick for tick in TICKS if low <= tick <= high]
    if len(ticks) > (5 if is_narrow() else 9):
        ticks = [tick for tick in ticks if math.log10(tick) == round(math.log10(tick))]
    return alt.Scale(type="log", domain=[low, high], nice=False), ticks, low


def quotient_bars(
    finding: Finding,
    rows: Rows,
    *,
    value: str,
    key: Key,
    ends: tuple[str, str] | None = None,
    limit: int = 40,
) -> alt.LayerChart:
    """Bars that part at 1 on a logarithmic scale: twice and half as much are equally long.

    Parameters
    ----------
    value
        Column of quotients.
    key
        What the bars are coloured by.
    ends
        Columns with the bounds of an interval.
    limit
        Most bars.
    """
    wanted = in_focus(finding, None)
    rows = [row for row in rows if row.get(value) is not None]
    if not rows:
        return nothing_to_draw(finding)
    label = label_of(rows)
    rows = [row for i, row in enumerate(rows) if i < limit or (label == "region_id" and row[label] in wanted)]
    told = (value, *(ends or ()), key.column)
    drawn, room = named_rows(finding, rows, label, told, wanted)
    number = int(max(text_width(row[f"t_{value}"], 12) for row in drawn)) + 14
    scale, ticks, low = ratio_scale([row[c] for row in rows for c in (value, *(ends or ())) if row[c] is not None])
    for row in drawn:
        row["at"], row["one"] = max(row[value], low), 1.0
        if ends:
            row["from"], row["to"] = (None if row[c] is None else max(row[c], low) for c in ends)
    codes = [code for code in key.tokens if any(row[key.column] == code for row in drawn)]
    texts = [next(row[f"t_{key.column}"] for row in drawn if row[key.column] == code) for code in codes]
    base = chart_of(drawn)
    y = _names_axis(drawn, wanted, label, room)
    x = alt.X("at:Q", scale=scale, axis=axis(finding, value, orient="top", values=ticks))
    tips = tooltip(finding, "field_id" if label == "pair" else label, (*(("region_id",) * (label == "pair")), *told))
    inner = width() - room - number - 8
    layers: list[Any] = [
        base.mark_bar(height={"band": 0.62}).encode(
            x=x,
            x2="one:Q",
            y=y,
            tooltip=tips,
            color=alt.Color(
                f"t_{key.column}:N",
                title=None,
                scale=alt.Scale(domain=texts, range=[colour(key.tokens[code]) for code in codes]),
                legend=alt.Legend(symbolType="square"),
            ),
        )
    ]
    if ends and any(row["from"] is not None for row in drawn):
        layers.append(
            base.transform_filter("isValid(datum.from) && isValid(datum.to)")
            .mark_rule(color=colour("ink"), strokeWidth=1.4)
            .encode(x=alt.X("from:Q", scale=scale), x2="to:Q", y=y, tooltip=tips)
        )
    layers += [
        chart_of([{"at": 1.0}]).mark_rule(color=colour("bench"), strokeWidth=1.5).encode(x=alt.X("at:Q", scale=scale)),
        base.mark_text(align="right", x=inner + number - 4, baseline="middle").encode(y=y, text=f"t_{value}:N"),
    ]
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(ROW)), finding)


@dataclass(frozen=True)
class Move:
    """From one value to another, and how the two are marked.

    ``words`` name the two marks; ``note`` is a column written at the right.
    """

    before: str
    after: str
    words: tuple[str, str]
    note: str
    ratio: bool = False
    line: float | None = None


def moves(finding: Finding, rows: Rows, *, label: str, move: Move, order: Collection[str] = ()) -> alt.LayerChart:
    """Two values a row, joined: a ring for what it was (or for the others), a dot for what it is.

    Teal where the second is larger, orange where it is smaller.
    """
    rows = [row for row in rows if row.get(move.after) is not None]
    if not rows:
        return nothing_to_draw(finding)
    told = (move.before, move.after)
    drawn, room = named_rows(finding, rows, label, told, set(order))
    number = int(max(text_width(row[move.note], 12) for row in drawn)) + 14
    known = [row[c] for row in drawn for c in told if row[c] is not None]
    options: dict[str, Any] = {}
    if move.ratio:
        scale, options["values"], low = ratio_scale(known)
    else:
        pad = 0.06 * (max(known) - min(known)) or 0.5
        low = min(known) - pad
        scale = alt.Scale(domain=[low, max(known) + pad], nice=False)
    for row in drawn:
        row["to"] = max(row[move.after], low)
        row["from"] = row["to"] if row[move.before] is None else max(row[move.before], low)
        row["ring"] = row[move.before] is not None
        row["up"] = row["to"] >= row["from"]
    base = chart_of(drawn)
    y = _names_axis(drawn, set(), label, room)
    x = alt.X("to:Q", scale=scale, axis=axis(finding, move.after, orient="top", **options))
    ink = alt.condition("datum.up", alt.value(colour("focus")), alt.value(colour("bench")))
    tips = tooltip(finding, label, told)
    inner = width() - room - number - 8
    layers: list[Any] = []
    if move.line is not None:
        layers.append(
            chart_of([{"to": move.line}]).mark_rule(color=colour("axis"), strokeDash=[4, 3]).encode(
                x=alt.X("to:Q", scale=scale)
            )
        )  # fmt: skip
    layers += [
        base.mark_rule(strokeWidth=2.5, opacity=0.55).encode(x=x, x2="from:Q", y=y, color=ink, tooltip=tips),
        base.transform_filter("datum.ring")
        .mark_point(filled=True, fill=colour("surface"), size=70, opacity=1, strokeWidth=1.6)
        .encode(x=alt.X("from:Q", scale=scale), y=y, stroke=ink, tooltip=tips),
        base.mark_point(filled=True, size=95, opacity=1).encode(x=x, y=y, color=ink, tooltip=tips),
        base.mark_text(align="right", x=inner + number - 4, baseline="middle").encode(y=y, text=f"{move.note}:N"),
        chart_of([{"text": f"○ {move.words[0]}   ● {move.words[1]}"}])
        .mark_text(align="left", x=0, y={"expr": "height + 12"}, color=colour("muted"))
        .encode(text="text:N"),
    ]
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(ROW)), finding)


@dataclass(frozen=True)
class Axes:
    """Two measures; on a logarithmic scale where ``log`` says so; dashed lines at ``cross``."""

    x: str
    y: str
    log: tuple[bool, bool] = (False, False)
    cross: tuple[float | None, float | None] = (None, None)
    diagonal: str = ""


def bubbles(
    finding: Finding,
    rows: Rows,
    *,
    axes: Axes,
    label: str,
    size: str | None = None,
    focus: str | Collection[str] | None = None,
) -> alt.LayerChart:
    """Points of two measures, their area a third; those in focus in colour.

    Parameters
    ----------
    axes
        The measures. ``axes.diagonal`` is what a line of equal values is called.
    size
        Column the area stands for; negative values are drawn smallest.
    focus
        Ids of ``label``; by default the places and fields of the scope.
    """
    both = (axes.x, axes.y)
    rows = [
        row
        for row in rows
        if all(row.get(c) is not None and (row[c] > 0 or not log) for c, log in zip(both, axes.log, strict=True))
    ]
    if not rows:
        return nothing_to_draw(finding)
    wanted = in_focus(finding, focus)
    told = (*both, *((size,) if size else ()))
    drawn = prepared(finding, rows, label, told)
    domains, scales = [], []
    for i, (column, log) in enumerate(zip(both, axes.log, strict=True)):
        values = [math.log10(row[column]) if log else float(row[column]) for row in drawn]
        low, high = _domain([*values, *([] if axes.cross[i] is None or log else [float(axes.cross[i] or 0)])])
        domains.append([low, high])
        scales.append(
            alt.Scale(type="log", domain=[10**low, 10**high], nice=False)
            if log
            else alt.Scale(domain=[low, high], nice=False)
        )
        for row, value in zip(drawn, values, strict=True):
            row[f"s{i}"], row["focus"] = value, row[label] in wanted
    across = alt.X(f"{axes.x}:Q", scale=scales[0], axis=axis(finding, axes.x, **_few(axes.log[0], domains[0])))
    up = alt.Y(f"{axes.y}:Q", scale=scales[1], axis=up_axis(finding, axes.y, **_few(axes.log[1], domains[1])))
    area: Any = alt.value(80)
    if size:
        largest = max([0.0, *(float(row[size] or 0) for row in drawn)]) or 1.0
        for row in drawn:
            row["area"] = 24 + (260 if is_narrow() else 520) * max(float(row[size] or 0), 0.0) / largest
        area = alt.Size("area:Q", scale=None)
    layers = [*_guides(axes, across, up, domains)]
    layers.append(
        chart_of(sorted(drawn, key=lambda row: -row.get("area", 0.0)))
        .mark_point(filled=True, opacity=0.85, stroke=colour("surface"), strokeWidth=0.8)
        .encode(
            x=across,
            y=up,
            size=area,
            color=alt.condition("datum.focus", alt.value(colour("focus")), alt.value(colour("rest"))),
            tooltip=tooltip(finding, label, told),
        )
    )
    # Few in focus are always named; of many, those that find room.
    forced = sum(row["focus"] for row in drawn) <= 6
    named = _placed([{**row, "focus": row["focus"] and forced} for row in drawn], ("s0", "s1"), domains, _inner())
    layers += _names([{**row, "focus": False} for row in named], across, up)
    if size:
        words = t("capability.chart.size", current_language(), what=heading(finding, size))
        layers.append(
            chart_of([{"text": words}])
            .mark_text(align="right", baseline="bottom", x={"expr": "width"}, y=-6, color=colour("muted"), fontSize=11)
            .encode(text="text:N")
        )
    wide, high = _inner()
    return finished(alt.layer(*layers).properties(width=wide, height=high), finding)


def _few(log: bool, domain: list[float]) -> dict[str, Any]:
    if not log:
        return {}
    powers = [10.0**p for p in range(math.ceil(domain[0]), math.floor(domain[1]) + 1)]
    return {"values": powers if len(powers) > 2 else [v for v in TICKS if domain[0] <= math.log10(v) <= domain[1]]}


def _guides(axes: Axes, across: alt.X, up: alt.Y, domains: list[list[float]]) -> list[Any]:
    rule = {"color": colour("axis"), "strokeDash": [3, 3]}
    layers: list[Any] = []
    if axes.cross[0] is not None:
        layers.append(chart_of([{axes.x: axes.cross[0]}]).mark_rule(**rule).encode(x=across))
    if axes.cross[1] is not None:
        layers.append(chart_of([{axes.y: axes.cross[1]}]).mark_rule(**rule).encode(y=up))
    if axes.diagonal:
        low, high = max(d[0] for d in domains), min(d[1] for d in domains)
        if low < high:
            ends = chart_of([{axes.x: v, axes.y: v, "text": axes.diagonal} for v in (low, high)])
            layers.append(ends.mark_line(color=colour("bench"), strokeDash=[4, 3]).encode(x=across, y=up))
            layers.append(
                chart_of([{axes.x: high, axes.y: high, "text": axes.diagonal}])
                .mark_text(align="right", baseline="top", dy=10, color=colour("bench"), fontWeight=600)
                .encode(x=across, y=up, text="text:N")
            )
    return layers


def median(rows: Rows, column: str) -> float | None:
    """The median of a column; None where nothing is known."""
    known = [row[column] for row in rows if row.get(column) is not None]
    return float(np.median(known)) if known else None


__all__ = [
    "Axes", "Key", "Move", "bubbles", "distinct", "label_of", "median", "moves", "named_rows", "quotient_bars",
    "ratio_scale", "spec_of", "table_rows", "totals",
]  # fmt: skip
