"""Entry events by hand; the regression against scipy; the judgement out of time."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import optimize

from foreland.capability.accuracy import roc_auc
from foreland.capability.specialisation import location_quotient, presence

# By its path: the room exports a question of the same name.
en = importlib.import_module("foreland.capability.entry")


def test_events_by_hand() -> None:
    #                     enters, leaves, stays, never, comes and goes
    present = np.array([[[0, 1, 1, 0, 0]], [[1, 1, 1, 0, 1]], [[1, 0, 1, 0, 0]]], dtype=bool)
    two = en.events(present, 2)
    assert two.entry[0, 0].tolist() == [True, False, False, False, False]
    assert two.exit[0, 0].tolist() == [False, True, False, False, False]
    assert two.can_enter[0, 0].tolist() == [True, False, False, True, True]
    assert two.can_exit[0, 0].tolist() == [False, True, True, False, False]
    one = en.events(present, 1)
    assert one.entry[:, 0].tolist() == [[True, False, False, False, True], [False] * 5]
    assert one.exit[1, 0].tolist() == [False, True, False, False, True]


def test_unknown_is_not_absent_and_wavering_is_no_entry() -> None:
    lq = np.array([[[0.9, 0.2, np.nan, 0.2]], [[1.1, 1.1, 1.1, np.nan]]])
    happened = en.events(lq >= 1, 1, observed=np.isfinite(lq), candidate=lq < 0.5)
    assert happened.can_enter[0, 0].tolist() == [False, True, False, False]
    assert happened.entry[0, 0].tolist() == [False, True, False, False]


@given(hnp.arrays(bool, st.tuples(st.integers(2, 5), st.integers(1, 4), st.integers(1, 4))), st.integers(1, 4))
def test_events_balance(present: np.ndarray, horizon: int) -> None:
    if len(present) <= horizon:
        with pytest.raises(en.EntryError, match="panel_too_short"):
            en.events(present, horizon)
        return
    e = en.events(present, horizon)
    stock = present.sum((1, 2))
    np.testing.assert_array_equal(e.entry.sum((1, 2)) - e.exit.sum((1, 2)), stock[horizon:] - stock[:-horizon])
    assert not (e.entry & ~e.can_enter).any()
    assert not (e.exit & ~e.can_exit).any()
    assert (e.can_enter ^ e.can_exit).all()


def design(n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)) * [1.0, 100.0, 1e-3] + [0.0, 5.0, 1.0]
    y = rng.random(n) < 1 / (1 + np.exp(1.5 - x[:, 0] - x[:, 1] / 100))
    return x, y


@pytest.mark.parametrize("penalty", [1e-3, 1.0, 50.0])
def test_regression_equals_a_general_optimiser(penalty: float) -> None:
    x, y = design()
    model = en.fit_logistic(x, y, penalty=penalty)
    z = (x - x.mean(0)) / x.std(0)

    def loss(beta: np.ndarray) -> float:
        eta = beta[0] + z @ beta[1:]
        return float(np.logaddexp(0, eta).sum() - eta[y].sum() + penalty * (beta[1:] ** 2).sum() / 2)

    best = optimize.minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-6})
    np.testing.assert_allclose([model.intercept, *model.coefficients], best.x, atol=1e-5)
    assert model.converged
    # At the optimum of a model with a free intercept, expected entries are the entries.
    assert model.probability(x).sum() == pytest.approx(y.sum(), abs=1e-6)


def test_regression_survives_separation_and_constants() -> None:
    x = np.column_stack([np.arange(20.0), np.full(20, 0.1)])
    model = en.fit_logistic(x, x[:, 0] > 9)
    assert model.converged
    assert np.isfinite(model.coefficients).all()
    assert model.coefficients[0] > 0
    assert model.coefficients[1] == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=25)
@given(st.integers(0, 50), st.floats(1e-3, 1e3), st.floats(-5, 5))
def test_probabilities_know_no_unit(seed: int, unit: float, shift: float) -> None:
    x, y = design(80, seed)
    a, b = en.fit_logistic(x, y), en.fit_logistic(x * unit + shift * unit, y)
    np.testing.assert_allclose(a.probability(x), b.probability(x * unit + shift * unit), atol=1e-6)


def test_one_class_says_so() -> None:
    x = np.arange(4.0)[:, None]
    for y, code in (([0] * 4, "no_entries"), ([1] * 4, "only_entries")):
        with pytest.raises(en.EntryError) as caught:
            en.fit_logistic(x, y)
        assert caught.value.code == code
        assert caught.value.counts == {"sample": "train", "cells": 4, "entries": 4 * y[0]}
    with pytest.raises(en.EntryError, match="no_cells"):
        en.fit_logistic(np.empty((0, 1)), [])
    for bad in ({"penalty": 0.0}, {"names": ("a", "b")}):
        with pytest.raises(ValueError, match=r"penalty|names"):
            en.fit_logistic(x, [0, 1, 0, 1], **bad)
    with pytest.raises(ValueError, match="finite"):
        en.fit_logistic(x * np.nan, [0, 1, 0, 1])


def world(seed: int = 0, periods: int = 9, signal: float = 1.5) -> en.EntryPanel:
    """Places that enter where a known pull is high, and never leave."""
    rng = np.random.default_rng(seed)
    places, fields = 40, 30
    pull = rng.normal(size=(periods, places, fields))
    noise = rng.normal(size=(periods, places, fields))
    present = np.zeros((periods, places, fields), dtype=bool)
    present[0] = rng.random((places, fields)) < 0.2
    for t in range(1, periods):
        chance = 1 / (1 + np.exp(3.0 - signal * pull[t - 1]))
        present[t] = present[t - 1] | (rng.random((places, fields)) < chance)
    size = rng.lognormal(size=(periods, places, fields)) * (0.5 + present)
    return en.EntryPanel(present, {"pull": pull, "noise": noise, "diversity": present.sum(2, keepdims=True)}, size)


def test_the_model_finds_the_signal_and_beats_the_baselines() -> None:
    judged = en.judge_entry_model(world(), en.EntrySettings(horizon=1, top=(20,), replicates=100))
    assert judged.train_starts == tuple(range(7))
    assert judged.test_start == 7
    coefficients = dict(zip(judged.model.names, judged.model.coefficients, strict=True))
    assert coefficients["pull"] == pytest.approx(1.5, abs=0.2)
    assert abs(coefficients["noise"]) < 0.15
    assert judged.comparison.scores["model"].roc_auc.value == roc_auc(judged.entered, judged.probability)
    for baseline in ("ubiquity", "largest"):
        assert judged.comparison.gains[baseline].roc_auc.lower > 0
        assert judged.comparison.gains[baseline].average_precision.lower > 0
    assert judged.comparison.scores["model"].precision_at[20].value > 3 * judged.base_rate
    assert judged.test_cells == (~world().present[7]).sum() == len(judged.places)


def test_noise_earns_nothing() -> None:
    use = en.EntrySettings(horizon=1, replicates=0)
    judged = [en.judge_entry_model(world(seed, signal=0.0), use) for seed in range(20)]
    aucs = [j.comparison.scores["model"].roc_auc.value for j in judged]
    # Four standard errors at about 30 entries a world.
    assert abs(np.mean(aucs) - 0.5) < 4 * 0.052 / np.sqrt(20)


def test_nothing_after_the_test_start_reaches_the_model() -> None:
    panel, use = world(), en.EntrySettings(horizon=2, test_start=4, replicates=0)
    judged = en.judge_entry_model(panel, use)
    assert judged.train_starts == (0, 1, 2)
    present, features = panel.present.copy(), {k: np.array(v, dtype=float) for k, v in panel.features.items()}
    present[5:] = np.random.default_rng(5).random(present[5:].shape) < 0.5
    for value in features.values():
        value[5:] = 1e6
    other = en.judge_entry_model(dataclasses.replace(panel, present=present, features=features), use)
    np.testing.assert_array_equal(other.model.coefficients, judged.model.coefficients)
    np.testing.assert_array_equal(other.probability, judged.probability)
    assert (other.entered != judged.entered).any()


def test_baselines_are_what_they_say() -> None:
    panel = world()
    judged = en.judge_entry_model(panel, en.EntrySettings(horizon=1, replicates=0))
    at, r, f = judged.test_start, judged.places, judged.fields
    size = np.asarray(panel.size)[at]
    ubiquity, largest = panel.present[at].sum(0)[f], size.sum(1)[r] * size.sum(0)[f]
    scores = judged.comparison.scores
    assert scores["ubiquity"].roc_auc.value == pytest.approx(roc_auc(judged.entered, ubiquity))
    assert scores["largest"].roc_auc.value == pytest.approx(roc_auc(judged.entered, largest))


def test_missing_features_are_dropped_and_counted() -> None:
    panel = world()
    pull = np.array(panel.features["pull"])
    pull[7, 0], pull[0, 1] = np.nan, np.nan
    judged = en.judge_entry_model(
        dataclasses.replace(panel, features={"pull": pull}), en.EntrySettings(horizon=1, replicates=0)
    )
    assert judged.dropped == (~panel.present[7, 0]).sum() + (~panel.present[0, 1]).sum()
    assert 0 not in judged.places


def test_what_cannot_be_judged_says_why() -> None:
    panel = world()
    with pytest.raises(en.EntryError, match="panel_too_short") as caught:
        en.judge_entry_model(panel, en.EntrySettings(horizon=5))
    assert caught.value.counts == {"periods": 9, "needed": 11}
    frozen = dataclasses.replace(panel, present=np.repeat(panel.present[:1], 9, axis=0))
    with pytest.raises(en.EntryError, match="no_entries"):
        en.judge_entry_model(frozen, en.EntrySettings(horizon=1))
    late = panel.present.copy()
    late[8] = late[7]
    with pytest.raises(en.EntryError, match="sample=test"):
        en.judge_entry_model(dataclasses.replace(panel, present=late), en.EntrySettings(horizon=1))
    with pytest.raises(ValueError, match="test_start"):
        en.judge_entry_model(panel, en.EntrySettings(horizon=1, test_start=8))
    with pytest.raises(ValueError, match="at least one feature"):
        en.judge_entry_model(dataclasses.replace(panel, features={}), en.EntrySettings(horizon=1))


def test_forecast_covers_what_can_be_entered() -> None:
    panel = world()
    pull = np.array(panel.features["pull"])
    pull[-1, 3], pull[0, 5] = np.nan, np.nan
    panel = dataclasses.replace(panel, features={"pull": pull}, candidate=np.ones(pull.shape, dtype=bool))
    model, probability = en.forecast_entry(panel, en.EntrySettings(horizon=1))
    able = ~panel.present[-1]
    able[3] = False
    np.testing.assert_array_equal(np.isfinite(probability), able)
    assert probability[0, ~panel.present[-1, 0]] == pytest.approx(
        model.probability(pull[-1, 0, ~panel.present[-1, 0]][:, None])
    )


def test_british_regions_enter_what_is_near(shared: Path) -> None:
    """Employment of 40 regions in 729 industries, 2015 to 2018 learnt, 2018 to 2021 foretold."""
    pd = pytest.importorskip("pandas")
    name = "ITL2_Employment_countandpercent5digitSIC_BRESopen15to21.parquet"
    table = pd.read_parquet(shared / "data/uk_employment_gva" / name)
    wide = table.pivot_table(index=["DATE", "GEOGRAPHY_CODE"], columns="INDUSTRY_CODE", values="COUNT")
    X = wide.to_numpy(float).reshape(7, 40, -1)
    lq = location_quotient(X)
    present = presence(lq, X, min_count=50)
    density = np.empty(X.shape)
    for t, M in enumerate(present.astype(float)):
        use = M.sum(0)
        phi = (M.T @ M) / np.maximum(np.maximum.outer(use, use), 1)
        np.fill_diagonal(phi, 0)
        density[t] = M @ phi / np.maximum(phi.sum(0), 1e-12)
    features = {
        "density": density,
        "ubiquity": present.sum(1, keepdims=True),
        "diversity": present.sum(2, keepdims=True),
        "log_size": np.log(X.sum(2, keepdims=True)),
    }
    panel = en.EntryPanel(present, features, X, observed=np.isfinite(lq))
    judged = en.judge_entry_model(panel, en.EntrySettings(horizon=3, replicates=100))
    assert judged.test_entries > 1500
    assert dict(zip(judged.model.names, judged.model.coefficients, strict=True))["density"] > 0
    for baseline in ("ubiquity", "largest"):
        assert judged.comparison.gains[baseline].roc_auc.lower > 0
        assert judged.comparison.gains[baseline].average_precision.lower > 0
