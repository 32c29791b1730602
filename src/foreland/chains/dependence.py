"""Who controls what in a product chain, who depends on what, and who could cut whom.

Leverage follows weaponized interdependence (Farrell & Newman 2019, International Security 44(1)): a place that supplies
what others lack, at a point much depends on, can withhold it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from foreland.chains.chokepoints import EQUAL, chokepoints, mean_of_parts
from foreland.chains.product_chain import ProductChain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

CONTROL = 0.5
"""Share of supply from which a place controls a product: above it all others together supply less."""


@dataclass(frozen=True)
class Dependence:
    """Control and dependence of every place.

    Attributes
    ----------
    mass
        (n,) chokepoint mass of a product: the score without the part of own capability; 0 where less than half of the
        supply is attributed, and where its types have a mass: no market counts twice.
    leverage
        (c, c) share of all mass that the place in the row supplies and the one in the column does not supply itself;
        the diagonal is 0.
    supplied
        (c,) share of all mass that a place supplies.
    lacked
        (c,) share of all mass that others supply, or nobody known does.
    controls
        (n, c) whether a place's share of a product is at least the threshold.
    """

    mass: NDArray[np.float64]
    leverage: NDArray[np.float64]
    supplied: NDArray[np.float64]
    lacked: NDArray[np.float64]
    controls: NDArray[np.bool_]

    @property
    def net(self) -> NDArray[np.float64]:
        """(c, c) leverage of the row's place over the column's less the reverse."""
        return self.leverage - self.leverage.T


def dependence(chain: ProductChain, weights: ArrayLike = EQUAL, threshold: float = CONTROL) -> Dependence:
    r"""Control, dependence and leverage between all places.

    .. math:: L_{ab} = \sum_i m_i\, s_{ia} (1 - s_{ib}) \Big/ \sum_i m_i

    with the mass m and the shares s. It says what a could withhold from b if b needs every product of the chain: the
    chain does not say how much of what b uses.

    Parameters
    ----------
    chain
        The chain; merge blocs with :func:`pooled` before.
    weights
        Of the parts of the score (:data:`foreland.chains.chokepoints.PARTS`); that of own capability is not used.
    threshold
        Share from which a place controls a product, above 0 and at most 1.

    Raises
    ------
    ValueError
        If weights or the threshold are not such.
    """
    if not 0 < threshold <= 1:
        raise ValueError("a threshold is above 0 and at most 1")
    given = np.asarray(weights, float)
    if given.shape != (4,) or (given[:3] < 0).any() or not given[:3].any():
        raise ValueError("weights of concentration, substitutes and position are needed")
    found = chokepoints(chain, (), np.append(given[:3], 0.0))
    mass = np.where(found.ranked, mean_of_parts(found.parts, found.weights), 0.0)
    known, total = chain.known, mass.sum()
    share = mass / total if total else mass
    leverage = (known * share[:, None]).T @ (1.0 - known)
    np.fill_diagonal(leverage, 0.0)
    supplied = share @ known
    return Dependence(mass, leverage, supplied, np.asarray(share.sum() - supplied), known >= threshold)


def levers(chain: ProductChain, found: Dependence, supplier: int, user: int) -> NDArray[np.float64]:
    """(n,) what each product adds to the leverage of one place over another; adds up to it."""
    known, total = chain.known, found.mass.sum()
    if supplier == user or not total:
        return np.zeros(len(known))
    return np.asarray(found.mass * known[:, supplier] * (1.0 - known[:, user]) / total)


def pooled(chain: ProductChain, bloc: Sequence[int]) -> ProductChain:
    """The chain with the places of a bloc as one: their shares stand in the column of the first, the others are 0.

    A share that is not known counts as such only where the bloc has no known one.
    """
    places = list(dict.fromkeys(bloc))
    if len(places) < 2:
        return chain
    shares = chain.shares.copy()
    of_bloc = shares[:, places]
    total = np.nansum(of_bloc, axis=1)
    nameless = np.isnan(of_bloc).any(axis=1) & (total == 0)
    shares[:, places] = 0.0
    shares[:, places[0]] = np.where(nameless, np.nan, total)
    return replace(chain, shares=shares)
