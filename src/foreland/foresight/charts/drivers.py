"""Charts of technology push, scenario pull and policy assurance."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from foreland.charts import heatmap
from foreland.charts.common import chart_of, cut, finished, nothing_to_draw, plain, prepared, tooltip
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

DRIVERS = ("technology", "scenario", "policy")
TOKENS = {"technology": "kind1", "scenario": "kind2", "policy": "kind3"}
MOST = 40
"""Most rows of one picture."""


@chart("foresight.drivers", "lanes")
def lanes(finding: Finding) -> Any:
    """A lane a driver: index and interval of each field, or of each place where there is one field."""
    label = _label(finding)
    rows = finding.rows()
    order = list(dict.fromkeys(row[label] for row in rows))[:MOST]
    first = {row[label]: row["region_id"] for row in reversed(rows)}
    series = [
        row
        for row in _table(finding)
        if row[label] in order and (label == "region_id" or first[row[label]] == row["region_id"])
    ]
    if not any(row["driver_index"] is not None for row in series):
        return nothing_to_draw(finding)
    told = ("driver", "driver_index", "low", "high", "count")
    least = float(finding.provenance.parameters.get("min_count", 0))
    drawn = prepared(finding, series, label, told)
    narrow, language = is_narrow(), current_language()
    most = 92 if narrow else 220
    for row in drawn:
        row["name"] = cut(row["name"], most)
        row["tone"] = colour(TOKENS[row["driver"]])
        row["dash"] = "—"
        # Hollow where fewer were counted than make a driver strong.
        row["filled"] = row["tone"] if (row["count"] or 0) >= least else colour("surface")
    names = list(dict.fromkeys(row["name"] for row in sorted(drawn, key=lambda row: order.index(row[label]))))
    room = int(max(text_width(name, 12) for name in names)) + 12
    gap = 14
    inner = (width() - room - 2 * gap - 16) // 3
    strong = _strong(finding)
    panels = []
    for i, driver in enumerate(DRIVERS):
        own = [row for row in drawn if row["driver"] == driver]
        down = alt.Y("name:N", sort=names, axis=None if i else alt.Axis(title=None, labelLimit=room, labelPadding=8))
        across = alt.X(
            "driver_index:Q",
            scale=alt.Scale(domain=[0, 100]),
            axis=alt.Axis(
                title=t(f"foresight.drivers.corner.{driver}" if narrow else f"foresight.value.{driver}", language),
                orient="top", values=[0, 50, 100], grid=True,
            ),
        )  # fmt: skip
        known = [row for row in own if row["driver_index"] is not None]
        missing = [row for row in own if row["driver_index"] is None]
        tone = alt.Color("tone:N", scale=None)
        layers = [
            chart_of([{"at": strong}])
            .mark_rule(color=colour("bench"), strokeDash=[4, 3], strokeWidth=1.2)
            .encode(x=alt.X("at:Q", scale=alt.Scale(domain=[0, 100]))),
            chart_of(known or [{"name": names[0]}])
            .mark_rule(strokeWidth=3, opacity=0.35)
            .encode(x=alt.X("low:Q"), x2="high:Q", y=down, color=tone),
            chart_of(known or [{"name": names[0]}])
            .mark_point(size=58, opacity=1, strokeWidth=1.8)
            .encode(
                x=across,
                y=down,
                color=tone,
                fill=alt.Fill("filled:N", scale=None),
                tooltip=tooltip(finding, label, told),
            ),
            chart_of(missing)
            .mark_text(align="left", baseline="middle", color=colour("muted"))
            .encode(x=alt.value(2), y=down, text="dash:N"),
        ]
        panels.append(alt.layer(*layers).properties(width=inner, height=alt.Step(22)))
    return finished(alt.hconcat(*panels, spacing=gap).resolve_scale(y="shared"), finding)


@chart("foresight.drivers", "triangle")
def triangle(finding: Finding) -> Any:
    """Fields, or places, between three corners: the nearer a corner, the more that driver weighs in the sum."""
    label = _label(finding)
    complete = [
        row for row in finding.rows()
        if all(row.get(driver) is not None for driver in DRIVERS) and sum(row[driver] for driver in DRIVERS) > 0
    ]  # fmt: skip
    if not complete:
        return nothing_to_draw(finding)
    told = (*DRIVERS, "drive", "driver_type")
    drawn = prepared(finding, complete[:MOST], label, told)
    narrow, language = is_narrow(), current_language()
    side = width() - (60 if narrow else 240)
    for row in drawn:
        row["x"], row["y"] = position(*(row[driver] for driver in DRIVERS))
        row["name"] = cut(row["name"], 84 if narrow else 170)
        row["size"] = 30 + 2.2 * row["drive"]
        row["full"] = row["driver_type"] == "balanced"
    height = side * math.sqrt(3) / 2
    ends = [position(1, 0, 0), position(0, 1, 0), position(0, 0, 1)]
    # Names of the corners stand outside the triangle: at the top above it, at the foot below it.
    frame = [{"x": x, "y": y, "order": i} for i, (x, y) in enumerate([*ends, ends[0]])]
    across = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    up = alt.Y("y:Q", scale=alt.Scale(domain=[0, math.sqrt(3) / 2], nice=False), axis=None)
    layers: list[Any] = [
        chart_of(frame).mark_line(color=colour("axis"), strokeWidth=1.2).encode(x=across, y=up, order="order:Q"),
        chart_of(_thirds()).mark_rule(color=colour("grid")).encode(x=across, y=up, x2="x2:Q", y2="y2:Q"),
    ]
    for driver, (x, y), align, dy in zip(DRIVERS, ends, ("center", "left", "right"), (-16, 18, 18), strict=True):
        word = [{"x": x, "y": y, "text": t(f"foresight.value.{driver}", language)}]
        layers.append(
            chart_of(word)
            .mark_text(align=align, dy=dy, fontWeight=600, color=colour(TOKENS[driver]))
            .encode(x=across, y=up, text="text:N")
        )
    points = [{**row, "px": row["x"] * side, "py": height - row["y"] * height} for row in drawn]
    layers.append(
        chart_of(points)
        .mark_point(filled=True, opacity=0.85)
        .encode(
            x=across, y=up, size=alt.Size("size:Q", scale=None),
            color=alt.condition("datum.full", alt.value(colour("focus")), alt.value(colour("rest"))),
            tooltip=tooltip(finding, label, told),
        )
    )  # fmt: skip
    named = _apart(points, 10 if narrow else 11)
    for align, dx in (("left", 8), ("right", -8)):
        layers.append(
            chart_of([row for row in named if row["align"] == align])
            .mark_text(align=align, baseline="middle", dx=dx, fontSize=10 if narrow else 11, color=colour("ink"))
            .encode(x=across, y=up, text="name:N")
        )
    return finished(alt.layer(*layers).properties(width=side, height=height), finding)


@chart("foresight.drivers", "heat")
def heat(finding: Finding) -> Any:
    """Places, or fields, by driver; of many places and many fields the mean of the drivers."""
    rows = finding.rows()
    places, fields = ({row[key] for row in rows} for key in ("region_id", "field_id"))
    if len(places) > 1 and len(fields) > 1:
        best = {field: -sum(row["drive"] or 0 for row in rows if row["field_id"] == field) for field in fields}
        held = {place: -sum(row["drive"] or 0 for row in rows if row["region_id"] == place) for place in places}
        if any(row["driver_type"] != "incomplete" for row in rows):
            # A mean of two drivers does not compare with one of three.
            rows = [{**row, "drive": None if row["driver_type"] == "incomplete" else row["drive"]} for row in rows]
        rows = sorted(rows, key=lambda row: (held[row["region_id"]], row["region_id"], best[row["field_id"]]))
        return heatmap(finding, rows, x="field_id", y="region_id", value="drive", midpoint=50)
    label = _label(finding)
    order = {row[label]: i for i, row in enumerate(rows[:MOST])}
    cells = [row for row in _table(finding) if row[label] in order]
    cells.sort(key=lambda row: (order[row[label]], DRIVERS.index(row["driver"])))
    return heatmap(finding, cells, x="driver", y=label, value="driver_index", midpoint=_strong(finding))


def position(technology: float, scenario: float, policy: float) -> tuple[float, float]:
    """Where shares of three stand in a triangle of side 1: technology on top, scenarios left, policy right."""
    total = technology + scenario + policy
    return (policy + technology / 2) / total, technology / total * math.sqrt(3) / 2


def _thirds() -> list[dict[str, float]]:
    """Lines from the middle of each side to the centre: which driver weighs most."""
    centre = position(1, 1, 1)
    ends = [position(1, 1, 0), position(1, 0, 1), position(0, 1, 1)]
    return [{"x": x, "y": y, "x2": centre[0], "y2": centre[1]} for x, y in ends]


def _apart(points: list[dict[str, Any]], size: float) -> list[dict[str, Any]]:
    """Points whose names find room, right of the point or else left of it; the highest mean first."""
    taken = [(row["px"] - 5, row["py"] - 5, row["px"] + 5, row["py"] + 5) for row in points]
    found = []
    for row in sorted(points, key=lambda row: (-row["drive"], row["name"])):
        own = (row["px"] - 5, row["py"] - 5, row["px"] + 5, row["py"] + 5)
        wide, top = text_width(row["name"], size), row["py"] - size / 2 - 1
        for side, left in (("left", row["px"] + 8), ("right", row["px"] - 8 - wide)):
            box = left, top, left + wide, top + size + 2
            free = all(box[2] < b[0] or b[2] < box[0] or box[3] < b[1] or b[3] < box[1] for b in taken if b != own)
            if free and (side == "left" or left >= 0):
                taken.append(box)
                found.append({**row, "align": side})
                break
    return found


def _label(finding: Finding) -> str:
    """What rows are told apart by: places where there is one field and several places, else fields."""
    rows = finding.rows()
    one_field = len({row["field_id"] for row in rows if "field_id" in row}) == 1
    several = len({row["region_id"] for row in rows if "region_id" in row}) > 1
    return "region_id" if one_field and several else "field_id"


def _strong(finding: Finding) -> float:
    return float(finding.provenance.parameters.get("strong_at", 60))


def _table(finding: Finding) -> list[dict[str, Any]]:
    table = finding.tables.get("lanes")
    return [] if table is None else [{k: plain(v) for k, v in row.items()} for row in table.to_pylist()]
