"""``fetch``: records asked of databases on the network."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from foreland.cli.data import progress_bar
from foreland.cli.show import say, say_next
from foreland.core.errors import ForelandError, UsageError
from foreland.i18n import t

KEY = "OPENALEX_API_KEY"
"""Variable with the API key. There is no option for it: command lines are seen by others and kept in histories."""


def fetch(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())


def openalex(
    path: Annotated[Path, typer.Argument(metavar="FILE.jsonl.gz", show_default=False)],
    search: Annotated[str, typer.Option("--search", metavar="TEXT", show_default=False)] = "",
    filters: Annotated[list[str] | None, typer.Option("--filter", metavar="NAME=VALUE", show_default=False)] = None,
    first: Annotated[int | None, typer.Option("--from", metavar="YEAR", min=1, max=9999, show_default=False)] = None,
    last: Annotated[int | None, typer.Option("--to", metavar="YEAR", min=1, max=9999, show_default=False)] = None,
    most: Annotated[int | None, typer.Option("--most", metavar="N", min=1, show_default=False)] = None,
    mail: Annotated[str, typer.Option("--mail", metavar="ADDRESS", show_default=False)] = "",
) -> None:
    from foreland.data.records import fetch as fetching
    from foreland.data.records.openalex_pages import Query

    # Both go into headers of a request, which take no more than this.
    if mail and not re.fullmatch(r"[!-?A-~]+@[!-?A-~]+", mail):
        raise UsageError("cli.error.fetch_mail", value=mail)
    query = Query(search, tuple(map(_filter, filters or ())), first, last, most)
    try:
        with progress_bar("cli.stage") as tell:
            done = fetching.fetch_openalex(path, query, mail=mail, key=os.environ.get(KEY, ""), progress=tell)
    except (ForelandError, KeyboardInterrupt) as error:
        works = fetching.kept(path)
        if works and not isinstance(error, UsageError):
            say(t("cli.fetch.kept", works=f"{works:,}", path=fetching.part_of(path)))
        raise
    if done.before:
        say(t("cli.fetch.went_on", works=f"{done.before:,}"))
    say(t("cli.fetch.done", works=f"{done.works:,}", total=f"{done.total:,}", path=path), "bold")
    say_next("foreland", "load", str(path))


def _filter(text: str) -> tuple[str, str]:
    """Name and value of ``authorships.countries=CN``."""
    name, _, value = (part.strip() for part in text.partition("="))
    if not re.fullmatch(r"[A-Za-z_][\w.-]*", name, re.ASCII) or not value:
        raise UsageError("cli.error.fetch_filter", value=text)
    return name, value
