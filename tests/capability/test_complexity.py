"""ECI, PCI, fitness and reflections: against R, EconGeo and exact values, and every known trap."""

from __future__ import annotations

import csv
import json
import re

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse.linalg import eigs

from foreland.capability.complexity import Anchor, complexity, complexity_panel, outside_complexity
from foreland.capability.fitness import fitness, reflections
from foreland.capability.matrices import continuous_presence, presence, restrict

TOY = np.array([[1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1.0]])
binary = arrays(np.float64, st.tuples(st.integers(3, 9), st.integers(3, 9)), elements=st.sampled_from([0.0, 1.0]))


def z(x, ddof=1):
    return (x - x.mean()) / x.std(ddof=ddof)


def nested(R=60, F=40, seed=0):
    rng = np.random.default_rng(seed)
    score = rng.normal(size=(R, 1)) * (0.6 + rng.normal(size=(1, F)))
    return (score + rng.normal(size=(R, F)) > 0.8).astype(float)


@pytest.fixture(scope="module")
def trade(shared):
    """World trade 1998–2000: values, names of places and fields, in the order of the reference files."""
    folder = shared / "data/world_trade_1998_2000"
    strings = pacsv.ConvertOptions(column_types={"country": "string", "product": "string"})
    table = pacsv.read_csv(folder / "world_trade_avg_1998_2000.csv.gz", convert_options=strings)
    country, product = table["country"].to_numpy(), table["product"].to_numpy()
    places, row = np.unique(country, return_inverse=True)
    fields, column = np.unique(product, return_inverse=True)
    X = np.zeros((places.size, fields.size))
    X[row, column] = table["value"].to_numpy()
    return X, list(places), list(fields)


def balassa(X):
    with np.errstate(invalid="ignore", divide="ignore"):
        return (X / X.sum(axis=1, keepdims=True)) / (X.sum(axis=0) / X.sum())


def oracle(path, names):
    with path.open() as file:
        rows = list(csv.reader(file))[1:]
    values = {row[0]: float(row[1]) for row in rows}
    return np.array([values[name] for name in names])


# --- answers from elsewhere ------------------------------------------------------------------------------------


def test_balassa_matrix_equals_r_on_all_cells(shared, trade):
    X, places, fields = trade
    table = pq.read_table(shared / "data/world_trade_1998_2000/r_reference_balassa_0_1.parquet").to_pandas()
    expected = table.loc[places, fields].to_numpy()
    assert expected.size == 177_410
    np.testing.assert_array_equal(presence(balassa(X)), expected)


def test_eci_and_pci_equal_r(shared, trade):
    X, places, fields = trade
    out = complexity(presence(balassa(X)), ddof=1)
    folder = shared / "oracles/economiccomplexity-r"
    np.testing.assert_allclose(out.eci, oracle(folder / "country_eigenvalues.csv", places), atol=1e-6)
    # R scales PCI by its own mean and deviation.
    np.testing.assert_allclose(z(out.pci), oracle(folder / "product_eigenvalues.csv", fields), atol=1e-6)


def test_reflections_equal_r(shared, trade):
    X, places, fields = trade
    kc, kp = reflections(presence(balassa(X)), 19)
    folder = shared / "oracles/economiccomplexity-r"
    # 18 averagings leave differences of 1e-7 of the level, so seven digits are what doubles can agree on.
    np.testing.assert_allclose(z(kc[18]), oracle(folder / "country_reflections.csv", places), atol=1e-6)
    np.testing.assert_allclose(z(kp[19]), oracle(folder / "product_reflections.csv", fields), atol=1e-6)
    np.testing.assert_array_equal(kc[0], oracle(folder / "diversity.csv", places))


def test_fitness_equals_the_reference_that_is_called_eci(shared, trade):
    X, places, fields = trade
    out = fitness(presence(balassa(X)), iterations=19, tol=0)
    folder = shared / "data/world_trade_1998_2000"
    np.testing.assert_allclose(out.fitness, oracle(folder / "r_reference_eci_country.csv", places), atol=2e-4)
    np.testing.assert_allclose(out.complexity, oracle(folder / "r_reference_pci_product.csv", fields), atol=2e-4)


def test_toy_equals_exact_values(shared):
    values = json.loads((shared / "oracles/hh2009-toy/values.json").read_text())
    out = complexity(np.array(values["M"]), anchor=Anchor("diversity"))
    np.testing.assert_allclose(out.eci, values["eci_z_ddof0_sign_pos_corr_diversity"], atol=1e-12)
    np.testing.assert_allclose(out.eigenvalues, values["eigenvalues"][1:3], atol=1e-12)
    kc, kp = reflections(np.array(values["M"]), 6)
    for step in values["reflections"]:
        np.testing.assert_allclose(kc[step["n"]], step["kc"], atol=1e-12)
        np.testing.assert_allclose(kp[step["n"]], step["kp"], atol=1e-12)


