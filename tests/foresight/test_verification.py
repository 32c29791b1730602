"""Scores against counting by hand, one call at a time."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.foresight import back_testing, verification
from foreland.foresight.back_testing import CALLERS, BackTest, Rules


@pytest.fixture(scope="module")
def test_() -> BackTest:
    rng = np.random.default_rng(1)
    rate = rng.normal(0, 0.1, 60)
    counts = rng.poisson(rng.uniform(10, 80, 60) * np.exp(rate * np.arange(17)[:, None])).astype(float)
    return back_testing.back_test(counts, counts.sum(axis=1), 3, Rules(min_count=10, top=7))


def test_equals_counting_call_by_call(test_: BackTest) -> None:
    card = verification.score(test_, draws=20)
    assert card.origins == len(test_.calls) > 4
    for name in CALLERS:
        tp = called = caught = missed = false = square = n = 0.0
        right = pairs = 0.0
        for calls, outcome in zip(test_.calls, test_.outcomes, strict=True):
            for u in np.flatnonzero(calls.candidate):
                true, w, v = bool(outcome.emergent[u]), calls.short[name][u], calls.full[name][u]
                tp, called = tp + w * true, called + w
                caught, false, missed = caught + v * true, false + v * (not true), missed + (1 - v) * true
                square, n = square + (calls.chances[name][u] - true) ** 2, n + 1
            for a, b in itertools.product(np.flatnonzero(outcome.emergent), np.flatnonzero(calls.candidate)):
                if not outcome.emergent[b]:
                    pairs += 1
                    one, two = calls.scores[name][a], calls.scores[name][b]
                    right += 1.0 if one > two else 0.5 if one == two else 0.0
        wanted = {
            "precision": tp / called,
            "threat": caught / (caught + false + missed),
            "recall": caught / (caught + missed),
            "brier": square / n,
            "auc": right / pairs,
        }
        for measure, value in wanted.items():
            assert card.scores[name][measure].value == pytest.approx(value, abs=1e-12), (name, measure)
            less = value - card.scores["vitality"][measure].value
            assert card.differences[name][measure].value == pytest.approx(less, abs=1e-12)
        assert card.candidates == n
        assert card.calls == round(called)


def test_each_draw_is_the_score_of_the_units_drawn(test_: BackTest) -> None:
    """A draw by weights equals a back-test in which a unit stands as often as it was drawn."""
    truth = np.array([outcome.emergent for outcome in test_.outcomes])
    ranks = np.array([calls.scores["vitality"] for calls in test_.calls])
    here = np.array([calls.candidate for calls in test_.calls])
    weights = verification.drawn(60, 5, 3)
    assert weights.sum(axis=1).tolist() == [60.0] * 6
    assert weights[0].tolist() == [1.0] * 60
    found = verification.area(ranks, truth, here, weights)
    for row, value in zip(weights.astype(int), found, strict=True):
        again = np.repeat(np.arange(60), row)
        whole = verification.area(ranks[:, again], truth[:, again], here[:, again], np.ones((1, 60)))
        assert value == pytest.approx(whole[0], abs=1e-12)


def test_clusters_are_drawn_whole(test_: BackTest) -> None:
    """Units that are copies of each other tell nothing new: drawn with their copies, intervals stay as they were."""
    doubled = BackTest(
        test_.horizon,
        tuple(_twice(calls) for calls in test_.calls),
        tuple(_twice(outcome) for outcome in test_.outcomes),
    )
    one = verification.score(test_, draws=300)
    two = verification.score(doubled, np.tile(np.arange(60), 2), draws=300)
    naive = verification.score(doubled, draws=300)
    for measure in ("precision", "threat", "brier"):
        a, b, c = (card.scores["vitality"][measure] for card in (one, two, naive))
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))
        assert c.high - c.low < 0.9 * (b.high - b.low)


def _twice(part):  # type: ignore[no-untyped-def]
    """Every array of a dataclass, and of the mappings in it, twice over along the units."""
    import dataclasses

    def doubled(value: object) -> object:
        if isinstance(value, np.ndarray):
            return np.tile(value, 2)
        return {k: doubled(v) for k, v in value.items()} if isinstance(value, dict) else value

    changed = {f.name: doubled(getattr(part, f.name)) for f in dataclasses.fields(part)}
    return type(part)(**changed)


def test_intervals_cover_what_they_should() -> None:
    """Of calls that come true with probability 0.4, the 95 % interval of precision holds 0.4 about that often."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        hit = rng.random(80) < 0.4
        weights = verification.drawn(80, 300, int(rng.integers(1 << 30)))
        estimate = verification._estimate(weights @ hit / weights.sum(axis=1))
        held += estimate.low <= 0.4 <= estimate.high
    assert 0.89 <= held / 200 <= 0.99


