"""Charts of what is called to grow fast."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import lines
from foreland.charts.common import axis, chart_of, finished, nothing_to_draw, tooltip
from foreland.charts.parts import keyed
from foreland.charts.theme import colour, is_narrow, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.foresight.charts.scorecard import SIGNS, TONES, named_units, rows_of, strip
from foreland.i18n import current_language, t

MOST = 40
"""Most units of one picture."""


@chart("foresight.forecast", "chances")
def chances(finding: Finding) -> Any:
    """Probability of each call by who makes it and by the model; dashed, the share of all candidates before."""
    rows = [{"region_id": None, **row} for row in finding.rows()[:MOST]]
    if not rows:
        return nothing_to_draw(finding)
    by_model = all(row["chance"] == row["model_chance"] for row in rows)
    kinds = ("chance",) if by_model else ("chance", "model_chance")
    told = (*kinds, "base_rate", "share_growth", "count", "called_before", "came_before")
    drawn, room = named_units(finding, rows, told)
    y = alt.Y("name:N", sort=[row["name"] for row in drawn], axis=alt.Axis(title=None, labelLimit=room, labelPadding=8))
    tips = tooltip(finding, "field_id", ("region_id", *told) if rows[0]["region_id"] else told)
    base = chart_of(drawn)
    layers: list[Any] = [
        chart_of([{"base_rate": rows[0]["base_rate"]}])
        .mark_rule(color=colour("bench"), strokeWidth=1.5, strokeDash=[4, 3])
        .encode(x=alt.X("base_rate:Q"))
    ]
    for kind, tone, sign in zip(kinds, TONES, SIGNS, strict=False):
        across = axis(finding, "chance", orient="top", tickCount=3 if is_narrow() else 5)
        x = alt.X(f"{kind}:Q", axis=across, scale=alt.Scale(zero=True))
        mark = base.mark_point(filled=True, size=70, opacity=0.95, color=colour(tone), shape=sign)
        layers.append(mark.encode(x=x, y=y, tooltip=tips))
    picture = alt.layer(*layers).properties(width=width() - room - 16, height=alt.Step(22))
    language = current_language()
    words = [t("foresight.forecast.own_chance", language), t("foresight.value.model", language)]
    marks = [*zip(TONES, "●◆", words[: len(kinds)], strict=False)]
    marks.append(("bench", "┆", t("foresight.scorecard.all_candidates", language)))
    return keyed(finished(picture, finding), marks)


@chart("foresight.forecast", "courses")
def courses(finding: Finding) -> Any:
    """Share over the years of the units called first."""
    rows = rows_of(finding, "courses")
    if not rows:
        return nothing_to_draw(finding)
    if rows[0]["region_id"] is None:
        return lines(finding, rows, y="output_share", series="field_id", focus=())
    for row in rows:
        row["unit"] = f"{finding.name(row['region_id'])} · {finding.name(row['field_id'])}"
    return lines(finding, rows, y="output_share", series="unit", focus=())


@chart("foresight.forecast", "before")
def before(finding: Finding) -> Any:
    """Earlier calls of the same units, and what came of them."""
    order = [(row.get("region_id"), row["field_id"]) for row in finding.rows()][:MOST]
    return strip(finding, rows_of(finding, "calls"), order)
