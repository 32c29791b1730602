"""Priority directions: limits, permutations, copies, brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foreland.foresight import directions

FLOATS = st.floats(-3, 3, allow_subnormal=False)
NAN = np.nan


def test_one_source_is_shrunk_to_the_average_by_its_reliability() -> None:
    """With error variance 1/r² − 1 and a prior of 1, the mean is r² x: regression on a fallible measure."""
    x = np.array([[-1.0, 0.0, 2.0]])
    variance = directions.error_variance([[0.6]])
    found = directions.combine(x, variance, [1.0])
    np.testing.assert_allclose(found.mean, 0.36 * x[0])
    np.testing.assert_allclose(found.sd, np.sqrt(1 - 0.36))
    np.testing.assert_allclose(found.high - found.mean, 1.6448536 * found.sd)


def test_the_posterior_is_the_one_of_a_grid() -> None:
    x, v, w = np.array([[1.2], [-0.4]]), np.array([[0.5], [2.0]]), np.array([1.0, 0.5])
    grid = np.linspace(-8, 8, 160_001)
    log = -(grid**2) / 2 - sum(w[k] * (x[k, 0] - grid) ** 2 / (2 * v[k, 0]) for k in range(2))
    density = np.exp(log - log.max())
    density /= density.sum()
    mean = (density * grid).sum()
    found = directions.combine(x, v, w)
    assert found.mean[0] == pytest.approx(mean, abs=1e-8)
    assert found.sd[0] == pytest.approx(np.sqrt((density * (grid - mean) ** 2).sum()), abs=1e-8)


@given(arrays(float, (2, 4), elements=FLOATS))
def test_without_experts_only_signals_speak_and_the_other_way(x: np.ndarray) -> None:
    v = np.array([[0.8], [1.5]])
    for k in (0, 1):
        alone = directions.combine(x[[k]], v[[k]], [1.0])
        weights = np.eye(2)[k]
        silent = np.where(np.arange(2)[:, None] == k, x, NAN)
        for found in (directions.combine(x, v, weights), directions.combine(silent, v, [1.0, 1.0])):
            np.testing.assert_allclose(found.mean, alone.mean)
            np.testing.assert_allclose(found.sd, alone.sd)


@given(arrays(float, (3, 4), elements=FLOATS), arrays(float, 3, elements=st.floats(0.1, 5)))
def test_precision_adds(x: np.ndarray, v: np.ndarray) -> None:
    found = directions.combine(x, v[:, None], np.ones(3))
    np.testing.assert_allclose(1 / found.sd**2, 1 + (1 / v).sum())
    fewer = directions.combine(x[:2], v[:2, None], np.ones(2))
    assert (found.sd < fewer.sd).all()


@given(arrays(float, (3, 5), elements=FLOATS), st.permutations(range(5)), st.permutations(range(3)))
def test_the_order_of_sources_and_directions_does_not_matter(x, order, sources) -> None:  # type: ignore[no-untyped-def]
    v, w = np.array([[0.5], [1.0], [2.0]]), np.array([1.0, 0.3, 2.0])
    found, mixed = directions.combine(x, v, w), directions.combine(x[sources][:, order], v[sources], w[sources])
    np.testing.assert_allclose(found.mean[order], mixed.mean, atol=1e-12)


def test_what_is_known_for_certain_is_refused_and_so_are_negative_weights() -> None:
    with pytest.raises(ValueError, match="positive"):
        directions.combine([[1.0]], [[0.0]], [1.0])
    with pytest.raises(ValueError, match="negative"):
        directions.combine([[1.0]], [[1.0]], [-1.0])
    assert np.isinf(directions.error_variance([0.0, -0.2])).all()
    silent = directions.combine([[NAN, 1.0]], [[1.0]], [1.0])
    assert (silent.mean[0], silent.sd[0]) == (0, 1)


# Experts ------------------------------------------------------------------------------------------

THREE = np.array([[1, 2, 3, 4, 5, 3.0], [2, 2, 3, 5, 4, 1], [1, 3, 2, 4, 4, 2]])


@pytest.mark.parametrize("copies", [1, 5, 50])
def test_an_expert_copied_counts_once(copies: int) -> None:
    many = np.vstack([THREE, *[THREE[:1]] * copies])
    plain, found = directions.panel(THREE), directions.panel(many)
    for name in ("mean", "variance", "experts"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(found, name))


def test_the_correlation_bounds_what_numbers_can_do() -> None:
    """Of n alike in all but hairs, none is an exact copy: σ²(ρ + (1 − ρ)/n), never below σ²ρ; at ρ = 1 they are one."""
    sigma = float(directions.error_variance(0.5))
    generator = np.random.default_rng(0)
    for count in (2, 20, 200):
        near = THREE[:1] + 1e-6 * generator.standard_normal((count, 6))
        found = directions.panel(near, correlation=0.4)
        np.testing.assert_allclose(found.variance, sigma * (0.4 + 0.6 / count), rtol=1e-4)
        np.testing.assert_allclose(directions.panel(near, correlation=1.0).variance, sigma, rtol=1e-4)
        np.testing.assert_allclose(directions.panel(near, correlation=0.0).effective, count)


def test_that_experts_differ_makes_them_less_sure_that_they_agree_no_surer() -> None:
    agree = np.array([[1, 3, 5.0], [1, 3, 5], [1, 3, 5], [1, 3, 5]])
    differ = np.array([[1, 1, 5.0], [1, 5, 5], [1, 1, 5], [1, 5, 5]])
    one, other = (directions.panel(each, reliability=0.7, alike_from=9) for each in (agree, differ))
    assert other.variance[1] > one.variance[1]
    assert other.variance[0] == one.variance[0]
    sigma = float(directions.error_variance(0.7))
    np.testing.assert_allclose(one.variance, sigma * (0.3 + 0.7 / 4))


@given(st.permutations(range(3)), st.permutations(range(6)))
def test_the_order_of_experts_does_not_matter(order: list[int], topics: list[int]) -> None:
    plain, found = directions.panel(THREE), directions.panel(THREE[order][:, topics])
    np.testing.assert_allclose(plain.mean[topics], found.mean, atol=1e-12)
    np.testing.assert_allclose(plain.variance[topics], found.variance)


def test_expertise_and_silence() -> None:
    answers = np.array([[5, 1, NAN], [1, 5, NAN]])
    found = directions.panel(answers, [[1.0], [0.0]])
    assert found.mean[0] > found.mean[1]
    assert np.isnan(found.mean[2])
    assert np.isinf(found.variance[2])
    assert found.experts.tolist() == [1, 1, 0]
    with pytest.raises(ValueError, match="correlation"):
        directions.panel(answers, correlation=1.5)


# Sensitivity --------------------------------------------------------------------------------------


def test_rank_intervals_over_weights() -> None:
    """Two sources that contradict each other: the rank hangs on the weights; where they agree it does not."""
    x = np.array([[2.0, 1.0, -1.0, -2.0], [2.0, -1.0, 1.0, -2.0]])
    found = directions.ranking(x, [[1.0], [1.0]], [1.0, 1.0], top=2, seed=3)
    assert found.rank[0] == 1
    assert found.rank[3] == 4
    assert (found.low[0], found.high[0], found.top[0]) == (1, 1, 1)
    assert (found.low[3], found.high[3], found.top[3]) == (4, 4, 0)
    assert (found.low[1], found.high[1]) == (2, 3)
    # By symmetry each is second in half of the draws.
    assert found.top[1] == pytest.approx(0.5, abs=0.04)
    assert found.top[1] + found.top[2] == pytest.approx(1)
    again = directions.ranking(x, [[1.0], [1.0]], [1.0, 1.0], top=2, seed=3)
    np.testing.assert_array_equal(found.top, again.top)


def test_draws_are_those_of_a_loop() -> None:
    generator = np.random.default_rng(5)
    x, v, w = generator.standard_normal((3, 6)), np.array([[0.5], [1.0], [3.0]]), np.array([0.5, 0.3, 0.7])
    found = directions.ranking(x, v, w, draws=50, top=2, seed=9)
    drawn = np.random.default_rng(9).dirichlet(20 * w / w.sum(), 50) * w.sum()
    ranks = []
    for each in drawn:
        mean = directions.combine(x, v, each).mean
        ranks.append([1 + sum(other > own for other in mean) for own in mean])
    np.testing.assert_allclose(found.top, (np.array(ranks) <= 2).mean(axis=0))
    own = directions.combine(x, v, w).mean
    assert found.rank.tolist() == [1 + int((own > each).sum()) for each in own]


def test_a_weight_of_nil_stays_nil_and_one_weight_leaves_nothing_to_vary() -> None:
    x = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    found = directions.ranking(x, [[1.0], [1.0]], [1.0, 0.0])
    assert found.rank.tolist() == [3, 2, 1]
    np.testing.assert_array_equal(found.low, found.high)
    with pytest.raises(ValueError, match="some weight"):
        directions.ranking(x, [[1.0], [1.0]], [0.0, 0.0])


def test_equal_values_have_no_order_but_that_of_their_ids() -> None:
    found = directions.ranking(np.full((1, 4), 0.3), [[1.0]], [1.0])
    assert found.rank.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(directions.standardised([0.1, 0.1, 0.1]), [0, 0, 0])
