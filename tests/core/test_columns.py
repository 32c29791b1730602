"""How values are written: amounts with the multipliers of each language, numbers with the digits they warrant."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.core.columns import Column, column, unit_label, write_amount, write_number


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (10_000, "1.00万", "10,000"),
        (99_994, "10.0万", "99,994"),
        (999_999, "100万", "999,999"),
        (1_000_000, "100万", "1.00 m"),
        (99_999_999, "1.00亿", "100 m"),
        (123_456_789, "1.23亿", "123 m"),
        (999_600_000, "10.0亿", "1.00 bn"),
        (264_018_000_000, "2,640亿", "264 bn"),
        (999_900_000_000, "1.00万亿", "1.00 tn"),
        (3_335_710_000_000, "3.34万亿", "3.34 tn"),
        (-54_224, "-5.42万", "-54,224"),
        (-2_500_000, "-250万", "-2.50 m"),
        (0.0123, "0.0123", "0.0123"),
        (12.5, "12.5", "12.5"),
    ],
)
def test_amounts(value: float, zh: str, en: str):
    assert write_amount(float(value), "zh") == zh
    assert write_amount(float(value), "en") == en


SCALE = {"万亿": 1e12, "亿": 1e8, "万": 1e4, " tn": 1e12, " bn": 1e9, " m": 1e6}


@given(st.floats(-1e15, 1e15, allow_nan=False).filter(lambda v: abs(v) > 1e-3), st.sampled_from(["en", "zh"]))
def test_what_is_written_is_the_value_to_three_digits(value: float, language):
    text = write_amount(value, language)
    word = next((w for w in SCALE if text.endswith(w)), "")
    number = float(text.removesuffix(word).replace(",", "")) * SCALE.get(word, 1)
    assert number == pytest.approx(value, rel=5.01e-3, abs=0.5 if abs(value) >= 1000 else 0)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (12, "12"), (1234.5, "1,234"), (0.5, "0.500"), (99.94, "99.9"), (math.inf, "inf")]
)
def test_numbers(value: float, text: str):
    assert write_number(value) == text


@pytest.mark.parametrize(
    ("form", "value", "en", "zh"),
    [
        ("count", 1234.0, "1,234", "1,234"),
        ("rank", 3, "3", "3"),
        ("percent", 0.12345, "12.3%", "12.3%"),
        ("percent", -0.0004, "-0.0%", "-0.0%"),
        ("points", 0.021, "+2.1 pp", "+2.1 个百分点"),
        ("decimal", 1.005, "1.00", "1.00"),
        ("decimal", -0.004, "0.00", "0.00"),
        ("decimal", -1e-17, "0.00", "0.00"),
        ("decimal", -0.006, "-0.01", "-0.01"),
        ("decimal", -1234.5, "-1,234.50", "-1,234.50"),
        ("decimal", 3, "3.00", "3.00"),
        ("score", -0.0004, "0.000", "0.000"),
        ("score", 0.5, "0.500", "0.500"),
        ("flag", True, "yes", "是"),
        ("flag", False, "no", "否"),
        ("amount", None, "—", "—"),
        ("decimal", math.nan, "—", "—"),
        ("unit", "CNY", "yuan", "元"),
        ("unit", "furlong", "furlong", "furlong"),
        ("label", "strength", "Strength", "优势"),
    ],
)
def test_formats(form, value, en: str, zh: str):
    spec = Column("x", "", form, "X", "某", "capability")
    assert spec.write(value, "en") == en
    assert spec.write(value, "zh") == zh


def test_a_room_may_describe_a_shared_column_anew():
    assert column("rank", "capability").label("zh") == "位次"
    assert column("eci", "capability").numeric
    assert not column("region_id").numeric


def test_unit_label():
    assert unit_label("person_year", "zh") == "人年"
    assert unit_label("nothing_known", "en") == "nothing_known"
