"""Delphi numerics: textbook values, SciPy, brute force, and what must hold whatever was answered."""

from __future__ import annotations

import importlib
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

# The package gives the question this name.
delphi = importlib.import_module("foreland.foresight.delphi")

NAN, NEVER = np.nan, np.inf
YEARS = st.lists(st.sampled_from([2026.0, 2030.0, 2035.0, 2050.0, NEVER]), min_size=1, max_size=12)


def test_the_index_runs_from_nil_to_a_hundred() -> None:
    found = delphi.importance([[1, 5, 3, NAN], [1, 5, 4, NAN]])
    np.testing.assert_allclose(found.index[:3], [0, 100, 62.5])
    np.testing.assert_allclose(found.high[:3], [0, 1, 0.5])
    assert np.isnan(found.index[3])
    assert found.answered.tolist() == [2, 2, 2, 0]
    with pytest.raises(ValueError, match="1 to 5"):
        delphi.importance([[6.0]])


@given(YEARS, st.lists(st.floats(0.01, 1), min_size=1, max_size=5))
def test_quantiles_are_numpys_of_the_same_definition(values: list[float], shares: list[float]) -> None:
    finite = np.where(np.isinf(values), 9999.0, values)
    expected = np.quantile(finite, shares, method="averaged_inverted_cdf")
    found = delphi.quantiles(finite, np.ones(len(values)), shares)
    np.testing.assert_allclose(found, expected)


@given(YEARS, st.data())
def test_a_weight_is_as_many_answers(values: list[float], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(0, 4), min_size=len(values), max_size=len(values)))
    repeated = np.repeat(values, weights)
    shares = [0.25, 0.5, 0.75]
    np.testing.assert_array_equal(
        delphi.quantiles(values, weights, shares), delphi.quantiles(repeated, np.ones(len(repeated)), shares)
    )
    # Nor does the unit of the weights matter.
    np.testing.assert_array_equal(
        delphi.quantiles(values, weights, shares), delphi.quantiles(values, np.array(weights) / 7, shares)
    )


def test_never_is_censored_not_left_out() -> None:
    years = np.array([[2030, 2030, 2030], [2032, NEVER, NEVER], [2034, NEVER, NAN], [NAN, NAN, NAN]])
    found = delphi.realisation(years)
    assert found.median.tolist() == [2032, NEVER, NEVER]
    assert found.low.tolist()[:2] == [2030, 2030]
    assert found.iqr[0] == 4
    assert np.isinf(found.iqr[1])
    np.testing.assert_allclose(found.never, [0, 2 / 3, 1 / 2])
    assert found.answered.tolist() == [3, 3, 2]
    everybody = delphi.realisation([[NEVER], [NEVER]])
    assert np.isinf(everybody.median[0])
    assert np.isnan(everybody.iqr[0])


@given(YEARS, st.permutations(range(12)))
def test_the_order_of_participants_does_not_matter(values: list[float], order: list[int]) -> None:
    years = np.array(values)[:, None]
    mixed = years[[i for i in order if i < len(values)]]
    for name in ("median", "low", "high", "never"):
        np.testing.assert_array_equal(
            getattr(delphi.realisation(years), name), getattr(delphi.realisation(mixed), name)
        )


# Concordance --------------------------------------------------------------------------------------


def test_concordance_of_siegels_applicants() -> None:
    """Siegel (1956, p. 230): three executives rank six applicants; s = 25.5, W = .16."""
    ranks = [[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]]
    sums = np.sum(ranks, axis=0)
    assert ((sums - sums.mean()) ** 2).sum() == 25.5
    assert delphi.concordance(ranks).w == pytest.approx(0.1619, abs=1e-4)


@given(st.integers(3, 7), st.integers(3, 6), st.integers(0, 10_000))
def test_its_test_is_friedmans(raters: int, items: int, seed: int) -> None:
    from scipy.stats import friedmanchisquare

    scores = np.random.default_rng(seed).integers(1, 5, (raters, items)).astype(float)
    found = delphi.concordance(scores)
    if all(len(set(row)) == 1 for row in scores.tolist()):
        assert np.isnan(found.w)
        return
    expected = friedmanchisquare(*scores.T)
    np.testing.assert_allclose((found.chi2, found.p), expected, atol=1e-12)
    assert -1e-12 <= found.w <= 1 + 1e-12


