"""Numbers as Chinese writes them: 1,200 · 1.5万亿 · 一百二十亿 · 两千 · 十余 · 百分之十五 · 3/4 · 三成.

A numeral is read section by section, as it is spoken: what stands before 亿 is counted in hundred millions, what
stands before 万 in ten thousands, and inside a section 千, 百 and 十 multiply the digit before them. Arithmetic is
decimal, so 1.3万 is 13000 exactly.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

WIDE = str.maketrans("０１２３４５６７８９．％＋／－", "0123456789.%+/-")
"""Full-width signs to their ASCII forms, one for one, so offsets stay."""

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_D = "零〇一二两三四五六七八九"
_SCALES = {"亿": Decimal(10**8), "万": Decimal(10**4)}
_PARTS = {"千": Decimal(1000), "百": Decimal(100), "十": Decimal(10)}

ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
CHINESE = rf"[{_D}十百千万亿]+(?:点[{_D}]+)?"
NUMBER = rf"(?:{ARABIC}(?:[余多]?[十百千万亿]+)?|[{_D}十百千万亿]+[余多][百千万亿]+|{CHINESE})"
"""Pattern of a number, scale included; 余 or 多 may stand inside it. Text is to be passed through :data:`WIDE`."""

_ARABIC_ONLY = re.compile(rf"{ARABIC}\Z")
_SCALED = re.compile(rf"({ARABIC})([十百千万亿]+)\Z")
_POINT = re.compile(rf"([{_D}十百千万亿]+)点([{_D}]+)([万亿]*)\Z")
_SECTION = re.compile(
    rf"(?:([{_D}]|\d+(?:\.\d+)?)?(千))?([零〇])?(?:([{_D}]|\d+(?:\.\d+)?)?(百))?([零〇])?(?:([{_D}]|\d+(?:\.\d+)?)?(十))?([零〇])?"
    rf"([{_D}]|\d+(?:\.\d+)?)?\Z"
)
_SPELT = re.compile(rf"[{_D}]{{2,}}\Z")
_SAME = re.compile(r"(?:百分之|千分之|万分之)")
_PART_OF = re.compile(rf"({NUMBER})分之({NUMBER})\Z")
_SLASH = re.compile(r"(\d+)/(\d+)\Z")
_TENTHS = re.compile(rf"({ARABIC}|[{_D}十])成([{_D}]|半)?\Z")


def number(text: str) -> float | None:
    """The value of a numeral, or None where `text` is none.

    Fractions (三分之二, 3/4), percentages (百分之十五, 15%) and tenths (三成) are read as shares of one. 余 and 多
    are left out: 十余 is 10. Numbers nobody can put a value on (数十, 几百, 若干, 三四) are none.

    Examples
    --------
    >>> number("1.5万亿"), number("一百二十亿"), number("十余万"), number("三成"), number("数十")
    (1500000000000.0, 12000000000.0, 100000.0, 0.3, None)
    """
    value = exact(text.translate(WIDE))
    return None if value is None else float(value)


@lru_cache(maxsize=4096)
def exact(text: str) -> Decimal | None:
    """As :func:`number`, as a decimal; `text` has passed through :data:`WIDE`."""
    text = text.replace("余", "").replace("多", "")
    if text.endswith("%"):
        share = exact(text[:-1]) if len(text) > 1 else None
        return None if share is None else share / 100
    for words, base in (("百分之", 100), ("千分之", 1000), ("万分之", 10000)):
        if text.startswith(words):
            share = exact(text[3:])
            return None if share is None else share / base
    for pattern in (_PART_OF, _SLASH):
        if match := pattern.match(text):
            first, second = exact(match[1]), exact(match[2])
            if first is None or second is None:
                return None
            whole, part = (first, second) if pattern is _PART_OF else (second, first)
            return part / whole if whole else None
    if match := _TENTHS.match(text):
        tenths = exact(match[1])
        more = Decimal(5) if match[2] == "半" else Decimal(_DIGITS[match[2]]) if match[2] else Decimal(0)
        return None if tenths is None else tenths / 10 + more / 100
    return _plain(text)


def _plain(text: str) -> Decimal | None:
    if _ARABIC_ONLY.match(text):
        return Decimal(text.replace(",", ""))
    if match := _SCALED.match(text):
        value = Decimal(match[1].replace(",", ""))
        for sign in match[2]:
            value *= _SCALES.get(sign) or _PARTS[sign]
        return value
    if match := _POINT.match(text):
        whole = _plain(match[1])
        if whole is None:
            return None
        value = whole + Decimal("0." + "".join(str(_DIGITS[sign]) for sign in match[2]))
        for sign in match[3]:
            value *= _SCALES[sign]
        return value
    if _SPELT.match(text):
        # 二〇二六 is spelt digit by digit; 三四 is "three or four".
        return (
            Decimal("".join(str(_DIGITS[sign]) for sign in text)) if len(text) > 3 and text[0] not in "零〇" else None
        )
    return _sections(text)


def _sections(text: str) -> Decimal | None:
    for sign, scale in _SCALES.items():
        left, found, right = text.rpartition(sign)
        if found:
            high = _plain(left) if left else Decimal(1)
            low = _low(right, scale)
            return None if high is None or low is None else high * scale + low
    return _section(text, Decimal(1))


def _low(text: str, scale: Decimal) -> Decimal | None:
    """What follows 万 or 亿: 一万五 is 15000, 一万零五 is 10005, 一亿两千万 is 1.2e8."""
    if not text:
        return Decimal(0)
    if len(text) == 1 and text in _DIGITS:
        return _DIGITS[text] * scale / 10
    return _plain(text.lstrip("零〇") or "零")


def _section(text: str, scale: Decimal) -> Decimal | None:
    match = _SECTION.match(text)
    if not text or match is None:
        return None
    value, last, gap = Decimal(0), Decimal(10), False
    for digit, sign in ((1, 2), (4, 5), (7, 8)):
        if match[sign]:
            value += (_digit(match[digit]) if match[digit] else 1) * _PARTS[match[sign]]
            last = _PARTS[match[sign]]
    gap = any(match[i] for i in (3, 6, 9))
    if match[10]:
        unit = _digit(match[10])
        # 两千三 is 2300, 两千零三 is 2003.
        value += unit * (last / 10 if last > 10 and not gap else 1)
    elif gap and value == 0:
        return Decimal(0)
    return value * scale


def _digit(text: str) -> Decimal:
    return Decimal(_DIGITS[text]) if text in _DIGITS else Decimal(text)
