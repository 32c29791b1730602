"""Do the rows and columns of an input–output table add up to output?

Each row of a table says where a product goes, each column what a sector pays for; both add up to the sector's
output (United Nations 2018, *Handbook on Supply and Use Tables and Input–Output Tables*, ch. 12; Miller & Blair
2009, *Input–Output Analysis*, ch. 2). A table that does not was misread, or is no input–output table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, Where
from foreland.data.chains.cells import shown
from foreland.data.chains.table import FINAL_USES, Sectors, SectorTable
from foreland.data.package import Note
from foreland.i18n import current_language

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIMIT = 0.05
"""Imbalance in all, as a share of output, from which a table is refused. Statistical discrepancies and rounding of
published tables stay below about 2 % (the balancing items of China 2002–2015: 0.2–1.6 %); a column left out, a unit
misread or a subtotal taken for a sector makes far more."""

EXACT = 1e-5
"""Imbalance below which a table is said to balance: rounding of published figures."""


@dataclass(frozen=True)
class Side:
    """How one side of a table, its rows or its columns, adds up.

    Parameters
    ----------
    axis
        ``rows`` or ``columns``.
    sectors
        The sectors of the side.
    residual
        What the parts add up to beyond output, by sector, in units of the file.
    output
        Output by sector.
    """

    axis: str
    sectors: Sectors
    residual: NDArray[np.float64]
    output: NDArray[np.float64]

    @property
    def total(self) -> float:
        """Absolute residuals in all, as a share of output in all."""
        output = float(np.abs(self.output).sum())
        off = float(np.abs(self.residual).sum())
        return off / output if output else float(off > 0)

    @property
    def worst(self) -> int:
        """Position of the sector that is farthest off, against the larger of its output and its residual."""
        return int(np.argmax(self.relative()))

    def relative(self) -> NDArray[np.float64]:
        """Absolute residuals as a share of the sector's output, or of 1 % of the mean output where that is more.

        Rounding in a sector of next to no output is no finding; a sector without output that is used is one.
        """
        floor = max(0.01 * float(np.abs(self.output).mean()), 1e-300)
        return np.asarray(np.abs(self.residual) / np.maximum(np.abs(self.output), floor))

    def name(self, index: int) -> str:
        """Code and name of a sector, in the current language."""
        return named(self.sectors, index)


def named(sectors: Sectors, index: int) -> str:
    """Code and name of a sector, in the current language."""
    order = ("zh", "en") if current_language() == "zh" else ("en", "zh")
    name = next((sectors.names[language][index] for language in order if language in sectors.names), "")
    code = sectors.codes[index]
    return f"{code} {name}" if name and name != code else code


class Named:
    """Sectors that read in the language of the message they stand in."""

    def __init__(self, sectors: Sectors, indices: Iterable[int], most: int = 8) -> None:
        self.sectors, self.indices, self.most = sectors, [int(index) for index in indices], most

    def __str__(self) -> str:
        return shown([named(self.sectors, index) for index in self.indices], self.most)

    def __format__(self, _: str) -> str:
        return str(self)


def balance(table: SectorTable) -> tuple[Side, ...]:
    """How the rows and the columns of a table add up.

    Rows: uses as inputs + final uses − imports + error = output, where domestic and imported uses stand together;
    domestic uses alone where the table splits them. Columns: inputs, whatever their origin, + taxes less subsidies
    on them + value added = output. A side whose output or value added the table does not have is left out.
    """
    sides = []
    used = [flow for flow in table.flows if flow.kind in ("flow", "flow_domestic")]
    for flow in used:
        origin = flow.origin
        if not table.has("output", origin) or not any(table.has(use, origin) for use in FINAL_USES):
            continue
        final = sum((table.vector(use, origin) for use in FINAL_USES), np.zeros(len(origin.codes)))
        output = table.vector("output", origin)
        uses = flow.values.sum(axis=1) + final + table.vector("error", origin)
        if flow.kind == "flow":
            uses = uses - table.vector("imports", origin)
        sides.append(Side("rows", origin, uses - output, output))
    for target in {id(flow.target): flow.target for flow in used}.values():
        if not (table.has("output", target) and table.has("value_added", target)):
            continue
        split = any(flow.kind == "flow_domestic" for flow in used)
        kinds = ("flow_domestic", "flow_imported") if split else ("flow",)
        inputs = sum(
            (flow.values.sum(axis=0) for flow in table.flows if flow.kind in kinds and flow.target is target),
            np.zeros(len(target.codes)),
        )
        for part in ("imported_inputs", "product_taxes", "value_added"):
            inputs = inputs + table.vector(part, target)
        output = table.vector("output", target)
        sides.append(Side("columns", target, inputs - output, output))
    return tuple(sides)


def checked(table: SectorTable, left: str = "") -> list[Note]:
    """Notes on the balance, negative flows and idle sectors of a table; ``left`` names rows and columns not read.

    Raises
    ------
    DataError
        If rows or columns are off by more than :data:`LIMIT` in all, or nothing has an output.
    """
    what = {"period": table.period, "scheme": table.flows[0].origin.scheme}
    notes: list[Note] = []
    sides = balance(table)
    for side in sides:
        if side.total > LIMIT:
            raise DataError(
                f"data.error.io_unbalanced_{side.axis}",
                where=Where(table.file),
                share=_percent(side.total),
                worst=Named(side.sectors, [side.worst]),
                off=_percent(float(side.relative()[side.worst])),
                limit=_percent(LIMIT),
                left=left or "—",
                **what,
            )
    if len({side.axis for side in sides}) == 2 and all(side.total < EXACT for side in sides):
        notes.append(("data.note.io_balanced", {**what, "share": _percent(max(side.total for side in sides))}))
    else:
        for side in sides:
            notes.append(
                (
                    f"data.note.io_balance_{side.axis}",
                    {
                        **what,
                        "share": _percent(side.total),
                        "worst": Named(side.sectors, [side.worst]),
                        "off": _percent(float(side.relative()[side.worst])),
                    },
                )
            )
    if not sides:
        notes.append(("data.note.io_unchecked", what))
    elif len({side.axis for side in sides}) < 2:
        lacking = "rows" if sides[0].axis == "columns" else "columns"
        notes.append((f"data.note.io_unchecked_{lacking}", what))
    return notes + _oddities(table, what)


def _oddities(table: SectorTable, what: dict[str, Any]) -> list[Note]:
    notes: list[Note] = []
    for flow in table.flows:
        rows, columns = np.nonzero(flow.values < 0)
        if len(rows):
            first = int(np.argmin(flow.values[rows, columns]))
            notes.append(
                (
                    "data.note.io_negative",
                    {
                        **what,
                        "kind": flow.kind,
                        "number": len(rows),
                        "origin": Named(flow.origin, [rows[first]]),
                        "target": Named(flow.target, [columns[first]]),
                        "line": int(flow.lines[rows[first]]),
                    },
                )
            )
    kinds = {flow.kind: flow for flow in table.flows}
    if "flow" in kinds and "flow_imported" in kinds:
        over = kinds["flow_imported"].values - kinds["flow"].values
        cells = over > 1e-9 * np.abs(kinds["flow"].values).max()
        if number := int(cells.sum()):
            share = float(over[cells].sum() / kinds["flow_imported"].values.sum())
            notes.append(("data.note.io_imports_exceed", {**what, "number": number, "share": _percent(share)}))
    for sectors in table.sectors:
        if not table.has("output", sectors):
            continue
        output = table.vector("output", sectors)
        if not np.any(output):
            raise DataError("data.error.io_no_output", where=Where(table.file), **what)
        idle = np.nonzero(output == 0)[0]
        if len(idle):
            notes.append(("data.note.io_idle", {**what, "number": len(idle), "sectors": Named(sectors, idle)}))
        below = np.nonzero(output < 0)[0]
        if len(below):
            notes.append(
                ("data.note.io_negative_output", {**what, "number": len(below), "sectors": Named(sectors, below)})
            )
    return notes


GATHERED = (
    "io_balanced", "io_balance_rows", "io_balance_columns", "io_idle", "io_consumption", "io_capital", "io_no_make",
    "io_no_import",
)  # fmt: skip
"""Notes that are said once for all years of a classification, with the year that is farthest off."""


def gathered(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Notes of several tables, those that say the same of several years said once."""
    groups: dict[tuple[str, ...], list[Note]] = {}
    for number, (key, params) in enumerate(notes):
        same = key.removeprefix("data.note.") in GATHERED
        rest = (params["scheme"], str(params.get("sectors", ""))) if same else (str(number),)
        groups.setdefault((key, *rest), []).append((key, params))
    found: list[Note] = []
    for group in groups.values():
        key, params = max(group, key=lambda note: float(note[1].get("share", 0))) if len(group) > 1 else group[0]
        found.append(
            (key, {**params, "period": _span([str(note[1]["period"]) for note in group])} if group[1:] else params)
        )
    return tuple(found)


def _span(periods: list[str]) -> str:
    """Years as a span where none is left out."""
    years = sorted(set(periods))
    whole = all(year.isdigit() for year in years) and len(years) > 2
    if whole and int(years[-1]) - int(years[0]) == len(years) - 1:
        return f"{years[0]}–{years[-1]}"
    return ", ".join(years)


def _percent(share: float) -> str:
    """A share in per cent with three figures, however small."""
    percent = 100 * share
    return f"{percent:.3g}" if percent >= 1e-3 or percent == 0 else f"{percent:.0e}"
