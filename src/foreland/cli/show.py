"""What a person sees: talk on stderr, data on stdout, as a table on a terminal and as CSV in a pipe."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from foreland.core.errors import UsageError
from foreland.i18n import t

if TYPE_CHECKING:
    from rich.console import Console

FORMATS = ("table", "csv", "json", "md")
MAX_HEADING, MAX_TEXT = 14, 22
"""Cells at which headings and texts of a table on a terminal are broken into lines."""


class Head(NamedTuple):
    """The head of a column: its name in files, its label on a terminal, whether it holds numbers."""

    name: str
    label: str
    numeric: bool = False


UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Characters that steer a terminal or can't be seen; those that join letters in some scripts are left."""
MAX_LINE = 2_000
"""Characters of a line on a terminal; what a file calls a name may be a page."""


def harmless(text: str) -> str:
    """A text that may come from a file, safe to show: what can't be seen is spelled out, long lines are cut."""
    text = UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)
    if len(text) <= MAX_LINE:
        return text
    return "\n".join(line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…" for line in text.split("\n"))


def talk() -> Console:
    """Where everything goes that is not data."""
    from rich.console import Console

    class Talk(Console):
        def print(self, *objects: Any, **options: Any) -> None:
            super().print(*(harmless(each) if isinstance(each, str) else each for each in objects), **options)

    return Talk(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)


def say(text: str, style: str = "") -> None:
    """Say something on stderr."""
    talk().print(text, style=style)


def say_next(*words: str) -> None:
    """Name the next useful command."""
    console = talk()
    console.print(f"{t('cli.next')}{t('cli.colon')}", style="dim", end="")
    console.print(command_line(*words), style="bold")


@cache
def program() -> str:
    """How the command is called from here: by its name where the shell finds it, else by its path."""
    called = Path(sys.argv[0])
    if shutil.which("foreland") or called.name != "foreland":
        return "foreland"
    return os.path.relpath(called) if called.is_file() else "foreland"


def command_line(*words: str) -> str:
    """A command as it would be typed; Chinese is left readable."""
    if words[:1] == ("foreland",):
        words = (program(), *words[1:])
    return " ".join(word if word.replace("-", "").replace("、", "").isalnum() else shlex.quote(word) for word in words)


@contextmanager
def at_work(text: str) -> Iterator[None]:
    """Show on a terminal that something is being worked on."""
    console = talk()
    if not console.is_terminal:
        yield
        return
    with console.status(text):
        yield


def chosen_format(form: str | None, known: Sequence[str] = FORMATS) -> str:
    """The format asked for; by default a table on a terminal and CSV elsewhere."""
    if form is None:
        return "table" if sys.stdout.isatty() else "csv"
    if form not in known:
        raise UsageError("cli.error.format", name=form, known=", ".join(known))
    return form


def emit(heads: Sequence[Head], rows: Sequence[Mapping[str, Any]], form: str | None = None) -> None:
    """Write records to stdout.

    Parameters
    ----------
    heads
        The columns, in order.
    rows
        Column → value; what is missing stays empty.
    form
        One of :data:`FORMATS`, or None to choose.
    """
    match chosen_format(form):
        case "json":
            records = [{head.name: row.get(head.name) for head in heads} for row in rows]
            sys.stdout.write(json.dumps(records, ensure_ascii=False, indent=1, default=str) + "\n")
        case "csv":
            import csv

            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow([head.name for head in heads])
            writer.writerows([["" if (v := row.get(h.name)) is None else v for h in heads] for row in rows])
        case "md":
            print_markdown(heads, [[_plain(row.get(head.name)) for head in heads] for row in rows])
        case _:
            print_table(heads, [[_plain(row.get(head.name)) for head in heads] for row in rows])


def print_table(heads: Sequence[Head], rows: Sequence[Sequence[str]]) -> list[Head]:
    """A table for a terminal, with as many of the first columns as fit; gives the columns left out."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False, emoji=False)
    widths = [_width(head, [row[i] for row in rows]) for i, head in enumerate(heads)]
    shown = _fitting(widths, console.width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for head, width in zip(heads[:shown], widths, strict=False):
        justify = "right" if head.numeric else "left"
        table.add_column(head.label, justify=justify, overflow="fold", min_width=width)  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*row[:shown])
    console.print(table)
    return list(heads[shown:])


def _width(head: Head, cells: Sequence[str]) -> int:
    """The least width at which a column reads well: whole numbers, texts of some words, headings of few lines."""
    from rich.cells import cell_len

    words = [cell_len(word) for word in head.label.split()]
    heading = max(words) if len(words) > 1 else -(-cell_len(head.label) // 3)
    longest = max((cell_len(cell) for cell in cells), default=0)
    return max(min(heading, MAX_HEADING), longest if head.numeric else min(longest, MAX_TEXT), 3)


def _fitting(widths: Sequence[int], room: int) -> int:
    """How many columns fit side by side with their margins; two at least."""
    used = 0
    for shown, width in enumerate(widths):
        used += width + 3
        if used > room - 1 and shown >= 2:
            return shown
    return len(widths)


def print_markdown(heads: Sequence[Head], rows: Sequence[Sequence[str]]) -> None:
    """A table in Markdown."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    print(line([head.label for head in heads]))
    print(line(["---:" if head.numeric else "---" for head in heads]))
    for row in rows:
        print(line(row))


def _plain(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return t("core.yes" if value else "core.no")
    return f"{value:,}" if isinstance(value, int) else harmless(str(value))
