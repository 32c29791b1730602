"""Cycles of small graphs against every closed walk written out."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from foreland.data.chains.cycles import cycles

NODES = "abcde"
EDGES = st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=12)


def brute(edges: set[tuple[str, str]]) -> set[tuple[str, ...]]:
    """All simple cycles, each from its smallest node."""
    return {
        ring
        for length in range(1, len(NODES) + 1)
        for ring in permutations(NODES, length)
        if ring[0] == min(ring) and all((a, b) in edges for a, b in zip(ring, (*ring[1:], ring[0]), strict=True))
    }


@given(EDGES)
def test_each_is_a_shortest_cycle_of_its_group(edges: set[tuple[str, str]]) -> None:
    found, every = cycles(edges), brute(edges)
    assert bool(found) == bool(every)
    groups: list[set[str]] = []
    for ring in sorted(every):  # cycles that share a node reach each other
        touched = [group for group in groups if group & set(ring)]
        groups = [group for group in groups if group not in touched] + [set(ring).union(*touched)]
    assert len(found) == len(groups)
    for ring in found:
        assert ring[0] == ring[-1]
        assert tuple(ring[:-1]) in every
        group = next(group for group in groups if ring[0] in group)
        assert len(ring) - 1 == min(len(other) for other in every if other[0] in group)
