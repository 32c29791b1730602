"""Linkages, against the Eurostat Manual and their definitions cell by cell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chains.tables import TEXTBOOK, germany, tables

from foreland.chains.input_output import InputOutput
from foreland.chains.linkages import linkages, normalised, quadrant, variation


def test_germany_1995_as_published(shared: Path) -> None:
    """Eurostat Manual 2008, table 15.19 and its forward linkages, to the four digits printed."""
    found = linkages(germany(shared).table)
    np.testing.assert_allclose(found.backward, [1.7048, 1.8413, 1.8136, 1.6035, 1.5951, 1.3782], atol=5.1e-5)
    # Industry stands there as 1.6691; the Ghosh inverse of the printed table has 1.6910, and a hundredth is allowed.
    np.testing.assert_allclose(found.forward[[0, 2, 3, 4, 5]], [2.1126, 1.3558, 1.5848, 2.1037, 1.2106], atol=5.1e-5)
    assert found.forward[1] == pytest.approx(1.6691, rel=0.014)
    assert list(quadrant(found.power, found.sensitivity)) == ["key", "key", "backward", "weak", "forward", "weak"]


def test_textbook_by_hand() -> None:
    found = linkages(TEXTBOOK)
    np.testing.assert_allclose(found.direct_backward, [0.35, 0.3])
    np.testing.assert_allclose(found.direct_forward, [0.65, 0.15])
    np.testing.assert_allclose(found.backward, [1.5182, 1.4521], atol=1e-4)
    np.testing.assert_allclose(found.power, [1.5182 / 1.48515, 1.4521 / 1.48515], atol=1e-4)
    column = np.array([1.2541, 0.2640])
    assert found.backward_variation[0] == pytest.approx(abs(column[0] - column[1]) / 2**0.5 / column.mean(), rel=1e-3)


@given(tables())
def test_definitions(table: InputOutput) -> None:
    n = len(table)
    found = linkages(table)
    L = np.linalg.inv(np.eye(n) - table.flows / table.output)
    G = np.linalg.inv(np.eye(n) - table.flows / table.output[:, None])
    # Rasmussen's own form: (1/n) Σ_i l_ij over (1/n²) ΣΣ l_ij.
    np.testing.assert_allclose(found.power, (L.sum(axis=0) / n) / (L.sum() / n**2), rtol=1e-9)
    np.testing.assert_allclose(found.sensitivity, (G.sum(axis=1) / n) / (G.sum() / n**2), rtol=1e-9)
    np.testing.assert_allclose(found.rasmussen_sensitivity, (L.sum(axis=1) / n) / (L.sum() / n**2), rtol=1e-9)
    for j in range(n):
        spread = np.sqrt(sum((L[i, j] - L[:, j].mean()) ** 2 for i in range(n)) / (n - 1)) / L[:, j].mean()
        assert found.backward_variation[j] == pytest.approx(spread, rel=1e-8)
        spread = np.sqrt(sum((G[j, i] - G[j].mean()) ** 2 for i in range(n)) / (n - 1)) / G[j].mean()
        assert found.forward_variation[j] == pytest.approx(spread, rel=1e-8)
    assert found.power.mean() == pytest.approx(1)
    # Output-weighted forward linkages and final-use-weighted backward ones both add up to gross output.
    assert found.backward @ table.demand == pytest.approx(table.output.sum(), rel=1e-10)
    assert found.forward @ table.value_added == pytest.approx(table.output.sum(), rel=1e-10)


@given(tables(), st.floats(1e-6, 1e9))
def test_currency_does_not_matter(table: InputOutput, factor: float) -> None:
    scaled = replace(
        table,
        **{name: factor * getattr(table, name) for name in ("flows", "output", "final", "value_added")},
    )
    for name, value in vars(linkages(table)).items():
        np.testing.assert_allclose(getattr(linkages(scaled), name), value, rtol=1e-9)


@given(tables(idle=True))
def test_sectors_without_output_take_no_part(table: InputOutput) -> None:
    n = len(table) - 1
    rest = InputOutput(table.flows[:n, :n], table.output[:n], table.final[:n], table.value_added[:n])
    found, without = linkages(table), linkages(rest)
    for name in ("power", "sensitivity", "rasmussen_sensitivity", "direct_backward"):
        np.testing.assert_allclose(getattr(found, name)[:n], getattr(without, name), rtol=1e-9)
        assert np.isnan(getattr(found, name)[n])
    assert quadrant(found.power, found.sensitivity)[n] == ""


def test_weights_and_edges() -> None:
    np.testing.assert_allclose(normalised([2.0, 4, np.nan], [3.0, 1, 5]), [2 / 2.5, 4 / 2.5, np.nan])
    assert np.isnan(normalised([np.nan, np.nan])).all()
    assert np.isnan(variation([[1.0]])).all()
    assert list(quadrant([1.1, 1.1, 0.9, 1.0], [1.1, 0.9, 1.1, 1.0])) == ["key", "backward", "forward", "weak"]
