"""Choices within a budget against every possible choice."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import _constraints

from foreland.chains.errors import ChainError
from foreland.chains.resilience import Options, choose, frontier, stock_options, supplier_options, together


def best(options: Options, budget: float, most: int | None = None) -> float:
    """All ways to fill the ladders from below, and with what is left one divisible step in part: a linear program with
    one constraint has an optimum with at most one part."""
    ladders = [np.flatnonzero(options.ladder == k) for k in np.unique(options.ladder)]
    found = -np.inf
    for heights in product(*(range(len(steps) + 1) for steps in ladders)):
        taken = np.concatenate([steps[:h] for steps, h in zip(ladders, heights, strict=True)]).astype(int)
        cost, gain = options.cost[taken].sum(), options.gain[taken].sum()
        if cost > budget or (most is not None and options.whole[taken].sum() > most):
            continue
        found = max(found, gain)
        for steps, h in zip(ladders, heights, strict=True):
            if h < len(steps) and not options.whole[steps[h]] and options.cost[steps[h]] > 0:
                part = min(1.0, (budget - cost) / options.cost[steps[h]])
                found = max(found, gain + part * options.gain[steps[h]])
    return found


def fits(options: Options, taken: np.ndarray, budget: float) -> bool:
    same = options.ladder[1:] == options.ladder[:-1]
    in_order = (~same | (taken[1:] < 1e-6) | (taken[:-1] > 1 - 1e-6)).all()
    whole = np.isin(taken[options.whole], (0.0, 1.0)).all()
    return bool(in_order and whole and options.cost @ taken <= budget * (1 + 1e-6) + 1e-9)


def drawn(seed: int, whole: bool | None) -> Options:
    rng = np.random.default_rng(seed)
    m = int(rng.integers(1, 13))
    return Options(
        ladder=np.sort(rng.integers(6, size=m)),
        gain=rng.integers(-2, 12, size=m) / 4,
        cost=rng.integers(0, 9, size=m) / 2,
        whole=np.full(m, whole) if whole is not None else rng.random(m) < 0.5,
        size=np.ones(m),
        loss=100.0,
    )


@given(st.integers(0, 10**6), st.sampled_from([True, False, None]), st.sampled_from([None, 0, 1, 3]))
@settings(max_examples=60, deadline=None)
def test_no_choice_is_better(seed: int, whole: bool | None, most: int | None) -> None:
    options = drawn(seed, whole)
    budget = float(np.random.default_rng(seed + 1).integers(0, 30) / 2)
    found = choose(options, budget, most)
    assert found.avoided == pytest.approx(best(options, budget, most), abs=1e-5)
    assert fits(options, found.taken, budget)
    assert fits(options, found.greedy, budget)
    assert found.greedy_avoided <= found.avoided <= found.bound + 1e-6
    assert found.loss == pytest.approx(100 - found.avoided)
    if most is not None:
        assert found.taken[options.whole].sum() <= most


@given(st.integers(0, 10**6), st.sampled_from([True, False, None]))
@example(51434, None)  # the solver fails on what its presolve makes of it
@settings(max_examples=20, deadline=None)
def test_more_budget_never_avoids_less(seed: int, whole: bool | None) -> None:
    options = drawn(seed, whole)
    avoided = [choice.avoided for choice in frontier(options)]
    assert (np.diff(avoided) >= -1e-5).all()
    assert avoided[-1] == pytest.approx(choose(options, np.inf).avoided, abs=1e-5)


def test_added_suppliers_by_hand() -> None:
    """Leader of 80 %: an added supplier with 25 % leaves it 60 %, a second 45 %; one of 20 % falls back to 25 %."""
    options = supplier_options([0.8, 0.2], 0.1, [100.0, 1000.0], [3.0, 5.0], added=0.25, most=2)
    np.testing.assert_allclose(options.gain, [2.0, 1.5, -5.0, 0.0])
    np.testing.assert_allclose(options.cost, [3, 3, 5, 5])
    assert options.loss == pytest.approx(0.1 * (80 + 200))
    found = choose(options, 100)
    np.testing.assert_array_equal(found.taken, [1, 1, 0, 0])
    assert (found.avoided, found.cost) == (pytest.approx(3.5), pytest.approx(6))
    assert choose(options, 5).avoided == pytest.approx(2)


def test_stock_by_hand() -> None:
    """Two days halve the loss of 8, two more take the rest of it; a day costs 3."""
    options = stock_options([0, 2, 4], [[8.0, 4.0, 3.0], [1.0, 1.0, 1.0]], 3.0)
    np.testing.assert_allclose(options.gain, [4, 1, 0, 0])
    assert options.loss == 9
    found = choose(options, 9.0)
    np.testing.assert_allclose(found.taken, [1, 0.5, 0, 0], atol=1e-6)
    assert found.avoided == pytest.approx(4.5)
    assert found.price == pytest.approx(1 / 6)
    assert found.taken @ options.size == pytest.approx(3.0, abs=1e-6)


def test_a_later_step_that_avoids_more_is_no_way_round_the_first() -> None:
    """Nothing by the first five days, much by the next: half the money buys nothing there."""
    options = stock_options([0, 5, 10], [[10.0, 10.0, 0.0], [4.0, 3.0, 2.0]], 1.0)
    assert choose(options, 5.0).avoided == pytest.approx(1.0)
    assert choose(options, 10.0).avoided == pytest.approx(10.0)
    assert choose(options, 5.0).greedy_avoided == pytest.approx(1.0)
    assert choose(options, 10.0).greedy_avoided == pytest.approx(2.0)


def test_greedy_can_be_fooled_and_says_so() -> None:
    options = supplier_options([0.5] * 3, [1.0, 0.9, 0.9], [12.0, 10.0, 10.0], [6.0, 5.0, 5.0], added=0.25)
    found = choose(options, 10.0)
    np.testing.assert_array_equal(found.taken, [0, 1, 1])
    np.testing.assert_array_equal(found.greedy, [1, 0, 0])
    assert found.avoided > found.greedy_avoided


def test_at_most_so_many_suppliers_of_any_products_but_any_stock() -> None:
    options = together(
        supplier_options([0.9, 0.8, 0.7], 0.1, 100.0, 1.0, added=0.5),
        stock_options([0, 1], [[5.0, 0.0]], 1.0),
    )
    np.testing.assert_array_equal(options.ladder, [0, 1, 2, 3])
    found = choose(options, np.inf, most=1)
    np.testing.assert_allclose(found.taken, [1, 0, 0, 1])
    assert found.price == 0
    assert options.loss == pytest.approx(29)


def test_ties_go_to_the_cheaper_then_to_the_earlier() -> None:
    options = supplier_options([0.5] * 4, 1.0, 10.0, [3.0, 2.0, 2.0, 2.0], added=0.25)
    np.testing.assert_array_equal(choose(options, 3.0).taken, [0, 1, 0, 0])
    np.testing.assert_array_equal(choose(options, 4.0).taken, [0, 1, 1, 0])
    alike = supplier_options([0.5] * 30, 1.0, 10.0, 1.0, added=0.25)
    np.testing.assert_array_equal(np.flatnonzero(choose(alike, 14.0).taken), np.arange(14))


def test_nothing_to_spend_buys_what_is_free() -> None:
    options = supplier_options([0.9, 0.8], 0.5, 1.0, [1.0, 0.0])
    np.testing.assert_array_equal(choose(options, 0.0).taken, [0, 1])
    paid = supplier_options([0.9, 0.8], 0.5, 1.0, 1.0)
    nothing = choose(paid, 0.0)
    assert (nothing.avoided, nothing.cost, nothing.loss) == (0, 0, pytest.approx(0.85))


def test_units_do_not_matter() -> None:
    one = choose(supplier_options([0.9, 0.5, 0.3], 0.2, [1.0, 3.0, 4.0], [2.0, 3.0, 1.0]), 4.0)
    other = choose(supplier_options([0.9, 0.5, 0.3], 0.2, [1e12, 3e12, 4e12], [2e8, 3e8, 1e8]), 4e8)
    np.testing.assert_array_equal(one.taken, other.taken)
    assert other.avoided == pytest.approx(one.avoided * 1e12)
    assert other.price == pytest.approx(one.price * 1e4)


def test_no_options() -> None:
    found = choose(supplier_options([], 0.1, 1.0, 1.0), 5.0)
    assert (found.avoided, found.bound, len(found.taken)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        ("resilience_budget", lambda: choose(supplier_options([0.5], 0.1, 1.0, 1.0), -1.0)),
        ("resilience_budget", lambda: choose(supplier_options([0.5], 0.1, 1.0, 1.0), float("nan"))),
        ("resilience_share", lambda: supplier_options([1.3], 0.1, 1.0, 1.0)),
        ("resilience_share", lambda: supplier_options([0.5], 0.1, 1.0, 1.0, added=1.0)),
        ("resilience_probability", lambda: supplier_options([0.5], 1.1, 1.0, 1.0)),
        ("resilience_loss", lambda: supplier_options([0.5], 0.1, [np.inf], 1.0)),
        ("resilience_cost", lambda: supplier_options([0.5], 0.1, 1.0, -1.0)),
        ("resilience_cost", lambda: stock_options([0, 1], [[1.0, 0.0]], np.nan)),
        ("resilience_days", lambda: stock_options([0, 0], [[1.0, 0.0]], 1.0)),
        ("resilience_loss", lambda: stock_options([0, 1], [[1.0, np.nan]], 1.0)),
    ],
)
def test_what_is_refused(kind: str, call) -> None:
    with pytest.raises(ChainError) as caught:
        call()
    assert caught.value.kind == kind


def test_hundreds_of_options() -> None:
    rng = np.random.default_rng(0)
    stocks = np.sort(rng.random((40, 4)))[:, ::-1] * 0.2
    options = together(
        supplier_options(rng.uniform(0.2, 1, 100), 0.05, rng.lognormal(0, 1, 100), rng.uniform(1, 3, 100), most=2),
        stock_options([0, 5, 10, 20], stocks, rng.uniform(0.05, 0.2, 40)),
    )
    choices = frontier(options)
    assert (np.diff([choice.avoided for choice in choices]) > 0).all()
    for choice in choices:
        assert fits(options, choice.taken, choice.budget)
        assert choice.greedy_avoided <= choice.avoided <= choice.bound
        assert choice.avoided >= 0.99 * choice.bound
        np.testing.assert_array_equal(choose(options, choice.budget).taken, choice.taken)


def test_warnings_of_other_threads_stay_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The filter of warnings is the process's: who turns warnings into errors fails a page beside it."""
    turned = []
    monkeypatch.setattr(_constraints, "simplefilter", lambda action, *_, **__: turned.append(action))
    choose(drawn(3, None), 10.0)
    assert "error" not in turned
