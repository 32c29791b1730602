"""Numbers as English text writes them: ``1.2 trillion``, ``5,068.989 billion``, ``twenty-one``, ``two-thirds``.

``value`` turns one of them into a float; ``NUMBER`` and ``FRACTION`` are patterns to be put into larger ones.
Vague plurals (``hundreds of``, ``dozens``) are no numbers.
"""

from __future__ import annotations

import re

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SMALL = {word: float(n) for n, word in enumerate(_ONES)} | {word: 10.0 * n for n, word in enumerate(_TENS, 2)}
SCALES = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SHORT = {"mn": 1e6, "bn": 1e9, "tn": 1e12, "trn": 1e12}
_PARTS = {
    "half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SCALE = "|".join([*SCALES, *_SHORT])
_BIG = "|".join(name for name in SCALES if name != "dozen")
_TEENS = "|".join(sorted(_ONES, key=len, reverse=True))
_UNIT = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_ONES[1:10])})\b)?|(?:{_TEENS})\b)"
# "and" joins only what stands behind a hundred or more: "five and ten" are two numbers
_SPELLED = (
    rf"(?:half\s+an?(?=[\s-](?:{_BIG}|dozen)\b)|{_UNIT}|an?(?=[\s-](?:{_BIG}|dozen)\b))"
    rf"(?:[\s-](?:{_BIG}|dozen)\b(?:\s+(?:and\s+)?{_UNIT})?)*"
)
NUMBER = rf"(?:{_DIGITS}|\b{_SPELLED}\b)(?:[\s-]+(?:{_SCALE})\b)*"
"""A cardinal number with its scale words, without a boundary on the left of digits."""

_DENOMINATOR = "halves|third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
FRACTION = (
    rf"\b(?:(?:an?|one|two|three|four|five|seven|nine)[\s-](?:{_DENOMINATOR})s?\b|half(?=\s+(?:of|the|its|their)\b))"
    r"|(?<![\d/.])\d{1,2}/\d{1,3}(?![\d/])"
)
"""A vulgar fraction: ``one-third``, ``three quarters``, ``half of``, ``1/3``."""

_DIGITS_RE = re.compile(_DIGITS)
_SPLIT = re.compile(r"[\s-]+")


def value(text: str) -> float:
    """Return what the number or fraction `text` is worth.

    Parameters
    ----------
    text
        What ``NUMBER`` or ``FRACTION`` matched.

    Raises
    ------
    ValueError
        If `text` is neither.
    """
    text = text.strip().lower()
    if "/" in text:
        above, below = text.split("/")
        if not int(below):
            raise ValueError(f"not a fraction: {text!r}")
        return int(above) / int(below)
    words = [word for word in _SPLIT.split(text) if word and word != "and"]
    if words == ["half"]:
        return 0.5
    if len(words) == 2 and (part := _PARTS.get(words[1].removesuffix("s"))) and not _DIGITS_RE.match(words[0]):
        return SMALL.get(words[0], 1.0) / part
    return _cardinal(words, text)


def _cardinal(words: list[str], text: str) -> float:
    total, group = 0.0, None
    for word in words:
        if _DIGITS_RE.fullmatch(word):
            group = float(word.replace(",", ""))
        elif word in SMALL:
            group = (group or 0.0) + SMALL[word]
        elif word == "half":
            group = 0.5
        elif word in ("a", "an"):
            group = group or 1.0
        elif word in ("hundred", "dozen"):
            group = (group or 1.0) * SCALES[word]
        elif (scale := SCALES.get(word) or _SHORT.get(word)) is not None:
            # "two million five hundred thousand" adds up; "100 thousand million" multiplies
            if group is None:
                total *= scale
            else:
                total, group = total + group * scale, None
        else:
            raise ValueError(f"not a number: {text!r}")
    if group is None and not total:
        raise ValueError(f"not a number: {text!r}")
    return round(total + (group or 0.0), 6)
