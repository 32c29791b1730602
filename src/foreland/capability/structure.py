"""Structure of places: how specialised, how varied, how concentrated, and who is alike.

Arrays are ``(places, fields)`` or ``(periods, places, fields)``. A missing cell is left out: it carries no
share. Where nothing is observed, or all of it is zero, the answer is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.capability.specialisation import (
    Floats,
    benchmark_row,
    check_fit,
    check_values,
    divide,
    location_quotient,
    observed_sum,
)


def _parts(X: Floats, axis: int = -1) -> Floats:
    """Parts of one along `axis`, zero where missing, NaN throughout where there is no total."""
    return divide(np.nan_to_num(X), observed_sum(X, axis, keepdims=True))


def krugman_index(
    X: ArrayLike,
    benchmark: ArrayLike | None = None,
    against: Literal["total", "rest", "mean_of_others"] = "total",
    coefficient: bool = False,
) -> Floats:
    r"""Krugman specialisation index (Krugman 1991): :math:`K_r = \sum_f |s_{rf} - b_f|`.

    Parameters
    ----------
    X
        Values >= 0, shape (R, F) or (T, R, F).
    benchmark
        Values of the fields in the place compared with, shape (F,) or (T, F); overrides `against`.
    against
        ``total``: all places together, this one included (EconGeo's convention). ``rest``: all other places
        pooled, so that a large place is not compared with itself. ``mean_of_others``: the plain mean of the
        other places' shares (Farhauer & Kröll 2013; REAT's ``krugman.spec2``).
    coefficient
        Halve the index: the coefficient of specialisation (Hoover & Giarratani 1985), the share of activity
        that would have to change field.

    Returns
    -------
    ndarray
        Shape (R,) or (T, R), from 0 (same structure) to 2 (no field in common); to 1 as a coefficient.
    """
    X = check_values(X)
    part = _parts(X)
    if benchmark is not None:
        other = _parts(benchmark_row(X, benchmark))
    elif against == "total":
        other = _parts(observed_sum(X, -2, keepdims=True))
    elif against == "rest":
        filled = np.nan_to_num(X)
        other = _parts(filled.sum(-2, keepdims=True) - filled)
    elif against == "mean_of_others":
        known = ~np.isnan(part[..., :1])
        filled = np.nan_to_num(part)
        other = divide(filled.sum(-2, keepdims=True) - filled, known.sum(-2, keepdims=True) - known)
    else:
        raise ValueError(f"against is 'total', 'rest' or 'mean_of_others', not {against!r}")
    index = np.abs(part - other).sum(axis=-1)
    return index / 2 if coefficient else index


def krugman_matrix(X: ArrayLike) -> Floats:
    """Krugman (1991) index between every two places: the sum of absolute differences of their shares.

    Parameters
    ----------
    X
        Values >= 0, shape (R, F) or (T, R, F).

    Returns
    -------
    ndarray
        Symmetric, shape (R, R) or (T, R, R), from 0 to 2; NaN for places without a total.
    """
    from scipy.spatial.distance import cdist

    part = _parts(check_values(X))
    if part.ndim == 2:
        return cdist(part, part, "cityblock")
    return np.stack([cdist(p, p, "cityblock") for p in part])


def similarity(X: ArrayLike, how: Literal["unido", "finger_kreinin"] = "unido") -> Floats:
    """Similarity of the structures of every two places.

    Parameters
    ----------
    X
        Values >= 0, shape (R, F) or (T, R, F).
    how
        ``unido``: cosine of the shares, the coefficient of structural similarity of UNIDO (1979), in Chinese
        studies 产业结构相似系数. ``finger_kreinin``: the common part, the sum over fields of the smaller
        share (Finger & Kreinin 1979), which is one minus half the Krugman index.

    Returns
    -------
    ndarray
        Symmetric, shape (R, R) or (T, R, R), from 0 to 1; NaN for places without a total.
    """
    X = check_values(X)
    if how == "finger_kreinin":
        return 1.0 - krugman_matrix(X) / 2.0
    if how != "unido":
        raise ValueError(f"how is 'unido' or 'finger_kreinin', not {how!r}")
    part = _parts(X)
    unit = part / np.sqrt((part**2).sum(axis=-1, keepdims=True))
    return np.clip(unit @ np.swapaxes(unit, -1, -2), 0.0, 1.0)


def most_similar(S: ArrayLike, k: int) -> tuple[NDArray[np.int64], Floats]:
    """The `k` places most similar to each, itself left out, in a total order (ties by index).

    Parameters
    ----------
    S
        Similarities, shape (R, R).
    k
        At most R - 1.

    Returns
    -------
    places, values
        Shape (R, k). Where a place has fewer than `k` known similarities, -1 and NaN.
    """
    S = np.array(S, dtype=np.float64)
    if S.ndim != 2 or S.shape[0] != S.shape[1]:
        raise ValueError("S is a square matrix")
    if not 0 < k < S.shape[0]:
        raise ValueError(f"k lies between 1 and {S.shape[0] - 1}")
    np.fill_diagonal(S, np.nan)
    order = np.argsort(-S, axis=1, kind="stable")[:, :k]
    values = np.take_along_axis(S, order, axis=1)
    return np.where(np.isnan(values), -1, order).astype(np.int64), values


def hachman_index(X: ArrayLike, benchmark: ArrayLike | None = None) -> Floats:
    """Hachman index of likeness to the benchmark: one over the share-weighted mean location quotient.

    Parameters
    ----------
    X, benchmark
        As in :func:`~foreland.capability.specialisation.location_quotient`.

    Returns
    -------
    ndarray
        Shape (R,) or (T, R); 1 where the structure is the benchmark's, towards 0 with specialisation.
    """
    X = check_values(X)
    part, lq = _parts(X), location_quotient(X, benchmark)
    outside = (part > 0) & np.isnan(lq)
    mean = np.where(part > 0, part * np.nan_to_num(lq), 0.0).sum(axis=-1)
    # A place with a field that the benchmark lacks has no quotient there, so no mean either.
    return divide(1.0, np.where(outside.any(axis=-1), np.nan, mean))


def hoover_index(X: ArrayLike, reference: ArrayLike | None = None) -> Floats:
    r"""Hoover index of localisation of every field over places (Hoover 1936): :math:`\frac12 \sum_r |x_{rf} -
    a_r|`.

    Both as shares: of the field in the places, and of the reference (population, area, all activity) in the
    places.

    Parameters
    ----------
    X
        Values >= 0, shape (R, F) or (T, R, F).
    reference
        Reference quantity of places, shape (R,) or (T, R). Default: the observed total of each place. Places
        where the field or the reference is missing are left out of both.

    Returns
    -------
    ndarray
        Shape (F,) or (T, F): the share of the field that would have to move to be spread like the reference.
    """
    field, other = _field_and_reference(check_values(X), reference)
    return np.abs(field - other).sum(axis=-2) / 2.0


def locational_gini(
    X: ArrayLike,
    reference: ArrayLike | None = None,
    weighting: Literal["reference", "places"] = "reference",
) -> Floats:
    """Locational Gini coefficient of every field over places.

    Parameters
    ----------
    X, reference
        As in :func:`hoover_index`.
    weighting
        ``reference``: the Lorenz curve of the field against the reference, so that a place weighs what it is
        worth; 1 is full concentration. Krugman (1991) and EconGeo report the area under it, half of this.
        ``places``: the Gini coefficient of the location quotients, every place weighing the same (Farhauer &
        Kröll 2013; REAT's ``gini.conc``).

    Returns
    -------
    ndarray
        Shape (F,) or (T, F), at least 0 and below 1.

    """
    field, other = _field_and_reference(check_values(X), reference)
    quotient = divide(field, other)
    if weighting == "places":
        return _gini(quotient, np.where(np.isnan(quotient), np.nan, 1.0))
    if weighting == "reference":
        # A place with the field and without reference lies at the very end of the curve.
        last = np.where((other == 0) & (field > 0), np.finfo(np.float64).max, quotient)
        return _gini(last, other, field)
    raise ValueError(f"weighting is 'reference' or 'places', not {weighting!r}")


def specialisation_gini(X: ArrayLike, benchmark: ArrayLike | None = None) -> Floats:
    """Gini coefficient of a place's location quotients over fields (Farhauer & Kröll 2013; REAT's
    ``gini.spec``).

    Parameters
    ----------
    X, benchmark
        As in :func:`~foreland.capability.specialisation.location_quotient`.

    Returns
    -------
    ndarray
        Shape (R,) or (T, R); 0 where every field has the benchmark's weight.
    """
    quotient = np.swapaxes(location_quotient(X, benchmark), -1, -2)
    return _gini(quotient, np.where(np.isnan(quotient), np.nan, 1.0))


def hhi(X: ArrayLike, axis: int = -1, normalised: bool = False) -> Floats:
    """Herfindahl–Hirschman index: the sum of squared shares (Herfindahl 1950; Hirschman 1964).

    Parameters
    ----------
    X
        Values >= 0, shape (R, F) or (T, R, F).
    axis
        -1: concentration of a place over fields; -2: concentration of a field over places.
    normalised
        (H - 1/n)/(1 - 1/n), from 0 to 1 whatever the number n of observed cells; NaN where n is 1.

    Returns
    -------
    ndarray
        On the scale from 0 to 1 (times 10,000 is the scale of competition authorities). 1/H is the equivalent
        number of equal shares.
    """
    X = check_values(X)
    h = (_parts(X, axis) ** 2).sum(axis=axis)
    if not normalised:
        return h
    least = divide(1.0, (~np.isnan(X)).sum(axis=axis))
    return divide(np.maximum(h - least, 0.0), 1.0 - least)


def entropy(X: ArrayLike, axis: int = -1, base: float = 2.0) -> Floats:
    """Shannon entropy of the shares along `axis`, in bits by default (Shannon 1948; Attaran 1986 for
    regions)."""
    if not base > 1:
        raise ValueError("base must be greater than 1")
    part = _parts(check_values(X), axis)
    return -_x_log_x(part).sum(axis=axis) / np.log(base) + 0.0


@dataclass(frozen=True)
class Variety:
    """Entropy of fields split in two (Frenken, Van Oort & Verburg 2007), in bits; ``total = unrelated +
    related``.

    Attributes
    ----------
    total
        Entropy over fields, shape (R,) or (T, R).
    unrelated
        Entropy over the parent groups: variety between.
    related
        Mean entropy within the groups, weighted by their shares: variety within.
    """

    total: Floats
    unrelated: Floats
    related: Floats


def variety(X: ArrayLike, groups: ArrayLike) -> Variety:
    """Related and unrelated variety of places.

    Parameters
    ----------
    X
        Values >= 0, shape (R, F) or (T, R, F).
    groups
        Parent group of every field, shape (F,): any labels.

    Raises
    ------
    ValueError
        If `groups` does not name one group for every field.
    """
    X = check_values(X)
    labels = np.asarray(groups)
    if labels.shape != (X.shape[-1],):
        raise ValueError(f"groups names {labels.shape} groups for {X.shape[-1]} fields")
    _, index = np.unique(labels, return_inverse=True)
    member = np.zeros((X.shape[-1], index.max(initial=0) + 1))
    member[np.arange(X.shape[-1]), index] = 1.0
    part = _parts(X)
    between = part @ member
    # Within group g: P_g H_g = sum of p log(P_g / p). Summed directly, not as a difference of the other two.
    ratio = np.divide(between @ member.T, part, out=np.ones(part.shape), where=part > 0)
    return Variety(
        total=-_x_log_x(part).sum(axis=-1) / np.log(2.0) + 0.0,
        unrelated=-_x_log_x(between).sum(axis=-1) / np.log(2.0) + 0.0,
        related=(part * np.log2(ratio)).sum(axis=-1),
    )


def theil(values: ArrayLike, weights: ArrayLike | None = None, kind: Literal["T", "L"] = "T", axis: int = -1) -> Floats:
    """Theil's indices of inequality (Theil 1967), in nats.

    Parameters
    ----------
    values
        Values per head >= 0, any shape.
    weights
        Heads, broadcast to `values`. Default: all equal.
    kind
        ``T``: mean of (x/m) ln(x/m). ``L``: mean logarithmic deviation, mean of ln(m/x), which is what REAT's
        ``theil`` and Störmann (2009) report; NaN where a value is zero.
    axis
        Axis of the places.
    """
    x = check_values(values, "values", (1, 2, 3))
    w = np.ones(x.shape) if weights is None else np.broadcast_to(check_values(weights, "weights", (1, 2, 3)), x.shape)
    w = _parts(np.where(np.isnan(x), np.nan, w), axis)
    relative = divide(x, (w * np.nan_to_num(x)).sum(axis=axis, keepdims=True))
    used = w > 0
    if kind == "T":
        terms = _x_log_x(relative)
    elif kind == "L":
        terms = -np.log(relative, out=np.full(x.shape, np.nan), where=relative > 0)
    else:
        raise ValueError(f"kind is 'T' or 'L', not {kind!r}")
    known = ~np.isnan(w).all(axis=axis)
    return np.where(known, np.where(used, w * np.where(used, terms, 0.0), 0.0).sum(axis=axis), np.nan)


def _x_log_x(p: Floats) -> Floats:
    """p ln p, zero at zero, NaN where missing."""
    return p * np.log(p, out=np.zeros(p.shape), where=p > 0)


def _field_and_reference(X: Floats, reference: ArrayLike | None) -> tuple[Floats, Floats]:
    """Shares over places of every field and of the reference, on the places where both are known."""
    if reference is None:
        quantity = observed_sum(X, -1, keepdims=True)
    else:
        quantity = check_values(reference, "reference", (1, 2))[..., None]
        check_fit(quantity, X[..., :1], "reference")
    quantity = np.broadcast_to(quantity, X.shape)
    known = ~(np.isnan(X) | np.isnan(quantity))
    return _parts(np.where(known, X, np.nan), -2), _parts(np.where(known, quantity, np.nan), -2)


def _gini(quotient: Floats, weight: Floats, amount: Floats | None = None) -> Floats:
    """Gini coefficient along axis -2 from the Lorenz curve ordered by `quotient`; missing places left out."""
    order = np.argsort(quotient, axis=-2, kind="stable")
    w = np.nan_to_num(np.take_along_axis(weight, order, axis=-2))
    y = np.nan_to_num(np.take_along_axis(quotient if amount is None else amount, order, axis=-2))
    w, y = (divide(a, a.sum(axis=-2, keepdims=True)) for a in (w, y))
    height = np.cumsum(y, axis=-2)
    return np.maximum(1.0 - (w * (2 * height - y)).sum(axis=-2), 0.0)
