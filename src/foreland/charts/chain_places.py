"""Where the names of a chain's nodes stand: as boxes on lines, none on another.

Nothing is random: equal input gives equal places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foreland.charts.theme import BOLD, is_narrow, shorten, text_width, width, wrap

FONT_SIZE = 11
INDENT = 12
"""How far a variant stands in from what it is a type of."""
DOT = 9
"""From a node's centre to its name."""
FILLED = 0.62
"""Share of the picture that names may cover before more lines are tried; more leave too little choice."""
TOP = 26.0
"""Room for the words above the first and the last layer."""
GAP = 14
"""Least room between a name and the next node on its line."""


@dataclass
class Box:
    """A node's name on the page: lines of text right of a dot."""

    node: int
    lines: list[str]
    indent: float
    wide: float
    heads: bool = False
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Arranged:
    """Boxes in the order of the nodes, the size of the picture, rules between layers and guides beneath types."""

    boxes: list[Box]
    wide: float
    high: float
    rules: list[float]
    guides: list[dict[str, float]]


Block = list[tuple[int, int]]
"""A node and what stands beneath it: numbers of nodes with their depth, from the top down."""


def blocks(drawn: Sequence[Mapping[str, Any]], label: str) -> list[Block]:
    """Nodes with all that stands beneath them, in the order of layers and places."""
    at = {row[label]: k for k, row in enumerate(drawn)}
    beneath: dict[int, list[int]] = {}
    tops = []
    for k, row in enumerate(drawn):
        under = at.get(row.get("under"))
        if under is None or under == k:
            tops.append(k)
        else:
            beneath.setdefault(under, []).append(k)

    def order(k: int) -> tuple[Any, ...]:
        return drawn[k]["layer"], drawn[k]["place"], drawn[k]["name"], k

    def walk(k: int, depth: int, seen: set[int]) -> Block:
        block = [(k, depth)]
        for child in sorted(beneath.get(k, ()), key=order):
            if child not in seen:
                seen.add(child)
                block += walk(child, depth + 1, seen)
        return block

    seen: set[int] = set()
    found = [walk(k, 0, seen) for k in sorted(tops, key=order)]
    placed = {k for block in found for k, _ in block}
    # Nodes that stand beneath each other in a ring have no top; none is lost.
    return found + [[(k, 0)] for k in range(len(drawn)) if k not in placed]


def _boxes(drawn: Sequence[Mapping[str, Any]], block: Block, room: float) -> list[Box]:
    boxes = []
    for number, (k, depth) in enumerate(block):
        indent = INDENT * min(depth, 3)
        heads = block[number + 1][1] > depth if number + 1 < len(block) else False
        size = FONT_SIZE * (BOLD if heads else 1)
        lines = wrap(drawn[k]["name"], room - indent - DOT, size)
        if len(lines) > 3:
            lines = [*lines[:2], shorten(" ".join(lines[2:]), room - indent - DOT, size)]
        boxes.append(Box(k, lines, indent, DOT + max(text_width(line, size) for line in lines), heads))
    return boxes


@dataclass(frozen=True)
class _Wish:
    """A block that wants a place: where its layer stands, how far down it should be (0 to 1), its names."""

    x: float
    share: float
    boxes: list[Box]

    @property
    def lines(self) -> int:
        return sum(len(box.lines) for box in self.boxes)


