"""Control, dependence and leverage between places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.chains.test_product_chain import chain, chains

from foreland.chains.dependence import dependence, levers, pooled
from foreland.chains.product_chain import ProductChain


def test_by_hand() -> None:
    """Two inputs of one step, each of full mass: a supplies the first alone, b the second; c supplies none."""
    made = chain([[1, 0, 0], [0, 1, 0], [0, 0, 0]], [(0, 2), (1, 2)])
    found = dependence(made)
    assert found.mass == pytest.approx([1, 1, 0])
    assert found.leverage == pytest.approx(np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0, 0, 0]]))
    assert found.supplied == pytest.approx([0.5, 0.5, 0])
    assert found.lacked == pytest.approx([0.5, 0.5, 1])
    assert found.controls.tolist() == [[True, False, False], [False, True, False], [False] * 3]
    assert found.net == pytest.approx(found.leverage - found.leverage.T)


@given(chains())
def test_leverage_is_bounded_and_made_of_levers(made: ProductChain) -> None:
    found = dependence(made)
    places = made.shares.shape[1]
    assert ((found.leverage >= 0) & (found.leverage <= 1 + 1e-12)).all()
    assert (found.leverage <= found.supplied[:, None] + 1e-12).all()
    assert (found.leverage <= found.lacked[None, :] + 1e-12).all()
    for a in range(places):
        for b in range(places):
            assert levers(made, found, a, b).sum() == pytest.approx(found.leverage[a, b])
    if found.mass.sum():
        assert found.supplied + found.lacked == pytest.approx(np.ones(places))


def test_a_bloc_as_one_place() -> None:
    made = chain([[0.5, 0.2, 0.3], [np.nan, 0, 0], [np.nan, 0.4, 0]], [(0, 1)])
    merged = pooled(made, [0, 2])
    assert merged.shares[0] == pytest.approx([0.8, 0.2, 0])
    assert np.isnan(merged.shares[1, 0])
    assert np.isnan(merged.shares[2, 0])
    assert merged.shares[2, 1] == pytest.approx(0.4)
    assert pooled(made, [1]) is made


def test_wrong_calls() -> None:
    made = chain([[1.0]])
    with pytest.raises(ValueError, match="threshold"):
        dependence(made, threshold=0)
    with pytest.raises(ValueError, match="weights"):
        dependence(made, (0, 0, 0, 1))
