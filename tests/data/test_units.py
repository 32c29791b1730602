"""Units and periods against values worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.periods import parse_period
from foreland.data.units import UnknownUnitError, find_unit, parse_unit, split_header, unit_names


@pytest.mark.parametrize(
    ("text", "base", "factor"),
    [
        ("万元", "CNY", 1e4),
        ("亿元", "CNY", 1e8),
        ("（亿元）", "CNY", 1e8),
        ("单位：万元", "CNY", 1e4),
        ("百万美元", "USD", 1e6),
        ("万人", "person", 1e4),
        ("人年", "person_year", 1),
        ("件", "count", 1),
        ("万件", "count", 1e4),
        ("%", "share", 0.01),
        ("‰", "share", 0.001),
        ("million USD", "USD", 1e6),
        ("USD million", "USD", 1e6),
        ("US Dollars, Millions", "USD", 1e6),
        ("MIO_EUR", "EUR", 1e6),
        ("THS_PER", "person", 1e3),
        ("GBP bn", "GBP", 1e9),
        ("€m", "EUR", 1e6),
        ("千公顷", "m2", 1e7),
        ("亿千瓦时", "kWh", 1e8),
        ("百分点", "point", 1),
    ],
)
def test_unit_converts_to_base(text: str, base: str, factor: float) -> None:
    unit = parse_unit(text)
    assert unit.base == base
    assert math.isclose(unit.factor, factor, rel_tol=1e-12)


def test_unknown_unit_suggests() -> None:
    with pytest.raises(UnknownUnitError) as caught:
        parse_unit("milion USD")
    assert "million usd" in caught.value.text("en").lower()
    assert "万元" in UnknownUnitError("data.error.unknown_unit", unit="x", suggestions="").cure("zh")


def test_own_unit_is_kept() -> None:
    unit = parse_unit("=bushel")
    assert (unit.base, unit.factor, unit_names("bushel")) == ("bushel", 1.0, ("bushel", "bushel"))


def test_currencies_are_dimensions_of_their_own() -> None:
    assert parse_unit("万元").dimension == parse_unit("亿元").dimension
    assert parse_unit("万元").dimension != parse_unit("USD").dimension


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("出口额（万元）", "出口额", "万元"),
        ("GDP(亿元)", "GDP", "亿元"),
        ("Exports (USD million)", "Exports", "USD million"),
        ("Exports (goods)", "Exports (goods)", None),
        ("value", "value", None),
    ],
)
def test_split_header(header: str, name: str, unit: str | None) -> None:
    assert split_header(header) == (name, unit)


@given(st.text(max_size=30))
def test_any_text_is_a_unit_or_none(text: str) -> None:
    unit = find_unit(text)
    assert unit is None or unit.factor > 0


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2020", "2020"),
        ("2020.0", "2020"),
        ("２０２０年", "2020"),
        ("FY2020", "2020"),
        ("2020Q3", "2020-Q3"),
        ("2020年第三季度", "2020-Q3"),
        ("2020年3季度", "2020-Q3"),
        ("Q3 2020", "2020-Q3"),
        ("2020年上半年", "2020-H1"),
        ("2020-S2", "2020-H2"),
        ("202003", "2020-03"),
        ("2020M03", "2020-03"),
        ("2020年3月", "2020-03"),
        ("Mar 2020", "2020-03"),
        ("2020-03-15", "2020-03-15"),
        ("2020-03-15 00:00:00", "2020-03-15"),
        ("1998-2000", "1998/2000"),
        ("1998–2000", "1998/2000"),
        ("1998/2000", "1998/2000"),
        ("2020/21", "2020/2021"),
        ("2020-13", None),
        ("2020-02-30", None),
        ("99", None),
        ("0020", None),
        ("总计", None),
        ("", None),
    ],
)
def test_parse_period(text: str, period: str | None) -> None:
    assert parse_period(text) == period


@given(st.integers(1500, 2200), st.integers(1, 12))
def test_iso_periods_stay_as_they_are(year: int, month: int) -> None:
    for period in (f"{year}", f"{year}-{month:02d}", f"{year}-Q{(month - 1) // 3 + 1}"):
        assert parse_period(period) == period


@given(st.text(max_size=45))
def test_any_text_is_a_period_or_none(text: str) -> None:
    period = parse_period(text)
    assert period is None or parse_period(period) == period
