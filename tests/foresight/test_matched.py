"""A group against others of its years, by hand and against pandas; percentiles against counting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.foresight.matched import matched_difference, percentile

VALUES = st.lists(
    st.tuples(st.integers(-4, 4), st.booleans(), st.integers(2000, 2003)), min_size=1, max_size=40
)  # fmt: skip


def arrays(rows: list[tuple[int, bool, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values, own, year = (np.array(part) for part in zip(*rows, strict=True))
    return values / 4, own.astype(bool), year


def test_two_years_by_hand() -> None:
    # 2000: own 1 and 0 against 0 and 0; 2001: own 1, 1, 0, 0 against 1 and 0; 2002 has nobody to compare with.
    values = np.array([1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 9, 9], dtype=float)
    own = np.array([1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1], dtype=bool)
    year = np.array([2000] * 4 + [2001] * 6 + [2002] * 2)
    found = matched_difference(values, own, year)
    assert (found.used, found.others) == (6, 4)
    assert (found.own, found.rest) == (pytest.approx(1 / 2), pytest.approx(2 / 6 * 0 + 4 / 6 / 2))
    variance = (2 / 6) ** 2 * (0.5 / 2 + 0) + (4 / 6) ** 2 * ((1 / 3) / 4 + 0.5 / 2)
    assert found.mean == pytest.approx(1 / 6)
    assert found.high - found.mean == pytest.approx(1.96 * variance**0.5)


@given(VALUES)
def test_the_difference_is_that_of_pandas(rows) -> None:
    values, own, year = arrays(rows)
    table = pd.DataFrame({"value": values, "own": own, "year": year})
    found = matched_difference(values, own, year)
    total = used = spread = 0.0
    for _, part in table.groupby("year"):
        mine, rest = part.value[part.own], part.value[~part.own]
        if len(mine) > 1 and len(rest) > 1:
            used += len(mine)
            total += len(mine) * (mine.mean() - rest.mean())
            spread += len(mine) ** 2 * (mine.var() / len(mine) + rest.var() / len(rest))
    assert found.used == used
    if used:
        assert found.mean == pytest.approx(total / used)
        assert found.mean == pytest.approx(found.own - found.rest)
        assert found.low == pytest.approx(total / used - 1.96 * spread**0.5 / used)
    else:
        assert np.isnan(found.mean)


@given(VALUES, st.floats(-5, 5), st.randoms(use_true_random=False))
def test_neither_order_nor_a_drift_of_years_matters(rows, drift: float, random) -> None:
    values, own, year = arrays(rows)
    one = matched_difference(values, own, year)
    order = list(range(len(rows)))
    random.shuffle(order)
    other = matched_difference((values + drift * (year - 2000))[order], own[order], year[order])
    assert one.used == other.used
    assert other.mean == pytest.approx(one.mean, abs=1e-9, nan_ok=True)
    swapped = matched_difference(-values, own, year)
    assert swapped.mean == pytest.approx(-one.mean, nan_ok=True)


@given(VALUES)
def test_percentiles_are_those_counted(rows) -> None:
    values, _, year = arrays(rows)
    found = percentile(values, year)
    for n in range(len(rows)):
        peers = values[year == year[n]]
        assert found[n] == pytest.approx(((peers < values[n]).sum() + (peers == values[n]).sum() / 2) / peers.size)
    for each in set(year.tolist()):
        assert found[year == each].mean() == pytest.approx(0.5)


def test_what_is_no_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        matched_difference(np.zeros(2), np.zeros(3, dtype=bool), np.zeros(2))
    with pytest.raises(ValueError, match="finite"):
        matched_difference(np.array([np.nan]), np.array([True]), np.array([1]))
