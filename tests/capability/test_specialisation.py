"""Location quotients against REAT, EconGeo and R's economiccomplexity, brute force, and their invariants."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

# By its path: the room exports a question of the same name.
sp = importlib.import_module("foreland.capability.specialisation")


# EconGeo's documented example: five regions, four industries.
ECONGEO = np.array([[0, 6, 9, 4], [10, 10, 3, 6], [7, 8, 1, 6], [9, 10, 0, 5], [10, 0, 0, 1]], dtype=float)

counts = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    elements=st.integers(0, 40).map(float) | st.just(float("nan")),
)


def loop_lq(X: np.ndarray) -> np.ndarray:
    """Balassa's definition, one cell at a time."""
    out = np.full(X.shape, np.nan)
    whole = np.nansum(X)
    for r in range(X.shape[0]):
        for f in range(X.shape[1]):
            place, field = np.nansum(X[r]), np.nansum(X[:, f])
            if np.isfinite(X[r, f]) and place > 0 and field > 0:
                out[r, f] = (X[r, f] / place) / (field / whole)
    return out


def test_location_quotient_of_the_econgeo_example(shared: Path) -> None:
    lines = (shared / "oracles/econgeo-r/econgeo-2.0-examples.txt").read_text(encoding="utf-8").splitlines()
    at = lines.index("location_quotient ") + 2
    published = np.array([[float(v) for v in line.split()[1:]] for line in lines[at : at + 5]])
    np.testing.assert_allclose(sp.location_quotient(ECONGEO), published, atol=1e-11)


def test_location_quotient_of_farhauer_and_kroell() -> None:
    # REAT: locq(1714, 79006, 879213, 15593224)
    lq = sp.location_quotient([[1714.0]], [879213.0], place_totals=[79006.0], benchmark_total=15593224.0)
    assert lq[0, 0] == pytest.approx(0.3847623423, abs=1e-10)


def test_balassa_index_of_world_trade_matches_r_in_every_cell(shared: Path) -> None:
    pd = pytest.importorskip("pandas")
    folder = shared / "data/world_trade_1998_2000"
    reference = pd.read_parquet(folder / "r_reference_balassa_0_1.parquet")
    trade = pd.read_csv(folder / "world_trade_avg_1998_2000.csv.gz", dtype={"product": str})
    X = trade.pivot_table(index="country", columns="product", values="value", aggfunc="sum", fill_value=0.0)
    X = X.loc[reference.index, reference.columns]
    here = sp.presence(sp.location_quotient(X.to_numpy(float)))
    assert here.size == 177_410
    np.testing.assert_array_equal(here, reference.to_numpy() == 1)


@given(counts)
def test_location_quotient_equals_the_loop(X: np.ndarray) -> None:
    np.testing.assert_allclose(sp.location_quotient(X), loop_lq(X), rtol=1e-12)


@given(counts, st.randoms(use_true_random=False))
def test_location_quotient_follows_permutations(X: np.ndarray, random: object) -> None:
    rows = np.random.default_rng(random.randint(0, 99)).permutation(X.shape[0])  # type: ignore[attr-defined]
    columns = np.random.default_rng(random.randint(0, 99)).permutation(X.shape[1])  # type: ignore[attr-defined]
    moved = sp.location_quotient(X[rows][:, columns])
    np.testing.assert_allclose(moved, sp.location_quotient(X)[rows][:, columns], rtol=1e-12)


@given(counts, st.floats(1e-6, 1e9))
def test_location_quotient_knows_no_unit(X: np.ndarray, unit: float) -> None:
    np.testing.assert_allclose(sp.location_quotient(X * unit), sp.location_quotient(X), rtol=1e-9)


@given(counts)
def test_mean_quotient_weighted_by_the_benchmark_is_one(X: np.ndarray) -> None:
    X = np.nan_to_num(X)
    lq, weight = sp.location_quotient(X), X.sum(0) / max(X.sum(), 1)
    mean = (np.nan_to_num(lq) * weight).sum(1)
    np.testing.assert_allclose(mean[X.sum(1) > 0], 1.0, rtol=1e-12)


@given(counts)
def test_nothing_is_infinite_and_nothing_warns(X: np.ndarray) -> None:
    heads = np.arange(X.shape[0], dtype=float)  # the first place has no population
    lq = sp.location_quotient(X)
    for result in (
        lq,
        sp.per_head_specialisation(X, heads),
        sp.symmetric(lq),
        sp.standardised(lq),
        sp.standardised(lq, log=True),
        *sp.interval(X),
        *sp.interval(X, method="delta"),
    ):
        assert not np.isinf(result).any()
        assert result.shape == X.shape


