"""What a document shows of itself: dates in every way of writing them, titles, and what comes before what."""

from __future__ import annotations

import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.documents.dates import find_dates, read_date
from foreland.data.documents.metadata import Shown, find_facts

DAYS = st.dates(datetime.date(1950, 1, 1), datetime.date(2030, 12, 31))
BODY = "本规划所称产业，是指由技术推动的产业。要加快建设，推动发展，支持企业做大做强。"


def _chinese(number: int) -> str:
    """A number below a hundred as Chinese writes it."""
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十") + (digits[ones] if ones else "")


@given(DAYS)
def test_a_day_is_read_in_every_way_of_writing_it(day: datetime.date) -> None:
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    written = [
        f"{day.year}年{day.month}月{day.day}日",
        f"{year}年{_chinese(day.month)}月{_chinese(day.day)}日",
        f"{day.year}-{day.month:02d}-{day.day:02d}",
        f"{day.year}/{day.month}/{day.day}",
        day.strftime("%B %d, %Y"),
        day.strftime("%d %b %Y"),
    ]
    for text in written:
        assert [found.date for found in find_dates(f"于{text}发布" if "年" in text else f"({text})")] == [
            day.isoformat()
        ], text
        assert read_date(text) == day.isoformat()
    assert read_date(day.strftime("%Y%m%d")) == day.isoformat()
    assert read_date(f"{day.isoformat()} 09:30:00") == day.isoformat()


@given(st.text(max_size=60))
def test_dates_lie_where_they_are_said_to(text: str) -> None:
    found = find_dates(text, packed=True, years=True)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for one in found:
        if one.whole:
            datetime.date.fromisoformat(one.date)


@pytest.mark.parametrize(
    "text", ["2026年2月30日", "2026-13-01", "12345678", "第十四届", "3.14", "no date", "2020, 2021"]
)
def test_what_is_no_single_day_is_not_read_as_one(text: str) -> None:
    found = read_date(text)
    assert found is None or len(found) < 10


@pytest.mark.parametrize(
    "title", ["2035年远景目标纲要", "2030年前行动方案", "面向2030年的规划", "规划（2021—2025年）", "Vision 2030"]
)
def test_years_aimed_at_are_told_apart(title: str) -> None:
    assert all(found.aim for found in find_dates(title, years=True) if len(found.date) == 4)


@pytest.mark.parametrize(
    ("shown", "date", "how"),
    [
        (Shown(BODY, stem="浙江_20260115"), "2026-01-15", "filename"),
        (Shown(f"2026年政府工作报告\n{BODY}"), "2026", "heading"),
        (
            Shown(f"2026年政府工作报告\n——2026年1月14日在某会议上\n发布时间：2026-01-22\n{BODY}"),
            "2026-01-14",
            "heading",
        ),
        (Shown(f"某规划\n{BODY * 40}\n某市人民政府\n二〇二五年六月一日\n附件"), "2025-06-01", "heading"),
        (Shown(f"{BODY}\n" * 40 + "某市人民政府\n2025年6月1日\n附件"), "2025-06-01", "text"),
        (Shown(BODY, date="2024-03-02"), "2024-03-02", "metadata"),
        (Shown(BODY, stem="2026", date="2026-03-02"), "2026", "filename"),
        (Shown(f"某市规划（2021—2025年）\n{BODY}"), "2021", "guessed"),
        (Shown(f"某市2035年远景目标纲要\n{BODY}"), None, None),
        (Shown(BODY, whole=f"发布时间：2026-01-22\n{BODY}"), "2026-01-22", "heading"),
    ],
)
def test_dates_and_how_they_were_found(shown: Shown, date: str | None, how: str | None) -> None:
    facts = find_facts(shown)
    assert (facts.date, facts.date_from) == (date, how)


@pytest.mark.parametrize(
    ("shown", "title", "how"),
    [
        (
            Shown(f"某省人民政府关于印发\n某省未来产业发展规划的通知\n某政发1号\n{BODY}"),
            "某省人民政府关于印发某省未来产业发展规划的通知",
            "heading",
        ),
        (Shown(f"要闻\n2026年政府工作报告\n{BODY}"), "2026年政府工作报告", "heading"),
        (Shown(f"# 氢能行动\n{BODY}"), "氢能行动", "heading"),
        (Shown(BODY, stem="氢能_行动", title="Microsoft Word - 文档1.doc"), "氢能行动", "filename"),
        (Shown(f"量子行动计划\n{BODY}", title="量子行动计划_某市人民政府网"), "量子行动计划", "metadata"),
        (
            Shown("Hydrogen Strategy\nThe state of the plan is that it is to be made.", title="untitled"),
            "Hydrogen Strategy",
            "heading",
        ),
        (Shown(BODY, stem="12345"), None, None),
    ],
)
def test_titles_and_how_they_were_found(shown: Shown, title: str | None, how: str | None) -> None:
    facts = find_facts(shown)
    assert (facts.title, facts.title_from) == (title, how)


def test_what_people_say_comes_before_what_tables_and_files_say() -> None:
    shown = Shown(f"2026年浙江省政府工作报告\n{BODY}", stem="江苏2025")
    plain = find_facts(shown)
    assert (plain.region_id, plain.region_from, plain.level) == ("CN-JS", "filename", "province")
    table = find_facts(shown, table={"region_id": "CN-SH", "date": "2024-05-06", "url": "x"})
    assert (table.region_id, table.region_from, table.date, table.date_from) == (
        "CN-SH",
        "table",
        "2024-05-06",
        "table",
    )
    said = find_facts(shown, table={"region_id": "CN-SH"}, given={"region_id": "FR"})
    assert (said.region_id, said.region_from, said.level, said.level_from) == ("FR", "given", "foreign", "given")
    corrected = find_facts(shown, given={"region_id": "FR"}, corrected={"region_id": "CN"})
    assert (corrected.region_id, corrected.region_from, corrected.level) == ("CN", "corrected", "central")


@pytest.mark.parametrize(
    ("where", "region_id"),
    [
        ("auto", "CN-JS"),
        ("filename", "CN-JS"),
        ("title", "CN-ZJ"),
        ("text", "CN-GS"),
        ("folder", "CN-SH"),
        ("column", None),
    ],
)
def test_the_issuer_is_looked_for_where_it_is_told_to(where: str, region_id: str | None) -> None:
    text = f"2026年浙江产业规划\n——在甘肃省第十四届人民代表大会上\n{BODY}"
    facts = find_facts(Shown(text, stem="江苏", folder="上海"), issuer_from=where)
    assert facts.region_id == region_id
    assert facts.region_from == (None if region_id is None else "filename" if where == "auto" else where)


def test_a_year_in_a_table_does_not_take_the_day_from_the_document() -> None:
    facts = find_facts(Shown(f"报告\n2008年3月5日在某会议上\n{BODY}"), table={"date": "2008"})
    assert (facts.date, facts.date_from) == ("2008-03-05", "heading")
    other = find_facts(Shown(f"报告\n2008年3月5日在某会议上\n{BODY}"), table={"date": "2009"})
    assert (other.date, other.date_from) == ("2009", "table")


def test_traditional_characters_name_the_same_place() -> None:
    facts = find_facts(Shown("廣東省未來產業發展規劃\n要加快建設，推動發展。" * 3))
    assert (facts.region_id, facts.language) == ("CN-GD", "zh")
    assert facts.title is not None
    assert facts.title.startswith("廣東省")
