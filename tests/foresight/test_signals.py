"""Signals against going through documents one by one, and what no signal may do."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.foresight.scoring import score, standardised
from foreland.foresight.shrinkage import shrink
from foreland.foresight.signals import (
    CITATION_VARIANCE,
    SIGNALS,
    Evidence,
    Signals,
    log_growth,
    signals,
    unrest,
    vitality,
)

RNG = np.random.default_rng(11)
T, U, R = 12, 9, 4
COUNTS = RNG.poisson(RNG.uniform(4, 60, U) * np.exp(np.outer(np.arange(T), np.linspace(-0.1, 0.2, U)))).astype(float)
TOTALS = COUNTS.sum(axis=1) + 20
EVIDENCE = Evidence(
    places=RNG.poisson(6, (T, R, U)).astype(float),
    fields=RNG.poisson(2, (T, U, 5)).astype(float),
    cited=RNG.poisson(30, (T, U)).astype(float),
    expected=RNG.uniform(1, 3, (T, 1)),
    top_cited=np.floor(COUNTS / 6),
    inside=RNG.poisson(3, (T, U)).astype(float),
    links=RNG.poisson(3, (T, U)).astype(float) + 9,
)


def everything(at: int = T - 1, window: int = 3) -> Signals:
    return signals(COUNTS, TOTALS, at=at, window=window, evidence=EVIDENCE)


def ages(unit: int, at: int) -> list[int]:
    """Ages of a unit's documents, one by one."""
    return [at - year for year in range(at + 1) for _ in range(int(COUNTS[year, unit]))]


@pytest.mark.parametrize("at", [5, 8, 11])
def test_vitality_is_the_mean_over_documents(at: int) -> None:
    own = [np.mean([1 / (age + 1) for age in ages(u, at)]) for u in range(U)]
    assert vitality(COUNTS[: at + 1]) == pytest.approx(own)
    whole = [1 / (at - year + 1) for year in range(at + 1) for _ in range(int(TOTALS[year]))]
    size = np.array([len(ages(u, at)) for u in range(U)])
    assert everything(at).vitality == pytest.approx(shrink(np.array(own), np.var(whole) / size, spread=0.2).mean)


@pytest.mark.parametrize("window", [1, 2, 3])
def test_novelty_is_the_share_of_documents_that_are_recent(window: int) -> None:
    at = 10
    own = np.array([np.mean([age < window for age in ages(u, at)]) for u in range(U)])
    common = TOTALS[at - window + 1 : at + 1].sum() / TOTALS[: at + 1].sum()
    size = np.array([len(ages(u, at)) for u in range(U)])
    expected = shrink(own, common * (1 - common) / size, spread=0.2).mean
    assert everything(at, window).novelty == pytest.approx(expected)


@pytest.mark.parametrize(("at", "window"), [(11, 3), (9, 2), (7, 4), (5, 1)])
def test_growth_as_counted(at: int, window: int) -> None:
    found = everything(at, window)
    for u in range(U):
        now = sum(COUNTS[year, u] for year in range(at - window + 1, at + 1))
        before = sum(COUNTS[year, u] for year in range(at - 2 * window + 1, at - window + 1))
        all_now = sum(TOTALS[year] for year in range(at - window + 1, at + 1))
        all_before = sum(TOTALS[year] for year in range(at - 2 * window + 1, at - window + 1))
        ratio = ((now + 0.5) / (before + 0.5)) / (all_now / all_before)
        assert found.growth_raw[u] == pytest.approx(ratio ** (1 / window) - 1)
        assert 1 + found.growth_own[u] == pytest.approx((1 + found.growth[u]) * (all_now / all_before) ** (1 / window))
        assert found.count[u] == now
        assert found.share[u] == pytest.approx(now / all_now)
    assert (found.growth_low < found.growth).all()
    assert (found.growth < found.growth_high).all()


