"""Multipliers, against the Eurostat Manual and the Netherlands 2000 as published."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chains.tables import TEXTBOOK, germany, tables

from foreland.chains.errors import ChainError
from foreland.chains.input_output import Floats, InputOutput
from foreland.chains.multipliers import Households, multiplier


def test_germany_1995_as_published(shared: Path) -> None:
    """Output, value-added and employment multipliers: Eurostat Manual 2008, tables 15.15 and 15.16, pages 500 f."""
    found = germany(shared)
    half = 5.1e-5
    output = multiplier(found.table, found.table.output)
    np.testing.assert_allclose(output.simple, [1.7048, 1.8413, 1.8136, 1.6035, 1.5951, 1.3782], atol=half)
    np.testing.assert_allclose(output.type1, output.simple)
    added = multiplier(found.table, found.rows["gva"])
    np.testing.assert_allclose(added.direct, [0.4934, 0.3659, 0.4708, 0.5766, 0.5999, 0.7172], atol=1.1e-4)
    np.testing.assert_allclose(added.simple, [0.8450, 0.7647, 0.8615, 0.9019, 0.9393, 0.9199], atol=half)
    persons = multiplier(found.table, found.rows["employment_domestic_total"])
    np.testing.assert_allclose(persons.simple, [0.0326, 0.0162, 0.0207, 0.0237, 0.0112, 0.0242], atol=half)
    imports, taxes = (multiplier(found.table, found.rows[row]) for row in ("imports", "net_tax_products"))
    np.testing.assert_allclose(added.simple + imports.simple + taxes.simple, 1, rtol=1e-12)


def netherlands(shared: Path) -> tuple[InputOutput, Floats]:
    """The Netherlands 2000, six branches, and the compensation of employees in them."""
    with gzip.open(
        shared / "data/textbook_input_output/netherlands_2000.csv.gz", "rt", encoding="utf-8", newline=""
    ) as lines:
        rows = {row["prod_na"]: row for row in csv.DictReader(lines)}
    names = [name for name in rows if name.endswith("_group")]
    uses = ("final_consumption_private", "final_consumption_government", "gross_fixed_capital_formation", "exports")

    def row(name: str, columns: list[str] | tuple[str, ...]) -> list[float]:
        return [float(rows[name][column]) for column in columns]

    table = InputOutput(
        flows=np.array([row(name, names) for name in names]),
        output=np.array(row("output_bp", names)),
        final=np.array([row(name, uses) for name in names]),
        value_added=np.array([row(name, names) for name in ("value_added_bp", "imports", "net_tax")]).sum(axis=0),
    )
    return table, np.array(row("compensation_employees", names))


def test_netherlands_2000_as_published(shared: Path) -> None:
    """Income multipliers of type I and II; the published ones rest on household shares rounded to two digits."""
    table, wages = netherlands(shared)
    spent = np.array([0, 0, 0.08, 0.03, 0, 0.59]) * wages.sum()
    found = multiplier(table, wages, Households(wages, spent))
    assert found.type2 is not None
    np.testing.assert_allclose(found.type1, [2.466, 2.333, 1.84, 2.372, 1.953, 1.417], atol=5.1e-4)
    np.testing.assert_allclose(found.type2, [3.6377, 3.4423, 2.7144, 3.4996, 2.8813, 2.0907], atol=1.5e-3)


@given(tables(), st.integers(0, 2**32 - 1))
def test_closed_by_blocks_is_the_closed_inverse(table: InputOutput, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = len(table)
    income = table.value_added * rng.uniform(0.1, 0.9, n)
    persons = rng.uniform(0, 5, n)
    spent = rng.dirichlet(np.ones(n)) * income.sum() * rng.uniform(0.1, 0.95)
    found = multiplier(table, persons, Households(income, spent))
    closed = np.zeros((n + 1, n + 1))
    closed[:n, :n], closed[n, :n], closed[:n, n] = table.coefficients, income / table.output, spent / income.sum()
    inverse = np.linalg.inv(np.eye(n + 1) - closed)[:n, :n]
    assert found.total is not None
    np.testing.assert_allclose(found.total, (persons / table.output) @ inverse, rtol=1e-10)
    assert (found.total >= found.simple * (1 - 1e-12)).all()
    assert found.simple @ table.demand == pytest.approx(persons.sum(), rel=1e-10)


@given(tables())
def test_value_added_multipliers_are_one(table: InputOutput) -> None:
    np.testing.assert_allclose(multiplier(table, table.value_added).simple, 1, rtol=1e-10)


def test_edges() -> None:
    nothing = multiplier(TEXTBOOK, [0.0, 10])
    assert np.isnan(nothing.type1[0])
    assert nothing.type1[1] > 1
    with pytest.raises(ChainError, match="closed_not_productive"):
        multiplier(TEXTBOOK, [1.0, 1], Households(np.array([650.0, 1400]), np.array([1000.0, 2000])))
    with pytest.raises(ValueError, match="earn nothing"):
        multiplier(TEXTBOOK, [1.0, 1], Households(np.zeros(2), np.ones(2)))
