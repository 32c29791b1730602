"""Colour classes: their limits, their colours, and the legend that says both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from foreland.charts.common import chart_of, heading, plain, spec_of
from foreland.charts.theme import DIVERGING, SEQUENTIAL, colour, is_narrow, text_width, width
from foreland.core.columns import Column
from foreland.core.finding import Finding
from foreland.i18n import current_language, t


def class_limits(values: Sequence[float], midpoint: float | None) -> np.ndarray:
    """Limits of the classes: quantiles, so that every colour is used; beside a midpoint, three a side."""
    found = np.asarray(values, float)
    if not len(found):
        return np.empty(0)
    if midpoint is None:
        edges = np.unique(_rounded(np.quantile(found, [0.2, 0.4, 0.6, 0.8])))
        # Where many places share the least value, nothing lies below it.
        return edges[edges > found.min()]
    below, above = found[found < midpoint], found[found >= midpoint]
    sides = [
        np.quantile(part, [1 / 3, 2 / 3]) if len(part) else np.array([midpoint, midpoint]) for part in (below, above)
    ]
    edges = np.concatenate([_rounded(sides[0]), [midpoint], _rounded(sides[1])])
    # Six classes always, so that the midpoint stays between the two colours.
    return np.maximum.accumulate(edges)


def _rounded(edges: np.ndarray) -> np.ndarray:
    """Limits a person can read: two digits, or three where two would merge classes."""
    for digits in (2, 3, 4):
        rounded = np.array([float(f"{edge:.{digits}g}") for edge in edges])
        if len(np.unique(rounded)) == len(np.unique(edges)):
            return rounded
    return edges


def class_tokens(classes: int, midpoint: float | None) -> list[str]:
    """The palette's tokens of so many classes, from low to high."""
    if midpoint is not None:
        return list(DIVERGING)
    picks = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4)}.get(classes, range(5))
    return [SEQUENTIAL[i] for i in picks]


def class_legend(
    finding: Finding, value: str, known: Sequence[float], edges: np.ndarray, tokens: list[str], missing: bool
) -> Any:
    """Classes with their limits, from the least value to the largest, as wide as the whole picture.

    Parameters
    ----------
    value
        Column the classes are of.
    known
        Its values.
    edges, tokens
        As :func:`class_limits` and :func:`class_tokens` give them.
    missing
        Whether to say what an empty tile means.
    """
    across = width() - 8
    small = 10 if is_narrow() else 11
    texts: list[str] = []
    if len(known):
        limits = [min(known), *edges, max(known)]
        # Where many values are alike, classes between equal limits are empty.
        kept = [i for i in range(len(tokens)) if limits[i] < limits[i + 1] or i == len(tokens) - 1]
        texts = apart([*(limits[i] for i in kept), limits[-1]], spec_of(finding, value))
        tokens = [tokens[i] for i in kept]
    note = t("charts.missing", current_language()) if missing else ""
    # The ends stand within the row, so a class must be wide enough for one and a half limits.
    wanted = 1.5 * max((text_width(text, small) for text in texts), default=0) + 8
    room = (across - (text_width(note) + 56 if missing else 0)) / len(tokens)
    wide = max(min(wanted, room), 40 if is_narrow() else 56)
    title = heading(finding, value)
    if wanted > wide and texts:
        title += f"{t('charts.colon', current_language())}{texts[0]}–{texts[-1]}"
        texts[0] = texts[-1] = ""
    swatches: list[dict[str, Any]] = [
        {"x": i * wide, "x2": (i + 1) * wide, "fill": colour(token)} for i, token in enumerate(tokens)
    ]
    end = len(tokens) * wide
    written = [{"x": i * wide, "edge": text} for i, text in enumerate(texts)]
    frame = {"axis": None, "scale": alt.Scale(domain=[0, across], nice=False)}
    base = chart_of(swatches)
    layers: list[Any] = [
        base.mark_rect(height=10, y=25, stroke=colour("surface")).encode(
            x=alt.X("x:Q", **frame), x2="x2:Q", color=alt.Color("fill:N", scale=None)
        ),
        chart_of([{"text": title, "x": 0}])
        .mark_text(align="left", y=8, color=colour("muted"), fontWeight=500)
        .encode(x=alt.X("x:Q", **frame), text="text:N"),
    ]
    for align, part in (("left", written[:1]), ("center", written[1:-1]), ("right", written[-1:])):
        layers.append(
            chart_of(part)
            .mark_text(align=align, y=40, color=colour("muted"), fontSize=small)
            .encode(x=alt.X("x:Q", **frame), text="edge:N")
        )
    if missing:
        layers += [
            chart_of([{"x": end + 22, "x2": end + 42}])
            .mark_rect(height=10, y=25, fill=colour("missing"), stroke=colour("missing_line"), strokeDash=[2, 3])
            .encode(x=alt.X("x:Q", **frame), x2="x2:Q"),
            chart_of([{"x": end + 48, "text": note}])
            .mark_text(align="left", y=26, color=colour("muted"))
            .encode(x=alt.X("x:Q", **frame), text="text:N"),
        ]
    return alt.layer(*layers).properties(width=across, height=46)


def apart(values: Sequence[float], spec: Column) -> list[str]:
    """Limits as the column writes them, with more digits where neighbours would read alike."""
    values = [float(plain(value) or 0) for value in values]
    written = [spec.write(value, current_language()) for value in values]
    scale, sign = (100, "%") if spec.format == "percent" else (1, "")
    for digits in (3, 4, 5):
        alike = [
            i for i, text in enumerate(written)
            if any(text == written[j] and values[i] != values[j] for j in range(len(values)))
        ]  # fmt: skip
        if not alike:
            break
        for i in alike:
            written[i] = f"{scale * values[i]:,.{digits}g}{sign}"
    return written