def test_toy_equals_econgeo_up_to_its_rounding(shared):
    text = (shared / "oracles/econgeo-r/econgeo-2.0-examples.txt").read_text()
    kci, tci = (
        np.array(re.search(rf"{name} \[1\](.+)", text)[1].split(), dtype=float) for name in ("HH2009 toy: kci", "\ntci")
    )
    out = complexity(TOY, anchor=Anchor("reference", np.array([1])))
    # EconGeo rounds the transition matrix to four digits before it takes the eigenvector.
    np.testing.assert_allclose(out.eci, z(kci, 0), atol=2e-3)
    np.testing.assert_allclose(z(out.pci, 0), z(tci, 0), atol=2e-3)


# --- brute force and invariants --------------------------------------------------------------------------------


def by_brute_force(M):
    """ECI (z, ddof 0) from the full transition matrix."""
    values, vectors = np.linalg.eig((M / M.sum(axis=1, keepdims=True)) @ (M / M.sum(axis=0)).T)
    order = np.argsort(-values.real)
    return z(vectors[:, order[1]].real, 0), values.real[order[:3]]


@pytest.mark.parametrize("shape", [(60, 40), (40, 60), (12, 200), (200, 12)])
@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
def test_the_singular_pair_is_the_second_eigenvector(shape, form):
    M = nested(*shape, seed=4)
    M = M[M.sum(axis=1) > 0][:, M[M.sum(axis=1) > 0].sum(axis=0) > 0]
    expected, values = by_brute_force(M)
    out = complexity(form(M))
    np.testing.assert_allclose(out.eci * np.sign(out.eci @ expected), expected, atol=1e-8)
    np.testing.assert_allclose(out.eigenvalues, values[1:], atol=1e-6)
    assert out.eigengap == pytest.approx(values[1] - values[2], abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(binary)
def test_small_matrices_equal_brute_force(M):
    assume((M.sum(axis=0) > 0).all() and (M.sum(axis=1) > 0).all())
    expected, values = by_brute_force(M)
    assume(values[1] < 1 - 1e-9 and values[1] - values[2] > 1e-3)
    out = complexity(M)
    np.testing.assert_allclose(out.eci * np.sign(out.eci @ expected), expected, atol=1e-7)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_permutation_invariance(seed):
    rng = np.random.default_rng(seed)
    M = nested(45, 38, seed=seed % 7)
    rows, columns = rng.permutation(45), rng.permutation(38)
    one, two = complexity(M), complexity(M[rows][:, columns])
    np.testing.assert_allclose(two.eci, one.eci[rows], atol=1e-8)
    np.testing.assert_allclose(two.pci, one.pci[columns], atol=1e-8)


def test_scale_invariance():
    M = continuous_presence(np.random.default_rng(8).gamma(0.8, size=(40, 50)))
    one, two = complexity(M), complexity(1000 * M)
    np.testing.assert_allclose(one.eci, two.eci, atol=1e-9)
    np.testing.assert_allclose(fitness(M).fitness, fitness(1000 * M).fitness, rtol=1e-8)


def test_runs_repeat_exactly():
    M = nested(300, 200, seed=1)
    np.testing.assert_array_equal(complexity(M).eci, complexity(M).eci)


# --- trap 1: the sign ------------------------------------------------------------------------------------------


def test_the_sign_of_the_toy_is_reported_as_fragile():
    out = complexity(TOY, anchor=Anchor("diversity"))
    assert out.sign_margin == pytest.approx(0.10649747)
    assert "sign_unstable" in out.caveats


def test_continuous_matrices_of_real_trade_are_caught_and_anchored(trade):
    X, places, _ = trade
    M = continuous_presence(balassa(X))
    naive = complexity(M, anchor=Anchor("diversity"))
    top = [places[i] for i in np.argsort(-naive.eci)[:3]]
    assert top == ["kaz", "nga", "lby"]
    assert "sign_unstable" in naive.caveats
    assert "sign_unstable" in complexity(M).caveats
    anchored = complexity(M, anchor=Anchor("reference", np.array([places.index(c) for c in ("deu", "jpn", "che")])))
    np.testing.assert_allclose(anchored.eci, -naive.eci, atol=1e-8)


def test_anchors_by_previous_period_and_by_reference_places():
    M = nested()
    up = complexity(M)
    previous = np.where(np.arange(60) < 5, np.nan, -up.eci)
    down = complexity(M, anchor=Anchor("previous", previous))
    np.testing.assert_allclose(down.eci, -up.eci)
    np.testing.assert_allclose(down.pci, -up.pci)
    assert down.sign_margin == pytest.approx(1)
    lowest = np.argsort(up.eci)[:3]
    reference = complexity(M, anchor=Anchor("reference", lowest))
    np.testing.assert_allclose(reference.eci, -up.eci)
    assert reference.sign_margin == pytest.approx(1)


def test_an_anchor_that_says_nothing_falls_back_to_fitness():
    out = complexity(nested(), anchor=Anchor("previous", np.full(60, np.nan)))
    assert out.anchor == "fitness"
    np.testing.assert_array_equal(out.eci, complexity(nested()).eci)


def test_anchors_are_checked():
    with pytest.raises(ValueError, match="unknown anchor"):
        Anchor("gdp")
    with pytest.raises(ValueError, match="needs values"):
        Anchor("previous")


# --- trap 2: orientation, scale and ddof of PCI ----------------------------------------------------------------


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("shape", [(60, 40), (40, 60)])
@pytest.mark.parametrize("kind", ["fitness", "diversity"])
def test_eci_is_the_mean_pci_of_the_basket(ddof, shape, kind):
    M = nested(*shape, seed=2)
    out = complexity(M, ddof=ddof, anchor=Anchor(kind))
    basket = np.array([out.pci[row > 0].mean() if row.any() else np.nan for row in M])
    np.testing.assert_allclose(out.eci, basket, atol=1e-9)
    known = out.eci[~np.isnan(out.eci)]
    assert known.mean() == pytest.approx(0, abs=1e-12)
    assert known.std(ddof=ddof) == pytest.approx(1)


def test_ddof_is_zero_or_one():
    with pytest.raises(ValueError, match="ddof"):
        complexity(TOY, ddof=2)


# --- trap 3: empty places and fields ---------------------------------------------------------------------------


def test_empty_places_and_fields_are_missing_with_a_reason_and_spoil_nothing():
    M = nested()
    clean = complexity(M)
    holed = np.insert(np.insert(M, 7, 0, axis=0), 3, 0, axis=1)
    out = complexity(holed)
    assert out.dropped_places == {7: "empty", **{i + (i >= 7): r for i, r in clean.dropped_places.items()}}
    assert out.dropped_fields[3] == "empty"
    assert "trimmed" in out.caveats
    assert np.isnan(out.eci[7])
    assert out.place_component[7] == -1
    np.testing.assert_allclose(np.delete(out.eci, 7), clean.eci, atol=1e-9)
    np.testing.assert_allclose(np.delete(out.pci, 3), clean.pci, atol=1e-9)
    f = fitness(holed)
    assert f.dropped_places[7] == "empty"
    np.testing.assert_allclose(np.delete(f.fitness, 7), fitness(M).fitness, rtol=1e-9)


def test_minima_trim_before_ranking():
    M = nested()
    out = complexity(M, min_diversity=5)
    low = M.sum(axis=1) < 5
    assert low.any()
    assert np.isnan(out.eci[low]).all()
    assert set(out.dropped_places.values()) <= {"below_minimum", "empty"}


# --- trap 4: disconnected blocks -------------------------------------------------------------------------------


def test_components_are_detected_and_worked_apart():
    A, B = nested(40, 30, seed=5), nested(25, 20, seed=6)
    A, B = A[A.sum(axis=1) > 0], B[B.sum(axis=1) > 0]
    both = np.block([[A, np.zeros((A.shape[0], 20))], [np.zeros((B.shape[0], 30)), B]])
    _, values = by_brute_force(both[:, both.sum(axis=0) > 0])
    assert values[1] == pytest.approx(1)  # what a naive solver would take for complexity is the block label
    out, a, b = complexity(both), complexity(A), complexity(B)
    assert out.components == 2
    assert "disconnected" in out.caveats
    np.testing.assert_allclose(out.eci, np.concatenate([a.eci, b.eci]), atol=1e-8)
    np.testing.assert_allclose(out.pci, np.concatenate([a.pci, b.pci]), atol=1e-8)
    np.testing.assert_array_equal(out.place_component[: A.shape[0]], 0)
    np.testing.assert_allclose(out.eigenvalues, a.eigenvalues, atol=1e-6)


def test_components_without_a_second_dimension_are_dropped():
    block = np.ones((4, 3))
    out = complexity(block)  # identical baskets
    assert np.isnan(out.eci).all()
    assert set(out.dropped_places.values()) == {"no_axis"}
    M = np.pad(nested(), ((0, 1), (0, 1)))
    M[-1, -1] = 1  # an island of one place and one field
    out = complexity(M)
    assert out.dropped_places[60] == "no_axis"
    assert out.dropped_fields[40] == "no_axis"
    np.testing.assert_allclose(out.eci[:60], complexity(nested()).eci, atol=1e-9)


# --- trap 5: rounding ------------------------------------------------------------------------------------------


def test_nothing_is_rounded_on_the_way():
    # Rounding the transition matrix to four digits, as a package does, moves places many ranks.
    rng = np.random.default_rng(11)
    score = rng.normal(size=(1500, 1)) * rng.normal(size=(1, 300)) + 3 * rng.normal(size=(1500, 300))
    M = (score > 4).astype(float)
    transition = (M / M.sum(axis=1, keepdims=True)) @ (M / M.sum(axis=0)).T
    out = complexity(M)

    def ranks(x):
        return np.argsort(np.argsort(x))

    def by_transition(matrix):
        values, vectors = eigs(matrix, k=2, v0=np.cos(np.arange(1500.0)))
        vector = vectors[:, np.argsort(-values.real)[1]].real
        return vector * np.sign(vector @ out.eci)

    np.testing.assert_allclose(out.eci, z(by_transition(transition), 0), atol=1e-8)
    assert np.abs(ranks(out.eci) - ranks(by_transition(transition.round(4)))).max() > 10


# --- trap 9: fitness -------------------------------------------------------------------------------------------


def test_fitness_of_a_few_rounds_by_hand():
    F, Q = np.ones(4), np.ones(4)
    for _ in range(5):
        F, Q = TOY @ Q, 1 / (TOY.T @ (1 / F))
        F, Q = F / F.mean(), Q / Q.mean()
    out = fitness(TOY, iterations=5, tol=0)
    np.testing.assert_allclose(out.fitness, F)
    np.testing.assert_allclose(out.complexity, Q)


def test_q_from_old_or_new_fitness_differs_and_shares_its_limit(trade):
    M = presence(balassa(trade[0]))
    old, new = (fitness(M, iterations=19, tol=0, update=u) for u in ("simultaneous", "sequential"))
    apart = np.abs(new.fitness / old.fitness - 1).max()
    assert 0.02 < apart < 0.05
    old, new = (fitness(M, update=u) for u in ("simultaneous", "sequential"))
    assert old.converged
    np.testing.assert_allclose(old.fitness, new.fitness, rtol=1e-6)


def test_fitness_says_whether_it_converged():
    short = fitness(nested(), iterations=3)
    assert not short.converged
    assert short.iterations == 3
    assert "not_converged" in short.caveats
    toy = fitness(TOY, iterations=500)  # values fall to zero for ever, ranks stand
    assert not toy.converged
    assert toy.rank_changes == 0
    with pytest.raises(ValueError, match="at least one round"):
        fitness(TOY, iterations=0)


# --- trap 10: the universe and levels over time ----------------------------------------------------------------


def test_the_universe_decides_the_ranking_and_says_what_it_dropped(trade):
    X, places, _ = trade
    raw = complexity(presence(balassa(X)))
    assert places[int(np.argmax(raw.eci))] == "sgs"  # South Georgia, which has no permanent inhabitants
    kept = restrict(X, min_place_total=1e9)
    assert set(kept.dropped_places.values()) == {"below_volume"}
    assert places.index("sgs") in kept.dropped_places
    eci = kept.put_back_places(complexity(presence(balassa(kept.take(X)))).eci)
    assert places[int(np.nanargmax(eci))] == "jpn"


def test_panels_are_oriented_by_the_period_before():
    M = nested()
    Ms = np.stack([M, M, nested(seed=0)])
    reference = np.argsort(complexity(M).eci)[:3]  # deliberately the wrong way round
    out = complexity_panel(Ms, anchor=Anchor("reference", reference))
    np.testing.assert_allclose(out[0].eci, -complexity(M).eci)
    assert [c.anchor for c in out] == ["reference", "previous", "previous"]
    np.testing.assert_allclose(out[1].eci, out[0].eci)
    assert all("levels_not_comparable" in c.caveats for c in out)
    with pytest.raises(ValueError, match="same places"):
        complexity_panel([M, M[:-1]])


# --- scores from elsewhere -------------------------------------------------------------------------------------


def test_outside_scores_are_the_mean_pci_of_the_basket():
    pci = np.array([1.0, -1.0, np.nan, 3.0])
    M = np.array([[1, 0, 1, 1], [0, 0, 1, 0], [0, 2, 0, 1.0]])
    np.testing.assert_allclose(outside_complexity(M, pci), [2, np.nan, 1 / 3])
    np.testing.assert_allclose(outside_complexity(sp.csr_array(M), pci), [2, np.nan, 1 / 3])
    world = complexity(nested())
    np.testing.assert_allclose(outside_complexity(nested(), world.pci), world.eci, atol=1e-9)
    with pytest.raises(ValueError, match="does not fit"):
        outside_complexity(M, pci[:3])


def test_negative_reflections_are_refused():
    with pytest.raises(ValueError, match="0 or more"):
        reflections(TOY, -1)
