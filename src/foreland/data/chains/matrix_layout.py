"""The grid of a table whose layout nobody told: label columns, header rows, blocks, years, or a long list of cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, Where
from foreland.data.chains.cells import Grid, marked, numbers, shown, single, texts_of
from foreland.data.chains.matrix_heading import MOST_HEADERS, Heading, heading, wordy
from foreland.data.chains.matrix_names import column_keys, key, role_of
from foreland.data.chains.table import FINAL_USES, VALUE_ADDED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from foreland.data.tabular import Raw

LABELS = {
    "period": r"year|period|time|time[ _]?period|ref_date|年份?|年度|时间",
    "origin": r"origin|stk_?flow|flow|dom[ _/]?imp|来源|产地|国内(/|或)?进口",
    "name_zh": r".*(chinese|_zh|_cn)|中文名称?|(部门|产品|行业|产业)?名称",
    "name_en": r"(industry|sector|product|commodity|row)?[ _]?(description|descr|name|label)s?|.*(_en|english)|"
    r"英文名称?",
    "code": r"(industry|sector|product|commodity|row)?[ _]?(code|id|nr|no\.?)s?|代码|编码|序号|部门代码|行业代码",
}
"""Headers of label columns, matched whole and in lower case."""
LONG = {
    "row": r"prod_na|prd_ava|t_rows\d*|ind_ava|row|from|input|supplier|origin_sector|行|投入部门|产品部门",
    "column": r"induse|ind_use|prd_use|t_cols\d*|column|col|to|output|user|use|列|使用部门",
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
    ignored: Sequence[str] = (),
    above: Sequence[Sequence[str]] = (),
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
    ignored
        Columns that are no part of the table, where they hold words.
    above
        Lines of heading above the first one of the staged table, which are shorter.
    """
    from foreland.data.chains.matrix_long import folded_list, pivoted, unfolded

    cells, lines = texts_of(raw)
    if folded_list(raw.headers):
        raw, cells, lines = unfolded(raw, cells, lines)
    for header, text in (where or {}).items():
        kept = cells[_position(raw, header, "--where")] == text
        cells, lines = [column[kept] for column in cells], lines[kept]
        if not len(lines):
            raise DataError("data.error.io_where", where=Where(raw.file), column=header, text=text)
    long = _long(raw, cells, named)
    if long is not None:
        return pivoted(raw, cells, lines, long, decimal, period)
    leading = _leading(raw.headers, cells, decimal)
    head = heading(raw.headers, cells, decimal, leading, above)
    cells, lines = [column[head.lines :] for column in cells], lines[head.lines :]
    labels = _labels(raw, head, cells, named, decimal)
    remarks = {i for i, text in enumerate(head.columns) if text in ignored and wordy(cells[i], decimal)}
    aside = {*labels.at.values(), *remarks}
    chosen = [index for index, column in enumerate(head.columns) if index not in aside and column]
    blank = [index for index, column in enumerate(head.columns) if not column and index not in aside]
    if stray := [i for i in blank if any(cells[i] != "")]:
        raise DataError("data.error.io_no_header", where=Where(raw.file), column=f"#{stray[0] + 1}")
    columns = tuple(head.columns[index] for index in chosen)
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
    _refuse_list(raw, labels, columns, cells)
    values = np.column_stack([numbers(cells[index], raw, lines, columns[i], decimal) for i, index in enumerate(chosen)])
    grid = Grid(
        raw.file,
        _codes(cells, labels, lines),
        columns,
        {role[5:]: tuple(map(str, cells[labels.at[role]])) for role in ("name_en", "name_zh") if role in labels.at},
        values,
        lines,
        raw.content_hash,
        tuple(map(str, cells[labels.at["origin"]])) if "origin" in labels.at else (),
        tuple(head.names[index] for index in chosen) if any(head.names[index] for index in chosen) else (),
        np.column_stack([marked(cells[index]) for index in chosen]),
    )
    if "period" not in labels.at:
        return {"": grid}
    return _by_period(grid, cells[labels.at["period"]], raw, period)


def _codes(cells: Sequence[NDArray[Any]], labels: Labels, lines: NDArray[np.int64]) -> tuple[str, ...]:
    """Codes of rows; a row without one is called by its name, or by its line."""
    names = [labels.at[role] for role in ("name_en", "name_zh") if role in labels.at]
    names += [index for role, index in labels.at.items() if role.startswith("other")]
    found = []
    for row, code in enumerate(cells[labels.at["code"]]):
        told = [str(cells[index][row]) for index in names]
        found.append(str(code) or next((text for text in told if text), f"#{lines[row]}"))
    return tuple(found)


