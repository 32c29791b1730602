"""Files as raw tables: whatever a table comes in, it is staged as Parquet with text in every column.

What follows then reads one thing only. DuckDB reads CSV in parallel and in constant memory; the one pass
in Python before it finds the encoding, checks every byte, counts lines and takes the hash.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, ForelandError, Where
from foreland.data.excel import MAX_COLUMNS, no_heading, write_excel
from foreland.data.mapping import Mapping
from foreland.data.textfile import MAX_LINE, TextFile, empty_file, kind_of_file, open_text

if TYPE_CHECKING:
    import duckdb


Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Raw:
    """A staged table: Parquet with the columns ``c0`` …; ``line`` is the SQL of the line a row starts in."""

    file: Path
    parquet: Path
    headers: tuple[str, ...]
    rows: int
    content_hash: str
    notes: tuple[tuple[str, dict[str, Any]], ...] = field(default=())
    line: str = "line"

    @property
    def relation(self) -> str:
        """What stands behind FROM."""
        return _parquet(self.parquet, True)

    def where(self, line: int | None = None, column: str | None = None) -> Where:
        """A place in the file."""
        return Where(self.file, line, column)


def stage_table(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path, mapping: Mapping | None = None) -> Raw:
    """Stage one file as a raw table in ``folder``.

    Raises
    ------
    DataError
        If the file is absent, empty, not what its name says, or can't be read.
    """
    mapping = mapping or Mapping()
    if not path.is_file():
        raise no_file(path)
    try:
        kind = kind_of_file(path)
    except OSError as error:
        raise DataError("data.error.cannot_read", where=Where(path), detail=error.strerror) from error
    target = folder / f"raw-{len(list(folder.glob('raw-*')))}.parquet"
    try:
        if kind == "parquet":
            return _stage_parquet(connection, path, target)
        if kind == "xlsx":
            headers, rows, notes = write_excel(path, target, mapping.sheet, mapping.skip)
            return Raw(path, target, tuple(headers), rows, file_hash(path), tuple(notes))
        return _stage_text(connection, path, target, mapping)
    except ForelandError:
        raise
    except MemoryError as error:
        raise DataError("data.error.too_large", where=Where(path), detail="memory") from error


def no_file(path: Path) -> DataError:
    """The error of a path where no file is, with what stands beside it."""
    from foreland.data.mapping import near_columns

    try:
        beside = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError:
        beside = []
    return DataError("data.error.no_file", path=path, suggestions=near_columns(path.name, beside))


# Text -------------------------------------------------------------------------------------------


def _stage_text(connection: duckdb.DuckDBPyConnection, path: Path, target: Path, mapping: Mapping) -> Raw:
    text = open_text(path, target.with_suffix(".txt"), mapping.encoding)
    delimiter = mapping.delimiter or _delimiter(text, mapping.skip)
    headers, skip = _header(text, delimiter, mapping.skip)
    if text.data_lines(skip) <= 0:
        raise DataError("data.error.header_only", where=Where(path), columns=", ".join(headers[:20]))
    scan = _CsvScan(text.readable, len(headers), delimiter, skip)
    loose = target.with_suffix(".loose")
    try:
        rows = _copy(connection, scan.sql(), loose)
    except Exception as error:
        _raise_unless_short_row(error, path)
        rows = _copy(connection, scan.sql(null_padding=True), loose, path)
    if rows == 0:
        raise DataError("data.error.header_only", where=Where(path), columns=", ".join(headers[:20]))
    line = f"file_row_number + {skip + 1}"
    if text.regular:
        loose.rename(target)
    else:
        # Blank lines, or quotes with line breaks inside: the lines are counted one by one.
        line = "line"
        lines = target.with_suffix(".lines")
        if _write_lines(text, delimiter, skip, lines) != rows:
            raise DataError("data.error.unclosed_quote", where=Where(path))
        numbered = f"SELECT r.*, l.line FROM {_parquet(loose)} r POSITIONAL JOIN {_parquet(lines)} l"
        _copy(connection, numbered, target)
        lines.unlink()
    loose.unlink(missing_ok=True)
    if text.readable != path:
        text.readable.unlink()
    notes: list[tuple[str, dict[str, Any]]] = []
    notes += [("data.note.encoding", {"encoding": text.encoding})] if text.encoding != "UTF-8" else []
    if unheaded := _unheaded(connection, headers, target):
        notes.append(no_heading(unheaded))
    return Raw(path, target, tuple(headers), rows, text.content_hash, tuple(notes), line)


def _unheaded(connection: duckdb.DuckDBPyConnection, headers: list[str], staged: Path) -> list[int]:
    """Which columns hold values and have no heading."""
    blank = [i for i, header in enumerate(headers) if not header]
    if not blank:
        return []
    filled = ", ".join(f"count(nullif(trim(c{i}), ''))" for i in blank)
    counts = connection.execute(f"SELECT {filled} FROM {_parquet(staged)}").fetchone() or ()
    return [i for i, count in zip(blank, counts, strict=True) if count]


@dataclass(frozen=True)
class _CsvScan:
    file: Path
    columns: int
    delimiter: str
    skip: int

    def sql(self, null_padding: bool = False) -> str:
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(self.columns))
        padding = ", null_padding=true, parallel=false" if null_padding else ""
        return (
            f"SELECT * FROM read_csv({sql_text(str(self.file))}, auto_detect=false, header=false, "
            f"skip={self.skip}, delim={sql_text(self.delimiter)}, quote='\"', escape='\"', strict_mode=true, "
            f"max_line_size=4000000, compression='none', columns={{{columns}}}{padding})"
        )


def _delimiter(text: TextFile, skip: int) -> str:
    lines = [line for line in text.head.splitlines()[skip : skip + 30] if line.strip()]
    if not lines:
        return ","
    # The mark that cuts most lines into the same number of pieces as the header, and into most pieces.
    counts = {mark: [line.count(mark) for line in lines] for mark in ("\t", ";", "|", ",")}
    return max(
        counts,
        key=lambda mark: (counts[mark][0] > 0, sum(n == counts[mark][0] for n in counts[mark]) * counts[mark][0]),
    )


def _header(text: TextFile, delimiter: str, skip: int) -> tuple[list[str], int]:
    """The headers, and the lines before the first row of data."""
    lines = io.StringIO(text.head, newline="")
    for _ in range(skip):
        if not lines.readline():
            break
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        headers = next((row for row in reader if any(cell.strip() for cell in row)), None)
    except csv.Error as error:
        raise DataError("data.error.no_table", where=Where(text.path, skip + 1), detail=error) from error
    if headers is None:
        raise empty_file(text.path)
    if len(headers) > MAX_COLUMNS:
        raise DataError("data.error.too_large", where=Where(text.path), detail=f"{len(headers)} columns")
    return [header.strip() for header in headers], skip + reader.line_num


def _raise_unless_short_row(error: Exception, path: Path) -> None:
    """Short rows (footnotes below a table) are read as blanks; whatever else stops the reader is said."""
    if "expected number of columns" not in str(error).lower():
        raise duckdb_error(error, path) from error


def _write_lines(text: TextFile, delimiter: str, skip: int, target: Path) -> int:
    """The line each record starts in, for a file with line breaks inside quotes or blank lines."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("line", pa.int64())])
    rows = 0
    with pq.ParquetWriter(target, schema) as writer:
        for lines in _record_starts(text.readable, delimiter, skip):
            rows += len(lines)
            writer.write_table(pa.table({"line": np.asarray(lines, dtype=np.int64)}, schema=schema))
    return rows


