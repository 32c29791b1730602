"""Text out of files, read in processes of their own: a bad file costs a line and never the run.

A worker reads one file after another. It is sent a path, and sends back the text or the reason why there is none. It
has so much memory and the parent waits so long; a worker that is late is ended and another one started.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import stat
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from foreland.data.documents.furniture import Mark

REASONS = (
    "missing", "not_a_file", "unreadable", "empty_file", "unknown_kind", "wrong_extension",
    "encrypted_pdf", "scanned_pdf", "garbled_pdf", "damaged_pdf", "too_many_pages",
    "damaged_docx", "damaged_html", "zip_bomb", "encoding", "no_text", "too_long", "timeout", "memory",
)  # fmt: skip
"""Why a file gave no text."""
NOTES = ("read_as", "pages_without_text", "bad_bytes", "whole_page")
"""What is said of a text that was read all the same."""
START_SECONDS = 60


@dataclass(frozen=True)
class Note:
    """Something to know about a text that was read: a code of :data:`NOTES` and what it speaks of."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Content:
    """What is in a file.

    Attributes
    ----------
    text
        The whole text, lines ended by ``\\n``, what is furniture included.
    kind
        ``pdf``, ``docx``, ``html``, ``markdown`` or ``text``, told by content.
    title, date
        What the file's own metadata say; None where they don't. The date is ISO 8601.
    pages
        Where each page starts in the text; of a file without pages, nothing.
    marks
        Furniture, contents, glossaries and tables, in order.
    encoding
        Of a text file.
    notes
        What is to be known about the text.
    """

    text: str
    kind: str
    title: str | None = None
    date: str | None = None
    pages: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()
    encoding: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Extracted(Content):
    """The content of one file. Has what :class:`Content` has, and the path."""

    path: Path = field(default=Path(), kw_only=True)


@dataclass(frozen=True)
class Refusal:
    """A file without text, the reason (one of :data:`REASONS`), and what it is about, as in ``3 of 3``."""

    path: Path
    reason: str
    detail: str = ""


