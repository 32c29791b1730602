"""Typer in two languages: its commands, options and errors take their words from ``texts.csv``.

A command's help stands under ``cli.<command>``, an option's under ``cli.<command>.<option>`` or, where
several commands share it, under ``cli.option.<option>``.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from foreland.i18n import has, t

# Typer carries Click inside from some version on, so the classes are reached through Typer's own name.
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]


class SpokenCommand(TyperCommand):
    """A command whose help is in the current language."""

    def get_usage(self, ctx: Any) -> str:
        return _usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        return _help_option(super().get_help_option(ctx))


class SpokenGroup(TyperGroup):
    """A group of commands whose help is in the current language."""

    def get_usage(self, ctx: Any) -> str:
        return _usage(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        return _help_option(super().get_help_option(ctx))


def _usage(text: str) -> str:
    return text.replace("Usage:", t("cli.usage"), 1)


def _help_option(option: Any) -> Any:
    if option is not None:
        option.help = t("cli.option.help")
    return option


def speak(command: Any, name: str = "") -> Any:
    """Give a command and all below it their words."""
    _speak_panels()
    if name:
        command.help = command.short_help = t(f"cli.{name}")
        if has(f"cli.{name}.more"):
            command.help = f"{command.help}\n\n{t(f'cli.{name}.more')}"
        command.epilog = t("cli.epilog")
    for parameter in command.params:
        speak_option(parameter, name)
    for child, sub in getattr(command, "commands", {}).items():
        speak(sub, f"{name}_{child}" if name else child)
    return command


def speak_option(parameter: Any, command: str) -> None:
    """Give an option or argument of a command its words."""
    own = f"cli.{command}.{parameter.name}"
    if parameter.name != "help":
        parameter.help = t(own if has(own) else f"cli.option.{parameter.name}")


def _speak_panels() -> None:
    """The headings of Typer's help, which it keeps as module constants, and its tables."""
    from rich.table import Table
    from rich.text import Text
    from typer import rich_utils

    class Folding(Table):
        """A table that breaks Chinese, which has no blanks, instead of cutting it off."""

        def add_row(self, *cells: Any, **options: Any) -> None:
            super().add_row(*cells, **options)
            for column in self.columns:
                column.overflow = "fold"

    rich_utils.Table = Folding  # type: ignore[misc]
    rich_utils.Columns = lambda items, **_: Text(" ").join(items)  # type: ignore[assignment,misc]

    for constant, key in (
        ("ARGUMENTS_PANEL_TITLE", "cli.panel.arguments"),
        ("OPTIONS_PANEL_TITLE", "cli.panel.options"),
        ("COMMANDS_PANEL_TITLE", "cli.panel.commands"),
        ("DEFAULT_STRING", "cli.panel.default"),
        ("ENVVAR_STRING", "cli.panel.environment"),
        ("REQUIRED_LONG_STRING", "cli.panel.required"),
    ):
        setattr(rich_utils, constant, t(key))


def spoken_error(error: Exception) -> tuple[str, str, str] | None:
    """What, where and cure of a wrong command line; None for any other error."""
    if not isinstance(error, _USAGE_ERROR):
        return None
    context: Any = getattr(error, "ctx", None)
    cure = t("cli.error.usage.cure", command=context.command_path if context else "foreland")
    kind = type(error).__name__
    parameter: Any = getattr(error, "param", None)
    hint = parameter.get_error_hint() if parameter is not None and kind != "MissingParameter" else ""
    match kind:
        case "NoSuchOption":
            what = t("cli.error.no_option", name=error.option_name)  # type: ignore[attr-defined]
            near = getattr(error, "possibilities", None)
            if near:
                from foreland.core.errors import did_you_mean

                what = f"{what} {did_you_mean(sorted(near))}"
        case "MissingParameter":
            shown = parameter.metavar or parameter.opts[0] if parameter is not None else ""
            what = t("cli.error.missing", name=shown)
        case "BadParameter":
            what = t("cli.error.bad_value", name=hint.strip("'"), detail=getattr(error, "message", ""))
        case _:
            what = _no_command(error, context) or getattr(error, "message", str(error))
    return what, "", cure


def _no_command(error: Exception, context: Any) -> str:
    """The word that is no command, with the nearest ones; empty if the error is another one."""
    message = getattr(error, "message", "")
    known = list(getattr(getattr(context, "command", None), "commands", {}))
    if not known or not message.startswith("No such command"):
        return ""
    import difflib

    from foreland.core.errors import did_you_mean

    name = message.split("'")[1] if message.count("'") >= 2 else message
    return f"{t('cli.error.no_command', name=name)} {did_you_mean(difflib.get_close_matches(name, known, 3, 0.5))}"
