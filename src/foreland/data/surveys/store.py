"""Surveys on disk: written by several people at once, and nothing that was saved is ever lost.

Everybody who writes holds the survey's lock; answers are lines that are added and never changed, so whatever somebody
saved stays in the file, and what counts is their last line. A line cut short by a killed process is passed over.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError, DidYouMean, UsageError, Where, WorkspaceError
from foreland.data.surveys import files
from foreland.data.surveys.files import Participant, append, enrol, hashed, locked, now, write
from foreland.data.surveys.model import PARTS, Answer, Answers, Round, Survey, checked_id, checked_topics

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

FOLDER = "surveys"
MOST_PARTICIPANTS = 5_000


@dataclass(frozen=True)
class Version:
    """What a participant saved at one time."""

    at: str
    answers: Answers


@dataclass(frozen=True)
class Log:
    """All that was saved in a round, by participant in the order of saving; and lines that can't be read."""

    versions: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    damaged: int = 0

    @property
    def latest(self) -> dict[str, Version]:
        """What counts: the last version of everybody, in order of their numbers."""
        return {number: self.versions[number][-1] for number in sorted(self.versions)}


@dataclass(frozen=True)
class Saved:
    """What a save did.

    Parameters
    ----------
    version
        How often the participant has saved in this round, this save included.
    replaced
        Time of the version that this one replaces; empty for a first one.
    merged
        Topics of which a version saved meanwhile elsewhere was kept beside this one.
    overruled
        Topics of which both changed the same part; this save counts, the other stays on record.
    """

    version: int
    replaced: str = ""
    merged: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()


# The survey ---------------------------------------------------------------------------------------


def create(ws: Workspace, survey: Survey) -> Survey:
    """Write a new survey.

    Raises
    ------
    UsageError
        If there is one of that id, or the id can't stand in an address.
    DataError
        If its topics can't be asked.
    """
    checked_topics(survey.topics)
    folder = ws.path / FOLDER / checked_id(survey.survey_id)
    try:
        (folder / "answers").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError("core.error.cannot_write", where=Where(folder), detail=error.strerror) from error
    with locked(folder):
        if (folder / "survey.json").exists():
            raise UsageError("data.error.survey_exists", name=survey.survey_id)
        write(folder / "survey.json", json.dumps(survey.to_dict(), ensure_ascii=False, indent=1))
    return survey


def survey_ids(ws: Workspace) -> list[str]:
    """The surveys of a workspace."""
    return sorted(path.parent.name for path in ws.path.glob(f"{FOLDER}/*/survey.json"))


def read(ws: Workspace, survey_id: str) -> Survey:
    """A survey.

    Raises
    ------
    UsageError
        If there is none of that id; names those that are near.
    DataError
        If its file was damaged.
    """
    import difflib

    known = survey_ids(ws)
    if survey_id not in known:
        near = difflib.get_close_matches(survey_id, known, 3, 0.4)
        raise UsageError("data.error.no_survey", name=survey_id[:80], near=DidYouMean(near))
    path = ws.path / FOLDER / survey_id / "survey.json"
    try:
        return Survey.of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError("data.error.survey_damaged", where=Where(path), detail=error) from error


def open_round(ws: Workspace, survey_id: str) -> Survey:
    """Open the next round.

    Raises
    ------
    UsageError
        If one is open.
    """
    with locked(_folder(ws, survey_id)) as folder:
        survey = read(ws, survey_id)
        if survey.open_round:
            raise UsageError("data.error.round_open", name=survey_id, round=survey.open_round.number)
        survey = replace(survey, rounds=(*survey.rounds, Round(len(survey.rounds) + 1, "open", now())))
        write(folder / "survey.json", json.dumps(survey.to_dict(), ensure_ascii=False, indent=1))
    return survey


def close_round(ws: Workspace, survey_id: str) -> tuple[Survey, int]:
    """Freeze the open round: its answers land in the workspace, and nobody can change them any more.

    Returns
    -------
    tuple
        The survey, and how many people answered.

    Raises
    ------
    UsageError
        If no round is open.
    DataError
        If nobody answered.
    WorkspaceError
        If another process is loading into the workspace; the round is then still open.
    """
    from foreland.data.surveys.land import land

    with locked(_folder(ws, survey_id)) as folder:
        survey = read(ws, survey_id)
        current = survey.open_round
        if current is None:
            raise UsageError("data.error.no_open_round", name=survey_id)
        found = log(ws, survey_id, current.number)
        answered = {number: version.answers for number, version in found.latest.items() if version.answers}
        if not answered:
            raise DataError("data.error.round_empty", name=survey_id, round=current.number)
        closed = replace(current, state="closed", closed=now())
        survey = replace(survey, rounds=(*survey.rounds[:-1], closed))
        # What lands first is landed again by the next try, should this one be cut short here.
        land(ws, survey, closed, answered)
        write(folder / "survey.json", json.dumps(survey.to_dict(), ensure_ascii=False, indent=1))
    return survey, len(answered)


# Participants -------------------------------------------------------------------------------------


def invite(ws: Workspace, survey_id: str, count: int) -> list[str]:
    """New secret words for as many links. They are nowhere kept: only who has one can use it."""
    if not 1 <= count <= MOST_PARTICIPANTS:
        raise UsageError("data.error.survey_invitations", count=count, most=MOST_PARTICIPANTS)
    tokens = [secrets.token_urlsafe(16) for _ in range(count)]
    with locked(_folder(ws, survey_id)) as folder:
        enrol(folder, survey_id, tokens, "link")
    return tokens


