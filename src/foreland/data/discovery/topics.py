"""Topics: groups of texts that speak of the same, the same ones for the same texts.

TF-IDF of the terms → truncated singular value decomposition → spherical k-means, all from fixed seeds. How many topics
there are is read from the texts, and how far a topic is owed to chance is printed with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foreland.core.errors import DataError, UsageError
from foreland.data.discovery.embedding import embed, inverse_document_frequency, right_singular_vectors, tf_idf
from foreland.data.discovery.kmeans import (
    Clusters,
    adjusted_rand,
    centroids_of,
    contingency,
    nearest,
    spherical_kmeans,
)
from foreland.data.discovery.one_thread import one_thread

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = NDArray[Any]
Progress = Callable[[float], None]
FEWEST = 20
"""Texts with terms that topics are built from at the least."""
_FEWEST_TERMS = 2


@dataclass(frozen=True)
class TopicRule:
    """How topics are built.

    Parameters
    ----------
    number
        Topics; None to read it from the texts.
    rank
        Most dimensions of the space they are built in; the root of the number of texts or a fortieth of it, whichever
        is larger, where that is less.
    most
        Most topics; the root of the number of texts where that is less.
    sample
        Texts that the number of topics and the stability are worked out on.
    folds, resamples
        Parts that are held out in turn for the number of topics, and resamples for the stability.
    outside
        Share of the texts that are less like their topic than a later text has to be to be assigned.
    seed
        Of every draw.
    """

    number: int | None = None
    rank: int = 100
    most: int = 160
    sample: int = 10_000
    folds: int = 5
    resamples: int = 8
    outside: float = 0.05
    seed: int = 20

    def dimensions(self, texts: int) -> int:
        """Dimensions of the space for so many texts."""
        return min(self.rank, max(int(texts**0.5) + 1, texts // 40, self.number or 0))


@dataclass(frozen=True)
class Tried:
    """A number of topics, how well half a text tells the other half with it, and the standard error of that."""

    number: int
    score: float
    error: float


@dataclass(frozen=True, eq=False)
class Topics:
    """Topics of a corpus, the largest first.

    Parameters
    ----------
    labels
        Shape (D,): topic of each text; -1 for a text without terms.
    similarity
        Shape (D,): its cosine with the topic's centre; 0 for a text without terms.
    sizes
        Shape (K,): texts of each.
    stability
        Shape (K,): mean over resamples of the Jaccard coefficient with the topic that is most like it there (Hennig
        2007, *Computational Statistics & Data Analysis* 52, 258–271); below .5 a topic dissolves.
    overall
        Mean adjusted Rand index of the topics with those of the resamples: 1 where they are the same every time.
    words
        For each topic, columns of its terms by class-based TF-IDF, the heaviest first.
    tried
        What was tried to find the number of topics; empty where it was given.
    minimum
        Least similarity for a text to be assigned to a topic.
    idf, basis, centroids
        Shapes (V,), (V, rank) and (K, rank): what :func:`assign` needs for other texts.
    """

    labels: Array
    similarity: Array
    sizes: Array
    stability: Array
    overall: float
    words: tuple[Array, ...]
    tried: tuple[Tried, ...]
    minimum: float
    idf: Array
    basis: Array
    centroids: Array

    @property
    def number(self) -> int:
        return len(self.sizes)


def fit_topics(counts: csr_array, rule: TopicRule | None = None, progress: Progress | None = None) -> Topics:
    """Topics of texts.

    Parameters
    ----------
    counts
        Shape (D, V): how often each term stands in each text.
    rule
        How they are built.
    progress
        Called with the share done.

    Raises
    ------
    DataError
        If fewer than :data:`FEWEST` texts have terms.
    UsageError
        If more topics are asked for than there are texts, or fewer than two.
    """
    rule, tell = rule or TopicRule(), progress or (lambda share: None)
    with one_thread():
        return _fit(_sorted(counts), rule, tell)


def _fit(counts: csr_array, rule: TopicRule, tell: Progress) -> Topics:
    usable = np.flatnonzero(np.diff(counts.indptr) >= _FEWEST_TERMS)
    if len(usable) < FEWEST:
        raise DataError("data.discovery.error.few_texts", texts=len(usable), least=FEWEST)
    if rule.number is not None and not 2 <= rule.number <= len(usable) // 2:
        raise UsageError("data.discovery.error.topics", number=rule.number, texts=len(usable))
    idf = inverse_document_frequency(counts[usable])
    weighted = tf_idf(counts, idf)
    basis = right_singular_vectors(weighted[usable], rule.dimensions(len(usable)), rule.seed)
    points = embed(weighted, basis)
    tell(0.2)
    sample = usable
    if len(usable) > rule.sample:
        sample = np.sort(np.random.default_rng(rule.seed).choice(usable, rule.sample, replace=False))
    tried: tuple[Tried, ...] = ()
    number = rule.number
    if number is None:
        halves = _Halves(counts[sample], rule)
        number, tried = halves.choose(lambda share: tell(0.2 + 0.5 * share))
    clusters = spherical_kmeans(points[usable], number, rule.seed)
    tell(0.8)
    clusters = _ordered(clusters, points[usable])
    # A text with a single term is near a topic as well.
    labels, similarity = _assigned(points, clusters.centroids)
    stability, overall = _stability(points[sample], labels[sample], number, rule)
    tell(0.95)
    words = class_words(counts, labels, number)
    minimum = float(np.quantile(similarity[usable], rule.outside))
    sizes = np.bincount(labels[labels >= 0], minlength=number)
    tell(1.0)
    return Topics(labels, similarity, sizes, stability, overall, words, tried, minimum, idf, basis, clusters.centroids)


def assign(topics: Topics, counts: csr_array) -> tuple[Array, Array]:
    """Topic and similarity of other texts, shape (D',) each: -1 where no topic is like the text.

    Parameters
    ----------
    topics
        Topics that were built before, perhaps in an earlier year.
    counts
        Shape (D', V): the same terms that they were built from.
    """
    with one_thread():
        points = embed(tf_idf(_sorted(counts), topics.idf), topics.basis)
        labels, similarity = _assigned(points, topics.centroids)
    return np.where(similarity >= topics.minimum, labels, -1), similarity


def class_words(counts: csr_array, labels: Array, number: int, most: int = 10) -> tuple[Array, ...]:
    """Columns of the terms that tell a topic from the others, the heaviest first.

    Grootendorst, M. (2022). BERTopic: neural topic modeling with a class-based TF-IDF procedure. arXiv:2203.05794:
    share of the term in the terms of the class, times log(1 + mean number of terms of a class / count of the term).
    """
    from scipy.sparse import csr_array

    there = np.flatnonzero(labels >= 0)
    member = csr_array((np.ones(len(there)), (labels[there], there)), shape=(number, counts.shape[0]))
    classes = (member @ counts.astype(float)).toarray()
    size = classes.sum(axis=1, keepdims=True)
    share = np.divide(classes, size, out=np.zeros_like(classes), where=size > 0)
    weight = share * np.log1p(size.mean() / np.maximum(classes.sum(axis=0), 1))
    found = []
    for row in weight:
        order = np.lexsort((np.arange(len(row)), -row))[:most]
        found.append(order[row[order] > 0])
    return tuple(found)


def _sorted(counts: csr_array) -> csr_array:
    """Counts with columns in order, so that sums over a row come out the same however it was made."""
    counts = counts.tocsr().copy()
    counts.sum_duplicates()
    counts.eliminate_zeros()
    return counts


def _assigned(points: Array, centroids: Array) -> tuple[Array, Array]:
    labels, similarity = nearest(points, centroids)
    there = np.abs(points).sum(axis=1) > 0
    return np.where(there, labels, -1), np.where(there, similarity, 0.0)


def _ordered(clusters: Clusters, points: Array) -> Clusters:
    """The largest cluster first; of equal ones the one with the first text."""
    number = len(clusters.centroids)
    sizes = np.bincount(clusters.labels, minlength=number)
    first = np.full(number, len(clusters.labels))
    np.minimum.at(first, clusters.labels, np.arange(len(clusters.labels)))
    order = np.lexsort((first, -sizes))
    rank = np.empty(number, np.int64)
    rank[order] = np.arange(number)
    labels = rank[clusters.labels]
    # Centres once more from the final members: they no longer depend on the start.
    return Clusters(centroids_of(points, labels, np.ones(len(points)), number), labels, clusters.objective)


class _Halves:
    """How well a number of topics tells the other half of texts it has not seen.

    Document completion (Wallach et al. 2009, ICML, 1105–1112) with cosines: topics are built from four fifths of the
    texts; each text of the last fifth is assigned by one half of its terms, and the score is the mean cosine of its
    other half with the centre of that topic. Too few
    topics say little of a text, too many are noise of the texts they were built from: the number with the best score is
    taken. (The smallest within a standard error of it leaves 8 topics of 95,000 papers, where 23 tell as much.)
    """

    def __init__(self, counts: csr_array, rule: TopicRule) -> None:
        self.rule = rule
        self.size = counts.shape[0]
        kept = np.random.default_rng(rule.seed + 1).random(counts.nnz) < 0.5
        one, other = _only(counts, kept), _only(counts, ~kept)
        order = np.random.default_rng([rule.seed, 2]).permutation(self.size)
        self.folds: list[tuple[Array, Array, Array]] = []
        for fold in range(rule.folds):
            held = np.sort(order[fold :: rule.folds])
            seen = np.setdiff1d(np.arange(self.size), held)
            # The space, too, is that of the texts seen: one that knows the others would find ever more topics good.
            idf = inverse_document_frequency(counts[seen])
            weighted = tf_idf(counts[seen], idf)
            basis = right_singular_vectors(weighted, rule.dimensions(len(seen)), rule.seed)
            points = embed(weighted, basis)
            points = points[np.abs(points).sum(axis=1) > 0]
            halves = (embed(tf_idf(part[held], idf), basis) for part in (one, other))
            self.folds.append((points, *halves))
        self.tried: dict[int, Tried] = {}

    def choose(self, tell: Progress) -> tuple[int, tuple[Tried, ...]]:
        most = max(min(self.rule.most, int(self.size**0.5)), 2)
        grid = sorted({min(round(2 ** (step / 2)), most) for step in range(2, 20)})
        for count, number in enumerate(grid):
            self._try(number)
            tell(0.8 * (count + 1) / len(grid))
            if self._falls(number):
                break
        at = self._chosen()
        tried = sorted(self.tried)
        place = tried.index(at)
        low, high = tried[max(place - 1, 0)], tried[min(place + 1, len(tried) - 1)]
        for number in sorted({round(value) for value in np.linspace(low, high, 9)} - set(tried)):
            self._try(number)
        tell(1.0)
        return self._chosen(), tuple(self.tried[number] for number in sorted(self.tried))

    def _chosen(self) -> int:
        return max(self.tried.values(), key=lambda item: (item.score, -item.number)).number

    def _falls(self, number: int) -> bool:
        """Whether the score has been two standard errors below the best for three numbers in a row."""
        best = max(self.tried.values(), key=lambda item: item.score)
        later = [item for item in self.tried.values() if item.number > best.number]
        return len(later) >= 3 and all(item.score < best.score - 2 * best.error for item in later[-3:])

    def _try(self, number: int) -> None:
        scores = np.array([self._score(number, fold) for fold in range(self.rule.folds)])
        self.tried[number] = Tried(number, float(scores.mean()), float(scores.std(ddof=1) / len(scores) ** 0.5))

    def _score(self, number: int, fold: int) -> float:
        seen, one, other = self.folds[fold]
        number = min(number, len(seen))
        clusters = spherical_kmeans(seen, number, self.rule.seed + fold, restarts=_restarts(len(seen)), most=15)
        labels, _ = nearest(one, clusters.centroids)
        return float((other * clusters.centroids[labels]).sum() / len(other))


def _restarts(size: int) -> int:
    """Few texts are cheap to start from often, and need it: many fall into place by themselves."""
    return 6 if size <= 5000 else 2


def _only(counts: csr_array, kept: Array) -> csr_array:
    part = counts.copy()
    part.data = np.where(kept, part.data, 0)
    part.eliminate_zeros()
    return part


def _stability(points: Array, labels: Array, number: int, rule: TopicRule) -> tuple[Array, float]:
    """Jaccard coefficients by topic, and the mean adjusted Rand index, over four fifths of the texts each."""
    overlap = np.zeros((rule.resamples, number))
    rand = np.zeros(rule.resamples)
    for resample in range(rule.resamples):
        rng = np.random.default_rng([rule.seed, 3, resample])
        drawn = np.sort(rng.choice(len(points), max(len(points) * 4 // 5, number), replace=False))
        clusters = spherical_kmeans(points[drawn], number, rule.seed + 100 + resample, restarts=2, most=30)
        again, _ = nearest(points, clusters.centroids)
        table = contingency(labels, again)
        table = np.pad(table, ((0, number - table.shape[0]), (0, number - table.shape[1])))
        union = table.sum(1)[:, None] + table.sum(0)[None, :] - table
        overlap[resample] = (table / np.maximum(union, 1)).max(axis=1)
        rand[resample] = adjusted_rand(labels, again)
    return overlap.mean(axis=0), float(rand.mean())
