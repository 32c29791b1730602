"""A made-up (SYNTHETIC) survey about moon lamps: five topics, answers from a seed."""

from __future__ import annotations

import random

from foreland.data.surveys import store
from foreland.data.surveys.model import OBSTACLES, Answer, Survey, Topic
from foreland.data.workspace import Workspace

TOPICS = (
    Topic("lamp", "A moon lamp lights a village through the lunar night", "月灯可照亮村庄度过月夜", "iotf:space"),
    Topic("ice", "Half of the water of a lunar station comes from ice", "月球站一半用水来自月冰", "iotf:space"),
    Topic("clock", "Quantum clocks time the lamps without the Earth", "量子钟为月灯授时，无需地面信号", "iotf:quantum"),
    Topic("store", "Hydrogen stores light for fourteen days", "氢能储光可用十四天", "iotf:hydrogen"),
    Topic("moth", "Moths are bred that pollinate by lamp light", "培育出依靠灯光授粉的飞蛾", "iotf:gene_cell"),
)  # fmt: skip


def moonlamp(survey_id: str = "moonlamp") -> Survey:
    return Survey(survey_id, "Moon lamps (SYNTHETIC)", "月灯调查（虚构）", TOPICS, 2026, 2075)


def answers(person: int, number: int) -> dict[str, Answer]:
    """What a made-up person says: further apart in the first round; the third topic is never to some."""
    draw = random.Random(f"{person} {number}")
    found = {}
    for i, topic in enumerate(TOPICS):
        year: int | str = max(2026, round(2036 + 5 * i + draw.gauss(0, 6 / number)))
        if topic.topic_id == "moth" and draw.random() < 0.4:
            year = "never"
        found[topic.topic_id] = Answer(
            importance=max(1, min(5, 5 - i + draw.choice([-1, 0, 0, 1]))),
            year=year,  # type: ignore[arg-type]
            confidence=draw.randint(2, 4),
            expertise=draw.randint(1, 4),
            obstacles=tuple(sorted(draw.sample(OBSTACLES, 2), key=OBSTACLES.index)),
            comment=f"Dust, says {person}." if person == 1 else "",
        )
    return found


def fill(ws: Workspace, survey: Survey | None = None, *, people: int = 8, rounds: int = 2) -> Survey:
    """Create the survey and hold closed rounds of it."""
    survey = store.create(ws, survey or moonlamp())
    store.invite(ws, survey.survey_id, people)
    names = [each.number for each in store.participants(ws, survey.survey_id)]
    for number in range(1, rounds + 1):
        store.open_round(ws, survey.survey_id)
        for person, name in enumerate(names):
            # The last one drops out after the first round.
            if number == 1 or person < people - 1:
                store.save(ws, survey.survey_id, number, name, answers(person, number), 0)
        survey, _ = store.close_round(ws, survey.survey_id)
    return survey
