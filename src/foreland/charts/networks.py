"""Networks, laid out in Python with a seed and drawn from their coordinates."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import altair as alt
import numpy as np

from foreland.charts.common import (
    Rows,
    chart_of,
    cut,
    finished,
    heading,
    in_focus,
    nothing_to_draw,
    prepared,
    tooltip,
)
from foreland.charts.theme import KINDS, colour, is_narrow, text_width, width
from foreland.core.finding import Finding


def network(
    finding: Finding,
    nodes: Rows,
    links: Rows,
    *,
    label: str,
    size: str | None = None,
    group: str | None = None,
    focus: str | Collection[str] | None = None,
) -> alt.LayerChart:
    """Nodes and the links between them.

    Parameters
    ----------
    nodes
        One row a node; ``x`` and ``y`` where they are laid out already, else they are laid out
        here by stress along the links.
    links
        ``from`` and ``to`` with ids of ``label``; ``weight`` if some are stronger.
    label
        Column with a node's id.
    size
        Column the area of a node stands for.
    group
        Column of codes that colours the nodes (at most eight).
    focus
        Ids to fill and name; the rest is drawn hollow where anything is in focus.
    """
    if not nodes:
        return nothing_to_draw(finding)
    told = [name for name in (size, group) if name]
    drawn = prepared(finding, nodes, label, told)
    wanted = in_focus(finding, focus)
    for row, (px, py) in zip(drawn, _places(drawn, links, label), strict=True):
        row["px"], row["py"], row["focus"] = float(px), float(py), row[label] in wanted
    where = {row[label]: row for row in drawn}
    ends = [
        {
            "px": where[link["from"]]["px"], "py": where[link["from"]]["py"],
            "px2": where[link["to"]]["px"], "py2": where[link["to"]]["py"],
        }
        for link in links
        if link["from"] in where and link["to"] in where
    ]  # fmt: skip
    side = width() - 12
    high = side if is_narrow() else round(side * 0.72)
    reach = [_reach([row[axis] for row in drawn]) for axis in ("px", "py")]
    across = alt.X("px:Q", axis=None, scale=alt.Scale(domain=reach[0], nice=False))
    up = alt.Y("py:Q", axis=None, scale=alt.Scale(domain=reach[1], nice=False))
    encoded: dict[str, Any] = {"x": across, "y": up, "tooltip": tooltip(finding, label, told)}
    if size:
        top = max([float(row[size] or 0) for row in drawn] or [1]) or 1
        most = 300 if is_narrow() else 600
        small = max(12, min(40, 12000 / len(drawn) / 4))
        encoded["size"] = alt.Size(f"{size}:Q", scale=alt.Scale(domain=[0, top], range=[small, most]), legend=None)
    else:
        encoded["size"] = alt.value(max(20, min(90, 20000 / len(drawn))))
    any_focus = any(row["focus"] for row in drawn)
    if group:
        kinds = list(dict.fromkeys(row[f"t_{group}"] for row in drawn))[: len(KINDS)]
        encoded["color"] = alt.Color(
            f"t_{group}:N",
            title=None if is_narrow() else heading(finding, group),
            scale=alt.Scale(domain=kinds, range=[colour(token) for token in KINDS[: len(kinds)]]),
            legend=alt.Legend(columns=2 if is_narrow() else 4, symbolOpacity=1),
        )
    else:
        encoded["color"] = alt.value(colour("focus"))
    base = chart_of(drawn)
    marks = {"stroke": colour("surface"), "strokeWidth": 0.8}
    hollow = {"filled": True, "opacity": 0.4 if any_focus else 0.9}
    layers: list[Any] = [
        chart_of(ends)
        .mark_rule(strokeWidth=0.9, opacity=0.75, color=colour("rest"))
        .encode(x=across, y=up, x2="px2:Q", y2="py2:Q"),
        base.transform_filter("!datum.focus").mark_point(**hollow, **marks).encode(**encoded),
        base.transform_filter("datum.focus").mark_point(filled=True, opacity=1, **marks).encode(**encoded),
    ]
    named = _names(drawn, reach, (side, high), size)
    if named:
        for rows, ink, weight in (
            (named, colour("surface"), 3),
            (named, colour("ink"), 0),
        ):
            text = {"stroke": ink, "strokeWidth": weight} if weight else {"color": ink}
            layers.append(
                chart_of(rows)
                .mark_text(fontSize=10 if is_narrow() else 11, dy=-11, **text)
                .encode(x=across, y=up, text="short:N")
            )
    return finished(alt.layer(*layers).properties(width=side, height=high), finding)


def _places(drawn: list[dict[str, Any]], links: Rows, label: str) -> np.ndarray:
    if all(row.get("x") is not None and row.get("y") is not None for row in drawn):
        return np.array([[row["x"], row["y"]] for row in drawn], float)
    from foreland.charts.layout import stress_layout

    at = {row[label]: i for i, row in enumerate(drawn)}
    pairs = [(at[link["from"]], at[link["to"]]) for link in links if link["from"] in at and link["to"] in at]
    return stress_layout(len(drawn), np.array(pairs, int).reshape(-1, 2))


def _reach(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    pad = 0.06 * (high - low) or 1
    return [low - pad, high + pad]


def _names(
    drawn: list[dict[str, Any]], reach: list[list[float]], extent: tuple[float, float], size: str | None
) -> list[dict[str, Any]]:
    """The most important names that fit without covering each other."""
    order = sorted(drawn, key=lambda row: (not row["focus"], -(row.get(size) or 0) if size else 0, row["name"]))
    taken: list[tuple[float, float, float, float]] = []
    named = []
    for row in order:
        text = cut(row["name"], 120 if is_narrow() else 190)
        long = text_width(text, 11)
        x = (row["px"] - reach[0][0]) / (reach[0][1] - reach[0][0]) * extent[0]
        y = (1 - (row["py"] - reach[1][0]) / (reach[1][1] - reach[1][0])) * extent[1] - 11
        box = (x - long / 2, y - 7, x + long / 2, y + 7)
        if box[0] < 0 or box[2] > extent[0] or box[1] < 0:
            continue
        if any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken):
            continue
        taken.append(box)
        named.append({**row, "short": text})
        if len(named) >= (18 if is_narrow() else 45):
            break
    return named
