"""Parts that many charts are made of: rows with names beside them, names within clouds, keys below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from foreland.charts.common import Rows, bold_where, chart_of, cut, ink_where, prepared
from foreland.charts.theme import BOLD, colour, is_narrow, shorten, text_width, width
from foreland.core.finding import Finding

ROW = 24
"""Height in pixels of a bar with its gap."""


def label_of(rows: Rows) -> str:
    """The column that tells rows of places and fields apart; ``pair`` where it takes both."""
    if len({row.get("region_id") for row in rows}) == 1:
        return "field_id"
    return "region_id" if len({row.get("field_id") for row in rows}) == 1 else "pair"


def named_rows(
    finding: Finding, rows: Rows, label: str, told: tuple[str, ...], wanted: set[str]
) -> tuple[list[dict[str, Any]], int]:
    """Rows as :func:`~foreland.charts.common.prepared` gives them, each with ``name`` and ``focus``.

    Parameters
    ----------
    label
        Column the rows are named by; ``pair`` names them by place and field.
    told
        Columns to write out.
    wanted
        Ids in focus.

    Returns
    -------
    tuple
        The rows, their names cut to what fits beside the marks and told apart, and the pixels that names take.
    """
    most = 118 if is_narrow() else 250
    if label == "pair":
        drawn = prepared(finding, rows, "field_id", ("region_id", *told))
        for row in drawn:
            row["name"] = f"{row['t_region_id']} · {row['t_field_id']}"
            row["focus"] = row["region_id"] in wanted and row["field_id"] in wanted
    else:
        drawn = prepared(finding, rows, label, told)
        for row in drawn:
            row["focus"] = row[label] in wanted
    seen: dict[str, int] = {}
    for row in drawn:
        name = cut(row["name"], most)
        seen[name] = seen.get(name, 0) + 1
        row["name"] = name if seen[name] == 1 else f"{cut(row['name'], most - 24)} ({seen[name]})"
    return drawn, int(min(most, max(text_width(row["name"], 12.5) for row in drawn))) + 14


def names_axis(drawn: Rows, room: int) -> alt.Y:
    """The axis of names, in the order of the rows, those in focus bold; ``room`` as :func:`named_rows` gives it."""
    focused = {row["name"] for row in drawn if row["focus"]}
    return alt.Y(
        "name:N",
        sort=[row["name"] for row in drawn],
        axis=alt.Axis(
            title=None,
            grid=False,
            labelLimit=room,
            labelPadding=8,
            labelFontWeight=bold_where(focused),
            labelColor=ink_where(focused),
        ),
    )


def keyed(chart: Any, marks: Sequence[tuple[str, str, str]]) -> Any:
    """The chart with a line below it that says what signs and colours mean.

    Parameters
    ----------
    marks
        Colour token, sign and meaning of each, from left to right; as many lines as it takes.
    """
    if not isinstance(chart, alt.LayerChart):  # there was nothing to draw
        return chart
    layers: list[Any] = []
    x, line = 0.0, 0
    for token, sign, text in marks:
        long = text_width(text, 12) + 34
        if x and x + long > width() - 110:
            x, line = 0.0, line + 1
        below = f"height + {14 + 17 * line}"
        for at, words, tone in ((x, sign, token), (x + 15, text, "muted")):
            layers.append(
                chart_of([{"text": words}])
                .mark_text(align="left", baseline="middle", x=at, y={"expr": below}, color=colour(tone))
                .encode(text="text:N")
            )
        x += long
    chart.layer.extend(layers)
    return chart


def name_layers(named: list[dict[str, Any]], across: alt.X, up: alt.Y) -> list[Any]:
    """The layers that write names placed by :func:`placed_names`."""
    layers = []
    for side, align, dx in (("right", "left", 8), ("left", "right", -8)):
        part = [row for row in named if row["side"] == side]
        if part:
            layers.append(
                chart_of(part)
                .mark_text(align=align, dx=dx, fontSize=11, baseline="middle")
                .encode(
                    x=across,
                    y=up,
                    text="short:N",
                    color=alt.condition("datum.focus", alt.value(colour("bench")), alt.value(colour("ink"))),
                )
            )
    return layers


def placed_names(
    drawn: list[dict[str, Any]],
    measures: tuple[str, str],
    domains: list[list[float]],
    size: tuple[float, float],
    below: float = 20,
) -> list[dict[str, Any]]:
    """Names that find room beside their points without covering another name or point.

    Parameters
    ----------
    drawn
        Rows with ``name`` and ``focus``; the first are placed first, those in focus before all.
    measures, domains
        Columns across and up, and what their axes run from and to.
    size
        Width and height of the cloud in pixels.
    below
        Pixels kept free at the bottom for what the corners are called.

    Returns
    -------
    list
        The rows that can be named, with ``short``, the name cut to fit, and ``side``, where it stands.
    """
    spots = np.array(
        [
            [
                (row[m] - low) / (high - low) * extent if i == 0 else extent - (row[m] - low) / (high - low) * extent
                for i, (m, (low, high), extent) in enumerate(zip(measures, domains, size, strict=True))
            ]
            for row in drawn
        ]
    )
    taken: list[tuple[float, float, float, float]] = []
    named = []
    order = sorted(range(len(drawn)), key=lambda i: (not drawn[i]["focus"], i))
    for i in order:
        row, (px, py) = drawn[i], spots[i]
        text = cut(row["name"], 110 if is_narrow() else 210)
        long = text_width(text, 11)
        for side, left in (("right", px + 7), ("left", px - 7 - long)):
            box = (left, py - 7, left + long, py + 7)
            inside = box[0] >= 0 and box[2] <= size[0] and box[1] >= 16 and box[3] <= size[1] - below
            covers = any(
                box[0] - 3 < x < box[2] + 3 and box[1] - 2 < y < box[3] + 2 for j, (x, y) in enumerate(spots) if j != i
            )
            hits = any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken)
            must = row["focus"] and side == "right" and box[2] <= size[0]
            if must or (inside and not covers and not hits):
                taken.append(box)
                named.append({**row, "side": side, "short": text})
                break
    return named


def padded(values: list[float]) -> list[float]:
    """From the least to the largest value with a margin on both sides."""
    low, high = min(values), max(values)
    pad = 0.06 * (high - low) or 0.5 * (abs(high) or 1)
    return [low - pad, high + pad]


def cloud_size() -> tuple[float, float]:
    """Width and height in pixels of a cloud of points."""
    wide = width() - 76
    return wide, 300 if is_narrow() else 440


def tile_words(name: str, pixels: float, font: float, code: str = "") -> tuple[list[str], float]:
    """What to write on a tile in bold: the name in one or two lines, else ``code``, else the name cut.

    Parameters
    ----------
    name, code
        Name of the place, and a short code to use where the name would be too small to read.
    pixels, font
        Width of the tile within its margins, and the largest size of type.

    Returns
    -------
    tuple
        Lines, and the size of type in pixels.
    """
    smallest = max(0.7 * font, min(font, 8.0))
    words = name.split()
    choices = [[name]]
    if len(words) > 1:
        half = min(range(1, len(words)), key=lambda i: abs(len(" ".join(words[:i])) - len(" ".join(words[i:]))))
        choices.append([" ".join(words[:half]), " ".join(words[half:])])
    for lines, largest in zip(choices, (font, 0.9 * font), strict=False):
        size = min(largest, *(font * pixels / max(BOLD * text_width(line, font), 1) for line in lines))
        if size >= (smallest if len(lines) == 1 else 0.9 * smallest):
            return lines, round(size, 1)
    if code and BOLD * text_width(code, font) <= pixels:
        return [code], font
    return [shorten(line, pixels / BOLD, smallest) for line in choices[-1]], round(smallest, 1)
