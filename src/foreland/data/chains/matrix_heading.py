"""The heading of a table: how many lines it has, what each column is called, and which column holds the codes.

Offices put names and codes of columns above each other in either order, with words above them that span several
columns (merged cells) and leave the others blank.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foreland.data.chains.cells import number
from foreland.data.chains.matrix_names import column_keys, key, role_of
from foreland.data.marks import SUPPRESSED

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_HEADERS = 6
"""Lines below the first one of a heading that may belong to it."""
SEEN = 400
"""Cells of a column that are looked at to tell words from numbers."""
MATCHED = 0.6
"""Share of a line's cells that must be codes of rows for a line of numbers to be a line of codes."""


@dataclass(frozen=True)
class Heading:
    """What the first lines of a table say.

    Parameters
    ----------
    columns
        What each column is called, as the rows are called where they match; empty where it has no name.
    names
        Other words for it, from the other lines; all empty where there is one line only.
    lines
        Lines below the first one that are heading and no data.
    code
        The column whose cells are those of ``columns``; None where no column is.
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    lines: int
    code: int | None


def heading(
    headers: Sequence[str],
    cells: Sequence[NDArray[Any]],
    decimal: str,
    labels: Sequence[int],
    above: Sequence[Sequence[str]] = (),
) -> Heading:
    """The heading of a table.

    Parameters
    ----------
    headers
        Its first line.
    cells
        The cells below, a column each.
    decimal
        The decimal mark.
    labels
        Columns that may say what a row is: the first, and those with words.
    above
        Lines above the first that are shorter: codes of sectors only, or words that span columns.
    """
    keys = {column: _positions(cells[column]) for column in labels}
    lines = [[*line, *[""] * (len(headers) - len(line))] for line in above] + [list(headers)]
    taken = 0
    for row in range(min(MOST_HEADERS, len(cells[0]) - 1)):
        texts = [str(column[row]).strip() for column in cells]
        filled = [text for index, text in enumerate(texts) if text and index not in labels]
        if not filled:
            continue
        named = {item for line in lines for item in column_keys(line) if item}
        if any(texts[index] and key(texts[index]) in named for index in labels):
            break
        words = sum(_word(text, decimal) for text in filled)
        if words * 2 <= len(filled) and not _codes([text for text in filled if not _word(text, decimal)], keys):
            break
        lines.append(texts)
        taken = row + 1
    score, chosen, code = _best(lines, keys, labels)
    if score < 2:
        chosen, code = 0, None
    nearest = [line for index, line in reversed(list(enumerate(lines))) if index != chosen]
    others = [next((line[i] for line in nearest if line[i]), "") for i in range(len(headers))]
    columns = [text or other for text, other in zip(lines[chosen], others, strict=True)]
    names = others if len(lines) > 1 else [""] * len(headers)
    known = set(keys[code]) if code is not None else set()
    columns, names = _apart(columns, names, lines, known)
    return Heading(tuple(columns), tuple(names), taken, code)


def wordy(cells: NDArray[Any], decimal: str) -> bool:
    """Whether most of what a column says is no number."""
    sample = [str(cell) for cell in cells[:SEEN] if cell != ""]
    return sum(_word(cell, decimal) for cell in sample) * 2 > len(sample)


def _word(text: str, decimal: str) -> bool:
    """Whether a cell is neither a number nor a mark of one; a number with other marks than those told is no word."""
    return number(text, decimal) is None and text.lower() not in SUPPRESSED and not _FIGURES.fullmatch(text)


_FIGURES = re.compile(r"[-+(\u2212]?\d[\d.,\s'’]*\)?%?-?")


def _positions(cells: NDArray[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        if str(cell).strip():
            found.setdefault(key(str(cell)), index)
    return found


def _codes(filled: Sequence[str], keys: dict[int, dict[str, int]]) -> bool:
    """Whether a line of numbers is the codes of rows, in the order of the rows."""
    for at in keys.values():
        hits = [at[key(text)] for text in filled if key(text) in at]
        if len(hits) >= max(2, MATCHED * len(filled)) and all(a < b for a, b in itertools.pairwise(hits)):
            return True
    return False


def _best(
    lines: Sequence[Sequence[str]], keys: dict[int, dict[str, int]], labels: Sequence[int]
) -> tuple[int, int, int | None]:
    """Matches, line and column of the line and the column of labels that have most in common; short ones first."""
    best: tuple[int, float, int, int] | None = None
    for index, line in enumerate(lines):
        heads = {head for i, head in enumerate(column_keys(line)) if i not in labels and line[i]}
        for column, at in keys.items():
            hits = heads & set(at)
            length = sum(map(len, hits)) / max(len(hits), 1)
            rank = (len(hits), -length, -index, -column)
            if hits and (best is None or rank > best):
                best = rank
    return (best[0], -best[2], -best[3]) if best else (0, 0, None)


def _apart(
    columns: list[str], names: list[str], lines: Sequence[Sequence[str]], known: set[str]
) -> tuple[list[str], list[str]]:
    """Totals that are called alike, told apart by what stands above them or by number; their name stays."""
    above = []
    last = ""
    for text in lines[0]:
        last = text or last
        above.append(last)
    seen = {}
    for index, column in enumerate(columns):
        if column in seen and key(column) not in known and role_of("column", column, names[index : index + 1]):
            options = (f"{above[index]} {column}", *(f"{column} ({n})" for n in range(2, len(columns) + 2)))
            names[index] = names[index] or column
            columns[index] = next(text for text in options if text not in seen and text not in columns)
        seen[columns[index]] = index
    return columns, names
