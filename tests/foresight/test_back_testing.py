"""Calls are made from what was known by then, whatever came later."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreland.foresight import back_testing
from foreland.foresight.back_testing import CALLERS, BackTest, Calls, Rules

RULES = Rules(min_count=5, top=6)


def drawn(seed: int, years: int = 16, units: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Units with steady growth of their own, counted."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(2, 60, units) * np.exp(np.arange(years)[:, None] * rng.normal(0, 0.08, units))
    counts = rng.poisson(level).astype(float)
    return counts, counts.sum(axis=1)


def same(one: Calls, other: Calls) -> None:
    assert (one.at, one.horizon, one.learnt_from) == (other.at, other.horizon, other.learnt_from)
    assert one.base_rate == other.base_rate
    for part in ("scores", "chances", "short", "full"):
        for name in CALLERS:
            assert np.array_equal(getattr(one, part)[name], getattr(other, part)[name]), (part, name)


# No look ahead ---------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.integers(0, 500), st.integers(0, 500), st.sampled_from([2, 3, 5]), st.integers(11, 12))
def test_no_call_changes_with_what_came_after(seed: int, other: int, horizon: int, at: int) -> None:
    counts, totals = drawn(seed)
    noise = np.random.default_rng(other)
    changed, total = counts.copy(), totals.copy()
    changed[at + 1 :] = noise.poisson(300, changed[at + 1 :].shape)
    total[at + 1 :] = noise.uniform(1, 1e6, len(total) - at - 1)
    before = back_testing.back_test(counts, totals, horizon, RULES).calls
    after = back_testing.back_test(changed, total, horizon, RULES).calls
    made = [calls for calls in before if calls.at <= at]
    assert made
    for one, two in zip(made, [calls for calls in after if calls.at <= at], strict=True):
        same(one, two)


def test_calls_do_change_with_what_was_known() -> None:
    """The test above could pass on calls that look at nothing."""
    counts, totals = drawn(1)
    changed = counts.copy()
    changed[8] = changed[8][::-1]
    one, two = (back_testing.back_test(c, totals, 3, RULES).calls[-1] for c in (counts, changed))
    assert not np.array_equal(one.scores["model"], two.scores["model"])
    assert not np.array_equal(one.scores["vitality"], two.scores["vitality"])


def test_features_are_given_a_copy_that_ends_at_the_origin() -> None:
    counts, totals = drawn(2)
    given_rows = []

    def spy(known: np.ndarray, total: np.ndarray) -> np.ndarray:
        assert np.array_equal(known, counts[: len(known)])
        assert len(known) == len(total)
        assert known.base is None
        given_rows.append(len(known))
        known[:] = -1  # what a feature does to its copy is its own business
        return np.ones((counts.shape[1], 1))

    kept = counts.copy()
    views = back_testing.look(counts, totals, RULES, spy)
    assert given_rows == list(range(RULES.history, len(counts) + 1))
    assert np.array_equal(counts, kept)
    assert back_testing.back_test(counts, totals, 3, RULES, views).calls


def test_learns_only_from_outcomes_known_by_then() -> None:
    counts, totals = drawn(3)
    for horizon in (3, 5):
        test = back_testing.back_test(counts, totals, horizon, RULES)
        first = RULES.history - 1
        assert test.origins == tuple(range(first + horizon, len(counts) - horizon))
        assert [calls.learnt_from for calls in test.calls] == [at - horizon - first + 1 for at in test.origins]


def test_calls_of_today_are_those_a_back_test_would_have_made() -> None:
    counts, totals = drawn(4)
    now = back_testing.call_now(counts[:12], totals[:12], 3, RULES)
    then = {calls.at: calls for calls in back_testing.back_test(counts, totals, 3, RULES).calls}[11]
    assert now is not None
    same(now, then)


# What calls are --------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(0, 300), st.randoms(use_true_random=False))
def test_order_of_units_does_not_matter(seed: int, random: object) -> None:
    counts, totals = drawn(seed, units=25)
    order = np.arange(25)
    random.shuffle(order)  # type: ignore[attr-defined]
    one = back_testing.back_test(counts, totals, 3, RULES).calls[-1]
    two = back_testing.back_test(counts[:, order], totals, 3, RULES).calls[-1]
    for name in CALLERS:
        assert np.allclose(one.scores[name][order], two.scores[name], atol=1e-8)
        assert np.allclose(one.chances[name][order], two.chances[name], atol=1e-8)
        if name != "model":
            assert np.allclose(one.short[name][order], two.short[name])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.integers(1, 15))
def test_units_tied_at_the_end_of_a_list_share_its_last_places(scores: list[int], k: int) -> None:
    score = np.array(scores, float)
    got = back_testing.places(score, np.ones(len(score), bool), k)
    n = len(score)
    wanted = np.zeros(n)
    for u in range(n):
        above, level = (score > score[u]).sum(), (score == score[u]).sum()
        wanted[u] = np.clip((k - above) / level, 0, 1)
    assert np.allclose(got, wanted)
    assert got.sum() == pytest.approx(min(k, n))


def test_only_candidates_are_called() -> None:
    counts, totals = drawn(5)
    counts[:, :8] = 0
    for calls in back_testing.back_test(counts, totals, 3, RULES).calls:
        assert not calls.candidate[:8].any()
        for name in CALLERS:
            assert not calls.short[name][:8].any()
            assert calls.short[name].sum() == pytest.approx(min(RULES.top, max(calls.candidate.sum() // 5, 1)))
            assert ((calls.chances[name] >= 0) & (calls.chances[name] <= 1)).all()


def test_units_that_were_not_known_yet_are_not_called() -> None:
    counts, totals = drawn(14)
    born = np.arange(40) % 16
    views = back_testing.look(counts, totals, RULES, known_units=lambda at: born <= at)
    for view in views:
        assert not view.candidate[born > view.at].any()
        assert view.candidate[born <= view.at].any()
    for calls in back_testing.back_test(counts, totals, 3, RULES, views).calls:
        assert not calls.short["vitality"][born > calls.at].any()


def test_outcome_is_the_slope_of_the_years_after_alone() -> None:
    years = np.arange(12)
    totals = np.full(12, 1e9)
    counts = np.stack([1e6 * 1.1**years, 1e6 * 1.07**years, np.full(12, 1e6)], axis=1)
    view = back_testing.look(counts, totals, Rules())[0]
    came = back_testing.came(counts, totals, view, 4, Rules())
    assert np.allclose(came.growth, [0.1, 0.07, 0.0], atol=1e-5)
    assert came.emergent.tolist() == [True, False, False]
    counts[: view.at + 1] = 7
    assert np.array_equal(back_testing.came(counts, totals, view, 4, Rules()).growth, came.growth)


def test_outcome_equals_polyfit() -> None:
    counts, totals = drawn(6)
    for view in back_testing.look(counts, totals, RULES)[:3]:
        rows = slice(view.at + 1, view.at + 6)
        logs = np.log((counts[rows] + 0.5) / totals[rows, None])
        wanted = np.exp(np.polyfit(np.arange(5), logs, 1)[0]) - 1
        assert np.allclose(back_testing.came(counts, totals, view, 5, RULES).growth, wanted)


def test_small_units_do_not_come_true_by_chance_of_counting() -> None:
    """Units whose true share never moves, ten documents a year: the bare mark is passed by chance, the sure one not."""
    rng = np.random.default_rng(12)
    counts, totals = rng.poisson(12, (12, 4000)).astype(float), np.full(12, 1e5)
    view = back_testing.look(counts, totals, Rules(min_count=1))[0]
    shares = {
        rule: back_testing.came(counts, totals, view, 3, Rules(emergent=rule)).emergent.mean()
        for rule in ("growth", "sure")
    }
    assert shares["growth"] > 0.25
    assert 0.02 < shares["sure"] < 0.075


def test_decile_is_a_tenth_of_the_candidates() -> None:
    counts, totals = drawn(7, units=100)
    rules = dataclasses.replace(RULES, emergent="decile")
    for view in back_testing.look(counts, totals, rules)[:5]:
        came = back_testing.came(counts, totals, view, 3, rules)
        assert 0.05 <= came.emergent.sum() / view.candidate.sum() <= 0.15
        assert came.growth[came.emergent].min() >= came.growth[view.candidate & ~came.emergent].max()


def test_probability_never_falls_as_the_score_rises() -> None:
    counts, totals = drawn(13, units=80)
    for calls in back_testing.back_test(counts, totals, 3, RULES).calls:
        for name in CALLERS:
            score, chance = calls.scores[name][calls.candidate], calls.chances[name][calls.candidate]
            assert (np.diff(chance[np.argsort(score, kind="stable")]) >= -1e-9).all(), name
        assert np.allclose(calls.chances["random"][calls.candidate], calls.base_rate)


# It finds what there is, and nothing where there is nothing ------------------------------------


def hits(test: BackTest, name: str) -> float:
    short = np.array([calls.short[name] for calls in test.calls])
    truth = np.array([outcome.emergent for outcome in test.outcomes])
    return float((short * truth).sum() / short.sum())


def test_steady_growth_is_called_right() -> None:
    rng = np.random.default_rng(0)
    rate = np.where(np.arange(200) < 40, 0.15, 0.0)
    counts = rng.poisson(300 * np.exp(rate * np.arange(18)[:, None])).astype(float)
    totals = np.full(18, 1e6)
    test = back_testing.back_test(counts, totals, 5, Rules(top=20))
    for name in ("model", "vitality", "last_growth", "shrunk_growth"):
        assert hits(test, name) > 0.97, name
    assert hits(test, "random") == pytest.approx(0.2, abs=0.02)
    assert hits(test, "reversion") < 0.02


def test_where_later_years_are_shuffled_over_units_precision_is_the_base_rate() -> None:
    """Outcomes that have nothing to do with what came before: nobody can be better than chance."""
    counts, totals = drawn(8, years=22, units=300)
    rng = np.random.default_rng(9)
    test = back_testing.back_test(counts, totals, 3, Rules(min_count=5, top=30))
    shuffled = []
    for outcome, calls in zip(test.outcomes, test.calls, strict=True):
        emergent, at = outcome.emergent.copy(), np.flatnonzero(calls.candidate)
        emergent[at] = emergent[rng.permutation(at)]
        shuffled.append(dataclasses.replace(outcome, emergent=emergent))
    nothing = dataclasses.replace(test, outcomes=tuple(shuffled))
    every = sum(int(calls.candidate.sum()) for calls in test.calls)
    base = sum(int(o.emergent.sum()) for o in shuffled) / every
    for name in ("model", "vitality", "last_growth"):
        assert hits(test, name) > base + 0.1, "the calls are worth something on what really came"
        error = np.sqrt(base * (1 - base) / (30 * len(test.calls)))
        assert abs(hits(nothing, name) - base) < 3 * error, name


def test_years_that_hang_together_in_nothing_can_not_be_called() -> None:
    """Each year of each unit drawn for itself: a low year is no start of a rise, and whoever calls is right by chance.

    A growth that counted from the origin's own year would fail here: units that happened to be low then would rise.
    """
    rng = np.random.default_rng(11)
    counts = rng.poisson(400 * np.exp(rng.normal(0, 0.3, (20, 400)))).astype(float)
    test = back_testing.back_test(counts, np.full(20, 1e6), 3, Rules(top=40, emergent="growth"))
    every = sum(int(calls.candidate.sum()) for calls in test.calls)
    base = sum(int(outcome.emergent.sum()) for outcome in test.outcomes) / every
    error = np.sqrt(base * (1 - base) / (40 * len(test.calls)))
    assert base > 0.2
    for name in CALLERS:
        assert abs(hits(test, name) - base) < 3 * error, name


# Edges -----------------------------------------------------------------------------------------


def test_refuses_what_is_no_count() -> None:
    for counts in (np.full((10, 3), -1.0), np.full((10, 3), np.nan)):
        with pytest.raises(ValueError, match="finite"):
            back_testing.look(counts, np.ones(10), RULES)
    with pytest.raises(ValueError, match="history"):
        back_testing.look(np.ones((10, 3)), np.ones(10), Rules(history=1))
    view = back_testing.look(np.ones((10, 3)), np.ones(10), RULES)[-1]
    with pytest.raises(ValueError, match="not known yet"):
        back_testing.came(np.ones((10, 3)), np.ones(10), view, 3, RULES)


def test_series_of_zeros_makes_no_calls() -> None:
    assert back_testing.back_test(np.zeros((20, 5)), np.zeros(20), 3, RULES).calls == ()
    assert back_testing.call_now(np.zeros((20, 5)), np.zeros(20), 3, RULES) is None
    assert back_testing.call_now(np.ones((3, 5)), np.ones(3), 3, RULES) is None


@pytest.mark.parametrize(
    ("totals", "last"),
    [([100, 110, 120, 130, 60, 20], 3), ([100, 110, 120, 130, 128], 4), ([5, 1], 1), ([0, 0, 0, 0, 0], 4)],
)
def test_years_that_fall_short_are_not_sound(totals: list[float], last: int) -> None:
    assert back_testing.last_sound(np.array(totals, float)) == last
