"""Charts of what is emerging."""

from __future__ import annotations

from typing import Any

import altair as alt

from foreland.charts import quadrant
from foreland.charts.common import axis, chart_of, cut, finished, in_focus, nothing_to_draw, plain, tooltip
from foreland.charts.parts import ROW, named_rows, names_axis
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.foresight.charts.planes import MOST, Plane, size_plane
from foreland.i18n import current_language, t

TOKENS = {"emerging": "kind2", "rising": "kind1", "steady": "axis", "falling": "kind3"}
PARTS = {
    "vitality": "kind1", "growth": "kind2", "novelty": "kind3", "acceleration": "kind4", "diffusion_change": "kind5",
    "impact": "kind6", "coherence": "kind7",
}  # fmt: skip
LISTED = 30
EACH = 6
"""How many of the risers and of the fallers are drawn."""


@chart("foresight.emerging", "plane")
def plane(finding: Finding) -> Any:
    """Growth beyond that of all documents with its interval, against the number of documents."""
    language = current_language()
    drawn = Plane(
        "count",
        "excess",
        ("excess_low", "excess_high"),
        "course",
        TOKENS,
        also=("growth", "vitality", "score"),
        cross=(None, 0.0),
        titles=(t("foresight.axis.documents", language), t("foresight.axis.excess", language)),
    )
    rows = [row for row in finding.rows() if "excess" in row]
    ranked = [row for row in rows if row["rank"]]
    if len(ranked) > MOST:
        # Both ends of a long list, and what is asked about.
        own = [row for row in rows if row["field_id"] in finding.scope.field]
        rows = [*own, *(row for row in (*ranked[: MOST - 40], *ranked[-30:]) if row not in own)]
    return size_plane(finding, rows, drawn)


@chart("foresight.emerging", "parts")
def parts(finding: Finding) -> Any:
    """Scores as sums of what each signal adds or takes away."""
    wanted = in_focus(finding, None)
    ranked = [row for row in finding.rows() if row["score"] is not None]
    rows = [row for i, row in enumerate(ranked) if i < LISTED or row["field_id"] in wanted]
    names = [name for name in PARTS if rows and f"part_{name}" in rows[0]]
    if not names:
        return nothing_to_draw(finding)
    language = current_language()
    told = ("score", *(f"part_{name}" for name in names), "course", "growth")
    told = tuple(column for column in told if column in rows[0])
    drawn, room = named_rows(finding, rows, "field_id", told, wanted)
    words = [t(f"foresight.signal.{name}", language) for name in names]
    pieces = []
    for row in drawn:
        ends = {True: 0.0, False: 0.0}
        for name, word in zip(names, words, strict=True):
            value = row[f"part_{name}"]
            if value is None:
                continue
            up = value >= 0
            pieces.append({**row, "piece": word, "from": ends[up], "to": ends[up] + value})
            ends[up] += value
    number = int(max(text_width(row["t_score"], 12) for row in drawn)) + 14
    inner = width() - room - number - 8
    x = alt.X("from:Q", axis=axis(finding, "score", orient="top", tickCount=4 if is_narrow() else 7))
    y = names_axis(drawn, room)
    # Pages may show another face, a little wider than the one that is measured.
    y["axis"]["minExtent"] = room
    fill = alt.Color(
        "piece:N",
        title=None,
        scale=alt.Scale(domain=words, range=[colour(PARTS[name]) for name in names]),
        legend=alt.Legend(symbolType="square", columns=3 if is_narrow() else 7),
    )
    tips = tooltip(finding, "field_id", told)
    base = chart_of(drawn)
    layers = [
        chart_of(pieces)
        .mark_bar(height={"band": 0.62}, opacity=0.85)
        .encode(x=x, x2="to:Q", y=y, color=fill, tooltip=tips),
        chart_of([{"from": 0.0}]).mark_rule(color=colour("axis")).encode(x="from:Q"),
        base.mark_point(filled=True, shape="diamond", size=60, color=colour("ink"), opacity=1).encode(
            x="score:Q", y=y, tooltip=tips
        ),
        base.mark_text(align="right", x=inner + number - 4, baseline="middle").encode(y=y, text="t_score:N"),
    ]
    return finished(alt.layer(*layers).properties(width=inner, height=alt.Step(ROW)), finding)


@chart("foresight.emerging", "courses")
def courses(finding: Finding) -> Any:
    """Share of all documents year by year: of the units that rose and that fell most, each on its own scale."""
    table = finding.tables.get("series")
    wanted = set(finding.scope.field)
    rows = [row for row in finding.rows() if row.get("excess") is not None]
    rows = [row for row in rows if row["rank"] or row["field_id"] in wanted]
    if table is None or not rows:
        return nothing_to_draw(finding)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        if plain(row["output_share"]) is not None:
            found.setdefault(row["field_id"], []).append(row)
    ranked = sorted(rows, key=lambda row: (-row["excess"], row["field_id"]))
    ranked = [row for row in ranked if len(found.get(row["field_id"], [])) > 1]
    own = [row for row in ranked if row["field_id"] in finding.scope.field]
    up = [row for row in ranked if row["excess"] > 0][:EACH]
    down = [row for row in ranked[::-1] if row["excess"] <= 0][:EACH]
    groups = [(own, "focus", None), (up, "kind2", "up"), (down, "kind3", "down")]
    drawn = [(row, token, key) for members, token, key in groups for row in members]
    if not drawn:
        return nothing_to_draw(finding)
    across = 2 if is_narrow() else 3
    layers: list[Any] = []
    top = 0.0
    for members, token, key in groups:
        if members:
            layers_, top = _panels(finding, members, found, (token, key, across), top)
            layers += layers_
    size = {"width": width() - 12, "height": top}
    return finished(alt.layer(*layers).properties(**size), finding)


