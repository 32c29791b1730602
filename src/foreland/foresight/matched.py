"""Members of a group against others of the same kind: year by year, as measures of citation drift with time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEWEST = 2
"""Members of either side a stratum has at least: of one alone there is no spread."""


@dataclass(frozen=True)
class Difference:
    """How far the mean of a group lies from that of others of the same strata.

    Parameters
    ----------
    own, rest
        Mean of the group, and of the others as if they had come in the group's strata.
    mean, low, high
        ``own`` less ``rest`` with its interval; NaN where no stratum has enough of both.
    used
        Members of the group compared.
    others
        Others they are compared with.
    """

    own: float
    rest: float
    mean: float
    low: float
    high: float
    used: int
    others: int


def matched_difference(values: np.ndarray, own: np.ndarray, stratum: np.ndarray, z: float = 1.96) -> Difference:
    """Mean of a group less that of the others, stratum by stratum, weighted by where the group is.

    Within a stratum s the means are compared; the differences are averaged with the weights n_s of the group (direct
    standardisation), with the variance Σ (n_s / n)² (s²_own / n_own + s²_rest / n_rest).

    Parameters
    ----------
    values
        Shape (N,), finite.
    own
        Shape (N,): whether it belongs to the group.
    stratum
        Shape (N,): members of one stratum have one number.
    z
        Half the width of the interval in standard errors.

    Raises
    ------
    ValueError
        If shapes differ or a value is not finite.

    References
    ----------
    Cochran, W. G. (1968). The effectiveness of adjustment by subclassification in removing bias in observational
    studies. Biometrics 24(2), 295–313.
    """
    values, own = np.asarray(values, dtype=float), np.asarray(own, dtype=bool)
    if not values.shape == own.shape == np.shape(stratum) or values.ndim != 1:
        raise ValueError("values, group and stratum must be vectors of one length")
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    _, at = np.unique(stratum, return_inverse=True)
    sizes, means, spreads = zip(*(_by_stratum(values[side], at[side], int(at.max(initial=-1)) + 1) for side in
                                  (own, ~own)), strict=True)  # fmt: skip
    kept = (sizes[0] >= FEWEST) & (sizes[1] >= FEWEST)
    used, others = (int(size[kept].sum()) for size in sizes)
    if not used:
        return Difference(np.nan, np.nan, np.nan, np.nan, np.nan, 0, 0)
    weight = sizes[0][kept] / used
    mine, theirs = (float(weight @ mean[kept]) for mean in means)
    spread = sum(each[kept] / size[kept] for each, size in zip(spreads, sizes, strict=True))
    error = float(np.sqrt(weight**2 @ spread))
    return Difference(mine, theirs, mine - theirs, mine - theirs - z * error, mine - theirs + z * error, used, others)


def _by_stratum(values: np.ndarray, at: np.ndarray, strata: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number, mean and variance (over n − 1) of each stratum; 0 where there is nothing to divide by."""
    size = np.bincount(at, minlength=strata).astype(float)
    mean = np.bincount(at, values, minlength=strata) / np.maximum(size, 1)
    squares = np.bincount(at, (values - mean[at]) ** 2, minlength=strata)
    return size, mean, squares / np.maximum(size - 1, 1)


def percentile(values: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Share of the members of the same stratum that lie below, equal ones counting half; shape (N,), in (0, 1).

    A stratum's mean is one half whatever its values.

    References
    ----------
    Hazen, A. (1914). Storage to be provided in impounding reservoirs for municipal water supply. Trans. ASCE 77,
    1539–1640. Bornmann, L., Leydesdorff, L. & Mutz, R. (2013). The use of percentiles and percentile rank classes in
    the analysis of bibliometric data. J. Informetrics 7(1), 158–165.
    """
    values, stratum = np.asarray(values, dtype=float), np.asarray(stratum)
    out = np.empty(values.size)
    for each in np.unique(stratum):
        part = stratum == each
        ordered = np.sort(values[part])
        below, upto = np.searchsorted(ordered, values[part], "left"), np.searchsorted(ordered, values[part], "right")
        out[part] = (below + upto) / (2 * ordered.size)
    return out
