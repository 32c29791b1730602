"""Where the table of a file begins: below titles, in a sheet of several, with a heading that grows wider below."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError, Where
from foreland.data.chains.matrix_long import folded_list
from foreland.data.mapping import Mapping
from foreland.data.package import Note

if TYPE_CHECKING:
    from foreland.data.readers import Stage
    from foreland.data.tabular import Raw

MOST_LINES = 10
"""Lines above the header that are tried before the first line is taken for it."""
MOST_SHEETS = 8
"""Sheets of a workbook that are tried; in one of more, a person says which."""
ENDED = ("data.error.no_file", "data.error.empty_file", "data.error.not_a_table")
"""Errors that no other line of the file would mend."""


def staged(path: Path, stage: Stage, table: Mapping, notes: list[Note]) -> tuple[Raw, list[tuple[str, ...]]]:
    """The staged file, its header looked for below titles where the first lines are none; and shorter lines of it
    above, which are words that span columns or codes of sectors only."""
    if re.search(r"\.(tsv|tab)(\.gz)?$", path.name, re.IGNORECASE) and not table.delimiter:
        table = replace(table, delimiter="\t")
    first: Exception | None = None
    found: tuple[int, Raw] | None = None
    above: list[tuple[str, ...]] = []
    for skip in range(table.skip, table.skip + (1 if table.skip else MOST_LINES)):
        try:
            raw = stage(path, replace(table, skip=skip))
        except DataError as error:
            if error.key in ENDED:
                if found is None:
                    raise first or error from None
                break
            first = first or error
            continue
        if sum(bool(header) for header in raw.headers) < 3 and not folded_list(raw.headers):
            continue
        # A workbook ends where its header does: a wider line below is the one to read by.
        if found is None or len(raw.headers) > len(found[1].headers):
            above += [found[1].headers] if found else []
            found = skip, raw
        elif skip > found[0] + 1 or not _excel(path):
            break
    if found is None:
        raise first or DataError("data.error.no_table", where=Where(path), detail="< 3 columns")
    if found[0] > table.skip:
        notes.append(("data.note.io_skipped", {"number": found[0]}))
    notes += found[1].notes
    return found[1], above


def sheets_of(path: Path) -> list[str]:
    """Names of the sheets of a workbook that has several; empty for anything else."""
    if not _excel(path):
        return []
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except Exception:  # said, with the cure, where the file is staged
        return []
    try:
        return list(book.sheetnames) if 1 < len(book.sheetnames) <= MOST_SHEETS else []
    finally:
        book.close()


def _excel(path: Path) -> bool:
    return path.suffix.lower() in (".xlsx", ".xlsm")
