"""Answer a question on the command line: data to stdout, what a reader must know to stderr."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.cli.show import Head, at_work, print_markdown, print_table, say, say_next, talk
from foreland.cli.workspaces import field_ids, indicator_id, open_existing, region_id, region_ids, workspace_words
from foreland.core.address import Address
from foreland.core.errors import ForelandError, UsageError, Where, WorkspaceError
from foreland.i18n import current_language, t

if TYPE_CHECKING:
    from foreland.core.finding import Finding
    from foreland.core.registry import Question
    from foreland.data.workspace import Workspace

FORMATS = ("table", "csv", "json", "md", "parquet", "svg", "png", "html", "docx")
DRAWN = ("svg", "png")
BINARY = ("parquet", "png", "docx")
EMPTY = "—"
"""How a value that is missing is written."""
STYLES = {"serious": "bold red", "warning": "yellow", "note": "dim"}


@dataclass(frozen=True)
class Wish:
    """How an answer is to be shown.

    Parameters
    ----------
    chart
        Chart to draw.
    out
        File to write; its suffix says the format.
    form
        Format on stdout.
    rows
        Most rows of a table on a terminal; 0 for all.
    evidence
        Row whose evidence is wanted, counted from 1.
    explain
        Whether to explain the answer instead of giving it.
    quiet
        Whether to leave out all talk.
    workspace
        Where the workspace is.
    """

    chart: str | None
    out: Path | None
    form: str | None
    rows: int
    evidence: int | None
    explain: bool
    quiet: bool
    workspace: Address


def answer(question: Question, given: Mapping[str, Any], wish: Wish) -> None:
    """Answer a question and show the answer as wished."""
    form = _format(wish)
    ws = open_existing(wish.workspace)
    arguments = resolved(ws, question, given)
    with at_work(question.text[current_language()]):
        finding = question(ws, **arguments, language=current_language())
    if not wish.quiet and not wish.explain:
        talk().print(finding.headline[current_language()], style="bold")
        say(f"{t('core.benchmark')}{t('cli.colon')}{finding.benchmark[current_language()]}", "dim")
    if wish.explain:
        print(finding.explain())
        return
    if wish.evidence is not None:
        show_evidence(finding, wish.evidence, form)
    elif wish.out is not None:
        saved = _saved(finding, wish)
        say(t("cli.ask.saved", path=saved))
    else:
        show(finding, form, wish)
    if not wish.quiet:
        say_caveats(finding)
        _say_next(question, arguments, finding, wish)


def resolved(ws: Workspace, question: Question, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with ids for the names that were typed."""
    arguments = dict(given)
    if arguments.get("region"):
        arguments["region"] = region_ids(ws, arguments["region"], arguments.get("level"))
    if arguments.get("benchmark"):
        arguments["benchmark"] = region_id(ws, arguments["benchmark"])
    if arguments.get("indicator"):
        arguments["indicator"] = indicator_id(ws, arguments["indicator"])
    if arguments.get("field"):
        arguments["field"] = _fields(ws, question, arguments)
    return arguments


