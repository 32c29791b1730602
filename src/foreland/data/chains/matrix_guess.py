"""What the rows and columns of a table are, told by their codes and names, and by what adds up to what."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from foreland.core.errors import DataError
from foreland.data.chains.assemble import COLUMN_ROLES, ROW_ROLES, Meaning, refuse_missing
from foreland.data.chains.cells import Grid, shown, single
from foreland.data.chains.matrix_layout import DOMESTIC, IMPORTED, TOTAL
from foreland.data.chains.matrix_names import column_keys, key, role_of
from foreland.data.chains.table import Sectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAME = 2e-3
"""Relative difference up to which a column counts as the sum of others: rounding of published figures."""
FEW = 0.1
"""Share of the sectors that may lack a column or row of their own (scrap, noncomparable imports)."""


@dataclass(frozen=True)
class Guess:
    """What was found out of a grid.

    Parameters
    ----------
    meaning
        What the rows and columns are.
    unknown_rows, unknown_columns
        Codes of what is neither a sector nor anything known.
    lone_rows, lone_columns
        Sectors that have no column, or no row, of their own; they use or deliver nothing.
    by_position
        Whether sectors were matched by their order, as codes and names of rows and columns have nothing in common.
    """

    meaning: Meaning
    grid: Grid
    unknown_rows: tuple[int, ...]
    unknown_columns: tuple[int, ...]
    lone_rows: tuple[str, ...] = ()
    lone_columns: tuple[str, ...] = ()
    by_position: bool = False


def guessed(grid: Grid, given: Mapping[str, tuple[str, ...]], scheme: str) -> Guess:
    """What rows and columns are: as a person says, else sectors where rows and columns agree, else by names.

    Raises
    ------
    DataError
        If a name given is not there, codes stand twice, or rows and columns are not the same sectors.
    """
    column_roles, row_roles = _given(grid, given)
    rows, columns = _candidates(grid, row_roles, column_roles)
    domestic, imported = _split(grid, rows)
    heads = set(column_keys(grid.columns))
    known = [row for row in domestic if key(grid.codes[row]) in heads]
    single([grid.codes[row] for row in known], grid.file, grid.lines[known], "row")
    pairs, by_position = _paired(grid, domestic, columns)
    paired_rows, paired_columns = {row for row, _ in pairs}, {column for _, column in pairs}
    if not pairs:
        refuse_missing(grid, [grid.codes[row] for row in domestic], [grid.columns[column] for column in columns])
        raise DataError("data.error.io_no_sectors", where=grid.where())
    for column in range(len(grid.columns)):
        if column not in paired_columns and column not in column_roles:
            role = role_of("column", grid.columns[column], grid.column_names[column : column + 1])
            if role:
                column_roles[column] = role
    for row in range(len(grid.codes)):
        if row not in paired_rows and row not in row_roles and row not in set(imported):
            role = role_of("row", grid.codes[row], [names[row] for names in grid.names.values()])
            if role:
                row_roles[row] = role
    row_roles = _once(grid, row_roles)
    lone_rows = [row for row in domestic if row not in paired_rows and row not in row_roles]
    lone_columns = [column for column in columns if column not in paired_columns and column not in column_roles]
    last_row, last_column = max(paired_rows), max(paired_columns)
    # Between sectors, or right behind them, with no counterpart: a sector of one side. Further out: unknown.
    bought = [column for column, role in column_roles.items() if role not in ("subtotal", "ignore", "output")]
    inner_rows = [
        row
        for row in lone_rows
        if row < last_row or (_unlabelled(row, row_roles, last_row) and np.nan_to_num(grid.values[row, bought]).any())
    ]
    inner_columns = [column for column in lone_columns if column < last_column]
    if len(inner_rows) + len(inner_columns) > max(1, FEW * len(pairs)):
        refuse_missing(
            grid,
            [grid.codes[row] for row, _ in pairs] + [grid.codes[row] for row in inner_rows],
            [grid.codes[row] for row, _ in pairs] + [grid.columns[column] for column in inner_columns],
        )
    grid, order, across = _squared(grid, pairs, inner_rows, inner_columns)
    names = {language: tuple(texts[row] for row in order) for language, texts in grid.names.items()}
    if not names and grid.column_names:
        told = tuple(grid.column_names[column] if column < len(grid.column_names) else "" for column in across)
        names = {"zh" if re.search("[\u4e00-\u9fff]", "".join(told)) else "en": told}
    codes = tuple(grid.codes[row] for row in order)
    single(codes, grid.file, grid.lines[order], "row")
    foreign: list[int] = []
    if imported:
        at = {key(grid.codes[row]): row for row in imported}
        refuse_missing(grid, codes, [code for code in codes if key(code) in at])
        foreign = [at[key(code)] for code in codes]
    uses = {column: role for column, role in column_roles.items() if column not in set(across)}
    meaning = Meaning(Sectors(scheme, codes, names), order, across, foreign, uses, dict(row_roles))
    return Guess(
        meaning,
        grid,
        tuple(row for row in lone_rows if row not in inner_rows),
        tuple(column for column in lone_columns if column not in inner_columns),
        tuple(grid.codes[row] for row in inner_rows),
        tuple(grid.columns[column] for column in inner_columns),
        by_position,
    )


def _once(grid: Grid, roles: Mapping[int, str]) -> dict[int, str]:
    """One row of each code: a list that splits may say value added of domestic, of imported and of all products."""
    if not grid.blocks:
        return dict(roles)
    order = sorted(roles, key=lambda row: (not TOTAL.fullmatch(grid.blocks[row].strip()), row))
    first: dict[str, int] = {}
    for row in order:
        first.setdefault(grid.codes[row], row)
    return {row: roles[row] for row in sorted(first.values())}


def _unlabelled(row: int, roles: Mapping[int, str], last: int) -> bool:
    """Whether a row stands right behind the sectors, before anything that is known to be none."""
    return all(between not in roles for between in range(last + 1, row))


def _given(grid: Grid, given: Mapping[str, tuple[str, ...]]) -> tuple[dict[int, str], dict[int, str]]:
    from foreland.data.mapping import near_columns

    columns: dict[int, str] = {}
    rows: dict[int, str] = {}
    for role, texts in given.items():
        for text in texts:
            hit = False
            if role in COLUMN_ROLES:
                for index, column in enumerate(grid.columns):
                    if text in (column, *grid.column_names[index : index + 1]):
                        columns[index], hit = role, True
            if role in ROW_ROLES:
                for index, code in enumerate(grid.codes):
                    if text in (code, *(names[index] for names in grid.names.values())):
                        rows[index], hit = role, True
            if not hit:
                known = [*grid.columns, *grid.codes]
                raise DataError(
                    "data.error.io_no_such_name",
                    where=grid.where(),
                    name=text,
                    role=role,
                    suggestions=near_columns(text, known),
                )
    return columns, rows


def _candidates(
    grid: Grid, row_roles: Mapping[int, str], column_roles: Mapping[int, str]
) -> tuple[list[int], list[int]]:
    """Rows and columns that may be sectors: those nobody said to be something else."""
    across = column_keys(grid.columns)
    heads = set(across)
    row_keys = {key(code) for code in grid.codes}

    # A total that both sides have has one code on both, too: its names tell.
    labels = [[names[i] for names in grid.names.values()] for i in range(len(grid.codes))]
    spoken = {key(code) for code, told in zip(grid.codes, labels, strict=True) if role_of("row", "", told)}
    spoken &= {across[i] for i, name in enumerate(grid.column_names) if role_of("column", "", [name])}

    def total(code: str) -> bool:
        if key(code) in spoken:
            return True
        both = key(code) in heads and key(code) in row_keys
        if both and len(key(code)) < 2:
            return False
        return role_of("row", code) != "" and (not both or role_of("column", code) != "")

    def total_column(code: str, head: str) -> bool:
        if head in spoken:
            return True
        both = head in row_keys
        if both and len(head) < 2:
            return False
        return role_of("column", code) != "" and (not both or role_of("row", code) != "")

    rows = [
        row
        for row, code in enumerate(grid.codes)
        if row not in row_roles
        and not total(code)
        and (key(code) in heads or not role_of("row", code, [names[row] for names in grid.names.values()]))
    ]
    columns = [
        column
        for column, code in enumerate(grid.columns)
        if column not in column_roles
        and not total_column(code, across[column])
        and (across[column] in row_keys or not role_of("column", code, grid.column_names[column : column + 1]))
    ]
    return rows, columns


def _split(grid: Grid, rows: Sequence[int]) -> tuple[list[int], list[int]]:
    """Rows of domestic products (or of all), and of imported ones."""
    if not grid.blocks:
        return list(rows), []
    domestic, imported, whole = [], [], []
    for row in rows:
        block = grid.blocks[row].strip()
        if TOTAL.fullmatch(block):
            whole.append(row)
        elif DOMESTIC.fullmatch(block):
            domestic.append(row)
        elif IMPORTED.fullmatch(block):
            imported.append(row)
        else:
            raise DataError("data.error.io_origin", where=grid.where(row), text=block)
    if domestic and imported:
        return domestic, imported
    return domestic or whole or imported, []


def _paired(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> tuple[list[tuple[int, int]], bool]:
    """Rows with their columns: by code, by name, or, where neither fits, by position."""
    best: list[tuple[int, int]] = []
    heads: list[Sequence[str]] = [grid.columns, *([grid.column_names] if grid.column_names else [])]
    labels: list[Sequence[str]] = [grid.codes, *grid.names.values()]
    for head, label in itertools.product([column_keys(head) for head in heads], labels):
        at: dict[str, int] = {}
        for column in columns:
            at.setdefault(head[column], column)
        pairs = [(row, at[key(label[row])]) for row in rows if label[row] and key(label[row]) in at]
        if len(pairs) > len(best) and len({column for _, column in pairs}) == len(pairs):
            best = pairs
    if len(best) * 2 >= min(len(rows), len(columns)) and len(best) > 1:
        return best, False
    if len(rows) == len(columns) and len(rows) > 1:
        return list(zip(rows, columns, strict=True)), True
    return best if len(best) > 1 else [], False


def _squared(
    grid: Grid, pairs: Sequence[tuple[int, int]], rows: Sequence[int], columns: Sequence[int]
) -> tuple[Grid, list[int], list[int]]:
    """The grid with an empty column for each lone row, and an empty row for each lone column."""
    order = [row for row, _ in pairs] + list(rows)
    across = [column for _, column in pairs]
    values, lines, codes, names, heads = grid.values, grid.lines, grid.codes, dict(grid.names), grid.columns
    column_names, hidden = grid.column_names, grid.hidden
    for row in rows:
        values = np.column_stack([values, np.zeros(len(values))])
        hidden = None if hidden is None else np.column_stack([hidden, np.zeros(len(values), dtype=bool)])
        heads = (*heads, grid.codes[row])
        column_names = (*column_names, "") if column_names else ()
        across.append(len(heads) - 1)
    blocks = grid.blocks
    for column in columns:
        values = np.vstack([values, np.zeros(values.shape[1])])
        hidden = None if hidden is None else np.vstack([hidden, np.zeros(values.shape[1], dtype=bool)])
        lines = np.append(lines, lines[0] - 1)
        codes = (*codes, heads[column])
        names = {language: (*texts, heads[column]) for language, texts in names.items()}
        blocks = (*blocks, "") if blocks else ()
        order.append(len(codes) - 1)
        across.append(column)
    squared = replace(
        grid, values=values, lines=lines, codes=codes, names=names, columns=heads, blocks=blocks,
        column_names=column_names, hidden=hidden,
    )  # fmt: skip
    return squared, order, across


def leaves(grid: Grid, meaning: Meaning) -> dict[int, str]:
    """Roles of columns of final use, those that are the sum of others set to ``subtotal``.

    A column is a subtotal where neighbouring columns before or behind it, subtotals left out, add up to it in every
    sector: names of totals differ between offices, sums do not.
    """
    uses = dict(meaning.uses)
    sums = ("output", "imports", "error", "subtotal", "ignore")
    values = np.nan_to_num(grid.values)[list(meaning.rows)]
    order = [column for column in sorted(uses) if uses[column] not in sums]
    changed = True
    while changed and len(order) > 2:
        changed = False
        for place, column in enumerate(order):
            before = order[:place]
            same = [other for other in before if uses[other] == uses[column]]
            if (
                _is_sum(values, column, before[::-1])
                or _is_sum(values, column, order[place + 1 :])
                or any(_is_sum(values, column, [other], 1) for other in same)
            ):
                uses[column] = "subtotal"
                order.remove(column)
                changed = True
                break
    return uses


def _is_sum(values: NDArray[np.float64], column: int, others: Sequence[int], least: int = 2) -> bool:
    """Whether so many or more of the nearest others add up to a column."""
    size = float(np.abs(values[:, column]).sum())
    if not size or np.count_nonzero(values[:, column]) < 2:
        return False
    total = np.zeros(len(values))
    parts = 0
    for other in others:
        total = total + values[:, other]
        parts += bool(np.any(values[:, other]))
        if parts >= least and float(np.abs(total - values[:, column]).sum()) <= SAME * size:
            return True
    return False


def as_use_table(guess: Guess) -> Meaning | None:
    """The table read as products × industries; None unless a column and a row say two different outputs."""
    meaning, grid = guess.meaning, guess.grid
    if meaning.imported or not {"output"} <= set(meaning.uses.values()) & set(meaning.primary.values()):
        return None
    own_rows, own_columns = len(grid.codes) - len(guess.lone_columns), len(grid.columns) - len(guess.lone_rows)
    rows = [(place, row) for place, row in enumerate(meaning.rows) if row < own_rows]
    columns = [(place, column) for place, column in enumerate(meaning.columns) if column < own_columns]

    def part(places: Iterable[int], scheme: str) -> Sectors:
        at = list(places)
        whole = meaning.sectors
        names = {language: tuple(texts[place] for place in at) for language, texts in whole.names.items()}
        return Sectors(scheme, tuple(whole.codes[place] for place in at), names)

    scheme = meaning.sectors.scheme
    return replace(
        meaning,
        sectors=part((place for place, _ in rows), f"{scheme}c"),
        users=part((place for place, _ in columns), scheme),
        rows=[row for _, row in rows],
        columns=[column for _, column in columns],
    )


def told(guess: Guess) -> str:
    """What was guessed, for a note: the roles and the codes that have them."""
    found: dict[str, list[str]] = {}
    for column, role in sorted(guess.meaning.uses.items()):
        found.setdefault(role, []).append(guess.grid.columns[column])
    for row, role in sorted(guess.meaning.primary.items()):
        found.setdefault(role, []).append(guess.grid.codes[row])
    return "; ".join(f"{role} = {shown(list(dict.fromkeys(codes)), 6)}" for role, codes in found.items())
