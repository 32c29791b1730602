"""Tables of textbooks and Eurostat as the R package *iotables* has them.

Germany 1995 (Beutel 2008, *Eurostat Manual of Supply, Use and Input–Output Tables*) and Croatia 2010 (total uses,
product by product; domestic uses in ``croatia_2010_1800``) as lists of cells, the Netherlands 2000 as a matrix. Germany
and the Netherlands have domestic uses only, with imports used as inputs in one row; in the table of total uses of
Croatia, imports compete with domestic products.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError, Where
from foreland.data.chains.package import ChainPackage
from foreland.data.mapping import SourceInfo

if TYPE_CHECKING:
    from foreland.data.readers import Stage

NAME = "iotables"
FILES = {
    "germany_1995": ("DE", "1995", "million EUR", "iotables_de6", "Germany", "德国"),
    "croatia_2010_1700": ("HR", "2010", "thousand HRK", "iotables_hr65", "Croatia", "克罗地亚"),
    "croatia_2010_1800": ("HR", "2010", "thousand HRK", "iotables_hr65", "Croatia", "克罗地亚"),
    "netherlands_2000": ("NL", "2000", "million EUR", "iotables_nl6", "Netherlands", "荷兰"),
}
"""File → place, year, unit, scheme and names of the place."""
ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "germany_1995": {"row": ("prod_na",), "column": ("induse",), "value": ("values",)},
    "croatia_2010_1700": {"row": ("t_rows2",), "column": ("t_cols2",), "value": ("values",)},
    "croatia_2010_1800": {"row": ("t_rows2",), "column": ("t_cols2",), "value": ("values",)},
    "netherlands_2000": {
        "code": ("prod_na",),
        "household_consumption": ("final_consumption_private",),
        "ignore": ("final_consumption_households",),
    },
}


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def detect(path: Path) -> bool:
    """A file by its name."""
    return path.is_file() and _stem(path) in FILES


def read(path: Path, stage: Stage) -> ChainPackage:
    """Read a file.

    Raises
    ------
    DataError
        If the file is none of these, or not what its name says.
    """
    from foreland.data.chains.matrix import MatrixOptions, read_matrix
    from foreland.data.mapping import Mapping

    stem = _stem(path)
    if stem not in FILES:
        raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing=", ".join(FILES))
    region, year, unit, scheme, english, chinese = FILES[stem]
    source = SourceInfo(
        source_id=f"iotables_{stem}",
        title_en=f"Input–output table of {english}, {year}",
        title_zh=f"{chinese}投入产出表（{year} 年）",
        publisher="Eurostat and textbooks; R package iotables",
        licence="MIT",
        url="https://github.com/rOpenGov/iotables",
    )
    package = read_matrix(
        path,
        stage,
        MatrixOptions(ROLES[stem], region, year, unit, scheme, Mapping(source=source)),
    )
    return replace(package, notes=tuple(note for note in package.notes if note[0] != "data.note.io_guessed"))
