"""Outlook index and gain, and the score that ranks options."""

from __future__ import annotations

import csv

import numpy as np
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from foreland.capability.complexity import complexity
from foreland.capability.opportunities import (
    PRESETS,
    Weights,
    best,
    centred,
    opportunity_score,
    outlook_gain,
    outlook_index,
)
from foreland.capability.relatedness import density, proximity


def economy(R=30, F=20, seed=0):
    rng = np.random.default_rng(seed)
    M = (rng.normal(size=(R, 1)) * (0.6 + rng.normal(size=(1, F))) + rng.normal(size=(R, F)) > 0.8).astype(float)
    M[0, 0] = 1
    return M, complexity(M).pci


def test_outlook_index_equals_r(shared):
    folder = shared / "data/world_trade_1998_2000"
    table = pq.read_table(folder / "r_reference_balassa_0_1.parquet").to_pandas()
    M = table.to_numpy(dtype=float)

    def oracle(name):
        with (shared / "oracles/economiccomplexity-r" / name).open() as file:
            return {row[0]: float(row[1]) for row in list(csv.reader(file))[1:]}

    pci, coi = oracle("product_eigenvalues.csv"), oracle("coi_eigenvalues.csv")
    # The R package has ones on the diagonal and takes PCI in its own z-scores.
    omega = density(M, proximity(M, diagonal="one"))
    out = outlook_index(M, omega, np.array([pci[c] for c in table.columns]), centre="none")
    np.testing.assert_allclose(out, [coi[c] for c in table.index], atol=1e-9)


def test_outlook_index_by_hand():
    M = np.array([[1, 0, 0], [1, 1, 0]])
    omega = np.array([[0.9, 0.5, 0.2], [0.1, 0.1, 0.4]])
    pci = np.array([0.0, 3.0, -3.0])
    np.testing.assert_allclose(outlook_index(M, omega, pci), [0.5 * 3 - 0.2 * 3, -0.4 * 3])
    np.testing.assert_allclose(outlook_index(M, omega, np.array([0, np.nan, 3.0]), "none"), [0.6, 1.2])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["minimum_conditional", "conditional", "jaccard"]))
def test_the_gain_of_the_atlas_is_the_change_of_the_outlook_index(seed, measure):
    M, pci = economy(12, 9, seed)
    phi = proximity(M, measure)
    k = np.nan_to_num(centred(pci, "mean"))
    gain = outlook_gain(M, phi, pci)
    before = outlook_index(M, density(M, phi), k, "none")
    for r, c in zip(*np.nonzero((M == 0) & ~np.isnan(pci)), strict=True):
        added = M.copy()
        added[r, c] = 1
        change = outlook_index(added, density(added, phi), k, "none")[r] - before[r]
        assert gain[r, c] == pytest.approx(change, abs=1e-10)


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
@pytest.mark.parametrize("diagonal", ["zero", "one"])
def test_each_formula_of_the_gain_equals_its_text(form, diagonal):
    # Trap 8: three packages, three formulas; each one offered here has a name and is checked term by term.
    M, pci = economy(15, 140, seed=3)  # more fields than one block
    phi = proximity(M, diagonal=diagonal)
    k, den, omega = np.nan_to_num(centred(pci, "mean")), phi.sum(axis=1), density(M, phi)
    atlas, stata = outlook_gain(form(M), phi, pci), outlook_gain(form(M), phi, pci, "stata")
    for r in range(15):
        for c in range(0, 140, 7):
            if M[r, c] or np.isnan(pci[c]):
                assert np.isnan(atlas[r, c])
                assert np.isnan(stata[r, c])
                continue
            terms = sum(phi[d, c] / den[d] * (1 - M[r, d]) * k[d] for d in range(140) if den[d] > 0)
            assert stata[r, c] == pytest.approx(terms, abs=1e-10)
            assert atlas[r, c] == pytest.approx(terms - np.nan_to_num(omega[r, c]) * k[c], abs=1e-10)
    with pytest.raises(ValueError, match="formula"):
        outlook_gain(M, phi, pci, "other")


