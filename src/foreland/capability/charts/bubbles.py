"""Bubbles: two measures against each other, their area a third."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from foreland.charts.common import (
    Rows,
    axis,
    chart_of,
    finished,
    heading,
    in_focus,
    nothing_to_draw,
    prepared,
    tooltip,
    up_axis,
)
from foreland.charts.parts import cloud_size, padded, placed_names
from foreland.charts.ratios import TICKS
from foreland.charts.theme import colour, is_narrow
from foreland.core.finding import Finding
from foreland.i18n import current_language, t


@dataclass(frozen=True)
class Axes:
    """Two measures; on a logarithmic scale where ``log`` says so; dashed lines at ``cross``.

    ``diagonal`` is what a line of equal values is called, ``note`` what colour means.
    """

    x: str
    y: str
    log: tuple[bool, bool] = (False, False)
    cross: tuple[float | None, float | None] = (None, None)
    diagonal: str = ""
    note: str = ""


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
        The measures.
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
        low, high = padded([*values, *([] if axes.cross[i] is None or log else [float(axes.cross[i] or 0)])])
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
    named = placed_names(
        [{**row, "focus": row["focus"] and forced} for row in drawn], ("s0", "s1"), domains, cloud_size()
    )
    layers += [_beside(named, side, across, up) for side in ("right", "left")]
    words = axes.note or (t("capability.chart.size", current_language(), what=heading(finding, size)) if size else "")
    if words:
        layers.append(
            chart_of([{"text": words}])
            .mark_text(align="right", baseline="bottom", x={"expr": "width"}, y=-6, color=colour("muted"), fontSize=11)
            .encode(text="text:N")
        )
    wide, high = cloud_size()
    return finished(alt.layer(*layers).properties(width=wide, height=high), finding)


def _beside(named: Rows, side: str, across: alt.X, up: alt.Y) -> alt.Chart:
    """Names on one side of their points, clear of the point's own area."""
    sign = 1 if side == "right" else -1
    return (
        chart_of([row for row in named if row["side"] == side])
        .mark_text(
            align="left" if sign > 0 else "right",
            dx={"expr": f"{sign} * (4 + sqrt((isValid(datum.area) ? datum.area : 80) / PI))"},
            fontSize=11,
            baseline="middle",
        )
        .encode(x=across, y=up, text="short:N")
    )


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
                .mark_text(align="right", baseline="bottom", dy=-6, color=colour("bench"), fontWeight=600)
                .encode(x=across, y=up, text="text:N")
            )
    return layers


def median(rows: Rows, column: str) -> float | None:
    """The median of a column; None where nothing is known."""
    known = [row[column] for row in rows if row.get(column) is not None]
    return float(np.median(known)) if known else None
