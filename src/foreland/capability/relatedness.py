"""Relatedness between fields, and how related a place's basket is to each field."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import scipy.sparse as sp
from numpy.typing import DTypeLike

from foreland.capability.matrices import BLOCK, Array, Matrix, as_matrix, dense, gram_blocks, working_form

Measure = Literal[
    "minimum_conditional",
    "conditional",
    "cosine",
    "jaccard",
    "association",
    "probability",
    "pearson",
    "pearson_unit",
]
Diagonal = Literal["zero", "one"]
Totals = Literal["occurrences", "cooccurrences"]


def proximity(
    M: Matrix,
    measure: Measure = "minimum_conditional",
    *,
    diagonal: Diagonal = "zero",
    totals: Totals | None = None,
    dtype: DTypeLike = np.float64,
) -> Array:
    """Proximity φ between fields from the places that have them. For places, pass ``M.T``.

    With C = MᵀM, s the totals of the fields and T = Σ s:

    - ``minimum_conditional``: C_ij / max(s_i, s_j), the smaller of the two conditional probabilities
      (Hidalgo, Klinger, Barabási & Hausmann 2007, Science 317).
    - ``conditional``: φ_ij = P(i | j) = C_ij / s_j; not symmetric, row i is the field being reached for.
    - ``cosine`` (Salton): C_ij / sqrt(s_i s_j). ``jaccard``: C_ij / (s_i + s_j − C_ij).
    - ``association``: T C_ij / (s_i s_j), association strength (van Eck & Waltman 2009, JASIST 60).
    - ``probability``: C_ij over its expectation when no field co-occurs with itself,
      (T/2) [s_i/T · s_j/(T−s_i) + s_j/T · s_i/(T−s_j)] (Steijn 2021, J. Informetrics 15).
    - ``pearson``: correlation of the columns of a continuous M, −1..1; ``pearson_unit``: (1 + r)/2, 0..1.

    Parameters
    ----------
    M : (R, F) binary, or continuous and non-negative; dense or sparse. The product is done sparse or dense,
        whichever costs fewer operations.
    diagonal : ``zero`` (a field is not its own neighbour; what density needs) or ``one`` (φ as a similarity).
        Published packages differ, and densities differ with them.
    totals : what s counts: ``occurrences`` (Σ M, or Σ M² for cosine and Jaccard; the same for binary M) or
        ``cooccurrences`` (row sums of C without its diagonal). Default: ``cooccurrences`` for ``association``
        and ``probability``, else ``occurrences``.
    dtype : float64, or float32 for half the memory and twice the speed (counts stay exact below 2^24 places).

    Returns
    -------
    (F, F). Fields that occur nowhere (or do not vary, for Pearson) have proximity 0 to all others.

    Raises
    ------
    ValueError
        Unknown measure, diagonal or totals; negative or missing values.
    """
    if measure not in get_args(Measure):
        raise ValueError(f"unknown measure {measure!r}; known: {', '.join(get_args(Measure))}")
    _check_diagonal(diagonal)
    if measure.startswith("pearson"):
        return _pearson(as_matrix(M), measure, diagonal, np.dtype(dtype))
    W = working_form(M, dtype)
    kind: Totals = totals or ("cooccurrences" if measure in ("association", "probability") else "occurrences")
    s = _totals(W, measure, kind)
    out = np.empty((W.shape[1], W.shape[1]), dtype=dtype)
    for columns, C in gram_blocks(W):
        out[:, columns] = _normalise(C, s[:, None], s[None, columns], measure, s.sum())
    return _set_diagonal(out, diagonal)


def proximity_of_cooccurrence(
    C: Array, measure: Measure, *, diagonal: Diagonal = "zero", totals: Totals = "cooccurrences"
) -> Array:
    """Proximity from a given symmetric co-occurrence matrix C (F, F), e.g. technology classes on patents.

    Formulas as in `proximity`; ``occurrences`` reads the totals from the diagonal of C, ``cooccurrences`` from the
    row sums without it (van Eck & Waltman 2009; the convention of the R package EconGeo).
    """
    C = np.asarray(C, dtype=np.float64)
    if C.ndim != 2 or C.shape[0] != C.shape[1] or not np.array_equal(C, C.T):
        raise ValueError("a co-occurrence matrix is square and symmetric")
    if measure not in get_args(Measure) or measure.startswith("pearson"):
        raise ValueError(f"{measure!r} is not a measure of co-occurrence counts")
    _check_diagonal(diagonal)
    own = np.diag(C)
    s = own if totals == "occurrences" else C.sum(axis=1) - own
    return _set_diagonal(_normalise(C, s[:, None], s[None, :], measure, s.sum()), diagonal)


def _check_diagonal(diagonal: str) -> None:
    if diagonal not in get_args(Diagonal):
        raise ValueError(f"diagonal is 'zero' or 'one', got {diagonal!r}")


def _set_diagonal(phi: Array, diagonal: Diagonal) -> Array:
    np.fill_diagonal(phi, 0.0 if diagonal == "zero" else 1.0)
    return phi


def _totals(W: Matrix, measure: Measure, totals: Totals) -> Array:
    if totals not in get_args(Totals):
        raise ValueError(f"totals are 'occurrences' or 'cooccurrences', got {totals!r}")
    squares = np.asarray(W.multiply(W).sum(axis=0)).ravel() if sp.issparse(W) else np.einsum("rf,rf->f", W, W)
    if totals == "cooccurrences":
        # Row sums of MᵀM without forming it: Mᵀ(M 1).
        return np.asarray(W.T @ W.sum(axis=1), dtype=W.dtype).ravel() - squares
    if measure in ("cosine", "jaccard"):
        return np.asarray(squares, dtype=W.dtype)
    return np.asarray(W.sum(axis=0), dtype=W.dtype).ravel()


def _normalise(C: Array, si: Array, sj: Array, measure: Measure, total: float) -> Array:
    below: Array
    if measure == "minimum_conditional":
        below = np.maximum(si, sj)
    elif measure == "conditional":
        below = np.broadcast_to(sj, C.shape)
    elif measure == "cosine":
        below = np.sqrt(si * sj)
    elif measure == "jaccard":
        below = si + sj - C
    elif measure == "association":
        below = si * sj / (total or 1)
    else:
        # T − s_i is zero when one field has all co-occurrences; then C_ij is zero too.
        rest_i, rest_j = (np.where(total - s > 0, total - s, 1).astype(C.dtype) for s in (si, sj))
        below = si * sj * (1 / rest_i + 1 / rest_j) / 2
    return np.divide(C, below, out=np.zeros(C.shape, dtype=C.dtype), where=below > 0)


def _pearson(M: Matrix, measure: Measure, diagonal: Diagonal, dtype: np.dtype[Any]) -> Array:
    Z = dense(M).astype(dtype)
    largest = Z.max(axis=0, initial=0)
    Z -= Z.mean(axis=0)
    norm = np.sqrt(np.einsum("rf,rf->f", Z, Z, dtype=np.float64))
    # What is left of a constant column after centring is rounding error, not variation.
    varies = norm > 8 * np.finfo(dtype).eps * np.sqrt(Z.shape[0]) * largest
    Z *= np.where(varies, 1 / np.where(varies, norm, 1), 0).astype(dtype)
    r = np.clip(Z.T @ Z, -1.0, 1.0)
    if measure == "pearson_unit":
        r = (1 + r) / 2
        r[~varies] = r[:, ~varies] = 0
    return _set_diagonal(r, diagonal)


def nearest(phi: Array, k: int) -> sp.csr_array:
    """Keep the k largest proximities of each row (ties: the lower column), the diagonal aside.

    Returns
    -------
    CSR (F, F) with at most k entries a row; zero proximities are no neighbours.

    Raises
    ------
    ValueError
        When k is not between 1 and F − 1.
    """
    phi = np.asarray(phi)
    F = phi.shape[0]
    if not 1 <= k < F:
        raise ValueError(f"k must lie between 1 and {F - 1}, got {k}")
    chosen = np.empty((F, k), dtype=np.int64)
    for start in range(0, F, BLOCK):
        rows = slice(start, min(start + BLOCK, F))
        keys = -phi[rows]
        keys[np.arange(keys.shape[0]), np.arange(rows.start, rows.stop)] = np.inf
        chosen[rows] = np.argsort(keys, axis=1, kind="stable")[:, :k]
    out = sp.csr_array(
        (np.take_along_axis(phi, chosen, axis=1).ravel(), (np.repeat(np.arange(F), k), chosen.ravel())), shape=(F, F)
    )
    out.eliminate_zeros()
    return out


def density(M: Matrix, phi: Matrix, k: int | None = None) -> Array:
    """Relatedness density ω_rc = Σ_c' φ_cc' M_rc' / Σ_c' φ_cc' (Hidalgo et al. 2007). 0..1 for M in 0..1.

    Parameters
    ----------
    M : (R, F) binary or continuous presence; dense or sparse.
    phi : (F, F) proximity, row = the field being reached for. It may be estimated elsewhere (on other places, an
        "outside" proximity), as long as its fields are those of M. The field itself counts when φ has ones on its
        diagonal: see `proximity`.
    k : use only the k nearest fields of each field. Their proximities are averaged as weights; neighbours are not
        merely counted.

    Returns
    -------
    (R, F), in the float type of `phi`; missing for a field without any neighbour.

    Raises
    ------
    ValueError
        Shapes do not fit, or `phi` holds negative or missing weights (raw Pearson: use ``pearson_unit``).
    """
    if phi.shape != (M.shape[1], M.shape[1]):
        raise ValueError(f"proximity of shape {phi.shape} does not fit {M.shape[1]} fields")
    lowest = phi.min() if not sp.issparse(phi) else (phi.data.min() if phi.nnz else 0)
    if not lowest >= 0:
        raise ValueError("density needs non-negative proximities: use pearson_unit for correlations")
    if k is not None:
        phi = nearest(dense(phi), k)
    dtype = phi.dtype if phi.dtype.kind == "f" else np.float64
    den = np.asarray(phi.sum(axis=1, dtype=np.float64)).ravel()
    out = np.empty(M.shape, dtype=dtype)
    W = working_form(M, dtype)
    for start in range(0, out.shape[1], BLOCK):
        columns = slice(start, start + BLOCK)
        right = np.ascontiguousarray(dense(phi[columns]).T)
        d = den[columns]
        out[:, columns] = (W @ right) * np.where(d > 0, 1 / np.where(d > 0, d, 1), np.nan)
    return out


def distance(omega: Array) -> Array:
    """Distance to a field, 1 − density (Hausmann et al. 2014, Atlas of Economic Complexity)."""
    return 1.0 - omega


def relative_relatedness(M: Matrix, omega: Array) -> Array:
    """Density compared with a place's other options: z-score among the fields it does not have.

    ω̃_rc = (ω_rc − mean_{absent} ω_r·) / sd_{absent} ω_r· (Pinheiro, Hartmann, Boschma & Hidalgo 2022, Research
    Policy 51; population standard deviation).

    Parameters
    ----------
    M : (R, F) presence; a cell is an option when it is 0.
    omega : (R, F) density.

    Returns
    -------
    (R, F) float64; missing where the field is present, where density is missing, and for places whose options all
    have the same density.
    """
    options = np.where(dense(M) == 0, np.asarray(omega, dtype=np.float64), np.nan)
    known = ~np.isnan(options)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    centred = options - np.where(known, options, 0).sum(axis=1, keepdims=True) / n
    sd = np.sqrt(np.where(known, centred**2, 0).sum(axis=1, keepdims=True) / n)
    flat = sd <= 1e-12 * np.maximum(np.abs(np.where(known, options, 0)).max(axis=1, keepdims=True, initial=0), 1e-300)
    return np.where(flat, np.nan, centred / np.where(flat, 1, sd))
