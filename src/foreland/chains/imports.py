"""Imports in what is made at home: content, self-reliance, and vertical specialisation.

Everything here reads a split table: domestic flows in ``flows``, imports by product and user in ``imported``. The chain
is followed at home up to the border; what was made abroad out of exports of one's own counts as imported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from foreland.chains.errors import ChainError
from foreland.chains.input_output import Floats, InputOutput, floats, ratio, technical_coefficients


def import_coefficients(table: InputOutput) -> Floats:
    """Imports of product i per unit of output of sector j, A^m, shape (n, n).

    Raises
    ------
    ChainError
        ``not_split`` for a table whose flows are of any origin.
    """
    if table.imported is None:
        raise ChainError("not_split")
    return technical_coefficients(table.imported, table.output)


@dataclass(frozen=True)
class ImportContent:
    """Imports in one unit of each sector's product."""

    direct: Floats
    """Imported inputs of the sector itself, Σ_i a^m_ij, shape (n,)."""
    chain: Floats
    """Through the whole chain at home, 1'A^m L, shape (n,)."""
    domestic: Floats
    """Value added at home through the chain, v'L, shape (n,): `chain` + `domestic` = 1 where columns balance."""
    by_product: Floats
    """Which product is imported, A^m L, shape (n, n): imports of product i in one unit of product j."""


def import_content(table: InputOutput) -> ImportContent:
    """Import content of products made at home (Hummels, Ishii & Yi 2001; Miller & Blair 2009, §6.6).

    Parameters
    ----------
    table
        Split. Whether imports by user were counted or spread in proportion decides how far single cells can be
        trusted; sums over users are the published ones either way.
    """
    Am = import_coefficients(table)
    by_product = Am @ table.leontief
    added = technical_coefficients(table.value_added[None], table.output)[0]
    return ImportContent(Am.sum(axis=0), by_product.sum(axis=0), added @ table.leontief, by_product)


@dataclass(frozen=True)
class SelfReliance:
    """Domestic share of inputs, between 0 and 1 where no flow is negative; NaN where nothing is used."""

    direct: Floats
    """Of product i in sector j's own purchases, z^d_ij / (z^d_ij + z^m_ij), shape (n, n)."""
    chain: Floats
    """Of product i in all that the chain at home buys for one unit of j, (A^d L)_ij / ((A^d + A^m) L)_ij, (n, n)."""
    sector: Floats
    """Of all the sector buys, shape (n,)."""
    sector_chain: Floats
    """Of all that is bought along its chain, shape (n,)."""
    product: Floats
    """Of product i in all sectors' purchases, shape (n,). Along the chain of all final use it is the same number."""
    total: float
    """Of all inputs in the economy."""


def self_reliance(table: InputOutput) -> SelfReliance:
    """Domestic share of inputs: what a sector buys itself, and what is bought through its whole chain.

    Direct shares are those of an import matrix (Miller & Blair 2009, §4.6). Along the chain, the purchases of every
    sector upstream count in proportion to what one unit of final use of product j makes it produce (column j of L), so
    a sector that buys at home from suppliers that import is less self-reliant than its own purchases say.
    """
    Am = import_coefficients(table)
    Ad, L = table.coefficients, table.leontief
    home, abroad = Ad @ L, Am @ L
    assert table.imported is not None
    domestic, imported = table.flows, table.imported
    return SelfReliance(
        direct=ratio(domestic, domestic + imported),
        chain=ratio(home, home + abroad),
        sector=ratio(domestic.sum(axis=0), (domestic + imported).sum(axis=0)),
        sector_chain=ratio(home.sum(axis=0), (home + abroad).sum(axis=0)),
        product=ratio(domestic.sum(axis=1), (domestic + imported).sum(axis=1)),
        total=float(ratio(domestic.sum(), (domestic + imported).sum())),
    )


@dataclass(frozen=True)
class VerticalSpecialisation:
    """Imported inputs in exports (VS); domestic value added is what remains where columns balance."""

    share: float
    """VS share of all exports."""
    by_sector: Floats
    """Imports in the exports of each sector, currency of the table, shape (n,)."""
    by_product: Floats
    """Imports of each product for exports, currency of the table, shape (n,)."""


def vertical_specialisation(table: InputOutput, exports: ArrayLike) -> VerticalSpecialisation:
    """VS = 1'A^m L e / 1'e (Hummels, Ishii & Yi 2001, eq. 3).

    Parameters
    ----------
    table
        Split.
    exports
        Shape (n,): exports of domestic products; re-exported imports are left out by the definition.
    """
    e = floats(exports, "exports", (len(table),))
    by_product = import_coefficients(table) @ table.leontief
    amounts = by_product.sum(axis=0) * e
    return VerticalSpecialisation(float(ratio(amounts.sum(), e.sum())), amounts, np.asarray(by_product @ e))
