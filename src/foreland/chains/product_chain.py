"""A product chain: what goes into what, what is a type of what, who supplies it; how concentrated, how replaceable, how
much depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foreland.chains.errors import ChainError

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = 1.05
"""Sum of published shares up to which rounding explains what is above 1."""

ATTRIBUTED = 0.5
"""Share of supply whose place must be known to speak of concentration: below it more than half would be guessed."""

SUPPLIER = 0.05
"""Share from which a place counts as a supplier of note."""


@dataclass(frozen=True)
class ProductChain:
    """Products, what goes into what, and who supplies them.

    Parameters
    ----------
    shares
        (n, c) share of the world supply of product i that comes from place j, between 0 and 1; 0 where it supplies
        none, not a number where it is known as a supplier and its share is not.
    inputs
        (e, 2) input → product it goes into, as numbers of products.
    weights
        (e,) share of the product's inputs; not a number where it is not known. None for not known at all.
    types
        (t, 2) variant → what it is a type of.

    Raises
    ------
    ValueError
        If shapes don't fit or a number is no product.
    ChainError
        ``shares_above_one`` if shares of a product add up to more than :data:`ROUNDING`; ``shares_below_zero``.
    """

    shares: NDArray[np.float64]
    inputs: NDArray[np.int64]
    weights: NDArray[np.float64] | None = None
    types: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        n = self.shares.shape[0]
        if self.shares.ndim != 2:
            raise ValueError("shares must be products × places")
        for name, pairs in (("inputs", self.inputs), ("types", self.types)):
            if pairs is not None and len(pairs) and (pairs.ndim != 2 or pairs.shape[1] != 2):
                raise ValueError(f"{name} must be pairs")
            if pairs is not None and len(pairs) and (pairs.min() < 0 or pairs.max() >= n):
                raise ValueError(f"{name} name products that are not there")
        if self.weights is not None and len(self.weights) != len(self.inputs):
            raise ValueError("weights and inputs differ in length")
        known = np.nan_to_num(self.shares, nan=0.0)
        if (known < 0).any():
            raise ChainError("shares_below_zero", nodes=np.flatnonzero((known < 0).any(axis=1)).tolist())
        above = np.flatnonzero(known.sum(axis=1) > ROUNDING + 1e-9)
        if len(above):
            raise ChainError("shares_above_one", nodes=above.tolist(), total=float(known.sum(axis=1).max()))

    @property
    def known(self) -> NDArray[np.float64]:
        """(n, c) shares; 0 where not known, scaled to 1 where rounding made them more."""
        known = np.nan_to_num(self.shares, nan=0.0)
        return known / np.maximum(known.sum(axis=1, keepdims=True), 1.0)

    @property
    def type_pairs(self) -> NDArray[np.int64]:
        """(t, 2) types, of no rows where there are none."""
        return np.zeros((0, 2), np.int64) if self.types is None else self.types.reshape(-1, 2)


@dataclass(frozen=True)
class Concentration:
    """Concentration of supply by product; shares whose place is not known make bounds.

    Attributes
    ----------
    low, high
        (n,) Herfindahl–Hirschman index, 0–10,000 (Hirschman 1945; Herfindahl 1950): what is not attributed spread over
        very many places, and all of it in the hands of the leader.
    attributed
        (n,) share of supply whose place is known.
    leader
        (n,) place with the largest share, −1 where none is known; the first of equals.
    leader_share
        (n,) its share.
    suppliers
        (n,) places with at least :data:`SUPPLIER`.
    named
        (n,) places that supply at all, with or without a known share.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    attributed: NDArray[np.float64]
    leader: NDArray[np.int64]
    leader_share: NDArray[np.float64]
    suppliers: NDArray[np.int64]
    named: NDArray[np.int64]


def concentration(chain: ProductChain) -> Concentration:
    """Concentration of the supply of every product. Arrays of length n; see :class:`Concentration`."""
    known = chain.known
    rest = np.clip(1.0 - known.sum(axis=1), 0.0, 1.0)
    rest[rest < 1e-12] = 0.0
    top = known.max(axis=1, initial=0.0)
    squares = (known**2).sum(axis=1)
    leader = known.argmax(axis=1) if known.shape[1] else np.zeros(len(known), np.int64)
    return Concentration(
        1e4 * squares,
        1e4 * (squares + 2 * top * rest + rest**2),
        1.0 - rest,
        np.where(top > 0, leader, -1),
        top,
        (known >= SUPPLIER).sum(axis=1),
        ((known > 0) | np.isnan(chain.shares)).sum(axis=1),
    )


def places_in_chain(chain: ProductChain) -> NDArray[np.bool_]:
    """(n,) products with a place of their own: all but variants, which stand where their type stands."""
    own = np.ones(len(chain.shares), bool)
    own[chain.type_pairs[:, 0]] = False
    own[chain.inputs.reshape(-1, 2)[:, 0]] = True
    return own


def needed(chain: ProductChain) -> NDArray[np.float64]:
    """(e,) how far a product needs each input, between 0 and 1.

    The weight where it is known. Where a product has known and unknown weights, those that are not known share equally
    what is left. Where a product has none, every input is needed in full: a step without one of its inputs stands
    still (Leontief's fixed proportions).
    """
    pairs = chain.inputs.reshape(-1, 2)
    made = np.full(len(pairs), np.nan) if chain.weights is None else chain.weights.astype(float).copy()
    for product in np.unique(pairs[:, 1]):
        into = pairs[:, 1] == product
        unknown = into & np.isnan(made)
        if not (into & ~unknown).any():
            made[unknown] = 1.0
        elif unknown.any():
            made[unknown] = max(0.0, 1.0 - made[into & ~unknown].sum()) / unknown.sum()
    return np.clip(made, 0.0, 1.0)


