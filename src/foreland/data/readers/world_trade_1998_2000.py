"""Exports of countries by SITC revision 2, four digits, mean of 1998–2000 (economiccomplexity)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.errors import DataError, Where
from foreland.data.mapping import Mapping, SourceInfo
from foreland.data.package import Package, part_from_mapping

if TYPE_CHECKING:
    from foreland.data.readers import Stage

NAME = "world_trade_1998_2000"
FILE = "world_trade_avg_1998_2000.csv.gz"

SOURCE = SourceInfo(
    source_id=NAME,
    title_en="World trade, mean of 1998–2000: exports by country and product",
    title_zh="世界贸易 1998–2000 年均值：各国分产品出口",
    publisher="United Nations Comtrade; R package economiccomplexity",
    licence="Apache-2.0",
    url="https://github.com/pachadotdev/economiccomplexity",
    note_en="Very small territories are included; they rank on top of complexity where they are not left out.",
    note_zh="含极小领地；不剔除时会在复杂度排名中居前。",
)


def detect(path: Path) -> bool:
    """The file by its name, or the folder that holds it."""
    return path.name == FILE or (path / FILE).is_file()


def read(path: Path, stage: Stage) -> Package:
    """Read the file of exports."""
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing=FILE)
    mapping = Mapping(
        columns={"region": "country", "field": "product", "value": "value"},
        constants={"indicator": "exports", "unit": "USD", "period": "1998/2000"},
        scheme="sitc2",
    )
    return Package(SOURCE, (part_from_mapping(stage(file), mapping),))
