"""What a load of documents did, for a person and for a program."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from foreland.data.names import Unresolved
from foreland.data.package import Note
from foreland.i18n import Language, current_language, has, t, use_language

SHOWN = 5


@dataclass(frozen=True)
class RejectedFile:
    """A file that was not taken: its name, the code of the reason, and what was found."""

    file: str
    code: str
    detail: str = ""
    number: int = 0

    def text(self, language: Language | None = None) -> str:
        """The file and the reason."""
        key = f"data.reject.{self.code}"
        detail = self.detail[:120]
        if not has(key):
            key, detail = "data.reject.other", f"{self.code} {detail}"
        said = t(key, language, line=self.number, column=self.file, text=detail).strip()
        return re.sub(r"\s*(?:\((?:pages )?\)|（(?:页 )?）)| +(?=[;；])", "", said)


@dataclass(frozen=True)
class Repeat:
    """A document that repeats another."""

    document_id: str
    title: str
    original: str
    original_title: str
    similarity: float


@dataclass(frozen=True)
class DocumentReport:
    """What a load of documents did, or would do.

    Attributes
    ----------
    source_id, kind
        The source, and the kind of its documents.
    rows
        Rows landed, by table.
    read, kept
        Documents read now, and those whose reading was kept from an earlier load.
    passages
        Passages by kind.
    rejected, by_reason, examples
        Files that were not taken; the table ``reject`` holds them.
    repeats
        Documents that repeat another one.
    unplaced, undated
        Ids of documents without an issuer and without a date.
    languages, levels
        Documents by language and by level of the issuer; the empty text counts those without.
    regions
        How many places issued them.
    first, last
        The earliest and the latest date.
    corrected
        Documents with a fact that a person corrected.
    replaced, unchanged, dry_run
        Whether an earlier load was replaced, whether it had the same content, whether nothing was landed.
    unresolved
        Issuers of a table that no place matched.
    notes
        Keys of texts and their parameters.
    characters, seconds, file
        Characters without blanks; how long it took; what was loaded.
    """

    source_id: str
    kind: str
    rows: dict[str, int]
    read: int
    kept: int
    passages: dict[str, int]
    rejected: int
    by_reason: dict[str, int]
    examples: tuple[RejectedFile, ...]
    repeats: tuple[Repeat, ...]
    unplaced: tuple[str, ...]
    undated: tuple[str, ...]
    languages: dict[str, int]
    levels: dict[str, int]
    regions: int
    first: str | None
    last: str | None
    corrected: int
    replaced: bool
    unchanged: bool
    dry_run: bool
    unresolved: tuple[Unresolved, ...]
    notes: tuple[Note, ...]
    characters: int
    seconds: float
    file: str = ""

    def text(self, language: Language | None = None) -> str:
        """The report for a person, some lines."""
        with use_language(language):
            return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        how = "would" if self.dry_run else "replaced" if self.replaced else "done"
        documents = self.rows.get("document", 0)
        lines = [
            t(
                f"data.documents.{how}",
                source=self.source_id,
                documents=documents,
                characters=self.characters,
                seconds=f"{self.seconds:.1f}",
            )
        ]
        if self.unchanged:
            lines.append(t("data.load.unchanged"))
        lines.append(
            t(
                "data.documents.covers",
                regions=self.regions,
                levels=_counts("level", self.levels),
                languages=_counts("language", self.languages),
                span=" – ".join(dict.fromkeys(filter(None, (self.first, self.last)))) or "–",
            )
        )
        lines.append(
            t("data.documents.passages", kinds=_counts("kind", self.passages) or "0", read=self.read, kept=self.kept)
        )
        lines += self._doubtful()
        lines += [t(key, **params) for key, params in self.notes]
        return lines

    def _doubtful(self) -> list[str]:
        lines = []
        if self.rejected:
            lines.append(t("data.documents.rejected", number=self.rejected))
            lines += [f"  {item.text()}" for item in self.examples]
        if self.repeats:
            lines.append(t("data.documents.repeats", number=len(self.repeats)))
            lines += [
                "  "
                + t("data.documents.repeat", one=item.title, other=item.original_title, share=f"{item.similarity:.0%}")
                for item in self.repeats[:SHOWN]
            ]
            lines += self._more(len(self.repeats))
        for name, ids in (("unplaced", self.unplaced), ("undated", self.undated)):
            if ids:
                lines.append(t(f"data.documents.{name}", number=len(ids)))
                lines += [f"  {item}" for item in ids[:SHOWN]] + self._more(len(ids))
        if self.unresolved:
            lines.append(t("data.load.unresolved"))
            lines += [f"  {item.sentence()} × {item.rows:,}" for item in self.unresolved[:10]]
        if self.corrected:
            lines.append(t("data.documents.corrected", number=self.corrected))
        return lines

    @staticmethod
    def _more(number: int) -> list[str]:
        return [f"  {t('data.documents.more', number=number - SHOWN)}"] if number > SHOWN else []

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        plain = asdict(self)
        plain["notes"] = [{"key": key, **{k: str(v) for k, v in params.items()}} for key, params in self.notes]
        return plain


def _counts(what: str, counts: dict[str, int]) -> str:
    comma = "、" if current_language() == "zh" else ", "
    named = ((t(f"data.documents.{what}.{name or 'none'}"), number) for name, number in counts.items())
    return comma.join(f"{name} {number:,}" for name, number in named)


def too_many(rejected: int, total: int, most: float) -> bool:
    """Whether more files failed than may."""
    return rejected > most * total


class Examples:
    """Examples of rejected files that read in the language of the message they stand in."""

    def __init__(self, items: tuple[RejectedFile, ...]) -> None:
        self.items = items

    def __format__(self, _: str) -> str:
        return "\n".join(f"  {item.text()}" for item in self.items)
