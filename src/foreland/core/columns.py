"""What the columns of findings are called, measured in and written like.

Shared columns stand in ``core/columns.csv``; a room adds its own in ``<room>/columns.csv``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast, get_args

from foreland.i18n import Language, current_language, t
from foreland.i18n.bundled import bundled_rows

Format = Literal[
    "text", "region", "field", "indicator", "source", "label", "period", "count", "rank", "amount", "number",
    "decimal", "percent", "points", "score", "flag", "unit", "key",
]  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a finding.

    ``format`` says how a value is written and aligned; ``label`` values are codes whose texts stand
    in the room's ``texts.csv`` under ``<room>.value.<code>``; a ``key`` ties a row to its evidence and is exported,
    but not shown.
    """

    name: str
    unit: str
    format: Format
    en: str
    zh: str
    room: str
    unit_zh: str = ""

    def unit_in(self, language: Language | None = None) -> str:
        """The unit in words."""
        return self.unit_zh if (language or current_language()) == "zh" else self.unit

    def label(self, language: Language | None = None) -> str:
        """The column's heading."""
        return self.zh if (language or current_language()) == "zh" else self.en

    @property
    def numeric(self) -> bool:
        return self.format in {"count", "rank", "amount", "number", "decimal", "percent", "points", "score"}

    def write(self, value: Any, language: Language | None = None) -> str:
        """A value as a person reads it; an em dash where there is none."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return "—"
        match self.format:
            case "count" | "rank":
                return f"{value:,.0f}"
            case "amount":
                return write_amount(float(value), language)
            case "number":
                return write_number(float(value))
            case "decimal":
                # z: what rounds to nought has no sign.
                return f"{float(value):z,.2f}"
            case "score":
                return f"{float(value):z,.3f}"
            case "percent":
                return f"{100 * value:,.1f}%"
            case "points":
                return t("core.points", language, value=f"{100 * value:+,.1f}")
            case "flag":
                return t("core.yes" if value else "core.no", language)
            case "label":
                return t(f"{self.room}.value.{value}", language)
            case "unit":
                return unit_label(str(value), language)
            case _:
                return str(value)


def write_number(value: float) -> str:
    """A number with as many digits as its size warrants."""
    if value == 0 or not math.isfinite(value):
        return f"{value:.0f}"
    if abs(value) >= 1000 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def write_amount(value: float, language: Language | None = None) -> str:
    """A large amount with the multipliers of the language: 万 and 亿, or million and billion."""
    zh = (language or current_language()) == "zh"
    steps = ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")) if zh else ((1e12, " tn"), (1e9, " bn"), (1e6, " m"))
    if value and math.isfinite(value):
        # Rounded first, so that 999.9 billion is written as one trillion.
        value = float(f"{value:.3g}") if abs(value) >= steps[-1][0] else value
    for size, word in steps:
        if abs(value) >= size:
            scaled = value / size
            digits = max(0, 2 - math.floor(math.log10(abs(scaled))))
            return f"{scaled:,.{digits}f}{word}"
    return write_number(value)


def unit_label(unit: str, language: Language | None = None) -> str:
    """A unit's name; a unit without a text keeps its code."""
    from foreland.i18n import has

    key = f"core.unit.{unit}"
    return t(key, language) if has(key) else unit


@lru_cache
def _columns(package: str) -> Mapping[str, Column]:
    rows = bundled_rows(package, "columns.csv")
    for row in rows:
        if row["format"] not in get_args(Format):
            raise ValueError(f"{package}/columns.csv: unknown format {row['format']!r} of {row['column']}")
    return {
        row["column"]: Column(
            row["column"], row["unit"], cast(Format, row["format"]), row["en"], row["zh"], package, row["unit_zh"]
        )
        for row in rows
    }


def column(name: str, room: str = "core") -> Column:
    """The description of a column: the room's own, else the shared one.

    Raises
    ------
    KeyError
        If neither describes it: a column nobody described must not reach a person.
    """
    return _columns(room).get(name) or _columns("core")[name]
