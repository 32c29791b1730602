"""Weak signals against Yoon's formulas written out, and against drawing counts again and again."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.foresight.weak_signals import (
    KNOWN,
    LATENT,
    OPEN,
    QUADRANTS,
    STRONG,
    WEAK,
    degree,
    weak_signals,
    without_weights,
)

TOTALS = np.array([1000.0, 1100, 1300, 1200, 1500])
DOCUMENTS = np.array(
    [
        [2, 100, 4, 90, 30, 11],
        [3, 120, 4, 80, 31, 12],
        [5, 160, 3, 85, 33, 13],
        [9, 200, 4, 70, 30, 11],
        [16, 260, 3, 71, 35, 14],
    ],
    float,
)
OCCURRENCES = DOCUMENTS * np.array([3, 2, 1, 2, 1, 1])


def test_degree_of_diffusion_as_in_the_paper() -> None:
    found = degree(DOCUMENTS, TOTALS)
    for j in range(5):
        for i in range(6):
            # n is the number of periods, j counts from 1.
            assert found[j, i] == pytest.approx(DOCUMENTS[j, i] / TOTALS[j] * (1 - 0.05 * (5 - (j + 1))))


def test_growth_is_the_geometric_mean_of_the_steps() -> None:
    found = weak_signals(DOCUMENTS, TOTALS, half=0.0).issue
    shares = degree(DOCUMENTS, TOTALS)
    for i in range(6):
        steps = [shares[j + 1, i] / shares[j, i] for j in range(4)]
        assert 1 + found.rate[i] == pytest.approx(math.prod(steps) ** (1 / 4))
        assert found.level[i] == pytest.approx(DOCUMENTS[:, i].sum() / 5)


def test_quadrants_by_the_medians() -> None:
    found = weak_signals(DOCUMENTS, TOTALS)
    kinds = [QUADRANTS[q] for q in found.quadrant]
    assert kinds[0] == "weak"
    assert kinds[1] == "strong"
    assert kinds[2] == "latent"
    assert kinds[3] == "well_known"
    level, rate = found.issue.level, found.issue.rate
    assert found.issue.cross == pytest.approx((np.median(level), np.median(rate)))
    for u in range(6):
        many, fast = level[u] > np.median(level), rate[u] > np.median(rate)
        assert found.quadrant[u] == {(0, 0): LATENT, (0, 1): WEAK, (1, 0): KNOWN, (1, 1): STRONG}[many, fast]


def test_both_maps_must_agree() -> None:
    occurrences = OCCURRENCES.copy()
    occurrences[:, 0] = [90, 80, 70, 60, 50]
    found = weak_signals(DOCUMENTS, TOTALS, occurrences)
    assert found.emergence is not None
    assert found.quadrant[0] == OPEN
    assert np.isnan(found.probability[0])
    for u in range(6):
        agree = found.issue.quadrant[u] == found.emergence.quadrant[u]
        assert found.quadrant[u] == (found.issue.quadrant[u] if agree else OPEN)
    same = weak_signals(DOCUMENTS, TOTALS, DOCUMENTS)
    assert same.emergence is not None
    assert same.emergence.rate == pytest.approx(same.issue.rate)
    assert same.probability == pytest.approx(weak_signals(DOCUMENTS, TOTALS).probability)


def test_time_weight_lifts_all_growth_alike() -> None:
    """A known weakness of the measure: over the ends it is the same factor for every unit."""
    plain, weighted = weak_signals(DOCUMENTS, TOTALS, time_weight=0.0), weak_signals(DOCUMENTS, TOTALS)
    factor = (1 + weighted.issue.rate) / (1 + plain.issue.rate)
    assert factor == pytest.approx(np.full(6, (1 - 0.05 * 4) ** (-1 / 4)))
    assert (weighted.quadrant == plain.quadrant).all()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(7)
    means = np.array([[8.0], [16.0], [32.0]]) * np.ones((1, 4000))
    totals = np.array([1000.0, 1000.0, 1000.0])
    found = weak_signals(rng.poisson(means).astype(float), totals, time_weight=0.0, level=0.9).issue
    held = (found.low <= 1.0) & (found.high >= 1.0)
    assert 0.88 < held.mean() < 0.94


def test_occurrences_come_in_clumps_so_their_intervals_are_wider() -> None:
    rng = np.random.default_rng(2)
    documents = rng.poisson(np.array([[20.0], [40.0]]) * np.ones((1, 6000))).astype(float)
    # In each document a geometric number of occurrences of mean 4.
    occurrences = documents + rng.negative_binomial(np.maximum(documents, 1e-9), 1 / 4)
    totals = np.array([1000.0, 1000.0])
    found = weak_signals(documents, totals, occurrences, time_weight=0.0)
    assert found.emergence is not None
    held = (found.emergence.low <= 1.0) & (found.emergence.high >= 1.0)
    assert 0.87 < held.mean() < 0.94
    assert (found.emergence.high - found.emergence.low).mean() > 1.2 * (found.issue.high - found.issue.low).mean()


def test_few_documents_are_never_sure() -> None:
    documents = np.array([[1, 100, 50, 60], [4, 400, 50, 55]], float)
    found = weak_signals(documents, np.array([1000.0, 1000.0]))
    assert found.issue.probability[1] > 0.999
    assert 0.5 < found.issue.probability[0] < 0.95
    assert found.issue.low[0] < found.issue.cross[1] < found.issue.high[0]
    unsure = weak_signals(documents, np.array([1000.0, 1000.0]), unrest=1.0)
    assert unsure.issue.probability[1] < 0.9


@given(st.permutations(range(6)))
def test_units_in_another_order(order: list[int]) -> None:
    found, moved = (
        weak_signals(DOCUMENTS, TOTALS, OCCURRENCES),
        weak_signals(DOCUMENTS[:, order], TOTALS, OCCURRENCES[:, order]),
    )
    assert (moved.quadrant == found.quadrant[order]).all()
    assert moved.probability == pytest.approx(found.probability[order], nan_ok=True)


def test_zeros_and_what_is_left_out() -> None:
    documents = np.column_stack([DOCUMENTS, np.zeros(5), [0, 0, 0, 2, 9]])
    found = weak_signals(documents, TOTALS, least=5)
    assert found.quadrant[6] == OPEN
    assert np.isnan(found.issue.rate[6])
    assert np.isfinite(found.issue.rate[7])
    assert found.quadrant[7] == WEAK
    assert (weak_signals(np.zeros((3, 2)), np.ones(3)).quadrant == OPEN).all()
    # Yoon's own formula has no growth from zero.
    assert weak_signals(documents, TOTALS, half=0.0).quadrant[7] == OPEN


def test_what_cannot_be_is_refused() -> None:
    for documents, totals, options in (
        (DOCUMENTS, TOTALS[:-1], {}),
        (DOCUMENTS[:1], TOTALS[:1], {}),
        (-DOCUMENTS, TOTALS, {}),
        (DOCUMENTS, TOTALS * np.array([0, 1, 1, 1, 1]), {}),
        (DOCUMENTS, TOTALS, {"time_weight": 0.25}),
        (DOCUMENTS, TOTALS, {"occurrences": DOCUMENTS[:, :2]}),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            weak_signals(documents, totals, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("time_weight", [0.0, 0.05, 0.2])
def test_a_share_that_never_changes_does_not_grow(time_weight: float) -> None:
    totals = np.array([1_000_000.0, 2_000_000.0, 4_000_000.0])
    found = weak_signals(np.outer(totals, [0.1, 0.3]), totals, time_weight=time_weight)
    np.testing.assert_allclose(without_weights(found.issue.rate, 3, time_weight), 0, atol=1e-5)
