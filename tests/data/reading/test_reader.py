"""The reader as a whole, and the format of the labels."""

from __future__ import annotations

import datetime
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.core.errors import DataError
from foreland.data.reading.gold import infer_year, predict
from foreland.data.reading.model import INSTRUMENTS, Context, Reading
from foreland.data.reading.reader import Reader, detect, read_document

REPORT = """2026年甲市政府工作报告
一、2025年工作回顾
产值增长5%，量子科技企业新增3家。
二、2026年重点工作
新建储能中试平台2个以上；
设立产业基金10亿元。
"""


def test_reads_fields_quantities_and_instruments() -> None:
    reading = Reader("zh").read("设立量子产业基金，规模达到20亿元。", Context("", 0.9, 2026))
    assert [(m.text, m.field) for m in reading.fields] == [("量子", "quantum")]
    assert [(q.value, q.unit, q.status, q.year) for q in reading.quantities] == [(2e9, "CNY", "target", 2026)]
    assert "fund" in {i.type for i in reading.instruments} <= set(INSTRUMENTS)


def test_reads_english() -> None:
    reading = Reader("en").read("Invest $20 billion in quantum computing by 2030.", Context("", None, 2026))
    assert [m.field for m in reading.fields] == ["quantum"]
    assert [(q.value, q.unit, q.year) for q in reading.quantities] == [(20e9, "USD", 2030)]


def test_a_document_tells_its_parts_by_its_headings() -> None:
    sentences, readings = read_document(REPORT, year=2026)
    assert len(sentences) == len(readings) == 6
    assert all(REPORT[s.start : s.end] == s.text for s in sentences)
    told = [(q.text, q.status, q.year) for reading in readings for q in reading.quantities]
    # Placed by share of the text alone, all of these would be results.
    assert told == [
        ("5%", "achieved", 2025),
        ("3家", "achieved", 2025),
        ("2个", "target", 2026),
        ("10亿元", "target", 2026),
    ]
    for sentence, reading in zip(sentences, readings, strict=True):
        spans = [item[:3] for part in reading for item in part]
        assert all(sentence.text[start:end] == text for start, end, text in spans)


def test_reading_depends_on_the_sentence_and_its_context_only() -> None:
    """A document read whole and its sentences read one by one give the same fields and instruments."""
    reader = Reader("zh")
    for sentence, reading in zip(*read_document(REPORT, "zh", 2026), strict=True):
        alone = reader.read(sentence.text)
        assert (alone.fields, alone.instruments) == (reading.fields, reading.instruments)
        assert [q.value for q in alone.quantities] == [q.value for q in reading.quantities]


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    sentences, readings = read_document(text, "zh", 2026)
    assert len(sentences) == len(readings)
    assert all(isinstance(reading, Reading) for reading in readings)


def test_languages() -> None:
    assert [detect(text) for text in ("甲市建设AI算力中心。", "Build an AI centre (算力).", "", "2026")] == [
        "zh",
        "en",
        "en",
        "en",
    ]
    with pytest.raises(ValueError, match="'fr'"):
        Reader("fr")


def test_labels_keep_the_ids_and_the_order() -> None:
    rows = [
        {"id": f"r{number}", "sentence": f"新增企业{number}家。", "before": "", "position": 0.1} for number in (3, 1, 2)
    ]
    labels = list(predict(rows, 2026))
    assert [row["id"] for row in labels] == ["r3", "r1", "r2"]
    assert [row["quantities"][0]["value"] for row in labels] == [3, 1, 2]
    assert set(labels[0]) == {"id", "fields", "quantities", "instruments"}
    keys = {"start", "end", "text", "value", "unit", "indicator", "comparator", "status", "year", "field"}
    assert keys <= set(labels[0]["quantities"][0])


def test_a_row_needs_no_context() -> None:
    (row,) = predict([{"id": 1, "sentence": "去年新增企业3家。"}], 2026)
    assert row["quantities"][0]["year"] == 2025


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        ({"sentence": "甲。"}, "id"),
        ({"id": "a"}, "sentence"),
        ({"id": "a", "sentence": 3}, "sentence"),
        ("甲", "id, sentence"),
    ],
)
def test_a_row_without_id_or_sentence_is_an_error_that_says_where(row: object, missing: str) -> None:
    with pytest.raises(DataError) as caught:
        list(predict([{"id": "ok", "sentence": "乙。"}, row], 2026))  # type: ignore[list-item]
    assert caught.value.where is not None
    assert caught.value.where.line == 2
    for language in ("zh", "en"):
        assert missing in caught.value.text(language)


