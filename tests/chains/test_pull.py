"""What a unit of final use pulls along, and its bounds against a linear programme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.chains.tables import TEXTBOOK, tables

from foreland.chains.input_output import InputOutput
from foreland.chains.pull import Spread, extreme, pull


def test_by_hand() -> None:
    """Half a unit of each product: the mean of the columns of L."""
    found = pull(TEXTBOOK, Spread(np.array([0.5, 0.5])))
    np.testing.assert_allclose(found.output.value, [(1.2541 + 0.33) / 2, (0.264 + 1.1221) / 2], atol=1e-4)
    assert float(found.total_value_added.value) == pytest.approx(1)
    assert found.imports is None
    np.testing.assert_array_equal(found.output.low, found.output.value)
    np.testing.assert_array_equal(found.output.high, found.output.value)


@given(tables(split=True), st.integers(0, 2**32 - 1))
def test_bounds_hold_and_are_reached(table: InputOutput, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = len(table)
    w = rng.dirichlet(np.ones(n))
    low, high = w * rng.uniform(0, 1, n), w * rng.uniform(1, 3, n)
    found = pull(table, Spread(w, low, high))
    assert float(found.total_value_added.value + found.total_imports.value) == pytest.approx(1, rel=1e-10)
    for name in ("output", "value_added", "imports", "total_output", "total_value_added", "total_imports"):
        one = getattr(found, name)
        assert (one.low <= one.value + 1e-12).all()
        assert (one.value <= one.high + 1e-12).all()
    np.testing.assert_allclose(found.output.value.sum(), found.total_output.value, rtol=1e-10)
    for row in (*table.leontief[:2], table.leontief.sum(axis=0)):
        for sign in (1, -1):
            best = linprog(-sign * row, A_eq=np.ones((1, n)), b_eq=[1], bounds=list(zip(low, high, strict=True)))
            got = extreme(row[None], low, high, most=sign > 0)[0]
            assert got == pytest.approx(-sign * best.fun, rel=1e-6)  # the solver keeps its bounds to 1e-7


@given(tables(split=True))
def test_shares_of_final_use_pull_the_economy(table: InputOutput) -> None:
    demand = table.demand
    found = pull(table, Spread(demand / demand.sum()))
    np.testing.assert_allclose(found.output.value * demand.sum(), table.output, rtol=1e-10)
    np.testing.assert_allclose(found.value_added.value * demand.sum(), table.value_added, rtol=1e-10)
    assert found.imports is not None
    assert table.imported is not None
    np.testing.assert_allclose(found.imports.value * demand.sum(), table.imported.sum(axis=1), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "spread",
    [
        Spread(np.array([0.5, 0.4])),
        Spread(np.array([1.5, -0.5])),
        Spread(np.array([0.5, 0.5]), low=np.array([0.6, 0.1])),
        Spread(np.array([0.5, 0.5]), high=np.array([0.4, 1.0])),
        Spread(np.array([1.0])),
    ],
)
def test_refusals(spread: Spread) -> None:
    with pytest.raises(ValueError, match=r"weights"):
        pull(TEXTBOOK, spread)
