"""Periods as published, turned into ISO 8601: 2020, 2020-Q1, 2020-03, 2020-03-15, 1998/2000."""

from __future__ import annotations

import re
import unicodedata

CHINESE_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
FIRST_YEAR, LAST_YEAR = 1500, 2200

_YEAR = re.compile(r"(?:fy|cy|y)?\s?(\d{4})(?:\.0+)?(?:年|年度| ?年末)?")
_RANGE = re.compile(r"(\d{4})年?\s?(?:-|–|—|~|/|至|to)\s?(\d{4}|\d{2})年?")
_QUARTER = re.compile(r"(\d{4})年?[-\s./]?(?:q|第)\s?([1-4一二三四])(?:季度|季)?|(\d{4})年([1-4一二三四])(?:季度|季)")
_QUARTER_FIRST = re.compile(r"q([1-4])[-\s./]?(\d{4})")
_HALF = re.compile(r"(\d{4})年?[-\s./]?(?:h|s)([12])|(\d{4})年?(上|下)半年")
_MONTH = re.compile(r"(\d{4})(?:年|[-\s./]?m|[-/.])\s?(\d{1,2})月?(?:份)?|(\d{4})(0[1-9]|1[0-2])")
_MONTH_NAME = re.compile(r"(?:([a-z]{3})[a-z]*[-\s.]+(\d{4})|(\d{4})[-\s.]+([a-z]{3})[a-z]*)")
_DAY = re.compile(
    r"(\d{4})[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})日?(?:[t ]00:00(?::00(?:\.0+)?)?)?|"
    r"(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
)


def parse_period(text: str) -> str | None:
    """The period that ``text`` spells, in ISO 8601, or none.

    Years, halves (``2020-H1``), quarters, months, days and spans of years are read, in both languages.
    A date is kept as a date. ``2020/21`` is the span 2020/2021; ``2020-12`` is December.
    """
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()
    if not text or len(text) > 40:
        return None
    if match := _YEAR.fullmatch(text):
        return _checked(match[1])
    if (match := _QUARTER.fullmatch(text)) and (year := match[1] or match[3]):
        quarter = match[2] or match[4]
        return _checked(year, f"-Q{CHINESE_DIGITS.get(quarter, quarter)}")
    if match := _QUARTER_FIRST.fullmatch(text):
        return _checked(match[2], f"-Q{match[1]}")
    if match := _HALF.fullmatch(text):
        half = match[2] or CHINESE_DIGITS[match[4]]
        return _checked(match[1] or match[3], f"-H{half}")
    if (match := _MONTH.fullmatch(text)) and 1 <= int(match[2] or match[4]) <= 12:
        return _checked(match[1] or match[3], f"-{int(match[2] or match[4]):02d}")
    if match := _MONTH_NAME.fullmatch(text):
        month = MONTHS.get(match[1] or match[4])
        return _checked(match[2] or match[3], f"-{month:02d}") if month else None
    if match := _RANGE.fullmatch(text):
        return _span(match[1], match[2])
    if match := _DAY.fullmatch(text):
        return _day(*(int(part) for part in match.groups() if part))
    return None


def _checked(year: str, rest: str = "") -> str | None:
    return f"{year}{rest}" if FIRST_YEAR <= int(year) <= LAST_YEAR else None


def _span(first: str, last: str) -> str | None:
    if len(last) == 2:
        last = str(int(first) // 100 * 100 + int(last))
    if _checked(first) is None or _checked(last) is None or int(last) <= int(first):
        return None
    return f"{first}/{last}"


def _day(year: int, month: int, day: int) -> str | None:
    from datetime import date

    try:
        return date(year, month, day).isoformat() if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None
