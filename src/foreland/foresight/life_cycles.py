"""Life cycles: which S-curve a unit follows, how far it has come, and whether its ceiling can be told at all.

Curves are fitted to the yearly counts, not to their running total. A document that is in a running total stays in all
later ones, so the errors of a running total are not independent: least squares on it takes the same error for many, and
its intervals come out far too narrow. Yearly counts are independent draws around what the curve adds in the year, with
a variance φ times their mean (quasi-Poisson; Wedderburn 1974, *Biometrika* 61). φ is Pearson's, 1 at least, and for the
intervals larger where errors of neighbouring years go together.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike

from foreland.foresight.curve_fits import Bools, Data, Floats, Ints
from foreland.foresight.curve_reach import Candidate, Reach, curve, reach, steady
from foreland.foresight.growth_curves import TENTHS, bass

FAMILIES = ("logistic", "gompertz", "bass", "exponential")
PHASES = ("emerging", "growing", "no_trend", "maturing", "saturated")
EMERGING, GROWING, NO_TREND, MATURING, SATURATED = range(5)
FEWEST_YEARS = 7
"""With a document each: AICc for four parameters and the dispersion needs a year more than six."""
APART = 2.0
"""Curves whose AICc is at most so much above the best can't be told from it (Burnham & Anderson 2002, section 2.6)."""
BLOCK = 64


@dataclass(frozen=True)
class Plan:
    """What is asked of a fit."""

    horizon: int = 10
    """Years that paths are drawn beyond the last."""
    level: float = 0.9
    """Of all intervals and of the fan."""
    least: float = 30.0
    """Fewest documents of a unit that is fitted at all."""
    from_launch: bool = False
    """Whether the first year with a count is known to be the launch, as with sales of a product: then the Bass curve
    stands in for the logistic one, which adds the same a year."""


@dataclass(frozen=True, eq=False)
class Interval:
    """An estimate and its interval, arrays of one shape; NaN where it can't be told."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class LifeCycles:
    """Life cycles of U units over T years. Times are in years from the middle of the first: the first year is 0."""

    family: Ints
    """Index of the best family in FAMILIES, shape (U,); -1 where there is too little to fit, and all else is NaN."""
    aicc: Floats
    """AICc of each family with the dispersion (QAICc), shape (U, 4); infinite where the family does not apply."""
    supported: Bools
    """Families that can't be told from the best, shape (U, 4)."""
    phase: Ints
    """Index in PHASES, shape (U,); -1 where there is too little to fit."""
    inflection: Interval
    """When yearly counts are highest, shapes (U,). The estimate is NaN for steady growth or decline; an end is NaN
    where the data leave it open."""
    ceiling: Interval
    """Where the running total since the first year of the data ends, in documents, shapes (U,). NaN unless all
    supported curves bound it and have passed their inflection: only what comes after it says where a curve ends."""
    growth: Interval
    """Growth of the yearly count in the last year, in logs a year, shapes (U,)."""
    turns: Floats
    """By the best curve, when a tenth of its ceiling is reached, when the yearly count is highest, and when nine tenths
    are reached: the beginnings of growing, maturing and saturated, shape (U, 3). NaN for steady growth or decline."""
    innovation: Floats
    imitation: Floats
    """p and q of the Bass curve where the launch is in the data, shapes (U,); otherwise NaN."""
    dispersion: Floats
    """φ, shape (U,)."""
    serial: Floats
    """Correlation of neighbouring years' errors, not below 0, shape (U,)."""
    yearly: Interval
    """Counts a year on the best curve, shapes (U, T + horizon), with the fan of counts that are to be expected: all
    supported curves, and the scatter of a year around them."""
    total: Interval
    """The same of the running total: what was counted, and after the last year what is to be expected."""