def _refuse_list(raw: Raw, labels: Labels, columns: Sequence[str], cells: Sequence[NDArray[Any]]) -> None:
    """Refuse what is a list of cells whose columns nobody knows: a few columns of numbers, and rows said again."""
    code = cells[labels.at["code"]]
    if len(columns) <= 2 and len(code) > 8 and len(set(map(str, code))) * 2 <= len(code):
        raise DataError("data.error.io_list", where=Where(raw.file), columns=shown(raw.headers, 20))


def _by_period(grid: Grid, stated: NDArray[Any], raw: Raw, period: str) -> dict[str, Grid]:
    found: dict[str, list[int]] = {}
    last = ""
    for row, text in enumerate(stated):
        last = period_text(str(text)) or last  # merged cells say a year once
        found.setdefault(last, []).append(row)
    if period:
        if period not in found:
            raise DataError(
                "data.error.io_no_period", where=Where(raw.file), period=period, known=shown(list(found), 40)
            )
        found = {period: found[period]}
    return {text: grid.rows(rows) for text, rows in found.items()}


def _long(raw: Raw, cells: Sequence[NDArray[Any]], named: Mapping[str, str]) -> Mapping[str, int] | None:
    """The columns of a list of cells; None where the table is none."""
    headers = list(raw.headers)
    folded = [header.strip().lower() for header in headers]
    long = {role: _position(raw, header, role) for role, header in named.items()}
    if "code" in long or (len(headers) > 20 and not long.keys() & set(LONG)):
        return None
    for role, pattern in LONG.items():
        hits = [i for i, header in enumerate(folded) if re.fullmatch(pattern, header) and i not in long.values()]
        if role not in long and hits:
            long[role] = hits[0]
    if not {"row", "column", "value"} <= set(long):
        return None
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
    return long


def _leading(headers: Sequence[str], cells: Sequence[NDArray[Any]], decimal: str) -> list[int]:
    """Columns from the left that may say what a row is."""
    found = []
    for index, header in enumerate(headers):
        top = [header.strip().lower(), *(str(cell).strip().lower() for cell in cells[index][:MOST_HEADERS])]
        told = any(re.fullmatch(pattern, text) for text in top for pattern in LABELS.values())
        if index and not told and not (wordy(cells[index], decimal) and any(cells[index] != "")):
            break
        found.append(index)
    return found


def _labels(raw: Raw, head: Heading, cells: Sequence[NDArray[Any]], named: Mapping[str, str], decimal: str) -> Labels:
    headers = [header or first for header, first in zip(head.columns, raw.headers, strict=True)]
    at: dict[str, int] = {role: _position(raw, header, role, headers) for role, header in named.items()}
    if head.code is not None:
        at.setdefault("code", head.code)
    for index, header in enumerate(header.strip().lower() for header in headers):
        if index in at.values():
            continue
        sample = [str(cell) for cell in cells[index][:400] if cell != ""]
        words = wordy(cells[index], decimal) and bool(sample)
        role = next((role for role, pattern in LABELS.items() if re.fullmatch(pattern, header)), "")
        # What stands in few rows, or says the same in all, is no name of theirs.
        poor = len(cells[index]) > 3 and (len(sample) * 2 < len(cells[index][:400]) or len(set(sample)) < 2)
        if role == "period" and not _years(cells[index]):
            at[f"other {index}"] = index  # a date as a number of days says no year to a reader
        elif role and role not in at and (role in ("period", "code") or words):
            if role in ("name_en", "name_zh"):
                told = "name_zh" if _chinese(sample) else "name_en"
                role = role if told in at else told
            at[role if role not in at else f"other {index}"] = index
        elif index == 0 or (words and index == max(at.values(), default=-1) + 1) or (words and index < _last(at)):
            if "code" not in at and index == 0 and not poor:
                at["code"] = 0
            elif sample and (DOMESTIC.fullmatch(sample[0]) or IMPORTED.fullmatch(sample[0])):
                at.setdefault("origin", index)
            else:
                role = "name_zh" if _chinese(sample) else "name_en"
                at[role if role not in at and not poor else f"other {index}"] = index
    if "code" not in at:
        names = [at[role] for role in ("name_en", "name_zh") if role in at]
        at["code"] = min(names) if names else 0
    return Labels(at)


