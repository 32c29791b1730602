"""What stands behind a number: the input rows of a finding's row, in lines a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from foreland.brief.model import Source
from foreland.brief.passages import address, addresses, quote
from foreland.core.columns import write_number
from foreland.core.finding import Finding
from foreland.core.provenance import Input
from foreland.data.answer import names
from foreland.i18n import Language, has, t

OBSERVED = ("status", "observed")

INPUT_ROWS = 24
"""Input rows shown of each table behind one number."""
FLOWS = 8
"""Flows shown of each table behind one number, the largest; a sector has hundreds."""
ALL_FLOWS = 3000
QUOTED = 3
"""Passages quoted of those behind one number."""
DOCUMENTS = 4
"""Documents named of those behind one number."""


@dataclass(frozen=True)
class Behind:
    """What stands behind one number: lines of input rows, and where they come from."""

    lines: tuple[str, ...]
    sources: str


def behind(source: Source, language: Language) -> Behind:
    """The input rows behind a row of a finding, a line a table; of a finding as a whole only its sources."""
    finding = source.finding
    if source.row is None:
        return Behind((), finding.source_line(language))
    found = _input_rows(finding, source.row)
    # All that was read in a place's documents says nothing of one row; passages that do name their documents.
    quoted = any(item.table == "passage" and rows and _of_the_row(item) for item, rows in found)
    lines = []
    for item, rows in found:
        if item.table == "passage" and rows and _of_the_row(item):
            lines.append(_passages_line(finding, rows, language))
        elif item.table == "document" and rows and not (quoted and item.match):
            lines.append(_documents_line(finding, rows, language))
        elif item.table not in ("passage", "document"):
            lines.append(_rows_line(finding, item, rows, language))
    kept = tuple(dict.fromkeys(line for line in lines if line))
    used = {row["source_id"] for _, rows in found for row in rows if row.get("source_id")}
    return Behind(kept, _sources_line(finding, used, language) if used else finding.source_line(language))


def _input_rows(finding: Finding, row: int) -> list[tuple[Input, list[dict[str, Any]]]]:
    """Input rows behind a row, remembered: every language and format of a brief shows the same."""
    assert finding.workspace is not None

    def read() -> list[tuple[Input, list[dict[str, Any]]]]:
        flows = any(item.table == "link" for item in finding.provenance.inputs)
        tables = finding.evidence(row, limit=ALL_FLOWS if flows else INPUT_ROWS + 1).tables
        kept = ((item, table) for item, table in tables if _of_its_years(item, finding.rows()[row]))
        return [(item, _largest(table.to_pylist(), FLOWS + 1)) if item.table == "link" else
                (item, table.to_pylist()[: INPUT_ROWS + 1]) for item, table in kept]  # fmt: skip

    found: list[tuple[Input, list[dict[str, Any]]]] = finding.workspace.cache.remember(
        ("brief.input_rows", finding.id, row), read
    )
    return found


def _of_its_years(item: Input, row: dict[str, Any]) -> bool:
    """Whether an input of one year is of the first or the last that a row is about, where it is about two."""
    years = {row.get("from_period"), row.get("to_period")}
    period = item.filter.get("period")
    return not isinstance(period, str) or None in years or period in years


def _largest(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The largest flows; those without a weight in the order they stand in."""
    return sorted(rows, key=lambda row: -(row["weight"] or 0.0))[:most]


def _sources_line(finding: Finding, used: set[str], language: Language) -> str:
    """Of the sources of a finding those that a row rests on: publisher, title, licence."""
    parts = []
    for row in finding.source_rows():
        if row["source_id"] in used:
            named = f"{row['publisher']}, " if row["publisher"] else ""
            licence = f" ({row['licence']})" if row["licence"] else ""
            parts.append(f"{named}{row[f'title_{language}']}{licence}")
    return ("；" if language == "zh" else "; ").join(parts)


def _of_the_row(item: Input) -> bool:
    return bool(set(item.match.values()) - {"region_id"})


def _passages_line(finding: Finding, rows: list[dict[str, Any]], language: Language) -> str:
    """How many passages, in which documents, and the first of them as they stand there."""
    assert finding.workspace is not None
    published = addresses(finding.workspace)
    # Many passages are quoted more briefly than one.
    shortened = 1 if len(rows) == 1 else 2
    found = [
        quote(row, published.get(row["document_id"], ""), shortened, finding.name(row["source_id"], language))
        for row in rows[:INPUT_ROWS]
    ]
    where = Counter(each.where for each in found)
    named = "; ".join(where) if len(where) <= DOCUMENTS else "; ".join([*list(where)[:DOCUMENTS], "…"])
    texts = list(dict.fromkeys(each.text for each in found if each.text))[:QUOTED]
    more = f"{INPUT_ROWS}+" if len(rows) > INPUT_ROWS else str(len(rows))
    key = "brief.evidence.passages.quoted" if texts else "brief.evidence.passages"
    joint = "”“" if language == "zh" else "” “"
    return t(key, language, count=more, documents=named, quotes=f"“{joint.join(texts)}”")


def _documents_line(finding: Finding, rows: list[dict[str, Any]], language: Language) -> str:
    """Titles, dates and addresses of documents."""
    named = [
        " ".join(part for part in (row["title"] or finding.name(row["source_id"], language), _date(row),
                                   address(row["file"])) if part)
        for row in rows
    ]  # fmt: skip
    more = ["…"] if len(named) > DOCUMENTS else []
    return t("brief.evidence.documents", language, documents="; ".join([*named[:DOCUMENTS], *more]))


def _date(row: dict[str, Any]) -> str:
    return f"({row['date']})" if row["date"] else ""


def _rows_line(finding: Finding, item: Input, rows: list[dict[str, Any]], language: Language) -> str:
    """Input rows in a line: what they share first, then what differs."""
    rows = [
        {k: v for k, v in row.items() if k not in ("line", "source_id") and v is not None and (k, v) != OBSERVED}
        for row in rows
    ]
    if not rows:
        return ""
    same = [k for k in rows[0] if len(rows) > 1 and all(row.get(k) == rows[0][k] for row in rows)]

    def written(row: dict[str, Any], names: Iterable[str]) -> str:
        values = (row[name] for name in names if name in row)
        return " ".join(called(v) if isinstance(v, str) else write_number(v) for v in values)

    # The input rows name indicators and fields that the finding itself may not.
    assert finding.workspace is not None
    known = names(finding.workspace, {v for row in rows for v in row.values() if isinstance(v, str)})

    def called(identifier: str) -> str:
        if has(f"brief.kind.{identifier}"):
            return t(f"brief.kind.{identifier}", language)
        return known[identifier][language] if identifier in known else identifier

    shown = FLOWS if item.table == "link" else INPUT_ROWS
    cells = [written(row, [k for k in row if k not in same]) for row in rows[:shown]]
    more = " …" if len(rows) > shown else ""
    shared = f"{written(rows[0], same)}: " if same else ""
    return f"{item.table}: {shared}{' · '.join(cells)}{more}"


def told(finding: Finding, row: int, language: Language) -> list[tuple[str, str]]:
    """A row of a finding as its columns and what stands in them, without keys and what is not known."""
    cells = finding.written(language)[row]
    return [(finding.columns[i].label(language), cells[i]) for i in finding.shown if cells[i] != "—"]
