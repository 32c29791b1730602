"""Static bounds: by hand, against a general solver, and their order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.chains.tables import TEXTBOOK, croatia, tables

from foreland.chains.input_output import InputOutput
from foreland.chains.static_shock import SingleLosses, single_losses, static_shock

NAMES = ("direct", "lower", "backward", "forward", "upper")


def _hit(n: int, where: int, share: float) -> np.ndarray:
    return np.where(np.arange(n) == where, share, 0.0)


def test_by_hand() -> None:
    """Miller & Blair's two sectors: sector 1 loses 10 % of 1,000.

    w = v'L = (1, 1) as there are no imports; per unit of product 1 saved, cutting its own final use (L_11 = 1.2541)
    costs less than cutting the other's (L_12 = 0.3300), and 350 of it are more than enough.
    """
    found = static_shock(TEXTBOOK, [0.1, 0])
    L = np.linalg.inv(np.array([[0.85, -0.25], [-0.2, 0.95]]))
    cut = 100 / L[0, 0]
    assert found.direct == pytest.approx(65)
    assert found.lower == pytest.approx(cut)
    assert found.backward == pytest.approx(cut)
    np.testing.assert_allclose(found.inoperability_lower, [0.1, cut * L[1, 0] / 2000])
    # Ghosh: B = [[.15, .5], [.1, .05]]; sector 2 loses g_12 / g_11 = .5 / .95 of sector 1's 100.
    assert found.forward == pytest.approx(65 + 100 * 0.5 / 0.95 * 0.7)
    # Both need each other: all falls by 10 %.
    assert found.upper == pytest.approx(0.1 * 2050)
    np.testing.assert_allclose(found.inoperability_upper, 0.1)


def test_final_use_of_the_product_runs_out() -> None:
    """Losing 60 % of 1,000 takes more than its final use of 350 can give: the other's final use must go too."""
    found = static_shock(TEXTBOOK, [0.6, 0])
    L = np.linalg.inv(np.array([[0.85, -0.25], [-0.2, 0.95]]))
    assert found.lower == pytest.approx(350 + (600 - 350 * L[0, 0]) / L[0, 1])
    assert found.lower > found.backward


def test_a_chain_without_return() -> None:
    """Raw → maker → final: users of the raw product fall by its shortage, suppliers of nobody don't."""
    table = InputOutput(
        np.array([[0.0, 50, 0], [0, 0, 0], [0, 20, 0]]),
        np.array([100.0, 200, 60]),
        np.array([[50.0], [200], [40]]),
        np.array([100.0, 130, 60]),
    )
    found = static_shock(table, [0.3, 0, 0])
    np.testing.assert_allclose(found.inoperability_upper, [0.3, 0.3, 20 * 0.3 / 60])
    assert found.lower == pytest.approx(30)  # raw final use alone gives way
    # The maker's loss leaves its suppliers with less to do, and nobody short.
    np.testing.assert_allclose(static_shock(table, [0, 0.3, 0]).inoperability_upper, [0.15, 0.3, 0.1])
    np.testing.assert_allclose(static_shock(table, [0, 0.3, 0]).inoperability_lower, [0.15, 0.3, 0.1])


@given(tables(most=6), st.integers(0, 2**32 - 1), st.booleans())
def test_lower_is_the_optimum(table: InputOutput, seed: int, several: bool) -> None:
    """Against a linear programme in production itself: max v'x, x ≤ capacity, 0 ≤ (I − A) x ≤ f."""
    rng = np.random.default_rng(seed)
    n = len(table)
    loss = rng.uniform(0, 0.95, n) * (rng.uniform(size=n) < 0.6) if several else _hit(n, int(rng.integers(n)), 0.4)
    net = np.eye(n) - table.coefficients
    x, v = table.output, table.value_added
    best = linprog(
        -(v / v.sum()),
        A_ub=np.vstack([net * x, -net * x]) / x.max(),
        b_ub=np.concatenate([table.demand, np.zeros(n)]) / x.max(),
        bounds=np.column_stack([np.zeros(n), 1 - loss]),
    )
    assert static_shock(table, loss).lower / v.sum() == pytest.approx(1 + best.fun, abs=1e-6)


