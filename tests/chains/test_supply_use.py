"""Symmetric tables from make and use: mass balance, and a transformation worked by hand."""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.chains.errors import ChainError
from foreland.chains.input_output import InputOutput, balance, domestic
from foreland.chains.supply_use import SupplyUse, commodity_by_commodity, industry_by_industry

# Industry 2 makes all of commodity 2 and a tenth of commodity 1.
TEXTBOOK = SupplyUse(
    make=np.array([[90.0, 0], [10, 100]]),
    use=np.array([[10.0, 10], [10, 7]]),
    final=np.array([[80.0], [83]]),
    value_added=np.array([70.0, 93]),
)


def test_by_hand() -> None:
    """B D and D B: inputs per unit of industry output, and market shares."""
    B = TEXTBOOK.use / [90, 110]
    D = np.array([[0.9, 0], [0.1, 1]])
    np.testing.assert_allclose(commodity_by_commodity(TEXTBOOK).coefficients, B @ D)
    np.testing.assert_allclose(industry_by_industry(TEXTBOOK).coefficients, D @ B)
    np.testing.assert_allclose(
        commodity_by_commodity(TEXTBOOK).flows, [[10 + 10 / 11, 100 / 11], [10 + 7 / 11, 70 / 11]]
    )
    np.testing.assert_allclose(industry_by_industry(TEXTBOOK).flows, [[9, 9], [11, 8]])


@st.composite
def supply_use(draw: st.DrawFn) -> SupplyUse:
    s, c = draw(st.integers(2, 5)), draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    make = rng.uniform(0, 100, (s, c)) * (rng.uniform(size=(s, c)) < 0.6)
    make[rng.integers(0, s, c), np.arange(c)] += 50
    make[np.arange(s), rng.integers(0, c, s)] += 50
    g, q = make.sum(axis=1), make.sum(axis=0)
    use = rng.uniform(0, 1, (c, s))
    use *= rng.uniform(0.1, 0.8, s) * g / use.sum(axis=0)
    use *= np.minimum(1, 0.9 * q / use.sum(axis=1))[:, None]
    final = (q - use.sum(axis=1))[:, None] * rng.dirichlet(np.ones(3), c)
    share = rng.uniform(0, 0.6, (c, s))
    return SupplyUse(make, use, final, g - use.sum(axis=0) - (share * use).sum(axis=0).clip(max=0.1 * g), None, None)


def whole(tables: SupplyUse, table: InputOutput) -> None:
    assert table.flows.sum() == pytest.approx(tables.use.sum(), rel=1e-10)
    np.testing.assert_allclose(table.final.sum(axis=0), tables.final.sum(axis=0), rtol=1e-10)
    assert table.value_added.sum() == pytest.approx(tables.value_added.sum(), rel=1e-10)
    assert table.output.sum() == pytest.approx(tables.make.sum(), rel=1e-10)
    assert (table.flows >= 0).all()
    assert balance(table).rows_total < 1e-12


@given(supply_use())
def test_mass_balance(tables: SupplyUse) -> None:
    tables = replace(tables, value_added=tables.industry_output - tables.use.sum(axis=0))
    for table in (industry_by_industry(tables), commodity_by_commodity(tables)):
        whole(tables, table)
        assert balance(table).columns_total < 1e-12
        np.testing.assert_allclose(table.leontief @ table.demand, table.output, rtol=1e-10)


@given(supply_use())
def test_one_commodity_each_changes_nothing(tables: SupplyUse) -> None:
    """With a diagonal make table both models give back the use table."""
    q = tables.commodity_output
    square = SupplyUse(np.diag(q), np.diag(q) * 0.3, 0.7 * q[:, None], 0.7 * q)
    for table in (industry_by_industry(square), commodity_by_commodity(square)):
        np.testing.assert_allclose(table.flows, square.use, rtol=1e-12)
        np.testing.assert_allclose(table.final, square.final, rtol=1e-12)


def test_both_models_keep_totals_of_what_they_keep() -> None:
    """By industry, columns of the use table stay; by commodity, its rows do."""
    np.testing.assert_allclose(industry_by_industry(TEXTBOOK).flows.sum(axis=0), TEXTBOOK.use.sum(axis=0))
    np.testing.assert_allclose(commodity_by_commodity(TEXTBOOK).flows.sum(axis=1), TEXTBOOK.use.sum(axis=1))