def life_cycles(counts: ArrayLike, plan: Plan = Plan()) -> LifeCycles:
    """Fit logistic, Gompertz and Bass curves and steady growth to yearly counts, and say what they bear.

    The best family has the least AICc. Intervals are profile likelihood intervals (Venzon & Moolgavkar 1988), with the
    quantile of F for the estimated dispersion, over all families that are as good as the best: where two curves
    can't be told apart, the interval has to hold both. The Bass curve takes part where years without a document show
    the launch; elsewhere its yearly counts are the logistic curve's and the data can't tell them apart.

    Parameters
    ----------
    counts
        Documents a year, shape (T, U), years without gaps, not negative.
    plan
        Horizon, level, and what is fitted.

    Raises
    ------
    ValueError
        For other shapes, counts that are negative or not finite, or a plan out of range.
    """
    y = np.asarray(counts, float)
    if y.ndim != 2 or not len(y):
        raise ValueError(f"counts of shape (T, U), not {y.shape}")
    if not np.isfinite(y).all() or (y < 0).any():
        raise ValueError("counts are finite and not negative")
    if not (0 < plan.level < 1 and plan.horizon >= 0):
        raise ValueError("a level between 0 and 1 and a horizon that is not negative")
    y = y.T
    told = (y.sum(axis=1) >= max(plan.least, 1)) & ((y > 0).sum(axis=1) >= FEWEST_YEARS)
    blocks = range(0, max(len(y), 1), BLOCK)
    return _joined([_block(y[b : b + BLOCK], told[b : b + BLOCK], plan) for b in blocks])


def _joined(parts: list[LifeCycles]) -> LifeCycles:
    def join(values: list[object]) -> object:
        if isinstance(values[0], Interval):
            return Interval(*(join([getattr(v, part.name) for v in values]) for part in fields(Interval)))  # type: ignore[arg-type]
        return np.concatenate(values)  # type: ignore[arg-type]

    return LifeCycles(*(join([getattr(part, field.name) for part in parts]) for field in fields(LifeCycles)))  # type: ignore[arg-type]


def _block(counts: Floats, told: Bools, plan: Plan) -> LifeCycles:
    """Life cycles of units, counts of shape (U, T)."""
    units, periods = counts.shape
    # What can't be fitted is fitted as a constant and blanked in the end, so that arrays stay whole.
    y = np.where(told[:, None], counts, 1.0)
    launch = (y > 0).argmax(axis=1)
    born = (launch > 0) | plan.from_launch
    whole = Data(y, np.ones(y.shape, bool))
    since = Data(y, (np.arange(periods) >= launch[:, None]) | ~born[:, None])
    everywhere = np.ones(units, bool)
    families = [
        curve(whole, "logistic", 3, ~(everywhere & plan.from_launch)),
        curve(whole, "gompertz", 3, everywhere),
        steady(whole),
    ]
    # Where no launch is in the data, Bass adds what logistic does.
    known = curve(since, "logistic", 3 if plan.from_launch else 4, born) if born.any() else None
    families.insert(2, known or replace(families[0], likelihood=np.full(units, -np.inf)))
    likelihood = np.stack([family.likelihood for family in families], axis=1)
    number = np.array([family.parameters for family in families])
    errors = np.stack([_errors(family) for family in families], axis=1)
    free = np.stack([_free(family) for family in families], axis=1)
    scatter = (errors**2).sum(axis=2) / free
    dispersion = np.maximum(np.where(np.isfinite(likelihood), scatter, np.inf).min(axis=1), 1.0)
    likely = _aicc(likelihood, number, dispersion, periods).argmin(axis=1)
    serial = _serial(errors[np.arange(units), likely])
    wide = dispersion * (1 + serial) / (1 - serial)
    aicc = _aicc(likelihood, number, wide, periods)
    # Steady growth has a parameter less, but is the limit of S-curves: it never rules out those that fit as well.
    worse = 2 * (likelihood.max(axis=1, keepdims=True) - likelihood) / wide[:, None]
    supported = (aicc <= aicc.min(axis=1, keepdims=True) + APART) | ((worse <= APART) & (number > 2))
    quantile = _quantile(plan.level, free)
    found = _Found(y, families, aicc, aicc.argmin(axis=1), supported, dispersion, serial, born)
    reaches = [reach(family, q**2 / 2 * wide, plan.horizon) for family, q in zip(families, quantile.T, strict=True)]
    return _blanked(_answer(found, reaches, quantile, plan), told)


