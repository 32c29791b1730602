"""Tables of sectors as a grid: codes and names of rows and columns, and numbers between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, Where
from foreland.data.marks import SUPPRESSED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from foreland.data.tabular import Raw

MAX_CELLS = 60_000_000
"""Cells a table may have: beyond that it fits no memory as text, and no method here works on 7,000 sectors."""


@dataclass(frozen=True)
class Grid:
    """Labels and numbers of a table.

    Parameters
    ----------
    file
        The file it was read from.
    codes, columns
        Codes of rows and columns, as published.
    names
        Names of rows, by language; a language that the file lacks is absent.
    values
        Numbers, rows × columns; NaN where a cell is blank.
    lines
        Line of the file each row stands in.
    content
        Hash of the file.
    blocks
        What tells rows of one code apart (``Domestic``, ``Imports``), in the words of the file; empty without such.
    column_names
        Names of columns, where the file has a second row of headers or names them beside their codes.
    hidden
        Where a mark stands for a number that was not published; None where that was not looked at.
    """

    file: Path
    codes: tuple[str, ...]
    columns: tuple[str, ...]
    names: dict[str, tuple[str, ...]]
    values: NDArray[np.float64]
    lines: NDArray[np.int64]
    content: str
    blocks: tuple[str, ...] = ()
    column_names: tuple[str, ...] = ()
    hidden: NDArray[np.bool_] | None = None

    def rows(self, chosen: Sequence[int]) -> Grid:
        """The grid of some rows."""
        index = list(chosen)
        return replace(
            self,
            codes=tuple(self.codes[i] for i in index),
            names={language: tuple(names[i] for i in index) for language, names in self.names.items()},
            values=self.values[index],
            lines=self.lines[index],
            blocks=tuple(self.blocks[i] for i in index) if self.blocks else (),
            hidden=None if self.hidden is None else self.hidden[index],
        )

    def column(self, code: str) -> NDArray[np.float64]:
        """The numbers of a column, blanks as zero."""
        return np.nan_to_num(self.values[:, self.columns.index(code)])

    def where(self, row: int | None = None, column: int | None = None) -> Where:
        """A place in the file."""
        return Where(
            self.file,
            None if row is None else int(self.lines[row]),
            None if column is None else self.columns[column] or f"#{column + 1}",
        )


def texts_of(raw: Raw) -> tuple[list[NDArray[Any]], NDArray[np.int64]]:
    """The cells of a staged table as text, a column each, without blanks around them; and the line of each row.

    Raises
    ------
    DataError
        If the table has more cells than memory can be asked to hold.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    count = len(raw.headers)
    if raw.rows * count > MAX_CELLS:
        raise DataError("data.error.too_large", where=Where(raw.file), detail=f"{raw.rows:,} × {count:,}")
    table = pq.read_table(raw.parquet)
    columns = [
        pc.utf8_trim_whitespace(pc.fill_null(table[f"c{index}"], "")).to_numpy(zero_copy_only=False)
        for index in range(count)
    ]
    if "line" in table.column_names:
        lines = table["line"].to_numpy().astype(np.int64)
    else:  # one record a line: lines follow from the first
        first = int(raw.line.rsplit("+", 1)[1])
        lines = np.arange(raw.rows, dtype=np.int64) + first
    return columns, lines


def numbers(
    cells: NDArray[Any], raw: Raw, lines: NDArray[np.int64], header: str, decimal: str = "."
) -> NDArray[np.float64]:
    """Cells of a column as numbers; a blank or a mark of a missing value is NaN.

    Raises
    ------
    DataError
        If a cell is no finite number, with its line and column.
    """
    if decimal == ".":
        try:
            found = np.where(cells == "", "nan", cells).astype(np.float64)
            if not np.isinf(found).any():
                return found
        except ValueError:
            pass
    values = np.full(len(cells), np.nan)
    for index, cell in enumerate(cells):
        text = str(cell)
        if text.lower() in SUPPRESSED:
            continue
        value = number(text, decimal)
        if value is None:
            raise DataError(
                "data.error.io_not_a_number", where=Where(raw.file, int(lines[index]), header or None), text=text[:60]
            )
        values[index] = value
    return values


