"""National input–output tables of China, one file a year and number of sectors (collection *ionet*).

``china_<year>_<n>.csv``: sectors × sectors with the codes of the National Bureau of Statistics. Tables with a column
``Origin`` split uses into domestic and imported ones; the others have imports in one column, deducted from final
use, and some a balancing item (``ERR``). Classifications change between vintages: tables whose codes and names are
the same have one scheme, named by the first year of it, any other has its own.
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
    from foreland.data.chains.table import Sectors
    from foreland.data.package import Note
    from foreland.data.readers import Stage

NAME = "china_input_output"
FILE = re.compile(r"china_(\d{4})_(\d+)\.csv(\.gz)?", re.IGNORECASE)
UNIT = (10_000.0, 1.0)
"""Tables are in 10,000 yuan."""
FIRST = {("42", "2018"): "2017", ("42", "2020"): "2017", ("153", "2020"): "2018"}
"""Sectors and year of a table → first year of its classification, for a file that is read without the others."""

COLUMNS = {
    "FU101": "household_consumption",
    "FU102": "household_consumption",
    "FU103": "government_consumption",
    "FU201": "fixed_investment",
    "FU202": "inventory_change",
    "EX": "exports",
    "IM": "imports",
    "ERR": "error",
    "GO": "output",
}
SUMS = {
    "THC": ("FU101", "FU102"),
    "TC": ("FU101", "FU102", "FU103"),
    "GCF": ("FU201", "FU202"),
    "TFU": ("FU101", "FU102", "FU103", "FU201", "FU202", "EX"),
}
"""Subtotals and the columns they add up; where a table lacks the parts of ``TC``, it stands for them."""
ROWS = {
    "VA001": "compensation",
    "VA002": "production_taxes",
    "VA003": "depreciation",
    "VA004": "operating_surplus",
    "TVA": "value_added",
    "TI": "output",
    "TII": "subtotal",
}

SOURCE = SourceInfo(
    source_id="cn_input_output",
    title_en="National input–output tables of China",
    title_zh="中国全国投入产出表",
    publisher="National Bureau of Statistics of China; R package ionet",
    licence="GPL-3 (collection ionet)",
    url="https://github.com/Carol-seven/ionet",
    note_en="At producer prices of the year. Rural and urban households are one use. Where a table has imports in one "
    "column, how much of a use is imported is not known by sector.",
    note_zh="按当年生产者价格计算。农村与城镇居民消费合并为一项。进口单列一栏的表，不能直接得知各部门使用的进口份额。",
)


def detect(path: Path) -> bool:
    """A file by its name, or a folder with at least one."""
    if path.is_dir():
        return any(FILE.fullmatch(item.name) for item in path.iterdir())
    return bool(FILE.fullmatch(path.name))


def read(path: Path, stage: Stage) -> ChainPackage:
    """Read a file or every such file of a folder, as one source.

    Raises
    ------
    DataError
        If a file is no such table, has codes that stand twice or are missing, or does not balance.
    """
    from foreland.data.chains.assemble import Frame, assemble
    from foreland.data.chains.balance import checked, gathered
    from foreland.data.chains.cells import shown
    from foreland.data.chains.table import landed

    files = sorted(item for item in path.iterdir() if item.is_file()) if path.is_dir() else [path]
    matched = [(item, match) for item in files if (match := FILE.fullmatch(item.name))]
    if not matched:
        raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing="china_<year>_<n>.csv")
    notes: list[Note] = []
    tables = []
    schemes: dict[tuple[tuple[str, ...], ...], str] = {}
    parts: list[object] = []
    for file, match in matched:
        year, number = match[1], match[2]
        grid = _grid(file, stage)
        first = FIRST.get((number, year), year) if len(matched) == 1 else year
        meaning = _meaning(grid, number, first, schemes)
        table, found = assemble(grid, meaning, Frame("CN", year, "CNY", UNIT))
        tables.append(table)
        notes += [*found, *checked(table)]
        parts += [file.name, grid.content]
    if len(set(schemes.values())) > 1:
        told = [f"{table.flows[0].origin.scheme} ({table.period})" for table in tables]
        notes.insert(0, ("data.note.io_schemes", {"schemes": shown(told, 20)}))
    if left := [item.name for item in files if not FILE.fullmatch(item.name)]:
        notes.append(("data.note.io_left", {"number": len(left), "files": shown(left)}))
    source = SOURCE
    if not path.is_dir():
        year, number = matched[0][1][1], matched[0][1][2]
        source = SourceInfo(
            **{
                **vars(SOURCE),
                "source_id": f"{SOURCE.source_id}_{year}_{number}",
                "title_en": f"National input–output table of China, {year}, {int(number)} sectors",
                "title_zh": f"中国全国投入产出表（{year} 年，{int(number)} 部门）",
            }
        )
    return ChainPackage(source, landed(tables), hashed(NAME, 1, *parts), gathered(notes))


def _grid(file: Path, stage: Stage) -> Grid:
    from foreland.data.chains.cells import plain_grid

    raw = stage(file)
    block = "Origin" if "Origin" in raw.headers else ""
    return plain_grid(raw, "Code", {"en": "Description", "zh": "DescriptionInChinese"}, block)


def _meaning(grid: Grid, number: str, year: str, schemes: dict[tuple[tuple[str, ...], ...], str]) -> Meaning:
    """What the rows and columns are; codes and names that an earlier file had get its scheme."""
    from foreland.data.chains.assemble import Meaning
    from foreland.data.chains.table import Sectors

    domestic, imported = _blocks(grid)
    codes = tuple(grid.codes[row] for row in domestic)
    _complete(grid, codes, int(number), [grid.codes[row] for row in imported])
    at = {code: index for index, code in enumerate(grid.columns)}
    names = {language: tuple(names[row] for row in domestic) for language, names in grid.names.items()}
    scheme = schemes.setdefault((codes, *names.values()), f"cnio{int(number)}_{year}")
    sectors: Sectors = Sectors(scheme, codes, names)
    uses = {at[code]: role for code, role in COLUMNS.items() if code in at}
    whole = {"TC": "final_consumption"} if "TC" in at and "FU101" not in at else {}
    uses |= {at[code]: role for code, role in whole.items()}
    checks = {at["TIU"]: [at[code] for code in codes]} if "TIU" in at else {}
    for code, parts in SUMS.items():
        if code in at and code not in whole:
            there = [part for part in (("TC", *parts) if whole else parts) if part in at]
            checks[at[code]] = [at[part] for part in there]
    below = {row: ROWS[code] for row, code in enumerate(grid.codes) if code in ROWS}
    order = {code: row for row, code in ((row, grid.codes[row]) for row in imported)}
    return Meaning(
        sectors, domestic, [at[code] for code in codes], [order[code] for code in codes] if order else (), uses, below,
        checks,
    )  # fmt: skip


def _blocks(grid: Grid) -> tuple[list[int], list[int]]:
    """Rows of domestic products (or of all) and of imported ones."""
    sectors = [row for row, code in enumerate(grid.codes) if code.isdigit()]
    if not grid.blocks:
        return sectors, []
    where = {row: grid.blocks[row].lower() for row in sectors}
    for row, block in where.items():
        if block not in ("domestic", "imports"):
            raise DataError("data.error.io_origin", where=grid.where(row), text=grid.blocks[row])
    return (
        [row for row in sectors if where[row] == "domestic"],
        [row for row in sectors if where[row] == "imports"],
    )


def _complete(grid: Grid, codes: tuple[str, ...], number: int, imported: list[str]) -> None:
    """Refuse codes that stand twice, lack their column, or are fewer than the name of the file says."""
    from foreland.data.chains.assemble import refuse_missing
    from foreland.data.chains.cells import single

    rows = [row for row, code in enumerate(grid.codes) if code in set(codes)]
    if grid.blocks:
        rows = [row for row in rows if grid.blocks[row].lower() == "domestic"]
    single(codes, grid.file, grid.lines[rows], "row")
    refuse_missing(grid, codes, [code for code in grid.columns if code.isdigit()])
    if grid.blocks:
        refuse_missing(grid, codes, imported)
    if len(codes) != number:
        raise DataError("data.error.io_count", where=Where(grid.file), expected=number, found=len(codes))
