"""Economic complexity of places (ECI) and of fields (PCI)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
import scipy.sparse as sp

from foreland.capability.fitness import fitness
from foreland.capability.matrices import (
    Array,
    Matrix,
    as_matrix,
    components,
    diversity,
    trim,
    ubiquity,
    working_form,
)
from foreland.core.ranks import average_ranks

AnchorKind = Literal["fitness", "diversity", "previous", "reference"]

# Below these a sign or an axis is called fragile. The Hidalgo–Hausmann toy, on which packages disagree about the
# sign, has a margin of 0.11; uncleaned trade with continuous M has 0.28 and points the wrong way. Statistical
# anchors must also beat 2/√R, what unrelated values reach by chance.
SIGN_MARGIN = 0.3
RELATIVE_GAP = 0.05
# A second eigenvalue this small is rounding: all places of the component have the same basket.
NO_AXIS = 1e-10


@dataclass(frozen=True)
class Anchor:
    """What decides which end of the complexity axis is "up"; an eigenvector has no sign of its own.

    - ``fitness``: rank correlation with fitness (default).
    - ``diversity``: correlation with diversity, the rule of most packages; fragile.
    - ``previous``: correlation with `values`, the ECI of an earlier period (R,), missing where unknown.
    - ``reference``: the places at the rows `values` are known to be complex; rank-biserial correlation, i.e. the
      share of (reference, other) pairs in that order minus the share in the other.
    """

    kind: AnchorKind = "fitness"
    values: Array | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(AnchorKind):
            raise ValueError(f"unknown anchor {self.kind!r}; known: {', '.join(get_args(AnchorKind))}")
        if self.kind in ("previous", "reference") and self.values is None:
            raise ValueError(f"anchor {self.kind!r} needs values")


@dataclass(frozen=True)
class Complexity:
    """ECI and PCI, and how far to trust them.

    Attributes
    ----------
    eci, pci : (R,), (F,); missing where dropped. On one scale: ECI is the mean PCI of a place's basket.
    eigenvalues : the second and third eigenvalue of the place–place transition matrix (largest component).
    eigengap : their difference; when it is small the axis may swap with the next one.
    sign_margin : size of the correlation with the anchor (smallest over components); near 0 the sign is a coin toss.
    anchor : the kind of anchor that decided.
    components : number of connected components; scores of different components are not comparable.
    place_component, field_component : component of each, −1 where trimmed.
    dropped_places, dropped_fields : index → reason.
    caveats : codes: ``sign_unstable``, ``eigengap_small``, ``disconnected``, ``trimmed``.
    """

    eci: Array
    pci: Array
    eigenvalues: Array
    eigengap: float
    sign_margin: float
    anchor: str
    components: int
    place_component: Array
    field_component: Array
    dropped_places: dict[int, str] = field(default_factory=dict)
    dropped_fields: dict[int, str] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()


def complexity(
    M: Matrix,
    *,
    anchor: Anchor | None = None,
    ddof: int = 0,
    min_diversity: float = 0.0,
    min_ubiquity: float = 0.0,
) -> Complexity:
    """Economic complexity index and product complexity index (Hidalgo & Hausmann 2009; Hausmann et al. 2014).

    With D = diag(diversity) and U = diag(ubiquity), ECI is the eigenvector of D⁻¹ M U⁻¹ Mᵀ to its second largest
    eigenvalue and PCI that of U⁻¹ Mᵀ D⁻¹ M. Both come from one singular pair of D^-½ M U^-½, found by Lanczos
    without forming either product (Mealy, Farmer & Teytelboym 2019 give the symmetric form). ECI is scaled to mean
    0 and deviation 1; PCI takes its orientation *and* its mean and deviation from ECI, which is what keeps ECI equal
    to the mean PCI of the fields a place has.

    Parameters
    ----------
    M : (R, F) binary, or continuous such as RCA/(1+RCA); dense or sparse, non-negative.
    anchor : what fixes the sign; default ``Anchor("fitness")``.
    ddof : 0 divides by n (ecomplexity, the Stata package), 1 by n − 1 (R).
    min_diversity, min_ubiquity : places and fields below are left out, see `matrices.trim`. Empty ones always are.

    Returns
    -------
    Complexity. Separate components are worked apart, each scaled within itself. A component without a second
    dimension (fewer than three places or two fields, or identical baskets) is dropped as ``no_axis``.

    Raises
    ------
    ValueError
        When M is negative or has missing values, or `ddof` is not 0 or 1.
    """
    if ddof not in (0, 1):
        raise ValueError(f"ddof is 0 or 1, got {ddof}")
    M = as_matrix(M)
    anchor = anchor or Anchor()
    kept = trim(M, min_diversity, min_ubiquity)
    W = kept.take(M)
    n, place_label, field_label = components(W)
    eci, pci = np.full(W.shape[0], np.nan), np.full(W.shape[1], np.nan)
    dropped_places, dropped_fields = dict(kept.dropped_places), dict(kept.dropped_fields)
    rows, columns = np.flatnonzero(kept.places), np.flatnonzero(kept.fields)
    eigenvalues, margins, decided, unstable = np.full(2, np.nan), [], str(anchor.kind), False
    for label in range(n):
        p, f = np.flatnonzero(place_label == label), np.flatnonzero(field_label == label)
        part = working_form(W if n == 1 else W[p][:, f])
        axis = _second_axis(part) if p.size > 2 and f.size > 1 else None
        if axis is None:
            dropped_places.update((int(i), "no_axis") for i in rows[p])
            dropped_fields.update((int(i), "no_axis") for i in columns[f])
            continue
        kp, values = axis
        kc = part @ kp / diversity(part)
        sign, margin, kind = _orientation(kc, part, anchor, rows[p])
        mean, sd = kc.mean(), kc.std(ddof=ddof)
        eci[p], pci[f] = sign * (kc - mean) / sd, sign * (kp - mean) / sd
        margins.append(margin)
        chance = 2 / np.sqrt(p.size) if kind in ("fitness", "diversity") else 0.0
        unstable |= margin < max(SIGN_MARGIN, chance)
        if np.isnan(eigenvalues[0]):
            eigenvalues, decided = values, kind
    gap = float(eigenvalues[0] - eigenvalues[1])
    margin = min(margins, default=np.nan)
    flags = {
        "sign_unstable": bool(unstable),
        "eigengap_small": gap < RELATIVE_GAP * eigenvalues[0],
        "disconnected": n > 1,
        "trimmed": bool(kept.dropped_places or kept.dropped_fields),
    }
    labels = [
        np.where(np.isnan(x), -1, x).astype(int)
        for x in (kept.put_back_places(place_label), kept.put_back_fields(field_label))
    ]
    return Complexity(
        kept.put_back_places(eci),
        kept.put_back_fields(pci),
        eigenvalues,
        gap,
        float(margin),
        decided,
        n,
        labels[0],
        labels[1],
        dropped_places,
        dropped_fields,
        tuple(code for code, raised in flags.items() if raised),
    )


def _second_axis(M: Matrix) -> tuple[Array, Array] | None:
    """Unscaled PCI vector of a connected M, and the second and third eigenvalue; None without a second dimension."""
    d, u = 1 / np.sqrt(diversity(M)), 1 / np.sqrt(ubiquity(M))
    by_field = M.shape[1] <= M.shape[0]  # iterate on the shorter side
    outer, inner = (d, u) if by_field else (u, d)
    B = M if by_field else _transposed(M)
    Bt = _transposed(M) if by_field else M
    first = 1 / inner
    first /= np.linalg.norm(first)  # the trivial pair, eigenvalue 1

    def project(x: Array) -> Array:
        x = x.ravel()
        y = B @ (inner * x)
        y *= outer * outer
        return inner * (Bt @ y)

    def deflated(x: Array) -> Array:
        return project(x) - first * (first @ x.ravel())

    n = first.size
    if n <= 32:
        values, vectors = np.linalg.eigh(np.stack([deflated(e) for e in np.eye(n)]))
        second, third, v = values[-1], values[-2] if n > 1 else 0.0, vectors[:, -1]
    else:
        # A start that is the same in every run; what it is does not matter, only that it is no eigenvector.
        start = np.cos(np.arange(n) * 1.7)
        second, v = _largest(deflated, n, start, tol=1e-13)
        # The third value only says how clear the second one is: three digits are enough, and much cheaper.
        third, _ = _largest(lambda x: deflated(x) - (second * (v @ x.ravel())) * v, n, start, tol=1e-3)
    if second < NO_AXIS:
        return None
    b = v if by_field else u * (B @ (d * v))
    return b * u, np.clip([second, third], 0.0, 1.0)


def _transposed(M: Matrix) -> Matrix:
    return sp.csr_array(M.T) if sp.issparse(M) else M.T


def _largest(matvec: Callable[[Array], Array], n: int, start: Array, tol: float) -> tuple[float, Array]:
    from scipy.sparse.linalg import LinearOperator, eigsh

    operator = LinearOperator((n, n), matvec=matvec, dtype=np.float64)
    values, vectors = eigsh(operator, k=1, which="LA", v0=start, tol=tol)
    return float(values[0]), vectors[:, 0]


def _correlation(x: Array, y: Array) -> float:
    known = ~np.isnan(x) & ~np.isnan(y)
    if known.sum() < 2 or np.ptp(x[known]) == 0 or np.ptp(y[known]) == 0:
        return float("nan")
    return float(np.corrcoef(x[known], y[known])[0, 1])


def _rank_biserial(x: Array, member: Array) -> float:
    inside, outside = x[member], np.sort(x[~member])
    if not inside.size or not outside.size:
        return float("nan")
    below = np.searchsorted(outside, inside, "left") + np.searchsorted(outside, inside, "right")
    return float(below.mean() / outside.size - 1)


def _orientation(kc: Array, M: Matrix, anchor: Anchor, rows: Array) -> tuple[float, float, str]:
    """Sign for `kc`, the margin of the decision, and the kind of anchor that took it."""
    kind, r = str(anchor.kind), float("nan")
    if kind == "previous" and anchor.values is not None:
        r = _correlation(kc, np.asarray(anchor.values, dtype=np.float64)[rows])
    elif kind == "reference" and anchor.values is not None:
        r = _rank_biserial(kc, np.isin(rows, anchor.values))
    elif kind == "diversity":
        r = _correlation(kc, diversity(M))
    if np.isnan(r):  # asked for, or the anchor says nothing about these places
        kind = "fitness"
        scores = np.round(np.log(fitness(M, iterations=100, tol=1e-6).fitness), 6)
        r = _correlation(average_ranks(np.round(kc / np.abs(kc).max(), 9)), average_ranks(scores))
    if np.isnan(r):
        return 1.0, 0.0, kind
    return (1.0 if r >= 0 else -1.0), abs(r), kind


def complexity_panel(Ms: Sequence[Matrix] | Array, **options: object) -> list[Complexity]:
    """ECI and PCI period by period, each oriented by the period before.

    Parameters
    ----------
    Ms : (T, R, F) array, or a sequence of (R, F) matrices over one list of places and fields, in time order.
    **options : as for `complexity`; `anchor` orients the first period.

    Returns
    -------
    One Complexity a period. Every period is standardised in itself, so *levels are not comparable across years*,
    only positions are; each carries the caveat ``levels_not_comparable`` when there are several.

    Raises
    ------
    ValueError
        When the matrices differ in shape.
    """
    if len({M.shape for M in Ms}) > 1:
        raise ValueError("all periods need the same places and fields: pass empty rows and columns where unobserved")
    out: list[Complexity] = []
    for M in Ms:
        if out:
            options["anchor"] = Anchor("previous", out[-1].eci)
        result = complexity(M, **options)  # type: ignore[arg-type]
        out.append(result)
    if len(out) > 1:
        out = [replace(c, caveats=(*c.caveats, "levels_not_comparable")) for c in out]
    return out


def outside_complexity(M: Matrix, pci: Array) -> Array:
    """Complexity of places from the PCI of fields measured elsewhere: the mean PCI of their basket.

    Regional matrices are small and their own second eigenvector is often a geography label; scores from the world's
    (or the nation's) PCI avoid that and stay comparable (as in the subnational scores of the Atlas and the OEC).

    Parameters
    ----------
    M : (R, F) binary presence, or any non-negative weights (e.g. employment).
    pci : (F,); fields where it is missing are left out of the mean.

    Returns
    -------
    (R,) in the scale of `pci`; missing for places without any field of known complexity.
    """
    W = as_matrix(M)
    if np.shape(pci) != (W.shape[1],):
        raise ValueError(f"PCI of shape {np.shape(pci)} does not fit {W.shape[1]} fields")
    known = ~np.isnan(pci)
    weight = np.asarray(W @ known.astype(np.float64))
    total = np.asarray(W @ np.where(known, pci, 0.0))
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1), np.nan)
