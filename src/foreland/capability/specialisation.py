"""Specialisation of places in fields: location quotients, their uncertainty, their change, and presence.

Arrays are ``(places, fields)`` or ``(periods, places, fields)``: places run along axis -2, fields along -1.
NaN is a missing or suppressed cell. What is not defined comes back as NaN, never as infinity.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.core.intervals import clopper_pearson

Floats = NDArray[np.float64]


def check_values(X: ArrayLike, name: str = "X", ndim: tuple[int, ...] = (2, 3)) -> Floats:
    """Values as float64, checked.

    Raises
    ------
    ValueError
        If the number of dimensions is not one of `ndim`, or a value is negative or infinite.
    """
    values = np.asarray(X, dtype=np.float64)
    if values.ndim not in ndim:
        raise ValueError(f"{name} has {values.ndim} dimensions, not {' or '.join(map(str, ndim))}")
    if np.isinf(values).any():
        raise ValueError(f"{name} has infinite values")
    if (values < 0).any():
        raise ValueError(f"{name} has negative values")
    return values


def observed_sum(X: Floats, axis: int, keepdims: bool = False) -> Floats:
    """Sum over the observed cells; NaN where none is observed (an unknown total is not zero)."""
    seen = ~np.isnan(X)
    total = np.where(seen, X, 0.0).sum(axis=axis, keepdims=keepdims)
    return np.where(seen.any(axis=axis, keepdims=keepdims), total, np.nan)


def divide(a: ArrayLike, b: ArrayLike) -> Floats:
    """``a / b``; NaN where `b` is zero or missing, or where the ratio leaves the range of float64."""
    a, b = np.broadcast_arrays(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))
    out = np.full(a.shape, np.nan)
    with np.errstate(over="ignore"):
        np.divide(a, b, out=out, where=b > 0)
    out[np.isinf(out)] = np.nan
    return out


def shares(X: ArrayLike, totals: ArrayLike | None = None) -> Floats:
    """Share of every field in its place.

    Parameters
    ----------
    X
        Values >= 0, shape (R, F) or (T, R, F).
    totals
        Published totals of the places, shape (R,) or (T, R). Default: the sum of the observed fields, which
        is too small where cells are suppressed.

    Returns
    -------
    ndarray
        Shape of `X`; NaN for missing cells and for places whose total is zero or unknown.
    """
    X = check_values(X)
    return divide(X, _place_totals(X, totals))


def location_quotient(
    X: ArrayLike,
    benchmark: ArrayLike | None = None,
    *,
    place_totals: ArrayLike | None = None,
    benchmark_total: ArrayLike | None = None,
) -> Floats:
    r"""Location quotient (Florence 1939), on exports the revealed comparative advantage of Balassa (1965).

    .. math:: LQ_{rf} = \frac{x_{rf} / x_{r.}}{b_f / b_.}

    Parameters
    ----------
    X
        Values >= 0, shape (R, F) or (T, R, F); any unit, the same for all cells.
    benchmark
        Values of the fields in the place compared with, shape (F,) or (T, F). Default: the sum over
        the observed places.
    place_totals, benchmark_total
        Published totals, shape (R,) or (T, R), and () or (T,), which count what is suppressed in `X`. Both or
        neither, because a quotient of a full and a partial total is biased. Default: sums over fields.

    Returns
    -------
    ndarray
        Shape of `X`. NaN where the cell is missing, the place is empty, or the benchmark has nothing of the
        field. 1 is the benchmark's own share.

    Raises
    ------
    ValueError
        If shapes don't fit, values are negative or infinite, or only one of the totals is given.
    """
    X = check_values(X)
    if (place_totals is None) != (benchmark_total is None):
        raise ValueError("place_totals and benchmark_total are given together or not at all")
    reference = benchmark_row(X, benchmark)
    if benchmark_total is None:
        whole = observed_sum(reference, axis=-1, keepdims=True)
    else:
        whole = check_values(benchmark_total, "benchmark_total", (0, 1))[..., None, None]
    return divide(divide(X, _place_totals(X, place_totals)), divide(reference, whole))


def per_head_specialisation(
    X: ArrayLike,
    population: ArrayLike,
    benchmark: ArrayLike | None = None,
    benchmark_population: ArrayLike | None = None,
) -> Floats:
    r"""Specialisation per head, RPOP: a place's share of a field over its share of the population.

    .. math:: RPOP_{rf} = \frac{x_{rf} / P_r}{b_f / P_.}

    The ``rpop`` of the Growth Lab's atlas software (Hausmann et al. 2014). Unlike the location quotient it
    does not fall in one field because another one grows.

    Parameters
    ----------
    X
        Values >= 0, shape (R, F) or (T, R, F).
    population
        Heads, shape (R,) or (T, R). A missing or zero population gives NaN.
    benchmark, benchmark_population
        Reference values, shape (F,) or (T, F), and heads, shape () or (T,). Both or neither. Default: sums
        over the places with a known population.

    Raises
    ------
    ValueError
        If shapes don't fit, values are negative or infinite, or benchmark or its population stands alone.
    """
    X = check_values(X)
    if (benchmark is None) != (benchmark_population is None):
        raise ValueError("benchmark and benchmark_population are given together or not at all")
    heads = check_values(population, "population", (1, 2))[..., None]
    check_fit(heads, X[..., :1], "population")
    if benchmark_population is None:
        # A place without a population would put its output, but not its heads, into the average.
        reference = observed_sum(np.where(np.isnan(heads), np.nan, X), axis=-2, keepdims=True)
        whole = observed_sum(heads, axis=-2, keepdims=True)
    else:
        reference = benchmark_row(X, benchmark)
        whole = check_values(benchmark_population, "benchmark_population", (0, 1))[..., None, None]
    return divide(divide(X, heads), divide(reference, whole))


def symmetric(lq: ArrayLike) -> Floats:
    """Symmetric location quotient (LQ - 1)/(LQ + 1), from -1 to 1 with 0 at the benchmark (Laursen 2015)."""
    lq = np.asarray(lq, dtype=np.float64)
    return (lq - 1.0) / (lq + 1.0)


def standardised(lq: ArrayLike, log: bool = False) -> Floats:
    """Standardised location quotient (O'Donoghue & Gleave 2004): z-score of each field over places.

    Parameters
    ----------
    lq
        Location quotients, shape (R, F) or (T, R, F).
    log
        Standardise ln LQ, as the authors do where LQ itself is far from normal. A zero quotient has no
        logarithm and becomes NaN.

    Returns
    -------
    ndarray
        Shape of `lq`, with the sample standard deviation (ddof 1). NaN for fields with fewer than two
        observed places or without variation. Under normality 1.96 is the authors' cut-off for "exceptional".
    """
    lq = check_values(lq, "lq")
    if log:
        lq = np.log(lq, out=np.full(lq.shape, np.nan), where=lq > 0)
    n = (~np.isnan(lq)).sum(axis=-2, keepdims=True)
    gap = lq - divide(observed_sum(lq, -2, True), n)
    spread = np.sqrt(divide(observed_sum(gap**2, -2, True), n - 1))
    # Rounding leaves a spread of some ulps where all quotients are equal.
    tiny = 1e-12 * np.abs(np.where(np.isnan(lq), 0.0, lq)).max(axis=-2, keepdims=True, initial=0.0)
    return divide(gap, np.where(spread > tiny, spread, np.nan))


def bootstrap_cutoff(z: ArrayLike, quantile: float = 0.95) -> Floats:
    """Cut-off of the standardised location quotient without assuming normality (Tian 2013).

    Tian resamples the standardised quotients of a field with replacement and averages the upper quantile over
    the resamples. The average over all resamples is a known weighted sum of the order statistics (Hutson &
    Ernst 2000), so it is computed exactly: no seed, no replicates.

    Parameters
    ----------
    z
        Standardised location quotients, shape (R, F) or (T, R, F).
    quantile
        Between 0 and 1; by linear interpolation between order statistics.

    Returns
    -------
    ndarray
        Cut-off of every field, shape (F,) or (T, F); NaN for fields with fewer than two observed places.
    """
    if not 0 < quantile < 1:
        raise ValueError("quantile lies between 0 and 1")
    z = np.asarray(z, dtype=np.float64)
    ordered = np.sort(z, axis=-2)  # NaN last
    counts = (~np.isnan(z)).sum(axis=-2)
    out = np.full(counts.shape, np.nan)
    for n in np.unique(counts[counts > 1]):
        where = counts == n
        columns = np.moveaxis(ordered, -2, -1)[where][:, :n]
        out[where] = columns @ _bootstrap_quantile_weights(int(n), quantile)
    return out


def interval(
    X: ArrayLike,
    benchmark: ArrayLike | None = None,
    *,
    level: float = 0.95,
    method: Literal["exact", "delta"] = "exact",
) -> tuple[Floats, Floats]:
    """Confidence interval of the location quotient of counts (persons, firms, patents).

    Parameters
    ----------
    X
        Counts, shape (R, F) or (T, R, F); fractional counts are taken as they are.
    benchmark
        Counts of the whole that contains the places, shape (F,) or (T, F). Default: the sum over places.
    level
        Confidence level.
    method
        ``exact``: given the field's size and the place's share w of the whole, the place's part of the field
        is binomial and LQ is that part divided by w; so the interval of Clopper & Pearson (1934) over w.
        Holds for small counts and for zero. ``delta``: the large-sample interval of Moineddin, Beyene & Boyle
        (2003), with the covariance of part and whole; NaN for counts of zero, where it would have no width.

    Returns
    -------
    lower, upper
        Shape of `X`; NaN where LQ is.

    Notes
    -----
    A census has no sampling error. The interval then speaks of the process that made the counts: would
    another draw with the same propensities put this place above the benchmark?

    Raises
    ------
    ValueError
        If the benchmark is smaller than a part of it, or the level or method is unknown.
    """
    X = check_values(X)
    if not 0 < level < 1:
        raise ValueError("level lies between 0 and 1")
    reference = benchmark_row(X, benchmark)
    if (X - reference > 1e-12 * reference).any():
        raise ValueError("a place has more of a field than the benchmark: the benchmark must contain the places")
    if method == "exact":
        return _exact(X, reference, level)
    if method == "delta":
        return _delta(X, reference, level, own=benchmark is None)
    raise ValueError(f"method is 'exact' or 'delta', not {method!r}")


def presence(
    lq: ArrayLike, X: ArrayLike | None = None, threshold: float = 1.0, min_count: float = 0.0
) -> NDArray[np.bool_]:
    """Whether a place has a field: LQ >= `threshold` and, to keep small numbers out, X >= `min_count`.

    A missing cell counts as not present; ``np.isfinite(lq)`` tells "absent" from "unknown".

    Raises
    ------
    ValueError
        If `min_count` is positive without `X`, or the shapes differ.
    """
    lq = np.asarray(lq, dtype=np.float64)
    here = lq >= threshold
    if X is None:
        if min_count > 0:
            raise ValueError("min_count needs X")
        return here
    X = np.asarray(X, dtype=np.float64)
    if X.shape != lq.shape:
        raise ValueError(f"shapes differ: {lq.shape} and {X.shape}")
    return here & np.greater_equal(X, min_count)


def ranks(values: ArrayLike, axis: int = -1, descending: bool = True) -> NDArray[np.int64]:
    """Ranks 1, 2, … along `axis`, a total order: ties go by index. Missing values get 0."""
    values = np.asarray(values, dtype=np.float64)
    order = np.argsort(-values if descending else values, axis=axis, kind="stable")
    n = values.shape[axis]
    steps = np.arange(1, n + 1).reshape([-1 if a == axis % values.ndim else 1 for a in range(values.ndim)])
    out = np.empty(values.shape, dtype=np.int64)
    np.put_along_axis(out, order, np.broadcast_to(steps, values.shape), axis=axis)
    out[np.isnan(values)] = 0
    return out


def check_fit(part: Floats, X: Floats, name: str) -> None:
    """Raise ValueError where `part` does not broadcast along the trailing axes of `X`."""
    if part.ndim > X.ndim or part.shape != X.shape[X.ndim - part.ndim :]:
        raise ValueError(f"{name} does not fit values of shape {X.shape}")


def _place_totals(X: Floats, totals: ArrayLike | None) -> Floats:
    if totals is None:
        return observed_sum(X, axis=-1, keepdims=True)
    column = check_values(totals, "totals of places", (1, 2))[..., None]
    check_fit(column, X[..., :1], "totals of places")
    return column


def benchmark_row(X: Floats, benchmark: ArrayLike | None) -> Floats:
    """The benchmark, by default the sum over places, as (1, F) or (T, 1, F)."""
    if benchmark is None:
        return observed_sum(X, axis=-2, keepdims=True)
    row = check_values(benchmark, "benchmark", (1, 2))[..., None, :]
    check_fit(row, X[..., :1, :], "benchmark")
    return row


def _bootstrap_quantile_weights(n: int, quantile: float) -> Floats:
    """Weights of the order statistics in the exact bootstrap mean of a quantile (Hutson & Ernst 2000)."""
    from scipy.special import betainc

    position = (n - 1) * quantile
    low = int(np.floor(position))
    steps = np.arange(n + 1) / n
    weights = np.zeros(n)
    for rank, part in ((low + 1, 1 - (position - low)), (low + 2, position - low)):
        if part > 0:
            weights += part * np.diff(betainc(rank, n - rank + 1, steps))
    return weights


def _exact(X: Floats, reference: Floats, level: float) -> tuple[Floats, Floats]:
    weight = divide(observed_sum(X, -1, True), observed_sum(reference, -1, True))
    x, m, w = np.broadcast_arrays(X, reference, weight)
    known = np.isfinite(x) & (m > 0) & (w > 0)
    lower, upper = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    low, high = clopper_pearson(x[known], m[known], level)
    lower[known], upper[known] = low / w[known], high / w[known]
    return lower, upper


def _delta(X: Floats, reference: Floats, level: float, own: bool) -> tuple[Floats, Floats]:
    from scipy.special import ndtri

    n, N = observed_sum(X, -1, True), observed_sum(reference, -1, True)
    p_place, p = divide(X, n), divide(reference, N)
    # Var(p): from the places where they make up the whole, else binomial.
    inner = observed_sum(X * (1 - p_place), -2, True) if own else reference * (1 - p)
    relative = divide(1 - p_place, X) - 2 * divide(1 - p_place, reference) + divide(inner, reference**2)
    lq = divide(p_place, p)
    half = ndtri((1 + level) / 2) * lq * np.sqrt(np.maximum(relative, 0.0))
    return np.maximum(lq - half, 0.0), lq + half
