"""Years ahead against going back year by year."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.foresight.timing import ahead


def by_hand(own: list[float], world: list[float]) -> float:
    if not (world[-1] > world[0] and own[-1] > 0):
        return float("nan")
    here, there = (own, world) if own[-1] >= world[-1] else (world, own)
    years = 0
    for value in reversed(here[:-1]):
        if value < there[-1]:
            break
        years += 1
    return float(years if own[-1] >= world[-1] else -years)


shares = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=9)


@given(shares)
def test_against_going_back_year_by_year(pairs: list[tuple[int, int]]) -> None:
    own, world = np.array(pairs, float).T / 10
    found = ahead(own[:, None], world[:, None])
    expected = by_hand(list(own), list(world))
    assert found.years[0] == pytest.approx(expected, nan_ok=True)
    assert bool(found.open[0]) == (not np.isnan(expected) and abs(expected) == len(pairs) - 1)


def test_the_same_rise_four_years_earlier() -> None:
    years = np.arange(20)
    world = (0.01 + 0.002 * years)[:, None]
    assert ahead(world + 4 * 0.002, world).years[0] == 4
    assert ahead(world - 3 * 0.002, world).years[0] == -3
    assert ahead(world, world).years[0] == 0
    with pytest.raises(ValueError, match="shape"):
        ahead(world[1:], world)
