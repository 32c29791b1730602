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

_YEAR = re.compile(
    r"(?P<deadline>到|至|截至|力争|by )?(?<!\d)(?P<year>20[0-4]\d)"
    r"(?:年(?P<work>的?(?:工作|重点|主要|经济社会|政府工作)(?!回顾|总结))?|(?=[·\s,.;)]))"
)
_PLAN = re.compile(r"十(?P<plan>[一二三四五六七八九])五”?(?!以来|期间以来|收官|末|[^，。]{0,8}(?:回顾|成就|收官|圆满))")


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
    if year is None:
        year = infer_year(part for row in rows for part in (row.get("before") or "", row["sentence"]))
    readers = {language: Reader(language) for language in ("zh", "en")}
    for row in rows:
        context = Context(row.get("before") or "", row.get("position"), year)
        reading = readers[detect(row["sentence"])].read(row["sentence"], context)
        yield {"id": row["id"], **labels(reading)}


def labels(reading: Reading) -> dict[str, list[dict[str, Any]]]:
    """A reading as plain objects."""
    return {
        "fields": [item._asdict() for item in reading.fields],
        "quantities": [item._asdict() for item in reading.quantities],
        "instruments": [item._asdict() for item in reading.instruments],
    }


def infer_year(texts: Iterable[str]) -> int:
    """The year most of `texts` seem to be written in.

    Each of these is a vote: a year of work that is set out (two votes); the year after one that is told of; the
    first year of the latest five-year plan that is spoken of, or that ends in a deadline such as 到2030年. Of years
    with as many votes the latest wins; without any vote it is the current year, and no later year can win.
    """
    now = datetime.datetime.now(tz=datetime.UTC).year
    votes: Counter[int] = Counter()
    plans: Counter[int] = Counter()
    for text in texts:
        for match in _YEAR.finditer(text):
            year = int(match["year"])
            if match["work"]:
                votes[year] += 2
            elif match["deadline"] or year > now:
                votes[year - 4] += year % 5 == 0
            else:
                votes[year + 1] += 1
        for match in _PLAN.finditer(text):
            plans[plan_named(match["plan"]) - 4] += 1
    if plans:
        # Reviews name past plans as well, so only the latest plan tells.
        votes[max(plans)] += plans[max(plans)]
    able = [(count, year) for year, count in votes.items() if count > 0 and year <= now]
    return max(able)[1] if able else now


def _checked(row: Any, number: int) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise DataError(
            "data.error.layout_mismatch", where=Where("rows", number), layout=LAYOUT, missing="id, sentence"
        )
    for key in ("id", "sentence"):
        if not row.get(key) or (key == "sentence" and not isinstance(row[key], str)):
            raise DataError("data.error.layout_mismatch", where=Where("rows", number), layout=LAYOUT, missing=key)
    return row
