"""The files of a workspace: how they are named, written whole and swept, in a folder several machines may share."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

GRACE_SECONDS = 3600.0
"""How long a file that a load replaced is kept for readers that opened the workspace before it."""
STALE_SECONDS = 86_400.0
"""How long nothing was written into a load of another machine before it is taken for the remains of a killed one."""


def write_whole(path: Path, text: str) -> None:
    """Write a file whole: readers see the old text or the new one."""
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        sync(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def batches(path: Path, rows: int, columns: Collection[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Rows of a Parquet file, so many at a time.

    Arrow by itself reads ahead all of the file, and holds it.

    Parameters
    ----------
    path
        The file.
    rows
        Rows of a batch.
    columns
        Columns wanted, those that the file lacks left out; all if not given.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, pre_buffer=False) as file:
        has = file.schema_arrow.names
        wanted = [name for name in columns if name in has] if columns else has
        yield from file.iter_batches(rows, columns=wanted)


def sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def target(folder: Path, source_id: str, table: str) -> str:
    """Where a staged file goes, under the workspace's folder."""
    return f"tables/{table}/{_slug(source_id)}-{folder.name[:8]}.parquet"


def _slug(source_id: str) -> str:
    """A file name's safe start: no separators, not hidden, short enough in any script."""
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in source_id[:60])
    # Spark takes files that begin with a dot or an underscore for its own remains.
    return safe.lstrip("._") or "source"


def clock(folder: Path) -> float:
    """The time of the machine that keeps a folder: no clock that runs ahead elsewhere must cut what is kept."""
    tick = folder / f".clock-{uuid.uuid4().hex[:8]}"
    try:
        tick.touch()
        return tick.stat().st_mtime
    finally:
        tick.unlink(missing_ok=True)


def touch(path: Path) -> None:
    """Let the grace of a file count from now; where that can't be said, it counts from when it was written."""
    with suppress(OSError):
        os.utime(path)


def folder_of_a_load(staging: Path) -> Path:
    """A name for the folder of a load under way that says which machine makes it."""
    return staging / f"{uuid.uuid4().hex}{_machine()}"


def sweep(workspace: Path, named: Collection[str]) -> None:
    """Remove the remains of killed loads, and files replaced long ago. The write lock must be held.

    Parameters
    ----------
    workspace
        Its folder.
    named
        Files that the manifest names, under that folder.
    """
    now = clock(workspace)
    for file in workspace.glob("tables/*/*.parquet"):
        with suppress(OSError):
            if file.relative_to(workspace).as_posix() not in named and age(file, now) > GRACE_SECONDS:
                file.unlink(missing_ok=True)
    for folder in workspace.glob("staging/*"):
        # With the lock held, what this machine left is of killed loads; another machine may not see the lock.
        ours = folder.name.endswith(_machine())
        with suppress(OSError):
            if folder.name != "spill" and (ours or age(folder, now) > STALE_SECONDS):
                shutil.rmtree(folder, ignore_errors=True)


def age(path: Path, now: float) -> float:
    """Seconds since anything at a path was last written."""
    return now - max(each.stat().st_mtime for each in (path, *path.rglob("*")))


def _machine() -> str:
    return "-" + hashlib.sha256(platform.node().encode()).hexdigest()[:8]
