"""One record as every reader gives it, and what is said of one that is not taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from foreland.data.mapping import Mapping

EARLIEST = 1665
"""Year of the first journals. Anything before, or after next year, is a slip."""

REFERENCES = ("all", "inside")
"""Which references are kept: those that have an id, or those between documents of the load."""


class Participant(NamedTuple):
    """An organisation of a record: its part of the credit, and the place it took part from."""

    actor_id: str
    name: str
    kind: str
    region_id: str | None
    share: float | None


class Unit(NamedTuple):
    """A field that the source files a record under; ``counted`` where yearly figures are counted by it."""

    field_id: str
    weight: float | None = None
    counted: bool = True
    linked: bool = True


@dataclass(slots=True)
class Record:
    """A paper, patent or project as its source has it.

    Parameters
    ----------
    line
        Line of the file it starts in.
    native
        Id within the source, as a document id (``openalex:W1``); empty where there is none.
    references
        Document ids it cites, as far as the source identifies them.
    """

    line: int
    title: str
    year: int | None
    native: str = ""
    doi: str = ""
    kind: str = "paper"
    date: str = ""
    language: str = ""
    text: str = ""
    venue: str = ""
    url: str = ""
    citations: int | None = None
    role: str = "author"
    participants: list[Participant] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)

    @property
    def filled(self) -> int:
        """How much of it is filled in: of two records of one work the fuller is kept."""
        parts = (self.doi, self.native, len(self.date) > 4, self.language, self.text, self.venue, self.url)
        lists = (self.participants, self.references, self.units)
        return sum(map(bool, parts)) + sum(map(bool, lists)) + (self.citations is not None)


class Bad(NamedTuple):
    """A record that is not taken, with the reason ``data.reject.<reason>``."""

    line: int
    column: str
    text: str
    reason: str


class Left(NamedTuple):
    """A record left out on purpose, such as a rejected submission: counted under ``data.records.left.<reason>``."""

    line: int
    reason: str


Item = Record | Bad | Left


class Chunk(NamedTuple):
    """Whole records of a file, as they come: bytes, or rows of a table.

    ``line`` is the first line of it, ``size`` its bytes, and ``extra`` what is needed to read it (headers of a table).
    """

    number: int
    line: int
    payload: Any
    size: int
    extra: dict[str, Any]


@dataclass(frozen=True)
class FieldName:
    """A field that the source defines."""

    field_id: str
    name_en: str
    name_zh: str = ""
    parent_id: str | None = None


@dataclass(frozen=True)
class RecordOptions:
    """How records are loaded.

    Parameters
    ----------
    abstracts
        Whether abstracts are kept. They are read for the fields they speak of in any case.
    references
        ``all``: every reference that has an id; ``inside``: those between documents of the load.
    table
        Of the file and the source: encoding, delimiter, and the source's title and licence.
    """

    abstracts: bool = True
    references: str = "all"
    table: Mapping = field(default_factory=Mapping)
