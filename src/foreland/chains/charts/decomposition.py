"""Charts of structural decomposition."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import ranked_bars
from foreland.charts.common import Rows, axis, chart_of, finished, heading, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart

PARTS = {
    "intensity": "kind6", "inputs": "kind1", "origin": "kind3",
    "use_level": "rest", "use_category": "kind4", "use_mix": "kind2", "use_other": "axis",
}  # fmt: skip


@chart("chains.decomposition", "parts")
def parts(finding: Finding) -> Any:
    """The parts of each sector's change beside each other, a dark tick at their sum."""
    return stacked(finding, finding.rows())


@chart("chains.decomposition", "whole")
def whole(finding: Finding) -> Any:
    """The parts summed over all sectors."""
    rows = [row for row in finding.tables["whole"].to_pylist() if row["set"] == "part"]
    return ranked_bars(finding, rows, label="part", value="contribution", focus=())


@chart("chains.decomposition", "users")
def users(finding: Finding) -> Any:
    """What the change of each kind of final use brought about in all sectors."""
    rows = [row for row in finding.tables["whole"].to_pylist() if row["set"] == "user"]
    rows.sort(key=lambda row: (-row["contribution"], row["indicator_id"]))
    return ranked_bars(finding, rows, label="indicator_id", value="contribution", focus=())


def stacked(finding: Finding, rows: Rows, limit: int = 25) -> Any:
    """Bars of parts that may point either way, with the sum as a tick and in figures."""
    rows = list(rows)[:limit]
    if not rows:
        return nothing_to_draw(finding)
    shown = [part for part in PARTS if any(row.get(part) for row in rows)]
    told = ("gained", *shown)
    drawn, room = named_rows(finding, rows, "field_id", told, set(finding.scope.field))
    names = {part: heading(finding, part).partition(" (")[0].partition("（")[0] for part in shown}
    pieces = [
        {**row, "part": names[part], "amount": row[part], "nth": n}
        for row in drawn
        for n, part in enumerate(shown)
    ]  # fmt: skip
    number = int(max(text_width(row["t_gained"], 12) for row in drawn)) + 16
    inner = width() - room - number - 8
    y, tips = names_axis(drawn, room), tooltip(finding, "field_id", told)
    layers: list[Any] = [
        chart_of(pieces)
        .mark_bar(height={"band": 0.68})
        .encode(
            x=alt.X("amount:Q", stack="zero", axis=axis(finding, "gained", orient="top")),
            y=y,
            order=alt.Order("nth:Q"),
            tooltip=tips,
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=[colour(PARTS[part]) for part in shown]),
                legend=alt.Legend(symbolType="square", columns=1 if is_narrow() else 3),
            ),
        ),
        chart_of([{"amount": 0}]).mark_rule(color=colour("axis")).encode(x=alt.X("amount:Q")),
        chart_of(drawn)
        .mark_tick(color=colour("ink"), thickness=2.5, height={"band": 0.9})
        .encode(x=alt.X("gained:Q"), y=y, tooltip=tips),
        chart_of(drawn)
        .mark_text(align="right", x=inner + number - 4, baseline="middle")
        .encode(y=y, text="t_gained:N"),
    ]
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(ROW)), finding)
