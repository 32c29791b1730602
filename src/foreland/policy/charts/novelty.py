"""Charts of what is new."""

from __future__ import annotations

from collections import Counter
from typing import Any

import altair as alt

from foreland.charts import lines, ranked_bars
from foreland.charts.common import axis, chart_of, finished, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, keyed, named_rows, names_axis
from foreland.charts.ratios import ratio_scale
from foreland.charts.theme import colour, is_narrow, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

TOKENS = {"first": "focus", "returned": "kind3", "risen": "kind4", "fallen": "bench", "steady": "axis"}
SIGN = " *"
"""Behind words that stand in no list."""


@chart("policy.novelty", "timeline")
def timeline(finding: Finding) -> Any:
    """The years in which each term is said, from the one said first to the newest; larger: more often."""
    rows = [row for row in finding.tables["timeline"].to_pylist() if row["mentions"]]
    shown = set(_liveliest(finding, rows, 22 if is_narrow() else 36, 5))
    rows = [row for row in rows if row["term"] in shown]
    if not rows:
        return nothing_to_draw(finding)
    opening = {row["term"]: row["year"] for row in sorted(rows, key=lambda row: -row["year"])}
    total = {term: sum(row["mentions"] for row in rows if row["term"] == term) for term in shown}
    rows.sort(key=lambda row: (opening[row["term"]], -total[row["term"]], row["term"], row["year"]))
    drawn, room = _starred(*named_rows(finding, rows, "term", ("year", "mentions", "listed"), set()))
    names = {row["term"]: row["name"] for row in reversed(drawn)}
    years = [str(year) for year in sorted({row["year"] for row in finding.tables["timeline"].to_pylist()})]
    for row in drawn:
        row["name"] = names[row["term"]]
        # What the first year has may be older than the documents.
        row["opens"] = row["year"] == opening[row["term"]] and str(row["year"]) != years[0]
    every = max(1, -(-len(years) // (4 if is_narrow() else 10)))
    inner = width() - room - 16
    for row in drawn:
        row["period"] = str(row["year"])
    across = alt.X(
        "period:O", sort=years,
        scale=alt.Scale(type="point", domain=years, padding=0.4),
        axis=alt.Axis(title=None, orient="top", values=years[::-1][::every][::-1], labelAngle=0, grid=False),
    )  # fmt: skip
    down = alt.Y(
        "name:N", sort=list(dict.fromkeys(row["name"] for row in drawn)),
        axis=alt.Axis(title=None, grid=True, labelLimit=room, labelPadding=8),
    )  # fmt: skip
    top = max(row["mentions"] for row in drawn)
    size = alt.Size("mentions:Q", legend=None, scale=alt.Scale(domain=[1, max(top, 2)], range=[34, 240]))
    tips = tooltip(finding, "term", ("year", "mentions", "listed"))
    base = chart_of(drawn)
    layers = [
        base.transform_filter("!datum.opens")
        .mark_circle(opacity=1, color=colour("rest"))
        .encode(x=across, y=down, size=size, tooltip=tips),
        base.transform_filter("datum.opens")
        .mark_circle(opacity=1, color=colour("focus"))
        .encode(x=across, y=down, size=size, tooltip=tips),
    ]
    marks = [("focus", "●", t("policy.chart.opens", current_language())),
             ("rest", "●", t("policy.chart.again", current_language()))]  # fmt: skip
    if not all(row["listed"] for row in drawn):
        marks.append(("muted", SIGN.strip(), t("policy.chart.unlisted", current_language())))
    return finished(keyed(alt.layer(*layers).properties(width=inner, height=alt.Step(20)), marks), finding)


@chart("policy.novelty", "ratio")
def ratio(finding: Finding) -> Any:
    """How many times as often the newest year says each term; an arrow where nothing was said before."""
    rows = _newest(finding)
    rows = [
        *_part(rows, "first", 14, clear=True),
        *_part(rows, "risen", 12, clear=True),
        *_part(rows, "returned", 5, clear=True),
        *_part(rows, "fallen", 5, clear=True),
        *_part(rows, "first", 10, clear=False, listed=True),
        *_part(rows, "first", 6, clear=False, listed=False),
        *_part(rows, "returned", 4, clear=False),
    ]
    rows = rows[: 24 if is_narrow() else 40]
    if not rows:
        return nothing_to_draw(finding)
    told = ("ratio", "low", "high", "state", "clear", "mentions", "before", "listed")
    drawn, room = _starred(*named_rows(finding, rows, "term", told, set()))
    known = [row[c] for row in rows for c in ("ratio", "low", "high") if row[c]]
    scale, ticks, low = ratio_scale(known)
    end = scale.domain[1] * 1.6
    scale = alt.Scale(type="log", domain=[low, end], nice=False)
    for row in drawn:
        row["from"] = max(row["low"] or low, low)
        row["to"] = end if row["high"] is None else max(row["high"], low)
        row["at"] = None if row["ratio"] is None else max(row["ratio"], low)
        row["end"] = end
        row["tone"] = colour(TOKENS[row["state"]])
        row["text"] = f"{row['before']} → {row['mentions']}"
    number = 62
    inner = width() - room - number - 8
    base, y = chart_of(drawn), names_axis(drawn, room)
    tips = tooltip(finding, "term", told)
    ink = alt.Color("tone:N", scale=None)
    faint = alt.condition("datum.clear", alt.value(1.0), alt.value(0.45))
    x = alt.X("from:Q", scale=scale, axis=axis(finding, "ratio", orient="top", values=ticks))
    layers: list[Any] = [
        chart_of([{"one": 1.0}]).mark_rule(color=colour("ink"), strokeWidth=1).encode(x=alt.X("one:Q", scale=scale)),
        base.mark_rule(strokeWidth=3, strokeCap="round").encode(
            x=x, x2="to:Q", y=y, color=ink, opacity=faint, tooltip=tips
        ),
        base.transform_filter("isValid(datum.at)")
        .mark_point(filled=True, size=80, stroke=colour("surface"), strokeWidth=1)
        .encode(x=alt.X("at:Q", scale=scale), y=y, color=ink, opacity=faint, tooltip=tips),
        base.transform_filter("!isValid(datum.at)")
        .mark_point(shape="triangle-right", filled=True, size=70)
        .encode(x=alt.X("end:Q", scale=scale), y=y, color=ink, opacity=faint, tooltip=tips),
        base.mark_text(align="right", x=inner + number - 4, baseline="middle", color=colour("muted")).encode(
            y=y, text="text:N"
        ),
    ]
    language = current_language()
    marks = [
        (TOKENS[state], "●", t(f"policy.value.{state}", language))
        for state in TOKENS
        if any(row["state"] == state for row in drawn)
    ]
    marks.append(("muted", "○", t("policy.chart.pale", language)))
    if not all(row["listed"] for row in drawn):
        marks.append(("muted", SIGN.strip(), t("policy.chart.unlisted", language)))
    return finished(keyed(alt.layer(*layers).properties(width=inner, height=alt.Step(ROW)), marks), finding)


@chart("policy.novelty", "lines")
def over_time(finding: Finding) -> Any:
    """Mentions per 10,000 characters of what is new or risen, by year."""
    rows = finding.tables["timeline"].to_pylist()
    years = Counter(row["term"] for row in rows if row["mentions"])
    lively = [row["term"] for row in _newest(finding) if row["state"] == "risen"][:5]
    lasting = [row for row in rows if years[row["term"]] >= 3]
    lively += [term for term in _liveliest(finding, lasting, 8) if term not in lively]
    drawn = [{**row, "period": str(row["year"])} for row in rows if row["term"] in lively[:7]]
    return lines(finding, drawn, y="mention_density", series="term", focus=lively[:7])


@chart("policy.novelty", "spread")
def spread(finding: Finding) -> Any:
    """What is new, by the number of places that say it."""
    rows = [row for row in _newest(finding) if row["state"] == "first"]
    rows.sort(key=lambda row: (-row["places_since"], -row["mentions"], row["term"]))
    return ranked_bars(finding, rows, label="term", value="places_since", limit=24 if is_narrow() else 40)


def _part(rows: list[dict[str, Any]], state: str, most: int, **also: bool) -> list[dict[str, Any]]:
    return [row for row in rows if row["state"] == state and all(row[k] == v for k, v in also.items())][:most]


def _newest(finding: Finding) -> list[dict[str, Any]]:
    rows = finding.rows()
    year = max(row["year"] for row in rows)
    return [row for row in rows if row["year"] == year]


def _liveliest(finding: Finding, rows: list[dict[str, Any]], most: int, each: int | None = None) -> list[str]:
    """Terms by their mentions a year since they were first said, so that old ones don't crowd out new ones; of those
    first said in one year at most so many, those of the list before others."""
    years = sorted({row["year"] for row in rows})
    said: dict[str, int] = {}
    opening: dict[str, int] = {}
    for row in rows:
        if row["mentions"]:
            said[row["term"]] = said.get(row["term"], 0) + row["mentions"]
            opening[row["term"]] = min(opening.get(row["term"], 9999), row["year"])
    rate = {term: said[term] / sum(year >= opening[term] for year in years) for term in said}
    own = {row["term"] for row in finding.rows()}
    known = {row["term"]: row["listed"] for row in rows}
    order = sorted(own & set(said), key=lambda term: (not known[term], -rate[term], -opening[term], term))
    taken: Counter[int] = Counter()
    chosen = []
    for term in order:
        taken[opening[term]] += 1
        # Words of no list have room beside the others.
        if each is None or taken[opening[term]] <= each or (not known[term] and taken[opening[term]] <= 3 * each):
            chosen.append(term)
    chosen.sort(key=lambda term: (-rate[term], -opening[term], term))
    return chosen[:most]


def _starred(drawn: list[dict[str, Any]], room: int) -> tuple[list[dict[str, Any]], int]:
    """Names with a sign behind words of no list."""
    for row in drawn:
        row["name"] += "" if row["listed"] else SIGN
    return drawn, room + (0 if all(row["listed"] for row in drawn) else 10)
