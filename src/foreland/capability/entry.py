"""Entry of places into fields: events, a model of them, and its judgement out of time.

Panels are ``(periods, places, fields)``. A place can enter a field it does not have; whether it did is known
a horizon later. The model is trained on entries known by a period and tested on those that follow it, against
two baselines that know nothing of relatedness: the most ubiquitous field, and the largest place in the
largest field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.capability.accuracy import Comparison, compare
from foreland.capability.specialisation import Floats, observed_sum

Bools = NDArray[np.bool_]


class EntryError(ValueError):
    """The data can't carry an entry model. `code` says why, for a caveat; `counts` gives the figures.

    Codes: ``panel_too_short`` (periods, needed), ``no_cells``, ``no_entries``, ``only_entries`` (sample:
    ``train`` or ``test``, cells, entries).
    """

    def __init__(self, code: str, **counts: int | str) -> None:
        self.code = code
        self.counts = counts
        super().__init__(f"{code} ({', '.join(f'{k}={v}' for k, v in counts.items())})")


@dataclass(frozen=True)
class Events:
    """Entries and exits over a horizon; each of shape (T - horizon, R, F), at the period of the start.

    Attributes
    ----------
    entry, exit
        What happened by the end of the horizon.
    can_enter, can_exit
        The cells for which it could have happened and is known: the denominators.
    """

    entry: Bools
    exit: Bools
    can_enter: Bools
    can_exit: Bools


def events(
    present: ArrayLike,
    horizon: int,
    observed: ArrayLike | None = None,
    candidate: ArrayLike | None = None,
) -> Events:
    """Entry and exit events (Hidalgo et al. 2007; Neffke, Henning & Boschma 2011).

    Parameters
    ----------
    present
        Presence, shape (T, R, F).
    horizon
        Periods from start to end, at least 1.
    observed
        Where presence is known. A cell unknown at either end has no event. Default: everywhere.
    candidate
        Absent cells that count as able to enter, e.g. ``lq < 0.5``, so that wavering around the threshold is
        not taken for an entry. Default: all absent cells.

    Raises
    ------
    ValueError
        If shapes differ or the horizon is not positive.
    EntryError
        ``panel_too_short``.
    """
    here = np.asarray(present, dtype=bool)
    if here.ndim != 3:
        raise ValueError(f"present has {here.ndim} dimensions, not 3")
    if horizon < 1:
        raise ValueError("horizon must be at least 1")
    seen, able = (
        np.ones(here.shape, dtype=bool) if mask is None else np.asarray(mask, dtype=bool)
        for mask in (observed, candidate)
    )
    if seen.shape != here.shape or able.shape != here.shape:
        raise ValueError("observed and candidate have the shape of present")
    if len(here) <= horizon:
        raise EntryError("panel_too_short", periods=len(here), needed=horizon + 1)
    start, end, known = here[:-horizon], here[horizon:], seen[:-horizon] & seen[horizon:]
    can_enter, can_exit = known & ~start & able[:-horizon], known & start
    return Events(can_enter & end, can_exit & ~end, can_enter, can_exit)


@dataclass(frozen=True)
class LogisticModel:
    """A ridge-penalised logistic regression on standardised features.

    Attributes
    ----------
    names
        Features in order.
    intercept, coefficients
        On the standardised scale: the change in log-odds for one standard deviation.
    mean, scale
        Of the features in the training sample. A feature without variation has scale 1 and so coefficient 0.
    penalty
        Weight of half the squared coefficients against the summed log-loss.
    iterations, converged
        Of Newton's method.
    """

    names: tuple[str, ...]
    intercept: float
    coefficients: Floats
    mean: Floats
    scale: Floats
    penalty: float
    iterations: int
    converged: bool

    def probability(self, features: ArrayLike) -> Floats:
        """Probability for rows of features, shape (n, K) → (n,); NaN where a feature is missing."""
        x = (np.asarray(features, dtype=np.float64) - self.mean) / self.scale
        return _sigmoid(self.intercept + x @ self.coefficients)


def fit_logistic(
    features: ArrayLike, outcome: ArrayLike, names: tuple[str, ...] = (), penalty: float = 1.0
) -> LogisticModel:
    """Fit a ridge logistic regression by Newton's method with step halving (le Cessie & van Houwelingen
    1992).

    Parameters
    ----------
    features
        Shape (n, K), finite.
    outcome
        Shape (n,), true or false.
    names
        K names; default ``x0``, ``x1``, …
    penalty
        > 0; the intercept is not penalised. A positive penalty has a finite solution even for separable data.

    Raises
    ------
    ValueError
        If shapes don't fit, features are not finite or the penalty is not positive.
    EntryError
        ``no_cells``, ``no_entries`` or ``only_entries``.
    """
    x, y = np.asarray(features, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ValueError(f"features {x.shape} and outcome {y.shape} don't fit")
    if not np.isfinite(x).all():
        raise ValueError("features must be finite")
    if not penalty > 0:
        raise ValueError("penalty must be positive")
    names = names or tuple(f"x{k}" for k in range(x.shape[1]))
    if len(names) != x.shape[1]:
        raise ValueError(f"{len(names)} names for {x.shape[1]} features")
    _both_classes("train", y)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 1e-12 * np.maximum(np.abs(mean), 1e-300), scale, 1.0)
    design = np.column_stack([np.ones(len(x)), (x - mean) / scale])
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = 0.0
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(y.mean() / (1 - y.mean()))
    loss, step, done = _loss(beta, design, y, ridge), 0, False
    while not done and step < 100:
        step += 1
        p = _sigmoid(design @ beta)
        gradient = design.T @ (p - y) + ridge * beta
        hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(ridge)
        hessian[0, 0] += 1e-12 * len(y)
        move = np.linalg.solve(hessian, gradient)
        size = 1.0
        while (new := _loss(beta - size * move, design, y, ridge)) > loss and size > 1e-10:
            size /= 2
        done = bool(np.abs(move).max() < 1e-9 * (1 + np.abs(beta).max()))
        if new <= loss:
            beta, loss = beta - size * move, new
    return LogisticModel(names, float(beta[0]), beta[1:], mean, scale, penalty, step, done)


@dataclass(frozen=True)
class EntryPanel:
    """What an entry model sees.

    Attributes
    ----------
    present
        Presence, shape (T, R, F).
    features
        Name → values that broadcast to (T, R, F), e.g. a place's diversity as (T, R, 1). Row t may use
        nothing that was not known in period t. Cells with a missing feature are dropped, and counted.
    size
        Values behind presence (persons, patents), shape (T, R, F), for the baseline ``largest``.
    observed, candidate
        As in :func:`events`.
    """

    present: Bools
    features: Mapping[str, ArrayLike]
    size: ArrayLike
    observed: Bools | None = None
    candidate: Bools | None = None


@dataclass(frozen=True)
class EntrySettings:
    """How an entry model is trained and judged.

    Attributes
    ----------
    horizon
        Periods from start to entry.
    test_start
        Period at which the test starts. Default: the last whose outcome is known.
    penalty
        Of :func:`fit_logistic`.
    top
        The k of precision at k.
    replicates, level, seed
        Of the bootstrap by place.
    """

    horizon: int = 5
    test_start: int | None = None
    penalty: float = 1.0
    top: tuple[int, ...] = (50, 200)
    replicates: int = 200
    level: float = 0.95
    seed: int = 0


@dataclass(frozen=True)
class EntryJudgement:
    """An entry model and how it did out of time.

    Attributes
    ----------
    model
        The fitted model.
    train_starts, test_start
        Starting periods of the transitions used.
    train_cells, train_entries, test_cells, test_entries, dropped
        Sample sizes; `dropped` counts the cells left out of either sample because a feature is missing.
    comparison
        ``model`` against ``ubiquity`` and ``largest``.
    places, fields, probability, entered
        The test cells: indices, forecast and outcome, each of shape (n,).
    """

    model: LogisticModel
    train_starts: tuple[int, ...]
    test_start: int
    train_cells: int
    train_entries: int
    test_cells: int
    test_entries: int
    dropped: int
    comparison: Comparison
    places: NDArray[np.int64]
    fields: NDArray[np.int64]
    probability: Floats
    entered: Bools

    @property
    def base_rate(self) -> float:
        """Share of test cells entered: what a random list would get."""
        return self.test_entries / self.test_cells


def judge_entry_model(panel: EntryPanel, settings: EntrySettings | None = None) -> EntryJudgement:
    """Train an entry model on what was known at one period, and judge it on what came after.

    Training takes every start whose outcome was known by `test_start`; the test takes the transitions that
    start there. Means and scales of features come from the training sample alone.

    Raises
    ------
    ValueError
        If shapes or settings don't fit.
    EntryError
        ``panel_too_short``, ``no_cells``, ``no_entries`` or ``only_entries``.
    """
    use = settings or EntrySettings()
    happened = events(panel.present, use.horizon, panel.observed, panel.candidate)
    at = len(happened.entry) - 1 if use.test_start is None else use.test_start
    if not 0 <= at < len(happened.entry):
        raise ValueError(f"test_start lies between 0 and {len(happened.entry) - 1}")
    if at < use.horizon:
        raise EntryError("panel_too_short", periods=len(panel.present), needed=2 * use.horizon + 1)
    features, complete = _stacked(panel)
    starts = tuple(range(at - use.horizon + 1))
    train, test = happened.can_enter.copy(), happened.can_enter.copy()
    train[len(starts) :] = False
    test[:at], test[at + 1 :] = False, False
    known = complete[: len(test)]
    dropped = int(((train | test) & ~known).sum())
    train, test = train & known, test & known
    model = fit_logistic(features[: len(test)][train], happened.entry[train], tuple(panel.features), use.penalty)
    entered = happened.entry[test]
    _both_classes("test", entered)
    probability = model.probability(features[: len(test)][test])
    scores = {"model": probability}
    scores |= {name: score[test[at]] for name, score in _baselines(panel, at).items()}
    _, places, fields = np.nonzero(test)
    return EntryJudgement(
        model=model,
        train_starts=starts,
        test_start=at,
        train_cells=int(train.sum()),
        train_entries=int(happened.entry[train].sum()),
        test_cells=len(entered),
        test_entries=int(entered.sum()),
        dropped=dropped,
        comparison=compare(entered, scores, places, use.top, use.replicates, use.level, use.seed),
        places=places,
        fields=fields,
        probability=probability,
        entered=entered,
    )


def forecast_entry(panel: EntryPanel, settings: EntrySettings | None = None) -> tuple[LogisticModel, Floats]:
    """Train on all known transitions and give the probability of entry within a horizon of the last period.

    Returns
    -------
    model, probability
        Probability has shape (R, F); NaN where the place has the field already, can't enter it or a feature
        is missing.

    Raises
    ------
    ValueError, EntryError
        As :func:`judge_entry_model`.
    """
    use = settings or EntrySettings()
    happened = events(panel.present, use.horizon, panel.observed, panel.candidate)
    features, complete = _stacked(panel)
    train = happened.can_enter & complete[: len(happened.entry)]
    model = fit_logistic(features[: len(train)][train], happened.entry[train], tuple(panel.features), use.penalty)
    able = complete[-1] & ~np.asarray(panel.present, dtype=bool)[-1]
    for mask in (panel.observed, panel.candidate):
        able = able if mask is None else able & np.asarray(mask, dtype=bool)[-1]
    return model, np.where(able, model.probability(np.where(able[..., None], features[-1], 0.0)), np.nan)


def _stacked(panel: EntryPanel) -> tuple[Floats, Bools]:
    """Features as (T, R, F, K), and the cells where all are known."""
    if not panel.features:
        raise ValueError("an entry model needs at least one feature")
    shape = np.shape(panel.present)
    stack = [np.broadcast_to(np.asarray(v, dtype=np.float64), shape) for v in panel.features.values()]
    features = np.stack(stack, axis=-1)
    return features, np.asarray(np.isfinite(features).all(axis=-1))


def _baselines(panel: EntryPanel, at: int) -> dict[str, Floats]:
    """Scores of every cell, shape (R, F), from what was there at the start."""
    here = np.asarray(panel.present, dtype=bool)[at]
    size = np.asarray(panel.size, dtype=np.float64)
    if size.shape != np.shape(panel.present):
        raise ValueError("size has the shape of present")
    place, column = (np.nan_to_num(observed_sum(size[at], axis, True)) for axis in (1, 0))
    return {
        "ubiquity": np.broadcast_to(here.sum(axis=0).astype(np.float64), here.shape),
        "largest": place * column,
    }


def _both_classes(sample: str, outcome: ArrayLike) -> None:
    y = np.asarray(outcome, dtype=bool)
    if not y.size:
        raise EntryError("no_cells", sample=sample, cells=0, entries=0)
    if not y.any() or y.all():
        code = "only_entries" if y.all() else "no_entries"
        raise EntryError(code, sample=sample, cells=int(y.size), entries=int(y.sum()))


def _sigmoid(z: Floats) -> Floats:
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def _loss(beta: Floats, design: Floats, y: Floats, ridge: Floats) -> float:
    z = design @ beta
    return float(np.sum(np.logaddexp(0.0, z) - y * z) + 0.5 * np.sum(ridge * beta**2))
