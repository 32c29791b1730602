"""Text as comparable units, and the shingles of them that stand for a document.

A unit is a character of a Chinese text and a word of an English one; punctuation, blanks and letter case do not count.
Each unit knows where it stood, so that whatever is found among units can be shown in the text as it was written.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Unit = Literal["character", "word"]
Ints = NDArray[np.int32]
Hashes = NDArray[np.uint64]

_LAST = 0x323B0  # end of the last block of Chinese characters; beyond are no letters
_BASE = np.uint64(0x9E3779B97F4A7C15)
_POSITION_BITS = np.uint64(24)


@dataclass(frozen=True)
class Sampling:
    """How a text is cut into shingles, and how many of them are kept.

    Parameters
    ----------
    unit
        What is compared: ``character`` (Chinese) or ``word`` (English).
    shingle
        Units of a shingle.
    window
        Of every so many shingles in a row at least one is kept, so that no passage shared by two texts of
        ``shingle + window - 1`` units or more is missed.
    least
        Fewest identical units of a passage that is worth reporting.
    """

    unit: Unit
    shingle: int
    window: int
    least: int


SAMPLING = {"zh": Sampling("character", 8, 8, 16), "en": Sampling("word", 5, 4, 10)}


@dataclass(frozen=True)
class Units:
    """The units of a text.

    ``codes`` has one number a unit, shape (N,); equal units have equal numbers. ``ends`` is None where units are
    single characters; ``marks`` then counts what was left out: entry g says that something was left out in front of
    unit g. Where units are words, ``marks`` is where they start and ``ends`` where they end.
    """

    codes: Ints
    marks: Ints
    ends: Ints | None

    def span(self, first: NDArray[np.integer], last: NDArray[np.integer]) -> tuple[NDArray, NDArray]:
        """Start and end, in the text as written, of the units from `first` up to, not including, `last`."""
        if self.ends is not None:
            return self.marks[first], self.ends[last - 1]
        left_out = np.searchsorted(self.marks, first, "right"), np.searchsorted(self.marks, last - 1, "right")
        return first + left_out[0], last + left_out[1]


@cache
def _folding() -> NDArray[np.uint32]:
    """What each character is compared as: its lower-case, half-width form; 0 where it does not count."""
    table = np.zeros(0x110000, np.uint32)
    for code in range(_LAST):
        character = chr(code)
        if character.isalnum():
            folded = unicodedata.normalize("NFKC", character).lower()
            table[code] = ord(folded) if len(folded) == 1 else code
    return table


def guess_language(text: str) -> str:
    """``zh`` where a fifth of the letters or more are Chinese, else ``en``."""
    head = np.frombuffer(text[:5000].encode("utf-32-le", "surrogatepass"), np.uint32)
    chinese = int(np.count_nonzero((head >= 0x3400) & (head < _LAST) & ((head < 0xA000) | (head >= 0x20000))))
    return "zh" if chinese * 5 >= max(int(np.count_nonzero(_folding()[head])), 1) else "en"


def mix(values: Hashes) -> Hashes:
    """Spread numbers over 64 bits (the finaliser of SplitMix64; Steele, Lea & Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def read_units(text: str, unit: Unit) -> Units:
    """Cut `text` into units: letters, digits and Chinese characters count, nothing else does.

    Full-width letters and digits are the same as half-width ones, capitals the same as small letters.
    """
    folded = _folding()[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)]
    counts = folded != 0
    if unit == "character":
        left_out = np.flatnonzero(~counts)
        return Units(folded[counts].astype(np.int32), (left_out - np.arange(len(left_out))).astype(np.int32), None)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], counts, [False]])))
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    powers = np.cumprod(np.full(int(lengths.max(initial=0)) + 1, _BASE, np.uint64))
    terms = mix(folded[counts].astype(np.uint64)) * powers[within]
    codes = np.add.reduceat(terms, np.cumsum(lengths) - lengths) if len(starts) else np.empty(0, np.uint64)
    return Units((mix(codes) >> np.uint64(33)).astype(np.int32), starts.astype(np.int32), ends.astype(np.int32))


def rolling_hash(codes: Ints, k: int) -> Hashes:
    """Polynomial hash of every `k` units in a row (Karp & Rabin 1987), modulo 2^64 and then mixed.

    Parameters
    ----------
    codes
        Units, shape (N,).
    k
        Units of a shingle, at least 1.

    Returns
    -------
    ndarray
        Shape (max(N - k + 1, 0),).
    """
    size = len(codes) - k + 1
    if size < 1:
        return np.empty(0, np.uint64)
    spread = mix(codes.astype(np.uint64) + _BASE)
    hashes = np.zeros(size, np.uint64)
    for shift in range(k):
        hashes *= _BASE
        hashes += spread[shift : shift + size]
    return mix(hashes)


def winnow(hashes: Hashes, window: int) -> Ints:
    """Positions of the shingles kept: the smallest of every `window` in a row, the last of equals (Schleimer,
    Wilkerson & Aiken 2003, SIGMOD).

    Parameters
    ----------
    hashes
        Hash of each shingle, shape (N,), N < 2^24; the order goes by its upper 40 bits.
    window
        Shingles of a window, at least 1; a text with fewer shingles is one window.

    Returns
    -------
    ndarray
        Ascending positions. Whether a shingle is kept depends on the `window - 1` on either side of it and nothing
        else, so two texts keep the same ones of what they share.
    """
    if not len(hashes):
        return np.empty(0, np.int32)
    size = min(window, len(hashes))
    positions = np.arange(len(hashes), 0, -1, dtype=np.uint64)  # the last of equals is the smallest
    keys = (hashes >> _POSITION_BITS << _POSITION_BITS) | positions
    covered = 1
    while covered < size:  # minima of windows twice as wide
        shift = min(covered, size - covered)
        keys = np.minimum(keys[:-shift], keys[shift:])
        covered += shift
    chosen = len(hashes) - (keys & np.uint64((1 << 24) - 1)).astype(np.int64)
    return np.unique(chosen).astype(np.int32)
