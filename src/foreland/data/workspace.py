"""A workspace: a folder that holds what was loaded, source by source.

::

    workspace/
      settings.toml        what a person may change
      manifest.json        which file holds which table of which source; replaced whole, never edited
      tables/<table>/      Parquet files, one a source and load, never changed once written
      staging/             loads under way; nothing here counts
      kept/                what was worked out once for all processes; may be deleted at any time

A load writes new files and then replaces the manifest in one rename, so it lands whole or not at
all, readers are never blocked, and a killed process leaves the workspace as it was. Plain Parquet is
also what a cluster reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.address import Address, AddressLike
from foreland.core.engine import open_engine
from foreland.core.errors import Where, WorkspaceError
from foreland.core.reads import Noted, Read, Remembered, note
from foreland.core.settings import FORMAT, Settings
from foreland.core.tables import TABLES
from foreland.data.files import folder_of_a_load, sweep, sync, target, touch, write_whole

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from foreland.core.finding import Finding


@dataclass(frozen=True)
class Stored:
    """One table of one source on disk."""

    file: str
    rows: int


@dataclass(frozen=True)
class LoadedSource:
    """What the manifest says of one source."""

    source_id: str
    content_hash: str
    tables: dict[str, Stored]


class Staging:
    """A load under way: write tables into it, then :meth:`commit` once."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace = workspace
        self.folder = folder
        self.prepared: dict[str, tuple[Path, str]] = {}

    def path(self, table: str) -> Path:
        """Where the Parquet file of ``table`` is to be written."""
        return self.folder / f"{table}.parquet"

    def write(self, table: str, rows: pa.Table) -> None:
        """Write a table that is already in memory."""
        import pyarrow.parquet as pq

        from foreland.core.tables import table_spec

        pq.write_table(rows.cast(table_spec(table).arrow_schema()), self.path(table), compression="zstd")

    def commit(self, source_id: str, content_hash: str) -> bool:
        """Make what was written the one and only content of ``source_id``.

        Returns
        -------
        bool
            Whether an earlier load of the same source was replaced.
        """
        return bool(self.workspace._land({source_id: (self.folder, content_hash)}))

    def part(self) -> Staging:
        """A place for one of several sources that are landed together: write into it, then :meth:`prepare` it."""
        part = Staging(self.workspace, self.folder / uuid.uuid4().hex)
        part.folder.mkdir()
        part.prepared = self.prepared
        return part

    def prepare(self, source_id: str, content_hash: str) -> None:
        """What was written into this part is to be the content of ``source_id``."""
        self.prepared[source_id] = (self.folder, content_hash)

    def commit_prepared(self) -> None:
        """Make all prepared parts the content of their sources at once: readers see none of them or all."""
        self.workspace._land(self.prepared)


