"""Excel workbooks, read row by row: bounded in what they unpack to, and staged as Parquet of text."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from foreland.core.errors import DataError, ForelandError, Where

MAX_COLUMNS = 20_000
MAX_ROWS = 1 << 20
"""Rows that a sheet of Excel has at most."""
MAX_BYTES = 1 << 30
"""An Excel file that unpacks to more is refused: it is a bomb, or should be a CSV file."""
MAX_STRINGS = 256 << 20
"""Most that the shared strings may unpack to: they are held in memory."""


def write_excel(path: Path, target: Path, sheet: str = "", skip: int = 0) -> tuple[list[str], int, list[Any]]:
    """Write one sheet as Parquet with text columns ``c0`` … and ``line``.

    Returns
    -------
    tuple
        Headers, rows, and notes for the reader.

    Raises
    ------
    DataError
        If the file is a bomb or damaged, or has no such sheet or no rows.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {item.filename: item.file_size for item in archive.infolist()}
        if sum(sizes.values()) > MAX_BYTES or sizes.get("xl/sharedStrings.xml", 0) > MAX_STRINGS:
            packed, unpacked = path.stat().st_size, sum(sizes.values())
            raise DataError("data.error.bomb", where=Where(path), packed=packed, unpacked=unpacked)
        import openpyxl

        notes: list[Any] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                found = _sheet(book, sheet, path)
                # The size a file claims may be wrong or hostile; rows are read until they end.
                found.reset_dimensions()
                headers, rows, unheaded = _write_rows(found, target, skip, path)
                if unheaded:
                    notes.append(no_heading(unheaded))
                title, names = found.title, book.sheetnames
                if not sheet and len(names) > 1:
                    notes.append(("data.note.sheet", {"sheet": title, "sheets": ", ".join(names)}))
            finally:
                book.close()
    except ForelandError:
        raise
    except Exception as error:
        detail = f"{type(error).__name__}: {error}"
        raise DataError("data.error.excel_unreadable", where=Where(path), detail=detail) from error
    if rows == 0:
        columns = ", ".join(headers[:20])
        if len(names) > 1:
            raise DataError(
                "data.error.sheet_without_rows",
                where=Where(path),
                sheet=title,
                columns=columns,
                sheets=", ".join(names),
            )
        raise DataError("data.error.header_only", where=Where(path), columns=columns)
    return headers, rows, notes


def _sheet(book: Any, wanted: str, path: Path) -> Any:
    if not wanted:
        return book.worksheets[0]
    if wanted in book.sheetnames:
        return book[wanted]
    if wanted.isdigit() and 1 <= int(wanted) <= len(book.worksheets):
        return book.worksheets[int(wanted) - 1]
    raise DataError("data.error.no_sheet", where=Where(path), sheet=wanted, sheets=", ".join(book.sheetnames))


def no_heading(columns: Iterable[int]) -> tuple[str, dict[str, Any]]:
    """The note of columns that hold values and have no heading, by their numbers from 0."""
    from openpyxl.utils import get_column_letter

    letters = [get_column_letter(column + 1) for column in sorted(columns)]
    shown = ", ".join(letters[:12]) + (", …" if len(letters) > 12 else "")
    return "data.note.no_heading", {"number": len(letters), "columns": shown}


def _write_rows(sheet: Any, target: Path, skip: int, path: Path) -> tuple[list[str], int, set[int]]:
    """Headers, rows, and which columns hold values and have no heading."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def rows_of_sheet() -> Iterator[tuple[int, tuple[Any, ...]]]:
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MAX_ROWS:
                # A row may claim any number, and all before it would be gone through.
                raise DataError("data.error.too_large", where=Where(path), detail=f"> {MAX_ROWS:,}")
            yield number, row

    records = (
        (number, row)
        for number, row in rows_of_sheet()
        if number > skip and any(cell not in (None, "") for cell in row)
    )
    _, first = next(records, (0, ()))
    headers = [_cell(cell) or "" for cell in first]
    while headers and not headers[-1]:
        headers.pop()
    if not headers:
        raise DataError("data.error.empty_file", where=Where(path))
    if len(headers) > MAX_COLUMNS:
        raise DataError("data.error.too_large", where=Where(path), detail=f"{len(headers)} columns")
    width = len(headers)
    schema = pa.schema([*((f"c{i}", pa.string()) for i in range(width)), ("line", pa.int64())])
    rows = 0
    blank = [i for i, header in enumerate(headers) if not header.strip()]
    unheaded: set[int] = set()
    batch: list[tuple[Any, ...]] = []
    with pq.ParquetWriter(target, schema) as writer:

        def flush() -> None:
            columns = list(zip(*batch, strict=True))
            writer.write_table(
                pa.table(
                    [pa.array(column, type=kind) for column, kind in zip(columns, schema.types, strict=True)],
                    schema=schema,
                )
            )

        for number, row in records:
            cells = [_cell(cell) for cell in row[:width]]
            unheaded.update(i for i in blank if i < len(cells) and (cells[i] or "").strip())
            unheaded.update(i for i, cell in enumerate(row[width:], width) if (_cell(cell) or "").strip())
            batch.append((*cells, *([None] * (width - len(cells))), number))
            rows += 1
            if len(batch) * width >= 400_000:
                flush()
                batch.clear()
        if batch:
            flush()
    return [header.strip() for header in headers], rows, unheaded


def _cell(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, dates in ISO 8601."""
    from datetime import date, datetime

    if value is None:
        return None
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return text or None
