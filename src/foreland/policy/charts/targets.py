"""Charts of targets and of how they compare."""

from __future__ import annotations

from collections import Counter
from typing import Any

import altair as alt

from foreland.charts import ranked_bars, tile_map
from foreland.charts.common import axis, chart_of, cut, finished, in_focus, nothing_to_draw, prepared, spec_of, tooltip
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language


@chart("policy.targets", "ambition")
def sparklines(finding: Finding) -> Any:
    """A line a measure, from the lowest place to the highest, a dot a place; what is in focus in colour."""
    table = finding.tables.get("compared")
    rows = [] if table is None else table.to_pylist()
    if not rows:
        return when(finding)
    language = current_language()
    value = spec_of(finding, "value")
    drawn = prepared(finding, rows, "region_id", ("comparator", "year", "unit", "rank"))
    wanted = in_focus(finding, None)
    for row in drawn:
        row["focus"] = row["region_id"] in wanted
        what = finding.name(row["measure_id"], language)
        if row["field_id"]:
            what = f"{finding.name(row['field_id'], language)}: {what}"
        row["what"] = cut(f"{what}, {row['year']}", width() - 20 if is_narrow() else 280)
        row["text"] = f"{row['comparator'].replace('=', '')}{finding.write(value, row['value'], language, row)}"
        row["full"] = f"{row['text']} {row['t_unit']}".strip()
    order = list(dict.fromkeys(row["what"] for row in drawn))
    # On a telephone the names stand above their lines.
    above = is_narrow()
    room = 0 if above else int(max(text_width(what, 12) for what in order)) + 14
    inner = width() - room - 14
    ends = []
    for what in order:
        own = sorted((row for row in drawn if row["what"] == what), key=lambda row: row["position"])
        ends += [
            {"what": what, "position": 0.0, "text": own[0]["text"], "side": "low"},
            {"what": what, "position": 1.0, "text": own[-1]["full"], "side": "high"},
        ]
    margin = {
        side: max(text_width(end["text"], 10.5) for end in ends if end["side"] == side) + 16 for side in ("low", "high")
    }
    line = max(inner - sum(margin.values()), 60)
    domain = [-margin["low"] / line, 1 + margin["high"] / line]
    across = alt.X("position:Q", axis=None, scale=alt.Scale(domain=domain, nice=False))
    down = alt.Y(
        "what:N", sort=order, axis=None if above else alt.Axis(title=None, labelLimit=room, domain=False, ticks=False)
    )
    tips = [
        alt.Tooltip("name:N", title=spec_of(finding, "region_id").label(language)),
        alt.Tooltip("what:N", title=spec_of(finding, "measure_id").label(language)),
        alt.Tooltip("full:N", title=value.label(language)),
        alt.Tooltip("t_rank:N", title=spec_of(finding, "rank").label(language)),
    ]
    base, marks = chart_of(drawn), chart_of(ends)
    named = base.transform_filter("datum.focus")
    layers: list[Any] = [
        marks.mark_line(color=colour("grid"), strokeWidth=1.5).encode(x=across, y=down, detail="what:N"),
        base.mark_circle(size=34, opacity=0.55, color=colour("muted")).encode(x=across, y=down, tooltip=tips),
        named.mark_circle(size=110, opacity=1, color=colour("focus")).encode(x=across, y=down, tooltip=tips),
        named.mark_text(dy=-11, fontSize=10.5, fontWeight=700, color=colour("focus")).encode(
            x=across, y=down, text="text:N"
        ),
        *(
            marks.transform_filter(f"datum.side == '{side}'")
            .mark_text(align="right" if side == "low" else "left", dx=-8 if side == "low" else 8, fontSize=10.5)
            .encode(x=across, y=down, text="text:N", color=alt.value(colour("muted")))
            for side in ("low", "high")
        ),
    ]
    if above:
        names = marks.transform_filter("datum.side == 'low'")
        layers.append(
            names.mark_text(align="left", dy=-25, fontSize=11.5, color=colour("ink")).encode(
                x=alt.value(0), y=down, text="what:N"
            )
        )
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(56 if above else 34)), finding)


