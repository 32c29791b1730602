"""Calls of what will grow, made at every year from the data up to that year alone, and what then came.

Rolling origin: Tashman 2000, Out-of-sample tests of forecasting accuracy. The mark of growth (8 % a year) and vitality
as the baseline to beat: Boyack & Klavans 2022, An improved practical approach to forecasting exceptional growth in
research.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from foreland.foresight.logistic import Logistic, fit
from foreland.foresight.shrinkage import shrink
from foreland.foresight.signals import log_growth, vitality

Features = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Counts (t+1, U) and totals, (t+1,) or (t+1, U), up to the origin → features (U, F), finite."""

CALLERS = ("model", "vitality", "last_growth", "shrunk_growth", "signals", "size", "smallness", "reversion", "random")
"""Who calls: the model over all features; the units whose documents are the youngest; those that grew most, as counted
and shrunk; vitality and shrunk growth together, each in standard deviations; the largest; the smallest; those that
grew least; anyone."""
FEATURES = ("vitality", "last_growth", "shrunk_growth", "trend", "acceleration", "log_size", "unsteadiness")
SURE = 1.645
"""Standard errors above which one case in twenty lies by chance."""
FARTHEST = 3.0
"""Standard deviations beyond which a feature says no more."""
EXACT = 10
"""Digits of a score that count in ranking, so that rounding errors break no ties."""


@dataclass(frozen=True)
class Rules:
    """What is called, and what counts as having come true.

    Parameters
    ----------
    history
        Years of data before the first origin, the origin included; also how far back vitality looks.
    window
        Years over which last growth and size are taken.
    min_count
        A unit is a candidate if it has at least this many documents in the window.
    growth
        Growth of the share of the total, per year, from which a unit counts as emergent.
    emergent
        ``sure``: by that mark, and more than counting errors alone would make it in one case in twenty. ``growth``: by
        the mark alone, which small units pass by chance, so that whoever calls the smallest is right most often.
        ``decile``: the tenth of the candidates that grew most, if they grew at all.
    top
        Length of the short list; at most a fifth of the candidates.
    penalty
        Ridge penalty of the model.
    """

    history: int = 6
    window: int = 3
    min_count: float = 30.0
    growth: float = 0.08
    emergent: Literal["sure", "growth", "decile"] = "sure"
    top: int = 20
    penalty: float = 10.0


@dataclass(frozen=True, eq=False)
class View:
    """What can be seen at an origin: candidates (U,), features (U, F), and each simple caller's score (U,)."""

    at: int
    candidate: np.ndarray
    features: np.ndarray
    scores: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of the units: growth of their share per year (U,), and whether that made them emergent (U,)."""

    at: int
    horizon: int
    growth: np.ndarray
    emergent: np.ndarray


@dataclass(frozen=True, eq=False)
class Calls:
    """The calls made at an origin, for a horizon.

    Parameters
    ----------
    at, horizon
        Index of the origin, and years ahead.
    candidate
        Shape (U,).
    scores, chances
        For each caller, shape (U,): what it ranks by, and the probability it gives, learnt from outcomes known by
        then. Zero where the unit is no candidate.
    short, full
        For each caller, shape (U,): the weight in [0, 1] with which the unit is on the short list, and on the list of
        as many as came true before. Units tied at the end of a list share its last places.
    base_rate
        Share of the candidates that came true at the origins whose outcome was known.
    learnt_from
        How many origins these are.
    model
        The model as fitted then.
    """

    at: int
    horizon: int
    candidate: np.ndarray
    scores: Mapping[str, np.ndarray]
    chances: Mapping[str, np.ndarray]
    short: Mapping[str, np.ndarray]
    full: Mapping[str, np.ndarray]
    base_rate: float
    learnt_from: int
    model: Logistic


@dataclass(frozen=True, eq=False)
class BackTest:
    """Calls at each origin and what came of them, in the same order."""

    horizon: int
    calls: tuple[Calls, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def origins(self) -> tuple[int, ...]:
        return tuple(calls.at for calls in self.calls)


def share(counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Share of the total, (T, U), with half a document added so that growth from nothing is finite.

    Totals are those of all units (T,), or each unit has its own (T, U): fields of many places.
    """
    return np.asarray((counts + 0.5) / np.maximum(_wide(totals), 1.0))


