"""What is said of rows that were not taken, and when a whole load is refused for them."""

from __future__ import annotations

import re

from foreland.core.errors import DataError, Where
from foreland.data.landing import Counts, Reject
from foreland.data.names import Names, Sentences
from foreland.data.package import Package
from foreland.i18n import Language, t


def reject_text(item: Reject, language: Language | None = None) -> str:
    """One rejected row, for a person."""
    said = t(
        f"data.reject.{item.reason}",
        language,
        line=item.line,
        column=item.column,
        text=item.text if len(item.text) <= 60 else item.text[:57] + "…",
    )
    # Where there is nothing to quote, the blank before it goes too.
    return said if item.text else re.sub(r" *\(\)|（）| +(?=[;；]|$)", "", said)


def refuse(package: Package, names: Names, counts: Counts, most: float) -> None:
    """Refuse a load of which too much failed, or nothing is left."""
    total = counts.rows + counts.rejected
    if not total:
        raise DataError("data.error.no_rows", where=package.file.where(), notes=counts.notes)
    if counts.rows and counts.rejected <= most * total:
        return
    first = counts.examples[0]
    raise DataError(
        "data.error.too_many_rejected",
        where=Where(package.file.file if len(package.parts) == 1 else first.file, first.line, first.column),
        rejected=f"{counts.rejected:,}",
        total=f"{total:,}",
        share=f"{counts.rejected / total:.1%}",
        most=f"{most:.1%}",
        examples=Examples(counts.examples),
        hints=Hints(package, names, counts),
    )


class Hints:
    """What may be wrong where much was rejected, each in a sentence of the message's language."""

    def __init__(self, package: Package, names: Names, counts: Counts) -> None:
        part = package.parts[0]
        near = [item for item in names.unresolved if item.suggestions][:3]
        commas = any(
            item.reason == "not_a_number" and re.fullmatch(r"[-+]?\d+,\d+", item.text) for item in counts.examples
        )
        self.keys = [
            key
            for key, holds in (
                ("near", bool(near)),
                ("own_regions", "unknown_region" in counts.by_reason and part.regions != "own"),
                ("own_fields", "unknown_field" in counts.by_reason),
                ("decimal", commas and part.decimal == "."),
                ("signed", "negative" in counts.by_reason),
            )
            if holds
        ]
        self.near = Sentences(near)

    def __format__(self, _: str) -> str:
        return "".join(t(f"data.hint.{key}", names=self.near) for key in self.keys)


class Examples:
    """Examples of rejected rows that read in the language of the message they stand in."""

    def __init__(self, items: tuple[Reject, ...]) -> None:
        self.items = items

    def __format__(self, _: str) -> str:
        return "\n".join(f"  {reject_text(item)}" for item in self.items)
