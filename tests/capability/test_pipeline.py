"""The one-pass pipeline equals the step-by-step modules, and guards its input."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreland.capability.complexity import Anchor, complexity
from foreland.capability.matrices import presence
from foreland.capability.opportunities import outlook_gain, outlook_index
from foreland.capability.pipeline import Columns, Settings, findings, stream
from foreland.capability.relatedness import density, proximity

EXACT = Settings(dtype=np.float64)


def values(R=25, F=15, seed=0, share=0.6):
    rng = np.random.default_rng(seed)
    fit = rng.normal(size=(R, 1)) * rng.normal(size=(1, F))
    return np.exp(1.5 * fit + rng.normal(size=(R, F))) * (rng.random((R, F)) < share)


def long(X, seed=0, period=None):
    """The non-zero cells of X as a shuffled long table."""
    row, column = np.nonzero(X)
    order = np.random.default_rng(seed).permutation(row.size)
    columns = {
        "region": [f"R{r:03d}" for r in row[order]],
        "field": [f"F{c:03d}" for c in column[order]],
        "value": X[row, column][order],
    }
    return pa.table(columns | ({"period": np.full(row.size, period)} if period is not None else {}))


def matrix(found, name, period=None):
    cells = found.cells
    if period is not None:
        cells = cells.filter(pa.compute.equal(cells["period"].cast(pa.int64()), period))
    R, F = len(set(cells["region"].to_pylist())), len(set(cells["field"].to_pylist()))
    return cells[name].to_numpy().reshape(R, F)


def step_by_step(X, s=EXACT):
    rca = (X / X.sum(axis=1, keepdims=True)) / (X.sum(axis=0) / X.sum())
    M = presence(rca, threshold=s.threshold)
    c = complexity(M, anchor=s.anchor, ddof=s.ddof)
    phi = proximity(M, s.measure, diagonal=s.diagonal)
    omega = density(M, phi)
    return {
        "rca": rca,
        "present": M,
        "eci": c.eci,
        "pci": c.pci,
        "phi": phi,
        "density": omega,
        "coi": outlook_index(M, omega, c.pci, s.centre),
        "gain": outlook_gain(M, phi, c.pci, s.gain, s.centre),
    }


@pytest.mark.parametrize(
    "chosen",
    [
        EXACT,
        replace(EXACT, diagonal="one", gain="stata", centre="ubiquity"),
        replace(EXACT, measure="cosine", threshold=0.8, ddof=1, anchor=Anchor("diversity")),
    ],
)
@pytest.mark.parametrize("shape", [(25, 15, 0.6), (30, 300, 0.15), (120, 20, 0.1)])
def test_the_pipeline_equals_the_modules(shape, chosen):
    R, F, share = shape
    X = values(R, F, seed=1, share=share)
    X = X[X.sum(axis=1) > 0][:, X[X.sum(axis=1) > 0].sum(axis=0) > 0]
    found, expected = findings(long(X), settings=chosen), step_by_step(X, chosen)
    for name in ("rca", "present", "density", "gain"):
        np.testing.assert_allclose(matrix(found, name).astype(float), expected[name], atol=1e-9, err_msg=name)
    np.testing.assert_allclose(found.regions["eci"].to_numpy(), expected["eci"], atol=1e-9)
    np.testing.assert_allclose(found.fields["pci"].to_numpy(), expected["pci"], atol=1e-9)
    np.testing.assert_allclose(found.regions["coi"].to_numpy(), expected["coi"], atol=1e-9)
    np.testing.assert_allclose(found.proximity, expected["phi"], atol=1e-12)
    np.testing.assert_array_equal(found.regions["diversity"].to_numpy(), expected["present"].sum(axis=1))
    np.testing.assert_array_equal(found.fields["ubiquity"].to_numpy(), expected["present"].sum(axis=0))


def test_float32_is_the_default_and_close():
    X = values(40, 200, seed=2, share=0.3)
    small, exact = findings(long(X)), findings(long(X), settings=EXACT)
    assert small.proximity.dtype == np.float32
    assert small.cells["density"].type == pa.float32()
    for name in ("rca", "density", "gain"):
        np.testing.assert_allclose(matrix(small, name), matrix(exact, name), rtol=2e-5, atol=2e-6)
    np.testing.assert_array_equal(small.regions["eci"].to_numpy(), exact.regions["eci"].to_numpy())


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100))
def test_row_order_and_units_do_not_matter(seed):
    X = values()
    one, two = findings(long(X), settings=EXACT), findings(long(1e6 * X, seed), settings=EXACT)
    for name in ("region", "field", "present"):
        assert one.cells[name].to_pylist() == two.cells[name].to_pylist()
    np.testing.assert_allclose(one.cells["gain"].to_numpy(), two.cells["gain"].to_numpy(), atol=1e-9)
    np.testing.assert_allclose(one.regions["eci"].to_numpy(), two.regions["eci"].to_numpy(), atol=1e-9)


def panel_table():
    tables = [long(values(seed=t), t, 2000 + t) for t in range(3)]
    table = pa.concat_tables(tables)
    return table.take(pa.array(np.random.default_rng(0).permutation(table.num_rows)))


def test_periods_are_worked_one_by_one_in_order():
    found = findings(panel_table(), Columns(period="period"), EXACT)
    assert found.regions["period"].to_pylist() == [2000] * 25 + [2001] * 25 + [2002] * 25
    for t in range(3):
        expected = step_by_step(values(seed=t))
        np.testing.assert_allclose(matrix(found, "density", 2000 + t), expected["density"], atol=1e-9)
        eci = found.regions["eci"].to_numpy()[25 * t : 25 * t + 25]
        np.testing.assert_allclose(np.abs(eci), np.abs(expected["eci"]), atol=1e-9)
    assert (None, "levels_not_comparable") in found.caveats


def test_later_periods_take_their_sign_from_the_one_before():
    first = findings(panel_table(), Columns(period="period"), EXACT).regions["eci"].to_numpy()[:25]
    wrong = replace(EXACT, anchor=Anchor("reference", np.argsort(first)[:2]))
    results = [result for result, _, _ in stream(panel_table(), Columns(period="period"), wrong)]
    np.testing.assert_allclose(results[0].complexity.eci, -first, atol=1e-9)
    for before, after in pairwise(results):
        assert after.complexity.anchor == "previous"
        assert np.corrcoef(before.complexity.eci, after.complexity.eci)[0, 1] > 0


def test_a_region_absent_in_a_period_is_missing_there_with_its_reason():
    one, two = values(seed=0), values(seed=1)
    two[3], two[:, 2] = 0, 0
    table = pa.concat_tables([long(one, period=2000), long(two, period=2001)])
    found = findings(table, Columns(period="period"), EXACT)
    later = found.regions.slice(25)
    assert later["dropped"].to_pylist()[3] == "empty"
    assert later["eci"].to_pylist()[3] is None
    assert later["coi"].to_pylist()[3] is None
    assert found.fields.slice(15)["dropped"].to_pylist()[2] == "empty"
    assert np.isnan(matrix(found, "rca", 2001)[3]).all()
    assert np.isnan(matrix(found, "density", 2001)[:, 2]).all()
    assert (2001, "trimmed") in found.caveats
    # The rest is what it is without the empty row and column.
    kept = np.delete(np.delete(two, 3, 0), 2, 1)
    expected = step_by_step(kept)
    density_later = np.delete(np.delete(matrix(found, "density", 2001), 3, 0), 2, 1)
    np.testing.assert_allclose(density_later, expected["density"], atol=1e-9)
    gain_later = np.delete(np.delete(matrix(found, "gain", 2001), 3, 0), 2, 1)
    np.testing.assert_allclose(np.abs(gain_later), np.abs(expected["gain"]), atol=1e-9)


@pytest.mark.parametrize("wanted", ["present", "absent"])
def test_only_the_cells_asked_for(wanted):
    everything = findings(long(values()), settings=EXACT).cells
    mask = everything["present"] if wanted == "present" else pa.compute.invert(everything["present"])
    some = findings(long(values()), settings=replace(EXACT, cells=wanted)).cells
    assert 0 < some.num_rows < everything.num_rows
    assert some.to_pandas().equals(everything.filter(mask).to_pandas())


def test_without_cells_scores_stay_the_same():
    lean = findings(long(values()), settings=replace(EXACT, cells="none"))
    assert lean.cells is None
    full = findings(long(values()), settings=EXACT)
    assert lean.regions.equals(full.regions)


def test_duplicates_are_an_error_or_a_sum_never_a_silent_pick():
    # Trap 6: packages keep the first of two rows with one key.
    X = values()
    table = long(X)
    twice = pa.concat_tables([table, table.slice(0, 2)])
    with pytest.raises(ValueError, match=r"2 keys occur more than once, the first is 'R\d{3}' × 'F\d{3}'"):
        findings(twice)
    halves = table.set_column(2, "value", pa.compute.divide(table["value"], 2.0))
    summed = findings(pa.concat_tables([halves, halves]), settings=replace(EXACT, duplicates="sum"))
    whole = findings(table, settings=EXACT)
    np.testing.assert_allclose(summed.cells["rca"].to_numpy(), whole.cells["rca"].to_numpy())


def test_missing_values_are_left_out():
    table = long(values())
    extra = pa.table({"region": ["R000", "R999"], "field": ["F999", "F000"], "value": [np.nan, np.nan]})
    found = findings(pa.concat_tables([table, extra]), settings=EXACT)
    assert found.regions["dropped"].to_pylist()[-1] == "empty"
    np.testing.assert_allclose(
        found.regions["eci"].to_numpy()[:-1], findings(table, settings=EXACT).regions["eci"].to_numpy()
    )


def test_other_shapes_of_input():
    table = long(values())
    expected = findings(table).regions
    as_arrays = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    assert findings(as_arrays).regions.equals(expected)
    encoded = table.set_column(0, "region", table["region"].dictionary_encode())
    assert findings(encoded).regions.equals(expected)
    pieces = pa.concat_tables([encoded.slice(0, 50), encoded.slice(50)])
    assert findings(pieces).regions.equals(expected)
    whole = table.set_column(2, "value", pa.compute.cast(pa.compute.ceil(table["value"]), pa.int64()))
    assert findings(whole).regions.num_rows == 25
    renamed = table.rename_columns(["geo", "nace", "jobs"])
    assert findings(renamed, Columns("geo", "nace", "jobs")).regions.equals(expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": [-1.0, 2.0]}, "negative or infinite"),
        ({"value": [np.inf, 2.0]}, "negative or infinite"),
        ({"region": [None, "a"]}, "must not be missing"),
    ],
)
def test_unusable_input_is_refused(change, message):
    columns = {"region": ["a", "b"], "field": ["x", "y"], "value": [1.0, 2.0]} | change
    with pytest.raises(ValueError, match=message):
        findings(pa.table(columns))


def test_faults_name_the_columns():
    with pytest.raises(ValueError, match="no column 'value'; there are region, field"):
        findings(pa.table({"region": ["a"], "field": ["x"]}))
    with pytest.raises(ValueError, match="no rows"):
        findings(long(np.zeros((2, 2))))
    with pytest.raises(ValueError, match="symmetric"):
        findings(long(values()), settings=Settings(measure="conditional"))
