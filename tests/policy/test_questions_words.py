"""What answers on policy say: right for any number, in both languages, without leftovers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from foreland.core.finding import Finding
from foreland.data.workspace import Workspace

from .conftest import Made, said

SINGULAR = re.compile(r"\b1 (?:documents|places|passages|fields|pairs|instruments|mentions|quantities|values)\b(?! in)")
DOUBLED = re.compile(r"[.,;:]{2,}|[，。；：、]{2,}| ,|（）|\(\)|  |\bNone\b|\bnan\b")
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("coverage", {}),
    ("coverage", {"field": "iotf:ai"}),
    ("coverage", {"region": "CN-ZJ"}),
    ("coverage", {"region": "CN-ZJ", "field": "iotf:ai"}),
    ("attention", {}),
    ("attention", {"field": "iotf:ai"}),
    ("attention", {"region": "CN-ZJ"}),
    ("attention", {"region": "CN"}),
    ("targets", {}),
    ("targets", {"region": "CN-ZJ", "status": "all"}),
    ("targets", {"region": "CN-ZJ", "status": "achieved"}),
    ("ambition", {}),
    ("ambition", {"region": "CN-ZJ"}),
    ("instruments", {}),
    ("instruments", {"region": "CN-ZJ"}),
    ("instruments", {"field": "iotf:ai"}),
    ("chain", {}),
    ("chain", {"region": "CN-ZJ"}),
    ("definitions", {}),
    ("alignment", {}),
    ("alignment", {"by": "instrument"}),
    ("alignment", {"region": "CN-ZJ"}),
    ("emphasis", {"region": "CN-ZJ"}),
    ("emphasis", {"region": "CN-ZJ", "by": "instrument"}),
    ("duplication", {"draws": 99}),
    ("duplication", {"draws": 99, "region": "CN-ZJ"}),
    ("reuse", {}),
    ("reuse", {"region": "CN-ZJ"}),
    ("reuse", {"field": "iotf:quantum"}),
    ("wording", {}),
)


def words(finding: Finding, language: Any) -> list[str]:
    return [
        finding.headline[language],
        finding.benchmark[language],
        *(caveat.text(language) for caveat in finding.caveats),
        *(step.text(language) for step in finding.provenance.steps),
        finding.registered.how(language),
    ]


def check(finding: Finding) -> None:
    for language in ("en", "zh"):
        for text in words(finding, language):
            assert not SINGULAR.search(text), text
            assert not DOUBLED.search(text), text
            assert text.endswith("。" if language == "zh" else ".") or text == finding.benchmark[language], text
            if language == "en" and text != finding.benchmark["en"] and finding.question != "policy.wording":
                assert not re.search(r"[一-鿿，。；]", text), text


@pytest.mark.parametrize(("name", "scope"), ASKED, ids=str)
def test_words_of_the_library(library: Workspace, name: str, scope: dict[str, Any]) -> None:
    check(library.ask(f"policy.{name}", **scope))


@pytest.mark.parametrize(
    "name", ["coverage", "attention", "targets", "ambition", "instruments", "chain", "definitions"]
)
@pytest.mark.parametrize("scope", [{}, {"region": "CN-ZJ"}], ids=str)
def test_words_where_there_is_one_of_everything(made: Made, name: str, scope: dict[str, Any]) -> None:
    passages = [
        {"kind": "instrument", "instrument": "regulation", "code": "application/industry"},
        {"kind": "quantity", "measure": "gdp_growth", "value": 5.0, "unit": "%", "comparator": "=",
         "status": "target", "year": 2026},
        {"kind": "definition", "method": "list", "start": 0, "end": 500},
    ]  # fmt: skip
    ws = made(
        [{"document_id": "a", "region_id": "CN-ZJ"}, {"document_id": "lost", "region_id": None},
         {"document_id": "again", "region_id": "CN-ZJ", "duplicate_of": "a"},
         {"document_id": "english", "region_id": "CN-ZJ", "language": "en"}],
        [*said("a", "iotf:ai"), *({"document_id": "a", **each} for each in passages)],
    )  # fmt: skip
    check(ws.ask(f"policy.{name}", **scope))
