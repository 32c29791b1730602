"""Units: what a published unit measures, and how it turns into the base unit.

Spellings stand in ``units.csv``. A multiplier may go in front or behind (万元, 百万美元, million USD,
USD million, MIO_EUR, thousand persons); values are stored in the base unit (CNY, USD, person, count).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from foreland.core.errors import DataError, DidYouMean
from foreland.i18n.bundled import bundled_rows

CHINESE_MULTIPLIERS = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8, "兆": 1e12}
ENGLISH_MULTIPLIERS = {
    "hundred": 1e2,
    "thousand": 1e3,
    "thousands": 1e3,
    "ths": 1e3,
    "k": 1e3,
    "000s": 1e3,
    "'000": 1e3,
    "000": 1e3,
    "1000": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "mio": 1e6,
    "mn": 1e6,
    "mln": 1e6,
    "mil": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "billions": 1e9,
    "bn": 1e9,
    "bln": 1e9,
    "trillion": 1e12,
    "tn": 1e12,
}


@dataclass(frozen=True)
class Unit:
    """A unit as published.

    Parameters
    ----------
    base
        Id of the base unit (``CNY``).
    dimension
        What it measures; values convert within one dimension only. Currencies are one each.
    multiply, divide
        ``value in base = value * multiply / divide``. One of them is 1, so that the result is rounded once.
    signed
        Whether values below zero make sense (money, points), or not (persons, items, shares).
    """

    base: str
    dimension: str
    multiply: float = 1.0
    divide: float = 1.0
    signed: bool = True

    @property
    def factor(self) -> float:
        """How many base units one of this unit is."""
        return self.multiply / self.divide


class UnknownUnitError(DataError):
    """A unit that no spelling matches."""


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(bundled_rows("data", "units.csv"))


@cache
def _spellings() -> dict[str, dict[str, str]]:
    """Each folded spelling, and the base unit's own id, with its row."""
    table: dict[str, dict[str, str]] = {}
    for row in _rows():
        for spelling in [*row["spellings"].split(";"), *([row["unit"]] if row["factor"] == "1" else [])]:
            table.setdefault(_fold(spelling), row)
    return table


def _fold(text: str) -> str:
    """Lower case, half width, single blanks: what spellings are compared by."""
    text = re.sub(r"[_,;]", " ", unicodedata.normalize("NFKC", text)).strip().strip("()[]").lower()
    return re.sub(r"\s+", " ", text).strip()


def _unit(row: dict[str, str], multiplier: float) -> Unit:
    factor = float(row["factor"]) * multiplier
    signed = row["signed"] == "1"
    if factor >= 1:
        return Unit(row["unit"], row["dimension"], factor, 1.0, signed)
    return Unit(row["unit"], row["dimension"], 1.0, round(1 / factor, 9), signed)


@lru_cache(4096)
def find_unit(text: str) -> Unit | None:
    """The unit that ``text`` spells, or none.

    A text that starts with ``=`` names a unit of the user's own, taken as it is (``=bushel``).
    """
    text = text.strip()
    if text.startswith("="):
        own = text[1:].strip()
        return Unit(own, f"own:{own}") if own else None
    # The letters' case tells MW from mW and nothing else here; spellings are unique when folded.
    folded = _fold(text)
    folded = re.sub(r"^(单位|unit)\s*[::]?\s*", "", folded) or folded
    spellings = _spellings()
    if row := spellings.get(folded):
        return _unit(row, 1.0)
    return _chinese(folded) or _english(folded)


def _chinese(folded: str) -> Unit | None:
    """万元, 百万美元, 十亿立方米: multipliers, then a spelling."""
    multiplier, rest = 1.0, folded
    while rest and rest[0] in CHINESE_MULTIPLIERS:
        multiplier *= CHINESE_MULTIPLIERS[rest[0]]
        rest = rest[1:].lstrip()
        if row := _spellings().get(rest):
            return _unit(row, multiplier)
    return _unit(_spellings()["个"], multiplier) if not rest and multiplier > 1 else None


def _english(folded: str) -> Unit | None:
    """Million USD, USD million, MIO EUR, €m: a multiplier before or behind a spelling."""
    folded = re.sub(r"\b(current|constant|of|in|at)\b", " ", folded)
    folded = re.sub(r"([€£$¥₩])", r" \1 ", folded).replace("us $", "us$")
    words = folded.split()
    for position in (0, len(words) - 1):
        if len(words) < 2 or words[position] not in ENGLISH_MULTIPLIERS:
            continue
        rest = " ".join(words[:position] + words[position + 1 :])
        if row := _spellings().get(rest):
            return _unit(row, ENGLISH_MULTIPLIERS[words[position]])
    if len(words) == 1 and words[0] in ENGLISH_MULTIPLIERS and len(words[0]) > 2:
        return _unit(_spellings()["number"], ENGLISH_MULTIPLIERS[words[0]])
    row = _spellings().get(" ".join(words))
    return _unit(row, 1.0) if row else None


def suggest_units(text: str, n: int = 3) -> list[str]:
    """Spellings closest to ``text``."""
    shown = {
        spelling: _fold(spelling)
        for row in _rows()
        for spelling in [row["unit"], *row["spellings"].split(";")]
        if len(spelling) > 1
    }
    shown |= {unit: unit for unit in ("万元", "亿元", "万人", "百万美元", "million usd", "thousand persons")}
    scored = sorted(shown.items(), key=lambda item: -difflib.SequenceMatcher(None, _fold(text), item[1]).ratio())
    close = [name for name, folded in scored if difflib.SequenceMatcher(None, _fold(text), folded).ratio() > 0.34]
    return close[:n]


def parse_unit(text: str) -> Unit:
    """The unit that ``text`` spells.

    Raises
    ------
    UnknownUnitError
        If no spelling matches; it carries suggestions.
    """
    unit = find_unit(text)
    if unit is None:
        suggestions = suggest_units(text)
        raise UnknownUnitError("data.error.unknown_unit", unit=text, suggestions=DidYouMean(suggestions))
    return unit


def split_header(header: str) -> tuple[str, str | None]:
    """A header's name and the unit in its brackets: ``出口额（万元）`` → (``出口额``, ``万元``)."""
    match = re.fullmatch(r"\s*(.+?)\s*[(（\[【]\s*([^()（）\[\]【】]+?)\s*[)）\]】]\s*", header, re.DOTALL)
    if match and find_unit(match[2]):
        return match[1], re.sub(r"^(单位|unit)\s*[::]\s*", "", match[2], flags=re.IGNORECASE)
    match = re.fullmatch(r"\s*(.+?)\s*[,，/_]\s*([^,，/_]+)\s*", header, re.DOTALL)
    if match and len(match[2]) > 1 and find_unit(match[2]):
        return match[1], match[2]
    return header.strip(), None


def unit_names(base: str) -> tuple[str, str]:
    """The names of a base unit in English and Chinese; a unit of the user's own is its own name."""
    for row in _rows():
        if row["unit"] == base:
            return row["en"], row["zh"]
    return base, base
