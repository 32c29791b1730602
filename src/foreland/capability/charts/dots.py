"""Forms used once: judged scores, ranks in many indicators."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts.common import Rows, axis, chart_of, finished, nothing_to_draw, tooltip
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.i18n import current_language, t


def accuracy(finding: Finding, rows: Rows) -> alt.LayerChart:
    """ROC-AUC of model and plain rules with intervals, and the line of chance."""
    rows = [row for row in rows if row.get("roc_auc") is not None]
    if not rows:
        return nothing_to_draw(finding)
    told = ("roc_auc", "roc_auc_lower", "roc_auc_upper")
    drawn, room = named_rows(finding, rows, "score_of", told, {"model"})
    base = chart_of(drawn)
    y = names_axis(drawn, room)
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X(
        "roc_auc:Q",
        scale=scale,
        axis=axis(finding, "roc_auc", orient="top", values=[0, 0.2, 0.4, 0.6, 0.8, 1], labelOverlap=False),
    )
    ink = alt.condition("datum.focus", alt.value(colour("focus")), alt.value(colour("axis")))
    tips = tooltip(finding, "score_of", told)
    inner = width() - room - 60
    chance = chart_of([{"roc_auc": 0.5, "text": t("capability.chart.chance", current_language())}])
    layers: list[Any] = [
        chance.mark_rule(color=colour("bench"), strokeDash=[4, 3], strokeWidth=1.5).encode(x=x),
        chance.mark_text(color=colour("bench"), align="left", dx=5, y={"expr": "height + 10"}, fontWeight=600).encode(
            x=x, text="text:N"
        ),
        base.mark_rule(strokeWidth=3, strokeCap="round", opacity=0.6).encode(
            x=alt.X("roc_auc_lower:Q", scale=scale), x2="roc_auc_upper:Q", y=y, color=ink, tooltip=tips
        ),
        base.mark_point(filled=True, size=110, opacity=1).encode(x=x, y=y, color=ink, tooltip=tips),
        base.mark_text(align="right", x=inner + 52, baseline="middle").encode(y=y, text="t_roc_auc:N"),
    ]
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(34)), finding)


def standings(finding: Finding, rows: Rows) -> alt.LayerChart:
    """Ranks on tracks from the first to the last place, one an indicator."""
    rows = sorted(
        (row for row in rows if row.get("rank") and row.get("of")),
        key=lambda r: (r["rank"] / r["of"], r["indicator_id"]),
    )
    if not rows:
        return nothing_to_draw(finding)
    drawn, room = named_rows(finding, rows, "indicator_id", ("rank", "of", "value", "period"), set())
    deepest = max(row["of"] for row in drawn)
    language = current_language()
    for row in drawn:
        row["first"], row["note"] = 1, f"{row['rank']} / {row['of']}"
        row["band"] = 0 if row["rank"] <= row["of"] / 3 else 1 if row["rank"] <= 2 * row["of"] / 3 else 2
    words = [t(f"capability.chart.third.{i}", language) for i in range(3)]
    for row in drawn:
        row["third"] = words[row["band"]]
    number = int(max(text_width(row["note"], 12) for row in drawn)) + 16
    inner = width() - room - number - 8
    base = chart_of(drawn)
    y = names_axis(drawn, room)
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if deepest / step <= (5 if is_narrow() else 9))
    ticks = [1, *range(every if every > 1 else 2, deepest, every), deepest]
    if len(ticks) > 2 and ticks[-1] - ticks[-2] < every / 2:
        ticks.pop(-2)
    scale = alt.Scale(domain=[0.5, deepest + 0.5], nice=False)
    x = alt.X("rank:Q", scale=scale, axis=axis(finding, "rank", orient="top", values=ticks))
    tips = tooltip(finding, "indicator_id", ("rank", "of", "value", "period"))
    thirds = alt.Scale(domain=words, range=[colour("focus"), colour("axis"), colour("bench")])
    shapes = alt.Scale(domain=words, range=["circle", "square", "triangle-down"])
    layers: list[Any] = [
        base.mark_rule(strokeWidth=2, color=colour("grid"), strokeCap="round").encode(
            x=alt.X("first:Q", scale=scale), x2="of:Q", y=y
        ),
        base.mark_point(filled=True, size=120, opacity=1).encode(
            x=x,
            y=y,
            color=alt.Color("third:N", scale=thirds, title=None),
            shape=alt.Shape("third:N", scale=shapes, title=None),
            tooltip=tips,
        ),
        base.mark_text(align="right", x=inner + number - 4, baseline="middle").encode(y=y, text="note:N"),
    ]
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(ROW)), finding)
