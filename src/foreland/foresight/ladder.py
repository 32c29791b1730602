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
        field has no output, or too little.
    stage
        0 follower, 1 rival, 2 leader, -1 where the field has no output, or too little; shape (T, F).
    leader
        Index of the leading place, shape (T, F); -1 where the field has no output, or too little.
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
    # Fractions that add up to the same may differ in the last digit, and would then lead one another.
    return np.round(total, 9)


def ladder(output: np.ndarray, world: np.ndarray, place: int, rival_at: float = 0.5, least: float = 0.0) -> Ladder:
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
        A place whose output is at least this share of the largest other place's is a rival, one level with it too.
    least
        Where no place has put out so much nobody leads, and nothing is compared.

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
    empty = (output.sum(axis=1) == 0) | (output.max(axis=1) < least)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(world > 0, own / world, np.nan)
        ratio = np.where(empty, np.nan, np.where(best > 0, own / best, np.inf))
    before = output[:, :place] >= own[:, None]
    after = output[:, place + 1 :] > own[:, None]
    rank = 1 + before.sum(axis=1) + after.sum(axis=1)
    stage = np.where(ratio > 1, LEADER, np.where(ratio >= rival_at, RIVAL, FOLLOWER))
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


def settled(leader: np.ndarray, hold: int = 2) -> np.ndarray:
    """The leader of record: a place that leads takes over once it has led for some periods in a row.

    Without such a rule two places of about the same output would change the lead every other year. The change is
    dated to the first period of the stretch; a stretch shorter than `hold` leaves the leader of record as it was, at
    the end of the series too, since nobody knows yet whether it holds. A period without a leader has none of record.

    Parameters
    ----------
    leader
        Index of the largest place by period and field, -1 where there is none; shape (T, F).
    hold
        Periods in a row that it takes, at least 1.

    Returns
    -------
    numpy.ndarray
        Shape (T, F); -1 before any place has held the lead for so long, and where there is none.

    Raises
    ------
    ValueError
        If `hold` is smaller than 1.
    """
    if hold < 1:
        raise ValueError("hold must be at least 1")
    leader = np.asarray(leader)
    found = np.full(leader.shape, -1)
    current = np.full(leader.shape[1:], -1)
    for period in range(len(leader)):
        ahead = leader[period : period + hold]
        if len(ahead) == hold:
            holds = (ahead == ahead[0]).all(axis=0) & (ahead[0] >= 0)
            current = np.where(holds, ahead[0], current)
        found[period] = np.where(leader[period] >= 0, current, -1)
    return found


@dataclass(frozen=True)
class Reign:
    """A stretch of periods in which one place was the leader of record: the first and the last of them."""

    field: int
    place: int
    first: int
    last: int


def reigns(record: np.ndarray) -> list[Reign]:
    """The stretches of each leader of record, by field and period.

    Parameters
    ----------
    record
        As :func:`settled` gives it, shape (T, F); periods of -1 belong to no reign.
    """
    found: list[Reign] = []
    for field in range(record.shape[1]):
        began = 0
        for period in range(1, len(record) + 1):
            if period == len(record) or record[period, field] != record[began, field]:
                if record[began, field] >= 0:
                    found.append(Reign(field, int(record[began, field]), began, period - 1))
                began = period
    return found


LOW, MEDIUM, HIGH = 0, 1, 2
RISKS = ("low", "medium", "high")


def monopoly_risk(lead: np.ndarray, institutions: np.ndarray | None = None) -> np.ndarray:
    """Risk that one country comes to hold a technology alone, as ASPI's Critical Technology Tracker grades it.

    High where the leader is at least three times ahead of the next country and has eight or more of the world's ten
    top institutions; medium at twice and five; low otherwise (Gaida, Wong-Leung, Robin & Cave 2023, *ASPI's Critical
    Technology Tracker*, Policy Brief 69).

    Parameters
    ----------
    lead
        The leader's output over the runner-up's, 1 and more; NaN where unknown, infinite where it is alone.
    institutions
        How many of the ten top institutions it has, of the same shape, NaN where unknown. Where unknown the lead
        alone grades; as the second condition can only take a grade away, the risk is then the highest it can be.

    Returns
    -------
    numpy.ndarray
        0 low, 1 medium, 2 high, -1 where the lead is unknown.

    Raises
    ------
    ValueError
        If there are more than ten institutions or fewer than none.
    """
    lead = np.asarray(lead, dtype=float)
    held = np.full(lead.shape, np.nan) if institutions is None else np.asarray(institutions, dtype=float)
    if np.any((held < 0) | (held > 10)):
        raise ValueError("institutions must lie between 0 and 10")
    held = np.where(np.isnan(held), 10.0, held)
    high = (lead >= 3) & (held >= 8)
    medium = (lead >= 2) & (held >= 5)
    return np.where(np.isnan(lead), -1, np.where(high, HIGH, np.where(medium, MEDIUM, LOW)))


def ranks(output: np.ndarray) -> np.ndarray:
    """Rank of each place by period, 1 the largest; ties go to the place listed first.

    Parameters
    ----------
    output
        Shape (T, R).
    """
    order = np.argsort(-output, axis=1, kind="stable")
    found = np.empty(output.shape, dtype=int)
    np.put_along_axis(found, order, np.arange(1, output.shape[1] + 1)[None, :], axis=1)
    return found
