"""Matrices and collaboration have the same rows on both engines, shares to nine digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.data.records.made import author, lines, put, work
from tests.engines.same import table_differences

from foreland.data.load import load
from foreland.data.records.relations import places_by_field, together
from foreland.data.workspace import Workspace, open_workspace

ASKED: dict[str, Callable[[Workspace], Any]] = {
    "matrix": lambda ws: places_by_field(*(ws.table(name) for name in ("participation", "link", "field"))),
    "regions": lambda ws: together(ws.table("participation"), ws.table("document")),
    "institutions": lambda ws: together(ws.table("participation"), ws.table("document"), "actor_id"),
}
PLACES = ("CN", "DE", "FR", "JP", "KR", "US", "GB", "IT")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[tuple[Workspace, Workspace]]:
    """Papers of one to eight places: thirds and sevenths don't end, as halves do."""
    folder: Path = tmp_path_factory.mktemp("relations")
    topic = {"id": "https://openalex.org/T10", "display_name": "Topic", "score": 0.8,
             "subfield": {"id": "https://openalex.org/subfields/1702", "display_name": "Subfield"},
             "field": {"id": "https://openalex.org/fields/17", "display_name": "Field"}}  # fmt: skip
    works = [
        work(n, primary_topic=topic, publication_year=2015 + n % 3,
             authorships=[author((f"{place.lower()}{n % 2}", place)) for place in PLACES[: n % 8 + 1]])
        for n in range(1, 60)
    ]  # fmt: skip
    ws = open_workspace(folder / "ws")
    load(ws, put(folder, "works.jsonl", lines(*works)))
    cluster = open_workspace(f"spark://{server}{ws.path}", create=False)
    yield ws, cluster
    cluster.engine.close()


@pytest.mark.parametrize("name", ASKED)
def test_relations_are_the_same(name: str, both: tuple[Workspace, Workspace]) -> None:
    tables = [ws.to_arrow(ASKED[name](ws)) for ws in both]
    keys = [column for column in tables[0].column_names if column != "fraction"]
    one, other = (table.select([*keys, "fraction"]).sort_by([(key, "ascending") for key in keys]) for table in tables)
    assert one.num_rows > 0
    assert not table_differences(name, one, other.cast(one.schema))
