"""Doubts: swapped figures are caught, sound reports are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.reading.english_quantities import find
from foreland.data.reading.measures import measure
from foreland.data.reading.model import Context, Quantity
from foreland.data.reading.plausibility import CODES, conflicts, doubts
from foreland.data.reading.sentences import split


def quantity(value: float, unit: str = "count", **known: object) -> Quantity:
    defaults = {
        "start": 0, "end": 1, "text": str(value), "indicator": "", "comparator": "=", "status": "achieved",
        "year": None, "field": None, "rule": "made up",
    }  # fmt: skip
    return Quantity(value=value, unit=unit, **{**defaults, **known})  # type: ignore[arg-type]


def codes(value: float, unit: str, now: int | None = 2026, **known: object) -> list[str]:
    return doubts([quantity(value, unit, **known)], Context(year=now))[0]


def test_both_swapped_figures_of_the_translation(shared: Path) -> None:
    """A part of 293 in a whole of 16, and 2025 billion by the year 3000."""
    paths = sorted((shared / "reference").glob("003*.txt"))
    if not paths:
        pytest.skip("needs the reference texts")
    text = paths[0].read_text(encoding="utf-8")
    doubted = {}
    for sentence in split(text, "en"):
        context = Context(text[max(0, sentence.start - 100) : sentence.start], sentence.start / len(text), 2023)
        found = find(sentence.text, [], context)
        for one, said in zip(found, doubts(found, context, sentence.text), strict=True):
            if said:
                doubted[one.value] = said
    assert doubted == {293: ["part_larger_than_whole"], 2.025e12: ["year_as_amount", "amount_as_year"]}


@pytest.mark.parametrize(
    "sentence",
    [
        "It won 4 of 3 prizes.",
        "In Larkshire, 12 of the 9 counties have adopted the plan.",
        "Of the 9 counties of Larkshire, 12 have adopted the plan.",
        "Larkshire has 40 parks, including 60 parks for chips.",
    ],
)
def test_a_part_is_not_larger_than_its_whole(sentence: str) -> None:
    found = find(sentence, [], Context())
    assert [code for said in doubts(found, Context(), sentence) for code in said] == ["part_larger_than_whole"]
    # turned round, nothing is odd
    for a, b in (("4 of 3", "3 of 4"), ("12 of the 9", "9 of the 12"), ("60 parks", "6 parks")):
        sentence = sentence.replace(a, b)
    sentence = sentence.replace("Of the 9", "Of the 90")
    found = find(sentence, [], Context())
    assert doubts(found, Context(), sentence) == [[] for _ in found]


def test_a_part_of_a_chinese_whole() -> None:
    sentence = "甲省9个县中12个出台了规划。"
    at = sentence.index("12个")
    found = [quantity(12, start=at, end=at + 3, text="12个")]
    assert doubts(found, Context(), sentence) == [["part_larger_than_whole"]]
    assert doubts(found, Context(), sentence.replace("9个", "90个")) == [[]]


@pytest.mark.parametrize(
    ("value", "unit", "known", "expected"),
    [
        (
            2.025e12,
            "CNY",
            {"text": "2025 billion yuan", "year": 3000, "status": "target"},
            ["year_as_amount", "amount_as_year"],
        ),
        (2.03e11, "CNY", {"text": "2030亿元", "status": "target"}, ["year_as_amount"]),
        (2.03e11, "CNY", {"text": "2030亿元", "year": 2027, "status": "target"}, []),
        (2.03e11, "CNY", {"text": "2030亿元", "year": 2025}, []),
        (5, "%", {"year": 5000, "status": "target"}, ["amount_as_year"]),
        (5, "%", {"year": 2060, "status": "target"}, []),
        (5, "%", {"year": 2024, "status": "target"}, ["deadline_passed"]),
        (5, "%", {"year": 2026, "status": "target"}, []),
        (5, "%", {"year": 2024}, []),
        (1200, "%", {"indicator": "产值增长"}, ["growth_implausible"]),
        (120, "%", {"indicator": "事故起数下降"}, ["growth_implausible"]),
        (120, "%", {"indicator": "sales rose"}, []),
        (135, "%", {"indicator": "新能源装机占比"}, ["share_over_100"]),
        (135, "%", {"indicator": "accounted for of the total"}, ["share_over_100"]),
        (100, "%", {"indicator": "自来水普及率"}, []),
        (105, "%", {"indicator": "高等教育毛入学率"}, []),
        (190, "%", {"indicator": "银行业拨备覆盖率"}, []),
        (9e14, "CNY", {"indicator": "地区生产总值"}, ["magnitude"]),
        (4e15, "CNY", {"indicator": "金融市场交易总额"}, []),
        (9e9, "person", {"text": "90亿人"}, ["magnitude"]),
        (9e9, "person", {"text": "90亿人次"}, []),
        (2e13, "m2", {}, ["magnitude"]),
    ],
)
def test_one_figure(value: float, unit: str, known: dict[str, object], expected: list[str]) -> None:
    assert codes(value, unit, **known) == expected


def test_without_the_year_of_the_document_no_deadline_has_passed() -> None:
    assert codes(5, "%", now=None, status="target", year=2001) == []


@given(st.lists(st.tuples(st.floats(0, 1e18), st.sampled_from(["%", "CNY", "count", "person", "times"])), max_size=6))
def test_every_quantity_gets_its_codes_in_order(rows: list[tuple[float, str]]) -> None:
    said = doubts([quantity(value, unit) for value, unit in rows], Context(year=2026))
    assert len(said) == len(rows)
    assert all(one == [code for code in CODES if code in one] for one in said)


def gdp(value: float, **known: object) -> Quantity:
    return quantity(value, "CNY", **{"indicator": "地区生产总值", "year": 2025, **known})


def test_conflicts() -> None:
    other = quantity(3)
    assert conflicts([gdp(5e12), other, gdp(6e12)], ["gdp", None, "gdp"]) == [(0, 2)]
    assert conflicts([gdp(5e12), other, gdp(5.02e12)], ["gdp", None, "gdp"]) == []  # rounded
    assert conflicts([gdp(5e12), other, gdp(6e12, year=2030)], ["gdp", None, "gdp"]) == []
    assert conflicts([gdp(5e12), other, gdp(6e12, status="target")], ["gdp", None, "gdp"]) == []
    assert conflicts([gdp(5e12), other, gdp(6e12, comparator=">=")], ["gdp", None, "gdp"]) == []
    assert conflicts([gdp(4e12), gdp(5e12)], ["gdp", "gdp"]) == []  # rose from the one to the other
    jobs = [quantity(n, "person", indicator="城镇新增就业", year=2025) for n in (2e5, 9e5)]
    assert conflicts([jobs[0], other, jobs[1]], ["urban_jobs", None, "urban_jobs"]) == []  # a year's and five years'
    with pytest.raises(ValueError, match="zip"):
        conflicts([other], [])


def test_sound_reports_raise_nearly_no_doubts(shared: Path) -> None:
    """31 provincial reports of 2026: what is doubted there was read or written wrongly, or the rule is too strict."""
    import pandas as pd

    chinese = pytest.importorskip("foreland.data.reading.chinese_quantities")
    folder = shared / "data" / "cn_work_reports_2026"
    if not folder.is_dir():
        pytest.skip("needs the provincial work reports")
    n_read = n_doubted = n_conflicts = 0
    for row in pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))]).itertuples():
        read = []
        for sentence in split(row.text, "zh"):
            position = sentence.start / len(row.text)
            context = Context(row.text[max(0, sentence.start - 100) : sentence.start], position, 2026)
            found = chinese.find(sentence.text, [], context)
            read += found
            n_doubted += sum(map(bool, doubts(found, context, sentence.text)))
        n_read += len(read)
        n_conflicts += len(conflicts(read, [measure(q.indicator, q.unit, "zh") for q in read]))
    assert n_read > 5000
    assert n_doubted <= 5
    assert n_conflicts <= 5


def test_swapping_figures_of_sound_sentences_is_noticed() -> None:
    """Of a deadline and an amount swapped, and a part and a whole swapped, all are noticed; unswapped none."""
    for year in range(2025, 2061, 5):
        for amount in (3000, 5000, 8000):
            sound = f"Larkshire will strive for sales of {amount} billion yuan by {year}."
            swapped = f"Larkshire will strive for sales of {year} billion yuan by {amount if amount < 4000 else 3000}."
            for sentence, expected in ((sound, []), (swapped, ["year_as_amount", "amount_as_year"])):
                context = Context(year=2024)
                found = find(sentence, [], context)
                assert [code for said in doubts(found, context, sentence) for code in said] == expected, sentence


def test_quantities_of_a_sentence_are_doubted_one_by_one() -> None:
    rows = [quantity(5, "%", year=2020, status="target"), quantity(7, "%", year=2030, status="target")]
    assert doubts(rows, Context(year=2026)) == [["deadline_passed"], []]
