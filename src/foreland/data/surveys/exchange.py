"""Surveys as tables: topics in, answers in and out, as CSV or Excel. A file lands whole or not at all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, Where
from foreland.data.surveys import store
from foreland.data.surveys.model import PARTS, Answer, Survey, Topic, checked_topics, parse
from foreland.i18n import LANGUAGES, Language, current_language, t, use_language

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

COLUMNS = ("participant", "round", "topic", *PARTS)
TOPIC_COLUMNS = ("id", "en", "zh", "field")
SHOWN = 12
"""Bad rows that a refusal names."""


@dataclass(frozen=True)
class Imported:
    """What an import did: people, answers, whose earlier ones were replaced, rows that a later one of the same file
    replaced, by line, headings of columns that were not read, and rows without any answer."""

    people: int
    answers: int
    replaced: tuple[str, ...]
    repeated: tuple[int, ...]
    unread: tuple[str, ...] = ()
    blank: int = 0


@dataclass(frozen=True)
class BadCell:
    """A cell that can't be taken: where it stands, and the text that says why."""

    line: int
    column: str
    key: str
    params: Mapping[str, Any]

    def text(self, language: Language | None = None) -> str:
        with use_language(language):
            where = Where("", self.line, self.column).text().lstrip(",， ")
            return f"{where}{'：' if current_language() == 'zh' else ': '}{t(self.key, **self.params)}"


class BadCells:
    """Bad cells that read in the language of the message they stand in, a line each."""

    def __init__(self, cells: Sequence[BadCell]) -> None:
        self.cells = cells

    def __format__(self, _: str) -> str:
        shown = "\n".join(f"  {cell.text()}" for cell in self.cells[:SHOWN])
        return shown + (f"\n  … +{len(self.cells) - SHOWN}" if len(self.cells) > SHOWN else "")


# Topics -------------------------------------------------------------------------------------------


def read_topics(path: Path, sheet: str = "", skip: int = 0) -> tuple[Topic, ...]:
    """The topics of a survey from a table with the columns en and zh, and if wanted id and field.

    A text that stands in one language only serves for both. Lines before the headings are skipped.

    Raises
    ------
    DataError
        If the file can't be read, or a row has no text, names a field that is not in the taxonomy, or has the id or
        text of a row above.
    """
    from foreland.data.taxonomy import fields

    found: list[Topic] = []
    bad: list[BadCell] = []
    table = _table(path, sheet, skip, TOPIC_COLUMNS, ())
    names = table.called
    seen: dict[tuple[str, str], int] = {}
    for line, row in table.rows:
        en, zh = row["en"] or row["zh"], row["zh"] or row["en"]
        topic_id = row["id"] or f"t{len(found) + len(bad) + 1}"
        field = row["field"]
        said = [each for each in (("id", topic_id), ("en", row["en"]), ("zh", row["zh"])) if each[1]]
        twice = next((each for each in said if each in seen), None)
        for each in said:
            seen.setdefault(each, line)
        if not en:
            bad.append(BadCell(line, names["en"], "data.survey.fault.no_text", {}))
        elif not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", topic_id):
            bad.append(BadCell(line, names["id"], "data.survey.fault.topic_id", {"text": topic_id[:40]}))
        elif field and field not in fields.fields():
            bad.append(BadCell(line, names["field"], "data.survey.fault.field", {"text": field[:40]}))
        elif twice:
            first = {"text": twice[1][:80], "line": seen[twice]}
            bad.append(BadCell(line, names[twice[0]], "data.survey.fault.twice", first))
        else:
            found.append(Topic(topic_id, en, zh, field))
    _refuse(path, bad)
    return checked_topics(found)


# Answers in ---------------------------------------------------------------------------------------


def import_answers(ws: Workspace, survey_id: str, path: Path, sheet: str = "", skip: int = 0) -> Imported:
    """Take answers from paper, or from an export, into the open round: all of them or none.

    Columns: participant (a code, no name), topic (its id or text), importance, year, confidence, expertise, obstacles
    (parted by ;), comment; headings in English or Chinese. A column round, where there is one, must name the open one.
    Lines before the headings are skipped.

    Raises
    ------
    DataError
        If any row can't be taken; names lines, columns and cures.
    UsageError
        If no round is open.
    """
    from foreland.core.errors import UsageError

    survey = store.read(ws, survey_id)
    current = survey.open_round
    if current is None:
        raise UsageError("data.error.no_open_round", name=survey_id)
    found: dict[str, dict[str, Answer]] = {}
    bad: list[BadCell] = []
    repeated: list[int] = []
    blank = 0
    table = _table(path, sheet, skip, COLUMNS, ("participant", "topic"))
    names = table.called
    for line, row in table.rows:
        code, topic = row["participant"], survey.topic(row["topic"])
        answer, wrong = parse(survey, row)
        faults = [BadCell(line, names.get(f.part, f.part), f.key, f.params) for f in wrong]
        if not code or len(code) > 80:
            faults.append(BadCell(line, names["participant"], "data.survey.fault.no_code", {}))
        if topic is None:
            known = ", ".join(each.topic_id for each in survey.topics[:8])
            faults.append(
                BadCell(line, names["topic"], "data.survey.fault.topic", {"text": row["topic"][:40], "known": known})
            )
        if row["round"] and row["round"].removesuffix(".0") != str(current.number):
            open_one = {"text": row["round"][:20], "round": current.number}
            faults.append(BadCell(line, names["round"], "data.survey.fault.round", open_one))
        bad += faults
        if faults or topic is None:
            continue
        if answer.empty:
            # Most tables name every topic for everybody: what is left blank takes nothing back.
            blank += 1
            continue
        mine = found.setdefault(code, {})
        if topic.topic_id in mine:
            repeated.append(line)
        mine[topic.topic_id] = answer
    _refuse(path, bad)
    replaced = store.save_many(ws, survey_id, current.number, found)
    answers = sum(len(each) for each in found.values())
    return Imported(len(found), answers, tuple(replaced), tuple(repeated), table.unread, blank)


