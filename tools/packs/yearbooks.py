"""Yearbook tables of the Chinese provinces: one source a subject, base units, one spelling a province."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from figures import HERE, TOTAL, Figures, Observation
from institutions import PROVINCES

from foreland.data.units import find_unit

if TYPE_CHECKING:
    import pandas as pd

#: What text recognition made of a name.
MISREAD = {
    "内蒙占": "内蒙古",
    "江两": "江西",
    "江四": "江西",
    "山两": "山西",
    "两藏": "西藏",
    "四藏": "西藏",
    "浙汀": "浙江",
}
#: What is left of 东部地区, a row of several provinces among those of 2014.
NOT_A_PROVINCE = "尔部地区"
COUNTRY = "CN"
#: National and provincial figures further apart than this are reported.
GAP = 0.01


def build(data: Path) -> list[Figures]:
    """The sources of ``yearbooks.csv`` from the folder of shared data."""
    with (HERE / "yearbooks.csv").open(encoding="utf-8", newline="") as lines:
        series = list(csv.DictReader(lines))
    found: dict[str, Figures] = {}
    for row in series:
        figures = found.setdefault(row["source_id"], Figures(row["source_id"]))
        table = read(data / "cn_province_hightech" / f"{row['file']}.csv.gz")
        figures.add(tabulate(table, row["variable"], row["indicator_id"], row["unit"]))
    return list(found.values())


@cache
def read(path: Path) -> pd.DataFrame:
    """A table of the collection with province ids and the line of each row; the header is line 1."""
    import pandas as pd

    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows["line"] = rows.index + 2
    rows["place"] = rows["province"].str.replace(r"\s", "", regex=True).replace(MISREAD)
    rows = rows[rows["place"].ne(NOT_A_PROVINCE) & rows["province"].ne("")]
    rows["region_id"] = rows["place"].map(PROVINCES | {"全国": COUNTRY})
    if rows["region_id"].isna().any():
        unknown = sorted(rows.loc[rows["region_id"].isna(), "place"].unique())
        raise ValueError(f"{path.name}: unknown provinces {unknown}")
    return rows.rename(columns={"num": "value"})


def tabulate(table: pd.DataFrame, variable: str, indicator: str, unit: str) -> list[Observation]:
    """One variable of a table in base units; blanks are figures that were not published.

    ``unit`` is the true one: some rows of the collection name another (see :func:`mislabelled`).
    """
    known = find_unit(unit)
    if known is None:
        raise ValueError(f"unknown unit {unit}")
    factor = Decimal(known.multiply) / Decimal(known.divide)
    rows = table[table["variables"] == variable] if variable else table
    return [
        Observation(
            region, TOTAL, indicator, year.removesuffix(".0"), None if number is None else float(number * factor), n
        )
        for region, year, number, n in zip(
            rows["region_id"], rows["year"], map(amount, rows["value"]), rows["line"].astype(int), strict=True
        )
    ]


def amount(text: str) -> Decimal | None:
    """A number as printed; None where blank."""
    return Decimal(text) if re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", text) else None


def mislabelled(data: Path) -> list[str]:
    """Series with rows that name another unit than ``yearbooks.csv``, with the years."""
    found = []
    with (HERE / "yearbooks.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            table = read(data / "cn_province_hightech" / f"{row['file']}.csv.gz")
            if not row["variable"]:
                continue
            rows = table[(table["variables"] == row["variable"]) & (table["units"] != row["unit"])]
            for unit in sorted(rows["units"].unique()):
                years = ", ".join(sorted(rows.loc[rows["units"] == unit, "year"].unique()))
                found.append(f"{row['indicator_id']}: {unit} instead of {row['unit']} in {years}")
    return found


def report(sources: list[Figures]) -> list[str]:
    """Lines on every national figure further than 1 % from the sum of the provinces, by indicator."""
    gaps: dict[str, list[tuple[str, float]]] = {}
    both = 0
    for figures in sources:
        nation: dict[tuple[str, str, str], float] = {}
        parts: dict[tuple[str, str, str], float] = {}
        for row in figures.observations.values():
            key = (row.indicator_id, row.field_id, row.period)
            if row.value is None or row.indicator_id == "rd_intensity":
                continue
            if row.region_id == COUNTRY:
                nation[key] = row.value
            else:
                parts[key] = parts.get(key, 0.0) + row.value
        for key in sorted(nation.keys() & parts.keys()):
            both += 1
            if abs(parts[key] - nation[key]) > GAP * nation[key]:
                gaps.setdefault(key[0], []).append((key[2], parts[key] / nation[key] - 1))
    apart = sum(map(len, gaps.values()))
    return [f"national rows compared with the sum of provinces: {both}, further apart than 1 %: {apart}"] + [
        f"  {indicator}: {', '.join(f'{year} {gap:+.1%}' for year, gap in found)}" for indicator, found in gaps.items()
    ]
