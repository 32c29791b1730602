"""Charts of promise against backing."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import altair as alt

from foreland.charts import tile_map
from foreland.charts.common import (
    Rows,
    axis,
    chart_of,
    cut,
    finished,
    heading,
    in_focus,
    nothing_to_draw,
    prepared,
    tooltip,
    up_axis,
)
from foreland.charts.parts import (
    ROW,
    cloud_size,
    keyed,
    label_of,
    name_layers,
    named_rows,
    names_axis,
    placed_names,
    tile_words,
)
from foreland.charts.theme import colour, is_narrow, text_width, width
from foreland.charts.tiles import gazetteer_tiles, tile_code, tile_name
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t

TOKENS = {
    "over_promised": "bench",
    "quiet_strength": "kind3",
    "backed": "focus",
    "quiet": "axis",
    "too_few": "missing_line",
}
SHAPES = {
    "over_promised": "triangle-down",
    "quiet_strength": "triangle-up",
    "backed": "circle",
    "quiet": "square",
    "too_few": "diamond",
}
SIGNS = {"over_promised": "▼", "quiet_strength": "▲", "backed": "●", "quiet": "■", "too_few": "◇"}
TOLD = ("attention", "backing", "stance", "key_projects", "state_key_labs", "backing_national", "clear")
MOST = 32
NAMED = 14
"""Most names among more than sixty dots."""


@chart("policy.promise", "quadrant")
def quadrant(finding: Finding) -> Any:
    """To the right: spoken of more than elsewhere; up: more projects and laboratories than expected.

    Both axes are in square roots, so that 0 has a place and large values don't push the rest together.
    """
    rows, left_out = _judged(finding)
    if not rows:
        return nothing_to_draw(finding)
    label = _label(rows)
    # Named first: what the headline is about.
    rows.sort(
        key=lambda row: (
            not row["clear"],
            row["stance"] != "over_promised",
            -_distance(row),
            row["region_id"],
            row["field_id"],
        )
    )
    drawn = _pairs(prepared(finding, rows, label, ("region_id", "field_id", *TOLD)), rows, 170)
    wanted = in_focus(finding, None)
    for row in drawn:
        row["s0"], row["s1"] = math.sqrt(row["attention"]), math.sqrt(row["backing"])
        row["focus"] = row[label] in wanted
    domains = []
    for at in ("s0", "s1"):
        high = max([1.6, *(row[at] for row in drawn)])
        # Room below 0 for the names of the corners.
        domains.append([(-0.05 if at == "s0" else -0.13) * high, (1.06 if at == "s0" else 1.12) * high])
    across = alt.X(
        "s0:Q", scale=alt.Scale(domain=domains[0], nice=False), axis=_squared(finding, "attention", domains[0])
    )
    up = alt.Y("s1:Q", scale=alt.Scale(domain=domains[1], nice=False), axis=_squared(finding, "backing", domains[1]))
    rule = {"color": colour("axis"), "strokeDash": [3, 3]}
    many = len(drawn) > 60
    placed = placed_names(_together(drawn), ("s0", "s1"), domains, cloud_size())
    named = [row for row in placed if row["clear"]][:NAMED] if many else placed
    layers: list[Any] = [
        chart_of([{"s0": 1}]).mark_rule(**rule).encode(x=across),
        chart_of([{"s1": 1}]).mark_rule(**rule).encode(y=up),
        *_points(finding, drawn, (across, up), 34 if many else 90),
        *name_layers(named, across, up),
        *_corners(),
        _chance_note(left_out),
    ]
    wide, high = cloud_size()
    return finished(alt.layer(*layers).properties(width=wide, height=high), finding)


@chart("policy.promise", "bars")
def bars(finding: Finding) -> Any:
    """Attention and backing side by side; the longer the line, the further words and means are apart."""
    rows, _ = _judged(finding)
    if not rows:
        return nothing_to_draw(finding)
    if len(rows) > MOST:
        rows.sort(
            key=lambda row: (
                not row["clear"],
                row["stance"] != "over_promised",
                -_distance(row),
                row["region_id"],
                row["field_id"],
            )
        )
        rows = rows[:MOST]
    order = {stance: i for i, stance in enumerate(TOKENS)}
    label = label_of(rows)
    rows.sort(
        key=lambda row: (
            order[row["stance"]],
            -abs(row["attention"] - row["backing"]),
            row["region_id"],
            row["field_id"],
        )
    )
    drawn, room = named_rows(finding, rows, label, TOLD, in_focus(finding, None))
    for row in drawn:
        row["s0"], row["s1"] = math.sqrt(row["attention"]), math.sqrt(row["backing"])
    high = max([1.6, *(row[at] for row in drawn for at in ("s0", "s1"))])
    scale = alt.Scale(domain=[-0.02 * high, 1.05 * high], nice=False)
    y = names_axis(drawn, room)
    x = alt.X("s1:Q", scale=scale, axis=_squared(finding, "", [0, high], orient="top", title=None))
    base = chart_of(drawn)
    tips = tooltip(finding, "field_id" if label == "pair" else label, ("region_id", *TOLD) if label == "pair" else TOLD)
    language = current_language()
    marks = [("muted", sign, heading(finding, name)) for sign, name in (("◇", "attention"), ("●", "backing"))]
    sides = {stance: t(f"policy.value.{stance}", language) for stance in TOKENS}
    kept = [stance for stance in TOKENS if any(row["stance"] == stance for row in drawn)]
    hue = alt.Color(
        "t_stance:N",
        title=None,
        scale=alt.Scale(domain=[sides[s] for s in kept], range=[colour(TOKENS[s]) for s in kept]),
        legend=alt.Legend(columns=2 if is_narrow() else 5, symbolType="circle", symbolOpacity=1),
    )
    layers: list[Any] = [
        chart_of([{"s1": 1}]).mark_rule(color=colour("axis"), strokeDash=[4, 3]).encode(x=alt.X("s1:Q", scale=scale)),
        base.mark_rule(strokeWidth=2.5, opacity=0.5).encode(x=x, x2="s0:Q", y=y, color=hue, tooltip=tips),
        base.mark_point(
            shape="diamond", size=80, filled=True, fill=colour("surface"), opacity=1, strokeWidth=1.7
        ).encode(
            x=alt.X("s0:Q", scale=scale),
            y=y,
            stroke=alt.Stroke("t_stance:N", scale=hue["scale"], legend=None),
            tooltip=tips,
        ),
        base.mark_point(size=95, filled=True, opacity=1).encode(x=x, y=y, color=hue, tooltip=tips),
    ]
    made = alt.layer(*layers).properties(width=width() - room - 20, height=alt.Step(ROW))
    return finished(keyed(made, marks), finding)


@chart("policy.promise", "map")
def tiles(finding: Finding) -> Any:
    """One field: the stance of every place. Several: how many fields a place promises beyond its backing."""
    rows = _known(finding)
    places = [row["region_id"] for row in rows]
    if len(set(places)) < 2 or not gazetteer_tiles(places):
        return bars(finding)
    if len({row["field_id"] for row in rows}) > 1:
        count = Counter(row["region_id"] for row in rows if row["stance"] == "over_promised" and row["clear"])
        found = [{"region_id": place, "over_promised": count[place]} for place in dict.fromkeys(places)]
        return tile_map(finding, found, value="over_promised")
    return _stances(finding, {row["region_id"]: row for row in rows})


def _stances(finding: Finding, known: dict[str, dict[str, Any]]) -> Any:
    """A tile a place: colour and sign say its stance, filled where it is beyond chance."""
    where = gazetteer_tiles(list(known))
    empty = dict.fromkeys((*TOLD, "field_id"))
    joined = [{**empty, **known.get(tile["region_id"], {}), **tile} for tile in where]
    drawn = prepared(finding, joined, "region_id", TOLD)
    left, top = (min(int(row[c]) for row in drawn) for c in ("tile_col", "tile_row"))
    across, down = (max(int(row[c]) for row in drawn) - low + 1 for c, low in (("tile_col", left), ("tile_row", top)))
    side = min((width() - 8) // across, 66)
    font = max(7.0, min(13.0, side / 4.2))
    for row in drawn:
        stance = row["stance"]
        row["x"], row["y"] = int(row["tile_col"]) - left + 0.02, int(row["tile_row"]) - top + 0.02
        row["x2"], row["y2"] = row["x"] + 0.94, row["y"] + 0.94
        row["mx"], row["my"] = row["x"] + 0.47, row["y"] + 0.47
        row["place"], row["font"] = tile_words(tile_name(finding, row), side - 9, font, tile_code(row["region_id"]))
        row["two"] = len(row["place"]) > 1
        hue = colour(TOKENS[stance]) if stance else colour("missing_line")
        row["edge"], row["fill"] = hue, hue if row["clear"] else colour("surface")
        row["ink"] = colour("on_strong") if row["clear"] else colour("ink")
        row["sign"] = "—" if not stance else SIGNS[stance]
        row["tone"] = colour("on_strong") if row["clear"] else hue
    base = chart_of(drawn)
    wide_scale, high_scale = alt.Scale(nice=False, domain=[0, across]), alt.Scale(nice=False, domain=[down, 0])
    x, y = alt.X("x:Q", scale=wide_scale, axis=None), alt.Y("y:Q", scale=high_scale, axis=None)
    middle = {"x": alt.X("mx:Q", scale=wide_scale, axis=None), "y": alt.Y("my:Q", scale=high_scale, axis=None)}
    chart_ = alt.layer(
        base.mark_rect(strokeWidth=2, cornerRadius=3).encode(
            x=x,
            x2="x2:Q",
            y=y,
            y2="y2:Q",
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("edge:N", scale=None),
            tooltip=tooltip(finding, "region_id", TOLD),
        ),
        *(
            base.transform_filter(test)
            .mark_text(fontWeight=600, lineHeight=font, dy=-rise * side)
            .encode(**middle, text="place:N", color=alt.Color("ink:N", scale=None), size=alt.Size("font:Q", scale=None))
            for test, rise in (("!datum.two", 0.16), ("datum.two", 0.26))
        ),
        base.mark_text(fontSize=font, dy=0.2 * side).encode(
            **middle, text="sign:N", color=alt.Color("tone:N", scale=None)
        ),
    ).properties(width=side * across, height=side * down)
    return finished(
        alt.vconcat(
            _stance_key([s for s in TOKENS if any(row["stance"] == s for row in drawn)]),
            chart_,
            spacing=12,
            center=True,
        ),
        finding,
    )


def _stance_key(kept: list[str]) -> Any:
    """Signs and what they mean, in as many lines as they take."""
    language, wide = current_language(), width() - 8
    marks: list[dict[str, Any]] = []
    x, y = 0.0, 8.0
    for stance in kept:
        text = t(f"policy.value.{stance}", language)
        long = text_width(text, 12) + 36
        if marks and x + long > wide:
            x, y = 0.0, y + 18
        marks.append({"x": x, "y": y, "tone": colour(TOKENS[stance]), "sign": SIGNS[stance], "text": text})
        x += long
    high = y + 20
    frame = {
        "x": alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, wide], nice=False)),
        "y": alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[high, 0], nice=False)),
    }
    base = chart_of(marks)
    return alt.layer(
        base.mark_text(align="left").encode(**frame, text="sign:N", color=alt.Color("tone:N", scale=None)),
        base.mark_text(align="left", dx=16, color=colour("muted")).encode(**frame, text="text:N"),
        chart_of([{"x": 0, "y": high - 2, "text": t("policy.chart.tiles", language)}])
        .mark_text(align="left", color=colour("muted"))
        .encode(**frame, text="text:N"),
    ).properties(width=wide, height=high + 6)


def _points(finding: Finding, drawn: list[dict[str, Any]], axes: tuple[alt.X, alt.Y], size: int) -> list[Any]:
    language = current_language()
    kept = [stance for stance in TOKENS if any(row["stance"] == stance for row in drawn)]
    domain = [t(f"policy.value.{stance}", language) for stance in kept]
    hues = alt.Scale(domain=domain, range=[colour(TOKENS[s]) for s in kept])
    shape = alt.Shape(
        "t_stance:N", title=None, legend=None, scale=alt.Scale(domain=domain, range=[SHAPES[s] for s in kept])
    )
    told = ("region_id", "field_id", *TOLD)
    shared: dict[str, Any] = {"x": axes[0], "y": axes[1], "shape": shape, "tooltip": tooltip(finding, "field_id", told)}
    base = chart_of(drawn)
    return [
        base.transform_filter("!datum.clear")
        .mark_point(filled=True, fill=colour("surface"), size=size, opacity=1, strokeWidth=1.5)
        .encode(**shared, stroke=alt.Stroke("t_stance:N", scale=hues, legend=None)),
        base.transform_filter("datum.clear")
        .mark_point(filled=True, size=1.3 * size, opacity=0.95, stroke=colour("surface"), strokeWidth=0.6)
        .encode(**shared, color=alt.Color("t_stance:N", scale=hues, legend=None)),
    ]


def _corners() -> list[Any]:
    language = current_language()
    layers = []
    for stance, right, bottom in (
        ("quiet_strength", False, False),
        ("backed", True, False),
        ("quiet", False, True),
        ("over_promised", True, True),
    ):
        layers.append(
            chart_of([{"text": f"{SIGNS[stance]} {t(f'policy.value.{stance}', language)}"}])
            .mark_text(
                align="right" if right else "left",
                baseline="bottom" if bottom else "top",
                x={"expr": "width - 6"} if right else 6,
                y={"expr": "height - 4"} if bottom else 4,
                color=colour(TOKENS[stance]),
                fontWeight=700,
                fontSize=11 if is_narrow() else 13,
            )
            .encode(text="text:N")
        )
    return layers


def _together(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One name for dots that lie on each other: the first and how many more."""
    spots: dict[tuple[float, float], list[dict[str, Any]]] = {}
    for row in sorted(drawn, key=lambda row: not row["focus"]):
        spots.setdefault((round(row["s0"], 2), round(row["s1"], 2)), []).append(row)
    return [
        rows[0] if len(rows) == 1 else {**rows[0], "name": f"{rows[0]['name']} + {len(rows) - 1}"}
        for rows in spots.values()
    ]


