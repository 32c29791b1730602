"""Shrinkage against root finding by another hand, the closed form for equal variances, and a simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from foreland.foresight.shrinkage import DEFAULT_SPREAD, paule_mandel, shrink

values = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 4)), min_size=3, max_size=12)


def by_bisection(y: np.ndarray, s2: np.ndarray) -> float:
    def excess(tau2: float) -> float:
        w = 1 / (s2 + tau2)
        mean = np.sum(w * y) / np.sum(w)
        return float(np.sum(w * (y - mean) ** 2) - (len(y) - 1))

    return 0.0 if excess(0.0) <= 0 else float(brentq(excess, 0.0, 1e4, xtol=1e-13))


@given(values)
def test_spread_solves_paule_and_mandels_equation(pairs: list[tuple[float, float]]) -> None:
    y, s2 = np.array(pairs).T
    assert paule_mandel(y, s2) == pytest.approx(by_bisection(y, s2), abs=1e-7, rel=1e-7)


def test_equal_variances_give_the_closed_form() -> None:
    y = np.array([-3.0, -1.0, 0.5, 2.0, 4.0])
    found = shrink(y, np.full(5, 2.0))
    tau2 = y.var(ddof=1) - 2.0
    assert found.spread**2 == pytest.approx(tau2)
    assert found.mean == pytest.approx(y.mean() + tau2 / (tau2 + 2) * (y - y.mean()))


@given(values)
def test_estimates_move_towards_the_centre_and_never_past_it(pairs: list[tuple[float, float]]) -> None:
    y, s2 = np.array(pairs).T
    found = shrink(y, s2)
    assert (np.abs(found.mean - found.centre) <= np.abs(y - found.centre) + 1e-9).all()
    assert ((found.mean - found.centre) * (y - found.centre) >= -1e-9).all()
    assert (found.low <= found.mean).all()
    assert (found.mean <= found.high).all()


@given(values, st.randoms(use_true_random=False))
def test_order_of_units_does_not_matter(pairs: list[tuple[float, float]], random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(pairs)))
    random.shuffle(order)
    y, s2 = np.array(pairs).T
    assert shrink(y[order], s2[order]).mean == pytest.approx(shrink(y, s2).mean[order], abs=1e-8)


def test_of_equal_estimates_the_surer_one_keeps_more() -> None:
    found = shrink(np.array([2.0, 2.0, -1.0, -1.2, 0.1]), np.array([0.01, 3.0, 0.1, 0.1, 0.1]))
    assert found.mean[0] > found.mean[1] > found.centre
    assert found.high[1] - found.low[1] > found.high[0] - found.low[0]


def test_what_chance_explains_is_drawn_to_one_value() -> None:
    found = shrink(np.array([0.1, -0.1, 0.05, 0.0]), np.full(4, 1.0))
    assert found.spread == 0
    assert np.ptp(found.mean) == 0
    # Four values don't show for sure that there is no difference, so an interval is left.
    assert found.high[3] - found.low[3] == pytest.approx(2 * 1.6448536 * np.sqrt(3 / 4 + 2 * 0.0125**2))


def test_errors_are_smaller_than_those_of_the_raw_estimates_and_intervals_hold_what_they_say() -> None:
    rng = np.random.default_rng(4)
    raw, shrunk, held = [], [], []
    for _ in range(300):
        truth = rng.normal(0.3, 0.5, 40)
        s2 = rng.uniform(0.05, 2.0, 40)
        y = rng.normal(truth, np.sqrt(s2))
        found = shrink(y, s2, level=0.9)
        raw.append(np.mean((y - truth) ** 2))
        shrunk.append(np.mean((found.mean - truth) ** 2))
        held.append(np.mean((found.low <= truth) & (truth <= found.high)))
    assert np.mean(shrunk) < 0.3 * np.mean(raw)
    assert 0.87 < np.mean(held) < 0.93


def test_few_units_fall_back_on_a_stated_spread() -> None:
    found = shrink(np.array([1.0, np.nan]), np.array([0.5, np.nan]))
    assert found.mean[0] == pytest.approx(DEFAULT_SPREAD**2 / (DEFAULT_SPREAD**2 + 0.5))
    assert np.isnan(found.mean[1])


def test_a_variance_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        shrink(np.zeros(3), np.array([1.0, 0.0, 1.0]))
