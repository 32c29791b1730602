"""``brief`` and ``serve``: what leaves the command line for readers."""

from __future__ import annotations

import os
import socket
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foreland.cli.show import at_work, say, say_next
from foreland.cli.workspaces import DEFAULT, WorkspaceOption, near_regions, open_existing, region_id, workspace_words
from foreland.core.address import AddressLike
from foreland.core.errors import UsageError, WorkspaceError, did_you_mean
from foreland.i18n import current_language, t

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

HOST, PORT = "127.0.0.1", 8321
SUFFIXES = (".html", ".docx", ".md")


def brief(
    subject: Annotated[str, typer.Argument(metavar="PLACE|FIELD", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", show_default=False)] = None,
    workspace: WorkspaceOption = DEFAULT,
) -> None:
    from foreland.brief import write_brief

    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise UsageError("cli.error.format", name=out.suffix or out.name, known=", ".join(SUFFIXES))
    ws = open_existing(workspace)
    about = _subject(ws, subject)
    language = current_language()
    path = out or Path(f"brief-{about}-{language}.html".replace(":", "-"))
    with at_work(t("cli.brief.working", place=about)):
        written = write_brief(ws, about, path, language)
    say(t("cli.brief.done", path=written))
    say_next("foreland", "serve", *workspace_words(workspace))


def _subject(ws: Workspace, text: str) -> str:
    """The place or the field a brief is asked of.

    Raises
    ------
    UsageError
        If it is neither; names what is called alike among both.
    """
    from foreland.brief import field_of, near_fields

    try:
        return region_id(ws, text)
    except UsageError as unknown:
        if unknown.key != "data.error.unknown_region":
            raise
        found = field_of(ws, text)
        if found is None and (near := near_fields(ws, text)):
            near = [*near, *near_regions(text)]
            raise UsageError("brief.error.unknown_subject", name=text, near=did_you_mean(near[:4])) from unknown
        if found is None:
            raise
        return found


def serve(
    workspace: WorkspaceOption = DEFAULT,
    host: Annotated[str, typer.Option(metavar="HOST")] = HOST,
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535)] = PORT,
    browser: Annotated[bool, typer.Option("--open")] = False,
) -> None:
    open_existing(workspace)
    if not is_free(host, port):
        raise WorkspaceError("cli.error.port_busy", host=host, port=port, free=free_port(host, port))
    run_dashboard(workspace, host, port, browser=browser)


def run_dashboard(workspace: AddressLike, host: str, port: int, *, browser: bool = False) -> None:
    """Serve the dashboard until interrupted."""
    from foreland import web

    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    say(t("cli.serve.address", address=address), "bold")
    if host not in ("127.0.0.1", "localhost", "::1"):
        say(t("cli.serve.open_to_all"), "yellow")
    say(t("cli.serve.stop"), "dim")
    if browser and os.environ.get("DISPLAY", os.name) != "":
        webbrowser.open(address)
    web.serve(workspace, host, port)


def is_free(host: str, port: int) -> bool:
    """Whether nothing listens there yet."""
    if port == 0:
        return True
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, start: int) -> int:
    """The next port from ``start`` on that is free; 0, which lets the system choose, if twenty in a row are not."""
    return next((port for port in range(start, min(start + 20, 65536)) if is_free(host, port)), 0)
