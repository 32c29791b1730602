"""Charts of countries beside each other."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import Key, Ratio, heatmap, ranked_bars, ratio_bars
from foreland.charts.common import axis, chart_of, finished, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

STRESS = Key("emphasis", {"more_others": "focus", "less_others": "bench", "like_others": "axis"})
MOST = 40
WIDEST = 1000
"""An interval with ends so many times apart says nothing, and would take all the room."""


@chart("policy.countries", "heat")
def heat(finding: Finding) -> Any:
    """Weight of each field in each country (or span of years) over its weight in the others."""
    rows, what = finding.rows(), _what(finding)
    total: dict[str, int] = {}
    for row in rows:
        total[row[what]] = total.get(row[what], 0) + row["mentions"]
    kept = set(sorted(total, key=lambda code: (-total[code], code))[:MOST])
    # What a group never says has no weight to show, only one that is shrunk.
    drawn = [
        {**row, "ratio_others": row["ratio_others"] if row["mentions"] else None} for row in rows if row[what] in kept
    ]
    drawn.sort(key=lambda row: (-total[row[what]], row[what], row["region_id"], row["span"]))
    across = _who(finding)
    order = {who: i for i, who in enumerate(sorted({row[across] for row in drawn}))}
    drawn.sort(key=lambda row: (-total[row[what]], row[what], order[row[across]]))
    return heatmap(finding, drawn, x=across, y=what, value="ratio_others", midpoint=1.0)


@chart("policy.countries", "ratio")
def ratio(finding: Finding) -> Any:
    """One country, or the last span, against the others."""
    rows = _of_one(finding)
    rows = [{**row, "high": min(row["high"], WIDEST * row["low"])} for row in rows if _tells(row)]
    rows.sort(key=lambda row: (-row["ratio_others"], row[_what(finding)]))
    # Names of fields and of instruments are found in the same way.
    named = [{**row, "field_id": row[_what(finding)]} for row in rows]
    return ratio_bars(
        finding, named, Ratio("ratio_others", ("low", "high"), also=("share", "share_others", "mentions")), key=STRESS
    )


@chart("policy.countries", "alike")
def alike(finding: Finding) -> Any:
    """How alike the emphasis of each is to that of each other."""
    rows = finding.tables["alike"].to_pylist()
    if not rows:
        return nothing_to_draw(finding)
    across, down = ("other_id", "region_id") if _who(finding) == "region_id" else ("other_span", "span")
    return heatmap(finding, rows, x=across, y=down, value="alike")


@chart("policy.countries", "targets")
def targets(finding: Finding) -> Any:
    """How many targets there are in so much text, and the furthest year that one has."""
    who = _who(finding)
    rows = [row for row in finding.tables["profile"].to_pylist() if row["target_density"] is not None]
    # Countries by how much they aim at, spans in the order of time.
    rows.sort(key=lambda row: (0 if who == "span" else -row["target_density"], row["span"], row["region_id"]))
    if not rows:
        return nothing_to_draw(finding)
    told = ("target_density", "targets", "horizon", "furthest", "supply_share", "environment_share", "demand_share")
    wanted = set(finding.scope.region)
    drawn, room = named_rows(finding, rows, who, told, wanted)
    language = current_language()
    for row in drawn:
        key = "policy.chart.until" if row["furthest"] else "policy.chart.undated"
        row["text"] = t(
            key, language, value=row["t_target_density"], count=row["t_targets"], year=row["furthest"] or ""
        )
        if is_narrow() or not row["targets"]:
            row["text"] = row["t_target_density"]
    number = int(max(text_width(row["text"], 12) for row in drawn)) + 10
    top = max(row["target_density"] for row in drawn) or 1
    x = alt.X("target_density:Q", scale=alt.Scale(domain=[0, top], nice=False),
              axis=axis(finding, "target_density", orient="top"))  # fmt: skip
    base, y = chart_of(drawn), names_axis(drawn, room)
    tips = tooltip(finding, who, told)
    ink = alt.condition("datum.focus", alt.value(colour("focus")), alt.value(colour("rest")))
    layers = [
        base.mark_bar(height={"band": 0.7}, cornerRadiusEnd=1).encode(x=x, y=y, color=ink, tooltip=tips),
        base.mark_text(align="left", dx=5).encode(
            x=alt.X("target_density:Q"), y=y, text="text:N", color=alt.value(colour("ink"))
        ),
    ]
    inner = width() - room - number - 8
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(ROW)), finding)


@chart("policy.countries", "bars")
def bars(finding: Finding) -> Any:
    """Shares of one country in one span."""
    rows, what = _of_one(finding), _what(finding)
    rows = sorted((row for row in rows if row["mentions"]), key=lambda row: (-row["share"], row[what]))
    return ranked_bars(finding, rows, label=what, value="share", limit=MOST)


def _tells(row: dict[str, Any]) -> bool:
    if row["ratio_others"] is None:
        return False
    return row["emphasis"] != "like_others" or row["high"] <= WIDEST * row["low"]


def _what(finding: Finding) -> str:
    return "field_id" if "field_id" in finding.table.column_names else "instrument_id"


def _who(finding: Finding) -> str:
    """Countries are compared where there are several, else spans of years."""
    return "region_id" if len(set(finding.tables["profile"]["region_id"].to_pylist())) > 1 else "span"


def _of_one(finding: Finding) -> list[dict[str, Any]]:
    """The rows of the country in focus, else of China's or the first; of a single country those of the last span."""
    rows = finding.rows()
    held = {row["region_id"] for row in rows}
    place = next((each for each in (finding.scope.focus, "CN") if each in held), min(held))
    last = max(row["span"] for row in rows if row["region_id"] == place)
    return [row for row in rows if row["region_id"] == place and row["span"] == last]
