"""The made-up papers of the library: what the code makes, loaded as planted."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from tests import made_papers

from foreland.data.records.land import load_records
from foreland.data.workspace import Workspace, open_workspace


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("works") / "ws")
    load_records(ws, made_papers.TARGET)
    return ws


def counts(ws: Workspace, field: str, region: str, indicator: str = "papers") -> dict[int, float]:
    rows = ws.table("observation")
    rows = rows.filter(rows.field_id == field, rows.region_id == region, rows.indicator_id == indicator)
    return {int(row["period"]): row["value"] for row in ws.to_arrow(rows).to_pylist()}


def test_the_file_is_what_the_code_makes() -> None:
    assert Path(made_papers.TARGET).read_text(encoding="utf-8") == made_papers.text()


def test_the_burst_stands_in_the_counts(works: Workspace) -> None:
    batteries = counts(works, "iotf:energy_storage", "agg:world")
    assert {year: n for year, n in batteries.items() if n > 1} == {2016: 8, 2017: 8, 2018: 8}


def test_papers_on_quantum_computing_speak_of_genes_only_since_2019(works: Workspace) -> None:
    links = works.table("link")
    pairs = works.to_arrow(links.filter(links.kind == "speaks_of").select("from_id", "to_id", "period")).to_pylist()
    spoken: dict[str, set[str]] = {}
    years = {row["from_id"]: int(row["period"]) for row in pairs}
    for row in pairs:
        spoken.setdefault(row["from_id"], set()).add(row["to_id"])
    both = {name for name, fields in spoken.items() if {"iotf:quantum", "iotf:gene_cell"} <= fields}
    assert both == {n for n, fields in spoken.items() if "iotf:quantum" in fields and years[n] >= 2019}


def test_the_main_path_is_the_planted_one(works: Workspace) -> None:
    rows = works.ask("foresight.main_path", field="iotf:quantum", search="global").rows()
    assert [row["year"] for row in rows[: len(made_papers.MAIN)]] == list(made_papers.MAIN)
    made = {work["display_name"]: work for work in made_papers.papers()}
    path = [made[row["title"]] for row in rows]
    assert all(before["id"] in after["referenced_works"] for before, after in itertools.pairwise(path))
