"""Names of indicators within English sentences."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from foreland.data import answer


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Patent families", "patent families"),
        ("High-tech trade: exports", "high-tech trade: exports"),
        ("Papers (whole counting)", "papers (whole counting)"),
        ("USPTO utility patents granted", "USPTO utility patents granted"),
        ("R&D expenditure", "R&D expenditure"),
        ("PhDs awarded", "PhDs awarded"),
        ("Chinese patents", "Chinese patents"),
        ("Germany exports", "Germany exports"),
        ("专利", "专利"),
        ("", ""),
    ],
)
def test_only_common_words_take_a_small_letter(monkeypatch: pytest.MonkeyPatch, written: str, expected: str) -> None:
    monkeypatch.setattr(answer, "names", lambda ws, ids: {"made": {"en": written, "zh": "专利族"}})
    workspace: Any = SimpleNamespace()
    assert answer.within(workspace, "made") == {"en": expected, "zh": "专利族"}


NAMED = {
    "a": {"en": "prompt, prompting, LLM", "zh": "提示词、提示工程、大模型"},
    "b": {"en": "Optics", "zh": "光学"},
    "c": {"en": "Food, drink", "zh": "食品"},
}


def test_names_that_hold_commas_are_quoted_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "names", lambda ws, ids: NAMED)
    workspace: Any = SimpleNamespace()
    assert answer.listed(workspace, "abc") == {
        "en": "“prompt, prompting, LLM”, Optics, “Food, drink”",
        "zh": "“提示词、提示工程、大模型”、光学、食品",
    }
    assert answer.said(workspace, "c") == {"en": "“Food, drink”", "zh": "食品"}
    assert answer.name(workspace, "c") == NAMED["c"]


def test_years_have_the_dash_of_their_language() -> None:
    assert answer.span(2022, 2026) == {"en": "2022–2026", "zh": "2022—2026"}
    assert answer.span("2022", "2022") == {"en": "2022", "zh": "2022"}
