"""DuckDB, embedded: the engine of a laptop, good for hundreds of millions of rows on one machine."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.engine import Engine
from foreland.core.errors import WorkspaceError
from foreland.core.settings import Settings
from foreland.core.tables import ADDED, table_spec

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

ROWS_AT_ONCE = 1_000_000
NO_SPACE = ("failed to offload", "No space left on device", "Disk quota exceeded")


class DuckDBEngine(Engine):
    """Reads tables from Parquet with DuckDB.

    Each thread has its own connection, because one DuckDB connection serves one thread at a time.

    Parameters
    ----------
    settings
        Memory limit and threads.
    spill
        Folder for what does not fit in memory.
    """

    def __init__(self, settings: Settings, spill: Path) -> None:
        super().__init__(settings)
        self._spill = spill
        self._local = threading.local()

    @property
    def connection(self) -> Any:
        """This thread's Ibis connection."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            import ibis

            options: dict[str, Any] = {"temp_directory": str(self._spill)}
            if self.settings.memory_limit:
                options["memory_limit"] = self.settings.memory_limit
            if self.settings.threads:
                options["threads"] = self.settings.threads
            connection = self._local.connection = ibis.duckdb.connect(**options)
            # Figures served to people are small; a progress bar on stdout would spoil piped data.
            connection.raw_sql("SET enable_progress_bar = false")
        return connection

    def described(self) -> str:
        import duckdb

        return f"DuckDB {duckdb.__version__}"

    def _scan(self, table: str, files: Sequence[Path]) -> ir.Table:
        import duckdb

        if not files:
            return self._nothing(table)
        try:
            return self.connection.read_parquet([str(file) for file in files], union_by_name=table in ADDED)
        except duckdb.Error as error:
            raise _unreadable(error) from error

    def _nothing(self, table: str) -> ir.Table:
        """A table of no rows."""
        types = {"string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE"}
        columns = ", ".join(f'"{column.name}" {types[column.type]}' for column in table_spec(table).columns)
        self.connection.con.execute(f"CREATE TEMP TABLE IF NOT EXISTS no_{table} ({columns})")
        return self.connection.table(f"no_{table}")

    def _batches(self, expression: ir.Table) -> Generator[pa.RecordBatch]:
        import duckdb
        import pyarrow as pa

        connection = self.connection
        try:
            # Of a relation DuckDB streams; a cursor would hold the whole result twice.
            yield from connection.con.sql(connection.compile(expression)).to_arrow_reader(ROWS_AT_ONCE)
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise _unreadable(error) from error


def _unreadable(error: Exception) -> Exception:
    """What DuckDB says of memory or of a damaged file, for a person; what speaks of the query stays as it is."""
    import duckdb
    import pyarrow as pa

    said = str(error).splitlines()[0]
    if any(word in said for word in NO_SPACE):
        return WorkspaceError("core.error.no_room", detail=said)
    # While a result streams, DuckDB's errors come wrapped in Arrow's.
    if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory" in said:
        return WorkspaceError("core.error.out_of_memory", detail=said)
    damage = (
        duckdb.IOException,
        duckdb.InvalidInputException,
        duckdb.InternalException,
        duckdb.SerializationException,
        pa.ArrowException,
        OSError,
    )
    # Broken metadata end in impossible sizes and offsets, or in a complaint of the bare class.
    if type(error) is duckdb.Error or isinstance(error, damage):
        return WorkspaceError("core.error.tables_unreadable", detail=said)
    return error
