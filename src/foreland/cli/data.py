"""``init``, ``load``, ``check``, ``packs`` and ``sources``: what is in a workspace and how it gets there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from foreland.cli.show import Head, at_work, emit, say, say_next, talk
from foreland.cli.workspaces import DEFAULT, WorkspaceArgument, WorkspaceOption, open_existing, workspace_words
from foreland.core.address import Address
from foreland.core.errors import UsageError
from foreland.i18n import current_language, t

if TYPE_CHECKING:
    from foreland.data.documents.report import DocumentReport
    from foreland.data.load import LoadReport
    from foreland.data.records.report import RecordReport
    from foreland.data.workspace import Workspace

    R = TypeVar("R", LoadReport, DocumentReport, RecordReport)

Tell = Callable[[str, float], None]
"""Takes a stage and the share done."""
FAILED_CHECKS = 3
"""Exit code where data failed their checks."""
FormatOption = Annotated[str | None, typer.Option("--format", "-f", metavar="table|csv|json|md", show_default=False)]
Text = Annotated[str, typer.Option(metavar="TEXT", show_default=False)]


@contextmanager
def progress_bar(labels: str, lines: bool = False) -> Iterator[Tell]:
    """A progress bar on a terminal's stderr: gives a function that takes a stage and the share done.

    Parameters
    ----------
    labels
        Stages have their names under ``<labels>.<stage>``, and what follows a blank stands behind it; a stage without
        a name is shown as it is.
    lines
        Whether a line for each stage is written where stderr is no terminal.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from foreland.i18n import has

    def called(stage: str) -> str:
        name, _, part = stage.partition(" ")
        key = f"{labels}.{name}"
        return f"{t(key)} {part}".rstrip() if has(key) else stage

    console = talk()
    if not console.is_terminal:
        told: list[str] = []

        def write(stage: str, share: float) -> None:
            if lines and stage not in told:
                told.append(stage)
                say(f"{called(stage)} …")

        yield write
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def tell(stage: str, share: float) -> None:
            bar.update(task, description=called(stage), completed=share)

        yield tell


def init(directory: WorkspaceArgument = DEFAULT) -> None:
    from foreland.data.workspace import open_workspace

    there = (directory.folder / "settings.toml").is_file()
    open_workspace(directory)
    say(t("cli.init.there" if there else "cli.init.done", path=directory))
    say_next("foreland", "packs", "install", "china-provinces", *workspace_words(directory))


