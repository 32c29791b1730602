"""The tile map: every place a square of the same size, so that small places count too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import altair as alt
import numpy as np

from foreland.charts.common import (
    Rows,
    chart_of,
    finished,
    heading,
    in_focus,
    nothing_to_draw,
    plain,
    prepared,
    spec_of,
    tooltip,
)
from foreland.charts.theme import DIVERGING, SEQUENTIAL, colour, is_narrow, shorten, text_width, width
from foreland.core.finding import Finding
from foreland.i18n import current_language, t


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
    edges = _steps([row[value] for row in drawn if row[value] is not None], midpoint)
    tokens = _tokens(len(edges) + 1, midpoint)
    for row in drawn:
        row["x"], row["y"] = int(row["tile_col"]) - min(columns), int(row["tile_row"]) - min(lines)
        row["x2"], row["y2"] = row["x"] + 1, row["y"] + 1
        row["place"], row["font"] = _fitting(tile_name(finding, row), side - 4, font)
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
        legend = _legend(finding, value, edges, tokens, any(row["step"] < 0 for row in drawn))
        chart = alt.vconcat(legend, chart, spacing=14)
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


def _squares(finding: Finding, drawn: list[dict[str, Any]], value: str, side: int, font: float) -> list[Any]:
    base = chart_of(drawn)
    position = {
        "x": alt.X("x:Q", axis=None, scale=alt.Scale(nice=False, zero=True)),
        "x2": "x2:Q",
        "y": alt.Y("y:Q", axis=None, scale=alt.Scale(nice=False, zero=True, reverse=True)),
        "y2": "y2:Q",
    }
    middle = base.transform_calculate(mx="datum.x + 0.5", my="datum.y + 0.5")
    ink = alt.Color("ink:N", scale=None)
    tips = tooltip(finding, "region_id", (value,))
    two_lines = side >= 30
    layers = [
        base.transform_filter("datum.step >= 0")
        .mark_rect(stroke=colour("surface"), strokeWidth=2, cornerRadius=3)
        .encode(**position, color=alt.Color("fill:N", scale=None), tooltip=tips),
        base.transform_filter("datum.step < 0")
        .mark_rect(
            fill=colour("missing"), stroke=colour("missing_line"), strokeWidth=1, strokeDash=[2, 3], cornerRadius=3
        )
        .encode(**position, tooltip=tips),
        base.transform_filter("datum.focus")
        .mark_rect(filled=False, stroke=colour("bench"), strokeWidth=3, cornerRadius=3)
        .encode(**position, tooltip=tips),
    ]
    for test, rise, lead in (("!datum.two", 0.13, 0), ("datum.two", 0.29, 1.1)):
        layers.append(
            middle.transform_filter(test)
            .mark_text(fontWeight=600, lineHeight=max(8.0, lead * 0.85 * font), dy=-rise * side if two_lines else 0)
            .encode(x="mx:Q", y="my:Q", text="place:N", color=ink, size=alt.Size("font:Q", scale=None))
        )
    if two_lines:
        layers.append(
            middle.transform_filter("datum.small")
            .mark_text(fontSize=max(8, font - 2), dy={"expr": f"datum.two ? {0.29 * side} : {0.2 * side}"})
            .encode(x="mx:Q", y="my:Q", text="number:N", color=ink)
        )
    return layers


def _steps(values: Sequence[float], midpoint: float | None) -> np.ndarray:
    """Limits of the classes: quantiles, so that every colour is used; beside a midpoint, three a side."""
    found = np.asarray(values, float)
    if not len(found):
        return np.empty(0)
    if midpoint is None:
        edges = np.unique(_rounded(np.quantile(found, [0.2, 0.4, 0.6, 0.8])))
        # Where many places share the least value, nothing lies below it.
        return edges[edges > found.min()]
    below, above = found[found < midpoint], found[found >= midpoint]
    sides = [
        np.quantile(part, [1 / 3, 2 / 3]) if len(part) else np.array([midpoint, midpoint]) for part in (below, above)
    ]
    edges = np.concatenate([_rounded(sides[0]), [midpoint], _rounded(sides[1])])
    # Six classes always, so that the midpoint stays between the two colours.
    return np.maximum.accumulate(edges)


def _rounded(edges: np.ndarray) -> np.ndarray:
    """Limits a person can read: two digits, or three where two would merge classes."""
    for digits in (2, 3, 4):
        rounded = np.array([float(f"{edge:.{digits}g}") for edge in edges])
        if len(np.unique(rounded)) == len(np.unique(edges)):
            return rounded
    return edges


def _tokens(classes: int, midpoint: float | None) -> list[str]:
    if midpoint is not None:
        return list(DIVERGING)
    picks = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4)}.get(classes, range(5))
    return [SEQUENTIAL[i] for i in picks]


def _legend(
    finding: Finding, value: str, edges: np.ndarray, tokens: list[str], missing: bool, across: float | None = None
) -> Any:
    """Classes and their limits, as wide as what they stand above (the whole picture by default)."""
    across = across or width() - 8
    spec = spec_of(finding, value)
    wide = 40 if is_narrow() else 56
    swatches: list[dict[str, Any]] = [
        {"x": i * wide, "x2": (i + 1) * wide, "fill": colour(token), "edge": ""} for i, token in enumerate(tokens)
    ]
    for swatch, edge in zip(swatches, edges, strict=False):
        swatch["edge"] = spec.write(plain(edge), current_language())
    end = len(tokens) * wide
    frame = {"axis": None, "scale": alt.Scale(domain=[0, across], nice=False)}
    base = chart_of(swatches)
    layers: list[Any] = [
        base.mark_rect(height=10, y=25, stroke=colour("surface")).encode(
            x=alt.X("x:Q", **frame), x2="x2:Q", color=alt.Color("fill:N", scale=None)
        ),
        base.mark_text(y=40, color=colour("muted"), fontSize=10 if is_narrow() else 11).encode(
            x=alt.X("x2:Q", **frame), text="edge:N"
        ),
        chart_of([{"text": heading(finding, value), "x": 0}])
        .mark_text(align="left", y=8, color=colour("muted"), fontWeight=500)
        .encode(x=alt.X("x:Q", **frame), text="text:N"),
    ]
    if missing:
        text = t("charts.missing", current_language())
        layers += [
            chart_of([{"x": end + 22, "x2": end + 42}])
            .mark_rect(height=10, y=25, fill=colour("missing"), stroke=colour("missing_line"), strokeDash=[2, 3])
            .encode(x=alt.X("x:Q", **frame), x2="x2:Q"),
            chart_of([{"x": end + 48, "text": text}])
            .mark_text(align="left", y=26, color=colour("muted"))
            .encode(x=alt.X("x:Q", **frame), text="text:N"),
        ]
    return alt.layer(*layers).properties(width=across, height=46)


def _fitting(name: str, pixels: float, font: float) -> tuple[list[str], float]:
    """A name in one or two lines, in type no smaller than three fifths, cut if even that won't do."""
    smaller = font * min(1.0, pixels / max(text_width(name, font), 1))
    if smaller >= 0.8 * font or " " not in name.strip():
        size = max(smaller, 0.62 * font)
        return [shorten(name, pixels, size)], round(size, 1)
    words = name.split()
    half = min(range(1, len(words)), key=lambda i: abs(len(" ".join(words[:i])) - len(" ".join(words[i:]))))
    lines = [" ".join(words[:half]), " ".join(words[half:])]
    size = max(0.62 * font, min(0.85 * font, *(font * pixels / max(text_width(line, font), 1) for line in lines)))
    return [shorten(line, pixels, size) for line in lines], round(size, 1)
