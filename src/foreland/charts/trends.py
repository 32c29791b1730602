"""Over time: lines with their names at the end, and ranks that cross."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import altair as alt

from foreland.charts.common import (
    Rows,
    chart_of,
    cut,
    finished,
    heading,
    in_focus,
    nothing_to_draw,
    prepared,
    spec_of,
    tooltip,
    up_axis,
)
from foreland.charts.theme import KINDS, colour, is_narrow, text_width, width
from foreland.core.finding import Finding

MOST_GREY = 48
"""Most lines drawn beside those in focus."""


def lines(
    finding: Finding,
    rows: Rows,
    *,
    y: str,
    series: str,
    x: str = "period",
    focus: str | Collection[str] | None = None,
    reference: tuple[float, str] | None = None,
) -> alt.LayerChart:
    """Values over time, one line a series, named at its end.

    Parameters
    ----------
    series
        Column that tells the lines apart.
    focus
        Series to colour, the rest grey; without any in the rows, up to eight are coloured.
    reference
        A value to draw a line at, and what to call it.
    """
    rows = [row for row in rows if row.get(y) is not None]
    if not rows:
        return nothing_to_draw(finding)
    wanted = in_focus(finding, focus)
    drawn, room = series_rows(finding, _not_a_sheet(rows, series, x, y, wanted), series, (x, y), wanted)
    inner = width() - room - 56
    height = 240 if is_narrow() else 340
    labels = apart(line_ends(drawn, x, y), y, height, [float(row[y]) for row in drawn])
    base = chart_of(drawn)
    across = _periods(drawn, x)
    up = alt.Y(f"{y}:Q", axis=up_axis(finding, y), scale=alt.Scale(zero=min(row[y] for row in drawn) >= 0))
    tone = alt.Color("tone:N", scale=None)
    tips = tooltip(finding, series, (x, y))
    layers: list[Any] = []
    for focused, thick in ((False, 1.2), (True, 2.5)):
        if any(row["focus"] == focused for row in drawn):  # browsers complain of a layer without rows
            layers.append(
                base.transform_filter("datum.focus" if focused else "!datum.focus")
                .mark_line(strokeWidth=thick)
                .encode(x=across, y=up, color=tone, detail=f"{series}:N", tooltip=tips)
            )
    layers += [
        base.mark_point(size=90, opacity=0).encode(x=across, y=up, tooltip=tips),
        end_labels(labels, x, y, across),
    ]
    if reference:
        at = chart_of([{y: reference[0], "text": reference[1]}])
        layers += [
            at.mark_rule(color=colour("bench"), strokeDash=[4, 3], strokeWidth=1.5).encode(y=f"{y}:Q"),
            at.mark_text(color=colour("bench"), align="left", x=4, dy=-7, fontWeight=600).encode(
                y=f"{y}:Q", text="text:N"
            ),
        ]
    return finished(alt.layer(*layers).properties(width=inner, height=height), finding)


def _not_a_sheet(rows: Rows, series: str, x: str, y: str, wanted: set[str]) -> Rows:
    """Rows of what is in focus and of the largest others at their ends: hundreds of grey lines are a grey sheet."""
    ends: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if row[series] not in ends or _later(row[x], ends[row[series]][x]):
            ends[row[series]] = row
    others = sorted((row for key, row in ends.items() if key not in wanted), key=lambda row: -float(row[y]))
    kept = {row[series] for row in others[:MOST_GREY]}
    return [row for row in rows if row[series] in wanted or row[series] in kept]


def bump(
    finding: Finding,
    rows: Rows,
    *,
    label: str,
    rank: str = "rank",
    period: str = "period",
    focus: str | Collection[str] | None = None,
    limit: int = 12,
) -> alt.LayerChart:
    """Ranks over time: the first ``limit`` of the last period and what is in focus."""
    rows = [row for row in rows if row.get(rank) is not None]
    if not rows:
        return nothing_to_draw(finding)
    wanted = in_focus(finding, focus)
    last = max(str(row[period]) for row in rows)
    kept = {row[label] for row in rows if str(row[period]) == last and row[rank] <= limit}
    kept |= {row[label] for row in rows if row[label] in wanted}
    rows = [row for row in rows if row[label] in kept]
    drawn, room = series_rows(finding, rows, label, (period, rank), wanted, colour_all=False)
    # What nobody asks about may have started far below; its way up would squeeze everything else.
    deepest = max(int(row[rank]) for row in drawn if row["focus"] or str(row[period]) == last or row[rank] <= limit)
    height = min(26 * deepest, 26 * 22)
    base = chart_of(drawn)
    across = _periods(drawn, period)
    up = alt.Y(
        f"{rank}:Q",
        scale=alt.Scale(domain=[1, max(deepest, 2)], reverse=True, nice=False),
        axis=alt.Axis(
            title=heading(finding, rank),
            grid=False,
            tickMinStep=1,
            format="d",
            titleAngle=0,
            titleAlign="left",
            titleBaseline="bottom",
            titleX=-24,
            titleY=-12,
        ),
    )
    tone = alt.Color("tone:N", scale=None)
    tips = tooltip(finding, label, (period, rank))
    layers: list[Any] = []
    # Points of many periods would run into one another.
    near = min(1.0, (width() - room - 66) / len({row[period] for row in drawn}) / 12)
    for focused, thick, size in ((False, 1.5, 26 * near), (True, 3, 60 * near)):
        if not any(row["focus"] == focused for row in drawn):
            continue
        part = base.transform_filter("datum.focus" if focused else "!datum.focus")
        layers.append(
            part.mark_line(strokeWidth=thick, interpolate="monotone", clip=not focused).encode(
                x=across, y=up, color=tone, detail=f"{label}:N", tooltip=tips
            )
        )
        layers.append(
            part.transform_filter(f"datum['{rank}'] <= {deepest}")
            .mark_point(filled=True, size=size, opacity=1)
            .encode(x=across, y=up, color=tone, tooltip=tips)
        )
    ends = line_ends(drawn, period)
    for row in ends:
        row["name"] = f"{row[rank]:.0f}  {row['name']}"
    layers.append(end_labels(apart(ends, rank, height, [1, deepest], flip=True), period, rank, across))
    chart = alt.layer(*layers).properties(width=width() - room - 66, height=max(height, 120))
    return finished(chart, finding)


def series_rows(
    finding: Finding,
    rows: Rows,
    series: str,
    told: tuple[str, ...],
    wanted: set[str],
    *,
    colour_all: bool = True,
) -> tuple[list[dict[str, Any]], int]:
    """Rows with name, focus and colour of their series; the width that names take."""
    most = 96 if is_narrow() else 190
    drawn = prepared(finding, rows, series, told)
    ids = list(dict.fromkeys(row[series] for row in drawn))
    focused = [i for i in ids if i in wanted]
    if not focused and colour_all and len(ids) <= len(KINDS):
        focused = ids
    tokens = {i: ("focus" if len(focused) == 1 else KINDS[n % len(KINDS)]) for n, i in enumerate(focused)}
    for row in drawn:
        row["focus"] = row[series] in tokens
        row["tone"] = colour(tokens.get(row[series], "rest"))
        row["name"] = cut(row["name"], most)
    return drawn, int(max(text_width(row["name"], 12) for row in drawn)) + 26


def line_ends(drawn: list[dict[str, Any]], x: str, y: str | None = None) -> list[dict[str, Any]]:
    last: dict[str, dict[str, Any]] = {}
    for row in drawn:
        if row["name"] not in last or _later(row[x], last[row["name"]][x]):
            last[row["name"]] = dict(row)
    shown = list(last.values())
    # Names of grey lines help only while they are few; the largest ones give the scale.
    top = sorted(shown, key=lambda row: (-float(row[y]), row["name"]))[:4] if y else []
    first = {row["name"] for row in top}
    return shown if len(shown) <= 16 else [row for row in shown if row["focus"] or row["name"] in first]


def _later(one: Any, other: Any) -> bool:
    return bool(one >= other) if isinstance(one, (int, float)) else str(one) >= str(other)


def apart(
    ends: list[dict[str, Any]], y: str, height: float, values: list[float], *, flip: bool = False, zero: bool = True
) -> list[dict[str, Any]]:
    """Move names up or down, so that none covers another."""
    low, high = min([*values, *([0.0] if zero and not flip else [])]), max(values)
    scale = height / ((high - low) or 1)
    gap = 14.0
    sign = 1 if flip else -1
    ends = sorted(ends, key=lambda row: (sign * float(row[y]), row["name"]))
    at = [sign * (float(row[y]) - (low if flip else high)) * scale for row in ends]
    placed = list(at)
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + gap)
    over = placed[-1] - (height + 4) if placed else 0
    if over > 0:
        placed[-1] -= over
        for i in range(len(placed) - 2, -1, -1):
            placed[i] = min(placed[i], placed[i + 1] - gap)
    for row, pixel in zip(ends, placed, strict=True):
        row["pixel"] = pixel
    return ends


def end_labels(ends: list[dict[str, Any]], x: str, y: str, across: alt.X) -> Any:
    base = chart_of(ends)
    return base.mark_text(align="left", dx=8, baseline="middle", limit=220).encode(
        x=across,
        y=alt.Y("pixel:Q", scale=None, axis=None),
        text="name:N",
        color=alt.condition("datum.focus", alt.Color("tone:N", scale=None), alt.value(colour("muted"))),
    )


def _periods(drawn: list[dict[str, Any]], x: str) -> alt.X:
    periods = sorted({str(row[x]) for row in drawn})
    every = max(1, -(-len(periods) // (5 if is_narrow() else 10)))
    # The last period is always named; the others count back from it.
    named = periods[::-1][::every][::-1]
    return alt.X(
        f"{x}:O",
        sort=periods,
        scale=alt.Scale(type="point", padding=0.2),
        axis=alt.Axis(title=None, values=named, labelAngle=0, labelOverlap=False, domain=True),
    )


__all__ = ["bump", "lines", "spec_of"]
