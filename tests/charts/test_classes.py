"""Classes and their legends: limits can be told apart, names fit their tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.charts.classes import apart, class_limits, class_tokens
from foreland.charts.parts import tile_words
from foreland.charts.theme import BOLD, text_width
from foreland.core.columns import column
from foreland.i18n import use_language

VALUES = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=40)


@given(VALUES, st.sampled_from([None, 1.0]))
def test_limits_rise_and_every_value_has_a_class(values: list[float], midpoint: float | None) -> None:
    edges = class_limits(values, midpoint)
    assert (np.diff(edges) >= 0).all()
    tokens = class_tokens(len(edges) + 1, midpoint)
    assert len(tokens) == len(edges) + 1
    if midpoint is not None:
        assert edges[2] == midpoint, "three classes on each side"


@pytest.mark.parametrize(
    ("name", "room", "values", "expected"),
    [
        ("similarity", "capability", [0.6981, 0.868, 0.872, 0.9], ["0.70", "0.868", "0.872", "0.90"]),
        ("share", "core", [0.12341, 0.12344, 0.5], ["12.341%", "12.344%", "50.0%"]),
        ("count", "core", [1.0, 1.0, 3.0], ["1", "1", "3"]),
        ("value", "core", [1.0e9, 2.5e9], ["1.00 bn", "2.50 bn"]),
    ],
)
def test_limits_are_not_printed_alike(name: str, room: str, values: list[float], expected: list[str]) -> None:
    with use_language("en"):
        assert apart(values, column(name, room)) == expected


@given(st.sampled_from(["Guangdong", "Chongqing", "Hong Kong", "Inner Mongolia", "浙江", "East Midlands"]),
       st.floats(20, 62), st.floats(7, 13))  # fmt: skip
def test_words_fit_their_tile(name: str, pixels: float, font: float) -> None:
    lines, size = tile_words(name, pixels, font, "GD")
    assert size <= font + 0.05
    assert all(BOLD * text_width(line, size) <= pixels + 1 or line == "…" for line in lines)


def test_codes_stand_in_for_names_that_would_be_too_small() -> None:
    assert tile_words("Guangdong", 30, 8.6, "GD") == (["GD"], 8.6)
    assert tile_words("Guangdong", 90, 13, "GD") == (["Guangdong"], 13)
    assert tile_words("Hong Kong", 34, 8.6, "HK")[0] == ["Hong", "Kong"]
