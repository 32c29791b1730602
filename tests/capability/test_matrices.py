"""Presence, trimming, components and products of the places × fields matrix."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foreland.capability.matrices import (
    as_matrix,
    components,
    continuous_presence,
    cooccurrence,
    gram_blocks,
    presence,
    restrict,
    scaled_columns,
    trim,
    working_form,
)

binary = arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 9)), elements=st.sampled_from([0.0, 1.0]))


def test_presence_includes_the_threshold_and_leaves_undefined_cells_absent():
    np.testing.assert_array_equal(presence(np.array([[1.0, 0.999, np.nan, 2.0]])), [[1, 0, 0, 1]])


def test_presence_of_two_tests_is_never_two():
    # Trap 6: a package adds the outcome of two tests, so that cells passing both count double.
    rca, rpop = np.array([[2.0, 2.0, 0.5]]), np.array([[3.0, 0.1, 0.1]])
    np.testing.assert_array_equal(presence(rca, rpop), [[1, 0, 0]])
    np.testing.assert_array_equal(presence(rca, rpop, rule="any"), [[1, 1, 0]])


def test_presence_keeps_sparse_input_sparse_and_equal():
    index = np.array([[0.0, 1.5, 0.2], [1.0, 0.0, 3.0]])
    out = presence(sp.csr_array(index))
    assert sp.issparse(out)
    np.testing.assert_array_equal(out.toarray(), presence(index))


def test_presence_refuses_a_threshold_that_would_fill_empty_cells():
    with pytest.raises(ValueError, match="positive"):
        presence(np.eye(2), threshold=0)


def test_continuous_presence_is_one_half_at_rca_one():
    np.testing.assert_allclose(continuous_presence(np.array([[0, 1, 3, np.nan]])), [[0, 0.5, 0.75, 0]])
    np.testing.assert_allclose(continuous_presence(sp.csr_array([[0, 1.0]])).toarray(), [[0, 0.5]])


@pytest.mark.parametrize("bad", [np.array([[np.nan]]), np.array([[-1.0]]), np.array([[np.inf]]), np.ones(3)])
def test_unusable_matrices_are_refused(bad):
    with pytest.raises(ValueError, match=r"missing values|two dimensions"):
        as_matrix(bad)


@given(binary)
def test_cooccurrence_equals_counting(M):
    expected = [[int(((M[:, i] > 0) & (M[:, j] > 0)).sum()) for j in range(M.shape[1])] for i in range(M.shape[1])]
    np.testing.assert_array_equal(cooccurrence(M), expected)


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
def test_gram_blocks_cover_every_column_once(form):
    M = (np.random.default_rng(3).random((20, 11)) < 0.3).astype(float)
    out = np.full((11, 11), np.nan)
    for columns, values in gram_blocks(form(M), block=4):
        assert np.isnan(out[:, columns]).all()
        out[:, columns] = values
    np.testing.assert_array_equal(out, M.T @ M)


def test_the_form_is_chosen_by_fill():
    assert sp.issparse(working_form(np.eye(30)))
    assert isinstance(working_form(sp.csr_array(np.ones((3, 3)))), np.ndarray)


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
def test_scaled_columns_keep_their_form(form):
    M, factors = np.arange(6.0).reshape(2, 3), np.array([1.0, 0.0, -2.0])
    out = scaled_columns(form(M), factors)
    assert type(out) is type(form(M))
    np.testing.assert_array_equal(out.toarray() if sp.issparse(out) else out, M * factors)


def test_trimming_cascades_and_says_why():
    M = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
    out = trim(M, min_diversity=2, min_ubiquity=2)
    # Place 2 has one field; without it field 2 is left with one place.
    assert out.dropped_places == {2: "below_minimum", 3: "empty"}
    assert out.dropped_fields == {2: "below_minimum", 3: "empty"}
    np.testing.assert_array_equal(out.take(M), [[1, 1], [1, 1]])
    np.testing.assert_array_equal(out.put_back_places(np.array([7.0, 8.0])), [7, 8, np.nan, np.nan])


@given(binary, st.integers(1, 3), st.integers(1, 3))
def test_what_is_left_after_trimming_meets_the_minima(M, diversity, ubiquity):
    kept = trim(M, diversity, ubiquity)
    rest = kept.take(M)
    assert (rest.sum(axis=1) >= diversity).all()
    assert (rest.sum(axis=0) >= ubiquity).all()
    assert len(kept.dropped_places) == (~kept.places).sum()
    assert len(kept.dropped_fields) == (~kept.fields).sum()


def test_restrict_names_the_threshold_that_dropped_each_place():
    X = np.array([[5.0, 5.0], [90.0, 10.0], [1.0, 0.0], [40.0, 0.0]])
    out = restrict(X, size=np.array([10.0, 2e6, 5e6, np.nan]), min_size=1e6, min_place_total=5, min_field_total=20)
    assert out.dropped_places == {0: "below_size", 2: "below_volume", 3: "below_size"}
    assert out.dropped_fields == {1: "below_volume"}


def union_find(M):
    R, F = M.shape
    parent = list(range(R + F))

    def root(i):
        while parent[i] != i:
            i = parent[i]
        return i

    for r, f in zip(*np.nonzero(M), strict=True):
        parent[root(r)] = root(R + f)
    return [root(i) for i in range(R + F)]


@settings(max_examples=60)
@given(binary)
def test_components_equal_union_find(M):
    n, places, fields = components(M)
    expected = union_find(M)
    labels = [*places, *fields]
    assert n == len(set(expected))
    assert len(set(zip(labels, expected, strict=True))) == n
    sizes = np.bincount(places, minlength=n)
    assert (np.diff(sizes) <= 0).all()
