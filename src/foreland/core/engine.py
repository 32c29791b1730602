"""The relational engine: tables as Parquet files, questions as Ibis expressions.

Everything relational is written in Ibis and runs here. DuckDB is embedded; each thread has its own
connection, because one DuckDB connection serves one thread at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.errors import WorkspaceError
from foreland.core.settings import Settings
from foreland.core.tables import ADDED, table_spec

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class DuckDBEngine:
    """Reads tables from Parquet with DuckDB.

    Parameters
    ----------
    settings
        Memory limit and threads.
    spill
        Folder for what does not fit in memory.
    """

    def __init__(self, settings: Settings, spill: Path) -> None:
        self._settings = settings
        self._spill = spill
        self._local = threading.local()

    @property
    def connection(self) -> Any:
        """This thread's Ibis connection."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            import ibis

            options: dict[str, Any] = {"temp_directory": str(self._spill)}
            if self._settings.memory_limit:
                options["memory_limit"] = self._settings.memory_limit
            if self._settings.threads:
                options["threads"] = self._settings.threads
            connection = self._local.connection = ibis.duckdb.connect(**options)
            # Figures served to people are small; a progress bar on stdout would spoil piped data.
            connection.raw_sql("SET enable_progress_bar = false")
        return connection

    def read(self, table: str, files: Sequence[Path]) -> ir.Table:
        """The rows of ``table`` in ``files`` (none: an empty table of the same columns)."""
        import ibis
        import pyarrow as pa

        spec = table_spec(table)
        if not files:
            return ibis.memtable(pa.Table.from_pylist([], schema=spec.arrow_schema()))
        import duckdb

        try:
            rows = self.connection.read_parquet([str(file) for file in files], union_by_name=table in ADDED)
        except duckdb.Error as error:
            raise _unreadable(error) from error
        types = {column.name: column.type for column in spec.columns}
        lacking = {
            name: ibis.null({"double": "float64"}.get(types[name], types[name]))
            for name in ADDED.get(table, ())
            if name not in rows.columns
        }
        rows = rows.mutate(**lacking) if lacking else rows
        rows = rows.select(*[column.name for column in spec.columns])
        if spec.shared_by_sources and len(files) > 1:
            own = [column.name for column in spec.columns if column.name != "source_id"]
            rows = rows.group_by(own).agg(source_id=rows.source_id.min())
        return rows

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """Run an expression and bring the result back."""
        import duckdb

        try:
            return self.connection.to_pyarrow(expression)
        except duckdb.OutOfMemoryException as error:
            raise WorkspaceError("core.error.out_of_memory", detail=str(error).splitlines()[0]) from error
        except duckdb.Error as error:
            raise _unreadable(error) from error


def _unreadable(error: Exception) -> Exception:
    """What DuckDB says of a damaged file as an error for a person; what speaks of the query stays as it is."""
    import duckdb

    damage = (
        duckdb.IOException,
        duckdb.InvalidInputException,
        duckdb.InternalException,
        duckdb.OutOfMemoryException,
        duckdb.SerializationException,
    )
    # Broken metadata end in impossible sizes and offsets, or in a complaint of the bare class.
    if type(error) is duckdb.Error or isinstance(error, damage):
        return WorkspaceError("core.error.tables_unreadable", detail=str(error).splitlines()[0])
    return error
