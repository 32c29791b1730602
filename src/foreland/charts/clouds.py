"""Two measures against each other: scatter with medians, and the four corners of a judgement."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import altair as alt
import numpy as np

from foreland.charts.common import (
    Rows,
    axis,
    chart_of,
    finished,
    heading,
    in_focus,
    nothing_to_draw,
    prepared,
    tooltip,
    up_axis,
)
from foreland.charts.parts import cloud_size, name_layers, padded, placed_names
from foreland.charts.theme import BOLD, KINDS, colour, is_narrow, wrap
from foreland.core.finding import Finding
from foreland.i18n import current_language, t

EDGE = 0.1
"""Part of the height that words at the edge take above and below the points."""


def scatter(
    finding: Finding,
    rows: Rows,
    *,
    x: str,
    y: str,
    label: str,
    group: str | None = None,
    focus: str | Collection[str] | None = None,
) -> alt.LayerChart:
    """Points of two measures with dashed lines at the medians.

    Parameters
    ----------
    rows
        The first are named first, as far as names find room.
    group
        Column of codes that colours and shapes the points (at most eight).
    focus
        Ids of ``label`` to point out.
    """
    drawn = _points(finding, rows, (x, y), label, in_focus(finding, focus), group)
    if not drawn:
        return nothing_to_draw(finding)
    cross = (float(np.median([row[x] for row in drawn])), float(np.median([row[y] for row in drawn])))
    layers = _cloud(finding, drawn, (x, y), label, group, cross, 0)
    words = t("charts.median", current_language())
    layers.append(
        chart_of([{x: cross[0], "text": words}])
        .mark_text(align="left", baseline="top", dx=4, y=2, color=colour("muted"), fontSize=10)
        .encode(x=f"{x}:Q", text="text:N")
    )
    return finished(_sized(layers), finding)


def quadrant(
    finding: Finding,
    rows: Rows,
    *,
    x: str,
    y: str,
    label: str,
    corners: tuple[str, str, str, str],
    cross: tuple[float, float] | None = None,
) -> alt.LayerChart:
    """Points in four corners that each mean something.

    Parameters
    ----------
    corners
        What the corners are called: low x high y, high x high y, low x low y, high x low y.
    cross
        Where the corners meet; the medians by default.
    """
    drawn = _points(finding, rows, (x, y), label, in_focus(finding, None), None)
    if not drawn:
        return nothing_to_draw(finding)
    cross = cross or (float(np.median([row[x] for row in drawn])), float(np.median([row[y] for row in drawn])))
    layers = _cloud(finding, drawn, (x, y), label, None, cross)
    for text, (right, bottom) in zip(corners, ((0, 0), (1, 0), (0, 1), (1, 1)), strict=True):
        size = 11 if is_narrow() else 13
        said = wrap(text, cloud_size()[0] / 2 - 12, size * BOLD)
        layers.append(
            chart_of([{"text": said}])
            .mark_text(
                align="right" if right else "left",
                baseline="bottom" if bottom else "top",
                x={"expr": "width - 6"} if right else 6,
                y={"expr": f"height - {6 + (len(said) - 1) * (size + 2)}"} if bottom else 6,
                lineHeight=size + 2,
                color=colour("muted"),
                fontWeight=700,
                fontSize=size,
            )
            .encode(text="text:N")
        )
    return finished(_sized(layers), finding)


def _points(
    finding: Finding, rows: Rows, measures: tuple[str, str], label: str, wanted: set[str], group: str | None
) -> list[dict[str, Any]]:
    rows = [row for row in rows if all(row.get(m) is not None and np.isfinite(row[m]) for m in measures)]
    drawn = prepared(finding, rows, label, (*measures, *((group,) if group else ())))
    for row in drawn:
        row["focus"] = row[label] in wanted
    return drawn


def _cloud(
    finding: Finding,
    drawn: list[dict[str, Any]],
    measures: tuple[str, str],
    label: str,
    group: str | None,
    cross: tuple[float, float],
    below: float = 20,
) -> list[Any]:
    x, y = measures
    wide, high = cloud_size()
    domains = [padded([row[m] for row in drawn] + [at]) for m, at in zip(measures, cross, strict=True)]
    # Words at the edge stand clear of the highest and the lowest point.
    least, most = domains[1]
    domains[1] = [least - EDGE * (most - least), most + EDGE * (most - least)]
    across = alt.X(f"{x}:Q", axis=axis(finding, x), scale=alt.Scale(domain=domains[0], nice=False))
    up = alt.Y(f"{y}:Q", axis=up_axis(finding, y), scale=alt.Scale(domain=domains[1], nice=False))
    encoded: dict[str, Any] = {"x": across, "y": up}
    encoded["tooltip"] = tooltip(finding, label, (*measures, *((group,) if group else ())))
    if group:
        kinds = list(dict.fromkeys(row[f"t_{group}"] for row in drawn))[: len(KINDS)]
        encoded["color"] = alt.Color(
            f"t_{group}:N",
            title=None if is_narrow() else heading(finding, group),
            scale=alt.Scale(domain=kinds, range=[colour(k) for k in KINDS[: len(kinds)]]),
            legend=alt.Legend(columns=2 if is_narrow() else 4),
        )
        encoded["shape"] = alt.Shape(f"t_{group}:N", title=encoded["color"]["title"], scale=alt.Scale(domain=kinds))
    else:
        encoded["color"] = alt.condition("datum.focus", alt.value(colour("bench")), alt.value(colour("focus")))
    base = chart_of(drawn)
    rule = {"color": colour("axis"), "strokeDash": [3, 3]}
    return [
        chart_of([{x: cross[0]}]).mark_rule(**rule).encode(x=across),
        chart_of([{y: cross[1]}]).mark_rule(**rule).encode(y=up),
        base.mark_point(filled=True, opacity=0.85, stroke=colour("surface"), strokeWidth=0.6).encode(
            **encoded,
            size=alt.condition("datum.focus", alt.value(150), alt.value(70)),
        ),
        *name_layers(placed_names(drawn, measures, domains, (wide, high), below), across, up),
    ]


def _sized(layers: list[Any]) -> alt.LayerChart:
    wide, high = cloud_size()
    return alt.layer(*layers).properties(width=wide, height=high)