def _fields(ws: Workspace, question: Question, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of fields; a name of several classifications means that which the question chooses by itself."""
    texts, scheme = arguments["field"], arguments.get("scheme")
    try:
        return field_ids(ws, texts, scheme)
    except UsageError as ambiguous:
        if ambiguous.key != "cli.error.ambiguous" or scheme:
            raise
        try:
            chosen = question(ws, **{name: value for name, value in arguments.items() if name != "field"}).scope.scheme
            if chosen:
                return field_ids(ws, texts, chosen)
        except ForelandError:
            pass  # what is wrong is that the name is ambiguous
        raise


def show(finding: Finding, form: str, wish: Wish) -> None:
    """Write a finding to stdout."""
    heads = [Head(spec.name, spec.label(), spec.numeric) for spec in finding.columns]
    if form == "table":
        _show_table(finding, heads, wish)
    elif form == "csv":
        write_csv(finding)
    elif form == "md":
        print_markdown(heads, finding.written())
    else:
        from foreland.core.registry import exporter

        content = exporter(form)(finding, wish.chart, current_language())
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        if form not in BINARY and not content.endswith(b"\n"):
            sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()


def _show_table(finding: Finding, heads: list[Head], wish: Wish) -> None:
    """The table on a terminal: what is the same in every row stands once, below it what was left out."""
    written = finding.written()
    same = [i for i in range(len(heads)) if len(written) > 1 and len({row[i] for row in written}) == 1]
    if same and not wish.quiet:
        constant = [f"{heads[i].label} {written[0][i]}" for i in same if written[0][i] != EMPTY]
        if constant:
            say(t("cli.ask.same", columns="; ".join(constant)), "dim")
    kept = [i for i in finding.shown if i not in same]
    most = wish.rows or len(written)
    left_out = print_table([heads[i] for i in kept], [[row[i] for i in kept] for row in written[:most]])
    if left_out:
        names = ", ".join(head.name for head in left_out)
        say(t("cli.ask.more_columns", more=len(left_out), names=names), "dim")
    if len(written) > most:
        say(t("cli.ask.more_rows", more=len(written) - most), "dim")


def write_csv(finding: Finding) -> None:
    """The table as CSV for the next program: ids, names beside them, bare numbers."""
    named = {spec.name: f"{spec.name.removesuffix('_id')}_name" for spec in finding.columns
             if spec.format in {"region", "field", "indicator", "source"}}  # fmt: skip
    header = [name for spec in finding.columns for name in (spec.name, named.get(spec.name)) if name]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    for row in finding.rows():
        cells: list[Any] = []
        for name, value in row.items():
            cells.append("" if value is None else value)
            if name in named:
                cells.append("" if value is None else finding.name(value))
        writer.writerow(cells)


def say_caveats(finding: Finding) -> None:
    """Caveats as chips with their texts, and the sources."""
    console = talk()
    for caveat in finding.caveats:
        console.print(f"[{caveat.label()}]", style=STYLES[caveat.severity], end=" ")
        console.print(caveat.text())
    console.print(f"{t('cli.ask.sources')}{t('cli.colon')}{finding.source_line()}", style="dim")
    console.print(t("cli.ask.id", id=finding.id), style="dim")


def show_evidence(finding: Finding, row: int, form: str) -> None:
    """The input rows behind one row, counted from 1 as on the terminal."""
    if not 1 <= row <= len(finding):
        raise UsageError("cli.error.no_row", row=row, rows=len(finding))
    evidence = finding.evidence(row - 1)
    spoken = zip(finding.columns, finding.written()[row - 1], strict=True)
    say(", ".join(f"{spec.label()} {text}" for spec, text in spoken), "bold")
    if form == "json":
        import json

        tables = [{"table": item.table, "rows": rows.to_pylist()} for item, rows in evidence.tables]
        print(json.dumps({"row": evidence.row, "evidence": tables}, ensure_ascii=False, indent=1, default=str))
        return
    merged: dict[str, list[dict[str, Any]]] = {}
    for item, rows in evidence.tables:
        merged.setdefault(item.table, []).extend(rows.to_pylist())
    for position, (name, rows_of) in enumerate(merged.items()):
        say(t("cli.ask.evidence_of", table=name, rows=len(rows_of)))
        if position and form == "csv":
            print()
        _show_rows(name, rows_of, form)


def _show_rows(table: str, rows: list[dict[str, Any]], form: str) -> None:
    from foreland.cli.show import emit
    from foreland.core.columns import column
    from foreland.core.tables import table_spec

    own = {spec.name: spec for spec in table_spec(table).columns}
    # What stands in a document comes with who issued it and when.
    about = [s for s in table_spec("document").columns if s.name in ("region_id", "date", "title")]
    specs = [s for s in (*about, *own.values()) if any(row.get(s.name) is not None for row in rows)]
    specs = list({s.name: s for s in specs}.values())
    short = form == "table"
    heads = [Head(s.name, s.name if short else _meaning(s), s.type in ("double", "int64")) for s in specs]
    if any(row.get("sentence") for row in rows):
        heads.insert(len(heads) - 1, Head("sentence", column("sentence").label()))
    emit(heads, rows, form if form in ("csv", "md", "table") else "table")


def _meaning(spec: Any) -> str:
    return str(spec.zh if current_language() == "zh" else spec.en)


def _format(wish: Wish) -> str:
    """The format on stdout, checked before any work is done."""
    form = wish.form
    if form is None:
        form = "svg" if wish.chart and wish.out is None else "table" if sys.stdout.isatty() else "csv"
    if form not in FORMATS:
        raise UsageError("cli.error.format", name=form, known=", ".join(FORMATS))
    if wish.out is None and sys.stdout.isatty() and (form in BINARY or (wish.chart and form in DRAWN)):
        raise UsageError("cli.error.needs_out", format=form)
    return form


def _saved(finding: Finding, wish: Wish) -> Path:
    assert wish.out is not None
    if not wish.out.suffix and wish.form:
        return _saved(finding, Wish(**{**vars(wish), "out": wish.out.with_suffix(f".{wish.form}"), "form": None}))
    try:
        return finding.save(wish.out, chart=wish.chart, language=current_language())
    except OSError as error:
        raise WorkspaceError(
            "cli.error.cannot_save", where=Where(wish.out), detail=error.strerror or str(error)
        ) from error


def _say_next(question: Question, arguments: Mapping[str, Any], finding: Finding, wish: Wish) -> None:
    words = ["foreland", "ask", question.id]
    for name, value in arguments.items():
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{name.replace('_', '-')}")
        else:
            words += [f"--{name.replace('_', '-')}", ",".join(value) if isinstance(value, tuple) else str(value)]
    words += workspace_words(wish.workspace)
    if wish.out is not None or wish.chart:
        place = finding.scope.focus
        if place:
            say_next("foreland", "brief", place, *workspace_words(wish.workspace))
    elif wish.evidence is None and len(finding):
        say_next(*words, "--evidence", "1")
    elif finding.charts:
        chart = finding.charts[0]
        say_next(*words, "--chart", chart, "--out", f"{chart}.svg")
