"""Eurostat's TSV: ``freq,unit,geo\\TIME_PERIOD`` and one column a period, values with flags.

The first column holds all dimensions but the last, in the order its header names them. A dimension of
industries or products (``nace_r2``, ``cpa2_1``, ``sitc06``, ``ipc`` …) becomes the field, in a scheme of the
user's own under that name. What is left besides ``freq``, ``unit`` and ``geo`` joins the indicator's name,
so that no two figures share a key. Flags: ``e``, ``f`` and ``s`` estimated, ``c`` confidential; others leave
a value observed. NUTS regions become places of level ``other`` below their country. ``:`` was not published.
"""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError
from foreland.data.mapping import Mapping, SourceInfo
from foreland.data.package import TOTAL, Package, Part, WideColumn
from foreland.data.periods import parse_period
from foreland.data.taxonomy import fields
from foreland.data.units import find_unit

if TYPE_CHECKING:
    from foreland.data.readers import Stage
    from foreland.data.tabular import Raw

NAME = "eurostat"
PLACE = ("geo", "metroreg", "cities", "reporter", "partner")
FIELDS = re.compile(r"nace.*|cpa.*|sitc.*|isic.*|ipc.*|prod.*|coicop.*|na_item|hs.*|cn.*|tec_?field|fos.*|isced.*")
TOTALS = ("TOTAL", "_T", "TOT")


def detect(path: Path) -> bool:
    """A text whose first header is a list of dimensions with a backslash before the time."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            line = (gzip.GzipFile(fileobj=file) if packed else file).readline(8192)
    except (OSError, EOFError, zlib.error):
        return False
    head = line.decode("utf-8", errors="replace")
    return "\t" in head and re.fullmatch(r"\ufeff?[\w,]+\\\w+\s*", head.split("\t")[0]) is not None


def read(path: Path, stage: Stage) -> Package:
    """Read one table."""
    raw = stage(path, Mapping(delimiter="\t"))
    dimensions, _, last = raw.headers[0].lower().partition("\\")
    if not last:
        raise DataError("data.error.layout_mismatch", where=raw.where(), layout=NAME, missing="geo\\TIME_PERIOD")
    names = [name.strip() for name in dimensions.split(",")]
    place = next((name for name in PLACE if name in names), None)
    if place is None:
        raise DataError("data.error.layout_mismatch", where=raw.where(), layout=NAME, missing="geo")
    sql = {name: f"trim(split_part(c0, ',', {index}))" for index, name in enumerate(names, start=1)}
    industry = next((name for name in names if FIELDS.fullmatch(name)), None)
    code = path.name.split(".")[0].lower().removeprefix("estat_")
    rest = [name for name in names if name not in (place, industry, "unit", "freq")]
    # A unit that is told twice in one table (persons and %) tells two indicators apart.
    indicator = "'" + code.replace("'", "") + "'" + "".join(f" || ':' || {sql[name]}" for name in rest)
    if "unit" in names:
        indicator += f" || ':' || {sql['unit']}"
    roles = {"region": sql[place], "indicator": indicator}
    if "unit" in names:
        roles["unit"] = _unit_sql(raw, sql["unit"])
    scheme = ""
    if industry:
        roles["field"] = sql[industry]
        scheme = industry if industry not in fields.schemes() else f"eurostat_{industry}"
    part = Part(
        raw,
        roles,
        "period",
        _periods(raw),
        scheme,
        "nuts",
        headers={"region": place, "field": industry or "", "unit": "unit"},
        flagged=True,
    )
    source = SourceInfo(
        source_id=f"eurostat:{code}",
        title_en=f"Eurostat {code}",
        title_zh=f"欧盟统计局 {code}",
        publisher="Eurostat",
        licence="CC BY 4.0",
        url=f"https://ec.europa.eu/eurostat/databrowser/product/view/{code}",
    )
    return Package(source, (part,), fields=dict.fromkeys(TOTALS, TOTAL))


def _periods(raw: Raw) -> tuple[WideColumn, ...]:
    wide = [
        WideColumn(f"c{i}", header, header) for i, header in enumerate(raw.headers) if i > 0 and parse_period(header)
    ]
    if not wide:
        raise DataError("data.error.no_period_known", where=raw.where(), examples=", ".join(raw.headers[1:6]))
    return tuple(wide)


def _unit_sql(raw: Raw, sql: str) -> str:
    """Eurostat's codes of units; those that no base unit has are kept under their own name."""
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT DISTINCT {sql} FROM {raw.relation} LIMIT 1000").fetchall()
    unknown = [row[0] for row in rows if row[0] and find_unit(row[0]) is None]
    if not unknown:
        return sql
    listed = ", ".join("'" + text.replace("'", "''") + "'" for text in unknown)
    return f"CASE WHEN {sql} IN ({listed}) THEN '=' || {sql} ELSE {sql} END"
