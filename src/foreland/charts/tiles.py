"""The tile map: every place a square of the same size, so that small places count too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import altair as alt
import numpy as np

from foreland.charts.classes import class_legend, class_limits, class_tokens
from foreland.charts.common import (
    Rows,
    chart_of,
    finished,
    in_focus,
    nothing_to_draw,
    prepared,
    tooltip,
)
from foreland.charts.parts import tile_words
from foreland.charts.theme import colour, text_width, width
from foreland.core.finding import Finding
from foreland.i18n import current_language


def tile_map(
    finding: Finding,
    rows: Rows,
    *,
    value: str,
    focus: str | Collection[str] | None = None,
    midpoint: float | None = None,
    tiles: Rows | None = None,
) -> alt.LayerChart:
    """A grid of squares, one a place.

    Parameters
    ----------
    rows
        With ``region_id`` and ``value``.
    value
        Column to colour by.
    focus
        Places to outline; by default those of the scope.
    midpoint
        Value that two colours part at; without one the scale runs from low to high.
    tiles
        ``region_id, tile_row, tile_col`` of every place on the map, those without a value too; by
        default the gazetteer's, of the level and parent of the places in ``rows``.
    """
    tiles = gazetteer_tiles([row["region_id"] for row in rows]) if tiles is None else tiles
    if not tiles:
        return nothing_to_draw(finding)
    values = {row["region_id"]: row for row in rows}
    wanted = in_focus(finding, focus)
    joined = [
        {**values.get(tile["region_id"], {value: None}), **tile, "focus": tile["region_id"] in wanted} for tile in tiles
    ]
    drawn = prepared(finding, joined, "region_id", (value,))
    columns = [int(row["tile_col"]) for row in drawn]
    lines = [int(row["tile_row"]) for row in drawn]
    across, down = max(columns) - min(columns) + 1, max(lines) - min(lines) + 1
    side = min((width() - 8) // across, 66)
    font = max(7.0, min(13.0, side / 4.2))
    known = [row[value] for row in drawn if row[value] is not None]
    edges = class_limits(known, midpoint)
    tokens = class_tokens(len(edges) + 1, midpoint)
    for row in drawn:
        row["x"], row["y"] = int(row["tile_col"]) - min(columns), int(row["tile_row"]) - min(lines)
        row["x2"], row["y2"] = row["x"] + 1, row["y"] + 1
        row["place"], row["font"] = tile_words(tile_name(finding, row), side - 6, font, tile_code(row["region_id"]))
        row["two"] = len(row["place"]) > 1
        row["number"] = row[f"t_{value}"]
        row["step"] = -1 if row[value] is None else int(np.searchsorted(edges, row[value], side="right"))
        token = "missing" if row["step"] < 0 else tokens[row["step"]]
        strong = token in {"seq4", "seq5", "div1", "div6"}
        row["ink"] = colour("muted" if row["step"] < 0 else "on_strong" if strong else "on_pale")
        row["fill"] = colour(token)
        row["small"] = text_width(row["number"], font - 1) <= side - 4
    chart = alt.layer(*_squares(finding, drawn, value, side, font))
    chart = chart.properties(width=side * across, height=side * down)
    if edges.size or any(row["step"] >= 0 for row in drawn):
        legend = class_legend(finding, value, known, edges, tokens, any(row["step"] < 0 for row in drawn))
        chart = alt.vconcat(legend, chart, spacing=14, center=True)
    return finished(chart, finding)


def gazetteer_tiles(region_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Tile positions of all places that share level and parent with most of the given ones."""
    from collections import Counter

    from foreland.data.taxonomy.regions import regions

    gazetteer = regions()
    kin = Counter(
        (place.level, place.parent_id if place.level != "country" else None)
        for place in (gazetteer[i] for i in region_ids if i in gazetteer)
        if place.tile_row is not None
    )
    if not kin:
        return []
    (level, _), _ = max(kin.items(), key=lambda pair: (pair[1], str(pair[0])))
    parents = {p for (lv, p), count in kin.items() if lv == level}
    return [
        {"region_id": place.id, "tile_row": place.tile_row, "tile_col": place.tile_col}
        for place in gazetteer.values()
        if place.level == level and place.tile_row is not None and (level == "country" or place.parent_id in parents)
    ]


def tile_name(finding: Finding, row: dict[str, Any]) -> str:
    """What stands on a tile: the gazetteer's short name, for countries their code."""
    from foreland.data.taxonomy.regions import regions

    place = regions().get(row["region_id"])
    if place is None:
        return str(row["name"])
    if place.level == "country":
        return str(row["region_id"])
    return str(place.short(current_language()))


def tile_code(region_id: str) -> str:
    """The short code of a place whose name is too long for its tile: the last part of its ISO 3166-2 code."""
    country, _, code = region_id.partition("-")
    return code if len(country) == 2 else ""


def _squares(finding: Finding, drawn: list[dict[str, Any]], value: str, side: int, font: float) -> list[Any]:
    """The layers of the map; one without a tile is left out, as it would have no extent."""
    position = {
        "x": alt.X("x:Q", axis=None, scale=alt.Scale(nice=False, zero=True)),
        "x2": "x2:Q",
        "y": alt.Y("y:Q", axis=None, scale=alt.Scale(nice=False, zero=True, reverse=True)),
        "y2": "y2:Q",
    }
    for row in drawn:
        row["mx"], row["my"] = row["x"] + 0.5, row["y"] + 0.5
    ink = alt.Color("ink:N", scale=None)
    tips = tooltip(finding, "region_id", (value,))
    two_lines = side >= 30
    known, missing = ([row for row in drawn if (row["step"] >= 0) is given] for given in (True, False))
    focused = [row for row in drawn if row["focus"]]
    layers = []
    if known:
        squares = chart_of(known).mark_rect(stroke=colour("surface"), strokeWidth=2, cornerRadius=3)
        layers.append(squares.encode(**position, color=alt.Color("fill:N", scale=None), tooltip=tips))
    if missing:
        squares = chart_of(missing).mark_rect(
            fill=colour("missing"), stroke=colour("missing_line"), strokeWidth=1, strokeDash=[2, 3], cornerRadius=3
        )
        layers.append(squares.encode(**position, tooltip=tips))
    if focused:
        squares = chart_of(focused).mark_rect(filled=False, stroke=colour("bench"), strokeWidth=3, cornerRadius=3)
        layers.append(squares.encode(**position, tooltip=tips))
    if side < 16:  # names would be specks; the tooltip and the table have them
        return layers
    for two, rise, lead in ((False, 0.13, 0), (True, 0.29, 1.1)):
        if rows := [row for row in drawn if row["two"] is two]:
            layers.append(
                chart_of(rows)
                .mark_text(fontWeight=600, lineHeight=max(8.0, lead * 0.85 * font), dy=-rise * side if two_lines else 0)
                .encode(x="mx:Q", y="my:Q", text="place:N", color=ink, size=alt.Size("font:Q", scale=None))
            )
    if two_lines and (rows := [row for row in drawn if row["small"]]):
        layers.append(
            chart_of(rows)
            .mark_text(fontSize=max(8, font - 2), dy={"expr": f"datum.two ? {0.29 * side} : {0.2 * side}"})
            .encode(x="mx:Q", y="my:Q", text="number:N", color=ink)
        )
    return layers
