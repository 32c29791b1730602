"""Bursts against every path of states there is, and against a hand-computed series."""

from __future__ import annotations

import importlib
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from foreland.foresight.bursts import HIGHEST, bursts


def every_path(r: np.ndarray, d: np.ndarray, scaling: float, gamma: float, levels: int) -> tuple[int, ...]:
    """The cheapest of all paths, with whole binomial probabilities by scipy."""
    n = len(r)
    p0 = r.sum() / d.sum()
    p = [p0]
    for _ in range(levels):
        share = min(p[-1] * scaling, HIGHEST)
        p.append(share if share >= p[-1] * scaling**0.5 else p[-1])
    emission = np.array([[-binom.logpmf(r[t], d[t], q) for q in p] for t in range(n)])
    paths = np.array(list(itertools.product(range(levels + 1), repeat=n)))
    steps = np.diff(np.concatenate([np.zeros((len(paths), 1), int), paths], axis=1), axis=1)
    cost = emission[np.arange(n), paths].sum(axis=1) + gamma * math.log(n) * np.maximum(steps, 0).sum(axis=1)
    near = np.flatnonzero(cost <= cost.min() + 1e-9)
    # Of equals the lower state, from the last period back.
    best = min(near, key=lambda k: tuple(paths[k][::-1]))
    return tuple(paths[best])


def drawn(rng: np.random.Generator, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """A series with a rise in it, years without documents among them, at times all zero."""
    n = int(rng.integers(1, longest + 1))
    d = rng.integers(0, 60, n) * (rng.random(n) > 0.15)
    share = np.full(n, rng.uniform(0, 0.3))
    first = int(rng.integers(0, n))
    share[first : first + int(rng.integers(1, 5))] *= rng.uniform(1, 8)
    r = rng.binomial(d, np.minimum(share, 1))
    return (r, d) if d.sum() else drawn(rng, longest)


def test_equals_brute_force_on_500_series_of_two_states():
    rng = np.random.default_rng(2002)
    burst = 0
    for _ in range(500):
        r, d = drawn(rng, 12)
        scaling, gamma = rng.uniform(1.2, 4), rng.uniform(0, 2)
        found = bursts(r[:, None], d, scaling, gamma)
        if not r.sum():
            assert not found.states.any()
            continue
        path = every_path(r, d, scaling, gamma, 1)
        assert tuple(found.states[:, 0]) == path
        burst += max(path)
    assert burst > 150, "too few of the series burst for the comparison to say anything"


@pytest.mark.parametrize(("levels", "longest"), [(2, 7), (3, 6)])
def test_equals_brute_force_with_more_states(levels: int, longest: int):
    rng = np.random.default_rng(levels)
    reached = 0
    for _ in range(150):
        r, d = drawn(rng, longest)
        scaling, gamma = rng.uniform(1.2, 3), rng.uniform(0, 1)
        if not r.sum():
            continue
        found = bursts(r[:, None], d, scaling, gamma, levels)
        path = every_path(r, d, scaling, gamma, levels)
        assert tuple(found.states[:, 0]) == path
        reached += max(path) >= 2
    assert reached > 10


def test_many_series_at_once_are_each_as_alone():
    rng = np.random.default_rng(3)
    d = rng.integers(50, 400, (20, 1)) * np.ones((1, 60), int)
    r = rng.binomial(d, rng.uniform(0, 0.4, (20, 60)))
    for levels in (1, 3):
        together = bursts(r, d[:, 0], 1.5, 0.5, levels)
        own = bursts(r, d, 1.5, 0.5, levels)
        assert (together.states == own.states).all()
        for u in range(60):
            alone = bursts(r[:, [u]], d[:, 0], 1.5, 0.5, levels)
            assert (alone.states[:, 0] == together.states[:, u]).all()
            assert alone.weight.tolist() == pytest.approx(together.weight[together.unit == u].tolist())


def test_two_states_alone_and_by_the_general_recursion_agree():
    # The room's verb of the same name hides the module from a plain import.
    module = importlib.import_module("foreland.foresight.bursts")
    rng = np.random.default_rng(4)
    d = rng.integers(0, 100, (25, 1)).astype(float)
    r = rng.binomial(d.astype(int) * np.ones((1, 300), int), 0.1).astype(float)
    hit, miss = module._evidence(r.sum(axis=0) / d.sum(), 2.0, 1)
    two = module._two_states(r, d, hit[0], miss[0], 0.7)
    assert (two == module._many_states(r, d, hit, miss, 0.7)).all()
    assert two.any()


def test_weight_by_hand():
    """Ten years of 100 documents: 2, but 10 in years 4 to 6; p_0 = 44/1000, doubled .088."""
    r = np.array([2, 2, 2, 10, 10, 10, 2, 2, 2, 2])
    found = bursts(r[:, None], np.full(10, 100), gamma=0.5)
    assert found.states[:, 0].tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0]
    year = 10 * math.log(2) + 90 * math.log((1 - 0.088) / (1 - 0.044))
    assert (found.unit.tolist(), found.level.tolist(), found.start.tolist(), found.end.tolist()) == ([0], [1], [3], [5])
    assert found.weight.tolist() == pytest.approx([3 * year])
    assert found.base.tolist() == [0.044]
    assert not found.running.any()
    # Going up costs γ ln 10; a burst that saves less than that is none.
    assert len(bursts(r[:, None], np.full(10, 100), gamma=3 * year / math.log(10) - 1e-9).unit) == 1
    assert len(bursts(r[:, None], np.full(10, 100), gamma=3 * year / math.log(10) + 1e-9).unit) == 0


