"""Countries × fields × years: patents and articles (Science and Engineering Indicators, NCSES).

Long Parquet table ``measure, field, table_id, region_path, year, value``. Patents of the 35 WIPO fields
(``ipf``: international patent families; ``uspto``), groups of environmental technology, articles of 15
fields by whole and by fractional counting, articles on artificial intelligence.

Articles come in two vintages that overlap: tables 4xxx–5000 (1996–2020) and 99xx (2003–2022). They were
counted on different states of the bibliographic database and differ by some percent, so they can't be
joined; the newer one is read. World regions keep their own ids of level ``aggregate`` and are never
countries. Names carry footnote marks and HTML entities, which the gazetteer takes off.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError
from foreland.data.mapping import Mapping, SourceInfo
from foreland.data.package import TOTAL, Package, Part, part_from_mapping
from foreland.data.taxonomy import fields

if TYPE_CHECKING:
    from foreland.data.readers import Stage

NAME = "world_sci_tech"
COLUMNS = {"measure", "field", "table_id", "region_path", "year", "value", "region"}

MEASURES = {
    "ipf": ("ipf", "wipo35"),
    "ipf_total": ("ipf", ""),
    "uspto": ("uspto_patents", "wipo35"),
    "uspto_total": ("uspto_patents", ""),
    "art_whole": ("articles_whole", "ncses_se"),
    "art_frac": ("articles_fractional", "ncses_se"),
    "ai_art": ("ai_articles", ""),
}
"""Measure → indicator and scheme of its fields."""

NEW_VINTAGE = "TRY_CAST({table} AS INTEGER) > 9900"
ENVIRONMENT = "ncses_env"

OTHER_EUROPE = {
    "region_id": "agg:other-europe-2020",
    "name_en": "Other Europe (composition of 2020)",
    "name_zh": "其他欧洲国家（2020 年口径）",
    "level": "aggregate",
    "parent_id": "agg:europe",
}
"""A second remainder of Europe that stands beside "Other Europe" in the same tables, with other figures."""

SOURCE = SourceInfo(
    source_id=NAME,
    title_en="Science and Engineering Indicators: patents and articles by country and field",
    title_zh="《科学与工程指标》：各国分领域专利与论文",
    publisher="National Center for Science and Engineering Statistics, National Science Foundation",
    licence="United States government work",
    url="https://ncses.nsf.gov/indicators",
    note_en="Articles: the vintage of 2003–2022 only; the earlier one was counted on another state of the database.",
    note_zh="论文仅采用 2003–2022 年版本；早期版本的数据库口径不同，不能拼接。",
)


def detect(path: Path) -> bool:
    """A Parquet file, or a folder with one, that has the columns of the layout."""
    file = _file(path)
    if file is None:
        return False
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return set(pq.read_schema(file).names) >= COLUMNS
    except (pa.ArrowException, OSError):
        return False


def _file(path: Path) -> Path | None:
    if path.is_dir():
        path = path / "country_field_year.parquet"
    return path if path.is_file() and path.suffix == ".parquet" else None


def read(path: Path, stage: Stage) -> Package:
    """Read the file."""
    file = _file(path)
    raw = stage(file if file is not None else path)
    if missing := COLUMNS - set(raw.headers):
        raise DataError(
            "data.error.layout_mismatch", where=raw.where(), layout=NAME, missing=", ".join(sorted(missing))
        )
    column = {header: f"c{index}" for index, header in enumerate(raw.headers)}
    environment = {_key(name) for item in fields.fields(ENVIRONMENT).values() for name in (item.name_en,)}
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(environment))
    in_environment = f"regexp_replace(lower({column['field']}), '[^a-z0-9]', '', 'g') IN ({quoted})"
    parts = []
    for measure, (indicator, scheme) in MEASURES.items():
        where = f"{column['measure']} = '{measure}'"
        if measure.startswith("art_"):
            where += f" AND {NEW_VINTAGE.format(table=column['table_id'])}"
        columns: dict[str, str | tuple[str, ...]] = {"region": "region", "period": "year", "value": "value"}
        if scheme:
            columns["field"] = "field"
        mapping = Mapping(
            columns=columns,
            constants={"indicator": indicator, "unit": "count"},
            scheme=scheme,
        )
        part = part_from_mapping(raw, mapping)
        if measure == "uspto":
            parts.append(Part(**{**vars(part), "where": f"{where} AND NOT {in_environment}"}))
            parts.append(Part(**{**vars(part), "where": f"{where} AND {in_environment}", "scheme": ENVIRONMENT}))
        else:
            parts.append(Part(**{**vars(part), "where": where}))
    return Package(
        SOURCE,
        tuple(parts),
        fields={"all S&E fields": TOTAL},
        regions={f"Other Europe{mark}": OTHER_EUROPE["region_id"] for mark in ("-2020", ", 2020", " (2020)")},
        own_regions=(OTHER_EUROPE,),
        prepare=_prepare,
    )


def _key(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _prepare(role: str, text: str) -> str:
    """Take HTML off a name, the letter of a footnote with it."""
    if role != "region":
        return text
    return html.unescape(re.sub(r"<sup>.*?</sup>", "", html.unescape(text))).strip()
