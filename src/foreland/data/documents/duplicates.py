"""Which documents repeat each other, whole or in part.

Exact repeats share a hash of their letters and digits. Near repeats share shingles, the runs of k characters that
Broder (1997, "On the resemblance and containment of documents") compares documents by. Shingles are hashed, and where
a collection has more than fit, one in 2^j of them is kept, the same ones in every document (the scaled sketch of
Irber et al. 2022, "Lightweight compositional analysis of metagenomes with FracMinHash"): unlike MinHash it shows a
short document inside a long one. Candidates share one of the rarest hashes of the smaller sketch, which any pair above
the threshold must (prefix filtering: Bayardo, Ma & Srikant 2007, "Scaling up all pairs similarity search"), and are
then confirmed on all shingles.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foreland.data.documents.script import needs_phrases, simplified_characters, to_simplified

HAN_SHINGLE, LATIN_SHINGLE = 5, 9
"""Characters of a shingle. A Chinese character tells more than a Latin letter (Leskovec, Rajaraman & Ullman 2014,
"Mining of Massive Datasets", 3.2: 9 for long English documents)."""
SKETCH_HASHES = 1 << 23
"""Hashes kept of a whole collection; 64 MB, and about six times as much while they are sorted."""
_SLACK = 3.0
_CACHE_BYTES = 128 << 20
_BASE = np.uint64(0x9E3779B97F4A7C15)
_FIRST_HAN = 0x3400
_LAST_LETTER = 0x323B0

Hashes = NDArray[np.uint64]


class Pair(NamedTuple):
    """Two documents that share text: ``first < second``, by their place in what was given."""

    first: int
    second: int
    jaccard: float
    """Shingles in both, as a share of those in either."""
    of_first: float
    """Share of the first one's shingles that stand in the second."""
    of_second: float

    @property
    def containment(self) -> float:
        """Share of the shorter one that stands in the other."""
        return max(self.of_first, self.of_second)


def content_hash(text: str) -> str:
    """SHA-256 of the letters, digits and Chinese characters of a text; empty for a text without any.

    Blanks, line ends, punctuation, capitals, full-width forms and traditional characters make no difference.
    """
    letters = _letters(text)
    return hashlib.sha256(letters.astype("<u4").tobytes()).hexdigest() if letters.size else ""


def near_duplicates(texts: Sequence[str], threshold: float = 0.8, sketch_hashes: int = SKETCH_HASHES) -> Iterator[Pair]:
    """Pairs of documents of which the shorter stands in the other by at least a share.

    Parameters
    ----------
    texts
        The documents, n of them. Each is asked for again when a pair is confirmed, so a sequence that reads them
        from a table needs no more memory than the sketch.
    threshold
        Least containment, 0 to 1.
    sketch_hashes
        Hashes kept of all documents together. While they have no more shingles than this, no pair is missed; beyond,
        a document of m kept hashes whose true containment is c goes unseen with the probability that fewer than
        c - 3 √(c(1-c)/m) of them are shared: about one in a thousand at the threshold, less above.

    Yields
    ------
    Pair
        By second, then first document. Shares are exact: counted on all shingles. Documents without letters or
        digits, and those shorter than a shingle, are in no pair; the hash tells of those.

    Raises
    ------
    ValueError
        If the threshold is not above 0 and at most 1.
    """
    if not 0 < threshold <= 1:
        raise ValueError("threshold must be above 0 and at most 1")
    sketches = _sketches(texts, sketch_hashes)
    shingles = _Shingles(texts)
    for pair in sorted(_candidates(sketches, threshold)):
        second, first = pair
        one, other = shingles(first), shingles(second)
        shared = np.intersect1d(one, other, assume_unique=True).size
        if shared >= threshold * min(one.size, other.size):
            union = one.size + other.size - shared
            yield Pair(first, second, shared / union, shared / one.size, shared / other.size)


def _sketches(texts: Sequence[str], room: int) -> list[Hashes]:
    """Per document the distinct hashes kept of it, ascending; the smaller the share kept, the more there are."""
    limit = (1 << 64) - 1
    sketches: list[Hashes] = []
    total = 0
    for index in range(len(texts)):
        hashes = _shingle_hashes(texts[index])
        sketches.append(np.unique(hashes[hashes <= limit]))
        total += sketches[-1].size
        while total > room:
            limit >>= 1
            sketches = [sketch[: np.searchsorted(sketch, np.uint64(limit), side="right")].copy() for sketch in sketches]
            total = sum(sketch.size for sketch in sketches)
    return sketches


