"""What terms are called, and which is a part of which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foreland.data.discovery import phrases_zh
from foreland.data.discovery.stream import Stream

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = NDArray[Any]
Place = tuple[int, int]
"""Where a string of words begins in the stream, and of how many words it is."""
_SHOWN_SHORT = 0.1


@dataclass(frozen=True, eq=False)
class Spelled:
    """Where terms are written out, and where by a short form.

    Parameters
    ----------
    stream
        The corpus.
    at, length, term
        Shape (N,): mentions that are written out.
    short_at, short_term
        Shape (M,): mentions by a short form.
    """

    stream: Stream
    at: Array
    length: Array
    term: Array
    short_at: Array
    short_term: Array

    def labels(self, terms: Array, documents: Array | None = None) -> list[str]:
        """The most frequent spelling of some terms in some documents, with the short form behind it that is in use.

        Parameters
        ----------
        terms
            Shape (K,): columns.
        documents
            Shape (D,), bool: those that are looked at; by default all.
        """
        number = np.full(int(max(self.term.max(initial=0), terms.max(initial=0))) + 1, -1, np.int64)
        number[terms] = np.arange(len(terms))

        def chosen(at: Array, term: Array) -> Array:
            kept = number[term] >= 0
            return np.flatnonzero(kept if documents is None else kept & documents[self.stream.document[at]])

        full, short = chosen(self.at, self.term), chosen(self.short_at, self.short_term)
        own = number[self.term[full]]
        _, found = spellings(self.stream, self.at[full], self.length[full], own, len(terms))
        said: dict[int, Counter[str]] = {}
        for term, place in zip(number[self.short_term[short]].tolist(), self.short_at[short].tolist(), strict=True):
            said.setdefault(term, Counter())[self.stream.words[int(self.stream.surface[place])]] += 1
        written = np.bincount(own, minlength=len(terms))
        for term, counts in said.items():
            if counts.total() >= _SHOWN_SHORT * (written[term] + counts.total()):
                found[term] = f"{found[term]} ({min(counts, key=lambda word: (-counts[word], word))})"
        return found


def spellings(stream: Stream, at: Array, length: Array, term: Array, size: int) -> tuple[list[Place], list[str]]:
    """A place and the number of words of each term, and its most frequent spelling."""
    spelled = np.zeros(len(at), np.uint64)
    wide = stream.surface.astype(np.uint64) + np.uint64(1)
    for offset in range(int(length.max(initial=1))):
        inside = offset < length
        # A hash of the spelling: equal ones of a term are counted together.
        spelled[inside] = spelled[inside] * np.uint64(0x9E3779B97F4A7C15) + wide[at[inside] + offset]
    spelled = spelled * np.uint64(0xBF58476D1CE4E5B9) + term.astype(np.uint64)
    _, first, counts = np.unique(spelled, return_index=True, return_counts=True)
    order = np.lexsort((at[first], -counts, term[first]))
    owner = term[first][order]
    lead = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
    places = [(0, 0)] * size
    labels = [""] * size
    for old, row in zip(owner[lead].tolist(), first[order[lead]].tolist(), strict=True):
        place, words = int(at[row]), int(length[row])
        places[old] = (place, words)
        tokens = stream.surface[place : place + words].tolist()
        labels[old] = render([stream.words[number] for number in tokens])
    return places, labels


def nested(units: Array, places: list[Place]) -> csr_array:
    """1 where the term of the column is a part of that of the row, shape (V, V)."""
    from scipy.sparse import csr_array

    size = len(places)
    table: dict[tuple[int, ...], int] = {}
    for number, (place, length) in enumerate(places):
        table.setdefault(tuple(units[place : place + length].tolist()), number)
    longer, shorter = [], []
    for number, (place, length) in enumerate(places):
        words = units[place : place + length].tolist()
        parts = {
            table[part]
            for n in range(1, length)
            for start in range(length - n + 1)
            if (part := tuple(words[start : start + n])) in table
        }
        longer += [number] * len(parts)
        shorter += sorted(parts)
    return csr_array((np.ones(len(longer)), (longer, shorter)), shape=(size, size))


def key(names: Sequence[str]) -> str:
    """The key of a term of these folded words: no other term has it, whatever the corpus.

    Hyphens join the words, so one within a word (gpt-4) is written as an underscore, which no word has.
    """
    return "-".join(name.replace("-", "_") for name in names)


def render(tokens: Sequence[str]) -> str:
    """Tokens as they are written: blanks between Latin words, none between Chinese ones or behind a hyphen."""
    text = ""
    for token in tokens:
        word = phrases_zh.fold(token)
        chinese = phrases_zh.HAN.match(word) or (text and phrases_zh.HAN.match(text[-1]))
        text += word if not text or text.endswith("-") or chinese else f" {word}"
    return text.removesuffix("'s").removesuffix("’s").rstrip("-")
