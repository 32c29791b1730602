"""Ranks that more than one room needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def average_ranks(x: ArrayLike) -> NDArray[np.float64]:
    """Ranks from 1 along the last axis, the mean rank where values are equal.

    As ``scipy.stats.rankdata``, whose package takes longer to import than most questions to answer.

    Parameters
    ----------
    x
        Values without NaN, shape (…, N).
    """
    x = np.asarray(x)
    order = np.argsort(x, axis=-1, kind="stable")
    run = np.take_along_axis(x, order, axis=-1)
    place = np.broadcast_to(np.arange(x.shape[-1]), x.shape)
    edge = np.ones((*x.shape[:-1], 1), dtype=bool)
    apart = run[..., 1:] != run[..., :-1]
    first = np.maximum.accumulate(np.where(np.concatenate([edge, apart], axis=-1), place, 0), axis=-1)
    last = np.where(np.concatenate([apart, edge], axis=-1), place, x.shape[-1])[..., ::-1]
    last = np.minimum.accumulate(last, axis=-1)[..., ::-1]
    ranks = np.empty(x.shape)
    np.put_along_axis(ranks, order, (first + last) / 2 + 1, axis=-1)
    return ranks