def test_acceleration_is_growth_less_the_growth_before() -> None:
    at, window = 11, 3
    found = everything(at, window)
    c = {k: COUNTS[at + 1 - k * window : at + 1 - (k - 1) * window].sum(axis=0) for k in (1, 2, 3)}
    n = {k: TOTALS[at + 1 - k * window : at + 1 - (k - 1) * window].sum() for k in (1, 2, 3)}
    change = np.log((c[1] + 0.5) / (c[2] + 0.5) / (n[1] / n[2])) - np.log((c[2] + 0.5) / (c[3] + 0.5) / (n[2] / n[3]))
    variance = 1 / (c[1] + 0.5) + 4 / (c[2] + 0.5) + 1 / (c[3] + 0.5) + 6 * unrest(COUNTS, TOTALS) / window
    assert found.acceleration == pytest.approx(shrink(change, variance).mean / window**2)


def test_first_year_above_the_threshold() -> None:
    counts = np.array([[0, 4, 0], [3, 5, 0], [3, 6, 1], [9, 0, 0]], float)
    found = signals(counts, counts.sum(axis=1) + 1, at=3, window=1, threshold=9)
    assert found.first.tolist() == [3, 1, -1]


def test_impact_is_the_mean_of_normalised_citations() -> None:
    at, window = 11, 3
    rows = range(at - window + 1, at + 1)
    own = np.array(
        [
            sum(EVIDENCE.cited[y, u] / EVIDENCE.expected[y, 0] for y in rows) / sum(COUNTS[y, u] for y in rows)  # type: ignore[index]
            for u in range(U)
        ]
    )
    size = COUNTS[at - window + 1 : at + 1].sum(axis=0)
    assert everything().impact == pytest.approx(1 + shrink(own - 1, CITATION_VARIANCE / size, spread=0.5).mean)
    # A year without citations to compare with is left out, its documents too.
    expected = np.where(np.arange(T) == at, 0.0, EVIDENCE.expected[:, 0])[:, None]  # type: ignore[index]
    without = signals(COUNTS, TOTALS, at=at, evidence=replace(EVIDENCE, expected=expected))
    rows = range(at - window + 1, at)
    own = np.array(
        [
            sum(EVIDENCE.cited[y, u] / EVIDENCE.expected[y, 0] for y in rows) / sum(COUNTS[y, u] for y in rows)  # type: ignore[index]
            for u in range(U)
        ]
    )
    size = COUNTS[at - window + 1 : at].sum(axis=0)
    assert without.impact == pytest.approx(1 + shrink(own - 1, CITATION_VARIANCE / size, spread=0.5).mean)


@pytest.mark.parametrize(
    ("signal", "part", "whole"), [("top_cited", "top_cited", None), ("coherence", "inside", "links")]
)
def test_shares_are_shrunk_to_that_of_all(signal: str, part: str, whole: str | None) -> None:
    above = getattr(EVIDENCE, part)[-3:].sum(axis=0)
    below = (COUNTS if whole is None else getattr(EVIDENCE, whole))[-3:].sum(axis=0)
    common = above.sum() / below.sum()
    expected = shrink(above / below, common * (1 - common) / below, spread=0.2).mean
    assert getattr(everything(), signal) == pytest.approx(expected)


def test_diffusion_and_breadth_compare_two_windows() -> None:
    from foreland.foresight.diversity import effective_number, rao_stirling, same_kind

    found = everything()
    now, before = EVIDENCE.places[-3:].sum(axis=0).T, EVIDENCE.places[-6:-3].sum(axis=0).T  # type: ignore[index]
    assert found.diffusion == pytest.approx(effective_number(now))
    assert found.diffusion_change == pytest.approx(np.log(effective_number(now)) - np.log(effective_number(before)))
    assert found.concentration == pytest.approx(same_kind(now))
    near, far = EVIDENCE.fields[-3:].sum(axis=0), EVIDENCE.fields[-6:-3].sum(axis=0)  # type: ignore[index]
    assert found.breadth_change == pytest.approx(rao_stirling(near) - rao_stirling(far))


