"""Where a sector stands between primary inputs and final use, and how many steps lie between two sectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foreland.chains.errors import ChainError
from foreland.chains.input_output import Floats, InputOutput, leontief_inverse, positions, ratio, technical_coefficients

# Cells of L − I below this are paths too thin to measure a length on.
THIN = 1e-12


@dataclass(frozen=True)
class Position:
    """Position of n sectors in the chain; shapes (n,), in steps, at least 1. NaN for a sector without output."""

    upstreamness: Floats
    """Steps to final use: 1 for a product only sold to final users."""
    downstreamness: Floats
    """Steps from primary inputs: 1 for a sector that buys nothing from sectors."""


def position(table: InputOutput, exports: Sequence[int] = (), inventories: Sequence[int] = ()) -> Position:
    """Upstreamness and downstreamness with the correction for an open economy and inventories.

    Upstreamness solves U_i = 1 + Σ_j δ_ij U_j with δ_ij = z_ij / (x_i − e_i + m_i − n_i) (Antràs, Chor, Fally &
    Hillberry 2012, eq. 4): exports e and imports m are taken to be used as the product is at home, and net changes of
    inventories n as later uses are. By the balance of the row the denominator is all use at home other than
    inventories, and is taken from there, z and final use being of any origin. Downstreamness solves D_j = 1 + Σ_i
    a_ij D_i (Antràs & Chor 2018; Miller & Temurshoev 2017) with inputs of any origin, as if imported inputs were
    made as they are at home.

    Parameters
    ----------
    table
        Either kind. A split table must tell imports of final use too.
    exports, inventories
        Columns of ``final``. Without `exports` and with ``flows`` of any origin and no imports, the table is read as
        that of a closed economy, U = G 1 and D = 1'L.

    Raises
    ------
    ChainError
        ``no_imported_final`` for a split table without them; ``negative_uses`` where a product's use at home is below
        zero; ``not_productive`` where products never reach final use.
    """
    flows, final = table.flows, table.final
    if table.imported is not None:
        if table.imported_final is None:
            raise ChainError("no_imported_final")
        flows, final = flows + table.imported, final + table.imported_final
    left = np.ones(final.shape[1], dtype=bool)
    left[[*exports, *inventories]] = False
    used = flows.sum(axis=1) + final[:, left].sum(axis=1)
    if (used < 0).any():
        raise ChainError("negative_uses", sectors=positions(used < 0))
    delta = np.divide(flows, used[:, None], out=np.zeros_like(flows), where=used[:, None] > 0)
    upstream = leontief_inverse(delta).sum(axis=1)
    downstream = leontief_inverse(technical_coefficients(flows, table.output)).sum(axis=0)
    made = table.output > 0
    return Position(np.where(made, upstream, np.nan), np.where(made, downstream, np.nan))


@dataclass(frozen=True)
class Propagation:
    """Average propagation lengths between n sectors."""

    length: Floats
    """APL of a demand pull in j on i, and of a cost push in i on j, in steps, at least 1; shape (n, n). NaN where
    there is no path."""
    strength: Floats
    """Size of the linkage, the mean of L − I and G − I, shape (n, n)."""
    backward: Floats
    """Mean over the sectors that j buys from through the chain, shape (n,): itself left out."""
    forward: Floats
    """Mean over the sectors that i sells to through the chain, shape (n,): itself left out."""


def propagation(table: InputOutput) -> Propagation:
    """Average propagation lengths H / (L − I), H = Σ_k k A^k = L (L − I) (Dietzenbacher, Romero & Bosma 2005).

    The same numbers come from L and from G. A length says how indirect a linkage is and nothing of its size: read it
    with `strength`.
    """
    L = table.leontief
    linkage = L - np.eye(len(L))
    known = linkage > THIN
    length = np.where(known, ratio(L @ linkage, linkage), np.nan)
    # Where rounding leaves a length just under the one step that every path has.
    length = np.fmax(length, np.where(known, 1.0, np.nan))
    strength = (linkage + table.ghosh - np.eye(len(L))) / 2
    other = known & ~np.eye(len(L), dtype=bool)
    filled = np.where(other, length, 0.0)
    return Propagation(
        length,
        strength,
        backward=ratio(filled.sum(axis=0), other.sum(axis=0)),
        forward=ratio(filled.sum(axis=1), other.sum(axis=1)),
    )
