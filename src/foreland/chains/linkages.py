"""Backward and forward linkages and key sectors (Hirschman 1958; Rasmussen 1956)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.chains.input_output import Floats, InputOutput, floats, ratio

Quadrant = Literal["key", "backward", "forward", "weak"]


@dataclass(frozen=True)
class Linkages:
    """Linkages of n sectors; shapes (n,), no unit. NaN for a sector without output."""

    direct_backward: Floats
    """Inputs per unit of output, Σ_i a_ij (Chenery & Watanabe 1958)."""
    direct_forward: Floats
    """Share of output that goes on as an input, Σ_j b_ij."""
    backward: Floats
    """Output of all sectors per unit of final use of the sector's product, Σ_i l_ij (Rasmussen 1956)."""
    forward: Floats
    """Output of all sectors that a unit of the sector's primary inputs goes into, Σ_j g_ij (Jones 1976)."""
    power: Floats
    """Power of dispersion: `backward` over its mean. Above 1 the sector pulls more than the average sector does."""
    sensitivity: Floats
    """Sensitivity of dispersion: `forward` over its mean."""
    rasmussen_sensitivity: Floats
    """Row sums of the Leontief inverse over their mean: output of the sector when every final use grows by one unit.
    Depends on how finely the table is cut; published side by side with `sensitivity`."""
    backward_variation: Floats
    """Coefficient of variation of column j of L: low where the pull spreads evenly over sectors (n − 1 below)."""
    forward_variation: Floats
    """Coefficient of variation of row i of G."""


def linkages(table: InputOutput) -> Linkages:
    """Linkages of all sectors (Miller & Blair 2009, ch. 12).

    Parameters
    ----------
    table
        Flows of any origin tell of technology; domestic flows tell of what is felt at home. Means are taken over
        the sectors with output.
    """
    made = table.output > 0
    L, G = table.leontief, table.ghosh

    def only(values: Floats) -> Floats:
        return np.where(made, values, np.nan)

    backward, forward = only(L.sum(axis=0)), only(G.sum(axis=1))
    rows = only(L.sum(axis=1))
    return Linkages(
        direct_backward=only(table.coefficients.sum(axis=0)),
        direct_forward=only(table.allocation.sum(axis=1)),
        backward=backward,
        forward=forward,
        power=normalised(backward),
        sensitivity=normalised(forward),
        rasmussen_sensitivity=normalised(rows),
        backward_variation=only(variation(L)),
        forward_variation=only(variation(G.T)),
    )


def normalised(linkage: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """A linkage over its mean, plain as Rasmussen has it or weighted by the sectors' size (Hazari 1970).

    Parameters
    ----------
    linkage
        Shape (n,); NaN is left out of the mean.
    weights
        Shape (n,), >= 0, for instance shares of final use.
    """
    values = np.asarray(linkage, dtype=np.float64)
    weight = np.ones_like(values) if weights is None else floats(weights, "weights", values.shape)
    known = np.isfinite(values)
    if not known.any() or weight[known].sum() <= 0:
        return np.full_like(values, np.nan)
    mean = float(np.average(values[known], weights=weight[known]))
    return ratio(values, mean)


def variation(matrix: ArrayLike) -> Floats:
    """Coefficient of variation of every column, with n − 1 (Rasmussen 1956; Miller & Blair 2009, §12.2.6)."""
    values = floats(matrix, "matrix", (None, None))
    if len(values) < 2:
        return np.full(values.shape[1], np.nan)
    return ratio(values.std(axis=0, ddof=1), values.mean(axis=0))


def quadrant(power: ArrayLike, sensitivity: ArrayLike) -> NDArray[np.str_]:
    """Key sector (both above 1), backward, forward or weak; empty where either is NaN (Hirschman 1958)."""
    pull, push = np.asarray(power, dtype=np.float64), np.asarray(sensitivity, dtype=np.float64)
    names = np.array(["weak", "backward", "forward", "key"])
    found = names[(pull > 1).astype(int) + 2 * (push > 1).astype(int)]
    return np.where(np.isnan(pull) | np.isnan(push), "", found)
