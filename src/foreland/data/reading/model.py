"""What reading a sentence gives: spans with the rule that made each of them.

Offsets are characters, ``end`` exclusive, counted from the start of the text that was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Comparator = Literal["=", ">=", "<=", "~"]
Status = Literal["achieved", "target"]

INSTRUMENTS = (
    "fund", "fiscal", "tax", "credit", "procurement", "scenario", "pilot_zone", "platform", "talent", "standard",
    "enterprise", "cluster", "infrastructure", "regulation", "international", "coordination", "project",
)  # fmt: skip
"""The types of policy instrument. Their sides and stages stand in ``instrument_types.csv``."""


class Sentence(NamedTuple):
    """A sentence of a document: ``text == document[start:end]``."""

    start: int
    end: int
    text: str


class Mention(NamedTuple):
    """A field that is spoken of."""

    start: int
    end: int
    text: str
    field: str
    """Code of the field in its scheme, as ``quantum``."""
    rule: str


class Quantity(NamedTuple):
    """A quantified result or aim."""

    start: int
    end: int
    text: str
    value: float
    """In base units: 1.5 万亿元 is 1.5e12 CNY, 10.4 GW is 1.04e7 kW, 7.8 % is 7.8."""
    unit: str
    indicator: str
    """The words of the sentence that name what is measured."""
    comparator: Comparator
    status: Status
    year: int | None
    """The year reported or the deadline; None where nothing says it."""
    field: str | None
    rule: str


class Instrument(NamedTuple):
    """What government does, did or will do."""

    start: int
    end: int
    text: str
    type: str
    rule: str


class Reading(NamedTuple):
    """All that was read in one sentence."""

    fields: list[Mention]
    quantities: list[Quantity]
    instruments: list[Instrument]


@dataclass(frozen=True)
class Context:
    """What is known around a sentence.

    Attributes
    ----------
    before
        The text in front of it, up to the last hundred characters.
    position
        Share of the document read before it, 0 to 1; None where unknown.
    year
        Year of the document; None where unknown.
    """

    before: str = ""
    position: float | None = None
    year: int | None = None
