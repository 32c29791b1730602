"""Structural decomposition, against polar forms written out and hand-made changes of one thing at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chains.tables import TEXTBOOK, china, tables

from foreland.chains.decomposition import Decomposition, decompose
from foreland.chains.errors import ChainError
from foreland.chains.input_output import Floats, InputOutput

PARTS = ("intensity", "inputs", "origin", "mix", "category", "level", "signed", "imports")


def total(found: Decomposition) -> Floats:
    return sum(getattr(found, name) for name in PARTS)


def from_parts(A: Floats, final: Floats, S: Floats | None = None) -> InputOutput:
    """A balanced table of coefficients, final use and, where it is split, domestic shares."""
    S = np.ones_like(A) if S is None else S
    output = np.linalg.solve(np.eye(len(A)) - A * S, final.sum(axis=1))
    flows, imported = A * S * output, A * (1 - S) * output
    added = output - flows.sum(axis=0) - imported.sum(axis=0)
    return InputOutput(flows, output, final, added, imported, np.zeros_like(final))


@st.composite
def two_years(draw: st.DrawFn) -> tuple[InputOutput, InputOutput]:
    n = draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    years = []
    for _ in range(2):
        A = rng.uniform(0, 1, (n, n)) * (rng.uniform(size=(n, n)) < 0.8)
        A *= rng.uniform(0.1, 0.9, n) / np.maximum(A.sum(axis=0), 1)
        final = rng.uniform(0.1, 100, (n, 4))
        final[:, 3] = rng.normal(0, 0.01, n)  # inventories
        final[0, 3] = -0.01
        years.append(from_parts(A, final, rng.uniform(0.1, 0.9, (n, n))))
    return years[0], years[1]


@given(two_years())
def test_parts_add_up_exactly(years: tuple[InputOutput, InputOutput]) -> None:
    before, after = years
    for quantities in (None, (before.value_added, after.value_added)):
        found = decompose(before, after, quantities)
        size = np.abs([getattr(found, name) for name in PARTS]).max() + np.abs(found.change).max()
        np.testing.assert_allclose(total(found), found.change, rtol=0, atol=1e-10 * size)
        q = (before.output, after.output) if quantities is None else quantities
        np.testing.assert_allclose(found.change, q[1] - q[0], rtol=0, atol=1e-10 * size)
        np.testing.assert_allclose(found.by_category.sum(axis=1), found.demand, rtol=0, atol=1e-10 * size)
        assert found.by_user.sum() == pytest.approx(found.technology.sum(), abs=1e-10 * size * len(before))


@given(two_years())
def test_polar_forms_written_out(years: tuple[InputOutput, InputOutput]) -> None:
    """Dietzenbacher & Los (1998): w0 L0 M0 d0 s0 → w1 L1 M1 d1 s1 from the left and from the right, and their mean."""
    before, after = years
    parts = []
    for table in years:
        plain = table.final[:, :3]
        w, L = np.diag(table.value_added / table.output), np.linalg.inv(np.eye(len(table)) - table.flows / table.output)
        parts.append((w, L, plain / plain.sum(axis=0), plain.sum(axis=0) / plain.sum(), plain.sum()))
    (w0, L0, M0, d0, s0), (w1, L1, M1, d1, s1) = parts
    found = decompose(before, after, (before.value_added, after.value_added))
    e0, e1 = before.final[:, 3], after.final[:, 3]
    close = {"rtol": 1e-8, "atol": 1e-8 * np.abs(found.change).max()}
    f0, f1 = M0 @ d0 * s0 + e0, M1 @ d1 * s1 + e1
    np.testing.assert_allclose(found.intensity, (w1 - w0) @ (L1 @ f1 + L0 @ f0) / 2, **close)
    np.testing.assert_allclose(found.technology, (w0 @ (L1 - L0) @ f1 + w1 @ (L1 - L0) @ f0) / 2, **close)
    np.testing.assert_allclose(found.mix, (w0 @ L0 @ (M1 - M0) @ d1 * s1 + w1 @ L1 @ (M1 - M0) @ d0 * s0) / 2, **close)
    np.testing.assert_allclose(
        found.category, (w0 @ L0 @ M0 @ (d1 - d0) * s1 + w1 @ L1 @ M1 @ (d1 - d0) * s0) / 2, **close
    )
    np.testing.assert_allclose(found.level, (w0 @ L0 @ M0 @ d0 + w1 @ L1 @ M1 @ d1) * (s1 - s0) / 2, **close)
    np.testing.assert_allclose(found.signed, (w0 @ L0 + w1 @ L1) @ (e1 - e0) / 2, **close)


@given(two_years())
def test_the_way_back_is_the_way_there(years: tuple[InputOutput, InputOutput]) -> None:
    there, back = decompose(*years), decompose(*reversed(years))
    for name in PARTS:
        np.testing.assert_allclose(
            getattr(there, name), -getattr(back, name), rtol=1e-8, atol=1e-8 * np.abs(there.change).max()
        )


A = np.array([[0.15, 0.25], [0.2, 0.05]])
F = np.array([[350.0, 100], [1000, 700]])
HALF = np.full((2, 2), 0.5)


@pytest.mark.parametrize(
    ("after", "part"),
    [
        (from_parts(A, 1.1 * F, HALF), "level"),
        (from_parts(A, F[::-1] * (F.sum(axis=0) / F[::-1].sum(axis=0)), HALF), "mix"),
        (from_parts(A, F * [1.2, 1 - 0.2 * 1350 / 800], HALF), "category"),
        (from_parts(1.1 * A, F, HALF), "inputs"),
        (from_parts(A, F, 1.1 * HALF), "origin"),
    ],
)
def test_one_thing_changed_is_one_contribution(after: InputOutput, part: str) -> None:
    found = decompose(from_parts(A, F, HALF), after)
    assert np.abs(found.change).max() > 1
    np.testing.assert_allclose(getattr(found, part), found.change, atol=1e-9)


def test_what_appears_in_one_year_only() -> None:
    """A new input is one of technology, a new category one of categories."""
    old = from_parts(A * [[0, 1], [1, 1]], F * [1, 0], HALF)
    new = from_parts(A, F, HALF)
    found = decompose(old, new)
    np.testing.assert_allclose(total(found), found.change)
    np.testing.assert_allclose(found.origin, 0, atol=1e-12)
    np.testing.assert_allclose(found.mix, 0, atol=1e-9)


def test_imports_deducted_and_refusals() -> None:
    with_imports = replace(TEXTBOOK, final=TEXTBOOK.final + 50, imports=np.array([50.0, 50]))
    found = decompose(with_imports, replace(TEXTBOOK, final=TEXTBOOK.final + 80, imports=np.array([50.0, 50])))
    np.testing.assert_allclose(found.imports, 0)
    np.testing.assert_allclose(total(found), found.change)
    fewer = decompose(with_imports, replace(with_imports, imports=np.array([20.0, 50])))
    np.testing.assert_allclose(fewer.imports, fewer.change)
    assert (fewer.imports > 0).all()
    with pytest.raises(ChainError, match="different_tables"):
        decompose(TEXTBOOK, from_parts(A, F))
    with pytest.raises(ChainError, match="no_final_use"):
        decompose(TEXTBOOK, replace(TEXTBOOK, final=-TEXTBOOK.final))


@given(tables())
def test_no_change_has_no_parts(table: InputOutput) -> None:
    found = decompose(table, table)
    for name in (*PARTS, "change"):
        np.testing.assert_allclose(getattr(found, name), 0, atol=1e-12)


def test_china_2017_to_2020(shared: Path) -> None:
    """Real tables add up to their published change of output, in current prices mostly a matter of the level."""
    before, after = china(shared, 2017).table, china(shared, 2020).table
    found = decompose(before, after)
    np.testing.assert_allclose(total(found), after.output - before.output, atol=1e-9 * after.output.max())
    assert found.level.sum() / found.change.sum() == pytest.approx(1.0, abs=0.15)
    added = decompose(before, after, (before.value_added, after.value_added))
    np.testing.assert_allclose(
        total(added), after.value_added - before.value_added, atol=1e-9 * after.value_added.max()
    )