def depends(chain: ProductChain) -> NDArray[np.float64]:
    """How far product j depends on product i, by the strongest path from i to j.

    The strength of a path is the product of how far each step needs the one before (:func:`needed`); from a variant to
    its type it is 1, as a variant has its type's place in the chain. As no factor is above 1, going round a cycle
    makes no path stronger, so chains with cycles need no cutting. Found as shortest paths of −log (Dijkstra 1959).

    Returns
    -------
    (n, n) array
        Between 0 and 1; the diagonal is 1.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    n = len(chain.shares)
    pairs = np.vstack([chain.inputs.reshape(-1, 2), chain.type_pairs])
    strength = np.concatenate([needed(chain), np.ones(len(chain.type_pairs))])
    length = np.zeros((n, n))
    for (start, end), value in zip(pairs, strength, strict=True):
        if value > 0 and start != end:
            # A stored 0 is no edge to the sparse graph; 1e-300 adds up to nothing.
            step = max(-np.log(value), 1e-300)
            length[start, end] = min(step, length[start, end] or np.inf)
    return np.asarray(np.exp(-dijkstra(csr_array(length), directed=True)))


def position(chain: ProductChain) -> NDArray[np.float64]:
    """Share of the chain downstream that depends on each product.

    The mean of :func:`depends` over the steps of the chain: products with a place of their own that have inputs, and so
    can stand still for want of one; a product does not count as depending on itself, and a variant not on what it is a
    type of.

    Returns
    -------
    (n,) array
        Between 0 and 1: 0 for a final product, 1 where every step needs it in full.
    """
    n = len(chain.shares)
    pairs, types = chain.inputs.reshape(-1, 2), chain.type_pairs
    steps = np.zeros(n, bool)
    steps[pairs[:, 1]] = True
    above = _above(n, types)
    for child, parent in types:  # what goes into a variant goes into a step of its type's place
        if steps[child] and above[child, parent]:
            steps[parent] = True
    steps &= places_in_chain(chain)
    counted = np.repeat(steps[None, :], n, axis=0) & ~above & ~np.eye(n, dtype=bool)
    reach = np.where(counted, depends(chain), 0.0).sum(axis=1)
    return np.asarray(np.divide(reach, counted.sum(axis=1), out=np.zeros(n), where=counted.any(axis=1)))


def _above(n: int, types: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n, n) whether j is what i is a type of, at any remove."""
    above = np.zeros((n, n), bool)
    above[types[:, 0], types[:, 1]] = True
    for _ in range(n):
        further = above | ((above.astype(np.float64) @ above.astype(np.float64)) > 0)
        if (further == above).all():
            break
        above = further
    return above


def siblings(chain: ProductChain) -> list[list[int]]:
    """Other types of the same thing, by product: its substitutes, as far as the chain knows any.

    Types that go into a product in their own right are needed beside each other, not in place of each other (resists
    and masks are both materials of lithography), so they neither have nor are substitutes.
    """
    parents: dict[int, set[int]] = {}
    children: dict[int, set[int]] = {}
    alone = set(chain.inputs.reshape(-1, 2)[:, 0].tolist())
    for child, parent in chain.type_pairs.tolist():
        if child in alone:
            continue
        parents.setdefault(child, set()).add(parent)
        children.setdefault(parent, set()).add(child)
    return [
        sorted(set().union(*(children[parent] for parent in parents.get(i, ()))) - {i})
        for i in range(len(chain.shares))
    ]


@dataclass(frozen=True)
class Substitutes:
    """How much of what could replace a product is in the same hands.

    Attributes
    ----------
    lack
        (n,) between 0 (all substitutes come from others) and 1 (all from the leader, or none is known).
    low, high
        (n,) its bounds over all ways to attribute what is not attributed.
    number
        (n,) substitutes whose supply is known.
    """

    lack: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    number: NDArray[np.int64]


def substitutes(chain: ProductChain) -> Substitutes:
    """Lack of substitutes of every product.

    Substitutes of a product are the other types of what it is a type of (:func:`siblings`). They help against the
    leader only as far as others supply them, so the lack of substitutes is the leader's share of the type's whole
    market: as published for the type where that is attributed (:data:`ATTRIBUTED`), else the mean of its shares of the
    types. Without known substitutes the lack is full. Where several lead, it is that of the one with more.
    """
    known = chain.known
    at = concentration(chain)
    n = len(known)
    lack, low, high = np.ones(n), np.ones(n), np.ones(n)
    number = np.zeros(n, np.int64)
    parents: dict[int, list[int]] = {}
    for child, parent in chain.type_pairs.tolist():
        parents.setdefault(child, []).append(parent)
    for i, others in enumerate(siblings(chain)):
        others = [j for j in others if at.attributed[j] >= ATTRIBUTED]
        number[i] = len(others)
        if not others:
            continue
        whole = [j for j in parents[i] if at.attributed[j] >= ATTRIBUTED] or [i, *others]
        held, spare = known[whole].mean(axis=0), 1.0 - float(at.attributed[whole].mean())
        rest = 1.0 - at.attributed[i]
        # Who could lead once all is attributed; where that much is open, also a place that is not named at all.
        could = held[known[i] + rest >= at.leader_share[i] - 1e-12]
        if rest >= at.leader_share[i] - 1e-12:
            could = np.append(could, 0.0)
        low[i], high[i] = could.min(initial=1.0), min(1.0, could.max(initial=0.0) + spare)
        if at.leader[i] >= 0:
            lack[i] = held[known[i] >= at.leader_share[i] - 1e-12].max()
    return Substitutes(lack, low, high, number)
