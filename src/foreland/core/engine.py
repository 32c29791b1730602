"""The relational engine: tables as Parquet files, questions as Ibis expressions.

Everything relational is written once, in Ibis, and runs here: on DuckDB in this process, or on a Spark cluster
through Spark Connect. An engine gives tables and brings results back; no code of ours distributes anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.address import Address
from foreland.core.errors import WorkspaceError
from foreland.core.settings import Settings, size_in_bytes
from foreland.core.tables import ADDED, TAXONOMY, TableSpec, table_spec

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class Engine(ABC):
    """Reads tables from Parquet and runs expressions over them.

    Parameters
    ----------
    settings
        Memory, threads, and how much a result may bring back.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def read(self, table: str, files: Sequence[Path]) -> ir.Table:
        """The rows of ``table`` in ``files`` (none: an empty table of the same columns)."""
        import ibis

        spec = table_spec(table)
        rows = self._scan(table, files)
        types = {column.name: column.type for column in spec.columns}
        lacking = {
            name: ibis.null({"double": "float64"}.get(types[name], types[name]))
            for name in ADDED.get(table, ())
            if name not in rows.columns
        }
        rows = rows.mutate(**lacking) if lacking else rows
        rows = rows.select(*[column.name for column in spec.columns])
        return _defined_once(rows, spec) if spec.shared_by_sources and len(files) > 1 else rows

    def to_arrow(self, expression: ir.Table) -> pa.Table:
        """Run an expression and bring the result back.

        Raises
        ------
        WorkspaceError
            If the result is larger than ``largest_result`` of the settings, the engine has too little memory, a
            file can't be read, or the cluster is gone.
        """
        import pyarrow as pa

        schema = expression.schema().to_pyarrow()
        allowed = size_in_bytes(self.settings.largest_result)
        batches, size, rows = [], 0, 0
        # Closed before anything else is asked: what is left of a result too large is not worked out.
        with closing(self._batches(expression)) as stream:
            for batch in stream:
                batches.append(batch)
                size += batch.nbytes
                rows += batch.num_rows
                if allowed and size > allowed:
                    break
        if allowed and size > allowed:
            whole = self._scalar(expression.count())
            raise WorkspaceError(
                "core.error.result_too_large",
                rows=f"{whole:,}",
                size=f"{size / rows * whole / 1e9:,.2g} GB",
                limit=self.settings.largest_result,
            )
        # Engines differ in the widths of integers and strings; the expression says what they are.
        return pa.Table.from_batches(batches).cast(schema) if batches else schema.empty_table()

    def confirm(self, table: str, files: Mapping[Path, int]) -> None:  # noqa: B027 - the embedded engine has no other view
        """See that the engine reads of each file as many rows as were written, before the file counts.

        Raises
        ------
        WorkspaceError
            If it does not.
        """

    @abstractmethod
    def described(self) -> str:
        """Its name, version and where it runs, for a person; asks a cluster whether it is there."""

    def close(self) -> None:  # noqa: B027 - the embedded engine holds nothing
        """Let go of what the engine holds."""

    @abstractmethod
    def _scan(self, table: str, files: Sequence[Path]) -> ir.Table:
        """The rows of files as they are; columns of :data:`ADDED` may be absent."""

    @abstractmethod
    def _batches(self, expression: ir.Table) -> Generator[pa.RecordBatch]:
        """The rows of an expression, batch by batch."""

    def _scalar(self, expression: ir.Scalar) -> int:
        (batch,) = [batch for batch in self._batches(expression.name("value").as_table()) if batch.num_rows]
        return int(batch.column(0)[0].as_py())


def _defined_once(rows: ir.Table, spec: TableSpec) -> ir.Table:
    """One row a key where several sources define it: column by column what the first source says that says anything.

    Foreland's own taxonomy comes first, then sources by id, so that no answer hangs on the order of files.
    """
    order = (rows.source_id != TAXONOMY).ifelse(rows.source_id, "")
    others = [column.name for column in spec.columns if column.name not in spec.key]
    said = {name: rows[name].argmin(order, where=rows[name].notnull()) for name in others}
    return rows.group_by(spec.key).agg(**said).select(*[column.name for column in spec.columns])


def open_engine(address: Address, settings: Settings, spill: Path) -> Engine:
    """The engine of an address. Connects when first asked, not here.

    Parameters
    ----------
    address
        Where the workspace is.
    settings
        Of the workspace.
    spill
        Folder for what does not fit in the memory of the embedded engine.
    """
    if not address.remote:
        from foreland.core.engine_duckdb import DuckDBEngine

        return DuckDBEngine(settings, spill)
    from foreland.core.engine_spark import SparkEngine

    return SparkEngine(settings, address)
