"""Main paths against METHODS' network, enumeration of every way, and cuts; circles, loops and deep networks."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.foresight import main_paths as method
from foreland.foresight.citations import citation_network, levels

LISTED = ["BD", "DF", "DI", "FH", "FI", "HK", "IL", "IM", "MN"]
"""Every value told of this network holds with these nine links alone: B is the only source."""
LETTERS = sorted(set("".join(LISTED)))
TAIL = np.array([LETTERS.index(link[0]) for link in LISTED])
HEAD = np.array([LETTERS.index(link[1]) for link in LISTED])


def ways(tail: np.ndarray, head: np.ndarray, size: int, weight: str) -> list[list[int]]:
    """Every way that the weight counts, as rows of links, found by walking; ways without a link left out."""
    out = defaultdict(list)
    for row, node in enumerate(tail.tolist()):
        out[node].append(row)
    begins = set(range(size)) if weight != "spc" else set(range(size)) - set(head.tolist())
    ends = set(range(size)) if weight == "spnp" else set(range(size)) - set(tail.tolist())
    found = []

    def walk(node: int, rows: list[int]) -> None:
        if rows and node in ends:
            found.append(rows)
        for row in out[node]:
            walk(int(head[row]), [*rows, row])

    for node in begins:
        walk(node, [])
    return found


@st.composite
def networks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Up to nine nodes whose numbers are not in the order of time."""
    size = draw(st.integers(2, 9))
    every = list(itertools.combinations(range(size), 2))
    chosen = draw(st.lists(st.sampled_from(every), min_size=1, max_size=20, unique=True))
    names = np.array(draw(st.permutations(range(size))))
    pairs = names[np.array(chosen)]
    return pairs[:, 0], pairs[:, 1], size


def test_values_told_in_the_literature() -> None:
    spc = dict(zip(LISTED, method.traversal(TAIL, HEAD, len(LETTERS), "spc").weight, strict=True))
    splc = dict(zip(LISTED, method.traversal(TAIL, HEAD, len(LETTERS), "splc").weight, strict=True))
    assert spc["BD"] == 5
    assert splc["DF"] == 6
    assert spc == {"BD": 5, "DF": 3, "DI": 2, "FH": 1, "FI": 2, "HK": 1, "IL": 2, "IM": 2, "MN": 2}


def test_main_paths_of_the_network() -> None:
    found = method.traversal(TAIL, HEAD, len(LETTERS), "spc")

    def named(path: method.MainPath) -> list[str]:
        return [LISTED[row] for row in path.links]

    assert named(method.global_path(found)) == ["BD", "DF", "FI", "IM", "MN"]
    # I → L and I → M are used equally often: the local search goes both ways.
    assert named(method.local_path(found)) == ["BD", "DF", "FI", "IL", "IM", "MN"]
    # Backward, D → I and F → I are equal too.
    assert named(method.local_path(found, "backward")) == ["BD", "DF", "DI", "FI", "IL", "IM", "MN"]
    assert named(method.key_route(found, 1)) == ["BD", "DF", "FI", "IM", "MN"]
    assert set(named(method.key_route(found, len(LISTED)))) == set(LISTED)


@pytest.mark.parametrize("weight", ["spc", "splc", "spnp"])
@given(network=networks())
def test_weights_equal_the_ways_counted_one_by_one(weight: method.Weight, network) -> None:
    tail, head, size = network
    found = method.traversal(tail, head, size, weight)
    every = ways(tail, head, size, weight)
    counted = np.bincount([row for way in every for row in way], minlength=tail.size)
    assert np.array_equal(found.weight, counted)
    # A way without a link is one node alone: where both ends are free, or a node is both source and sink.
    alone = {"spc": size - len({*tail, *head}), "splc": size - len({*tail}), "spnp": size}[weight]
    assert np.rint(np.exp(found.log_paths)) == len(every) + alone


@pytest.mark.parametrize("weight", ["spc", "splc", "spnp"])
@given(network=networks())
def test_the_global_path_is_the_heaviest_of_all(weight: method.Weight, network) -> None:
    tail, head, size = network
    found = method.traversal(tail, head, size, weight)
    path = method.global_path(found)
    best = max(sum(found.weight[row] for row in way) for way in ways(tail, head, size, "spc"))
    assert sum(found.weight[row] for row in path.links) == pytest.approx(best)
    assert np.exp(path.log_score) == pytest.approx(best)
    assert [head[row] for row in path.links[:-1]] == [tail[row] for row in path.links[1:]]
    assert tail[path.links[0]] not in set(head)
    assert head[path.links[-1]] not in set(tail)


@given(network=networks(), routes=st.integers(1, 4))
def test_a_key_route_holds_its_keys_and_the_best_ways_through_them(network, routes: int) -> None:
    tail, head, size = network
    found = method.traversal(tail, head, size)
    heaviest = np.sort(found.weight)[::-1][:routes]
    path = method.key_route(found, routes)
    assert np.array_equal(np.sort(found.weight[path.links])[::-1][: heaviest.size], heaviest)
    one = method.key_route(found, 1)
    key = next(row for row in one.links if found.weight[row] == found.weight.max())
    through = [way for way in ways(tail, head, size, "spc") if key in way]
    best = max(sum(found.weight[row] for row in way) for way in through)
    assert sum(found.weight[row] for row in one.links) == pytest.approx(best)
    local = method.key_route(found, routes, "local")
    assert found.weight[local.links].max() == found.weight.max()


