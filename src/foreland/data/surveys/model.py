"""What a survey asks, and what an answer to a topic may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, Literal

from foreland.core.errors import DataError, UsageError, Worded
from foreland.i18n import LANGUAGES, Language, has, t, use_language

STEPS = 5
"""Steps of importance and of confidence: 1 is the least."""
EXPERTISE = 4
"""Steps of one's own expertise: none, some, working knowledge, own field."""
OBSTACLES = (
    "technology", "funding", "talent", "infrastructure", "market", "regulation", "acceptance", "cooperation",
)  # fmt: skip
NEVER = "never"
LONGEST_COMMENT = 2_000
MOST_TOPICS = 200
"""Nobody answers more; what can be saved at once stays within bounds."""
PARTS = ("importance", "year", "confidence", "expertise", "obstacles", "comment")
"""What is asked of each topic, in the order of the form."""

Year = int | Literal["never"]
State = Literal["open", "closed"]


@dataclass(frozen=True)
class Topic:
    """One statement about the future, in both languages; ``field_id`` is the direction it belongs to, if any."""

    topic_id: str
    en: str
    zh: str
    field_id: str = ""

    def text(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Round:
    """A round of a survey; times in UTC."""

    number: int
    state: State
    opened: str
    closed: str = ""


@dataclass(frozen=True)
class Survey:
    """What is asked: topics, the years that may be named, and the rounds so far."""

    survey_id: str
    title_en: str
    title_zh: str
    topics: tuple[Topic, ...]
    first_year: int
    last_year: int
    rounds: tuple[Round, ...] = ()

    def title(self, language: Language) -> str:
        return self.title_zh if language == "zh" else self.title_en

    @property
    def open_round(self) -> Round | None:
        return next((each for each in self.rounds if each.state == "open"), None)

    @property
    def scheme(self) -> str:
        """The scheme its topics are fields of."""
        return f"delphi-{self.survey_id}"

    def source_id(self, number: int) -> str:
        """The source that a closed round lands as."""
        return f"survey:{self.survey_id}:{number}"

    def topic(self, text: str) -> Topic | None:
        """The topic with an id or a text."""
        text = text.strip()
        return next((each for each in self.topics if text in (each.topic_id, each.en, each.zh)), None)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Survey:
        topics = tuple(Topic(**each) for each in values["topics"])
        rounds = tuple(Round(**each) for each in values["rounds"])
        return cls(**{**values, "topics": topics, "rounds": rounds})


@dataclass(frozen=True)
class Answer:
    """What one participant says of one topic; every part may be left out."""

    importance: int | None = None
    year: Year | None = None
    confidence: int | None = None
    expertise: int | None = None
    obstacles: tuple[str, ...] = ()
    comment: str = ""

    @property
    def empty(self) -> bool:
        return self == Answer()

    def to_dict(self) -> dict[str, Any]:
        """What was said, without what was left out."""
        values = asdict(self) | {"obstacles": list(self.obstacles)}
        return {name: value for name, value in values.items() if value not in (None, [], "")}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Answer:
        return cls(**{**values, "obstacles": tuple(values.get("obstacles", ()))})


Answers = Mapping[str, Answer]
"""What one participant says, by topic."""


@dataclass(frozen=True)
class Fault:
    """A part of an answer that can't be taken: key of the text that says why, and what it names."""

    part: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: Language | None = None) -> str:
        with use_language(language):
            return t(self.key, **self.params)


def parse(survey: Survey, said: Mapping[str, str]) -> tuple[Answer, list[Fault]]:
    """An answer from texts, as a form or a file gives them, and what can't be taken of it.

    Parameters
    ----------
    survey
        For the years that may be named.
    said
        Texts by part (:data:`PARTS`); obstacles by code or name, parted by semicolons.
    """
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for part, most in (("importance", STEPS), ("confidence", STEPS), ("expertise", EXPERTISE)):
        text = _whole(said.get(part, ""))
        if not text:
            continue
        if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= most:
            values[part] = int(text)
        else:
            faults.append(Fault(part, "data.survey.fault.step", {"text": _short(text), "most": most}))
    year = _whole(said.get("year", ""))
    if year.casefold() in _never():
        values["year"] = NEVER
    elif year:
        known = re.fullmatch(r"\d{4}年?", year) is not None and year.isascii() | year.endswith("年")
        number = int(year[:4]) if known else 0
        if survey.first_year <= number <= survey.last_year:
            values["year"] = number
        else:
            span = {"first": survey.first_year, "last": survey.last_year}
            faults.append(Fault("year", "data.survey.fault.year", {"text": _short(year), **span}))
    found = [_obstacle(text) for text in re.split("[;；、|]", said.get("obstacles", "")) if text.strip()]
    unknown = [text for code, text in found if code is None]
    if unknown:
        known_names = Worded({"en": ", ".join(_names_of_obstacles("en")), "zh": "、".join(_names_of_obstacles("zh"))})
        faults.append(
            Fault("obstacles", "data.survey.fault.obstacle", {"text": _short(unknown[0]), "known": known_names})
        )
    named = {code for code, _ in found}
    values["obstacles"] = tuple(code for code in OBSTACLES if code in named)
    comment = _comment(said.get("comment", ""))
    if len(comment) > LONGEST_COMMENT:
        faults.append(Fault("comment", "data.survey.fault.comment", {"length": len(comment), "most": LONGEST_COMMENT}))
    values["comment"] = comment[:LONGEST_COMMENT]
    return Answer(**values), faults


def _whole(text: str) -> str:
    """A cell of a spreadsheet without the point that it adds to whole numbers."""
    text = text.strip()
    return text.removesuffix(".0") if re.fullmatch(r"\d+\.0", text) else text


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _comment(text: str) -> str:
    """A comment without what steers a terminal or a page; line breaks stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c == "\n" or (c.isprintable() or c == "\u3000")).strip()


@cache
def _never() -> frozenset[str]:
    """Words for never, in both languages."""
    said = {NEVER, *(t("data.survey.never", language).casefold() for language in LANGUAGES)}
    return frozenset(said | {"不会", "永不", "不会实现"})


def _obstacle(text: str) -> tuple[str | None, str]:
    text = text.strip()
    return next((code for code in OBSTACLES if text.casefold() in _obstacle_names(code)), None), text


@cache
def _obstacle_names(code: str) -> frozenset[str]:
    return frozenset({code, *(t(f"data.survey.obstacle.{code}", language).casefold() for language in LANGUAGES)})


def checked_id(survey_id: str) -> str:
    """The id of a survey: it stands in addresses and names a folder.

    Raises
    ------
    UsageError
        If it holds anything but small letters, digits and hyphens.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", survey_id):
        raise UsageError("data.error.survey_id", name=survey_id[:80])
    return survey_id


def checked_topics(topics: Iterable[Topic]) -> tuple[Topic, ...]:
    """Topics that can be asked.

    Raises
    ------
    DataError
        If there are none or too many, or two have the same id or text.
    """
    found = tuple(topics)
    if not 1 <= len(found) <= MOST_TOPICS:
        raise DataError("data.error.survey_topics", count=len(found), most=MOST_TOPICS)
    for name in ("topic_id", "en", "zh"):
        values = [getattr(each, name) for each in found]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise DataError("data.error.survey_twice", text=twice[:80])
    return found


def _names_of_obstacles(language: Language) -> list[str]:
    return [obstacle_name(code, language) for code in OBSTACLES]


def obstacle_name(code: str, language: Language | None = None) -> str:
    key = f"data.survey.obstacle.{code}"
    return t(key, language) if has(key) else code
