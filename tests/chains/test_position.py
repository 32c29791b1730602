"""Positions and path lengths, against sums over steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from tests.chains.tables import TEXTBOOK, germany, tables

from foreland.chains.errors import ChainError
from foreland.chains.input_output import InputOutput
from foreland.chains.linkages import linkages
from foreland.chains.position import position, propagation


def chain(length: int) -> InputOutput:
    """Sector 0 sells all to 1, 1 to 2, …; the last one sells to final users."""
    flows = np.zeros((length, length))
    for i in range(length - 1):
        flows[i, i + 1] = i + 1.0
    output = np.arange(1.0, length + 1)
    final = np.zeros((length, 1))
    final[-1] = output[-1]
    return InputOutput(flows, output, final, output - flows.sum(axis=0))


def test_a_straight_chain() -> None:
    found = position(chain(4))
    np.testing.assert_allclose(found.upstreamness, [4, 3, 2, 1])
    np.testing.assert_allclose(found.downstreamness, [1, 1 + 1 / 2, 1 + 2 / 3 * 1.5, 1 + 3 / 4 * 2])
    steps = propagation(chain(4))
    np.testing.assert_allclose(
        steps.length, [[np.nan, 1, 2, 3], [np.nan, np.nan, 1, 2], [np.nan] * 3 + [1], [np.nan] * 4]
    )
    np.testing.assert_allclose(steps.forward, [2, 1.5, 1, np.nan])
    np.testing.assert_allclose(steps.backward, [np.nan, 1, 1.5, 2])


@given(tables())
def test_upstreamness_is_the_sum_over_steps(table: InputOutput) -> None:
    """U_i = 1·f_i/x_i + 2·Σ a_ij f_j / x_i + … (Antràs, Chor, Fally & Hillberry 2012, eq. 1), and its mirror."""
    A, f, v = table.coefficients, table.demand, table.value_added
    up, down, sold, bought = 0.0, 0.0, f, v
    B = table.flows / table.output[:, None]
    for step in range(1, 1500):
        up, down = up + step * sold, down + step * bought
        sold, bought = A @ sold, bought @ B
    found = position(table)
    np.testing.assert_allclose(found.upstreamness, up / table.output, rtol=1e-7)
    np.testing.assert_allclose(found.downstreamness, down / table.output, rtol=1e-7)
    np.testing.assert_allclose(found.upstreamness, linkages(table).forward, rtol=1e-9)
    # Both, weighted with what they are measured to, count all output once for every unit of final use.
    assert found.upstreamness @ table.value_added == pytest.approx(table.output.sum(), rel=1e-9)
    assert found.downstreamness @ table.demand == pytest.approx(table.output.sum(), rel=1e-9)


@given(tables())
def test_correction_for_open_economies(table: InputOutput) -> None:
    """The denominator from the row's uses is x − e + m − n of the paper."""
    rng = np.random.default_rng(len(table))
    m = table.output * rng.uniform(0, 0.5, len(table))
    final = table.final.copy()
    final[:, 0] += m
    final[:, 2] *= 0.1
    x = table.flows.sum(axis=1) + final.sum(axis=1) - m
    open_table = InputOutput(table.flows, np.maximum(x, table.flows.sum(axis=0)), final, table.value_added, imports=m)
    found = position(open_table, exports=(1,), inventories=(2,))
    delta = table.flows / (x - final[:, 1] + m - final[:, 2])[:, None]
    U = np.ones(len(table))
    for _ in range(3000):
        U = 1 + delta @ U
    np.testing.assert_allclose(found.upstreamness, U, rtol=1e-8)


@given(tables(split=True))
def test_origin_of_flows_does_not_matter(table: InputOutput) -> None:
    assert table.imported is not None
    assert table.imported_final is not None
    together = InputOutput(
        table.flows + table.imported,
        table.output,
        table.final + table.imported_final,
        table.value_added,
        imports=(table.imported.sum(axis=1) + table.imported_final.sum(axis=1)),
    )
    for exports in ((), (1,)):
        one, two = position(table, exports), position(together, exports)
        np.testing.assert_allclose(one.upstreamness, two.upstreamness, rtol=1e-10)
        np.testing.assert_allclose(one.downstreamness, two.downstreamness, rtol=1e-10)


@given(tables())
def test_propagation_is_the_mean_number_of_steps(table: InputOutput) -> None:
    n = len(table)
    for A in (table.coefficients, table.flows / table.output[:, None]):
        power, weighted, all_steps = np.eye(n), np.zeros((n, n)), np.zeros((n, n))
        for step in range(1, 1500):
            power = power @ A
            weighted, all_steps = weighted + step * power, all_steps + power
        known = all_steps > 1e-9
        found = propagation(table)
        np.testing.assert_allclose(found.length[known], weighted[known] / all_steps[known], rtol=1e-5)
    assert not (found.length < 1).any()
    G = np.linalg.inv(np.eye(n) - table.flows / table.output[:, None])
    np.testing.assert_allclose(found.strength, (table.leontief + G) / 2 - np.eye(n), rtol=1e-8, atol=1e-10)


def test_germany_1995(shared: Path) -> None:
    """Without sales abroad products are nearer to final use, and what is sold most to sectors is furthest from it."""
    table = germany(shared).table
    found = position(table)
    np.testing.assert_allclose(found.downstreamness, [1.7048, 1.8413, 1.8136, 1.6035, 1.5951, 1.3782], atol=5.1e-5)
    assert found.upstreamness.argmax() == 0
    corrected = position(table, exports=(4,), inventories=(3,))
    assert (corrected.upstreamness >= found.upstreamness - 1e-12).all()


@given(tables(idle=True))
def test_sectors_without_output_have_no_position(table: InputOutput) -> None:
    found = position(table)
    assert np.isnan([found.upstreamness[-1], found.downstreamness[-1]]).all()
    assert np.isfinite([found.upstreamness[:-1], found.downstreamness[:-1]]).all()


def test_edges() -> None:
    with pytest.raises(ChainError, match="no_imported_final"):
        position(
            InputOutput(
                TEXTBOOK.flows, TEXTBOOK.output, TEXTBOOK.final, TEXTBOOK.value_added, imported=np.zeros((2, 2))
            )
        )
    with pytest.raises(ChainError, match="negative_uses") as caught:
        position(InputOutput(np.zeros((1, 1)), np.ones(1), np.array([[-1.0, 2]]), np.ones(1)), exports=(1,))
    assert caught.value.params["sectors"] == (0,)
    lone = propagation(InputOutput(np.zeros((2, 2)), np.ones(2), np.ones((2, 1)), np.ones(2)))
    assert np.isnan(lone.length).all()
    assert np.isnan(lone.backward).all()
