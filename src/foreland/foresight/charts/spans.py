"""Measures with their intervals, coloured by kind."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from foreland.charts import Key
from foreland.charts.common import Rows, axis, chart_of, finished, in_focus, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import colour, is_narrow, width
from foreland.core.finding import Finding


def growth_spans(finding: Finding, rows: Rows, measure: tuple[str, str, str], key: Key, title: str) -> Any:
    """Dots in the order of the rows, each on the span of its interval, with a line at the median.

    Parameters
    ----------
    measure
        Columns of the estimate, and of the lower and upper bound.
    key
        What dots are coloured by.
    title
        What the axis is called.
    """
    value, low, high = measure
    rows = [row for row in rows if row.get(value) is not None and row.get(key.column) is not None]
    if not rows:
        return nothing_to_draw(finding)
    told = (*measure, key.column)
    drawn, room = named_rows(finding, rows, "field_id", told, in_focus(finding, None))
    values = [row[value] for row in drawn]
    spread = max(values) - min(values) or 0.1
    bounds = [min(values) - 0.5 * spread, max(values) + 0.5 * spread]
    for row in drawn:
        row["left"], row["right"] = (
            None if row[end] is None else float(np.clip(row[end], *bounds)) for end in (low, high)
        )
    codes = [code for code in key.tokens if any(row[key.column] == code for row in drawn)]
    texts = [next(row[f"t_{key.column}"] for row in drawn if row[key.column] == code) for code in codes]
    fill = alt.Color(
        f"t_{key.column}:N",
        title=None,
        scale=alt.Scale(domain=texts, range=[colour(key.tokens[code]) for code in codes]),
        legend=alt.Legend(symbolType="circle", symbolOpacity=1, columns=2 if is_narrow() else 5),
    )
    scale = alt.Scale(zero=False, nice=False)
    x = alt.X(
        f"{value}:Q",
        scale=scale,
        axis=axis(finding, value, orient="top", title=title, tickCount=4 if is_narrow() else 7),
    )
    y = names_axis(drawn, room)
    # Pages may show another face, a little wider than the one that is measured.
    y["axis"]["minExtent"] = room
    tips = tooltip(finding, "field_id", told)
    base = chart_of(drawn)
    middle = float(np.median([row[value] for row in finding.rows() if row.get(value) is not None]))
    layers = [
        chart_of([{value: middle}]).mark_rule(color=colour("axis"), strokeDash=[3, 3]).encode(x=x),
        base.transform_filter("isValid(datum.left) && isValid(datum.right)")
        .mark_rule(strokeWidth=3, strokeCap="round", opacity=0.4)
        .encode(x=alt.X("left:Q"), x2="right:Q", y=y, color=fill, tooltip=tips),
        base.mark_point(filled=True, size=80, opacity=1, stroke=colour("surface"), strokeWidth=1).encode(
            x=x, y=y, color=fill, tooltip=tips
        ),
    ]
    return finished(alt.layer(*layers).properties(width=width() - room - 16, height=alt.Step(ROW)), finding)