def test_split_use_and_what_nobody_makes() -> None:
    """A third commodity comes from abroad only: industries' purchases of it aren't a sector's product."""
    imported = np.array([[1.0, 2], [3, 1], [4, 5]])
    tables = SupplyUse(
        make=np.array([[90.0, 0, 0], [10, 100, 0]]),
        use=np.array([[10.0, 10], [10, 7], [0, 0]]),
        final=np.array([[80.0], [83], [0]]),
        value_added=np.array([62.0, 85]),
        imported=imported,
        imported_final=np.array([[3.0], [2], [6]]),
    )
    assert list(tables.unmade) == [False, False, True]
    by_industry, by_commodity = industry_by_industry(tables), commodity_by_commodity(tables)
    for table in (by_industry, by_commodity):
        left = balance(table)
        assert left.columns_total < 1e-15
        assert left.rows_total < 1e-15
    np.testing.assert_allclose(by_industry.value_added, [66, 90])
    assert by_industry.imported is not None
    assert by_commodity.imported is not None
    assert by_industry.imported.sum() == pytest.approx(imported[:2].sum())
    assert by_commodity.imported.sum() == pytest.approx(imported.sum())
    assert len(by_commodity) == 3


def test_refusals() -> None:
    with pytest.raises(ChainError, match="negative_make") as caught:
        replace(TEXTBOOK, make=np.array([[90.0, 0], [10, -100]]))
    assert caught.value.params["sectors"] == (1,)
    with pytest.raises(ChainError, match="inputs_without_output") as caught:
        commodity_by_commodity(replace(TEXTBOOK, make=np.array([[90.0, 10], [0, 0]])))
    assert caught.value.params["sectors"] == (1,)
    nothing = replace(TEXTBOOK, make=np.array([[90.0, 10], [0, 0]]), use=np.array([[10.0, 0], [10, 0]]))
    with pytest.raises(ChainError, match="inputs_without_output"):  # value added of an industry that makes nothing
        commodity_by_commodity(nothing)
    commodity_by_commodity(replace(nothing, value_added=np.array([70.0, 0])))
    with pytest.raises(ValueError, match="shape"):
        replace(TEXTBOOK, use=np.ones((3, 2)))


def read(file: Path) -> dict[tuple[str, str], float]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    return {
        (row[0], column): float(cell)
        for row in rows
        for column, cell in zip(head[1:], row[1:], strict=True)
        if cell not in ("", "NA")
    }


def test_united_states_2017(shared: Path) -> None:
    """71 industries and 73 commodities of the real tables, which balance to their rounding in both models."""
    folder = shared / "data/us_input_output"
    make, use = (read(folder / f"Summary_{name}_AfterRedef_17sch.csv.gz") for name in ("Make_2017", "Use_2017_PRO"))
    makers = [row for row in dict.fromkeys(row for row, _ in make) if not row.startswith("Total")]
    goods = [column for column in dict.fromkeys(column for _, column in make) if not column.startswith("Total")]
    uses = [c for c in dict.fromkeys(c for _, c in use) if c[0] == "F" and c[1:3].isdigit() and c != "F050"]

    def block(cells: dict[tuple[str, str], float], rows: list[str], columns: list[str]) -> np.ndarray:
        return np.array([[cells.get((row, column), 0.0) for column in columns] for row in rows])

    tables = SupplyUse(
        block(make, makers, goods),
        block(use, goods, makers),
        block(use, goods, uses),
        block(use, ["V001", "V002", "V003"], makers).sum(axis=0),
        imports=-block(use, goods, ["F050"])[:, 0],
    )
    assert (len(makers), len(goods)) == (71, 73)
    for table in (industry_by_industry(tables), commodity_by_commodity(tables)):
        for one in (table, domestic(table, [k for k, name in enumerate(uses) if name == "F040"])):
            left = balance(one)
            assert max(left.rows_total, left.columns_total) < 1e-5
            np.testing.assert_allclose(one.leontief @ one.demand, one.output, rtol=2e-3)
        assert table.final.sum() - table.imports.sum() == pytest.approx(table.value_added.sum(), rel=1e-5)
