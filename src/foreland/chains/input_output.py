"""Input–output tables: coefficients, the Leontief and Ghosh inverses, balances, and domestic use.

Products or sectors run along both axes: cell (i, j) is the use of product i by sector j. A sector without output
takes part with zero coefficients; what it has no value for comes back as NaN, never as infinity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.linalg
import scipy.sparse.csgraph as csgraph
from numpy.typing import ArrayLike, NDArray

from foreland.chains.errors import ChainError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# Rounding of a published table may leave a product's imports a little above its uses; more than this is an error of it.
IMPORTS_ABOVE_USES = 0.05
# Below zero by less than this share of the largest cell, a cell of an inverse is rounding.
ROUNDING = 1e-10


def floats(values: ArrayLike, name: str, shape: tuple[int | None, ...]) -> Floats:
    """Values as float64 of the given shape; None stands for any length.

    Raises
    ------
    ValueError
        If the shape differs, or a value is NaN or infinite.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != len(shape) or any(want not in (None, got) for want, got in zip(shape, found.shape, strict=True)):
        wanted = " × ".join("any" if want is None else str(want) for want in shape)
        raise ValueError(f"{name} has the shape {found.shape}, not {wanted}")
    if not np.isfinite(found).all():
        raise ValueError(f"{name} has missing or infinite values")
    return found


def positions(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    """Where a mask is true, as plain numbers for a :class:`ChainError`."""
    return tuple(int(i) for i in np.flatnonzero(mask))


def ratio(a: ArrayLike, b: ArrayLike) -> Floats:
    """``a / b``; NaN where `b` is zero."""
    a, b = np.broadcast_arrays(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))
    out = np.full(a.shape, np.nan)
    np.divide(a, b, out=out, where=b != 0)
    return out


def technical_coefficients(flows: ArrayLike, output: ArrayLike) -> Floats:
    """Input of product i per unit of output of sector j, a_ij = z_ij / x_j (Miller & Blair 2009, ch. 2).

    Parameters
    ----------
    flows
        Shape (m, n), currency: rows of products, of imports or of value added.
    output
        Shape (n,), same currency.

    Returns
    -------
    ndarray
        Shape (m, n), no unit. The column of a sector without output and without inputs is zero.

    Raises
    ------
    ChainError
        ``negative_output``; ``inputs_without_output`` where a sector has inputs and no output.
    """
    x = floats(output, "output", (None,))
    Z = floats(flows, "flows", (None, x.size))
    if (x < 0).any():
        raise ChainError("negative_output", sectors=positions(x < 0))
    if x.all():
        return Z / x
    lost = (x == 0) & (Z != 0).any(axis=0)
    if lost.any():
        raise ChainError("inputs_without_output", sectors=positions(lost))
    return Z / np.where(x > 0, x, 1.0)


def leontief_inverse(coefficients: ArrayLike) -> Floats:
    """Output needed of product i per unit of final use of product j, L = (I − A)⁻¹ (Leontief 1936).

    For A ≥ 0 the inverse exists and is ≥ 0 exactly when the spectral radius is below 1 (Hawkins & Simon 1949), so
    the inverse itself is the test. With negative cells that of |A| is, whose radius is no smaller; the radius of A is
    computed only where neither settles it.

    Raises
    ------
    ChainError
        ``not_productive`` with the radius and the sectors that cause it.
    """
    A = _square(coefficients)
    L = _inverse(A)
    if L is not None:
        size = np.abs(A) if A.min(initial=0.0) < 0 else A
        if size.sum(axis=0).max(initial=0.0) < 1 or _is_chain(L if size is A else _inverse(size)):
            return L
    found = productivity(A)
    if L is None or found.radius >= 1:
        raise ChainError("not_productive", radius=found.radius, sectors=found.sectors)
    return L


def _inverse(A: Floats) -> Floats | None:
    try:
        # LAPACK's own inverse does a quarter less work than np.linalg.inv, which solves for the identity.
        return np.asarray(scipy.linalg.inv(np.eye(len(A)) - A, overwrite_a=True, check_finite=False))
    except scipy.linalg.LinAlgError:
        return None


def _is_chain(L: Floats | None) -> bool:
    """Whether the inverse of I − A, A ≥ 0, is the sum of A's powers: nothing below zero, one at least of one's own."""
    if L is None:
        return False
    rounding = ROUNDING * max(1.0, float(np.abs(L).max(initial=1.0)))
    return bool(L.min(initial=0.0) >= -rounding and L.diagonal().min(initial=1.0) >= 1 - ROUNDING)


