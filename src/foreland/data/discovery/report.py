"""What came of looking for terms and topics, for a person."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from foreland.data.answer import joined_names
from foreland.i18n import Language, current_language, t, use_language


@dataclass(frozen=True)
class Found:
    """One source that was made.

    Parameters
    ----------
    source_id
        Its id, which is the scheme of its fields as well.
    what
        ``terms`` or ``topics``.
    number
        Terms or topics.
    labels, labels_zh
        Names of the topics, the largest first; of terms the leading ones.
    sizes, stability
        Of each topic: documents assigned, and mean Jaccard coefficient over resamples.
    overall
        Mean adjusted Rand index over resamples.
    unassigned
        Documents without a topic.
    tried
        Numbers of topics that were tried.
    rows
        Rows landed, by table.
    """

    source_id: str
    what: str
    number: int
    labels: tuple[str, ...] = ()
    labels_zh: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    stability: tuple[float, ...] = ()
    overall: float = 0.0
    unassigned: int = 0
    tried: tuple[int, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)

    def with_rows(self, rows: dict[str, int]) -> Found:
        return replace(self, rows=rows)

    def names(self, language: Language) -> tuple[str, ...]:
        return self.labels_zh if language == "zh" and self.labels_zh else self.labels


@dataclass(frozen=True)
class DiscoveryReport:
    """What was read and what was made of it.

    Parameters
    ----------
    source_id
        The source that was read.
    documents, dated, placed
        Its documents, those with a year, and those with a place.
    found
        The sources that were made, terms first.
    seconds
        How long it took.
    """

    source_id: str
    documents: int
    dated: int
    placed: int
    found: tuple[Found, ...]
    seconds: float

    def text(self, language: Language | None = None) -> str:
        """The report as lines of text."""
        language = language or current_language()
        with use_language(language):
            lines = [
                t(
                    "data.discovery.report",
                    source=self.source_id,
                    documents=f"{self.documents:,}",
                    dated=f"{self.dated:,}",
                    placed=f"{self.placed:,}",
                    seconds=f"{self.seconds:.0f}",
                )
            ]
            for made in self.found:
                lines += _lines(made, language)
        return "\n".join(lines)


def _lines(made: Found, language: Language) -> list[str]:
    joined = joined_names(made.names(language), language)
    if made.what == "terms":
        return [t("data.discovery.report.terms", source=made.source_id, number=f"{made.number:,}", leading=joined)]
    weak = sum(value < 0.5 for value in made.stability)
    key = "data.discovery.report.topics"
    lines = [
        t(
            key,
            source=made.source_id,
            number=made.number,
            overall=f"{made.overall:.2f}",
            unassigned=f"{made.unassigned:,}",
            weak=weak,
        )
    ]
    if made.tried:
        lines.append("  " + t(f"{key}.tried", low=made.tried[0], high=made.tried[-1]))
    for name, size, stability in zip(made.names(language), made.sizes, made.stability, strict=True):
        lines.append(f"  {stability:.2f}  {size:>7,}  {name}")
    return lines
