"""Charts of self-reliance."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import heatmap, intervals, lines, ranked_bars
from foreland.charts.common import Rows, axis, chart_of, finished, nothing_to_draw, prepared, tooltip
from foreland.charts.parts import keyed
from foreland.charts.theme import colour, is_narrow, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

SHOWN = 30
IN_COLOUR = 6


def _measure(finding: Finding) -> str:
    chain = finding.provenance.parameters["reach"] == "chain"
    return "self_reliance_chain" if chain else "self_reliance"


def _table(finding: Finding, name: str) -> list[dict[str, Any]]:
    return finding.tables[name].to_pylist() if name in finding.tables else []


@chart("chains.self_reliance", "change")
def change(finding: Finding) -> Any:
    """The least self-reliant sectors: a dot where they stand, a line from where they stood."""
    measure = _measure(finding)
    rows = [row for row in finding.rows() if row.get(measure) is not None][:SHOWN]
    if all(row["share_before"] is None for row in rows):
        return ranked_bars(finding, rows, label="field_id", value=measure, limit=SHOWN)
    drawn = [row if row["share_before"] is not None else {**row, "share_before": row[measure]} for row in rows]
    fallen = {row["field_id"] for row in drawn if row[measure] < row["share_before"]}
    chart = intervals(finding, drawn, label="field_id", value=measure, low="share_before", high=measure, focus=fallen)
    language, years = current_language(), {"before": rows[0]["from_period"], "after": rows[0]["to_period"]}
    marks = [("focus", "●", t("chains.chart.moved.down", language, **years)),
             ("axis", "●", t("chains.chart.moved.up", language, **years))]  # fmt: skip
    return keyed(chart, marks)


@chart("chains.self_reliance", "lines")
def over_years(finding: Finding) -> Any:
    """Self-reliance over the years, the least self-reliant sectors in colour."""
    least = finding.scope.field or [row["field_id"] for row in finding.rows()[:IN_COLOUR]]
    return lines(finding, _table(finding, "years"), y=_measure(finding), series="field_id", focus=set(least))


@chart("chains.self_reliance", "map")
def resting_on(finding: Finding) -> Any:
    """Imports of products through the chain of the sectors that rest on them most."""
    return heatmap(finding, _table(finding, "cells"), x="product_id", y="field_id", value="import_content")


@chart("chains.self_reliance", "products")
def products(finding: Finding) -> Any:
    """The imported products a sector rests on."""
    chain = finding.provenance.parameters["reach"] == "chain"
    value = "import_content" if chain else "import_direct"
    rows = finding.rows() if finding.rows() and "sector_id" in finding.rows()[0] else []
    return ranked_bars(finding, rows, label="field_id", value=value, focus=(), limit=20)


@chart("chains.self_reliance", "years")
def years(finding: Finding) -> Any:
    """A sector's imports in every year: what it buys itself, and what comes with what it buys at home."""
    return stacked_years(finding, _table(finding, "years"))


def stacked_years(finding: Finding, rows: Rows) -> Any:
    """Bars over the years in two parts, with the sum above."""
    told = ("import_content", "import_direct")
    drawn = prepared(finding, rows, "field_id", ("period", *told))
    if not drawn or len({row["field_id"] for row in drawn}) > 1:
        return nothing_to_draw(finding)
    language = current_language()
    words = [t(f"chains.chart.imports.{part}", language) for part in ("direct", "upstream")]
    parts = [
        {**row, "part": words[n], "nth": n, "height": value}
        for row in drawn
        for n, value in enumerate((row["import_direct"], row["import_content"] - row["import_direct"]))
    ]
    across = alt.X("period:O", axis=alt.Axis(title=None, labelAngle=0, grid=False), scale=alt.Scale(padding=0.4))
    tips = tooltip(finding, "field_id", ("period", *told))
    # Room above the highest bar for its number.
    scale = alt.Scale(domain=[0, 1.1 * max(row["import_content"] for row in drawn)], nice=False)
    bars = (
        chart_of(parts)
        .mark_bar()
        .encode(
            x=across,
            y=alt.Y("height:Q", stack="zero", scale=scale, axis=axis(finding, "import_content", title=None)),
            order=alt.Order("nth:Q"),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=words, range=[colour("kind1"), colour("kind2")]),
                legend=alt.Legend(symbolType="square", columns=1 if is_narrow() else 2),
            ),
            tooltip=tips,
        )
    )
    numbered = drawn if len(drawn) * 46 <= width() - 76 else [drawn[0], drawn[-1]]
    sums = chart_of(numbered).mark_text(dy=-8).encode(
        x=across, y=alt.Y("import_content:Q"), text="t_import_content:N"
    )  # fmt: skip
    wide = min(width() - 76, 90 * len(drawn) + 80)
    return finished(alt.layer(bars, sums).properties(width=wide, height=260 if is_narrow() else 340), finding)
