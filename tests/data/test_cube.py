"""Cubes: every value in its place, what is nil, unknown or left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from foreland.core.errors import DataError
from foreland.core.scope import Scope
from foreland.data.coverage import coverage
from foreland.data.cube import read_cube, read_totals
from foreland.data.workspace import Workspace

PATENTS = Scope.of(level="country", scheme="wipo35", indicator="patent_families")


def test_every_value_in_its_place(packed: Workspace, figures: pd.DataFrame):
    cube = read_cube(packed, PATENTS)
    assert cube.values.shape == (len(cube.periods), len(cube.regions), len(cube.fields))
    rows = figures[(figures.indicator_id == "patent_families") & (figures.scheme == "wipo35")]
    rows = rows[rows.region_id.isin(cube.regions)]
    assert len(rows) == cube.inputs[0].rows
    where = [{name: i for i, name in enumerate(axis)} for axis in (cube.periods, cube.regions, cube.fields)]
    for row in rows.itertuples():
        t, r, f = (axis[key] for axis, key in zip(where, (row.period, row.region_id, row.field_id), strict=True))
        assert cube.values[t, r, f] == row.value
    assert cube.values.sum() == pytest.approx(rows["value"].sum())
    for axis in (cube.periods, cube.regions, cube.fields):
        assert list(axis) == sorted(axis)


def test_benchmark_outside_the_places(packed: Workspace, figures: pd.DataFrame):
    cube = read_cube(packed, PATENTS.replace(benchmark="agg:world"))
    assert "agg:world" not in cube.regions
    rows = figures[(figures.indicator_id == "patent_families") & (figures.scheme == "wipo35")]
    world = rows[rows.region_id == "agg:world"].pivot(index="period", columns="field_id", values="value")
    assert cube.benchmark is not None
    np.testing.assert_array_equal(cube.benchmark, world.loc[list(cube.periods), list(cube.fields)])


class TestPeriods:
    @pytest.mark.parametrize(
        ("period", "window", "expected"),
        [
            (None, None, ("1998", "2020")),
            (None, 3, ("2018", "2020")),
            ("2010", None, ("1998", "2010")),
            ("2010", 3, ("2008", "2010")),
            ("2005:2010", None, ("2005", "2010")),
            ("2005:2010", 2, ("2005", "2010")),
        ],
    )
    def test_chosen(self, packed: Workspace, period, window, expected):
        cube = read_cube(packed, PATENTS.replace(period=period), window=window)
        assert (cube.periods[0], cube.periods[-1]) == expected

    @pytest.mark.parametrize("period", ["1990", "2031", "1980:1990", "2019Q1"])
    def test_not_there(self, packed: Workspace, period: str):
        with pytest.raises(DataError) as caught:
            read_cube(packed, PATENTS.replace(period=period))
        assert "1998" in caught.value.text("en")
        assert caught.value.cure("zh")


class TestMissing:
    ROWS = (("CN", "own:a", "2020", 1.0), ("CN", "own:b", "2020", None), ("KR", "own:a", "2020", 2.0))

    def test_absent_counts_are_nil_and_suppressed_ones_unknown(self, tiny):
        cube = read_cube(tiny(self.ROWS), Scope())
        np.testing.assert_array_equal(cube.values[0], [[1, np.nan], [2, 0]])
        assert [caveat.code for caveat in cube.caveats] == ["suppressed_values"]
        assert cube.caveats[0].parameters == {"count": 1, "of": 3}

    def test_absent_shares_are_unknown(self, tiny):
        cube = read_cube(tiny(self.ROWS, aggregation="none", kind="share"), Scope(), summable=False)
        np.testing.assert_array_equal(cube.values[0], [[1, np.nan], [2, np.nan]])

    def test_absent_totals_are_unknown(self, tiny):
        rows = [("CN", "all:total", "2019", 1.0), ("CN", "all:total", "2020", 2.0), ("KR", "all:total", "2020", 3.0)]
        ws = tiny(rows)
        expected = [[1, np.nan], [2, 3]]
        np.testing.assert_array_equal(read_cube(ws, Scope(), by_field=False).values[:, :, 0], expected)
        (cube,) = read_totals(ws, Scope(), coverage(ws))
        np.testing.assert_array_equal(cube.values[:, :, 0], expected)

    def test_a_place_of_the_level_without_rows_is_not_there(self, tiny):
        cube = read_cube(tiny(self.ROWS, levels={"JP": "country"}), Scope())
        assert cube.regions == ("CN", "KR")
        with pytest.raises(DataError) as caught:
            cube.region_index("JP")
        assert "JP" in caught.value.text("zh")


def test_sums_are_left_out_with_their_benchmark(tiny):
    rows = [(r, f"own:{f}", "2020", v) for r in ("CN", "KR") for f, v in (("a", 1.0), ("b", 2.0), ("ab", 3.0))]
    ws = tiny(rows, parents={"own:a": "own:ab", "own:b": "own:ab"})
    cube = read_cube(ws, Scope(benchmark="KR"))
    assert cube.fields == ("own:a", "own:b")
    assert cube.benchmark is not None
    assert cube.benchmark.shape == (1, 2)
    assert cube.values.sum() == 6
    whole = read_cube(ws, Scope(), by_field=False)
    assert whole.fields == ("own:a", "own:ab", "own:b")


def test_totals_in_one_pass_are_those_read_one_by_one(packed: Workspace):
    entries = [entry for entry in coverage(packed) if entry.level == "province" and entry.scheme == "all"]
    together = read_totals(packed, Scope(), entries)
    assert len(together) == len(entries)
    for cube, entry in zip(together, entries, strict=True):
        scope = Scope(level="province", scheme="all", indicator=entry.indicator_id, source=entry.source_id)
        alone = read_cube(packed, scope, by_field=False, summable=False)
        np.testing.assert_array_equal(cube.values, alone.values)
        assert (cube.periods, cube.regions) == (alone.periods, alone.regions)
        assert cube.inputs[0].rows == entry.rows


def test_totals_end_where_the_scope_does(packed: Workspace):
    entries = [entry for entry in coverage(packed) if entry.level == "province" and entry.scheme == "all"]
    cubes = read_totals(packed, Scope(period="2015"), entries)
    assert {cube.periods[-1] for cube in cubes} <= {str(year) for year in range(2000, 2016)}
    assert len(cubes) < len(entries)
    assert read_totals(packed, Scope(), []) == []


def test_a_cube_is_read_once(packed: Workspace, monkeypatch: pytest.MonkeyPatch):
    first = read_cube(packed, PATENTS.replace(region=("US",)))
    with monkeypatch.context() as patched:
        patched.setattr(packed.engine, "to_arrow", lambda _: pytest.fail("read again"))
        again = read_cube(packed, PATENTS.replace(region=("CN",)))
    assert again.values is first.values
    assert again.scope.region == ("CN",), "the scope stays the asker's own"
    assert first.scope.region == ("US",)
    with pytest.raises(ValueError, match="read-only"):
        again.values[0] = 0


def test_few_cubes_are_kept(packed: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("foreland.data.cube.KEPT_CUBES", 2)
    for window in (1, 2, 3, 4):
        read_cube(packed, PATENTS, window=window)
    assert sum(key[0] == "cube" for key in packed.cache if isinstance(key, tuple)) == 2
