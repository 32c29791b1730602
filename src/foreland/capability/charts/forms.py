"""Forms that several charts of the room share: quotients around 1, moves between two values."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from foreland.charts.bars import ROW, _named, _names_axis
from foreland.charts.common import (
    Rows,
    axis,
    chart_of,
    cut,
    finished,
    in_focus,
    nothing_to_draw,
    plain,
    prepared,
    tooltip,
)
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.columns import unit_label
from foreland.core.finding import Finding
from foreland.i18n import current_language

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


def measured(finding: Finding) -> str:
    """The indicator and its unit, for axes of its values."""
    language = current_language()
    indicator = finding.scope.indicator
    if not indicator:
        return ""
    name, unit = finding.name(indicator, language), _unit(finding, indicator)
    if not unit or unit == "count":
        return name
    written = unit_label(unit, language)
    return f"{name}（{written}）" if language == "zh" else f"{name} ({written})"


def _unit(finding: Finding, indicator: str) -> str:
    if finding.workspace is None:
        return ""
    table = finding.workspace.table("indicator")
    rows = finding.workspace.to_arrow(table.filter(table.indicator_id == indicator).select("unit")).to_pylist()
    return str(rows[0]["unit"]) if rows else ""


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
    y = _names_axis(drawn, wanted, "name" if label == "pair" else label, room)
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
            chart_of([{"to": move.line}])
            .mark_rule(color=colour("axis"), strokeDash=[4, 3])
            .encode(x=alt.X("to:Q", scale=scale))
        )
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
