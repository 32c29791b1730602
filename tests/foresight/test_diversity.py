"""Diversity against going through every pair of documents."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.foresight.diversity import effective_number, rao_stirling, same_kind

counts = st.lists(st.integers(0, 5), min_size=2, max_size=5)


def documents(row: list[int]) -> list[int]:
    return [kind for kind, n in enumerate(row) for _ in range(n)]


@given(counts)
def test_same_kind_is_the_share_of_pairs_alike(row: list[int]) -> None:
    pairs = list(combinations(documents(row), 2))
    expected = np.mean([a == b for a, b in pairs]) if pairs else np.nan
    assert same_kind(np.array([row], float))[0] == pytest.approx(expected, nan_ok=True)


@given(counts, st.integers(0, 10**6))
def test_rao_stirling_is_the_mean_distance_of_pairs(row: list[int], seed: int) -> None:
    distance = np.random.default_rng(seed).random((len(row), len(row)))
    distance = np.triu(distance, 1) + np.triu(distance, 1).T
    pairs = list(combinations(documents(row), 2))
    expected = np.mean([distance[a, b] for a, b in pairs]) if pairs else np.nan
    assert rao_stirling(np.array([row], float), distance)[0] == pytest.approx(expected, nan_ok=True)
    plain = rao_stirling(np.array([row], float))[0]
    assert plain == pytest.approx(1 - same_kind(np.array([row], float))[0], nan_ok=True)


def test_distances_must_be_distances() -> None:
    row = np.ones((1, 2))
    for wrong in ([[0, 1], [2, 0]], [[0, -1], [-1, 0]], [[1, 1], [1, 0]]):
        with pytest.raises(ValueError, match="distances"):
            rao_stirling(row, np.array(wrong, float))


def test_effective_number_of_equal_places_is_their_number() -> None:
    many = np.full((1, 7), 10_000.0)
    assert effective_number(many)[0] == pytest.approx(7, abs=1e-3)
    assert effective_number(np.array([[5.0, 0, 0]]))[0] == 1
    assert np.isnan(effective_number(np.zeros((1, 3)))[0])
    # Two of one and two of another in five: entropy ln 2 and Miller's 1/8.
    assert effective_number(np.array([[2.0, 2.0, 0, 0, 0]]))[0] == pytest.approx(2 * np.exp(1 / 8))
    # Never more than there are.
    assert effective_number(np.array([[1.0, 1.0]]))[0] == 2


def test_few_documents_do_not_look_concentrated() -> None:
    """Means over samples of few documents hit the value of the whole; the plain Herfindahl index does not."""
    rng = np.random.default_rng(1)
    p = np.array([0.4, 0.3, 0.2, 0.1])
    samples = rng.multinomial(4, p, size=20_000).astype(float)
    truth = float((p**2).sum())
    assert same_kind(samples).mean() == pytest.approx(truth, abs=0.005)
    assert ((samples / 4) ** 2).sum(axis=1).mean() > truth + 0.1
    # Miller's correction takes away most of the bias of the entropy.
    samples = rng.multinomial(20, p, size=20_000).astype(float)
    entropy = -float((p * np.log(p)).sum())
    shares = samples / 20
    plain = -np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1)), 0).sum(axis=1).mean()
    corrected = np.log(effective_number(np.hstack([samples, np.zeros((len(samples), 6))]))).mean()
    assert abs(corrected - entropy) < 0.25 * abs(plain - entropy)
