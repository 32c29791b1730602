"""Structural decomposition: what changed output, value added or employment between two years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.chains.errors import ChainError
from foreland.chains.input_output import Floats, InputOutput, floats, technical_coefficients


@dataclass(frozen=True)
class Decomposition:
    """Contributions to the change of a quantity by sector; shapes (n,), units of the quantity.

    ``intensity + inputs + origin + mix + category + level + signed + imports`` is ``change``, exactly.
    """

    change: Floats
    """The change itself, of what the tables' final use calls for (L f; output where rows balance)."""
    intensity: Floats
    """Quantity per unit of output; zero for output."""
    inputs: Floats
    """Technical coefficients: what is needed to make things, of any origin."""
    origin: Floats
    """Domestic shares of inputs: imports replaced, or replacing. Zero where tables aren't split."""
    mix: Floats
    """Products within the categories of final use; where tables are split, its domestic shares too."""
    category: Floats
    """Shares of the categories of final use."""
    level: Floats
    """Final use as a whole."""
    signed: Floats
    """Categories with negative cells (inventories, balancing items), which have no shares to speak of."""
    imports: Floats
    """Competitive imports deducted from final use."""
    by_category: Floats
    """Final use by its categories, shape (n, k): sums to mix + category + level + signed."""
    by_user: Floats
    """`inputs` + `origin` by the sector whose inputs changed, summed over sectors that gain or lose by it."""

    @property
    def technology(self) -> Floats:
        """`inputs` + `origin`: the change of the Leontief inverse."""
        return self.inputs + self.origin

    @property
    def demand(self) -> Floats:
        """All of final use."""
        return self.mix + self.category + self.level + self.signed + self.imports


@dataclass(frozen=True)
class _Year:
    w: Floats
    L: Floats
    x: Floats
    A: Floats
    S: Floats
    mix: Floats
    shares: Floats
    level: float
    signed: Floats
    imports: Floats


def decompose(
    before: InputOutput, after: InputOutput, quantities: tuple[ArrayLike, ArrayLike] | None = None
) -> Decomposition:
    """Structural decomposition of Δ(w ∘ L f), the mean of the two polar forms (Dietzenbacher & Los 1998).

    Final use f is M d s: products within categories (M, columns sum to 1), shares of categories (d, sum to 1), level
    (s). ΔL = L_1 ΔA L_0 = L_0 ΔA L_1, and of ΔA, with A = S ∘ A* for domestic tables, ΔA* goes to inputs and ΔS to
    origin, each weighted with the mean of the other.

    Parameters
    ----------
    before, after
        Tables in the same classification, categories and prices: in current prices, the level takes in inflation and
        coefficients take in relative prices.
    quantities
        By sector in either year, shape (n,): value added, persons. Default: output.

    Raises
    ------
    ChainError
        ``different_tables`` where classification, categories or kinds of tables differ in size; ``no_final_use``
        where a year has no final use other than signed categories.
    """
    if before.final.shape != after.final.shape or before.split != after.split:
        raise ChainError("different_tables", before=len(before), after=len(after))
    signed = np.asarray((np.minimum(before.final, after.final) < 0).any(axis=0))
    given = (None, None) if quantities is None else quantities
    years = [_year(table, quantity, signed) for table, quantity in zip((before, after), given, strict=True)]
    old, new = years
    _fill(old, new)
    n, k = before.final.shape
    A, S = (new.A - old.A) * (old.S + new.S) / 2, (new.S - old.S) * (old.A + new.A) / 2
    parts = {name: np.zeros(n) for name in ("intensity", "inputs", "origin", "mix", "category", "level", "signed")}
    parts["imports"], by_category, by_user = np.zeros(n), np.zeros((n, k)), np.zeros(n)
    for lead, tail in ((old, new), (new, old)):
        through = lead.w[:, None] * lead.L / 2
        parts["intensity"] += (new.w - old.w) * tail.x / 2
        parts["inputs"] += through @ (A @ tail.x)
        parts["origin"] += through @ (S @ tail.x)
        parts["mix"] += through @ ((new.mix - old.mix) @ tail.shares) * tail.level
        parts["category"] += through @ (lead.mix @ (new.shares - old.shares)) * tail.level
        parts["level"] += through @ (lead.mix @ lead.shares) * (new.level - old.level)
        parts["signed"] += through @ (new.signed - old.signed)
        parts["imports"] += through @ (old.imports - new.imports)
        by_category += through @ (after.final - before.final)
        by_user += (through.sum(axis=0) @ (A + S)) * tail.x
    return Decomposition(change=new.w * new.x - old.w * old.x, **parts, by_category=by_category, by_user=by_user)


def _year(table: InputOutput, quantity: ArrayLike | None, signed: NDArray[np.bool_]) -> _Year:
    n = len(table)
    if quantity is None:
        w = np.ones(n)
    else:
        w = technical_coefficients(floats(quantity, "quantities", (n,))[None], table.output)[0]
    A = table.coefficients
    if table.imported is not None:
        A = A + technical_coefficients(table.imported, table.output)
    S = np.divide(table.coefficients, A, out=np.full_like(A, np.nan if table.split else 1.0), where=A != 0)
    plain = np.where(signed, 0.0, table.final)
    totals = plain.sum(axis=0)
    level = float(totals.sum())
    if level <= 0:
        raise ChainError("no_final_use")
    mix = np.divide(plain, totals, out=np.full_like(plain, np.nan), where=totals > 0)
    return _Year(
        w=w,
        L=table.leontief,
        x=table.leontief @ table.demand,
        A=A,
        S=S,
        mix=mix,
        shares=totals / level,
        level=level,
        signed=table.final[:, signed].sum(axis=1),
        imports=np.zeros(n) if table.imports is None else table.imports,
    )


def _fill(old: _Year, new: _Year) -> None:
    """Let the other year stand in for what a year lacks.

    An input used in one year only has the origin it has there, and a category of one year only its mix of products:
    that they appear is a matter of inputs and of categories.
    """
    for mine, other in ((old.S, new.S), (old.mix, new.mix)):
        for one, two in ((mine, other), (other, mine)):
            unknown = np.isnan(one)
            one[unknown] = np.where(np.isnan(two), 0.0, two)[unknown]