@given(tables(), st.integers(0, 2**32 - 1))
def test_bounds_are_in_order(table: InputOutput, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = len(table)
    loss = rng.uniform(0, 1, n) * (rng.uniform(size=n) < 0.5)
    found = static_shock(table, loss)
    slack = 1e-7 * table.value_added.sum()
    assert found.direct <= found.lower + slack
    assert found.lower <= found.upper + slack
    assert found.direct <= found.forward + slack
    for name in ("lower", "forward", "upper", "backward"):
        found_share = getattr(found, f"inoperability_{name}")
        assert (found_share >= loss - 1e-7).all()
        assert (found_share <= 1).all()


@given(tables(), st.floats(0, 0.5), st.floats(0, 0.5))
def test_monotone_in_the_loss(table: InputOutput, less: float, more: float) -> None:
    n = len(table)
    one, two = static_shock(table, _hit(n, 0, less)), static_shock(table, _hit(n, 0, less + more))
    for name in NAMES:
        assert getattr(one, name) <= getattr(two, name) + 1e-9 * table.value_added.sum()


@given(tables(split=True), st.floats(0.01, 1))
def test_each_alone_as_one_by_one(table: InputOutput, share: float) -> None:
    together = single_losses(table, share)
    for k in range(len(table)):
        alone = static_shock(table, _hit(len(table), k, share))
        for name in ("direct", "lower", "upper"):
            assert getattr(together, name)[k] == pytest.approx(getattr(alone, name), rel=1e-8)
        # A cut beyond all output shows in the linear estimates only where no sector is wiped out.
        for name in ("backward", "forward"):
            if getattr(alone, f"inoperability_{name}").max() < 1:
                assert getattr(together, name)[k] == pytest.approx(getattr(alone, name), rel=1e-8)


def test_order_and_currency_do_not_matter() -> None:
    rng = np.random.default_rng(5)
    A = rng.uniform(0, 0.15, (6, 6))
    f = rng.uniform(1, 9, 6)
    x = np.linalg.solve(np.eye(6) - A, f)
    Z, p = A * x, rng.permutation(6)
    one = single_losses(InputOutput(Z, x, f[:, None], x - Z.sum(axis=0)), 0.2)
    c = 1e9
    two = single_losses(
        InputOutput(c * Z[np.ix_(p, p)], c * x[p], c * f[p, None], c * (x - Z.sum(axis=0))[p]), np.full(6, 0.2)
    )
    for name in NAMES:
        np.testing.assert_allclose(getattr(two, name), c * getattr(one, name)[p], rtol=1e-9)


def test_nothing_lost_and_everything_lost() -> None:
    nothing = static_shock(TEXTBOOK, [0, 0])
    assert [getattr(nothing, name) for name in NAMES] == [0, 0, 0, 0, 0]
    everything = static_shock(TEXTBOOK, [1, 1])
    assert everything.lower == pytest.approx(2050)
    assert everything.upper == pytest.approx(2050)


def test_inputs_that_are_not_essential_stop_nobody() -> None:
    """Sector 1 is a tenth of sector 2's home inputs, less than asked for."""
    table = InputOutput(
        np.array([[0.0, 10], [0, 90]]), np.array([50.0, 300]), np.array([[40.0], [210]]), np.array([50.0, 200])
    )
    assert static_shock(table, [0.5, 0]).upper == pytest.approx(25 + 100)
    assert static_shock(table, [0.5, 0], essential=0.2).upper == pytest.approx(25)


def test_published_table(shared: Path) -> None:
    """Croatia 2010 with competitive imports: all sectors at once."""
    table = croatia(shared).table
    found: SingleLosses = single_losses(table, 0.1)
    gdp = table.value_added.sum()
    for name in NAMES:
        assert np.isfinite(getattr(found, name)).all()
        assert (getattr(found, name) >= 0).all()
        assert (getattr(found, name) <= 0.11 * gdp).all()
    assert (found.lower <= found.upper + 1e-9 * gdp).all()


def test_refuses() -> None:
    with pytest.raises(ValueError, match="shape"):
        static_shock(TEXTBOOK, [0.1])
    with pytest.raises(ValueError, match="not in"):
        static_shock(TEXTBOOK, [0.1, -0.1])
    with pytest.raises(ValueError, match="not in"):
        single_losses(TEXTBOOK, 1.5)
