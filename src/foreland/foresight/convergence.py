"""Convergence: fields that come to stand in the same documents, and were far from each other before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PRIOR = 1.0
"""Documents that the prior of a link's strength is worth."""
STATES = ("new", "stronger", "steady", "weaker", "apart")


def incidence(document: np.ndarray, field: np.ndarray, shape: tuple[int, int]) -> csr_matrix:
    """Documents × fields as a sparse matrix of zeros and ones; a pair given twice counts once."""
    from scipy.sparse import csr_matrix

    marks = np.ones(len(document), dtype=np.int64)
    table = csr_matrix((marks, (np.asarray(document), np.asarray(field))), shape=shape)
    table.sum_duplicates()
    table.data[:] = 1
    return table


def together(documents: csr_matrix, window: np.ndarray, windows: int) -> np.ndarray:
    """Documents in both of two fields, window by window; on the diagonal, documents in the field.

    Parameters
    ----------
    documents
        Shape (D, F), zeros and ones.
    window
        Shape (D,): from 0 to ``windows`` - 1; other documents are left out.
    windows
        Number of windows W.

    Returns
    -------
    numpy.ndarray
        Shape (W, F, F), whole counts.
    """
    out = np.zeros((windows, documents.shape[1], documents.shape[1]), dtype=np.int64)
    for w in range(windows):
        part = documents[np.flatnonzero(np.asarray(window) == w)]
        out[w] = (part.T @ part).toarray()
    return out


def cosine(counts: np.ndarray) -> np.ndarray:
    """Salton's cosine of co-occurrence, n_ij / √(n_i n_j): shape (F, F); 0 where a field has no document.

    References
    ----------
    Salton, G. & McGill, M. J. (1983). Introduction to Modern Information Retrieval. McGraw-Hill.
    """
    size = np.sqrt(np.diag(counts).astype(float))
    return counts / np.maximum(np.outer(size, size), 1e-300) * (np.outer(size, size) > 0)


def association_strength(counts: np.ndarray, documents: float) -> np.ndarray:
    """Co-occurrences over those expected if fields were independent, N n_ij / (n_i n_j); NaN where none are expected.

    References
    ----------
    van Eck, N. J. & Waltman, L. (2009). How to normalize cooccurrence data? JASIST 60(8), 1635–1651.
    """
    expected = expectation(counts, documents)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, counts / expected, np.nan)


def expectation(counts: np.ndarray, documents: float) -> np.ndarray:
    """Documents expected in both fields if they were independent: n_i n_j / N, shape (F, F)."""
    size = np.diag(counts).astype(float)
    return np.outer(size, size) / max(documents, 1)


def distance(counts: np.ndarray) -> np.ndarray:
    """How little two fields keep the same company: 1 - cosine of their rows of co-occurrence, shape (F, F).

    What they share with each other is left out of both rows, so that two fields are not near because they meet once.
    A field with no company is at distance 1 from all others.

    References
    ----------
    Rafols, I. & Meyer, M. (2010). Diversity and network coherence as indicators of interdisciplinarity. Scientometrics
    82, 263–287.
    """
    company = counts.astype(float)
    np.fill_diagonal(company, 0.0)
    # Row i without its entry j, and row j without its entry i: their product never held either, their lengths did.
    length = (company**2).sum(axis=1)
    left = np.maximum(length[:, None] - company**2, 0.0)
    size = np.sqrt(left * left.T)
    near = np.divide(company @ company, size, out=np.zeros_like(size), where=size > 0)
    out = 1.0 - np.clip(near, 0.0, 1.0)
    np.fill_diagonal(out, 0.0)
    return out


