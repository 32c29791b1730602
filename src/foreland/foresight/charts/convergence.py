"""Charts of fields that grow together."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from foreland.charts import heatmap, lines, stress_layout
from foreland.charts.common import axis, chart_of, cut, finished, nothing_to_draw, plain, prepared, tooltip
from foreland.charts.parts import ROW, keyed, names_axis, padded
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

MOST = 60
"""Most links of the map, the first of the table."""
BESIDE = 12
"""Most fields drawn beside those whose company became more diverse."""
TOLD = ("link_state", "together_before", "together_now", "lift", "link_growth_low", "link_growth_high")


@chart("foresight.convergence", "map")
def convergence_map(finding: Finding) -> Any:
    """Fields laid out by the links between them, new links in colour."""
    rows = [row for row in finding.rows() if row["link_state"] not in ("link_weaker", "link_apart")][:MOST]
    if not rows:
        return nothing_to_draw(finding)
    nodes = {row["field_id"]: row for row in _table(finding, "nodes")}
    own = sorted({row[end] for row in rows for end in ("field_id", "second_field_id")})
    at = {field: n for n, field in enumerate(own)}
    pairs = np.array([[at[row["field_id"]], at[row["second_field_id"]]] for row in rows])
    places = stress_layout(len(own), pairs)
    drawn = prepared(finding, [nodes[field] for field in own], "field_id", ("count", "diversity"))
    wanted = set(finding.scope.field)
    for row, (px, py) in zip(drawn, places, strict=True):
        row |= {"px": float(px), "py": float(py), "focus": row["field_id"] in wanted}
    side = width() - 12
    size = (side, side if is_narrow() else round(side * 0.62))
    reach = [_reach([row[axis] for row in drawn]) for axis in ("px", "py")]
    across = alt.X("px:Q", axis=None, scale=alt.Scale(domain=reach[0], nice=False))
    up = alt.Y("py:Q", axis=None, scale=alt.Scale(domain=reach[1], nice=False))
    layers: list[Any] = []
    kinds = {"old": ("rest", 1.4), "link_new_near": ("kind1", 2.2), "link_new": ("kind2", 3.0)}
    seen = []
    for kind, (tone, wide) in kinds.items():
        part = [row for row in rows if _kind(row) == kind]
        if not part:
            continue
        seen.append(kind)
        told = prepared(finding, part, "field_id", ("second_field_id", *TOLD))
        for row in told:
            a, b = drawn[at[row["field_id"]]], drawn[at[row["second_field_id"]]]
            row |= {"px": a["px"], "py": a["py"], "px2": b["px"], "py2": b["py"]}
        layers.append(
            chart_of(told)
            .mark_rule(color=colour(tone), strokeWidth=wide)
            .encode(x=across, y=up, x2="px2:Q", y2="py2:Q", tooltip=tooltip(finding, "field_id", _ends_told()))
        )
    top = max([float(row["count"] or 0) for row in drawn] or [1]) or 1
    for row in drawn:
        row["area"] = 40 + (200 if is_narrow() else 380) * float(row["count"] or 0) / top
    layers.append(
        chart_of(drawn)
        .mark_point(filled=True, opacity=1, stroke=colour("surface"), strokeWidth=1, color=colour("focus"))
        .encode(
            x=across,
            y=up,
            size=alt.Size("area:Q", scale=None),
            tooltip=tooltip(finding, "field_id", ("count", "diversity")),
        )
    )
    for row in drawn:
        row["short"] = cut(row["name"], 84 if is_narrow() else 170)
    for ink in ({"stroke": colour("surface"), "strokeWidth": 4}, {"color": colour("ink")}):
        layers.append(
            chart_of(_apart(drawn, reach, size))
            .mark_text(fontSize=10.5 if is_narrow() else 11.5, dy=-13, **ink)
            .encode(x=across, y=up, text="short:N")
        )
    language = current_language()
    words = {"old": "link_old", "link_new_near": "link_new_near", "link_new": "link_new"}
    marks = [(kinds[kind][0], "—", t(f"foresight.chart.{words[kind]}", language)) for kind in reversed(seen)]
    return finished(keyed(alt.layer(*layers).properties(width=size[0], height=size[1]), marks), finding)


@chart("foresight.convergence", "growth")
def growth(finding: Finding) -> Any:
    """How many times stronger each link has become, with its interval, on a scale on which half and twice are alike."""
    rows = [row for row in finding.rows() if row["link_growth"] is not None and row["link_state"] != "link_apart"]
    return _ratios(finding, rows[:30], "link_growth", ("together_before", "together_now"))


@chart("foresight.convergence", "world")
def world(finding: Finding) -> Any:
    """How many times as strong each link is in the place as elsewhere: its first, and the new ones that it lacks."""
    rows = [row for row in finding.rows() if row.get("against_world_high") and row["against_world"] is not None]
    own, lacked = ([row for row in rows if (row["link_state"] == "link_apart") == apart] for apart in (False, True))
    chosen = [*own[: max(15, 30 - len(lacked))], *lacked[: max(15, 30 - len(own))]]
    return _ratios(finding, chosen, "against_world", ("world_link_state", "together_now", "world_together_now"))


def _ratios(finding: Finding, rows: list[dict[str, Any]], ratio: str, more: tuple[str, ...]) -> Any:
    """Ratios with their intervals, a pair a line; pairs that are new in colour."""
    if not rows:
        return nothing_to_draw(finding)
    told = ("link_state", ratio, f"{ratio}_low", f"{ratio}_high", *more)
    drawn = prepared(finding, _paired(finding, rows, 72 if is_narrow() else 150), "fields_paired", told)
    room = int(max(text_width(row["name"], 12.5) for row in drawn)) + 14
    low = max(min(0.5, *(row[f"{ratio}_low"] for row in drawn)), 1 / 50)
    high = min(max(2.0, *(row[f"{ratio}_high"] for row in drawn)), 200.0)
    # Powers of two on an even scale: a logarithmic one leaves out labels as it likes.
    for row in drawn:
        for end, column in (("from", f"{ratio}_low"), ("to", f"{ratio}_high"), ("mid", ratio)):
            row[end] = float(np.log2(min(max(row[column], low), high)))
        row["focus"] = row["link_state"] == "link_new"
    wanted = (0.02, 0.2, 1, 5, 50) if is_narrow() else (0.02, 0.1, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
    ticks = [float(np.log2(tick)) for tick in wanted if low <= tick <= high]
    inner = width() - room - 24
    written = "format(pow(2, datum.value), '~r')"
    scale = alt.Scale(domain=[float(np.log2(low)), float(np.log2(high))], nice=False, zero=False)
    # Each layer names the axis: one that doesn't would bring back the rule that drops every other label.
    across = {
        "scale": scale,
        "axis": axis(finding, ratio, orient="top", values=ticks, labelOverlap=False, labelExpr=written),
    }
    y = names_axis(drawn, room)
    base = chart_of(drawn)
    tips = tooltip(finding, "fields_paired", told)
    ink = alt.condition("datum.focus", alt.value(colour("kind2")), alt.value(colour("axis")))
    layers = alt.layer(
        chart_of([{"mid": 0}]).mark_rule(color=colour("axis")).encode(x=alt.X("mid:Q", **across)),
        base.mark_rule(strokeWidth=3, strokeCap="round", color=colour("rest")).encode(
            x=alt.X("from:Q", **across), x2="to:Q", y=y, tooltip=tips
        ),
        base.mark_point(filled=True, opacity=1, size=70).encode(
            x=alt.X("mid:Q", **across), y=y, color=ink, tooltip=tips
        ),
    )
    return finished(layers.properties(width=inner, height=alt.Step(ROW)), finding)


@chart("foresight.convergence", "courses")
def courses(finding: Finding) -> Any:
    """The first links year by year, against chance."""
    rows = _table(finding, "courses")
    return lines(finding, _paired(finding, rows), y="lift", series="fields_paired", focus=())


@chart("foresight.convergence", "diversity")
def diversity(finding: Finding) -> Any:
    """Rao–Stirling diversity by field: those that rose most in colour, beside the largest."""
    rows = _table(finding, "diversity")
    drawn = {row["field_id"] for row in rows}
    nodes = [row for row in _table(finding, "nodes") if row["diversity"] is not None and row["field_id"] in drawn]
    nodes.sort(key=lambda row: (-(row["diversity"] - (row["diversity_before"] or 0)), row["field_id"]))
    chosen = list(finding.scope.field) or [row["field_id"] for row in nodes[:4]]
    largest = sorted(nodes, key=lambda row: (-row["count"], row["field_id"]))[:BESIDE]
    kept = {*chosen, *(row["field_id"] for row in largest)}
    return lines(
        finding, [row for row in rows if row["field_id"] in kept], y="diversity", series="field_id", focus=chosen
    )


@chart("foresight.convergence", "matrix")
def matrix(finding: Finding) -> Any:
    """All pairs of the fields in most links, against chance."""
    cells = _table(finding, "cells")
    own = list(dict.fromkeys(row["field_id"] for row in cells))[: 8 if is_narrow() else 14]
    kept = [row for row in cells if row["field_id"] in own and row["second_field_id"] in own]
    return heatmap(finding, kept, x="second_field_id", y="field_id", value="lift", midpoint=1.0, focus=())


def _kind(row: dict[str, Any]) -> str:
    if row["link_state"] != "link_new":
        return "old"
    return "link_new" if row["far"] else "link_new_near"


def _ends_told() -> tuple[str, ...]:
    return ("second_field_id", *TOLD)


def _paired(finding: Finding, rows: list[dict[str, Any]], pixels: float = 300) -> list[dict[str, Any]]:
    """Rows with the names of both fields in one, each cut to a width."""
    ends = ("field_id", "second_field_id")
    return [{**row, "fields_paired": " · ".join(cut(finding.name(row[end]), pixels) for end in ends)} for row in rows]


def _table(finding: Finding, name: str) -> list[dict[str, Any]]:
    table = finding.tables.get(name)
    return [] if table is None else [{k: plain(v) for k, v in row.items()} for row in table.to_pylist()]


def _apart(drawn: list[dict[str, Any]], reach: list[list[float]], size: tuple[float, float]) -> list[dict[str, Any]]:
    """The names above their dots that cover no other, those of the largest fields first."""
    taken: list[tuple[float, float, float]] = []
    kept = []
    for row in sorted(drawn, key=lambda row: (not row["focus"], -(row["count"] or 0), row["field_id"])):
        x, y = (
            (row[axis] - low) / (high - low) * extent
            for axis, (low, high), extent in zip(("px", "py"), reach, size, strict=True)
        )
        half = text_width(row["short"], 11.5) / 2
        if all(abs(y - other) > 15 or abs(x - at) > half + wide + 6 for at, other, wide in taken):
            taken.append((x, y, half))
            kept.append(row)
    return kept


def _reach(values: list[float]) -> list[float]:
    low, high = padded(values)
    # Room for the names of those at the sides.
    pad = 0.1 * (high - low)
    return [low - pad, high + pad]
