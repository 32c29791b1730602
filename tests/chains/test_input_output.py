"""The system itself, against Miller & Blair, the Eurostat Manual, and its identities."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chains.tables import TEXTBOOK, croatia, germany, tables

from foreland.chains.errors import ChainError
from foreland.chains.input_output import (
    InputOutput,
    balance,
    domestic,
    leontief_inverse,
    productivity,
    technical_coefficients,
)

CLOSE = {"rtol": 1e-10, "atol": 1e-10}


def test_textbook() -> None:
    np.testing.assert_allclose(TEXTBOOK.coefficients, [[0.15, 0.25], [0.2, 0.05]])
    np.testing.assert_allclose(TEXTBOOK.leontief, [[1.2541, 0.3300], [0.2640, 1.1221]], atol=1e-4)
    np.testing.assert_allclose(TEXTBOOK.leontief @ [600, 1500], [1247.52, 1841.58], atol=5e-3)
    np.testing.assert_allclose(TEXTBOOK.ghosh, [[1.2541, 0.6601], [0.1320, 1.1221]], atol=1e-4)


def test_germany_1995_as_published(shared: Path) -> None:
    """Eurostat Manual 2008, tables 15.8 and 15.10 and its Ghosh inverse, to the four digits printed."""
    table = germany(shared).table
    half = 5.1e-5
    np.testing.assert_allclose(table.coefficients[:3, 0], [0.0258, 0.1806, 0.0097], atol=half)
    np.testing.assert_allclose(np.diag(table.leontief)[:3], [1.0339, 1.4292, 1.0289], atol=half)
    np.testing.assert_allclose(table.ghosh[:, 0], [1.0339, 0.0118, 0.0037, 0.0103, 0.0117, 0.0043], atol=half)
    assert balance(table).rows_total == balance(table).columns_total == 0


def test_croatia_names_the_sector_that_makes_it_unproductive(shared: Path) -> None:
    """Extraterritorial organisations use all they make (1e-7 of a thousand kuna): nothing is left to sell."""
    table = croatia(shared).table
    with pytest.raises(ChainError) as caught:
        _ = table.leontief
    assert caught.value.kind == "not_productive"
    assert caught.value.params["sectors"] == (64,)
    assert caught.value.params["radius"] == pytest.approx(1)
    left = balance(table)
    assert left.rows_total < 1e-8
    assert left.worst_row == 64


@given(tables())
def test_identities(table: InputOutput) -> None:
    L, x = table.leontief, table.output
    np.testing.assert_allclose(L @ table.demand, x, **CLOSE)
    assert table.value_added.sum() == pytest.approx(table.demand.sum(), rel=1e-10)
    np.testing.assert_allclose(table.value_added @ table.ghosh, x, **CLOSE)  # x' = v' G
    np.testing.assert_allclose(table.ghosh, np.linalg.inv(np.eye(len(x)) - table.allocation), **CLOSE)
    powers = sum(np.linalg.matrix_power(table.coefficients, k) for k in range(800))
    np.testing.assert_allclose(L, powers, rtol=1e-8, atol=1e-8)
    left = balance(table)
    assert max(left.rows_total, left.columns_total) < 1e-12
    assert table.productivity().productive
    assert table.productivity().radius == pytest.approx(np.abs(np.linalg.eigvals(table.coefficients)).max(), abs=1e-6)


@given(tables(split=True))
def test_identities_of_a_split_table(table: InputOutput) -> None:
    assert table.imported is not None
    imports = table.imported.sum()
    assert table.value_added.sum() + imports == pytest.approx(table.demand.sum(), rel=1e-10)
    assert balance(table).columns_total < 1e-12


@given(tables(), st.randoms(use_true_random=False), st.floats(1e-3, 1e6))
def test_order_and_currency_do_not_matter(table: InputOutput, random, factor: float) -> None:
    order = list(range(len(table)))
    random.shuffle(order)
    moved = InputOutput(
        factor * table.flows[np.ix_(order, order)],
        factor * table.output[order],
        factor * table.final[order],
        factor * table.value_added[order],
    )
    np.testing.assert_allclose(moved.leontief, table.leontief[np.ix_(order, order)], **CLOSE)
    np.testing.assert_allclose(moved.ghosh, table.ghosh[np.ix_(order, order)], **CLOSE)


@given(tables(idle=True))
def test_a_sector_without_output_changes_nothing(table: InputOutput) -> None:
    n = len(table) - 1
    rest = InputOutput(table.flows[:n, :n], table.output[:n], table.final[:n], table.value_added[:n])
    np.testing.assert_allclose(table.leontief[:n, :n], rest.leontief, **CLOSE)
    np.testing.assert_allclose(table.leontief[n], np.eye(n + 1)[n])
    np.testing.assert_allclose(table.ghosh[n], np.eye(n + 1)[n])


def test_ghosh_with_a_product_that_is_only_imported() -> None:
    """Product 2 is used and not made: it has a row, no column and no allocation."""
    table = InputOutput(
        np.array([[10.0, 5, 0], [4, 2, 0], [3, 1, 0]]),
        np.array([40.0, 20, 0]),
        np.array([[25.0], [14], [2]]),
        np.array([23.0, 12, 0]),
        imports=np.array([0.0, 0, 6]),
    )
    assert balance(table).rows_total == 0
    np.testing.assert_allclose(table.ghosh, np.linalg.inv(np.eye(3) - table.allocation), **CLOSE)
    split = domestic(table)
    np.testing.assert_allclose(split.flows[2], 0)
    np.testing.assert_allclose(split.imported[2], [3, 1, 0])


@pytest.mark.parametrize(
    ("A", "sectors"),
    [
        ([[0.5, 0.0], [0.3, 1.2]], (1,)),
        ([[0.0, 10.0], [10.0, 0.0]], (0, 1)),
        ([[0.2, 0.1, 0], [0.1, 0.2, 0], [0, 0, 1.0]], (2,)),
        ([[0.1, 0.9], [1.1, 0.2]], (0, 1)),  # both use 1.2 and 1.1 of their output
        ([[0.1, 0.3], [3.1, 0.2]], (0,)),  # only the first uses more than it makes
        (-2.0 * np.eye(2), (0, 1)),  # the inverse exists and is no sum of powers
    ],
)
def test_unproductive_tables_name_their_sectors(A, sectors: tuple[int, ...]) -> None:
    with pytest.raises(ChainError) as caught:
        leontief_inverse(A)
    assert caught.value.kind == "not_productive"
    assert sorted(caught.value.params["sectors"]) == sorted(sectors)
    assert caught.value.params["radius"] == pytest.approx(np.abs(np.linalg.eigvals(np.array(A))).max())


def test_the_check_by_the_inverse_agrees_with_the_radius() -> None:
    """Columns above 1 in a productive table, and just below and above the threshold."""
    A = np.array([[0.1, 0.3], [2.2, 0.2]])
    assert productivity(A).radius < 1
    leontief_inverse(A)
    rng = np.random.default_rng(5)
    for _ in range(300):
        n = int(rng.integers(1, 9))
        A = rng.uniform(size=(n, n)) * (rng.uniform(size=(n, n)) < rng.uniform(0.1, 1))
        radius = np.abs(np.linalg.eigvals(A)).max()
        if radius == 0:
            continue
        for wanted in (0.5, 0.999, 1.001, 3.0, 50.0):
            if wanted < 1:
                leontief_inverse(A * wanted / radius)
            else:
                with pytest.raises(ChainError):
                    leontief_inverse(A * wanted / radius)


def test_negative_cells_are_reported_and_work() -> None:
    wide = np.array([[0.9, -0.8], [0.5, 0.1]])  # |A| has the radius 1.25, A one of .7
    np.testing.assert_allclose(leontief_inverse(wide) @ (np.eye(2) - wide), np.eye(2), atol=1e-14)
    with pytest.raises(ChainError, match="not_productive"):
        leontief_inverse([[1.2, -0.1], [0.1, 0.1]])
    A = np.array([[0.2, -0.1], [0.3, 0.4]])
    assert productivity(A).negative == ((0, 1),)
    np.testing.assert_allclose(leontief_inverse(A) @ (np.eye(2) - A), np.eye(2), atol=1e-14)


@given(tables(), st.integers(0, 2**32 - 1))
def test_domestic_use_keeps_the_table(table: InputOutput, seed: int) -> None:
    rng = np.random.default_rng(seed)
    imports = table.output * rng.uniform(0, 0.9, len(table))
    final = table.final + imports[:, None] * [0.5, 0.2, 0.3]
    both = replace(table, final=final, imports=imports)
    for exports in ((), (2,)):
        split = domestic(both, exports)
        assert split.imported is not None
        assert split.imported_final is not None
        np.testing.assert_allclose(split.imported.sum(axis=1) + split.imported_final.sum(axis=1), imports, **CLOSE)
        np.testing.assert_allclose(split.flows + split.imported, both.flows, **CLOSE)
        np.testing.assert_allclose(split.demand + split.flows.sum(axis=1), both.output, **CLOSE)
        assert (split.flows >= -1e-12).all()
        used = both.flows > 1e-9
        shares = np.divide(split.imported, both.flows, out=np.zeros_like(both.flows), where=used)
        for i in range(len(both)):
            assert np.ptp(shares[i][used[i]]) < 1e-12 if used[i].any() else True
    home = both.flows.sum(axis=1) + both.final[:, :2].sum(axis=1)
    np.testing.assert_allclose(split.imported_final[:, 2], np.maximum(imports - home, 0), atol=1e-9)
    assert domestic(split) is split


def test_imports_below_zero_stay_deducted() -> None:
    """Margins on imports, as in BEA's tables: demand for what is made at home."""
    table = replace(TEXTBOOK, final=TEXTBOOK.final + np.array([[60.0], [-25]]), imports=np.array([60.0, -25]))
    assert balance(table).rows_total == 0
    split = domestic(table)
    assert balance(split).rows_total == 0
    assert split.imports is not None
    np.testing.assert_array_equal(split.imports, [0, -25])
    assert split.imported is not None
    np.testing.assert_array_equal(split.imported[1], 0)
    np.testing.assert_allclose(split.leontief @ split.demand, split.output)


