"""Logistic regression with a ridge penalty, by Newton's method.

Hoerl & Kennard 1970 for the penalty; le Cessie & van Houwelingen 1992, Ridge Estimators in Logistic Regression.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS = 50
EXACT = 1e-10


@dataclass(frozen=True, eq=False)
class Logistic:
    """A fitted model.

    Parameters
    ----------
    weights
        Shape (F,), of the features in standard deviations.
    intercept
        Not penalised.
    mean, scale
        Shape (F,), from the rows the model was fitted to.
    limit
        Features count as at most so many standard deviations from the mean.
    """

    weights: np.ndarray
    intercept: float
    mean: np.ndarray
    scale: np.ndarray
    limit: float = np.inf

    def logit(self, features: np.ndarray) -> np.ndarray:
        """Log odds, shape (N,), of rows (N, F)."""
        standard = _standard(features, self.mean, self.scale, self.limit)
        return np.asarray((standard * self.weights).sum(axis=1) + self.intercept)

    def chance(self, features: np.ndarray) -> np.ndarray:
        """Probability, shape (N,), of rows (N, F)."""
        return sigmoid(self.logit(features))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(−x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


def fit(features: np.ndarray, outcome: np.ndarray, penalty: float = 10.0, limit: float = np.inf) -> Logistic:
    """Minimise Σ log-loss + penalty / 2 · ‖weights‖² over standardised features.

    Parameters
    ----------
    features
        Shape (N, F), finite. A feature that is the same everywhere gets no weight.
    outcome
        Shape (N,), 0 or 1. Where all are the same, the intercept is that of half a case more on either side.
    penalty
        Above 0; the larger, the nearer the weights to zero.
    limit
        Cut features off so many standard deviations from their mean: what is farther out than anything the model
        learnt from must not make it surer (winsorising).

    Raises
    ------
    ValueError
        If there are no rows, a value is not finite, or the penalty is not above 0.
    """
    features, outcome = np.asarray(features, float), np.asarray(outcome, float)
    if not len(features) or not np.isfinite(features).all() or penalty <= 0:
        raise ValueError("rows, finite features and a penalty above 0 are needed")
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 1e-12 * (1.0 + np.abs(mean)), scale, np.inf)
    rows, hits = len(outcome), outcome.sum()
    odds = np.log((hits + 0.5) / (rows - hits + 0.5))
    if hits in (0, rows):
        return Logistic(np.zeros(features.shape[1]), float(odds), mean, scale, limit)
    # A row for each feature: sums along rows that lie together in memory are several times faster.
    design = np.ascontiguousarray(np.vstack([np.ones(rows), _standard(features, mean, scale, limit).T]))
    ridge = np.full(len(design), penalty)
    ridge[0] = 0.0
    found = np.zeros(len(design))
    found[0] = odds
    loss = _loss(design, outcome, ridge, found)
    for _ in range(STEPS):
        p = sigmoid((design * found[:, None]).sum(axis=0))
        slope = (design * (p - outcome)).sum(axis=1) + ridge * found
        # Not as a matrix product: that is summed in an order that depends on the number of threads.
        curve = np.einsum("fn,gn->fg", design * (p * (1 - p)), design) + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        length = 1.0
        # The loss is convex, so a step that is too long is only ever to be shortened.
        while (after := _loss(design, outcome, ridge, found - length * step)) > loss and length > 1e-6:
            length /= 2
        found, loss = found - length * step, after
        if np.abs(length * step).max() < EXACT:
            break
    return Logistic(found[1:], float(found[0]), mean, scale, limit)


def _standard(features: np.ndarray, mean: np.ndarray, scale: np.ndarray, limit: float) -> np.ndarray:
    return np.clip((features - mean) / scale, -limit, limit)


def _loss(design: np.ndarray, outcome: np.ndarray, ridge: np.ndarray, found: np.ndarray) -> float:
    logit = (design * found[:, None]).sum(axis=0)
    # ln(1 + exp x) without overflow, in the form that is quickest.
    softplus = np.maximum(logit, 0.0) + np.log1p(np.exp(-np.abs(logit)))
    return float(softplus.sum() - (outcome * logit).sum() + 0.5 * (ridge * found * found).sum())