# What no signal may do ---------------------------------------------------------------------------


def test_one_to_four_does_not_beat_two_hundred_to_six_hundred() -> None:
    others = np.array([[50, 80, 120, 33], [52, 95, 100, 40]], float)
    for few, many in (((1, 4), (200, 600)), ((0, 3), (200, 600)), ((2, 8), (1000, 2500))):
        counts = np.column_stack([[few[0], few[1]], [many[0], many[1]], others])
        found = signals(counts, counts.sum(axis=1), at=1, window=1)
        assert found.growth_raw[0] > found.growth_raw[1]
        assert found.growth[1] > found.growth[0]
        assert found.growth_low[1] > found.growth_low[0]
        # Nor by being young: both began in these years.
        both = score(found, {"growth": 1.0, "vitality": 1.0})
        assert both.total[1] > both.total[0]


def test_among_many_small_units_those_that_truly_grow_lead() -> None:
    """Two thousand units of a document a year that do nothing, and ten that triple."""
    rng = np.random.default_rng(9)
    still = rng.poisson(rng.uniform(0.1, 2, 2000) * np.ones((9, 1)))
    grown = rng.poisson(np.array([40.0] * 6 + [120.0] * 3)[:, None] * np.ones((1, 10)))
    counts = np.hstack([still, grown]).astype(float)
    found = signals(counts, counts.sum(axis=1), at=8)
    best = set(np.argsort(-np.nan_to_num(found.growth, nan=-9))[:10].tolist())
    assert best == set(range(2000, 2010))
    assert len(best & set(np.argsort(-np.nan_to_num(found.growth_raw, nan=-9))[:10].tolist())) < 8
    for scored in (
        score(found, {"growth": 1, "vitality": 1}, among=found.count >= 30),
        score(found, {"growth": 1, "vitality": 1}, sure=True),
    ):
        assert set(np.argsort(-np.nan_to_num(scored.total, nan=-9))[:10].tolist()) == best


def test_lower_bounds_are_below_the_estimates() -> None:
    found = everything()
    assert set(found.sure) == {"growth", "novelty", "vitality", "acceleration", "impact", "top_cited", "coherence"}
    for name, low in found.sure.items():
        assert (low < getattr(found, name)).all(), name
    assert found.array(("growth", "breadth"), sure=True)[:, 0] == pytest.approx(found.growth_low)
    assert found.array(("growth", "breadth"), sure=True)[:, 1] == pytest.approx(found.breadth)


def test_units_not_scored_do_not_set_the_scale() -> None:
    found = everything()
    among = np.arange(U) != 3
    whole, part = score(found, {"growth": 1.0}), score(found, {"growth": 1.0}, among=among)
    assert np.isnan(part.total[3])
    values = found.growth[among]
    expected = (values - values.mean()) / values.std()
    assert part.total[among] == pytest.approx(expected)
    assert not np.allclose(part.total[among], whole.total[among])


def test_years_after_the_one_asked_about_are_not_looked_at() -> None:
    at = 8
    counts, totals = COUNTS.copy(), TOTALS.copy()
    counts[at + 1 :], totals[at + 1 :] = 10_000, np.nan
    told = {
        f.name: None if getattr(EVIDENCE, f.name) is None else np.array(getattr(EVIDENCE, f.name))
        for f in fields(Evidence)
    }
    for name, value in told.items():
        if value is not None and name != "distance":
            value[at + 1 :] = 777
    later = signals(counts, totals, at=at, evidence=Evidence(**told))
    for f in fields(Signals):
        if f.name == "sure":
            continue
        np.testing.assert_array_equal(getattr(later, f.name), getattr(everything(at), f.name), err_msg=f.name)