def test_centring_is_named_and_changes_the_gain():
    # Trap 6: the gain from un-centred PCI moves with a constant that has no meaning.
    M, pci = economy()
    phi = proximity(M)
    omega = density(M, phi)
    np.testing.assert_allclose(outlook_gain(M, phi, pci + 10), outlook_gain(M, phi, pci), atol=1e-9)
    np.testing.assert_allclose(outlook_index(M, omega, pci + 10), outlook_index(M, omega, pci), atol=1e-9)
    shifted = outlook_gain(M, phi, pci + 10, centre="none")
    assert np.nanmax(np.abs(shifted - outlook_gain(M, phi, pci))) > 0.1
    assert np.nanmean(centred(pci, "mean")) == pytest.approx(0, abs=1e-12)
    assert np.nansum(centred(pci, "ubiquity", M) * M.sum(axis=0)) == pytest.approx(0, abs=1e-10)
    with pytest.raises(ValueError, match="presence matrix"):
        centred(pci, "ubiquity")
    with pytest.raises(ValueError, match="centre"):
        centred(pci, "median", M)


def test_fields_of_unknown_complexity_do_not_count():
    M, pci = economy()
    phi = proximity(M)
    pci[4] = np.nan
    without = [c for c in range(20) if c != 4]
    gain = outlook_gain(M, phi, pci)
    assert np.isnan(gain[:, 4]).all()
    assert not np.isnan(gain[:, without][M[:, without] == 0]).all()


def test_score_by_hand():
    M = np.array([[1, 0, 0, 0]])
    omega = np.array([[0.9, 0.1, 0.3, 0.2]])
    pci = np.array([0.0, 3.0, 1.0, 2.0])
    gain = np.array([[np.nan, 5.0, 5.0, 9.0]])
    ranks = np.array([[0, 1, 0.25], [1, 0, 0.25], [0.5, 0.5, 1]])  # relatedness, complexity, gain of fields 1..3
    out = opportunity_score(M, omega, pci, gain)
    np.testing.assert_allclose(out[0, 1:], ranks.mean(axis=1))
    assert np.isnan(out[0, 0])
    out = opportunity_score(M, omega, pci, gain, Weights(2, 1, 1))
    np.testing.assert_allclose(out[0, 1:], ranks @ [0.5, 0.25, 0.25])
    z = opportunity_score(M, omega, pci, gain, Weights(1, 0, 0), scale="z")[0, 1:]
    np.testing.assert_allclose(z, (omega[0, 1:] - 0.2) / omega[0, 1:].std(), atol=1e-12)


def test_presets_pull_in_their_directions():
    M, pci = economy(40, 30, seed=5)
    phi = proximity(M)
    omega, gain = density(M, phi), outlook_gain(M, phi, pci)
    mean_density, mean_pci = {}, {}
    for name in PRESETS:
        fields, _ = best(opportunity_score(M, omega, pci, gain, name), 3)
        rows = np.repeat(np.arange(40), 3).reshape(40, 3)
        seen = fields >= 0
        mean_density[name] = omega[rows[seen], fields[seen]].mean()
        mean_pci[name] = pci[fields[seen]].mean()
    assert mean_density["low_hanging"] > mean_density["balanced"] > mean_density["long_jump"]
    assert mean_pci["low_hanging"] < mean_pci["balanced"] < mean_pci["long_jump"]


def test_best_has_a_total_order():
    score = np.array([[0.5, 0.7, 0.7, np.nan], [np.nan, np.nan, 0.1, np.nan]])
    fields, scores = best(score, 3)
    np.testing.assert_array_equal(fields, [[1, 2, 0], [2, -1, -1]])
    np.testing.assert_array_equal(scores, [[0.7, 0.7, 0.5], [0.1, np.nan, np.nan]])
    with pytest.raises(ValueError, match="between 1 and 4"):
        best(score, 5)


def test_weights_and_names_are_checked():
    with pytest.raises(ValueError, match="not all zero"):
        Weights(0, 0, 0)
    with pytest.raises(ValueError, match="not negative"):
        Weights(1, -1, 1)
    M = np.eye(2)
    with pytest.raises(ValueError, match="known: balanced"):
        opportunity_score(M, M, np.ones(2), M, "bold")
    with pytest.raises(ValueError, match="scale"):
        opportunity_score(M, M, np.ones(2), M, scale="log")
