"""Cycles of a chain: real ones exist (a fab's output goes into the tools of a fab) and are told, not refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


def cycles(edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """A shortest cycle of each group of nodes that reach each other, the first node repeated at the end.

    Of groups above 200 nodes, a shortest of those through the first 200.

    Groups are strongly connected components (Tarjan 1972, SIAM Journal on Computing 1(2)).

    Returns
    -------
    list of list of str
        In alphabetical order of the first node, which is the smallest of its cycle; empty where there is none.
    """
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    after: dict[str, list[str]] = {}
    for start, end in edges:
        after.setdefault(start, []).append(end)
        after.setdefault(end, [])
    names = sorted(after)
    number = {name: index for index, name in enumerate(names)}
    pairs = [(number[start], number[end]) for start, ends in after.items() for end in ends]
    if not pairs:
        return []
    rows, columns = np.array(pairs).T
    graph = csr_array((np.ones(len(pairs)), (rows, columns)), shape=(len(names), len(names)))
    _, label = connected_components(graph, directed=True, connection="strong")
    groups: dict[int, list[str]] = {}
    for name in names:
        groups.setdefault(int(label[number[name]]), []).append(name)
    found = [_shortest(after, group) for group in groups.values() if len(group) > 1 or group[0] in after[group[0]]]
    return sorted(found)


def _shortest(after: dict[str, list[str]], group: list[str]) -> list[str]:
    inside = set(group)
    best: list[str] = []
    for start in group[:200]:
        path = _back_to(after, start, inside)
        if path and (not best or len(path) < len(best)):
            best = path
            if len(best) == 2:
                break
    least = best.index(min(best))
    ring = best[:-1]
    return [*ring[least:], *ring[:least], ring[least]]


def _back_to(after: dict[str, list[str]], start: str, inside: set[str]) -> list[str]:
    came: dict[str, str] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for step in sorted(after[node]):
            if step == start:
                path = [start, node]
                while path[-1] != start:
                    path.append(came[path[-1]])
                return path[::-1]
            if step in inside and step not in came:
                came[step] = node
                queue.append(step)
    return []
