"""Tables in a coarser or another classification."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from foreland.chains.errors import ChainError
from foreland.chains.input_output import Floats, InputOutput, floats, positions

# Weights of a published concordance are rounded; a sector's must add up to 1 within this.
WHOLE = 1e-6


def concordance(groups: Sequence[int], count: int | None = None) -> Floats:
    """A 0/1 concordance from the group of every sector.

    Parameters
    ----------
    groups
        Group of sector j, from 0, length n.
    count
        Number of groups m; default: the highest and one more.

    Returns
    -------
    ndarray
        Shape (m, n).
    """
    found = np.asarray(groups, dtype=np.intp)
    m = int(found.max(initial=-1)) + 1 if count is None else count
    if found.min(initial=0) < 0 or found.max(initial=-1) >= m:
        raise ValueError(f"groups outside 0 … {m - 1}")
    weights = np.zeros((m, len(found)))
    weights[found, np.arange(len(found))] = 1.0
    return weights


def aggregate(table: InputOutput, weights: ArrayLike) -> InputOutput:
    """A table in the groups of a concordance, S Z S' (Miller & Blair 2009, §4.9).

    Parameters
    ----------
    table
        Of n sectors.
    weights
        Shape (m, n): share of sector j that belongs to group g, from :func:`concordance` or weighted. A weighted
        concordance spreads sales and purchases alike in the same shares.

    Returns
    -------
    InputOutput
        Of m sectors; totals of flows, final use, value added, imports and output are those of `table`.

    Raises
    ------
    ChainError
        ``concordance_not_whole`` where the shares of a sector don't add up to 1: something would be lost or doubled.
    """
    S = floats(weights, "weights", (None, len(table)))
    if (S < 0).any():
        raise ValueError("weights are negative")
    sums = S.sum(axis=0)
    off = np.abs(sums - 1) > WHOLE
    if off.any():
        raise ChainError("concordance_not_whole", sectors=positions(off), worst=float(sums[np.abs(sums - 1).argmax()]))
    S = S / sums
    return InputOutput(
        flows=S @ table.flows @ S.T,
        output=S @ table.output,
        final=S @ table.final,
        value_added=S @ table.value_added,
        imported=None if table.imported is None else S @ table.imported @ S.T,
        imported_final=None if table.imported_final is None else S @ table.imported_final,
        imports=None if table.imports is None else S @ table.imports,
    )
