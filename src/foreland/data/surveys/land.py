"""A closed round as a source of the workspace: topics are fields, and each part of an answer is a link to its topic."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from foreland.core.tables import table_spec
from foreland.data.surveys.model import NEVER, Answer, Answers, Round, Survey
from foreland.i18n import t

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

KIND = "delphi_"
"""How the kinds of these links begin."""
LICENCE = "Unpublished (未发表)"
"""The column has no language of its own, so that it says it in both."""
NUMBERS = ("importance", "confidence", "expertise")


def land(ws: Workspace, survey: Survey, closed: Round, answered: Mapping[str, Answers]) -> None:
    """Land the answers of a round, comments left out.

    ``link``: from ``delphi-<id>:<participant>`` to the topic, kind ``delphi_importance``, ``delphi_year``,
    ``delphi_confidence``, ``delphi_expertise`` or ``delphi_obstacle:<code>``; the period is the day of closing. A year
    of never has no weight, and the unit says so.
    """
    import pyarrow as pa

    source_id = survey.source_id(closed.number)
    content = {
        "survey": survey.to_dict(),
        "answers": {who: {topic: a.to_dict() for topic, a in answers.items()} for who, answers in answered.items()},
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    topics = {topic.topic_id for topic in survey.topics}
    tables: dict[str, list[dict[str, Any]]] = {
        "field": [
            {
                "field_id": f"{survey.scheme}:{topic.topic_id}",
                "scheme": survey.scheme,
                "code": topic.topic_id,
                "name_en": topic.en,
                "name_zh": topic.zh,
                "parent_id": topic.field_id or None,
            }
            for topic in survey.topics
        ],
        "link": [
            {"from_id": f"{survey.scheme}:{who}", "to_id": f"{survey.scheme}:{topic}", "period": closed.closed[:10]}
            | link
            for who, answers in answered.items()
            for topic, answer in answers.items()
            if topic in topics
            for link in _links(answer)
        ],
        "source": [
            {
                "title_en": t("data.survey.source", "en", title=survey.title_en, round=closed.number),
                "title_zh": t("data.survey.source", "zh", title=survey.title_zh, round=closed.number),
                "licence": LICENCE,
                "published": closed.closed[:10],
                "retrieved": closed.closed[:10],
                "content_hash": digest,
                "note_en": t("data.survey.source_note", "en", people=len(answered)),
                "note_zh": t("data.survey.source_note", "zh", people=len(answered)),
            }
        ],
    }
    with ws.staging() as staging:
        for table, rows in tables.items():
            schema = table_spec(table).arrow_schema()
            full = [{name: {"source_id": source_id, **row}.get(name) for name in schema.names} for row in rows]
            staging.write(table, pa.Table.from_pylist(full, schema=schema))
        staging.commit(source_id, digest)


def _links(answer: Answer) -> Iterator[dict[str, Any]]:
    for part in NUMBERS:
        step = getattr(answer, part)
        if step is not None:
            yield {"kind": KIND + part, "weight": float(step), "unit": "step"}
    if answer.year == NEVER:
        yield {"kind": f"{KIND}year", "weight": None, "unit": NEVER}
    elif answer.year is not None:
        yield {"kind": f"{KIND}year", "weight": float(answer.year), "unit": "year"}
    for code in answer.obstacles:
        yield {"kind": f"{KIND}obstacle:{code}", "weight": 1.0, "unit": "count"}
