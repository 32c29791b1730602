"""Apache Spark through Spark Connect: the engine past one machine.

The client parses, checks and writes plain Parquet into the workspace's folder, which the cluster sees too; the
cluster reads it and runs the same Ibis expressions. Needs the extra ``spark``.
"""

from __future__ import annotations

import atexit
import hashlib
import logging
import os
import re
import sys
import threading
import uuid
import warnings
import weakref
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from foreland.core.address import TOKEN, Address
from foreland.core.engine import Engine
from foreland.core.errors import WorkspaceError
from foreland.core.settings import Settings
from foreland.core.tables import table_spec

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

# The error that follows says it, once and for a person.
warnings.filterwarnings("ignore", message=r"\[RETRIES_EXCEEDED\]")

Found = TypeVar("Found")

RECONNECT = [("grpc.initial_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 2000)]
"""A cluster that comes back is found within two seconds, not the two minutes of gRPC."""
PARTING_SECONDS = 3.0
"""How long a person who pressed Ctrl-C waits for the cluster to hear of it."""

GONE = ("INVALID_HANDLE.SESSION", "NO_ACTIVE_SESSION", "operation not found", "TABLE_OR_VIEW_NOT_FOUND")
"""A cluster forgets a session that was idle for an hour, or that an earlier server held."""
UNREACHABLE = ("UNAVAILABLE", "RETRIES_EXCEEDED", "failed to connect", "Connection refused", "Socket closed")
REFUSED = ("UNAUTHENTICATED", "authentication token")
NO_TLS = ("Tls handshake", "SSL_ERROR")
UNSEEN = ("PATH_NOT_FOUND", "FAILED_READ_FILE", "FileNotFound", "No such file")
MOST_RESULT = ("spark.driver.maxResultSize",)
"""Spark's own bound on what comes back, which no session may change."""
TOO_LITTLE_MEMORY = ("OutOfMemory", "Out of memory", "Resources exhausted")
NO_SPACE = ("No space left on device", "DiskError", "Disk quota exceeded")
DETAILS = re.compile(r'^\s*details = "(.+)"$', re.MULTILINE)
GLOB = re.compile(r"([\[\]{}*?\\])")
"""What Spark takes for a pattern in the name of a file."""


class SparkEngine(Engine):
    """Reads tables from Parquet with Spark. One session serves all threads.

    Parameters
    ----------
    settings
        What a session is told (``spark``), and how much a result may bring back.
    address
        The cluster and the folder, here and there.
    """

    def __init__(self, settings: Settings, address: Address) -> None:
        super().__init__(settings)
        self._address = address
        self._lock = threading.RLock()
        self._connection: Any = None
        self._tables: dict[str, ir.Table] = {}
        self._views: dict[str, tuple[str, tuple[Path, ...]]] = {}
        self._asking = threading.local()
        self._sees = False
        self._parting: Any = None

    @property
    def connection(self) -> Any:
        """The Ibis connection, made when first asked for.

        Raises
        ------
        WorkspaceError
            If the extra ``spark`` is not installed, the cluster can't be reached, or it refuses a setting.
        """
        with self._lock:
            if self._connection is None:
                with self._told():
                    self._connection = self._connect()
            return self._connection

    def close(self) -> None:
        with self._lock:
            if self._parting is not None:
                self._parting()
            self._connection = None

    def described(self) -> str:
        with self._told():
            version = self._again(lambda: self.connection._session.version)
            return f"Spark {version} ({self._address.remote})"

    def confirm(self, table: str, files: Mapping[Path, int]) -> None:
        for file, rows in files.items():
            try:
                with self._told():
                    found = self._again(partial(self._count, table, file))
            except WorkspaceError as error:
                if error.key == "core.error.cluster_reads_nothing":
                    raise self._not_seen(file, rows, 0) from error
                raise
            if found != rows:
                raise self._not_seen(file, rows, found)

    # Tables ------------------------------------------------------------------------------------

    def _scan(self, table: str, files: Sequence[Path]) -> ir.Table:
        wanted = tuple(files)
        digest = hashlib.sha256("\n".join(map(str, wanted)).encode()).hexdigest()[:16]
        name = f"foreland_{table}_{digest}"
        with self._lock:
            if name not in self._tables:
                with self._told():
                    self._tables[name] = self._again(lambda: self._view(name, table, wanted))
                self._views[name] = (table, wanted)
            return self._tables[name]

    def _view(self, name: str, table: str, files: Sequence[Path]) -> ir.Table:
        """A view of the session: expressions name it, and a session made anew gets it anew."""
        if files and not self._sees:
            self._look(table, files[0])
        self._frame(table, files).createOrReplaceTempView(name)
        return self.connection.table(name)

    def _look(self, table: str, file: Path) -> None:
        """See once that the cluster sees the folder: not every server says that a file is not there."""
        import pyarrow.parquet as pq

        written, found = pq.read_metadata(file).num_rows, self._count(table, file)
        if found != written:
            raise WorkspaceError("core.error.cluster_reads_nothing", detail=f"{self._seen(file)}: {found} / {written}")
        self._sees = True

    def _frame(self, table: str, files: Sequence[Path]) -> Any:
        session = self.connection._session
        types = {"string": "STRING", "int64": "BIGINT", "double": "DOUBLE"}
        columns = table_spec(table).columns
        if not files:
            nothing = ", ".join(f"CAST(NULL AS {types[column.type]}) AS `{column.name}`" for column in columns)
            return session.sql(f"SELECT {nothing} WHERE FALSE")
        # With a schema Spark needs no look at the files, and columns that earlier versions lack are empty.
        schema = ", ".join(f"`{column.name}` {types[column.type]}" for column in columns)
        return session.read.schema(schema).parquet(*map(self._seen, files))

    def _count(self, table: str, file: Path) -> int:
        return int(self._frame(table, [file]).count())

    def _seen(self, file: Path) -> str:
        """A file's address as the cluster sees it."""
        there = f"file://{file}"
        if self._address.cluster_folder:
            there = f"{self._address.cluster_folder}/{file.relative_to(self._address.folder).as_posix()}"
        return GLOB.sub(r"\\\1", there)

    # Running -----------------------------------------------------------------------------------

    def _batches(self, expression: ir.Table) -> Generator[pa.RecordBatch]:
        given = False
        with self._told():
            connection = self.connection
            from pyspark.errors import PySparkException

            try:
                for batch in self._run(expression):
                    given = True
                    yield batch
                return
            except PySparkException as error:
                if given or not _gone(error):
                    raise
            self._reconnect(connection)
            yield from self._run(expression)

    def _run(self, expression: ir.Table) -> Generator[pa.RecordBatch]:
        """Rows as they arrive, so that a result too large is told before it fills the memory."""
        connection = self.connection
        session = connection._session
        tag = uuid.uuid4().hex
        session.addTag(tag)
        done = False
        try:
            plan = session.sql(connection.compile(expression))._plan
            for part in session.client.to_table_as_iterator(plan.to_proto(session.client), plan.observations):
                if hasattr(part, "to_batches"):
                    yield from part.to_batches()
            done = True
        finally:
            session.removeTag(tag)
            if not done:
                # Given up, by Ctrl-C or for its size: the cluster need not go on.
                _within_seconds(lambda: session.interruptTag(tag))

    def _connect(self) -> Any:
        with warnings.catch_warnings(), _main_with_a_file():
            # Spark's client warns, at import and after, that pandas 3 is new to it.
            warnings.simplefilter("ignore", FutureWarning)
            try:
                import ibis
                from pyspark.sql.connect.client import DefaultChannelBuilder
                from pyspark.sql.connect.session import SparkSession

                from foreland.core.patience import Patience
            except ImportError as error:
                raise WorkspaceError("core.error.spark_missing", detail=error) from error
            if "SPARK_CONNECT_LOG_LEVEL" not in os.environ:
                logging.getLogger("pyspark.sql.connect.logging").setLevel(logging.CRITICAL)
            token = os.environ.get(TOKEN)
            channel = DefaultChannelBuilder(self._address.remote + (f";token={token}" if token else ""), RECONNECT)
            session = SparkSession.builder.channelBuilder(channel).create()
            # Spark's own parting would ask the cluster to clear what we never use, for ten minutes if it is gone.
            atexit.unregister(session.client._on_exit)
            session.client.set_retry_policies([Patience(self._asking)])
            self._parting = weakref.finalize(self, _part, session)
            connection = ibis.pyspark.connect(session)
        for name, value in self.settings.spark.items():
            self._tell(session, name, value)
        return connection

    def _tell(self, session: Any, name: str, value: Any) -> None:
        from pyspark.errors import PySparkException

        try:
            session.conf.set(name, value)
        except PySparkException as error:
            raise WorkspaceError("core.error.spark_setting", name=name, detail=_first_line(error)) from error

    def _again(self, ask: Callable[[], Found]) -> Found:
        """Ask, and once more in a new session where the cluster has forgotten ours."""
        connection = self.connection
        from pyspark.errors import PySparkException

        try:
            return ask()
        except PySparkException as error:
            if not _gone(error):
                raise
        self._reconnect(connection)
        return ask()

    def _reconnect(self, lost: Any) -> None:
        """A new session with the views of the old one, unless another thread has made it."""
        with self._lock:
            if self._connection is not lost:
                return
            self._connection = None
            for name, (table, files) in self._views.items():
                self._view(name, table, files)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What Spark says of a cluster, its files or its memory, for a person."""
        waited, self._asking.waits = getattr(self._asking, "waits", False), True
        try:
            yield
        except (WorkspaceError, KeyboardInterrupt, GeneratorExit):
            raise
        except Exception as error:
            # Errors of Spark, of gRPC, and of what lies between have no class in common.
            if not type(error).__module__.startswith(("pyspark", "grpc")):
                raise
            raise self._error(error) from error
        finally:
            self._asking.waits = waited

    def _error(self, error: Exception) -> WorkspaceError:
        said = str(error)
        detail = _first_line(error)
        if any(word in said for word in MOST_RESULT):
            return WorkspaceError(
                "core.error.cluster_result", limit=self.settings.largest_result or "largest_result", detail=detail
            )
        if any(word in said for word in TOO_LITTLE_MEMORY):
            return WorkspaceError("core.error.cluster_memory", detail=detail)
        if any(word in said for word in NO_SPACE):
            return WorkspaceError("core.error.cluster_disk", detail=detail)
        if any(word in said for word in REFUSED):
            return WorkspaceError("core.error.cluster_token", address=self._address, variable=TOKEN, detail=detail)
        if any(word in said for word in NO_TLS):
            return WorkspaceError("core.error.cluster_tls", address=self._address, variable=TOKEN, detail=detail)
        if any(word in said or word in type(error).__name__.upper() for word in UNREACHABLE):
            return WorkspaceError("core.error.cluster_unreachable", address=self._address, detail=detail)
        if any(word in said for word in UNSEEN):
            return WorkspaceError("core.error.cluster_reads_nothing", detail=detail)
        return WorkspaceError("core.error.cluster_failed", address=self._address, detail=detail)

    def _not_seen(self, file: Path, rows: int, found: int) -> WorkspaceError:
        return WorkspaceError(
            "core.error.cluster_does_not_see", file=self._seen(file), rows=f"{rows:,}", found=f"{found:,}"
        )


def _first_line(error: Exception) -> str:
    # Of gRPC's errors the text is a page about the call.
    said = str(error).strip()
    details = DETAILS.search(said)
    return (details[1] if details else said or type(error).__name__).splitlines()[0][:300]


@contextmanager
def _main_with_a_file() -> Iterator[None]:
    """Spark's client takes a program without a file, ``python -c``, for its own doctests and ends it."""
    main = sys.modules["__main__"]
    lacks = not hasattr(main, "__file__")
    if lacks:
        main.__file__ = "<string>"
    try:
        yield
    finally:
        if lacks:
            del main.__file__


def _gone(error: Exception) -> bool:
    return any(word in str(error) for word in GONE)


def _within_seconds(tell: Callable[[], object]) -> None:
    """Tell a cluster something that it need not answer; nobody waits for one that is gone."""

    def telling() -> None:
        with suppress(Exception):
            tell()

    thread = threading.Thread(target=telling, daemon=True)
    thread.start()
    thread.join(PARTING_SECONDS)


def _part(session: Any) -> None:
    """Let the cluster forget a session. Asked once: a cluster that is gone has forgotten it."""
    session.client.set_retry_policies([])
    with suppress(Exception):
        session.stop()
