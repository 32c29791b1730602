"""What documents say: sentences cut around what was read in them, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foreland.core.finding import of_documents

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

PAUSES = re.compile(r"[，；。：！？,;:!?]\s*|\n+")
"""Where a sentence may be cut without harm."""
INSIDE = re.compile(r"[A-Za-z][A-Za-z0-9]|[0-9][A-Za-z0-9.,%％‰万亿]|[.,][0-9]")
"""Two characters that belong together."""
LONGEST = {"zh": 64, "en": 150}
"""Characters of a sentence that are quoted, by its language."""
AT_A_TIME = 900
"""Ids asked for in one query."""


@dataclass(frozen=True)
class Quote:
    """A passage of a document.

    Parameters
    ----------
    before, words, after
        The sentence cut around what was read in it; all empty where the text is not held.
    title, date
        Of the document.
    address
        Where the document is published; empty where it is a file of the user's own.
    language
        Of the document.
    year
        Of the document.
    """

    before: str = ""
    words: str = ""
    after: str = ""
    title: str = ""
    date: str = ""
    address: str = ""
    language: str = "zh"
    year: int | None = None

    @property
    def text(self) -> str:
        """The passage without marks; empty where the text is not held."""
        return self.before + self.words + self.after

    @property
    def where(self) -> str:
        """The document, its date and its address."""
        return " ".join(part for part in (self.title, self.date and f"({self.date})", self.address) if part)


def cut(sentence: str, start: int, end: int, longest: int, since: int | None = None) -> tuple[str, str, str]:
    """A sentence cut around a span, at pauses where it can be: what stands before, the span, what stands after.

    Parameters
    ----------
    sentence
        The sentence.
    start, end
        The span, 0 ≤ start ≤ end ≤ len(sentence).
    longest
        Characters to keep, beside the marks of what is left out. The span is always kept whole.
    since
        Where the quotation should begin at the latest, as the words that name the figure stand there.
    """
    stops = [0, *(match.end() for match in PAUSES.finditer(sentence)), len(sentence)]
    # What names the figure comes before what only stands beside it.
    needed = start if since is None else min(since, start)
    left = max(stop for stop in stops if stop <= needed)
    right = min(stop for stop in stops if stop >= end)
    if right - left > longest:
        room = max(longest - (end - start), 0)
        left = max(left, start - 2 * room // 3)
        right = min(right, left + max(longest, end - left))
        left, right = _whole_words(sentence, left, right, start, end)
    else:
        for stop in sorted((stop for stop in stops if stop < left), reverse=True):
            if right - stop > longest:
                break
            left = stop
        for stop in (stop for stop in stops if stop > right):
            if stop - left > longest:
                break
            right = stop
    before, after = _plain(sentence[left:start]).lstrip(), _plain(sentence[end:right]).rstrip()
    if sentence[:left].strip():
        before = f"…{before}"
    after = after.rstrip("，；：,;: ")
    if sentence[right:].strip():
        after += "…"
    return before, _plain(sentence[start:end]), after


def _whole_words(sentence: str, left: int, right: int, start: int, end: int) -> tuple[int, int]:
    """Narrower ends that do not cut a word in two, nor a number from its unit."""
    while 0 < left < start and INSIDE.match(sentence, left - 1):
        left += 1
    while end < right < len(sentence) and INSIDE.match(sentence, right - 1):
        right -= 1
    return left, right


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def address(file: str | None) -> str:
    """The address a document was read from; nothing where it is a path, which says more of the user than of it."""
    return file if file and re.fullmatch(r"https?://[^\s\"<>]+", file) else ""


def quotes(ws: Workspace, passages: Iterable[str]) -> dict[str, Quote]:
    """Passages by id, with their documents."""
    wanted = sorted(set(passages))
    found: dict[str, Quote] = {}
    published = addresses(ws)
    for first in range(0, len(wanted), AT_A_TIME):
        rows = of_documents(ws, "passage")
        rows = rows.filter(rows.passage_id.isin(wanted[first : first + AT_A_TIME]))
        for row in ws.to_arrow(rows).to_pylist():
            source = ws.source_table[row["source_id"]]["title_en"]
            found[row["passage_id"]] = quote(row, published.get(row["document_id"], ""), source=source)
    return found


def quote(row: Mapping[str, Any], published: str = "", shortened: int = 1, source: str = "") -> Quote:
    """A passage from its row, which comes with its sentence where the text is held.

    Parameters
    ----------
    row
        A row of ``passage`` with what stands in its document.
    published
        The document's address.
    shortened
        Divides the length of the quotation.
    source
        Title of the source, for a document that has none.
    """
    language = "en" if row["language"] == "en" else "zh"
    before = words = after = ""
    sentence, first = row["sentence"], row["sentence_start"]
    if sentence and first is not None and first <= row["start"] <= row["end"] <= first + len(sentence):
        named = sentence.rfind(row["indicator"], 0, row["end"] - first) if row["indicator"] else -1
        since = named if named >= 0 else None
        before, words, after = cut(
            sentence, row["start"] - first, row["end"] - first, LONGEST[language] // shortened, since
        )
    title, date = row["title"] or source, row["date"] or ""
    return Quote(before, words, after, title, date, published, language, row["document_year"])


def addresses(ws: Workspace) -> dict[str, str]:
    """Document → where it is published, of those that are."""

    def read() -> dict[str, str]:
        table = ws.table("document")
        rows = ws.to_arrow(
            table.filter(table.file.notnull() & (table.kind == "policy")).select("document_id", "file")
        ).to_pylist()
        return {row["document_id"]: address(row["file"]) for row in rows}

    known: dict[str, str] = ws.cache.remember("brief.addresses", read)
    return known
