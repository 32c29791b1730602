"""Bars of products with their parts; on a telephone names stand above the bars, in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from foreland.charts import ranked_bars
from foreland.charts.common import Rows, chart_of, finished, heading, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import SEQUENTIAL, colour, is_narrow, text_width, width, wrap
from foreland.core.finding import Finding
from foreland.i18n import current_language, t


def long_named_bars(finding: Finding, rows: Rows, label: str, value: str, limit: int = 25) -> Any:
    """Ranked bars of things with long names: beside the bars, on a telephone above them."""
    rows = [row for row in rows if row.get(value) is not None][:limit]
    if is_narrow() and rows:
        return scored_bars(finding, rows, label, value)
    return ranked_bars(finding, rows, label=label, value=value, focus=(), limit=limit)


def scored_bars(
    finding: Finding,
    rows: Rows,
    label: str,
    value: str,
    parts: Sequence[str] = (),
    also: Sequence[str] = (),
) -> Any:
    """Bars with a cell for each part, darker where it is nearer to 1.

    Parameters
    ----------
    label, value
        Columns to name and to measure by.
    parts
        Columns between 0 and 1; those without any value are left out.
    also
        Further columns to tell when pointed at.
    """
    if not rows:
        return nothing_to_draw(finding)
    shown = [part for part in parts if any(row[part] is not None for row in rows)]
    told = (value, *shown, *also)
    drawn, room = named_rows(finding, rows, label, told, {*finding.scope.field})
    whole = 1.0 if shown else max(row[value] for row in drawn) or 1.0
    # On a telephone names stand above their bars: beside them there is no room.
    below = 9 if is_narrow() else 0
    cell = 30 if is_narrow() else 78
    gap = 12 if shown else 0
    bars = width() - (0 if below else room) - 8 - len(shown) * cell - gap
    number = max(text_width(row[f"t_{value}"], 12) for row in drawn) + 8
    for row in drawn:
        row["end"] = max(bars - number, 20) * row[value] / whole
    cells = [
        {
            "name": row["name"],
            "left": bars + gap + cell * n,
            "right": bars + gap + cell * (n + 1) - 3,
            "middle": bars + gap + cell * (n + 0.5) - 1.5,
            "fill": colour(SEQUENTIAL[min(int(5 * row[part]), 4)]),
            "ink": colour("on_strong" if row[part] >= 0.6 else "on_pale"),
            "written": "" if is_narrow() else f"{row[part]:.2f}",
            **{key: row[key] for key in row if key.startswith("t_")},
        }
        for row in drawn
        for n, part in enumerate(shown)
        if row[part] is not None
    ]
    if below:
        y = alt.Y("name:N", sort=[row["name"] for row in drawn], axis=None)
    else:
        y = names_axis(drawn, room)
        # Pages may show another face, a little wider than the one that is measured.
        y["axis"]["minExtent"] = room
    thick: Any = 15 if below else {"band": 0.8}
    scale = alt.Scale(domain=[0, bars + gap + cell * len(shown)], nice=False)
    tips = tooltip(finding, label, told)
    base, squares = chart_of(drawn), chart_of(cells)
    layers: list[Any] = [
        base.mark_bar(height=thick, yOffset=below, cornerRadiusEnd=1, x=0).encode(
            x=alt.X("end:Q", scale=scale, axis=None),
            y=y,
            tooltip=tips,
            color=alt.condition("datum.focus", alt.value(colour("bench")), alt.value(colour("focus"))),
        ),
        base.mark_text(align="left", dx=5, dy=below, baseline="middle").encode(
            x=alt.X("end:Q", scale=scale, axis=None), y=y, text=f"t_{value}:N"
        ),
        squares.mark_rect(height=thick, yOffset=below).encode(
            x=alt.X("left:Q", scale=scale, axis=None),
            x2="right:Q",
            y=y,
            color=alt.Color("fill:N", scale=None),
            tooltip=tips,
        ),
        squares.mark_text(baseline="middle", fontSize=11).encode(
            x=alt.X("middle:Q", scale=scale, axis=None), y=y, text="written:N", color=alt.Color("ink:N", scale=None)
        ),
        *_headings(finding, value, shown, bars + gap, cell),
    ]
    if below:
        named = base.mark_text(align="left", baseline="middle", x=0, dy=-8, fontSize=12, color=colour("ink"))
        layers.append(named.encode(y=y, text=f"t_{label}:N"))
    high = alt.Step(38 if below else ROW)
    picture = alt.layer(*layers).properties(width=bars + gap + cell * len(shown), height=high)
    return finished(picture, finding)


def _headings(finding: Finding, value: str, shown: list[str], left: float, cell: float) -> list[Any]:
    """What bars and cells are; on a telephone by number, told below."""
    language = current_language()
    made = [_text(0, -10, [heading(finding, value).partition(" (")[0].partition("（")[0]], "left")]
    called = [t(f"chains.part.{part.removeprefix('part_')}", language) for part in shown]
    for n, words in enumerate(called):
        if is_narrow():
            made.append(_text(left + cell * (n + 0.5), -10, [str(n + 1)], "center"))
            continue
        lines = wrap(words, cell - 4, 11)
        made.append(_text(left + cell * (n + 0.5), -10 - 13 * (len(lines) - 1), lines, "center"))
    if is_narrow() and called:
        key = "   ".join(f"{n} {words}" for n, words in enumerate(called, 1))
        for n, line in enumerate(wrap(key, width() - 8, 11)):
            made.append(_text({"expr": f"-{width() - 8} + width"}, {"expr": f"height + {16 + 15 * n}"}, [line], "left"))
    return made


def _text(x: Any, y: Any, lines: list[str], align: Any) -> Any:
    return (
        chart_of([{"text": lines}])
        .mark_text(align=align, baseline="middle", x=x, y=y, fontSize=11, lineHeight=13, color=colour("muted"))
        .encode(text="text:N")
    )
