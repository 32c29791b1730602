"""Priority directions: limits, permutations, copies, brute force."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

# The package gives the question this name.
directions = importlib.import_module("foreland.foresight.directions")

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
    np.testing.assert_allclose(directions.parts(x, v[:, None], np.ones(3)).sum(axis=0), found.mean, atol=1e-12)
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


def test_answers_stand_on_the_scale_not_against_the_other_topics() -> None:
    """A direction that all call important stays so, whatever else was asked; one at the middle says nothing."""
    found = directions.panel([[5.0, 3, 2], [5, 3, 2]], unit=0.5)
    assert found.mean.tolist() == [4.0, 0.0, -2.0]
    alone = directions.panel([[5.0], [5]], unit=0.5)
    assert (alone.mean[0], alone.variance[0]) == (found.mean[0], found.variance[0])
    moved = directions.panel([[105.0, 103, 102], [105, 103, 102]], centre=103, unit=0.5)
    np.testing.assert_array_equal(moved.mean, found.mean)
    with pytest.raises(ValueError, match="unit"):
        directions.panel([[1.0]], unit=0.0)


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


def test_the_chance_to_be_among_the_first_is_that_of_the_normal() -> None:
    from scipy.stats import norm

    belief = directions.Posterior(np.array([0.5, 0.0]), np.array([1.0, 1.0]), None, None)
    found = directions.among_first(belief, 1, draws=100_000)
    assert found[0] == pytest.approx(norm.cdf(0.5 / np.sqrt(2)), abs=0.006)
    assert found.sum() == pytest.approx(1)
    nothing = directions.Posterior(np.zeros(10), np.ones(10), None, None)
    np.testing.assert_allclose(directions.among_first(nothing, 3), 0.3, atol=0.03)


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


# Track record -------------------------------------------------------------------------------------


def test_growth_that_goes_on_has_a_record_and_growth_by_chance_has_none() -> None:
    generator = np.random.default_rng(2)
    years, places, units = 24, 6, 30
    rates = generator.normal(0.03, 0.08, units)
    trend = 400 * np.exp(np.arange(years)[:, None] * rates)
    steady = generator.poisson(np.repeat(trend[:, None], places, axis=1)).astype(float)
    found = directions.track_record(steady)
    assert found.growth > 0.9
    assert found.momentum > 0.9
    assert (found.origins, found.places) == (years - 5 - 5, places)
    noise = generator.poisson(400, (years, places, units)).astype(float)
    blind = directions.track_record(noise)
    # The last window known stands on both sides: what was high by chance falls.
    assert blind.growth < 0.05
    assert abs(blind.momentum) < 0.25


def test_the_record_is_the_mean_of_spearmans() -> None:
    from scipy.stats import spearmanr

    generator = np.random.default_rng(4)
    values = generator.poisson(generator.gamma(2, 300, (14, 2, 12))).astype(float)
    found = directions.track_record(values, window=2, ahead=3, fewest=1)
    expected = []
    for at in range(3, 11):
        for place in range(2):
            own = values[:, place]
            came = np.log((own[at + 2 : at + 4].sum(0) + 0.5) / (own[at - 1 : at + 1].sum(0) + 0.5))
            world = directions.shrunk_growth(values.sum(1), at, 2)
            growth = directions.shrunk_growth(own, at, 2)
            expected.append((spearmanr(came, world).statistic, spearmanr(came, growth).statistic))
    np.testing.assert_allclose((found.momentum, found.growth), np.mean(expected, axis=0))


def test_a_record_knows_nothing_of_the_years_to_come() -> None:
    """What is worked out at a year is the same whatever follows."""
    generator = np.random.default_rng(7)
    counts = generator.poisson(50, (12, 8)).astype(float)
    later = counts.copy()
    later[9:] *= 5
    np.testing.assert_array_equal(directions.shrunk_growth(counts, 8, 3), directions.shrunk_growth(later, 8, 3))
    too_short = directions.track_record(generator.poisson(500, (8, 3, 6)).astype(float))
    assert np.isnan(too_short.growth)
    assert too_short.origins == 0


def test_small_counts_do_not_win_by_their_size() -> None:
    """A unit that goes from 3 to 12 keeps less of its growth than one that goes from 3,000 to 3,900."""
    counts = np.array([[1000.0, 1000, 1000, 1, 1000]] * 3 + [[1000, 1100, 900, 4, 1300]] * 3)
    found = directions.shrunk_growth(counts, 5, 3)
    every = np.log(counts[3:].sum() / counts[:3].sum())
    assert found[3] < 0.25 * (np.log(4) - every)
    assert found[4] > 0.75 * (np.log(1.3) - every)


@pytest.mark.parametrize("seed", range(5))
def test_spans_of_ranks_hold_the_rank(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(4, 1000)) * [[1.0], [1.0], [0.3], [0.1]]
    found = directions.ranking(x, np.repeat([[1.0], [3.0], [2.0], [9.0]], 1000, axis=1), np.ones(4), draws=300, top=5)
    assert (found.low <= found.rank).all()
    assert (found.rank <= found.high).all()