@given(network=networks())
def test_a_local_path_takes_the_heaviest_link_at_every_step(network) -> None:
    tail, head, size = network
    found = method.traversal(tail, head, size)
    path = method.local_path(found)
    for row in path.links:
        assert found.weight[row] == found.weight[tail == tail[row]].max()
    assert set(head[path.links]) - set(tail[path.links]) <= set(range(size)) - set(tail)


@given(network=networks())
def test_what_flows_through_a_cut_is_the_number_of_ways(network) -> None:
    tail, head, size = network
    found = method.traversal(tail, head, size)
    linked = {*tail, *head}
    paths = np.exp(found.log_paths) - (size - len(linked))
    sinks = set(range(size)) - set(tail)
    # Sources stand on level 0; sinks are moved behind all others, so that a cut between levels parts them.
    level = np.where([node in sinks for node in range(size)], size, found.level)
    for cut in range(size):
        through = found.weight[(level[tail] <= cut) & (level[head] > cut)].sum()
        assert through == pytest.approx(paths)


@given(network=networks(), seed=st.integers(0, 99))
def test_the_order_of_links_does_not_matter(network, seed: int) -> None:
    tail, head, size = network
    mixed = np.random.default_rng(seed).permutation(tail.size)
    one, other = (citation_network(tail[o], head[o], size) for o in (np.arange(tail.size), mixed))
    assert np.array_equal(one.tail, other.tail)
    assert np.array_equal(one.head, other.head)
    paths = [method.global_path(method.traversal(n.tail, n.head, n.size)).links for n in (one, other)]
    assert np.array_equal(*paths)


def test_counts_beyond_floating_point_are_kept_as_logarithms() -> None:
    # 2,000 diamonds in a row double the ways each time: 2^2000.
    at = 3 * np.arange(2000)
    tail = np.concatenate([at, at, at + 1, at + 2])
    head = np.concatenate([at + 1, at + 2, at + 3, at + 3])
    found = method.traversal(tail, head, 6001)
    assert found.log_paths == pytest.approx(2000 * np.log(2), rel=1e-12)
    assert np.isinf(found.weight).all()
    assert method.global_path(found).links.size == 4000


def test_a_deep_network_gives_what_a_shallow_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    tail, head = np.sort(rng.integers(0, 60, (2, 300)), axis=0)
    network = citation_network(tail, head, 60)
    shallow = method.traversal(network.tail, network.head, network.size, "splc")
    path = method.global_path(shallow)
    monkeypatch.setattr(method, "DEEP", 2)
    monkeypatch.setattr("foreland.foresight.citations.DEEP", 2)
    deep = method.traversal(network.tail, network.head, network.size, "splc")
    assert np.array_equal(shallow.level, deep.level)
    assert deep.log_weight == pytest.approx(shallow.log_weight, abs=1e-12)
    assert np.array_equal(method.global_path(deep).links, path.links)


# Circles ---------------------------------------------------------------------------------------


def test_loops_and_repeats_are_left_out_and_counted() -> None:
    network = citation_network(np.array([0, 0, 0, 1, 2]), np.array([1, 1, 0, 2, 2]), 3)
    assert (network.loops, network.duplicates, network.circles) == (2, 1, 0)
    assert list(zip(network.tail, network.head, strict=True)) == [(0, 1), (1, 2)]


def test_a_link_against_time_is_what_breaks_a_circle() -> None:
    # 1 and 2 cite each other; 2 is the younger. 3 is older than 2 by a wrong date, but in no circle.
    cited, citing = np.array([0, 1, 2, 2]), np.array([1, 2, 1, 3])
    network = citation_network(cited, citing, 4, np.array([2000, 2001, 2003, 2002]))
    assert (network.against_time, network.circles, network.size) == (1, 0, 4)
    assert list(zip(network.tail, network.head, strict=True)) == [(0, 1), (1, 2), (2, 3)]


def test_a_circle_within_a_year_becomes_one_node() -> None:
    cited, citing = np.array([0, 1, 2, 1, 2]), np.array([1, 2, 1, 3, 3])
    network = citation_network(cited, citing, 4, np.array([2000, 2001, 2001, 2002]))
    assert (network.against_time, network.circles, network.in_circles) == (0, 1, 2)
    assert network.node.tolist() == [0, 1, 1, 2]
    assert list(zip(network.tail, network.head, strict=True)) == [(0, 1), (1, 2)]


@given(
    pairs=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30),
    years=st.lists(st.sampled_from([2000.0, 2001.0, np.nan]), min_size=8, max_size=8),
)
def test_whatever_comes_in_has_no_circle_afterwards(pairs: list[tuple[int, int]], years: list[float]) -> None:
    links = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    network = citation_network(links[:, 0], links[:, 1], 8, np.array(years))
    level = levels(network.tail, network.head, network.size)
    assert (level[network.tail] < level[network.head]).all()
    assert network.loops == sum(a == b for a, b in pairs)
    # Documents share a node just where each reaches the other, by links that were not taken out.
    assert network.size == 8 - network.in_circles + network.circles
    method.global_path(method.traversal(network.tail, network.head, network.size))


def test_a_circle_is_refused_by_the_method_itself() -> None:
    with pytest.raises(ValueError, match="circle"):
        method.traversal(np.array([0, 1]), np.array([1, 0]), 2)


def test_nothing_at_all() -> None:
    none = np.zeros(0, dtype=np.int64)
    network = citation_network(none, none, 3)
    found = method.traversal(network.tail, network.head, network.size)
    for path in (method.global_path(found), method.local_path(found), method.key_route(found, 3)):
        assert not path.links.size
    assert citation_network(none, none, 0).size == 0


def test_links_to_documents_there_are_not_are_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        citation_network(np.array([0]), np.array([3]), 3)