class Refused(Exception):  # noqa: N818 - an outcome, not a fault
    """Raised by a reader that gets no text out of a file."""

    def __init__(self, reason: str, detail: object = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = " ".join(str(detail).split())[:200]


@dataclass(frozen=True)
class Limits:
    """What a file may cost: seconds, bytes of memory, pages, characters."""

    seconds: float = 60
    memory: int = 1 << 30
    pages: int = 2000
    characters: int = 60_000_000


class Extractor:
    """Reads files in worker processes.

    Parameters
    ----------
    processes
        Workers.
    seconds
        Longest time for one file.
    memory
        Most memory of a worker, as ``1GB`` or in bytes. Kept on Linux and other POSIX systems that can.
    pages, characters
        Most pages and characters of a file.

    Raises
    ------
    ValueError
        If a limit is not positive.
    """

    def __init__(
        self,
        processes: int = 2,
        seconds: float = 60,
        memory: str | int = "1GB",
        pages: int = 2000,
        characters: int = 60_000_000,
    ) -> None:
        self.limits = Limits(seconds, _bytes(memory), pages, characters)
        if processes < 1 or min(asdict(self.limits).values()) <= 0:
            raise ValueError("processes and limits must be positive")
        self.processes = processes
        self._workers = [_Worker(self.limits) for _ in range(processes)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)

    def __enter__(self) -> Extractor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers. They start again when more is read."""
        for worker in self._workers:
            worker.end()

    def read(self, paths: Iterable[str | os.PathLike[str]]) -> Iterator[Extracted | Refusal]:
        """The content of each file or the reason why there is none, in the order of the paths."""
        pending: deque[Future[Extracted | Refusal]] = deque()
        pool = ThreadPoolExecutor(self.processes, thread_name_prefix="extract")
        try:
            for path in paths:
                pending.append(pool.submit(self._one, Path(path)))
                while pending and (len(pending) >= 4 * self.processes or pending[0].done()):
                    yield pending[0].result()
                    pending.popleft()
            while pending:
                yield pending[0].result()
                pending.popleft()
        finally:
            if pending:
                # Left early, by the caller or by Ctrl-C: nobody waits for what is being read.
                for future in pending:
                    future.cancel()
                for worker in self._workers:
                    worker.kill()
            pool.shutdown(wait=True, cancel_futures=True)
            if pending:
                self.close()

    def _one(self, path: Path) -> Extracted | Refusal:
        try:
            check(path)
        except Refused as refused:
            return Refusal(path, refused.reason, refused.detail)
        worker = self._idle.get()
        try:
            return _answer(path, worker.ask(path))
        finally:
            self._idle.put(worker)


def check(path: Path) -> None:
    """Look at a path without opening it.

    Raises
    ------
    Refused
        If there is no regular file that may be looked at.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():
            raise Refused("missing", f"→ {os.readlink(path)}") from error
        raise Refused("missing") from error
    except PermissionError as error:
        raise Refused("unreadable", error.strerror) from error
    except (OSError, ValueError) as error:  # a loop of links, a name too long, a zero byte in a name
        raise Refused("not_a_file", getattr(error, "strerror", None) or error) from error
    if not stat.S_ISREG(mode):
        kinds = ((stat.S_ISDIR, "directory"), (stat.S_ISFIFO, "FIFO"), (stat.S_ISSOCK, "socket"))
        raise Refused("not_a_file", next((name for test, name in kinds if test(mode)), "device"))


def _answer(path: Path, reply: dict[str, Any]) -> Extracted | Refusal:
    if "fault" in reply:
        raise RuntimeError(f"the process that reads documents lacks a part: {reply['fault']}")
    if "reason" in reply:
        return Refusal(path, reply["reason"], reply["detail"])
    content = reply["content"]
    marks = tuple(Mark(*mark) for mark in content.pop("marks"))
    notes = tuple(Note(**note) for note in content.pop("notes"))
    return Extracted(**{**content, "pages": tuple(content["pages"]), "marks": marks, "notes": notes}, path=path)


def _bytes(size: str | int) -> int:
    if isinstance(size, int):
        return size
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*", size, re.IGNORECASE)
    if not found:
        raise ValueError(f"not a size: {size}")
    return int(float(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " "))


class _Worker:
    """A process that reads files, started when first asked and after each end."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.process: subprocess.Popen[bytes] | None = None
        self.lock = threading.Lock()
        self.late = False

    def ask(self, path: Path) -> dict[str, Any]:
        """Content or refusal of one file, as the worker says it or as its end tells."""
        process = self._started()
        request = json.dumps(
            {"path": os.path.abspath(path), "pages": self.limits.pages, "characters": self.limits.characters}
        )
        kind = ""
        self.late = False
        timer = threading.Timer(self.limits.seconds, self._end_late, (process,))
        timer.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                assert process.stdin is not None
                process.stdin.write(request.encode() + b"\n")
                process.stdin.flush()
            while message := self._message(process):
                if "kind" in message:
                    kind = message["kind"]
                    continue
                if message.pop("last", False):
                    self.end()
                return message
        finally:
            timer.cancel()
        return self._died(process, kind)

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        with self.lock:
            if self.process is not None:
                self.process.kill()

    def end(self) -> None:
        """Let the process end, and wait for it."""
        with self.lock:
            process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()

    def _end_late(self, process: subprocess.Popen[bytes]) -> None:
        self.late = True
        process.kill()

    def _started(self) -> subprocess.Popen[bytes]:
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                return self.process
        self.end()
        # The worker finds the package where this process found it, and no module in the folder it is run from.
        package = str(Path(__file__).parents[3])
        search = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "foreland.data.documents.worker", str(self.limits.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": search, "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "1"},
            start_new_session=True,  # Ctrl-C is the parent's, which ends its workers itself
        )
        with self.lock:
            self.process = process
        timer = threading.Timer(START_SECONDS, process.kill)
        timer.start()
        try:
            if self._message(process) is None:
                raise RuntimeError(f"the process that reads documents did not start (exit {process.wait()})")
        finally:
            timer.cancel()
        return process

    @staticmethod
    def _message(process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
        stream: IO[bytes] | None = process.stdout
        assert stream is not None
        line = stream.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def _died(self, process: subprocess.Popen[bytes], kind: str) -> dict[str, Any]:
        """What the end of the worker says of the file it read."""
        self.end()
        if self.late:
            return {"reason": "timeout", "detail": f"{self.limits.seconds:g} s"}
        code = process.returncode
        name = signal.Signals(-code).name if code < 0 else f"exit {code}"
        killed = name in ("SIGKILL", "SIGABRT") or kind not in ("pdf", "docx", "html")
        return {"reason": "memory" if killed else f"damaged_{kind}", "detail": name}