def load(
    path: Annotated[Path, typer.Argument(metavar="PATH", show_default=False)],
    workspace: WorkspaceOption = DEFAULT,
    maps: Annotated[list[str] | None, typer.Option("--map", "-m", metavar="ROLE=COLUMN", show_default=False)] = None,
    mapping: Annotated[Path | None, typer.Option(metavar="FILE.toml", show_default=False)] = None,
    layout: Annotated[str | None, typer.Option("--as", metavar="LAYOUT", show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n")] = False,
    scheme: Text = "",
    indicator: Text = "",
    unit: Text = "",
    period: Text = "",
    region: Text = "",
    field: Text = "",
    where: Annotated[list[str] | None, typer.Option(metavar="COLUMN=TEXT", show_default=False)] = None,
    regions: Annotated[str, typer.Option(metavar="own|LEVEL", show_default=False)] = "",
    wide: Annotated[str, typer.Option(metavar="period|field|indicator|region", show_default=False)] = "",
    sheet: Text = "",
    skip: Annotated[int, typer.Option(metavar="N", min=0)] = 0,
    encoding: Text = "",
    delimiter: Text = "",
    decimal: Text = "",
    signed: Annotated[bool, typer.Option("--signed")] = False,
    source: Annotated[str, typer.Option("--source", metavar="ID", show_default=False)] = "",
    title: Text = "",
    publisher: Text = "",
    licence: Text = "",
    url: Text = "",
    published: Text = "",
    issuer_from: Annotated[
        str, typer.Option("--issuer-from", metavar="auto|filename|folder|title|text|COLUMN", show_default=False)
    ] = "",
    text: Annotated[str, typer.Option("--text", metavar="COLUMN", show_default=False)] = "",
    group_by: Annotated[str, typer.Option("--group-by", metavar="COLUMN", show_default=False)] = "",
    abstracts: Annotated[bool, typer.Option("--abstracts/--no-abstracts", show_default=False)] = True,
    references: Annotated[str, typer.Option("--references", metavar="all|inside", show_default=False)] = "",
) -> None:
    from foreland.cli import records
    from foreland.data.chains.options import KINDS as EDGES
    from foreland.data.chains.options import EdgeOptions
    from foreland.data.documents.options import KINDS
    from foreland.data.load import load as load_file
    from foreland.data.mapping import Mapping

    given: dict[str, Any] = {
        "scheme": scheme, "indicator": indicator, "unit": unit, "period": period, "region": region, "field": field,
        "where": where or [], "regions": regions, "wide": wide, "sheet": sheet, "skip": skip or None,
        "encoding": encoding, "delimiter": delimiter, "decimal": decimal, "signed": signed or None,
        "source_id": source, "title": title, "publisher": publisher, "licence": licence, "url": url,
        "published": published,
    }  # fmt: skip
    said = {name: value for name, value in given.items() if value not in ("", None, [])}
    own = {"issuer_from": issuer_from, "text": text, "group_by": group_by}
    told = bool(maps or mapping)
    of_records = records.layout_of(path, layout, told or any(own.values()) or not set(said) <= {*records.OF_RECORDS})
    if of_records is not None:
        chosen_records = records.options_of(said | own_said(own), told, abstracts, references or "all")
        records.load(path, workspace, of_records, chosen_records, dry_run)
        return
    if references or not abstracts:
        raise UsageError("cli.error.only_records", names="--references" if references else "--no-abstracts")
    if layout in KINDS:
        said = _of_documents(said, mapping) | own_said(own)
        _load_documents(path, workspace, layout, maps or [], said, dry_run)
        return
    if strange := [f"--{name.replace('_', '-')}" for name, value in own.items() if value]:
        raise UsageError("cli.error.documents_option", names=", ".join(strange), path=path)
    edges: Any = None
    if layout in EDGES:
        edges = EdgeOptions.from_options(layout, maps or [], **_of_edges(said, mapping))
        maps, said = [], {}
    elif layout == "matrix" and not (mapping is not None and (maps or said)):
        edges = _matrix_options(maps or [], said, mapping)
        maps, said, mapping = [], {}, None
    if mapping is not None and (maps or said):
        raise UsageError("cli.error.mapping_twice", names=", ".join(["--map"] * bool(maps) + [f"--{n}" for n in said]))
    chosen = Mapping.from_toml(mapping) if mapping is not None else None
    if maps or said:
        chosen = Mapping.from_options(maps or [], **said)

    def figures(ws: Workspace, tell: Tell) -> LoadReport:
        return load_file(ws, path, mapping=chosen, layout=layout, dry_run=dry_run, progress=tell, edges=edges)

    if landed(workspace, dry_run, figures, "check"):
        say_next("foreland", "ask", *workspace_words(workspace))


def landed(workspace: Address, dry_run: bool, load: Callable[[Workspace, Tell], R], *check: str) -> R | None:
    """Load with a bar of progress and say what came of it; gives the report where it is time to ask.

    Where rows were rejected the next thing is ``check``, the words of a command; after a dry run there is none.
    """
    from foreland.data.workspace import open_workspace

    with ExitStack() as stack:
        ws = open_workspace(held_against(workspace, dry_run, stack))
        report = load(ws, stack.enter_context(progress_bar("cli.stage")))
    say(report.text().rstrip())
    if dry_run:
        say(t("cli.load.dry"))
    elif report.rejected:
        say_next("foreland", *check, *workspace_words(workspace))
    else:
        return report
    return None


@contextmanager
def resumable() -> Iterator[None]:
    """Say of what is stopped that what was read is kept."""
    try:
        yield
    except KeyboardInterrupt:
        say(t("cli.load.kept"))
        raise


def own_said(own: dict[str, str]) -> dict[str, str]:
    """Options that were given."""
    return {name: value for name, value in own.items() if value}


def held_against(workspace: Address, dry_run: bool, stack: ExitStack) -> Address:
    """The workspace of a load; for a dry run without one, an empty one that is thrown away, as it makes nothing."""
    if dry_run and not workspace.folder.exists():
        return Address(Path(stack.enter_context(TemporaryDirectory())) / "workspace")
    return workspace


NUMBERED = ("observations", "documents")
OF_DOCUMENTS = (
    "region", "where", "sheet", "skip", "encoding", "delimiter", "source_id", "title", "publisher", "licence", "url",
    "published",
)  # fmt: skip
"""Options of ``load`` that documents have too."""


OF_EDGES = (
    "scheme", "unit", "period", "sheet", "skip", "encoding", "delimiter", "decimal", "source_id", "title", "publisher",
    "licence", "url", "published",
)  # fmt: skip
"""Options of ``load`` that edge lists have too."""


def _matrix_options(maps: list[str], said: dict[str, Any], mapping: Path | None) -> Any:
    """How an input–output table is read, by a TOML file or by options."""
    from foreland.data.chains.matrix import MatrixOptions

    if mapping is not None:
        return MatrixOptions.from_toml(mapping)
    strange = [f"--{name.replace('_', '-')}" for name in said if name not in (*OF_EDGES, "region", "where")]
    if strange:
        raise UsageError("cli.error.matrix_option", names=", ".join(strange))
    return MatrixOptions.from_options(maps, **said)


def _of_edges(said: dict[str, Any], mapping: Path | None) -> dict[str, Any]:
    strange = [f"--{name.replace('_', '-')}" for name in said if name not in OF_EDGES]
    strange += ["--mapping"] * (mapping is not None)
    if strange:
        raise UsageError("cli.error.edges_option", names=", ".join(strange))
    return said


def _of_documents(said: dict[str, Any], mapping: Path | None) -> dict[str, Any]:
    strange = [f"--{name.replace('_', '-')}" for name in said if name not in OF_DOCUMENTS]
    strange += ["--mapping"] * (mapping is not None)
    if strange:
        raise UsageError("cli.error.figures_option", names=", ".join(strange))
    return said


def _load_documents(
    path: Path, workspace: Address, kind: str, maps: list[str], said: dict[str, Any], dry_run: bool
) -> None:
    from foreland.data.documents.land import load_documents
    from foreland.data.documents.options import DocumentOptions

    options = DocumentOptions.from_options(maps, **said)

    def documents(ws: Workspace, tell: Tell) -> DocumentReport:
        with resumable():
            return load_documents(ws, path, kind=kind, options=options, dry_run=dry_run, progress=tell)

    if landed(workspace, dry_run, documents, "check", "--rejects"):
        say_next("foreland", "documents", *workspace_words(workspace))


def sources(workspace: WorkspaceOption = DEFAULT, form: FormatOption = None) -> None:
    ws = open_existing(workspace)
    zh = current_language() == "zh"
    rows = [
        {
            "source_id": source_id,
            "title": row.get("title_zh" if zh else "title_en"),
            "publisher": row.get("publisher"),
            "licence": row.get("licence"),
            "published": row.get("published"),
            "retrieved": row.get("retrieved"),
            **{
                column: loaded.tables[table].rows if table in loaded.tables else 0
                for column, table in (("observations", "observation"), ("documents", "document"))
            },
            "url": row.get("url"),
        }
        for source_id, loaded in ws.sources.items()
        for row in (ws.source_table.get(source_id, {}),)
    ]
    names = ("source_id", "title", "publisher", "licence", "published", "retrieved", *NUMBERED, "url")
    from foreland.cli.show import chosen_format

    # Addresses are too long for a terminal; files have them.
    shown = [name for name in names if name != "url" or chosen_format(form) != "table"]
    emit([Head(name, t(f"cli.column.{name}"), name in NUMBERED) for name in shown], rows, form)
    if rows:
        say_next("foreland", "ask", *workspace_words(workspace))
    else:
        say(t("cli.sources.none"))
        say_next("foreland", "packs", "install", "china-provinces", *workspace_words(workspace))


def packs(ctx: typer.Context, workspace: WorkspaceOption = DEFAULT, form: FormatOption = None) -> None:
    if ctx.invoked_subcommand is not None:
        return
    from foreland.data.packs import packs as known
    from foreland.data.workspace import open_workspace

    ws = open_workspace(workspace, create=False) if (workspace.folder / "settings.toml").is_file() else None
    zh = current_language() == "zh"
    rows = [
        {
            "pack": pack.name,
            "title": pack.title_zh if zh else pack.title_en,
            "about": pack.description_zh if zh else pack.description_en,
            "observations": pack.rows,
            "installed": ws is not None and pack.installed(ws),
        }
        for pack in known().values()
    ]
    names = ("pack", "title", "about", "observations", "installed")
    emit([Head(name, t(f"cli.column.{name}"), name == "observations") for name in names], rows, form)
    missing = [str(row["pack"]) for row in rows if not row["installed"]]
    if missing:
        say_next("foreland", "packs", "install", missing[0], *workspace_words(workspace))
    else:
        say_next("foreland", "ask", *workspace_words(workspace))


def install(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    workspace: WorkspaceOption = DEFAULT,
) -> None:
    from foreland.data.packs import install as install_pack
    from foreland.data.workspace import open_workspace

    ws = open_workspace(workspace)
    with progress_bar("cli.stage") as tell:
        landed = install_pack(ws, name, progress=tell)
    for source in landed:
        say(f"  {source.source_id}  {source.rows:,}  {t(f'cli.packs_install.{source.state}')}", "dim")
    say(t("cli.packs_install.done", name=name, path=workspace))
    say_next("foreland", "ask", *workspace_words(workspace))


def check(
    workspace: WorkspaceOption = DEFAULT,
    form: FormatOption = None,
    rejects: Annotated[bool, typer.Option("--rejects")] = False,
) -> None:
    from foreland.data.checks import check as problems_of

    ws = open_existing(workspace)
    if rejects:
        _show_rejects(ws, form)
        return
    with at_work(t("cli.check")):
        problems = problems_of(ws)
    rows = [
        {"source_id": problem.source_id, "severity": t(f"cli.check.{problem.severity}"), "problem": problem.text()}
        for problem in problems
    ]
    if rows:
        names = ("severity", "source_id", "problem")
        emit([Head(name, t(f"cli.column.{name}")) for name in names], rows, form)
    else:
        say(t("cli.check.sound"), "bold")
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        say(t("cli.check.failed", count=errors), "bold red")
        raise typer.Exit(FAILED_CHECKS)
    if ws.rows("reject"):
        say_next("foreland", "check", "--rejects", *workspace_words(workspace))
    else:
        say_next("foreland", "ask", *workspace_words(workspace))


def _show_rejects(ws: Workspace, form: str | None) -> None:
    """Rows and files that loads did not take, with line and reason."""
    from foreland.core.tables import table_spec
    from foreland.data.documents.report import RejectedFile

    zh = current_language() == "zh"
    specs = table_spec("reject").columns
    table = ws.table("reject")
    rows = ws.to_arrow(table.order_by(list(table_spec("reject").key))).to_pylist()
    for row in rows:
        code = row["reason"].removeprefix("data.reject.")
        row["reason"] = RejectedFile(row["column"] or "", code, row["text"] or "", row["line"] or 0).text()
    emit([Head(spec.name, spec.zh if zh else spec.en, spec.type == "int64") for spec in specs], rows, form)