def test_one_empty_place_and_one_empty_field_stay_alone() -> None:
    X = ECONGEO.copy()
    X[2], X[:, 1] = 0, 0
    lq = sp.location_quotient(X)
    assert np.isnan(lq[2]).all()
    assert np.isnan(lq[:, 1]).all()
    assert np.isfinite(np.delete(np.delete(lq, 2, 0), 1, 1)).all()


def test_published_totals_count_what_is_suppressed() -> None:
    full = ECONGEO
    seen = full.copy()
    seen[0, 2] = np.nan
    lq = sp.location_quotient(seen, full.sum(0), place_totals=full.sum(1), benchmark_total=full.sum())
    expected = sp.location_quotient(full)
    expected[0, 2] = np.nan
    np.testing.assert_allclose(lq, expected)
    assert not np.allclose(sp.location_quotient(seen)[0, 1], expected[0, 1])  # without totals it is biased


def test_panels_are_their_periods() -> None:
    panel = np.stack([ECONGEO, ECONGEO[::-1] + 1, ECONGEO * 3])
    heads = np.arange(1.0, 16.0).reshape(3, 5)
    np.testing.assert_allclose(sp.location_quotient(panel), [sp.location_quotient(x) for x in panel])
    np.testing.assert_allclose(sp.shares(panel), [sp.shares(x) for x in panel])
    np.testing.assert_allclose(
        sp.per_head_specialisation(panel, heads),
        [sp.per_head_specialisation(x, h) for x, h in zip(panel, heads, strict=True)],
    )
    yearly = np.arange(1.0, 13.0).reshape(3, 4)
    np.testing.assert_allclose(
        sp.location_quotient(panel, yearly),
        [sp.location_quotient(x, b) for x, b in zip(panel, yearly, strict=True)],
    )
    z = sp.standardised(sp.location_quotient(panel))
    np.testing.assert_allclose(sp.bootstrap_cutoff(z), [sp.bootstrap_cutoff(x) for x in z])


def test_bad_input_is_refused() -> None:
    for bad in ([[-1.0]], [[np.inf]], [1.0, 2.0]):
        with pytest.raises(ValueError, match=r"negative|infinite|dimensions"):
            sp.location_quotient(bad)
    with pytest.raises(ValueError, match="benchmark does not fit"):
        sp.location_quotient(ECONGEO, [1.0, 2.0])
    with pytest.raises(ValueError, match="together"):
        sp.location_quotient(ECONGEO, place_totals=ECONGEO.sum(1))
    with pytest.raises(ValueError, match="together"):
        sp.per_head_specialisation(ECONGEO, np.ones(5), ECONGEO.sum(0))
    with pytest.raises(ValueError, match="contain the places"):
        sp.interval(ECONGEO, [1.0, 1.0, 1.0, 1.0])


def test_per_head_by_hand() -> None:
    # 10 of 30 units in a place with a fifth of the heads: (1/3)/(1/5).
    value = sp.per_head_specialisation([[10.0, 1.0], [20.0, 0.0]], [20.0, 80.0])
    np.testing.assert_allclose(value, [[5 / 3, 5.0], [5 / 6, 0.0]])


def test_a_place_without_population_leaves_the_average() -> None:
    X = [[10.0], [20.0], [500.0]]
    value = sp.per_head_specialisation(X, [20.0, 80.0, np.nan])
    np.testing.assert_allclose(value[:2], [[5 / 3], [5 / 6]])
    assert np.isnan(value[2, 0])


def test_symmetric_is_antisymmetric_in_the_logarithm() -> None:
    np.testing.assert_allclose(sp.symmetric([0.0, 0.5, 1.0, 2.0]), [-1.0, -1 / 3, 0.0, 1 / 3])


@given(counts)
def test_standardised_equals_scipy(X: np.ndarray) -> None:
    lq = sp.location_quotient(X)
    z = sp.standardised(lq)
    for f in range(lq.shape[1]):
        column = lq[:, f][np.isfinite(lq[:, f])]
        if len(column) > 1 and np.ptp(column) > 1e-9:
            np.testing.assert_allclose(z[np.isfinite(lq[:, f]), f], stats.zscore(column, ddof=1), rtol=1e-8)
        else:
            assert np.isnan(z[:, f]).all()


def test_bootstrap_cutoff_is_the_limit_of_resampling() -> None:
    z = np.random.default_rng(3).lognormal(size=(23, 2))
    z[4, 1] = np.nan
    exact = sp.bootstrap_cutoff(z, 0.95)
    rng = np.random.default_rng(0)
    for f in range(2):
        column = z[np.isfinite(z[:, f]), f]
        draws = np.quantile(rng.choice(column, (40_000, len(column))), 0.95, axis=1)
        assert abs(exact[f] - draws.mean()) < 4 * draws.std() / np.sqrt(len(draws))


