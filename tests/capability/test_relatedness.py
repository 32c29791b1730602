"""Proximity, density and relative relatedness, against definitions, EconGeo and the R package economiccomplexity."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foreland.capability.matrices import cooccurrence
from foreland.capability.relatedness import (
    density,
    distance,
    nearest,
    proximity,
    proximity_of_cooccurrence,
    relative_relatedness,
)

binary = arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(2, 7)), elements=st.sampled_from([0.0, 1.0]))
SYMMETRIC = ["minimum_conditional", "cosine", "jaccard", "association", "probability", "pearson", "pearson_unit"]


def econgeo_block(shared, start: str, rows: int, index: bool = True) -> np.ndarray:
    """A matrix printed by R after the line `start`, wrapped columns put side by side."""
    lines = (shared / "oracles/econgeo-r/econgeo-2.0-examples.txt").read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip() == start) + 1
    parts: list[list[list[float]]] = []
    while at < len(lines):
        chunk = [line.split()[1:] for line in lines[at + 1 : at + 1 + rows]]
        try:
            parts.append([[float(x) for x in row] for row in chunk])
        except ValueError:
            break
        at += rows + 1
        if sum(len(p[0]) for p in parts) >= rows or not index:
            break
    return np.hstack([np.array(p) for p in parts])


def by_hand(M, measure):
    F = M.shape[1]
    phi = np.zeros((F, F))
    C = M.T @ M
    s = C.sum(axis=1) - np.diag(C)
    T = s.sum()
    for i in range(F):
        for j in range(F):
            if i == j:
                continue
            has_i, has_j = M[:, i] > 0, M[:, j] > 0
            both = float((has_i & has_j).sum())
            if both == 0:
                continue
            phi[i, j] = {
                "minimum_conditional": min(both / has_i.sum(), both / has_j.sum()),
                "conditional": both / has_j.sum(),
                "cosine": M[:, i] @ M[:, j] / np.linalg.norm(M[:, i]) / np.linalg.norm(M[:, j]),
                "jaccard": both / (has_i | has_j).sum(),
                "association": T * both / (s[i] * s[j]),
                "probability": both / (T / 2 * (s[i] / T * s[j] / (T - s[i]) + s[j] / T * s[i] / (T - s[j])))
                if s[i] < T and s[j] < T
                else 0,
            }[measure]
    return phi


@settings(max_examples=40)
@given(binary)
@pytest.mark.parametrize(
    "measure", ["minimum_conditional", "conditional", "cosine", "jaccard", "association", "probability"]
)
def test_proximity_equals_its_definition_pair_by_pair(measure, M):
    expected = by_hand(M, measure)
    np.testing.assert_allclose(proximity(M, measure), expected, atol=1e-12)
    np.testing.assert_allclose(proximity(sp.csr_array(M), measure), expected, atol=1e-12)


def test_pearson_is_the_correlation_of_columns():
    X = np.random.default_rng(5).gamma(1.0, size=(40, 6))
    r = np.corrcoef(X.T)
    np.testing.assert_allclose(proximity(X, "pearson", diagonal="one"), r, atol=1e-12)
    np.testing.assert_allclose(proximity(X, "pearson_unit", diagonal="one"), (1 + r) / 2, atol=1e-12)
    X[:, 2] = 0.1
    assert (proximity(X, "pearson")[2] == 0).all()
    assert (proximity(X, "pearson_unit")[2] == 0).all()


def test_conditional_reads_row_given_column():
    M = np.array([[1.0, 1], [1, 0], [1, 0]])
    phi = proximity(M, "conditional")
    assert phi[0, 1] == 1  # whoever has field 1 has field 0
    assert phi[1, 0] == pytest.approx(1 / 3)


@given(binary, st.randoms(use_true_random=False))
@pytest.mark.parametrize("measure", SYMMETRIC)
def test_order_of_places_and_fields_does_not_matter(measure, M, random):
    rows, columns = list(range(M.shape[0])), list(range(M.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    phi = proximity(M, measure)
    np.testing.assert_allclose(phi, phi.T, atol=1e-12)
    moved = proximity(M[rows][:, columns], measure)
    np.testing.assert_allclose(moved, phi[np.ix_(columns, columns)], atol=1e-12)


def test_float32_halves_the_memory_and_keeps_six_digits():
    M = (np.random.default_rng(0).random((300, 80)) < 0.2).astype(float)
    for measure in SYMMETRIC:
        small = proximity(M, measure, dtype=np.float32)
        assert small.dtype == np.float32
        np.testing.assert_allclose(small, proximity(M, measure), atol=2e-6, rtol=2e-6)


@pytest.mark.parametrize(
    ("measure", "block"),
    [
        ("probability", "relatedness prob"),
        ("association", "relatedness association"),
        ("cosine", "relatedness cosine"),
        ("jaccard", "relatedness jaccard"),
    ],
)
def test_econgeo_relatedness(shared, measure, block):
    C = np.array(
        [
            [0, 10, 1, 5, 5, 9],
            [10, 8, 0, 1, 5, 7],
            [1, 0, 0, 9, 4, 4],
            [5, 1, 9, 6, 6, 5],
            [5, 5, 4, 6, 8, 1],
            [9, 7, 4, 5, 1, 10],
        ]
    )
    expected = econgeo_block(shared, block, 6)
    assert expected.shape == (6, 6)
    np.testing.assert_allclose(proximity_of_cooccurrence(C, measure), expected, atol=1e-11)


ECONGEO_M = np.array([[0, 1, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 0]], dtype=float)


def test_econgeo_cooccurrence_and_density(shared):
    C = cooccurrence(ECONGEO_M)
    np.fill_diagonal(C, 0)
    np.testing.assert_array_equal(C, econgeo_block(shared, "co_occ", 4))
    phi = proximity(ECONGEO_M, "probability")
    # EconGeo prints percent with one digit; its binary variant keeps relatedness above 1.
    expected = econgeo_block(shared, "reldens(weighted)", 5, index=False)
    np.testing.assert_allclose(100 * density(ECONGEO_M, phi), expected, atol=0.05)
    expected = econgeo_block(shared, "reldens(binary rel)", 5, index=False)
    np.testing.assert_allclose(100 * density(ECONGEO_M, (phi > 1).astype(float)), expected, atol=0.005)


@pytest.mark.parametrize(("axis", "name"), [(1, "product"), (0, "country")])
def test_proximities_of_world_trade_equal_r(shared, axis, name):
    folder = shared / "data/world_trade_1998_2000"
    table = pq.read_table(folder / "r_reference_balassa_0_1.parquet").to_pandas()
    M = table.to_numpy(dtype=float)
    expected = pq.read_table(folder / f"r_reference_proximity_{name}.parquet").to_pandas().to_numpy()
    out = proximity(M if axis else M.T, diagonal="one")
    np.testing.assert_allclose(out, expected, rtol=0, atol=5.001e-9)  # the file holds eight decimals


def test_the_diagonal_is_chosen_by_name_and_changes_density():
    # Trap 7: packages put 1 or 0 on the diagonal, and a cell's density differs with it.
    M = np.array([[1, 1, 0], [1, 0, 1], [1, 1, 1], [0, 0, 1.0]])
    one, zero = proximity(M, diagonal="one"), proximity(M, diagonal="zero")
    np.testing.assert_array_equal(np.diag(one), 1)
    np.testing.assert_array_equal(np.diag(zero), 0)
    np.testing.assert_array_equal(one - np.eye(3), zero)
    np.testing.assert_array_equal(proximity(M), zero)
    # Field 2 of place 0: φ(2,0) = 2/3, φ(2,1) = 1/3; with its own 1 in the denominator the same cell halves.
    assert density(M, zero)[0, 2] == pytest.approx(1.0)
    assert density(M, one)[0, 2] == pytest.approx(0.5)
    with pytest.raises(ValueError, match="diagonal"):
        proximity(M, diagonal="two")


def loops(M, phi):
    R, F = M.shape
    return [
        [sum(phi[c, d] * M[r, d] for d in range(F)) / phi[c].sum() if phi[c].sum() else np.nan for c in range(F)]
        for r in range(R)
    ]


@settings(max_examples=40)
@given(binary)
@pytest.mark.parametrize("measure", ["minimum_conditional", "conditional"])
def test_density_equals_its_definition(measure, M):
    phi = proximity(M, measure)
    expected = np.array(loops(M, phi))
    for form in (M, sp.csr_array(M)):
        np.testing.assert_allclose(density(form, phi), expected, atol=1e-12)
    np.testing.assert_allclose(distance(density(M, phi)), 1 - expected, atol=1e-12)


def test_density_is_scale_free_and_bounded():
    M = (np.random.default_rng(2).random((50, 200)) < 0.3).astype(float)  # more fields than one block
    phi = proximity(M)
    omega = density(M, phi)
    np.testing.assert_allclose(density(M, 7 * phi), omega, atol=1e-12)
    np.testing.assert_allclose(omega, np.array(loops(M, phi)), atol=1e-12)
    assert omega.min() >= 0
    assert omega.max() <= 1
    np.testing.assert_allclose(density(np.ones((1, 200)), phi), 1)


def test_nearest_neighbours_are_weighted_not_counted():
    # Trap 6: a package averages how many of the k neighbours are present and forgets their proximity.
    phi = np.array([[0, 0.9, 0.1, 0.05], [0.9, 0, 0.2, 0], [0.1, 0.2, 0, 0.4], [0.05, 0, 0.4, 0]])
    M = np.array([[0, 1, 0, 0], [0, 0, 1, 0.0]])
    omega = density(M, phi, k=2)
    assert omega[0, 0] == pytest.approx(0.9)
    assert omega[1, 0] == pytest.approx(0.1)
    np.testing.assert_allclose(density(M, phi, k=3), density(M, phi))


def test_nearest_keeps_the_k_largest_and_breaks_ties_by_column():
    phi = np.array([[1, 0.5, 0.5, 0.2], [0.5, 1, 0, 0], [0.5, 0, 1, 0.3], [0.2, 0, 0.3, 1]])
    np.testing.assert_array_equal(nearest(phi, 1).toarray() > 0, np.eye(4)[[1, 0, 0, 2]] > 0)
    with pytest.raises(ValueError, match="between 1 and 3"):
        nearest(phi, 4)


def test_density_takes_proximity_from_elsewhere():
    outside = proximity((np.random.default_rng(1).random((60, 5)) < 0.5).astype(float))
    M = np.eye(5)[:2]
    np.testing.assert_allclose(density(M, outside), (outside / outside.sum(axis=1, keepdims=True)).T[:2])
    with pytest.raises(ValueError, match="does not fit"):
        density(M[:, :4], outside)


def test_density_refuses_negative_weights():
    X = np.array([[1.0, 0, 2], [0, 1, 0], [3, 0, 1]])
    with pytest.raises(ValueError, match="pearson_unit"):
        density(X, proximity(X, "pearson"))


def test_relative_relatedness_standardises_over_absent_options_only():
    M = np.array([[1, 0, 0, 0], [1, 1, 1, 0.0]])
    omega = np.array([[0.9, 0.1, 0.2, 0.6], [0.5, 0.5, 0.5, 0.5]])
    out = relative_relatedness(M, omega)
    options = np.array([0.1, 0.2, 0.6])
    np.testing.assert_allclose(out[0, 1:], (options - options.mean()) / options.std())
    assert np.isnan(out[0, 0])
    assert np.isnan(out[1]).all()  # a single option has nothing to be compared with


def test_unknown_names_and_shapes_are_refused():
    with pytest.raises(ValueError, match="known: minimum_conditional"):
        proximity(np.eye(3), "overlap")
    with pytest.raises(ValueError, match="totals"):
        proximity(np.eye(3), totals="rows")
    with pytest.raises(ValueError, match="symmetric"):
        proximity_of_cooccurrence(np.array([[0, 1], [2, 0]]), "cosine")
    with pytest.raises(ValueError, match="not a measure"):
        proximity_of_cooccurrence(np.eye(2), "pearson")