@dataclass(frozen=True)
class Productivity:
    """Whether a table can produce more than it uses up (Hawkins & Simon 1949)."""

    radius: float
    """Spectral radius of the coefficients: below 1 the table is productive."""
    sectors: tuple[int, ...]
    """Sectors that cause a radius of 1 or more, the strongest first; empty for a productive table."""
    negative: tuple[tuple[int, int], ...]
    """Cells (i, j) below zero."""

    @property
    def productive(self) -> bool:
        return self.radius < 1


def productivity(coefficients: ArrayLike) -> Productivity:
    """Spectral radius of A and the sectors that make it reach 1.

    The radius of A is the largest among its strongly connected parts (Frobenius normal form). In a part that reaches
    1, some sector must use inputs worth its output or more; those are named, in the order of their share v_i u_i in
    the radius (v, u: left and right eigenvectors; the elasticity of the radius to what the sector takes).
    """
    A = _square(coefficients)
    negative = tuple((int(i), int(j)) for i, j in np.argwhere(A < 0))
    count, part = csgraph.connected_components(A != 0, directed=True, connection="strong")
    radius, causes = 0.0, []
    for label in range(count):
        block = np.flatnonzero(part == label)
        values, left, right = scipy.linalg.eig(A[np.ix_(block, block)], left=True)
        top = int(np.abs(values).argmax())
        size = float(np.abs(values[top]))
        radius = max(radius, size)
        if size >= 1:
            weight = np.abs(left[:, top] * right[:, top])
            used = np.abs(A[:, block]).sum(axis=0) >= 1
            weight = np.where(used, weight / weight.sum(), 0.0) if used.any() else weight / weight.sum()
            causes += [(float(w), int(k)) for w, k in zip(weight, block, strict=True) if w > 0]
    return Productivity(radius, tuple(k for _, k in sorted(causes, key=lambda c: (-c[0], c[1]))), negative)


def _square(matrix: ArrayLike) -> Floats:
    found = floats(matrix, "coefficients", (None, None))
    if found.shape[0] != found.shape[1]:
        raise ValueError(f"coefficients has the shape {found.shape}, not square")
    return found


@dataclass(frozen=True, eq=False)
class InputOutput:
    """A symmetric input–output table in one currency unit.

    Parameters
    ----------
    flows
        Shape (n, n): use of product i by sector j; domestic where `imported` is given, else of any origin.
    output
        Shape (n,).
    final
        Shape (n, k): final use by category, domestic where `imported` is given. A published balancing item is one
        of the categories.
    value_added
        Shape (n,): everything of a column that is no product of a sector, taxes on products among it. Imports are
        not in it.
    imported, imported_final
        Shapes (n, n) and (n, k): imports by product and user, where the table splits them.
    imports
        Shape (n,): competitive imports (positive), deducted from final use, where `flows` are of any origin. A split
        table may keep those below zero: services at home on imports of other products, such as the wholesale margins
        and duties in BEA's tables.

    Raises
    ------
    ValueError
        If shapes differ, a value is missing or infinite, or imports are given both split and deducted.
    """

    flows: Floats
    output: Floats
    final: Floats
    value_added: Floats
    imported: Floats | None = None
    imported_final: Floats | None = None
    imports: Floats | None = None

    def __post_init__(self) -> None:
        n = np.shape(self.output)[0] if np.ndim(self.output) == 1 else None
        shapes: dict[str, tuple[int | None, ...]] = {
            "output": (n,), "flows": (n, n), "final": (n, None), "value_added": (n,),
            "imported": (n, n), "imported_final": (n, None), "imports": (n,),
        }  # fmt: skip
        for name, shape in shapes.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, floats(value, name, shape))
        if self.imported is not None and self.imports is not None and (self.imports > 0).any():
            raise ValueError("imports are either split (imported) or deducted (imports), not both")
        if self.imported_final is not None:
            if self.imported is None:
                raise ValueError("imported_final without imported")
            if self.imported_final.shape != self.final.shape:
                raise ValueError("imported_final and final have different categories")

    def __len__(self) -> int:
        return len(self.output)

    @property
    def split(self) -> bool:
        """Whether `flows` are domestic."""
        return self.imported is not None

    @property
    def demand(self) -> Floats:
        """Final use of what sectors make, shape (n,): all categories less competitive imports, so that x = L f."""
        total: Floats = self.final.sum(axis=1)
        return total if self.imports is None else total - self.imports

    @cached_property
    def coefficients(self) -> Floats:
        """Technical coefficients A of `flows`, shape (n, n)."""
        return technical_coefficients(self.flows, self.output)

    @cached_property
    def leontief(self) -> Floats:
        """Leontief inverse L = (I − A)⁻¹, shape (n, n)."""
        return leontief_inverse(self.coefficients)

    @cached_property
    def allocation(self) -> Floats:
        """Allocation coefficients B: share b_ij = z_ij / x_i of output i that sector j takes; zero without output."""
        out = np.zeros_like(self.flows)
        np.divide(self.flows, self.output[:, None], out=out, where=self.output[:, None] > 0)
        return out

    @cached_property
    def ghosh(self) -> Floats:
        """Ghosh inverse G = (I − B)⁻¹ (Ghosh 1958), shape (n, n).

        As B = x̂⁻¹ A x̂, G = x̂⁻¹ L x̂ needs no inversion of its own. A product without output allocates nothing: its
        row is that of the identity.
        """
        x = self.output
        out = np.eye(len(x))
        np.divide(self.leontief * x, x[:, None], out=out, where=(x[:, None] > 0))
        return out

    def productivity(self) -> Productivity:
        """Spectral radius, the sectors that cause it, and negative cells."""
        return productivity(self.coefficients)


