"""The places × fields matrix: presence, fill, trimming, components, and products chosen by the work they cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Matrix = Any
"""A dense array or any scipy sparse matrix, places in rows and fields in columns."""

# A sparse × dense product moves about a seventh of the multiply-adds per second that BLAS does on the same core,
# so below this share of non-zeros it is the cheaper of the two.
SPARSE_BELOW = 0.15
# Columns worked on at once: 128 float32 columns of 10,000 rows stay in a core's cache.
BLOCK = 128


def as_matrix(M: Matrix, dtype: DTypeLike | None = None) -> Matrix:
    """`M` as a 2-D C-ordered array or CSR array.

    Raises
    ------
    ValueError
        When `M` is not 2-D, or holds negative, infinite or missing values.
    """
    out: Any
    if sp.issparse(M):
        out = sp.csr_array(M, dtype=dtype)
        values = out.data
    else:
        out = np.ascontiguousarray(M)
        if dtype is None and out.dtype.kind not in "f":
            dtype = np.float64
        out = out.astype(dtype, copy=False) if dtype is not None else out
        values = out
    if out.ndim != 2:
        raise ValueError(f"a places × fields matrix has two dimensions, got {out.ndim}")
    # One pass over min and max sees negative, missing and infinite values alike (NaN fails every comparison).
    if values.size and not (values.min() >= 0 and values.max() < np.inf):
        raise ValueError("the matrix holds negative, infinite or missing values: pass presence(...) of it")
    return out


def fill(M: Matrix) -> float:
    """Share of non-zero cells, 0..1 (0 for a matrix without cells)."""
    cells = M.shape[0] * M.shape[1]
    nonzero = M.count_nonzero() if sp.issparse(M) else np.count_nonzero(M)
    return float(nonzero / cells) if cells else 0.0


def working_form(M: Matrix, dtype: DTypeLike = np.float64) -> Matrix:
    """`M` dense or CSR, whichever makes products with a dense matrix cheaper."""
    M = as_matrix(M, dtype)
    if fill(M) < SPARSE_BELOW:
        out = sp.csr_array(M)
        out.eliminate_zeros()
        return out
    return dense(M)


def dense(M: Matrix) -> Array:
    """`M` as a plain array."""
    return np.asarray(M.toarray() if sp.issparse(M) else M)


def diversity(M: Matrix) -> Array:
    """Row sums k_c,0: number of fields a place has (Hidalgo & Hausmann 2009). Shape (R,)."""
    return np.asarray(M.sum(axis=1, dtype=np.float64)).ravel()


def ubiquity(M: Matrix) -> Array:
    """Column sums k_p,0: number of places that have a field (Hidalgo & Hausmann 2009). Shape (F,)."""
    return np.asarray(M.sum(axis=0, dtype=np.float64)).ravel()


def presence(*indices: Matrix, threshold: float = 1.0, rule: Literal["all", "any"] = "all") -> Matrix:
    """Binary M: 1 where the index (RCA, RPOP, …) reaches `threshold`, else 0.

    With several indices a cell is present when all (or any) of them pass; the result is 0 or 1, never a count of
    passed tests. Missing (undefined) index values are absent.

    Parameters
    ----------
    *indices : arrays or sparse matrices of one shape (R, F) or (T, R, F)
    threshold : positive; a cell equal to it is present, as in Balassa's reading of RCA >= 1.

    Returns
    -------
    float64 array, or CSR array when the (single) index is sparse.

    Raises
    ------
    ValueError
        When no index is given, shapes differ, or `threshold` is not positive.
    """
    if not indices or any(index.shape != indices[0].shape for index in indices):
        raise ValueError("presence needs one or more indices of one shape")
    if not threshold > 0:
        raise ValueError(f"the threshold must be positive, got {threshold}")
    if len(indices) == 1 and sp.issparse(indices[0]):
        out = sp.csr_array(indices[0], dtype=np.float64, copy=True)
        out.data = (out.data >= threshold).astype(np.float64)
        out.eliminate_zeros()
        return out
    passed = np.stack([dense(index) >= threshold for index in indices])  # NaN >= x is False
    return (passed.all(axis=0) if rule == "all" else passed.any(axis=0)).astype(np.float64)


def continuous_presence(rca: Matrix) -> Matrix:
    """M = RCA / (1 + RCA) in [0, 1): presence without a threshold. Missing values become 0. Same shape as `rca`."""
    if sp.issparse(rca):
        out = sp.csr_array(rca, dtype=np.float64, copy=True)
        out.data = np.nan_to_num(out.data / (1.0 + out.data))
        return out
    rca = np.nan_to_num(np.asarray(rca, dtype=np.float64))
    return rca / (1.0 + rca)


def scaled_columns(M: Matrix, factors: Array) -> Matrix:
    """M · diag(factors), in the form of `M` (scipy's own product would give a slower COO array)."""
    if sp.issparse(M):
        return sp.csr_array((M.data * factors[M.indices], M.indices, M.indptr), shape=M.shape)
    return M * factors


def gram_blocks(M: Matrix, block: int = BLOCK) -> Iterator[tuple[slice, Array]]:
    """Column blocks of the co-occurrence matrix M.T @ M.

    Yields (columns, values of shape (F, len(columns))). `M` is taken in the form it comes in: see `working_form`.
    """
    F = M.shape[1]
    if not sp.issparse(M):
        full = M.T @ M  # one symmetric rank-k update
        for start in range(0, F, block):
            yield slice(start, min(start + block, F)), full[:, start : start + block]
        return
    transposed = sp.csr_array(M.T)
    for start in range(0, F, block):
        columns = slice(start, min(start + block, F))
        right = np.ascontiguousarray(transposed[columns].toarray().T)
        yield columns, transposed @ right


def cooccurrence(M: Matrix, dtype: DTypeLike = np.float64) -> Array:
    """M.T @ M: in how many places two fields occur together; ubiquity on the diagonal. Shape (F, F)."""
    M = working_form(M, dtype)
    out = np.empty((M.shape[1], M.shape[1]), dtype=dtype)
    for columns, values in gram_blocks(M):
        out[:, columns] = values
    return out


@dataclass(frozen=True)
class Trim:
    """Which places and fields were kept, and why the others were not.

    `places` (R,) and `fields` (F,) are boolean masks; the dictionaries give row or column → reason code:
    `empty` (nothing there), `below_minimum` (fewer links than asked), `below_size`, `below_volume`.
    """

    places: Array
    fields: Array
    dropped_places: dict[int, str]
    dropped_fields: dict[int, str]

    def take(self, M: Matrix) -> Matrix:
        """The kept part of `M`."""
        if self.places.all() and self.fields.all():
            return M
        return M[self.places][:, self.fields]

    def put_back_places(self, values: Array) -> Array:
        """Values of the kept places at their old rows, missing elsewhere. Shape (R,)."""
        return _put_back(values, self.places)

    def put_back_fields(self, values: Array) -> Array:
        """Values of the kept fields at their old columns, missing elsewhere. Shape (F,)."""
        return _put_back(values, self.fields)


def _put_back(values: Array, kept: Array) -> Array:
    out = np.full(kept.shape, np.nan)
    out[kept] = values
    return out


def trim(M: Matrix, min_diversity: float = 0.0, min_ubiquity: float = 0.0) -> Trim:
    """Leave out empty places and fields, and those below a minimum, until nothing more falls out.

    One empty row or column turns every division by diversity or ubiquity into NaN, so trimming comes first; with
    minima above 1 this is the bipartite (α, β)-core.

    Parameters
    ----------
    M : (R, F), non-negative.
    min_diversity, min_ubiquity : smallest row and column sum kept; rows and columns that sum to zero always go.
    """
    M = as_matrix(M)
    places, fields = np.ones(M.shape[0], bool), np.ones(M.shape[1], bool)
    dropped: tuple[dict[int, str], dict[int, str]] = ({}, {})
    while True:
        changed = False
        for axis, kept, minimum in ((0, places, min_diversity), (1, fields, min_ubiquity)):
            other = fields if axis == 0 else places
            sums = np.asarray(M @ other.astype(M.dtype) if axis == 0 else M.T @ other.astype(M.dtype))
            out = kept & ((sums <= 0) | (sums < minimum))
            for index in np.flatnonzero(out).tolist():
                dropped[axis][index] = "empty" if sums[index] <= 0 else "below_minimum"
            kept &= ~out
            changed |= bool(out.any())
        if not changed:
            return Trim(places, fields, *dropped)


def restrict(
    X: Matrix,
    size: Array | None = None,
    min_size: float = 0.0,
    min_place_total: float = 0.0,
    min_field_total: float = 0.0,
) -> Trim:
    """Choose the universe: leave out places too small and fields too thin to be ranked.

    Which places are in decides the ranking (on uncleaned trade micro-territories come first), so the thresholds are
    parameters and the result says what each one removed.

    Parameters
    ----------
    X : (R, F) values in their own unit (persons, currency).
    size : (R,) size of each place, e.g. population; a missing size counts as too small. Not used when None.
    min_size : smallest `size` kept.
    min_place_total, min_field_total : smallest row and column total of `X` kept, in the unit of `X`.
    """
    X = as_matrix(X)
    rows, columns = diversity(X), ubiquity(X)
    small = np.zeros(rows.shape, bool) if size is None else ~(np.asarray(size, float) >= min_size)
    thin = rows < min_place_total
    dropped_places = {int(i): "below_size" if small[i] else "below_volume" for i in np.flatnonzero(small | thin)}
    low = columns < min_field_total
    dropped_fields = {int(i): "below_volume" for i in np.flatnonzero(low)}
    return Trim(~(small | thin), ~low, dropped_places, dropped_fields)


def components(M: Matrix) -> tuple[int, Array, Array]:
    """Connected components of the bipartite network of places and fields.

    Returns
    -------
    n : number of components
    places, fields : labels (R,), (F,), 0 for the component with most places (ties: the one seen first).
    """
    from scipy.sparse.csgraph import connected_components

    M = sp.csr_array(M)
    R, F = M.shape
    # The graph is written down directly: bmat would copy the matrix four times.
    indptr = np.concatenate([M.indptr, np.full(F, M.indptr[-1], M.indptr.dtype)])
    graph = sp.csr_array((np.ones(M.nnz, np.int8), M.indices + R, indptr), shape=(R + F, R + F))
    n, labels = connected_components(graph, directed=False)
    sizes = np.bincount(labels[:R], minlength=n)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    return int(n), rank[labels[:R]], rank[labels[R:]]
