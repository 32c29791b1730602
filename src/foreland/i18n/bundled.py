"""CSV files that come with the package."""

from __future__ import annotations

import csv
import io
from importlib import resources


def bundled_rows(*path: str) -> list[dict[str, str]]:
    """The rows of a bundled CSV file, ``bundled_rows("data", "schema", "region.csv")``; none if absent."""
    file = resources.files("foreland").joinpath(*path)
    if not file.is_file():
        return []
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
