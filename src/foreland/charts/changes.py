"""Changes taken apart: bars of parts that may point either way, with their sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from foreland.charts.common import Rows, axis, chart_of, finished, heading, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding


def stacked_parts(finding: Finding, rows: Rows, parts: Mapping[str, str], *, limit: int) -> alt.LayerChart:
    """The parts of each field's change beside each other, a dark tick at their sum, and the sum in figures.

    Parameters
    ----------
    rows
        Already ranked, with ``gained`` and the parts that sum to it; those without a sum are left out.
    parts
        Column → colour token, in the order they are stacked. A part that no row has is not drawn.
    """
    rows = [row for row in rows if row.get("gained") is not None][:limit]
    if not rows:
        return nothing_to_draw(finding)
    shown = [part for part in parts if any(row.get(part) for row in rows)]
    told = ("gained", *shown)
    drawn, room = named_rows(finding, rows, "field_id", told, set(finding.scope.field))
    # The unit in brackets is that of the axis.
    names = {part: heading(finding, part).partition(" (")[0].partition("（")[0] for part in shown}
    pieces = [
        {**row, "part": names[part], "amount": row[part] or 0.0, "nth": n}
        for row in drawn
        for n, part in enumerate(shown)
    ]
    number = int(max(text_width(row["t_gained"], 12) for row in drawn)) + 16
    inner = width() - room - number - 8
    y, tips = names_axis(drawn, room), tooltip(finding, "field_id", told)
    layers: list[Any] = [
        chart_of(pieces)
        .mark_bar(height={"band": 0.68})
        .encode(
            x=alt.X("amount:Q", stack="zero", axis=axis(finding, "gained", orient="top")),
            y=y,
            order=alt.Order("nth:Q"),
            tooltip=tips,
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=[colour(parts[part]) for part in shown]),
                legend=alt.Legend(symbolType="square", columns=1 if is_narrow() else 3),
            ),
        ),
        chart_of([{"amount": 0}]).mark_rule(color=colour("axis")).encode(x=alt.X("amount:Q")),
        chart_of(drawn)
        .mark_tick(color=colour("ink"), thickness=2.5, height={"band": 0.9})
        .encode(x=alt.X("gained:Q"), y=y, tooltip=tips),
        chart_of(drawn)
        .mark_text(align="right", x=inner + number - 4, baseline="middle")
        .encode(y=y, text="t_gained:N"),
    ]
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(ROW)), finding)
