"""Drivers of a field, against exact tests of scipy, brute force and what must always hold."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from foreland.foresight.drivers import (
    TYPES,
    Standing,
    balance,
    certain,
    crossed,
    mean_standing,
    standing,
    types,
    widened,
)

RATES = st.lists(st.tuples(st.integers(0, 25), st.integers(1, 9)), min_size=2, max_size=7)


def by_hand(pairs: list[tuple[int, int]], level: float) -> list[tuple[float, float, float]]:
    """Every pair on its own, by the exact binomial test of one count given both (scipy)."""
    found = []
    tail = (1 - level) / 2
    for i, (own, time) in enumerate(pairs):
        below = surely_below = surely_above = 0
        for j, (other, others_time) in enumerate(pairs):
            if i == j:
                continue
            below += own * others_time > other * time
            if own + other:
                expected = time / (time + others_time)
                # The interval excludes parity where the test of that side rejects it.
                surely_below += binomtest(own, own + other, expected, alternative="greater").pvalue < tail
                surely_above += binomtest(own, own + other, expected, alternative="less").pvalue < tail
        n = len(pairs) - 1
        found.append((100 * below / n, 100 * surely_below / n, 100 * (n - surely_above) / n))
    return found


class TestStanding:
    def test_hand_computed(self):
        found = standing(np.array([[100.0], [50.0], [10.0], [0.0]]), np.ones((4, 1)))
        assert found.index[:, 0].tolist() == [100, 200 / 3, 100 / 3, 0]
        # A hundred, fifty, ten and none are all surely apart at 90 %.
        assert found.low[:, 0].tolist() == found.index[:, 0].tolist() == found.high[:, 0].tolist()

    def test_few_counts_say_little(self):
        found = standing(np.array([[1.0], [0.0], [0.0]]), np.ones((3, 1)))
        assert found.index[:, 0].tolist() == [100, 0, 0]
        assert found.low[:, 0].tolist() == [0, 0, 0]
        assert found.high[:, 0].tolist() == [100, 100, 100]

    @given(RATES, st.sampled_from([0.8, 0.9, 0.95]))
    def test_pair_by_pair(self, pairs: list[tuple[int, int]], level: float):
        count, time = (np.array(each, dtype=float)[:, None] for each in zip(*pairs, strict=True))
        found = standing(count, time, level)
        if not count.any():
            assert np.isnan(found.index).all()
            return
        ends = np.stack([found.index, found.low, found.high], axis=-1)[:, 0]
        np.testing.assert_allclose(ends, by_hand(pairs, level))

    @given(RATES, st.integers(2, 5))
    def test_index_lies_in_its_interval_and_knows_no_unit(self, pairs: list[tuple[int, int]], factor: int):
        count, time = (np.array(each, dtype=float)[:, None] for each in zip(*pairs, strict=True))
        found, scaled = standing(count, time), standing(count, time * 2.0**factor)
        known = ~np.isnan(found.index)
        assert (found.low <= found.index)[known].all()
        assert (found.index <= found.high)[known].all()
        for name in ("index", "low", "high"):
            np.testing.assert_array_equal(getattr(found, name), getattr(scaled, name))
        order = np.arange(len(count))[::-1]
        np.testing.assert_array_equal(standing(count[order], time[order]).index, found.index[order])

    def test_unknown_is_missing_and_compared_with_nobody(self):
        count = np.array([[5.0, np.nan], [2.0, 3.0], [np.nan, 1.0], [1.0, 4.0]])
        exposure = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [0.0, 1.0]])
        found = standing(count, exposure)
        assert found.index[:2, 0].tolist() == [100, 0]
        assert np.isnan(found.index[2:, 0]).all()
        assert np.isnan(found.index[0, 1])
        assert found.index[1:, 1].tolist() == [50, 0, 100]
        alone = standing(np.array([[3.0], [np.nan]]), np.ones((2, 1)))
        assert np.isnan(alone.index).all()

    def test_where_nobody_has_anything_nobody_stands_at_the_bottom(self):
        found = standing(np.array([[0.0, 0.0], [0.0, 1.0]]), np.ones((2, 2)))
        assert np.isnan(found.index[:, 0]).all()
        assert found.index[:, 1].tolist() == [0, 100]

    def test_blocks_change_nothing(self, monkeypatch: pytest.MonkeyPatch):
        count = np.random.default_rng(3).poisson(5, (40, 2)).astype(float)
        whole = standing(count, np.ones((40, 2)))
        # By its module: as an attribute of the package the name is the question.
        monkeypatch.setattr(sys.modules["foreland.foresight.drivers"], "BLOCK", 90)
        parts = standing(count, np.ones((40, 2)))
        np.testing.assert_array_equal(whole.low, parts.low)
        np.testing.assert_array_equal(whole.high, parts.high)

    def test_refuses_negative_counts_and_levels_out_of_range(self):
        with pytest.raises(ValueError, match="negative"):
            standing(np.array([[-1.0], [2.0]]), np.ones((2, 1)))
        with pytest.raises(ValueError, match="level"):
            standing(np.ones((2, 1)), np.ones((2, 1)), 1.0)


def stand(*values: float) -> Standing:
    array = np.array(values)
    return Standing(array, array - 5, array + 5)


def test_mean_is_of_the_parts_that_are_known():
    found = mean_standing([stand(10, np.nan, np.nan), stand(30, 40, np.nan)])
    np.testing.assert_array_equal(found.index, [20, 40, np.nan])
    np.testing.assert_array_equal(found.low, [15, 35, np.nan])
    np.testing.assert_array_equal(found.high, [25, 45, np.nan])
    with pytest.raises(ValueError, match="no parts"):
        mean_standing([])


def test_other_assumptions_widen_the_interval_and_leave_the_index():
    found = widened(stand(50, 50, np.nan), stand(20, np.nan, 10))
    np.testing.assert_array_equal(found.index, [50, 50, np.nan])
    np.testing.assert_array_equal(found.low, [15, 45, np.nan])
    np.testing.assert_array_equal(found.high, [55, 55, np.nan])


class TestBalance:
    def test_hand_computed(self):
        # (80 · 10 · 45)^(1/3) = 33.0193; mean 45.
        assert balance(np.array([80.0, 10.0, 45.0])) == pytest.approx(33.01927 / 45, rel=1e-6)
        assert balance(np.array([70.0, 70.0, 70.0])) == 1
        assert balance(np.array([70.0, 70.0, 0.0])) == 0
        assert np.isnan(balance(np.zeros(3)))
        assert np.isnan(balance(np.array([70.0, np.nan, 3.0])))

    @given(st.lists(st.floats(0.1, 100), min_size=3, max_size=3), st.floats(0.1, 10))
    def test_between_nothing_and_one_whatever_the_scale(self, indices: list[float], factor: float):
        found = float(balance(np.array(indices)))
        assert 0 <= found <= 1
        assert float(balance(factor * np.array(indices))) == pytest.approx(found)
        assert found == pytest.approx(math.prod(indices) ** (1 / 3) / (sum(indices) / 3))

    def test_refuses_negative_indices(self):
        with pytest.raises(ValueError, match="negative"):
            balance(np.array([1.0, -1.0, 2.0]))


class TestTypes:
    @given(
        st.lists(st.integers(0, 100), min_size=3, max_size=3),
        st.lists(st.integers(0, 6), min_size=3, max_size=3),
        st.integers(0, 100),
        st.integers(0, 5),
    )
    def test_names_what_is_strong(self, indices: list[int], counts: list[int], at: int, least: int):
        code = int(types(np.array(indices, float), np.array(counts, float), at, least))
        strong = [i >= at and c >= least for i, c in zip(indices, counts, strict=True)]
        named = {
            (False, False, False): "none", (True, False, False): "technology", (False, True, False): "scenario",
            (False, False, True): "policy", (True, True, False): "technology_scenario",
            (True, False, True): "technology_policy", (False, True, True): "scenario_policy",
            (True, True, True): "balanced",
        }  # fmt: skip
        assert TYPES[code] == named[strong[0], strong[1], strong[2]]

    def test_without_one_of_them_there_is_no_type(self):
        assert types(np.array([90.0, np.nan, 90.0]), np.full(3, 9.0), 60) == -1
        with pytest.raises(ValueError, match="three"):
            types(np.zeros((2, 4)), np.zeros((2, 4)), 60)

    def test_certain_where_no_interval_crosses_the_threshold(self):
        low = np.array([[60.0, 59.0, 10.0, np.nan], [0.0, 0.0, 0.0, 0.0], [70.0, 70.0, 70.0, 70.0]])
        high = np.array([[90.0, 90.0, 59.9, np.nan], [50.0, 50.0, 50.0, 50.0], [80.0, 80.0, 80.0, 80.0]])
        assert certain(low, high, 60).tolist() == [True, False, True, False]


def test_counts_cross_over_class_by_class():
    rng = np.random.default_rng(5)
    values, weights = rng.integers(0, 50, (4, 6)).astype(float), rng.random((6, 3)) / 3
    weights[:, 1] = np.nan
    found = crossed(values, weights)
    for place in range(4):
        for field in (0, 2):
            assert found[place, field] == pytest.approx(sum(values[place, c] * weights[c, field] for c in range(6)))
    assert np.isnan(found[:, 1]).all()
