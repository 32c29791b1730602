"""Sentences in, labels out: the format in which readings are scored against people's labels."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from foreland.core.errors import DataError, Where
from foreland.data.reading.chinese_time import plan_named
from foreland.data.reading.model import Context, Reading
from foreland.data.reading.reader import Reader, detect

LAYOUT = "sentences (id, sentence, before, position)"
"""What the rows hold, as messages name it."""

CLEARLY = 0.5
"""Share of the most votes with which the current year still stands."""

_YEAR = re.compile(r"(?P<deadline>到|至|截至|力争|by )?(?<!\d)(?P<year>20[0-4]\d)(?=年|[·\s,.;)])")
_PLAN = re.compile(r"十(?P<plan>[一二三四五六七八九])五")


def predict(rows: Iterable[dict[str, Any]], year: int | None = None) -> Iterator[dict[str, Any]]:
    """Read the sentences of `rows` and give them back as labels.

    Parameters
    ----------
    rows
        Objects with ``id`` and ``sentence``, and where known ``before`` (the text in front) and ``position`` (the
        share of the document read so far).
    year
        The year of the documents; None to infer it from the sentences, or take the current one.

    Yields
    ------
    dict
        ``id``, ``fields``, ``quantities`` and ``instruments``, each with offsets in the sentence.

    Raises
    ------
    DataError
        For a row that is no object or lacks ``id`` or ``sentence``.
    """
    rows = [_checked(row, number) for number, row in enumerate(rows, 1)]
    year = year or year_of(rows)
    readers = {language: Reader(language) for language in ("zh", "en")}
    for row in rows:
        context = Context(row.get("before") or "", row.get("position"), year)
        reading = readers[detect(row["sentence"])].read(row["sentence"], context)
        yield {"id": row["id"], **labels(reading)}


def year_of(rows: Iterable[dict[str, Any]]) -> int:
    """The year that rows with ``sentence`` and ``before`` seem to be written in."""
    return infer_year(part for row in rows for part in (row.get("before") or "", row["sentence"]))


def labels(reading: Reading) -> dict[str, list[dict[str, Any]]]:
    """A reading as plain objects."""
    return {
        "fields": [item._asdict() for item in reading.fields],
        "quantities": [item._asdict() for item in reading.quantities],
        "instruments": [item._asdict() for item in reading.instruments],
    }


def infer_year(texts: Iterable[str], now: int | None = None) -> int:
    """The year `texts` seem to be written in.

    Everything said of time votes for the years it may be said in: a year for itself and the next one, as a yearly
    report looks back on one year and sets out another; a deadline (到2030年) for the years of its plan; a five-year
    plan for its own years and the one that looks back on it. The current year stands unless another one has clearly
    more votes, of equals the latest; no later year can win. `now` is the current year.
    """
    now = now or datetime.datetime.now(tz=datetime.UTC).year
    votes: Counter[int] = Counter()
    for text in texts:
        for match in _YEAR.finditer(text):
            year = int(match["year"])
            votes.update(range(year - 4, year + 1) if match["deadline"] else (year, year + 1))
        for match in _PLAN.finditer(text):
            last = plan_named(match["plan"])
            votes.update(range(last - 4, last + 2))
    able = [year for year in votes if year <= now]
    best = max(able, key=lambda year: (votes[year], year), default=now)
    return now if votes[now] >= CLEARLY * votes[best] else best


def _checked(row: Any, number: int) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise DataError(
            "data.error.layout_mismatch", where=Where("rows", number), layout=LAYOUT, missing="id, sentence"
        )
    for key in ("id", "sentence"):
        if not row.get(key) or (key == "sentence" and not isinstance(row[key], str)):
            raise DataError("data.error.layout_mismatch", where=Where("rows", number), layout=LAYOUT, missing=key)
    return row