@chart("policy.targets", "when")
def when(finding: Finding) -> Any:
    """How many are due by which year."""
    held = Counter(row["year"] for row in finding.rows() if row["year"])
    if not held:
        return nothing_to_draw(finding)
    rows = [{"year": year, "count": held[year]} for year in sorted(held)]
    drawn = prepared(finding, rows, "year", ("count",))
    for row in drawn:
        row["name"] = str(row["year"])
    base = chart_of(drawn)
    x = alt.X("name:O", axis=alt.Axis(title=None, labelAngle=0))
    y = alt.Y("count:Q", axis=alt.Axis(title=spec_of(finding, "count").label(current_language()), tickMinStep=1))
    layers = [
        base.mark_bar(color=colour("focus")).encode(x=x, y=y, tooltip=tooltip(finding, "year", ("count",))),
        base.mark_text(dy=-7, color=colour("muted")).encode(x=x, y=y, text="t_count:N"),
    ]
    return finished(alt.layer(*layers).properties(width=min(width() - 60, 90 * len(rows)), height=260), finding)


@chart("policy.targets", "fields")
def by_field(finding: Finding) -> Any:
    """How many there are of each field."""
    held = Counter(row["field_id"] for row in finding.rows() if row["field_id"])
    rows = [{"field_id": field, "count": count} for field, count in sorted(held.items(), key=lambda i: (-i[1], i[0]))]
    return ranked_bars(finding, rows, label="field_id", value="count", limit=30)


@chart("policy.ambition", "bars")
def bars(finding: Finding) -> Any:
    """Places by what they aim at."""
    return ranked_bars(finding, finding.rows(), label="region_id", value="value", limit=40)


@chart("policy.ambition", "map")
def tiles(finding: Finding) -> Any:
    """The targets on tiles."""
    return tile_map(finding, finding.rows(), value="value")


@chart("policy.ambition", "step")
def step(finding: Finding) -> Any:
    """From what was reported to what is aimed at."""
    rows = [row for row in finding.rows() if row["achieved"] is not None]
    if not rows:
        return bars(finding)
    drawn = prepared(finding, rows, "region_id", ("value", "achieved", "step"))
    for row in drawn:
        row["name"] = cut(row["name"], 110 if is_narrow() else 200)
        row["tone"] = colour("focus" if row["step"] >= 0 else "bench")
    order = [row["name"] for row in sorted(drawn, key=lambda row: (-row["step"], row["region_id"]))]
    room = int(max(text_width(row["name"], 12) for row in drawn)) + 14
    ends = [row[column] for row in rows for column in ("value", "achieved")]
    reach = (max(ends) - min(ends) or abs(max(ends)) or 1) * 0.05
    low = min(ends) - reach if min(ends) < 0 else max(min(ends) - reach, 0)
    scale = alt.Scale(domain=[low, max(ends) + reach], nice=False)
    across = alt.X("value:Q", scale=scale, axis=axis(finding, "value", orient="top"))
    down = alt.Y("name:N", sort=order, axis=alt.Axis(title=None, labelLimit=room))
    tips = tooltip(finding, "region_id", ("value", "achieved", "step"))
    base = chart_of(drawn)
    layers = [
        base.mark_rule(strokeWidth=2).encode(
            x=across, x2="achieved:Q", y=down, color=alt.Color("tone:N", scale=None), tooltip=tips
        ),
        base.mark_point(shape="circle", filled=True, fill=colour("surface"), opacity=1, size=60).encode(
            x=alt.X("achieved:Q"), y=down, stroke=alt.value(colour("muted")), tooltip=tips
        ),
        base.mark_point(shape="diamond", filled=True, opacity=1, size=100).encode(
            x=across, y=down, color=alt.Color("tone:N", scale=None), tooltip=tips
        ),
    ]
    return finished(alt.layer(*layers).properties(width=width() - room - 20, height=alt.Step(20)), finding)
