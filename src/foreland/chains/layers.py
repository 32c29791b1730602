"""A chain drawn in layers: inputs on the left, what they go into to the right (Sugiyama, Tagawa & Toda 1981).

Cycles are broken by the greedy heuristic of Eades, Lin & Smyth (1993, Information Processing Letters 47(6)); layers are
longest paths to the end of the chain; crossings are reduced by barycentres, layer by layer, and the best order seen is
kept. Nothing is random: equal input gives equal coordinates.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 300
"""Nodes up to which a picture of all of them can be read; three edges a node, drawn at random, take some seconds."""

SWEEPS = 24
"""Sweeps over all layers; orders hardly change after some ten (Eiglsperger, Siebenhaller & Kaufmann 2005)."""


@dataclass(frozen=True)
class Layers:
    """Where nodes stand.

    Attributes
    ----------
    layer
        (n,) layer from the left, 0 first.
    x, y
        (n,) coordinates: the layer, and the place within it, at least 1 apart.
    turned
        (e,) whether an edge runs from right to left, against the layers.
    paths
        For each edge the points it goes through, both ends with it; a loop has its node twice.
    crossings
        Crossings of edges in this order.
    history
        Least number of crossings seen, before the first sweep and after each; never grows.
    """

    layer: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    turned: NDArray[np.bool_]
    paths: tuple[tuple[tuple[float, float], ...], ...]
    crossings: int
    history: tuple[int, ...]


def layers(n: int, edges: Sequence[tuple[int, int]], sweeps: int = SWEEPS) -> Layers:
    """Lay out a graph of at most :data:`MOST` nodes.

    Parameters
    ----------
    n
        Number of nodes.
    edges
        Pairs of nodes; loops and edges given twice are drawn and don't count for the order.
    sweeps
        How often the order of the layers is improved at most.

    Raises
    ------
    ValueError
        If there are more nodes than :data:`MOST` or an edge names one that is not there.
    """
    if n > MOST:
        raise ValueError(f"more than {MOST} nodes")
    if any(not (0 <= a < n and 0 <= b < n) for a, b in edges):
        raise ValueError("an edge names a node that is not there")
    back = feedback(n, edges)
    forward = sorted({(b, a) if (a, b) in back else (a, b) for a, b in edges if a != b})
    layer = _layer(n, forward)
    chains = _with_bends(n, forward, layer)
    total = n + sum(len(chain) - 2 for chain in chains.values())
    level = np.zeros(total, np.int64)
    level[:n] = layer
    short: list[tuple[int, int]] = []
    for chain in chains.values():
        for before, after in pairwise(chain):
            short.append((before, after))
            level[after] = level[before] + 1 if after >= n else level[after]
    rows = [np.flatnonzero(level == k).tolist() for k in range(int(level.max(initial=-1)) + 1)]
    rows, history = _ordered(rows, short, level, sweeps)
    y = _placed(rows, short, total)
    x = level.astype(float)
    turned = np.array([(a, b) in back for a, b in edges], bool)
    paths = []
    for (a, b), backwards in zip(edges, turned, strict=True):
        chain = chains.get((b, a) if backwards else (a, b), [a, b])
        points = [(float(x[node]), float(y[node])) for node in chain]
        paths.append(tuple(points[::-1] if backwards else points))
    return Layers(layer, x[:n], y[:n], turned, tuple(paths), history[-1], history)


def feedback(n: int, edges: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Edges to turn round so that no cycle is left (Eades, Lin & Smyth 1993): few, not always fewest; none without
    cycles. Loops are not among them."""
    after: list[set[int]] = [set() for _ in range(n)]
    before: list[set[int]] = [set() for _ in range(n)]
    pairs = {(a, b) for a, b in edges if a != b}
    for a, b in pairs:
        after[a].add(b)
        before[b].add(a)
    left = set(range(n))
    head: list[int] = []
    tail: list[int] = []

    def take(node: int, into: list[int]) -> None:
        into.append(node)
        left.discard(node)
        for other in after[node]:
            before[other].discard(node)
        for other in before[node]:
            after[other].discard(node)

    while left:
        while sinks := sorted(node for node in left if not after[node]):
            for node in sinks:
                take(node, tail)
        while sources := sorted(node for node in left if not before[node]):
            for node in sources:
                take(node, head)
        if left:
            take(max(sorted(left), key=lambda node: len(after[node]) - len(before[node])), head)
    place = {node: index for index, node in enumerate([*head, *tail[::-1]])}
    return {(a, b) for a, b in pairs if place[a] > place[b]}