def in_columns(drawn: Sequence[Mapping[str, Any]], found: list[Block]) -> Arranged:
    """Layers from left to right. A name may reach into the next columns where their lines are free."""
    step, extent = 15.0, width() - 16.0
    tops = [drawn[block[0][0]] for block in found]
    layers = int(max(top["layer"] for top in tops)) + 1
    last = [drawn[k]["name"] for block, top in zip(found, tops, strict=True) if top["layer"] == layers - 1
            for k, _ in block]  # fmt: skip
    tail = min(180.0, max(text_width(name, FONT_SIZE) for name in last) + DOT + INDENT) if layers > 1 else 0.0
    across = (extent - 8 - tail) / max(layers - 1, 1)
    low = min(top["place"] for top in tops)
    span = max(top["place"] for top in tops) - low or 1.0
    wishes = []
    for block, top in zip(found, tops, strict=True):
        x = 8.0 + across * top["layer"]
        room = min(max(2.5 * across, 200.0), 240.0, extent - x)
        wishes.append(_Wish(x, (top["place"] - low) / span, _boxes(drawn, block, room)))
    covered = sum((box.wide + GAP) * len(box.lines) for wish in wishes for box in wish.boxes)
    lines = max(int(covered / extent / FILLED) + 1, max(wish.lines for wish in wishes) + 1)
    while (rows := _fitted(wishes, lines)) is None:
        lines += 1 + lines // 10
    guides = []
    for wish, row in zip(wishes, rows, strict=True):
        at = row
        for box in wish.boxes:
            box.x, box.y = wish.x + box.indent, TOP + step * at
            at += len(box.lines)
        if len(wish.boxes) > 1:
            guides.append({"px": wish.x, "px2": wish.x, "py": wish.boxes[0].y, "py2": wish.boxes[-1].y})
    boxes = sorted((box for wish in wishes for box in wish.boxes), key=lambda box: box.node)
    return Arranged(boxes, extent, TOP + step * lines, [], guides)


def _fitted(wishes: Sequence[_Wish], lines: int) -> list[int] | None:
    """The first line of each block, next to where it is wanted; None where not all find room."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(lines)]
    found = [0] * len(wishes)
    # The largest first: they find room hardest.
    for b in sorted(range(len(wishes)), key=lambda b: (-wishes[b].lines, b)):
        wish, margin = wishes[b], GAP / 2
        ends = [
            (wish.x + box.indent - margin, wish.x + box.indent + box.wide + margin)
            for box in wish.boxes
            for _ in box.lines
        ]
        wished = round(wish.share * (lines - len(ends)))
        for top in sorted(range(lines - len(ends) + 1), key=lambda row: (abs(row - wished), row)):
            if not any(
                start < right and left < end for k, (start, end) in enumerate(ends) for left, right in taken[top + k]
            ):
                break
        else:
            return None
        found[b] = top
        for k, each in enumerate(ends):
            taken[top + k].append(each)
    return found


def in_rows(drawn: Sequence[Mapping[str, Any]], found: list[Block]) -> Arranged:
    """Layers from top to bottom, names one after the other as in a text; what is a type of something beneath it."""
    line, extent = 20.0, width() - 8.0
    boxes: list[Box] = []
    rules: list[float] = []
    guides: list[dict[str, float]] = []
    x, y, layer, open_line = 8.0, 4.0, None, False
    for block in found:
        if drawn[block[0][0]]["layer"] != layer:
            layer = drawn[block[0][0]]["layer"]
            y += line if open_line else 0.0
            rules.append(y + 2)
            x, y, open_line = 8.0, y + 18, False
        made = _boxes(drawn, block, extent - 10)
        if len(made) > 1 and open_line:
            x, y, open_line = 8.0, y + line, False
        for number, box in enumerate(made):
            # What stands beneath starts a line of its own, and so does what no longer fits.
            starts = number == 1 or (number and box.indent != made[number - 1].indent)
            if open_line and (starts or x + box.wide > extent or len(box.lines) > 1):
                x, y, open_line = 8.0, y + line, False
            if not open_line:
                x = 8.0 + box.indent
            box.x, box.y = x, y
            x, open_line = x + box.wide + GAP, True
            if len(box.lines) > 1:
                y += 14 * (len(box.lines) - 1)
                x = extent
        if len(made) > 1:
            guides.append({"px": 8.0, "px2": 8.0, "py": made[0].y, "py2": made[-1].y})
            x, y, open_line = 8.0, y + line, False
        boxes += made
    boxes.sort(key=lambda box: box.node)
    return Arranged(boxes, extent, y + (line if open_line else 4.0), rules, guides)


def arrange(drawn: Sequence[Mapping[str, Any]], label: str) -> Arranged:
    """Places for nodes with ``name``, ``layer``, ``place`` and ``under``: in columns, or in rows on a telephone."""
    found = blocks(drawn, label)
    return in_rows(drawn, found) if is_narrow() else in_columns(drawn, found)
