"""Dates as documents write them: 2026年1月15日, 二〇二六年一月, 15 January 2026, 2026-01-15, 20260115.

A year in a title is not always when the document was made: 「2035年远景目标」, "Vision 2030" and 「2021—2025年」 name
what is aimed at. Such years are told apart here, so that nobody has to guess later.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

FIRST_YEAR = 1900
_DIGITS = {character: index for index, character in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "Ｏ": 0,
    "O": 0,
}
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in _MONTHS)

_CHINESE = re.compile(
    r"(?<![\d〇零○一二三四五六七八九十])(?P<year>\d{4}|[一二][〇零○ＯO一二三四五六七八九]{3})\s{0,2}年"
    r"(?:\s{0,2}(?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])\s{0,2}月"
    r"(?:\s{0,2}(?P<day>\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s{0,2}[日号])?)?"
)
_NUMERIC = re.compile(
    r"(?<![\d.])(?P<year>(?:19|20)\d\d)(?P<mark>[-/._])(?P<month>0?[1-9]|1[0-2])"
    r"(?:(?P=mark)(?P<day>0?[1-9]|[12]\d|3[01]))?(?![\d%％])"
)
_PACKED = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])?(?!\d)")
_ENGLISH = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_MONTH})\.?\s+"
    rf"(?:(?P<day_after>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d.])(?P<year>(?:19|20)\d\d)(?![\d%％]|\.\d)")

_AIM_BEFORE = re.compile(
    r"(?:到|至|面向|迈向|展望|[-—–~～]|\bby|\bto|\buntil|\btowards?|\bvision|\bhorizon|\bagenda)\s*$", re.I
)
_AIM_BEHIND = re.compile(r"\s*年?\s*(?:前|远景|愿景|目标|展望|遠景|願景|vision)", re.IGNORECASE)
_SPAN_BEHIND = re.compile(r"\s*年?\s*(?:[-—–~～/至到]+|to)\s*(?:\d{4}|\d{2}(?!\d))")


@dataclass(frozen=True, order=True)
class Found:
    """A date in a text.

    Attributes
    ----------
    start, end
        Where it stands, ``end`` exclusive.
    date
        ISO 8601 with as much as was said: ``2026``, ``2026-01`` or ``2026-01-15``.
    aim
        Whether it rather names a year aimed at, or a span of years, than when something was written.
    """

    start: int
    end: int
    date: str
    aim: bool = False

    @property
    def year(self) -> int:
        """The year."""
        return int(self.date[:4])

    @property
    def whole(self) -> bool:
        """Whether the day is said."""
        return len(self.date) == 10


def find_dates(text: str, *, packed: bool = False, years: bool = False) -> list[Found]:
    """All dates in a text, in order and without overlaps.

    Parameters
    ----------
    text
        A line, a title or the name of a file.
    packed
        Also ``20260115`` and ``202601``, as in names of files and addresses.
    years
        Also bare years: ``2026``.
    """
    kinds = [_CHINESE, _NUMERIC, _ENGLISH, *([_PACKED] if packed else []), *([_YEAR] if years else [])]
    taken: list[Found] = []
    for kind in kinds:
        for match in kind.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in taken):
                continue
            date = _iso(match)
            if date is not None:
                taken.append(Found(match.start(), match.end(), date, _is_aim(text, match, date)))
    return sorted(taken)


def first_of_span(text: str) -> int | None:
    """The first year of a span of years: 2021 of 「规划（2021—2025年）」."""
    spans = (found for found in find_dates(text, years=True) if _SPAN_BEHIND.match(text[found.end :]))
    return next((found.year for found in spans), None)


def read_date(text: str) -> str | None:
    """The date a cell or an option holds, as ISO 8601: ``2026-01-15 09:30``, ``2026年1月``, ``2026``.

    None where the text says no date, or more than one.
    """
    text = text.strip()
    # A time of day behind the date, and a PDF's mark in front of it, say nothing more.
    bare = re.sub(r"[T\s]\d{1,2}(:\d{2}|时).*$", "", text.removeprefix("D:"))
    if re.fullmatch(r"\d{14}.*", bare):
        bare = bare[:8]
    found = find_dates(bare, packed=True, years=True)
    if len(found) != 1 or len(bare) - (found[0].end - found[0].start) > 4:
        return None
    return found[0].date


def _iso(match: re.Match[str]) -> str | None:
    said = match.groupdict()
    year = _number(said["year"])
    month = _number(said.get("month"))
    day = _number(said.get("day_after") or said.get("day"))
    # Next year's plans are written this year; later years are aims or errors.
    if year is None or not FIRST_YEAR <= year <= datetime.date.today().year + 30:
        return None
    if month is None:
        return f"{year:04d}"
    if day is None:
        return f"{year:04d}-{month:02d}" if 1 <= month <= 12 else None
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if text.isdigit() and text.isascii():
        return int(text)
    if text[:3].lower() in (month[:3] for month in _MONTHS):
        return [month[:3] for month in _MONTHS].index(text[:3].lower()) + 1
    if len(text) == 4:
        return int("".join(str(_DIGITS[character]) for character in text))
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text)
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _is_aim(text: str, match: re.Match[str], date: str) -> bool:
    if len(date) > 4:
        return False
    behind = text[match.end() :]
    return bool(
        _AIM_BEFORE.search(text[: match.start()])
        or _AIM_BEHIND.match(behind)
        or (match[0].endswith("年") and _AIM_BEHIND.match("年" + behind))
        or _SPAN_BEHIND.match(behind)
        or int(date) > datetime.date.today().year + 1
    )
