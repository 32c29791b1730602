"""Layered drawings: what every such drawing must keep, and crossings against all pairs of edges."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.chains.layers import MOST, crossings, feedback, layers

N = 9
EDGES = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), max_size=20)


def has_cycle(n: int, edges: set[tuple[int, int]]) -> bool:
    """By powers of the adjacency matrix."""
    matrix = np.zeros((n, n))
    for a, b in edges:
        matrix[a, b] = 1
    power = matrix.copy()
    for _ in range(n):
        if np.trace(power):
            return True
        power = np.minimum(power @ matrix, 1)
    return False


@given(EDGES)
def test_a_drawing_keeps_its_promises(edges: list[tuple[int, int]]) -> None:
    made = layers(N, edges)
    for (a, b), turned, path in zip(edges, made.turned, made.paths, strict=True):
        assert path[0] == (made.x[a], made.y[a])
        assert path[-1] == (made.x[b], made.y[b])
        if a != b:
            steps = {q[0] - p[0] for p, q in pairwise(path)}
            assert steps == ({-1.0} if turned else {1.0})
    for k in set(made.layer.tolist()):
        here = np.sort(made.y[made.layer == k])
        assert (np.diff(here) >= 1 - 1e-9).all()
    assert (np.diff(made.history) <= 0).all()
    assert made.history[-1] == made.crossings
    again = layers(N, edges)
    assert (again.y == made.y).all()
    assert again.paths == made.paths


@given(EDGES)
def test_crossings_told_are_those_of_the_picture(edges: list[tuple[int, int]]) -> None:
    made = layers(N, edges)
    pieces = {
        tuple(sorted(piece))
        for (a, b), path in zip(edges, made.paths, strict=True)
        if a != b
        for piece in pairwise(path)
    }
    crossing = sum(
        p[0][0] == q[0][0] and (p[0][1] - q[0][1]) * (p[1][1] - q[1][1]) < -1e-9 for p, q in combinations(pieces, 2)
    )
    assert made.crossings == crossing


@given(EDGES)
def test_turning_edges_round_leaves_no_cycle(edges: list[tuple[int, int]]) -> None:
    pairs = {(a, b) for a, b in edges if a != b}
    back = feedback(N, edges)
    assert back <= pairs
    assert not has_cycle(N, pairs - back | {(b, a) for a, b in back})
    if not has_cycle(N, pairs):
        assert not back
    assert len(back) <= len(pairs) / 2  # the bound of Eades, Lin & Smyth


def test_layers_are_longest_paths_to_the_end() -> None:
    made = layers(5, [(0, 1), (1, 2), (2, 4), (3, 4), (0, 4)])
    assert made.layer.tolist() == [0, 1, 2, 2, 3]
    assert len(made.paths[4]) == 4  # two bends on the way from the first layer to the last


def test_barycentres_untangle_what_can_be_untangled() -> None:
    made = layers(8, [(0, 7), (1, 6), (2, 5), (3, 4)])
    assert made.history[0] == 6
    assert made.crossings == 0
    assert crossings([[0, 1], [2, 3]], [[(0, 3), (1, 2)], []]) == 1


def test_limits() -> None:
    assert layers(0, []).crossings == 0
    assert layers(1, [(0, 0)]).paths == (((0.0, 0.0), (0.0, 0.0)),)
    with pytest.raises(ValueError, match=str(MOST)):
        layers(MOST + 1, [])
    with pytest.raises(ValueError, match="not there"):
        layers(1, [(0, 1)])
