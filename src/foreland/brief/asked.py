"""What was asked for a brief, and what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from foreland.brief.model import Cited, Source
from foreland.core.errors import ForelandError
from foreland.core.finding import Finding, Text
from foreland.core.registry import questions
from foreland.data.answer import said

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Row = dict[str, Any]


@dataclass
class Asked:
    """What was asked and found for one place; further questions are asked through it and remembered.

    In the brief of a field, ``about`` is the field and the place the country whose places are compared.
    """

    ws: Workspace
    region: str
    place: Text
    found: dict[str, Finding]
    about: str = ""
    findings: dict[str, Finding] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.findings = {finding.id: finding for finding in self.found.values()}

    def ask(self, question: str, **arguments: Any) -> Finding | None:
        """Ask a further question; None where the data can't say."""
        try:
            finding = questions()[question](self.ws, **arguments)
        except ForelandError:
            return None
        return self.findings.setdefault(finding.id, finding)

    def rows(self, short: str) -> Iterator[tuple[int, Row]]:
        """The rows of a finding with their positions; none where it was not found."""
        finding = self.found.get(short)
        return enumerate(finding.rows() if finding is not None else [])

    def cite(self, short: str, row: int | None, column: str = "", plain: Any = None, unit: str = "") -> Cited:
        """A value of a finding with its evidence."""
        return Cited(Source(self.found[short], row), column, plain, unit)

    def field(self, row: Row) -> Text:
        return said(self.ws, row["field_id"])

    @property
    def topic(self) -> Text:
        """The field the brief is about."""
        return said(self.ws, self.about)
