"""Run the command line: choose the language, run the command, and say what went wrong without a traceback."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import typer

from foreland.core.errors import ForelandError, UsageError
from foreland.i18n import LANGUAGES, Language, t, use_language

OK, FAULT, USAGE, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
"""Exit codes, beside the 3 of data that fail their checks. The last two are 128 and the number of the signal, as
shells report them."""


def run(argv: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    _ready_streams()
    try:
        language, rest = take_language(argv)
    except UsageError as error:
        _say_error(error.what(), "", error.cure())
        return error.exit_code
    with use_language(language):
        try:
            code = _run(rest)
            sys.stdout.flush()
            return code
        except BrokenPipeError:
            # What reads our output has heard enough; the interpreter must not complain when it flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED


def leave(code: int) -> NoReturn:
    """End the process, without taking the interpreter down piece by piece, which takes as long as many an answer."""
    if threading.active_count() > 1:
        sys.exit(code)
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


def _ready_streams() -> None:
    """Streams that take all that is written: closed ones swallow it, and one of ASCII alone gets UTF-8."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
            continue
        try:
            "前瞻 é—".encode(getattr(stream, "encoding", None) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8")


def take_language(argv: Sequence[str]) -> tuple[Language | None, list[str]]:
    """Take ``--lang`` out of a command line, wherever it stands.

    Help and errors are worded before any command runs, so the language has to be known first.
    """
    chosen: str | None = None
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--lang":
            chosen = next(words, "")
        elif word.startswith("--lang="):
            chosen = word.partition("=")[2]
        else:
            rest.append(word)
    for language in LANGUAGES:
        if chosen == language:
            return language, rest
    if chosen is not None:
        raise UsageError("cli.error.language", name=chosen)
    return None, rest


def _run(argv: list[str]) -> int:
    from foreland.cli.app import command
    from foreland.cli.spoken import spoken_error

    try:
        code = command().main(argv, prog_name="foreland", standalone_mode=False)
        if code == INTERRUPTED:
            # Typer takes Ctrl-C for a way to end and says nothing of it.
            _say(t("cli.interrupted"))
        return code if isinstance(code, int) else OK
    except ForelandError as error:
        _debug(error)
        _say_error(error.what(), error.where.text() if error.where else "", error.cure())
        return error.exit_code
    except BrokenPipeError:
        raise
    except OSError as error:
        _debug(error)
        what = t("cli.error.system", detail=error.strerror or error, path=error.filename or "").strip()
        _say_error(what, "", t("cli.error.system.cure"))
        return FAULT
    except (KeyboardInterrupt, typer.Abort):
        _say(t("cli.interrupted"))
        return INTERRUPTED
    except Exception as error:
        if isinstance(error, RuntimeError) and str(error) == "Query interrupted":
            # Ctrl-C while DuckDB works.
            _say(t("cli.interrupted"))
            return INTERRUPTED
        _debug(error)
        spoken = spoken_error(error)
        if spoken is not None:
            _say_error(*spoken)
            return USAGE
        detail = str(error).strip().splitlines()
        what = t("cli.error.fault", kind=type(error).__name__, detail=detail[0] if detail else "")
        _say_error(what, "", t("cli.error.fault.cure"))
        return FAULT


def _debug(error: Exception) -> None:
    if os.environ.get("FORELAND_DEBUG") == "1":
        raise error


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _say_error(what: str, where: str, cure: str) -> None:
    from foreland.cli.show import talk

    console = talk()
    console.print(f"{t('cli.error')}{t('cli.colon')}", style="bold red", end="")
    console.print(what.strip())
    for line in (where, cure):
        if line:
            console.print(line, style="dim" if line is where else "")
