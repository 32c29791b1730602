"""Catching up: who leads a field, by how much, and when a follower became a rival or a leader.

Leadership is read from shares of the world's output in a field, as in the catch-up literature (Lee &
Lim 2001, *Research Policy* 30) and in lead ratios of critical-technology trackers (ASPI 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FOLLOWER, RIVAL, LEADER = 0, 1, 2
STAGES = ("follower", "rival", "leader")


@dataclass(frozen=True)
class Ladder:
    """Where one place stands in each field and period.

    Parameters
    ----------
    share
        The place's share of the world, shape (T, F), 0 to 1.
    rank
        Its rank among the places, shape (T, F), 1 the largest; ties go to the place listed first.
    ratio
        Its share over that of the largest other place, shape (T, F); above 1 it leads. NaN where the
        field has no output.
    stage
        0 follower, 1 rival, 2 leader, -1 where the field has no output; shape (T, F).
    leader
        Index of the leading place, shape (T, F); -1 where the field has no output.
    lead
        The leader's share over the runner-up's, shape (T, F).
    """

    share: np.ndarray
    rank: np.ndarray
    ratio: np.ndarray
    stage: np.ndarray
    leader: np.ndarray
    lead: np.ndarray


def moving_sum(values: np.ndarray, window: int) -> np.ndarray:
    """Sum over the current and up to ``window - 1`` earlier periods along axis 0; same shape."""
    if window < 1:
        raise ValueError("window must be at least 1")
    total = np.cumsum(values, axis=0)
    total[window:] -= total[:-window].copy()
    return total


def ladder(output: np.ndarray, world: np.ndarray, place: int, rival_at: float = 0.5) -> Ladder:
    """Place one place on the ladder from follower to leader.

    Parameters
    ----------
    output
        Output by period, place and field, shape (T, R, F), not negative, R ≥ 2.
    world
        The world's output, shape (T, F), at least the sum over places.
    place
        Index of the place.
    rival_at
        A place whose output is at least this share of the largest other place's is a rival.

    Raises
    ------
    ValueError
        If there are fewer than two places, or the world is smaller than its parts.
    """
    places = output.shape[1]
    if places < 2:
        raise ValueError("a ladder needs at least two places")
    if np.any(world < output.sum(axis=1) * (1 - 1e-6)):
        raise ValueError("the world's output is smaller than that of its places")
    own = output[:, place]
    others = np.delete(output, place, axis=1)
    best = others.max(axis=1)
    empty = output.sum(axis=1) == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(world > 0, own / world, np.nan)
        ratio = np.where(empty, np.nan, np.where(best > 0, own / best, np.inf))
    before = output[:, :place] >= own[:, None]
    after = output[:, place + 1 :] > own[:, None]
    rank = 1 + before.sum(axis=1) + after.sum(axis=1)
    stage = np.where(ratio >= 1, LEADER, np.where(ratio >= rival_at, RIVAL, FOLLOWER))
    # argmax takes the first of equals, which is the total order of the places.
    leader = np.where(empty, -1, output.argmax(axis=1))
    two = -np.sort(-output, axis=1)[:, :2]
    with np.errstate(divide="ignore", invalid="ignore"):
        lead = np.where(empty, np.nan, two[:, 0] / two[:, 1])
    return Ladder(share, rank, ratio, np.where(empty, -1, stage), leader, lead)


def since(stage: np.ndarray, at_least: int) -> np.ndarray:
    """The period from which a stage was held without a break to the end.

    Parameters
    ----------
    stage
        Shape (T, F).
    at_least
        The stage.

    Returns
    -------
    numpy.ndarray
        Index of the period, shape (F,); -1 where the stage does not hold at the end. 0 means that it
        held from the first period on, so that the change itself was not seen.
    """
    held = np.asarray(stage) >= at_least
    broken = ~held
    last_break = np.where(broken.any(axis=0), len(held) - 1 - broken[::-1].argmax(axis=0), -1)
    return np.where(held[-1], last_break + 1, -1)
