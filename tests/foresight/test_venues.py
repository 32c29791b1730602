"""Venues that a collection took in as it went on, counted by hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from foreland.core.tables import table_spec
from foreland.data.workspace import Workspace, open_workspace
from foreland.foresight.questions.venues import new_venues


def filled(path: Path, venues: dict[int, list[str | None]]) -> Workspace:
    """A workspace with one document for each venue named of a year."""
    schema = table_spec("document").arrow_schema()
    rows = [
        {"document_id": f"d{year}-{n}", "date": f"{year}-05", "venue": venue, "source_id": "made"}
        for year, named in venues.items()
        for n, venue in enumerate(named)
    ]
    ws = open_workspace(path / "workspace")
    with ws.staging() as staging:
        staging.write("document", pa.Table.from_pylist([{n: r.get(n) for n in schema.names} for r in rows], schema))
        staging.commit("made", "e" * 64)
    return ws


def series(source: str = "made") -> Any:
    coverage = SimpleNamespace(source_id=source)
    return SimpleNamespace(periods=tuple(map(str, range(2015, 2021))), cube=SimpleNamespace(coverage=coverage))


OLD: dict[int, list[str | None]] = {2015: ["A"], 2016: ["A", "B"]}


@pytest.mark.parametrize("source", ["made", "terms-made", "topics-made", "topics-made@2018"])
def test_documents_of_venues_that_were_not_there_are_told(tmp_path: Path, source: str) -> None:
    # Of five documents with a venue from 2018 to 2020, one of C and one of D; what comes after is not looked at.
    ws = filled(tmp_path, {**OLD, 2018: ["A", "C", None], 2019: ["B", "D"], 2020: ["A"], 2021: ["E"] * 9})
    (caveat,) = new_venues(ws, series(source), 3)
    assert caveat.code == "new_venues"
    assert caveat.parameters["share"] == "40%"
    assert caveat.parameters["count"] == 2
    assert caveat.parameters["years"] == {"en": "2018–2020", "zh": "2018—2020"}


@pytest.mark.parametrize(
    "venues",
    [
        {**OLD, 2018: ["A"] * 9, 2019: ["C"]},  # a tenth
        {**OLD, 2018: [None, None], 2019: ["B"]},
        {2018: ["A"], 2019: ["B"]},  # nothing before to compare with
        {},
    ],
)
def test_nothing_is_told_of_venues_that_stay(tmp_path: Path, venues: dict[int, list[str | None]]) -> None:
    assert new_venues(filled(tmp_path, venues), series(), 3) == []
