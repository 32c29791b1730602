"""Aggregation keeps every total, and commutes with what it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chains.tables import TEXTBOOK, croatia, germany, tables

from foreland.chains.aggregation import aggregate, concordance
from foreland.chains.errors import ChainError
from foreland.chains.input_output import InputOutput, balance


def totals(table: InputOutput) -> dict[str, float]:
    return {name: value.sum() for name, value in vars(table).items() if isinstance(value, np.ndarray)}


@given(tables(split=True), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_nothing_is_lost(table: InputOutput, groups: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(groups), len(table)).T
    coarse = aggregate(table, weights)
    for name, value in totals(coarse).items():
        assert value == pytest.approx(getattr(table, name).sum(), rel=1e-10), name
    left = balance(coarse)
    assert max(left.rows_total, left.columns_total) < 1e-12
    np.testing.assert_allclose(coarse.leontief @ coarse.demand, coarse.output, rtol=1e-10)


@given(tables(), st.randoms(use_true_random=False))
def test_one_group_each_only_reorders(table: InputOutput, random) -> None:
    order = list(range(len(table)))
    random.shuffle(order)
    moved = aggregate(table, concordance(np.argsort(order)))
    np.testing.assert_array_equal(moved.flows, table.flows[np.ix_(order, order)])
    np.testing.assert_array_equal(moved.output, table.output[order])


def test_germany_in_three_groups(shared: Path) -> None:
    """Agriculture; industry and construction; services: cells added by hand."""
    table = germany(shared).table
    coarse = aggregate(table, concordance([0, 1, 1, 2, 2, 2]))
    assert coarse.flows[0, 1] == 25480 + 1
    assert coarse.flows[1, 1] == 304584 + 64167 + 7334 + 3875
    np.testing.assert_allclose(coarse.output, [43910, 1079446 + 245606, 540063 + 692487 + 508918])


def test_merging_the_sector_that_is_not_productive(shared: Path) -> None:
    table = croatia(shared).table
    groups = [*range(64), 63]
    merged = aggregate(table, concordance(groups))
    assert merged.productivity().productive
    np.testing.assert_allclose(merged.leontief @ merged.demand, merged.output, rtol=1e-5)


def test_rounded_weights_lose_nothing() -> None:
    third = 0.3333333
    coarse = aggregate(TEXTBOOK, [[third, 1], [third, 0], [third, 0]])
    assert coarse.output.sum() == pytest.approx(3000, rel=1e-14)


def test_refusals() -> None:
    with pytest.raises(ChainError, match="concordance_not_whole") as caught:
        aggregate(TEXTBOOK, [[1.0, 0.7]])
    assert caught.value.params == {"sectors": (1,), "worst": pytest.approx(0.7)}
    with pytest.raises(ValueError, match="negative"):
        aggregate(TEXTBOOK, [[1.0, 1.5], [0, -0.5]])
    with pytest.raises(ValueError, match="outside"):
        concordance([0, 3], 2)
    assert concordance([0, 0], 3).shape == (3, 2)
