"""Duplicated layout: hand-computed overlaps, brute-force permutations, scipy's adjustment, invariants."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.distance import cosine
from scipy.stats import false_discovery_control

from foreland.policy.duplication import (
    attention_shares,
    benjamini_hochberg,
    duplication,
    duplication_index,
    field_crowding,
    lack_of_backing,
    overlap,
    pair_values,
    permute_profiles,
    shared_fields,
    swap_degrees,
    weights,
)

MEASURES = ["ruzicka", "cosine", "krugman"]
ATTENTION = hnp.arrays(np.float64, (4, 5), elements=st.integers(0, 9).map(float))
BACKING = hnp.arrays(np.float64, (4, 5), elements=st.one_of(st.just(np.nan), st.sampled_from([0.0, 0.25, 0.5, 1, 3])))


class TestWeights:
    def test_hand_computed(self):
        W = weights([[3.0, 1, 0], [0, 0, 5]], [[0.5, 2, 0], [np.nan, 0, 0.2]])
        np.testing.assert_allclose(W, [[0.375, 0, 0], [0, 0, 0.8]])
        np.testing.assert_allclose(lack_of_backing([[np.nan, 7, 0]], unknown=0.3), [[0.3, 0, 1]])

    def test_a_silent_place_is_not_known(self):
        assert np.isnan(attention_shares([[0.0, 0], [1, 3]])[0]).all()

    @given(ATTENTION, BACKING, hnp.arrays(np.float64, 4, elements=st.sampled_from([0.5, 1, 2, 7.5])))
    def test_the_scale_of_a_places_attention_does_not_matter(self, A: np.ndarray, B: np.ndarray, scale: np.ndarray):
        np.testing.assert_allclose(weights(A * scale[:, None], B), weights(A, B))

    @pytest.mark.parametrize(
        ("A", "B", "message"),
        [
            ([[-1.0, 2]], None, "negative"),
            ([[np.nan, 2]], None, "missing"),
            ([[1.0, 2]], [[-0.1, 1]], "not below 0"),
            ([[1.0, 2]], [[1.0]], "backing"),
        ],
    )
    def test_refuses(self, A: list, B: list | None, message: str):
        with pytest.raises(ValueError, match=message):
            weights(A, B)


class TestOverlap:
    def test_hand_computed(self):
        W = np.array([[0.6, 0.4, 0], [0.2, 0.2, 0.1], [0, 0, 1]])
        ruzicka, krugman = overlap(W), overlap(W, "krugman")
        assert ruzicka[0, 1] == pytest.approx(0.4 / 1.1)
        assert ruzicka[1, 2] == pytest.approx(0.1 / 1.4)
        assert krugman[0, 1] == pytest.approx(1 - 0.5 * (0.2 + 0 + 0.2))
        np.testing.assert_allclose(shared_fields(W, 0, 1), [0.5, 0.5, 0])

    @given(ATTENTION)
    def test_equals_the_definitions(self, A: np.ndarray):
        assume((A.sum(axis=1) > 0).all())
        found = {measure: overlap(A, measure) for measure in MEASURES}
        for r in range(4):
            for s in range(4):
                a, b = A[r], A[s]
                assert found["ruzicka"][r, s] == pytest.approx(np.minimum(a, b).sum() / np.maximum(a, b).sum())
                assert found["cosine"][r, s] == pytest.approx(1 - cosine(a, b), abs=1e-12)
                distance = np.abs(a / a.sum() - b / b.sum()).sum()
                assert found["krugman"][r, s] == pytest.approx(1 - distance / 2)

    @pytest.mark.parametrize("measure", MEASURES)
    def test_identical_unbacked_layouts_and_disjoint_ones(self, measure: str):
        A = [[2.0, 6, 0, 0], [1, 3, 0, 0], [0, 0, 5, 1]]
        matrix = overlap(weights(A, np.zeros((3, 4))), measure)
        assert matrix[0, 1] == pytest.approx(1)
        assert matrix[0, 2] == matrix[1, 2] == 0

    def test_who_backs_what_it_says_duplicates_nobody(self):
        W = weights([[1.0, 1], [1, 1]], [[1.0, 2], [0, 0]])
        assert overlap(W)[0, 1] == 0
        assert np.isnan(overlap(W, "cosine")[0, 1])

    @pytest.mark.parametrize("measure", MEASURES)
    @given(A=ATTENTION, regions=st.permutations(range(4)), fields=st.permutations(range(5)))
    def test_moves_with_the_places_and_not_with_the_fields(
        self, measure: str, A: np.ndarray, regions: list[int], fields: list[int]
    ):
        base, moved = overlap(A, measure), overlap(A[regions][:, fields], measure)
        np.testing.assert_allclose(moved, base[np.ix_(regions, regions)], atol=1e-12)
        assert duplication_index(A, measure) == pytest.approx(duplication_index(A[regions], measure), nan_ok=True)

    def test_crowded_fields(self):
        total, places = field_crowding([[0.5, 0, 0.2], [0.5, 0, 0], [0, 0, 0.2], [np.nan] * 3])
        np.testing.assert_allclose(total, [1, 0, 0.4])
        np.testing.assert_allclose(places, [2, np.nan, 2])


class TestNull:
    def test_every_permutation_by_brute_force(self):
        """Two places of four fields: the exact distribution over all 4! × 4! layouts."""
        W = np.array([[0.7, 0.2, 0.1, 0], [0.6, 0.3, 0, 0.1]])
        exact = [overlap(np.array([W[0], list(row)]))[0, 1] for row in permutations(W[1])]
        found = duplication(W, draws=4000, seed=3)
        seen = overlap(W)[0, 1]
        p = np.mean(np.array(exact) >= seen - 1e-12)
        assert found.pairs.p[0, 1] == pytest.approx(p, abs=0.02)
        assert found.pairs.mean[0, 1] == pytest.approx(np.mean(exact), abs=0.01)
        assert found.pairs.z[0, 1] == pytest.approx((seen - np.mean(exact)) / np.std(exact), abs=0.1)
        assert found.system.p == found.pairs.p[0, 1]

    @given(ATTENTION, st.integers(0, 99))
    def test_profiles_keep_the_weights_of_each_place(self, A: np.ndarray, seed: int):
        drawn = permute_profiles(A, 5, seed)
        np.testing.assert_array_equal(np.sort(drawn, axis=2), np.broadcast_to(np.sort(A, axis=1), drawn.shape))

    @given(hnp.arrays(bool, (5, 6)), st.integers(0, 99))
    def test_swaps_keep_both_degrees(self, M: np.ndarray, seed: int):
        drawn = swap_degrees(M, 4, seed)
        np.testing.assert_array_equal(drawn.sum(axis=2), np.broadcast_to(M.sum(axis=1), (4, 5)))
        np.testing.assert_array_equal(drawn.sum(axis=1), np.broadcast_to(M.sum(axis=0), (4, 6)))

    def test_swaps_reach_all_matrices_evenly(self):
        """Rows and columns of one each: the 3! permutation matrices."""
        drawn = swap_degrees(np.eye(3, dtype=bool), 3000, seed=1)
        _, times = np.unique(drawn.reshape(3000, -1), axis=0, return_counts=True)
        assert len(times) == 6
        assert times.min() > 400

    def test_popular_fields_are_chance_only_for_who_keeps_them(self):
        M = np.zeros((8, 12))
        M[:, 0] = 1
        M[np.arange(8), 1 + np.arange(8)] = 1
        assert duplication(M, draws=200).system.p < 0.05
        assert duplication(M, null="degrees", draws=200).system.p > 0.5

    def test_seeded_and_symmetric(self):
        W = np.random.default_rng(5).random((6, 7))
        one, other = duplication(W, draws=99, seed=2), duplication(W, draws=99, seed=2)
        np.testing.assert_array_equal(one.pairs.p, other.pairs.p)
        np.testing.assert_array_equal(one.pairs.p, one.pairs.p.T)
        assert np.isnan(np.diag(one.pairs.p)).all()
        assert (one.pairs.adjusted >= one.pairs.p)[np.triu_indices(6, 1)].all()
        assert one.index == pytest.approx(pair_values(one.overlap).mean())

    def test_p_is_even_where_there_is_nothing_to_find(self):
        rng = np.random.default_rng(11)
        p = [duplication(rng.random((2, 8)), draws=99, seed=n).pairs.p[0, 1] for n in range(300)]
        assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.05)

    @pytest.mark.parametrize("wrong", [{"draws": 0}, {"null": "degrees"}, {"measure": "dice"}, {"null": "none"}])
    def test_refuses(self, wrong: dict):
        with pytest.raises(ValueError, match=r"draws|0 and 1|measure|null"):
            duplication(np.full((3, 3), 0.5), **wrong)


@given(hnp.arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1)))
def test_adjustment_equals_scipy(p: np.ndarray):
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p))
    holed = np.insert(p, 0, np.nan)
    np.testing.assert_allclose(benjamini_hochberg(holed)[1:], false_discovery_control(p))
