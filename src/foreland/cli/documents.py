"""``documents``, ``correct`` and ``extract``: what was loaded to be read, what people correct, and readings alone."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from foreland.cli.data import FormatOption, Text, progress_bar
from foreland.cli.show import Head, chosen_format, emit, say, say_next
from foreland.cli.workspaces import DEFAULT, WorkspaceOption, open_existing, workspace_words
from foreland.core.errors import DataError, UsageError, Where
from foreland.i18n import LANGUAGES, current_language, has, t

if TYPE_CHECKING:
    from foreland.data.documents.metadata import Facts
    from foreland.data.workspace import Workspace

NAMES = (
    "document_id", "title", "issuer", "date", "level", "language", "found", "duplicate_of", "characters", "passages",
)  # fmt: skip
"""Columns on a terminal; files have more."""
FILE_NAMES = (
    "document_id", "title", "title_from", "region_id", "issuer", "region_from", "date", "date_from", "level",
    "level_from", "language", "language_from", "duplicate_of", "similarity", "characters", "passages", "file",
    "source_id",
)  # fmt: skip
NUMBERS = ("characters", "passages", "similarity")


def documents(
    workspace: WorkspaceOption = DEFAULT,
    form: FormatOption = None,
    source: Annotated[str, typer.Option("--source", metavar="ID", show_default=False)] = "",
    missing: Annotated[bool, typer.Option("--missing")] = False,
) -> None:
    ws = open_existing(workspace)
    if source and source not in ws.sources:
        from foreland.data.mapping import near_columns

        known = [name for name, loaded in ws.sources.items() if "document" in loaded.tables]
        raise UsageError(
            "data.error.unknown_source", name=source, near=near_columns(source, known), known=", ".join(known) or "–"
        )
    rows = list(_rows(ws, source, missing))
    names = NAMES if chosen_format(form) == "table" else FILE_NAMES
    emit([Head(name, t(f"cli.column.{name}"), name in NUMBERS) for name in names], rows, form)
    unplaced = next((row["document_id"] for row in rows if row["region_id"] is None), None)
    if unplaced:
        say_next("foreland", "correct", unplaced, "--region", t("cli.word.place"), *workspace_words(workspace))
    elif rows:
        say_next("foreland", "ask", *workspace_words(workspace))
    elif not rows and not missing and ws.rows("document"):
        say(t("cli.documents.records", number=f"{ws.rows('document'):,}"))
        say_next("foreland", "ask", *workspace_words(workspace))
    elif not ws.rows("document"):
        say(t("cli.documents.none"))
        say_next("foreland", "load", t("cli.word.folder"), "--as", "policy", *workspace_words(workspace))
    else:
        say(t("cli.documents.complete"))
        say_next("foreland", "documents", *workspace_words(workspace))


def _rows(ws: Workspace, source: str, missing: bool) -> Iterator[dict[str, Any]]:
    """The documents in order of source and id, with the number of their passages."""
    from foreland.data.documents.furniture import CUT
    from foreland.data.taxonomy import regions

    passage = ws.table("passage")
    passage = passage.filter(~passage.kind.isin(CUT))
    counted = passage.group_by("document_id").agg(passages=passage.count())
    passages = {row["document_id"]: row["passages"] for row in ws.to_arrow(counted).to_pylist()}
    table = ws.table("document").drop("text")
    # Papers and patents come by the thousand; they are listed where their source is named.
    table = table.filter(table.source_id == source if source else table.kind == "policy")
    if missing:
        table = table.filter(table.region_id.isnull() | table.date.isnull() | table.language.isnull())
    known = regions.regions()
    for row in ws.to_arrow(table.order_by(["source_id", "document_id"])).to_pylist():
        place = known.get(row["region_id"] or "")
        how = [f"{t(f'cli.column.{fact}')} {_from(row[f'{key}_from'])}" for fact, key in _FOUND if row[f"{key}_from"]]
        yield {
            **row,
            "issuer": place.short(current_language()) if place else row["region_id"],
            "level": row["level"],
            "found": ("，" if current_language() == "zh" else ", ").join(how),
            "passages": passages.get(row["document_id"], 0),
        }


_FOUND = (("issuer", "region"), ("date", "date"), ("title", "title"))


def _from(how: str) -> str:
    key = f"data.documents.from.{how}"
    return t(key) if has(key) else how


# Correcting -------------------------------------------------------------------------------------


def correct(
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", show_default=False)],
    workspace: WorkspaceOption = DEFAULT,
    region: Text = "",
    date: Text = "",
    title: Text = "",
    level: Text = "",
    language: Text = "",
    undo: Annotated[bool, typer.Option("--undo")] = False,
) -> None:
    from foreland.data.documents.corrections import correct as correct_document

    said = {"region": region, "date": date, "title": title, "level": level, "language": language}
    said = {name: value.strip() for name, value in said.items() if value.strip()}
    if undo and said:
        raise UsageError("cli.error.undo_with", names=", ".join(f"--{name}" for name in said))
    if not undo and not said:
        raise UsageError("cli.error.nothing_corrected", document=document)
    changes = _changes(said)
    ws = open_existing(workspace)
    done = correct_document(ws, document, changes, undo=undo)
    for fact, label in _FACTS.items():
        before, after = getattr(done.before, fact), getattr(done.after, fact)
        if before != after:
            say(f"  {t(f'cli.column.{label}')}{t('cli.colon')}{_said(fact, before)} → {_said(fact, after)}")
    say(t("cli.correct.undone" if undo else "cli.correct.done", document=document))
    if done.reread:
        say(t("cli.correct.reread"))
    say_next("foreland", "documents", *workspace_words(workspace))


_FACTS = {"title": "title", "date": "date", "language": "language", "region_id": "issuer", "level": "level"}


def _changes(said: dict[str, str]) -> dict[str, str]:
    """Facts as they are stored, from the words of the command line."""
    from foreland.data.documents.dates import read_date
    from foreland.data.documents.issuer import LEVELS
    from foreland.data.documents.options import region_of
    from foreland.data.mapping import near_columns

    changes: dict[str, str] = {}
    for name, value in said.items():
        if name == "region":
            changes["region_id"] = region_of(value)
        elif name == "date":
            date = read_date(value)
            if date is None:
                raise UsageError("cli.error.date", value=value)
            changes["date"] = date
        elif name in ("level", "language"):
            known = LEVELS if name == "level" else LANGUAGES
            words = {
                word.casefold(): code for code in known for word in (code, *_both(f"data.documents.{name}.{code}"))
            }
            code = words.get(value.casefold())
            if code is None:
                raise UsageError(
                    f"cli.error.{name}_fact",
                    value=value,
                    known=", ".join(known),
                    suggestions=near_columns(value, known),
                )
            changes[name] = code
        else:
            changes[name] = value
    return changes


def _both(key: str) -> list[str]:
    return [t(key, language) for language in LANGUAGES]


def _said(fact: str, value: Facts | str | None) -> str:
    if not value:
        return "—"
    if fact == "region_id":
        from foreland.data.taxonomy import regions

        place = regions.regions().get(str(value))
        return f"{place.name(current_language())} ({value})" if place else str(value)
    key = f"data.documents.{fact}.{value}"
    return t(key) if has(key) else str(value)


# Reading alone ----------------------------------------------------------------------------------


def extract(
    sentences: Annotated[str, typer.Argument(metavar="SENTENCES.jsonl", show_default=False)],
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE.jsonl", show_default=False)] = "-",
    year: Annotated[int | None, typer.Option(metavar="YEAR", min=1900, max=2200, show_default=False)] = None,
) -> None:
    from foreland.data.reading import gold

    rows = _sentences(sentences)
    if year is None:
        year = gold.year_of(rows)
        say(t("cli.extract.assumed", year=year), "dim")
    with progress_bar("cli.stage") as tell, _whole(out) as target:
        for number, labels in enumerate(gold.predict(rows, year), 1):
            target.write(json.dumps(labels, ensure_ascii=False) + "\n")
            tell("extract", number / len(rows))
    if out != "-":
        say(t("cli.extract.done", number=len(rows), path=out))
        say_next("foreland", "load", t("cli.word.folder"), "--as", "policy")


def _sentences(name: str) -> list[dict[str, Any]]:
    """The objects of a file or of stdin, a line each."""
    if name == "-":
        raw = sys.stdin.buffer.read()
    else:
        path = Path(name)
        if not path.is_file():
            from foreland.data.tabular import no_file

            raise no_file(path)
        raw = path.read_bytes()
    rows = []
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        where = Where(name if name != "-" else "stdin", number)
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            detail = getattr(error, "msg", None) or getattr(error, "reason", "") or str(error)
            raise DataError("cli.error.bad_json", where=where, detail=detail) from error
        if not isinstance(row, dict):
            raise DataError("cli.error.no_object", where=where)
        for key in ("id", "sentence"):
            if not row.get(key) or (key == "sentence" and not isinstance(row[key], str)):
                raise DataError("cli.error.sentence_key", where=where, key=key)
        if not isinstance(row.get("before") or "", str):
            raise DataError("cli.error.sentence_key", where=where, key="before")
        if not isinstance(row.get("position"), (int, float, type(None))):
            raise DataError("cli.error.sentence_key", where=where, key="position")
        rows.append(row)
    if not rows:
        raise DataError("cli.error.no_sentences", where=Where(name if name != "-" else "stdin"))
    return rows


@contextmanager
def _whole(name: str) -> Iterator[TextIO]:
    """A file that is there whole or not at all, or stdout for ``-``."""
    if name == "-":
        yield sys.stdout
        return
    path = Path(name)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
