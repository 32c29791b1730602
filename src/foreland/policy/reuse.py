"""Text reuse: which documents share wording, where, and how much of each it is.

After Wilkerson, Smith & Stramp (2015, American Journal of Political Science 59) and Linder, Desmarais, Burgess &
Giraudy (2020, Policy Studies Journal 48): candidate pairs are those that share rare shingles, what stands in many
documents counts as boilerplate, and the passages are local alignments around the shared shingles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foreland.policy.fingerprints import guess_language
from foreland.policy.local_alignment import extend
from foreland.policy.shingle_index import Progress, Settings, ShingleIndex

Array = NDArray

_SEEDS_AT_ONCE = 100_000
_NEAR = 24  # seeds closer than this along the text belong together


@dataclass(frozen=True, slots=True)
class Passage:
    """Wording that two documents share: character offsets in each as it was written, `end` exclusive; the score of
    the alignment; its identical units (characters of Chinese, words of English); and `own`, its units that are not
    boilerplate, on the side that has fewer."""

    left_start: int
    left_end: int
    right_start: int
    right_end: int
    score: int
    identical: int
    own: int


@dataclass(frozen=True, slots=True)
class Reuse:
    """What two documents share.

    Parameters
    ----------
    left, right
        Numbers of the documents, ``left < right``.
    score
        Sum of the scores of the passages, each times the share of it that is not boilerplate (as Linder et al. 2020
        weigh an alignment down by how common it is).
    shared
        Units of each that stand in a passage; a unit in several passages counts once.
    share
        `shared` over the units of each document.
    longest
        Identical units of the longest passage.
    source
        The document that is older, going by the given dates alone; None where they are equal or not known.
    passages
        In the order of the left document.
    """

    left: int
    right: int
    score: float
    shared: tuple[int, int]
    share: tuple[float, float]
    longest: int
    source: int | None
    passages: tuple[Passage, ...]


def align(left: str, right: str, language: str | None = None, settings: Settings = Settings()) -> list[Passage]:
    """The passages that two texts share, in the order of the left one; nothing counts as boilerplate."""
    languages = None if language is None else [language, language]
    found = find_reuse([left, right], languages, settings=settings)
    return list(found[0].passages) if found else []


def find_reuse(
    texts: Sequence[str],
    languages: Sequence[str] | None = None,
    dates: Sequence[str | None] | None = None,
    known: Iterable[str] = (),
    settings: Settings = Settings(),
    progress: Progress | None = None,
) -> list[Reuse]:
    """Find the pairs of documents that share wording.

    Parameters
    ----------
    texts
        The documents.
    languages
        Language of each, ``zh`` or ``en``; guessed from the letters where not given.
    dates
        Date of each, as ``2026-02-09`` or ``2026``; says which of a pair is the older one, no more.
    known
        Texts whose wording is nobody's copy of another: a national report, a form. Like boilerplate, it starts no
        passage.
    settings
        What counts as reuse.
    progress
        Called with steps done and steps in all.

    Returns
    -------
    list of Reuse
        Highest score first, ties by the numbers of the documents. The same whatever the order of the documents.

    Raises
    ------
    ValueError
        Where `languages` or `dates` has not one entry a text, or a language has no sampling.
    """
    for name, given in (("languages", languages), ("dates", dates)):
        if given is not None and len(given) != len(texts):
            raise ValueError(f"{len(texts)} texts but {len(given)} {name}")
    spoken = [guess_language(text) for text in texts] if languages is None else list(languages)
    unknown = sorted(set(spoken) - set(settings.sampling))
    if unknown:
        raise ValueError(f"no sampling for {', '.join(unknown)}; there is {', '.join(sorted(settings.sampling))}")
    report = progress or (lambda done, total: None)
    corpus = _Corpus(texts, spoken, known, settings, report)
    found = []
    for a, b, passages in corpus.aligned(report):
        for x in corpus.copies[a]:
            for y in corpus.copies[b]:
                found.append(_reuse(corpus, (x, a), (y, b), passages, dates))
    for a, copies in enumerate(corpus.copies):  # identical documents share all there is
        size = len(corpus.documents[a].codes)
        whole = np.array([[0, size, 0, size, settings.scoring.match * size, size, corpus.own(a, 0, size)]])
        for n, x in enumerate(copies):
            found += [_reuse(corpus, (x, a), (y, a), whole, dates) for y in copies[n + 1 :] if size]
    return sorted(found, key=lambda pair: (-pair.score, pair.left, pair.right))


def _reuse(
    corpus: _Corpus, x: tuple[int, int], y: tuple[int, int], rows: Array, dates: Sequence[str | None] | None
) -> Reuse:
    """One pair from its passages: rows of unit offsets left and right, score, identical and own units."""
    if x[0] > y[0]:
        x, y, rows = y, x, rows[:, [2, 3, 0, 1, 4, 5, 6]]
    rows = rows[np.lexsort(rows.T[::-1])]
    left, right = corpus.documents[x[1]], corpus.documents[y[1]]
    spans = [*left.span(rows[:, 0], rows[:, 1]), *right.span(rows[:, 2], rows[:, 3]), *rows.T[4:]]
    passages = tuple(Passage(*row) for row in zip(*(column.tolist() for column in spans), strict=True))
    shared = (_covered(rows[:, 0], rows[:, 1]), _covered(rows[:, 2], rows[:, 3]))
    source = None
    if dates is not None:
        first, second = dates[x[0]], dates[y[0]]
        if first and second and first[: len(second)] != second[: len(first)]:
            source = x[0] if first < second else y[0]
    share = (shared[0] / len(left.codes), shared[1] / len(right.codes))
    score = float((rows[:, 4] * rows[:, 6] / (rows[:, 1] - rows[:, 0])).sum())
    return Reuse(x[0], y[0], score, shared, share, int(rows[:, 5].max()), source, passages)


def _covered(starts: Array, ends: Array) -> int:
    """Units that lie in at least one span."""
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    before = np.concatenate([[0], ends[:-1]])
    return int(np.maximum(ends - np.maximum(starts, before), 0).sum())


class _Corpus(ShingleIndex):
    """The index, with its pairs aligned."""

    def aligned(self, report: Progress) -> Iterator[tuple[int, int, Array]]:
        """The pairs with their passages: unit offsets left and right, score, identical and own units."""
        waiting, size = [], 0
        done = self.indexed
        for number, (a, b) in enumerate(self.pairs.tolist()):
            # Ties between alignments are broken the same way whichever document comes first.
            if (len(self.documents[a].codes), self.digests[a]) > (len(self.documents[b].codes), self.digests[b]):
                a, b = b, a
            seeds = self.seeds(a, b)
            waiting.append((a, b, seeds))
            size += len(seeds)
            if size >= _SEEDS_AT_ONCE:
                yield from self._passages(waiting)
                waiting, size = [], 0
                report(done + (self.steps - done) * (number + 1) // len(self.pairs), self.steps)
        yield from self._passages(waiting)
        report(self.steps, self.steps)

    def _passages(self, waiting: list[tuple[int, int, Array]]) -> Iterator[tuple[int, int, Array]]:
        """Extend the seeds of many pairs at once."""
        if not waiting:
            return
        owner = np.repeat(np.arange(len(waiting)), [len(seeds) for _, _, seeds in waiting])
        left, right = np.concatenate([seeds for _, _, seeds in waiting]).T
        documents = np.array([(a, b) for a, b, _ in waiting])
        rows, owners = [], []
        while len(owner):
            order = np.lexsort((right, left, owner))
            owner, left, right = owner[order], left[order], right[order]
            drift = np.abs(np.diff(left - right)) <= self.settings.scoring.band
            chained = (np.diff(owner) == 0) & (np.diff(left) <= _NEAR) & drift
            cluster = np.cumsum(np.concatenate([[True], ~chained])) - 1
            (anchor,) = np.nonzero(np.concatenate([[True], ~chained]))
            found = self._extend(documents[owner[anchor]], left[anchor], right[anchor])
            rows.append(found)
            owners.append(owner[anchor])
            mine = found[cluster]
            inside = (left >= mine[:, 0]) & (left < mine[:, 1]) & (right >= mine[:, 2]) & (right < mine[:, 3])
            owner, left, right = owner[~inside], left[~inside], right[~inside]
        all_rows, all_owners = np.concatenate(rows), np.concatenate(owners)
        least = np.array([min(self.least[a], self.least[b]) for a, b, _ in waiting])
        long = all_rows[:, 5] >= least[all_owners]
        all_rows, all_owners = all_rows[long], all_owners[long]
        order = np.lexsort((all_rows[:, 2], all_rows[:, 0], -all_rows[:, 4], all_owners))
        all_rows, all_owners = all_rows[order], all_owners[order]
        edges = np.searchsorted(all_owners, np.arange(len(waiting) + 1))
        for number in np.flatnonzero(np.diff(edges)):
            a, b, _ = waiting[number]
            distinct = _distinct(all_rows[edges[number] : edges[number + 1]])
            own = [min(self.own(a, *row[:2]), self.own(b, *row[2:4])) for row in distinct.tolist()]
            distinct = np.column_stack([distinct, own])
            distinct = distinct[distinct[:, 6] * 2 >= least[number]]
            if len(distinct):
                yield a, b, distinct

    def _extend(self, documents: Array, left: Array, right: Array) -> Array:
        """Passages around one seed each: unit offsets left and right, score, identical units."""
        scoring = self.settings.scoring
        base = self.starts[documents.T]
        lengths = np.diff(self.starts)[documents.T]
        k = np.array(self.size)[documents[:, 0]]
        at = np.stack([left, right])
        ahead = extend(self.codes, base + at + k, lengths - at - k, 1, scoring)
        back = extend(self.codes, base + at - 1, at, -1, scoring)
        return np.stack(
            [
                left - back.left,
                left + k + ahead.left,
                right - back.right,
                right + k + ahead.right,
                scoring.match * k + ahead.score + back.score,
                k + ahead.identical + back.identical,
            ],
            axis=1,
        )


def _distinct(rows: Array) -> Array:
    """Passages without those that mostly lie, on both sides, within a better one; `rows` come best first."""
    if len(rows) == 1:
        return rows
    sizes = rows[:, [1, 3]] - rows[:, [0, 2]]
    kept: list[int] = []
    for n, row in enumerate(rows):
        held = rows[kept]
        left = np.minimum(held[:, 1], row[1]) - np.maximum(held[:, 0], row[0])
        right = np.minimum(held[:, 3], row[3]) - np.maximum(held[:, 2], row[2])
        if not ((2 * left > sizes[n, 0]) & (2 * right > sizes[n, 1])).any():
            kept.append(n)
    return rows[kept]