@dataclass(frozen=True)
class Balance:
    """What is left over in rows and columns; currency of the table."""

    rows: Floats
    """Uses less imports less output, shape (n,)."""
    columns: Floats
    """Inputs and value added less output, shape (n,)."""
    rows_total: float
    """Σ|rows| / Σ output."""
    columns_total: float
    """Σ|columns| / Σ output."""
    worst_row: int
    """Sector with the largest |row| / output; sectors without output count where something is left over."""
    worst_column: int


def balance(table: InputOutput) -> Balance:
    """Residuals of rows (uses = output) and columns (inputs + value added = output)."""
    x = table.output
    rows = table.flows.sum(axis=1) + table.demand - x
    inputs = table.flows.sum(axis=0) + (0.0 if table.imported is None else table.imported.sum(axis=0))
    columns = inputs + table.value_added - x

    def worst(left: Floats) -> int:
        relative = np.divide(np.abs(left), x, out=np.where(left != 0, np.inf, 0.0), where=x > 0)
        return int(relative.argmax())

    total = float(x.sum()) or 1.0
    shares = [float(np.abs(left).sum()) / total for left in (rows, columns)]
    return Balance(rows, columns, shares[0], shares[1], worst(rows), worst(columns))


def domestic(table: InputOutput, exports: Sequence[int] = ()) -> InputOutput:
    """Split a table's uses into domestic and imported in proportion to use (Miller & Blair 2009, §4.6; OECD).

    Every user at home takes imports of product i in the share s_i = m_i / (uses at home); exports are domestic as
    long as uses at home can hold the imports, the rest of them is re-exported.

    Parameters
    ----------
    table
        With competitive `imports`. A table that is split already comes back as it is.
    exports
        Columns of `final` that are exports; empty where exports take part like any other use.

    Returns
    -------
    InputOutput
        Split; row and column residuals are those of `table`.

    Raises
    ------
    ChainError
        ``no_imports`` where the table has neither; ``imports_above_uses`` where imports of a product exceed its uses
        by more than 5 % (less is rounding and stays in the row's residual).
    """
    if table.split:
        return table
    if table.imports is None:
        raise ChainError("no_imports")
    m = np.maximum(table.imports, 0.0)
    below = np.minimum(table.imports, 0.0)
    out = np.zeros(table.final.shape[1], dtype=bool)
    out[list(exports)] = True
    home = table.flows.sum(axis=1) + table.final[:, ~out].sum(axis=1)
    abroad = table.final[:, out].sum(axis=1)
    share = np.minimum(np.divide(m, home, out=np.zeros_like(m), where=home > 0), 1.0)
    rest = m - share * home
    again = np.minimum(np.divide(rest, abroad, out=np.zeros_like(m), where=abroad > 0), 1.0)
    over = rest - again * abroad > IMPORTS_ABOVE_USES * m
    if over.any():
        raise ChainError("imports_above_uses", sectors=positions(over))
    shares = np.where(out, again[:, None], share[:, None])
    imported, imported_final = share[:, None] * table.flows, shares * table.final
    return replace(
        table,
        flows=table.flows - imported,
        final=table.final - imported_final,
        imported=imported,
        imported_final=imported_final,
        imports=below if below.any() else None,
    )
