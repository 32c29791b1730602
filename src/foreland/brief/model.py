"""What a brief is made of: sections of claims whose every number knows its evidence."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from foreland.brief.passages import Quote
from foreland.core.columns import unit_label
from foreland.core.finding import Finding, Text
from foreland.i18n import Language, has, t


@dataclass(frozen=True)
class Source:
    """Where a number stands: a row of a finding, or the finding as a whole."""

    finding: Finding
    row: int | None = None

    @property
    def key(self) -> tuple[str, int | None]:
        return self.finding.id, self.row


@dataclass(frozen=True)
class Cited:
    """A value of a finding as it is written in a sentence, with its evidence.

    ``plain`` stands for a value that no single cell holds. ``sign`` says that an amount is a least or a most: a sign
    before it, or the key of a text around it. ``short`` leaves out zeros that a document would not write.
    """

    source: Source
    column: str = ""
    plain: Any = None
    unit: str = ""
    sign: str = ""
    short: bool = False

    def text(self, language: Language) -> str:
        """The value as a person reads it."""
        finding = self.source.finding
        if not self.column:
            return str(self.plain[language] if isinstance(self.plain, Mapping) else self.plain)
        spec = next(spec for spec in finding.columns if spec.name == self.column)
        assert self.source.row is not None
        row = finding.rows()[self.source.row]
        written = finding.write(spec, row[self.column], language, row)
        if self.short:
            written = re.sub(r"(\.\d*?)0+(?!\d)", r"\1", written).replace(". ", " ")
            written = re.sub(r"\.(?!\d)", "", written)
        # A number of things needs no unit, the indicator says what is counted; a share is written in per cent.
        if self.unit not in ("", "count", "share"):
            joint = "" if language == "zh" or self.unit == "%" else " "
            written = f"{written}{joint}{_unit(self.unit, language)}"
        return t(self.sign, language, value=written) if has(self.sign) else f"{self.sign}{written}"


def _unit(unit: str, language: Language) -> str:
    """The unit of a quantity in a document, or of an indicator."""
    key = f"brief.unit.{unit}"
    return t(key, language) if has(key) else unit_label(unit, language)


@dataclass(frozen=True)
class Claim:
    """One sentence that a number supports.

    ``key`` is the sentence's text; its placeholders are filled with cited values or with plain text in
    both languages. ``rule`` names the rule that wrote it.
    """

    key: str
    values: Mapping[str, Cited | Text | str] = field(default_factory=dict)

    def pieces(self, language: Language) -> Iterator[tuple[str, Source | None]]:
        """The sentence in pieces: text, and the evidence of the pieces that are numbers."""
        for literal, name, _, _ in string.Formatter().parse(t(self.key, language)):
            if literal:
                yield literal, None
            if name is None:
                continue
            value = self.values[name]
            if isinstance(value, Cited):
                yield value.text(language), value.source
            else:
                yield (value[language] if isinstance(value, Mapping) else value), None

    def text(self, language: Language) -> str:
        """The sentence without marks."""
        return "".join(piece for piece, _ in self.pieces(language))


def capital(text: str) -> str:
    """A text as a heading or cell begins."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Figure:
    """A chart of a finding."""

    finding: Finding
    chart: str


@dataclass(frozen=True)
class Tile:
    """A headline number: label, value, and a line below it."""

    label: Text
    value: Cited
    note: Claim


@dataclass(frozen=True)
class Target:
    """A target of a document: what, how much, by when, and where it stands.

    ``heading`` is the field it is of or, in the brief of a field, the place that has it. ``named`` is what the
    vocabulary of measures calls it, ``words`` is how the document does; either may be missing.
    """

    heading: Text | None
    named: Text | None
    words: str
    amount: Cited
    year: str
    rank: str
    quote: Quote

    def what(self, language: Language) -> str:
        """What is aimed at, in the words of the document where they are in the reader's language."""
        own = self.words if self.words and self.quote.language == language else ""
        foreign = f"“{self.words}”" if self.words else ""
        if self.named is not None and (self.heading is None or not own):
            return capital(self.named[language])
        return own or foreign


@dataclass(frozen=True)
class Targets:
    """The targets that matter, of all that are still due."""

    rows: tuple[Target, ...] = ()
    standing: int = 0
    doubtful: int = 0

    @property
    def quoted(self) -> bool:
        """Whether the text of any is held."""
        return any(row.quote.text for row in self.rows)

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents they stand in."""
        return tuple(dict.fromkeys(row.quote.where for row in self.rows))


@dataclass(frozen=True)
class Section:
    """A heading with its claims, targets, a figure and a finding shown as a table."""

    key: str
    claims: tuple[Claim, ...]
    figure: Figure | None = None
    table: Finding | None = None
    rows: int = 10
    targets: Targets = Targets()

    def title(self, language: Language) -> str:
        return t(f"brief.section.{self.key}", language)


@dataclass(frozen=True)
class Brief:
    """A brief of a place or a field, in both languages at once."""

    subject: str
    name: Text
    tiles: tuple[Tile, ...]
    lead: Figure | None
    messages: tuple[Claim, ...]
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    missing: tuple[Text, ...]
    period: str
    of_field: bool = False

    def title(self, language: Language) -> str:
        return t("brief.title.field" if self.of_field else "brief.title", language, place=self.name[language])

    def evidence(self, language: Language) -> dict[tuple[str, int | None], int]:
        """Evidence → its number, in the order the brief first uses it."""
        numbers: dict[tuple[str, int | None], int] = {}
        for source in self._sources(language):
            numbers.setdefault(source.key, len(numbers) + 1)
        return numbers

    def cited(self, language: Language) -> list[Source]:
        """The evidence in the order of its numbers."""
        seen: dict[tuple[str, int | None], Source] = {}
        for source in self._sources(language):
            seen.setdefault(source.key, source)
        return list(seen.values())

    def _sources(self, language: Language) -> Iterator[Source]:
        for tile in self.tiles:
            yield tile.value.source
        yield from _cited_in(self.messages, language)
        for section in self.sections:
            yield from _cited_in(section.claims, language)
            yield from (target.amount.source for target in section.targets.rows)
        yield from _cited_in((tile.note for tile in self.tiles), language)


def _cited_in(claims: Iterable[Claim], language: Language) -> Iterator[Source]:
    for claim in claims:
        yield from (source for _, source in claim.pieces(language) if source is not None)