def _candidates(sketches: list[Hashes], threshold: float) -> Iterator[tuple[int, int]]:
    """Pairs (later, earlier) whose sketches share enough of the smaller, with allowance for chance."""
    sizes = np.array([sketch.size for sketch in sketches], dtype=np.int64)
    if not sizes.sum():
        return
    hashes, frequency = np.unique(np.concatenate(sketches), return_counts=True)
    hashes, frequency = hashes[frequency > 1], frequency[frequency > 1]
    places = [_places(hashes, sketch) for sketch in sketches]
    starts = np.concatenate([[0], np.cumsum(frequency)])
    owners = np.empty(starts[-1], dtype=np.int32)
    filled = starts[:-1].copy()
    for document, mine in enumerate(places):
        owners[filled[mine]] = document
        filled[mine] += 1
    for document, mine in enumerate(places):
        size = int(sizes[document])
        need = _least_shared(size, threshold)
        # A partner shares at least one of any size - need + 1 hashes: ask with those that the fewest others have,
        # those that nobody else has first.
        asked = need <= mine.size and mine.size - need + 1
        if not asked:
            continue
        rarest = mine[np.lexsort((mine, frequency[mine]))][:asked]
        met = np.unique(np.concatenate([owners[starts[at] : starts[at + 1]] for at in rarest]))
        # The smaller one asks; of two of one size, the later.
        met = met[(sizes[met] > size) | ((sizes[met] == size) & (met < document))]
        for other in met.tolist():
            if np.intersect1d(mine, places[other], assume_unique=True).size >= need:
                yield max(document, other), min(document, other)


def _least_shared(size: int, threshold: float) -> int:
    """Hashes of a sketch that a partner at the threshold shares, less three standard deviations."""
    return max(1, math.floor(threshold * size - _SLACK * math.sqrt(threshold * (1 - threshold) * size)))


def _places(among: Hashes, some: Hashes) -> NDArray[np.int64]:
    """Where those of ``some`` that are ``among`` the others stand; both ascending."""
    at = np.searchsorted(among, some)
    at = at[at < among.size]
    return at[among[at] == some[: at.size]]


class _Shingles:
    """All distinct shingles of a document, hashed; the last ones asked for are kept."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.kept: OrderedDict[int, Hashes] = OrderedDict()
        self.size = 0

    def __call__(self, index: int) -> Hashes:
        if index in self.kept:
            self.kept.move_to_end(index)
            return self.kept[index]
        found = np.unique(_shingle_hashes(self.texts[index]))
        self.kept[index] = found
        self.size += found.nbytes
        while self.size > _CACHE_BYTES and len(self.kept) > 2:
            self.size -= self.kept.popitem(last=False)[1].nbytes
        return found


def _shingle_hashes(text: str) -> Hashes:
    """Hashes of the shingles of a text in their order, repeats included."""
    letters = _letters(text)
    length = HAN_SHINGLE if np.count_nonzero(letters >= _FIRST_HAN) * 2 >= letters.size else LATIN_SHINGLE
    count = letters.size - length + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    hashes = np.full(count, length, dtype=np.uint64)
    wide = letters.astype(np.uint64)
    for at in range(length):
        hashes *= _BASE
        hashes += wide[at : at + count]
    # The finaliser of SplitMix64 (Steele, Lea & Flood 2014), so that small hashes are a fair sample.
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes ^= hashes >> np.uint64(shift)
        hashes *= np.uint64(factor)
    hashes ^= hashes >> np.uint64(31)
    return hashes


def _letters(text: str) -> NDArray[np.uint32]:
    """Code points of the letters and digits, in one form each."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if needs_phrases(text):
            text = to_simplified(text)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    folded = _folded()[codes]
    return folded[folded > 0]


@lru_cache(maxsize=1)
def _folded() -> NDArray[np.uint32]:
    """For each code point the one it counts as: simplified, of ordinary width, small; 0 for what does not count."""
    table = np.zeros(0x110000, dtype=np.uint32)
    simplified = simplified_characters()
    for code in range(_LAST_LETTER):
        character = chr(code)
        if not character.isalnum():
            continue
        plain = unicodedata.normalize("NFKC", character)
        small = (plain if len(plain) == 1 else character).casefold()
        small = small if len(small) == 1 else character
        table[code] = ord(simplified.get(ord(small), small))
    return table