def _chance_note(left_out: int) -> Any:
    language = current_language()
    text = t("policy.chart.hollow", language)
    if left_out:
        text += t("policy.chart.left_out", language, count=left_out)
    return (
        chart_of([{"text": text}])
        .mark_text(
            align="right",
            baseline="bottom",
            x={"expr": "width"},
            y={"expr": f"height + {58 if is_narrow() else 42}"},
            color=colour("muted"),
            fontSize=11,
        )
        .encode(text="text:N")
    )


def _squared(finding: Finding, name: str, domain: list[float], **options: Any) -> alt.Axis:
    """An axis of square roots that is labelled with the numbers themselves."""
    top = max(domain[1], 1.0) ** 2
    steps = next(
        s
        for s in ((0.25, 1, 2, 4), (0.5, 1, 2, 4, 8), (1, 3, 6, 10, 15), (1, 5, 10, 20, 40), (1, 10, 25, 50, 100))
        if s[-1] >= top or s[-1] == 100
    )
    values = [0.0, *(math.sqrt(step) for step in steps if step <= top)]
    settings: dict[str, Any] = {"values": values, "labelExpr": "format(datum.value * datum.value, '~r')", **options}
    if not name:
        return alt.Axis(**settings)
    build = up_axis if name == "backing" else axis
    made = build(finding, name)
    return alt.Axis(**{**made.to_dict(), "format": alt.Undefined, "tickCount": alt.Undefined, **settings})


