"""Co-classification against counting by hand, the hypergeometric tail against scipy, links against what was planted."""

from __future__ import annotations

import itertools
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.foresight.convergence import Links

# The room's verb of the same name hides the module from an ordinary import.
method = import_module("foreland.foresight.convergence")
FIELDS = 6


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[set[int]], list[int]]:
    documents = draw(st.lists(st.sets(st.integers(0, FIELDS - 1), max_size=4), min_size=1, max_size=25))
    windows = draw(st.lists(st.integers(-1, 1), min_size=len(documents), max_size=len(documents)))
    return documents, windows


def counted(documents: list[set[int]], windows: list[int]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(d, f) for d, fields in enumerate(documents) for f in sorted(fields)]
    table = method.incidence(
        np.array([d for d, _ in pairs], dtype=int), np.array([f for _, f in pairs], dtype=int), (len(documents), FIELDS)
    )
    return method.together(table, np.array(windows), 2), np.array([windows.count(0), windows.count(1)])


@given(corpora())
def test_counts_equal_counting(corpus: tuple[list[set[int]], list[int]]) -> None:
    documents, windows = corpus
    found, _ = counted(documents, windows)
    for w, i, j in itertools.product(range(2), range(FIELDS), range(FIELDS)):
        assert found[w, i, j] == sum(
            {i, j} <= fields for fields, when in zip(documents, windows, strict=True) if when == w
        )


def test_a_pair_given_twice_counts_once() -> None:
    table = method.incidence(np.array([0, 0, 0]), np.array([1, 1, 2]), (1, 3))
    assert method.together(table, np.array([0]), 1)[0].tolist() == [[0, 0, 0], [0, 1, 1], [0, 1, 1]]


@given(
    st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20)
)
def test_tail_equals_scipy(drawn: list[tuple[int, float, float, float]]) -> None:
    from scipy.stats import hypergeom

    n = np.array([row[0] for row in drawn])
    a, b = (np.array([round(row[0] * row[at]) for row in drawn]) for at in (1, 2))
    low = np.maximum(0, a + b - n)
    k = low + np.round((np.minimum(a, b) - low) * np.array([row[3] for row in drawn])).astype(int)
    found = method.hypergeometric_tail(k, n, a, b)
    expected = np.where(k * n > a * b, hypergeom.sf(k - 1, n, a, b), 1.0)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-300)


def test_tail_of_large_counts() -> None:
    from scipy.stats import hypergeom

    k, n, a, b = np.array([10_300, 10_001, 20_000]), 1_000_000, 100_000, 100_000
    expected = hypergeom.sf(k - 1, n, a, b)
    # Beyond the range of floating point both are zero.
    assert method.hypergeometric_tail(k, n, a, b) == pytest.approx(expected, rel=1e-6, abs=1e-300)


def test_false_discovery_by_hand() -> None:
    p = np.array([0.03, 0.001, 0.02, 0.04])
    # Of ten tests; raised: .001·10/1, .02·10/2, .03·10/3, .04·10/4, and never falling from the right.
    assert method.false_discovery(p, 10) == pytest.approx([0.1, 0.01, 0.1, 0.1])
    assert method.false_discovery(np.zeros(0), 0).size == 0


@given(corpora())
def test_distance_by_its_definition(corpus: tuple[list[set[int]], list[int]]) -> None:
    counts = counted(*corpus)[0][0]
    found = method.distance(counts)
    for i, j in itertools.permutations(range(FIELDS), 2):
        others = [k for k in range(FIELDS) if k not in (i, j)]
        u, v = counts[i, others].astype(float), counts[j, others].astype(float)
        size = np.linalg.norm(u) * np.linalg.norm(v)
        assert found[i, j] == pytest.approx(1 - (u @ v / size if size else 0), abs=1e-12)


@given(corpora())
def test_rao_stirling_by_its_definition(corpus: tuple[list[set[int]], list[int]]) -> None:
    counts = counted(*corpus)[0][1]
    apart = method.distance(counts)
    found = method.rao_stirling(counts, apart)
    for f in range(FIELDS):
        if not counts[f].sum():
            assert np.isnan(found[f])
            continue
        p = counts[f] / counts[f].sum()
        expected = sum(p[i] * p[j] * apart[i, j] for i in range(FIELDS) for j in range(FIELDS) if i != j)
        assert found[f] == pytest.approx(expected, abs=1e-12)
        assert 0 <= found[f] <= 1