@pytest.mark.parametrize(
    ("texts", "year"),
    [
        (["2023年，产值增长5%。", "做好2024年工作。"], 2024),
        (["2021年，产值增长5%。", "二、“十四五”时期主要目标", "到2025年，产值翻番。", "2020年完成产值1亿元。"], 2021),
        (["“十四五”以来，产值翻番。", "2021年以来，产值增长5%。"], 2026),
        (["“十四五”以来，产值翻番。", "“十五五”时期，力争再翻番。"], 2026),
        (["到2030年，产值翻番。"], 2026),
    ],
)
def test_the_year_is_seen_from_the_sentences(texts: list[str], year: int) -> None:
    assert infer_year(texts, now=2026) == year


def test_without_any_year_it_is_the_current_one() -> None:
    assert infer_year(["产值翻番。", "2030启航，投资2000亿元。"]) == datetime.datetime.now(tz=datetime.UTC).year


def test_reports_of_other_years(shared: Path) -> None:
    """The yearly target of growth and the growth of the year before, as the national reports say them."""
    pd = pytest.importorskip("pandas")
    file = shared / "data" / "cn_work_reports_national_zh_en" / "gwr_national_zh_en.parquet"
    if not file.exists():
        pytest.skip("needs the national reports of the shared folder")
    rows = pd.read_parquet(file)
    wanted = {
        2011: (10.3, 8.0), 2012: (9.2, 7.5), 2014: (7.7, 7.5), 2015: (7.4, 7.0), 2018: (6.9, 6.5), 2019: (6.6, 6.0),
    }  # fmt: skip
    for year, (grown, aim) in wanted.items():
        text = "\n".join(rows[rows.year == year].sort_values("seg").zh)
        quantities = [q for reading in read_document(text, "zh", year)[1] for q in reading.quantities]
        growth = [q for q in quantities if q.unit == "%" and re.match("(?:国内生产总值|经济).*增长", q.indicator)]
        assert any(q.value == aim and q.status == "target" and q.year == year for q in growth), (year, growth)
        assert any(q.value == grown for q in growth), (year, growth)


def test_thirty_one_reports_take_seconds(shared: Path) -> None:
    pd = pytest.importorskip("pandas")
    file = shared / "data" / "cn_work_reports_2026" / "gwr_provincial_2026.parquet"
    if not file.exists():
        pytest.skip("needs the provincial reports of the shared folder")
    texts = list(pd.read_parquet(file).text)
    read_document(texts[0], "zh", 2026)
    began = time.process_time()
    read = [read_document(text, "zh", 2026) for text in texts]
    # 1.2 s on the machine it was written on; the limit leaves room for slower ones.
    assert time.process_time() - began < 5
    assert sum(len(reading.quantities) for _, readings in read for reading in readings) > 5000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # A plan has no review to begin with, and a year ahead holds no result wherever it stands.
        ("到2030年，产值达到900亿元以上。\n建设一批平台。", [("target", 2030)]),
        ("培育企业40家。\n到2028年，建成园区3个。", [("target", 2026), ("target", 2028)]),
        ("过去一年，新增企业30家。\n到2030年，产值达到100亿元。", [("achieved", 2025), ("target", 2030)]),
        # A deadline that had passed when the document was written is kept, so that it can be doubted.
        ("力争到2021年产值100亿元。", [("target", 2021)]),
    ],
)
def test_years_ahead_are_aims(text: str, told: list[tuple[str, int]]) -> None:
    readings = read_document(text, "zh", 2026)[1]
    assert [(item.status, item.year) for reading in readings for item in reading.quantities] == told


def test_the_stated_precision_is_the_lower_end_of_the_exact_interval() -> None:
    """Clopper and Pearson (1934), by scipy's beta quantile."""
    import csv
    from importlib import resources

    from scipy.stats import beta

    file = resources.files("foreland").joinpath("data", "reading", "accuracy.csv")
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert rows
    for row in rows:
        right, read = int(row["right"]), int(row["read"])
        assert float(row["precision"]) == pytest.approx(beta.ppf(0.025, right, read - right + 1), abs=0.005)