def test_domestic_use_of_croatia(shared: Path) -> None:
    table = croatia(shared).table
    split = domestic(table, exports=(5,))
    before, after = balance(table), balance(split)
    assert after.rows_total == pytest.approx(before.rows_total, rel=1e-3)
    assert (split.flows >= 0).all()
    assert split.imported is not None
    assert split.imported_final is not None
    assert split.imported.sum() + split.imported_final.sum() == pytest.approx(table.imports.sum(), rel=1e-6)


def test_refusals() -> None:
    with pytest.raises(ChainError, match="inputs_without_output") as caught:
        technical_coefficients([[1.0, 0], [0, 0]], [0.0, 3])
    assert caught.value.params["sectors"] == (0,)
    with pytest.raises(ChainError, match="negative_output"):
        technical_coefficients([[1.0]], [-2.0])
    with pytest.raises(ChainError, match="no_imports"):
        domestic(TEXTBOOK)
    with pytest.raises(ChainError, match="imports_above_uses") as caught:
        domestic(replace(TEXTBOOK, imports=np.array([10.0, 5000])))
    assert caught.value.params["sectors"] == (1,)
    with pytest.raises(ValueError, match="shape"):
        replace(TEXTBOOK, flows=np.ones((2, 3)))
    with pytest.raises(ValueError, match="missing"):
        replace(TEXTBOOK, output=np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="not both"):
        replace(TEXTBOOK, imported=np.ones((2, 2)), imports=np.ones(2))
    with pytest.raises(ValueError, match="without imported"):
        replace(TEXTBOOK, imported_final=np.ones((2, 1)))


def test_an_almost_unproductive_part_does_not_hide_another() -> None:
    """Next to a cell of 1e11, the −1/99 of the first sector could pass for rounding."""
    with pytest.raises(ChainError) as caught:
        leontief_inverse(np.diag([100.0, 1 - 1e-11]))
    assert caught.value.params["sectors"] == (0,)


def test_the_sector_that_moves_the_radius_most_comes_first() -> None:
    """Order of blame, against the radius with 1 % less of what each sector uses."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        A = rng.lognormal(0, 1.5, (4, 4))
        A *= rng.uniform(1, 2, 4) / A.sum(axis=0)
        less = [np.abs(np.linalg.eigvals(A * np.where(np.arange(4) == k, 0.999, 1))).max() for k in range(4)]
        assert productivity(A).sectors == tuple(np.argsort(less))
