"""Attention: hand-computed shares, scipy's intervals, invariants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binomtest, entropy

from foreland.policy.attention import attention, change, concentration, entries, turnover

COUNTS = hnp.arrays(np.float64, (3, 4), elements=st.integers(0, 9).map(float))


class TestAttention:
    def test_hand_computed(self):
        found = attention([[6, 2], [0, 0]], [[4, 2], [0, 0]], [20_000, 10_000], [100, 50])
        np.testing.assert_allclose(found.density, [[3, 1], [0, 0]])
        np.testing.assert_allclose(found.share, [[0.04, 0.02], [0, 0]])
        np.testing.assert_allclose(found.part, [[0.75, 0.25], [np.nan, np.nan]])
        ends = binomtest(4, 100).proportion_ci(0.95, method="exact")
        assert (found.low[0, 0], found.high[0, 0]) == pytest.approx((ends.low, ends.high))

    def test_an_empty_document_has_no_density(self):
        assert np.isnan(attention([[0]], [[0]], [0], [0]).density).all()

    @pytest.mark.parametrize(
        "wrong",
        [([[1]], [[2]], [9], [9]), ([[5]], [[4]], [9], [3]), ([[1]], [[1]], [9, 9], [9]), ([1], [1], [9], [9])],
    )
    def test_refuses_counts_that_cannot_be(self, wrong: tuple):
        with pytest.raises(ValueError, match="sentences"):
            attention(*wrong)


class TestConcentration:
    @given(COUNTS)
    def test_equals_scipy(self, X: np.ndarray):
        index, effective = concentration(X)
        for row, h, n in zip(X, index, effective, strict=True):
            if row.sum() == 0:
                assert np.isnan([h, n]).all()
            else:
                assert n == pytest.approx(np.exp(entropy(row)))
                assert h == pytest.approx(((row / row.sum()) ** 2).sum())
                assert 1 - 1e-9 <= n <= 4 + 1e-9

    def test_even_attention_to_four_fields_counts_as_four(self):
        index, effective = concentration([[5.0, 5, 5, 5, 0], [3, 0, 0, 0, 0]])
        np.testing.assert_allclose((index, effective), [[0.25, 1], [4, 1]])


class TestChange:
    def test_interval_is_that_of_the_binomial(self):
        found = change([12, 3, 0], 30_000, [4, 0, 0], 20_000)
        np.testing.assert_allclose(found.ratio, [2, np.inf, np.nan])
        ends = binomtest(12, 16).proportion_ci(0.95, method="exact")
        odds = [p / (1 - p) * 20_000 / 30_000 for p in (ends.low, ends.high)]
        np.testing.assert_allclose((found.low[0], found.high[0]), odds)
        assert found.clear.tolist() == [False, False, False]
        assert change([12], 10_000, [2], 10_000).clear.all()

    def test_the_other_way_round(self):
        one, other = change([9], 5_000, [4], 8_000), change([4], 8_000, [9], 5_000)
        np.testing.assert_allclose((one.ratio, one.low, one.high), (1 / other.ratio, 1 / other.high, 1 / other.low))


class TestTurnover:
    def test_hand_computed(self):
        np.testing.assert_allclose(turnover([[2, 2, 0], [1, 0, 0], [0, 0, 0]], [1, 2, 1]), [0.25, 0.75, np.nan])

    @given(COUNTS, COUNTS)
    def test_lies_between_none_and_all_and_has_no_direction(self, a: np.ndarray, b: np.ndarray):
        found = turnover(a, b)
        np.testing.assert_allclose(found, turnover(b, a))
        known = found[~np.isnan(found)]
        assert ((known >= 0) & (known <= 1 + 1e-12)).all()
        same = turnover(a, a * 3)
        np.testing.assert_allclose(same[~np.isnan(same)], 0, atol=1e-12)

    def test_taken_up_and_dropped(self):
        up, dropped = entries([3, 1, 0, 5], [0, 0, 4, 1])
        assert up.tolist() == [True, False, False, False]
        assert dropped.tolist() == [False, False, True, False]
