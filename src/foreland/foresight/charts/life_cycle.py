"""Charts of life cycles: one unit's S-curve with its fan, the phases of all, and their curves side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from foreland.charts import Key
from foreland.charts.common import (
    Rows,
    chart_of,
    cut,
    finished,
    nothing_to_draw,
    plain,
    prepared,
    tooltip,
    up_axis,
)
from foreland.charts.theme import colour, is_narrow, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.foresight.charts.spans import growth_spans
from foreland.i18n import current_language, t

PHASE_TOKENS = {
    "emerging": "kind2",
    "growing": "kind1",
    "no_trend": "rest",
    "maturing": "kind6",
    "saturated": "kind5",
}
PANELS = 12
"""Most curves side by side."""


@chart("foresight.life_cycle", "curve")
def curve(finding: Finding) -> Any:
    """The running total, where it is heading, and the ceiling where one can be told."""
    return _fan(finding, ("running_total", "running_low", "running_high"), None)


@chart("foresight.life_cycle", "yearly")
def yearly(finding: Finding) -> Any:
    """Counts a year, the fitted curve and the fan of years to come."""
    return _fan(finding, ("expected", "expected_low", "expected_high"), "count")


@chart("foresight.life_cycle", "phases")
def phases(finding: Finding) -> Any:
    """Growth in the last year with its interval, coloured by phase."""
    title = t("foresight.life_cycle.axis.growth", current_language())
    return growth_spans(
        finding,
        finding.rows()[:45],
        ("growth", "growth_low", "growth_high"),
        Key("phase", PHASE_TOKENS),
        title,
    )


@chart("foresight.life_cycle", "curves")
def curves(finding: Finding) -> Any:
    """Counts, curves and fans of the largest units side by side, each against its own highest year."""
    units = sorted(finding.rows(), key=lambda row: (-row["count"], row["field_id"]))[:PANELS]
    if not units or "phase" not in units[0]:
        return nothing_to_draw(finding)
    order = [row["field_id"] for row in units]
    series = [row for row in _plain(finding, "series") if row["field_id"] in order]
    highest = {
        field: max(row["count"] for row in series if row["field_id"] == field and row["count"] is not None)
        for field in order
    }
    told = ("period", "count", "expected", "expected_low", "expected_high")
    drawn = prepared(finding, series, "field_id", told)
    columns = 2 if is_narrow() else 4
    panel = (width() - 40) / columns - 12
    for row in drawn:
        top = highest[row["field_id"]]
        row["year"] = int(row["period"])
        row["name"] = cut(row["name"], panel - 4)
        for column in told[1:]:
            row[f"r_{column}"] = None if row[column] is None else row[column] / top
    names = list(dict.fromkeys(row["name"] for row in sorted(drawn, key=lambda row: order.index(row["field_id"]))))
    years = [row["year"] for row in drawn]
    across = alt.X(
        "year:Q",
        scale=alt.Scale(domain=[min(years), max(years)], nice=False),
        axis=alt.Axis(title=None, format="d", tickCount=3, grid=False, domain=True),
    )
    scale = alt.Scale(domain=[0, 2], nice=False)
    up = alt.Y("r_expected:Q", scale=scale, axis=alt.Axis(title=None, format="%", values=[0, 1, 2]))
    base = chart_of(drawn)
    tips = tooltip(finding, "field_id", told)
    layers = alt.layer(
        base.mark_area(color=colour("seq2"), opacity=0.6, clip=True).encode(
            x=across, y=alt.Y("r_expected_low:Q", scale=scale), y2="r_expected_high:Q"
        ),
        base.mark_line(color=colour("focus"), strokeWidth=1.8, clip=True).encode(x=across, y=up),
        base.mark_point(filled=True, size=14, opacity=0.9, color=colour("ink")).encode(
            x=across, y=alt.Y("r_count:Q", scale=scale), tooltip=tips
        ),
    ).properties(width=panel - 18, height=96)
    faceted = layers.facet(
        facet=alt.Facet(
            "name:N",
            sort=names,
            header=alt.Header(
                title=None, labelFontSize=11 if is_narrow() else 12, labelColor=colour("ink"), labelAnchor="start",
                labelFontWeight=600,
            ),
        ),
        columns=columns,
        spacing=14,
    )  # fmt: skip
    return finished(faceted, finding)


def _fan(finding: Finding, columns: tuple[str, str, str], counted: str | None) -> Any:
    """Counts, the curve through or from them, and the fan of years to come."""
    rows = [row for row in finding.rows() if row.get(columns[0]) is not None and "phase" not in row]
    if not rows:
        return nothing_to_draw(finding)
    value, low, high = columns
    told = (value, low, high, *([counted] if counted else []))
    drawn = prepared(finding, rows, "period", told)
    for row in drawn:
        row["year"] = int(row["period"])
        row["future"] = row[low] is not None
    past, coming = ([row for row in drawn if row["future"] is future] for future in (False, True))
    # A running total goes on from where the counts end.
    joint = [] if counted else [{**row, low: row[value], high: row[value]} for row in past[-1:]]
    ceiling = None if counted else _ceiling(finding)
    reference = max([row[value] for row in drawn] + ([ceiling["ceiling_high"]] if ceiling else []))
    # An open fan must not press the curve flat.
    top = min(max([row[high] for row in coming] + [reference]), 2.5 * reference) * 1.04
    across = alt.X(
        "year:Q",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(title=None, format="d", tickCount=4 if is_narrow() else 9, grid=False, domain=True),
    )
    scale = alt.Scale(domain=[0, top], nice=False)

    def up(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", axis=up_axis(finding, counted or value), scale=scale)

    words = _words(finding, ceiling is not None)
    tips = tooltip(finding, "period", told)
    layers: list[Any] = [
        _of([*joint, *coming], words, "fan")
        .mark_area(opacity=0.7, clip=True)
        .encode(x=across, y=up(low), y2=f"{high}:Q", color=_tone(words)),
        *(_ceiling_layers(ceiling, scale, words) if ceiling else []),
        _of(drawn if counted else [*joint, *coming], words, "curve")
        .mark_line(strokeWidth=2.4, clip=True)
        .encode(x=across, y=up(value), color=_tone(words)),
        _of(past, words, "counted")
        .mark_point(filled=True, size=42, opacity=1)
        .encode(x=across, y=up(counted or value), color=_tone(words), tooltip=tips),
        chart_of(drawn).mark_point(size=90, opacity=0).encode(x=across, y=up(value), tooltip=tips),
    ]
    picture = alt.layer(*layers).properties(width=width() - 70, height=240 if is_narrow() else 340)
    return finished(picture, finding)


def _words(finding: Finding, ceiling: bool) -> dict[str, tuple[str, str]]:
    """What the marks are called, and their colours."""
    level = f"{float(finding.provenance.parameters.get('interval_level', 90)):g}"
    tones = {"counted": "ink", "curve": "focus", "fan": "seq2", **({"ceiling": "bench"} if ceiling else {})}
    language = current_language()
    return {
        key: (
            t(f"foresight.life_cycle.key.{key}", language, **({"level": level} if key == "fan" else {})),
            colour(tone),
        )
        for key, tone in tones.items()
    }


def _of(rows: Rows, words: dict[str, tuple[str, str]], key: str) -> alt.Chart:
    return chart_of([{**row, "mark": words[key][0]} for row in rows])


def _tone(words: dict[str, tuple[str, str]]) -> alt.Color:
    return alt.Color(
        "mark:N",
        title=None,
        scale=alt.Scale(domain=[word for word, _ in words.values()], range=[tone for _, tone in words.values()]),
        # Room for the title of the axis below it.
        legend=alt.Legend(symbolType="square", symbolOpacity=1, columns=2 if is_narrow() else 4, offset=34),
    )


def _ceiling(finding: Finding) -> Mapping[str, Any] | None:
    rows = [row for row in _plain(finding, "phases") if row["ceiling"] is not None]
    return rows[0] if rows else None


def _ceiling_layers(row: Mapping[str, Any], scale: alt.Scale, words: dict[str, tuple[str, str]]) -> list[Any]:
    ends = {"bottom": row["ceiling_low"], "top": row["ceiling_high"], "at": row["ceiling"]}
    base, tone = _of([ends], words, "ceiling"), _tone(words)
    return [
        base.mark_rect(opacity=0.12).encode(y=alt.Y("bottom:Q", scale=scale), y2="top:Q", color=tone),
        base.mark_rule(strokeDash=[5, 3], strokeWidth=1.5).encode(y=alt.Y("at:Q", scale=scale), color=tone),
    ]


def _plain(finding: Finding, table: str) -> Rows:
    return [{key: plain(value) for key, value in row.items()} for row in finding.tables[table].to_pylist()]
