"""Main paths: the citations through which most of a field's knowledge has flowed.

All counts are logarithms: a network of 20,000 papers has more than 10^18 ways through it, and larger ones leave the
range of floating point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from foreland.foresight.citations import DEEP, levels

Weight = Literal["spc", "splc", "spnp"]
Search = Literal["global", "local"]
TIE = 1e-9
"""Weights whose logarithms differ by less are equal: sums in another order differ in the last digits."""


@dataclass(frozen=True, eq=False)
class Traversal:
    """How many ways through a citation network use each link.

    Parameters
    ----------
    tail, head
        Shape (E,): cited and citing node.
    log_weight
        Shape (E,): natural logarithm of the traversal count.
    level
        Shape (N,): topological level of each node.
    log_paths
        Natural logarithm of the number of ways the weight counts that lead from a source to a sink (SPC), from any node
        to a sink (SPLC), or from any node to any later one or itself (SPNP).
    log_through
        Shape (N,): natural logarithm of the number of those ways that pass through each node.
    """

    tail: np.ndarray
    head: np.ndarray
    log_weight: np.ndarray
    level: np.ndarray
    log_paths: float
    log_through: np.ndarray

    @property
    def size(self) -> int:
        return int(self.level.size)

    @property
    def weight(self) -> np.ndarray:
        """Shape (E,): traversal counts; infinite beyond the range of floating point."""
        with np.errstate(over="ignore"):
            counts = np.exp(self.log_weight)
        return np.where(counts < 1e12, np.rint(counts), counts)


def traversal(tail: np.ndarray, head: np.ndarray, size: int, weight: Weight = "spc") -> Traversal:
    """Traversal weight of every link of a network without circles.

    With N⁻(u) ways that end in u and N⁺(v) ways that begin in v, a link u → v is used N⁻(u)·N⁺(v) times. Search path
    count (SPC): ways from sources (that cite nobody) to sinks (nobody cites). Search path link count (SPLC): ways from
    any node to a sink. Search path node pair (SPNP): ways from any node to any node, as Batagelj counts them; Hummon
    and Doreian's node pair projection count, which counts joined pairs and not ways, is another measure.

    Parameters
    ----------
    tail, head
        Shape (E,): cited and citing node; knowledge flows from tail to head.
    size
        Number of nodes N.
    weight
        Which ways count.

    Raises
    ------
    ValueError
        If the network has a circle, or the weight is none of the three.

    References
    ----------
    Hummon, N. P. & Doreian, P. (1989). Connectivity in a citation network: the development of DNA theory. Social
    Networks 11(1), 39–63. Batagelj, V. (2003). Efficient algorithms for citation network analysis. arXiv:cs/0309023.
    """
    if weight not in ("spc", "splc", "spnp"):
        raise ValueError(f"no traversal weight {weight!r}")
    tail, head = np.asarray(tail, dtype=np.int64), np.asarray(head, dtype=np.int64)
    level = levels(tail, head, size)
    into = _ways(tail, head, level, weight != "spc")
    out_of = _ways(head, tail, -level, weight == "spnp")
    ends = np.bincount(tail, minlength=size) == 0 if weight != "spnp" else np.ones(size, dtype=bool)
    total = float(np.logaddexp.reduce(into[ends])) if size else -np.inf
    return Traversal(tail, head, into[tail] + out_of[head], level, total, into + out_of)


def _ways(tail: np.ndarray, head: np.ndarray, level: np.ndarray, from_any: bool) -> np.ndarray:
    """Log number of ways that end in each node and begin at a source, or anywhere; shape (N,)."""
    has_tail = np.bincount(head, minlength=level.size) > 0
    ways = np.zeros(level.size) if from_any else np.where(has_tail, -np.inf, 0.0)
    for rows, first, nodes in _steps(tail, head, level):
        if first is None:
            _ways_plain(tail[rows], head[rows], ways)
        else:
            ways[nodes] = np.logaddexp(ways[nodes], np.logaddexp.reduceat(ways[tail[rows]], first))
    return ways


def _ways_plain(tail: np.ndarray, head: np.ndarray, ways: np.ndarray) -> None:
    """The same where levels are narrow: link by link, which then is faster."""
    from math import exp, log1p

    found = ways.tolist()
    for u, v in zip(tail.tolist(), head.tolist(), strict=True):
        high, low = found[u], found[v]
        if high < low:
            high, low = low, high
        found[v] = high + log1p(exp(low - high)) if low > -np.inf else high
    ways[:] = found


def _steps(
    tail: np.ndarray, head: np.ndarray, level: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray | None, np.ndarray]]:
    """Links by the level of their head: their rows, where each head begins, and the heads.

    Of a network with very many levels, all links at once in topological order, with None for where heads begin.
    """
    order = np.lexsort((tail, head, level[head]))
    if not order.size:
        return
    heads = head[order]
    if int(level.max() - level.min()) > DEEP:
        yield order, None, heads
        return
    depth = level[heads]
    bounds = np.concatenate([[0], np.flatnonzero(np.diff(depth)) + 1, [order.size]])
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        part = heads[start:stop]
        first = np.concatenate([[0], np.flatnonzero(np.diff(part)) + 1])
        yield order[start:stop], first, part[first]


# Paths -----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class MainPath:
    """Links of a main path, and how they were found.

    Parameters
    ----------
    links
        Rows of the traversal, from the lowest level up.
    nodes
        Nodes on the path, from the lowest level up.
    log_score
        Log of the sum of the weights along the path; of several joined, along the heaviest.
    tied
        Places on the path at which another way was as good: where it is above zero, the path is one of several (global
        search), or goes both ways (local search).
    """

    links: np.ndarray
    nodes: np.ndarray
    log_score: float
    tied: int


def global_path(found: Traversal) -> MainPath:
    """The way from a source to a sink with the greatest sum of weights (the critical path).

    Among equals, the one whose nodes come first, seen from its end.

    References
    ----------
    Liu, J. S. & Lu, L. Y. Y. (2012). An integrated approach for main path analysis: development of the Hirsch index as
    an example. JASIST 63(3), 528–542.
    """
    if not found.tail.size:
        return MainPath(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), -np.inf, 0)
    best, before, tied = _best(found.tail, found.head, found.level, found.log_weight)
    # Only where nothing leads on: the last links of a long path may add less than what counts as a tie.
    last = np.bincount(found.tail, minlength=found.size) == 0
    ends = np.flatnonzero(last & (best >= best[last].max() - TIE))
    links = _back(int(ends[0]), before, found.tail)
    ties = sum(tied[found.head[row]] > 0 for row in links) + (ends.size > 1)
    return _path(found, links, int(ties))


def key_route(found: Traversal, routes: int = 1, search: Search = "global") -> MainPath:
    """The heaviest links, each with the best way into it and out of it, joined.

    Parameters
    ----------
    found
        Traversal weights.
    routes
        How many links are keys: the heaviest, among equals those of the first nodes.
    search
        ``global``: the ways with the greatest sum of weights; ``local``: step by step along the heaviest link.

    References
    ----------
    Liu, J. S. & Lu, L. Y. Y. (2012), as above.
    """
    if not found.tail.size or routes < 1:
        return global_path(found) if not found.tail.size else _path(found, set(), 0)
    ranked = np.lexsort((found.head, found.tail, -np.round(found.log_weight / TIE) * TIE))
    keys = ranked[:routes]
    if search == "local":
        up, down = _grow(found, found.head[keys], True), _grow(found, found.tail[keys], False)
        return _path(found, {*keys.tolist(), *up[0], *down[0]}, up[1] + down[1])
    _, before, tied = _best(found.tail, found.head, found.level, found.log_weight)
    _, after, tied_after = _best(found.head, found.tail, -found.level, found.log_weight)
    into: set[int] = set()
    out: set[int] = set()
    for key in keys.tolist():
        into |= _back(int(found.tail[key]), before, found.tail)
        out |= _back(int(found.head[key]), after, found.head)
    # Where routes run together, a tie is one tie.
    ties = sum(tied[found.head[row]] > 0 for row in into) + sum(tied_after[found.tail[row]] > 0 for row in out)
    return _path(found, {*keys.tolist(), *into, *out}, int(ties))


def local_path(found: Traversal, direction: Literal["forward", "backward"] = "forward") -> MainPath:
    """Step by step along the heaviest link: forward from the sources, or backward from the sinks; equals are all kept.

    References
    ----------
    Hummon & Doreian (1989), as above; Liu & Lu (2012) for the backward search.
    """
    if not found.tail.size:
        return global_path(found)
    forward = direction == "forward"
    near, far = (found.tail, found.head) if forward else (found.head, found.tail)
    ends = np.bincount(far, minlength=found.size) == 0
    rows = np.flatnonzero(ends[near])
    heaviest = rows[found.log_weight[rows] >= found.log_weight[rows].max() - TIE]
    links, tied = _grow(found, far[heaviest], forward)
    return _path(found, {*heaviest.tolist(), *links}, tied + heaviest.size - 1)


def _grow(found: Traversal, start: np.ndarray, forward: bool) -> tuple[set[int], int]:
    """Links of the local search from some nodes on."""
    near, far = (found.tail, found.head) if forward else (found.head, found.tail)
    order = np.argsort(near, kind="stable")
    begins = np.searchsorted(near[order], np.arange(found.size + 1))
    front, seen, links, tied = list(dict.fromkeys(start.tolist())), set(start.tolist()), set(), 0
    for node in front:
        rows = order[begins[node] : begins[node + 1]]
        if not rows.size:
            continue
        chosen = rows[found.log_weight[rows] >= found.log_weight[rows].max() - TIE]
        tied += chosen.size - 1
        links.update(chosen.tolist())
        for other in far[chosen].tolist():
            if other not in seen:
                seen.add(other)
                front.append(other)
    return links, tied


def _best(
    tail: np.ndarray, head: np.ndarray, level: np.ndarray, log_weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log of the greatest sum of weights on a way into each node, the link it comes by (-1: none), and ties there."""
    best = np.full(level.size, -np.inf)
    before = np.full(level.size, -1, dtype=np.int64)
    tied = np.zeros(level.size, dtype=np.int64)
    for rows, first, nodes in _steps(tail, head, level):
        if first is None:
            _best_plain(tail, head, (log_weight, rows), best, before)
            continue
        sums = np.logaddexp(best[tail[rows]], log_weight[rows])
        top = np.maximum.reduceat(sums, first)
        long = np.diff(np.append(first, rows.size))
        equal = sums >= np.repeat(top, long) - TIE
        places = np.where(equal, np.arange(rows.size), rows.size)
        best[nodes] = top
        before[nodes] = rows[np.minimum.reduceat(places, first)]
        tied[nodes] = np.add.reduceat(equal.astype(np.int64), first) - 1
    return best, before, tied


