"""Charts of the ladder from follower to rival to leader."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import Key, Ratio, lines, ranked_bars, ratio_bars
from foreland.charts.common import Rows, chart_of, cut, finished, nothing_to_draw, plain, prepared, tooltip
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

TOKENS = {"follower": "seq1", "rival": "seq3", "leader": "seq5"}
INKS = {"follower": "muted", "rival": "on_pale", "leader": "on_strong"}
MOST = 45
"""Most fields of one picture."""


@chart("foresight.catch_up", "ladder")
def ladder(finding: Finding) -> Any:
    """Stage by field and year, fields in the order of the table; each step named where it begins."""
    order = [row["field_id"] for row in finding.rows()][:MOST]
    series = [row for row in _series(finding) if row["field_id"] in order and row["stage"] is not None]
    if not series:
        return nothing_to_draw(finding)
    place = {field: i for i, field in enumerate(order)}
    series.sort(key=lambda row: (place[row["field_id"]], row["period"]))
    most = 118 if is_narrow() else 236
    drawn = prepared(finding, series, "field_id", ("period", "stage", "share", "lead_ratio", "leader_id"))
    for row in drawn:
        row["name"] = cut(row["name"], most)
    room = int(max(text_width(row["name"], 12.5) for row in drawn)) + 14
    periods = sorted({row["period"] for row in drawn})
    inner = width() - room - 12
    spans = _spans(drawn, inner / len(periods))
    named = periods[:: -max(1, -(-len(periods) // (4 if is_narrow() else 9)))][::-1]
    across = alt.X(
        "period:O",
        sort=periods,
        scale=alt.Scale(paddingInner=0.0, paddingOuter=0.0),
        axis=alt.Axis(title=None, orient="top", values=named, labelAngle=0, labelOverlap=False),
    )
    names = list(dict.fromkeys(row["name"] for row in drawn))
    down = alt.Y("name:N", sort=names, axis=alt.Axis(title=None, labelLimit=room, labelPadding=8))
    codes = [code for code in TOKENS if any(row["stage"] == code for row in drawn)]
    texts = [next(row["t_stage"] for row in drawn if row["stage"] == code) for code in codes]
    fill = alt.Color(
        "t_stage:N",
        title=None,
        scale=alt.Scale(domain=texts, range=[colour(TOKENS[code]) for code in codes]),
        legend=alt.Legend(symbolType="square", symbolSize=160),
    )
    told = ("period", "stage", "share", "lead_ratio", "leader_id")
    chart_ = alt.layer(
        chart_of(drawn)
        .mark_rect(stroke=colour("surface"), strokeWidth=0.6)
        .encode(x=across, y=down, color=fill, tooltip=tooltip(finding, "field_id", told)),
        chart_of(spans)
        .mark_text(align="left", fontSize=10.5, dx=-(inner / len(periods)) / 2 + 4, baseline="middle")
        .encode(x=across, y=down, text="word:N", color=alt.Color("ink:N", scale=None)),
    )
    return finished(chart_.properties(width=inner, height=alt.Step(22)), finding)


@chart("foresight.catch_up", "ratio")
def ratio(finding: Finding) -> Any:
    """Output over that of the largest other country, on a scale on which half and twice are equally far."""
    rival = finding.provenance.parameters.get("rival_at")
    lines_at = (float(rival),) if rival and 0.01 < float(rival) < 10 else ()
    drawn = Ratio("lead_ratio", floor=0.01, lines=lines_at, also=("count",))
    return ratio_bars(finding, finding.rows(), drawn, key=Key("stage", TOKENS), limit=MOST)


@chart("foresight.catch_up", "lines")
def shares(finding: Finding) -> Any:
    """Share of the world by field: the fields that moved most in colour, the rest grey."""
    moved = [row for row in finding.rows() if row["share"] is not None and row["share_before"] is not None]
    moved.sort(key=lambda row: (-abs(row["share"] - row["share_before"]), row["field_id"]))
    shown = {row["field_id"] for row in finding.rows()}
    series = [row for row in _series(finding) if row["field_id"] in shown and row["share"] is not None]
    chosen = list(finding.scope.field) or [row["field_id"] for row in moved[:3] + _last_two(moved)]
    return lines(finding, series, y="share", series="field_id", focus=chosen)


def _last_two(moved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that moved least say as much as those that moved most."""
    return moved[3:][-2:]


@chart("foresight.catch_up", "top_cited")
def top_cited(finding: Finding) -> Any:
    """What share of the place's documents is among the tenth most cited of field and year, but for small fields."""
    least = float(finding.provenance.parameters["min_count"])
    rows = [row for row in finding.rows() if row.get("top10_share") is not None and row["count"] >= least]
    if not rows:
        return nothing_to_draw(finding)
    rows.sort(key=lambda row: (-row["top10_share"], row["field_id"]))
    world = (0.1, t("foresight.chart.world_tenth", current_language()))
    return ranked_bars(finding, rows, label="field_id", value="top10_share", focus=(), reference=world, limit=40)


def _series(finding: Finding) -> list[dict[str, Any]]:
    table = finding.tables.get("series")
    return [] if table is None else [{k: plain(v) for k, v in row.items()} for row in table.to_pylist()]


def _spans(drawn: Rows, step: float) -> list[dict[str, Any]]:
    """Unbroken stretches of a stage that are long enough to be named, at their first cell."""
    language = current_language()
    spans: list[dict[str, Any]] = []
    for row in drawn:
        last = spans[-1] if spans else None
        if last and last["name"] == row["name"] and last["stage"] == row["stage"]:
            last["long"] += 1
        else:
            word = t(f"foresight.value.{row['stage']}", language)
            ink = colour(INKS[row["stage"]])
            spans.append({**row, "word": word, "ink": ink, "long": 1})
    return [span for span in spans if span["long"] * step >= text_width(span["word"], 10.5) + 8]
