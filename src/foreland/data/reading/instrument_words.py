"""The words by which policy instruments are found.

The words stand in ``instruments_zh.csv`` and ``instruments_en.csv``, each with what it is taken for:

========  =====================================================================================================
head      names an instrument of its type wherever it stands
economic  names one unless the nearest word that tells a subject tells a social, cultural or Party one
general   names one only where a word of industry or technology stands in the same clause, nearer than others
acted     names one only behind a verb of support, a short word only with industry or a field in its own phrase
soft      takes the type of what it is about (“强链行动” is of a chain); of nothing known, its own, as economic does
carrier   takes the type of what it is about; of nothing known, it is no instrument
mod       names no instrument, but gives soft words and carriers their type
shield    is read over as a whole, so that no part of it is taken
for       tells a subject of industry, technology or markets
against   tells a subject of welfare, culture, ecology or the Party
support   a verb of support, which begins a phrase
stop      any other word that begins or ends a phrase: a verb, a particle
========  =====================================================================================================
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from foreland.data.reading.model import INSTRUMENTS

KINDS = (
    "head", "economic", "general", "acted", "soft", "carrier", "mod", "shield", "for", "against", "support", "stop",
)  # fmt: skip
"""What a word of the list is taken for."""
HEADS = frozenset(("head", "economic", "general", "acted", "soft", "carrier", "mod"))
"""The kinds that may name an instrument, or tell its type."""
PUNCTUATION = {"zh": ("，；。：！？,;:!?（）()\n——", "、"), "en": (".;:!?()\n—", ",")}
"""Marks that end a clause, and marks that part the members of a list."""


class Word(NamedTuple):
    """A word of the list: its type, empty for words that name no instrument, and its kind."""

    text: str
    type: str
    kind: str


@cache
def words(language: str) -> tuple[Word, ...]:
    """The list of `language`; ValueError for another language, a word listed twice, an unknown kind or type."""
    if language not in PUNCTUATION:
        raise ValueError(f"instruments are read in zh and en, not in {language!r}")
    found: dict[str, Word] = {}
    with Path(__file__).with_name(f"instruments_{language}.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            word = Word(row["term"], row["type"], row["kind"])
            named = word.kind in HEADS and word.kind != "carrier"
            if word.text in found or word.kind not in KINDS or named != (word.type in INSTRUMENTS):
                raise ValueError(f"instruments_{language}.csv: {word.text!r} ({word.type}, {word.kind})")
            found[word.text] = word
    return tuple(found.values())