def participants(ws: Workspace, survey_id: str) -> list[Participant]:
    """Everybody who was invited or came in on paper."""
    return files.participants(_folder(ws, survey_id))


def participant_of(ws: Workspace, survey_id: str, token: str) -> Participant | None:
    """Whose link a secret word is; None for nobody's."""
    wanted = hashed(survey_id, token)
    found = None
    for each in participants(ws, survey_id):
        # Every hash is compared, and each in the same time, so that the time tells nothing.
        if secrets.compare_digest(each.secret, wanted) and each.kind == "link":
            found = each
    return found


# Answers ------------------------------------------------------------------------------------------


def log(ws: Workspace, survey_id: str, number: int) -> Log:
    """Everything that was saved in a round."""
    path = _folder(ws, survey_id) / "answers" / f"{number}.jsonl"
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Log()
    versions: dict[str, list[Version]] = {}
    damaged = 0
    for line in raw.split(b"\n"):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            answers = {topic: Answer.of(values) for topic, values in said["answers"].items()}
            versions.setdefault(said["participant"], []).append(Version(said["at"], answers))
        except (ValueError, KeyError, TypeError, AttributeError):
            damaged += 1
    return Log({number: tuple(each) for number, each in versions.items()}, damaged)


def save(ws: Workspace, survey_id: str, number: int, participant: str, answers: Answers, seen: int) -> Saved:
    """Save what a participant says in the open round.

    A form that was filled in while the same person saved elsewhere holds old answers beside new ones: only what it
    changed since it was opened is taken, part by part, and the rest stays as it was saved meanwhile.

    Parameters
    ----------
    number
        The round the answers are for.
    answers
        By topic; topics left out have no answer.
    seen
        Which version the form showed, 0 for an empty one.

    Raises
    ------
    UsageError
        If the round is not the open one.
    """
    with locked(_folder(ws, survey_id)) as folder:
        survey = read(ws, survey_id)
        if survey.open_round is None or survey.open_round.number != number:
            raise UsageError("data.error.round_frozen", name=survey_id, round=number)
        mine = log(ws, survey_id, number).versions.get(participant, ())
        base = mine[seen - 1].answers if 0 < seen <= len(mine) else earlier(ws, survey, number, participant)
        current = mine[-1].answers if mine else {}
        full, merged, overruled = _merged(base, current, answers) if seen < len(mine) else (answers, (), ())
        full = {topic: answer for topic, answer in full.items() if not answer.empty}
        append(folder / "answers" / f"{number}.jsonl", [(participant, full)])
        return Saved(len(mine) + 1, mine[-1].at if mine else "", merged, overruled)


def earlier(ws: Workspace, survey: Survey, number: int, participant: str) -> Answers:
    """What a participant said in the round before: what the form of this round begins with."""
    if number < 2:
        return {}
    latest = log(ws, survey.survey_id, number - 1).latest
    return latest[participant].answers if participant in latest else {}


def save_many(ws: Workspace, survey_id: str, number: int, by_code: Mapping[str, Answers]) -> list[str]:
    """Save what came on paper, by code: all of it or nothing.

    Returns
    -------
    list
        Codes whose earlier answers to some topic were replaced.
    """
    with locked(_folder(ws, survey_id)) as folder:
        survey = read(ws, survey_id)
        if survey.open_round is None or survey.open_round.number != number:
            raise UsageError("data.error.round_frozen", name=survey_id, round=number)
        known = files.participants(folder)
        numbers = {each.number for each in known}
        hashes = {each.secret: each.number for each in known}
        # A number of our own export is that participant; any other code is somebody on paper.
        codes = [code for code in by_code if code not in numbers and hashed(survey_id, code) not in hashes]
        enrol(folder, survey_id, codes, "paper")
        hashes = {each.secret: each.number for each in files.participants(folder)}
        latest = log(ws, survey_id, number).latest
        lines, replaced = [], []
        for code, answers in by_code.items():
            who = code if code in numbers else hashes[hashed(survey_id, code)]
            before = latest[who].answers if who in latest else {}
            if any(topic in before and before[topic] != answer for topic, answer in answers.items()):
                replaced.append(code)
            full = {topic: each for topic, each in {**before, **answers}.items() if not each.empty}
            lines.append((who, full))
        append(folder / "answers" / f"{number}.jsonl", lines)
    return replaced


def _merged(base: Answers, current: Answers, new: Answers) -> tuple[Answers, tuple[str, ...], tuple[str, ...]]:
    """What was saved meanwhile, with what a form changed since it was opened."""
    nothing = Answer()
    found, kept, overruled = dict(current), [], []
    for topic in dict.fromkeys([*current, *new, *base]):
        old, here, mine = (each.get(topic, nothing) for each in (base, current, new))
        changes = {part: getattr(mine, part) for part in PARTS if getattr(mine, part) != getattr(old, part)}
        elsewhere = {part for part in PARTS if getattr(here, part) != getattr(old, part)}
        found[topic] = replace(here, **changes)
        if any(getattr(here, part) != value for part, value in changes.items() if part in elsewhere):
            overruled.append(topic)
        if found[topic] != mine:
            kept.append(topic)
    return found, tuple(kept), tuple(overruled)


def _folder(ws: Workspace, survey_id: str) -> Path:
    read(ws, survey_id)
    return ws.path / FOLDER / survey_id
