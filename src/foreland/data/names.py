"""Texts of a load become ids: regions, fields, periods, indicators and statuses, each distinct text once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as new
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, UsageError, did_you_mean
from foreland.core.tables import TAXONOMY
from foreland.data.indicators import IndicatorResolver
from foreland.data.mapping import Indicator
from foreland.data.marks import FLAGS
from foreland.data.package import TOTAL, Package, Part
from foreland.data.periods import parse_period
from foreland.data.taxonomy import fields, regions
from foreland.i18n import Language, current_language

if TYPE_CHECKING:
    import duckdb

    from foreland.data.workspace import Workspace

MAX_NAMES = 200_000
"""Distinct texts in a column of names; more is not a column of names."""
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML has none of."""
MAX_NAME = 1_000
"""Characters of a name; a longer text is not a name."""
SHOWN = 20
"""Unresolved names that are named, with suggestions."""


@dataclass(frozen=True)
class Suggestion:
    """A region or field that may have been meant."""

    code: str
    name_en: str
    name_zh: str

    def text(self, language: Language | None = None) -> str:
        """Code and name."""
        return f"{self.code} {self.name_zh if (language or current_language()) == 'zh' else self.name_en}"


@dataclass(frozen=True)
class Unresolved:
    """A text that no region or field matched."""

    role: str
    text: str
    rows: int
    line: int
    suggestions: tuple[Suggestion, ...]

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self, language: Language | None = None) -> str:
        """The text with its suggestions."""
        if not self.suggestions:
            return self.text
        return f"{self.text} ({did_you_mean([item.text(language) for item in self.suggestions], language)})"


