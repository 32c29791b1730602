"""Extraction by formula, against solving the reduced table anew for every sector."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chains.tables import TEXTBOOK, croatia, germany, tables

from foreland.chains.extraction import extraction, lost_by
from foreland.chains.input_output import Floats, InputOutput, domestic


def anew(table: InputOutput, w: Floats) -> dict[str, Floats]:
    """Each sector taken out in turn, and the whole system solved again."""
    n = len(table)
    A, B = table.flows / table.output, table.flows / table.output[:, None]
    f = table.demand
    v = table.output - B.T @ table.output
    whole, pushed = np.linalg.solve(np.eye(n) - A, f), np.linalg.solve(np.eye(n) - B.T, v)
    lost: dict[str, list[float]] = {name: [] for name in ("total", "others", "backward", "forward", "sales")}
    for k in range(n):
        row, column = A.copy(), A.copy()
        row[k], column[:, k] = 0, 0
        both, use, allocated = row.copy(), f.copy(), B.copy()
        both[:, k], use[k], allocated[k] = 0, 0, 0
        gone = w * (whole - np.linalg.solve(np.eye(n) - both, use))
        lost["total"].append(gone.sum())
        lost["others"].append(np.delete(gone, k).sum())
        lost["backward"].append(w @ (whole - np.linalg.solve(np.eye(n) - column, f)))
        lost["sales"].append(w @ (whole - np.linalg.solve(np.eye(n) - row, f)))
        lost["forward"].append(w @ (pushed - np.linalg.solve(np.eye(n) - allocated.T, v)))
    return {name: np.array(values) for name, values in lost.items()}


def agrees(table: InputOutput, quantity: Floats | None = None) -> None:
    found = extraction(table, quantity)
    w = np.ones(len(table)) if quantity is None else quantity / table.output
    for name, values in anew(table, w).items():
        np.testing.assert_allclose(
            getattr(found, name), values, rtol=1e-10, atol=1e-10 * found.whole, err_msg=f"{name} by formula"
        )
    assert found.whole == pytest.approx(w @ table.leontief @ table.demand, rel=1e-10)


@given(tables())
def test_formula_is_solving_anew(table: InputOutput) -> None:
    agrees(table)
    agrees(table, table.value_added)


@given(tables(split=True))
def test_formula_is_solving_anew_for_domestic_flows(table: InputOutput) -> None:
    agrees(table)


def test_published_tables(shared: Path) -> None:
    agrees(germany(shared).table)
    table = croatia(shared).table
    keep = np.arange(64)  # without extraterritorial organisations, which use all they make
    assert table.imports is not None
    rest = InputOutput(
        table.flows[np.ix_(keep, keep)],
        table.output[keep],
        table.final[keep],
        table.value_added[keep],
        imports=table.imports[keep],
    )
    agrees(domestic(rest, (5,)))


def test_textbook_by_hand() -> None:
    """Without sector 1: x_2 = 1700 / (1 − .05), out of 3000 in all."""
    found = extraction(TEXTBOOK)
    assert found.total[0] == pytest.approx(3000 - 1700 / 0.95)
    assert found.total[1] == pytest.approx(3000 - 350 / 0.85)
    np.testing.assert_allclose(lost_by(TEXTBOOK, 0), [1000, 2000 - 1700 / 0.95])


@given(tables(), st.randoms(use_true_random=False), st.floats(1e-3, 1e6))
def test_order_and_currency(table: InputOutput, random, factor: float) -> None:
    order = list(range(len(table)))
    random.shuffle(order)
    moved = InputOutput(
        factor * table.flows[np.ix_(order, order)],
        factor * table.output[order],
        factor * table.final[order],
        factor * table.value_added[order],
    )
    before, after = extraction(table), extraction(moved)
    for name in ("total", "others", "backward", "forward", "sales"):
        np.testing.assert_allclose(
            getattr(after, name), factor * getattr(before, name)[order], rtol=1e-9, atol=1e-9 * after.whole
        )
    for k in range(len(table)):
        assert lost_by(table, k).sum() == pytest.approx(before.total[k], rel=1e-10)


@given(tables())
def test_losses_keep_their_order(table: InputOutput) -> None:
    found = extraction(table)
    slack = 1e-12 * found.whole
    assert (found.total >= table.output - slack).all()
    assert (found.total <= found.whole + slack).all()
    assert (found.backward <= found.total + slack).all()
    assert (found.sales <= found.total + slack).all()
    assert (found.backward >= -slack).all()


@given(tables(idle=True))
def test_a_sector_without_output_is_no_loss(table: InputOutput) -> None:
    found = extraction(table, table.value_added)
    for name in ("total", "others", "backward", "forward", "sales"):
        assert getattr(found, name)[-1] == 0


def test_a_table_that_does_not_balance_is_solved_for_its_final_use() -> None:
    off = replace(TEXTBOOK, final=TEXTBOOK.final * 1.01)
    assert extraction(off).whole == pytest.approx(1.01 * 3000)
    agrees_total = extraction(off).total[0]
    assert agrees_total == pytest.approx(1.01 * (3000 - 1700 / 0.95))