def _last(at: Mapping[str, int]) -> int:
    return max(at.values(), default=-1)


def _years(cells: NDArray[Any]) -> bool:
    """Whether all cells that say something say a year, or a day of one."""
    said = {str(text) for text in cells} - {""}
    return bool(said) and all(re.fullmatch(r"(18|19|20|21)\d\d(\.0|\D.*)?", text) for text in said)


def period_text(text: str) -> str:
    """A year as a person says it: tables hold it as a number or as the first day of it."""
    match = re.fullmatch(r"(\d{4})(\.0|-01-01.*|年)", text)
    return match[1] if match else text


def _position(raw: Raw, header: str, role: str, headers: Sequence[str] = ()) -> int:
    from foreland.data.mapping import near_columns

    for known in (list(raw.headers), list(headers)):
        if header in known:
            return known.index(header)
    raise DataError(
        "data.error.missing_column",
        where=Where(raw.file),
        column=header,
        role=role,
        columns=shown([item for item in raw.headers if item], 20),
        suggestions=near_columns(header, raw.headers),
    )


def _chinese(sample: Sequence[str]) -> bool:
    return sum(bool(re.search("[\u4e00-\u9fff]", text)) for text in sample) * 2 > len(sample)


def without_prefix(grid: Grid) -> Grid:
    """Codes without the prefixes that tell domestic and imported products apart (``DOM_``, ``IMP_``, ``TTL_``)."""
    prefixes = [re.match(r"(TTL|DOM|IMP)_?(?=[A-Z0-9])", code) for code in grid.codes]
    kinds = {match[1] for match in prefixes if match}
    if grid.blocks:
        return grid
    if not {"DOM", "IMP"} <= kinds:
        alike = len(kinds) == 1 and sum(map(bool, prefixes)) * 2 > len(prefixes)
        return replace(grid, codes=_bare(grid.codes), columns=_bare(grid.columns)) if alike else grid
    return replace(
        grid,
        codes=tuple(code[match.end() :] if match else code for code, match in zip(grid.codes, prefixes, strict=True)),
        blocks=tuple(match[1] if match else "" for match in prefixes),
    )


def _bare(codes: Sequence[str]) -> tuple[str, ...]:
    """Codes without a prefix, except those of totals (``TTL_INT_FNL``)."""
    return tuple(code if role_of("row", code) else re.sub(r"^(TTL|DOM|IMP)_", "", code) for code in codes)


ROWS_ONLY = ("value_added", *VALUE_ADDED, "operating_surplus_gross")
COLUMNS_ONLY = FINAL_USES
"""Roles that only rows, or only columns, have."""


def upright(grid: Grid) -> tuple[Grid, bool]:
    """The grid with products in rows; and whether it had to be turned: final uses below, value added beside."""
    own, other = set(column_keys(grid.columns)), {key(code) for code in grid.codes}
    names = list(zip(*grid.names.values(), strict=True)) or [()] * len(grid.codes)
    beside = [
        {side: role_of(side, code, grid.column_names[i : i + 1]) for side in ("row", "column")}
        for i, code in enumerate(grid.columns)
        if key(code) not in other
    ]
    below = [
        {side: role_of(side, code, names[i]) for side in ("row", "column")}
        for i, code in enumerate(grid.codes)
        if key(code) not in own
    ]
    right = sum(item["column"] in COLUMNS_ONLY for item in beside) + sum(item["row"] in ROWS_ONLY for item in below)
    turned = sum(item["row"] in ROWS_ONLY for item in beside) + sum(item["column"] in COLUMNS_ONLY for item in below)
    if grid.blocks or right or turned < 2 or len(set(grid.codes)) < len(grid.codes):
        return grid, False
    told = {"zh" if _chinese(grid.column_names) else "en": grid.column_names} if grid.column_names else {}
    return (
        replace(
            grid,
            codes=grid.columns,
            columns=grid.codes,
            names=told,
            column_names=next(iter(grid.names.values()), ()),
            values=grid.values.T.copy(),
            lines=np.full(len(grid.columns), int(grid.lines.min())),
            hidden=None if grid.hidden is None else grid.hidden.T,
        ),
        True,
    )
