"""Texts as points: TF-IDF of their terms, and its truncated singular value decomposition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foreland.data.discovery.kmeans import normalised

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = NDArray[Any]
_OVERSAMPLED, _POWERS = 12, 5


def inverse_document_frequency(counts: csr_array) -> Array:
    """log((1 + D) / (1 + documents of the term)) + 1, shape (V,) (Spärck Jones 1972, smoothed)."""
    spread = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.log((1 + counts.shape[0]) / (1 + spread)) + 1


def tf_idf(counts: csr_array, idf: Array) -> csr_array:
    """(1 + log of the count) times `idf`, each row of length 1; shape (D, V). Rows without terms stay zero."""
    from scipy.sparse import csr_array

    weighted = csr_array((counts.data.astype(float), counts.indices, counts.indptr), shape=counts.shape, copy=True)
    weighted.sort_indices()
    weighted.data = (1 + np.log(weighted.data)) * idf[weighted.indices]
    row = np.repeat(np.arange(counts.shape[0]), np.diff(weighted.indptr))
    length = np.sqrt(np.bincount(row, weighted.data**2, minlength=counts.shape[0]))
    weighted.data /= np.maximum(length, 1e-300)[row]
    return weighted


def right_singular_vectors(matrix: csr_array, rank: int, seed: int) -> Array:
    """The first right singular vectors of a sparse matrix, shape (V, rank), the largest entry of each positive.

    Halko, N., Martinsson, P. G. & Tropp, J. A. (2011). Finding structure with randomness. *SIAM Review* 53(2), 217–288:
    algorithm 4.4 with five power iterations from a fixed seed.
    """
    rank = min(rank, *matrix.shape)
    width = min(rank + _OVERSAMPLED, *matrix.shape)
    # Entries ±1 draw the same on any machine; a Gaussian start is no better here.
    sketch = np.random.default_rng(seed).integers(0, 2, (matrix.shape[0], width)) * 2.0 - 1
    transposed = matrix.T.tocsr()
    basis = _orthonormal(transposed @ sketch)
    for _ in range(_POWERS):
        basis = _orthonormal(transposed @ (matrix @ basis))
    image = matrix @ basis
    values, rotation = np.linalg.eigh(image.T @ image)
    order = np.argsort(-values, kind="stable")[:rank]
    vectors = basis @ rotation[:, order]
    top = np.abs(vectors).argmax(axis=0)
    # A direction beyond the rank of the matrix has no entries, and no sign.
    return vectors * np.sign(vectors[top, np.arange(vectors.shape[1])])


def _orthonormal(tall: Array) -> Array:
    """An orthonormal basis of the columns of a tall matrix, those of no length as zeros.

    By the eigenvectors of the Gram matrix, twice: a few products instead of a QR decomposition that is slow for tall
    matrices (Stathopoulos & Wu 2002, SIAM Journal on Scientific Computing 23(6), 2165–2182).
    """
    for _ in range(2):
        values, vectors = np.linalg.eigh(tall.T @ tall)
        kept = values > 1e-12 * values[-1]
        tall = tall @ (vectors * np.where(kept, 1 / np.sqrt(np.where(kept, values, 1)), 0))
    return tall


def embed(weighted: csr_array, basis: Array) -> Array:
    """Rows of TF-IDF as unit vectors in the space of `basis`, shape (D, rank); a row without terms is zero."""
    return normalised(weighted @ basis)
