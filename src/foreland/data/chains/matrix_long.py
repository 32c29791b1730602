"""Tables kept as a list of cells, each line a row, a column and a value; and Eurostat's bulk files, lists by year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, Where
from foreland.data.chains.cells import MAX_CELLS, Grid, marked, numbers, shown
from foreland.data.chains.matrix_layout import _chinese, period_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from foreland.data.tabular import Raw

FLAGGED = re.compile(r"(.*\d)\s*[a-z]{1,3}")
"""A number with a flag behind it, as Eurostat's bulk files have them."""


def folded_list(headers: Sequence[str]) -> bool:
    """Whether the first column holds several, as in ``freq,unit,prod_na,geo\\TIME_PERIOD``."""
    return bool(re.fullmatch(r"[\w,]+,\w+\\\w+", headers[0].strip()))


def unfolded(
    raw: Raw, cells: Sequence[NDArray[Any]], lines: NDArray[np.int64]
) -> tuple[Raw, list[NDArray[Any]], NDArray[np.int64]]:
    """A bulk file as a list with a column for each dimension, one for the year and one for the value."""
    *dimensions, last = raw.headers[0].strip().split(",")
    dimensions.append(last.split("\\")[0])
    split = [str(cell).split(",") for cell in cells[0]]
    for line, parts in zip(lines, split, strict=True):
        if len(parts) != len(dimensions):
            where = Where(raw.file, int(line), raw.headers[0])
            raise DataError("data.error.ragged_row", where=where, expected=len(dimensions), found=len(parts))
    years = [header.strip() for header in raw.headers[1:]]
    keys = [np.array([parts[i].strip() for parts in split], dtype=object) for i in range(len(dimensions))]
    columns = [np.tile(column, len(years)) for column in keys]
    columns.append(np.repeat(np.array(years, dtype=object), len(lines)))
    flat = np.concatenate(list(cells[1:])) if years else np.array([], dtype=object)
    plain = [match[1] if (match := FLAGGED.fullmatch(str(cell))) else str(cell) for cell in flat]
    columns.append(np.array(plain, dtype=object))
    # Lists of several countries and years have no cell where a table is not there.
    kept = columns[-1] != ":"
    return (
        replace(raw, headers=(*dimensions, "TIME_PERIOD", "OBS_VALUE")),
        [column[kept] for column in columns],
        np.tile(lines, len(years))[kept],
    )


def pivoted(
    raw: Raw,
    cells: Sequence[NDArray[Any]],
    lines: NDArray[np.int64],
    at: Mapping[str, int],
    decimal: str,
    period: str,
) -> dict[str, Grid]:
    """The grids of a list of cells, by period.

    Raises
    ------
    DataError
        If a cell stands twice, there are too many, or none is of the period asked for.
    """
    values = numbers(cells[at["value"]], raw, lines, raw.headers[at["value"]], decimal)
    marks = marked(cells[at["value"]])
    stated = np.full(len(lines), "", dtype=object)
    if "period" in at:
        stated = np.array([period_text(str(text)) for text in cells[at["period"]]], dtype=object)
    found: dict[str, Grid] = {}
    for text in dict.fromkeys(map(str, stated)):
        if period and "period" in at and text != period:
            continue
        mask = stated == text
        row, column = cells[at["row"]][mask], cells[at["column"]][mask]
        origin = cells[at["origin"]][mask] if "origin" in at else np.full(len(row), "")
        keys = list(dict.fromkeys(zip(row, origin, strict=True)))
        columns = list(dict.fromkeys(map(str, column)))
        if len(keys) * len(columns) > MAX_CELLS:
            detail = f"{len(keys):,} × {len(columns):,}"
            raise DataError("data.error.too_large", where=Where(raw.file), detail=detail)
        rows_at, columns_at = {item: i for i, item in enumerate(keys)}, {code: i for i, code in enumerate(columns)}
        index = np.array([rows_at[item] for item in zip(row, origin, strict=True)])
        across = np.array([columns_at[str(code)] for code in column])
        flat = index * len(columns) + across
        if len(np.unique(flat)) < len(flat):
            raise _twice(raw, [column[mask] for column in cells], lines[mask], flat, at)
        matrix = np.full((len(keys), len(columns)), np.nan)
        matrix[index, across] = values[mask]
        hidden = np.zeros(matrix.shape, dtype=bool)
        hidden[index, across] = marks[mask]
        first = np.unique(index, return_index=True)[1]
        names: dict[str, tuple[str, ...]] = {}
        if "row_name" in at:
            told = cells[at["row_name"]][mask][first]
            names["zh" if _chinese([str(item) for item in told]) else "en"] = tuple(map(str, told))
        told_columns: tuple[str, ...] = ()
        if "column_name" in at:
            head = np.unique(across, return_index=True)[1]
            told_columns = tuple(map(str, cells[at["column_name"]][mask][head]))
        found[text] = Grid(
            raw.file,
            tuple(str(item[0]) for item in keys),
            tuple(columns),
            names,
            matrix,
            lines[mask][first],
            raw.content_hash,
            tuple(str(item[1]) for item in keys) if "origin" in at else (),
            told_columns,
            hidden,
        )
    if not found:
        known = shown(list(dict.fromkeys(map(str, stated))), 40)
        raise DataError("data.error.io_no_period", where=Where(raw.file), period=period, known=known)
    return found


def _twice(
    raw: Raw,
    cells: Sequence[NDArray[Any]],
    lines: NDArray[np.int64],
    flat: NDArray[np.int64],
    at: Mapping[str, int],
) -> DataError:
    """The error of a cell that stands twice, with the columns that tell its lines apart."""
    order = np.argsort(flat, kind="stable")
    second = int(order[1:][np.diff(flat[order]) == 0][0])
    both = np.nonzero(flat == flat[second])[0]
    apart = []
    for index, header in enumerate(raw.headers):
        said = list(dict.fromkeys(str(cells[index][line]) for line in both))
        if index != at["value"] and len(said) > 1:
            apart.append(f"{header} ({shown(said, 4)})")
    return DataError(
        "data.error.io_cell_twice",
        where=Where(raw.file, int(lines[second])),
        row=str(cells[at["row"]][second]),
        column=str(cells[at["column"]][second]),
        apart=shown(apart, 4) or "—",
    )
