"""Topics: planted ones are found, the same every time, and what can't be done is said."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from foreland.core.errors import DataError, UsageError
from foreland.data.discovery.embedding import inverse_document_frequency, right_singular_vectors, tf_idf
from foreland.data.discovery.kmeans import adjusted_rand, nearest, normalised, spherical_kmeans
from foreland.data.discovery.one_thread import one_thread
from foreland.data.discovery.topics import TopicRule, assign, class_words, fit_topics


def planted(
    texts: int, topics: int, length: int = 60, noise: float = 0.4, seed: int = 0
) -> tuple[csr_array, np.ndarray]:
    """SYNTHETIC texts of known topics: a share of the words is the same background for all."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, topics, texts)
    background = rng.dirichlet(np.full(800, 0.1))
    words = rng.dirichlet(np.full(800, 0.05), topics)
    rows = [rng.multinomial(length, noise * background + (1 - noise) * words[topic]) for topic in truth]
    return csr_array(np.stack(rows)), truth


@pytest.mark.parametrize(("texts", "topics", "seed"), [(300, 5, 0), (400, 9, 1)])
def test_planted_topics_are_found_with_their_number(texts: int, topics: int, seed: int) -> None:
    counts, truth = planted(texts, topics, seed=seed)
    found = fit_topics(counts)
    assert adjusted_rand(truth, found.labels) >= 0.95
    assert abs(found.number - topics) <= 1
    assert found.overall >= 0.9
    assert (found.sizes[:-1] >= found.sizes[1:]).all()
    assert found.sizes.sum() == texts


def test_noise_has_no_stable_topics() -> None:
    rng = np.random.default_rng(5)
    counts = csr_array(rng.multinomial(20, np.full(400, 1 / 400), 300))
    assert fit_topics(counts, TopicRule(number=8)).overall < 0.3


SCRIPT = """
import sys, hashlib
sys.path.insert(0, {folder!r})
from test_topics import digest
print(digest())
"""


def digest() -> str:
    counts, _ = planted(600, 6, length=30)
    found = fit_topics(counts, TopicRule(number=6))
    parts = (found.labels, found.similarity, found.stability, found.basis, found.centroids)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def digest_elsewhere(threads: str, seed: str) -> str:
    """The same in another process, on so many threads and with another order of sets."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(folder=os.path.dirname(__file__))],
        env={**os.environ, **dict.fromkeys(names, threads), "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_same_bytes_in_another_process_on_any_number_of_threads(threads: str) -> None:
    with one_thread() as possible:
        pass
    if not possible and threads != "1":
        # Only OpenBLAS can be told so by us; with another library the bits are promised on one thread alone.
        pytest.skip("numpy multiplies with another library than OpenBLAS here: set OMP_NUM_THREADS=1")
    assert digest_elsewhere(threads, seed="1") == (digest() if possible else digest_elsewhere("1", seed="2"))


def test_later_texts_are_assigned_and_strange_ones_are_not() -> None:
    counts, truth = planted(900, 5)
    found = fit_topics(counts[:600], TopicRule(number=5))
    labels, similarity = assign(found, counts[600:])
    there = labels >= 0
    assert there.mean() > 0.85
    assert adjusted_rand(truth[600:][there], labels[there]) > 0.95
    assert (similarity[there] >= found.minimum).all()
    strange = np.zeros((2, counts.shape[1]), int)
    strange[1, np.argmin(np.asarray(counts.sum(axis=0)))] = 3
    assert assign(found, csr_array(strange))[0][0] == -1
    again, _ = assign(found, counts[:600])
    kept = again >= 0
    assert (again[kept] == found.labels[kept]).all()
    assert kept.mean() == pytest.approx(0.95, abs=0.01)


def test_a_text_without_terms_has_no_topic() -> None:
    counts, _ = planted(100, 3)
    rows = counts.toarray()
    rows[7] = 0
    found = fit_topics(csr_array(rows))
    assert found.labels[7] == -1
    assert found.similarity[7] == 0
    assert found.sizes.sum() == 99


@pytest.mark.parametrize("texts", [0, 1, 19])
def test_too_few_texts_are_said_clearly(texts: int) -> None:
    counts, _ = planted(30, 2)
    with pytest.raises(DataError) as error:
        fit_topics(counts[:texts])
    assert error.value.key == "data.discovery.error.few_texts"


@pytest.mark.parametrize("number", [1, 31])
def test_a_number_that_can_not_be_is_said_clearly(number: int) -> None:
    with pytest.raises(UsageError):
        fit_topics(planted(60, 2)[0], TopicRule(number=number))


def test_class_words_by_hand() -> None:
    # Grootendorst (2022): tf of the class times log(1 + A / f). Word 2 is everywhere, 0 and 1 tell.
    counts = csr_array(np.array([[3, 0, 3], [0, 2, 2], [0, 0, 0]]))
    first, second = class_words(counts, np.array([0, 1, -1]), 2)
    assert first.tolist() == [0, 2]
    assert second.tolist() == [1, 2]
    share, mean = 3 / 6, (6 + 4) / 2
    assert share * np.log1p(mean / 3) > share * np.log1p(mean / 5)


def test_singular_vectors_equal_the_exact_ones() -> None:
    counts, _ = planted(200, 4, length=40)
    matrix = tf_idf(counts, inverse_document_frequency(counts))
    found = right_singular_vectors(matrix, 3, 0)
    exact = np.linalg.svd(matrix.toarray(), full_matrices=False)[2][:3].T
    assert np.abs(found.T @ exact).diagonal() == pytest.approx(np.ones(3), abs=1e-6)
    assert (found[np.abs(found).argmax(axis=0), np.arange(3)] > 0).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_adjusted_rand_equals_counting_pairs(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    n = len(pairs)
    both = sum(a[i] == a[j] and b[i] == b[j] for i in range(n) for j in range(i))
    one = sum(a[i] == a[j] for i in range(n) for j in range(i))
    other = sum(b[i] == b[j] for i in range(n) for j in range(i))
    expected = one * other / comb(n, 2)
    most = (one + other) / 2
    assert adjusted_rand(a, b) == pytest.approx(1.0 if most == expected else (both - expected) / (most - expected))
    assert adjusted_rand(a, b) == pytest.approx(adjusted_rand(b, a))
    assert adjusted_rand(a, a) == 1.0


@given(st.integers(0, 50), st.integers(1, 6))
def test_clusters_are_a_fixed_point(seed: int, number: int) -> None:
    rows = normalised(np.random.default_rng(seed).normal(size=(40, 5)))
    found = spherical_kmeans(rows, number, seed)
    assert np.linalg.norm(found.centroids, axis=1) == pytest.approx(np.ones(number))
    assert (nearest(rows, found.centroids)[0] == found.labels).all()
    again = spherical_kmeans(rows, number, seed)
    assert (again.labels == found.labels).all()


def test_ties_go_to_the_first_centre() -> None:
    labels, cosines = nearest(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert labels.tolist() == [0, 0]
    assert cosines.tolist() == [0.0, 1.0]
