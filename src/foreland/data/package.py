"""What a reader hands over: raw tables with the SQL of each role, and what the source defines."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from foreland.core.errors import DataError, UsageError
from foreland.data.mapping import Indicator, Mapping, SourceInfo, near_columns, pick_columns
from foreland.data.periods import parse_period
from foreland.data.tabular import Raw, sql_text
from foreland.data.units import split_header

Note = tuple[str, dict[str, Any]]
"""Key of a text and its parameters."""

READER_VERSION = "1"
"""Part of a source's hash: raised when the same file comes to be read into other figures."""
TOTAL = "all:total"
LEAST_SQUARE = 2
"""Names that stand both in the headers and in the first column of what may be a square table."""


@dataclass(frozen=True)
class WideColumn:
    """One column of a wide table: its position, and what its header says."""

    column: str
    header: str
    text: str
    unit: str = ""


@dataclass(frozen=True)
class Part:
    """One raw table and how it is read.

    Parameters
    ----------
    raw
        The table.
    roles
        Role → SQL over ``c0`` …; a role that is absent is empty.
    wide_role, wide
        For a wide table: what its headers say, and its columns.
    scheme
        Classification of the fields, empty where there are none.
    regions
        ``own``, a level as a hint, or empty.
    decimal
        The decimal mark.
    where
        SQL condition on raw rows.
    value_header
        The column named in rejects.
    headers
        Role → header of its column, for messages; a role without one is a constant.
    signed
        Whether values below zero are accepted whatever the unit says.
    label
        The file's name in rejects, where a source has several files.
    flagged
        Whether a cell holds a value and flags behind a blank (``12.3 e``).
    """

    raw: Raw
    roles: dict[str, str]
    wide_role: str = ""
    wide: tuple[WideColumn, ...] = ()
    scheme: str = ""
    regions: str = ""
    decimal: str = "."
    where: str = ""
    value_header: str = "value"
    headers: dict[str, str] = field(default_factory=dict)
    signed: bool = False
    label: str = ""
    flagged: bool = False

    def sql(self, number: int) -> str:
        """The table in long form, all text: part, line, one column a role, and the value's column."""
        if not self.flagged:
            return self._sql(number)
        # A mark of a missing value may have flags too (": c"); the mark is what counts then.
        return (
            "SELECT * REPLACE (regexp_extract(trim(value), '^\\S*') AS value, "
            "regexp_extract(trim(value), '^\\S+\\s+(\\S)', 1) AS status) "
            f"FROM ({self._sql(number)})"
        )

    def _sql(self, number: int) -> str:
        text = {
            role: f"coalesce(trim({self.roles[role]}), '')" if role in self.roles else "''"
            for role in ("region", "region_name", "field", "field_name", "period", "indicator", "unit", "status")
        }
        line = f"{self.raw.line} AS line"
        condition = f" WHERE {self.where}" if self.where else ""
        if not self.wide:
            columns = ", ".join(f"{sql} AS {role}" for role, sql in text.items())
            return (
                f"SELECT {number} AS part, {line}, {columns}, {self.roles['value']} AS value, "
                f"{sql_text(self.value_header)} AS value_column FROM {self.raw.relation}{condition}"
            )
        index = f"unnest([{', '.join(map(str, range(1, len(self.wide) + 1)))}])"
        values = f"unnest([{', '.join(item.column for item in self.wide)}])"
        told = f"[{', '.join(sql_text(item.text) for item in self.wide)}]"
        headers = f"[{', '.join(sql_text(item.header) for item in self.wide)}]"
        text[self.wide_role] = f"{told}[n]"
        if any(item.unit for item in self.wide):
            units = f"[{', '.join(sql_text(item.unit) for item in self.wide)}]"
            text["unit"] = f"coalesce(nullif({units}[n], ''), {text['unit']})"
        columns = ", ".join(f"{sql} AS {role}" for role, sql in text.items())
        return (
            f"SELECT {number} AS part, line, {columns}, value, {headers}[n] AS value_column FROM "
            f"(SELECT *, {line}, {index} AS n, {values} AS value FROM {self.raw.relation}{condition})"
        )

    def header(self, role: str) -> str:
        """The column that says a role, for messages; the role's own name where it is a constant."""
        return self.headers.get(role, role)


@dataclass(frozen=True)
class Package:
    """Everything one source brings.

    Parameters
    ----------
    source
        The source.
    parts
        Its tables.
    indicators
        Indicators by the text they go by in the table.
    regions, fields
        Text → id, where the source has spellings of its own; before any other resolution.
    own_regions, own_fields
        Definitions (rows of the tables) of places and fields that only this source knows.
    flags
        Text of a status → observed, estimated or suppressed.
    notes
        What a reader must know, as texts.
    prepare
        Called with the texts of a role, before they are resolved; for spellings that only a rule catches.
    """

    source: SourceInfo
    parts: tuple[Part, ...]
    indicators: dict[str, Indicator] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    own_regions: tuple[dict[str, Any], ...] = ()
    own_fields: tuple[dict[str, Any], ...] = ()
    flags: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    prepare: Callable[[str, str], str] | None = None

    @property
    def file(self) -> Raw:
        """The first table, for messages about the source as a whole."""
        return self.parts[0].raw