def test_concordance_is_the_mean_rank_correlation() -> None:
    """Without ties W = (1 + (m − 1) mean Spearman) / m (Kendall 1948)."""
    from scipy.stats import spearmanr

    scores = np.array([np.random.default_rng(i).permutation(6) for i in range(4)], float)
    pairs = [spearmanr(a, b).statistic for a, b in itertools.combinations(scores, 2)]
    assert delphi.concordance(scores).w == pytest.approx((1 + 3 * np.mean(pairs)) / 4)


def test_raters_who_left_something_out_do_not_count() -> None:
    scores = np.array([[1, 2, 3], [1, 2, 3], [3, NAN, 1]])
    found = delphi.concordance(scores)
    assert (found.w, found.raters) == (1, 2)
    assert np.isnan(delphi.concordance([[1, 2, 3]]).w)
    assert delphi.concordance([[2030, NEVER, NEVER], [2028, NEVER, NEVER]]).w == 1


# Rounds -------------------------------------------------------------------------------------------


def test_changes_and_the_pull_of_the_median() -> None:
    before = np.array([[2030, 2030], [2034, 2030], [2040, NEVER], [NAN, 2031], [2050, 2040]])
    after = np.array([[2030, 2030], [2035, 2031], [2037, 2040], [2035, NAN], [2060, NEVER]])
    found = delphi.stability(before, after)
    assert found.compared.tolist() == [4, 4]
    np.testing.assert_allclose(found.changed, [3 / 4, 3 / 4])
    # Median of 2030, 2034, 2040, 2050 is 2037: two come nearer, one goes away. Of the second it is 2031.
    np.testing.assert_allclose(found.towards, [2 / 3, 2 / 3])
    still = delphi.stability(before, before)
    assert still.changed.tolist() == [0, 0]
    assert np.isnan(still.towards).all()


def test_a_range_without_end_has_not_narrowed() -> None:
    np.testing.assert_array_equal(delphi.narrowing([8, np.inf, 4, NAN], [5, 3, np.inf, 2]), [-3, NAN, NAN, NAN])


# Calibration --------------------------------------------------------------------------------------


def test_the_chance_falls_with_the_horizon() -> None:
    found = delphi.realised_chance([0, 10, 20, 30, np.inf], 0.7, 0.1)
    np.testing.assert_allclose(found, [0.7, 0.7, 0.7 * np.exp(-0.1), 0.7 * np.exp(-0.2), 0])
    assert delphi.realised_chance([40.0], 0.7, 0.0)[0] == pytest.approx(0.7)
    with pytest.raises(ValueError, match="base rate"):
        delphi.realised_chance([1.0], 1.2, 0.0)


def test_calibration_brute_force() -> None:
    """Among draws that come true with the chance, and then in a year of the panel, half have by the even year."""
    years = np.array([2028, 2030, 2031, 2033, 2036, 2040, 2044, 2050, 2055, 2060], float)[:, None]
    found = delphi.calibrate(years, [0.7])
    assert found.by_median[0] == pytest.approx(0.7 * 0.5)
    # 0.5 / 0.7 = 0.714: the eighth of ten; 0.25 / 0.7 = 0.357: the fourth; 0.75 is beyond 0.7.
    assert (found.even[0], found.low[0], found.high[0]) == (2050, 2033, np.inf)
    generator = np.random.default_rng(1)
    drawn = np.where(generator.random(200_000) < 0.7, generator.choice(years[:, 0], 200_000), np.inf)
    assert (drawn <= 2044).mean() < 0.5 <= (drawn <= 2050).mean()


@given(YEARS, st.floats(0.05, 1))
def test_a_borrowed_rate_never_brings_a_topic_nearer(values: list[float], chance: float) -> None:
    years = np.array(values)[:, None]
    plain, found = delphi.realisation(years), delphi.calibrate(years, [chance])
    assert found.even[0] >= plain.median[0]
    assert found.by_median[0] <= chance + 1e-12
    whole = delphi.calibrate(years, [1.0])
    assert whole.even[0] == plain.median[0]


def test_expertise_weighs_as_the_table_says() -> None:
    levels = np.array([[1, 4], [NAN, 2]])
    np.testing.assert_array_equal(delphi.expertise_weights(levels, [0, 1, 2, 3]), [[0, 3], [0, 1]])
    weights = delphi.expertise_weights([[4.0], [1.0]], [0, 1, 2, 3])
    assert delphi.importance([[5.0], [1.0]], weights).index[0] == 100
    with pytest.raises(ValueError, match="negative"):
        delphi.realisation([[2030.0]], [[-1.0]])
