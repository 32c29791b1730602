"""What a brief is made of: sections of claims whose every number knows its evidence."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from foreland.core.columns import unit_label
from foreland.core.finding import Finding, Text
from foreland.i18n import Language, t


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
    """A value of a finding as it is written in a sentence, with its evidence."""

    source: Source
    column: str = ""
    plain: Any = None
    unit: str = ""

    def text(self, language: Language) -> str:
        """The value as a person reads it."""
        finding = self.source.finding
        if not self.column:
            return str(self.plain[language] if isinstance(self.plain, Mapping) else self.plain)
        spec = next(spec for spec in finding.columns if spec.name == self.column)
        assert self.source.row is not None
        row = finding.rows()[self.source.row]
        written = finding.write(spec, row[self.column], language, row)
        # A number of things needs no unit, the indicator says what is counted; a share is written in per cent.
        if self.unit in ("", "count", "share"):
            return written
        joint = "" if language == "zh" else " "
        return f"{written}{joint}{unit_label(self.unit, language)}"


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
class Section:
    """A heading with its claims, a figure and a finding shown as a table."""

    key: str
    claims: tuple[Claim, ...]
    figure: Figure | None = None
    table: Finding | None = None
    rows: int = 10

    def title(self, language: Language) -> str:
        return t(f"brief.section.{self.key}", language)


@dataclass(frozen=True)
class Brief:
    """A brief, in both languages at once."""

    region: str
    name: Text
    tiles: tuple[Tile, ...]
    lead: Figure | None
    messages: tuple[Claim, ...]
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    missing: tuple[Text, ...]
    period: str

    def title(self, language: Language) -> str:
        return t("brief.title", language, place=self.name[language])

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
        claims = [*self.messages, *(claim for section in self.sections for claim in section.claims)]
        for tile in self.tiles:
            yield tile.value.source
            claims.append(tile.note)
        for claim in claims:
            for _, source in claim.pieces(language):
                if source is not None:
                    yield source
