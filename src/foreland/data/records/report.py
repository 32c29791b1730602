"""What a load of records did, for a person and for a program."""

from __future__ import annotations

from dataclasses import dataclass, field

from foreland.data.load import LoadReport
from foreland.data.refusal import reject_text
from foreland.i18n import Language, t, use_language


@dataclass(frozen=True)
class RecordReport(LoadReport):
    """What a load of records did, or would do.

    Attributes
    ----------
    duplicates
        Records merged into others, by what they shared (``id``, ``doi``, ``title``); ``year`` of them had another year.
    left_out
        Records left out on purpose, by reason.
    links
        Links by kind.
    """

    duplicates: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)

    def text(self, language: Language | None = None) -> str:
        """The report for a person, some lines."""
        key = "data.load.would" if self.dry_run else "data.load.replaced" if self.replaced else "data.load.done"
        what = t("data.records.what", language, number=self.covers["documents"])
        lines = [t(key, language, source=self.source_id, what=what, seconds=f"{self.seconds:.1f}", layout=self.layout)]
        if self.replaced and self.unchanged:
            lines.append(t("data.load.unchanged", language))
        counted = f"{self.rows.get('observation', 0):,}"
        lines.append(t("data.records.covers", language, counted=counted, **self.covers))
        if self.covers["links"]:
            lines.append(t("data.load.links", language, links=self.covers["links"]))
        merged = {name: number for name, number in self.duplicates.items() if name != "year"}
        if merged:
            parts = [t(f"data.records.merged.{name}", language, number=f"{n:,}") for name, n in merged.items()]
            if years := self.duplicates.get("year"):
                parts.append(t("data.records.merged.year", language, number=f"{years:,}"))
            comma = "；" if (language or "") == "zh" else "; "
            number = f"{sum(merged.values()):,}"
            lines.append(t("data.records.merged", language, number=number, parts=comma.join(parts)))
        for reason, size in self.left_out.items():
            lines.append(t(f"data.records.left.{reason}", language, number=f"{size:,}"))
        if self.rejected:
            lines.append(t("data.load.rejected", language, number=f"{self.rejected:,}"))
            lines += [f"  {reject_text(item, language)}" for item in self.examples]
        with use_language(language):
            lines += [t(key, **params) for key, params in self.notes]
        return "\n".join(lines)
