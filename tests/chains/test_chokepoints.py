"""Scores of chokepoints: by hand, by rules any such score must keep, and on the chip supply chain."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chains.test_product_chain import chain, chains

from foreland.chains.chokepoints import (
    EQUAL,
    PARTS,
    Chokepoints,
    chokepoints,
    concentration_needed,
    mean_of_parts,
    ranks,
)
from foreland.chains.product_chain import ProductChain
from foreland.chains.weight_stability import stability

WEIGHTS = st.tuples(*[st.sampled_from([0.0, 0.1, 1.0, 3.0])] * 4).filter(any)


def test_by_hand() -> None:
    """One step, two inputs: HHI 1 and 0.5; own share 0 and 0.5; nothing replaces either."""
    made = chain([[1, 0], [0.5, 0.5], [0, 1]], [(0, 2), (1, 2)])
    found = chokepoints(made, [1])
    assert found.parts == pytest.approx(np.array([[1, 1, 1, 1], [0.5, 1, 1, 0.5], [1, 1, 0, 0]]))
    assert found.score == pytest.approx([1, (0.5 * 0.5) ** 0.25, 0])
    assert found.rank.tolist() == [1, 2, 3]
    assert found.own_share.tolist() == [0, 0.5, 1]
    assert found.weights.sum() == pytest.approx(1)
    # Three times the weight on concentration; a part without weight is left out though it is 0.
    assert chokepoints(made, [1], (3, 1, 1, 1)).score[1] == pytest.approx((0.5**3 * 0.5) ** (1 / 6))
    assert chokepoints(made, [1], (1, 1, 0, 0)).score[2] == pytest.approx(1)


def test_a_bloc_asks_as_one() -> None:
    made = chain([[0.6, 0.3, 0.1], [0, 0, 1]], [(0, 1)])
    assert chokepoints(made, [1, 2]).own_share[0] == pytest.approx(0.4)
    assert chokepoints(made, [1, 1]).own_share[0] == pytest.approx(0.3)
    assert chokepoints(made).own_share[0] == 0


def test_what_is_hardly_attributed_has_bounds_and_no_score() -> None:
    made = chain([[0.3, 0], [0.5, 0.1], [0, 1]], [(0, 2), (1, 2)])
    found = chokepoints(made, [1])
    assert np.isnan(found.score[0])
    assert found.rank.tolist() == [0, 1, 2]
    assert found.low[0] == pytest.approx((0.09 * 0.3) ** 0.25)  # all the rest is the asking place's own
    assert found.high[0] == pytest.approx(1)
    assert found.top() == [1, 2]


def test_a_ranking_leaves_out_what_types_stand_for() -> None:
    """Tool (2) of two types: one without shares (0), one with (1)."""
    made = chain([[0, 0], [1, 0], [0.9, 0.1], [0, 0]], [(2, 3)], None, [(0, 2), (1, 2)])
    found = chokepoints(made)
    assert found.ranked.tolist() == [False, True, False, False]
    assert found.rank.tolist() == [0, 1, 0, 0]
    assert found.top(5) == [1]
    assert not np.isnan(found.score[2])


@pytest.mark.parametrize("wrong", [(1, 1, 1), (0, 0, 0, 0), (-1, 1, 1, 1), (1, 1, 1, np.nan)])
def test_wrong_weights(wrong: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        chokepoints(chain([[1.0]]), [], wrong)
    with pytest.raises(ValueError, match="place"):
        chokepoints(chain([[1.0]]), [1])


@given(chains(), WEIGHTS, st.sampled_from([0.01, 7.0]))
def test_scores_keep_their_bounds_and_the_scale_of_weights_is_nothing(
    made: ProductChain, weights: tuple[float, ...], scale: float
) -> None:
    found = chokepoints(made, [0], weights)
    scored = ~np.isnan(found.score)
    assert ((found.parts >= 0) & (found.parts <= 1)).all()
    assert ((found.low <= found.high + 1e-12) & (found.low >= 0) & (found.high <= 1 + 1e-12)).all()
    assert (found.score[scored] >= found.low[scored] - 1e-9).all()
    assert (found.score[scored] <= found.high[scored] + 1e-9).all()
    again = chokepoints(made, [0], tuple(scale * weight for weight in weights))
    assert again.score == pytest.approx(found.score, nan_ok=True)


@given(chains(least=0.5), WEIGHTS, st.randoms(use_true_random=False))
def test_bounds_hold_however_the_rest_is_attributed(
    made: ProductChain, weights: tuple[float, ...], random: object
) -> None:
    rest = np.clip(1 - made.known.sum(axis=1), 0, None)
    split = np.array([[random.random() ** 5 + 1e-9 for _ in range(made.shares.shape[1] + 2)] for _ in rest])
    split *= (rest / split.sum(axis=1))[:, None]
    full = ProductChain(
        np.hstack([made.known, np.zeros((len(rest), 2))]) + split, made.inputs, made.weights, made.types
    )
    found, told = chokepoints(made, [0], weights), chokepoints(full, [0], weights)
    assert (told.score >= found.low - 1e-9).all()
    assert (told.score <= found.high + 1e-9).all()


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.9, np.nan]), min_size=1, max_size=8))
def test_ranks_count_what_is_better(values: list[float]) -> None:
    score = np.array(values)
    expected = [0 if np.isnan(x) else 1 + sum(y > x for y in values) for x in values]
    assert ranks(score).tolist() == expected


@given(
    st.lists(st.tuples(*[st.sampled_from([0.0, 0.2, 0.7, 1.0])] * 4), min_size=1, max_size=5),
    st.lists(WEIGHTS, min_size=1, max_size=3),
)
def test_mean_of_many_weights_is_that_of_each(parts: list, weights: list) -> None:
    matrix, given_ = np.array(parts), np.array(weights) / np.sum(weights, axis=1, keepdims=True)
    plain = [[np.prod([p**w for p, w in zip(row, draw, strict=True)]) for row in parts] for draw in given_]
    assert mean_of_parts(matrix, given_) == pytest.approx(np.array(plain))
    assert mean_of_parts(matrix, given_[0]) == pytest.approx(plain[0])


# Stability --------------------------------------------------------------------------------------


def made_up(parts: np.ndarray) -> Chokepoints:
    """Chokepoints of given parts."""
    found = chokepoints(chain(np.eye(len(parts)), [(0, 1)]))
    score = mean_of_parts(parts, np.full(4, 0.25))
    return Chokepoints(**{**vars(found), "parts": parts, "score": score, "rank": ranks(score)})


def test_a_ranking_that_all_parts_agree_on_is_stable() -> None:
    found = made_up(np.repeat(np.linspace(0.1, 0.9, 9)[:, None], 4, axis=1))
    told = stability(found, count=3, draws=50)
    assert told.tau == pytest.approx(np.ones(50))
    assert told.overlap == pytest.approx(np.ones(50))
    assert told.in_top.tolist() == [0] * 6 + [1] * 3
    assert told.rank_low.tolist() == told.rank_high.tolist() == list(range(9, 0, -1))


def test_stability_is_the_same_each_time_and_counts_right() -> None:
    parts = np.random.default_rng(1).uniform(0.05, 1, (20, 4))
    found = made_up(parts)
    told, again = stability(found, 5, 200), stability(found, 5, 200)
    assert (told.tau == again.tau).all()
    assert told.in_top.sum() == pytest.approx(5)
    assert (told.rank_low <= told.rank_high).all()
    assert (told.overlap < 1).any()
    for k in range(4):  # one part alone: a ranking by that part
        best = set(np.argsort(-parts[:, k])[:5].tolist())
        assert told.alone[k] == pytest.approx(len(best & set(found.top(5))) / 5)
    with pytest.raises(ValueError, match="nothing"):
        stability(chokepoints(chain([[1.0]])))


# The chip supply chain --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chips(shared: Path) -> tuple[ProductChain, list[str], list[str]]:
    """The published chain, read here on its own: products, places and their names."""

    def table(name: str) -> list[dict[str, str]]:
        with (shared / "data/chip_supply_chain" / f"{name}.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    inputs = table("inputs")
    number = {row["input_id"]: k for k, row in enumerate(inputs)}
    countries = {
        row["provider_id"]: row["provider_name"] for row in table("providers") if row["provider_type"] == "country"
    }
    places = sorted(name for name in countries.values() if not name.startswith("Various"))
    shares = np.zeros((len(inputs), len(places)))
    for row in table("provision"):
        place = countries.get(row["provider_id"])
        if place in places and row["provided_id"] in number:
            value = float(row["share_provided"]) / 100 if row["share_provided"] else np.nan
            shares[number[row["provided_id"]], places.index(place)] = value
    steps = table("sequence")
    edges = [(number[row["input_id"]], number[row["goes_into_id"]]) for row in steps if row["goes_into_id"]]
    types = [(number[row["input_id"]], number[row["is_type_of_id"]]) for row in steps if row["is_type_of_id"]]
    return chain(shares, edges, None, types), [row["input_name"] for row in inputs], places


def test_lithography_is_among_the_first_ten_for_china(chips: tuple[ProductChain, list[str], list[str]]) -> None:
    made, names, places = chips
    found = chokepoints(made, [places.index("CHN")], EQUAL)
    euv, immersion = names.index("EUV lithography tools"), names.index("ArF immersion (DUV) lithography tools")
    assert found.concentration.low[euv] == pytest.approx(10_000)
    assert found.concentration.low[immersion] == pytest.approx(9_861, abs=0.5)
    assert {euv, immersion} <= set(found.top(10))
    told = stability(found)
    assert 0.6 < np.median(told.tau) < 0.9
    assert told.in_top[euv] > 0.3


def test_resists_have_no_published_shares_and_would_be_among_the_first_ten_if_one_place_led(
    chips: tuple[ProductChain, list[str], list[str]],
) -> None:
    made, names, places = chips
    china, resist = places.index("CHN"), names.index("Photoresists")
    found = chokepoints(made, [china])
    assert np.isnan(found.score[resist])
    needs = concentration_needed(found)[resist]
    bar = np.sort(found.score[found.ranked])[-10]
    for share, above in ((np.sqrt(needs / 1e4) + 0.01, True), (np.sqrt(needs / 1e4) - 0.03, False)):
        shares = made.shares.copy()
        shares[resist] = 0
        shares[resist, places.index("JPN")] = share
        told = chokepoints(ProductChain(shares, made.inputs, None, made.types), [china])
        assert (told.score[resist] >= bar) == above


def test_the_parts_are_as_many_as_the_weights() -> None:
    assert len(PARTS) == len(EQUAL)
