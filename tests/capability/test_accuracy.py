"""Ranking metrics against counting by hand."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreland.capability import accuracy as rk

cells = st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=25)


@given(cells)
def test_auc_counts_pairs(pairs: list[tuple[bool, int]]) -> None:
    hits, misses = ([s for y, s in pairs if y is b] for b in (True, False))
    auc = rk.roc_auc([y for y, _ in pairs], [s for _, s in pairs])
    if not hits or not misses:
        assert np.isnan(auc)
        return
    won = sum((h > m) + 0.5 * (h == m) for h in hits for m in misses)
    assert auc == pytest.approx(won / (len(hits) * len(misses)), abs=1e-12)


@given(cells)
def test_average_precision_sums_over_thresholds(pairs: list[tuple[bool, int]]) -> None:
    y, s = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs], dtype=float)
    ap = rk.average_precision(y, s)
    if not y.any():
        assert np.isnan(ap)
        return
    total, recall = 0.0, 0.0
    for threshold in sorted(set(s), reverse=True):
        above = s >= threshold
        now = (y & above).sum() / y.sum()
        total += (now - recall) * (y & above).sum() / above.sum()
        recall = now
    assert ap == pytest.approx(total, abs=1e-12)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=6), st.integers(1, 6))
def test_precision_at_k_is_the_mean_over_orders_of_ties(pairs: list[tuple[bool, int]], k: int) -> None:
    y, s = [p[0] for p in pairs], [p[1] for p in pairs]
    value = rk.precision_at(y, s, k)
    if k > len(pairs):
        assert np.isnan(value)
        return
    orders = [p for p in permutations(pairs) if all(a[1] >= b[1] for a, b in pairwise(p))]
    assert value == pytest.approx(np.mean([sum(c[0] for c in order[:k]) / k for order in orders]), abs=1e-12)


def test_metrics_by_hand() -> None:
    y, s = [1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]
    assert rk.roc_auc(y, s) == pytest.approx(0.75)
    assert rk.average_precision(y, s) == pytest.approx((1 + 2 / 3) / 2)
    assert rk.precision_at(y, s, 2) == pytest.approx(0.5)
    assert rk.average_precision(y, np.zeros(4)) == pytest.approx(0.5)  # ignorance earns the base rate


@given(cells)
def test_metrics_know_only_the_order(pairs: list[tuple[bool, int]]) -> None:
    y, s = [p[0] for p in pairs], np.array([p[1] for p in pairs], dtype=float)
    for metric in (rk.roc_auc, rk.average_precision):
        np.testing.assert_equal(metric(y, np.exp(s) * 3 - 7), metric(y, s))


@given(cells, st.integers(0, 99))
def test_weights_are_repetitions(pairs: list[tuple[bool, int]], seed: int) -> None:
    y, s = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs], dtype=float)
    times = np.random.default_rng(seed).integers(0, 3, len(y))
    weighted = rk._Curve(y, s).measure((3,), times.astype(float))
    repeated = rk._Curve(np.repeat(y, times), np.repeat(s, times)).measure((3,))
    np.testing.assert_allclose(weighted, repeated, atol=1e-12)


def sample(groups: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    place = np.repeat(np.arange(groups), 25)
    good = rng.normal(size=place.size) + rng.normal(size=groups)[place]
    y = rng.random(place.size) < 1 / (1 + np.exp(2 - good))
    return y, good, rng.normal(size=place.size), place


def test_comparison_is_paired_seeded_and_brackets_its_value() -> None:
    y, good, noise, place = sample()
    result = rk.compare(y, {"good": good, "noise": noise}, place, (10,), replicates=200, seed=4)
    again = rk.compare(y, {"good": good, "noise": noise}, place, (10,), replicates=200, seed=4)
    assert result == again
    assert result.scores["good"].roc_auc.value == rk.roc_auc(y, good)
    gain = result.gains["noise"].roc_auc
    assert gain.value == pytest.approx(rk.roc_auc(y, good) - rk.roc_auc(y, noise))
    assert gain.lower > 0
    for score in result.scores.values():
        for estimate in (score.roc_auc, score.average_precision, score.precision_at[10]):
            assert estimate.lower < estimate.value < estimate.upper


def test_places_make_wider_intervals_than_cells() -> None:
    y, good, _, place = sample()
    by_place = rk.compare(y, {"good": good}, place, replicates=300).scores["good"].average_precision
    # Twice the cells in the same places bring no new places, so no narrower interval.
    doubled = rk.compare(np.tile(y, 2), {"good": np.tile(good, 2)}, np.tile(place, 2), replicates=300)
    twice = doubled.scores["good"].average_precision
    assert twice.upper - twice.lower == pytest.approx(by_place.upper - by_place.lower, rel=1e-9)


def test_an_interval_is_not_made_up() -> None:
    one_hit = rk.compare([1, 0, 0, 0], {"s": [4.0, 3, 2, 1]}, [0, 1, 2, 3], replicates=100).scores["s"]
    assert one_hit.roc_auc.value == 1.0
    assert np.isnan(one_hit.roc_auc.lower)
    assert np.isnan(rk.compare([1, 0], {"s": [1.0, 0]}, [0, 1], replicates=0).scores["s"].roc_auc.upper)


def test_bad_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        rk.roc_auc([1, 0], [np.nan, 1.0])
    with pytest.raises(ValueError, match="don't fit"):
        rk.roc_auc([1, 0], [1.0])
    with pytest.raises(ValueError, match="group"):
        rk.compare([1, 0], {"s": [1.0, 2.0]}, [0])
    assert np.isnan(rk.roc_auc([], []))
