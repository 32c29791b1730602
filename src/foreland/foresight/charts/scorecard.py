"""Charts of how often calls came true."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import lines
from foreland.charts.common import axis, chart_of, cut, finished, nothing_to_draw, plain, prepared, tooltip, up_axis
from foreland.charts.parts import keyed
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

TONES = ("kind1", "kind2")
SIGNS = ("circle", "diamond")
Unit = tuple[str | None, str]
MOST = 30
"""Most units of one picture."""


@chart("foresight.scorecard", "scores")
def scores(finding: Finding) -> Any:
    """Precision of each caller's short list with its interval, by horizon; dashed, the share of all candidates."""
    rows = [row for row in finding.rows() if row["precision"] is not None]
    if not rows:
        return nothing_to_draw(finding)
    told = ("horizon", "precision", "precision_low", "precision_high", "base_rate", "called")
    drawn = prepared(finding, rows, "caller", told)
    horizons = sorted({row["horizon"] for row in drawn})
    for row in drawn:
        row["within"] = _within(row["horizon"])
    names = list(dict.fromkeys(row["name"] for row in drawn if row["horizon"] == horizons[0]))
    room = int(max(text_width(name, 12.5) for name in names)) + 14
    domain = [_within(horizon) for horizon in horizons]
    y = alt.Y("name:N", sort=names, axis=alt.Axis(title=None, labelLimit=room, labelPadding=8, grid=False))
    offset = alt.YOffset("within:N", sort=domain)
    tone = alt.Color(
        "within:N", title=None, scale=alt.Scale(domain=domain, range=[colour(c) for c in TONES]), legend=None
    )
    shape = alt.Shape("within:N", title=None, scale=alt.Scale(domain=domain, range=list(SIGNS)), legend=None)
    tips = tooltip(finding, "caller", told)
    x = alt.X(
        "precision:Q",
        axis=axis(finding, "precision", orient="top", tickCount=3 if is_narrow() else 5),
        scale=alt.Scale(zero=True),
    )
    bases = [
        {"base_rate": next(row["base_rate"] for row in drawn if row["horizon"] == h), "within": _within(h)}
        for h in horizons
    ]
    layers: list[Any] = [
        chart_of(bases)
        .mark_rule(strokeWidth=1.5, strokeDash=[4, 3], opacity=0.8)
        .encode(x=alt.X("base_rate:Q"), color=tone),
        chart_of(drawn)
        .mark_rule(strokeWidth=3, strokeCap="round", opacity=0.45)
        .encode(x=alt.X("precision_low:Q"), x2="precision_high:Q", y=y, yOffset=offset, color=tone, tooltip=tips),
        chart_of(drawn)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(x=x, y=y, yOffset=offset, color=tone, shape=shape, tooltip=tips),
    ]
    picture = alt.layer(*layers).properties(width=width() - room - 16, height=alt.Step(36, **{"for": "position"}))
    language = current_language()
    marks = [(tone_, sign, text) for tone_, sign, text in zip(TONES, "●◆", domain, strict=False)]
    marks.append(("muted", "┆", t("foresight.scorecard.all_candidates", language)))
    return keyed(finished(picture, finding), marks)


def _within(horizon: int) -> str:
    return t("foresight.scorecard.within", current_language(), years=horizon)


@chart("foresight.scorecard", "origins")
def origins(finding: Finding) -> Any:
    """Precision of the short list by the year of the calls, for the shortest horizon, and of all candidates."""
    table = rows_of(finding, "origins")
    if not table:
        return nothing_to_draw(finding)
    first = min(row["horizon"] for row in table)
    shown = {"model", "vitality", "random"}
    rows = [row for row in table if row["horizon"] == first and row["caller"] in shown]
    return lines(finding, rows, y="precision", series="caller", focus=("model", "vitality"))


@chart("foresight.scorecard", "reliability")
def reliability(finding: Finding) -> Any:
    """Probabilities given against the share that came true; on the line they are right."""
    table = rows_of(finding, "bins")
    if not table:
        return nothing_to_draw(finding)
    first = min(row["horizon"] for row in table)
    rows = [row for row in table if row["horizon"] == first]
    drawn = prepared(finding, rows, "caller", ("chance", "came", "called"))
    most = max(max(row["chance"], row["came"]) for row in drawn) * 1.08
    names = list(dict.fromkeys(row["name"] for row in drawn))
    scale = alt.Scale(domain=[0, most], nice=False)
    tones = alt.Scale(domain=names, range=[colour(c) for c in TONES])
    tone = alt.Color("name:N", title=None, scale=tones, legend=alt.Legend(symbolSize=110, orient="top-left", offset=10))
    shape = alt.Shape("name:N", title=None, scale=alt.Scale(domain=names, range=list(SIGNS)))
    x = alt.X("chance:Q", scale=scale, axis=axis(finding, "chance", grid=False))
    y = alt.Y("came:Q", scale=scale, axis=up_axis(finding, "came"))
    size = alt.Size("called:Q", scale=alt.Scale(range=[30, 360]), legend=None)
    ends: list[dict[str, Any]] = [{"chance": 0.0, "came": 0.0}, {"chance": most, "came": most}]
    said = [{**ends[1], "text": t("foresight.scorecard.as_said", current_language())}]
    side = width() - 76 if is_narrow() else 460
    tips = tooltip(finding, "caller", ("chance", "came", "called"))
    picture = alt.layer(
        chart_of(ends).mark_line(color=colour("bench"), strokeDash=[4, 3], strokeWidth=1.5).encode(x=x, y=y),
        chart_of(said)
        .mark_text(color=colour("bench"), align="right", baseline="top", dx=-24, dy=6, fontWeight=600)
        .encode(x=x, y=y, text="text:N"),
        chart_of(drawn).mark_line(strokeWidth=1.2, opacity=0.6).encode(x=x, y=y, color=tone),
        chart_of(drawn)
        .mark_point(filled=True, opacity=0.9)
        .encode(x=x, y=y, color=tone, shape=shape, size=size, tooltip=tips),
    )
    return finished(picture.properties(width=side, height=min(side, 400)), finding)


