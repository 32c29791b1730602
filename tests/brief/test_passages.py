"""Quotations: in the document's words, whole around what was read, no longer than they should be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.brief.passages import Quote, address, cut

SENTENCE = "今年要办好三件事，新建试验线5条，力争青禾产业规模突破800亿元，带动就业；同时守住底线。"


def span(sentence: str, words: str) -> tuple[int, int]:
    start = sentence.index(words)
    return start, start + len(words)


class TestCut:
    def test_short_sentence_stays_whole(self):
        assert "".join(cut(SENTENCE, *span(SENTENCE, "800亿元"), 100)) == SENTENCE

    def test_is_cut_at_pauses(self):
        before, words, after = cut(SENTENCE, *span(SENTENCE, "800亿元"), 20)
        assert (before, words, after) == ("…力争青禾产业规模突破", "800亿元", "…")

    def test_keeps_the_words_that_name_the_figure(self):
        named = SENTENCE.index("试验线")
        before, _, _ = cut(SENTENCE, *span(SENTENCE, "800亿元"), 30, named)
        assert before.startswith("…新建试验线")

    def test_an_endless_clause_is_cut_within_but_not_within_a_number(self):
        clause = "甲" * 40 + "达到12.5%" + "乙" * 8 + "3456万" + "丙" * 40
        for longest in range(6, 60):
            before, words, after = cut(clause, *span(clause, "12.5%"), longest)
            assert words == "12.5%"
            assert "3456" not in after or "3456万" in after
            assert after.count("3") == after.count("6")
            assert len((before + words + after).replace("…", "")) <= max(longest, 5)

    def test_english_words_stay_whole(self):
        sentence = "The province will raise spending on research and development by 12 percent within three years"
        before, words, after = cut(sentence, *span(sentence, "12 percent"), 40)
        known = set(sentence.split())
        assert words == "12 percent"
        assert {word.strip("…") for word in (before + after).split()} <= known | {""}

    @given(
        st.text(alphabet="甲乙丙a1 .,%，。；\n", min_size=1, max_size=120).flatmap(
            lambda text: st.tuples(
                st.just(text),
                st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted),
                st.integers(1, 80),
            )
        )
    )
    def test_quotes_what_stands_there(self, case):
        sentence, (start, end), longest = case
        before, words, after = cut(sentence, start, end, longest)
        bare = lambda text: "".join(text.split())  # noqa: E731
        assert bare(words) == bare(sentence[start:end])
        assert bare(sentence[:start]).endswith(bare(before.removeprefix("…")))
        assert bare(sentence[end:]).startswith(bare(after.removesuffix("…")))
        # What is left out is marked, unless it is blank.
        if not before.startswith("…"):
            assert bare(before) == bare(sentence[:start])
        if not after.endswith("…"):
            assert bare(sentence[end:]).rstrip("，；：,;:") == bare(after)
        kept = before.removeprefix("…") + words + after.removesuffix("…")
        assert len(kept) <= max(longest, end - start)


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("https://example.org/a?b=1", "https://example.org/a?b=1"),
        ("http://example.org/报告", "http://example.org/报告"),
        ("/home/someone/report.docx", ""),
        ("javascript:alert(1)", ""),
        ('https://example.org/"><script>', ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_addresses_are_shown(file, shown):
    assert address(file) == shown


def test_where():
    assert (
        Quote(title="一份文件", date="2031", address="https://example.org").where
        == "一份文件 (2031) https://example.org"
    )
    assert Quote(title="一份文件").where == "一份文件"
    assert Quote().text == ""
