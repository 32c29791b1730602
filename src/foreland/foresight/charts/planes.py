"""Points in a plane whose horizontal scale is one of sizes: as far from 10 to 100 as from 100 to 1,000."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from foreland.charts.common import Rows, axis, chart_of, finished, in_focus, nothing_to_draw, prepared, tooltip, up_axis
from foreland.charts.parts import cloud_size, name_layers, padded, placed_names
from foreland.charts.theme import colour, is_narrow
from foreland.core.finding import Finding
from foreland.i18n import current_language, t

MOST = 120
"""Most points of one picture; more hide each other."""
SPANS = 45
"""Most intervals: of more, only those of the first rows are drawn."""
BENT = 0.2
"""Up to about here a scale that is bent is even; beyond it goes by sizes."""


@dataclass(frozen=True)
class Plane:
    """What is drawn where.

    Parameters
    ----------
    x, y
        Columns across, on a scale of sizes, and up.
    ends
        Columns with the bounds of an interval of `y`.
    key, tokens
        Column of codes, and the colour of each.
    also
        Further columns to tell.
    cross
        Where to draw lines: across, and up.
    corners
        What the corners are called: left above, right above, left below, right below.
    titles
        What the axes are called, across and up.
    """

    x: str
    y: str
    ends: tuple[str, str]
    key: str
    tokens: Mapping[str, str]
    also: tuple[str, ...] = ()
    cross: tuple[float | None, float | None] = (None, None)
    corners: tuple[str, ...] = ()
    titles: tuple[str, str] = ("", "")


def size_plane(finding: Finding, rows: Rows, plane: Plane) -> Any:
    """A point for each unit with the interval of its measure; as many named as find room, the first rows first."""
    wanted = in_focus(finding, None)
    kept = [row for row in rows if row.get(plane.x) and row.get(plane.y) is not None and row.get(plane.key) is not None]
    kept = [row for i, row in enumerate(kept) if i < MOST or row["field_id"] in wanted]
    if not kept:
        return nothing_to_draw(finding)
    told = (plane.x, plane.y, *plane.ends, plane.key, *plane.also)
    drawn = prepared(finding, kept, "field_id", told)
    values = [row[plane.y] for row in drawn]
    # One that grows manyfold would press all others on the line of no growth.
    bent = max(abs(value) for value in values) > 1

    def placed(value: float) -> float:
        return math.asinh(value / BENT) if bent else value

    cross = None if plane.cross[1] is None else placed(plane.cross[1])
    for row in drawn:
        row["up"] = placed(row[plane.y])
        for end, column in zip(("bottom", "top"), plane.ends, strict=True):
            row[end] = None if row[column] is None else placed(row[column])
    bounds = _bounds(drawn, cross)
    for n, row in enumerate(drawn):
        row["focus"] = row["field_id"] in wanted
        row["span"] = n < SPANS or row["focus"]
        row["size"] = math.log10(row[plane.x])
        for end in ("bottom", "top"):
            row[end] = None if row[end] is None else min(max(row[end], bounds[0]), bounds[1])
    beside = [] if plane.cross[0] is None or plane.cross[0] <= 0 else [math.log10(plane.cross[0])]
    domains = [padded([row["size"] for row in drawn] + beside), bounds]
    across = alt.X(
        "size:Q",
        scale=alt.Scale(domain=domains[0], nice=False),
        axis=_sizes(finding, plane, domains[0]),
    )
    heights = _heights(finding, plane, bounds) if bent else up_axis(finding, plane.y, title=plane.titles[1])
    up = alt.Y(
        "up:Q",
        axis=heights,
        scale=alt.Scale(domain=bounds, nice=False),
    )
    codes = [code for code in plane.tokens if any(row[plane.key] == code for row in drawn)]
    texts = [next(row[f"t_{plane.key}"] for row in drawn if row[plane.key] == code) for code in codes]
    fill = alt.Color(
        f"t_{plane.key}:N",
        title=None,
        scale=alt.Scale(domain=texts, range=[colour(plane.tokens[code]) for code in codes]),
        # Room for the title of the axis below it.
        legend=alt.Legend(symbolType="circle", symbolOpacity=1, columns=2 if is_narrow() else 5, offset=30),
    )
    base = chart_of(drawn)
    tips = tooltip(finding, "field_id", told)
    named = placed_names(drawn, ("size", "up"), domains, cloud_size(), below=20 if plane.corners else 0)
    layers = [
        *_cross(plane.cross[0], cross, across, up),
        base.transform_filter("datum.span && isValid(datum.bottom) && isValid(datum.top)")
        .mark_rule(strokeWidth=1.6, opacity=0.45)
        .encode(x=across, y=alt.Y("bottom:Q"), y2="top:Q", color=fill, tooltip=tips),
        base.mark_point(filled=True, opacity=0.95, stroke=colour("surface"), strokeWidth=0.8).encode(
            x=across, y=up, color=fill, tooltip=tips, size=alt.condition("datum.focus", alt.value(170), alt.value(75))
        ),
        *name_layers(named, across, up),
        *_corners(plane.corners),
    ]
    wide, high = cloud_size()
    return finished(alt.layer(*layers).properties(width=wide, height=high), finding)


def _bounds(drawn: Rows, cross: float | None) -> list[float]:
    """From the least to the largest measure; a long interval is cut rather than let it flatten the picture."""
    values = [row["up"] for row in drawn]
    spread = max(values) - min(values) or 0.02
    low = [row["bottom"] for row in drawn if row["bottom"] is not None]
    high = [row["top"] for row in drawn if row["top"] is not None]
    least = max(min([*low, *values]), min(values) - 0.35 * spread)
    most = min(max([*high, *values]), max(values) + 0.35 * spread)
    return padded([least, most, *([] if cross is None else [cross])])


def _sizes(finding: Finding, plane: Plane, domain: list[float]) -> alt.Axis:
    """An axis of powers of ten that is written in numbers."""
    inner = math.floor(domain[1]) - math.ceil(domain[0]) + 1
    steps = (1.0,) if inner >= 3 else (1.0, 2.0, 5.0) if inner >= 1 else (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
    ticks = [
        math.log10(step) + power
        for power in range(math.floor(domain[0]) - 1, math.ceil(domain[1]) + 1)
        for step in steps
        if domain[0] <= math.log10(step) + power <= domain[1]
    ]
    if len(ticks) > (5 if is_narrow() else 9):
        ticks = ticks[:: -(-len(ticks) // (5 if is_narrow() else 9))]
    plain = axis(finding, plane.x).to_dict()
    written = plain.get("labelExpr", "format(datum.value, ',~r')").replace("datum.value", "pow(10, datum.value)")
    return alt.Axis(title=plane.titles[0], values=ticks, labelExpr=written, grid=True)


def _heights(finding: Finding, plane: Plane, bounds: list[float]) -> alt.Axis:
    """An axis even about nothing and of sizes beyond, written in numbers; its title says so."""
    pixels = cloud_size()[1] / (bounds[1] - bounds[0])
    ticks = [0.0] if bounds[0] <= 0 <= bounds[1] else []
    # Powers of ten before halves of them, and those before fifths; a tick that another's label covers is left out.
    for step in (1, 5, 2):
        for size in (step * 10.0**power for power in (0, 1, 2, 3, -1)):
            for tick in (math.asinh(size / BENT), -math.asinh(size / BENT)):
                free = all(abs(tick - other) * pixels >= 24 for other in ticks)
                ticks += [tick] if free and bounds[0] <= tick <= bounds[1] else []
    value = f"{BENT / 2} * (exp(datum.value) - exp(-datum.value))"
    plain = axis(finding, plane.y).to_dict()
    written = plain.get("labelExpr", f"format(datum.value, '{plain.get('format', ',~r')}')")
    written = written.replace("datum.value", f"({value})")
    title = t("foresight.axis.bent", current_language(), title=plane.titles[1])
    return up_axis(finding, plane.y, title=title, values=sorted(ticks), tickCount=len(ticks), labelExpr=written)


def _cross(beside: float | None, level: float | None, across: alt.X, up: alt.Y) -> list[Any]:
    rule = {"color": colour("axis"), "strokeDash": [3, 3]}
    layers = []
    if beside is not None and beside > 0:
        layers.append(chart_of([{"size": math.log10(beside)}]).mark_rule(**rule).encode(x=across))
    if level is not None:
        layers.append(chart_of([{"up": level}]).mark_rule(**rule).encode(y=up))
    return layers


def _corners(corners: Sequence[str]) -> list[Any]:
    return [
        chart_of([{"text": text}])
        .mark_text(
            align="right" if right else "left",
            baseline="bottom" if bottom else "top",
            x={"expr": "width - 6"} if right else 6,
            y={"expr": "height - 6"} if bottom else 6,
            color=colour("muted"),
            fontWeight=700,
            fontSize=11 if is_narrow() else 13,
        )
        .encode(text="text:N")
        for text, (right, bottom) in zip(corners, ((0, 0), (1, 0), (0, 1), (1, 1)), strict=False)
    ]
