"""``delphi``: make a survey, hold its rounds, send links, take answers from paper, write them out."""

from __future__ import annotations

import os
import sys
import uuid
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from foreland.cli.data import FormatOption, Text
from foreland.cli.publish import HOST, PORT
from foreland.cli.show import Head, emit, say, say_next
from foreland.cli.workspaces import DEFAULT, WorkspaceOption, open_existing, workspace_words
from foreland.core.errors import UsageError
from foreland.i18n import current_language, t

if TYPE_CHECKING:
    from foreland.data.surveys.model import Survey
    from foreland.data.workspace import Workspace

SurveyArgument = Annotated[str, typer.Argument(metavar="SURVEY", show_default=False)]
SHEETS = {".csv": "csv", ".xlsx": "xlsx"}


def delphi(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())


def listing(workspace: WorkspaceOption = DEFAULT, form: FormatOption = None) -> None:
    from foreland.data.surveys import store

    ws = open_existing(workspace)
    surveys = [store.read(ws, name) for name in store.survey_ids(ws)]
    rows = [_row(ws, survey) for survey in surveys]
    numbers = ("topics", "rounds_closed", "open_round", "participants", "answered")
    names = ("survey", "title", *numbers)
    emit([Head(name, t(f"cli.column.{name}"), name in numbers) for name in names], rows, form)
    if not rows:
        say(t("cli.delphi_list.none"))
        say_next("foreland", "delphi", "new", t("cli.word.name"), "--topics", "topics.csv", *workspace_words(workspace))
    elif all(survey.open_round is None for survey in surveys):
        say_next("foreland", "delphi", "open", rows[0]["survey"], *workspace_words(workspace))


def _row(ws: Workspace, survey: Survey) -> dict[str, Any]:
    from foreland.data.surveys import store

    current = survey.open_round or (survey.rounds[-1] if survey.rounds else None)
    latest = store.log(ws, survey.survey_id, current.number).latest if current else {}
    return {
        "survey": survey.survey_id,
        "title": survey.title(current_language()),
        "topics": len(survey.topics),
        "rounds_closed": sum(each.state == "closed" for each in survey.rounds),
        "open_round": survey.open_round.number if survey.open_round else None,
        "participants": len(store.participants(ws, survey.survey_id)),
        "answered": sum(bool(version.answers) for version in latest.values()),
    }


def new(
    name: SurveyArgument,
    topics: Annotated[Path, typer.Option("--topics", metavar="FILE", show_default=False)],
    title: Text = "",
    title_zh: Text = "",
    sheet: Text = "",
    skip: Annotated[int, typer.Option(metavar="N", min=0)] = 0,
    first_year: Annotated[int | None, typer.Option(metavar="YEAR", min=1900, max=9000, show_default=False)] = None,
    last_year: Annotated[int | None, typer.Option(metavar="YEAR", min=1901, max=9999, show_default=False)] = None,
    workspace: WorkspaceOption = DEFAULT,
) -> None:
    from foreland.data.surveys import store
    from foreland.data.surveys.exchange import read_topics
    from foreland.data.surveys.model import Survey, checked_id

    ws = open_existing(workspace)
    first = first_year or date.today().year
    last = last_year or first + 50
    if last <= first:
        raise UsageError("cli.error.survey_years", first=first, last=last)
    asked = read_topics(topics, sheet, skip)
    said = title.strip() or title_zh.strip() or name
    survey = Survey(checked_id(name), said, title_zh.strip() or said, asked, first, last)
    store.create(ws, survey)
    say(t("cli.delphi_new.done", name=name, topics=len(asked), first=first, last=last))
    say_next("foreland", "delphi", "open", name, *workspace_words(workspace))


def open_round(name: SurveyArgument, workspace: WorkspaceOption = DEFAULT) -> None:
    from foreland.data.surveys import store

    ws = open_existing(workspace)
    survey = store.open_round(ws, name)
    assert survey.open_round is not None
    say(t("cli.delphi_open.done", name=name, round=survey.open_round.number))
    if survey.open_round.number > 1:
        say(t("cli.delphi_open.links"))
        say_next("foreland", "serve", *workspace_words(workspace))
    else:
        say_next("foreland", "delphi", "invite", name, "10", *workspace_words(workspace))