def part_from_mapping(raw: Raw, mapping: Mapping) -> Part:
    """A raw table read by a mapping.

    Raises
    ------
    DataError
        If a column that the mapping names is not there.
    UsageError
        If neither a column nor a constant says the region, the value or the period.
    """
    roles: dict[str, str] = {role: sql_text(text) for role, text in mapping.constants.items()}
    headers: dict[str, str] = {}
    wide: tuple[WideColumn, ...] = ()
    for role, text in mapping.columns.items():
        positions = pick_columns(text, raw.headers)
        name = text if isinstance(text, str) else ",".join(text)
        if positions is None or (len(positions) > 1 and role != "value"):
            raise missing_column(raw, role, name)
        if isinstance(text, str) and raw.headers.count(raw.headers[positions[0]]) > 1:
            raise DataError("data.error.ambiguous_column", where=raw.where(column=name), column=name)
        if role == "value" and (len(positions) > 1 or mapping.wide):
            wide = tuple(_wide_column(raw.headers[i], i) for i in positions)
        roles[role], headers[role] = f"c{positions[0]}", raw.headers[positions[0]]
    wide_role = mapping.wide or _wide_role(wide, roles)
    unit = None
    if wide:
        roles.pop("value", None)
        roles.pop(wide_role, None)
        if wide_role != "indicator":
            wide = tuple(
                WideColumn(item.column, item.header, item.header if wide_role != "region" else item.text)
                for item in wide
            )
    elif "value" in headers:
        unit = split_header(headers["value"])[1]
    if unit and "unit" not in roles:
        roles["unit"] = sql_text(unit)
    for role in ("region", "value", "period"):
        if role not in roles and role != wide_role and not (role == "value" and wide):
            raise missing_role(raw, role)
    return Part(
        raw,
        roles,
        wide_role if wide else "",
        wide,
        mapping.scheme if "field" in roles or wide_role == "field" else "",
        mapping.regions,
        mapping.decimal,
        _condition(raw, mapping),
        headers.get("value", "value"),
        headers,
        mapping.signed,
    )


def _wide_column(header: str, position: int) -> WideColumn:
    name, unit = split_header(header)
    return WideColumn(f"c{position}", header, name, unit or "")


def _wide_role(wide: tuple[WideColumn, ...], roles: dict[str, str]) -> str:
    if not wide:
        return ""
    if "period" not in roles and all(parse_period(item.header) for item in wide):
        return "period"
    return "indicator"


def _condition(raw: Raw, mapping: Mapping) -> str:
    terms = []
    for name, text in mapping.where.items():
        positions = pick_columns(name, raw.headers)
        if positions is None or len(positions) > 1:
            raise missing_column(raw, "where", name)
        terms.append(f"trim(c{positions[0]}) = {sql_text(text)}")
    return " AND ".join(terms)


def missing_column(raw: Raw, role: str, name: str) -> DataError:
    """The error of a column that is not there, with the columns that are."""
    return DataError(
        "data.error.missing_column",
        where=raw.where(),
        role=role,
        column=name,
        columns=", ".join(raw.headers[:40]),
        suggestions=near_columns(name, raw.headers),
    )


def chain_layout(raw: Raw) -> str | None:
    """What a table's headers look like: an edge list (``chain``, ``suppliers``) or a square table (``matrix``)."""
    import pyarrow.parquet as pq

    from foreland.data.chains.options import HEADERS

    folded = [split_header(header)[0].strip().lower() for header in raw.headers]

    def said(kind: str, role: str) -> bool:
        return any(re.fullmatch(HEADERS[kind][role], header) for header in folded)

    if (said("chain", "to") and said("chain", "from")) or (said("chain", "product") and said("chain", "supplier")):
        return "chain"
    if said("suppliers", "supplier") and said("suppliers", "customer"):
        return "suppliers"
    # The sectors that sell stand in the first column, those that buy in the headers.
    if len(folded) > LEAST_SQUARE:
        cells = pq.read_table(raw.parquet, columns=["c0"])["c0"].to_pylist()
        sold = {str(cell).strip().lower() for cell in cells if cell is not None}
        if len(sold & {header for header in folded[1:] if header}) >= LEAST_SQUARE:
            return "matrix"
    return None


def missing_role(raw: Raw, role: str) -> UsageError:
    """The error of a role that nothing says; where the table looks like a chain's, it says how to load one."""
    if layout := chain_layout(raw):
        columns = ", ".join(raw.headers[:40])
        return UsageError(f"data.error.missing_role_{layout}", where=raw.where(), role=role, columns=columns)
    if role == "value":
        return UsageError("data.error.missing_value", where=raw.where(), columns=", ".join(raw.headers[:40]))
    if role == "region":
        from foreland.data.taxonomy import regions

        places = [header for header in raw.headers if len(header) > 1 and regions.resolve(header)]
        if len(places) > max(2, len(raw.headers) // 2):
            return UsageError("data.error.places_in_headers", where=raw.where(), places=", ".join(places[:8]))
    return UsageError("data.error.missing_role", where=raw.where(), role=role, columns=", ".join(raw.headers[:40]))


def content_hash_of(package: Package) -> str:
    """A hash of the bytes and of how they were read: what is equal here lands as equal figures."""
    what = {
        "reader": READER_VERSION,
        "source": vars(package.source),
        "parts": [
            {
                "bytes": part.raw.content_hash,
                "roles": part.roles,
                "wide": [part.wide_role, *([item.header, item.text, item.unit] for item in part.wide)],
                "options": [part.scheme, part.regions, part.decimal, part.where, part.signed],
            }
            for part in package.parts
        ],
        "indicators": {key: vars(item) for key, item in sorted(package.indicators.items())},
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
