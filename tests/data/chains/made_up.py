"""Input–output tables that are MADE UP (SYNTHETIC) for tests, and the layouts that offices publish them in."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from foreland.data.chains.package import ChainPackage
from foreland.data.connection import loading_connection
from foreland.data.tabular import stage_table


@dataclass(frozen=True)
class MadeUp:
    """A table that balances: domestic and imported uses, final uses (households, government, investment, stocks,
    exports), value added in four parts. All figures are made up."""

    domestic: np.ndarray
    imported: np.ndarray
    final: np.ndarray
    imported_final: np.ndarray
    added: np.ndarray

    @property
    def n(self) -> int:
        return len(self.domestic)

    @property
    def output(self) -> np.ndarray:
        return self.domestic.sum(axis=1) + self.final.sum(axis=1)

    @property
    def use(self) -> np.ndarray:
        return self.domestic + self.imported

    @property
    def imports(self) -> np.ndarray:
        return self.imported.sum(axis=1) + self.imported_final.sum(axis=1)


def made_up(n: int = 4, seed: int = 0) -> MadeUp:
    rng = np.random.default_rng(seed)
    domestic = rng.integers(1, 60, (n, n)).astype(float)
    imported = rng.integers(0, 9, (n, n)).astype(float)
    final = rng.integers(0, 90, (n, 5)).astype(float)
    final[:, 3] -= 45  # stocks fall, too
    imported_final = rng.integers(0, 9, (n, 5)).astype(float)
    # Sales to households are made up to cover costs, so that value added is positive.
    final[:, 0] += domestic.sum(axis=0) + imported.sum(axis=0) + 100
    return balanced(domestic, imported, final, imported_final)


def balanced(domestic: np.ndarray, imported: np.ndarray, final: np.ndarray, imported_final: np.ndarray) -> MadeUp:
    """The table with these uses; value added is what columns lack to output."""
    left = domestic.sum(axis=1) + final.sum(axis=1) - domestic.sum(axis=0) - imported.sum(axis=0)
    added = np.vstack([np.floor(0.5 * left), np.floor(0.1 * left), np.floor(0.2 * left), np.zeros(len(left))])
    added[3] = left - added.sum(axis=0)
    return MadeUp(domestic, imported, final, imported_final, added)


def codes(n: int, width: int = 2) -> list[str]:
    return [f"{i + 1:0{width}d}" for i in range(n)]


def write(path: Path, rows: Sequence[Sequence[Any]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return path


def china_rows(table: MadeUp, *, split: bool = False, error: Sequence[float] | None = None) -> list[list[Any]]:
    """The layout of the national tables of China."""
    n, names = table.n, codes(table.n)
    header = ["Code", "Description", "DescriptionInChinese", *(["Origin"] if split else []), *names, "TIU"]
    rows: list[list[Any]] = []
    nothing = np.zeros(table.n)
    gap = nothing if error is None else np.asarray(error, dtype=float)
    if split:
        header += ["TC", "FU201", "FU202", "EX", "TFU", "GO"]
        blocks = (("Domestic", table.domestic, table.final), ("Imports", table.imported, table.imported_final))
        for origin, flows, final in blocks:
            for i in range(n):
                f = final[i]
                rows.append(
                    [
                        names[i],
                        f"Sector {i + 1}",
                        f"部门{i + 1}",
                        origin,
                        *flows[i],
                        flows[i].sum(),
                        f[0] + f[1],
                        *f[2:],
                        f.sum(),
                        flows[i].sum() + f.sum(),
                    ]
                )
    else:
        header += ["FU101", "FU102", "THC", "FU103", "TC", "FU201", "FU202", "GCF", "EX", "TFU", "IM", "ERR", "GO"]
        for i in range(n):
            f = table.final[i] + table.imported_final[i]
            rural, urban = np.floor(0.3 * f[0]), f[0] - np.floor(0.3 * f[0])
            rows.append(
                [
                    names[i],
                    f"Sector {i + 1}",
                    f"部门{i + 1}",
                    *table.use[i],
                    table.use[i].sum(),
                    rural,
                    urban,
                    f[0],
                    f[1],
                    f[0] + f[1],
                    f[2],
                    f[3],
                    f[2] + f[3],
                    f[4],
                    f.sum() - gap[i],
                    table.imports[i],
                    gap[i],
                    table.output[i],
                ]
            )
            rows[-1][header.index("FU103")] -= gap[i]
            rows[-1][header.index("TC")] -= gap[i]
    width = len(header)
    label = ["TOT"] if split else []
    primary = [("TII", table.use.sum(axis=0)), *zip(("VA001", "VA002", "VA003", "VA004"), table.added, strict=True)]
    primary += [("TVA", table.added.sum(axis=0)), ("TI", table.output)]
    for code, amounts in primary:
        row = [code, code, code, *label, *amounts]
        rows.append([*row, *[""] * (width - len(row))])
    return [header, *rows]


def read(path: Path, reader: Callable[..., ChainPackage], *rest: Any) -> ChainPackage:
    """What a reader makes of a file or folder."""
    with TemporaryDirectory() as folder:
        staging = Path(folder)
        (staging / "spill").mkdir()
        connection = loading_connection(staging / "spill", "1GB", 1)
        try:
            return reader(path, lambda file, given=None: stage_table(connection, file, staging, given), *rest)
        finally:
            connection.close()


def links(package: ChainPackage, kind: str, period: str = "") -> dict[tuple[str, str], float]:
    """Codes → weight of the links of a kind."""
    table = package.tables["link"]
    assert isinstance(table, pa.Table)
    return {
        (row["from_id"].split(":")[1], row["to_id"].split(":")[1]): row["weight"]
        for row in table.to_pylist()
        if row["kind"] == kind and period in ("", row["period"])
    }


def matrix(package: ChainPackage, kind: str, names: Sequence[str], period: str = "") -> np.ndarray:
    found = links(package, kind, period)
    return np.array([[found.get((i, j), 0.0) for j in names] for i in names])


def vector(
    package: ChainPackage, indicator: str, names: Sequence[str], period: str = "", scheme: str = ""
) -> np.ndarray:
    """Values of ``io_<indicator>`` by code, zero where none is stored."""
    table = package.tables["observation"]
    assert isinstance(table, pa.Table)
    found = {
        row["field_id"].split(":")[1]: row["value"]
        for row in table.to_pylist()
        if row["indicator_id"] == f"io_{indicator}"
        and period in ("", row["period"])
        and scheme in ("", row["field_id"].split(":")[0])
    }
    return np.array([found.get(name, 0.0) for name in names])


def keys(package: ChainPackage) -> set[str]:
    return {key.removeprefix("data.note.") for key, _ in package.notes}
