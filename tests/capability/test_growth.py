"""Shift-share against REAT, growth by hand, mass balance and orders as properties."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

# By its path: the room exports a question of the same name.
gr = importlib.import_module("foreland.capability.growth")


# Farhauer & Kröll (2013), the textbook case of REAT's shift(): three regions of one nation, four industries.
START = np.array([[90.0, 20, 10, 60], [60, 30, 30, 40], [250, 100, 110, 300]])
END = np.array([[100.0, 40, 10, 55], [85, 55, 40, 35], [255, 115, 85, 390]])
NATION = np.array([400.0, 150, 150, 400]), np.array([440.0, 210, 135, 480])

cell = st.integers(0, 50).map(float) | st.just(float("nan"))
panels = hnp.arrays(np.float64, st.tuples(st.integers(2, 5), st.integers(1, 5), st.integers(1, 5)), elements=cell)


@pytest.mark.parametrize(
    ("region", "expected"),
    [(0, (25, 27, 1, -3)), (1, (55, 24, -1, 32)), (2, (85, 114, 0, -29))],
)
def test_shift_share_of_the_textbook(region: int, expected: tuple[float, ...]) -> None:
    for parts in (gr.shift_share(START, END, *NATION).places(), gr.shift_share(START, END).places()):
        ours = (parts.change, parts.national, parts.mix, parts.regional)
        np.testing.assert_allclose([p[region] for p in ours], expected, atol=1e-9)


@given(panels)
def test_parts_add_up_to_the_change(X: np.ndarray) -> None:
    static = gr.shift_share(X[0], X[-1])
    dynamic = gr.dynamic_shift_share(X)
    for parts in (static, dynamic.total, *dynamic.periods):
        np.testing.assert_allclose(parts.national + parts.mix + parts.regional, parts.change, atol=1e-9)
    np.testing.assert_array_equal(np.isnan(static.change), np.isnan(X[0]) | np.isnan(X[-1]))
    np.testing.assert_array_equal(np.isnan(dynamic.total.change), np.isnan(X).any(0))
    places = static.places()
    np.testing.assert_allclose(places.national + places.mix + places.regional, places.change, atol=1e-9)


@given(panels)
def test_shifts_cancel_over_the_whole(X: np.ndarray) -> None:
    X = np.nan_to_num(X)
    parts = gr.shift_share(X[0], X[-1])
    born = X[0].sum(0) == 0  # a field born in between has no rate: its places can't be compared with it
    np.testing.assert_allclose(parts.regional[:, ~born].sum(0), 0.0, atol=1e-9)
    if X[0].sum() > 0 and not (born & (X[-1].sum(0) > 0)).any():
        assert parts.mix.sum() == pytest.approx(0.0, abs=1e-9)


@given(panels, st.floats(1e-3, 1e6))
def test_shift_share_scales_with_its_unit(X: np.ndarray, unit: float) -> None:
    one, other = gr.shift_share(X[0], X[-1]), gr.shift_share(X[0] * unit, X[-1] * unit)
    np.testing.assert_allclose(other.mix, one.mix * unit, rtol=1e-9, atol=1e-9 * unit)
    np.testing.assert_allclose(other.regional, one.regional * unit, rtol=1e-9, atol=1e-9 * unit)


def test_dynamic_shift_share_renews_its_weights() -> None:
    later = np.array([[105.0, 45, 15, 60]])
    X = np.stack([START[:1], END[:1], later])
    nation = np.stack([*NATION, [460.0, 230, 155, 500]])
    result = gr.dynamic_shift_share(X, nation)
    # By hand: national 180·0.15 + 205·(1345/1265 - 1).
    assert result.total.places().national[0] == pytest.approx(27 + 205 * (1345 / 1265 - 1))
    mix = 1 + sum(END[0] * (nation[2] / nation[1])) - 205 * 1345 / 1265
    assert result.total.places().mix[0] == pytest.approx(mix)
    assert result.total.places().change[0] == 45
    static = gr.shift_share(X[0], X[2], nation[0], nation[2]).places()
    assert abs(static.national[0] - result.total.places().national[0]) > 0.1


def test_one_step_of_the_dynamic_is_the_static() -> None:
    a, b = gr.dynamic_shift_share(np.stack([START, END])).total, gr.shift_share(START, END)
    for name in ("change", "national", "mix", "regional"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_a_cell_that_becomes_suppressed_is_no_decline() -> None:
    end = END.copy()
    end[2, 0] = np.nan
    parts = gr.shift_share(START, end)
    assert np.isnan(parts.regional[2, 0])
    # Rate of the first industry on the two places known at both times: 185/150.
    assert parts.regional[0, 0] == pytest.approx(100 - 90 * 185 / 150)


def test_bad_benchmarks_are_refused() -> None:
    with pytest.raises(ValueError, match="benchmark has nothing"):
        gr.shift_share(START, END, [0.0, 1, 1, 1], [1.0, 1, 1, 1])
    with pytest.raises(ValueError, match="together"):
        gr.shift_share(START, END, NATION[0])
    with pytest.raises(ValueError, match="shapes differ"):
        gr.shift_share(START, END[:2])
    with pytest.raises(ValueError, match="two periods"):
        gr.dynamic_shift_share(START[None])
    with pytest.raises(ValueError, match="does not fit"):
        gr.dynamic_shift_share(np.stack([START, END]), [[1.0, 2.0]])


def test_cagr_by_hand() -> None:
    rate = gr.cagr([100.0, 100, 0, np.nan, 50], [121.0, 0, 5, 3, 50], 2)
    np.testing.assert_allclose(rate, [0.1, -1.0, np.nan, np.nan, 0.0], atol=1e-15)
    with pytest.raises(ValueError, match="years"):
        gr.cagr(1.0, 2.0, 0)


@given(st.floats(0.1, 1e6), st.floats(-0.5, 2.0), st.integers(1, 30))
def test_cagr_undoes_compounding(start: float, rate: float, years: int) -> None:
    assert gr.cagr(start, start * (1 + rate) ** years, years) == pytest.approx(rate, abs=1e-9)


def test_growth_gap_by_hand() -> None:
    gap = gr.growth_gap([[100.0], [300.0]], [[121.0], [363.0 + 121]], 2)
    field = (605 / 400) ** 0.5 - 1
    np.testing.assert_allclose(gap[:, 0], [0.1 - field, (484 / 300) ** 0.5 - 1 - field])
    given_benchmark = gr.growth_gap([[100.0]], [[121.0]], 2, [400.0], [400.0])
    assert given_benchmark[0, 0] == pytest.approx(0.1)


def test_quotient_growth() -> None:
    a, b = [1.0, 0.0, 2.0], [1.21, 1.0, 0.0]
    np.testing.assert_allclose(gr.quotient_growth(a, b, 2), [0.1, np.nan, -1.0])
    np.testing.assert_allclose(gr.quotient_growth(a, b, 2, "difference"), [0.105, 0.5, -1.0])
    np.testing.assert_allclose(gr.quotient_growth(a, b, 2, "log"), [np.log(1.21) / 2, np.nan, np.nan])
    with pytest.raises(ValueError, match="how"):
        gr.quotient_growth(a, b, 2, "speed")


def test_rank_paths_by_hand() -> None:
    paths = gr.rank_paths([[5.0, 5.0, 1.0, np.nan], [1.0, 5.0, np.nan, 9.0], [7.0, 5.0, 8.0, 9.0]])
    assert paths.ranks.tolist() == [[1, 2, 3, 0], [3, 2, 0, 1], [3, 4, 2, 1]]
    assert paths.movement.tolist() == [[0, 0, 0, 0], [-2, 0, 0, 0], [0, -2, 1, 0]]
    assert paths.first.tolist() == [[True, True, True, False], [False, False, False, True], [False] * 4]
    assert gr.rank_paths([[5.0, 4.0, 3.0]], top=2).ranks.tolist() == [[1, 2, 0]]


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 8)), elements=st.integers(-3, 3).map(float)))
def test_movement_of_a_closed_list_cancels(values: np.ndarray) -> None:
    paths = gr.rank_paths(values)
    assert (paths.movement.sum(axis=1) == 0).all()
    assert (np.sort(paths.ranks, axis=1) == np.arange(1, values.shape[1] + 1)).all()
