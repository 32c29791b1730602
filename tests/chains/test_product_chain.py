"""Product chains: concentration, how far products depend on others, position and substitutes."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.chains.errors import ChainError
from foreland.chains.product_chain import (
    ProductChain,
    concentration,
    depends,
    needed,
    position,
    siblings,
    substitutes,
)


def chain(shares: object, inputs: object = (), weights: object = None, types: object = ()) -> ProductChain:
    return ProductChain(
        np.array(shares, float),
        np.array(inputs, np.int64).reshape(-1, 2),
        None if weights is None else np.array(weights, float),
        np.array(types, np.int64).reshape(-1, 2),
    )


def bare(n: int, inputs: object = (), weights: object = None, types: object = ()) -> ProductChain:
    return chain(np.zeros((n, 1)), inputs, weights, types)


@st.composite
def chains(draw: st.DrawFn, least: float = 0.0) -> ProductChain:
    """Chains of up to five products and three places, with cycles, types and shares of which some are not known."""
    n, places = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    inputs = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=7))
    weights = [draw(st.sampled_from([np.nan, 0.0, 0.25, 0.5, 1.0])) for _ in inputs]
    types = draw(st.lists(st.sampled_from([(i, j) for i, j in pairs if i < j]), unique=True, max_size=3))
    shares = []
    for _ in range(n):
        raw = np.array([draw(st.integers(0, 5)) for _ in range(places)], float)
        covered = draw(st.sampled_from([x for x in (0.0, 0.3, 0.5, 0.8, 1.0) if x >= least]))
        if least and not raw.sum():
            raw[0] = 1.0
        shares.append(raw / raw.sum() * covered if raw.sum() else raw)
    return chain(shares, inputs, weights if draw(st.booleans()) else None, types)


# Concentration ----------------------------------------------------------------------------------


def test_concentration_of_known_markets() -> None:
    """0.993² + 0.007² = 0.9861 (one almost alone); four equals 2,500; a quarter not attributed gives bounds."""
    at = concentration(
        chain(
            [[0.993, 0.007, 0, 0], [0.25] * 4, [0.5, 0.25, 0, 0], [np.nan, 0, 0, 0], [0.96, 0.04, np.nan, 0]],
        )
    )
    assert at.low == pytest.approx([9860.98, 2500, 3125, 0, 9232])
    assert at.high == pytest.approx([9860.98, 2500, 1e4 * (0.75**2 + 0.25**2), 1e4, 9232])
    assert at.leader.tolist() == [0, 0, 0, -1, 0]
    assert at.suppliers.tolist() == [1, 4, 2, 0, 1]
    assert at.named.tolist() == [2, 4, 2, 1, 3]
    assert at.attributed == pytest.approx([1, 1, 0.75, 0, 1])


def test_rounding_is_scaled_and_more_is_refused() -> None:
    assert concentration(chain([[0.52, 0.52]])).low == pytest.approx([5000])
    with pytest.raises(ChainError) as caught:
        chain([[0.5, 0.5], [0.7, 0.6]])
    assert caught.value.kind == "shares_above_one"
    assert caught.value.params["nodes"] == [1]
    with pytest.raises(ChainError, match="shares_below_zero"):
        chain([[1.2, -0.2]])
    for wrong in ({"inputs": [(0, 5)]}, {"types": [(-1, 0)]}, {"inputs": [(0, 0)], "weights": [0.5, 0.5]}):
        with pytest.raises(ValueError, match=r"not there|length"):
            bare(2, **wrong)


@given(chains(), st.randoms(use_true_random=False))
def test_bounds_hold_however_the_rest_is_attributed(made: ProductChain, random: object) -> None:
    at = concentration(made)
    rest = 1 - made.known.sum(axis=1)
    split = np.array([[random.random() ** 3 + 1e-9 for _ in range(made.shares.shape[1] + 2)] for _ in rest])
    split *= (rest / split.sum(axis=1))[:, None]
    full = np.hstack([made.known, np.zeros((len(rest), 2))]) + split
    index = 1e4 * (full**2).sum(axis=1)
    assert (index >= at.low - 1e-6).all()
    assert (index <= at.high + 1e-6).all()


# Dependence along paths -------------------------------------------------------------------------


def strongest(made: ProductChain) -> np.ndarray:
    """Every simple path written out."""
    n = len(made.shares)
    strength = np.zeros((n, n))
    for (a, b), value in zip(made.inputs, needed(made), strict=True):
        strength[a, b] = max(strength[a, b], value)
    for a, b in made.type_pairs:
        strength[a, b] = 1.0
    best = np.eye(n)
    for size in range(2, n + 1):
        for path in permutations(range(n), size):
            value = np.prod([strength[a, b] for a, b in pairwise(path)])
            best[path[0], path[-1]] = max(best[path[0], path[-1]], value)
    return best


@given(chains())
def test_depends_is_the_strongest_of_all_paths(made: ProductChain) -> None:
    assert depends(made) == pytest.approx(strongest(made), abs=1e-12)


def test_inputs_without_weights_are_needed_in_full_and_rests_are_shared() -> None:
    made = bare(5, [(0, 4), (1, 4), (2, 4), (0, 3), (4, 3)], [0.4, np.nan, np.nan, np.nan, np.nan])
    assert needed(made) == pytest.approx([0.4, 0.3, 0.3, 1, 1])


def test_a_straight_chain() -> None:
    """a → b → c → d: three steps can stand still; a stops all of them, d none."""
    assert position(bare(4, [(0, 1), (1, 2), (2, 3)])) == pytest.approx([1, 1, 0.5, 0])
    halves = bare(4, [(0, 1), (1, 2), (2, 3)], [0.5, 0.5, 0.5])
    assert position(halves) == pytest.approx([(0.5 + 0.25 + 0.125) / 3, (0.5 + 0.25) / 2, 0.25, 0])


def test_a_cycle_is_no_trouble() -> None:
    """In a circle each stops the two others; what stands before it stops all three."""
    assert position(bare(4, [(0, 1), (1, 2), (2, 0), (3, 0)])) == pytest.approx([1, 1, 1, 1])


def test_a_variant_has_the_place_of_its_type() -> None:
    """laser → EUV tool, a type of lithography tool → lithography → chip; stepper is another type."""
    names = ["laser", "euv", "stepper", "tool", "litho", "chip"]
    made = bare(6, [(0, 1), (3, 4), (4, 5)], None, [(1, 3), (2, 3)])
    found = dict(zip(names, position(made), strict=True))
    assert found["stepper"] == pytest.approx(found["tool"])
    assert found["tool"] == pytest.approx(1.0)  # lithography and chip; not itself
    assert found["euv"] == pytest.approx(1.0)
    assert found["laser"] == pytest.approx(1.0)
    assert found["litho"] == pytest.approx(0.5)  # the chip, not the tool that stands before it
    assert found["chip"] == 0


@given(chains(), st.randoms(use_true_random=False))
def test_order_of_products_and_places_does_not_matter(made: ProductChain, random: object) -> None:
    n, places = made.shares.shape
    new = list(range(n))
    random.shuffle(new)
    columns = list(range(places))
    random.shuffle(columns)
    at = np.array(new)
    shares = np.empty_like(made.shares)
    shares[at] = made.shares[:, columns]
    other = ProductChain(
        shares,
        at[made.inputs].reshape(-1, 2),
        made.weights,
        at[made.type_pairs].reshape(-1, 2),
    )
    assert position(other)[at] == pytest.approx(position(made))
    assert concentration(other).high[at] == pytest.approx(concentration(made).high)
    for name in ("lack", "low", "high", "number"):
        assert getattr(substitutes(other), name)[at] == pytest.approx(getattr(substitutes(made), name))
    assert ((position(made) >= 0) & (position(made) <= 1)).all()


# Substitutes ------------------------------------------------------------------------------------


def test_substitutes_help_as_far_as_others_supply_them() -> None:
    """Two types of one tool; the leader of the first has 1/5 of the second: (1 + 0.2) / 2 of both."""
    made = chain([[1, 0], [0.2, 0.8], [0, 0], [1, 0]], [(2, 3)], None, [(0, 2), (1, 2)])
    found = substitutes(made)
    assert found.lack == pytest.approx([0.6, 0.4, 1, 1])
    assert found.number.tolist() == [1, 1, 0, 0]
    # The type's own market is published: it counts, not the plain mean.
    made = chain([[1, 0], [0.2, 0.8], [0.7, 0.3], [1, 0]], [(2, 3)], None, [(0, 2), (1, 2)])
    assert substitutes(made).lack[:2] == pytest.approx([0.7, 0.3])


def test_types_that_are_needed_beside_each_other_are_no_substitutes() -> None:
    """Resist (0) and mask (1) are both materials (2), and each goes into lithography (3) itself."""
    made = chain([[1.0], [1.0], [0], [0]], [(0, 3), (1, 3), (2, 3)], None, [(0, 2), (1, 2)])
    assert siblings(made) == [[], [], [], []]
    assert substitutes(made).lack.tolist() == [1, 1, 1, 1]
