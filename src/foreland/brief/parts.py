"""What briefs of places and of fields are put together from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from foreland.brief.model import Claim, Figure, Section
from foreland.core.finding import Finding


def front(sections: Sequence[Section], most: Mapping[str, int]) -> tuple[Claim, ...]:
    """The first claims of each section, so many as stand on the front page."""
    return tuple(claim for section in sections for claim in section.claims[: most.get(section.key, 0)])


def figure(found: Mapping[str, Finding], short: str, chart: str | None = None) -> Figure | None:
    """A chart of a finding, where it was found: the one named, else its first."""
    finding = found.get(short)
    if finding is None or not finding.charts:
        return None
    return Figure(finding, chart if chart in finding.charts else finding.charts[0])


def period(found: Mapping[str, Finding]) -> str:
    """First and last year of the figures that went in."""
    years: set[str] = set()
    for finding in found.values():
        for item in finding.provenance.inputs:
            for column in ("period", "year", "document_year"):
                of = item.filter.get(column)
                ends = [of["from"], of["to"]] if isinstance(of, dict) else of if isinstance(of, list) else [of]
                years.update(str(end)[:4] for end in ends if end)
    return f"{min(years)}–{max(years)}" if years else ""
