"""How many places or fields something is spread over. Counts of U units in K kinds, shape (U, K)."""

from __future__ import annotations

import numpy as np

from foreland.foresight.shrinkage import Floats


def effective_number(counts: Floats) -> Floats:
    """How many equally large kinds would be as diverse: exp of Shannon's entropy (Hill 1973), shape (U,).

    The entropy has the correction of Miller (1955), (K − 1)/2N for K kinds seen among N documents, as few documents
    can't show many kinds; it is at most that of K equal kinds among all there are. NaN without documents.
    """
    size = counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = counts / size
        entropy = -np.where(counts > 0, p * np.log(p), 0.0).sum(axis=1)
        entropy = entropy + ((counts > 0).sum(axis=1) - 1) / (2 * size[:, 0])
    return np.where(size[:, 0] > 0, np.exp(np.minimum(entropy, np.log(max(counts.shape[1], 1)))), np.nan)


def same_kind(counts: Floats) -> Floats:
    """Probability that two different documents are of the same kind, Σ n(n − 1)/(N(N − 1)) (Simpson 1949), shape (U,).

    Without bias, unlike the Herfindahl index of the shares, which is high wherever documents are few. NaN for one
    document or none; shares of a document below one count as none.
    """
    size = counts.sum(axis=1)
    return _ratio((counts * np.maximum(counts - 1, 0.0)).sum(axis=1), np.where(size > 1, size * (size - 1), 0.0))


def rao_stirling(counts: Floats, distance: Floats | None = None) -> Floats:
    """Mean distance of the kinds of two different documents, Σ n_i n_j d_ij/(N(N − 1)), shape (U,).

    Rao (1982) and Stirling (2007) with the correction for small N, as in :func:`same_kind`; without `distance`, shape
    (K, K), all kinds are 1 apart. NaN for one document or none.

    Raises
    ------
    ValueError
        If distances are not symmetric, are negative, or a kind has one from itself.
    """
    size = counts.sum(axis=1)
    if distance is None:
        apart = size**2 - (counts**2).sum(axis=1)
    else:
        if not np.allclose(distance, distance.T) or (distance < 0).any() or np.diag(distance).any():
            raise ValueError("distances must be symmetric, not negative, and 0 from a kind to itself")
        apart = np.einsum("ui,ij,uj->u", counts, distance, counts, optimize=True)
    return _ratio(np.maximum(apart, 0.0), np.where(size > 1, size * (size - 1), 0.0))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.asarray(below) > 0)
