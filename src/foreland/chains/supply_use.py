"""Symmetric tables from make and use tables (Eurostat Manual of Supply, Use and Input–Output Tables 2008, ch. 11)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foreland.chains.errors import ChainError
from foreland.chains.input_output import Floats, InputOutput, floats, positions


@dataclass(frozen=True, eq=False)
class SupplyUse:
    """Make and use tables of s industries and c commodities in one currency unit and one kind of prices.

    Parameters
    ----------
    make
        Shape (s, c): output of commodity c by industry s, the transposed supply table.
    use
        Shape (c, s): domestic where `imported` is given, else of any origin.
    final
        Shape (c, k).
    value_added
        Shape (s,): everything of an industry's column that is no commodity.
    imports, imported, imported_final
        As in :class:`foreland.chains.input_output.InputOutput`, by commodity: shapes (c,), (c, s), (c, k).
    """

    make: Floats
    use: Floats
    final: Floats
    value_added: Floats
    imports: Floats | None = None
    imported: Floats | None = None
    imported_final: Floats | None = None

    def __post_init__(self) -> None:
        s, c = np.shape(self.make)
        k = np.shape(self.final)[1]
        shapes: dict[str, tuple[int | None, ...]] = {
            "make": (s, c), "use": (c, s), "final": (c, k), "value_added": (s,),
            "imports": (c,), "imported": (c, s), "imported_final": (c, k),
        }  # fmt: skip
        for name, shape in shapes.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, floats(value, name, shape))
        negative = np.asarray((self.make < 0).any(axis=1))
        if negative.any():
            raise ChainError("negative_make", sectors=positions(negative))

    @property
    def industry_output(self) -> Floats:
        """Shape (s,)."""
        return np.asarray(self.make.sum(axis=1))

    @property
    def commodity_output(self) -> Floats:
        """Shape (c,)."""
        return np.asarray(self.make.sum(axis=0))

    @property
    def unmade(self) -> NDArray[np.bool_]:
        """Commodities that no industry makes, shape (c,): noncomparable imports and the like."""
        return self.commodity_output == 0


def industry_by_industry(tables: SupplyUse) -> InputOutput:
    """Industry by industry under a fixed product sales structure (Eurostat's model D).

    Every commodity, whoever made it, goes to users in the same proportions: T = V q̂⁻¹ (market shares), flows T U,
    final use T F, output V 1. No negative cells arise.

    Notes
    -----
    A commodity that nobody makes at home belongs to no industry. What industries buy of it goes to their value added
    ("everything that is no product of a sector") so that columns stay whole; its final use and its imports are left
    out. ``SupplyUse.unmade`` names such commodities.
    """
    made = tables.commodity_output
    shares = np.divide(tables.make, made, out=np.zeros_like(tables.make), where=made > 0)
    foreign = tables.use[tables.unmade].sum(axis=0)
    if tables.imported is not None:
        foreign = foreign + tables.imported[tables.unmade].sum(axis=0)
    return InputOutput(
        flows=shares @ tables.use,
        output=tables.industry_output,
        final=shares @ tables.final,
        value_added=tables.value_added + foreign,
        imports=None if tables.imports is None else shares @ tables.imports,
        imported=None if tables.imported is None else shares @ tables.imported,
        imported_final=None if tables.imported_final is None else shares @ tables.imported_final,
    )


def commodity_by_commodity(tables: SupplyUse) -> InputOutput:
    """Commodity by commodity under industry technology (Eurostat's model B).

    Every industry makes all its commodities with the same inputs: with C = ĝ⁻¹ V (product mix), flows U C, value added
    w'C, final use as it is, output q. No negative cells arise; a commodity that nobody makes keeps its row.

    Raises
    ------
    ChainError
        ``inputs_without_output`` where an industry has inputs or value added and makes nothing.
    """
    g = tables.industry_output
    idle = g == 0
    lost = idle & ((tables.use != 0).any(axis=0) | (tables.value_added != 0))
    if tables.imported is not None:
        lost |= idle & (tables.imported != 0).any(axis=0)
    if lost.any():
        raise ChainError("inputs_without_output", sectors=positions(lost))
    mix = np.divide(tables.make, g[:, None], out=np.zeros_like(tables.make), where=g[:, None] > 0)
    return InputOutput(
        flows=tables.use @ mix,
        output=tables.commodity_output,
        final=tables.final,
        value_added=tables.value_added @ mix,
        imports=tables.imports,
        imported=None if tables.imported is None else tables.imported @ mix,
        imported_final=tables.imported_final,
    )
