"""The commands of ``foreland``, put together."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from foreland.cli import ask, data, delphi, demo, discover, doctor, documents, fetch, publish
from foreland.cli.spoken import SpokenCommand, SpokenGroup, speak
from foreland.i18n import t


def command() -> Any:
    """The command line, in the current language."""
    app = typer.Typer(
        cls=SpokenGroup,
        add_completion=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback(invoke_without_command=True)(_top)
    for name, function in (
        ("demo", demo.demo),
        ("init", data.init),
        ("load", data.load),
        ("documents", documents.documents),
        ("correct", documents.correct),
        ("extract", documents.extract),
        ("discover", discover.discover),
        ("brief", publish.brief),
        ("serve", publish.serve),
        ("check", data.check),
        ("sources", data.sources),
        ("doctor", doctor.doctor),
    ):
        app.command(name, cls=SpokenCommand)(function)
    packs = typer.Typer(cls=SpokenGroup, rich_markup_mode="rich")
    packs.callback(invoke_without_command=True)(data.packs)
    packs.command("install", cls=SpokenCommand)(data.install)
    app.add_typer(packs, name="packs")
    fetches = typer.Typer(cls=SpokenGroup, rich_markup_mode="rich")
    fetches.callback(invoke_without_command=True)(fetch.fetch)
    fetches.command("openalex", cls=SpokenCommand)(fetch.openalex)
    app.add_typer(fetches, name="fetch")
    surveys = typer.Typer(cls=SpokenGroup, rich_markup_mode="rich")
    surveys.callback(invoke_without_command=True)(delphi.delphi)
    for verb, action in (
        ("new", delphi.new),
        ("open", delphi.open_round),
        ("invite", delphi.invite),
        ("close", delphi.close),
        ("list", delphi.listing),
        ("import", delphi.import_answers),
        ("export", delphi.export),
    ):
        surveys.command(verb, cls=SpokenCommand)(action)
    app.add_typer(surveys, name="delphi")
    questions = typer.Typer(cls=ask.AskGroup, rich_markup_mode="rich")
    questions.callback(invoke_without_command=True)(ask.listing)
    app.add_typer(questions, name="ask")
    group = typer.main.get_command(app)
    speak(group)
    group.help = f"{t('cli')}\n\n{t('cli.more')}"
    group.epilog = t("cli.epilog")
    return group


def _top(
    ctx: typer.Context,
    lang: Annotated[str, typer.Option("--lang", metavar="zh|en", envvar="FORELAND_LANG", show_default=False)] = "",
    version: Annotated[bool, typer.Option("--version")] = False,
) -> None:
    if version:
        import foreland

        print(foreland.__version__)
    elif ctx.invoked_subcommand is None:
        print(ctx.get_help())