def test_same_seed_gives_the_same_intervals(test_: BackTest) -> None:
    one, two, other = (verification.score(test_, draws=50, seed=seed) for seed in (0, 0, 1))
    assert one.scores == two.scores
    assert one.differences == two.differences
    assert one.scores != other.scores


def test_default_is_the_baseline_unless_the_model_is_better_beyond_doubt(test_: BackTest) -> None:
    card = verification.score(test_, draws=200)
    assert card.default == ("model" if card.differences["model"]["precision"].low > 0 else "vitality")
    assert card.differences["vitality"]["precision"] == verification.Estimate(0.0, 0.0, 0.0)


def test_model_that_knows_wins() -> None:
    """Units that grow are told by a mark only the model sees."""
    rng = np.random.default_rng(3)
    grows = rng.random((18, 80)) < 0.3
    growth = np.zeros((18, 80))
    mark = np.zeros((18, 80))
    for t in range(5, 15, 3):
        growth[t + 1 : t + 4] = np.where(grows[t], 0.3, -0.1)
        mark[t : t + 3] = grows[t]
    counts = rng.poisson(200 * np.exp(np.cumsum(growth, axis=0))).astype(float)
    totals = np.full(18, 1e5)
    rules = Rules(min_count=1, top=10)
    views = back_testing.look(counts, totals, rules, lambda c, n: mark[len(c) - 1][:, None])
    card = verification.score(back_testing.back_test(counts, totals, 3, rules, views), draws=200)
    assert card.model_wins
    assert card.default == "model"


# Calibration -----------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.25, 0.5, 0.8]), st.booleans()), min_size=1, max_size=60))
def test_brier_score_is_the_sum_of_its_parts(calls: list[tuple[float, bool]]) -> None:
    chance, truth = np.array([c for c, _ in calls]), np.array([t for _, t in calls])
    reliability, resolution, uncertainty = verification.brier_parts(chance, truth)
    brier = float(((chance - truth) ** 2).mean())
    assert reliability - resolution + uncertainty == pytest.approx(brier, abs=1e-12)
    assert min(reliability, resolution, uncertainty) >= 0


def test_bins_hold_every_call_once() -> None:
    rng = np.random.default_rng(0)
    chance = rng.random(500)
    truth = rng.random(500) < chance
    bins = verification.reliability(chance, truth, np.linspace(0, 1, 6))
    assert [b.count for b in bins] == np.histogram(chance, np.linspace(0, 1, 6))[0].tolist()
    for found in bins:
        inside = (chance >= found.low) & (chance < found.high)
        assert found.chance == pytest.approx(chance[inside].mean())
        assert found.came == pytest.approx(truth[inside].mean())
        assert abs(found.came - found.chance) < 0.15
    ends = verification.reliability(np.array([0.0, 1.0]), np.array([0, 1]), np.array([0, 0.5, 1]))
    assert [b.count for b in ends] == [1, 1]


def test_nothing_to_score_is_an_error() -> None:
    with pytest.raises(ValueError, match="no origin"):
        verification.score(BackTest(3, (), ()))


def test_same_bytes_in_another_process_with_other_threads() -> None:
    program = """
import hashlib
import numpy as np
from foreland.foresight.back_testing import Rules, back_test
from foreland.foresight.verification import score
rng = np.random.default_rng(1)
counts = rng.poisson(rng.uniform(10, 80, 700) * np.exp(rng.normal(0, 0.1, 700) * np.arange(15)[:, None])).astype(float)
test = back_test(counts, counts.sum(axis=1), 3, Rules(min_count=5))
card = score(test, np.arange(700) // 10)
told = repr(card) + "".join(c.tobytes().hex() for calls in test.calls for c in calls.chances.values())
print(hashlib.sha256(told.encode()).hexdigest())
"""
    told = set()
    for threads in ("1", "2"):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        told.add(done.stdout)
    assert len(told) == 1
