"""Ranks with the mean where values are equal."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from foreland.core.ranks import average_ranks


@given(st.integers(1, 6), st.integers(1, 12), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_average_ranks_are_those_of_scipy(rows: int, columns: int, different: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, different, (rows, columns)) / 3
    x[rng.random((rows, columns)) < 0.2] = np.inf
    np.testing.assert_array_equal(average_ranks(x), rankdata(x, axis=1, method="average"))
    np.testing.assert_array_equal(average_ranks(x[0]), rankdata(x[0]))
