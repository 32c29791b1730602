"""Short forms and what they stand for, read where a text defines them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SHORT = re.compile(r"(?=[^\s]*[A-Z][^\s]*[A-Z])[A-Z0-9][A-Za-z0-9]{1,8}|[A-Z][a-z]?[A-Z][A-Za-z]*s?")
_FEWEST_DOCUMENTS = 2
_LEAST_SHARE = 0.7
LongForm = tuple[int, ...]


def long_form_start(short: str, words: list[str]) -> int | None:
    """Where, in the words before ``(short)``, its long form begins; None where they have none.

    Schwartz, A. S. & Hearst, M. A. (2003). A simple algorithm for identifying abbreviation definitions in biomedical
    text. *Pacific Symposium on Biocomputing* 8, 451–462: the characters of the short form are looked for from the
    right; its first one must begin a word. No more words are looked at than the lesser of twice the length of the
    short form and its length plus five; a long form has at least two words and does not hold the short form. Where the
    last words begin with its letters, one each, they are it: the algorithm alone takes "supervised learning" for SSL
    behind "self-supervised learning".

    Examples
    --------
    >>> long_form_start("SLAM", "we solve simultaneous localization and mapping".split())
    2
    """
    short = short[:-1] if short.endswith("s") and short[:-1].isupper() else short
    if [word[:1].lower() for word in words[-len(short) :]] == list(short.lower()) and len(short) > 1:
        return len(words) - len(short)
    first = max(len(words) - min(len(short) + 5, 2 * len(short)), 0)
    text = " ".join(words[first:]).lower()
    at = len(text) - 1
    for number, letter in enumerate(reversed(short.lower())):
        leading = number == len(short) - 1
        while at >= 0 and (text[at] != letter or (leading and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
        at -= 1
    start = first + text[: at + 1].count(" ")
    form = words[start:]
    if len(form) < 2 or short.lower() in (word.lower() for word in form):
        return None
    return start


@dataclass(frozen=True)
class Definition:
    """A document of a year defines a short form (number of the folded word) by a long form (numbers of its words)."""

    short: int
    long: LongForm
    document: int
    year: int
    at: int


class Acronyms:
    """What a short form stands for in a document.

    What the document says itself goes first. Else it is the long form that at least two documents up to its year give,
    and seven in ten of those that define the short form; else the short form stands for itself. Documents of later
    years have no say, so what was counted up to a year stays as it was counted then.
    """

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self.definitions = sorted(definitions, key=lambda item: (item.year, item.document, item.at))
        self._own: dict[tuple[int, int], LongForm] = {}
        self._usual: dict[int, tuple[list[int], list[LongForm | None]]] = {}
        counted: dict[int, Counter[LongForm]] = {}
        for item in self.definitions:
            key = (item.document, item.short)
            if key in self._own:
                continue
            self._own[key] = item.long
            counts = counted.setdefault(item.short, Counter())
            counts[item.long] += 1
            years, forms = self._usual.setdefault(item.short, ([], []))
            form, number = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            sure = number >= _FEWEST_DOCUMENTS and number >= _LEAST_SHARE * sum(counts.values())
            if years and years[-1] == item.year:
                forms[-1] = form if sure else None
            else:
                years.append(item.year)
                forms.append(form if sure else None)

    @property
    def shorts(self) -> list[int]:
        """The short forms that some document defines."""
        return sorted(self._usual)

    def meaning(self, short: int, document: int, year: int) -> LongForm | None:
        """The long form, or None where the short form stands for itself."""
        own = self._own.get((document, short))
        if own is not None:
            return own
        years, forms = self._usual[short]
        at = bisect_right(years, year)
        return forms[at - 1] if at else None
