"""Which column of a table says what: given by a person, read from a TOML file, or guessed from headers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from foreland.core.errors import DidYouMean, UsageError, Where
from foreland.data.periods import parse_period
from foreland.data.units import split_header

ROLES = (
    "region",
    "field",
    "period",
    "indicator",
    "value",
    "unit",
    "status",
    "field_name",
    "region_name",
)
"""What a column may say."""

WIDE = ("period", "field", "indicator", "region")
"""What the headers of a wide table's columns may say."""


@dataclass(frozen=True)
class Indicator:
    """What is measured, as a source defines it."""

    indicator_id: str
    name_en: str = ""
    name_zh: str = ""
    unit: str = ""
    kind: str = ""
    aggregation: str = ""


@dataclass(frozen=True)
class SourceInfo:
    """Where figures come from. What is not known stays empty."""

    source_id: str = ""
    title_en: str = ""
    title_zh: str = ""
    publisher: str = ""
    licence: str = ""
    url: str = ""
    published: str = ""
    retrieved: str = ""
    note_en: str = ""
    note_zh: str = ""


@dataclass(frozen=True)
class Mapping:
    """How a table is read.

    Parameters
    ----------
    columns
        Role → column (:data:`ROLES`). For a wide table ``value`` names its columns: ``2010:2020`` is
        every column from one to the other, ``a,b,c`` a list.
    constants
        Role → text, where one value holds for the whole table (``{"indicator": "exports"}``).
    scheme
        Classification of the fields. A known one (``wipo35``) resolves codes and names; any other is the
        user's own, and its fields are taken as they come.
    regions
        ``"own"`` where the file defines its places, or a level (``country``, ``province`` …) as a hint.
    wide
        What the headers of a wide table say: ``period``, ``field``, ``indicator`` or ``region``; empty to guess.
    where
        Column → text: only rows with that text are read.
    sheet, skip, encoding, delimiter, decimal
        Of the file: sheet by name or number, lines before the header, text encoding, and marks.
    source
        Title, publisher, licence and address of the source.
    indicators
        Names, units and kinds of indicators the file brings.
    signed
        Whether values below zero are accepted whatever the unit says (changes, balances).
    """

    columns: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    scheme: str = ""
    regions: str = ""
    wide: str = ""
    where: dict[str, str] = field(default_factory=dict)
    sheet: str = ""
    skip: int = 0
    encoding: str = ""
    delimiter: str = ""
    decimal: str = "."
    source: SourceInfo = field(default_factory=SourceInfo)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    signed: bool = False

    def __post_init__(self) -> None:
        for role in (*self.columns, *self.constants):
            if role not in ROLES:
                raise UsageError(
                    "data.error.unknown_role", role=role, roles=", ".join(ROLES), suggestions=_near(role, ROLES)
                )
        if self.wide and self.wide not in WIDE:
            raise UsageError("data.error.unknown_option", option="wide", value=self.wide, known=", ".join(WIDE))
        if self.decimal not in (".", ","):
            raise UsageError("data.error.unknown_option", option="decimal", value=self.decimal, known=". ,")
        if self.skip < 0:
            raise UsageError("data.error.unknown_option", option="skip", value=self.skip, known="0, 1, 2 …")
        if len(self.delimiter) > 1 or self.delimiter in tuple('"\r\n'):
            raise UsageError("data.error.unknown_option", option="delimiter", value=self.delimiter, known=", ; tab |")

    @classmethod
    def from_options(cls, maps: Iterable[str] = (), **options: Any) -> Mapping:
        """From command-line strings.

        Parameters
        ----------
        maps
            ``role=column``, as in ``region=iso3``.
        **options
            The other parameters by name; ``indicator``, ``unit``, ``period``, ``region`` and ``field``
            are constants; ``title``, ``publisher``, ``licence``, ``url``, ``published`` and ``source_id``
            describe the source; ``where`` is a list of ``column=text``. None and empty count as not given.
        """
        given = {name: value for name, value in options.items() if value not in (None, "", [], ())}
        constants = {role: str(given.pop(role)) for role in ROLES if role in given}
        source = {
            ("title_en" if name == "title" else name): str(given.pop(name))
            for name in ("title", *(item.name for item in fields(SourceInfo)))
            if name in given
        }
        where = dict(_pair(text, "--where") for text in given.pop("where", ()))
        columns: dict[str, str | tuple[str, ...]] = dict(_pair(text, "--map") for text in maps)
        if given.get("delimiter") in ("tab", "\\t"):
            given["delimiter"] = "\t"
        if unknown := set(given) - {item.name for item in fields(cls)}:
            raise UsageError("data.error.unknown_option", option=min(unknown), value="", known=", ".join(ROLES))
        return cls(columns=columns, constants=constants, where=where, source=SourceInfo(**source), **given)

    @classmethod
    def from_toml(cls, path: str | Path) -> Mapping:
        """From a TOML file with the tables ``columns``, ``constants``, ``table``, ``where``, ``source`` and
        ``indicators.<id>``."""
        path = Path(path)
        try:
            if not path.is_file():
                raise FileNotFoundError(path)  # a folder, or a device that never ends
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError("data.error.no_file", where=Where(path), path=path, suggestions="") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError("data.error.mapping_unreadable", where=Where(path), detail=error) from error
        try:
            source = dict(raw.get("source", {}))
            if "title" in source:
                source["title_en"] = source.pop("title")
            if "id" in source:
                source["source_id"] = source.pop("id")
            return cls(
                columns={role: _joined(column) for role, column in raw.get("columns", {}).items()},
                constants={role: str(text) for role, text in raw.get("constants", {}).items()},
                where={column: str(text) for column, text in raw.get("where", {}).items()},
                source=SourceInfo(**{name: str(value) for name, value in source.items()}),
                indicators={
                    key: Indicator(key, **_typed(Indicator, entry, f"indicators.{key}"))
                    for key, entry in raw.get("indicators", {}).items()
                },
                **_typed(cls, raw.get("table", {}), "table"),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise UsageError("data.error.mapping_unreadable", where=Where(path), detail=error) from error

    def but(self, **changes: Any) -> Mapping:
        """A copy with some parameters changed."""
        return replace(self, **changes)


def _typed(kind: type, entry: dict[str, Any], place: str) -> dict[str, Any]:
    """What a table of the file says, each value held against the type it must have."""
    plain = {"str": str, "int": int, "bool": bool}
    for item in fields(kind):
        wanted = plain.get(str(item.type))
        if wanted is not None and item.name in entry and type(entry[item.name]) is not wanted:
            raise TypeError(f"{place}.{item.name} = {entry[item.name]!r}")
    return entry


def _joined(column: Any) -> str | tuple[str, ...]:
    if column == []:
        raise TypeError("columns = []")
    return tuple(map(str, column)) if isinstance(column, list) else str(column)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError("data.error.bad_pair", option=option, text=text)
    return name.strip(), value.strip()


def _near(name: str, known: Iterable[str]) -> DidYouMean:
    import difflib

    folded = {_folded(item): item for item in known}
    close = difflib.get_close_matches(_folded(name), list(folded), n=3, cutoff=0.5)
    inside = [item for key, item in folded.items() if _folded(name) in key and key not in close]
    return DidYouMean([folded[key] for key in close] + inside[: 3 - len(close)])


def _folded(header: str) -> str:
    return re.sub(r"[\s_\-./]+", "", header).lower()


def near_columns(name: str, headers: Iterable[str]) -> DidYouMean:
    """The headers closest to a name, as a sentence."""
    return _near(name, headers)


def pick_columns(text: str | tuple[str, ...], headers: Sequence[str]) -> list[int] | None:
    """Positions of the columns that ``text`` names: one, a list, or a range; none if one is not there."""
    position = {header: index for index, header in reversed(list(enumerate(headers)))}
    position |= {header.strip(): index for header, index in list(position.items())}
    if isinstance(text, tuple):
        return [position[name] for name in text] if all(name in position for name in text) else None
    if text in position:
        return [position[text]]
    if ":" in text and "," not in text:
        first, _, last = text.partition(":")
        if first in position and last in position and position[first] < position[last]:
            return list(range(position[first], position[last] + 1))
        return None
    if "," in text:
        names = [name.strip() for name in text.split(",")]
        return [position[name] for name in names] if all(name in position for name in names) else None
    return None


# Guessing -------------------------------------------------------------------------------------

HEADERS: dict[str, tuple[str, ...]] = {
    "region": (
        r"(iso|country|geo|geography|(itl_?|nuts_?)?region|area|reporter|province|state|place|location|itl|nuts|"
        r"ref_?area)"
        r"[\s_-]?(code|iso|id|alpha|3|2|a2|a3|iso3|iso2|code3)*",
        r"(地区|省份|省市|省|国家|国家或地区|国别|城市|市|区域|省级|地市)(代码|编码)?",
    ),
    "region_name": (
        r"(country|geo|geography|region|area|reporter|province|state|location|itl_?region)[\s_-]?(name|label|desc)",
        r"(地区|省份|国家|城市|区域)(名称?|名字)",
    ),
    "period": (
        r"((filing|application|priority|publication|grant|fiscal|financial|calendar|reference|survey)[\s_-]?)?year|"
        r"time|period|date|time_?period|yr|quarter|month|ref_?period",
        r"年份?|年度|时间|时期|日期|季度|月份",
    ),
    "value": (
        r"value|obs_?value|amount|val|count|number|figure|values|data",
        r"数值|值|数量|金额|观测值|指标值|数据",
    ),
    "unit": (r"units?|unit_?(of_?)?measure|unit_?code|measure_?unit", r"(计量)?单位"),
    "indicator": (r"indicator|variable|variables|measure|series|item|indic|subject", r"指标(名称)?|变量|项目"),
    "field": (
        r"(field|industry|sector|product|nace|nace_r2|isic|sic|sic07|sitc|hs|hs\d|hs_?code|cpc|ipc|wipo|technology|"
        r"tech(nology|nical)?[\s_]?(field|area|class)|commodity|activity|topic|naics|cmd)"
        r"[\s_-]?(code|id|r2|\d{1,2}|\d{2}_?code)?",
        r"(行业|产业|领域|技术领域|产品|商品|门类|学科)(代码|编码)?",
    ),
    "field_name": (
        r"(field|industry|sector|product|nace|isic|sic07?|sitc|hs|technology|commodity|activity)"
        r"[\s_-]?(name|label|desc|description|title)",
        r"(行业|产业|领域|产品|商品|学科)(名称?|名字|说明)",
    ),
    "status": (r"obs_?(flag|status)|flags?|status", r"状态|备注标志"),
}
"""Headers by role, most telling first; matched whole, on folded case."""

SCHEMES = (("sitc", "sitc2"), ("wipo", "wipo35"), ("sic07", "sic2007"), ("sic", "sic2007"))


@dataclass(frozen=True)
class Guess:
    """A mapping guessed from headers, with what was guessed as role → column."""

    mapping: Mapping
    found: dict[str, str | tuple[str, ...]]


def guess(headers: Sequence[str], given: Mapping | None = None, stem: str = "") -> Guess:
    """Complete a mapping from the headers: what a person gave stays, the rest is looked for.

    Parameters
    ----------
    headers
        Headers of the table.
    given
        What a person gave.
    stem
        Name for the indicator where neither column nor constant says what is measured.
    """
    given = given or Mapping()
    columns, constants = dict(given.columns), dict(given.constants)
    found: dict[str, str | tuple[str, ...]] = {}
    taken = {index for text in columns.values() for index in pick_columns(text, headers) or ()}
    taken |= {index for name in given.where for index in pick_columns(name, headers) or ()}
    years = _years(headers, taken) if given.wide in ("", "period") else []
    order = ["field_name", "region_name", "period", "unit", "status", "value", "field", "indicator", "region"]
    for role in order:
        if role in columns or role in constants or (role == "value" and len(years) > 1):
            continue
        if index := _find(role, headers, taken):
            columns[role] = found[role] = headers[index[0]]
            taken.add(index[0])
    # A name serves where there is no code.
    for role in ("region", "field"):
        if role not in columns and role not in constants and f"{role}_name" in columns:
            columns[role] = found[role] = columns.pop(f"{role}_name")
            found.pop(f"{role}_name", None)
    wide = given.wide
    if "value" not in columns and "value" not in constants:
        if len(years) > 1 and "period" not in constants:
            columns["value"] = found["value"] = tuple(headers[i] for i in years)
            wide = wide or "period"
            columns.pop("period", None)
            found.pop("period", None)
        elif measured := [
            i for i, header in enumerate(headers) if i not in taken and split_header(header)[1] is not None
        ]:
            # A header with a unit in brackets is a measure: 出口额（万元）.
            columns["value"] = found["value"] = tuple(headers[i] for i in measured)
            wide = wide or ("indicator" if "indicator" not in constants else "")
        elif wide:
            # What the headers say was told, so the columns that say nothing else hold the values.
            others = tuple(header for i, header in enumerate(headers) if i not in taken and header)
            if others:
                columns["value"] = found["value"] = others
    scheme = given.scheme
    if "field" in columns and not scheme:
        folded = _folded(str(columns["field"]))
        scheme = next((to for prefix, to in SCHEMES if folded.startswith(prefix)), folded or "own")
        found["scheme"] = scheme
    if "indicator" not in columns and "indicator" not in constants and wide != "indicator" and "value" in columns:
        column = columns["value"]
        name = split_header(column)[0] if isinstance(column, str) else ""
        generic = not name or _find("value", [name], set()) or wide or "," in name or ":" in name
        constants["indicator"] = found["indicator"] = (stem or "value") if generic else name
    return Guess(given.but(columns=columns, constants=constants, scheme=scheme, wide=wide), found)


def _years(headers: Sequence[str], taken: set[int]) -> list[int]:
    """Columns whose headers are periods; none where some headers are numbers that can be no year, hence codes."""
    free = [(i, header.strip()) for i, header in enumerate(headers) if i not in taken and header[:1].isdigit()]
    found = [(i, parse_period(header)) for i, header in free]
    if any(header.isdigit() and not period for (_, header), (_, period) in zip(free, found, strict=True)):
        return []
    years = [(i, period) for i, period in found if period]
    return [i for i, _ in years] if all("1700" <= period[:4] <= "2100" for _, period in years) else []


def _find(role: str, headers: Sequence[str], taken: set[int]) -> list[int]:
    for pattern in HEADERS[role]:
        for index, header in enumerate(headers):
            name = split_header(header)[0].strip().lower()
            if index not in taken and re.fullmatch(pattern, name):
                return [index]
    return []