def _wide(totals: np.ndarray) -> np.ndarray:
    return totals if totals.ndim == 2 else totals[:, None]


def own_features(counts: np.ndarray, totals: np.ndarray, rules: Rules = Rules()) -> np.ndarray:
    """The :data:`FEATURES` of every unit from counts up to the origin, (U, F)."""
    recent = counts[-rules.history :]
    logs = np.log(share(recent, totals[-rules.history :]))
    years = np.arange(len(logs)) - (len(logs) - 1) / 2
    trend = (years[:, None] * logs).sum(axis=0) / (years**2).sum()
    unsteady = (logs - logs.mean(axis=0) - years[:, None] * trend).std(axis=0)
    last = last_growth(counts, totals, rules.window)
    half = max(len(logs) // 2, 1)
    speed = (logs[-1] - logs[-1 - half]) / half - (logs[-1 - half] - logs[0]) / max(len(logs) - 1 - half, 1)
    size = np.log(counts[-rules.window :].sum(axis=0) + 0.5)
    # Against that of all documents: the longer the record, the older everything in it.
    young = vitality(counts) / vitality(_wide(totals))
    shrunk = shrunk_growth(counts, totals, rules.window, rules.min_count)
    return np.nan_to_num(np.column_stack([young, last, shrunk, trend, speed, size, unsteady]))


def shrunk_growth(counts: np.ndarray, totals: np.ndarray, window: int, least: float = 0.0) -> np.ndarray:
    """Logarithm of the growth of the share from one window to the next, per year, shrunk as chance asks for, (U,).

    Only units with at least so many documents in the last window count, and have one: a crowd of units with next to
    nothing would make all differences look like chance.
    """
    now, before = (x.sum(axis=0) for x in (counts[-window:], counts[-2 * window : -window]))
    whole, earlier = (x.sum(axis=0) for x in (_wide(totals)[-window:], _wide(totals)[-2 * window : -window]))
    growth, variance = log_growth(now, before, whole, earlier)
    return shrink(np.where(now >= least, growth, np.nan), variance).mean / window


def last_growth(counts: np.ndarray, totals: np.ndarray, window: int) -> np.ndarray:
    """Logarithmic growth per year of the share over the last years, (U,)."""
    back = min(window, len(counts) - 1)
    shares = share(counts[[-1 - back, -1]], totals[[-1 - back, -1]])
    return np.asarray(np.log(shares[1] / shares[0]) / back)


def look(
    counts: np.ndarray,
    totals: np.ndarray,
    rules: Rules,
    features: Features | None = None,
    others: Mapping[str, Features] | None = None,
    known_units: Callable[[int], np.ndarray] | None = None,
) -> tuple[View, ...]:
    """What can be seen at each origin; a view is made from a copy of the data that ends with its origin.

    Parameters
    ----------
    counts, totals
        Shapes (T, U), and (T,) or (T, U); not negative and finite.
    features
        Features for the model; by default :func:`own_features`.
    others
        Further callers by name: counts and totals up to the origin → what they rank by, (U,); NaN ranks last.
    known_units
        Index of an origin → which units were there to be called then, (U,): terms or topics that documents up to it
        would have given. By default all that have documents enough.

    Raises
    ------
    ValueError
        If values are negative or not finite, or the history is shorter than two years.
    """
    counts, totals = np.asarray(counts, float), np.asarray(totals, float)
    if not (np.isfinite(counts).all() and np.isfinite(totals).all()) or (counts < 0).any() or (totals < 0).any():
        raise ValueError("counts and totals must be finite and not negative")
    if rules.history < 2 or rules.window < 1:
        raise ValueError("a history of two years and a window of one are the least")
    views = []
    for at in range(rules.history - 1, len(counts)):
        here = np.arange(counts.shape[1]) if known_units is None else np.flatnonzero(known_units(at))
        views.append(_view(at, counts[: at + 1], totals[: at + 1], here, rules, (features, others or {})))
    return tuple(views)


def _view(
    at: int,
    counts: np.ndarray,
    totals: np.ndarray,
    here: np.ndarray,
    rules: Rules,
    more: tuple[Features | None, Mapping[str, Features]],
) -> View:
    """A view of some units, by index, alone: what is said of one hangs on the others, which must be known as well."""
    known, total = counts[:, here], totals[:, here] if totals.ndim == 2 else totals.copy()
    enough = known[-rules.window :].sum(axis=0) >= max(rules.min_count, 1e-9)
    own = own_features(known, total, rules)
    seen = own if more[0] is None else np.asarray(more[0](known.copy(), total.copy()), float)
    scores = {
        "vitality": own[:, 0],
        "last_growth": own[:, 1],
        "shrunk_growth": own[:, 2],
        "signals": _standard(own[:, 0], enough) + _standard(own[:, 2], enough),
        "size": own[:, 5],
        "smallness": -own[:, 5],
        "reversion": -own[:, 1],
        "random": np.zeros(known.shape[1]),
    }
    for name, rank in more[1].items():
        scores[name] = _finite(np.asarray(rank(known.copy(), total.copy()), float))

    def whole(values: np.ndarray) -> np.ndarray:
        found = np.zeros((counts.shape[1], *values.shape[1:]), values.dtype)
        found[here] = values
        return found

    return View(at, whole(enough), whole(seen), {name: whole(score) for name, score in scores.items()})


def _finite(values: np.ndarray) -> np.ndarray:
    """Values with those that are missing below all others."""
    known = np.isfinite(values)
    return np.where(known, values, values[known].min() - 1.0 if known.any() else 0.0)


def _standard(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Values in standard deviations from the mean of the candidates."""
    own = values[among]
    spread = own.std() if len(own) else 0.0
    return (values - own.mean()) / spread if spread > 0 else np.zeros(len(values))


def came(counts: np.ndarray, totals: np.ndarray, view: View, horizon: int, rules: Rules) -> Outcome:
    """What came of the candidates of a view: growth per year of the share over the ``horizon`` years after the origin.

    The growth is that of the least-squares line through the logarithms of the shares of these years. The origin's own
    year does not count: its chance ups and downs were seen by those who called, and would make falls look like the
    start of a rise.

    Raises
    ------
    ValueError
        If the data end before, or the horizon is below two years, over which nothing grows.
    """
    after = np.arange(view.at + 1, view.at + horizon + 1)
    if horizon < 2 or after[-1] >= len(counts):
        raise ValueError("the outcome is not known yet, or spans less than two years")
    years = after - after.mean()
    slope = (years[:, None] * np.log(share(counts[after], totals[after]))).sum(axis=0) / (years**2).sum()
    growth = np.round(np.expm1(slope), EXACT)
    grew = view.candidate
    if rules.emergent == "sure":
        # The variance of ln(n + ½) is about 1/(n + ½) (Anscombe 1956), which the line passes on to its slope.
        error = np.sqrt(((years**2)[:, None] / (counts[after] + 0.5)).sum(axis=0)) / (years**2).sum()
        grew = grew & (np.round(slope - SURE * error, EXACT) > 0)
    mark = rules.growth
    if rules.emergent == "decile" and view.candidate.any():
        mark = max(float(np.quantile(growth[view.candidate], 0.9, method="higher")), 1e-9)
    return Outcome(view.at, horizon, growth, (growth >= mark) & grew)


def call(views: Sequence[View], outcomes: Mapping[int, Outcome], at: int, horizon: int, rules: Rules) -> Calls | None:
    """The calls at an origin, learnt from the outcomes of origins at least ``horizon`` years before it.

    Parameters
    ----------
    outcomes
        Origin → what came; later ones than were known by then are not looked at.

    Returns
    -------
    Calls or None
        None where there are no candidates, or no outcome was known yet.
    """
    seen = {view.at: view for view in views}
    view = seen[at]
    known = [s for s in sorted(seen) if s + horizon <= at and s in outcomes and seen[s].candidate.any()]
    if not known or not view.candidate.any():
        return None
    truth = np.concatenate([outcomes[s].emergent[seen[s].candidate] for s in known])
    base = float(truth.mean())
    model = fit(np.concatenate([seen[s].features[seen[s].candidate] for s in known]), truth, rules.penalty, FARTHEST)
    here = view.candidate
    scores = {"model": _spread(model.logit(view.features[here]), here)}
    chances = {"model": _spread(model.chance(view.features[here]), here)}
    for name in view.scores:
        past = np.concatenate([seen[s].scores[name][seen[s].candidate] for s in known])[:, None]
        scores[name] = _spread(view.scores[name][here], here)
        said = fit(past, truth, rules.penalty, FARTHEST)
        # A caller's probability rises with its score, or the score says nothing.
        rises = said.weights[0] > 0
        chances[name] = _spread(said.chance(view.scores[name][here][:, None]), here) if rises else here * base
    n = int(here.sum())
    k, m = min(rules.top, max(n // 5, 1)), min(max(round(base * n), 1), n)
    short = {name: places(score, here, k) for name, score in scores.items()}
    full = {name: places(score, here, m) for name, score in scores.items()}
    return Calls(at, horizon, here, scores, chances, short, full, base, len(known), model)


def _spread(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    whole = np.zeros(len(where))
    whole[where] = np.round(values, EXACT)
    return whole


def places(score: np.ndarray, candidate: np.ndarray, k: int) -> np.ndarray:
    """Weight in [0, 1] of each unit on a list of the k highest scores, (U,); ties share the last places."""
    found = np.zeros(len(score))
    own = score[candidate]
    if k >= len(own):
        found[candidate] = 1.0
        return found
    mark = np.partition(own, len(own) - k)[len(own) - k]
    above, level = own > mark, own == mark
    found[candidate] = above + level * ((k - above.sum()) / level.sum())
    return found


def back_test(
    counts: np.ndarray, totals: np.ndarray, horizon: int, rules: Rules = Rules(), views: Sequence[View] | None = None
) -> BackTest:
    """Call at every origin whose outcome is known by now, and look what came.

    Parameters
    ----------
    counts, totals
        As in :func:`look`.
    views
        What :func:`look` gave for the same data, where several horizons are tested or the features are others.
    """
    counts, totals = np.asarray(counts, float), np.asarray(totals, float)
    views = look(counts, totals, rules) if views is None else views
    within = [view for view in views if view.at + horizon < len(counts)]
    outcomes = {view.at: came(counts, totals, view, horizon, rules) for view in within}
    made = [call(within, outcomes, view.at, horizon, rules) for view in within]
    kept = tuple(calls for calls in made if calls is not None)
    return BackTest(horizon, kept, tuple(outcomes[calls.at] for calls in kept))


def call_now(
    counts: np.ndarray, totals: np.ndarray, horizon: int, rules: Rules = Rules(), views: Sequence[View] | None = None
) -> Calls | None:
    """The calls of the last year of the data, learnt from every outcome that is known by it."""
    counts, totals = np.asarray(counts, float), np.asarray(totals, float)
    views = look(counts, totals, rules) if views is None else views
    outcomes = {
        view.at: came(counts, totals, view, horizon, rules) for view in views if view.at + horizon < len(counts)
    }
    return call(views, outcomes, len(counts) - 1, horizon, rules) if views else None


def last_sound(totals: np.ndarray, least: float = 0.8) -> int:
    """Index of the last year that is complete: its total is at least ``least`` of the mean of the three years before.

    Registers of patents fill up over years, so the last ones fall short. Years are dropped from the end for as long
    as they do.
    """
    last = len(totals) - 1
    while last >= 3 and totals[last] < least * totals[last - 3 : last].mean():
        last -= 1
    return last
