"""Input–output tables as the questions see them: read from links and figures, and made one system."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from foreland.chains.errors import ChainError
from foreland.chains.input_output import InputOutput, balance, domestic
from foreland.chains.questions.cells import (
    EXPORTS,
    by_code,
    final_uses,
    matrix,
    of_schemes,
    positive,
    value_added,
    vector,
)
from foreland.chains.questions.listing import Listed
from foreland.core.errors import DataError, DidYouMean, UsageError, Worded
from foreland.core.finding import Text
from foreland.core.provenance import Caveat, Input, Step
from foreland.core.reads import at_most
from foreland.core.scope import Scope
from foreland.data.answer import both, listed, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Origin = Literal["domestic", "total"]
"""Whose products count: those made at home, or those of any origin."""

KEPT = 8
"""Tables that are kept for further questions."""
MOST_IMBALANCE = 0.001
"""A table whose rows or columns miss output by more than this share of all output is said to."""
EXTRAS = ("io_compensation", "io_employment", "io_operating_surplus", "io_imported_inputs")
"""Figures by sector that some questions need besides the table itself."""
DUST = 1e-10
"""A sector with less than this share of all output has none."""
PARTS = ("flows", "output", "final", "value_added", "imported", "imported_final", "imports")
STALE_BEFORE = 2015
"""Tables of earlier years tell of another economy."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table that was read.

    Parameters
    ----------
    listed
        Which one.
    sectors
        Ids of the sectors along both axes of ``system``.
    system
        The table.
    origin
        Whose products its flows count.
    """

    ws: Workspace
    listed: Listed
    sectors: tuple[str, ...]
    system: InputOutput
    origin: Origin
    unit: str
    scope: Scope
    rows: dict[str, int]
    steps: tuple[Step, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    extras: dict[str, np.ndarray] = field(default_factory=dict)

    def index(self, sector: str) -> int:
        """Where a sector stands.

        Raises
        ------
        UsageError
            If the table has no such sector; names the nearest ones.
        """
        if sector in self.sectors:
            return self.sectors.index(sector)
        near = difflib.get_close_matches(sector, self.sectors, 3)
        raise UsageError("chains.error.unknown_sector", name=sector, scheme=self.listed.scheme, near=DidYouMean(near))

    def chosen(self) -> list[int]:
        """Positions of the sectors asked for; all where none are."""
        return [self.index(sector) for sector in self.scope.field] or list(range(len(self.sectors)))

    @property
    def imported_inputs(self) -> np.ndarray | None:
        """Imports each sector uses as inputs, shape (n,); None where the table does not tell."""
        if self.system.imported is not None:
            return np.asarray(self.system.imported.sum(axis=0))
        return self.extras.get("io_imported_inputs")

    @property
    def added_at_home(self) -> np.ndarray:
        """Value added, shape (n,), without the imports of tables that have them as a row of primary inputs."""
        added = self.system.value_added
        return added - self.extras.get("io_imported_inputs", np.zeros_like(added))

    def benchmark(self) -> Text:
        """Which table it is, in words."""
        return both(
            "chains.benchmark.table",
            place=name(self.ws, self.listed.region_id),
            year=self.listed.period,
            sectors=len(self.sectors),
        )

    def inputs(self, match: dict[str, str] | None = None) -> list[Input]:
        """What was read; `match` leads from columns of an answer to ``to_id`` and ``from_id`` of flows."""
        source = {self.listed.source_id: self.ws.sources[self.listed.source_id].content_hash}
        here = {
            "source_id": self.listed.source_id,
            "region_id": self.listed.region_id,
            "period": self.listed.period,
        }
        found = [
            Input(
                table="link",
                filter={**here, "kind": list(self.listed.kinds)},
                rows=self.rows["link"],
                sources=source,
                match=match if match is not None else {"field_id": "to_id"},
            )
        ]
        if self.rows["observation"]:
            found.append(
                Input(
                    table="observation",
                    filter={**here, "indicator_id": {"prefix": "io_"}},
                    rows=self.rows["observation"],
                    sources=source,
                    match={"field_id": "field_id"},
                )
            )
        return found


def read(ws: Workspace, entry: Listed, scope: Scope, origin: Origin = "domestic", *, as_split: bool = True) -> Table:
    """Read a table and make it one system of sectors by sectors.

    Parameters
    ----------
    as_split
        False to spread imports in proportion even where the table tells them apart, so that years with and without
        the split can be set side by side.

    Raises
    ------
    DataError
        If the table can't be worked on; names the sectors.
    """
    found: Table = ws.cache.remember(
        ("io_table", entry, origin, as_split),
        lambda: _read(ws, entry, origin, as_split),
        fits=at_most(KEPT),
    )
    caveats = list(found.caveats)
    if scope.focus and scope.focus != entry.region_id:
        places = {"place": name(ws, scope.focus), "country": name(ws, entry.region_id)}
        caveats.append(Caveat("chains.caveat.national_table", "warning", places))
    filled = scope.replace(
        scheme=entry.scheme, source=entry.source_id, period=entry.period, indicator="io_output", level="country"
    )
    return replace(found, scope=filled, caveats=tuple(caveats))


def told(error: ChainError, names: tuple[str, ...], ws: Workspace) -> DataError:
    """An error of a method in words: positions become names of sectors."""
    params = dict(error.params)
    for key in ("sectors", "nodes"):
        if key in params:
            where = list(params[key])
            params[key] = Worded(listed(ws, [names[k] for k in where[:5]]))
            params["number"] = len(where)
    return DataError(f"chains.error.{error.kind}", **params)


def _read(ws: Workspace, entry: Listed, origin: Origin, as_split: bool) -> Table:
    link, observation = ws.table("link"), ws.table("observation")
    links = ws.to_arrow(
        link.filter(
            (link.source_id == entry.source_id)
            & (link.region_id == entry.region_id)
            & (link.period == entry.period)
            & link.kind.isin(entry.kinds)
        ).select("from_id", "to_id", "kind", "weight", "unit")
    )
    # A source may hold several classifications of one year.
    schemes = (entry.scheme, entry.products)
    links = of_schemes(of_schemes(links, "from_id", schemes), "to_id", schemes)
    figures = of_schemes(
        ws.to_arrow(
            observation.filter(
                (observation.source_id == entry.source_id)
                & (observation.region_id == entry.region_id)
                & (observation.period == entry.period)
                & observation.indicator_id.startswith("io_")
            ).select("field_id", "indicator_id", "value")
        ),
        "field_id",
        schemes,
    )
    unit = next((value for value in links["unit"].to_pylist()[:1] if value), "")
    rows = {"link": links.num_rows, "observation": figures.num_rows}
    if entry.products != entry.scheme:
        from foreland.chains.questions.supply_use import symmetric

        sectors, system = symmetric(entry, links, figures)
    else:
        sectors, system = _system(entry, links, figures)
    known = {code: vector(figures, code, sectors) for code in EXTRAS}
    extras = {code: found for code, found in known.items() if found is not None}
    return _based(Table(ws, entry, sectors, system, origin, unit, Scope(), rows, extras=extras), as_split)


def _system(entry: Listed, links: pa.Table, figures: pa.Table) -> tuple[tuple[str, ...], InputOutput]:
    sectors = tuple(
        sorted({*links["from_id"].to_pylist(), *links["to_id"].to_pylist(), *_with_output(figures)}, key=by_code)
    )
    final = final_uses(figures, sectors)
    imports = vector(figures, "io_imports", sectors)
    flows = matrix(links, "flow_domestic" if "flow_domestic" in entry.kinds else "flow", sectors, sectors)
    imported = imported_final = None
    if entry.split:
        imported, imports = matrix(links, "flow_imported", sectors, sectors), None
        imported_final = final_uses(figures, sectors, "io_imported_")
        if "flow_domestic" not in entry.kinds:
            flows = flows - imported
    imports, final = positive(imports, final)
    inputs = flows.sum(axis=0) + (0 if imported is None else imported.sum(axis=0))
    output = vector(figures, "io_output", sectors)
    added = value_added(figures, sectors)
    if output is None:
        output = flows.sum(axis=1) + final.sum(axis=1) - (0 if imports is None else imports)
    if added is None:
        added = output - inputs
    system = InputOutput(flows, output, final, added, imported, imported_final, imports)
    return sectors, _without_dust(system)


def _without_dust(system: InputOutput) -> InputOutput:
    """The system in which sectors with next to no output have none: what stands there is rounding."""
    dust = (system.output > 0) & (system.output < DUST * system.output.sum())
    if not dust.any():
        return system
    kept = ~dust

    def masked(values: np.ndarray | None) -> np.ndarray | None:
        if values is None:
            return None
        square = values.shape == (len(kept), len(kept))
        rows = values * (kept if values.ndim == 1 else kept[:, None])
        return rows * kept[None] if square else rows

    parts: dict[str, Any] = {name: masked(getattr(system, name)) for name in PARTS}
    return replace(system, **parts)


def _with_output(figures: pa.Table) -> list[str]:
    own = figures.filter(pc.is_in(figures["indicator_id"], pa.array(["io_output", "io_value_added"])))
    return [str(code) for code in own["field_id"].to_pylist()]


def _whole(system: InputOutput) -> InputOutput:
    """A table that splits imports as one that does not: all use, with imports deducted from final use."""
    if system.imported is None:
        return system
    final, brought = system.final, system.imported.sum(axis=1)
    if system.imported_final is not None:
        final, brought = final + system.imported_final, brought + system.imported_final.sum(axis=1)
    return replace(
        system, flows=system.flows + system.imported, final=final, imported=None, imported_final=None, imports=brought
    )


def _based(table: Table, as_split: bool) -> Table:
    """The table with the flows of the origin asked for, and what has to be said of it."""
    entry, system, ws = table.listed, table.system, table.ws
    caveats: list[Caveat] = []
    steps = [Step("chains.step.read_table", {"sectors": len(table.sectors)})]
    if table.origin == "total" or not as_split:
        system = _whole(system)
    try:
        if table.origin == "total":
            if entry.split:
                steps.append(Step("chains.step.all_origins"))
        elif table.origin == "domestic" and not system.split and system.imports is not None:
            system = domestic(system, exports=(EXPORTS,))
            steps.append(Step("chains.step.proportional"))
            caveats.append(Caveat("chains.caveat.proportional", "warning"))
        elif table.origin == "domestic" and not system.split and "io_imported_inputs" not in table.extras:
            caveats.append(Caveat("chains.caveat.no_imports", "note"))
        _ = system.leontief
    except ChainError as error:
        raise told(error, table.sectors, ws) from error
    found = balance(system)
    if max(found.rows_total, found.columns_total) > MOST_IMBALANCE:
        worst = found.worst_row if found.rows_total >= found.columns_total else found.worst_column
        caveats.append(
            Caveat(
                "chains.caveat.imbalance",
                "note" if max(found.rows_total, found.columns_total) < 0.01 else "warning",
                {
                    "rows": f"{found.rows_total:.2%}",
                    "columns": f"{found.columns_total:.2%}",
                    "sector": name(ws, table.sectors[worst]),
                },
            )
        )
    empty = [table.sectors[k] for k in np.flatnonzero(system.output <= 0)]
    if empty:
        caveats.append(
            Caveat("chains.caveat.zero_output", "note", {"number": len(empty), "sectors": listed(ws, empty[:5])})
        )
    if entry.period[:4].isdigit() and int(entry.period[:4]) < STALE_BEFORE:
        caveats.append(Caveat("chains.caveat.old_table", "note", {"year": entry.period}))
    return replace(table, system=system, steps=tuple(steps), caveats=tuple(caveats))
