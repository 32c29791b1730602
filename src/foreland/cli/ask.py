"""``ask``: every registered question is a command, made from its registration."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from foreland.cli.answering import Wish, answer
from foreland.cli.show import Head, chosen_format, emit, say_next
from foreland.cli.spoken import SpokenCommand, SpokenGroup, speak_option
from foreland.cli.workspaces import DEFAULT, WorkspaceOption
from foreland.core import registry
from foreland.i18n import current_language, t

if TYPE_CHECKING:
    from foreland.core.registry import Parameter, Question

SEVERAL = ("region", "field")
OWN: tuple[tuple[str, Any, Any], ...] = (
    ("chart", Annotated[str | None, typer.Option(metavar="NAME", show_default=False)], None),
    ("out", Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", show_default=False)], None),
    ("form", Annotated[str | None, typer.Option("--format", "-f", metavar="FORMAT", show_default=False)], None),
    ("rows", Annotated[int, typer.Option(metavar="N", min=0)], 25),
    ("evidence", Annotated[int | None, typer.Option(metavar="ROW", show_default=False)], None),
    ("explain", Annotated[bool, typer.Option("--explain")], False),
    ("quiet", Annotated[bool, typer.Option("--quiet", "-q")], False),
    ("workspace", WorkspaceOption, DEFAULT),
)
"""What every question's command takes beside the question's own parameters."""


class AskGroup(SpokenGroup):
    """The questions as commands; a room's name lists its questions."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(registry.questions())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in registry.room_names():
            return _room_command(cmd_name)
        return question_command(registry.find_question(cmd_name))


def listing(
    ctx: typer.Context,
    form: Annotated[str | None, typer.Option("--format", "-f", metavar="table|csv|json|md", show_default=False)] = None,
) -> None:
    if ctx.invoked_subcommand is None:
        list_questions(None, form)


def list_questions(room: str | None, form: str | None) -> None:
    """Rooms and their questions."""
    language = current_language()
    chosen = chosen_format(form)
    found = registry.questions(room)
    if chosen == "table":
        _print_rooms(found)
    else:
        rows = [{"question": q.id, "room": q.room, "en": q.text["en"], "zh": q.text["zh"]} for q in found.values()]
        emit([Head(name, name) for name in ("question", "room", "en", "zh")], rows, chosen)
    first = next(iter(found.values()), None)
    if first is not None:
        say_next(*example_words(first), *(("--lang", "zh") if language == "zh" else ()))


def _print_rooms(found: dict[str, Question]) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    language = current_language()
    console = Console(highlight=False, emoji=False)
    width = max(len(identifier) for identifier in found)
    for room in dict.fromkeys(question.room for question in found.values()):
        title = Text(t(f"core.room.{room}"), style="bold")
        title.append(f"  {t(f'core.room.{room}.question')}", style="not bold italic")
        console.print(title)
        table = Table.grid(padding=(0, 2))
        table.add_column(min_width=width, no_wrap=True, style="cyan")
        table.add_column(overflow="fold")
        for question in found.values():
            if question.room == room:
                table.add_row(question.id, question.text[language])
        console.print(Padding(table, (0, 0, 1, 2)))


def example_words(question: Question) -> list[str]:
    """The question's example as the words of a command line."""
    words = ["foreland", "ask", question.id]
    for name, value in question.example.items():
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{name.replace('_', '-')}")
        else:
            text = ",".join(value) if isinstance(value, (list, tuple)) else str(value)
            words += [f"--{name.replace('_', '-')}", text]
    return words


def _room_command(room: str) -> Any:
    def run(
        form: Annotated[
            str | None, typer.Option("--format", "-f", metavar="table|csv|json|md", show_default=False)
        ] = None,
    ) -> None:
        list_questions(room, form)

    command = _command_from(run, room)
    command.help = command.short_help = t(f"core.room.{room}.question")
    for parameter in command.params:
        speak_option(parameter, "ask")
    return command


def question_command(question: Question) -> Any:
    """The command of one question: its scope, its parameters, and how the answer is to be shown."""
    from rich.markup import escape

    specs = [_scope_option(name) for name in question.uses]
    specs += [_parameter_option(parameter) for parameter in question.parameters]
    specs += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        for name, hint, default in OWN
    ]

    def run(**values: Any) -> None:
        wish = Wish(**{name: values.pop(name) for name, _, _ in OWN})
        answer(question, {name: value for name, value in values.items() if value not in (None, [])}, wish)

    run.__signature__ = inspect.Signature(specs)  # type: ignore[attr-defined]
    run.__annotations__ = {spec.name: spec.annotation for spec in specs}
    command = _command_from(run, question.id)
    language = current_language()
    command.short_help = escape(question.text[language])
    command.help = "\n\n".join(
        (
            f"[bold]{escape(question.text[language])}[/bold]",
            f"[bold]{t('core.how_to_read')}[/bold]\n{escape(question.how(language))}",
        )
    )
    charts = ", ".join(f"{name} ({t(f'{question.id}.chart.{name}')})" for name in registry.chart_names(question.id))
    epilog = [f"[bold]{t('cli.ask.example')}[/bold] {escape(' '.join(example_words(question)))}"]
    if charts:
        epilog.append(f"[bold]{t('cli.ask.charts')}[/bold] {escape(charts)}")
    command.epilog = "\n\n".join(epilog)
    own = {name for name, _, _ in OWN}
    known = {parameter.name: parameter for parameter in question.parameters}
    for option in command.params:
        if option.name in known:
            option.help = _parameter_help(known[option.name])
            option.rich_help_panel = t("cli.panel.question")
        elif option.name in own:
            speak_option(option, "ask")
            option.rich_help_panel = t("cli.panel.answer")
        else:
            option.help = t(f"core.scope.{option.name}.help")
            option.rich_help_panel = t("cli.panel.scope")
    return command


def _command_from(function: Any, name: str) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode="rich")
    app.command(name, cls=SpokenCommand)(function)
    return typer.main.get_command(app)


def _scope_option(name: str) -> inspect.Parameter:
    option = typer.Option(f"--{name}", metavar=name.upper(), show_default=False)
    hint: Any = Annotated[list[str] | None, option] if name in SEVERAL else Annotated[str | None, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint)


def _parameter_option(parameter: Parameter) -> inspect.Parameter:
    """An option that hands on text, so that the question itself checks it and words the error."""
    flag = parameter.name.replace("_", "-")
    if parameter.type is bool:
        shown = f"--{flag}" if parameter.default else f"--no-{flag}"
        hint: Any = Annotated[bool | None, typer.Option(f"--{flag}/--no-{flag}", show_default=shown)]
    else:
        metavar = "|".join(parameter.choices) or {"int": "N", "float": "X"}.get(parameter.type.__name__, "TEXT")
        default = str(parameter.default)
        option = typer.Option(f"--{flag}", metavar=metavar, show_default=default or False)
        hint = Annotated[str | None, option]
    return inspect.Parameter(parameter.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint)


def _parameter_help(parameter: Parameter) -> str:
    from rich.markup import escape

    choices = "; ".join(f"{choice}: {parameter.choice_label(choice)}" for choice in parameter.choices)
    return escape(f"{parameter.help()} ({choices})" if choices else parameter.help())
