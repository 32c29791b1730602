"""The grid of a table whose layout nobody told: label columns, header rows, blocks, years, or a long list of cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, Where
from foreland.data.chains.cells import MAX_CELLS, Grid, number, numbers, shown, single, texts_of
from foreland.data.marks import SUPPRESSED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from foreland.data.tabular import Raw

LABELS = {
    "period": r"year|period|time|time[ _]?period|年份?|年度|时间",
    "origin": r"origin|stk_?flow|flow|dom[ _/]?imp|来源|产地|国内(/|或)?进口",
    "name_zh": r".*(chinese|_zh|_cn)|中文名称?|(部门|产品|行业|产业)?名称",
    "name_en": r"(industry|sector|product|commodity|row)?[ _]?(description|descr|name|label)s?|.*(_en|english)|"
    r"英文名称?",
    "code": r"(industry|sector|product|commodity|row)?[ _]?(code|id|nr|no\.?)s?|代码|编码|序号|部门代码|行业代码",
}
"""Headers of label columns, matched whole and in lower case."""
LONG = {
    "row": r"prod_na|t_rows\d*|ind_ava|row|from|input|supplier|origin_sector|行|投入部门|产品部门",
    "column": r"induse|t_cols\d*|ind_use|column|col|to|output|user|use|列|使用部门",
    "value": r"values?|obs_?value|amount|数值|金额|值",
}
"""Headers of a long list of cells."""
DOMESTIC = re.compile(r"dom(estic)?|d|national|home|国内|国产|本国|本地", re.IGNORECASE)
IMPORTED = re.compile(r"imp(ort(s|ed)?)?|m|foreign|进口|国外", re.IGNORECASE)
TOTAL = re.compile(r"tot(al)?|all|ttl|合计|总计|全部|", re.IGNORECASE)


@dataclass(frozen=True)
class Labels:
    """Positions of label columns by role; ``row``, ``column`` and ``value`` in a long list."""

    at: Mapping[str, int]

    @property
    def long(self) -> bool:
        """Whether the table is a list of cells."""
        return {"row", "column", "value"} <= set(self.at)


def grids(
    raw: Raw,
    named: Mapping[str, str],
    decimal: str = ".",
    period: str = "",
    where: Mapping[str, str] | None = None,
) -> dict[str, Grid]:
    """The grids of a table, one for each period that a column says; the key is empty where none does.

    Parameters
    ----------
    raw
        The staged table.
    named
        Label columns that a person named: ``code``, ``name_en``, ``name_zh``, ``origin``, ``period``, and for a long
        list ``row``, ``column``, ``value``.
    decimal
        The decimal mark.
    period
        Only this one, where a column says periods.
    where
        Column → text: only rows with that text.
    """
    cells, lines = texts_of(raw)
    for header, text in (where or {}).items():
        kept = cells[_position(raw, header, "--where")] == text
        cells, lines = [column[kept] for column in cells], lines[kept]
        if not len(lines):
            raise DataError("data.error.io_where", where=Where(raw.file), column=header, text=text)
    labels = _labels(raw, cells, named, decimal)
    if labels.long:
        return _pivoted(raw, cells, lines, labels, decimal, period)
    chosen = [index for index in range(len(raw.headers)) if index not in labels.at.values() and raw.headers[index]]
    blank = [i for i in range(len(raw.headers)) if not raw.headers[i] and i not in labels.at.values()]
    if stray := [i for i in blank if any(cells[i] != "")]:
        raise DataError("data.error.io_no_header", where=Where(raw.file), column=f"#{stray[0] + 1}")
    skip = _header_rows(cells, chosen, decimal)
    second = tuple(str(cells[index][0]) for index in chosen) if skip else ()
    cells, lines = [column[skip:] for column in cells], lines[skip:]
    columns = tuple(raw.headers[index] for index in chosen)
    single(columns, raw.file, None, "column")
    filled = np.zeros(len(lines), dtype=bool)
    for index in chosen:
        filled |= cells[index] != ""
    code = labels.at["code"]
    if not filled.any():
        raise DataError("data.error.header_only", where=Where(raw.file), columns=shown(columns, 20))
    # A line of words above or below the table is no row of it; a sector of nothing but blanks may be one.
    words = ~filled & ~np.isin(cells[code], columns)
    cells, lines = [column[~words] for column in cells], lines[~words]
    values = np.column_stack([numbers(cells[index], raw, lines, raw.headers[index], decimal) for index in chosen])
    grid = Grid(
        raw.file,
        tuple(map(str, cells[code])),
        columns,
        {role[5:]: tuple(map(str, cells[labels.at[role]])) for role in ("name_en", "name_zh") if role in labels.at},
        values,
        lines,
        raw.content_hash,
        tuple(map(str, cells[labels.at["origin"]])) if "origin" in labels.at else (),
        second,
    )
    if "period" not in labels.at:
        return {"": grid}
    return _by_period(grid, cells[labels.at["period"]], raw, period)


def _by_period(grid: Grid, stated: NDArray[Any], raw: Raw, period: str) -> dict[str, Grid]:
    found: dict[str, list[int]] = {}
    for row, text in enumerate(stated):
        found.setdefault(_period_text(str(text)), []).append(row)
    if period:
        if period not in found:
            raise DataError(
                "data.error.io_no_period", where=Where(raw.file), period=period, known=shown(list(found), 40)
            )
        found = {period: found[period]}
    return {text: grid.rows(rows) for text, rows in found.items()}


def _labels(raw: Raw, cells: Sequence[NDArray[Any]], named: Mapping[str, str], decimal: str) -> Labels:
    headers = list(raw.headers)
    folded = [header.strip().lower() for header in headers]
    at: dict[str, int] = {}
    for role, header in named.items():
        at[role] = _position(raw, header, role)
    if not at.keys() & {"code"} and (len(headers) <= 20 or at.keys() & set(LONG)):
        long = dict(at)
        for role, pattern in LONG.items():
            hits = [i for i, header in enumerate(folded) if re.fullmatch(pattern, header) and i not in long.values()]
            if role not in long and hits:
                long[role] = hits[0]
        if {"row", "column", "value"} <= set(long):
            for role, suffix in (("row_name", "row"), ("column_name", "column")):
                name = f"{folded[long[suffix]]}_lab"
                if name in folded:
                    long[role] = folded.index(name)
            for role in ("origin", "period"):
                hits = [i for i, header in enumerate(folded) if re.fullmatch(LABELS[role], header)]
                if role in long or not hits or hits[0] in long.values():
                    continue
                if role == "origin" or _years(cells[hits[0]]):
                    long[role] = hits[0]
            return Labels(long)
    for index, header in enumerate(folded):
        if index in at.values():
            continue
        sample = [str(cell) for cell in cells[index][:400] if cell != ""]
        words = sum(number(cell, decimal) is None and cell.lower() not in SUPPRESSED for cell in sample)
        role = next((role for role, pattern in LABELS.items() if re.fullmatch(pattern, header)), "")
        if role == "period" and not _years(cells[index]):
            at[f"other {index}"] = index  # a date as a number of days says no year to a reader
        elif role and role not in at and (role in ("period", "code") or words * 2 > len(sample)):
            if role in ("name_en", "name_zh"):
                told = "name_zh" if _chinese(sample) else "name_en"
                role = role if told in at else told
            at[role if role not in at else f"other {index}"] = index
        elif index == 0 or (words * 2 > len(sample) and index == max(at.values(), default=-1) + 1):
            if "code" not in at and index == 0:
                at["code"] = 0
            elif DOMESTIC.fullmatch(sample[0]) or IMPORTED.fullmatch(sample[0]):
                at.setdefault("origin", index)
            else:
                role = "name_zh" if _chinese(sample) else "name_en"
                at[role if role not in at else f"other {index}"] = index
    if "code" not in at:
        names = [at[role] for role in ("name_en", "name_zh") if role in at]
        at["code"] = min(names) if names else 0
    return Labels(at)


def _years(cells: NDArray[Any]) -> bool:
    """Whether all cells say a year, or a day of one."""
    return all(re.fullmatch(r"(18|19|20|21)\d\d(\.0|\D.*)?", str(text)) for text in set(cells))


def _period_text(text: str) -> str:
    """A year as a person says it: tables hold it as a number or as the first day of it."""
    match = re.fullmatch(r"(\d{4})(\.0|-01-01.*|年)", text)
    return match[1] if match else text


def _position(raw: Raw, header: str, role: str) -> int:
    from foreland.data.mapping import near_columns

    headers = list(raw.headers)
    if header not in headers:
        raise DataError(
            "data.error.missing_column",
            where=Where(raw.file),
            column=header,
            role=role,
            columns=shown([item for item in headers if item], 20),
            suggestions=near_columns(header, headers),
        )
    return headers.index(header)


def _chinese(sample: Sequence[str]) -> bool:
    return sum(bool(re.search("[\u4e00-\u9fff]", text)) for text in sample) * 2 > len(sample)


def _header_rows(cells: Sequence[NDArray[Any]], chosen: Sequence[int], decimal: str) -> int:
    """1 where the first row holds names of columns instead of numbers."""
    first = [str(cells[index][0]) for index in chosen if cells[index][0] != ""]
    words = sum(number(text, decimal) is None and text.lower() not in SUPPRESSED for text in first)
    return int(len(first) * 2 > len(chosen) and words * 2 > len(first))


def _pivoted(
    raw: Raw, cells: Sequence[NDArray[Any]], lines: NDArray[np.int64], labels: Labels, decimal: str, period: str
) -> dict[str, Grid]:
    at = labels.at
    values = numbers(cells[at["value"]], raw, lines, raw.headers[at["value"]], decimal)
    stated = np.full(len(lines), "", dtype=object)
    if "period" in at:
        stated = np.array([_period_text(str(text)) for text in cells[at["period"]]], dtype=object)
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
        rows_at, columns_at = {key: i for i, key in enumerate(keys)}, {code: i for i, code in enumerate(columns)}
        index = np.array([rows_at[key] for key in zip(row, origin, strict=True)])
        across = np.array([columns_at[str(code)] for code in column])
        flat = index * len(columns) + across
        if len(np.unique(flat)) < len(flat):
            order = np.argsort(flat, kind="stable")
            twice = int(order[1:][np.diff(flat[order]) == 0][0])
            raise DataError(
                "data.error.io_cell_twice",
                where=Where(raw.file, int(lines[mask][twice])),
                row=str(row[twice]),
                column=str(column[twice]),
            )
        matrix = np.full((len(keys), len(columns)), np.nan)
        matrix[index, across] = values[mask]
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
            tuple(str(key[0]) for key in keys),
            tuple(columns),
            names,
            matrix,
            lines[mask][first],
            raw.content_hash,
            tuple(str(key[1]) for key in keys) if "origin" in at else (),
            told_columns,
        )
    if not found:
        known = shown(list(dict.fromkeys(map(str, stated))), 40)
        raise DataError("data.error.io_no_period", where=Where(raw.file), period=period, known=known)
    return found


def without_prefix(grid: Grid) -> Grid:
    """Codes without the prefixes that tell domestic and imported products apart (``DOM_``, ``IMP_``, ``TTL_``)."""
    prefixes = [re.match(r"(TTL|DOM|IMP)_?(?=[A-Z0-9])", code) for code in grid.codes]
    kinds = {match[1] for match in prefixes if match}
    if grid.blocks or not {"DOM", "IMP"} <= kinds:
        return grid
    return replace(
        grid,
        codes=tuple(code[match.end() :] if match else code for code, match in zip(grid.codes, prefixes, strict=True)),
        blocks=tuple(match[1] if match else "" for match in prefixes),
    )