@given(st.permutations(range(U)))
def test_units_in_another_order_give_the_same_in_that_order(order: list[int]) -> None:
    def turned(value: np.ndarray | None, axis: int) -> np.ndarray | None:
        return value if value is None or value.shape[axis] == 1 else np.take(value, order, axis=axis)

    moved = Evidence(
        **{f.name: turned(getattr(EVIDENCE, f.name), 1 if f.name == "fields" else -1) for f in fields(Evidence)}
    )
    found = signals(COUNTS[:, order], TOTALS, at=T - 1, evidence=moved)
    for name in SIGNALS:
        assert getattr(found, name) == pytest.approx(getattr(everything(), name)[order]), name


@given(st.floats(0.1, 1000))
def test_growth_is_relative_to_all_documents(factor: float) -> None:
    """Twice as many documents in the source change nothing, as long as they are so in every year."""
    found = signals(COUNTS, TOTALS * factor, at=T - 1)
    for name in ("growth_raw", "growth", "acceleration"):
        assert getattr(found, name) == pytest.approx(getattr(signals(COUNTS, TOTALS, at=T - 1), name)), name


def test_more_documents_shrink_less() -> None:
    counts = np.array([[4, 5, 3, 6], [8, 4, 3, 7]], float)
    kept = []
    for times in (1, 10, 100, 10_000):
        found = signals(counts * times, counts.sum(axis=1) * times, at=1, window=1)
        kept.append(found.growth_high[0] - found.growth_low[0])
        assert found.growth[0] <= found.growth_raw[0] + 1e-9
    assert kept == sorted(kept, reverse=True)
    assert found.growth == pytest.approx(found.growth_raw, abs=0.01)


def test_good_and_bad_years_widen_the_interval() -> None:
    """A unit that doubles and halves has no sure growth, however many documents it has."""
    rng = np.random.default_rng(3)
    steady = np.outer(np.exp(0.05 * np.arange(15)), np.full(20, 50_000.0))
    uneven = steady * np.exp(rng.normal(0, 0.1, steady.shape))
    totals = steady.sum(axis=1)
    assert unrest(steady, totals) < 1e-6
    assert unrest(uneven, totals) == pytest.approx(0.01, rel=0.3)
    width = [np.mean(f.growth_high - f.growth_low) for f in (signals(x, totals, at=14) for x in (steady, uneven))]
    assert width[1] > 3 * width[0]


def test_counting_alone_is_not_unrest() -> None:
    rng = np.random.default_rng(5)
    means = np.outer(np.exp(0.1 * np.arange(20)), rng.uniform(20, 400, 60))
    assert unrest(rng.poisson(means).astype(float), means.sum(axis=1)) < 5e-4


def test_what_the_years_do_not_reach_is_not_told() -> None:
    short = everything(at=4, window=3)
    for name in ("growth", "growth_raw", "growth_own", "acceleration", "diffusion_change", "breadth_change"):
        assert np.isnan(getattr(short, name)).all(), name
    assert np.isfinite(short.vitality).all()
    assert np.isnan(everything(at=7).acceleration).all()
    assert np.isnan(everything(at=2).novelty).all()
    assert np.isnan(everything(at=0).vitality).all()
    bare = signals(COUNTS, TOTALS, at=T - 1)
    assert bare.known() == ("novelty", "vitality", "growth", "acceleration")


def test_units_without_documents_and_years_without_any() -> None:
    counts = COUNTS.copy()
    counts[:, 2] = 0
    found = signals(counts, TOTALS, at=T - 1)
    for name in ("novelty", "vitality", "growth"):
        assert np.isnan(getattr(found, name)).tolist() == [u == 2 for u in range(U)], name
    nothing = signals(np.zeros((8, 3)), np.zeros(8), at=7)
    assert nothing.known() == ()
    assert np.isnan(nothing.share).all()


