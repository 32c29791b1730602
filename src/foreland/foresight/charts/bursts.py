"""Charts of bursts: when they were, how strong, and how shares went."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import lines, ranked_bars
from foreland.charts.common import chart_of, finished, in_focus, nothing_to_draw, plain, tooltip
from foreland.charts.parts import ROW, keyed, named_rows, names_axis
from foreland.charts.theme import colour, is_narrow, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

MOST = 30
"""Most units of one picture."""
TONES = ("seq2", "seq3", "seq4", "seq5", "seq5")
"""Colours of the levels, the first the palest."""


@chart("foresight.bursts", "timeline")
def timeline(finding: Finding) -> Any:
    """Bursts over the years, level upon level; the units whose first burst is earliest on top."""
    rows = finding.rows()
    strongest: dict[str, float] = {}
    for row in rows:
        strongest[row["field_id"]] = max(strongest.get(row["field_id"], 0.0), row["strength"])
    wanted = in_focus(finding, None)
    kept = sorted(strongest, key=lambda field: (field not in wanted, -strongest[field], field))[:MOST]
    first = {field: min(row["from_period"] for row in rows if row["field_id"] == field) for field in kept}
    last = {field: max(row["to_period"] for row in rows if row["field_id"] == field) for field in kept}
    order = {field: n for n, field in enumerate(sorted(kept, key=lambda field: (first[field], last[field], field)))}
    shown = [row for row in rows if row["field_id"] in order]
    if not shown:
        return nothing_to_draw(finding)
    shown.sort(key=lambda row: (order[row["field_id"]], row["burst_level"], row["from_period"]))
    told = ("burst_level", "from_period", "to_period", "running", "rise", "strength", "count")
    drawn, room = _named(finding, shown, told)
    for row in drawn:
        row["left"], row["right"] = int(row["from_period"][:4]) - 0.5, int(row["to_period"][:4]) + 0.5
        row["tone"] = colour(TONES[row["burst_level"] - 1])
        row["thick"] = 0.42 + 0.12 * min(row["burst_level"], 4)
    periods = finding.tables["series"]["period"].to_pylist()
    begin, end = int(min(periods)[:4]), int(max(periods)[:4])
    across = alt.X(
        "left:Q",
        scale=alt.Scale(domain=[begin - 0.5, end + 0.5 + (end - begin) * 0.03], nice=False, zero=False),
        axis=alt.Axis(title=None, orient="top", format="d", tickCount=4 if is_narrow() else 8, grid=True),
    )
    down = names_axis(drawn, room)
    # Pages may show another face, a little wider than the one that is measured.
    down["axis"]["minExtent"] = room
    base = chart_of(drawn)
    layers: list[Any] = [
        base.transform_filter(f"datum.burst_level == {level}")
        .mark_bar(height={"band": max(0.72 - 0.14 * (level - 1), 0.2)}, cornerRadius=1)
        .encode(
            x=across,
            x2="right:Q",
            y=down,
            color=alt.Color("tone:N", scale=None),
            tooltip=tooltip(finding, "field_id", told),
        )
        for level in sorted({row["burst_level"] for row in drawn})
    ]
    on = [row for row in drawn if row["running"] and row["burst_level"] == 1]
    if on:
        layers.append(
            chart_of(on)
            .mark_text(text="▶", align="left", dx=1, baseline="middle", fontSize=11, color=colour("focus"))
            .encode(x=alt.X("right:Q"), y=down)
        )
    language = current_language()
    picture = alt.layer(*layers).properties(width=width() - room - 16, height=alt.Step(ROW))
    marks = [
        (TONES[level - 1], "■", t("foresight.bursts.key.level", language, level=level))
        for level in sorted({row["burst_level"] for row in drawn})
    ]
    return keyed(finished(picture, finding), [*marks, ("focus", "▶", t("foresight.bursts.key.running", language))])


@chart("foresight.bursts", "ranking")
def ranking(finding: Finding) -> Any:
    """The strongest burst of each unit, those still on in colour."""
    best: dict[str, dict[str, Any]] = {}
    for row in finding.rows():
        known = best.get(row["field_id"])
        if row["burst_level"] == 1 and (known is None or row["strength"] > known["strength"]):
            best[row["field_id"]] = row
    rows = sorted(best.values(), key=lambda row: (-row["strength"], row["field_id"]))
    on = {row["field_id"] for row in rows if row["running"]}
    drawn = ranked_bars(finding, rows[:MOST], label="field_id", value="strength", focus=on, limit=MOST)
    language = current_language()
    marks = [
        ("focus", "■", t("foresight.bursts.key.running", language)),
        ("rest", "■", t("foresight.bursts.key.over", language)),
    ]
    return keyed(drawn, marks)


@chart("foresight.bursts", "lines")
def shares(finding: Finding) -> Any:
    """Shares of all documents of the units that burst: the strongest in colour."""
    series = [{key: plain(value) for key, value in row.items()} for row in finding.tables["series"].to_pylist()]
    kept = list(dict.fromkeys(row["field_id"] for row in finding.rows()))[:MOST]
    chosen = [field for field in finding.scope.field if field in kept] or kept[:5]
    return lines(
        finding, [row for row in series if row["field_id"] in kept], y="output_share", series="field_id", focus=chosen
    )


def _named(finding: Finding, rows: list[dict[str, Any]], told: tuple[str, ...]) -> tuple[list[dict[str, Any]], int]:
    """Rows named by unit: the bursts of a unit share its name and its line."""
    one_each = list({row["field_id"]: row for row in rows}.values())
    named, room = named_rows(finding, one_each, "field_id", told, in_focus(finding, None))
    called = {row["field_id"]: (row["name"], row["focus"]) for row in named}
    written, _ = named_rows(finding, rows, "field_id", told, in_focus(finding, None))
    for row in written:
        row["name"], row["focus"] = called[row["field_id"]]
    return written, room