@chart("foresight.scorecard", "calls")
def calls(finding: Finding) -> Any:
    """The units called most often, by year of the call: ticked where the call came true."""
    # Topics are others at each origin: a line is what they became, with the first call of the year.
    first: dict[tuple[str, Unit], dict[str, Any]] = {}
    for row in rows_of(finding, "calls"):
        first.setdefault((row["period"], (row["region_id"], row["became_id"])), {**row, "field_id": row["became_id"]})
    table = list(first.values())
    times: dict[Unit, list[str]] = {}
    for row in table:
        times.setdefault((row["region_id"], row["field_id"]), []).append(row["period"])
    order = sorted(times, key=lambda unit: (-len(times[unit]), times[unit][0], unit[0] or "", unit[1]))[:MOST]
    return strip(finding, table, order)


def strip(finding: Finding, table: list[dict[str, Any]], order: list[Unit]) -> Any:
    """Calls of some units by year, in the order of the units: ticked where they came true."""
    rows = [row for row in table if (row["region_id"], row["field_id"]) in order]
    if not rows:
        return nothing_to_draw(finding)
    rows.sort(key=lambda row: (order.index((row["region_id"], row["field_id"])), row["period"]))
    told = ("period", "rank", "chance", "growth_after", "came_true")
    drawn, room = named_units(finding, rows, told)
    for row in drawn:
        row["sign"] = "✓" if row["came_true"] else "·"
        row["fill"] = colour("seq4" if row["came_true"] else "seq2")
        row["ink"] = colour("on_strong" if row["came_true"] else "ink")
    years = [int(row["period"][:4]) for row in table]
    periods = [str(year) for year in range(min(years), max(years) + 1)]
    inner = min(width() - room - 12, 72 * len(periods))
    named = periods[:: -max(1, -(-len(periods) // max(int(inner // 36), 1)))][::-1]
    x = alt.X(
        "period:O",
        scale=alt.Scale(domain=periods, paddingInner=0.0, paddingOuter=0.0),
        axis=alt.Axis(title=None, orient="top", values=named, labelAngle=0, labelOverlap=False),
    )
    names = list(dict.fromkeys(row["name"] for row in drawn))
    y = alt.Y("name:N", sort=names, axis=alt.Axis(title=None, labelLimit=room, labelPadding=8))
    tips = tooltip(finding, "field_id", ("region_id", *told) if rows[0]["region_id"] is not None else told)
    base = chart_of(drawn)
    picture = alt.layer(
        base.mark_rect(stroke=colour("surface"), strokeWidth=1).encode(
            x=x, y=y, color=alt.Color("fill:N", scale=None), tooltip=tips
        ),
        base.mark_text(fontSize=10, baseline="middle").encode(
            x=x, y=y, text="sign:N", color=alt.Color("ink:N", scale=None)
        ),
    ).properties(width=inner, height=alt.Step(21))
    language = current_language()
    marks = [
        ("seq4", "■", t("foresight.scorecard.true", language)),
        ("seq2", "■", t("foresight.scorecard.false", language)),
    ]
    return keyed(finished(picture, finding), marks)


def named_units(
    finding: Finding, rows: list[dict[str, Any]], told: tuple[str, ...]
) -> tuple[list[dict[str, Any]], int]:
    """Rows named by place and field, or by field alone; and the pixels that names take."""
    most = 150 if is_narrow() else 330
    if rows[0]["region_id"] is None:
        drawn = prepared(finding, rows, "field_id", told)
    else:
        drawn = prepared(finding, rows, "field_id", ("region_id", *told))
        for row in drawn:
            row["name"] = f"{finding.name(row['region_id'])} · {finding.name(row['field_id'])}"
    short: dict[str, str] = {}
    for row in drawn:
        name = cut(row["name"], most)
        if short.setdefault(name, row["name"]) != row["name"]:
            name = f"{cut(row['name'], most - 30)} {row['field_id'].rpartition(':')[2]}"
        row["name"] = name
    return drawn, int(max(text_width(row["name"], 12.5) for row in drawn)) + 18


def rows_of(finding: Finding, name: str) -> list[dict[str, Any]]:
    """A further table as plain rows."""
    table = finding.tables.get(name)
    return [] if table is None else [{k: plain(v) for k, v in row.items()} for row in table.to_pylist()]