@dataclass(frozen=True, eq=False)
class _Found:
    """Families fitted to U units, and which of them are as good as the best."""

    counts: Floats
    families: list[Candidate]
    aicc: Floats
    best: Ints
    supported: Bools
    dispersion: Floats
    serial: Floats
    born: Bools

    def of_best(self, values: list[Floats]) -> Floats:
        """For each unit the value of its best family."""
        return np.asarray(np.stack(values)[self.best, np.arange(len(self.best))])


def _aicc(likelihood: Floats, number: Ints, dispersion: Floats, periods: int) -> Floats:
    """QAICc (Burnham & Anderson 2002, section 2.5); the dispersion counts as a parameter."""
    k = number + 1
    return np.asarray(-2 * likelihood / dispersion[:, None] + 2 * k + 2 * k * (k + 1) / np.maximum(periods - k - 1, 1))


def _errors(family: Candidate) -> Floats:
    """Pearson's residuals, shape (U, T), of the years in which a document at least is to be expected.

    In years of fewer they are hardly ever near their variance, but nearly always 0.
    """
    mean = family.mean()
    return np.asarray((family.data.counts - mean) / np.sqrt(np.maximum(mean, 1e-9)) * (mean >= 1))


def _free(family: Candidate) -> Ints:
    """Years that say how counts scatter, less the parameters, shape (U,)."""
    return np.asarray(np.maximum((family.mean() >= 1).sum(axis=1) - family.parameters, 1))


def _serial(errors: Floats) -> Floats:
    """Correlation of each year's error with the next one's, from 0 to 0.8.

    A fit makes its errors alternate, by about (3 + 5 ρ) / n for three parameters and n years; that is put back.
    """
    number = np.maximum((errors != 0).sum(axis=1), 7)
    squares = np.maximum((errors**2).sum(axis=1), 1e-12)
    found = (errors[:, 1:] * errors[:, :-1]).sum(axis=1) / squares
    return np.asarray(np.clip((found + 3 / number) / (1 - 5 / number), 0.0, 0.8))


