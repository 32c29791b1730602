"""Hypothetical extraction: what the economy loses when a sector no longer buys, sells, or is there at all.

All sectors come out of one inverse: taking a row or column out of A changes I − A by rank one, so the reduced table's
inverse follows from L by the formula of Sherman & Morrison (1950).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from foreland.chains.input_output import Floats, InputOutput, floats


@dataclass(frozen=True)
class Extraction:
    """What all sectors together lose, by extracted sector; shapes (n,), units of the quantity."""

    total: Floats
    """The sector is gone: its purchases, its sales and its final use, its own output among the loss."""
    others: Floats
    """`total` without the sector's own: what the other sectors lose."""
    backward: Floats
    """The sector buys nothing at home any more; its own output is still needed."""
    forward: Floats
    """The sector sells nothing to sectors any more, in the Ghosh model: what its output went into isn't made."""
    sales: Floats
    """Sectors buy nothing of it any more and get it elsewhere, in the Leontief model: it and its suppliers lose."""
    whole: float
    """The quantity in the whole economy, to take shares of."""


def extraction(table: InputOutput, quantity: ArrayLike | None = None) -> Extraction:
    """Hypothetical extraction of every sector (Paelinck, de Caevel & Degueldre 1965; Miller & Blair 2009, §12.2).

    With x = L f, w the quantity per unit of output (1 for output) and q = w'L:

    - total, row and column k of A and f_k set to zero: q_k x_k / l_kk (Miller & Lahr 2001);
    - backward, column k of A set to zero: (q_k − w_k) x_k / l_kk;
    - sales, row k of A set to zero: q_k (x_k − f_k) / l_kk;
    - forward, row k of B set to zero in x' = v'G: (Σ_j g_kj w_j − w_k) x_k / g_kk.

    Backward and forward are those of Dietzenbacher & van der Linden (1997); a sector's use of its own product goes
    with its row or column.

    Parameters
    ----------
    table
        With domestic flows: what the economy at home loses. See :func:`foreland.chains.input_output.domestic`.
    quantity
        Shape (n,), by sector: value added, persons. Default: output.

    Notes
    -----
    Final use and technology stay as they are and nobody finds another supplier, so this is the sector's weight in the
    chain and no forecast. Losses of two sectors overlap and must not be added.
    """
    n = len(table)
    x = table.leontief @ table.demand
    w = np.ones(n)
    if quantity is not None:
        given = floats(quantity, "quantity", (n,))
        w = np.divide(given, table.output, out=np.zeros(n), where=table.output > 0)
    own = table.leontief.diagonal()
    q = w @ table.leontief
    total = q * x / own
    return Extraction(
        total=total,
        others=total - w * x,
        backward=(q - w) * x / own,
        forward=(table.ghosh @ w - w) * table.output / table.ghosh.diagonal(),
        sales=q * (x - table.demand) / own,
        whole=float(w @ x),
    )


def lost_by(table: InputOutput, sector: int) -> Floats:
    """Output that each sector loses when one is taken out: l_ik x_k / l_kk, shape (n,); the sector itself x_k."""
    L = table.leontief
    needed = float(L[sector] @ table.demand)
    return np.asarray(L[:, sector] * needed / L[sector, sector])
