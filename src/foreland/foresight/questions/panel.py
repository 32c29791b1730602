"""What closed rounds of Delphi surveys hold, as arrays: participants × topics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, DidYouMean, UsageError
from foreland.core.finding import Text
from foreland.core.provenance import Input

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

SOURCE = "survey:"
"""How the ids of sources begin that are closed rounds: ``survey:<id>:<round>``."""
KIND = "delphi_"
OBSTACLE = "delphi_obstacle:"
WEIGHTS = (0.25, 0.5, 0.75, 1.0)
"""Weight of an answer by its author's expertise, from none to one's own field, where expertise weighs."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A closed round.

    Parameters
    ----------
    number
        Which round.
    year
        Calendar year it was closed in.
    people
        Ids of those who answered, shape (N,).
    topics
        Ids of all topics of the survey, shape (U,).
    importance, years, confidence, expertise
        Shape (N, U); NaN without an answer, infinite for a year of never.
    obstacles
        Code → how many named it, shape (U,).
    """

    number: int
    year: int
    people: tuple[str, ...]
    topics: tuple[str, ...]
    importance: np.ndarray
    years: np.ndarray
    confidence: np.ndarray
    expertise: np.ndarray
    obstacles: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Held:
    """The closed rounds of one survey.

    Parameters
    ----------
    survey
        Its id.
    title
        In each language.
    rounds
        In their order.
    parents
        Topic → field it belongs to, where it names one.
    inputs
        For the provenance.
    """

    survey: str
    title: Text
    rounds: tuple[Asked, ...]
    parents: dict[str, str]
    inputs: tuple[Input, ...]

    @cached_property
    def last(self) -> Asked:
        return self.rounds[-1]


def surveys(ws: Workspace) -> dict[str, list[int]]:
    """Surveys with closed rounds: id → numbers of the rounds, that closed last at the end."""
    found: dict[str, list[int]] = {}
    days: dict[str, str] = {}
    for source in ws.sources:
        if source.startswith(SOURCE) and source.count(":") == 2:
            _, survey, number = source.split(":")
            found.setdefault(survey, []).append(int(number))
            days[survey] = max(days.get(survey, ""), str(ws.source_table[source]["published"]))
    return {survey: sorted(found[survey]) for survey in sorted(found, key=lambda each: (days[each], each))}


def read_survey(ws: Workspace, survey: str = "") -> Held:
    """The closed rounds of a survey; of the one closed last where none is named.

    Raises
    ------
    DataError
        If the workspace has no closed round.
    UsageError
        If it has none of that survey.
    """
    import difflib

    known = surveys(ws)
    if not known:
        raise DataError("foresight.error.no_survey")
    if survey and survey not in known:
        near = difflib.get_close_matches(survey, known, 3, 0.3)
        raise UsageError("foresight.error.unknown_survey", name=survey[:80], near=DidYouMean(near))
    survey = survey or list(known)[-1]
    sources = [f"{SOURCE}{survey}:{number}" for number in known[survey]]
    link, field = ws.table("link"), ws.table("field")
    rows = ws.to_arrow(
        link.filter(link.source_id.isin(sources), link.kind.startswith(KIND)).order_by(
            ["source_id", "from_id", "to_id"]
        )
    ).to_pylist()
    topics = ws.to_arrow(
        field.filter(field.scheme == f"delphi-{survey}").select("field_id", "parent_id").order_by("field_id")
    ).to_pylist()
    ids = tuple(row["field_id"] for row in topics)
    rounds = tuple(
        _round(number, ids, [row for row in rows if row["source_id"] == source])
        for number, source in zip(known[survey], sources, strict=True)
    )
    about = ws.source_table[sources[-1]]
    item = Input(
        table="link",
        filter={"source_id": tuple(sources), "kind": {"prefix": KIND}},
        rows=len(rows),
        sources={source: ws.sources[source].content_hash for source in sources},
        match={"field_id": "to_id"},
    )
    title: Text = {"en": about["title_en"].rpartition(",")[0], "zh": about["title_zh"].rpartition("，")[0]}
    parents = {row["field_id"]: row["parent_id"] for row in topics if row["parent_id"]}
    return Held(survey, title, rounds, parents, (item,))


def _round(number: int, topics: tuple[str, ...], rows: list[dict[str, Any]]) -> Asked:
    people = tuple(sorted({row["from_id"] for row in rows}))
    person = {each: i for i, each in enumerate(people)}
    place = {each: i for i, each in enumerate(topics)}
    parts = {
        part: np.full((len(people), len(topics)), np.nan) for part in ("importance", "year", "confidence", "expertise")
    }
    obstacles: dict[str, np.ndarray] = {}
    for row in rows:
        at = (person[row["from_id"]], place[row["to_id"]])
        if row["kind"].startswith(OBSTACLE):
            code = row["kind"].removeprefix(OBSTACLE)
            obstacles.setdefault(code, np.zeros(len(topics)))[at[1]] += 1
        else:
            weight = row["weight"]
            parts[row["kind"].removeprefix(KIND)][at] = np.inf if weight is None else weight
    year = max((int(row["period"][:4]) for row in rows), default=0)
    return Asked(
        number, year, people, topics, parts["importance"], parts["year"], parts["confidence"], parts["expertise"],
        dict(sorted(obstacles.items())),
    )  # fmt: skip
