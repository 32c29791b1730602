"""``load`` of papers, patents and projects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.cli.show import say_next
from foreland.cli.workspaces import workspace_words
from foreland.core.address import Address
from foreland.core.errors import UsageError

if TYPE_CHECKING:
    from foreland.cli.data import Tell
    from foreland.data.records.record import RecordOptions
    from foreland.data.records.report import RecordReport
    from foreland.data.workspace import Workspace

OF_RECORDS = ("encoding", "source_id", "title", "publisher", "licence", "url", "published")
"""Options of ``load`` that records have too."""


def layout_of(path: Path, layout: str | None, told: bool) -> str | None:
    """The format of records that is asked for, or, where nothing is told of columns, the one the file is in."""
    from foreland.data.records import formats

    if layout in formats.NAMES:
        return layout
    return formats.detect(path) if layout is None and not told and path.exists() else None


def options_of(said: dict[str, Any], told: bool, abstracts: bool, references: str) -> RecordOptions:
    """How records are loaded, from options of the command line.

    Raises
    ------
    UsageError
        If an option is given that says nothing about records.
    """
    from foreland.data.mapping import Mapping
    from foreland.data.records.record import REFERENCES, RecordOptions

    strange = [f"--{name.replace('_', '-')}" for name in said if name not in OF_RECORDS]
    strange += ["--map"] * told
    if strange:
        raise UsageError("cli.error.records_option", names=", ".join(strange))
    if references not in REFERENCES:
        known = ", ".join(REFERENCES)
        raise UsageError("data.error.unknown_option", option="references", value=references, known=known)
    return RecordOptions(abstracts, references, Mapping.from_options(**said))


def load(path: Path, workspace: Address, layout: str, options: RecordOptions, dry_run: bool) -> None:
    """Load records and say what came of it."""
    from foreland.cli.data import landed, resumable
    from foreland.data.discovery.topics import FEWEST
    from foreland.data.records.land import load_records

    def records(ws: Workspace, tell: Tell) -> RecordReport:
        with resumable():
            return load_records(ws, path, layout=layout, options=options, dry_run=dry_run, progress=tell)

    if report := landed(workspace, dry_run, records, "check", "--rejects"):
        if report.rows.get("document", 0) >= FEWEST:
            say_next("foreland", "discover", report.source_id, *workspace_words(workspace))
        say_next("foreland", "ask", *workspace_words(workspace))
