"""``demo``: from the bundled figures to a brief and a dashboard, in one command."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from foreland.cli.data import progress_bar
from foreland.cli.publish import HOST, PORT, free_port, is_free, run_dashboard
from foreland.cli.show import at_work, command_line, say, say_next, talk
from foreland.core.errors import DataError
from foreland.i18n import LANGUAGES, current_language, t

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

PLACE, COUNTRY, FIELD = "CN-ZJ", "CN", "iotf:quantum"
BRIEF_NAME = "zhejiang"
PACKS = ("china-provinces", "world-technology", "us-input-output")
STEPS = 4
HEADLINES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("capability.position", {"region": PLACE}),
    ("capability.specialisation", {"region": PLACE}),
    ("capability.opportunities", {"region": PLACE}),
    ("foresight.emerging", {"region": COUNTRY}),
    ("foresight.catch_up", {"region": COUNTRY}),
)
"""Questions whose headlines make up the summary, after the lines on promise and backing."""


def demo(
    directory: Annotated[Path, typer.Option("--dir", metavar="DIR")] = Path("demo"),
    no_serve: Annotated[bool, typer.Option("--no-serve")] = False,
    port: Annotated[int, typer.Option(metavar="PORT", min=1, max=65535)] = PORT,
) -> None:
    from foreland.brief import write_brief
    from foreland.data.workspace import open_workspace

    started = time.perf_counter()
    workspace = directory / "workspace"
    _step(1, t("cli.demo.workspace", path=workspace))
    ws = open_workspace(workspace)
    _step(2, t("cli.demo.packs"))
    for name in PACKS:
        _install(ws, name)
    _step(3, t("cli.demo.asking"))
    lines = summary(ws)
    _step(4, t("cli.demo.briefs"))
    written = []
    for language in LANGUAGES:
        with at_work(t("cli.brief.working", place=PLACE)):
            written.append(write_brief(ws, PLACE, directory / f"{BRIEF_NAME}.{language}.html", language))
        say(f"      {written[-1]}", "dim")
    console = talk()
    console.print()
    console.print(t("cli.demo.found"), style="bold")
    for number, line in enumerate(lines, 1):
        console.print(f"  {number}. {line}")
    console.print()
    for path in written:
        console.print(f"{t('cli.demo.brief')}{t('cli.colon')}{path}")
    console.print(t("cli.demo.took", seconds=f"{time.perf_counter() - started:.0f}"), style="dim")
    _finish(workspace, port, serving=not no_serve and os.environ.get("FORELAND_DEMO_SERVE") != "0")


def _finish(workspace: Path, port: int, *, serving: bool) -> None:
    words = ("foreland", "ask", "policy.promise", "--region", PLACE, "--workspace", str(workspace))
    if not serving:
        serve = command_line("foreland", "serve", "--workspace", str(workspace))
        say(f"{t('cli.demo.dashboard')}{t('cli.colon')}{serve}  →  http://{HOST}:{port}")
        say_next(*words)
        return
    if not is_free(HOST, port):
        other = free_port(HOST, port + 1)
        say(t("cli.demo.port_busy", port=port, other=other), "yellow")
        port = other
    say(f"{t('cli.demo.dashboard')}{t('cli.colon')}http://{HOST}:{port}")
    say_next(*words)
    run_dashboard(workspace, HOST, port)


def _install(ws: Workspace, name: str) -> None:
    from foreland.data.packs import install

    with progress_bar("cli.stage") as tell:
        landed = install(ws, name, progress=tell)
    as_before = all(source.state == "current" for source in landed)
    rows = f"{sum(source.rows for source in landed):,}"
    say(
        f"      {t('cli.demo.pack', name=name, rows=rows)} {t('cli.demo.unchanged') if as_before else ''}".rstrip(),
        "dim",
    )


def summary(ws: Workspace) -> list[str]:
    """What the bundled figures say about the demo's place, one line a finding."""
    from foreland.core.registry import find_question

    language = current_language()
    lines = [_promise(ws), _unbacked(ws)]
    for question, arguments in HEADLINES:
        try:
            lines.append(find_question(question)(ws, **arguments, language=language).headline[language])
        except DataError as error:
            lines.append(error.what())
    return lines


def _promise(ws: Workspace) -> str:
    """What the place speaks of most with least behind it, in numbers."""
    finding = ws.ask("policy.promise", region=PLACE, language=current_language())
    rows = [row for row in finding.rows() if row["stance"] == "over_promised"]
    if not rows:
        return finding.headline[current_language()]
    row = rows[0]
    return t(
        "cli.demo.promise",
        place=finding.name(PLACE),
        field=finding.name(row["field_id"]),
        rank=row["attention_rank"],
        times=f"{row['attention']:.1f}",
        held=row["key_projects"] + row["state_key_labs"],
        total=row["backing_national"],
        over=len(rows),
    )


def _unbacked(ws: Workspace) -> str:
    """Which places speak of one field with less than their share behind it."""
    language = current_language()
    finding = ws.ask("policy.promise", field=FIELD, language=language)
    rows = finding.rows()
    found = [row for row in rows if row["mentions"] and row["backing"] < 1]
    if not found:
        return finding.headline[language]
    return t(
        "cli.demo.unbacked",
        field=finding.name(FIELD),
        speaking=sum(row["mentions"] > 0 for row in rows),
        of=len(rows),
        count=len(found),
        places=("、" if language == "zh" else ", ").join(finding.name(row["region_id"]) for row in found),
        total=found[0]["backing_national"],
        clear=sum(row["clear"] for row in found),
    )


def _step(number: int, text: str) -> None:
    console = talk()
    console.print(f"[{number}/{STEPS}]", style="cyan", end=" ")
    console.print(text)
