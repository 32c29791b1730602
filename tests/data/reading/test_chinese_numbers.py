"""Chinese numbers against a table of hand-read values and against a writer of our own."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.reading.chinese_numbers import NUMBER, WIDE, exact, number

VALUES = {
    "0": 0, "7": 7, "1,200": 1200, "12,345,678": 12345678, "1.5万亿": 1.5e12, "1.3万": 13000, "3千": 3000,
    "4千亿": 4e11,    "10.36百亿亿": 1.036e19, "１２．５万": 125000, "20多万": 200000, "1万余": 10000, "750多万": 7.5e6,
    "零": 0, "十": 10, "十五": 15, "二十": 20,
    "两千": 2000, "一百零八": 108, "一百一十": 110, "一百二": 120, "两千三": 2300,
    "三千零五": 3005, "一千零一十": 1010, "一万五": 15000, "一万零五": 10005, "三千五百万": 3.5e7, "一百二十亿": 1.2e10,
    "一亿两千万": 1.2e8, "一亿零三十万": 100300000, "两万亿": 2e12, "三点五万": 35000, "十余": 10, "十余万": 100000,
    "三百多": 300,    "百亿": 1e10, "千万": 1e7, "万亿": 1e12, "2万3千": 23000, "二〇二六": 2026, "一九九八": 1998,
    "3/4": 0.75, "四分之三": 0.75, "百分之十五": 0.15, "百分之1.2": 0.012, "千分之三": 0.003,
    "15%": 0.15, "8.5％": 0.085,    "三成": 0.3, "七成五": 0.75, "八成半": 0.85, "九成": 0.9,
}  # fmt: skip
NONE = ["", "数十", "几百", "若干", "三四", "七八百", "1.2.3", "十数", "甲", "万分", "百分之", "%", "1/0"]


@pytest.mark.parametrize(("text", "value"), VALUES.items())
def test_values_read_by_hand(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value, rel=1e-12, abs=0)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


def test_values_are_exact_decimals() -> None:
    assert exact("10.4万") == Decimal("104000")
    assert number("1.1万亿") == 1_100_000_000_000
    assert number("28.7万") == 287_000


def written(value: int) -> str:
    """`value` in Chinese characters, by the schoolbook rule: groups of four, zeros inside a number said once."""
    names = "零一二三四五六七八九"
    if value == 0:
        return "零"
    groups: list[int] = []
    while value:
        value, group = divmod(value, 10_000)
        groups.append(group)
    text = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            continue
        digits = f"{group:04d}"
        if text and (group < 1000 or groups[place + 1] == 0):
            text += "零"
        spoken, gap = "", False
        for digit, sign in zip(digits, ("千", "百", "十", ""), strict=True):
            if digit == "0":
                gap = bool(spoken)
                continue
            spoken += ("零" if gap else "") + names[int(digit)] + sign
            gap = False
        text += spoken + ("", "万", "亿", "万亿")[place]
    return text


def spoken(value: int) -> str:
    """As :func:`written`, with the customs of speech: 十五 for 一十五, 两千 and 两万 for 二千 and 二万."""
    text = re.sub(r"\A一十", "十", written(value))
    return re.sub(r"二(?=[千万亿])", "两", text)


# 万亿 with a 亿 group behind it is written 一万二千三百亿, another rule; the writer stays below it.
whole = st.integers(0, 10**12 - 1)


@given(whole)
def test_reads_what_is_written(value: int) -> None:
    assert number(written(value)) == value


@given(whole)
def test_reads_what_is_spoken(value: int) -> None:
    assert number(spoken(value)) == value


@given(st.integers(0, 10**9), st.integers(0, 999))
def test_reads_figures_with_commas_and_decimals(value: int, part: int) -> None:
    assert number(f"{value:,}.{part:03d}") == pytest.approx(value + part / 1000, rel=1e-12)


@given(st.decimals(0, 9999, places=2), st.sampled_from(["", "万", "亿", "万亿", "千", "百万", "千万", "千亿"]))
def test_scales_multiply(value: Decimal, scale: str) -> None:
    factor = 1
    for sign in scale:
        factor *= {"千": 10**3, "百": 10**2, "万": 10**4, "亿": 10**8}[sign]
    assert exact(f"{value}{scale}") == value * factor


@given(whole)
def test_full_width_figures_are_the_same(value: int) -> None:
    wide = str(value).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert number(wide) == value
    assert len(wide.translate(WIDE)) == len(wide)


@given(st.text(alphabet="零〇一二两三四五六七八九十百千万亿点余多成分之%/.,0123456789半", max_size=12))
def test_any_string_gives_a_number_or_none(text: str) -> None:
    value = number(text)
    assert value is None or value >= 0


@given(whole)
def test_the_pattern_finds_the_whole_number(value: int) -> None:
    for text in (written(value), f"{value:,}"):
        match = re.search(NUMBER, f"共{text}个")
        assert match is not None
        assert match[0] == text
