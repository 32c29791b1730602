"""United Kingdom: employment and gross value added by ITL2 region and industry (ONS, Nomis).

A folder of Parquet tables. Employment (BRES, open access) by SIC 2007 at five and at two digits, full-time
employees at five digits, and real gross value added by the industries of the regional accounts, whose codes
are groups of divisions (``2-3``, ``5-9``) and so a scheme of their own, ``sic2007_accounts``.

Regions are coded ``UKC1`` in one file and ``TLC1`` in another; the gazetteer knows both. Counts are rounded
to five, and more than a fifth of them are zero. Negative values of real output are kept: chained volumes of
very small industries can be below zero.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError, Where
from foreland.data.mapping import Mapping, SourceInfo
from foreland.data.package import Package, Part, part_from_mapping

if TYPE_CHECKING:
    from foreland.data.readers import Stage

NAME = "uk_employment_gva"
FIVE = "ITL2_Employment_countandpercent5digitSIC_BRESopen15to21.parquet"
TWO = "ITL2_Employment_countandpercent2digitSIC_BRESopen15to21.parquet"
FULL_TIME = "ITL2_fulltimeemployeecountandpercent5digitSIC_BRESopen15to21.parquet"
GVA = "ITL2_chainedvolumeGVA_2digitSICs_andjobs.parquet"
ACCOUNTS = "sic2007_accounts"

SOURCE = SourceInfo(
    source_id=NAME,
    title_en="Employment and gross value added of United Kingdom regions by industry",
    title_zh="英国各地区分行业就业与增加值",
    publisher="Office for National Statistics; Nomis; collection ukcompare",
    licence="Open Government Licence v3.0",
    url="https://github.com/DanOlner/ukcompare",
    note_en="Employment is rounded to five; zeros include very small numbers.",
    note_zh="就业人数以五为单位取整，零值包含很小的数。",
)


def detect(path: Path) -> bool:
    """A folder with the table of employment at five digits."""
    return path.is_dir() and (path / FIVE).is_file()


def read(path: Path, stage: Stage) -> Package:
    """Read the tables of employment and real gross value added."""
    if not detect(path):
        raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing=FIVE)
    counts = {"region": "GEOGRAPHY_CODE", "field": "INDUSTRY_CODE", "period": "DATE", "value": "COUNT"}
    tables = [
        (FIVE, "employment", "person", counts, "sic2007"),
        (TWO, "employment", "person", counts, "sic2007"),
        (FULL_TIME, "employees_full_time", "person", counts, "sic2007"),
        (
            GVA,
            "gva_real",
            "million GBP",
            {
                "region": "ITL_region_code",
                "field": "SIC07_code",
                "field_name": "SIC07_description",
                "period": "year",
                "value": "value",
            },
            ACCOUNTS,
        ),
    ]
    parts = []
    for name, indicator, unit, columns, scheme in tables:
        if (path / name).is_file():
            mapping = Mapping(
                columns=dict(columns),
                constants={"indicator": indicator, "unit": unit},
                scheme=scheme,
                regions="itl2",
                signed=indicator == "gva_real",
            )
            part = part_from_mapping(stage(path / name), mapping)
            parts.append(Part(**{**vars(part), "label": name.removesuffix(".parquet")}))
    return Package(SOURCE, tuple(parts))
