"""Cells of an edge list: rows of a staged table, shares, amounts and places, each with the line it stands in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from foreland.core.errors import DataError, DidYouMean, Where
from foreland.data.marks import SUPPRESSED
from foreland.data.tabular import Raw
from foreland.data.taxonomy import regions

ROUNDING = 1.05
"""Sum of shares up to which rounding explains what is above 1: ten or so published shares, each rounded up by at most
half a point, or small ones shown as one per cent. Above it the shares contradict each other."""

REST = re.compile(
    r"(various|several|other|others|all other|remaining|unknown|unattributed|undisclosed|unspecified|n/?a|"
    r"rest( of( the)? world)?|row)([\s_-](countries|companies|suppliers|firms|places|regions|economies|vendors))?|"
    r"其他|其它|其余|其他(国家|地区|国家和地区|企业|厂商|公司)|各国|多国|多个国家|未知|不详|世界其他(国家|地区)?",
    re.IGNORECASE,
)
"""What stands for suppliers that a source does not name."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One row: its line, and the text of each role; an absent or blank cell is an empty text."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, role: str) -> str:
        return self.cells.get(role, "")


@dataclass(frozen=True)
class Sheet:
    """A staged table whose columns have roles."""

    raw: Raw
    columns: dict[str, int]
    decimal: str = "."

    @cached_property
    def rows(self) -> list[Row]:
        """Rows that say something, in the order of the file."""
        import duckdb

        columns = "".join(f", c{index}" for index in self.columns.values())
        with duckdb.connect() as connection:
            read = connection.execute(
                f"SELECT {self.raw.line} AS line{columns} FROM {self.raw.relation} ORDER BY line"
            ).fetchall()
        made = [
            Row(line, {role: text.strip() for role, text in zip(self.columns, cells, strict=True) if text is not None})
            for line, *cells in read
        ]
        return [row for row in made if any(row.cells.values())]

    def header(self, role: str) -> str:
        """The header of a role's column; the role's own name where it has none."""
        return self.raw.headers[self.columns[role]] if role in self.columns else role

    def where(self, line: int | None = None, role: str = "") -> Where:
        """A place in the file."""
        return self.raw.where(line, self.header(role) if role else None)

    def has(self, *roles: str) -> bool:
        """Whether there are columns for all of the roles."""
        return all(role in self.columns for role in roles)

    def numbers(self, role: str) -> Iterator[tuple[Row, float | None, bool]]:
        """Row, number and whether a percent sign follows it; no number where the cell is blank or a mark.

        Raises
        ------
        DataError
            If a cell is neither a number nor a mark of a missing one, or is below zero.
        """
        for row in self.rows:
            text = row[role]
            if text.lower() in SUPPRESSED:
                yield row, None, False
                continue
            plain = unicodedata.normalize("NFKC", text).replace(" ", "")
            percent = plain.endswith("%")
            plain = plain.removesuffix("%")
            plain = plain.replace(".", "").replace(",", ".") if self.decimal == "," else plain.replace(",", "")
            if not _NUMBER.fullmatch(plain) or abs(float(plain)) == float("inf"):
                raise DataError("data.error.edge_number", where=self.where(row.line, role), text=text)
            if float(plain) < 0:
                raise DataError("data.error.edge_negative", where=self.where(row.line, role), text=text)
            yield row, float(plain), percent


def sheet_of(raw: Raw, columns: dict[str, int], decimal: str) -> Sheet:
    """A staged table with roles, which must have each header of a role but once."""
    for index in columns.values():
        if raw.headers.count(raw.headers[index]) > 1:
            raise DataError(
                "data.error.ambiguous_column",
                where=raw.where(column=raw.headers[index]),
                column=raw.headers[index],
            )
    return Sheet(raw, columns, decimal)


def shares(sheet: Sheet, role: str, unit: str) -> tuple[dict[int, float | None], bool]:
    """Shares between 0 and 1 by line, and whether the file gives percent.

    Percent where the unit or the header says so, or a cell bears the sign, or a value is above what a share can be.

    Raises
    ------
    DataError
        If a cell is no number, a share is above 1, or shares stand among percentages.
    """
    read = [(row, value, sign) for row, value, sign in sheet.numbers(role)]
    top = max((value for _, value, _ in read if value is not None), default=0.0)
    told = unit.strip().lower()
    header = sheet.header(role).lower()
    percent = told in ("%", "percent", "per cent", "百分比", "％") or (
        told not in ("share", "1", "份额")
        and (any(sign for *_, sign in read) or bool(re.search(r"%|％|percent|pct|百分", header)) or top > ROUNDING)
    )
    alike(sheet, role, read)
    limit = 100.0 if percent else 1.0
    found: dict[int, float | None] = {}
    for row, value, _ in read:
        if value is not None and value > limit * (1 + 1e-9):
            raise DataError(
                "data.error.share_above_one", where=sheet.where(row.line, role), text=row[role], limit=f"{limit:g}"
            )
        found[row.line] = None if value is None else value / limit
    return found, percent


def alike(sheet: Sheet, role: str, read: Sequence[tuple[Row, float | None, bool]]) -> None:
    """Refuse a column in which shares of 1 may stand among percentages: 0.7 beside 30 % is 70 % or 0.7 %.

    Raises
    ------
    DataError
        With the first cell that has no percent sign where others have.
    """
    plain = [(row, value) for row, value, sign in read if value and not sign]
    if plain and any(sign and value for _, value, sign in read) and max(value for _, value in plain) <= 1:
        row = plain[0][0]
        raise DataError("data.error.shares_mixed", where=sheet.where(row.line, role), text=row[role])


def place(sheet: Sheet, row: Row, role: str) -> str | None:
    """Region of a cell; none where it is blank or stands for places that are not named.

    Raises
    ------
    DataError
        If no place is known by that name; suggests the nearest.
    """
    text = row[role]
    if not text or text.lower() in SUPPRESSED or REST.fullmatch(text):
        return None
    found = regions.resolve(text, level="country") or regions.resolve(text)
    if found is None:
        near = [f"{item.short_en} / {item.short_zh} ({item.id})" for item in regions.suggest(text)]
        raise DataError(
            "data.error.unknown_place", where=sheet.where(row.line, role), name=text, suggestions=DidYouMean(near)
        )
    return found


def near_names(name: str, known: Sequence[str]) -> DidYouMean:
    """The names closest to one, as a sentence."""
    import difflib

    folded = {item.casefold(): item for item in known}
    return DidYouMean([folded[key] for key in difflib.get_close_matches(name.casefold(), list(folded), 3, 0.5)])


def tables_in(path: Path) -> list[Path]:
    """The file itself, or the tables right inside a folder, by name.

    Raises
    ------
    DataError
        If the folder has no table.
    """
    from foreland.data.textfile import EXTENSIONS

    if not path.is_dir():
        return [path]
    found = sorted(item for item in path.iterdir() if item.is_file() and item.suffix.lower() in EXTENSIONS)
    tables = [item for item in found if item.suffix.lower() != ".txt"]
    if not tables:
        raise DataError("data.error.folder_without_tables", where=Where(path), path=path)
    return tables
