"""Every question has the same answer on both engines."""

from __future__ import annotations

import pytest
from tests.engines.same import differences, table_differences

from foreland.core import registry
from foreland.core.registry import Question
from foreland.data.workspace import Workspace

QUESTIONS = registry.questions()


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_question_has_one_answer(question: Question, library: Workspace, on_cluster: Workspace) -> None:
    embedded = question(library, **question.example)
    cluster = question(on_cluster, **question.example)
    assert not differences(embedded, cluster)
    ours, theirs = embedded.evidence(0).tables, cluster.evidence(0).tables
    assert [given for given, _ in ours] == [given for given, _ in theirs]
    for number, ((_, one), (_, other)) in enumerate(zip(ours, theirs, strict=True)):
        assert not table_differences(f"evidence {number}", one, other)
