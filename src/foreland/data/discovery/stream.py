"""A corpus as one row of numbered words, and the strings of words in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foreland.data.discovery import phrases_en, phrases_zh
from foreland.data.discovery.clean import clean

Array = NDArray[Any]
_BATCH = 500
END = "\n"
"""The token behind each document: no string of words goes past it."""


class _Numbers(defaultdict[str, int]):
    """Numbers words in the order they come."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


@dataclass(frozen=True, eq=False)
class Stream:
    """All words of a corpus in a row.

    Parameters
    ----------
    surface
        Shape (N,): the token at each place, as it is written.
    document
        Shape (N,): the document it stands in.
    words
        The tokens by number.
    folded
        Shape (S,): number of the folded word of each token.
    flags
        Shape (S,): what a token may be in a term.
    names
        The folded words by number.
    """

    surface: Array
    document: Array
    words: list[str]
    folded: Array
    flags: Array
    names: list[str]

    @classmethod
    def of(cls, texts: Iterable[str], progress: Callable[[float], None] | None = None, size: int = 0) -> Stream:
        """The stream of `texts`, which may be an iterator, so that a large corpus need not be in memory."""
        numbers = _Numbers()
        parts: list[Array] = []
        lengths: list[int] = []
        batch: list[str] = []
        for count, text in enumerate(texts):
            plain = clean(text)
            # Han letters are looked for only where there is any letter that is not ASCII.
            chinese = not plain.isascii() and phrases_zh.HAN.search(plain)
            before = len(batch)
            batch += phrases_zh.tokens(plain) if chinese else phrases_en.WORDS.findall(plain)
            batch.append(END)
            lengths.append(len(batch) - before)
            if count % _BATCH == _BATCH - 1:
                parts.append(np.fromiter(map(numbers.__getitem__, batch), np.int32, len(batch)))
                batch.clear()
                if progress is not None and size:
                    progress((count + 1) / size)
        parts.append(np.fromiter(map(numbers.__getitem__, batch), np.int32, len(batch)))
        surface = np.concatenate(parts)
        document = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        words = list(numbers)
        names = _Numbers()
        folded = np.array([names[_fold(word)] for word in words], np.int32)
        flags = np.array([phrases_zh.zh_flags(word) if word != END else 0 for word in words], np.uint8)
        return cls(surface, document, words, folded, flags, list(names))

    def numbers(self, sequences: Iterable[Sequence[str]]) -> list[tuple[int, ...]]:
        """Numbers of sequences of folded words; those with a word that the corpus has not are left out."""
        known = {name: number for number, name in enumerate(self.names)}
        return [tuple(known[word] for word in words) for words in sequences if all(word in known for word in words)]


def _fold(token: str) -> str:
    return phrases_zh.fold(token) if phrases_zh.TAG in token else phrases_en.fold(token) or token


def find_sequences(units: Array, sequences: Iterable[tuple[int, ...]]) -> tuple[Array, list[tuple[int, ...]]]:
    """Places where a sequence of two or more numbers begins in `units`, and which one it is, for each of them."""
    wanted: dict[int, list[tuple[int, ...]]] = {}
    base = int(units.max(initial=0)) + 1
    for sequence in sorted(set(sequences)):
        if max(sequence) < base:
            wanted.setdefault(sequence[0] * base + sequence[1], []).append(sequence)
    if not wanted or len(units) < 2:
        return np.zeros(0, np.int64), []
    first = np.zeros(base, bool)
    first[[key // base for key in wanted]] = True
    at = np.flatnonzero(first[units[:-1]])
    keys = units[at].astype(np.int64) * base + units[at + 1]
    chosen = np.isin(keys, np.fromiter(wanted, np.int64, len(wanted)))
    places: list[int] = []
    found: list[tuple[int, ...]] = []
    for place, key in zip(at[chosen].tolist(), keys[chosen].tolist(), strict=True):
        for sequence in wanted[key]:
            if tuple(units[place : place + len(sequence)].tolist()) == sequence:
                places.append(place)
                found.append(sequence)
    return np.array(places, np.int64), found


@dataclass(frozen=True, eq=False)
class Strings:
    """The strings of one length that are frequent enough: where they begin, and their numbers from 0."""

    at: Array
    ids: Array
    size: int

    def id_at(self, places: Array) -> Array:
        """Number of the string that begins at each place, -1 for none."""
        if not len(self.at):
            return np.full(len(places), -1, np.int64)
        found = np.minimum(np.searchsorted(self.at, places), len(self.at) - 1)
        return np.where(self.at[found] == places, self.ids[found], -1)


def frequent_strings(units: Array, usable: Array, longest: int, least: int) -> list[Strings]:
    """Strings of 1 to `longest` usable units that stand at least `least` times in the corpus, by length.

    A string grows only where its parts are frequent (Agrawal & Srikant 1994), for a longer one is rarer still.
    """
    lengths: list[Strings] = []
    ids = np.where(usable, units, -1).astype(np.int64)
    at = np.flatnonzero(ids >= 0)
    at, numbers, size = _frequent(at, ids[at], least)
    lengths.append(Strings(at, numbers, size))
    single = np.full(len(units) + longest, -1, np.int64)
    single[at] = numbers
    for length in range(2, longest + 1):
        last = lengths[-1]
        behind = single[last.at + length - 1]
        grown = behind >= 0
        keys = last.ids[grown] * max(lengths[0].size, 1) + behind[grown]
        at, numbers, size = _frequent(last.at[grown], keys, least)
        lengths.append(Strings(at, numbers, size))
    return lengths


def _frequent(at: Array, keys: Array, least: int) -> tuple[Array, Array, int]:
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    kept = counts >= least
    number = np.cumsum(kept) - 1
    chosen = kept[inverse]
    return at[chosen], number[inverse[chosen]], int(kept.sum())
