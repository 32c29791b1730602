"""National input–output tables of the OECD, 45 sectors, one file a country with its years below each other (*ionet*).

``OECD21ed_<ISO3>_<first>to<last>.csv``: use of products of any origin at basic prices, imports in one column as a
deduction, taxes less subsidies on products in two rows; million US dollars at current prices and exchange rates.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError, Where
from foreland.data.chains.package import ChainPackage, hashed
from foreland.data.mapping import SourceInfo

if TYPE_CHECKING:
    from foreland.data.chains.assemble import Meaning
    from foreland.data.chains.cells import Grid
    from foreland.data.readers import Stage

NAME = "oecd_input_output"
FILE = re.compile(r"OECD(\d+)ed_([A-Za-z]{3})_(\d{4})to(\d{4})\.csv(\.gz)?")
UNIT = (1e6, 1.0)
"""Tables are in million dollars."""
COLUMNS = {
    "HFCE": "household_consumption",
    "NPISH": "household_consumption",
    "GGFC": "government_consumption",
    "GFCF": "fixed_investment",
    "INVNT": "inventory_change",
    "CONS_ABR": "other_final_use",
    "CONS_NONRES": "exports",
    "EXPO": "exports",
    "IMPO": "imports",
}
ROWS = {
    "TXS_IMP_FNL": "product_taxes",
    "TXS_INT_FNL": "product_taxes",
    "TTL_INT_FNL": "subtotal",
    "VALU": "value_added",
    "OUTPUT": "output",
}


def detect(path: Path) -> bool:
    """A file by its name."""
    return path.is_file() and bool(FILE.fullmatch(path.name))


def read(path: Path, stage: Stage) -> ChainPackage:
    """Read the file of a country, every year of it.

    Raises
    ------
    DataError
        If the country is not known, codes are missing or stand twice, or a table does not balance.
    """
    from foreland.data.chains.assemble import Frame, assemble
    from foreland.data.chains.balance import checked, gathered
    from foreland.data.chains.matrix_layout import grids
    from foreland.data.chains.table import landed
    from foreland.data.taxonomy import regions

    match = FILE.fullmatch(path.name)
    if match is None:
        raise DataError(
            "data.error.layout_mismatch", where=Where(path), layout=NAME, missing="OECD21ed_<ISO3>_<year>to<year>.csv"
        )
    region = regions.resolve(match[2].upper(), level="country")
    if region is None:
        raise DataError("data.error.unknown_region", where=Where(path), name=match[2], near="")
    raw = stage(path)
    tables, notes = [], []
    for year, grid in grids(raw, {"code": "Code", "period": "year", "name_en": "Description"}).items():
        table, found = assemble(grid, _meaning(grid), Frame(region, year, "USD", UNIT))
        tables.append(table)
        notes += [*found, *checked(table)]
    place = regions.regions()[region]
    source = SourceInfo(
        source_id=f"oecd_input_output_{region.lower()}",
        title_en=f"Input–output tables of {place.short('en')}, {match[3]}–{match[4]} (OECD, 20{match[1]} edition)",
        title_zh=f"{place.short('zh')}投入产出表 {match[3]}–{match[4]} 年（经合组织 20{match[1]} 版）",
        publisher="OECD; R package ionet",
        licence="GPL-3 (collection ionet)",
        url="https://github.com/Carol-seven/ionet",
        note_en="At basic prices. Non-profit institutions stand with households, direct purchases of non-residents "
        "with exports, and of residents abroad with other final use.",
        note_zh="按基本价格计算。为住户服务的非营利机构并入居民消费，非居民在境内的直接购买并入出口，"
        "居民在境外的直接购买归入其他最终使用。",
    )
    return ChainPackage(source, landed(tables), hashed(NAME, 1, region, raw.content_hash), gathered(notes))


def _meaning(grid: Grid) -> Meaning:
    from foreland.data.chains.assemble import Meaning, refuse_missing
    from foreland.data.chains.cells import single
    from foreland.data.chains.table import Sectors

    rows = [row for row, code in enumerate(grid.codes) if code not in ROWS]
    codes = tuple(grid.codes[row] for row in rows)
    single(codes, grid.file, grid.lines[rows], "row")
    refuse_missing(grid, codes, [code for code in grid.columns if code not in COLUMNS])
    at = {code: index for index, code in enumerate(grid.columns)}
    sectors = Sectors(f"oecd{len(codes)}", codes, {"en": tuple(grid.names["en"][row] for row in rows)})
    return Meaning(
        sectors,
        rows,
        [at[code] for code in codes],
        uses={at[code]: role for code, role in COLUMNS.items() if code in at},
        primary={row: ROWS[code] for row, code in enumerate(grid.codes) if code in ROWS},
    )