def rao_stirling(counts: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Diversity of the fields that the documents of each field stand in, Σ p_i p_j d_ij; 0 where it is its own alone.

    Parameters
    ----------
    counts
        Shape (…, F, F): co-occurrences with documents of the field on the diagonal.
    apart
        Shape (F, F): distances from 0 to 1.

    Returns
    -------
    numpy.ndarray
        Shape (…, F), from 0 to 1; NaN where a field has no document.

    References
    ----------
    Stirling, A. (2007). A general framework for analysing diversity in science, technology and society. J. R. Soc.
    Interface 4, 707–719. Porter, A. L. & Rafols, I. (2009). Scientometrics 81, 719–745.
    """
    total = counts.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, counts / total, np.nan)
    return np.einsum("...fi,ij,...fj->...f", share, apart, share, optimize=True)


def hypergeometric_tail(both: np.ndarray, total: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Probability of at least so many documents in both fields by chance, given how many are in each.

    Only the upper half of the distribution is worked out; where no more are in both than expected, 1 is returned.

    Parameters
    ----------
    both, total, one, other
        Documents in both, in all, in the one field and in the other; of shapes that broadcast.

    References
    ----------
    Fisher, R. A. (1935). The logic of inductive inference. J. R. Stat. Soc. 98, 39–82.
    """
    from scipy.special import gammaln

    k, n, a, b = (np.array(part, dtype=float) for part in np.broadcast_arrays(both, total, one, other))
    out = np.ones(k.shape)
    tested = (n > 0) & (k * n > a * b)
    k, n, a, b = (part[tested] for part in (k, n, a, b))

    def choose(top: np.ndarray, of: np.ndarray) -> np.ndarray:
        return gammaln(top + 1) - gammaln(of + 1) - gammaln(top - of + 1)

    term = np.ones(k.shape)
    whole = np.ones(k.shape)
    first = choose(a, k) + choose(n - a, b - k) - choose(n, b)
    # Above the mean each term is smaller than the one before it, so the sum soon stands still.
    live = np.flatnonzero(k < np.minimum(a, b))
    x = k.copy()
    while live.size:
        at = x[live]
        term[live] *= (a[live] - at) * (b[live] - at) / ((at + 1) * (n[live] - a[live] - b[live] + at + 1))
        whole[live] += term[live]
        x[live] += 1
        live = live[(term[live] > 1e-17 * whole[live]) & (x[live] < np.minimum(a, b)[live])]
    out[tested] = np.minimum(np.exp(first) * whole, 1.0)
    return out


def false_discovery(p: np.ndarray, tests: int) -> np.ndarray:
    """Smallest false discovery rate at which each is called, among `tests` (those not given have p = 1); shape of p.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. J. R. Stat. Soc. B 57, 289–300.
    """
    order = np.argsort(p, kind="stable")
    raised = p[order] * tests / np.arange(1, p.size + 1)
    out = np.empty(p.size)
    out[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0) if p.size else raised
    return out


def growth_of(shape: np.ndarray, rate: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median and interval of the later strength over the earlier one, each of a gamma distribution.

    Parameters
    ----------
    shape, rate
        Shape (2, P), above 0: of the earlier and the later strength.
    level
        Coverage.

    Notes
    -----
    A ratio of gamma variables is a scaled beta prime, so quantiles come from the inverse incomplete beta function.

    References
    ----------
    DuMouchel, W. (1999). Bayesian data mining in large frequency tables. The American Statistician 53(3), 177–190.
    """
    from scipy.special import betaincinv

    def at(share: float) -> np.ndarray:
        part = betaincinv(shape[1], shape[0], share)
        return part / (1 - part) * rate[0] / rate[1]

    return at(0.5), at((1 - level) / 2), at((1 + level) / 2)


@dataclass(frozen=True, eq=False)
class Links:
    """Pairs of fields that some document of the later window stands in both of; all of shape (P,) unless told.

    Parameters
    ----------
    one, other
        Fields, ``one < other``.
    before, after
        Documents in both.
    expected_before, expected_after
        Documents in both if fields were independent.
    lift_before, lift
        Shrunk association strength, (n + 1) / (expected + 1): the mean of a gamma–Poisson model whose prior is worth
        one document at independence (DuMouchel 1999), so that a single document in two small fields is no strong link.
    p_before, p, q
        Probability of so many by chance, and of the later window the false discovery rate among all pairs.
    growth, growth_low, growth_high
        How many times stronger the link has become: median and 95 % interval of :func:`growth_of`.
    distance
        From 0 to 1, in the earlier window.
    far
        Whether they were farther apart than the stated share of all pairs.
    state
        Places in ``STATES``: ``new`` is linked now, was not before, and its growth is certain; ``stronger`` was linked
        before; ``weaker`` has lost ground for certain; ``steady`` is linked without certain change; ``apart`` is not
        linked.
    """

    one: np.ndarray
    other: np.ndarray
    before: np.ndarray
    after: np.ndarray
    expected_before: np.ndarray
    expected_after: np.ndarray
    lift_before: np.ndarray
    lift: np.ndarray
    p_before: np.ndarray
    p: np.ndarray
    q: np.ndarray
    growth: np.ndarray
    growth_low: np.ndarray
    growth_high: np.ndarray
    distance: np.ndarray
    far: np.ndarray
    state: np.ndarray


def links(
    counts: np.ndarray, documents: np.ndarray, *, alpha: float = 0.05, far_share: float = 0.5, least: int = 3
) -> Links:
    """Which pairs of fields are linked now, which of them anew, and how much their link has grown.

    Parameters
    ----------
    counts
        Shape (2, F, F): :func:`together` of the earlier and the later window.
    documents
        Shape (2,): documents in each window, with those in one field alone.
    alpha
        False discovery rate at which a pair is linked now, and error rate at which it was linked before.
    far_share
        Fields are far from each other if this share of pairs is nearer.
    least
        Documents in both from which two fields may be linked, however improbable fewer are.

    Raises
    ------
    ValueError
        If shapes are others, or a field has more documents than there are.
    """
    counts = np.asarray(counts)
    if counts.ndim != 3 or counts.shape[0] != 2 or counts.shape[1] != counts.shape[2]:
        raise ValueError(f"counts must be of shape (2, F, F), not {counts.shape}")
    n = np.asarray(documents, dtype=float)
    size = np.stack([np.diag(part) for part in counts]).astype(float)
    if (size > n[:, None]).any():
        raise ValueError("a field has more documents than its window")
    one, other = np.nonzero(np.triu(counts[1] > 0, 1))
    both = counts[:, one, other].astype(float)
    expected = size[:, one] * size[:, other] / np.maximum(n, 1)[:, None]
    p = hypergeometric_tail(both, n[:, None], size[:, one], size[:, other])
    there = int((size[1] > 0).sum())
    q = false_discovery(p[1], there * (there - 1) // 2)
    growth, low, high = growth_of(both + PRIOR, expected + PRIOR)
    apart = distance(counts[0])
    pairs = apart[np.triu_indices(len(apart), 1)]
    limit = float(np.quantile(pairs, far_share)) if pairs.size else 0.0
    linked, linked_before = ((rate <= alpha) & (many >= least) for rate, many in ((q, both[1]), (p[0], both[0])))
    # A link to a field that no document was in before is new however little is known of its growth.
    grown = (low > 1) | (expected[0] == 0)
    state = np.select(
        [linked & grown & ~linked_before, linked & grown, high < 1, linked], [0, 1, 3, 2], STATES.index("apart")
    )
    state[~linked & ~linked_before] = STATES.index("apart")
    return Links(
        one,
        other,
        counts[0, one, other],
        counts[1, one, other],
        expected[0],
        expected[1],
        (both[0] + PRIOR) / (expected[0] + PRIOR),
        (both[1] + PRIOR) / (expected[1] + PRIOR),
        p[0],
        p[1],
        q,
        growth,
        low,
        high,
        apart[one, other],
        apart[one, other] >= limit,
        state,
    )
