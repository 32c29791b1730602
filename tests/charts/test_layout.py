"""The seeded layout and the backbone, against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components, shortest_path

from foreland.charts.layout import LARGEST, backbone, stress_layout


def weights(n: int, seed: int, fill: float = 0.7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.random((n, n)) * (rng.random((n, n)) < fill), 1)
    return upper + upper.T


def kruskal(w: np.ndarray) -> float:
    """Total weight of a maximum spanning forest, by Kruskal (1956) with a plain union of sets."""
    group = list(range(len(w)))
    total = 0.0
    for i, j in sorted(itertools.combinations(range(len(w)), 2), key=lambda p: -w[p]):
        if w[i, j] > 0 and group[i] != group[j]:
            total += w[i, j]
            group = [group[i] if g == group[j] else g for g in group]
    return total


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 14), st.integers(0, 10_000), st.floats(0.05, 1))
def test_backbone_holds_a_maximum_spanning_forest(n: int, seed: int, fill: float) -> None:
    w = weights(n, seed, fill)
    links = backbone(w, links_per_node=0)
    assert sum(w[i, j] for i, j in links) == pytest.approx(kruskal(w))
    parts = connected_components(sparse.csr_matrix(w), directed=False)[0]
    assert len(links) == n - parts


def test_backbone_adds_the_strongest() -> None:
    w = weights(20, 3, 1.0)
    tree = {tuple(link) for link in backbone(w, 0)}
    links = [tuple(link) for link in backbone(w, 2)]
    assert len(links) == 40
    assert tree <= set(links)
    left_out = [w[p] for p in itertools.combinations(range(20), 2) if p not in set(links)]
    added = [w[p] for p in links if p not in tree]
    assert min(added) >= max(left_out)
    assert [w[p] for p in links] == sorted((w[p] for p in links), reverse=True)


def test_backbone_refuses_a_rectangle() -> None:
    with pytest.raises(ValueError, match="square"):
        backbone(np.ones((2, 3)))


def stress(places: np.ndarray, distance: np.ndarray) -> float:
    """Stress of Gansner, Koren and North (2005), at the best scale, pair by pair."""
    pairs = [(i, j) for i, j in itertools.combinations(range(len(places)), 2) if np.isfinite(distance[i, j])]
    d = np.array([distance[p] for p in pairs])
    x = np.array([np.linalg.norm(places[i] - places[j]) for i, j in pairs])
    scale = (x / d).sum() / ((x / d) ** 2).sum()
    return float((((scale * x - d) / d) ** 2).sum() / len(pairs))


def test_layout_is_the_same_every_time_and_beats_chance() -> None:
    links = backbone(weights(60, 5), 1.5)
    places = stress_layout(60, links)
    assert np.array_equal(places, stress_layout(60, links))
    graph = sparse.coo_matrix((np.ones(len(links)), links.T), shape=(60, 60))
    distance = shortest_path(graph.tocsr(), directed=False, unweighted=True)
    chance = min(stress(np.random.default_rng(s).random((60, 2)), distance) for s in range(20))
    assert stress(places, distance) < 0.4 * chance
    assert np.abs(places).max() == pytest.approx(1)


def test_a_path_is_laid_out_straight() -> None:
    """A path has a layout without stress: a straight line with equal steps."""
    places = stress_layout(9, np.array([(i, i + 1) for i in range(8)]), iterations=2000)
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert np.linalg.norm(places[-1] - places[0]) > 0.98 * steps.sum()
    assert steps.std() < 0.03 * steps.mean()


def test_parts_that_nothing_joins_do_not_overlap() -> None:
    links = np.array([(0, 1), (1, 2), (3, 4), (4, 5)])
    places = stress_layout(7, links)
    boxes = [(places[part].min(0), places[part].max(0)) for part in ([0, 1, 2], [3, 4, 5], [6])]
    for (low, high), (low2, high2) in itertools.combinations(boxes, 2):
        assert (low > high2).any() or (low2 > high).any()


def test_sizes_at_the_edge() -> None:
    assert stress_layout(0, np.empty((0, 2))).shape == (0, 2)
    assert np.isfinite(stress_layout(1, np.empty((0, 2)))).all()
    with pytest.raises(ValueError, match="1001"):
        stress_layout(LARGEST + 1, np.empty((0, 2)))
