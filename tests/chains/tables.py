"""Tables of the tests: textbook, published, and drawn at random."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from foreland.chains.input_output import Floats, InputOutput

TEXTBOOK = InputOutput(  # Miller & Blair 2009, §2.3
    flows=np.array([[150.0, 500.0], [200.0, 100.0]]),
    output=np.array([1000.0, 2000.0]),
    final=np.array([[350.0], [1700.0]]),
    value_added=np.array([650.0, 1400.0]),
)
SIX = ("agriculture", "industry", "construction", "trade", "business_services", "other_services")


@dataclass(frozen=True)
class Published:
    """A published table and its further rows by name."""

    table: InputOutput
    names: tuple[str, ...]
    rows: dict[str, Floats]
    imports: Floats
    """Imports by the sector that uses them."""


def _cells(file: Path, row: str, column: str, value: str) -> dict[tuple[str, str], float]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return {(r[row], r[column]): float(r[value]) for r in csv.DictReader(lines) if r[value]}


def germany(shared: Path) -> Published:
    """Germany 1995, six branches, million euro (Eurostat Manual of Supply, Use and Input–Output Tables 2008, ch. 15).

    Flows are domestic; the row of imports, not told by product, is kept with value added.
    """
    cells = _cells(shared / "data/textbook_input_output/germany_1995.csv.gz", "iotables_row", "iotables_col", "values")
    names = (
        "agriculture_group",
        "industry_group",
        "construction",
        "trade_group",
        "business_services_group",
        "other_services_group",
    )
    uses = (
        "final_consumption_households",
        "final_consumption_government",
        "gross_capital_formation",
        "inventory_change",
        "exports",
    )
    rows = {row: np.array([cells.get((row, name), 0.0) for name in names]) for row, _ in cells}
    output = rows["output"]
    table = InputOutput(
        flows=np.array([rows[name] for name in names]),
        output=output,
        final=np.array([[cells[name, use] for use in uses] for name in names]),
        value_added=rows["gva"] + rows["net_tax_products"] + rows["imports"],
    )
    return Published(table, SIX, rows, rows["imports"])


def croatia(shared: Path) -> Published:
    """Croatia 2010, 65 products × 65 products, domestic and imported together, thousand kuna (Eurostat)."""
    cells = _cells(shared / "data/textbook_input_output/croatia_2010_1700.csv.gz", "t_rows2", "t_cols2", "values")
    columns = list(dict.fromkeys(column for _, column in cells))
    names = tuple(columns[: columns.index("TOTAL")])
    products = [row for row in dict.fromkeys(row for row, _ in cells) if row.startswith("CPA_") and row != "CPA_TOTAL"]
    uses = ("P3_S14", "P3_S15", "P3_S13", "P51", "P52_P53", "P6")
    rows = {
        row: np.array([cells.get((row, name), 0.0) for name in names]) for row in dict.fromkeys(r for r, _ in cells)
    }
    table = InputOutput(
        flows=np.array([rows[product] for product in products]),
        output=rows["P1"],
        final=np.array([[cells.get((product, use), 0.0) for use in uses] for product in products]),
        value_added=rows["B1G"] + rows["D21_M_D31"],
        imports=rows["P7"],
    )
    return Published(table, names, rows, rows["P7"])


@st.composite
def tables(draw: st.DrawFn, split: bool = False, idle: bool = False, most: int = 7) -> InputOutput:
    """Balanced tables with value added in every sector, hence productive."""
    n = draw(st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    fill = draw(st.sampled_from([0.3, 0.7, 1.0]))
    coefficients = rng.uniform(0, 1, (n, n)) * (rng.uniform(size=(n, n)) < fill)
    coefficients *= rng.uniform(0.1, 0.9, n) / np.maximum(coefficients.sum(axis=0), 1.0)
    final = rng.uniform(0.1, 100, (n, 3))
    if idle:  # the last sector makes nothing and nobody uses it
        coefficients[:, -1] = coefficients[-1] = final[-1] = 0
    share = rng.uniform(0.02, 0.98, (n, n)) if split else np.zeros((n, n))
    home = coefficients * (1 - share)
    output = np.linalg.solve(np.eye(n) - home, final.sum(axis=1))
    if not split:
        flows = coefficients * output
        return InputOutput(flows, output, final, output - flows.sum(axis=0))
    imported = coefficients * share * output
    return InputOutput(
        home * output,
        output,
        final,
        output * (1 - coefficients.sum(axis=0)),
        imported,
        final * rng.uniform(0, 1, (n, 3)),
    )


def china(shared: Path, year: int) -> Published:
    """China in 42 sectors, 10,000 yuan, imports counted by user (NBS): 2017, 2018 and 2020."""
    file = shared / f"data/cn_input_output/china_{year}_42.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        rows = {(row["Origin"], row["Code"]): row for row in csv.DictReader(lines)}
    codes = tuple(code for origin, code in rows if origin == "Domestic" and code.isdigit())
    uses = ("TC", "FU201", "FU202", "EX")

    def cells(origin: str, columns: tuple[str, ...]) -> Floats:
        return np.array([[float(rows[origin, code][column] or 0) for column in columns] for code in codes])

    def row(code: str) -> Floats:
        found = next(cells for (_, one), cells in rows.items() if one == code)
        return np.array([float(found[column]) for column in codes])

    table = InputOutput(
        flows=cells("Domestic", codes),
        output=row("TI"),
        final=cells("Domestic", uses),
        value_added=row("TVA"),
        imported=cells("Imports", codes),
        imported_final=cells("Imports", uses),
    )
    assert table.imported is not None
    return Published(table, codes, {}, table.imported.sum(axis=0))
