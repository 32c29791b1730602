"""``doctor``: is everything there that Foreland needs, and is the workspace sound?"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import typer

from foreland.cli.data import FormatOption
from foreland.cli.show import Head, emit, say, say_next
from foreland.cli.workspaces import DEFAULT, WorkspaceOption, workspace_words
from foreland.core.address import Address
from foreland.core.errors import ForelandError
from foreland.i18n import current_language, t

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

LIBRARIES = (
    "duckdb", "ibis-framework", "pyarrow", "numpy", "scipy", "pandas", "altair", "vl-convert-python", "fastapi",
    "typer", "rich",
)  # fmt: skip
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts",
                "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts")  # fmt: skip
CHINESE_FONTS = (
    "cjk",
    "sourcehan",
    "pingfang",
    "msyh",
    "simsun",
    "simhei",
    "wqy",
    "songti",
    "heiti",
    "droidsansfallback",
)
LOW_DISK = 1 << 30

State = Literal["ok", "warning", "fault"]


class Check(NamedTuple):
    """One thing looked at: a key of ``cli.doctor``, how it stands, and what was found."""

    key: str
    state: State
    detail: str
    cure: str = ""


def doctor(workspace: WorkspaceOption = DEFAULT, form: FormatOption = None) -> None:
    checks = [*environment(), *_workspace(workspace)]
    rows = [
        {
            "check": t(f"cli.doctor.{c.key}"),
            "state": t(f"cli.doctor.{c.state}"),
            "detail": c.detail,
            "cure": c.cure or None,
        }
        for c in checks
    ]
    with_cure = any(row["cure"] for row in rows)
    names = ("check", "state", "detail", "cure")[: 4 if with_cure else 3]
    emit([Head(name, t(f"cli.column.{name}")) for name in names], rows, form)
    faults = sum(check.state == "fault" for check in checks)
    if faults:
        say(t("cli.doctor.faults", count=faults), "bold red")
        raise typer.Exit(1)
    say(t("cli.doctor.sound"), "bold")
    say_next("foreland", "ask", *workspace_words(workspace))


def environment() -> Iterator[Check]:
    """Python, libraries, fonts and language."""
    import foreland

    yield Check("foreland", "ok", f"{foreland.__version__} ({Path(foreland.__file__).parent})")
    old = sys.version_info < (3, 11)
    machine = f"{platform.python_version()} · {platform.system()} {platform.machine()}"
    yield Check("python", "fault" if old else "ok", machine, t("cli.doctor.python.cure") if old else "")
    missing, found = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Check("libraries", "fault", ", ".join(missing), t("cli.doctor.libraries.cure"))
    else:
        yield Check("libraries", "ok", ", ".join(found))
    font = chinese_font()
    yield Check("font", "ok" if font else "warning", font or "—", "" if font else t("cli.doctor.font.cure"))
    yield Check("language", "ok", current_language())


def chinese_font() -> str:
    """A font with Chinese characters; empty where none is found."""
    if shutil.which("fc-list"):
        listed = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, timeout=20, check=False
        )
        names = sorted({line.split(",")[0].strip() for line in listed.stdout.splitlines() if line.strip()})
        return names[0] if names else ""
    for folder in FONT_FOLDERS:
        for file in Path(folder).expanduser().rglob("*.[to]t[fc]"):
            if any(word in file.name.lower() for word in CHINESE_FONTS):
                return file.stem
    return ""


def _workspace(address: Address) -> Iterator[Check]:
    """The workspace: opened, its engine answers, its files there and whole, room on the disk."""
    from foreland.data.workspace import open_workspace

    path = address.folder
    if not (path / "settings.toml").is_file() and (not path.exists() or (path.is_dir() and not any(path.iterdir()))):
        yield Check("workspace", "warning", t("cli.doctor.no_workspace", path=path), f"foreland init {address}")
        return
    try:
        ws = open_workspace(address, create=False)
    except ForelandError as error:
        yield Check("workspace", "fault", f"{address}{t('cli.colon')}{error.what()}", error.cure())
        return
    yield _engine(ws)
    rows = ws.rows("observation")
    yield Check("workspace", "ok", t("cli.doctor.contents", path=address, sources=len(ws.sources), rows=f"{rows:,}"))
    damaged = list(damaged_files(ws))
    for source_id, file, detail in damaged:
        yield Check(
            "files",
            "fault",
            f"{source_id}{t('cli.colon')}{file} ({detail})",
            t("cli.doctor.files.cure", source=source_id),
        )
    if not damaged:
        yield Check("files", "ok", t("cli.doctor.files.sound"))
    try:
        with ws.staging():
            pass
        yield Check("writable", "ok", t("core.yes"))
    except ForelandError as error:
        yield Check("writable", "warning", error.what(), error.cure())
    free = shutil.disk_usage(path).free
    low = free < LOW_DISK
    yield Check(
        "disk", "warning" if low else "ok", f"{free / (1 << 30):,.1f} GiB", t("cli.doctor.disk.cure") if low else ""
    )


def _engine(ws: Workspace) -> Check:
    """What reads the tables, and whether it reads of every file what was written."""
    try:
        said = ws.engine.described()
        for source in ws.sources.values():
            for table, stored in source.tables.items():
                ws.engine.confirm(table, {ws.path / stored.file: stored.rows})
    except ForelandError as error:
        return Check("engine", "fault", error.what(), error.cure())
    return Check("engine", "ok", said)


def damaged_files(ws: Workspace) -> Iterator[tuple[str, str, str]]:
    """Source, file and what is wrong, for every table file that is gone or not what the manifest says."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for source in ws.sources.values():
        for stored in source.tables.values():
            file = ws.path / stored.file
            try:
                rows: Any = pq.read_metadata(file).num_rows
            except FileNotFoundError:
                yield source.source_id, stored.file, t("cli.doctor.files.gone")
            except (OSError, pa.ArrowException) as error:
                yield source.source_id, stored.file, str(error).splitlines()[0]
            else:
                if rows != stored.rows:
                    yield source.source_id, stored.file, t("cli.doctor.files.rows", found=rows, expected=stored.rows)
