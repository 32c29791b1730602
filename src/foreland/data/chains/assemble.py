"""From a grid and the meaning of its rows and columns to an input–output table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from foreland.core.errors import DataError
from foreland.data.chains.cells import Grid, shown
from foreland.data.chains.table import FINAL_USES, VALUE_ADDED, Flow, Sectors, SectorTable, Vector
from foreland.data.package import Note

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMN_ROLES = (
    *FINAL_USES,
    "final_consumption",
    "capital_formation",
    "imports",
    "error",
    "output",
    "subtotal",
    "ignore",
)
"""What a column may be, besides a sector."""
ROW_ROLES = (
    "value_added", *VALUE_ADDED, "operating_surplus_gross", "product_taxes", "imports", "employment", "output",
    "subtotal", "ignore",
)  # fmt: skip
"""What a row may be, besides a sector."""


@dataclass(frozen=True)
class Meaning:
    """What the rows and columns of a grid are.

    Parameters
    ----------
    sectors
        The sectors, in the order of ``rows``.
    rows
        Positions of their rows; in a table that splits, of the rows of domestic products.
    columns
        Positions of their columns.
    imported
        Positions of the rows of imported products, in the same order; empty where the table does not split.
    users
        The sectors of the columns, where rows are products and columns industries: a use table, which has two outputs.
    uses
        Column position → role (:data:`COLUMN_ROLES`).
    primary
        Row position → role (:data:`ROW_ROLES`).
    checks
        Column position → positions of the columns that it is the sum of.
    """

    sectors: Sectors
    rows: Sequence[int]
    columns: Sequence[int]
    imported: Sequence[int] = ()
    uses: Mapping[int, str] = field(default_factory=dict)
    primary: Mapping[int, str] = field(default_factory=dict)
    checks: Mapping[int, Sequence[int]] = field(default_factory=dict)
    users: Sectors | None = None


@dataclass(frozen=True)
class Frame:
    """Whose table it is: place, period, base unit and the factor to it."""

    region: str
    period: str
    unit: str
    factor: tuple[float, float]


def assemble(grid: Grid, meaning: Meaning, frame: Frame) -> tuple[SectorTable, list[Note]]:
    """The table of a grid.

    Raises
    ------
    DataError
        If nothing says what sectors put out.
    """
    notes: list[Note] = []
    values = np.nan_to_num(grid.values)
    rows, columns, sectors = list(meaning.rows), list(meaning.columns), meaning.sectors
    lines = grid.lines[rows]
    core = values[np.ix_(rows, columns)]
    vectors = _uses(values, rows, meaning, sectors, lines)
    users = meaning.users or sectors
    flows = [Flow("flow_domestic" if meaning.imported else "flow", sectors, users, core, lines)]
    if meaning.imported:
        other = list(meaning.imported)
        flows.append(Flow("flow_imported", sectors, sectors, values[np.ix_(other, columns)], grid.lines[other]))
        vectors += [
            Vector(f"imported_{item.indicator}", sectors, item.values, item.lines)
            for item in _uses(values, other, meaning, sectors, grid.lines[other])
            if item.indicator in FINAL_USES
        ]
    paid = _primary(grid, values, columns, meaning)
    spent = sum((flow.values.sum(axis=0) for flow in flows), np.zeros(len(columns)))
    output = _output(grid, values, meaning, spent, paid)
    if users is not sectors:
        beside = [column for column, role in meaning.uses.items() if role == "output"]
        vectors.append(Vector("output", sectors, values[rows, beside[0]], lines))
    vectors.append(output)
    if (imports := paid.pop("imports", None)) is not None:
        kind, note = _imports_row(imports, output.values, spent, paid, vectors, sectors)
        notes += note
        if kind == "imported_inputs":
            flows[0] = Flow("flow_domestic", sectors, users, core, lines)
        if kind:
            vectors.append(Vector(kind, users, imports.values, imports.lines))
    vectors += list(paid.values())
    settled = _settled(meaning.uses)
    for role, key in (("final_consumption", "consumption"), ("capital_formation", "capital")):
        whole = any(given == role and settled[column] != "subtotal" for column, given in meaning.uses.items())
        if whole and not (key == "capital" and "inventory_change" in settled.values()):
            notes.append((f"data.note.io_{key}", {"period": frame.period, "scheme": sectors.scheme}))
    table = SectorTable(
        grid.file,
        frame.region,
        frame.period,
        frame.unit,
        frame.factor,
        tuple(flows),
        tuple(vectors),
    )
    return table, notes + _checks(grid, values, rows, meaning, frame)


def _uses(
    values: NDArray[np.float64], rows: list[int], meaning: Meaning, sectors: Sectors, lines: NDArray[np.int64]
) -> list[Vector]:
    """Final uses, imports and errors of rows, columns of one role summed."""
    found = []
    chosen = _settled(meaning.uses)
    for role in (*FINAL_USES, "imports", "error"):
        columns = [index for index, given in chosen.items() if given == role]
        if not columns:
            continue
        total = values[np.ix_(rows, columns)].sum(axis=1)
        if role == "imports" and total.sum() < 0:  # published as a deduction
            total = -total
        found.append(Vector(role, sectors, total, lines))
    return found


def _settled(uses: Mapping[int, str]) -> dict[int, str]:
    """What stands for its parts where the table does not divide it: capital formation, and consumption."""
    given = set(uses.values())
    whole = {
        "capital_formation": "subtotal" if "fixed_investment" in given else "fixed_investment",
        "final_consumption": "subtotal"
        if given & {"household_consumption", "government_consumption"}
        else "final_consumption",
    }
    return {index: whole.get(role, role) for index, role in uses.items()}


def _payers(meaning: Meaning) -> Sectors:
    return meaning.users or meaning.sectors


def _primary(grid: Grid, values: NDArray[np.float64], columns: list[int], meaning: Meaning) -> dict[str, Vector]:
    found: dict[str, Vector] = {}
    roles = dict(meaning.primary)
    if "operating_surplus" in roles.values():
        roles = {row: role for row, role in roles.items() if role != "operating_surplus_gross"}
    for row, role in roles.items():
        role = "operating_surplus" if role == "operating_surplus_gross" else role
        if role in ("subtotal", "ignore", "output"):
            continue
        amount = values[row, columns]
        if role in found:
            amount = found[role].values + amount
        found[role] = Vector(role, _payers(meaning), amount, np.full(len(columns), grid.lines[row]))
    if "value_added" not in found and (parts := [found[part] for part in VALUE_ADDED if part in found]):
        total = np.sum([part.values for part in parts], axis=0)
        found["value_added"] = Vector("value_added", _payers(meaning), total, parts[0].lines)
    return found


def _output(
    grid: Grid,
    values: NDArray[np.float64],
    meaning: Meaning,
    spent: NDArray[np.float64],
    paid: Mapping[str, Vector],
) -> Vector:
    """Output by sector: the row that says it, else the column, else what a sector pays in all."""
    rows, columns = list(meaning.rows), list(meaning.columns)
    below = [row for row, role in meaning.primary.items() if role == "output"]
    if below:
        return Vector(
            "output", _payers(meaning), values[below[0], columns], np.full(len(columns), grid.lines[below[0]])
        )
    beside = [column for column, role in meaning.uses.items() if role == "output"]
    if beside:
        return Vector("output", meaning.sectors, values[rows, beside[0]], grid.lines[rows])
    if "value_added" in paid:
        parts = [paid[part].values for part in ("value_added", "product_taxes", "imports") if part in paid]
        return Vector("output", meaning.sectors, spent + np.sum(parts, axis=0), grid.lines[rows])
    raise DataError(
        "data.error.io_nothing_put_out",
        where=grid.where(),
        rows=shown([grid.codes[i] for i in range(len(grid.codes)) if i not in set(rows)]) or "—",
        columns=shown([grid.columns[i] for i in range(len(grid.columns)) if i not in set(columns)]) or "—",
    )


def _imports_row(
    imports: Vector,
    output: NDArray[np.float64],
    spent: NDArray[np.float64],
    paid: Mapping[str, Vector],
    vectors: Sequence[Vector],
    sectors: Sectors,
) -> tuple[str, list[Note]]:
    """Whether a row of imports is what sectors use of them, or the imports that compete with their products.

    Only one makes columns add up to output; where both are as near, imports already given by product count.
    """
    if any(item.indicator == "imports" for item in vectors):
        return "", []
    costs = spent + np.sum([paid[part].values for part in ("value_added", "product_taxes") if part in paid], axis=0)
    used = float(np.abs(costs + imports.values - output).sum())
    competing = float(np.abs(costs - output).sum())
    if "value_added" not in paid or used <= competing:
        return "imported_inputs", [("data.note.io_imports_used", {"line": int(imports.lines[0])})]
    return "imports", [("data.note.io_imports_compete", {"line": int(imports.lines[0])})]


def _checks(grid: Grid, values: NDArray[np.float64], rows: list[int], meaning: Meaning, frame: Frame) -> list[Note]:
    """Subtotals that are not the sum of their parts."""
    off = []
    for column, parts in meaning.checks.items():
        said = values[rows, column]
        if (size := float(np.abs(said).sum())) and (
            gap := float(np.abs(values[np.ix_(rows, list(parts))].sum(axis=1) - said).sum()) / size
        ) > 1e-3:
            off.append(f"{grid.columns[column]} ({100 * gap:.2g} %)")
    return [("data.note.io_subtotals", {"period": frame.period, "columns": shown(off)})] if off else []


def refuse_missing(grid: Grid, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse a table whose rows and columns are not the same sectors.

    Raises
    ------
    DataError
        With the codes that only rows, or only columns, have.
    """
    only_rows = [code for code in rows if code not in set(columns)]
    only_columns = [code for code in columns if code not in set(rows)]
    if only_rows or only_columns:
        raise DataError(
            "data.error.io_not_square",
            where=grid.where(),
            rows=len(rows),
            columns=len(columns),
            only_rows=shown(only_rows) or "—",
            only_columns=shown(only_columns) or "—",
        )
