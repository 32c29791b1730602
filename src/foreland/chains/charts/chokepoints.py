"""Charts of chokepoints."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import intervals
from foreland.charts.common import Rows, chart_of, finished, heading, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import SEQUENTIAL, colour, is_narrow, text_width, width, wrap
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

SHOWN = 25
PARTS = ("part_concentration", "part_substitutes", "part_position", "part_own")


@chart("chains.chokepoints", "parts")
def parts(finding: Finding) -> Any:
    """The score as a bar, and beside it the parts it is made of."""
    rows = [row for row in finding.rows() if row["chokepoint"] is not None][:SHOWN]
    return scored_bars(finding, rows)


@chart("chains.chokepoints", "ranks")
def ranks(finding: Finding) -> Any:
    """The rank, and how far it moves under other weights."""
    rows = [row for row in finding.rows() if row["rank_low"] is not None][:SHOWN]
    return intervals(finding, rows, label="field_id", value="rank", low="rank_low", high="rank_high")


def scored_bars(finding: Finding, rows: Rows) -> Any:
    """Bars of the score with a cell for each part, darker where it is nearer to 1."""
    if not rows:
        return nothing_to_draw(finding)
    shown = [part for part in PARTS if any(row[part] is not None for row in rows)]
    told = ("chokepoint", *shown, "leader_id", "leader_share", "own_share", "rank_low", "rank_high")
    drawn, room = named_rows(finding, rows, "field_id", told, {*finding.scope.field})
    # On a telephone names stand above their bars: beside them there is no room.
    below = 9 if is_narrow() else 0
    cell = 30 if is_narrow() else 78
    bars = width() - (0 if below else room) - 8 - len(shown) * cell - 12
    number = text_width("0.000", 12) + 8
    for row in drawn:
        row["end"] = max(bars - number, 20) * row["chokepoint"]
    cells = [
        {
            "name": row["name"],
            "left": bars + 12 + cell * n,
            "right": bars + 12 + cell * (n + 1) - 3,
            "middle": bars + 12 + cell * (n + 0.5) - 1.5,
            "fill": colour(SEQUENTIAL[min(int(5 * row[part]), 4)]),
            "ink": colour("on_strong" if row[part] >= 0.6 else "on_pale"),
            "written": "" if is_narrow() else f"{row[part]:.2f}",
            **{key: row[key] for key in row if key.startswith("t_")},
        }
        for row in drawn
        for n, part in enumerate(shown)
        if row[part] is not None
    ]
    y = alt.Y("name:N", sort=[row["name"] for row in drawn], axis=None) if below else names_axis(drawn, room)
    thick: Any = 15 if below else {"band": 0.8}
    scale = alt.Scale(domain=[0, bars + 12 + cell * len(shown)], nice=False)
    tips = tooltip(finding, "field_id", told)
    base, squares = chart_of(drawn), chart_of(cells)
    layers: list[Any] = [
        base.mark_bar(height=thick, yOffset=below, cornerRadiusEnd=1, x=0).encode(
            x=alt.X("end:Q", scale=scale, axis=None),
            y=y,
            tooltip=tips,
            color=alt.condition("datum.focus", alt.value(colour("bench")), alt.value(colour("focus"))),
        ),
        base.mark_text(align="left", dx=5, dy=below, baseline="middle").encode(
            x=alt.X("end:Q", scale=scale, axis=None), y=y, text="t_chokepoint:N"
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
        *_headings(finding, shown, bars, cell),
    ]
    if below:
        named = base.mark_text(align="left", baseline="middle", x=0, dy=-8, fontSize=12, color=colour("ink"))
        layers.append(named.encode(y=y, text="t_field_id:N"))
    high = alt.Step(38 if below else ROW)
    picture = alt.layer(*layers).properties(width=bars + 12 + cell * len(shown), height=high)
    return finished(picture, finding)


def _headings(finding: Finding, shown: list[str], bars: float, cell: float) -> list[Any]:
    """What bars and cells are; on a telephone by number, told below."""
    language = current_language()
    made = [_text(0, -10, [heading(finding, "chokepoint").partition(" (")[0].partition("（")[0]], "left")]
    called = [t(f"chains.part.{part.removeprefix('part_')}", language) for part in shown]
    for n, words in enumerate(called):
        if is_narrow():
            made.append(_text(bars + 12 + cell * (n + 0.5), -10, [str(n + 1)], "center"))
            continue
        lines = wrap(words, cell - 4, 11)
        made.append(_text(bars + 12 + cell * (n + 0.5), -10 - 13 * (len(lines) - 1), lines, "center"))
    if is_narrow():
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