def test_exact_interval_is_clopper_pearson_over_the_weight() -> None:
    lower, upper = sp.interval(ECONGEO, level=0.9)
    for (r, f), x in np.ndenumerate(ECONGEO):
        ci = stats.binomtest(int(x), int(ECONGEO[:, f].sum())).proportion_ci(0.9, method="exact")
        w = ECONGEO[r].sum() / ECONGEO.sum()
        assert (lower[r, f], upper[r, f]) == pytest.approx((ci.low / w, ci.high / w), rel=1e-9)


@given(counts)
def test_exact_interval_holds_the_quotient(X: np.ndarray) -> None:
    lq, (lower, upper) = sp.location_quotient(X), sp.interval(X)
    known = np.isfinite(lq)
    np.testing.assert_array_equal(known, np.isfinite(lower) & np.isfinite(upper))
    slack = 1e-9 * (1 + lq[known])
    assert (lower[known] <= lq[known] + slack).all()
    assert (lq[known] <= upper[known] + slack).all()
    assert (lower[known] >= 0).all()


def test_delta_interval_against_a_numerical_gradient() -> None:
    n, p = ECONGEO.sum(1), ECONGEO / ECONGEO.sum(1, keepdims=True)
    lower, upper = sp.interval(ECONGEO, method="delta")
    lq = sp.location_quotient(ECONGEO)

    def quotient(rates: np.ndarray, r: int) -> float:
        return rates[r] / (n @ rates / n.sum())

    for r, f in ((1, 0), (2, 3), (1, 1)):
        rates, step = p[:, f], 1e-6
        gradient = [(quotient(rates + step * e, r) - quotient(rates - step * e, r)) / (2 * step) for e in np.eye(5)]
        sd = np.sqrt(np.sum(np.square(gradient) * rates * (1 - rates) / n))
        assert upper[r, f] - lq[r, f] == pytest.approx(1.959964 * sd, rel=1e-5)
        assert lower[r, f] == pytest.approx(max(lq[r, f] - 1.959964 * sd, 0), rel=1e-5)
    assert np.isnan(lower[ECONGEO == 0]).all()


@pytest.mark.parametrize("method", ["exact", "delta"])
def test_intervals_cover_the_truth_as_often_as_they_say(method: str) -> None:
    rng = np.random.default_rng(7)
    truth = np.array([[30.0, 60, 900], [90, 40, 1900], [200, 500, 7000]])
    target = sp.location_quotient(truth)
    hits = np.zeros(truth.shape)
    rounds = 1500
    panel = rng.poisson(truth, (rounds, *truth.shape)).astype(float)
    lower, upper = sp.interval(panel, method=method)
    hits = ((lower <= target) & (target <= upper)).mean(axis=0)
    assert (hits[:, :2] > 0.93).all()
    if method == "delta":
        assert (hits[:, :2] < 0.97).all()


def test_presence_needs_quotient_and_count() -> None:
    lq = np.array([[1.0, 2.0, 0.99, np.nan]])
    X = np.array([[5.0, 4.0, 50.0, np.nan]])
    assert sp.presence(lq).tolist() == [[True, True, False, False]]
    assert sp.presence(lq, X, min_count=5).tolist() == [[True, False, False, False]]
    with pytest.raises(ValueError, match="min_count needs X"):
        sp.presence(lq, min_count=5)
    with pytest.raises(ValueError, match="shapes differ"):
        sp.presence(lq, X[:, :2])


def test_ranks_break_ties_by_index_and_leave_out_the_missing() -> None:
    assert sp.ranks([2.0, np.nan, 3.0, 2.0]).tolist() == [2, 0, 1, 3]
    assert sp.ranks([2.0, np.nan, 3.0, 2.0], descending=False).tolist() == [1, 0, 3, 2]
    assert sp.ranks([[1.0, 5.0], [3.0, np.nan]], axis=0).tolist() == [[2, 1], [1, 0]]


@settings(max_examples=50)
@given(hnp.arrays(np.float64, st.integers(1, 30), elements=st.sampled_from([0.0, -0.0, 1.0, 2.5, np.nan])))
def test_ranks_are_a_permutation(values: np.ndarray) -> None:
    ranks = sp.ranks(values)
    known = np.isfinite(values)
    assert sorted(ranks[known]) == list(range(1, known.sum() + 1))
    expected = sorted(np.flatnonzero(known), key=lambda i: (-values[i], i))
    assert [ranks[i] for i in expected] == list(range(1, known.sum() + 1))
