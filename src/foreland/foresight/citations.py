"""Citation networks: from citations as records give them to a network without circles, laid in topological levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DEEP = 2000
"""From this many levels on, what is left of a network is narrow, and is walked node by node."""


@dataclass(frozen=True, eq=False)
class CitationNetwork:
    """A network of documents without circles; knowledge flows along its links, from the cited to the citing document.

    Parameters
    ----------
    tail, head
        Shape (E,): cited and citing node of each link, ordered by tail, then head, each pair once.
    node
        Shape (N,): the node that each document given belongs to; documents that cite each other in a circle share one.
    size
        Number of nodes.
    loops, duplicates
        Links left out: documents that cite themselves, pairs that were given before.
    against_time
        Links left out because they closed a circle and the document cited is younger than the one citing.
    circles, in_circles
        Circles left after that, and the documents in them: each circle is one node.
    """

    tail: np.ndarray
    head: np.ndarray
    node: np.ndarray
    size: int
    loops: int
    duplicates: int
    against_time: int
    circles: int
    in_circles: int


def citation_network(
    cited: np.ndarray, citing: np.ndarray, documents: int, years: np.ndarray | None = None
) -> CitationNetwork:
    """Make a network without circles of citations.

    Citations run in circles more often than one thinks: papers of an issue that cite each other, preprints and their
    later versions, records with a wrong year. The rule, the same whatever order the links come in: self-citations and
    repeated pairs go first; of the links inside a strongly connected component, those go that run against time (the
    cited document is younger than the citing one); the documents of a component that is still connected both ways
    become one node. Links between the same two nodes then count once.

    Parameters
    ----------
    cited, citing
        Shape (L,), from 0 to ``documents`` - 1: the document cited and the one citing, link by link.
    documents
        Number of documents.
    years
        Shape (N,), NaN where unknown; without them no link is taken to run against time.

    Raises
    ------
    ValueError
        If shapes differ, or a document is named that there is none of.

    References
    ----------
    Batagelj, V. (2003). Efficient algorithms for citation network analysis. arXiv:cs/0309023 (circles are shrunk).
    """
    tail, head = np.asarray(cited, dtype=np.int64), np.asarray(citing, dtype=np.int64)
    if tail.shape != head.shape or tail.ndim != 1:
        raise ValueError(f"cited and citing must be vectors of one length, not {tail.shape} and {head.shape}")
    if tail.size and not (min(tail.min(), head.min()) >= 0 and max(tail.max(), head.max()) < documents):
        raise ValueError(f"links name documents outside 0 … {documents - 1}")
    given = tail.size
    kept = tail != head
    loops = given - int(kept.sum())
    tail, head = _once(tail[kept], head[kept], documents)
    duplicates = given - loops - tail.size
    component = _components(tail, head, documents)
    backwards = np.zeros(tail.size, dtype=bool)
    if years is not None:
        when = np.asarray(years, dtype=float)
        backwards = (component[tail] == component[head]) & (when[tail] > when[head])
        if backwards.any():
            tail, head = tail[~backwards], head[~backwards]
            component = _components(tail, head, documents)
    members = np.bincount(component, minlength=documents)
    circled = members[component] > 1
    # A node is numbered by the first of its documents, so that numbers keep the order of the documents.
    first = np.zeros(documents, dtype=np.int64)
    first[component[::-1]] = np.arange(documents)[::-1]
    opens = first[component] == np.arange(documents)
    node = (np.cumsum(opens) - 1)[first[component]]
    size = int(opens.sum())
    tail, head = node[tail], node[head]
    between = tail != head
    tail, head = _once(tail[between], head[between], size)
    return CitationNetwork(
        tail,
        head,
        node,
        size,
        loops,
        duplicates,
        int(backwards.sum()),
        int((members > 1).sum()),
        int(circled.sum()),
    )


def levels(tail: np.ndarray, head: np.ndarray, size: int) -> np.ndarray:
    """Level of each node: the links of the longest way to it from a node nobody is cited by; shape (N,).

    Every link leads from a lower level to a higher one, so that all nodes of a level can be worked on at once.

    Raises
    ------
    ValueError
        If the network has a circle.
    """
    order = np.argsort(tail, kind="stable")
    targets = head[order]
    start = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=size))])
    waiting = np.bincount(head, minlength=size)
    level = np.zeros(size, dtype=np.int64)
    front = np.flatnonzero(waiting == 0)
    done, depth = 0, 0
    while front.size and depth < DEEP:
        level[front] = depth
        done += front.size
        depth += 1
        targeted = np.sort(targets[ranges(start[front], start[front + 1])])
        first = np.flatnonzero(np.concatenate([[True], targeted[1:] != targeted[:-1]])[: targeted.size])
        reached = targeted[first]
        waiting[reached] -= np.diff(np.append(first, targeted.size))
        front = reached[waiting[reached] == 0]
    if front.size:
        done += _walk(front, depth, level, waiting, (start, targets))
    if done < size:
        raise ValueError("the network has a circle")
    return level


def _walk(
    front: np.ndarray, depth: int, level: np.ndarray, waiting: np.ndarray, links: tuple[np.ndarray, np.ndarray]
) -> int:
    """Levels of the rest of a deep network, node by node; returns how many nodes it reached."""
    start, targets = (part.tolist() for part in links)
    left, found = waiting.tolist(), level.tolist()
    queue: list[int] = front.tolist()
    for node in queue:
        found[node] = depth
    # The queue grows as it is read; nodes enter it in the order of their levels.
    for node in queue:
        for target in targets[start[node] : start[node + 1]]:
            left[target] -= 1
            if not left[target]:
                found[target] = found[node] + 1
                queue.append(target)
    level[:] = found
    return len(queue)


def ranges(start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Whole numbers of all ranges, one after the other."""
    long = stop - start
    shift = np.repeat(start - np.concatenate([[0], np.cumsum(long)[:-1]]), long)
    return shift + np.arange(int(long.sum()))


def distinct(keys: np.ndarray) -> np.ndarray:
    """Sorted keys, each once. ``np.unique`` hashes, which takes many times as long on millions of keys."""
    keys = np.sort(keys)
    return keys[np.concatenate([[True], keys[1:] != keys[:-1]])[: keys.size]]


def _once(tail: np.ndarray, head: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Each pair once, ordered by tail, then head."""
    pairs = distinct(tail * max(size, 1) + head)
    return pairs // max(size, 1), pairs % max(size, 1)


def _components(tail: np.ndarray, head: np.ndarray, size: int) -> np.ndarray:
    """Strongly connected component of each document (Pearce's algorithm, as scipy has it)."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    if not size:
        return np.zeros(0, dtype=np.int64)
    links = csr_matrix((np.ones(tail.size, dtype=np.int8), (tail, head)), shape=(size, size))
    return connected_components(links, directed=True, connection="strong")[1]
