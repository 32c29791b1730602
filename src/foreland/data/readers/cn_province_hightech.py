"""Chinese provinces: high-tech industry, R&D, patents, papers, contracts and budgets (collection *techme*).

A folder of long tables ``province, year, chn_block4, value, units, variables`` from the yearbooks of the
National Bureau of Statistics and the Ministry of Science and Technology. ``cn_province_hightech.csv`` says
which variable of which file is which indicator, in which unit. National rows are kept as region ``CN``.

Traps handled here: province names with blanks inside or misread from scans; units that some years state
wrongly (persons and items as 万元): the variable's own unit counts; R&D expenditure stands in two files
(``RDActivity`` keeps its decimals, so it is the one read); ranks of papers are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError, Where
from foreland.data.indicators import bundled_indicators
from foreland.data.mapping import Indicator, Mapping, SourceInfo
from foreland.data.package import Package, Part, part_from_mapping
from foreland.data.tabular import sql_text
from foreland.i18n.bundled import bundled_rows

if TYPE_CHECKING:
    from foreland.data.readers import Stage

NAME = "cn_province_hightech"
EXTENSION = ".csv.gz"
FIRMS = "HitechFirmsPub"

SPELLINGS = {
    "全国": "CN",
    "两藏": "CN-XZ",
    "四藏": "CN-XZ",
    "内蒙占": "CN-NM",
    "山两": "CN-SX",
    "江两": "CN-JX",
    "江四": "CN-JX",
    "浙汀": "CN-ZJ",
}
"""The country, and names misread from scans, seen in the tables of R&D personnel, funds and patents."""

SOURCE = SourceInfo(
    source_id=NAME,
    title_en="High-tech industry, R&D, patents and budgets of Chinese provinces",
    title_zh="中国各省高技术产业、研发、专利与科技预算",
    publisher="National Bureau of Statistics and Ministry of Science and Technology of China; collection techme",
    licence="MIT",
    url="https://github.com/huhuaping/techme",
    note_en="High-tech industry is one total. Names misread from scans were set right. "
    "Where a year states another unit than the variable has, the variable's unit counts.",
    note_zh="高技术产业仅有合计。已更正扫描误识的省名；个别年份标注的单位有误，以变量固有单位为准。",
)


def detect(path: Path) -> bool:
    """A folder with the tables of industry and R&D."""
    return path.is_dir() and all(
        (path / f"{name}{EXTENSION}").is_file() for name in ("IndustryOperation", "RDActivity")
    )


def read(path: Path, stage: Stage) -> Package:
    """Read the folder."""
    indicators: dict[str, Indicator] = {}
    units: dict[str, dict[str, str]] = defaultdict(dict)
    for row in bundled_rows("data", "readers", "cn_province_hightech.csv"):
        units[row["file"]][row["variable"]] = row["unit"]
        indicators[row["variable"]] = bundled_indicators()[row["indicator_id"]]
    if not detect(path):
        raise DataError(
            "data.error.layout_mismatch", where=Where(path), layout=NAME, missing=f"IndustryOperation{EXTENSION}"
        )
    parts = []
    for name, variables in units.items():
        file = path / f"{name}{EXTENSION}"
        if file.is_file():
            parts.append(_part(file, name, variables, stage))
    firms = path / f"{FIRMS}{EXTENSION}"
    if firms.is_file():
        raw = stage(firms)
        mapping = Mapping(
            columns={"region": "province", "period": "year", "value": "num"},
            constants={"indicator": "hightech_firms_certified", "unit": "家"},
            regions="province",
        )
        parts.append(_labelled(part_from_mapping(raw, mapping), FIRMS))
    return Package(SOURCE, tuple(parts), indicators=indicators, regions=SPELLINGS, prepare=_prepare)


def _part(file: Path, name: str, units: dict[str, str], stage: Stage) -> Part:
    raw = stage(file)
    mapping = Mapping(
        columns={"region": "province", "period": "year", "value": "value", "indicator": "variables"},
        regions="province",
    )
    part = part_from_mapping(raw, mapping)
    variable = part.roles["indicator"]
    cases = " ".join(f"WHEN {sql_text(key)} THEN {sql_text(unit)}" for key, unit in units.items())
    part.roles["unit"] = f"CASE {variable} {cases} END"
    wanted = ", ".join(sql_text(key) for key in units)
    return _labelled(part, name, f"{variable} IN ({wanted})")


def _labelled(part: Part, label: str, where: str = "") -> Part:
    return Part(**{**vars(part), "label": label, "where": where})


def _prepare(role: str, text: str) -> str:
    return re.sub(r"\s+", "", text) if role == "region" else text
