"""What a place could turn to next: outlook index, outlook gain, and the score that ranks the options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from foreland.capability.matrices import BLOCK, Array, Matrix, dense, scaled_columns, ubiquity, working_form
from foreland.core.ranks import average_ranks

Centre = Literal["mean", "ubiquity", "none"]
GainFormula = Literal["atlas", "stata"]


def centred(pci: Array, centre: Centre, M: Matrix | None = None) -> Array:
    """PCI with its zero where the outlook formulas need it. Shape (F,).

    The outlook weighs missing fields by their PCI, so where PCI is zero decides whether a field adds or subtracts.
    ``mean``: the average field is zero, as in the Atlas. ``ubiquity``: the average over all presences is zero
    (Σ_c u_c PCI_c = 0), which is the raw eigenvector and what the Stata and Python ecomplexity packages use.
    ``none``: as given.
    """
    pci = np.asarray(pci, dtype=np.float64)
    if centre == "none" or np.isnan(pci).all():
        return pci
    if centre == "mean":
        return pci - np.nanmean(pci)
    if centre != "ubiquity":
        raise ValueError(f"centre is 'mean', 'ubiquity' or 'none', got {centre!r}")
    if M is None:
        raise ValueError("centring by ubiquity needs the presence matrix")
    weights = np.where(np.isnan(pci), 0.0, ubiquity(M))
    return pci - np.nansum(pci * weights) / weights.sum()


def outlook_index(M: Matrix, omega: Array, pci: Array, centre: Centre = "mean") -> Array:
    """Complexity outlook index, COI_r = Σ_c ω_rc (1 − M_rc) PCI_c (Hausmann et al. 2014, Atlas, "opportunity value").

    Parameters
    ----------
    M : (R, F) presence, 0..1. omega : (R, F) density, 0..1. pci : (F,); fields where it is missing do not count.
    centre : see `centred`.

    Returns
    -------
    (R,) float64, not standardised.
    """
    k = np.nan_to_num(centred(pci, centre, M))
    options = np.nan_to_num(np.asarray(omega, dtype=np.float64)) * (1.0 - dense(M))
    return np.asarray(options @ k)


def outlook_gain(M: Matrix, phi: Array, pci: Array, formula: GainFormula = "atlas", centre: Centre = "mean") -> Array:
    """Complexity outlook gain of each field a place does not have.

    - ``atlas``: COG_rc = Σ_c' φ_c'c / (Σ_c'' φ_c'c'') (1 − M_rc') PCI_c' − ω_rc PCI_c (Hausmann et al. 2014, Atlas,
      "opportunity gain"). With zeros on the diagonal of φ it is exactly how much COI changes when the place adds
      the field, PCI held fixed.
    - ``stata``: the same without the last term, as in the Stata, R and Python packages that share Hausmann's code.

    Parameters
    ----------
    M : (R, F) presence. phi : (F, F) proximity, row = the field being reached for; the same one as for density.
    pci : (F,). centre : see `centred`.

    Returns
    -------
    (R, F) in the float type of `phi`; missing where the field is present or its PCI is unknown.

    Raises
    ------
    ValueError
        Unknown formula or centre.
    """
    if formula not in ("atlas", "stata"):
        raise ValueError(f"formula is 'atlas' or 'stata', got {formula!r}")
    k = centred(pci, centre, M)
    den = phi.sum(axis=1, dtype=np.float64)
    safe = np.where(den > 0, den, 1)
    weights = np.where(den > 0, np.nan_to_num(k) / safe, 0.0)
    W = working_form(M, phi.dtype)
    weighted = scaled_columns(W, weights.astype(phi.dtype))
    out = np.empty(W.shape, dtype=phi.dtype)
    everything = weights @ phi
    for start in range(0, out.shape[1], BLOCK):
        c = slice(start, start + BLOCK)
        gain = everything[c] - weighted @ np.ascontiguousarray(phi[:, c])
        if formula == "atlas":
            gain = gain - (W @ np.ascontiguousarray(phi[c].T)) * (k[c] / safe[c])
        out[:, c] = np.where((dense(W[:, c]) > 0) | np.isnan(k[c]), np.nan, gain)
    return out


@dataclass(frozen=True)
class Weights:
    """How much relatedness (within reach), complexity (worth having) and gain (opens doors) count; any positive sum."""

    relatedness: float
    complexity: float
    gain: float

    def __post_init__(self) -> None:
        parts = (self.relatedness, self.complexity, self.gain)
        if min(parts) < 0 or not 0 < sum(parts) < float("inf"):
            raise ValueError(f"weights are not negative and not all zero, got {parts}")


# Starting points for a discussion, not estimates: every user may change them.
PRESETS = {
    "balanced": Weights(1, 1, 1),
    "low_hanging": Weights(3, 1, 1),
    "long_jump": Weights(1, 2, 2),
}


def opportunity_score(
    M: Matrix,
    omega: Array,
    pci: Array,
    gain: Array,
    weights: Weights | str = "balanced",
    scale: Literal["rank", "z"] = "rank",
) -> Array:
    """Weighted mean of relatedness, complexity and gain, each scaled among a place's own options.

    Parameters
    ----------
    M : (R, F) presence; only absent fields are options. omega, gain : (R, F). pci : (F,).
    weights : `Weights`, or the name of one of `PRESETS`.
    scale : ``rank`` (share of options ranked lower, ties averaged, 0..1; robust) or ``z`` (deviations).

    Returns
    -------
    (R, F) float64; missing where present, or where one of the three is missing.

    Raises
    ------
    ValueError
        Unknown preset or scale.
    """
    if isinstance(weights, str):
        if weights not in PRESETS:
            raise ValueError(f"unknown preset {weights!r}; known: {', '.join(PRESETS)}")
        weights = PRESETS[weights]
    if scale not in ("rank", "z"):
        raise ValueError(f"scale is 'rank' or 'z', got {scale!r}")
    parts = [np.asarray(x, dtype=np.float64) for x in (omega, np.broadcast_to(pci, M.shape), gain)]
    option = (dense(M) == 0) & ~np.isnan(parts[0]) & ~np.isnan(parts[1]) & ~np.isnan(parts[2])
    shares = np.array([weights.relatedness, weights.complexity, weights.gain])
    shares = shares / shares.sum()
    transform = _rank_share if scale == "rank" else _z
    score = sum(w * transform(part, option) for w, part in zip(shares, parts, strict=True) if w > 0)
    return np.where(option, score, np.nan)


def _rank_share(x: Array, option: Array) -> Array:
    ranks = average_ranks(np.where(option, x, np.inf))
    n = option.sum(axis=1, keepdims=True)
    return np.where(n > 1, (ranks - 1) / np.maximum(n - 1, 1), 0.5)


def _z(x: Array, option: Array) -> Array:
    n = np.maximum(option.sum(axis=1, keepdims=True), 1)
    deviation = x - np.where(option, x, 0).sum(axis=1, keepdims=True) / n
    sd = np.sqrt(np.where(option, deviation**2, 0).sum(axis=1, keepdims=True) / n)
    return np.where(sd > 0, deviation / np.where(sd > 0, sd, 1), 0.0)


def best(score: Array, n: int) -> tuple[Array, Array]:
    """The n best options of each place, best first; ties go to the lower field index.

    Returns
    -------
    fields (R, n) integer indices, −1 where a place has fewer options; scores (R, n), missing there.
    """
    if not 1 <= n <= score.shape[1]:
        raise ValueError(f"n must lie between 1 and {score.shape[1]}, got {n}")
    order = np.argsort(-score, axis=1, kind="stable")[:, :n]  # NaN sorts last
    scores = np.take_along_axis(score, order, axis=1)
    return np.where(np.isnan(scores), -1, order), scores
