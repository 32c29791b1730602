"""Charts of main paths: documents down the years, one a line, with the citations that join them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import altair as alt

from foreland.charts import ranked_bars
from foreland.charts.common import chart_of, finished, nothing_to_draw, plain, prepared, tooltip
from foreland.charts.parts import keyed
from foreland.charts.theme import BOLD, colour, is_narrow, shorten, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

SHOWN = 60
"""Most documents of one picture."""
ROW = 28
FRAME = 1040
"""Pixels across of a wide picture: titles are long, and the page's frame has that much."""
TOLD = ("year", "through", "cited_within", "venue", "document_id")


@chart("foresight.main_path", "path")
def path(finding: Finding) -> Any:
    """The documents from the oldest down, the heaviest path as a straight line, other routes in lanes beside it.

    Those in which the place asked about took part have a colour of their own.
    """
    rows = _shown(finding.rows())
    if not rows:
        return nothing_to_draw(finding)
    told = (*TOLD, *(["took_part"] if "took_part" in rows[0] else []))
    drawn = prepared(finding, rows, "title", told)
    at = {row["document_id"]: n for n, row in enumerate(drawn)}
    table = finding.tables["links"]
    links = [{key: plain(value) for key, value in row.items()} for row in table.to_pylist()]
    links = [link for link in links if link["from_document_id"] in at and link["to_document_id"] in at]
    joined = [(at[link["from_document_id"]], at[link["to_document_id"]]) for link in links]
    most = 4 if is_narrow() else 9
    lanes = _lanes([bool(row["on_main"]) for row in drawn], joined, most)
    step = 12 if is_narrow() else 16
    across_all, letters = (width() - 8, 12.5) if is_narrow() else (FRAME, 14)
    left = 56
    text_at = left + step * max(lanes) + 16
    for n, row in enumerate(drawn):
        row["px"], row["py"] = left + step * lanes[n], -ROW * (n + 0.5)
        row["words"] = shorten(row["name"], (across_all - text_at - 4) / BOLD, letters)
        row["when"] = row["t_year"] if n == 0 or row["t_year"] != drawn[n - 1]["t_year"] else ""
        row["tone"] = colour("kind2" if row.get("took_part") else "focus" if row["on_main"] else "axis")
        row["area"] = 28 + 150 * row["through"]
        row["href"] = f"/documents/{quote(row['document_id'], safe=':/.')}?lang={current_language()}"
    across = alt.X("px:Q", axis=None, scale=alt.Scale(domain=[0, across_all], nice=False, zero=False))
    down = alt.Y("py:Q", axis=None, scale=alt.Scale(domain=[-ROW * len(drawn), 0], nice=False, zero=False))
    tips = tooltip(finding, "title", told)
    layers: list[Any] = []
    for main in (False, True):
        points = [
            point
            for number, (link, ends) in enumerate(zip(links, joined, strict=True))
            if bool(link["on_main"]) == main
            for point in _bow(number, drawn[ends[0]], drawn[ends[1]], lanes, ends)
        ]
        if points:
            layers.append(
                chart_of(points)
                .mark_line(
                    interpolate="basis",
                    color=colour("focus" if main else "rest"),
                    strokeWidth=2.4 if main else 1.1,
                    opacity=1 if main else 0.9,
                )
                .encode(x=across, y=down, detail="link:N", order="nth:Q")
            )
    base = chart_of(drawn)
    layers += [
        base.mark_point(filled=True, opacity=1, stroke=colour("surface"), strokeWidth=1).encode(
            x=across,
            y=down,
            size=alt.Size("area:Q", scale=None),
            fill=alt.Fill("tone:N", scale=None),
            tooltip=tips,
            href="href:N",
        ),
        base.mark_text(align="left", baseline="middle", color=colour("muted"), fontSize=letters - 1).encode(
            x=alt.value(0), y=down, text="when:N"
        ),
    ]
    for main in (False, True):
        if any(bool(row["on_main"]) == main for row in drawn):
            layers.append(
                base.transform_filter(f"datum.on_main == {str(main).lower()}")
                .mark_text(align="left", baseline="middle", fontSize=letters, fontWeight=600 if main else 400)
                .encode(x=alt.value(text_at), y=down, text="words:N", tooltip=tips, href="href:N")
            )
    picture = alt.layer(*layers).properties(width=across_all, height=ROW * len(drawn))
    language = current_language()
    marks = [("focus", "●", t("foresight.chart.main", language))]
    if not all(row["on_main"] for row in drawn):
        marks.append(("axis", "●", t("foresight.chart.other", language)))
    if any(row.get("took_part") for row in drawn):
        named = " · ".join(finding.name(region, language) for region in finding.scope.region)
        marks.append(("kind2", "●", t("foresight.chart.took_part", language, place=named)))
    return finished(keyed(picture, marks), finding)


@chart("foresight.main_path", "through")
def through(finding: Finding) -> Any:
    """What share of all ways passes through each document, the greatest first; the place's documents in colour."""
    rows = sorted(finding.rows(), key=lambda row: (-row["through"], row["rank"]))
    main = {row["title"] for row in rows if row.get("took_part", row["on_main"])}
    return ranked_bars(finding, rows[:30], label="title", value="through", focus=main, limit=30)


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All documents, or of many those of the heaviest path and those most ways pass through."""
    if len(rows) <= SHOWN:
        return rows
    ranked = sorted(rows, key=lambda row: (not row["on_main"], -row["through"], row["rank"]))
    kept = {row["rank"] for row in ranked[:SHOWN]}
    return [row for row in rows if row["rank"] in kept]


def _lanes(main: list[bool], joined: list[tuple[int, int]], most: int) -> list[int]:
    """Lane of each line of the picture: 0 for the heaviest path, else the first that is free while its links run."""
    first, last = list(range(len(main))), list(range(len(main)))
    for a, b in joined:
        last[a] = max(last[a], b)
        first[b] = min(first[b], a)
    free: list[int] = []
    lanes = []
    for n, on_main in enumerate(main):
        if on_main:
            lanes.append(0)
            continue
        lane = next((k for k, until in enumerate(free) if until < n), len(free))
        if lane == len(free):
            free.append(n)
        free[lane] = last[n] - 1 if last[n] > n else n
        lanes.append(1 + lane)
    return [min(lane, most) for lane in lanes]


def _bow(
    number: int, one: dict[str, Any], other: dict[str, Any], lanes: list[int], ends: tuple[int, int]
) -> list[dict[str, Any]]:
    """Points along a link: straight down its lane where nothing stands between, else past it."""
    a, b = sorted(ends)
    between = any(lanes[n] == lanes[a] for n in range(a + 1, b)) if lanes[a] == lanes[b] else False
    side = max(one["px"], other["px"]) if lanes[a] != lanes[b] else one["px"] - (9 if between else 0)
    upper, lower = (one, other) if ends[0] < ends[1] else (other, one)
    bend = min(ROW, (upper["py"] - lower["py"]) / 2)
    way = [
        (upper["px"], upper["py"]),
        (side, upper["py"] - bend),
        (side, lower["py"] + bend),
        (lower["px"], lower["py"]),
    ]
    return [{"link": number, "nth": nth, "px": x, "py": y} for nth, (x, y) in enumerate(way)]
