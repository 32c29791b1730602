"""Structure indices against REAT and EconGeo, brute force, and their identities."""

from __future__ import annotations

import importlib
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from foreland.capability.specialisation import location_quotient

# By its path: the room exports a question of the same name.
sr = importlib.import_module("foreland.capability.structure")


ECONGEO = np.array([[0, 6, 9, 4], [10, 10, 3, 6], [7, 8, 1, 6], [9, 10, 0, 5], [10, 0, 0, 1]], dtype=float)
# GDP (billion EUR) and population of the German Länder: REAT's Hoover example.
GDP = [460.69, 549.19, 124.16, 65.29, 31.59, 109.27, 263.44, 39.87, 258.53, 645.59, 131.95, 35.03, 112.66, 56.22, 85.61, 56.81]  # fmt: skip # noqa: E501
HEADS = [10879618, 12843514, 3520031, 2484826, 671489, 1787408, 6176172, 1612362, 7926599, 17865516, 4052803, 995597, 4084851, 2245470, 2858714, 2170714]  # fmt: skip # noqa: E501

counts = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 6), st.integers(1, 7)),
    elements=st.integers(0, 30).map(float) | st.just(float("nan")),
)
full = hnp.arrays(np.float64, st.tuples(st.integers(2, 6), st.integers(1, 7)), elements=st.floats(0.1, 50))


def econgeo(shared: Path, name: str) -> list[float]:
    """A named vector as the oracle prints it: a line of names, a line of values."""
    lines = (shared / "oracles/econgeo-r/econgeo-2.0-examples.txt").read_text(encoding="utf-8").splitlines()
    return [float(v) for v in lines[lines.index(name) + 2].split()]


def test_vectors_of_the_econgeo_example(shared: Path) -> None:
    for name, ours, digits in (
        ("krugman_index ", sr.krugman_index(ECONGEO), 1e-12),
        ("spec_coeff ", sr.krugman_index(ECONGEO, coefficient=True), 1e-12),
        ("hachman ", sr.hachman_index(ECONGEO), 1e-11),
        ("herfindahl ", sr.hhi(ECONGEO), 1e-11),
        ("entropy ", sr.entropy(ECONGEO), 5.001e-4),  # printed with three digits
    ):
        np.testing.assert_allclose(ours, econgeo(shared, name), atol=digits, err_msg=name)


def test_locational_gini_of_the_econgeo_example_is_half_of_ours(shared: Path) -> None:
    lines = (shared / "oracles/econgeo-r/econgeo-2.0-examples.txt").read_text(encoding="utf-8").splitlines()
    at = lines.index("locational_gini ") + 2
    published = np.array([float(line.split()[2]) for line in lines[at : at + 4]])
    np.testing.assert_allclose(sr.locational_gini(ECONGEO), 2 * published, atol=1e-12)


def test_krugman_examples_of_reat() -> None:
    two = [[20.0, 10, 70, 0, 0], [0, 0, 0, 60, 40]]
    assert sr.krugman_index(two, against="rest").tolist() == [2.0, 2.0]
    assert sr.krugman_matrix(two)[0, 1] == 2.0
    # krugman.spec2, Farhauer & Kröll (2013): Sweden against Norway, Denmark, Finland, Iceland.
    nordic = [
        [45000.0, 15000, 32000, 10000, 30000],
        [35000, 12000, 30000, 8000, 22000],
        [40000, 10000, 25000, 9000, 18000],
        [30000, 11000, 18000, 3000, 13000],
        [40000, 6000, 11000, 2000, 12000],
    ]
    assert sr.krugman_index(nordic, against="mean_of_others")[0] == pytest.approx(0.1595, abs=5e-5)
    # krugman.conc: half of every cell has the same distribution.
    field = np.array([[4388.0, 37489, 129423, 60941]])
    assert sr.krugman_index(field, (field / 2)[0]).tolist() == [0.0]


def test_the_three_conventions_differ_and_are_what_they_say() -> None:
    share = ECONGEO / ECONGEO.sum(1, keepdims=True)
    for r in range(5):
        others = np.delete(ECONGEO, r, 0)
        rest = np.abs(share[r] - others.sum(0) / others.sum()).sum()
        mean = np.abs(share[r] - np.delete(share, r, 0).mean(0)).sum()
        assert sr.krugman_index(ECONGEO, against="rest")[r] == pytest.approx(rest, rel=1e-12)
        assert sr.krugman_index(ECONGEO, against="mean_of_others")[r] == pytest.approx(mean, rel=1e-12)
    with pytest.raises(ValueError, match="against"):
        sr.krugman_index(ECONGEO, against="everyone")


def test_a_lone_place_has_no_rest() -> None:
    for against in ("rest", "mean_of_others"):
        assert np.isnan(sr.krugman_index([[0.1, 0.2, 0.7]], against=against)).all()
        lonely = sr.krugman_index([[0.1, 0.2, 0.7], [0, 0, 0]], against=against)
        assert np.isnan(lonely).all()


