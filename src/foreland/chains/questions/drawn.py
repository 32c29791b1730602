"""Where the nodes of a chain stand in its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from foreland.chains.layers import MOST, layers
from foreland.chains.product_chain import ProductChain, places_in_chain, position


@dataclass(frozen=True)
class Drawn:
    """Nodes that are drawn with layer and place, what each stands beneath (−1 for nothing), and links."""

    kept: tuple[int, ...]
    layer: dict[int, int]
    place: dict[int, float]
    under: dict[int, int]
    links: tuple[tuple[int, int, str], ...]

    def nodes(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """A row a node."""
        return [
            {
                "field_id": ids[k],
                "layer": self.layer[k],
                "place": self.place[k],
                "under": ids[self.under[k]] if self.under[k] >= 0 else None,
            }
            for k in self.kept
        ]

    def edges(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """A row a link that is drawn as a line."""
        return [{"from": ids[a], "to": ids[b], "kind": kind} for a, b, kind in self.links]


def drawn(chain: ProductChain, only: Sequence[int] | None = None) -> Drawn:
    """Products in layers, variants beneath what they are a type of.

    Parameters
    ----------
    only
        Products to draw; all where None. Of more than can be read those on which most of the chain depends.
    """
    reach = position(chain)
    kept = sorted(range(len(chain.shares)) if only is None else set(only))
    if len(kept) > MOST:
        kept = sorted(sorted(kept, key=lambda k: (-reach[k], k))[:MOST])
    there = set(kept)
    own = places_in_chain(chain)
    under = dict.fromkeys(kept, -1)
    dashed = []
    for child, parent in chain.type_pairs.tolist():
        if child not in there or parent not in there:
            continue
        if not own[child] and under[child] < 0 and parent != child:
            under[child] = parent
        else:
            dashed.append((child, parent, "type_of"))

    def top(k: int) -> int:
        seen = {k}
        while under[k] >= 0 and under[k] not in seen:
            k = under[k]
            seen.add(k)
        return k

    tops = sorted({top(k) for k in kept})
    at = {k: number for number, k in enumerate(tops)}
    pairs = [(a, b) for a, b in chain.inputs.reshape(-1, 2).tolist() if a in there and b in there]
    found = layers(len(tops), [(at[top(a)], at[top(b)]) for a, b in pairs if top(a) != top(b)])
    layer = {k: int(found.layer[at[top(k)]]) for k in kept}
    place = {k: float(found.y[at[top(k)]]) for k in kept}
    # Beneath a type in the order of the chain's own numbers.
    place |= {k: float(number) for number, k in enumerate(kept) if under[k] >= 0}
    return Drawn(tuple(kept), layer, place, under, tuple((a, b, "input") for a, b in pairs) + tuple(dashed))


def strongest(flows: np.ndarray, per_node: float = 1.5) -> list[tuple[int, int]]:
    """The strongest flows between sectors: the largest input of each, then the largest of all.

    Parameters
    ----------
    flows
        (n, n) from the row to the column; what a sector sells to itself is left out.
    per_node
        So many links a sector.
    """
    n = len(flows)
    between = np.where(np.eye(n, dtype=bool), 0.0, np.nan_to_num(flows))
    first = {(int(between[:, j].argmax()), j) for j in range(n) if between[:, j].max(initial=0.0) > 0}
    order = np.argsort(-between, axis=None, kind="stable")[: int(per_node * n) + n]
    found = sorted(first)
    for at in order.tolist():
        if len(found) >= per_node * n:
            break
        i, j = divmod(at, n)
        if between[i, j] > 0 and (i, j) not in first:
            found.append((i, j))
    return found


def in_layers(steps: np.ndarray, count: int) -> np.ndarray:
    """Sectors in layers of about equal numbers, the furthest from final use first.

    Parameters
    ----------
    steps
        (n,) upstreamness.
    """
    order = np.argsort(-steps, kind="stable")
    found = np.empty(len(steps), np.int64)
    found[order] = np.arange(len(steps)) * count // max(len(steps), 1)
    return found
