"""Places for the nodes of a network, the same every time."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree, shortest_path

LARGEST = 1000
"""Most nodes that are laid out: more can't be read anyway."""


def backbone(weights: np.ndarray, links_per_node: float = 2.0) -> np.ndarray:
    """The links worth drawing: a maximum spanning forest and the strongest of the rest.

    Parameters
    ----------
    weights
        Symmetric, shape (n, n), non-negative, 0 for no link.
    links_per_node
        How many links to keep in all, as a multiple of n.

    Returns
    -------
    numpy.ndarray
        Shape (m, 2), i < j, strongest first, ties by index.

    Notes
    -----
    As the product space is drawn by Hidalgo, Klinger, Barabási and Hausmann (2007), *The product
    space conditions the development of nations*, Science 317, supporting material.
    """
    weights = np.nan_to_num(np.asarray(weights, float))
    if weights.ndim != 2 or weights.shape[0] != weights.shape[1]:
        raise ValueError(f"weights must be square, not {weights.shape}")
    n = len(weights)
    upper = np.triu(np.maximum(weights, weights.T), 1)
    i, j = np.nonzero(upper)
    if not len(i):
        return np.empty((0, 2), int)
    order = np.lexsort((j, i, -upper[i, j]))
    i, j = i[order], j[order]
    # Ranks instead of weights: no ties, so the forest is the same on every machine.
    tree = minimum_spanning_tree(sparse.coo_matrix((np.arange(1.0, len(i) + 1), (i, j)), shape=(n, n)).tocsr())
    kept = np.zeros(len(i), bool)
    kept[tree.data.astype(int) - 1] = True
    spare = max(0, round(links_per_node * n) - int(kept.sum()))
    kept[np.flatnonzero(~kept)[:spare]] = True
    return np.column_stack([i[kept], j[kept]])


def stress_layout(n: int, links: np.ndarray, *, iterations: int = 120, seed: int = 7) -> np.ndarray:
    """Places such that distances on paper follow distances along the links.

    Parameters
    ----------
    n
        Nodes, at most :data:`LARGEST`.
    links
        Shape (m, 2).
    iterations
        Most steps of the majorisation.
    seed
        Of the small disturbance that parts nodes with equal neighbours.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), centred, the longer side from -1 to 1.

    Raises
    ------
    ValueError
        If there are too many nodes.

    Notes
    -----
    Stress majorisation: Gansner, Koren and North (2005), *Graph drawing by stress majorization*,
    GD 2004, LNCS 3383. Parts that no path joins are set beside each other.
    """
    if n > LARGEST:
        raise ValueError(f"{n} nodes; at most {LARGEST} can be laid out")
    if n == 0:
        return np.empty((0, 2))
    links = np.asarray(links, int).reshape(-1, 2)
    graph = sparse.coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(n, n))
    _, part = connected_components(graph, directed=False)
    rng = np.random.default_rng(seed)
    places = np.zeros((n, 2))
    corner = height = 0.0
    sizes = np.bincount(part)
    row_width = 1.3 * np.sqrt(sizes.sum())
    top = 0.0
    for label in np.lexsort((np.arange(len(sizes)), -sizes)):
        members = np.flatnonzero(part == label)
        inside = _majorise(graph.tocsr()[members][:, members], iterations, rng)
        span = np.sqrt(len(members))
        inside = (inside - inside.min(0)) * (span / max(np.ptp(inside, axis=0).max(), 1e-9))
        if corner and corner + np.ptp(inside[:, 0]) > row_width:
            top, corner, height = top + height + 1, 0.0, 0.0
        places[members] = inside + np.array([corner, top])
        corner += np.ptp(inside[:, 0]) + 1
        height = max(height, np.ptp(inside[:, 1]))
    places -= (places.max(0) + places.min(0)) / 2
    return places / max(np.abs(places).max(), 1e-9)


def _majorise(graph: sparse.csr_matrix, iterations: int, rng: np.random.Generator) -> np.ndarray:
    n = graph.shape[0]
    if n == 1:
        return np.zeros((1, 2))
    distance = shortest_path(graph, directed=False, unweighted=True)
    places = _classical_scaling(distance) + 1e-3 * rng.standard_normal((n, 2))
    weight = 1 / np.maximum(distance, 1) ** 2
    np.fill_diagonal(weight, 0)
    laplacian = np.diag(weight.sum(1)) - weight
    # One node is held in place, which makes the Laplacian invertible.
    inverse = np.linalg.inv(laplacian[1:, 1:])
    before = np.inf
    for _ in range(iterations):
        difference = places[:, None] - places[None]
        apart = np.sqrt((difference**2).sum(2))
        stress = float((weight * (apart - distance) ** 2).sum() / 2)
        if before - stress < 1e-4 * before:
            break
        before = stress
        pull = -weight * distance / np.maximum(apart, 1e-9)
        np.fill_diagonal(pull, 0)
        np.fill_diagonal(pull, -pull.sum(1))
        moved = pull @ places
        places = np.vstack([np.zeros(2), inverse @ (moved[1:])])
    return _upright(places)


def _classical_scaling(distance: np.ndarray) -> np.ndarray:
    squared = distance**2
    centred = -0.5 * (squared - squared.mean(0) - squared.mean(1)[:, None] + squared.mean())
    values, vectors = np.linalg.eigh(centred)
    found: np.ndarray = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 1e-12))
    return found


def _upright(places: np.ndarray) -> np.ndarray:
    """Turn the picture so that its long side lies flat, and mirror it to a fixed orientation."""
    places = places - places.mean(0)
    _, _, axes = np.linalg.svd(places, full_matrices=False)
    turned: np.ndarray = places @ axes.T
    skew = (turned**3).sum(0)
    turned *= np.where(skew < 0, -1.0, 1.0)
    return turned