def _refuse(path: Path, bad: Sequence[BadCell]) -> None:
    if bad:
        first = bad[0]
        where = Where(path, first.line, first.column)
        raise DataError("data.error.survey_rows", where=where, count=len(bad), examples=BadCells(bad))


# Answers out --------------------------------------------------------------------------------------


def export_rows(ws: Workspace, survey: Survey, number: int) -> list[dict[str, Any]]:
    """The answers of a round, a row each participant and topic, in order of both."""
    latest = store.log(ws, survey.survey_id, number).latest
    rows = []
    for who, version in latest.items():
        for topic in survey.topics:
            answer = version.answers.get(topic.topic_id)
            if answer is None:
                continue
            values = {part: getattr(answer, part) for part in PARTS}
            values["obstacles"] = ";".join(answer.obstacles)
            rows.append({"participant": who, "round": number, "topic": topic.topic_id, **values})
    return rows


def export_bytes(rows: Sequence[Mapping[str, Any]], kind: str, language: Language = "en") -> bytes:
    """Rows as ``csv`` or ``xlsx``, headings in a language; an import reads them back as they were."""
    heads = [heading(name, language) for name in COLUMNS]
    cells = [[_harmless(row[name]) for name in COLUMNS] for row in rows]
    if kind == "csv":
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(heads)
        writer.writerows(cells)
        # Excel takes a CSV file for UTF-8 only with the mark.
        return ("\ufeff" + text.getvalue()).encode()
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for each in (heads, *cells):
        sheet.append(each)
    for column in sheet.iter_cols(min_row=2):
        for cell in column:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def heading(name: str, language: Language) -> str:
    """What a column is called; English ones are the names themselves."""
    return name if language == "en" else t(f"data.survey.column.{name}", "zh")


def _harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; :func:`_plain` takes the mark off again."""
    if isinstance(cell, str) and cell.lstrip(" '").startswith(("=", "+", "-", "@", "\t")):
        return "'" + cell
    return cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip(" '").startswith(("=", "+", "-", "@", "\t")) else cell


# Tables -------------------------------------------------------------------------------------------


@cache
def _aliases(columns: tuple[str, ...]) -> Mapping[str, str]:
    """Heading in small letters → column."""
    found = {name: name for name in columns}
    for name in columns:
        found |= {t(f"data.survey.column.{name}", language).casefold(): name for language in LANGUAGES}
    return found


@dataclass(frozen=True)
class _Table:
    """Rows of a table by line, what the file calls the columns, and headings of columns that are none of ours."""

    rows: list[tuple[int, dict[str, str]]]
    called: dict[str, str]
    unread: tuple[str, ...]


def _table(path: Path, sheet: str, skip: int, columns: tuple[str, ...], needed: tuple[str, ...]) -> _Table:
    import duckdb

    from foreland.data.mapping import Mapping as Layout
    from foreland.data.tabular import stage_table

    if path.is_dir():
        raise DataError("data.error.survey_folder", where=Where(path))
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        raw = stage_table(connection, Path(path), Path(folder), Layout(sheet=sheet, skip=skip))
        heads = [head.strip() for head in raw.headers]
        names = {
            _aliases(columns)[head.casefold()]: (i, head)
            for i, head in reversed(list(enumerate(heads)))
            if head.casefold() in _aliases(columns)
        }
        lacking = [name for name in needed if name not in names] or ([] if names else list(columns[:3]))
        if lacking:
            have = ", ".join(raw.headers[:20])
            raise DataError("data.error.survey_columns", where=raw.where(1), columns=", ".join(lacking), have=have)
        for key, params in raw.notes:
            if key == "data.note.no_heading":
                raise DataError("data.error.survey_headings", where=raw.where(1), columns=params["columns"])
        read = {i: name for name, (i, _) in names.items()}
        wanted = ", ".join(f"c{i}" for i in read)
        any_cell = ", ".join(_cell(i) for i in range(len(heads)))
        query = f"SELECT {raw.line}, coalesce({any_cell}) IS NULL, {wanted} FROM {raw.relation} ORDER BY 1"
        fetched = connection.execute(query).fetchall()
    rows = []
    for line, empty, *cells in fetched:
        row = dict.fromkeys(columns, "")
        row |= {
            name: _plain(str(cell)) if name == "comment" else str(cell).strip()
            for name, cell in zip(read.values(), cells, strict=True)
            if cell is not None
        }
        # A row with cells in other columns alone may be the second one of the headings: it is not passed over.
        if not empty:
            rows.append((int(line), row))
    unread = tuple(head for i, head in enumerate(heads) if head and i not in read)
    return _Table(rows, {name: names[name][1] if name in names else name for name in columns}, unread)


def _cell(index: int) -> str:
    """SQL of a cell, null where it is blank."""
    return f"nullif(trim(CAST(c{index} AS VARCHAR)), '')"
