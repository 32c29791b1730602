"""What was read once is kept in the workspace, so that a load that was cut short goes on where it was.

::

    workspace/reading/<first two>/<key>.json.gz

A key is a hash of all that the content depends on: the bytes, the options, and the code and word lists that read them.
An entry is written beside its place and renamed, so it is there whole or not at all, and two loads at once do no harm.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import uuid
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from foreland.data.files import clock

KEEP_SECONDS = 30 * 24 * 3600.0
"""How long an entry is kept after it was last used."""
KEEP_BYTES = 4 << 30
"""Entries beyond this much go, those first that were not used for longest."""


class ReadingCache:
    """The entries of one workspace.

    Parameters
    ----------
    workspace
        Folder of the workspace.
    """

    def __init__(self, workspace: Path) -> None:
        self.folder = workspace / "reading"

    def get(self, key: str) -> Any:
        """The content of an entry; None where there is none. A damaged entry counts as none."""
        path = self._path(key)
        try:
            content = json.loads(gzip.decompress(path.read_bytes()))
        except (OSError, EOFError, ValueError):
            return None
        with suppress(OSError):
            os.utime(path)
        return content

    def has(self, key: str) -> bool:
        """Whether there is an entry."""
        return self._path(key).is_file()

    def put(self, key: str, content: Any) -> None:
        """Write an entry whole.

        Raises
        ------
        OSError
            If the disk is full or can't be written.
        """
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 1, mtime=0)
        temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            temporary.write_bytes(packed)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def sweep(self, keep: Iterable[str] = (), *, now: float | None = None) -> int:
        """Remove what was not used for a month, and the oldest of what is too much; the number removed.

        Parameters
        ----------
        keep
            Keys that stay whatever their age.
        now
            Seconds since 1970; the present, by the clock that keeps the files, if not given.
        """
        if not self.folder.is_dir():
            return 0
        now = clock(self.folder) if now is None else now
        kept = {self._path(key) for key in keep}
        entries = []
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                stat = path.stat()
                entries.append((stat.st_mtime, stat.st_size, path))
        removed, room = 0, KEEP_BYTES
        for used, size, path in sorted(entries, reverse=True):
            # What a killed load left half written is never read.
            left_over = path.suffix == ".tmp" and now - used > 3600
            room -= size
            if left_over or (path not in kept and (room < 0 or now - used > KEEP_SECONDS)):
                with suppress(OSError):
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json.gz"


def key_of(*parts: Any) -> str:
    """The key of what depends on all the parts."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


@cache
def code_version(*parts: str) -> str:
    """A hash of the code and word lists in parts of ``foreland``: what they read changes when they do."""
    digest = hashlib.sha256()
    for part in parts:
        found = files("foreland").joinpath(*part.split("/"))
        entries = sorted(found.iterdir(), key=lambda item: item.name) if found.is_dir() else [found]
        for entry in entries:
            if entry.name.endswith((".py", ".csv")) and entry.is_file():
                digest.update(entry.name.encode() + b"\0" + entry.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def extractor_version() -> str:
    """Version of what gets text out of files."""
    modules = ("extract", "worker", "pdf", "word", "html", "plain", "furniture")
    return code_version(*(f"data/documents/{module}.py" for module in modules))


def reader_version() -> str:
    """Version of what reads text."""
    return code_version("data/reading", "data/taxonomy", "data/documents/script.py", "data/documents/passages.py")
