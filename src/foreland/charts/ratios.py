"""Ratios around 1: on a logarithmic scale twice and half as much are equally far."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from foreland.charts.common import Rows, axis, chart_of, finished, in_focus, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, label_of, named_rows, names_axis
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding

TICKS = tuple(digit * 10.0**power for power in range(-4, 5) for digit in (1, 2, 5))


@dataclass(frozen=True)
class Key:
    """Codes of a column and the tokens of the colours they are drawn in."""

    column: str
    tokens: Mapping[str, str]


@dataclass(frozen=True)
class Ratio:
    """A column of ratios.

    Parameters
    ----------
    column
        Its name.
    ends
        Columns with the bounds of an interval.
    floor
        Smaller ratios are drawn here: on a scale of ratios 0 lies infinitely far to the left.
    lines
        Further values to draw a dashed line at; one at 1 is always drawn.
    also
        Further columns to tell.
    """

    column: str
    ends: tuple[str, str] | None = None
    floor: float = 0.05
    lines: tuple[float, ...] = ()
    also: tuple[str, ...] = ()


def ratio_scale(values: Sequence[float], floor: float = 0.05) -> tuple[alt.Scale, list[float], float]:
    """A logarithmic scale that holds a half and twice, its ticks, and its lower end."""
    known = [max(float(v), floor) for v in values if math.isfinite(v)]
    low, high = min([0.5, *known]) / 1.12, max([2.0, *known]) * 1.12
    ticks = [tick for tick in TICKS if low <= tick <= high]
    if len(ticks) > (5 if is_narrow() else 9):
        ticks = [tick for tick in ticks if math.isclose(math.log10(tick), round(math.log10(tick)), abs_tol=1e-9)]
    return alt.Scale(type="log", domain=[low, high], nice=False), ticks, low


def ratio_bars(finding: Finding, rows: Rows, ratio: Ratio, *, key: Key, limit: int = 40) -> alt.LayerChart:
    """Bars that part at 1, each with its value.

    Parameters
    ----------
    rows
        Already ranked; those without a ratio are left out.
    key
        What the bars are coloured by.
    limit
        Most bars; a place in focus is drawn even when it ranks below.
    """
    wanted = in_focus(finding, None)
    rows = [row for row in rows if row.get(ratio.column) is not None]
    if not rows:
        return nothing_to_draw(finding)
    label = label_of(rows)
    rows = [row for i, row in enumerate(rows) if i < limit or (label == "region_id" and row[label] in wanted)]
    measures = (ratio.column, *(ratio.ends or ()))
    told = (*measures, key.column, *ratio.also)
    drawn, room = named_rows(finding, rows, label, told, wanted)
    number = int(max(text_width(row[f"t_{ratio.column}"], 12) for row in drawn)) + 14
    known = [row[c] for row in rows for c in measures if row[c] is not None]
    scale, ticks, low = ratio_scale([*known, *ratio.lines], ratio.floor)
    for row in drawn:
        row["at"], row["one"] = max(row[ratio.column], low), 1.0
        if ratio.ends:
            row["from"], row["to"] = (None if row[c] is None else max(row[c], low) for c in ratio.ends)
    codes = [code for code in key.tokens if any(row[key.column] == code for row in drawn)]
    texts = [next(row[f"t_{key.column}"] for row in drawn if row[key.column] == code) for code in codes]
    base = chart_of(drawn)
    y = names_axis(drawn, room)
    x = alt.X("at:Q", scale=scale, axis=axis(finding, ratio.column, orient="top", values=ticks))
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
                legend=alt.Legend(symbolType="square", columns=2 if is_narrow() else 5),
            ),
        )
    ]
    if ratio.ends and any(row["from"] is not None for row in drawn):
        layers.append(
            base.transform_filter("isValid(datum.from) && isValid(datum.to)")
            .mark_rule(color=colour("ink"), strokeWidth=1.4)
            .encode(x=alt.X("from:Q", scale=scale), x2="to:Q", y=y, tooltip=tips)
        )
    for at, dash in ((1.0, [1, 0]), *((line, [3, 3]) for line in ratio.lines)):
        rule = chart_of([{"at": at}]).mark_rule(color=colour("bench"), strokeWidth=1.5, strokeDash=dash)
        layers.append(rule.encode(x=alt.X("at:Q", scale=scale)))
    layers.append(
        base.mark_text(align="right", x=inner + number - 4, baseline="middle").encode(y=y, text=f"t_{ratio.column}:N")
    )
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(ROW)), finding)
