"""Sentences: exact offsets, Chinese and English boundaries, linear time."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.reading.sentences import split

texts = st.text(alphabet="甲乙。；！？，\n ”“ab.A1 !?U.S\t（）", max_size=60)


@pytest.mark.parametrize("language", ["zh", "en"])
@given(text=texts)
def test_sentences_are_slices_and_lose_nothing_but_space(language: str, text: str) -> None:
    sentences = split(text, language)
    assert all(text[s.start : s.end] == s.text == s.text.strip() and s.text for s in sentences)
    assert all(a.end <= b.start for a, b in itertools.pairwise(sentences))
    kept = {i for s in sentences for i in range(s.start, s.end)}
    assert not "".join(sign for i, sign in enumerate(text) if i not in kept).strip()


@given(text=texts)
def test_a_chinese_sentence_holds_one_stop(text: str) -> None:
    for sentence in split(text, "zh"):
        assert "\n" not in sentence.text
        assert not set(sentence.text.rstrip('。；！？”’」』）】》"')) & set("。；！？")


def test_chinese_boundaries() -> None:
    text = "一、甲市回顾\n产值增长1.5%；企业达3家。他说：“很好。”真的吗？是！！"
    assert [s.text for s in split(text, "zh")] == [
        "一、甲市回顾",
        "产值增长1.5%；",
        "企业达3家。",
        "他说：“很好。”",
        "真的吗？",
        "是！！",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Output rose 3.5 percent. Jobs fell.", ["Output rose 3.5 percent.", "Jobs fell."]),
        ("The U.S. Government agreed. It paid.", ["The U.S. Government agreed.", "It paid."]),
        ("They work in the U.S. The rest left.", ["They work in the U.S.", "The rest left."]),
        ("See No. 5 and Fig. 2 for it. Done.", ["See No. 5 and Fig. 2 for it.", "Done."]),
        ("Dr. Smith met J. K. Doe. Was it late? No.", ["Dr. Smith met J. K. Doe.", "Was it late?", "No."]),
        ("Acme Inc. The firm grew.", ["Acme Inc.", "The firm grew."]),
        ("Grants, loans, e.g. for labs, were cut. Now!", ["Grants, loans, e.g. for labs, were cut.", "Now!"]),
        ('She said "Stop." He did.', ['She said "Stop."', "He did."]),
        ("Title of it\n\nWe build labs.\n- one\n- two", ["Title of it", "We build labs.", "- one", "- two"]),
        ("It ran\nover lines. Then on.", ["It ran\nover lines.", "Then on."]),
    ],
)
def test_english_boundaries(text: str, expected: list[str]) -> None:
    assert [s.text for s in split(text, "en")] == expected


def test_other_languages_are_refused() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        split("Bonjour.", "fr")


@pytest.mark.parametrize(("language", "unit"), [("zh", "甲市新增企业3家，"), ("en", "the city has 3.5 firms, ")])
def test_time_grows_with_length_only(language: str, unit: str) -> None:
    def seconds(times: int) -> float:
        text = unit * times
        began = time.perf_counter()
        split(text, language)
        return time.perf_counter() - began

    seconds(100)
    # A sentence without an end, sixteen times as long: a quadratic cut would take 256 times as long.
    assert seconds(64_000) < 80 * max(seconds(4_000), 1e-4)


def test_cuts_as_the_labelled_sentences_are_cut(shared: Path) -> None:
    pd = pytest.importorskip("pandas")
    folder = shared / "gold" / "dev.sentences.jsonl"
    reports = shared / "data" / "cn_work_reports_2026" / "gwr_provincial_2026.parquet"
    if not folder.exists() or not reports.exists():
        pytest.skip("needs the labelled sentences and their reports")
    documents = pd.read_parquet(reports).set_index("province").text
    cut = {name: {(s.start, s.end) for s in split(text, "zh")} for name, text in documents.items()}
    rows = [json.loads(line) for line in folder.read_text(encoding="utf-8").splitlines()]
    same = [(row["offset"], row["offset"] + len(row["sentence"])) in cut[row["province"]] for row in rows]
    assert sum(same) == len(same) == 153