@chart("foresight.emerging", "against_world")
def against_world(finding: Finding) -> Any:
    """Growth at home against growth in the world, both beyond that of all documents."""
    rows = [row for row in finding.rows() if row.get("world_excess") is not None and row.get("excess") is not None]
    language = current_language()
    corners = [t(f"foresight.emerging.corner.{name}", language) for name in ("ahead", "both", "neither", "missed")]
    a, b, c, d = corners
    return quadrant(finding, rows, x="world_excess", y="excess", label="field_id", corners=(a, b, c, d), cross=(0, 0))


def _panels(
    finding: Finding,
    members: list[dict[str, Any]],
    found: dict[str, list[dict[str, Any]]],
    look: tuple[str, str | None, int],
    top: float,
) -> tuple[list[Any], float]:
    """Small pictures side by side, drawn by pixels; where the next ones start below them."""
    token, key, across = look
    language = current_language()
    gap, high, head = 18.0, 58.0, 42.0
    wide = (width() - 12 - gap * (across - 1)) / across
    texts: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    if key:
        words = t(f"foresight.emerging.{key}", language)
        texts.append({"px": 0.0, "py": top + 8, "text": words, "ink": colour(token), "bold": True, "side": "left"})
        top += 26
    for n, row in enumerate(members):
        left, floor = (n % across) * (wide + gap), top + (n // across) * (high + head + 14) + head + high
        line = found[row["field_id"]]
        values = [point["output_share"] for point in line]
        most = max(values) or 1.0
        name = finding.name(row["field_id"])
        # Shares are over windows, so the two that growth compares are a window apart.
        before = max(len(line) - 1 - int(finding.provenance.parameters["window"]), 0)
        start, end = _percent(values[before]), _percent(values[-1])
        years = ("—" if language == "zh" else "–").join((line[0]["period"], line[-1]["period"]))
        texts.append(_words(left, floor - high - 30, cut(name, wide - 4), "ink", "left", bold=True))
        texts.append(_words(left, floor - high - 14, f"{start} → {end}", token, "left"))
        texts.append(_words(left + wide, floor - high - 14, years, "muted", "right"))
        for k, (point, value) in enumerate(zip(line, values, strict=True)):
            points.append(
                {
                    "field_id": row["field_id"],
                    "px": left + 3 + (wide - 6) * k / (len(line) - 1),
                    "py": floor - (high - 4) * value / most,
                    "base": floor,
                    "end": "now" if k == len(line) - 1 else "before" if k == before else None,
                    "t_field_id": name,
                    "t_period": point["period"],
                    "t_output_share": _percent(value),
                    "t_count": f"{point['count']:,.0f}",
                }
            )
    x = alt.X("px:Q", scale=alt.Scale(domain=[0, width() - 12], nice=False), axis=None)
    y = alt.Y("py:Q", scale=None, axis=None)
    tips = tooltip(finding, "field_id", ("period", "output_share", "count"))
    base = chart_of(points)
    layers: list[Any] = [
        base.mark_area(opacity=0.14, color=colour(token)).encode(x=x, y=y, y2="base:Q", detail="field_id:N"),
        base.mark_line(strokeWidth=2, color=colour(token)).encode(x=x, y=y, detail="field_id:N"),
        base.transform_filter("datum.end == 'before'")
        .mark_point(filled=True, size=42, fill=colour("surface"), stroke=colour(token), strokeWidth=1.6, opacity=1)
        .encode(x=x, y=y),
        base.transform_filter("datum.end == 'now'")
        .mark_point(filled=True, size=45, color=colour(token), opacity=1)
        .encode(x=x, y=y),
        base.mark_point(size=60, opacity=0).encode(x=x, y=y, tooltip=tips),
    ]
    for side in ("left", "right"):
        for bold in (True, False):
            part = [row for row in texts if row["side"] == side and row["bold"] == bold]
            if part:
                mark = chart_of(part).mark_text(align=side, baseline="middle", fontWeight=600 if bold else 400)
                layers.append(mark.encode(x=x, y=y, text="text:N", color=alt.Color("ink:N", scale=None)))
    rows = -(-len(members) // across)
    return layers, top + rows * (high + head + 14) + 10


def _words(px: float, py: float, text: str, token: str, side: str, *, bold: bool = False) -> dict[str, Any]:
    return {"px": px, "py": py, "text": text, "ink": colour(token), "side": side, "bold": bold}


def _percent(value: float) -> str:
    return f"{value:.1%}" if value >= 0.01 else f"{value:.2%}"