class Workspace:
    """An open workspace. Use :func:`open_workspace`."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self.address = address
        self.path = address.folder
        self.settings = settings
        self.engine = open_engine(address, settings, self.path / "staging" / "spill")
        self._manifest = self._read_manifest()
        self.cache = Remembered(self.state)
        """What was worked out from the tables, each value until something it was read from changes."""

    # Reading -----------------------------------------------------------------------------------

    @property
    def sources(self) -> Mapping[str, LoadedSource]:
        """The loaded sources by id, in order of id."""
        return Noted(self._manifest, self.state)

    def state(self, read: Read) -> Hashable:
        """The state of a table, a source or everything: the sources in it and the hashes of their content."""
        kind, name = read
        found = self._manifest.values()
        return tuple(
            (each.source_id, each.content_hash)
            for each in found
            if kind == "everything" or (name in each.tables if kind == "table" else name == each.source_id)
        )

    @property
    def content_hash(self) -> str:
        """A hash of everything loaded: changes exactly when some source changes."""
        lines = (f"{source.source_id}={source.content_hash}\n" for source in self._manifest.values())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def table(self, name: str, *, without: Collection[str] = ()) -> ir.Table:
        """All rows of one table as an Ibis expression, but for those of the sources ``without``."""
        return self.engine.read(name, self.files(name, without=without))

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """Run an expression and bring the rows back."""
        return self.engine.to_arrow(expression)

    def files(self, name: str, *, without: Collection[str] = ()) -> list[Path]:
        """The Parquet files that hold a table, in order of source, but for those of the sources ``without``."""
        note({("table", name): self.state(("table", name))})
        found = [
            self.path / source.tables[name].file
            for source in self._manifest.values()
            if name in source.tables and source.source_id not in without
        ]
        for file in found:
            if not file.is_file():
                raise WorkspaceError("core.error.file_missing", where=Where(file), path=self.path)
        return found

    def rows(self, name: str) -> int:
        """How many rows a table has, from the manifest."""
        note({("table", name): self.state(("table", name))})
        return sum(source.tables[name].rows for source in self._manifest.values() if name in source.tables)

    @property
    def source_table(self) -> dict[str, dict[str, Any]]:
        """The ``source`` table by id."""

        def read() -> dict[str, dict[str, Any]]:
            return {row["source_id"]: row for row in self.to_arrow(self.table("source")).to_pylist()}

        table: dict[str, dict[str, Any]] = self.cache.remember("source_table", read)
        return table

    def refresh(self) -> None:
        """See what other processes have loaded since the workspace was opened."""
        before = self.content_hash
        self._manifest = self._read_manifest()
        if self.content_hash != before:
            self.cache.sweep()

    def ask(self, question: str, /, **arguments: Any) -> Finding:
        """Ask a registered question: ``ws.ask("capability.specialisation", region="CN-ZJ")``.

        Places may be given by id or by name, in Chinese or English, one or several in a list.
        """
        from foreland.core.registry import find_question
        from foreland.data.coverage import place_ids

        for name in ("region", "benchmark"):
            if arguments.get(name):
                arguments[name] = place_ids(self, arguments[name])
        return find_question(question)(self, **arguments)

    # Writing -----------------------------------------------------------------------------------

    @contextmanager
    def staging(self) -> Iterator[Staging]:
        """A place to prepare a load. Holds the write lock; leaves nothing behind if not committed.

        Raises
        ------
        WorkspaceError
            If another process is writing, or the folder can't be written.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / "write.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise WorkspaceError("core.error.workspace_locked", path=self.path) from error
        except OSError as error:
            raise WorkspaceError("core.error.cannot_write", where=Where(self.path), detail=error.strerror) from error
        folder = folder_of_a_load(self.path / "staging")
        try:
            self.refresh()
            sweep(self.path, _files_of(self._manifest))
            folder.mkdir(parents=True)
            yield Staging(self, folder)
        except OSError as error:
            raise _disk_error(error, self.path) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()

    def remove(self, source_id: str) -> None:
        """Take a source out of the workspace."""
        if source_id not in self._manifest:
            raise WorkspaceError("core.error.unknown_source", name=source_id, path=self.path)
        with self.staging():
            self._write_manifest({key: value for key, value in self._manifest.items() if key != source_id})

    def _land(self, staged: dict[str, tuple[Path, str]]) -> list[str]:
        """Take over staged sources, each by its folder and content hash; gives those that were there before."""
        try:
            loaded = {
                source_id: LoadedSource(source_id, content_hash, self._take(folder, source_id))
                for source_id, (folder, content_hash) in staged.items()
            }
            for source in loaded.values():
                for table, stored in source.tables.items():
                    self.engine.confirm(table, {self.path / stored.file: stored.rows})
            replaced = [source_id for source_id in loaded if source_id in self._manifest]
            for source_id in replaced:
                for stored in self._manifest[source_id].tables.values():
                    # The grace of readers counts from now, not from when the file was written.
                    touch(self.path / stored.file)
            self._write_manifest({**self._manifest, **loaded})
        except BaseException:
            self._give_back(staged)
            raise
        return replaced

    def _give_back(self, staged: dict[str, tuple[Path, str]]) -> None:
        """Remove at once what was taken over of a load that did not land."""
        with suppress(WorkspaceError):
            named = _files_of(self._read_manifest())
            for source_id, (folder, _) in staged.items():
                for table in TABLES:
                    file = target(folder, source_id, table)
                    # An interrupt may come when the manifest already stands.
                    if file not in named:
                        with suppress(OSError):
                            (self.path / file).unlink(missing_ok=True)

    def _take(self, folder: Path, source_id: str) -> dict[str, Stored]:
        """Move staged files to where tables are; no reader sees them before the manifest names them."""
        import pyarrow.parquet as pq

        tables = {}
        for table in TABLES:
            staged = folder / f"{table}.parquet"
            if not staged.is_file():
                continue
            file = target(folder, source_id, table)
            (self.path / file).parent.mkdir(parents=True, exist_ok=True)
            sync(staged)
            # What is older than the grace, and in no manifest yet, another machine may take for remains.
            touch(staged)
            os.replace(staged, self.path / file)
            tables[table] = Stored(file, pq.read_metadata(self.path / file).num_rows)
        return tables

    def _read_manifest(self) -> dict[str, LoadedSource]:
        path = self.path / "manifest.json"
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return {
                source_id: LoadedSource(
                    source_id,
                    entry["content_hash"],
                    {table: _stored(table, **stored) for table, stored in entry["tables"].items()},
                )
                for source_id, entry in sorted(raw["sources"].items())
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise WorkspaceError("core.error.workspace_corrupt", where=Where(path), detail=error) from error

    def _write_manifest(self, sources: dict[str, LoadedSource]) -> None:
        # Not every shared file system keeps a lock that another machine sees.
        if self._read_manifest() != self._manifest:
            raise WorkspaceError("core.error.written_meanwhile", path=self.path)
        content = {
            "format": FORMAT,
            "sources": {
                source.source_id: {
                    "content_hash": source.content_hash,
                    "tables": {name: vars(stored) for name, stored in source.tables.items()},
                }
                for source in sources.values()
            },
        }
        write_whole(self.path / "manifest.json", json.dumps(content, indent=1, ensure_ascii=False))
        self.refresh()


def _files_of(sources: Mapping[str, LoadedSource]) -> set[str]:
    return {stored.file for source in sources.values() for stored in source.tables.values()}


def open_workspace(address: AddressLike, *, create: bool = True, settings: Settings | None = None) -> Workspace:
    """Open a workspace, or create one where there is none.

    Parameters
    ----------
    address
        Folder of the workspace, read by the embedded engine; or ``spark://host:15002/folder`` for a folder that a
        Spark cluster reads, both sides seeing it (see :class:`~foreland.core.address.Address`).
    create
        Create the workspace if the folder is empty or absent.
    settings
        Settings of a new workspace; an existing one has its own.

    Raises
    ------
    UsageError
        If the address can't be read.
    WorkspaceError
        If there is no workspace and ``create`` is false, the folder holds other things, the
        workspace is corrupt or was written by newer code, the folder can't be written, or the cluster can't be
        reached.
    """
    from foreland.data.taxonomy.tables import land_taxonomy

    address = Address.parse(address)
    path = address.folder
    settings_file = path / "settings.toml"
    if not settings_file.is_file():
        if not create:
            raise WorkspaceError("core.error.no_workspace", path=path)
        manifest = path / "manifest.json"
        # Settings that were deleted are written anew: the data stay.
        lost = manifest.is_file() and (path / "tables").is_dir() and not settings_file.exists()
        if not lost and path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise WorkspaceError("core.error.not_a_workspace", path=path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            if not lost:
                write_whole(manifest, json.dumps({"format": FORMAT, "sources": {}}))
            (settings or Settings()).write(settings_file)
        except OSError as error:
            raise _disk_error(error, path) from error
    workspace = Workspace(address, Settings.read(settings_file))
    land_taxonomy(workspace)
    return workspace


def _stored(table: str, file: str, rows: int) -> Stored:
    """An entry of the manifest; one that names a file from elsewhere was not written by a load."""
    if type(rows) is not int or Path(file).parts[:-1] != ("tables", table) or not file.endswith(".parquet"):
        raise ValueError(f"{table}: {file!r}, {rows!r}")
    return Stored(file, rows)


def _disk_error(error: OSError, path: Path) -> WorkspaceError:
    import errno

    key = "core.error.disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "core.error.cannot_write"
    return WorkspaceError(key, where=Where(path), detail=error.strerror or str(error))
