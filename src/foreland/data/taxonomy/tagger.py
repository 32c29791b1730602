"""Find mentions of fields in Chinese and English text: the one tagger of the project.

The words stand in ``terms.csv``. The rule is short enough to check by hand:

* A reader walks the text from the left. Where words of the list begin, the longest one that fits is taken.
* A word of kind ``exclude`` is taken like any other and gives nothing, so it shields what it covers.
* ``word|context`` asks for the context behind the word; only the word is tagged and reading goes on behind it.
* A Latin letter or digit at either end of a word must not touch another one, so ``AI`` is not found in ``AIR``.
* English words are also found in the plural, with a blank for a hyphen, Capitalised, In Title Case and IN
  CAPITALS; a word that has capitals of its own (``AI``, ``eVTOL``) keeps them.

The search itself is the automaton of Aho and Corasick (1975, Communications of the ACM 18(6), 333-340) with
leftmost-longest matching, in Rust; what is here is the vocabulary and the check of each match.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_VOWELS = frozenset("aeiou")


class Span(NamedTuple):
    """One mention: ``text == source[start:end]``, offsets in characters, ``end`` exclusive."""

    start: int
    end: int
    text: str
    field_id: str
    term: str


class Pattern(NamedTuple):
    """One spelling of one word of the list.

    ``text`` is what must stand in the source, ``size`` how many of its characters are the mention, ``field_id``
    is None where the word only shields; the flags ask for a word boundary at that end.
    """

    text: str
    size: int
    field_id: str | None
    term: str
    bound_left: bool
    bound_right: bool

    def fits(self, source: str, start: int) -> bool:
        """Whether the pattern, known to stand at `start`, keeps its word boundaries there."""
        if self.bound_left and start and source[start - 1] in _WORD:
            return False
        end = start + len(self.text)
        return not (self.bound_right and end < len(source) and source[end] in _WORD)


def plural(term: str) -> str:
    """The regular English plural of the last word of `term`."""
    if term.endswith("y") and len(term) > 1 and term[-2].lower() not in _VOWELS:
        return term[:-1] + "ies"
    return term + ("es" if term.endswith(("s", "x", "ch", "sh")) else "s")


def spellings(term: str) -> list[str]:
    """The ways an English `term` is written: number, hyphen or blank, and letter case, without repeats."""
    stems = [term, plural(term)]
    stems += [stem.replace("-", " ") for stem in stems]
    written: dict[str, None] = {}
    for stem in stems:
        words = stem.split(" ")
        titled = " ".join(word[:1].upper() + word[1:] for word in words)
        hyphened = "-".join(part[:1].upper() + part[1:] for part in titled.split("-"))
        written |= dict.fromkeys([stem, stem[:1].upper() + stem[1:], titled, hyphened])
        if stem == stem.lower():
            written[stem.upper()] = None
    return list(written)


@cache
def patterns(scheme: str = "iotf") -> tuple[Pattern, ...]:
    """All patterns of `scheme` in ``terms.csv``, every spelling once; ValueError for two meanings of one spelling."""
    found: dict[str, Pattern] = {}
    with Path(__file__).with_name("terms.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if not row["field_id"].startswith(scheme + ":"):
                continue
            field_id = row["field_id"] if row["kind"] == "term" else None
            word, _, context = row["term"].partition("|")
            for text in spellings(word) if row["lang"] == "en" else [word]:
                whole = text + context
                new = Pattern(whole, len(text), field_id, word, whole[0] in _WORD, whole[-1] in _WORD)
                old = found.setdefault(whole, new)
                if (old.field_id, old.size) != (new.field_id, new.size):
                    raise ValueError(f"terms.csv: {whole!r} is both {old.field_id} and {new.field_id}")
    if not found:
        raise ValueError(f"terms.csv has no terms of scheme {scheme!r}")
    return tuple(found.values())


class Tagger:
    """Finds mentions of the fields of one scheme in text.

    Parameters
    ----------
    scheme : str
        The scheme whose words are looked for.

    Raises
    ------
    ValueError
        If ``terms.csv`` holds no words of the scheme.

    Examples
    --------
    >>> [(span.text, span.field_id) for span in Tagger().tag("新能源汽车和氢能")]
    [('新能源汽车', 'iotf:nev'), ('氢能', 'iotf:hydrogen')]
    """

    def __init__(self, scheme: str = "iotf") -> None:
        self.scheme = scheme
        self._patterns = patterns(scheme)
        self._search = AhoCorasick(
            [pattern.text for pattern in self._patterns],
            matchkind=MatchKind.LeftmostLongest,
            implementation=Implementation.DFA,
        )
        # A match needs a second look where it breaks a rule that the automaton does not know.
        self._simple = [not (p.bound_left or p.bound_right) and p.size == len(p.text) for p in self._patterns]
        self._by_head: dict[str, list[Pattern]] = {}
        for pattern in sorted(self._patterns, key=lambda p: -len(p.text)):
            self._by_head.setdefault(pattern.text[0], []).append(pattern)

    def tag(self, text: str) -> list[Span]:
        """The mentions in `text`, in order and without overlaps."""
        return [
            Span(start, start + p.size, text[start : start + p.size], p.field_id, p.term)
            for start, p in self._matches(text)
            if p.field_id is not None
        ]

    def count(self, text: str) -> Counter[str]:
        """How often each field is mentioned in `text`, by field id."""
        return Counter(p.field_id for _, p in self._matches(text) if p.field_id is not None)

    def tag_many(self, texts: Iterable[str]) -> list[list[Span]]:
        """The mentions in each of `texts`."""
        return [self.tag(text) for text in texts]

    def _matches(self, text: str) -> Iterator[tuple[int, Pattern]]:
        """Start and pattern of what is taken, shields included.

        The automaton's matches are right as long as each of them stands. Where one does not (word boundary,
        context) the stretch it covers is read by hand, and so is what such a reading runs into.
        """
        reached = 0
        for index, start, end in self._search.find_matches_as_indexes(text):
            if start >= reached and self._simple[index]:
                yield start, self._patterns[index]
                reached = end
                continue
            reached = max(start, reached)
            while reached < end:
                pattern = self._longest_at(text, reached)
                if pattern is None:
                    reached += 1
                else:
                    yield reached, pattern
                    reached += pattern.size

    def _longest_at(self, text: str, start: int) -> Pattern | None:
        for pattern in self._by_head.get(text[start], ()):
            if text.startswith(pattern.text, start) and pattern.fits(text, start):
                return pattern
        return None
