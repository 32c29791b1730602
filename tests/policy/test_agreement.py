"""Agreement with the centre: scipy, hand-computed log-odds, invariants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from scipy.spatial import distance

from foreland.policy.agreement import agreement, emphasis, expected, jensen_shannon, spearman

COUNTS = hnp.arrays(np.float64, (3, 5), elements=st.integers(0, 9).map(float))
ROW = hnp.arrays(np.float64, 5, elements=st.integers(0, 9).map(float))


class TestAgreement:
    @given(COUNTS, ROW)
    def test_equals_scipy(self, P: np.ndarray, centre: np.ndarray):
        assume((P.sum(axis=1) > 0).all() and centre.sum() > 0)
        found = agreement(P, centre)
        c = centre / centre.sum()
        for r, row in enumerate(P):
            p = row / row.sum()
            assert found.jensen_shannon[r] == pytest.approx(1 - distance.jensenshannon(p, c, base=2) ** 2, abs=1e-9)
            assert found.cosine[r] == pytest.approx(1 - distance.cosine(p, c), abs=1e-9)
            assert found.coverage[r] == pytest.approx(c[row > 0].sum())
            assert found.overlap[r] == pytest.approx(1 - distance.cityblock(p, c) / 2)
            either = (row > 0) | (centre > 0)
            if either.sum() >= 3 and np.ptp(row[either]) > 0 and np.ptp(centre[either]) > 0:
                assert found.spearman[r] == pytest.approx(stats.spearmanr(row[either], centre[either]).statistic)
            else:
                assert np.isnan(found.spearman[r])

    def test_the_same_and_nothing_in_common(self):
        found = agreement([[2.0, 4, 6, 0, 0], [0, 0, 0, 1, 3], [0, 0, 0, 0, 0]], [1.0, 2, 3, 0, 0])
        for values in (found.coverage, found.overlap, found.jensen_shannon, found.cosine):
            np.testing.assert_allclose(values, [1, 0, np.nan], atol=1e-12)

    def test_jensen_shannon_by_hand(self):
        """Lin 1991: H(½p + ½q) − ½H(p) − ½H(q); for (1, 0) and (½, ½) that is H(¾, ¼) − ½ = 0.3113 bits."""
        assert jensen_shannon([1.0, 0], [0.5, 0.5]) == pytest.approx(0.311278, abs=1e-6)

    @given(COUNTS, ROW, st.permutations(range(5)))
    def test_neither_scale_nor_order_of_things_matters(self, P: np.ndarray, centre: np.ndarray, order: list[int]):
        one, other = agreement(P, centre), agreement(P[:, order] * 7, centre[order] * 0.5)
        for name in ("coverage", "overlap", "jensen_shannon", "cosine", "spearman"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)

    def test_refuses_what_does_not_fit(self):
        with pytest.raises(ValueError, match="give"):
            agreement([[1.0, 2]], [1.0])
        with pytest.raises(ValueError, match="negative"):
            agreement([[1.0, -2]], [1.0, 1])

    def test_short_or_flat_ranks(self):
        assert np.isnan(spearman([1, 2], [2, 1]))
        assert np.isnan(spearman([1, 1, 1], [1, 2, 3]))


class TestExpected:
    def test_mean_of_the_others(self):
        found = expected([0.2, 0.4, 0.9, np.nan])
        np.testing.assert_allclose(found.others, [0.65, 0.55, 0.3, np.nan])
        np.testing.assert_allclose(found.excess, [-0.45, -0.15, 0.6, np.nan])
        np.testing.assert_allclose(found.at_least, [1, 0.5, 0, np.nan])

    def test_alone(self):
        assert np.isnan(expected([0.5]).others).all()


class TestEmphasis:
    def test_hand_computed(self):
        """Monroe, Colaresi & Quinn 2008: equal shares in the pool, prior worth 2, so a = (1, 1)."""
        found = emphasis([[8.0, 2]], [2.0, 8], prior=2)
        delta = np.log(9 / 3) - np.log(3 / 9)
        half = 1.959964 * np.sqrt(1 / 9 + 1 / 3)
        np.testing.assert_allclose(found.log_ratio, [[delta, -delta]])
        np.testing.assert_allclose(found.low[0, 0], delta - half, rtol=1e-6)
        assert found.above.tolist() == [[1, -1]]

    def test_few_mentions_are_drawn_to_nothing(self):
        few, many = emphasis([[2.0, 8]], [1.0, 9]), emphasis([[200.0, 800]], [100.0, 900])
        assert 0 < few.log_ratio[0, 0] < many.log_ratio[0, 0]
        assert few.above.tolist() == [[0, 0]]
        assert many.above.tolist() == [[1, -1]]

    def test_what_nobody_says_is_not_judged(self):
        found = emphasis([[4.0, 0, 2]], [3.0, 0, 1])
        assert np.isnan(found.log_ratio[0]).tolist() == [False, True, False]
        assert np.isnan(emphasis([[4.0, 0]], [3.0, 0]).log_ratio).all()

    @given(COUNTS, ROW, st.permutations(range(5)))
    def test_moves_with_the_things(self, P: np.ndarray, centre: np.ndarray, order: list[int]):
        one, other = emphasis(P, centre), emphasis(P[:, order], centre[order])
        np.testing.assert_allclose(one.log_ratio[:, order], other.log_ratio, atol=1e-9)

    def test_interval_covers_as_often_as_it_says(self):
        """Both drawn from the same shares: 0 lies within in about 95 % of the cases."""
        rng = np.random.default_rng(8)
        parts = np.array([0.4, 0.3, 0.2, 0.1])
        inside = []
        for _ in range(400):
            inside.append(emphasis(rng.multinomial(200, parts, 1), rng.multinomial(300, parts)).above == 0)
        assert np.mean(inside) == pytest.approx(0.95, abs=0.04)
