"""What is slow to work out from the figures, kept in the workspace's folder from one process to the next."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import foreland
from foreland.core.reads import Reads

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

FOLDER = "kept"
"""Anything in it may be deleted at any time."""


def kept(ws: Workspace, name: str, reads: Reads, make: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Rows that are worked out once for all processes, for as long as what they are read from stays as it is.

    Parameters
    ----------
    ws
        The workspace. One that can't be written answers all the same.
    name
        What the rows are, as part of a file's name.
    reads
        What they are read from. Its state, with the version of the package, names the file.
    make
        Works them out.
    """
    import pyarrow as pa

    state = hashlib.sha256(f"{foreland.__version__} {sorted(reads.items())!r}".encode()).hexdigest()[:24]
    path = ws.path / FOLDER / f"{name}-{state}.arrow"
    with suppress(OSError, pa.ArrowInvalid), pa.memory_map(str(path)) as file:
        found: list[dict[str, Any]] = pa.ipc.open_file(file).read_all().to_pylist()
        return found
    rows = make()
    if not ws.cache.holds(reads):
        # A load landed meanwhile: the rows may be of after it.
        return rows
    with suppress(OSError):
        _write(path, pa.Table.from_pylist(rows))
        for older in path.parent.glob(f"{name}-*"):
            if older != path:
                older.unlink()
    return rows


def _write(path: Path, rows: Any) -> None:
    """Write a file whole: a reader finds all of it or none."""
    import pyarrow as pa

    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with pa.OSFile(str(temporary), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
            writer.write_table(rows)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
