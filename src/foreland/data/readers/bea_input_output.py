"""Input–output accounts of the United States: use, make and import tables (Bureau of Economic Analysis; *useeior*).

A folder of matrices in million dollars: ``<Level>_Use_<year>_PRO_…``, ``<Level>_Make_<year>_…`` and
``<Level>_Import_<year>_…``, where a level is Summary (71 industries) or Detail (402); names stand in
``<Level>_<Industry|Commodity>CodeName_<vintage>``. Industries use commodities (``flow``) and make them (``make``), so
there are two classifications: ``bea71`` and ``bea402`` of industries, ``bea71c`` and ``bea402c`` of commodities, which
have scrap, used goods, noncomparable imports and the rest of the world besides. Uses include imports; where there is
a table of imports, ``flow_imported`` says how much of a use they are.

Traps handled here: the order of columns differs between years; imports are deducted (negative); import tables are
before redefinitions, use and make tables after them; income from scrap and used goods makes final uses negative.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError, Where
from foreland.data.chains.package import ChainPackage, hashed
from foreland.data.mapping import SourceInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from foreland.data.chains.cells import Grid
    from foreland.data.chains.table import Flow, Sectors, SectorTable, Vector
    from foreland.data.package import Note
    from foreland.data.readers import Stage

NAME = "bea_input_output"
TABLE = re.compile(r"(Summary|Detail|Sector)_(Use|Make|Import)_(\d{4})_.*\.csv(\.gz)?")
NAMES = re.compile(r"(Summary|Detail|Sector)_(Industry|Commodity)CodeName_(\d{4})\.csv(\.gz)?")
UNIT = (1e6, 1.0)
"""Tables are in million dollars."""
VALUE_ADDED = {"V001": "compensation", "V002": "production_taxes", "V003": "operating_surplus"}
SUBTOTALS = {
    "T001", "T004", "T005", "T006", "Total Intermediate", "Total Final Uses (GDP)", "Total Value Added",
}  # fmt: skip
COMMODITY_OUTPUT = {"T007", "Total Commodity Output"}
INDUSTRY_OUTPUT = {"T008", "Total Industry Output"}

SOURCE = SourceInfo(
    source_id="us_input_output",
    title_en="Input–output accounts of the United States: use, make and import tables",
    title_zh="美国投入产出账户：使用表、制造表与进口表",
    publisher="U.S. Bureau of Economic Analysis; R package useeior",
    licence="MIT (collection useeior); United States government work",
    url="https://github.com/USEPA/useeior",
    note_en="At producer prices, after redefinitions; import tables are before redefinitions, so imported uses of an "
    "industry may exceed all its uses of a commodity a little. Operating surplus is gross. Output of industries and of "
    "commodities are two figures.",
    note_zh="按生产者价格、重新界定之后；进口表为重新界定之前，个别部门的进口使用可能略大于全部使用。"
    "营业盈余为总额（含折旧）。行业产出与产品产出为两种口径。",
)


def detect(path: Path) -> bool:
    """A folder with at least one use table."""
    return path.is_dir() and any(
        match[2] == "Use" for item in path.iterdir() if (match := TABLE.fullmatch(item.name)) is not None
    )


@dataclass(frozen=True)
class _Level:
    """Industries and commodities of a level of detail."""

    industries: Sectors
    commodities: Sectors
    vintage: str


def read(path: Path, stage: Stage) -> ChainPackage:
    """Read every use, make and import table of a folder.

    Raises
    ------
    DataError
        If names are absent, a table lacks codes of its level, a cell is no number, or a table does not balance.
    """
    from foreland.data.chains.balance import checked, gathered
    from foreland.data.chains.cells import shown
    from foreland.data.chains.table import SectorTable, landed

    if not detect(path):
        raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing="Summary_Use_<year>_…csv")
    files: dict[tuple[str, str], dict[str, Path]] = {}
    for item in sorted(path.iterdir()):
        if match := TABLE.fullmatch(item.name):
            files.setdefault((match[1], match[3]), {})[match[2]] = item
    notes: list[Note] = []
    tables: list[SectorTable] = []
    parts: list[object] = []
    levels: dict[str, _Level] = {}
    for (name, year), found in sorted(files.items(), key=lambda item: (item[0][0] != "Summary", *item[0])):
        if "Use" not in found:
            continue
        level = levels.get(name) or levels.setdefault(name, _level(path, name, stage, parts))
        use = _matrix(found["Use"], stage, parts)
        flows, vectors, extra = _use(use, level)
        for kind in ("Make", "Import"):
            if kind not in found:
                notes.append((f"data.note.io_no_{kind.lower()}", {"period": year, "scheme": level.industries.scheme}))
        if "Make" in found:
            flow, said = _make(_matrix(found["Make"], stage, parts), level, vectors, year)
            flows.append(flow)
            notes += said
        if "Import" in found:
            more, imported = _import(_matrix(found["Import"], stage, parts), level)
            flows += more
            vectors += imported
        table = SectorTable(found["Use"], "US", year, "USD", UNIT, tuple(flows), tuple(vectors))
        tables.append(table)
        notes += [*extra, *checked(table)]
    lone = sorted(item.name for found in files.values() if "Use" not in found for item in found.values())
    if lone:
        notes.append(("data.note.io_without_use", {"files": shown(lone)}))
    return ChainPackage(SOURCE, landed(tables), hashed(NAME, 1, *parts), gathered(notes))


def _level(path: Path, name: str, stage: Stage, parts: list[object]) -> _Level:
    """Codes and names of a level, in the order of the files of names."""
    from foreland.data.chains.cells import single, texts_of
    from foreland.data.chains.table import Sectors

    found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    vintage = ""
    for item in sorted(path.iterdir()):
        match = NAMES.fullmatch(item.name)
        if match is None or match[1] != name:
            continue
        raw = stage(item)
        cells, lines = texts_of(raw)
        if len(cells) < 2:
            raise DataError("data.error.layout_mismatch", where=Where(item), layout=NAME, missing="code, name")
        codes = tuple(map(str, cells[-2]))
        single(codes, item, lines, "row")
        found[match[2]] = codes, tuple(map(str, cells[-1]))
        vintage = match[3]
        parts += [item.name, raw.content_hash]
    for wanted in ("Industry", "Commodity"):
        if wanted not in found:
            missing = f"{name}_{wanted}CodeName_<year>.csv"
            raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing=missing)
    scheme = f"bea{len(found['Industry'][0])}"
    industries = Sectors(scheme, found["Industry"][0], {"en": found["Industry"][1]})
    commodities = Sectors(f"{scheme}c", found["Commodity"][0], {"en": found["Commodity"][1]})
    return _Level(industries, commodities, vintage)


def _matrix(file: Path, stage: Stage, parts: list[object]) -> Grid:
    from foreland.data.chains.cells import plain_grid, single

    raw = stage(file)
    grid = plain_grid(raw, raw.headers[0], {})
    single(grid.codes, file, grid.lines, "row")
    parts += [file.name, grid.content]
    return grid


def _found(grid: Grid, codes: tuple[str, ...], axis: str) -> list[int]:
    """Positions of codes among the rows or columns.

    Raises
    ------
    DataError
        With the codes that are missing.
    """
    from foreland.data.chains.cells import shown

    at = {code: index for index, code in enumerate(grid.codes if axis == "rows" else grid.columns)}
    if missing := [code for code in codes if code not in at]:
        raise DataError(
            f"data.error.io_missing_{axis}",
            where=grid.where(),
            number=len(missing),
            of=len(codes),
            codes=shown(missing),
        )
    return [at[code] for code in codes]


def _known(grid: Grid, level: _Level, rows: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """Refuse rows or columns that no name, use, part of value added or total explains."""
    from foreland.data.chains.cells import shown

    totals = SUBTOTALS | COMMODITY_OUTPUT | INDUSTRY_OUTPUT
    strange = [code for code in grid.codes if code not in rows and code not in totals and code[:4] not in VALUE_ADDED]
    strange += [code for code in grid.columns if code not in columns and code not in totals and _role(code) == ""]
    if strange:
        raise DataError("data.error.io_strange", where=grid.where(), number=len(strange), codes=shown(strange))


def _role(code: str) -> str:
    """The final use of a column: F010 households, F02. investment, F06./F07./F10. government, and so on."""
    if re.fullmatch(r"F\d\d[0-9CENRS]\w*", code) is None:
        return ""
    return {
        "F01": "household_consumption",
        "F02": "fixed_investment",
        "F03": "inventory_change",
        "F04": "exports",
        "F05": "imports",
    }.get(code[:3], "government_consumption" if code[3] == "C" else "fixed_investment")


def _uses(grid: Grid, rows: list[int], commodities: Sectors, prefix: str = "") -> list[Vector]:
    import numpy as np

    from foreland.data.chains.table import Vector

    values = np.nan_to_num(grid.values)
    found: dict[str, NDArray[np.float64]] = {}
    for index, code in enumerate(grid.columns):
        role = _role(code)
        if role and not (prefix and role == "imports"):
            amount = -values[rows, index] if role == "imports" else values[rows, index]
            found[role] = found[role] + amount if role in found else amount
    return [Vector(prefix + role, commodities, amount, grid.lines[rows]) for role, amount in found.items()]


def _use(grid: Grid, level: _Level) -> tuple[list[Flow], list[Vector], list[Note]]:
    import numpy as np

    from foreland.data.chains.table import Flow, Vector

    commodities, industries = level.commodities, level.industries
    _known(grid, level, commodities.codes, industries.codes)
    rows, columns = _found(grid, commodities.codes, "rows"), _found(grid, industries.codes, "columns")
    values = np.nan_to_num(grid.values)
    lines = grid.lines[rows]
    vectors = _uses(grid, rows, commodities)
    for index, code in enumerate(grid.columns):
        if code in COMMODITY_OUTPUT:
            vectors.append(Vector("output", commodities, values[rows, index], lines))
    added = np.zeros(len(columns))
    first = None
    for row, code in enumerate(grid.codes):
        role = VALUE_ADDED.get(code[:4], "output" if code in INDUSTRY_OUTPUT else "")
        if role:
            vectors.append(Vector(role, industries, values[row, columns], np.full(len(columns), grid.lines[row])))
        if code[:4] in VALUE_ADDED:
            added, first = added + values[row, columns], first or int(grid.lines[row])
    if first is None:
        raise DataError("data.error.layout_mismatch", where=grid.where(), layout=NAME, missing="V001 … V003")
    vectors.append(Vector("value_added", industries, added, np.full(len(columns), first)))
    flow = Flow("flow", commodities, industries, values[np.ix_(rows, columns)], lines)
    for wanted, sectors in ((INDUSTRY_OUTPUT, industries), (COMMODITY_OUTPUT, commodities)):
        if not any(item.indicator == "output" and item.sectors is sectors for item in vectors):
            raise DataError("data.error.layout_mismatch", where=grid.where(), layout=NAME, missing=" / ".join(wanted))
    return [flow], vectors, []


def _make(grid: Grid, level: _Level, vectors: list[Vector], year: str) -> tuple[Flow, list[Note]]:
    """What industries make; rows and columns add up to the outputs of the use table, or a note says by how much not."""
    import numpy as np

    from foreland.data.chains.table import Flow

    rows = _found(grid, level.industries.codes, "rows")
    columns = _found(grid, level.commodities.codes, "columns")
    _known(grid, level, level.industries.codes, level.commodities.codes)
    values = np.nan_to_num(grid.values)[np.ix_(rows, columns)]
    gaps = []
    for sectors, made in ((level.industries, values.sum(axis=1)), (level.commodities, values.sum(axis=0))):
        output = next(item.values for item in vectors if item.indicator == "output" and item.sectors is sectors)
        gaps.append(100 * float(np.abs(made - output).sum() / np.abs(output).sum()))
    flow = Flow("make", level.industries, level.commodities, values, grid.lines[rows])
    what = {"period": year, "scheme": level.industries.scheme}
    return flow, [("data.note.io_make", {**what, "industries": f"{gaps[0]:.2g}", "commodities": f"{gaps[1]:.2g}"})]


def _import(grid: Grid, level: _Level) -> tuple[list[Flow], list[Vector]]:
    import numpy as np

    from foreland.data.chains.table import Flow

    _known(grid, level, level.commodities.codes, level.industries.codes)
    rows = _found(grid, level.commodities.codes, "rows")
    columns = _found(grid, level.industries.codes, "columns")
    values = np.nan_to_num(grid.values)[np.ix_(rows, columns)]
    flow = Flow("flow_imported", level.commodities, level.industries, values, grid.lines[rows])
    return [flow], _uses(grid, rows, level.commodities, "imported_")