def _best_plain(
    tail: np.ndarray, head: np.ndarray, links: tuple[np.ndarray, np.ndarray], best: np.ndarray, before: np.ndarray
) -> None:
    """The same link by link, for networks of very many levels; ties there are not counted."""
    from math import exp, log1p

    log_weight, rows = links
    top, back = best.tolist(), before.tolist()
    for u, v, w, row in zip(
        tail[rows].tolist(), head[rows].tolist(), log_weight[rows].tolist(), rows.tolist(), strict=True
    ):
        high, low = max(top[u], w), min(top[u], w)
        whole = high + log1p(exp(low - high)) if low > -np.inf else high
        if whole > top[v] + TIE:
            top[v], back[v] = whole, row
    best[:], before[:] = top, back


def _back(end: int, before: np.ndarray, near: np.ndarray) -> set[int]:
    """Links from a node back to where its best way begins."""
    links: set[int] = set()
    while before[end] >= 0:
        links.add(int(before[end]))
        end = int(near[before[end]])
    return links


def _path(found: Traversal, links: set[int], tied: int) -> MainPath:
    rows = np.array(sorted(links), dtype=np.int64)
    if not rows.size:
        return MainPath(rows, np.zeros(0, dtype=np.int64), -np.inf, tied)
    rows = rows[np.lexsort((found.head[rows], found.tail[rows], found.level[found.tail[rows]]))]
    nodes = np.unique(np.concatenate([found.tail[rows], found.head[rows]]))
    nodes = nodes[np.lexsort((nodes, found.level[nodes]))]
    # A tree of its own, so that the score is that of the path and not of the network around it.
    place = {node: n for n, node in enumerate(nodes.tolist())}
    tail = np.array([place[node] for node in found.tail[rows].tolist()])
    head = np.array([place[node] for node in found.head[rows].tolist()])
    best, _, _ = _best(tail, head, found.level[nodes], found.log_weight[rows])
    return MainPath(rows, nodes, float(best.max()), tied)