def test_cosine_and_association_strength_by_hand() -> None:
    counts = np.array([[4, 2, 0], [2, 9, 0], [0, 0, 0]])
    assert method.cosine(counts)[0, 1] == pytest.approx(2 / 6)
    assert method.cosine(counts)[0, 2] == 0
    assert method.association_strength(counts, 18)[0, 1] == pytest.approx(2 * 18 / 36)
    assert np.isnan(method.association_strength(counts, 18)[0, 2])


@given(corpora(), st.permutations(range(FIELDS)))
def test_the_order_of_fields_does_not_matter(corpus: tuple[list[set[int]], list[int]], order: list[int]) -> None:
    counts, documents = counted(*corpus)
    plain = method.links(counts, documents)
    mixed = method.links(counts[:, order][:, :, order], documents)

    def told(found: Links, names: list[int]) -> dict[frozenset[int], tuple[float, ...]]:
        return {
            frozenset((names[i], names[j])): (int(n), round(float(lift), 12), round(float(q), 12), int(state))
            for i, j, n, lift, q, state in zip(
                found.one, found.other, found.after, found.lift, found.q, found.state, strict=True
            )
        }

    assert told(plain, list(range(FIELDS))) == told(mixed, list(order))


def made_up(seed: int, planted: float) -> tuple[np.ndarray, np.ndarray]:
    """2,000 documents a window in 20 fields, independent; a share of those in field 0 is in field 19 later, too."""
    rng = np.random.default_rng(seed)
    table = rng.random((4000, 20)) < 0.06
    window = np.repeat([0, 1], 2000)
    table[:, 19] |= table[:, 0] & (window == 1) & (rng.random(4000) < planted)
    document, field = np.nonzero(table)
    counts = method.together(method.incidence(document, field, table.shape), window, 2)
    return counts, np.array([2000, 2000])


def test_where_fields_are_independent_no_link_is_found() -> None:
    called = sum((method.links(*made_up(seed, 0.0)).state == 0).any() for seed in range(40))
    # At a false discovery rate of 5 % some link is called in at most one corpus of twenty.
    assert called <= 4


def test_a_planted_convergence_is_found_and_nothing_else() -> None:
    found = method.links(*made_up(7, 0.3))
    new = [(int(i), int(j)) for i, j, state in zip(found.one, found.other, found.state, strict=True) if state == 0]
    assert new == [(0, 19)]
    at = next(row for row in range(found.one.size) if (found.one[row], found.other[row]) == (0, 19))
    assert found.growth_low[at] > 1
    assert found.growth_low[at] < found.growth[at] < found.growth_high[at]
    assert found.lift[at] > found.lift_before[at]


def test_one_document_in_two_small_fields_is_no_strong_link() -> None:
    counts = np.zeros((2, 4, 4), dtype=int)
    counts[:, 0, 0] = counts[:, 1, 1] = 1
    counts[:, 2, 2] = counts[:, 3, 3] = 100
    counts[1, 0, 1] = counts[1, 1, 0] = 1
    counts[1, 2, 3] = counts[1, 3, 2] = 60
    found = method.links(counts, np.array([1000, 1000]))
    assert association(counts[1], 1000, 0, 1) > association(counts[1], 1000, 2, 3)
    assert found.lift[0] < found.lift[1]
    assert found.state.tolist() == [method.STATES.index("apart"), method.STATES.index("new")]


def test_growth_equals_draws_and_scipy() -> None:
    from scipy.stats import betaprime

    shape, rate = np.array([[1.0, 4.0], [9.0, 2.5]]), np.array([[1.2, 6.0], [3.0, 2.0]])
    found = method.growth_of(shape, rate)
    for share, part in zip((0.5, 0.025, 0.975), found, strict=True):
        assert part == pytest.approx(betaprime.ppf(share, shape[1], shape[0]) * rate[0] / rate[1])
    rng = np.random.default_rng(3)
    drawn = rng.gamma(shape[1], 1 / rate[1], (200_000, 2)) / rng.gamma(shape[0], 1 / rate[0], (200_000, 2))
    assert found[0] == pytest.approx(np.median(drawn, axis=0), rel=0.02)


def association(counts: np.ndarray, documents: int, i: int, j: int) -> float:
    return float(method.association_strength(counts, documents)[i, j])


def test_nothing_together_and_what_is_refused() -> None:
    assert method.links(np.zeros((2, 3, 3), dtype=int), np.array([0, 0])).one.size == 0
    with pytest.raises(ValueError, match="shape"):
        method.links(np.zeros((3, 3)), np.array([0, 0]))
    with pytest.raises(ValueError, match="more documents"):
        method.links(np.full((2, 2, 2), 5), np.array([1, 1]))
