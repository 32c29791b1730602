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
