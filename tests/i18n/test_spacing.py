"""Latin names within Chinese texts stand apart from the characters beside them."""

from __future__ import annotations

import pytest

import foreland.i18n as i18n


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch):
    def say(zh: str, **params: object) -> str:
        monkeypatch.setattr(i18n, "catalogue", lambda package: {"made.text": {"zh": zh, "en": zh}})
        return i18n.t("made.text", "zh", **params)

    return say


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        ("居首的{top}由 2020 年起", {"top": "Large Models (LLMs)"}, "居首的 Large Models (LLMs) 由 2020 年起"),
        ("{place}的{top}。", {"place": "中国", "top": "GPT-4"}, "中国的 GPT-4。"),
        ("{place}{top}增长", {"place": "中国", "top": "AI"}, "中国 AI 增长"),
        ("{top}{place}", {"place": "中国", "top": "AI"}, "AI 中国"),
        ("“{top}”和（{top}）", {"top": "AI"}, "“AI”和（AI）"),
        ("的 {top} 在", {"top": "AI"}, "的 AI 在"),
        ("{top}在{year}年", {"top": "AI", "year": "2020"}, "AI 在2020年"),
        ("{n:.1f}个{top}{{}}", {"n": 2, "top": "AI"}, "2.0个 AI{}"),
        ("居首的{top}由", {"top": "人工智能"}, "居首的人工智能由"),
    ],
)
def test_a_blank_parts_latin_from_chinese(said, text: str, params: dict[str, object], expected: str) -> None:
    assert said(text, **params) == expected


def test_english_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "catalogue", lambda package: {"made.text": {"zh": "", "en": "of {place}(s)"}})
    assert i18n.t("made.text", "en", place="AI") == "of AI(s)"
