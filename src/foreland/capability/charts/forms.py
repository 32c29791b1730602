"""Forms that several charts of the room share: moves between two values, and how rows are gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

from foreland.charts.common import (
    Rows,
    axis,
    chart_of,
    finished,
    nothing_to_draw,
    plain,
    tooltip,
)
from foreland.charts.parts import ROW, keyed, named_rows, names_axis
from foreland.charts.ratios import ratio_scale
from foreland.charts.theme import colour, text_width, width
from foreland.core.finding import Finding


def table_rows(finding: Finding, name: str) -> list[dict[str, Any]]:
    """A further table of the finding as plain values; empty where it has none."""
    table = finding.tables.get(name)
    return [] if table is None else [{k: plain(v) for k, v in row.items()} for row in table.to_pylist()]


def distinct(rows: Rows, column: str) -> list[Any]:
    """The values of a column in the order they come."""
    return list(dict.fromkeys(row[column] for row in rows))


def totals(rows: Rows, column: str, value: str = "value") -> list[str]:
    """The ids of a column, those with the largest sum of values first."""
    sums: dict[str, float] = {}
    for row in rows:
        sums[row[column]] = sums.get(row[column], 0.0) + (row[value] or 0.0)
    return sorted(sums, key=lambda i: (-sums[i], i))


@dataclass(frozen=True)
class Move:
    """From one value to another, and how the two are marked.

    ``words`` name the two marks; ``note`` is a column written at the right.
    """

    before: str
    after: str
    words: tuple[str, str]
    note: str
    ratio: bool = False
    line: float | None = None


def moves(finding: Finding, rows: Rows, *, label: str, move: Move) -> alt.LayerChart:
    """Two values a row, joined: a ring for what it was (or for the others), a dot for what it is.

    Teal where the second is larger, orange where it is smaller.
    """
    rows = [row for row in rows if row.get(move.after) is not None]
    if not rows:
        return nothing_to_draw(finding)
    told = (move.before, move.after)
    drawn, room = named_rows(finding, rows, label, told, set())
    number = int(max(text_width(row[move.note], 12) for row in drawn)) + 14
    known = [row[c] for row in drawn for c in told if row[c] is not None]
    options: dict[str, Any] = {}
    if move.ratio:
        scale, options["values"], low = ratio_scale(known)
    else:
        pad = 0.06 * (max(known) - min(known)) or 0.5
        low = min(known) - pad
        scale = alt.Scale(domain=[low, max(known) + pad], nice=False)
    for row in drawn:
        row["to"] = max(row[move.after], low)
        row["from"] = row["to"] if row[move.before] is None else max(row[move.before], low)
        row["ring"] = row[move.before] is not None
        row["up"] = row["to"] >= row["from"]
    base = chart_of(drawn)
    y = names_axis(drawn, room)
    x = alt.X("to:Q", scale=scale, axis=axis(finding, move.after, orient="top", **options))
    ink = alt.condition("datum.up", alt.value(colour("focus")), alt.value(colour("bench")))
    tips = tooltip(finding, label, told)
    inner = width() - room - number - 8
    layers: list[Any] = []
    if move.line is not None:
        layers.append(
            chart_of([{"to": move.line}])
            .mark_rule(color=colour("axis"), strokeDash=[4, 3])
            .encode(x=alt.X("to:Q", scale=scale))
        )
    layers += [
        base.mark_rule(strokeWidth=2.5, opacity=0.55).encode(x=x, x2="from:Q", y=y, color=ink, tooltip=tips),
        base.transform_filter("datum.ring")
        .mark_point(filled=True, fill=colour("surface"), size=70, opacity=1, strokeWidth=1.6)
        .encode(x=alt.X("from:Q", scale=scale), y=y, stroke=ink, tooltip=tips),
        base.mark_point(filled=True, size=95, opacity=1).encode(x=x, y=y, color=ink, tooltip=tips),
        base.mark_text(align="right", x=inner + number - 4, baseline="middle").encode(y=y, text=f"{move.note}:N"),
    ]
    chart = alt.layer(*layers).properties(width=inner, height=alt.Step(ROW))
    return finished(keyed(chart, [("muted", "○", move.words[0]), ("muted", "●", move.words[1])]), finding)
