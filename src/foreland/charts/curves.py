"""Curves over a measured axis: days after a shock, a budget; with the range around one of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import altair as alt

from foreland.charts.common import Rows, axis, chart_of, finished, in_focus, nothing_to_draw, tooltip, up_axis
from foreland.charts.theme import colour, is_narrow, width
from foreland.charts.trends import apart, end_labels, line_ends, series_rows
from foreland.core.finding import Finding

POINTED = 120
"""Places of a curve that tell their numbers when pointed at."""


def curve(
    finding: Finding,
    rows: Rows,
    *,
    x: str,
    y: str,
    band: tuple[str, str] | None = None,
    series: str | None = None,
    label: str | None = None,
    focus: str | Collection[str] | None = None,
    points: bool = False,
) -> Any:
    """Values over a quantity, one line a series, named at its end; or one line with a band.

    Parameters
    ----------
    band
        Columns of the lower and the upper edge of a band around the line.
    series
        Column that tells lines apart; one line where None.
    label
        What a place of the one line is called when pointed at; its ``x`` where None.
    focus
        Series to colour, as in :func:`foreland.charts.lines`.
    points
        Whether the rows are marked, where they are few.
    """
    rows = [row for row in rows if row.get(y) is not None and row.get(x) is not None]
    if not rows:
        return nothing_to_draw(finding)
    told = (x, y, *(band or ()))
    label = series or label or x
    drawn, room = series_rows(finding, rows, label, told, in_focus(finding, focus), colour_all=series is not None)
    if series is None:
        room = 20
        for row in drawn:
            row["tone"] = colour("focus")
    inner, height = width() - room - 56, 240 if is_narrow() else 340
    across = alt.X(
        f"{x}:Q",
        axis=axis(finding, x, tickCount=4 if is_narrow() else 8, grid=False),
        scale=alt.Scale(nice=False, zero=False),
    )
    values = [float(row[name]) for row in drawn for name in (y, *(band or ())) if row.get(name) is not None]
    low, high = min(values), max(values)
    # What hardly leaves its level would be a flat line over a scale from zero.
    low, high = (0.0 if 0 <= low < high / 2 else low), high + (high == low) * (abs(high) or 1.0) / 10
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    up = alt.Y(f"{y}:Q", axis=up_axis(finding, y), scale=scale)
    base = chart_of(drawn)
    tips = tooltip(finding, label, told)
    layers: list[Any] = []
    if band:
        layers.append(
            base.mark_area(color=colour("seq2"), opacity=0.55).encode(
                x=across, y=alt.Y(f"{band[0]}:Q", axis=up_axis(finding, y), scale=scale), y2=f"{band[1]}:Q"
            )
        )
    lines = {"detail": f"{series}:N"} if series else {}
    tone = alt.Color("tone:N", scale=None)
    layers.append(base.mark_line(strokeWidth=2.5).encode(x=across, y=up, color=tone, **lines))
    every = max(1, len(drawn) // POINTED)
    layers.append(
        chart_of(drawn[::every])
        .mark_point(filled=True, size=60, opacity=1 if points else 0)
        .encode(x=across, y=up, color=tone, tooltip=tips)
    )
    if series:
        ends = apart(line_ends(drawn, x, y), y, height, [low, high], zero=False)
        layers.append(end_labels(ends, x, y, across))
    return finished(alt.layer(*layers).properties(width=inner, height=height), finding)
