"""Spherical k-means on unit vectors: seeded, with ties by index, and with sums whose order is fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_BLOCK = 4096
_DRAWS = 4


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of rows.

    Parameters
    ----------
    centroids
        Shape (K, d): unit vectors.
    labels
        Shape (N,): cluster of each row.
    objective
        Mean cosine of the rows with their centroid.
    """

    centroids: Array
    labels: Array
    objective: float


def nearest(rows: Array, centroids: Array) -> tuple[Array, Array]:
    """The centroid of the largest cosine for each row, the first one of several, and the cosine; shape (N,) each."""
    labels = np.empty(len(rows), np.int64)
    cosines = np.empty(len(rows))
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        # Rounded, so that a tie is a tie however the product was summed.
        products = rows[part] @ centroids.T
        np.round(products, 12, out=products)
        labels[part] = products.argmax(axis=1)
        cosines[part] = products[np.arange(len(products)), labels[part]]
    return labels, cosines


def normalised(rows: Array) -> Array:
    """Rows as unit vectors; rows of zeros stay zero."""
    length = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-12)


def spherical_kmeans(rows: Array, number: int, seed: int, restarts: int = 4, most: int = 40) -> Clusters:
    """Clusters of unit vectors by cosine.

    Dhillon, I. S. & Modha, D. S. (2001). Concept decompositions for large sparse text data using clustering. *Machine
    Learning* 42, 143–175; started by k-means++ (Arthur & Vassilvitskii 2007, SODA, 1027–1035).

    Parameters
    ----------
    rows
        Shape (N, d), float64: unit vectors.
    number
        Clusters, at most N.
    seed
        Of the starts: the same seed gives the same clusters.
    restarts
        Starts; the one with the largest objective is taken, the first of several.
    most
        Most iterations of each.

    Raises
    ------
    ValueError
        If there are fewer rows than clusters.
    """
    if not 1 <= number <= len(rows):
        raise ValueError(f"{number} clusters of {len(rows)} rows")
    best: Clusters | None = None
    for start in range(restarts):
        found = _run(rows, _starts(rows, number, np.random.default_rng([seed, number, start])), most)
        if best is None or found.objective > best.objective + 1e-10:
            best = found
    assert best is not None
    return best


def _starts(rows: Array, number: int, rng: np.random.Generator) -> Array:
    """Greedy k-means++: of several draws the one that brings all rows nearest is taken."""
    chosen = [int(rng.integers(len(rows)))]
    far = np.maximum(1 - rows @ rows[chosen[0]], 0)
    for _ in range(1, number):
        total = np.cumsum(far)
        draws = np.minimum(np.searchsorted(total, rng.random(_DRAWS) * total[-1], "right"), len(rows) - 1)
        apart = np.minimum(far[:, None], np.maximum(1 - np.round(rows @ rows[draws].T, 12), 0))
        best = int(np.round(apart.sum(axis=0), 9).argmin())
        chosen.append(int(draws[best]))
        far = apart[:, best]
    return rows[chosen]


def _run(rows: Array, centroids: Array, most: int) -> Clusters:
    labels, cosines = nearest(rows, centroids)
    for _ in range(most):
        centroids = centroids_of(rows, labels, cosines, len(centroids))
        before = labels
        labels, cosines = nearest(rows, centroids)
        if np.count_nonzero(labels != before) <= 1e-4 * len(rows):
            break
    return Clusters(centroids, labels, float(cosines.mean()))


def centroids_of(rows: Array, labels: Array, cosines: Array, number: int) -> Array:
    """Unit vectors of the sums of each cluster; an empty one gets the row that fits its own worst."""
    from scipy.sparse import csr_array

    member = csr_array((np.ones(len(rows)), (labels, np.arange(len(rows)))), shape=(number, len(rows)))
    centroids = normalised(member @ rows)
    empty = np.flatnonzero(np.bincount(labels, minlength=number) == 0)
    if len(empty):
        worst = np.argsort(cosines, kind="stable")[: len(empty)]
        centroids[empty[: len(worst)]] = rows[worst]
    return centroids


def adjusted_rand(first: Array, second: Array) -> float:
    """Adjusted Rand index of two labellings of the same rows: 1 where they are one, 0 on average by chance.

    Hubert, L. & Arabie, P. (1985). Comparing partitions. *Journal of Classification* 2, 193–218.
    """
    table = contingency(first, second)

    def pairs(counts: Array) -> float:
        counts = counts.astype(float)
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns, total = (
        pairs(table),
        pairs(table.sum(1)),
        pairs(table.sum(0)),
        len(first) * (len(first) - 1) / 2,
    )
    expected = rows * columns / total if total else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def contingency(first: Array, second: Array) -> Array:
    """How many rows have each pair of labels, shape (max + 1 of the first, max + 1 of the second)."""
    width = int(second.max(initial=-1)) + 1
    height = int(first.max(initial=-1)) + 1
    return np.bincount(first * width + second, minlength=height * width).reshape(height, width)
