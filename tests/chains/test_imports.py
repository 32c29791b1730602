"""Imports in domestic production, against definitions followed round by round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chains.tables import TEXTBOOK, china, germany, tables

from foreland.chains.errors import ChainError
from foreland.chains.imports import import_content, self_reliance, vertical_specialisation
from foreland.chains.input_output import InputOutput, domestic
from foreland.chains.multipliers import multiplier

BY_HAND = InputOutput(
    flows=np.array([[10.0, 20], [30, 0]]),
    output=np.array([100.0, 80]),
    final=np.array([[70.0], [50]]),
    value_added=np.array([50.0, 40]),
    imported=np.array([[0.0, 20], [10, 0]]),
    imported_final=np.array([[5.0], [0]]),
)


def test_by_hand() -> None:
    """A^d = [[.1, .25], [.3, 0]], A^m = [[0, .25], [.1, 0]]; det(I − A^d) = .825."""
    L = np.array([[1, 0.25], [0.3, 0.9]]) / 0.825
    content = import_content(BY_HAND)
    np.testing.assert_allclose(content.direct, [0.1, 0.25])
    np.testing.assert_allclose(content.chain, [(0.1 + 0.075) / 0.825, (0.025 + 0.225) / 0.825])
    np.testing.assert_allclose(content.by_product, [[0.25 * L[1, 0], 0.25 * L[1, 1]], [0.1 * L[0, 0], 0.1 * L[0, 1]]])
    found = self_reliance(BY_HAND)
    np.testing.assert_allclose(found.direct, [[1, 0.5], [0.75, np.nan]])
    np.testing.assert_allclose(found.sector, [40 / 50, 20 / 40])
    np.testing.assert_allclose(found.product, [30 / 50, 30 / 40])
    assert found.total == pytest.approx(60 / 90)
    # Sector 2 buys of product 1 half at home; through its chain also what product 1 needs of itself, all at home.
    own = 0.1 * L[0, 1] + 0.25 * L[1, 1]
    assert found.chain[0, 1] == pytest.approx(own / (own + 0.25 * L[1, 1]))


def rounds(table: InputOutput) -> tuple[np.ndarray, np.ndarray]:
    """Domestic and imported inputs of one unit of each product, added up purchase by purchase."""
    Ad, Am = table.flows / table.output, table.imported / table.output
    made, home, abroad = np.eye(len(table)), 0.0, 0.0
    for _ in range(1500):
        home, abroad, made = home + Ad @ made, abroad + Am @ made, Ad @ made
    return home, abroad


@given(tables(split=True))
def test_domestic_and_import_content_are_one(table: InputOutput) -> None:
    content = import_content(table)
    np.testing.assert_allclose(content.chain + content.domestic, 1, rtol=1e-10)
    np.testing.assert_allclose(content.chain, multiplier(table, table.imported.sum(axis=0)).simple, rtol=1e-10)
    assert content.chain @ table.demand == pytest.approx(table.imported.sum(), rel=1e-10)
    assert (content.chain >= content.direct * (1 - 1e-12)).all()


@given(tables(split=True, most=5))
def test_self_reliance_purchase_by_purchase(table: InputOutput) -> None:
    found = self_reliance(table)
    home, abroad = rounds(table)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(found.chain, home / (home + abroad), rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(found.sector_chain, home.sum(axis=0) / (home + abroad).sum(axis=0), rtol=1e-8)
        # Of a product, all final use together buys at home the share that sectors buy themselves.
        whole = (home @ table.demand) / ((home + abroad) @ table.demand)
    np.testing.assert_allclose(found.product, whole, rtol=1e-8)
    shares = found.chain[np.isfinite(found.chain)]
    assert ((shares >= -1e-12) & (shares <= 1 + 1e-12)).all()


@given(tables(split=True), st.randoms(use_true_random=False), st.floats(1e-3, 1e6))
def test_order_and_currency(table: InputOutput, random, factor: float) -> None:
    order = list(range(len(table)))
    random.shuffle(order)
    cells = np.ix_(order, order)
    moved = InputOutput(
        factor * table.flows[cells],
        factor * table.output[order],
        factor * table.final[order],
        factor * table.value_added[order],
        factor * table.imported[cells],
    )
    np.testing.assert_allclose(self_reliance(moved).chain, self_reliance(table).chain[cells], rtol=1e-9)
    np.testing.assert_allclose(import_content(moved).by_product, import_content(table).by_product[cells], rtol=1e-9)


def test_edges_all_and_nothing_imported() -> None:
    none = replace(BY_HAND, imported=np.zeros((2, 2)))
    assert self_reliance(none).total == 1
    np.testing.assert_allclose(import_content(none).chain, 0)
    every = replace(BY_HAND, flows=np.zeros((2, 2)))
    assert self_reliance(every).total == 0
    np.testing.assert_allclose(self_reliance(every).sector_chain, 0)
    with pytest.raises(ChainError, match="not_split"):
        self_reliance(TEXTBOOK)


def test_proportional_split_has_one_share_in_a_row() -> None:
    table = domestic(replace(TEXTBOOK, final=np.array([[450.0], [2200]]), imports=np.array([100.0, 500])))
    found = self_reliance(table)
    np.testing.assert_allclose(found.direct, [[1 - 100 / 1100] * 2, [1 - 500 / 2500] * 2])
    np.testing.assert_allclose(found.chain, found.direct)


def test_vertical_specialisation_of_germany_1995(shared: Path) -> None:
    """VS from the import matrix is that of the published row of imports and multipliers."""
    found = germany(shared)
    imported = np.zeros((6, 6))
    imported[1] = found.imports  # which product doesn't matter for the sum
    table = replace(found.table, imported=imported)
    exports = table.final[:, 4]
    result = vertical_specialisation(table, exports)
    assert result.share == pytest.approx(multiplier(table, found.imports).simple @ exports / exports.sum())
    assert 0.1 < result.share < 0.3
    assert result.by_sector.sum() == pytest.approx(result.by_product.sum())
    assert np.isnan(vertical_specialisation(table, np.zeros(6)).share)


@pytest.mark.parametrize("year", [2017, 2018, 2020])
def test_china_counted_against_spread(shared: Path, year: int) -> None:
    """Counted by user or spread in proportion: the same imports, much the same whole, other single cells."""
    counted = china(shared, year).table
    assert counted.imported is not None
    assert counted.imported_final is not None
    together = InputOutput(
        counted.flows + counted.imported,
        counted.output,
        counted.final + counted.imported_final,
        counted.value_added,
        imports=counted.imported.sum(axis=1) + counted.imported_final.sum(axis=1),
    )
    spread = domestic(together, exports=(3,))
    content = import_content(counted)
    np.testing.assert_allclose(content.chain + content.domestic, 1, rtol=1e-10)
    one, two = self_reliance(counted), self_reliance(spread)
    assert one.total == pytest.approx(two.total, abs=0.02)
    assert 0.9 < one.total < 0.95
    known = np.isfinite(one.direct) & np.isfinite(two.direct)
    assert (one.direct[known] <= 1).all()
    assert np.abs(one.direct - two.direct)[known].max() > 0.7  # why a spread cell is no finding
    assert np.abs(one.sector_chain - two.sector_chain).max() < 0.07
    share = vertical_specialisation(counted, counted.final[:, 3]).share
    assert share == pytest.approx(vertical_specialisation(spread, spread.final[:, 3]).share, abs=0.03)
