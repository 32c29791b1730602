"""Multipliers: what one unit of final use brings about in output, value added, imports or persons."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from foreland.chains.errors import ChainError
from foreland.chains.input_output import Floats, InputOutput, floats, ratio, technical_coefficients


@dataclass(frozen=True)
class Multiplier:
    """What one unit of final use of each sector's product brings about, in units of the quantity; shapes (n,)."""

    direct: Floats
    """Quantity per unit of the sector's own output."""
    simple: Floats
    """In all sectors together, through the whole chain."""
    type1: Floats
    """simple / direct; NaN where direct is zero."""
    total: Floats | None = None
    """As simple, with households' spending of what they earn (truncated to the n sectors)."""
    type2: Floats | None = None
    """total / direct."""


@dataclass(frozen=True)
class Households:
    """What closes a table for households: what they earn in each sector, and what they buy; shapes (n,)."""

    income: Floats
    consumption: Floats
    total_income: float | None = None
    """All they earn and spend from; default: the sum of `income`."""


def multiplier(table: InputOutput, quantity: ArrayLike, households: Households | None = None) -> Multiplier:
    """Multipliers of a quantity: output, value added, imports, persons (Miller & Blair 2009, ch. 6).

    Parameters
    ----------
    table
        Where `flows` are of any origin, the whole chain is taken as if it were at home: see :func:`domestic`.
    quantity
        Shape (n,), by sector: ``table.output`` gives output multipliers.
    households
        For total and type II multipliers. The inverse closed for households is L + L h_c h_r L / (1 − h_r L h_c),
        by its blocks, with h_r income per unit of output and h_c purchases per unit of income.

    Raises
    ------
    ChainError
        ``closed_not_productive`` where households would spend more than the sectors can pay.
    """
    direct = technical_coefficients(floats(quantity, "quantity", (len(table),))[None], table.output)[0]
    simple = direct @ table.leontief
    if households is None:
        return Multiplier(direct, simple, ratio(simple, direct))
    income = floats(households.income, "income", (len(table),))
    earned = households.total_income if households.total_income is not None else float(income.sum())
    if earned <= 0:
        raise ValueError("households earn nothing")
    per_output = technical_coefficients(income[None], table.output)[0]
    bought = table.leontief @ (floats(households.consumption, "consumption", (len(table),)) / earned)
    respent = float(per_output @ bought)
    if respent >= 1:
        raise ChainError("closed_not_productive", share=respent)
    total = simple + (direct @ bought) / (1 - respent) * (per_output @ table.leontief)
    return Multiplier(direct, simple, ratio(simple, direct), total, ratio(total, direct))
