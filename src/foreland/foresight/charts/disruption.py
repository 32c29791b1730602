"""Charts of the CD index."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import intervals, ranked_bars, scatter
from foreland.charts.common import chart_of, finished, nothing_to_draw, plain, prepared, tooltip, up_axis
from foreland.charts.parts import keyed
from foreland.charts.theme import colour, is_narrow, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

ENDS = 12
"""Documents drawn of either end."""


@chart("foresight.disruption", "ranking")
def ranking(finding: Finding) -> Any:
    """The most disrupting and the most consolidating documents; fields with their interval.

    Of a place, fields by how far its documents lie from all others.
    """
    rows = finding.rows()
    if rows and "field_id" in rows[0]:
        if "cd_difference" in rows[0]:
            rows = [row for row in rows if row["cd_difference"] is not None]
            ends = {"low": "cd_difference_low", "high": "cd_difference_high"}
            return intervals(finding, rows[:40], label="field_id", value="cd_difference", **ends)
        return intervals(finding, rows[:40], label="field_id", value="cd", low="cd_low", high="cd_high")
    shown = rows if len(rows) <= 2 * ENDS else rows[:ENDS] + rows[-ENDS:]
    return ranked_bars(finding, shown, label="title", value="cd", focus=(), limit=2 * ENDS)


@chart("foresight.disruption", "years")
def years(finding: Finding) -> Any:
    """The mean of the documents of each year with its 95 % interval; of a place beside that of all others."""
    table = finding.tables.get("years")
    rows = [] if table is None else [{k: plain(v) for k, v in row.items()} for row in table.to_pylist()]
    if len(rows) < 2:
        return nothing_to_draw(finding)
    beside = "cd_rest" in rows[0]
    told = ("cd", "cd_low", "cd_high", *(["cd_rest"] if beside else []), "count")
    drawn = prepared(finding, rows, "period", told)
    periods = [row["period"] for row in drawn]
    every = max(1, -(-len(periods) // (5 if is_narrow() else 12)))
    # Below a place's years stands what the lines are.
    side: Any = {"orient": "top"} if beside else {}
    across = alt.X(
        "period:O",
        sort=periods,
        axis=alt.Axis(title=None, labelAngle=0, values=periods[::-every][::-1], grid=False, **side),
    )
    up = alt.Y("cd:Q", axis=up_axis(finding, "cd"), scale=alt.Scale(zero=True))
    base = chart_of(drawn)
    tips = tooltip(finding, "period", told)
    layers = alt.layer(
        chart_of([{"cd": 0}]).mark_rule(color=colour("axis")).encode(y="cd:Q"),
        base.mark_rule(color=colour("rest"), strokeWidth=3, strokeCap="round").encode(
            x=across, y=alt.Y("cd_low:Q"), y2="cd_high:Q", tooltip=tips
        ),
        base.mark_line(color=colour("focus"), strokeWidth=1.5).encode(x=across, y=up),
        base.mark_point(filled=True, opacity=1, size=45, color=colour("focus")).encode(x=across, y=up, tooltip=tips),
    )
    picture = layers.properties(width=width() - 60, height=240 if is_narrow() else 320)
    if not beside:
        return finished(picture, finding)
    rest = chart_of([row for row in drawn if row["cd_rest"] is not None])
    picture.layer.append(
        rest.mark_line(color=colour("bench"), strokeWidth=1.5, strokeDash=[5, 3]).encode(x=across, y="cd_rest:Q")
    )
    language = current_language()
    named = " · ".join(finding.name(region, language) for region in finding.scope.region)
    marks = [("focus", "●", named), ("bench", "—", t("foresight.chart.all_others", language))]
    return finished(keyed(picture, marks), finding)


@chart("foresight.disruption", "plane")
def plane(finding: Finding) -> Any:
    """The index against citations: a value of few citations says little."""
    rows = finding.rows()
    if rows and "field_id" in rows[0]:
        return scatter(finding, rows, x="count", y="cd", label="field_id")
    return scatter(finding, rows, x="cited_window", y="cd", label="title")