def _layer(n: int, forward: list[tuple[int, int]]) -> NDArray[np.int64]:
    """Layers from the left, each node as far right as what it goes into allows."""
    after: list[list[int]] = [[] for _ in range(n)]
    waits = [0] * n
    for a, b in forward:
        after[a].append(b)
    for outs in after:
        for b in outs:
            waits[b] += 1
    order = [node for node in range(n) if not waits[node]]
    for node in order:
        for b in after[node]:
            waits[b] -= 1
            if not waits[b]:
                order.append(b)
    to_end = np.zeros(n, np.int64)
    for node in reversed(order):
        to_end[node] = max((to_end[b] + 1 for b in after[node]), default=0)
    return np.asarray(to_end.max(initial=0) - to_end)


def _with_bends(n: int, forward: list[tuple[int, int]], layer: NDArray[np.int64]) -> dict[tuple[int, int], list[int]]:
    """Each edge as a chain of nodes in neighbouring layers, bends numbered from n."""
    chains, bend = {}, n
    for a, b in forward:
        between = int(layer[b] - layer[a]) - 1
        chains[a, b] = [a, *range(bend, bend + between), b]
        bend += between
    return chains


def _ordered(
    rows: list[list[int]], short: list[tuple[int, int]], level: NDArray[np.int64], sweeps: int
) -> tuple[list[list[int]], tuple[int, ...]]:
    """The best order of the layers that the sweeps come by, and how many crossings were left after each."""
    right: dict[int, list[int]] = {}
    left: dict[int, list[int]] = {}
    gaps: list[list[tuple[int, int]]] = [[] for _ in rows]
    for a, b in short:
        right.setdefault(a, []).append(b)
        left.setdefault(b, []).append(a)
        gaps[int(level[a])].append((a, b))
    best, history = [row[:] for row in rows], [crossings(rows, gaps)]
    current = [row[:] for row in rows]
    for sweep in range(sweeps):
        if history[-1] == 0:
            break
        onward = sweep % 2 == 0
        walk = range(1, len(rows)) if onward else range(len(rows) - 2, -1, -1)
        near = left if onward else right
        for k in walk:
            place = {node: index for index, node in enumerate(current[k - 1 if onward else k + 1])}
            centre = {
                node: sum(place[other] for other in near[node]) / len(near[node]) if node in near else float(index)
                for index, node in enumerate(current[k])
            }
            # Every fourth pair of sweeps turns equals round: they may lie the wrong way.
            equals = -1 if sweep % 8 in (6, 7) else 1
            stood = [(centre[node], equals * index, node) for index, node in enumerate(current[k])]
            current[k] = [node for *_, node in sorted(stood)]
        count = crossings(current, gaps)
        if count < history[-1]:
            best = [row[:] for row in current]
        history.append(min(count, history[-1]))
    return best, tuple(history)


def crossings(rows: list[list[int]], gaps: list[list[tuple[int, int]]]) -> int:
    """Pairs of edges between neighbouring layers that cross: inversions of their ends (Barth, Mutzel & Jünger 2004)."""
    place = {node: index for row in rows for index, node in enumerate(row)}
    total = 0
    for gap in gaps:
        seen: list[int] = []
        for _, end in sorted((place[a], place[b]) for a, b in gap):
            total += len(seen) - bisect_right(seen, end)
            insort(seen, end)
    return total


def _placed(rows: list[list[int]], short: list[tuple[int, int]], total: int) -> NDArray[np.float64]:
    """Places within the layers: near the mean of the neighbours, in order, at least 1 apart."""
    near: list[list[int]] = [[] for _ in range(total)]
    for a, b in short:
        near[a].append(b)
        near[b].append(a)
    y = [0.0] * total
    widest = max((len(row) for row in rows), default=0)
    for row in rows:
        for index, node in enumerate(row):
            y[node] = index + (widest - len(row)) / 2
    for turn in range(8):
        for row in rows if turn % 2 == 0 else rows[::-1]:
            wished = [
                sum(y[other] for other in near[node]) / len(near[node]) if near[node] else y[node] for node in row
            ]
            for node, place in zip(row, _apart(wished), strict=True):
                y[node] = place
    least = min(y, default=0.0)
    return np.array([value - least for value in y])


def _apart(wished: list[float]) -> list[float]:
    """Nearest places in order and at least 1 apart, by least squares: isotonic regression of what is left when the
    distances are taken off (pool adjacent violators; Barlow et al. 1972)."""
    blocks: list[tuple[float, int]] = []
    for index, value in enumerate(wished):
        mean, size = value - index, 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        blocks.append((mean, size))
    levels = [mean for mean, size in blocks for _ in range(size)]
    return [mean + index for index, mean in enumerate(levels)]
