"""Supply networks of firms, prepared for shocks that run down to customers and up to suppliers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from foreland.chains.errors import ChainError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Production = Literal["linear", "leontief", "generalised"]

NEGLIGIBLE, NON_ESSENTIAL, ESSENTIAL = 0, 1, 2
OUTPUT_TOLERANCE = 1e-9


@dataclass(frozen=True)
class FirmNetwork:
    """A supply network of n firms with m links; see `firm_network`.

    Attributes
    ----------
    output
        Output by firm, shape (n,), in units of the weights: what losses are weighted by.
    sales, purchases
        What a firm sells to and buys from the others, shape (n,).
    sector
        Sector (product) by firm, shape (n,), or None.
    downstream
        Shape (n, s), CSR: loss of input slot (column) per unit of the supplier's loss (row). A slot is one essential
        product of one customer, or all non-essential inputs of one customer together.
    slot_firm
        Customer of each slot, shape (s,), ascending.
    upstream
        Shape (n, n), CSR: loss of sales of a supplier (column) per unit of its customer's loss (row).
    self_loops, repeated, without_weight
        Rows of the edge list that were left out because a firm can't be its own supplier, that were added to an
        earlier row of the same two firms, and that were left out because their weight is zero.
    """

    output: Floats
    sales: Floats
    purchases: Floats
    sector: Ints | None
    downstream: Any
    slot_firm: Ints
    upstream: Any
    self_loops: int
    repeated: int
    without_weight: int

    @property
    def firms(self) -> int:
        return len(self.output)

    @property
    def links(self) -> int:
        return int(self.upstream.nnz)

    @property
    def own_share(self) -> Floats:
        """Share of each firm in all output, shape (n,); zero throughout where there is no output."""
        total = self.output.sum()
        return self.output / total if total > 0 else np.zeros_like(self.output)


def firm_network(
    supplier: ArrayLike,
    customer: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    sector: ArrayLike | None = None,
    importance: ArrayLike | None = None,
    production: Production = "linear",
    output: ArrayLike | None = None,
) -> FirmNetwork:
    r"""Prepare an edge list: the impact matrices :math:`\Lambda^d`, :math:`\Lambda^u` of Diem et al. (2022).

    With :math:`W_{ji}` what j sells to i, :math:`p_j` the sector of j and :math:`S_i = \sum_j W_{ji}`, a unit of loss
    of supplier j takes from customer i the share :math:`W_{ji} / \sum_{l: p_l = p_j} W_{li}` of an essential product,
    or :math:`W_{ji} / S_i` of non-essential inputs. A unit of loss of customer i takes :math:`W_{ji} / x_j` of j's
    sales.

    Parameters
    ----------
    supplier, customer
        Firms 0 … n−1, shape (m,). A firm may appear as supplier only, as customer only, or (with `sector` or `output`)
        not at all. Rows of the same two firms are summed; a firm's rows to itself are left out.
    weight
        Value of each row >= 0, shape (m,); None: every row counts one.
    sector
        Product of each firm, integers >= 0, shape (n,).
    importance
        Shape (k, k): of products of sector p (row) for firms of sector q (column), 2 essential, 1 non-essential, 0 none
        at all; or shape (k,): the same for all customers. Only for ``generalised``.
    production
        ``linear``: all inputs are non-essential. ``leontief``: all are essential; without `sector` every supplier
        delivers a product of its own. ``generalised``: by `importance`.
    output
        Output of each firm in the units of `weight`, at least its sales in the network, shape (n,). The rest goes to
        final demand, which does not fail. None: the sales in the network, as in the paper.

    Raises
    ------
    ChainError
        ``firm_weights`` (negative or not finite: `number` of them, the first in `row`, from 0), ``firm_no_links``,
        ``firm_output`` (less than sales, with `nodes`).
    ValueError
        Shapes that don't fit, or settings that contradict each other.

    References
    ----------
    Diem, Borsos, Reisch, Kertész & Thurner (2022), Sci. Rep. 12:7719.
    """
    supply, demand = _firms("supplier", supplier), _firms("customer", customer)
    if supply.shape != demand.shape:
        raise ValueError(f"{len(supply)} suppliers, {len(demand)} customers")
    value = np.ones(len(supply)) if weight is None else np.asarray(weight, float)
    if value.shape != supply.shape:
        raise ValueError(f"{len(supply)} edges, weights of shape {value.shape}")
    wrong = np.flatnonzero(~np.isfinite(value) | (value < 0))
    if len(wrong):
        raise ChainError("firm_weights", row=int(wrong[0]), number=len(wrong))
    kinds = None if sector is None else _firms("sector", sector)
    given = None if output is None else np.asarray(output, float)
    n = _count(supply, demand, kinds, given)

    loops, empty = supply == demand, value == 0
    kept = ~loops & ~empty
    if not kept.any():
        raise ChainError("firm_no_links")
    W = sparse.coo_array((value[kept], (supply[kept], demand[kept])), shape=(n, n)).tocsr()
    W.sum_duplicates()
    sales, purchases = np.asarray(W.sum(axis=1)), np.asarray(W.sum(axis=0))
    if given is not None:
        short = np.flatnonzero(~(given >= sales * (1 - OUTPUT_TOLERANCE)))
        if len(short):
            raise ChainError("firm_output", nodes=short.tolist())
    total = sales if given is None else np.maximum(given, sales)

    links = W.tocoo()
    j, i = links.coords
    downstream, slot_firm = _slots(links, kinds, _importance(importance, production, kinds, j, i))
    upstream = sparse.csr_array((links.data / total[j], (i, j)), shape=(n, n))
    return FirmNetwork(
        output=total,
        sales=sales,
        purchases=purchases,
        sector=kinds,
        downstream=downstream,
        slot_firm=slot_firm,
        upstream=upstream,
        self_loops=int(loops.sum()),
        repeated=int(kept.sum()) - W.nnz,
        without_weight=int((empty & ~loops).sum()),
    )


def _firms(name: str, given: ArrayLike) -> Ints:
    array = np.asarray(given)
    if array.ndim != 1 or not (np.issubdtype(array.dtype, np.integer) or array.size == 0):
        raise ValueError(f"{name}: integers of shape (m,), not {array.dtype} of shape {array.shape}")
    array = array.astype(np.int64)
    if array.size and array.min() < 0:
        raise ValueError(f"{name}: numbers from 0 on")
    return array


def _count(supply: Ints, demand: Ints, kinds: Ints | None, given: Floats | None) -> int:
    """Number of firms: of `sector` or `output` where given, else the highest that has a link."""
    named = max(supply.max(initial=-1), demand.max(initial=-1)) + 1
    counts = {len(array) for array in (kinds, given) if array is not None}
    if len(counts) > 1 or any(count < named for count in counts):
        raise ValueError(f"sectors and output of {sorted(counts)} firms, edges of {named}")
    return int(counts.pop() if counts else named)


def _importance(
    importance: ArrayLike | None, production: Production, kinds: Ints | None, supply: Ints, demand: Ints
) -> Ints:
    """How much the product matters to the customer, by link, shape (m,)."""
    if production not in ("linear", "leontief", "generalised"):
        raise ValueError(f"production: {production}")
    if production != "generalised":
        if importance is not None:
            raise ValueError(f"importance is for generalised production, not {production}")
        return np.full(len(supply), NON_ESSENTIAL if production == "linear" else ESSENTIAL)
    if kinds is None or importance is None:
        raise ValueError("generalised production needs sector and importance")
    table = np.asarray(importance)
    if table.ndim == 1:
        table = np.repeat(table[:, None], len(table), axis=1)
    if table.ndim != 2 or min(table.shape) <= kinds.max() or not np.isin(table, (0, 1, 2)).all():
        raise ValueError(f"importance: 0, 1 or 2 for each of {kinds.max() + 1} sectors, not shape {table.shape}")
    return table[kinds[supply], kinds[demand]].astype(np.int64)


def _slots(W: Any, kinds: Ints | None, matters: Ints) -> tuple[Any, Ints]:
    """The links by input slot, and the customer of each slot."""
    supply, demand = (part.astype(np.int64) for part in W.coords)
    product = supply if kinds is None else kinds[supply]
    width = int(product.max()) + 2
    key = demand * width + np.where(matters == ESSENTIAL, product + 1, 0)
    felt = matters != NEGLIGIBLE
    names, slot = np.unique(key[felt], return_inverse=True)
    # The share of a non-essential input is one of all inputs, those that are essential or of no matter included.
    whole = np.bincount(slot, W.data[felt], minlength=len(names))
    pooled = names % width == 0
    whole[pooled] = np.bincount(demand, W.data)[names[pooled] // width]
    share = W.data[felt] / whole[slot]
    return sparse.csr_array((share, (supply[felt], slot)), shape=(W.shape[0], len(names))), names // width
