"""Charts of a Delphi survey: years by round, importance against time, obstacles."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import heatmap, scatter
from foreland.charts.common import chart_of, finished, nothing_to_draw, tooltip
from foreland.charts.parts import keyed, named_rows
from foreland.charts.theme import colour, is_narrow, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

MOST = 30
"""Most topics of one picture."""
STEP, LANE = 22, 13
"""Height of a topic, and of each of its rounds."""


@chart("foresight.delphi", "years")
def years(finding: Finding) -> Any:
    """A line a round from quartile to quartile, a dot at the median; an open end where a quarter says never."""
    order = [row["field_id"] for row in finding.rows()][:MOST]
    rows = [row for row in finding.tables["rounds"].to_pylist() if row["field_id"] in order]
    placed = [row for row in rows if row["year_from"] is not None]
    if not placed:
        return nothing_to_draw(finding)
    ends = [row[name] for row in placed for name in ("year_from", "year_at", "year_to") if row[name] is not None]
    first, last = min(ends), max(ends)
    reach = max(last - first, 4)
    edge = last + 0.1 * reach
    for row in placed:
        row["open_end"] = row["year_to"] is None
        row["end"] = edge if row["open_end"] else row["year_to"]
        row["never"] = row["year_at"] is None
        row["year_range"] = f"{row['year_from']:g} – {'∞' if row['open_end'] else format(row['year_to'], 'g')}"
        row["year_median"] = "∞" if row["never"] else f"{row['year_at']:g}"
    told = ("round", "year_median", "year_range", "never_share", "answers")
    drawn, room = named_rows(finding, placed, "field_id", told, set())
    calls: dict[str, str] = {}
    for row in drawn:  # One name a topic: each has a row for every round.
        row["name"] = calls.setdefault(row["field_id"], row["name"])
    names = [calls[topic] for topic in order if topic in calls]
    rounds = sorted({row["round"] for row in drawn})
    for row in drawn:
        row["lane"] = rounds.index(row["round"])
        row["t_round"] = t("foresight.delphi.round", current_language(), number=row["round"])
    lanes = len(rounds)
    height = max(STEP, LANE * lanes + 8)
    across = alt.X(
        "year_from:Q",
        scale=alt.Scale(domain=[first - 0.04 * reach, edge], nice=False),
        axis=alt.Axis(title=None, orient="top", format="d", tickCount=4 if is_narrow() else 8, tickMinStep=1),
    )
    down = alt.Y(
        "name:N",
        sort=names,
        scale=alt.Scale(paddingInner=0.0, paddingOuter=0.0),
        axis=alt.Axis(title=None, grid=False, labelLimit=room, labelPadding=8, labelColor=colour("ink")),
    )
    tokens = ["axis"] * (lanes - 1) + ["focus"] if lanes > 1 else ["focus"]
    said = [t("foresight.delphi.round", current_language(), number=number) for number in rounds]
    paint = alt.Color(
        "t_round:N",
        title=None,
        scale=alt.Scale(domain=said, range=[colour(token) for token in tokens]),
        legend=alt.Legend(symbolType="circle") if lanes > 1 else None,
    )
    tips = tooltip(finding, "field_id", told)
    layers: list[Any] = []
    for lane in range(lanes):
        shift = (lane - (lanes - 1) / 2) * LANE
        here = [row for row in drawn if row["lane"] == lane]
        if not here:
            continue
        base = chart_of(here)
        layers.append(
            base.mark_rule(strokeWidth=4 if lane == lanes - 1 else 3, strokeCap="round", yOffset=shift, opacity=0.55)
            .encode(x=across, x2="end:Q", y=down, color=paint, tooltip=tips)
        )  # fmt: skip
        dots = [row for row in here if not row["never"]]
        if dots:
            layers.append(
                chart_of(dots).mark_point(filled=True, size=85, opacity=1, yOffset=shift, stroke=colour("surface"),
                                          shape="circle" if lane == lanes - 1 else "diamond")
                .encode(x=alt.X("year_at:Q"), y=down, color=paint, tooltip=tips)
            )  # fmt: skip
        ends_open = [row for row in here if row["open_end"]]
        if ends_open:
            layers.append(
                chart_of(ends_open).mark_text(text="→", yOffset=shift, fontSize=13, dx=-4, fontWeight=700)
                .encode(x=alt.X("end:Q"), y=down, color=paint, tooltip=tips)
            )  # fmt: skip
    drawing = alt.layer(*layers).properties(width=width() - room - 16, height=alt.Step(height))
    language = current_language()
    marks = [
        ("focus", "●", t("foresight.delphi.key.median", language)),
        ("focus", "━", t("foresight.delphi.key.half", language)),
    ]
    if any(row["open_end"] for row in drawn):
        marks.append(("focus", "→", t("foresight.delphi.key.never", language)))
    return keyed(finished(drawing, finding), marks)


@chart("foresight.delphi", "plane")
def plane(finding: Finding) -> Any:
    """Importance against the years to come of the last round."""
    rounds = finding.tables["rounds"].to_pylist()
    last = max((row["round"] for row in rounds), default=0)
    rows = [row for row in rounds if row["round"] == last and row["years_to_come"] is not None]
    return scatter(finding, rows, x="years_to_come", y="importance_index", label="field_id")


@chart("foresight.delphi", "obstacles")
def obstacles(finding: Finding) -> Any:
    """Share of the answers that name an obstacle, by topic."""
    rows = finding.tables["obstacles"].to_pylist()
    order = [row["field_id"] for row in finding.rows()][:MOST]
    return heatmap(finding, [row for row in rows if row["field_id"] in order], x="obstacle", y="field_id",
                   value="obstacle_share")  # fmt: skip
