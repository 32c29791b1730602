"""Which documents share rare shingles: the index behind text reuse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from foreland.policy.fingerprints import SAMPLING, Sampling, Units, mix, read_units, rolling_hash, winnow
from foreland.policy.local_alignment import Scoring

Progress = Callable[[int, int], None]
Array = NDArray

_PARTS = 16


@dataclass(frozen=True)
class Settings:
    """What counts as reuse.

    Parameters
    ----------
    share, floor
        A shingle that stands in more than ``max(floor, share × documents)`` documents is boilerplate and starts no
        passage. Identical documents count once. With `floor` documents or fewer nothing is boilerplate.
    shared
        Fewest kept shingles two documents must share to be looked at.
    partners
        Documents that each one is aligned with at most: those that share most shingles with it, ties broken by what
        the two say. A pair is looked at where it is among the first for either.
    repeats
        Occurrences of a shingle within one document that are looked at.
    sampling
        Shingles of each language.
    scoring
        Worth of the columns of an alignment.
    """

    share: float = 0.005
    floor: int = 5
    shared: int = 2
    partners: int = 30
    repeats: int = 4
    sampling: dict[str, Sampling] = field(default_factory=lambda: dict(SAMPLING))
    scoring: Scoring = field(default_factory=Scoring)


class ShingleIndex:
    """Distinct documents with the rare shingles of each, and the pairs that share some.

    ``pairs`` are the numbers of the pairs worth aligning, shape (P, 2); ``codes`` the units of all documents one after
    the other, which begin at ``starts``; ``copies`` the texts that each document stands for.
    """

    def __init__(
        self,
        texts: Sequence[str],
        languages: Sequence[str],
        known: Iterable[str],
        settings: Settings,
        report: Progress,
    ) -> None:
        self.settings = settings
        self.documents: list[Units] = []
        self.copies: list[list[int]] = []  # numbers of the texts that are this document
        self.least: list[int] = []
        self.size: list[int] = []
        self.digests: list[bytes] = []
        self.indexed = len(texts) + _PARTS
        self.steps = 2 * self.indexed
        self.codes = np.empty(sum(map(len, texts)), np.int32)
        seen: dict[bytes, int] = {}
        hashes, positions, used = [], [], 0
        for number, (text, language) in enumerate(zip(texts, languages, strict=True)):
            sampling = settings.sampling[language]
            units = read_units(text, sampling.unit)
            digest = blake2b(units.codes.tobytes(), digest_size=16, person=sampling.unit.encode()).digest()
            if digest in seen:
                self.copies[seen[digest]].append(number)
            else:
                seen[digest] = len(self.documents)
                held = self.codes[used : used + len(units.codes)]
                held[:] = units.codes
                used += len(held)
                self.documents.append(Units(held, units.marks, units.ends))
                self.copies.append([number])
                self.least.append(sampling.least)
                self.size.append(sampling.shingle)
                self.digests.append(digest)
                kept_hashes, kept = _sample(held, sampling, settings.repeats)
                hashes.append(kept_hashes)
                positions.append(kept)
            report(number + 1, self.steps)
        lengths = [len(part) for part in hashes]
        self.hashes = np.concatenate(hashes) if hashes else np.empty(0, np.uint64)
        self.positions = np.concatenate(positions) if positions else np.empty(0, np.int32)
        hashes.clear()
        positions.clear()
        owners = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        self.starts = np.cumsum([0] + [len(document.codes) for document in self.documents])
        self._index(owners, _shingles_of(known, set(languages), settings), len(texts), report)

    def _index(self, owners: Array, known: Array, texts: int, report: Progress) -> None:
        """Tell rare shingles from boilerplate, and drop what is neither."""
        count = len(self.documents)
        limit = max(self.settings.floor, self.settings.share * count)
        rare, common = np.zeros(len(self.hashes), bool), np.zeros(len(self.hashes), bool)
        listed, sizes = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
        top = (self.hashes >> np.uint64(60)).astype(np.int8)
        for part in range(_PARTS):  # by the hash, so that what is sorted at once stays small
            (here,) = np.nonzero(top == part)
            order = here[np.argsort(self.hashes[here], kind="stable")]
            hashes, documents = self.hashes[order], owners[order]
            new = np.concatenate([[True], hashes[1:] != hashes[:-1]])[: len(hashes)]
            group = np.cumsum(new) - 1
            first = new | np.concatenate([[True], documents[1:] != documents[:-1]])[: len(documents)]
            frequency = np.bincount(group[first], minlength=0)
            many = frequency > limit
            if len(known):
                many |= np.isin(hashes[new], known)
            good = (frequency >= 2) & ~many
            kept = good[group]
            rare[order[kept]] = True
            common[order[many[group]]] = True
            listed.append(documents[kept & first])
            sizes.append(frequency[good].astype(np.int32))
            report(texts + part + 1, self.steps)
        self._mark(owners[common], self.positions[common])
        self.hashes, self.positions, owners = self.hashes[rare], self.positions[rare], owners[rare]
        order = np.lexsort((self.positions, self.hashes, owners))
        self.hashes, self.positions = self.hashes[order], self.positions[order]
        self.bounds = np.searchsorted(owners, np.arange(count + 1))
        self.pairs = self._candidates(np.concatenate(listed), np.concatenate(sizes))

    def _candidates(self, listed: Array, sizes: Array) -> Array:
        """Pairs worth aligning, shape (P, 2). `listed` has the documents of each rare shingle, one after the other,
        of which there are `sizes`."""
        count, partners = len(self.documents), self.settings.partners
        tags = np.array([int.from_bytes(digest[:8], "big") for digest in self.digests], np.uint64)
        starts = np.cumsum(sizes) - sizes
        order = np.argsort(listed, kind="stable")
        edges = np.searchsorted(listed[order], np.arange(count + 1))
        shingles = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order]
        keys = [np.empty(0, np.int64)]
        for document in range(count):
            mine = shingles[edges[document] : edges[document + 1]]
            many = sizes[mine]
            within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            shared = np.bincount(listed[np.repeat(starts[mine], many) + within], minlength=count)
            shared[document] = 0
            (others,) = np.nonzero(shared >= self.settings.shared)
            if len(others) > partners:
                ties = mix(tags[others] ^ tags[document])
                others = others[np.lexsort((ties, -shared[others]))[:partners]]
            keys.append(np.minimum(others, document) * count + np.maximum(others, document))
        found = np.unique(np.concatenate(keys))
        return np.stack([found // count, found % count], axis=1) if count else np.empty((0, 2), np.int64)

    def _mark(self, owners: Array, positions: Array) -> None:
        """Note which units stand in a shingle that is boilerplate."""
        self.common = np.zeros(len(self.codes), bool)
        bounds = np.searchsorted(owners, np.arange(len(self.documents) + 1))
        for number, size in enumerate(self.size):
            at = self.starts[number] + positions[bounds[number] : bounds[number + 1]]
            for shift in range(size):
                self.common[at + shift] = True

    def own(self, number: int, start: int, end: int) -> int:
        """Units of a span of a document that are not boilerplate."""
        base = int(self.starts[number])
        return end - start - int(np.count_nonzero(self.common[base + start : base + end]))

    def seeds(self, a: int, b: int) -> Array:
        """Where the rare shingles stand that both have; shape (S, 2)."""
        x, y = slice(*self.bounds[a : a + 2]), slice(*self.bounds[b : b + 2])
        low = np.searchsorted(self.hashes[y], self.hashes[x], "left")
        times = np.searchsorted(self.hashes[y], self.hashes[x], "right") - low
        within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        other = np.repeat(low, times) + within
        return np.stack([np.repeat(self.positions[x], times), self.positions[y][other]], axis=1).astype(np.int64)


def _sample(codes: Array, sampling: Sampling, repeats: int) -> tuple[Array, Array]:
    """The kept shingles of a document and where they stand, without the later repeats of a shingle."""
    hashes = rolling_hash(codes, sampling.shingle)
    kept = winnow(hashes, sampling.window)
    hashes = hashes[kept]
    order = np.argsort(hashes, kind="stable")
    sorted_hashes = hashes[order]
    if len(order) > repeats:
        again = np.concatenate([np.zeros(repeats, bool), sorted_hashes[repeats:] == sorted_hashes[:-repeats]])
        keep = np.sort(order[~again])
        hashes, kept = hashes[keep], kept[keep]
    return hashes, kept


def _shingles_of(known: Iterable[str], languages: set[str], settings: Settings) -> Array:
    """Every shingle of the texts that are nobody's own, not only the sampled ones."""
    parts = [np.empty(0, np.uint64)]
    for text in known:
        for language in sorted(languages):
            sampling = settings.sampling[language]
            parts.append(rolling_hash(read_units(text, sampling.unit).codes, sampling.shingle))
    return np.unique(np.concatenate(parts))
