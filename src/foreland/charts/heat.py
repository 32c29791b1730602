"""The heat map: places × fields, or fields × periods."""

from __future__ import annotations

from collections.abc import Collection
from math import ceil

import altair as alt
import numpy as np

from foreland.charts.classes import class_legend, class_limits, class_tokens
from foreland.charts.common import (
    Rows,
    bold_where,
    chart_of,
    cut,
    finished,
    in_focus,
    ink_where,
    nothing_to_draw,
    prepared,
    tooltip,
)
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding

LINE = 13
"""Pixels that a name stood on end takes across."""


def heatmap(
    finding: Finding,
    rows: Rows,
    *,
    x: str,
    y: str,
    value: str,
    midpoint: float | None = None,
    focus: str | Collection[str] | None = None,
) -> alt.VConcatChart:
    """Cells coloured in classes, rows and columns in the order they first come in ``rows``.

    Parameters
    ----------
    x, y
        Columns that the cells are laid out by.
    midpoint
        Value that two colours part at.
    """
    if not rows:
        return nothing_to_draw(finding)
    drawn = prepared(finding, rows, y, (x, value))
    wanted = in_focus(finding, focus)
    most = 104 if is_narrow() else 220
    for row in drawn:
        row["name"], row["over"] = cut(row["name"], most), cut(row[f"t_{x}"], 150)
    across = list(dict.fromkeys(row["over"] for row in drawn))
    down = list(dict.fromkeys(row["name"] for row in drawn))
    room = int(max(text_width(name, 12) for name in down)) + 12
    inner = width() - room - 12
    step = inner / len(across)
    upright = max(text_width(name, 11) for name in across) > step - 4
    # Names stood on end need a line each; where columns are narrower, every second or third is named.
    named = across[:: max(1, ceil(LINE / step))] if upright else across
    known = [row[value] for row in drawn if row[value] is not None]
    edges = class_limits(known, midpoint)
    tokens = class_tokens(len(edges) + 1, midpoint)
    for row in drawn:
        empty = row[value] is None
        token = "missing" if empty else tokens[int(np.searchsorted(edges, row[value], side="right"))]
        row["fill"] = colour(token)
    focused = {row["name"] for row in drawn if row[y] in wanted}
    above = {row["over"] for row in drawn if row[x] in wanted}
    cells = (
        chart_of(drawn)
        .mark_rect(stroke=colour("surface"), strokeWidth=1)
        .encode(
            x=alt.X(
                "over:N",
                sort=across,
                axis=alt.Axis(
                    title=None, orient="top", labelAngle=-90 if upright else 0, labelLimit=160, values=named,
                    labelOverlap=True, labelFontWeight=bold_where(above), labelColor=ink_where(above),
                ),
            ),
            y=alt.Y(
                "name:N",
                sort=down,
                axis=alt.Axis(
                    title=None, labelLimit=room, labelFontWeight=bold_where(focused), labelColor=ink_where(focused)
                ),
            ),
            color=alt.Color("fill:N", scale=None),
            tooltip=tooltip(finding, y, (x, value)),
        )
        .properties(width=inner, height=alt.Step(20 if len(down) > 25 else 24))
    )  # fmt: skip
    legend = class_legend(finding, value, known, edges, tokens, len(known) < len(drawn))
    return finished(alt.vconcat(legend, cells, spacing=14), finding)