NOTHING = frozenset(["", "-", "--", "---", "–", "—", "——", "−"])
"""Blanks and dashes: offices write them for nothing; other marks stand for a number that they keep to themselves."""


def marked(cells: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a mark stands for a number that was not published."""
    return np.array([text not in NOTHING and text.lower() in SUPPRESSED for text in map(str, cells)], dtype=bool)


_BLANKS = dict.fromkeys(map(ord, " \u00a0\u2007\u2009\u200a\u202f'’"), None)
_MINUS = dict.fromkeys(map(ord, "\u2212–"), "-")
_THOUSANDS = {
    # 1,234,567 and, as India writes it, 12,34,567
    ".": re.compile(r"[-+]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?"),
    ",": re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d*)?"),
}


def number(text: str, decimal: str = ".") -> float | None:
    """A number with the marks of thousands that tables have; None where it is none.

    A mark of thousands that does not stand before three figures is none: 12,5 is not 125.
    """
    plain = text.replace("，", ",").translate(_BLANKS).translate(_MINUS)
    if plain.startswith("(") and plain.endswith(")"):  # accountants' minus
        plain = f"-{plain[1:-1]}"
    elif plain.endswith("-") and plain[:1].isdigit():
        plain = f"-{plain[:-1]}"
    mark = "." if decimal == "," else ","
    if mark in plain:
        if not _THOUSANDS[decimal].fullmatch(plain):
            return None
        plain = plain.replace(mark, "")
    plain = plain.replace(decimal, ".")
    if "_" in plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def single(codes: Sequence[str], raw_file: Path, lines: NDArray[np.int64] | None, axis: str) -> None:
    """Refuse codes that stand twice.

    Raises
    ------
    DataError
        With the codes, and the line of the second one for rows.
    """
    twice = [code for code, count in Counter(codes).items() if count > 1 and code]
    if not twice:
        return
    line = None
    if lines is not None:
        line = int(lines[[index for index, code in enumerate(codes) if code == twice[0]][1]])
    raise DataError(
        f"data.error.io_twice_{axis}",
        where=Where(raw_file, line),
        number=len(twice),
        codes=shown(twice),
    )


def shown(texts: Sequence[str], most: int = 10) -> str:
    """Some texts of a list, and how many there are beyond."""
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f", … (+{more})" if more > 0 else "")


def plain_grid(raw: Raw, code: str, names: dict[str, str], block: str = "", skip: Sequence[str] = ()) -> Grid:
    """The grid of a matrix whose label columns are known.

    Parameters
    ----------
    raw
        The staged table.
    code
        Header of the column of codes.
    names
        Language → header of the column of names.
    block
        Header of the column that tells rows of one code apart, if there is one.
    skip
        Headers of columns left out.

    Raises
    ------
    DataError
        If a label column is absent, a column stands twice, or a cell is no number.
    """
    headers = list(raw.headers)
    for wanted in (code, *names.values(), *([block] if block else [])):
        if wanted not in headers:
            raise DataError(
                "data.error.missing_column",
                where=Where(raw.file),
                column=wanted or "—",
                role="code",
                columns=shown([item for item in headers if item], 20),
                suggestions="",
            )
    cells, lines = texts_of(raw)
    labels = {code, block, *names.values(), *skip} - ({""} if code else set())
    chosen = [index for index, header in enumerate(headers) if header not in labels and (header or index)]
    columns = tuple(headers[index] for index in chosen)
    single(columns, raw.file, None, "column")
    values = np.column_stack([numbers(cells[index], raw, lines, headers[index]) for index in chosen])
    return Grid(
        raw.file,
        tuple(map(str, cells[headers.index(code)])),
        columns,
        {language: tuple(map(str, cells[headers.index(header)])) for language, header in names.items()},
        values,
        lines,
        raw.content_hash,
        tuple(map(str, cells[headers.index(block)])) if block else (),
    )
