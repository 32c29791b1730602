"""Charts of where sectors stand in the chain."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import ranked_bars, scatter
from foreland.charts.common import axis, chart_of, finished, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import colour, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

SHOWN = 25


@chart("chains.position", "plane")
def plane(finding: Finding) -> Any:
    """Steps from primary inputs against steps to final use."""
    return scatter(finding, finding.rows(), x="downstreamness", y="upstreamness", label="field_id")


@chart("chains.position", "ranking")
def ranking(finding: Finding) -> Any:
    """Sectors from the most upstream on."""
    return ranked_bars(finding, finding.rows(), label="field_id", value="upstreamness", limit=45)


@chart("chains.position", "steps")
def steps(finding: Finding) -> Any:
    """Steps from suppliers, and to customers, of the sector asked for; the larger the dot, the stronger the linkage."""
    rows = [row for row in finding.rows() if "steps_to" in row][:SHOWN]
    if not rows:
        return nothing_to_draw(finding)
    told = ("steps_to", "strength_to", "steps_from", "strength_from")
    drawn, room = named_rows(finding, rows, "field_id", told, set())
    language = current_language()
    words = [t(f"chains.chart.steps.{way}", language) for way in ("to", "from")]
    dots = [
        {**row, "way": words[n], "at": row[f"steps_{way}"], "size": row[f"strength_{way}"]}
        for row in drawn
        for n, way in enumerate(("to", "from"))
        if row[f"steps_{way}"] is not None
    ]
    x = alt.X("at:Q", scale=alt.Scale(zero=False), axis=axis(finding, "steps_to", orient="top", title=None))
    marks = (
        chart_of(dots)
        .mark_point(filled=True, opacity=0.85)
        .encode(
            x=x,
            y=names_axis(drawn, room),
            size=alt.Size("size:Q", scale=alt.Scale(range=[40, 420]), legend=None),
            color=alt.Color(
                "way:N",
                title=None,
                scale=alt.Scale(domain=words, range=[colour("kind1"), colour("kind2")]),
                legend=alt.Legend(symbolType="circle"),
            ),
            tooltip=tooltip(finding, "field_id", told),
        )
    )
    return finished(alt.layer(marks).properties(width=width() - room - 16, height=alt.Step(ROW)), finding)


@chart("chains.position", "reach")
def reach(finding: Finding) -> Any:
    """How strongly the sector hangs on its suppliers, however many steps away."""
    rows = sorted(
        (row for row in finding.rows() if row.get("steps_to")), key=lambda row: (-row["strength_to"], row["field_id"])
    )
    return ranked_bars(finding, rows, label="field_id", value="strength_to", focus=(), limit=SHOWN)