def test_what_cannot_be_is_refused() -> None:
    for counts, totals, at in (
        (COUNTS, TOTALS[:-1], 3),
        (COUNTS, TOTALS, T),
        (COUNTS, TOTALS, -1),
        (-COUNTS, TOTALS, 3),
        (np.where(COUNTS > 9, np.nan, COUNTS), TOTALS, 9),
        (COUNTS[0], TOTALS, 3),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            signals(counts, totals, at=at)
    with pytest.raises(ValueError, match="window"):
        signals(COUNTS, TOTALS, at=3, window=0)
    with pytest.raises(ValueError, match="cited"):
        signals(COUNTS, TOTALS, at=3, evidence=Evidence(cited=COUNTS[:, :2], expected=COUNTS))


def test_log_growth_is_unbiased_enough_and_its_variance_true() -> None:
    rng = np.random.default_rng(0)
    now, before = rng.poisson(40, 200_000).astype(float), rng.poisson(20, 200_000).astype(float)
    estimate, variance = log_growth(now, before, 1.0, 1.0)
    assert estimate.mean() == pytest.approx(math.log(2), abs=0.002)
    assert estimate.var() == pytest.approx(variance.mean(), rel=0.03)


# Scores ------------------------------------------------------------------------------------------


def test_a_score_is_the_sum_of_its_parts() -> None:
    found = everything()
    weights = {"growth": 2.0, "vitality": 1.0, "impact": 1.0}
    scored = score(found, weights)
    for u in range(U):
        total = 0.0
        for name, weight in weights.items():
            values = [float(v) for v in getattr(found, name)]
            mean = sum(values) / U
            deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / U)
            z = (values[u] - mean) / deviation
            if abs(z) > 3:
                z = math.copysign(3 + 3 * math.log(abs(z) / 3), z)
            part = weight / 4 * z
            assert scored.parts[u, scored.names.index(name)] == pytest.approx(part)
            total += part
        assert scored.total[u] == pytest.approx(total)


def test_signals_nobody_has_leave_their_weight_to_the_others() -> None:
    bare = signals(COUNTS, TOTALS, at=T - 1)
    with_gaps = score(bare, {"growth": 1.0, "impact": 5.0})
    assert with_gaps.names == ("growth",)
    assert with_gaps.weights == pytest.approx([1.0])
    with pytest.raises(ValueError, match="no signal"):
        score(bare, {"impact": 1.0})
    with pytest.raises(ValueError, match="luck"):
        score(bare, {"luck": 1.0})


def test_a_unit_that_lacks_a_signal_is_taken_as_average_in_it() -> None:
    values = np.array([[1.0, 5.0], [2.0, np.nan], [3.0, 7.0]])
    scaled = standardised(values)
    assert np.isnan(scaled[1, 1])
    assert scaled[:, 0] == pytest.approx([-math.sqrt(1.5), 0, math.sqrt(1.5)])
    found = replace(everything(), growth=np.where(np.arange(U) == 4, np.nan, everything().growth))
    scored = score(found, {"growth": 1.0, "vitality": 1.0})
    assert np.isnan(scored.parts[4, scored.names.index("growth")])
    assert scored.total[4] == pytest.approx(scored.parts[4, scored.names.index("vitality")])


def test_like_values_score_nothing_and_one_far_off_does_not_set_the_scale() -> None:
    assert (standardised(np.full((5, 1), 0.1 + 0.2)) == 0).all()
    far = np.array([[0.0]] * 398 + [[1e6], [-1e6]])
    assert standardised(far)[-2:, 0] == pytest.approx(
        [3 + 3 * math.log(math.sqrt(200) / 3), -3 - 3 * math.log(math.sqrt(200) / 3)]
    )


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=60))
def test_standardised_values_keep_their_order(values: list[float]) -> None:
    scaled = standardised(np.array(values)[:, None])[:, 0]
    assert (np.diff(scaled[np.argsort(values, kind="stable")]) >= 0).all()
