"""The ridge logistic regression against a general minimiser of the same loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from foreland.foresight.logistic import fit, sigmoid


def drawn(seed: int, rows: int = 120, features: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, features)) * rng.uniform(0.1, 30, features) + rng.normal(size=features) * 5
    z = (x - x.mean(axis=0)) / x.std(axis=0) @ rng.normal(size=features) - 0.7
    return x, (rng.random(rows) < 1 / (1 + np.exp(-z))).astype(float)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("penalty", [0.01, 1.0, 50.0])
def test_is_the_minimum_scipy_finds(seed: int, penalty: float) -> None:
    x, y = drawn(seed)
    z = (x - x.mean(axis=0)) / x.std(axis=0)

    def loss(b: np.ndarray) -> float:
        eta = z @ b[1:] + b[0]
        return float(
            (np.log1p(np.exp(-np.abs(eta))) + np.maximum(eta, 0) - y * eta).sum() + penalty / 2 * b[1:] @ b[1:]
        )

    best = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-8, "maxiter": 2000})
    found = fit(x, y, penalty)
    assert np.allclose([found.intercept, *found.weights], best.x, atol=2e-5)
    assert loss(np.array([found.intercept, *found.weights])) <= best.fun + 1e-9


def test_without_features_gives_the_share_of_hits() -> None:
    """A constant feature says nothing, so the chance is the share that came true."""
    found = fit(np.full((10, 1), 3.0), np.array([1.0] * 3 + [0.0] * 7))
    assert np.allclose(found.chance(np.array([[3.0], [3.0]])), 0.3, atol=1e-12)
    assert found.weights[0] == 0


def test_mean_chance_is_the_share_of_hits() -> None:
    x, y = drawn(7)
    assert fit(x, y, 3.0).chance(x).mean() == pytest.approx(y.mean(), abs=1e-10)


def test_separable_and_one_sided_outcomes_stay_finite() -> None:
    x = np.arange(20.0)[:, None]
    apart = fit(x, (x[:, 0] > 9).astype(float), 1.0)
    assert np.isfinite(apart.weights).all()
    assert apart.chance(np.array([[19.0]]))[0] > 0.9
    none = fit(x, np.zeros(20), 1.0)
    assert none.weights[0] == 0
    assert none.chance(x)[0] == pytest.approx(0.5 / 21)


@given(st.integers(0, 10_000), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_units_of_a_feature_do_not_matter(seed: int, scale: float, shift: float) -> None:
    x, y = drawn(seed, 40, 2)
    other = x.copy()
    other[:, 0] = other[:, 0] * scale + shift
    assert np.allclose(fit(x, y).chance(x), fit(other, y).chance(other), atol=1e-6)


def test_beyond_the_limit_a_feature_says_no_more() -> None:
    x, y = drawn(3)
    found = fit(x, y, 1.0, limit=2.0)
    cut = np.clip((x - x.mean(axis=0)) / x.std(axis=0), -2, 2)
    far = x.mean(axis=0) + x.std(axis=0) * np.array([[2.0], [50.0]])
    assert found.chance(far)[0] == found.chance(far)[1]
    assert np.abs(cut).max() == 2.0, "the limit is reached by what it is fitted to as well"
    p = found.chance(x)
    assert np.allclose(cut.T @ (p - y) + found.weights, 0, atol=1e-8), "the slope of the penalised loss is zero"


def test_sigmoid_does_not_overflow() -> None:
    assert sigmoid(np.array([-1e9, 0.0, 1e9])).tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("x", "y", "penalty"),
    [(np.zeros((0, 2)), np.zeros(0), 1.0), (np.array([[np.nan]]), np.ones(1), 1.0), (np.ones((2, 1)), np.ones(2), 0.0)],
)
def test_refuses_what_has_no_minimum(x: np.ndarray, y: np.ndarray, penalty: float) -> None:
    with pytest.raises(ValueError, match="penalty"):
        fit(x, y, penalty)
