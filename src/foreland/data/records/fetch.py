"""Works asked of the OpenAlex API, page by page, into a file that the reader of OpenAlex takes.

With the pages it asks for, the one place of Foreland that reaches the network, and only when it is called.

While works come in, they stand in ``FILE.part``, and ``FILE.part.state`` says what was asked, how many bytes are sound
and where to go on. A page counts once the state names it, so whatever cuts a fetch short, a page is lost at most.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from foreland.core.errors import DataError, UsageError, Where, WorkspaceError
from foreland.data.records.openalex import FIELDS
from foreland.data.records.openalex_pages import Page, Query, configured, pages
from foreland.i18n import t

Progress = Callable[[str, float], None]


class Fetched(NamedTuple):
    """What came of a fetch: works in the file, works that OpenAlex has, works that were there from before."""

    works: int
    total: int
    before: int


class _State(msgspec.Struct, forbid_unknown_fields=True):
    """How far a fetch has come. Without a cursor there is nothing more to ask for."""

    asked: dict[str, Any]
    cursor: str | None = "*"
    works: int = 0
    total: int = 0
    size: int = 0


def fetch_openalex(
    path: Path, query: Query, *, mail: str = "", key: str = "", progress: Progress = lambda text, share: None
) -> Fetched:
    """Ask OpenAlex for works and write them as JSON lines, packed where the name ends in ``.gz``.

    A fetch that was cut short goes on where it was when it is asked the same for the same file. What OpenAlex changes
    in between may make a work come twice or not at all; loading merges the first.

    Parameters
    ----------
    path
        The file. It is there only when it is whole.
    query
        What is asked.
    mail, key
        Address and API key by which OpenAlex knows who asks.
    progress
        Called with a text and the share done.

    Raises
    ------
    UsageError
        If the question can't be meant, the file is there already, or a part of another fetch is.
    DataError
        If there is no such work.
    WorkspaceError
        If another fetch writes the same file.
    ForelandError
        If pyalex is missing, OpenAlex can't be reached, refuses, or gives no answer that can be read. What came in
        is kept.
    """
    query.check()
    if path.exists():
        raise UsageError("data.error.fetch_there", where=Where(path))
    with configured(mail, key), _alone(path):
        part = _Part(path, query)
        before = part.state.works

        def waiting(seconds: float) -> None:
            progress(t("data.fetch.wait", seconds=f"{seconds:.0f}"), part.share)

        def tell() -> None:
            progress(t("data.fetch.at", works=f"{part.state.works:,}", total=f"{part.goal:,}"), part.share)

        if before:
            tell()
        try:
            if part.state.cursor is not None:
                for page in pages(query, part.state.cursor, waiting):
                    part.add(page)
                    tell()
                    if part.state.cursor is None:
                        break
        finally:
            if not part.state.works:
                part.remove()
        if not part.state.works:
            raise DataError("data.error.fetch_empty")
        part.finish()
    return Fetched(part.state.works, part.state.total, before)


def part_of(path: Path) -> Path:
    """Where the works of a fetch stand before it is whole."""
    return path.with_name(f"{path.name}.part")


def kept(path: Path) -> int:
    """How many works a fetch into this file has so far, if it was cut short."""
    state = _read_state(path)
    return state.works if state is not None and part_of(path).is_file() else 0


# The file ----------------------------------------------------------------------------------------


class _Part:
    """The unfinished file and its state."""

    def __init__(self, path: Path, query: Query) -> None:
        self.path = path
        self.most = query.most
        self.data = part_of(path)
        asked = {"search": query.search, "filters": query.all_filters(), "most": query.most, "fields": list(FIELDS)}
        found = _read_state(path)
        size = self.data.stat().st_size if self.data.is_file() else -1
        if found is not None and 0 <= found.size <= size:
            if found.asked != asked:
                raise UsageError("data.error.fetch_other_part", where=Where(self.data), state=_state_path(path).name)
            self.state = found
        else:
            self.state = _State(asked)
            self.data.write_bytes(b"")
        # What stands behind the last page that counts is half a page.
        os.truncate(self.data, self.state.size)

    @property
    def goal(self) -> int:
        """Works that are to come in all."""
        return min(self.state.total, self.most or self.state.total)

    @property
    def share(self) -> float:
        return min(1.0, self.state.works / max(1, self.goal))

    def add(self, page: Page) -> None:
        """Write a page, then say that it counts."""
        before = self.state
        works = page.works if self.most is None else page.works[: self.most - before.works]
        text = "".join(json.dumps(work, ensure_ascii=False, separators=(",", ":")) + "\n" for work in works)
        # Half a character, which JSON may hold, can't be written.
        raw = text.encode("utf-8", "replace")
        # Packed pages behind one another are one packed file (RFC 1952, 2.2).
        packed = gzip.compress(raw, 6, mtime=0) if self.path.suffix == ".gz" else raw
        with self.data.open("ab") as file:
            file.write(packed if works else b"")
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        count = before.works + len(works)
        # An empty page is the last one, though it may have a cursor that leads to empty pages for ever.
        cursor = None if not page.works or count == self.most else page.cursor
        self.state = _State(before.asked, cursor, count, page.total, size)
        target = _state_path(self.path)
        temporary = target.with_name(f"{target.name}.tmp")
        temporary.write_bytes(msgspec.json.encode(self.state))
        os.replace(temporary, target)

    def finish(self) -> None:
        """Give the whole file its name."""
        os.replace(self.data, self.path)
        _state_path(self.path).unlink(missing_ok=True)

    def remove(self) -> None:
        for file in (self.data, _state_path(self.path)):
            file.unlink(missing_ok=True)


def _state_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.part.state")


def _read_state(path: Path) -> _State | None:
    """The state; None if there is none that can be read."""
    try:
        return msgspec.json.decode(_state_path(path).read_bytes(), type=_State)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One fetch at a time into a file."""
    from filelock import FileLock, Timeout

    lock = path.with_name(f"{path.name}.part.lock")
    try:
        with FileLock(lock, timeout=0):
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
    except Timeout as error:
        raise WorkspaceError("data.error.fetch_busy", where=Where(path)) from error
