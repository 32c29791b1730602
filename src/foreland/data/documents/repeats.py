"""Which document repeats which: exact and near repeats, the earlier one being the original.

All documents of a workspace are compared, whichever source they came with, so the answer does not depend on the order
of the loads. A document repeats another when at least :data:`THRESHOLD` of its own text stands there: the later one of
two, or, where only the earlier one is contained (an excerpt ahead of the full text), that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foreland.data.documents.duplicates import near_duplicates

THRESHOLD = 0.8


@dataclass(frozen=True)
class Compared:
    """What is compared of a document."""

    document_id: str
    date: str | None
    content_hash: str

    @property
    def order(self) -> tuple[str, str]:
        """By date, those without one last, then by id."""
        return self.date or "9999", self.document_id


def find_repeats(documents: Sequence[Compared], bodies: Sequence[str]) -> dict[str, tuple[str, float]]:
    """For each document that repeats another: the original, and the share of its text that stands there.

    Parameters
    ----------
    documents
        The documents, in any order.
    bodies
        Their texts in the same order, read when asked for.
    """
    first_of: dict[str, int] = {}
    alone: list[int] = []
    found: dict[str, tuple[str, float]] = {}
    for index in sorted(range(len(documents)), key=lambda i: documents[i].order):
        document = documents[index]
        # Without letters nothing can be repeated.
        original = first_of.setdefault(document.content_hash, index) if document.content_hash else index
        if original == index:
            alone.append(index)
        else:
            found[document.document_id] = (documents[original].document_id, 1.0)
    found |= _near(documents, bodies, sorted(alone))
    return {name: (_root(found, name), share) for name, (_, share) in sorted(found.items())}


def _near(documents: Sequence[Compared], bodies: Sequence[str], alone: Sequence[int]) -> dict[str, tuple[str, float]]:
    class Some(Sequence[str]):
        def __len__(self) -> int:
            return len(alone)

        def __getitem__(self, index):  # type: ignore[no-untyped-def]
            return bodies[alone[index]]

    best: dict[str, tuple[float, tuple[str, str], str]] = {}
    for pair in near_duplicates(Some(), THRESHOLD):
        one, other = documents[alone[pair.first]], documents[alone[pair.second]]
        shares = {one.document_id: pair.of_first, other.document_id: pair.of_second}
        earlier, later = sorted((one, other), key=lambda document: document.order)
        copy, original = (later, earlier) if shares[later.document_id] >= THRESHOLD else (earlier, later)
        share = shares[copy.document_id]
        known = best.get(copy.document_id)
        # The one that most of it stands in; of equal ones the earlier.
        if known is None or (-share, original.order) < (-known[0], known[1]):
            best[copy.document_id] = (share, original.order, original.document_id)
    return {name: (original, share) for name, (share, _, original) in best.items()}


def _root(found: dict[str, tuple[str, float]], name: str) -> str:
    """The original at the end of a chain of repeats."""
    seen = {name}
    original = found[name][0]
    while original in found and original not in seen:
        seen.add(original)
        original = found[original][0]
    return original
