"""How early a place took something up, against the rest of the world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreland.foresight.shrinkage import Floats


@dataclass(frozen=True, eq=False)
class Timing:
    """Years ahead of the world in U units; shapes (U,)."""

    years: Floats
    """How long ago the place gave the unit the weight the world gives it now; below zero, how long ago the world gave
    it the weight the place gives it now. NaN where the world's weight has not risen."""
    open: np.ndarray
    """Whether it was so from the first row on, and the years are a least number."""


def ahead(own: Floats, world: Floats) -> Timing:
    """Years by which a place is ahead of the world in what is on the rise.

    A horizontal lag, as between the diffusion curves of two countries at equal height (Mansfield 1961; Comin & Hobijn
    2010): shares are compared, not counts, so that a place's size does not make it early. Counted is the unbroken
    stretch up to the last row during which the one side's share was at least the other's of the last row.

    Parameters
    ----------
    own, world
        Share of the unit in all documents by year, of the place and of the world, shape (T, U).

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if own.shape != world.shape or own.ndim != 2:
        raise ValueError("shares of the place and the world have one shape, (years, units)")
    last = len(own) - 1
    place, there = _stretch(own >= world[-1]), _stretch(world >= own[-1])
    leads = own[-1] >= world[-1]
    years = np.where(leads, place - 1.0, 1.0 - there)
    # A share that falls has been passed by everyone at some time: nothing is early about it.
    rising = (world[-1] > world[0]) & (own[-1] > 0)
    return Timing(np.where(rising, years, np.nan), rising & (np.abs(years) >= last))


def _stretch(holds: np.ndarray) -> np.ndarray:
    """Rows of the unbroken stretch up to the last one during which it holds, shape (U,)."""
    return np.cumprod(holds[::-1], axis=0).sum(axis=0)
