"""Duplicated layout: places that stake on the same fields without much of their own to build on.

Arrays are regions × fields. Nothing here knows who is to give way; it says which pairs overlap, in what, and whether
chance would do as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Measure = Literal["cosine", "ruzicka", "krugman"]


@dataclass(frozen=True)
class Null:
    """What chance would do: mean and standard deviation of the overlaps, z = (seen − mean) / deviation (NaN where
    chance always gives the same), the share of draws at least as large (one-sided, counted with the seen one), and
    that share adjusted for the number of pairs. Shapes as the overlap they belong to."""

    mean: Floats
    deviation: Floats
    z: Floats
    p: Floats
    adjusted: Floats


def attention_shares(A: ArrayLike) -> Floats:
    """Attention of each place as shares that add up to one; a place that speaks of no field has NaN throughout.

    Raises
    ------
    ValueError
        Where an entry is negative or missing.
    """
    A = np.asarray(A, np.float64)
    if A.ndim != 2 or not (A >= 0).all():
        raise ValueError("attention is a matrix of regions × fields without negative or missing values")
    total = A.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, A / np.where(total > 0, total, 1), np.nan)


def lack_of_backing(B: ArrayLike, unknown: float = 0.5) -> Floats:
    """How little stands behind each field of each place, from 0 (as much as expected, or more) to 1 (nothing).

    Parameters
    ----------
    B
        What backs it over what is expected, shape (R, F), ≥ 0; NaN where nothing is known.
    unknown
        The lack put in for what is not known.

    Raises
    ------
    ValueError
        Where a ratio is negative, or `unknown` is not between 0 and 1.
    """
    B = np.asarray(B, np.float64)
    if (B < 0).any():
        raise ValueError("backing is a ratio to the expected, not below 0")
    if not 0 <= unknown <= 1:
        raise ValueError(f"unknown is between 0 and 1, not {unknown}")
    return np.where(np.isnan(B), unknown, 1 - np.minimum(B, 1))


def weights(A: ArrayLike, B: ArrayLike | None = None, unknown: float = 0.5) -> Floats:
    """Unbacked attention: share of attention × lack of backing, shape (R, F); `B` None counts all attention."""
    shares = attention_shares(A)
    if B is None:
        return shares
    B = np.asarray(B, np.float64)
    if B.shape != shares.shape:
        raise ValueError(f"attention is {shares.shape}, backing {B.shape}")
    return shares * lack_of_backing(B, unknown)


def overlap(W: ArrayLike, measure: Measure = "ruzicka") -> Floats:
    r"""How much the portfolios of every two places overlap, shape (R, R), from 0 (nothing in common) to 1 (the same).

    Parameters
    ----------
    W
        Weights ≥ 0, shape (..., R, F). Leading axes are worked separately.
    measure
        ``ruzicka`` :math:`\sum_f \min(w_{rf}, w_{sf}) / \sum_f \max(w_{rf}, w_{sf})` (Ružička 1958): what is staked
        twice, as a share of all that either stakes. The size of what is unbacked counts: a place that backs its
        fields overlaps with nobody.
        ``cosine``: the angle alone, whatever the size (as technological proximity in Jaffe 1986).
        ``krugman`` :math:`1 - \tfrac12\sum_f |s_{rf} - s_{sf}|` with shares s: the complement of half of Krugman's
        (1991) specialisation index, which is the Finger & Kreinin (1979) similarity.

    Returns
    -------
    ndarray
        NaN where a place has NaN, or both have no weight at all; ``cosine`` and ``krugman`` also where one has none.
    """
    W = np.asarray(W, np.float64)
    total = W.sum(axis=-1)
    if measure == "cosine":
        norm = np.sqrt((W**2).sum(axis=-1))
        scaled = W / np.where(norm > 0, norm, np.nan)[..., None]
        return np.clip(scaled @ np.swapaxes(scaled, -1, -2), 0, 1)
    if measure == "krugman":
        W = W / np.where(total > 0, total, np.nan)[..., None]
        total = np.where(total > 0, 1.0, np.nan)
    elif measure != "ruzicka":
        raise ValueError(f"measure is 'ruzicka', 'cosine' or 'krugman', not {measure!r}")
    # Σ min = (Σa + Σb − Σ|a − b|) / 2, and Σ max = Σa + Σb − Σ min; one field at a time keeps memory at R × R.
    common = np.zeros((*W.shape[:-1], W.shape[-2]))
    for f in range(W.shape[-1]):
        common += np.minimum(W[..., :, None, f], W[..., None, :, f])
    both = total[..., :, None] + total[..., None, :]
    if measure == "krugman":
        return np.minimum(common, 1.0) + 0 * both
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(both > 0, common / (both - common), np.nan)


def shared_fields(W: ArrayLike, region: int, other: int) -> Floats:
    """How much each field adds to what two places stake twice, shape (F,); the sum is 1, NaN where they share none."""
    W = np.asarray(W, np.float64)
    common = np.minimum(W[region], W[other])
    total = common.sum()
    return common / total if total > 0 else np.full(len(common), np.nan)


def duplication_index(W: ArrayLike, measure: Measure = "ruzicka") -> float:
    """Duplication in the system as a whole: the mean overlap over the pairs where there is one; NaN without pairs."""
    values = pair_values(overlap(W, measure))
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def pair_values(matrix: Floats) -> Floats:
    """Entries above the diagonal, shape (..., R (R − 1) / 2), row by row."""
    rows, columns = np.triu_indices(matrix.shape[-1], 1)
    return matrix[..., rows, columns]


def field_crowding(W: ArrayLike) -> tuple[Floats, Floats]:
    """Which fields are crowded with unbacked attention: the weight of each field over all places, and the effective
    number of places it comes from (inverse of the sum of squared shares; Laakso & Taagepera 1979), shapes (F,)."""
    W = np.nan_to_num(np.asarray(W, np.float64))
    total = W.sum(axis=0)
    share = W / np.where(total > 0, total, np.nan)
    return total, 1 / (share**2).sum(axis=0)


def permute_profiles(W: ArrayLike, draws: int, seed: int = 0) -> Floats:
    """Each place keeps its weights and stakes them on fields drawn at random; shape (draws, R, F)."""
    W = np.asarray(W, np.float64)
    rng = np.random.default_rng(seed)
    return rng.permuted(np.broadcast_to(W, (draws, *W.shape)), axis=2)


def swap_degrees(M: ArrayLike, draws: int, seed: int = 0, swaps: int | None = None) -> NDArray[np.bool_]:
    """Binary layouts with the same number of fields a place and of places a field, shape (draws, R, F).

    Curveball trades between two rows (Strona et al. 2014, Nature Communications 5:4114), which sample all such
    matrices evenly (Carstens 2015). Popular fields stay popular, so what is left is who stands with whom.

    Parameters
    ----------
    M
        Which place stakes on which field, shape (R, F).
    draws
        Matrices returned, one after the other from one chain.
    seed
        Of the chain.
    swaps
        Trades between two draws; two for each row by default, after ten times as many at the start.
    """
    layout = np.array(M, bool)
    rng = np.random.default_rng(seed)
    count = len(layout)
    result = np.repeat(layout[None], draws, axis=0)
    if count < 2:
        return result
    swaps = 2 * count if swaps is None else swaps
    for draw in range(draws):
        for _ in range(swaps if draw else 10 * swaps):
            a, b = rng.choice(count, 2, replace=False)
            # What only one of the two has is dealt out anew, as many to each as before.
            apart = np.flatnonzero(layout[a] != layout[b])
            dealt = rng.permutation(layout[a, apart])
            layout[a, apart], layout[b, apart] = dealt, ~dealt
        result[draw] = layout
    return result


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """p-values adjusted to the false discovery rate (Benjamini & Hochberg 1995); NaN is left out, any shape."""
    p = np.asarray(p, np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = ~np.isnan(p)
    values = p[known]
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    stepped = np.minimum.accumulate(values[order] * len(values) / ranks)
    back = np.empty(len(values))
    back[order] = np.minimum(stepped, 1.0)
    adjusted[known] = back
    return adjusted


@dataclass(frozen=True)
class Duplication:
    """Overlap of every two places, shape (R, R), the duplication of the system, and what chance makes of either."""

    overlap: Floats
    index: float
    pairs: Null
    system: Null


def duplication(
    W: ArrayLike,
    measure: Measure = "ruzicka",
    null: Literal["profiles", "degrees"] = "profiles",
    draws: int = 999,
    seed: int = 0,
) -> Duplication:
    """Overlap of every two places held against chance.

    Parameters
    ----------
    W
        Unbacked attention, shape (R, F), from :func:`weights`.
    measure
        See :func:`overlap`.
    null
        ``profiles``: each place keeps how concentrated it is and draws its fields anew, so that agreeing on the
        field everyone likes counts as overlap. ``degrees``: for weights of 0 and 1, fields keep their popularity
        as well, so that it does not.
    draws, seed
        Of the permutations.

    Returns
    -------
    Duplication
        ``pairs`` has shape (R, R) with NaN on the diagonal; its p-values are adjusted over the pairs. ``system``
        has shape ().

    Raises
    ------
    ValueError
        Where ``degrees`` is asked for weights other than 0 and 1, or there are no draws.
    """
    W = np.asarray(W, np.float64)
    if draws < 1:
        raise ValueError(f"draws is at least 1, not {draws}")
    if null == "degrees":
        if not np.isin(W, (0, 1)).all():
            raise ValueError("the null that keeps degrees is for weights of 0 and 1")
        drawn: NDArray = swap_degrees(W, draws, seed)
    elif null == "profiles":
        drawn = permute_profiles(W, draws, seed)
    else:
        raise ValueError(f"null is 'profiles' or 'degrees', not {null!r}")
    seen = overlap(W, measure)
    values = pair_values(seen)
    chance = np.stack([pair_values(overlap(one.astype(np.float64), measure)) for one in drawn])
    spread = _against(values, chance)
    adjusted = benjamini_hochberg(spread[3])
    rows, columns = np.triu_indices(len(W), 1)
    square = np.full((5, len(W), len(W)), np.nan)
    for n, part in enumerate((*spread, adjusted)):
        square[n, rows, columns] = square[n, columns, rows] = part
    known = np.isfinite(values)
    if known.any():
        index = float(values[known].mean())
        whole = _against(np.array(index), chance[:, known].mean(axis=1))
    else:
        index, whole = float("nan"), (np.array(np.nan),) * 4
    return Duplication(seen, index, Null(*square), Null(*whole, whole[3]))


def _against(seen: Floats, chance: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, deviation, z and one-sided p (Phipson & Smyth 2010: never 0) of what was seen among the draws."""
    mean, deviation = chance.mean(axis=0), chance.std(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(deviation > 1e-12, (seen - mean) / deviation, np.nan)
    # Equal overlaps may differ in the last digit; they count as reached.
    p = (1 + (chance >= seen - 1e-12).sum(axis=0)) / (len(chance) + 1)
    return mean, deviation, z, np.where(np.isnan(seen), np.nan, p)