class Sentences:
    """Several of these, in the language of the message they stand in."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = list(items)

    def __format__(self, _: str) -> str:
        return "; ".join(map(str, self.items)) or "–"


class Past:
    """Places by name, in the language of the message they stand in."""

    def __init__(self, ids: list[str]) -> None:
        self.ids = ids

    def __str__(self) -> str:
        known = regions.regions()
        more = ", …" if len(self.ids) > 8 else ""
        return ", ".join(f"{i} {known[i].name(current_language())}" for i in self.ids[:8]) + more


@dataclass
class Names:
    """What the texts of a load stand for, and what the source must define for them."""

    region: list[tuple[int, str, str]] = new(default_factory=list)
    field: list[tuple[int, str, str]] = new(default_factory=list)
    period: list[tuple[int, str, str]] = new(default_factory=list)
    indicator: list[tuple[int, str, str, str, float, float, bool]] = new(default_factory=list)
    status: list[tuple[int, str, str]] = new(default_factory=list)
    own_regions: dict[str, dict[str, Any]] = new(default_factory=dict)
    own_fields: dict[str, dict[str, Any]] = new(default_factory=dict)
    indicators: dict[str, Indicator] = new(default_factory=dict)
    unresolved: list[Unresolved] = new(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = new(default_factory=list)


class Resolver:
    """Resolves the names of one package against the taxonomy and what the workspace already defines."""

    def __init__(self, ws: Workspace, package: Package, connection: duckdb.DuckDBPyConnection) -> None:
        self.ws = ws
        self.package = package
        self.connection = connection
        self.names = Names()

    def run(self) -> Names:
        """Resolve every role of the view ``long``."""
        self._regions()
        self._fields()
        self._periods()
        found = IndicatorResolver(self.package, self._known_rows("indicator"))
        rows = self.connection.execute(
            "SELECT part, indicator, unit, min(line) FROM long GROUP BY ALL "
            f"ORDER BY part, min(line), indicator, unit LIMIT {MAX_NAMES}"
        ).fetchall()
        self._refuse_odd("indicator", [(part, text, line) for part, text, _, line in rows])
        self.names.indicator = found.run(rows)
        self.names.indicators = found.indicators
        self.names.notes += found.notes
        for part, text, *_ in self._texts("status"):
            self.names.status.append((part, text, self._status(text)))
        return self.names

    def _texts(self, role: str, name: str = "''") -> list[tuple[int, str, int, int, str]]:
        """Part, text, rows, first line and a name of each distinct text of a role."""
        rows = self.connection.execute(
            f"SELECT part, {role}, count(*), min(line), min(nullif({name}, '')) FROM long "
            f"GROUP BY part, {role} ORDER BY part, min(line), {role} LIMIT {MAX_NAMES + 1}"
        ).fetchall()
        if len(rows) > MAX_NAMES:
            part = self.package.parts[0]
            raise DataError(
                "data.error.too_many_names",
                where=part.raw.where(column=part.header(role)),
                role=role,
                most=f"{MAX_NAMES:,}",
            )
        self._refuse_odd(role, [(part, text, line) for part, text, _, line, _ in rows])
        self._refuse_odd(role, [(part, shown, line) for part, _, _, line, shown in rows])
        return rows

    def _refuse_odd(self, role: str, rows: list[tuple[int, str | None, int]]) -> None:
        """Refuse texts no name can be: whole pages, and characters that no page, picture or document may hold."""
        for number, text, line in rows:
            if text is None or (len(text) <= MAX_NAME and not UNPRINTABLE.search(text)):
                continue
            part = self.package.parts[number]
            where = part.raw.where(line, part.header(role))
            if len(text) > MAX_NAME:
                raise DataError(
                    "data.error.long_name", where=where, role=role, start=text[:40], length=len(text), most=MAX_NAME
                )
            if odd := UNPRINTABLE.search(text):
                code = f"U+{ord(odd[0]):04X}"
                raise DataError("data.error.unprintable_name", where=where, role=role, text=text[:60], code=code)

    def _prepared(self, role: str, text: str) -> str:
        return self.package.prepare(role, text) if self.package.prepare else text

    # Regions -----------------------------------------------------------------------------------

    def _regions(self) -> None:
        for definition in self.package.own_regions:
            self.names.own_regions[definition["region_id"]] = definition
        known: dict[tuple[str, str], str | None] = {}
        missing: list[tuple[int, str, int, int]] = []
        for part_number, text, rows, line, name in self._texts("region", "region_name"):
            part = self.package.parts[part_number]
            prepared = self._prepared("region", text)
            key = (part.regions, prepared)
            if key not in known:
                known[key] = self._region(part, prepared, name)
            found = known[key]
            if found:
                self.names.region.append((part_number, text, found))
            else:
                missing.append((part_number, text, rows, line))
        self._report("region", missing)
        gazetteer = regions.regions()
        past = sorted({i for *_, i in self.names.region if i in gazetteer and gazetteer[i].level == "historic"})
        if past:
            self.names.notes.append(("data.note.historic", {"number": len(past), "places": Past(past)}))

    def _region(self, part: Part, text: str, name: str | None) -> str | None:
        if not text:
            return None
        if text in self.package.regions:
            return self.package.regions[text]
        if part.regions == "own":
            region_id = text if ":" in text else f"own:{text}"
            self.names.own_regions.setdefault(
                region_id,
                {"region_id": region_id, "name_en": name or text, "name_zh": name or text, "level": "other"},
            )
            return region_id
        if text in self.names.own_regions:
            return text
        if part.regions == "nuts":
            return regions.resolve(text) or self._nuts(text)
        if not part.regions:
            return regions.resolve(text) or self._own_known_region(text)
        if part.regions not in regions.LEVELS:
            raise UsageError(
                "data.error.unknown_option",
                option="regions",
                value=part.regions,
                known=", ".join(("own", *regions.LEVELS)),
            )
        return regions.resolve(text, level=part.regions) or regions.resolve(text)

    def _nuts(self, text: str) -> str:
        """A NUTS region below its country, or an aggregate that only Eurostat knows."""
        country = regions.resolve(text[:2], level="country") if re.fullmatch("[A-Z]{2}[0-9A-Z]{1,3}", text) else None
        region_id = text if country else f"eurostat:{text}"
        self.names.own_regions.setdefault(
            region_id,
            {
                "region_id": region_id,
                "name_en": text,
                "name_zh": text,
                "level": "other" if country else "aggregate",
                "parent_id": country,
            },
        )
        return region_id

    def _own_known_region(self, text: str) -> str | None:
        """Places that an earlier source defined; their rows are repeated, so that each source stands alone."""
        row = self._known_rows("region").get(text) or self._known_rows("region").get(f"own:{text}")
        if row is None or row["level"] != "other":
            return None
        self.names.own_regions.setdefault(row["region_id"], row)
        return str(row["region_id"])

    # Fields ------------------------------------------------------------------------------------

    def _fields(self) -> None:
        for definition in self.package.own_fields:
            self.names.own_fields[definition["field_id"]] = definition
        missing: list[tuple[int, str, int, int]] = []
        for part_number, text, rows, line, name in self._texts("field", "field_name"):
            part = self.package.parts[part_number]
            prepared = self._prepared("field", text)
            found = self._field(part, prepared, name)
            if found:
                self.names.field.append((part_number, text, found))
            else:
                missing.append((part_number, text, rows, line))
        self._report("field", missing)

    def _field(self, part: Part, text: str, name: str | None) -> str | None:
        if not part.scheme:
            return TOTAL
        if text in self.package.fields:
            return self.package.fields[text]
        if not text:
            return None
        if part.scheme in fields.schemes():
            return fields.resolve(text, part.scheme)
        code = text.removeprefix(f"{part.scheme}:")
        field_id = f"{part.scheme}:{code}"
        if field_id not in self.names.own_fields:
            row = self._known_rows("field").get(field_id) or {
                "field_id": field_id,
                "scheme": part.scheme,
                "code": code,
                "name_en": name or code,
                "name_zh": name or code,
            }
            self.names.own_fields[field_id] = row
        return field_id

    def _known_rows(self, table: str) -> dict[str, dict[str, Any]]:
        """Rows that other sources define, by id."""
        own = self.package.source.source_id

        def read() -> dict[str, dict[str, Any]]:
            rows = self.ws.table(table, without=(own, TAXONOMY))
            return {row[f"{table}_id"]: row for row in self.ws.to_arrow(rows).to_pylist()}

        found: dict[str, dict[str, Any]] = self.ws.cache.remember(("known", table, own), read)
        return found

    # What was not found ------------------------------------------------------------------------

    def _report(self, role: str, missing: list[tuple[int, str, int, int]]) -> None:
        named = sorted((item for item in missing if item[1]), key=lambda item: (-item[2], item[1]))
        for number, text, rows, line in named[:SHOWN]:
            suggestions = self._suggest(role, text, self.package.parts[number])
            self.names.unresolved.append(Unresolved(role, text, rows, line, suggestions))
        if missing and not getattr(self.names, role):
            part = self.package.parts[missing[0][0]]
            shown = [item for item in self.names.unresolved if item.role == role][:5]
            raise DataError(
                f"data.error.no_{role}_known",
                where=part.raw.where(missing[0][3], part.header(role)),
                scheme=part.scheme,
                examples=Sentences(shown),
            )

    def _suggest(self, role: str, text: str, part: Part) -> tuple[Suggestion, ...]:
        if role == "region":
            return tuple(Suggestion(item.id, item.name_en, item.name_zh) for item in regions.suggest(text, 3))
        return tuple(Suggestion(item.code, item.name_en, item.name_zh) for item in fields.suggest(text, part.scheme, 3))

    # Periods and statuses ----------------------------------------------------------------------

    def _periods(self) -> None:
        found = [(part, text, parse_period(text)) for part, text, *_ in self._texts("period")]
        self.names.period = [(part, text, period) for part, text, period in found if period]
        if not self.names.period:
            part = self.package.parts[0]
            raise DataError(
                "data.error.no_period_known",
                where=part.raw.where(column=part.header("period")),
                examples=", ".join(text for _, text, _ in found[:5]) or "(blank)",
            )

    def _status(self, text: str) -> str:
        folded = text.strip().lower()
        return self.package.flags.get(folded) or FLAGS.get(folded, "observed")


def write_names(connection: duckdb.DuckDBPyConnection, names: Names) -> None:
    """Put the resolved names into small tables for joining: ``map_region``, ``map_field`` and so on."""
    for role in ("region", "field", "period", "status"):
        _table(connection, f"map_{role}", ("part", "text", "id"), getattr(names, role))
    columns = ("part", "text", "unit", "id", "multiply", "divide", "signed")
    _table(connection, "map_indicator", columns, names.indicator)


def _table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    import pyarrow as pa

    types = {"part": pa.int32(), "multiply": pa.float64(), "divide": pa.float64(), "signed": pa.bool_()}
    rows = list(rows)
    arrow = pa.table(
        {
            column: pa.array([row[i] for row in rows], type=types.get(column, pa.string()))
            for i, column in enumerate(columns)
        }
    )
    connection.register("incoming_rows", arrow)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT *, "
        "(dense_rank() OVER (ORDER BY id) - 1)::BIGINT AS n FROM incoming_rows"
    )
    connection.unregister("incoming_rows")
