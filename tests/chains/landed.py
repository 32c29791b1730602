"""Workspaces with made-up input–output tables, landed the way loaded ones are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from foreland.data.chains.land import land
from foreland.data.chains.package import ChainPackage, hashed
from foreland.data.chains.table import Flow, Sectors, SectorTable, Vector, landed
from foreland.data.mapping import SourceInfo
from foreland.data.workspace import Workspace, open_workspace

Floats = NDArray[np.float64]

NAMES = {
    "en": ("Farming", "Ores, and coal", "Machines", "Chips", "Building", "Services"),
    "zh": ("农业", "矿业", "机械", "芯片", "建筑", "服务"),
}
SIX = Sectors("toy6", ("1", "2", "3", "4", "5", "6"), NAMES)


@dataclass(frozen=True)
class Year:
    """A table of six sectors in one year; its parts balance.

    ``home`` and ``imported`` are uses, ``final`` and ``imported_final`` final uses by indicator (without ``io_``).
    """

    home: Floats
    imported: Floats
    final: Mapping[str, Floats]
    imported_final: Mapping[str, Floats]

    @property
    def output(self) -> Floats:
        return np.asarray(self.home.sum(axis=1) + sum(self.final.values()))

    @property
    def added(self) -> Floats:
        return np.asarray(self.output - self.home.sum(axis=0) - self.imported.sum(axis=0))

    @property
    def coefficients(self) -> Floats:
        return np.asarray(self.home / self.output)

    @property
    def inverse(self) -> Floats:
        return np.asarray(np.linalg.inv(np.eye(6) - self.coefficients))

    def with_(self, **changes: object) -> Year:
        from dataclasses import replace

        return replace(self, **changes)  # type: ignore[arg-type]


def made_up(seed: int = 1, abroad: float = 0.2) -> Year:
    """A table drawn at random; a share of inputs, most of chips, comes from abroad."""
    draw = np.random.default_rng(seed)
    whole = draw.uniform(1, 30, (6, 6)) * (draw.random((6, 6)) < 0.8)
    share = np.clip(draw.uniform(0, 2 * abroad, (6, 6)), 0, 0.9)
    share[3] = np.clip(share[3] + 0.4, 0, 0.9)
    uses = ("household_consumption", "fixed_investment", "exports")
    final = {use: np.round(draw.uniform(30, 120, 6), 3) for use in uses}
    final["inventory_change"] = np.round(draw.uniform(-3, 3, 6), 3)
    brought = {use: np.round(draw.uniform(0, 15, 6), 3) for use in uses[:2]}
    return Year(np.round(whole * (1 - share), 6), np.round(whole * share, 6), final, brought)


@dataclass(frozen=True)
class Landing:
    """How a year is written down."""

    split: bool = True
    region: str = "CN"
    sectors: Sectors = field(default=SIX)
    source: str = "toy"


def table_of(year: str, data: Year, how: Landing = Landing()) -> SectorTable:
    """A year as a reader would hand it over: split, or with imports deducted."""
    lines = np.arange(2, 8)
    own = how.sectors
    vectors = [Vector("output", own, data.output, lines), Vector("value_added", own, data.added, lines)]
    brought = data.imported.sum(axis=1) + sum(data.imported_final.values())
    if how.split:
        flows = [
            Flow("flow_domestic", own, own, data.home, lines),
            Flow("flow_imported", own, own, data.imported, lines + 6),
        ]
        vectors += [Vector(use, own, values, lines) for use, values in data.final.items()]
        vectors += [Vector(f"imported_{use}", own, values, lines) for use, values in data.imported_final.items()]
    else:
        flows = [Flow("flow", own, own, data.home + data.imported, lines)]
        none = np.zeros(6)
        vectors += [Vector(use, own, v + data.imported_final.get(use, none), lines) for use, v in data.final.items()]
        vectors.append(Vector("imports", own, np.asarray(brought), lines))
    return SectorTable(Path("toy.csv"), how.region, year, "CNY", (1.0, 1.0), tuple(flows), tuple(vectors))


def land_tables(ws: Workspace, tables: Sequence[SectorTable], source: str = "toy") -> Workspace:
    """Land tables as one source."""
    package = ChainPackage(
        SourceInfo(source_id=source, title_en=f"Made-up table {source}", title_zh="虚构投入产出表", licence="CC0-1.0"),
        landed(tables),
        hashed(source, *(table.period for table in tables)),
    )
    with ws.staging() as staging:
        land(ws, staging, package, "toy", dry_run=False, tell=lambda *_: None)
    return ws


def workspace(folder: Path, years: Mapping[str, Year], how: Landing = Landing()) -> Workspace:
    """A workspace with one table a year."""
    return land_tables(open_workspace(folder / "toy"), [table_of(year, data, how) for year, data in years.items()])


def real(shared: Path, folder: Path, name: str) -> Workspace:
    """A workspace with real tables that lie beside the project; skips where they don't."""
    from foreland.data.load import load

    path = shared / "data" / name
    if not path.is_dir():
        pytest.skip(f"needs the shared tables of {name}")
    ws = open_workspace(folder / name)
    load(ws, path)
    return ws
