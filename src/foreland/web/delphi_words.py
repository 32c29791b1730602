"""What the pages of surveys say: results, what a panel said before, one's own words, and what can be done next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, UsageError
from foreland.core.registry import find_question
from foreland.data.surveys import store
from foreland.data.surveys.model import PARTS, STEPS, Answer, Survey
from foreland.i18n import Language, t

if TYPE_CHECKING:
    from foreland.core.finding import Finding
    from foreland.data.surveys.model import Topic
    from foreland.web.site import Site
    from foreland.web.state import State

QUESTION = "foresight.delphi"
FEWEST = 3
"""Answers of a round are shown to others only where at least so many gave one: of two, each would know the other's."""


def results(site: Site, survey: Survey) -> Finding | None:
    """The results of the closed rounds; none before there is one."""
    if not any(each.state == "closed" for each in survey.rounds):
        return None
    try:
        return site.answers.ask(find_question(QUESTION), {"survey": survey.survey_id})
    except (DataError, UsageError):
        # A survey that was brought along as a folder has not landed here.
        return None


def feedback_of(site: Site, survey: Survey, number: int) -> dict[str, dict[str, Any]]:
    """Median and quartiles of a closed round by topic, where enough answered."""
    finding = results(site, survey) if number else None
    if finding is None:
        return {}
    found = {}
    for row in finding.tables["rounds"].to_pylist():
        if row["round"] == number and row["answers"] >= FEWEST:
            years = {
                name: f"{row[name]:g}" if row[name] is not None else "∞" for name in ("year_at", "year_from", "year_to")
            }
            topic = row["field_id"].partition(":")[2]
            found[topic] = {
                **row,
                **years,
                "never": f"{100 * (row['never_share'] or 0):.0f}",
                "index": f"{row['importance_index']:.0f}" if row["importance_index"] is not None else "—",
            }
    return found


def comments_of(survey: Survey, log: store.Log, who: str) -> dict[str, list[str]]:
    """Comments of others by topic, in the order of their words so that it tells nothing of who wrote them."""
    latest = log.latest
    if sum(bool(version.answers) for version in latest.values()) < FEWEST:
        return {}
    found = {
        topic.topic_id: sorted(
            version.answers[topic.topic_id].comment
            for number, version in latest.items()
            if number != who and topic.topic_id in version.answers and version.answers[topic.topic_id].comment
        )
        for topic in survey.topics
    }
    return {topic: said for topic, said in found.items() if said}


def own_words(answer: Answer | None, language: Language) -> str:
    """What somebody said in the round before, in a line."""
    if answer is None:
        return ""
    parts = []
    if answer.importance:
        parts.append(t("web.delphi.own.importance", language, value=answer.importance, of=STEPS))
    if answer.year is not None:
        year = t("data.survey.never", language) if answer.year == "never" else answer.year
        parts.append(t("web.delphi.own.year", language, value=year))
    return ("，" if language == "zh" else ", ").join(parts)


def texts_of(answer: Answer) -> dict[str, str]:
    """An answer as the form writes it."""
    values = {part: "" if getattr(answer, part) is None else str(getattr(answer, part)) for part in PARTS}
    never = answer.year == "never"
    return {**values, "year": "" if never else values["year"], "never": "1" if never else ""}


def topics_named(survey: Survey, topics: str, state: State) -> list[Topic]:
    """Topics of an address, those that there are."""
    wanted = topics.split(",")
    return [topic for topic in survey.topics if topic.topic_id in wanted]


def commands_of(survey: Survey) -> list[tuple[str, str]]:
    """What the organiser can do next, as commands: key of the words, command."""
    name = survey.survey_id
    if survey.open_round:
        invite, paper = f"foreland delphi invite {name} 10", f"foreland delphi import {name} answers.csv"
        return [("invite", invite), ("import", paper), ("close", f"foreland delphi close {name}")]
    export = [("export", f"foreland delphi export {name} -o answers.xlsx")] if survey.rounds else []
    return [("open", f"foreland delphi open {name}"), *export]
