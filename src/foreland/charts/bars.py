"""Ranked bars, and dots with intervals."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import altair as alt

from foreland.charts.common import (
    Rows,
    axis,
    chart_of,
    finished,
    in_focus,
    nothing_to_draw,
    tooltip,
)
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding


def ranked_bars(
    finding: Finding,
    rows: Rows,
    *,
    label: str,
    value: str,
    focus: str | Collection[str] | None = None,
    reference: tuple[float, str] | None = None,
    limit: int = 25,
) -> alt.LayerChart:
    """Bars in the order of the rows, the focus in colour, each with its value.

    Parameters
    ----------
    rows
        Already ranked. Rows without a value are left out.
    label, value
        Columns to name and to measure by.
    focus
        Ids of ``label`` to point out; by default the places and fields of the scope.
    reference
        A value to draw a line at, and what to call it.
    limit
        Most bars. What is in focus is drawn even when it ranks below.
    """
    rows = [row for row in rows if row.get(value) is not None]
    wanted = in_focus(finding, focus)
    rows = [row for i, row in enumerate(rows) if i < limit or row[label] in wanted]
    if not rows:
        return nothing_to_draw(finding)
    drawn, room = named_rows(finding, rows, label, (value,), wanted)
    step = width() - room - 8
    # Room at the end of the longest bar for its number.
    number = max(text_width(row[f"t_{value}"], 12) for row in drawn) + 10
    numbers = [float(row[value]) for row in drawn] + ([reference[0]] if reference else [])
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    span = (high - low or 1) / max(step - number * (1 + (low < 0)), 40)
    domain = [low - span * number * (low < 0), high + span * number * (high > 0 or low == 0)]
    x = alt.X(
        f"{value}:Q",
        scale=alt.Scale(domain=domain, nice=False),
        axis=axis(finding, value, orient="top", tickCount=4 if is_narrow() else 6),
    )
    y = names_axis(drawn, room)
    base = chart_of(drawn)
    tips = tooltip(finding, label, (value,))
    layers: list[Any] = [
        base.mark_bar(height={"band": 0.7}, cornerRadiusEnd=1).encode(
            x=x,
            y=y,
            tooltip=tips,
            color=alt.condition("datum.focus", alt.value(colour("focus")), alt.value(colour("rest"))),
        )
    ]
    for sign, align, offset in ((">= 0", "left", 5), ("< 0", "right", -5)):
        layers.append(
            base.transform_filter(f"datum['{value}'] {sign}")
            .mark_text(align=align, dx=offset, baseline="middle")
            .encode(
                x=alt.X(f"{value}:Q"),
                y=y,
                text=f"t_{value}:N",
                color=alt.condition("datum.focus", alt.value(colour("focus")), alt.value(colour("ink"))),
            )
        )
    if reference:
        layers += _reference(reference, value, domain)
    chart = alt.layer(*layers).properties(width=step, height=alt.Step(ROW))
    return finished(chart, finding)


def intervals(
    finding: Finding,
    rows: Rows,
    *,
    label: str,
    value: str,
    low: str,
    high: str,
    focus: str | Collection[str] | None = None,
) -> alt.LayerChart:
    """Dots in the order of the rows, each with the span from ``low`` to ``high``.

    ``low`` and ``high`` may be bounds of an interval or two other values (then and now).
    """
    rows = [row for row in rows if row.get(value) is not None]
    if not rows:
        return nothing_to_draw(finding)
    wanted = in_focus(finding, focus)
    told = (value, low, high)
    drawn, room = named_rows(finding, rows, label, told, wanted)
    base = chart_of(drawn)
    y = names_axis(drawn, room)
    x = alt.X(f"{value}:Q", axis=axis(finding, value, orient="top"), scale=alt.Scale(zero=False))
    ink = alt.condition("datum.focus", alt.value(colour("focus")), alt.value(colour("axis")))
    tips = tooltip(finding, label, told)
    chart = alt.layer(
        base.mark_rule(strokeWidth=3, strokeCap="round").encode(
            x=alt.X(f"{low}:Q"), x2=f"{high}:Q", y=y, tooltip=tips,
            color=alt.condition("datum.focus", alt.value(colour("focus")), alt.value(colour("rest"))),
        ),
        base.mark_point(filled=True, size=80, opacity=1, stroke=colour("surface"), strokeWidth=1).encode(
            x=x, y=y, color=ink, tooltip=tips
        ),
    )  # fmt: skip
    return finished(chart.properties(width=width() - room - 16, height=alt.Step(ROW)), finding)


def _reference(reference: tuple[float, str], value: str, domain: list[float]) -> list[Any]:
    at, text = reference
    base = chart_of([{value: at, "text": text}])
    late = at > (domain[0] + domain[1]) / 2
    return [
        base.mark_rule(color=colour("bench"), strokeWidth=1.5, strokeDash=[4, 3]).encode(x=f"{value}:Q"),
        base.mark_text(
            color=colour("bench"),
            align="right" if late else "left",
            baseline="top",
            dx=-5 if late else 5,
            dy=3,
            fontWeight=600,
            y={"expr": "height"},
        ).encode(x=f"{value}:Q", text="text:N"),
    ]
