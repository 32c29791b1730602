"""``discover``: terms and topics in papers, patents and projects."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from foreland.cli.data import progress_bar
from foreland.cli.show import say, say_next
from foreland.cli.workspaces import DEFAULT, WorkspaceOption, open_existing, workspace_words
from foreland.core.errors import UsageError


def discover(
    source: Annotated[str, typer.Argument(metavar="SOURCE", show_default=False)],
    workspace: WorkspaceOption = DEFAULT,
    terms: Annotated[bool, typer.Option("--terms/--no-terms")] = True,
    topics: Annotated[bool, typer.Option("--topics/--no-topics")] = True,
    origins: Annotated[str, typer.Option("--origins", metavar="YEAR,YEAR", show_default=False)] = "",
    number: Annotated[int | None, typer.Option("--number", "-k", metavar="K", show_default=False)] = None,
) -> None:
    from foreland.data.discovery.build import DiscoveryOptions
    from foreland.data.discovery.build import discover as find
    from foreland.data.discovery.topics import TopicRule

    years = _years(origins)
    ws = open_existing(workspace)
    options = DiscoveryOptions(topics=TopicRule(number=number))
    with progress_bar("cli.stage", lines=True) as tell:
        report = find(ws, source, terms=terms, topics=topics, origins=years, options=options, progress=tell)
    say(report.text())
    say_next("foreland", "ask", *workspace_words(workspace))


def _years(text: str) -> list[int]:
    """The years of ``2010,2015`` or ``2005-2015``."""
    years: list[int] = []
    for word in re.split(r"[,，、\s]+", text.strip()):
        found = re.fullmatch(r"([0-9]{4})(?:[-–—:]([0-9]{4}))?", word)
        if word and not found:
            raise UsageError("cli.error.origins", value=text)
        if found:
            first, last = int(found[1]), int(found[2] or found[1])
            if last < first:
                raise UsageError("cli.error.origins", value=text)
            years += range(first, last + 1)
    return years
