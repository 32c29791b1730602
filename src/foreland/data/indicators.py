"""Indicators: what is measured, in which unit, and whether it adds up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from foreland.core.errors import DataError
from foreland.data.mapping import Indicator
from foreland.data.package import Note, Package, Part
from foreland.data.units import Unit, find_unit, parse_unit
from foreland.i18n.bundled import bundled_rows

IndicatorRow = tuple[int, str, str, str, float, float, bool]
"""Part, text, unit as published, indicator, factor as multiplier and divisor, whether values may be negative."""

SHOWN = 12
"""Indicators that a note names."""
AGGREGATION = {"share": "none", "index": "none", "flow": "sum", "stock": "sum"}
CHANGE = re.compile(r"增长|增速|增幅|变化|同比|环比|growth|change|rate of", re.IGNORECASE)
"""Names of changes, which may be negative and don't add up whatever their unit."""
STOCK = re.compile(r"firms?|enterprises?|compan(y|ies)|establishments?|organi[sz]ations?|institutions?|家|户|所", re.I)
"""Units of what is there at a time, as persons are: several years of it don't add up."""


@cache
def bundled_indicators() -> dict[str, Indicator]:
    """The indicators that come with the package, by id."""
    return {row["indicator_id"]: Indicator(**row) for row in bundled_rows("data", "indicators.csv")}


class IndicatorResolver:
    """Finds or defines the indicators of a package.

    Parameters
    ----------
    package
        What the source brings.
    known
        Rows of the indicators that other sources define, by id.
    """

    def __init__(self, package: Package, known: dict[str, dict[str, Any]]) -> None:
        self.package = package
        self.known = known
        self.indicators: dict[str, Indicator] = {}
        self.unitless: list[str] = []

    @property
    def notes(self) -> list[Note]:
        """What a reader must know of the indicators."""
        more = ["…"] if len(self.unitless) > SHOWN else []
        names = ", ".join(self.unitless[:SHOWN] + more)
        return [("data.note.no_unit", {"indicator": names})] if self.unitless else []

    def run(self, rows: Iterable[tuple[int, str, str, int]]) -> list[IndicatorRow]:
        """Resolve part, text, unit and first line of each distinct pair of text and unit."""
        resolved: list[IndicatorRow] = []
        units: dict[str, tuple[Unit, str]] = {}
        for part_number, text, unit_text, line in rows:
            part = self.package.parts[part_number]
            prepared = self.package.prepare("indicator", text) if self.package.prepare else text
            definition = self._definition(prepared, unit_text)
            unit = self._unit(part, definition, unit_text, line)
            known = units.setdefault(definition.indicator_id, (unit, unit_text))
            if known[0].dimension != unit.dimension:
                raise DataError(
                    "data.error.mixed_units",
                    where=part.raw.where(line, part.header("unit")),
                    indicator=definition.indicator_id,
                    first=known[1],
                    second=unit_text,
                )
            complete = self._complete(definition, unit, unit_text)
            self.indicators[definition.indicator_id] = complete
            signed = part.signed or unit.signed or complete.kind == "index"
            resolved.append((part_number, text, unit_text, definition.indicator_id, unit.multiply, unit.divide, signed))
        return resolved

    def _definition(self, text: str, unit_text: str) -> Indicator:
        """The indicator a text stands for: the source's, a bundled one of the same dimension, or a new one."""
        if text in self.package.indicators:
            return self.package.indicators[text]
        indicator_id = re.sub(r"\s+", "_", text.strip()) or "value"
        unit = find_unit(unit_text) if unit_text else None
        for item in bundled_indicators().values():
            named = indicator_id == item.indicator_id or text.strip().lower() in (item.name_en.lower(), item.name_zh)
            wanted = find_unit(item.unit)
            if named and (unit is None or wanted is None or wanted.dimension == unit.dimension):
                return item
        return Indicator(indicator_id, text.strip(), text.strip())

    def _unit(self, part: Part, definition: Indicator, text: str, line: int) -> Unit:
        if text:
            try:
                return parse_unit(text)
            except DataError as error:
                error.where = part.raw.where(line, part.header("unit"))
                raise
        if definition.unit:
            return parse_unit(definition.unit)
        if definition.indicator_id not in self.unitless:
            self.unitless.append(definition.indicator_id)
        return parse_unit("1")

    def _complete(self, definition: Indicator, unit: Unit, unit_text: str = "") -> Indicator:
        """The definition with its unit and kind; an indicator that another source defined must agree."""
        row = self.known.get(definition.indicator_id)
        if row is not None:
            if row["unit"] != unit.base:
                raise DataError(
                    "data.error.unit_differs",
                    where=self.package.file.where(),
                    indicator=definition.indicator_id,
                    unit=unit.base,
                    other=row["unit"],
                    source=row["source_id"],
                )
            return Indicator(**{name: row[name] for name in Indicator.__dataclass_fields__})
        if definition.unit and (wanted := find_unit(definition.unit)) and wanted.dimension != unit.dimension:
            raise DataError(
                "data.error.mixed_units",
                where=self.package.file.where(),
                indicator=definition.indicator_id,
                first=definition.unit,
                second=unit.base,
            )
        change = bool(CHANGE.search(f"{definition.name_en} {definition.name_zh}"))
        stock = (unit.base == "person" and unit_text.strip() != "人次") or STOCK.fullmatch(unit_text.strip())
        kind = definition.kind or (
            "index"
            if unit.base in ("index", "point") or change
            else "share"
            if unit.base == "share"
            else ("stock" if stock else "flow")
        )
        return Indicator(
            definition.indicator_id,
            definition.name_en or definition.indicator_id,
            definition.name_zh or definition.name_en or definition.indicator_id,
            unit.base,
            kind,
            definition.aggregation or AGGREGATION.get(kind, "none"),
        )
