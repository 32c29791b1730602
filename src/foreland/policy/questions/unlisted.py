"""Words of a year's documents that no list of terms has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from foreland.policy import new_terms as method
from foreland.policy.questions.reuse import clean_texts
from foreland.policy.questions.view import Corpus

MOST = 30
SPREAD = 0.25
"""Least share of the other documents since that say a word, where there are any."""
NEAR, NEARBY = 0.2, 40
"""Least share of its mentions that have a term of the list within so many characters."""
REACH = 600_000
"""Characters of other documents by which is judged what a word is."""
ENOUGH = 3
"""Documents that make a support; with fewer a word must be said so often in the year itself."""


def unlisted_words(
    read: Corpus, terms: Sequence[str], places: Mapping[str, np.ndarray], own: np.ndarray, year: int
) -> tuple[tuple[str, np.ndarray], ...]:
    """Words that nobody's text before has and that many documents since have, with their count in each document.

    They are held against a past of the same levels only: what a province says is not new because no ministry says it.

    Parameters
    ----------
    read
        The documents; without the texts of the year and of those before there are no words.
    terms
        The terms of the list. What is a part of one of them is none of its own.
    places
        Where each document says a term, ascending.
    own
        The documents to look at, shape (D,).
    year
        The year in which they are new.
    """
    now, past = own & (read.year_of == year), read.year_of < year
    levels = {row["level"] for row, old in zip(read.documents, past, strict=True) if old}
    if any(row["level"] not in levels for row, new in zip(read.documents, now, strict=True) if new):
        return ()
    texts = clean_texts(read)
    held = [texts.get(row["document_id"], "") for row in read.documents]
    if not all(text for text, needed in zip(held, now | past, strict=True) if needed):
        return ()
    # In the same year only those count whose own past is known: what they always said is not new.
    known = {row["region_id"] for row, old in zip(read.documents, past, strict=True) if old}
    later = (read.year_of > year) | np.array([row["region_id"] in known for row in read.documents])
    others = ~(now | past) & later & np.array([bool(text) for text in held])
    support = _support(read, held, others)
    alone = len(support) < ENOUGH
    found = method.new_terms(
        [held[d] for d in np.flatnonzero(now)],
        [held[d] for d in np.flatnonzero(past)],
        "en" if read.texts == "en" else "zh",
        support=support,
        finder=method.Finder(longest=4 if read.texts == "en" else 8, count=ENOUGH if alone else 5),
    )
    listed = " | ".join(term.casefold() for term in terms)
    chosen = []
    for word in found:
        if word.before or word.text.casefold() in listed or (alone and word.count < ENOUGH):
            continue
        where = [_starts(word.text, text, read.texts) for text in held]
        counts = np.array([len(starts) for starts in where], np.int64)
        spread = int((counts[others] > 0).sum())
        near = sum(_near(starts, places.get(row["document_id"])) for starts, row in zip(where, read.documents,
                                                                                      strict=True))  # fmt: skip
        enough = alone or spread >= max(2, SPREAD * others.sum())
        if enough and near >= NEAR * counts.sum() and not counts[past].any():
            chosen.append((-spread, -word.count, word.text, counts))
    chosen.sort(key=lambda each: each[:3])
    return tuple((text, counts) for _, _, text, counts in chosen[:MOST])


def _support(read: Corpus, held: Sequence[str], others: np.ndarray) -> list[str]:
    """Other documents of the year and of those after it, the nearest first, as many as there is reach for."""
    order = sorted(np.flatnonzero(others).tolist(), key=lambda d: (read.year_of[d], read.documents[d]["document_id"]))
    support: list[str] = []
    size = 0
    for d in order:
        size += len(held[d])
        if size > REACH and support:
            break
        support.append(held[d])
    return support


def _starts(word: str, text: str, language: str) -> list[int]:
    if language == "zh":
        return [found.start() for found in re.finditer(re.escape(word), text)] if word in text else []
    pattern = r"\s+".join(re.escape(part) for part in word.split())
    return [found.start() for found in re.finditer(rf"\b{pattern}\b", text, re.IGNORECASE)]


def _near(starts: Sequence[int], places: np.ndarray | None) -> int:
    """How many of the starts have a place nearby."""
    if not starts or places is None:
        return 0
    at = np.array(starts)
    behind = np.searchsorted(places, at)
    before = np.abs(at - places[np.maximum(behind - 1, 0)])
    after = np.abs(at - places[np.minimum(behind, len(places) - 1)])
    return int((np.minimum(before, after) <= NEARBY).sum())