def test_levels_nest():
    r = np.array([1, 1, 1, 1, 1, 1, 1, 6, 6, 24, 24, 6, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    found = bursts(r[:, None], np.full(30, 200), 2.0, 0.5, 3)
    spans = [(int(a), int(b), int(c)) for a, b, c in zip(found.level, found.start, found.end, strict=True)]
    assert spans == [(1, 7, 11), (2, 9, 10), (3, 9, 10)]


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.floats(1.05, 3), st.floats(0, 2))
def test_invariants(seed: int, levels: int, scaling: float, gamma: float):
    rng = np.random.default_rng(seed)
    d = rng.integers(0, 3000, 15)
    r = rng.binomial(d[:, None], rng.uniform(0, 0.02, (15, 4)) * rng.choice([1, 1, 5], (15, 4)))
    found = bursts(r, d, scaling, gamma, levels)
    again = bursts(r, d, scaling, gamma, levels)
    assert (found.states == again.states).all()
    assert (found.weight == again.weight).all()
    # A burst pays for the way up to it, and none begins or ends in a year without documents.
    assert (found.weight >= gamma * math.log(15) * (1 - 1e-9) - 1e-9).all()
    assert (d[found.start] > 0).all()
    assert (d[found.end] > 0).all()
    rebuilt = np.zeros_like(found.states)
    for unit, level, start, end in zip(found.unit, found.level, found.start, found.end, strict=True):
        assert (rebuilt[start : end + 1, unit] == level - 1).all(), "not within an interval of the level below"
        rebuilt[start : end + 1, unit] = level
    assert (rebuilt == found.states).all()
    # The dearer the way up, the fewer times it is gone.
    assert len(bursts(r, d, scaling, gamma + 1, 1).unit) <= len(bursts(r, d, scaling, gamma, 1).unit)


def test_a_running_burst_has_no_end():
    r = np.array([1, 1, 1, 1, 1, 1, 9, 9])
    found = bursts(r[:, None], np.full(8, 100))
    assert found.running.tolist() == [True]
    # A last year without documents says nothing, so it is no part of the burst.
    found = bursts(np.r_[r, 0][:, None], np.r_[np.full(8, 100), 0])
    assert (found.end.tolist(), found.running.tolist()) == ([7], [False])


def test_a_year_without_documents_does_not_end_a_burst():
    r, d = np.array([1, 1, 1, 8, 8, 0, 8, 8, 1, 1]), np.full(10, 100)
    d[5] = 0
    found = bursts(r[:, None], d)
    assert list(zip(found.start, found.end, strict=True)) == [(3, 7)]


@pytest.mark.parametrize("levels", [1, 3])
def test_nothing_bursts(levels: int):
    zeros = bursts(np.zeros((10, 2)), np.full(10, 50), levels=levels)
    assert not zeros.states.any()
    assert len(zeros.unit) == len(zeros.weight) == 0
    assert zeros.base.tolist() == [0, 0]
    assert not bursts(np.full((10, 1), 5), np.full(10, 50), levels=levels).states.any()
    # All documents are of the unit.
    assert not bursts(np.full((10, 1), 50), np.full(10, 50), levels=levels).states.any()
    empty = bursts(np.zeros((3, 2)), np.zeros(3), levels=levels)
    assert np.isnan(empty.base).all()
    assert bursts(np.zeros((4, 0)), np.ones(4), levels=levels).states.shape == (4, 0)


def test_a_share_that_scaled_would_pass_one():
    r, d = np.array([10, 10, 10, 10, 50, 50, 50, 10, 10, 10]), np.full(10, 50)
    found = bursts(r[:, None], d, 2.0, 1.0, 4)
    assert found.base[0] == 0.44
    assert found.states[:, 0].tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 0, 0], "no room for a second level"
    # Nor for a first, where most documents are of the unit anyhow: a year without others is no burst.
    most = np.array([49, 50, 50, 50, 49, 50, 48, 50, 50, 50])
    assert not bursts(most[:, None], d, 1.5, 0.0, 2).states.any()


@pytest.mark.parametrize(
    ("counts", "totals", "options"),
    [
        ([[3.0], [1.0]], [2.0, 2.0], {}),
        ([[-1.0], [1.0]], [2.0, 2.0], {}),
        ([[np.nan], [1.0]], [2.0, 2.0], {}),
        ([[1.0], [1.0]], [np.inf, 2.0], {}),
        ([[1.0], [1.0]], [2.0, 2.0, 2.0], {}),
        ([1.0, 1.0], [2.0, 2.0], {}),
        ([[1.0], [1.0]], [2.0, 2.0], {"scaling": 1.0}),
        ([[1.0], [1.0]], [2.0, 2.0], {"gamma": -0.1}),
        ([[1.0], [1.0]], [2.0, 2.0], {"levels": 0}),
        (np.zeros((0, 1)), [], {}),
    ],
)
def test_refuses(counts: list, totals: list, options: dict):
    with pytest.raises(ValueError, match=r"shape|finite|more documents|above 1"):
        bursts(counts, totals, **options)