def _record_starts(path: Path, delimiter: str, skip: int) -> Iterator[list[int]]:
    starts: list[int] = []
    csv.field_size_limit(MAX_LINE)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(skip):
            if not file.readline():
                break
        reader = csv.reader(file, delimiter=delimiter)
        before = 0
        for record in reader:
            if record:
                starts.append(skip + before + 1)
            before = reader.line_num
            if len(starts) >= 100_000:
                yield starts
                starts = []
    yield starts


# Parquet ----------------------------------------------------------------------------------------


def _stage_parquet(connection: duckdb.DuckDBPyConnection, path: Path, target: Path) -> Raw:
    source = _parquet(path, True)
    try:
        described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()
        headers = [str(row[0]) for row in described]
        nested = [str(row[0]) for row in described if str(row[1]).startswith(("STRUCT", "MAP", "UNION"))]
        headers = [header for header in headers if header not in nested]
        columns = ", ".join(f"CAST({sql_name(header)} AS VARCHAR) AS c{index}" for index, header in enumerate(headers))
        rows = _copy(connection, f"SELECT {columns}, file_row_number + 1 AS line FROM {source}", target)
    except ForelandError:
        raise
    except Exception as error:
        raise DataError(
            "data.error.parquet_unreadable", where=Where(path), detail=str(error).splitlines()[0]
        ) from error
    if rows == 0:
        raise DataError("data.error.header_only", where=Where(path), columns=", ".join(headers[:20]))
    return Raw(path, target, tuple(headers), rows, file_hash(path))


# Shared -----------------------------------------------------------------------------------------


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path, path: Path | None = None) -> int:
    """Run a query into a Parquet file; the number of rows."""
    try:
        result = connection.execute(
            f"COPY ({query}) TO {sql_text(str(target))} (FORMAT parquet, COMPRESSION snappy)"
        ).fetchone()
    except Exception as error:
        if path is None:
            raise
        raise duckdb_error(error, path) from error
    return int(result[0]) if result else 0


def duckdb_error(error: Exception, path: Path) -> ForelandError:
    """DuckDB's complaint about a file as an error with a line and a cure."""
    import re

    from foreland.core.errors import WorkspaceError

    message = str(error)
    line = re.search(r"CSV Error on Line: (\d+)", message)
    where = Where(path, int(line[1]) if line else None)
    if counts := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message, re.IGNORECASE):
        return DataError("data.error.ragged_row", where=where, expected=int(counts[1]), found=int(counts[2]))
    if "quote" in message.lower():
        return DataError("data.error.unclosed_quote", where=where)
    if "line size" in message.lower():
        return DataError("data.error.too_large", where=where, detail="line")
    if "No space left" in message:
        return WorkspaceError("core.error.disk_full", where=Where(path), detail="No space left on device")
    if "Out of Memory" in message or "could not allocate" in message.lower():
        return WorkspaceError("data.error.load_memory", where=where, detail=message.splitlines()[0])
    return DataError("data.error.no_table", where=where, detail=message.splitlines()[0])


def _parquet(path: Path, numbered: bool = False) -> str:
    option = ", file_row_number=true" if numbered else ""
    return f"read_parquet({sql_text(str(path))}{option})"


def sql_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