def test_hoover_examples() -> None:
    gdp = np.array(GDP)[:, None]
    assert sr.hoover_index(gdp, HEADS)[0] == pytest.approx(0.07358990889, abs=1e-11)
    # Balland's example: 30 % of the people make 50 % of the output.
    assert sr.hoover_index([[0.0], [10], [10], [30], [50]], [10.0, 15, 20, 25, 30])[0] == pytest.approx(0.25)


def test_herfindahl_examples_of_reat() -> None:
    sales = [[20.0, 50, 20, 10]]
    assert sr.hhi(sales)[0] == pytest.approx(0.34)
    assert sr.hhi(sales, normalised=True)[0] == pytest.approx(0.12)
    assert 1 / sr.hhi(sales)[0] == pytest.approx(2.941176471)
    assert sr.hhi([GDP])[0] == pytest.approx(0.1251762991, abs=1e-10)
    assert sr.hhi(np.array(GDP)[:, None], axis=-2)[0] == pytest.approx(0.1251762991, abs=1e-10)
    assert np.isnan(sr.hhi([[3.0]], normalised=True)[0])


def test_gini_examples_of_reat() -> None:
    spec = sr.specialisation_gini([[700.0, 600, 500, 10000, 40000]], [30000.0, 15000, 10000, 60000, 50000])
    assert spec[0] == pytest.approx(0.6222222222, abs=1e-10)
    conc = sr.locational_gini(
        [[500.0], [500], [1000], [7000], [1000]], [20000.0, 15000, 20000, 40000, 5000], weighting="places"
    )
    assert conc[0] == pytest.approx(0.4068965517, abs=1e-10)


def test_theil_of_stoermann_is_the_mean_logarithmic_deviation() -> None:
    income = [10.0, 10, 10, 20, 50]
    assert sr.theil(income, kind="L") == pytest.approx(0.232630162, abs=1e-9)
    # T by hand: (3·0.5 ln 0.5 + 1 ln 1 + 2.5 ln 2.5)/5
    assert sr.theil(income) == pytest.approx((1.5 * np.log(0.5) + 2.5 * np.log(2.5)) / 5)
    assert sr.theil([10.0, 20, 50], [3.0, 1, 1]) == pytest.approx(sr.theil(income))
    assert np.isnan(sr.theil([0.0, 1.0], kind="L"))
    assert sr.theil([0.0, 1.0]) == pytest.approx(np.log(2))
    assert sr.theil([10.0, np.nan, 20, 50], [3.0, 9, 1, 1]) == pytest.approx(sr.theil(income))


@given(full)
def test_locational_gini_equals_all_pairs(X: np.ndarray) -> None:
    weight = X.sum(1) / X.sum()
    lq = location_quotient(X)
    n = len(X)
    for f in range(X.shape[1]):
        pairs = list(product(range(n), repeat=2))
        weighted = sum(weight[i] * weight[j] * abs(lq[i, f] - lq[j, f]) for i, j in pairs) / 2
        plain = sum(abs(lq[i, f] - lq[j, f]) for i, j in pairs) / (2 * n * n * lq[:, f].mean())
        assert sr.locational_gini(X)[f] == pytest.approx(weighted, abs=1e-9)
        assert sr.locational_gini(X, weighting="places")[f] == pytest.approx(plain, abs=1e-9)


def test_a_field_where_nobody_lives_is_fully_concentrated() -> None:
    X = [[0.0], [0.0], [5.0]]
    assert sr.locational_gini(X, [1.0, 1.0, 0.0])[0] == pytest.approx(1.0)
    assert sr.hoover_index(X, [1.0, 1.0, 0.0])[0] == pytest.approx(1.0)


@given(counts)
def test_entropy_decomposes(X: np.ndarray) -> None:
    groups = np.arange(X.shape[1]) % 3
    v = sr.variety(X, groups)
    np.testing.assert_allclose(v.unrelated + v.related, v.total, atol=1e-12)
    np.testing.assert_allclose(v.total, sr.entropy(X), atol=1e-12)
    known = ~np.isnan(v.total)
    assert (v.related[known] >= -1e-12).all()
    assert (v.unrelated[known] >= -1e-12).all()


def test_variety_by_hand() -> None:
    # Two groups of one half each; inside the first two equal fields, inside the second one.
    v = sr.variety([[1.0, 1.0, 2.0, 0.0]], ["a", "a", "b", "b"])
    assert (v.total[0], v.unrelated[0], v.related[0]) == pytest.approx((1.5, 1.0, 0.5))
    with pytest.raises(ValueError, match="groups"):
        sr.variety([[1.0, 1.0]], ["a"])


@given(counts)
def test_groups_of_one_and_one_group_are_the_two_ends(X: np.ndarray) -> None:
    alone = sr.variety(X, np.arange(X.shape[1]))
    together = sr.variety(X, np.zeros(X.shape[1]))
    np.testing.assert_allclose(alone.unrelated, sr.entropy(X), atol=1e-12)
    np.testing.assert_allclose(alone.related + together.unrelated, np.zeros(len(X)) + 0 * alone.total, atol=1e-12)
    np.testing.assert_allclose(together.related, sr.entropy(X), atol=1e-12)


