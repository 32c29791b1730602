"""A chain in layers: from first inputs to final products, left to right, or top to bottom on a telephone.

Every name is written, and none covers another: names are placed as boxes on lines, next to where the order of the chain
wants them. Nothing is random. Live, the picture can be searched and, where it is wide, moved and enlarged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import numpy as np

from foreland.charts.chain_places import DOT, FONT_SIZE, Arranged, arrange
from foreland.charts.classes import class_legend, class_limits, class_tokens
from foreland.charts.common import Rows, chart_of, finished, in_focus, nothing_to_draw, prepared, tooltip
from foreland.charts.pictures import address_of
from foreland.charts.theme import colour, is_narrow
from foreland.core.finding import Finding
from foreland.i18n import current_language, t


@dataclass(frozen=True)
class Look:
    """What a chain's nodes say.

    Parameters
    ----------
    label
        Column with a node's id.
    fill, size
        Columns that colour it and that its area stands for.
    told
        Further columns to tell when pointed at.
    ends
        What the first and the last layer are.
    page
        Question whose page a node leads to, asked with the node as ``field``; none where empty.
    asked
        What that page is asked besides.
    classes
        Limits of the classes of colour with both ends, for values of a known range; else quantiles.
    """

    label: str
    fill: str
    size: str
    told: tuple[str, ...] = ()
    ends: tuple[str, str] = ("", "")
    page: str = ""
    asked: Mapping[str, str | None] = field(default_factory=dict)
    classes: tuple[float, ...] = ()


def chain_map(finding: Finding, nodes: Rows, links: Rows, look: Look) -> Any:
    """Nodes in layers and what goes into what.

    Parameters
    ----------
    nodes
        One row a node: ``layer`` from 0, ``place`` within the layer (any scale); ``under``, the id of the node it is a
        type of and stands beneath, or None.
    links
        ``from`` and ``to`` with ids; ``kind`` ``type_of`` is drawn dashed.
    """
    if not nodes:
        return nothing_to_draw(finding)
    wanted = in_focus(finding, None)
    drawn = prepared(finding, nodes, look.label, (look.fill, look.size, *look.told))
    arranged = arrange(drawn, look.label)
    known = [row[look.fill] for row in drawn if row.get(look.fill) is not None]
    missing_some = len(known) < len(drawn)
    edges = np.array(look.classes[1:-1]) if look.classes else class_limits(known, None)
    known = list(look.classes) if look.classes else known
    tokens = class_tokens(len(edges) + 1, None)
    largest = max([float(row.get(look.size) or 0) for row in drawn]) or 1.0
    for row, box in zip(drawn, arranged.boxes, strict=True):
        missing = row.get(look.fill) is None
        at = int(np.searchsorted(edges, row[look.fill], side="right")) if not missing else 0
        row |= {
            "px": box.x,
            "py": -box.y,  # upwards, as the axis runs
            "shown": box.lines,
            "colour": colour("missing" if missing else tokens[at]),
            "line": colour("missing_line" if missing else "axis"),
            "area": 22 + (78 if is_narrow() else 98) * float(row.get(look.size) or 0) / largest,
            "weight": "bold" if row[look.label] in wanted or box.heads else "normal",
            "ink": colour("focus" if row[look.label] in wanted else "ink"),
            "sought": _sought(finding, row[look.label]),
            "href": address_of(look.page, field=row[look.label], **look.asked) if look.page else None,
        }
    return finished(
        alt.vconcat(
            class_legend(finding, look.fill, known, edges, tokens, missing_some),
            _picture(finding, drawn, _lines(drawn, links, look.label), arranged, look),
            spacing=10,
        ),
        finding,
    )


def _sought(finding: Finding, identifier: str) -> str:
    """What a search looks through: the name in each language, and the code."""
    return " ".join([*(finding.name(identifier, language) for language in ("en", "zh")), identifier]).lower()


# Drawing ----------------------------------------------------------------------------------------


def _lines(drawn: Sequence[Mapping[str, Any]], links: Rows, label: str) -> list[dict[str, Any]]:
    """Points along each link, a gentle bow from one node to the other."""
    where = {row[label]: row for row in drawn}
    points = []
    for number, link in enumerate(links):
        if link["from"] not in where or link["to"] not in where or link["from"] == link["to"]:
            continue
        a, b = where[link["from"]], where[link["to"]]
        ends = np.array([[a["px"], a["py"]], [b["px"], b["py"]]])
        way = ends[1] - ends[0]
        # Bowed to one side, so that a link and the one back don't lie on each other.
        bow = np.array([-way[1], way[0]]) * min(0.06, (5 if is_narrow() else 30) / max(float(np.hypot(*way)), 1.0))
        for nth, (share, lift) in enumerate(((0, 0), (0.3, 0.85), (0.5, 1), (0.7, 0.85), (1, 0))):
            px, py = ends[0] + share * way + lift * bow
            points.append(
                {
                    "link": number,
                    "nth": nth,
                    "px": round(float(px), 1),
                    "py": round(float(py), 1),
                    "dash": link.get("kind") == "type_of",
                    "sought": f"{a['sought']} {b['sought']}",
                }
            )
    return points


def _picture(
    finding: Finding, drawn: list[dict[str, Any]], lines: list[dict[str, Any]], arranged: Arranged, look: Look
) -> alt.LayerChart:
    language = current_language()
    across = alt.X("px:Q", axis=None, scale=alt.Scale(domain=[0, arranged.wide], nice=False, zero=False))
    down = alt.Y("py:Q", axis=None, scale=alt.Scale(domain=[-arranged.high, 0], nice=False, zero=False))
    words = t("charts.chain.find.narrow" if is_narrow() else "charts.chain.find", language)
    find = alt.param(name="find", value="", bind=alt.binding(input="search", name=f"{words} ", autocomplete="off"))
    met = "!find || indexof(datum.sought, lower(find)) >= 0"
    dimmed = alt.condition(met, alt.value(1), alt.value(0.12))
    tips = tooltip(finding, look.label, (look.fill, look.size, *look.told))
    linked = {"href": "href:N"} if look.page else {}
    layers: list[Any] = []
    if arranged.rules:
        rules = [{"py": -y, "px": 0, "px2": arranged.wide} for y in arranged.rules]
        layers.append(
            chart_of(rules).mark_rule(color=colour("grid"), strokeWidth=1).encode(x=across, x2="px2:Q", y=down)
        )
    for dash in (False, True):
        part = [row for row in lines if row["dash"] is dash]
        if part:
            layers.append(
                chart_of(part)
                .mark_line(
                    interpolate="basis", color=colour("rest"), strokeWidth=1, strokeDash=[3, 3] if dash else [1, 0]
                )
                .encode(
                    x=across,
                    y=down,
                    detail="link:N",
                    order="nth:Q",
                    opacity=alt.condition(met, alt.value(0.5 if is_narrow() else 0.75), alt.value(0.06)),
                )
            )
    if arranged.guides:
        layers.append(
            chart_of([{**guide, "py": -guide["py"], "py2": -guide["py2"]} for guide in arranged.guides])
            .mark_rule(color=colour("grid"), strokeWidth=2)
            .encode(x=across, x2="px2:Q", y=down, y2="py2:Q")
        )
    base = chart_of(drawn)
    layers.append(
        base.mark_point(filled=True, strokeWidth=1, opacity=1).encode(
            x=across,
            y=down,
            size=alt.Size("area:Q", scale=None),
            fill=alt.Fill("colour:N", scale=None),
            stroke=alt.Stroke("line:N", scale=None),
            opacity=dimmed,
            tooltip=tips,
            **linked,
        )
    )
    writing = {"align": "left", "baseline": "middle", "dx": DOT, "fontSize": FONT_SIZE, "lineHeight": 14}
    for halo in (True, False):
        ink = {"stroke": colour("surface"), "strokeWidth": 3} if halo else {}
        told_when = {} if halo else {"tooltip": tips, "color": alt.Color("ink:N", scale=None), **linked}
        for weight in ("normal", "bold"):
            part = base.transform_filter(f"datum.weight === '{weight}'")
            if any(row["weight"] == weight for row in drawn):
                layers.append(
                    part.mark_text(**writing, fontWeight=weight, **ink).encode(
                        x=across, y=down, text="shown:N", opacity=dimmed, **told_when
                    )
                )
    layers += _ends(arranged, look, across, down)
    picture = alt.layer(*layers).properties(width=arranged.wide, height=arranged.high)
    zoom = [] if is_narrow() else [
        alt.selection_interval(name="zoom", bind="scales", zoom="wheel![event.ctrlKey || event.metaKey]")
    ]  # fmt: skip
    if zoom:
        picture.layer[0] = picture.layer[0].add_params(*zoom)
    return picture.add_params(find)


def _ends(arranged: Arranged, look: Look, across: alt.X, down: alt.Y) -> list[Any]:
    """What the first and the last layer are, at their sides."""
    if is_narrow():
        return []
    return [
        chart_of([{"px": x, "py": -2, "text": text}])
        .mark_text(align=align, baseline="top", color=colour("muted"), fontSize=FONT_SIZE)
        .encode(x=across, y=down, text="text:N")
        for x, align, text in (
            (0, "left", f"{look.ends[0]} →" if look.ends[0] else ""),
            (arranged.wide, "right", f"→ {look.ends[1]}" if look.ends[1] else ""),
        )
        if text
    ]


__all__ = ["Look", "chain_map"]