def close(name: SurveyArgument, workspace: WorkspaceOption = DEFAULT) -> None:
    from foreland.data.surveys import store

    ws = open_existing(workspace)
    survey, people = store.close_round(ws, name)
    say(t("cli.delphi_close.done", name=name, round=len(survey.rounds), people=people))
    say_next("foreland", "ask", "foresight.delphi", "--survey", name, *workspace_words(workspace))


def invite(
    name: SurveyArgument,
    count: Annotated[int, typer.Argument(metavar="COUNT", min=1)] = 1,
    address: Annotated[str, typer.Option("--address", metavar="URL")] = f"http://{HOST}:{PORT}",
    workspace: WorkspaceOption = DEFAULT,
    form: FormatOption = None,
) -> None:
    from foreland.data.surveys import store

    ws = open_existing(workspace)
    if not address.startswith(("http://", "https://")):
        raise UsageError("cli.error.address", address=address)
    tokens = store.invite(ws, name, count)
    rows = [{"link": f"{address.rstrip('/')}/delphi/{name}/answer/{token}"} for token in tokens]
    emit([Head("link", t("cli.column.link"))], rows, form or "csv")
    say(t("cli.delphi_invite.done", count=count))
    say_next("foreland", "serve", *workspace_words(workspace))


def import_answers(
    name: SurveyArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    sheet: Text = "",
    skip: Annotated[int, typer.Option(metavar="N", min=0)] = 0,
    workspace: WorkspaceOption = DEFAULT,
) -> None:
    from foreland.data.surveys.exchange import import_answers as take

    ws = open_existing(workspace)
    done = take(ws, name, file, sheet, skip)
    say(t("cli.delphi_import.done", people=done.people, answers=done.answers))
    if done.replaced:
        shown = ", ".join(done.replaced[:10]) + (" …" if len(done.replaced) > 10 else "")
        say(t("cli.delphi_import.replaced", count=len(done.replaced), people=shown), "yellow")
    if done.repeated:
        lines = ", ".join(map(str, done.repeated[:10])) + (" …" if len(done.repeated) > 10 else "")
        say(t("cli.delphi_import.repeated", count=len(done.repeated), lines=lines), "yellow")
    if done.blank:
        say(t("cli.delphi_import.blank", count=done.blank), "yellow")
    if done.unread:
        say(t("cli.delphi_import.unread", columns=", ".join(done.unread[:20])), "yellow")
    say_next("foreland", "delphi", "close", name, *workspace_words(workspace))


def export(
    name: SurveyArgument,
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE.csv|xlsx", show_default=False)] = "-",
    number: Annotated[int | None, typer.Option("--round", metavar="N", min=1, show_default=False)] = None,
    workspace: WorkspaceOption = DEFAULT,
) -> None:
    from foreland.data.surveys import store
    from foreland.data.surveys.exchange import export_bytes, export_rows

    ws = open_existing(workspace)
    survey = store.read(ws, name)
    kind = SHEETS.get(Path(out).suffix.lower()) if out != "-" else "csv"
    if kind is None:
        raise UsageError("cli.error.format", name=Path(out).suffix or out, known=", ".join(SHEETS))
    if number is not None and number > len(survey.rounds):
        raise UsageError("cli.error.no_such_round", round=number, rounds=len(survey.rounds))
    current = survey.open_round
    numbers = [number] if number else [each.number for each in survey.rounds if each != current]
    # Nobody sees answers of an open round, or whoever asks could tell people what to answer.
    if current is not None and (not numbers or number == current.number):
        raise UsageError("cli.error.round_open", name=name, round=current.number)
    rows = [row for each in numbers for row in export_rows(ws, survey, each)]
    content = export_bytes(rows, kind, current_language())
    if out == "-":
        sys.stdout.write(content.decode("utf-8-sig"))
        return
    path = Path(out)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    say(t("cli.delphi_export.done", rows=len(rows), path=path))