@given(counts)
def test_similarities_are_similarities(X: np.ndarray) -> None:
    known = np.nansum(X, 1) > 0
    for how in ("unido", "finger_kreinin"):
        S = sr.similarity(X, how)
        np.testing.assert_allclose(S, S.T)
        np.testing.assert_allclose(np.diag(S)[known], 1.0, rtol=1e-12)
        assert np.isnan(S[~known]).all()
        assert ((S[known][:, known] >= -1e-12) & (S[known][:, known] <= 1 + 1e-12)).all()


@given(counts)
def test_pairs_equal_the_loop(X: np.ndarray) -> None:
    filled = np.nan_to_num(X)
    K, C, common = sr.krugman_matrix(X), sr.similarity(X), sr.similarity(X, "finger_kreinin")
    for i, j in product(range(len(X)), repeat=2):
        if filled[i].sum() == 0 or filled[j].sum() == 0:
            assert np.isnan([K[i, j], C[i, j], common[i, j]]).all()
            continue
        a, b = filled[i] / filled[i].sum(), filled[j] / filled[j].sum()
        assert K[i, j] == pytest.approx(np.abs(a - b).sum(), abs=1e-12)
        assert common[i, j] == pytest.approx(np.minimum(a, b).sum(), abs=1e-12)
        assert C[i, j] == pytest.approx(a @ b / np.sqrt((a @ a) * (b @ b)), abs=1e-12)


@given(counts, st.floats(1e-3, 1e6))
def test_structure_knows_no_unit_and_no_order(X: np.ndarray, unit: float) -> None:
    turned = X[::-1, ::-1] * unit
    for measure in (sr.krugman_index, sr.hhi, sr.entropy, sr.hachman_index, sr.specialisation_gini):
        np.testing.assert_allclose(measure(turned), measure(X)[::-1], rtol=1e-9, atol=1e-12)
    for measure in (sr.hoover_index, sr.locational_gini):
        np.testing.assert_allclose(measure(turned), measure(X)[::-1], rtol=1e-9, atol=1e-12)


@given(counts)
def test_localisation_stays_in_its_bounds(X: np.ndarray) -> None:
    hoover, gini = sr.hoover_index(X), sr.locational_gini(X)
    known = np.isfinite(hoover)
    np.testing.assert_array_equal(known, np.isfinite(gini))
    # The Hoover index is the widest gap of the curve whose area is the Gini, so it can't exceed it.
    assert (hoover[known] <= gini[known] + 1e-12).all()
    assert (gini[known] <= 1 + 1e-12).all()


def test_panels_are_their_periods() -> None:
    panel = np.stack([ECONGEO, ECONGEO[::-1] + 1])
    for measure in (
        sr.krugman_index,
        sr.krugman_matrix,
        sr.similarity,
        sr.hhi,
        sr.entropy,
        sr.hoover_index,
        sr.locational_gini,
        sr.specialisation_gini,
        sr.hachman_index,
    ):
        np.testing.assert_allclose(measure(panel), [measure(x) for x in panel], err_msg=measure.__name__)
    both = sr.variety(panel, [0, 0, 1, 1])
    np.testing.assert_allclose(both.related, [sr.variety(x, [0, 0, 1, 1]).related for x in panel])


def test_an_empty_place_says_so_and_leaves_the_others_alone() -> None:
    X = np.vstack([ECONGEO, np.zeros(4), np.full(4, np.nan)])
    for measure in (sr.krugman_index, sr.hhi, sr.entropy, sr.hachman_index):
        result = measure(X)
        assert np.isnan(result[5:]).all(), measure.__name__
        np.testing.assert_allclose(result[:5], measure(ECONGEO), err_msg=measure.__name__)
    np.testing.assert_allclose(sr.locational_gini(X[:6]), sr.locational_gini(ECONGEO))


def test_hachman_is_unknown_where_the_benchmark_has_nothing() -> None:
    index = sr.hachman_index([[1.0, 1.0], [2.0, 0.0]], [5.0, 0.0])
    assert np.isnan(index[0])
    assert index[1] == pytest.approx(1.0)


def test_most_similar_is_a_total_order() -> None:
    S = np.array([[1.0, 0.5, 0.5, 0.9], [0.5, 1.0, np.nan, 0.2], [0.5, np.nan, 1.0, 0.5], [0.9, 0.2, 0.5, 1.0]])
    places, values = sr.most_similar(S, 3)
    assert places.tolist() == [[3, 1, 2], [0, 3, -1], [0, 3, -1], [0, 2, 1]]
    assert values[0].tolist() == [0.9, 0.5, 0.5]
    assert np.isnan(values[1, 2])
    with pytest.raises(ValueError, match="k lies"):
        sr.most_similar(S, 4)
