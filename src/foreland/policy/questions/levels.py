"""Documents of several levels taken together, as one corpus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError
from foreland.core.provenance import Caveat
from foreland.core.scope import Scope
from foreland.policy.questions.view import SCHEME, Corpus, Texts, corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


def across(
    ws: Workspace,
    scope: Scope,
    texts: Texts,
    levels: Sequence[str],
    weight: Callable[[Corpus], Any],
) -> Corpus:
    """The documents of several levels in one language.

    Parameters
    ----------
    ws, scope
        The workspace; a level the scope names is the only one taken, and its period and source narrow the documents.
    texts
        Their language; by default the one whose documents weigh most.
    levels
        The levels taken.
    weight
        What decides between two languages; of equals the first of English and Chinese wins.

    Raises
    ------
    DataError
        If there are none.
    """
    languages: tuple[Texts, ...] = ("en", "zh") if texts == "auto" else (texts,)
    found = [one for language in languages if (one := _together(ws, scope, language, levels))]
    if not found:
        # Says what is missing, and what to load.
        return corpus(ws, scope.replace(level=scope.level or levels[0]), texts)
    return max(found, key=weight)


def _together(ws: Workspace, scope: Scope, language: Texts, levels: Sequence[str]) -> Corpus | None:
    parts = []
    for level in (scope.level,) if scope.level else levels:
        try:
            parts.append(corpus(ws, scope.replace(level=level), language))
        except DataError:
            continue
    if not parts:
        return None
    documents = [row for part in parts for row in part.documents]
    documents.sort(key=lambda row: (row["region_id"] or "", row["date"] or "", row["document_id"]))
    merged = scope.replace(level=parts[0].scope.level if len(parts) == 1 else None, scheme=scope.scheme or SCHEME)
    return Corpus(ws, tuple(documents), merged, language, _caveats(parts))


def _caveats(parts: Sequence[Corpus]) -> tuple[Caveat, ...]:
    """Each once; what is counted by level is added up."""
    found: dict[str, Caveat] = {}
    for caveat in (caveat for part in parts for caveat in part.caveats):
        held = found.get(caveat.key)
        if held is not None and caveat.code != "unplaced":
            count = held.parameters["count"] + caveat.parameters["count"]
            caveat = Caveat(caveat.key, caveat.severity, {"count": count})
        found[caveat.key] = caveat
    return tuple(found.values())
