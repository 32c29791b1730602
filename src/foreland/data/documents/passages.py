"""What is read in a document, as rows of the table ``passage``.

What was marked as furniture, contents or glossary is not read; it is kept as passages of its own, so that a reader
can see what was left out and why.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from foreland.i18n.bundled import bundled_rows

if TYPE_CHECKING:
    import pyarrow as pa

SCHEME = "iotf"
"""Scheme of the fields that are read."""
LANGUAGES = ("zh", "en")
"""Languages that can be read; a document in another one lands with its text alone."""
GOES_ON = 20
"""A line of this many characters without a stop at its end goes on behind a page's furniture."""

MarkSpan = tuple[int, int, str, str]
"""Start, end, kind and rule of what was marked, as :class:`~foreland.data.documents.extract.Mark`."""


class Row(NamedTuple):
    """One passage without its ids: what is kept between loads."""

    start: int
    end: int
    sentence_start: int | None
    sentence_end: int | None
    kind: str
    method: str
    field: str | None = None
    instrument: str | None = None
    indicator: str | None = None
    measure: str | None = None
    value: float | None = None
    unit: str | None = None
    comparator: str | None = None
    status: str | None = None
    year: int | None = None
    doubt: str | None = None
    code: str | None = None


def readable(text: str, marks: Sequence[MarkSpan]) -> str:
    """The text with blanks for what was marked, so that every offset holds.

    A sentence that a page's foot and head cut in two is made whole: the line ends around them become blanks too.
    """
    if not marks:
        return text
    pieces: list[str] = []
    done = 0
    for start, end, kind, _ in sorted(marks):
        start, end = max(start, done), max(end, done)
        if start > done:
            pieces.append(text[done:start])
        hole = re.sub(r"[^\n]", " ", text[start:end])
        before = text[max(start - 200, done) : start].rstrip()
        line = before[before.rfind("\n") + 1 :]
        if kind == "furniture" and len(line) >= GOES_ON and not re.search(r"[。！？；：.!?;:”）)]$", line):
            hole = " " * len(hole)
            if pieces and pieces[-1].endswith("\n"):
                bare = pieces[-1].rstrip("\n")
                pieces[-1] = bare + " " * (len(pieces[-1]) - len(bare))
            rest = re.match(r"\n*", text[end:])
            hole += " " * len(rest[0]) if rest else ""
            end += len(rest[0]) if rest else 0
        pieces.append(hole)
        done = end
    pieces.append(text[done:])
    return "".join(pieces)


def count_characters(text: str) -> int:
    """Characters without blanks."""
    return len(re.sub(r"\s+", "", text))


def read(text: str, marks: Sequence[MarkSpan], language: str | None, year: int | None) -> list[Row]:
    """All passages of a document, in order.

    Parameters
    ----------
    text
        The document as it stands, traditional characters as they are.
    marks
        What is not to be read.
    language
        ``zh`` or ``en``; of others only the marks are kept.
    year
        Year of the document; None where unknown.
    """
    rows = [Row(start, end, None, None, kind, rule) for start, end, kind, rule in marks]
    if language in LANGUAGES:
        from foreland.data.documents.script import to_simplified

        plain = readable(text, marks)
        if language == "zh":
            plain = to_simplified(plain)
        rows += _read(plain, language, year)
    return sorted(rows, key=lambda row: (row.start, row.end, row.kind, row.method))


def _read(text: str, language: str, year: int | None) -> Iterable[Row]:
    from foreland.data.reading.definitions import find_definitions
    from foreland.data.reading.measures import measure
    from foreland.data.reading.model import Context
    from foreland.data.reading.plausibility import conflicts, doubts
    from foreland.data.reading.reader import read_document
    from foreland.data.reading.stages import cells

    sentences, readings = read_document(text, language, year)
    every = [quantity for reading in readings for quantity in reading.quantities]
    measures = [measure(quantity.indicator, quantity.unit, language) for quantity in every]
    contradicted = {number for pair in conflicts(every, measures) for number in pair}
    number = -1
    for sentence, reading in zip(sentences, readings, strict=True):
        place = (sentence.start, sentence.end)

        def span(item: Any, at: int = sentence.start) -> tuple[int, int]:
            return item.start + at, item.end + at

        for mention in reading.fields:
            yield Row(*span(mention), *place, "field", mention.rule, field=mention.field)
        doubtful = doubts(reading.quantities, Context(year=year), sentence.text) if reading.quantities else []
        for quantity, codes in zip(reading.quantities, doubtful, strict=True):
            number += 1
            codes = [*codes, *(["conflicting_values"] if number in contradicted else [])]
            yield Row(
                *span(quantity),
                *place,
                "quantity",
                quantity.rule,
                field=quantity.field,
                indicator=quantity.indicator or None,
                measure=measures[number],
                value=quantity.value,
                unit=quantity.unit,
                comparator=quantity.comparator,
                status=quantity.status,
                year=quantity.year,
                doubt=",".join(codes) or None,
            )
        for instrument in reading.instruments:
            served = ";".join("/".join(cell) for cell in cells(instrument.type, sentence.text, language)) or None
            yield Row(*span(instrument), *place, "instrument", instrument.rule, instrument=instrument.type, code=served)
        for definition in find_definitions(sentence.text, reading.fields, language):
            marks = ";".join(definition.attributes)
            yield Row(*span(definition), *place, "definition", definition.rule, code=marks or None)


def read_into_cache(workspace: str, key: str, job: tuple[str, list[MarkSpan], str | None, int | None]) -> str:
    """Read a document in a worker process and keep what was read; gives the key."""
    from foreland.data.documents.cache import ReadingCache

    ReadingCache(Path(workspace)).put(key, [list(row) for row in read(*job)])
    return key


# Rows of the table ------------------------------------------------------------------------------


def passage_table(
    document_id: str, source_id: str, text: str, language: str | None, rows: Iterable[Sequence[Any]]
) -> pa.Table:
    """Rows of the table ``passage`` of one document.

    ``passage_id`` is ``document_id:start:end:kind``, with ``:2``, ``:3`` … where one span holds several of a kind.
    """
    import pyarrow as pa

    from foreland.core.tables import table_spec

    seen: Counter[tuple[int, int, str]] = Counter()
    records = []
    for row in (Row(*values) for values in rows):
        span = (row.start, row.end, row.kind)
        seen[span] += 1
        number = f":{seen[span]}" if seen[span] > 1 else ""
        records.append(
            {
                **row._asdict(),
                "passage_id": f"{document_id}:{row.start}:{row.end}:{row.kind}{number}",
                "document_id": document_id,
                "text": text[row.start : row.end],
                "field_id": f"{SCHEME}:{row.field}" if row.field else None,
                "confidence": accuracy().get((row.kind, language or "")),
                "source_id": source_id,
            }
        )
    return pa.Table.from_pylist(records, schema=table_spec("passage").arrow_schema())


@cache
def accuracy() -> dict[tuple[str, str], float]:
    """Precision of the reader by kind of passage and language, as measured on labelled sentences; may be empty."""
    rows = bundled_rows("data", "reading", "accuracy.csv")
    return {(row["kind"], row["language"]): float(row["precision"]) for row in rows if row["precision"]}
