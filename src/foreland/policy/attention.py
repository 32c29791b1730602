"""Attention: how much of its text a place gives to each field, and what changed since the last time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foreland.core.intervals import clopper_pearson, rate_ratio

Floats = NDArray[np.float64]
PER = 10_000


@dataclass(frozen=True)
class Attention:
    """Attention of documents to fields; shapes (D, F), intervals by the counts alone.

    Parameters
    ----------
    density
        Mentions per 10,000 characters.
    share
        Share of the sentences that mention the field, with `low` and `high` the ends of its exact interval.
    part
        Share of the document's mentions of any field; NaN where it mentions none.
    """

    density: Floats
    share: Floats
    low: Floats
    high: Floats
    part: Floats


def attention(
    mentions: ArrayLike, sentences_with: ArrayLike, characters: ArrayLike, sentences: ArrayLike, level: float = 0.95
) -> Attention:
    """Attention of each document to each field.

    Parameters
    ----------
    mentions, sentences_with
        Mentions of each field, and sentences with at least one, shape (D, F).
    characters, sentences
        Length of each document, shape (D,).
    level
        Coverage of the intervals (Clopper & Pearson 1934). They take sentences as independent draws, which text is
        not: read them as the least that chance does.

    Raises
    ------
    ValueError
        Where shapes do not fit, or a field stands in more sentences than there are.
    """
    mentions, within = np.asarray(mentions, np.float64), np.asarray(sentences_with, np.float64)
    characters, sentences = np.asarray(characters, np.float64), np.asarray(sentences, np.float64)
    if (
        mentions.ndim != 2
        or within.shape != mentions.shape
        or not (characters.shape == sentences.shape == mentions.shape[:1])
    ):
        raise ValueError("mentions and sentences_with are documents × fields, characters and sentences one a document")
    if (within > sentences[:, None]).any() or (within > mentions).any():
        raise ValueError("a field stands in no more sentences than there are, nor than it has mentions")
    low, high = clopper_pearson(within, sentences[:, None], level)
    return Attention(
        _over(mentions * PER, characters[:, None]),
        _over(within, sentences[:, None]),
        low,
        high,
        _over(mentions, mentions.sum(axis=1, keepdims=True)),
    )


def concentration(weights: ArrayLike) -> tuple[Floats, Floats]:
    """How concentrated attention is: the Herfindahl–Hirschman index of the parts, and the effective number of fields
    exp(entropy) (Hill 1973, of order 1); shapes (D,), NaN where a document speaks of no field."""
    weights = np.asarray(weights, np.float64)
    part = _over(weights, weights.sum(axis=-1, keepdims=True))
    logs = np.log(part, where=part > 0, out=np.zeros_like(part))
    return (part**2).sum(axis=-1), np.where(np.isnan(part[..., 0]), np.nan, np.exp(-(part * logs).sum(axis=-1)))


@dataclass(frozen=True)
class Change:
    """Change of attention between two times, shape (F,) each: the ratio of the densities with its exact interval
    (conditional on the sum of both counts), and whether the interval leaves out 1."""

    ratio: Floats
    low: Floats
    high: Floats
    clear: NDArray[np.bool_]


def change(
    now: ArrayLike, characters_now: ArrayLike, before: ArrayLike, characters_before: ArrayLike, level: float = 0.95
) -> Change:
    """How the density of mentions changed (Przyborowski & Wilenski 1940; see ``core.intervals.rate_ratio``).

    Parameters
    ----------
    now, before
        Mentions of each field, shapes that broadcast.
    characters_now, characters_before
        Length of the text they were found in.
    level
        Coverage of the interval.

    Returns
    -------
    Change
        The ratio is infinite for a field that is new, NaN for one that neither mentions.
    """
    now, before = np.asarray(now, np.float64), np.asarray(before, np.float64)
    ratio = _over(_over(now, characters_now), _over(before, characters_before), infinite=True)
    low, high = rate_ratio(now, characters_now, before, characters_before, level)
    return Change(ratio, low, high, (low > 1) | (high < 1))


def turnover(now: ArrayLike, before: ArrayLike) -> Floats:
    r"""Share of attention that moved to other fields: :math:`\tfrac12\sum_f |p_f - q_f|`, the total variation distance
    (Pedersen's 1979 index of volatility), from 0 to 1.

    Parameters
    ----------
    now, before
        Mentions or parts of each field, shape (..., F); scaled to sum to one.

    Returns
    -------
    ndarray
        Shape (...,); NaN where either has no attention at all.
    """
    now, before = np.asarray(now, np.float64), np.asarray(before, np.float64)
    p, q = (_over(x, x.sum(axis=-1, keepdims=True)) for x in (now, before))
    return np.abs(p - q).sum(axis=-1) / 2


def entries(now: ArrayLike, before: ArrayLike, least: int = 2) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Fields taken up and fields dropped: `least` mentions or more at one time and none at the other."""
    now, before = np.asarray(now), np.asarray(before)
    return (now >= least) & (before == 0), (before >= least) & (now == 0)


def _over(a: ArrayLike, b: ArrayLike, infinite: bool = False) -> Floats:
    """a / b, NaN where b is 0 (or infinite where only b is)."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.asarray(a / b)
    return quotient if infinite else np.where(np.broadcast_to(b, quotient.shape) == 0, np.nan, quotient)
