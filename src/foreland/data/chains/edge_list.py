"""Any edge list as a chain: products that go into products, what is a type of what, and who supplies them.

One file or a folder of several. A row may say an edge (``from``, ``to``), a type (``product``, ``type_of``), a supply
(``product``, ``country`` or ``supplier``, ``share``) or all of them; where there is no column for the product, supplies
are of the product the edge starts from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError, UsageError, Where
from foreland.data.chains.edge_cells import Row, Sheet, sheet_of, tables_in
from foreland.data.chains.options import EdgeOptions
from foreland.data.chains.package import ChainPackage, hashed
from foreland.data.mapping import SourceInfo, near_columns
from foreland.data.package import Note
from foreland.data.periods import parse_period

if TYPE_CHECKING:
    from foreland.data.readers import Stage

UNDATED = "0000"
"""Period of a chain that says none."""

SHOWN = 5
"""Cycles, names and the like that a note gives."""


@dataclass(frozen=True)
class EdgeListReader:
    """Reads an edge list as it was told to; stands where readers of known layouts stand."""

    options: EdgeOptions = field(default_factory=EdgeOptions)

    @property
    def NAME(self) -> str:  # noqa: N802 - what a reader's module offers
        """The layout: the kind of edge list."""
        return self.options.kind

    def detect(self, path: Path) -> bool:
        """Never: an edge list is told by ``--as``."""
        return False

    def read(self, path: Path, stage: Stage) -> ChainPackage:
        """Read a file or the tables of a folder.

        Raises
        ------
        DataError
            If a column, a number, a place or a name is not sound; says where.
        """
        from foreland.data.chains.products import product_chain
        from foreland.data.chains.suppliers import supplier_network

        sheets = staged(path, stage, self.options)
        return (supplier_network if self.options.kind == "suppliers" else product_chain)(path, sheets, self.options)


def staged(path: Path, stage: Stage, options: EdgeOptions) -> list[Sheet]:
    """The tables with the role of each column; a column that was named must be in one of them."""
    raws = [stage(file, options.table) for file in tables_in(path)]
    headers = [header for raw in raws for header in raw.headers]
    for role, column in options.columns.items():
        if column not in headers:
            raise DataError(
                "data.error.missing_column",
                where=Where(path),
                role=role,
                column=column,
                columns=", ".join(headers[:40]),
                suggestions=near_columns(column, headers),
            )
    return [sheet_of(raw, options.positions(raw.headers), options.table.decimal) for raw in raws]


def described(path: Path, sheets: Iterable[Sheet], options: EdgeOptions) -> tuple[SourceInfo, str]:
    """The source, with its id and titles, and the hash of what was read and how."""
    source = options.table.source
    source_id = source.source_id or path.name.split(".")[0]
    if source_id.startswith("foreland:"):
        raise UsageError("data.error.reserved_source", source=source_id)
    titled = {
        "source_id": source_id,
        "title_en": source.title_en or source.title_zh or path.name,
        "title_zh": source.title_zh or source.title_en or path.name,
    }
    made = type(source)(**{**vars(source), **titled})
    content = hashed(
        *(sheet.raw.content_hash for sheet in sheets), vars(options) | {"table": vars(options.table)}, vars(made)
    )
    return made, content


def period_of(sheet: Sheet, row: Row) -> str:
    """The period of a row; empty where it says none.

    Raises
    ------
    DataError
        If it can't be read.
    """
    if not row["period"]:
        return ""
    found = parse_period(row["period"])
    if found is None:
        raise DataError("data.error.edge_period", where=sheet.where(row.line, "period"), text=row["period"])
    return found


@dataclass
class Names:
    """Names of nodes as they were first spelled: case and blanks make no difference."""

    spelled: dict[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        return self.spelled.setdefault(" ".join(text.casefold().split()), text)

    def known(self, text: str) -> bool:
        return " ".join(text.casefold().split()) in self.spelled


def guessed(sheets: Iterable[Sheet], options: EdgeOptions) -> Note:
    """The note that says which columns were taken for which role unasked."""
    roles = {role: sheet.header(role) for sheet in sheets for role in sheet.columns if role not in options.columns}
    return "data.note.guessed", {"guessed": "; ".join(f"{role} = {header}" for role, header in roles.items())}


def cycle_note(found: list[list[str]]) -> Note:
    """The note that says which cycles a chain has."""
    shown = "; ".join(" → ".join(ring if len(ring) <= 12 else [*ring[:11], "…"]) for ring in found[:SHOWN])
    return "data.note.cycles", {"number": len(found), "cycles": shown + ("; …" if len(found) > SHOWN else "")}


def some(names: list[str]) -> dict[str, str]:
    """The first of some names, for a note."""
    return {"names": ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")}