def _known(finding: Finding) -> list[dict[str, Any]]:
    """Rows that can be drawn: a field with too little backing in the whole country is listed but not drawn."""
    return [
        row
        for row in finding.rows()
        if row["stance"] in TOKENS and row["attention"] is not None and row["backing"] is not None
    ]


def _judged(finding: Finding) -> tuple[list[dict[str, Any]], int]:
    """Rows with a stance, and how many are left out because too few stand behind them."""
    judged = [row for row in _known(finding) if row["stance"] != "too_few"]
    return judged, sum(row["stance"] == "too_few" for row in finding.rows())


def _label(rows: Rows) -> str:
    return "field_id" if len({row["region_id"] for row in rows}) == 1 else "region_id"


def _pairs(drawn: list[dict[str, Any]], rows: Rows, most: float) -> list[dict[str, Any]]:
    """Named by place and field where there are several of both."""
    if len({row["region_id"] for row in rows}) > 1 and len({row["field_id"] for row in rows}) > 1:
        for row in drawn:
            row["name"] = cut(f"{row['t_region_id']} · {row['t_field_id']}", most)
    return drawn


def _distance(row: dict[str, Any]) -> float:
    """How far a dot lies from the crossing, in square roots."""
    return math.hypot(math.sqrt(row["attention"]) - 1, math.sqrt(row["backing"]) - 1)
