"""Charts of the mix of instruments."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from foreland.charts import heatmap
from foreland.charts.common import axis, chart_of, cut, finished, nothing_to_draw, prepared, tooltip
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

SIDES = {"supply": "kind1", "environment": "axis", "demand": "bench"}


@chart("policy.instruments", "bars")
def mix(finding: Finding) -> Any:
    """Share of each type with its interval; the line of every type is the share over all places."""
    rows = [row for row in finding.rows() if row["count"] or row["share_all"] > 0]
    rows.sort(key=lambda row: (-row["share"], row["instrument_id"]))
    drawn = prepared(finding, rows, "instrument_id", ("share", "share_all", "count", "low", "high", "side"))
    if not drawn:
        return nothing_to_draw(finding)
    for row in drawn:
        row["name"] = cut(row["name"], 130 if is_narrow() else 240)
    room = int(max(text_width(row["name"], 12) for row in drawn)) + 14
    order = [row["name"] for row in drawn]
    top = max(max(row["high"], row["share_all"]) for row in drawn)
    across = alt.X("share:Q", scale=alt.Scale(domain=[0, top * 1.04]), axis=axis(finding, "share"))
    down = alt.Y("name:N", sort=order, axis=alt.Axis(title=None, labelLimit=room))
    words = [t(f"policy.value.{side}", current_language()) for side in SIDES]
    hue = alt.Color(
        "t_side:N", title=None, legend=alt.Legend(symbolType="square"),
        scale=alt.Scale(domain=words, range=[colour(token) for token in SIDES.values()]),
    )  # fmt: skip
    tips = tooltip(finding, "instrument_id", ("share", "share_all", "count", "low", "high", "side"))
    base = chart_of(drawn)
    layers = [
        base.mark_bar(size=14).encode(x=across, y=down, color=hue, tooltip=tips),
        base.mark_rule(strokeWidth=1.3, color=colour("ink")).encode(
            x=alt.X("low:Q"), x2="high:Q", y=down, tooltip=tips
        ),
        base.mark_tick(thickness=3, size=19, color=colour("ink")).encode(x=alt.X("share_all:Q"), y=down, tooltip=tips),
    ]
    return finished(alt.layer(*layers).properties(width=width() - room - 12, height=alt.Step(24)), finding)


@chart("policy.instruments", "radar")
def radar(finding: Finding) -> Any:
    """Shares around a circle, grouped by side, beside the shares over all places; areas grow with the square."""
    rows = finding.rows()
    order = {side: i for i, side in enumerate(SIDES)}
    rows.sort(key=lambda row: (order[row["side"]], row["instrument_id"]))
    drawn = prepared(finding, rows, "instrument_id", ("share", "share_all", "side"))
    if len(drawn) < 3:
        return mix(finding)
    side = min(width() - 12, 560)
    top = max(max(row["share"], row["share_all"]) for row in drawn) or 1
    radius = side / 2 - (62 if is_narrow() else 92)
    marks, spokes, names = [], [], []
    for i, row in enumerate(drawn):
        angle = 2 * math.pi * i / len(drawn)
        x, y = math.sin(angle), math.cos(angle)
        spokes.append({"x": 0.0, "y": 0.0, "x2": radius * x, "y2": radius * y})
        hue = colour("muted" if row["side"] == "environment" else SIDES[row["side"]])
        align = "center" if abs(x) < 0.06 else "left" if x > 0 else "right"
        text = cut(row["name"], 60 if is_narrow() else 118)
        names.append({"x": (radius + 10) * x, "y": (radius + 10) * y, "text": text, "tone": hue, "align": align})
        for which in ("share", "share_all"):
            r = radius * row[which] / top
            marks.append({**row, "x": r * x, "y": r * y, "which": which, "order": i})
    closing = [{**mark, "order": len(drawn)} for mark in marks if mark["order"] == 0]
    domain = [-side / 2, side / 2]
    frame = {
        "x": alt.X("x:Q", axis=None, scale=alt.Scale(domain=domain, nice=False)),
        "y": alt.Y("y:Q", axis=None, scale=alt.Scale(domain=domain, nice=False)),
    }
    tips = tooltip(finding, "instrument_id", ("share", "share_all", "side"))
    own = chart_of([mark for mark in marks + closing if mark["which"] == "share"])
    other = chart_of([mark for mark in marks + closing if mark["which"] == "share_all"])
    layers: list[Any] = [
        chart_of(spokes).mark_rule(color=colour("grid")).encode(**frame, x2="x2:Q", y2="y2:Q"),
        other.mark_line(color=colour("muted"), strokeDash=[4, 3], strokeWidth=1.5).encode(**frame, order="order:Q"),
        own.mark_line(color=colour("focus"), strokeWidth=2.5).encode(**frame, order="order:Q"),
        own.mark_point(filled=True, size=60, color=colour("focus"), opacity=1).encode(**frame, tooltip=tips),
        *(
            chart_of([row for row in names if row["align"] == align])
            .mark_text(align=align, fontSize=10.5 if is_narrow() else 12)
            .encode(**frame, text="text:N", color=alt.Color("tone:N", scale=None))
            for align in ("left", "center", "right")
            if any(row["align"] == align for row in names)
        ),
    ]
    return finished(alt.layer(*layers).properties(width=side, height=side), finding)


@chart("policy.instruments", "balance")
def balance(finding: Finding) -> Any:
    """Supply, environment and demand in each place, by the share of demand."""
    held: dict[str, dict[str, float]] = {}
    for row in finding.rows():
        own = held.setdefault(row["region_id"], dict.fromkeys(SIDES, 0.0))
        own[row["side"]] += row["share"]
    order = sorted(held, key=lambda place: (-held[place]["demand"], place))
    rows = []
    for place in order:
        start = 0.0
        for side in SIDES:
            rows.append(
                {
                    "region_id": place,
                    "side": side,
                    "share": held[place][side],
                    "x": start,
                    "x2": start + held[place][side],
                }
            )
            start += held[place][side]
    drawn = prepared(finding, rows, "region_id", ("side", "share"))
    if not drawn:
        return nothing_to_draw(finding)
    for row in drawn:
        row["name"] = cut(row["name"], 110 if is_narrow() else 200)
        row["ink"] = colour("on_pale" if row["side"] == "environment" else "on_strong")
        row["middle"], row["text"] = (row["x"] + row["x2"]) / 2, row["t_share"] if row["share"] > 0.08 else ""
    room = int(max(text_width(row["name"], 12) for row in drawn)) + 14
    words = [t(f"policy.value.{side}", current_language()) for side in SIDES]
    hue = alt.Color(
        "t_side:N", title=None, legend=alt.Legend(symbolType="square"),
        scale=alt.Scale(domain=words, range=[colour(token) for token in SIDES.values()]),
    )  # fmt: skip
    down = alt.Y("name:N", sort=[row["name"] for row in drawn], axis=alt.Axis(title=None, labelLimit=room))
    frame = alt.Scale(domain=[0, 1], nice=False)
    base = chart_of(drawn)
    layers = [
        base.mark_bar(size=17, stroke=colour("surface"), strokeWidth=1).encode(
            x=alt.X("x:Q", scale=frame, axis=axis(finding, "share")), x2="x2:Q", y=down, color=hue,
            tooltip=tooltip(finding, "region_id", ("side", "share")),
        ),
        base.mark_text(fontSize=10.5).encode(
            x=alt.X("middle:Q", scale=frame), y=down, text="text:N", color=alt.Color("ink:N", scale=None)
        ),
    ]  # fmt: skip
    return finished(alt.layer(*layers).properties(width=width() - room - 12, height=alt.Step(22)), finding)


@chart("policy.instruments", "heat")
def heat(finding: Finding) -> Any:
    """Places by types: share against that over all places."""
    rows = finding.rows()
    held: dict[str, int] = {}
    for row in rows:
        held[row["instrument_id"]] = held.get(row["instrument_id"], 0) + row["count"]
    rows.sort(key=lambda row: (row["region_id"], -held[row["instrument_id"]], row["instrument_id"]))
    return heatmap(finding, rows, x="instrument_id", y="region_id", value="ratio", midpoint=1.0)
