"""Terms: noun phrases of titles and abstracts, Chinese and English, with their C-value.

A term is one unit whatever its number (robot, robots), spelling (modelling, modeling) and hyphens (multi-agent, multi
agent), and a short form is the unit of what it stands for (SLAM). All of this is decided by rules and by documents up
to the year of the one at hand, never by what comes later: what :meth:`Terms.vocabulary` says of the documents up to a
year is what it would have said in that year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foreland.core.errors import DataError
from foreland.data.discovery import phrases_en, phrases_zh
from foreland.data.discovery.acronyms import SHORT, Acronyms, Definition, LongForm, long_form_start
from foreland.data.discovery.naming import Spelled, key, nested, spellings
from foreland.data.discovery.stream import Stream, find_sequences, frequent_strings

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = NDArray[Any]
NO_YEAR = 1 << 30
"""The year of a document without one: later than all others."""
_NEARLY = 0.8  # of its mentions: a term that stands in one longer term that often is only a part of it
_LONGEST_CHINESE = 16


@dataclass(frozen=True)
class TermRule:
    """What a string of words must be to count as a term.

    Parameters
    ----------
    longest
        Most words.
    documents
        Fewest documents that it stands in.
    share
        Largest share of the documents that it may stand in; what most say tells nothing.
    """

    longest: int = 4
    documents: int = 5
    share: float = 0.25


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The terms of some of the documents.

    Parameters
    ----------
    terms
        Shape (V',): columns of :attr:`Terms.counts`, in rising order.
    frequency, documents, c_value
        Shape (V',): how often each stands in these documents, in how many of them, and its C-value there.
    """

    terms: Array
    frequency: Array
    documents: Array
    c_value: Array

    def best(self, size: int) -> Vocabulary:
        """The `size` terms of the largest C-value; equal ones in order of column."""
        order = np.sort(np.lexsort((self.terms, -self.c_value))[:size])
        return Vocabulary(self.terms[order], self.frequency[order], self.documents[order], self.c_value[order])


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms of a corpus.

    Parameters
    ----------
    counts
        Shape (D, V): how often each term stands in each document.
    keys
        Length V: the folded words of each, joined by hyphens; they name the term whatever else a corpus has.
    labels
        Length V: the most frequent spelling, with the short form behind it where it is in use.
    languages
        Length V: ``zh`` or ``en``.
    words
        Shape (V,): number of words.
    nested
        Shape (V, V): 1 where the term of the column is a part of that of the row.
    rule
        What a term was taken to be.
    spelled
        Where the terms stand, to call them as the documents of some years do.
    """

    counts: csr_array
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    languages: tuple[str, ...]
    words: Array
    nested: csr_array
    rule: TermRule
    spelled: Spelled

    def vocabulary(self, documents: Array | None = None) -> Vocabulary:
        """The terms of all documents, or of those for which `documents` (shape (D,), bool) is true."""
        counts = self.counts if documents is None else self.counts[np.flatnonzero(documents)]
        frequency = np.bincount(counts.indices, counts.data, minlength=len(self.keys)).astype(np.int64)
        spread = np.bincount(counts.indices, minlength=len(self.keys))
        number = counts.shape[0]
        there = spread >= min(self.rule.documents, max(number, 1))
        value = c_value(np.where(there, frequency, 0), self.words, self.nested)
        # In a corpus of a few documents a share is too coarse to leave anything out by.
        common = spread > self.rule.share * number if number >= 4 * self.rule.documents else np.zeros_like(there)
        alive = np.where(there, frequency, 0)
        longest = np.asarray((self.nested.multiply(alive[:, None])).max(axis=0).todense()).ravel()
        chosen = np.flatnonzero(there & ~common & (longest < _NEARLY * np.maximum(frequency, 1)))
        return Vocabulary(chosen, frequency[chosen], spread[chosen], value[chosen])


def c_value(frequency: Array, words: Array, nested: csr_array) -> Array:
    """C-value of terms, shape (V,).

    Frantzi, K., Ananiadou, S. & Mima, H. (2000). Automatic recognition of multi-word terms: the C-value/NC-value
    method. *International Journal on Digital Libraries* 3(2), 115–130. For a term a of \\|a\\| words that stands f(a)
    times, T_a the longer terms that contain it:

    C(a) = log2(\\|a\\| + 1) · (f(a) − mean of f(b) over b in T_a), without the mean where T_a is empty.

    The 1 lets terms of one word count (Barrón-Cedeño, A. et al. 2009, CICLing, 125–136); with the original logarithm
    they are all 0.

    Parameters
    ----------
    frequency
        Shape (V,): f; longer terms with 0 are not in T_a.
    words
        Shape (V,): number of words.
    nested
        Shape (V, V): 1 where the term of the column is part of that of the row.
    """
    alive = (frequency > 0).astype(float)
    total = nested.T @ (frequency * alive)
    number = nested.T @ alive
    mean = np.divide(total, number, out=np.zeros(len(frequency)), where=number > 0)
    return np.log2(words + 1) * (frequency - mean) * alive


def find_terms(
    texts: Iterable[str],
    years: Sequence[int | None] | None = None,
    rule: TermRule | None = None,
    progress: Callable[[float], None] | None = None,
    size: int = 0,
) -> Terms:
    """The terms of a corpus.

    Parameters
    ----------
    texts
        One a document: title and abstract, parted by a full stop. HTML and LaTeX are taken out.
    years
        Year of each document; where given, short forms are resolved by documents up to the year of each.
    rule
        What a term is.
    progress
        Called with the share done.
    size
        Number of texts, for `progress`.

    Raises
    ------
    DataError
        If there is no text, or no term stands in enough of them.
    """
    rule = rule or TermRule()
    stream = Stream.of(texts, progress, size)
    number = int(stream.document[-1]) + 1 if len(stream.document) else 0
    if not any(word[:1].isalnum() for word in stream.words):
        raise DataError("data.discovery.error.no_text", documents=number)
    return _Found(stream, number, years, rule).terms()


@dataclass
class _Rows:
    """Occurrences: where, of how many words, and of which term."""

    at: Array
    length: Array
    term: Array


class _Found:
    """The terms of a stream, in the making."""

    def __init__(self, stream: Stream, number: int, years: Sequence[int | None] | None, rule: TermRule) -> None:
        self.stream, self.number, self.rule = stream, number, rule
        self.years = [NO_YEAR if year is None else int(year) for year in (years if years is not None else ())]
        self.years = self.years or [NO_YEAR] * number
        self.least = min(rule.documents, number)
        self.units = stream.folded[stream.surface]
        self.flags = stream.flags[stream.surface]
        self._leave_out_phrases()
        self.acronyms = Acronyms(self._definitions())
        self.resolved = self._resolved()
        usable = (self.flags & phrases_en.IN) > 0
        self.strings = frequent_strings(self.units, usable, rule.longest, self.least)

    def _leave_out_phrases(self) -> None:
        phrases = self.stream.numbers([*phrases_en.phrases(), *phrases_zh.phrases()])
        self.set_phrase = np.zeros(len(self.units), bool)
        for place, phrase in zip(*find_sequences(self.units, phrases), strict=True):
            self.set_phrase[place : place + len(phrase)] = True
        self.flags[self.set_phrase] = 0

    # Short forms ---------------------------------------------------------------------------------

    def _definitions(self) -> list[Definition]:
        """Definitions of short forms in the texts; the short form that stands in one is no further mention."""
        words, surface = self.stream.words, self.stream.surface
        known = {word: number for number, word in enumerate(words)}
        if "(" not in known or ")" not in known:
            return []
        short = np.array([bool(SHORT.fullmatch(word)) and not word.isdigit() for word in words])
        opened = (surface[:-2] == known["("]) & short[surface[1:-1]] & (surface[2:] == known[")"])
        found = []
        for place in np.flatnonzero(opened).tolist():
            tokens = [words[number] for number in surface[max(place - 18, 0) : place].tolist()]
            start = next((n + 1 for n in range(len(tokens) - 1, -1, -1) if not tokens[n][:1].isalnum()), 0)
            before = [token.rstrip("-") for token in tokens[start:]]
            begins = long_form_start(words[int(surface[place + 1])], before)
            if begins is None:
                continue
            size = len(before) - begins
            if self.set_phrase[place - size] or not self.flags[place - 1] & phrases_en.HEAD:
                continue
            form = tuple(self.units[place - size : place].tolist())
            document = int(self.stream.document[place])
            number = int(self.units[place + 1])
            found.append(Definition(number, form, document, self.years[document], place - size))
            self.flags[place + 1] = 0
        return found

    def _resolved(self) -> list[tuple[int, LongForm]]:
        """Places of short forms that stand for a long form."""
        shorts = np.zeros(len(self.stream.names), bool)
        shorts[self.acronyms.shorts] = True
        capital = np.array([word[:2].upper() == word[:2] and word[-1:] != "-" for word in self.stream.words])
        at = np.flatnonzero(shorts[self.units] & capital[self.stream.surface] & (self.flags > 0))
        found = []
        for place, short, document in zip(
            at.tolist(), self.units[at].tolist(), self.stream.document[at].tolist(), strict=True
        ):
            form = self.acronyms.meaning(short, document, self.years[document])
            if form is not None:
                found.append((place, form))
        return found

    # Terms ---------------------------------------------------------------------------------------

    def terms(self) -> Terms:
        rows, size = self._candidates()
        rows, size = self._merge_short_forms(rows, size)
        document = self.stream.document[rows.at]
        pairs = np.unique(document.astype(np.int64) * size + rows.term)
        kept = np.bincount(pairs % max(size, 1), minlength=size) >= self.least
        kept &= ~self._too_long(rows, size)
        number = np.where(kept, np.cumsum(kept) - 1, -1)
        chosen = kept[rows.term]
        rows = _Rows(rows.at[chosen], rows.length[chosen], number[rows.term[chosen]])
        if not kept.any():
            raise DataError("data.discovery.error.no_terms", documents=self.number, least=self.least)
        return self._named(rows, int(kept.sum()))

    def _candidates(self) -> tuple[_Rows, int]:
        """Strings that are well formed, numbered through all lengths."""
        parts, base = [], 0
        self.base = []
        for length, strings in enumerate(self.strings, 1):
            self.base.append(base)
            base += strings.size
            first, last = self.flags[strings.at], self.flags[strings.at + length - 1]
            formed = (first & phrases_en.LEAD > 0) & (last & phrases_en.HEAD > 0)
            if length == 1:
                formed &= first & phrases_en.SINGLE > 0
            at = strings.at[formed]
            parts.append((at, np.full(len(at), length), self.base[-1] + strings.ids[formed]))
        at, lengths, term = (np.concatenate(part) for part in zip(*parts, strict=True))
        return _Rows(at, lengths, term), base

    def _merge_short_forms(self, rows: _Rows, size: int) -> tuple[_Rows, int]:
        """Mentions of short forms go to the term of their long form, made a term where it is no noun phrase."""
        first = {item.long: item.year for item in reversed(self.acronyms.definitions)}
        at, forms = find_sequences(self.units, first)
        terms: dict[LongForm, int] = {}
        for length, strings in enumerate(self.strings, 1):
            own = [n for n, form in enumerate(forms) if len(form) == length]
            for n, found in zip(own, strings.id_at(at[own]).tolist(), strict=True):
                if found >= 0:
                    terms[forms[n]] = self.base[length - 1] + found
        others = sorted(set(first) - set(terms))
        terms |= {form: size + number for number, form in enumerate(others)}
        at, forms = self._mentions(at, forms, first, set(others))
        merged = np.zeros(len(self.units), bool)
        merged[[place for place, _ in self.resolved]] = True
        kept = (rows.length > 1) | ~merged[rows.at]
        added_at = np.array([*at, *(place for place, _ in self.resolved)], np.int64)
        added_length = np.array([*map(len, forms), *([1] * len(self.resolved))], np.int64)
        added_term = np.array([*(terms[form] for form in forms), *(terms[f] for _, f in self.resolved)], np.int64)
        columns = [np.concatenate([a[kept], b]) for a, b in (
            (rows.at, added_at), (rows.length, added_length), (rows.term, added_term),
        )]  # fmt: skip
        return _Rows(*columns), size + len(others)

    def _mentions(
        self, at: Array, forms: list[LongForm], since: dict[LongForm, int], others: set[LongForm]
    ) -> tuple[Array, list[LongForm]]:
        """Mentions of long forms that are not among the candidates.

        From the year of its first definition on a long form counts wherever it stands, before that only as any noun
        phrase does: what a later text defines makes no term of what nobody took for one.
        """
        length = np.array([len(form) for form in forms], np.int64)
        formed = length <= self.rule.longest
        formed[formed] = self._formed(at[formed], length[formed])
        years = np.array(self.years, np.int64)[self.stream.document[at]]
        known = years >= np.array([since[form] for form in forms], np.int64)
        rare = np.array([form in others for form in forms], bool)
        chosen = np.flatnonzero(np.where(formed, rare, known))
        return at[chosen], [forms[n] for n in chosen.tolist()]

    def _formed(self, at: Array, length: Array) -> Array:
        """Whether the string of two words or more at each place is well formed."""
        formed = (self.flags[at] & phrases_en.LEAD > 0) & (self.flags[at + length - 1] & phrases_en.HEAD > 0)
        for offset in range(1, int(length.max(initial=1)) - 1):
            inside = np.flatnonzero(offset < length - 1)
            formed[inside] &= self.flags[at[inside] + offset] & phrases_en.IN > 0
        return formed

    def _too_long(self, rows: _Rows, size: int) -> Array:
        """Chinese strings of more characters than a term has."""
        characters = np.array([len(name) if phrases_zh.HAN.match(name) else 0 for name in self.stream.names])
        total = np.concatenate([[0], np.cumsum(characters[self.units])])
        long = total[rows.at + rows.length] - total[rows.at] > _LONGEST_CHINESE
        found = np.zeros(size, bool)
        found[rows.term[long]] = True
        return found

    def _named(self, rows: _Rows, size: int) -> Terms:
        """Order terms by key, and say what they are called."""
        from scipy.sparse import csr_array

        short = (rows.length == 1) & self._is_resolved(rows.at)
        full = np.flatnonzero(~short)
        places, _ = spellings(self.stream, rows.at[full], rows.length[full], rows.term[full], size)
        keys = [key(self._folded(place, length)) for place, length in places]
        order = sorted(range(size), key=keys.__getitem__)
        rank = np.empty(size, np.int64)
        rank[order] = np.arange(size)
        term = rank[rows.term]
        counts = csr_array(
            (np.ones(len(term), np.int32), (self.stream.document[rows.at], term)), shape=(self.number, size)
        )
        counts.sum_duplicates()
        spelled = Spelled(self.stream, rows.at[full], rows.length[full], term[full], rows.at[short], term[short])
        labels = spelled.labels(np.arange(size))
        languages = tuple("zh" if phrases_zh.HAN.search(label) else "en" for label in labels)
        words = np.array([places[old][1] for old in order], np.int64)
        parts = nested(self.units, [places[old] for old in order])
        return Terms(
            counts, tuple(keys[old] for old in order), tuple(labels), languages, words, parts, self.rule, spelled
        )

    def _is_resolved(self, at: Array) -> Array:
        resolved = np.zeros(len(self.units), bool)
        resolved[[place for place, _ in self.resolved]] = True
        return resolved[at]

    def _folded(self, place: int, length: int) -> list[str]:
        return [self.stream.names[number] for number in self.units[place : place + length].tolist()]