def _quantile(level: float, free: Ints) -> Floats:
    """Student's t, two-sided: its square is the quantile of F with one degree of freedom."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(free, (1 + level) / 2))


def _answer(found: _Found, reaches: list[Reach], quantile: Floats, plan: Plan) -> LifeCycles:
    units, periods = found.counts.shape
    last = periods - 0.5
    supported = found.supported
    low, high = (_over(supported, [r.turn[:, end] for r in reaches[:3]], end) for end in (0, 1))
    own = [family.says(family.turn[:, None], family.rate[:, None], plan.horizon) for family in found.families]
    turn, rate = (found.of_best([getattr(f, name) for f in found.families]) for name in ("turn", "rate"))
    least, most = (_over(supported, [r.rest[:, end] for r in reaches], end) for end in (0, 1))
    falls = (most < np.inf) & (high <= last)
    total = found.counts.sum(axis=1)
    t = quantile[np.arange(units), found.best]
    wide = found.dispersion * (1 + found.serial) / (1 - found.serial)
    rest = found.of_best([said.rest[:, 0] for said in own])
    to_come = _around(rest, least, most, t**2 * wide * (rest + rest**2 / total))
    ceiling = Interval(*(np.where(falls, total + part, np.nan) for part in (to_come.value, to_come.low, to_come.high)))
    growth = Interval(
        found.of_best([said.growth[:, 0] for said in own]),
        *(_over(supported, [r.growth[:, end] for r in reaches], end) for end in (0, 1)),
    )
    tenths = np.array([TENTHS["logistic"], TENTHS["gompertz"], TENTHS["logistic"], (np.nan, np.nan)])[found.best]
    turns = np.stack([turn + tenths[:, 0] / rate, turn, turn + tenths[:, 1] / rate], axis=1)
    p, q = bass(found.families[2].turn, found.families[2].rate, (found.counts > 0).argmax(axis=1).astype(float))
    yearly, running = _fan(found, reaches, [said.yearly[:, 0] for said in own], t, periods)
    return LifeCycles(
        family=found.best,
        aicc=found.aicc,
        supported=supported,
        phase=_phase(falls, total >= 0.9 * ceiling.value, growth, turns, found.born, last),
        inflection=Interval(*(np.where(np.isfinite(x), x, np.nan) - 0.5 for x in (turn, low, high))),
        ceiling=ceiling,
        growth=growth,
        turns=turns - 0.5,
        innovation=np.where(found.born, p, np.nan),
        imitation=np.where(found.born, q, np.nan),
        dispersion=found.dispersion,
        serial=found.serial,
        yearly=yearly,
        total=running,
    )


def _over(supported: Bools, values: list[Floats], end: int) -> Floats:
    """The lowest (end 0) or highest (end 1) value of the supported families, or infinity without any."""
    none = np.inf if end == 0 else -np.inf
    mask = supported[:, : len(values)]
    mask = mask.reshape(mask.shape + (1,) * (values[0].ndim - 1))
    kept = np.where(mask, np.stack(values, axis=1), none)
    return np.asarray(kept.min(axis=1) if end == 0 else kept.max(axis=1))


def _phase(falls: Bools, nearly: Bools, growth: Interval, turns: Floats, born: Bools, last: float) -> Ints:
    """The phase in the last year.

    With a ceiling that can be told: maturing from the inflection on, saturated from nine tenths of the ceiling on.
    Without: growing where all likely curves grow, emerging where moreover the unit began within the data and has not
    come to a tenth of a ceiling, maturing where all fall, else no trend is clear.
    """
    past = np.where(np.isnan(turns[:, 2]), nearly, turns[:, 2] <= last)
    early = born & ~(turns[:, 0] <= last)
    rises = np.where(early, EMERGING, GROWING)
    without = np.where(growth.low > 0, rises, np.where(growth.high < 0, MATURING, NO_TREND))
    return np.asarray(np.where(falls, np.where(past, SATURATED, MATURING), without)).astype(np.intp)


def _fan(found: _Found, reaches: list[Reach], own: list[Floats], t: Floats, periods: int) -> tuple[Interval, Interval]:
    """Counts and running totals with their fans."""
    middle = found.of_best(own)
    phi, rho, total = found.dispersion[:, None], found.serial[:, None], found.counts.sum(axis=1)[:, None]
    wide = phi * (1 + rho) / (1 - rho)

    def around(value: Floats, ends: list[Floats], scatter: Floats) -> Interval:
        low, high = (_over(found.supported, [e[..., end] for e in ends], end) for end in (0, 1))
        return _around(value, low, high, t[:, None] ** 2 * (scatter + wide * value**2 / total))

    yearly = around(middle, [r.yearly for r in reaches], phi * middle)
    counted = found.counts.cumsum(axis=1)
    ahead = middle[:, periods:].cumsum(axis=1)
    rest = around(ahead, [r.total for r in reaches], wide * ahead)
    joined = (np.concatenate([counted, counted[:, -1:] + part], axis=1) for part in (rest.value, rest.low, rest.high))
    return yearly, Interval(*joined)


def _around(value: Floats, low: Floats, high: Floats, noise: Floats) -> Interval:
    """An interval from the extremes over curves, and the variance of what they leave to chance.

    Which curve it is, how large it is and how years scatter are errors that do not know of each other.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        below, above = np.sqrt((value - low) ** 2 + noise), np.sqrt((high - value) ** 2 + noise)
        return Interval(value, np.maximum(value - below, 0.0), value + above)


def _blanked(answer: LifeCycles, told: Bools) -> LifeCycles:
    """Without what is said of units that have too little to fit."""

    def blank(value: object) -> object:
        if isinstance(value, Interval):
            return Interval(*(blank(getattr(value, part.name)) for part in fields(Interval)))  # type: ignore[arg-type]
        assert isinstance(value, np.ndarray)
        mask = told.reshape(told.shape + (1,) * (value.ndim - 1))
        nothing = {"b": False, "i": -1}.get(value.dtype.kind, np.nan)
        return np.where(mask, value, nothing).astype(value.dtype)

    return LifeCycles(*(blank(getattr(answer, field.name)) for field in fields(LifeCycles)))  # type: ignore[arg-type]
