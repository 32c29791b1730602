"""How charts look: one palette with a light and a dark side, one font stack, two widths.

Charts are always built from the light colours. Every colour is a token with one light value of its
own, so a finished specification or SVG can be turned dark, or handed to the page's style sheet as
CSS variables, by swapping values (:func:`recolour`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Literal

FONT = (
    'Inter, "Segoe UI", "Helvetica Neue", Arial, "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", '
    '"Microsoft YaHei", sans-serif'
)
"""Latin letters from a Latin face, Chinese from a Chinese one."""

PALETTE: dict[str, tuple[str, str]] = {
    # What everything stands on, and text
    "surface": ("#fffffe", "#1a1f22"),
    "ink": ("#1c2326", "#ebe9e4"),
    "muted": ("#566168", "#a9b1b6"),
    "axis": ("#8b959b", "#6d777d"),
    "grid": ("#e5e4df", "#2c3337"),
    # One thing in focus, the rest, and the benchmark
    "focus": ("#0a6078", "#62c3da"),
    "rest": ("#b7c2c7", "#4d5a61"),
    "bench": ("#b4500f", "#f2985c"),
    # Low to high
    "seq1": ("#e3edf0", "#20323a"),
    "seq2": ("#b5d2da", "#275362"),
    "seq3": ("#7fb3c2", "#2c6a80"),
    "seq4": ("#317991", "#55a7bf"),
    "seq5": ("#0b5469", "#a3dcea"),
    # Below to above a midpoint: orange to teal, told apart with any colour vision
    "div1": ("#a84a0c", "#f5a570"),
    "div2": ("#dd9a69", "#8f4f22"),
    "div3": ("#f3dccb", "#54392a"),
    "div4": ("#c9e0e6", "#24454f"),
    "div5": ("#66a5b7", "#2a6b80"),
    "div6": ("#0c5d75", "#8fd3e4"),
    "on_pale": ("#1d2427", "#eceae5"),
    "on_strong": ("#fffffd", "#10171a"),
    "missing": ("#f1f0ec", "#22282c"),
    "missing_line": ("#b3b7b6", "#5a646a"),
    # Kinds, told apart by more than hue (after Okabe and Ito)
    "kind1": ("#0b6179", "#5fc1d8"),
    "kind2": ("#c4660f", "#f0a055"),
    "kind3": ("#74549b", "#b79ae0"),
    "kind4": ("#4a7f3c", "#8cc57c"),
    "kind5": ("#b23a68", "#ee86ac"),
    "kind6": ("#8a6d0b", "#d9bb55"),
    "kind7": ("#3f5fa8", "#8fabf0"),
    "kind8": ("#6b6f72", "#aeb3b6"),
}
"""Token → light and dark colour. All pairs of text and ground keep a contrast of 4.5 : 1."""

SEQUENTIAL = tuple(f"seq{i}" for i in range(1, 6))
DIVERGING = tuple(f"div{i}" for i in range(1, 7))
KINDS = tuple(f"kind{i}" for i in range(1, 9))

Size = Literal["wide", "narrow"]
WIDTHS: dict[Size, int] = {"wide": 820, "narrow": 332}
"""Width of the whole picture in pixels: for a page, and for a telephone."""

_size: ContextVar[Size] = ContextVar("foreland_chart_size", default="wide")


def colour(token: str) -> str:
    """The light colour of a token."""
    return PALETTE[token][0]


def current_size() -> Size:
    """The size charts are drawn for."""
    return _size.get()


def is_narrow() -> bool:
    return _size.get() == "narrow"


def width() -> int:
    """Width of the whole picture in pixels."""
    return WIDTHS[_size.get()]


@contextmanager
def use_size(size: Size) -> Iterator[None]:
    """Draw for a size inside the block."""
    token = _size.set(size)
    try:
        yield
    finally:
        _size.reset(token)


def recolour(text: str, into: Literal["light", "dark", "css"]) -> str:
    """Swap every colour of the palette in an SVG or a specification.

    Parameters
    ----------
    text
        SVG or JSON, drawn with the light colours.
    into
        ``"dark"`` for the dark colours, ``"css"`` for ``var(--chart-<token>)``.
    """
    if into == "light":
        return text
    swap = {
        light: dark if into == "dark" else f"var(--chart-{token.replace('_', '-')})"
        for token, (light, dark) in PALETTE.items()
    }
    return re.sub(r"#[0-9a-f]{6}\b", lambda found: swap.get(found[0], found[0]), text)


def css_variables(side: Literal["light", "dark"]) -> str:
    """The palette as CSS declarations."""
    index = 0 if side == "light" else 1
    return "".join(f"--chart-{token.replace('_', '-')}:{pair[index]};" for token, pair in PALETTE.items())


def config() -> dict[str, Any]:
    """The Vega-Lite configuration: quiet axes, no frame, a transparent ground."""
    label = {"labelFont": FONT, "titleFont": FONT, "labelColor": colour("muted"), "titleColor": colour("muted")}
    size = 11 if is_narrow() else 12
    return {
        "font": FONT,
        "background": "transparent",
        "padding": {"left": 2, "right": 2, "top": 4, "bottom": 4},
        "view": {"stroke": None},
        "axis": {
            **label,
            "labelFontSize": size,
            "titleFontSize": size,
            "titleFontWeight": 500,
            "titlePadding": 10,
            "labelPadding": 6,
            "domainColor": colour("axis"),
            "tickColor": colour("axis"),
            "gridColor": colour("grid"),
            "domain": False,
            "ticks": False,
        },
        "legend": {
            **label,
            "labelFontSize": size,
            "titleFontSize": size,
            "titleFontWeight": 500,
            "orient": "top",
            "direction": "horizontal",
            "titleLimit": 400,
            "labelLimit": 260,
            "symbolStrokeWidth": 0,
            "offset": 10,
        },
        "title": {
            "font": FONT,
            "subtitleFont": FONT,
            "color": colour("ink"),
            "subtitleColor": colour("muted"),
            "fontSize": 14 if is_narrow() else 17,
            "fontWeight": 600,
            "subtitleFontSize": size,
            "anchor": "start",
            "frame": "bounds",
            "lineHeight": 20 if is_narrow() else 24,
            "subtitleLineHeight": 18,
            "subtitlePadding": 6,
            "offset": 14,
        },
        "text": {"font": FONT, "fontSize": size, "color": colour("ink")},
        "mark": {"color": colour("rest")},
        "range": {"category": [colour(token) for token in KINDS]},
    }


BOLD = 1.08
"""How much wider bold type is."""
_ADVANCES = dict.fromkeys(map(chr, range(33, 127)), 0.556)
for _letters, _advance in (
    ("ijl'|", 0.222), (" !,./:;\\[]ftI", 0.278), ("-()`r{}", 0.333), ('"*^', 0.4), ("ckvsxyzJ", 0.5),
    ("<=>+~", 0.584), ("FTZ", 0.611), ("&ABEKPSVXY", 0.667), ("wCDHNRU", 0.722), ("GOQ", 0.778),
    ("mM", 0.833), ("%", 0.889), ("W", 0.944), ("@", 1.015), ("—…▲▼●■◇○·", 1.0), ("–", 0.5),
):  # fmt: skip
    _ADVANCES.update(dict.fromkeys(_letters, _advance))


def text_width(text: str, font_size: float = 12) -> float:
    """Width of a line in pixels, near enough to break lines.

    Chinese is square; Latin letters advance as in Helvetica (Adobe Font Metrics), and a little more, because
    the faces that stand in for it are wider. A middle dot counts as square too: Chinese faces draw it so, and
    names joined by one would else be cut at the edge of the picture.
    """
    return font_size * sum(_advance_of(c) for c in text)


@lru_cache(4096)
def _advance_of(letter: str) -> float:
    if letter in _ADVANCES:
        return 1.04 * _ADVANCES[letter]
    return 1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.6


def wrap(text: str, pixels: float, font_size: float = 12) -> list[str]:
    """Break a text into lines: at blanks in Latin, anywhere but before closing signs in Chinese."""
    pieces = re.findall(r"(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])[，。；：、）】》！？”]*\s*|\s+", text)
    lines, line = [], ""
    for piece in (part for whole in pieces for part in _breakable(whole, pixels, font_size)):
        if line and text_width(line + piece.rstrip(), font_size) > pixels:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _breakable(piece: str, pixels: float, font_size: float) -> list[str]:
    """A word that no line can hold, such as an address, in parts: after its signs, else anywhere."""
    if text_width(piece.rstrip(), font_size) <= pixels:
        return [piece]
    parts: list[str] = []
    for part in re.findall(r"[^/?&,=:_-]*[/?&,=:_-]|[^/?&,=:_-]+", piece):
        parts += [part] if text_width(part, font_size) <= pixels else list(part)
    return parts


def shorten(text: str, pixels: float, font_size: float = 12) -> str:
    """Cut a text to a width, with an ellipsis where something is gone."""
    if text_width(text, font_size) <= pixels:
        return text
    while text and text_width(text + "…", font_size) > pixels:
        text = text[:-1]
    return text.rstrip(" ,;，、（(") + "…"
