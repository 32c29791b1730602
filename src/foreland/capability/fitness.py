"""Iterative complexity measures: the method of reflections and fitness–complexity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from foreland.capability.matrices import Array, Matrix, diversity, trim, ubiquity, working_form


@dataclass(frozen=True)
class Fitness:
    """Fitness of places (R,) and complexity of fields (F,), each with mean 1 over what was not empty.

    `change` is the largest relative change of a fitness in the last round, `rank_changes` how many places changed
    rank in it. Values may fall to zero without end while the ranks stand still (Pugliese, Zaccaria & Pietronero
    2016), so both are reported. `caveats` holds ``not_converged`` and ``trimmed`` where they apply.
    """

    fitness: Array
    complexity: Array
    iterations: int
    converged: bool
    change: float
    rank_changes: int
    dropped_places: dict[int, str]
    dropped_fields: dict[int, str]
    caveats: tuple[str, ...]


def fitness(
    M: Matrix,
    *,
    iterations: int = 1000,
    tol: float = 1e-10,
    update: Literal["simultaneous", "sequential"] = "simultaneous",
) -> Fitness:
    """Fitness–complexity (Tacchella, Cristelli, Caldarelli, Gabrielli & Pietronero 2012, Scientific Reports 2).

    F_r ← Σ_c M_rc Q_c and Q_c ← 1 / Σ_r M_rc / F_r, each divided by its mean, from F = Q = 1.

    Parameters
    ----------
    M : (R, F) binary or continuous, non-negative.
    iterations : most rounds; `tol`: stop when no fitness changes by more than this share (0: run all rounds).
    update : ``simultaneous`` computes Q from the F of the round before, as in the paper; ``sequential`` from the
        F just computed. They share their limit but differ by some percent after few rounds.

    Raises
    ------
    ValueError
        When `iterations` is below 1, `update` is unknown, or `M` is negative or has missing values.
    """
    if iterations < 1 or update not in ("simultaneous", "sequential"):
        raise ValueError("fitness needs at least one round and a known update rule")
    kept = trim(M)
    W = working_form(kept.take(M))
    F, Q = np.ones(W.shape[0]), np.ones(W.shape[1])
    # A fitness that decays to nothing stays positive, so that 1/F never divides by zero.
    floor = np.finfo(np.float64).tiny ** 0.5
    transposed = W.T.tocsr() if hasattr(W, "tocsr") else W.T
    done, change, rank_changes = 0, np.inf if W.size else 0.0, 0
    while W.size and done < iterations and change > tol:
        new = W @ Q
        new = np.maximum(new / new.mean(), floor)
        used = new if update == "sequential" else F
        Q = 1 / (transposed @ (1 / used))
        Q = np.maximum(Q / Q.mean(), floor)
        change = float(np.max(np.abs(new - F) / F))
        last, F, done = F, new, done + 1
        if change <= tol or done == iterations:
            rank_changes = int((np.argsort(last, kind="stable") != np.argsort(F, kind="stable")).sum())
    converged = change <= tol
    caveats: tuple[str, ...] = () if converged else ("not_converged",)
    if kept.dropped_places or kept.dropped_fields:
        caveats += ("trimmed",)
    return Fitness(
        kept.put_back_places(F),
        kept.put_back_fields(Q),
        done,
        converged,
        float(change),
        rank_changes,
        kept.dropped_places,
        kept.dropped_fields,
        caveats,
    )


def reflections(M: Matrix, n: int) -> tuple[Array, Array]:
    """Method of reflections (Hidalgo & Hausmann 2009, PNAS 106): averages of averages of diversity and ubiquity.

    k_c,N = Σ_p M_cp k_p,N−1 / k_c,0 and k_p,N = Σ_c M_cp k_c,N−1 / k_p,0, where k_c,0 is diversity and k_p,0 ubiquity.
    Even orders of k_c and odd orders of k_p measure complexity; the differences between places shrink with the
    square of the second singular value a step, so high orders live on ever fewer digits: prefer the eigenvector.

    Parameters
    ----------
    M : (R, F); n : number of reflections, 0 or more.

    Returns
    -------
    kc, kp : (n + 1, R) and (n + 1, F); missing for empty places and fields.

    Raises
    ------
    ValueError
        When `n` is negative.
    """
    if n < 0:
        raise ValueError(f"the number of reflections is 0 or more, got {n}")
    kept = trim(M)
    W = working_form(kept.take(M))
    d, u = diversity(W), ubiquity(W)
    kc, kp = [d], [u]
    for _ in range(n):
        kc_next, kp_next = (W @ kp[-1]) / d, (W.T @ kc[-1]) / u
        kc.append(kc_next)
        kp.append(kp_next)
    return (
        np.stack([kept.put_back_places(k) for k in kc]),
        np.stack([kept.put_back_fields(k) for k in kp]),
    )
