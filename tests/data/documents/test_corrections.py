"""Corrections: at once, for every load to come, and back again."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from foreland.core.errors import DataError, UsageError
from foreland.data.documents.corrections import NAME, correct, read_corrections
from foreland.data.documents.land import load_documents
from foreland.data.workspace import Workspace, open_workspace

from .made import BODY, OTHER, plan, write_plans


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """A workspace with five documents."""
    opened = open_workspace(tmp_path / "workspace")
    load_documents(opened, write_plans(tmp_path / "plans"))
    return opened


def row(ws: Workspace, document: str) -> dict[str, Any]:
    table = ws.table("document")
    (found,) = ws.to_arrow(table.filter(table.document_id == document)).to_pylist()
    return found  # type: ignore[no-any-return]


def passages(ws: Workspace) -> dict[str, Any]:
    return {row["passage_id"]: row for row in ws.to_arrow(ws.table("passage")).to_pylist()}


MINE = "doc:plans:杭州2026.txt"


def test_a_correction_holds_at_once_and_after_the_next_load(ws: Workspace, tmp_path: Path) -> None:
    before = {name: row(ws, name) for name in ("doc:plans:uk.html", MINE)}
    correct(ws, MINE, {"region_id": "CN-ZJ", "title": "改过的标题"})
    for _ in range(2):
        found = row(ws, MINE)
        assert (found["region_id"], found["region_from"]) == ("CN-ZJ", "corrected")
        assert (found["level"], found["level_from"]) == ("province", "corrected")
        assert (found["title"], found["title_from"]) == ("改过的标题", "corrected")
        assert (found["date"], found["text"]) == (before[MINE]["date"], before[MINE]["text"])
        assert row(ws, "doc:plans:uk.html") == before["doc:plans:uk.html"]
        report = load_documents(ws, tmp_path / "plans")
        assert report.corrected == 1


def test_undo_brings_back_what_had_been_found(ws: Workspace) -> None:
    before, read = row(ws, MINE), passages(ws)
    content = ws.sources["plans"].content_hash
    correct(ws, MINE, {"region_id": "FR", "date": "2020"})
    correct(ws, MINE, {"region_id": "DE"})
    assert ws.sources["plans"].content_hash != content
    correct(ws, MINE, {}, undo=True)
    assert row(ws, MINE) == before
    assert passages(ws) == read
    assert not (ws.path / NAME).exists()
    with pytest.raises(UsageError, match="corrected"):
        correct(ws, MINE, {}, undo=True)


def test_undo_after_a_reload_brings_back_what_is_found_now(ws: Workspace, tmp_path: Path) -> None:
    correct(ws, MINE, {"title": "甲乙丙丁"})
    (tmp_path / "plans" / "杭州2026.txt").write_text(plan(title="新的规划"), encoding="utf-8")
    load_documents(ws, tmp_path / "plans")
    assert row(ws, MINE)["title"] == "甲乙丙丁"
    correct(ws, MINE, {}, undo=True)
    assert (row(ws, MINE)["title"], row(ws, MINE)["title_from"]) == ("杭州市新的规划", "heading")


def test_another_year_or_language_is_read_again(ws: Workspace, tmp_path: Path) -> None:
    """Years that a text does not say hang on the year of the document."""
    folder = tmp_path / "year"
    folder.mkdir()
    (folder / "a.txt").write_text("某规划\n2026年1月5日\n今年新增量子企业20家，支持发展。\n" + BODY, encoding="utf-8")
    load_documents(ws, folder)
    name = "doc:year:a.txt"
    others = {key: value for key, value in passages(ws).items() if not key.startswith(name)}

    def years() -> set[int]:
        return {
            value["year"] for key, value in passages(ws).items() if key.startswith(name) and value["text"] == "20家"
        }

    first, stated = years(), {2030}
    assert first > stated
    done = correct(ws, name, {"date": "2019"})
    assert done.reread
    assert years() == stated | {year - 7 for year in first - stated}
    done = correct(ws, name, {"language": "en"})
    assert done.reread
    assert {key: value for key, value in passages(ws).items() if not key.startswith(name)} == others
    correct(ws, name, {}, undo=True)
    assert years() == first


def test_another_date_makes_another_original(ws: Workspace) -> None:
    copy = "doc:plans:" + next(
        name.removeprefix("doc:plans:") for name in (r["document_id"] for r in _all(ws)) if "copy" in name
    )
    assert row(ws, copy)["duplicate_of"] == MINE
    correct(ws, MINE, {"date": "2026-12-31"})
    assert row(ws, copy)["duplicate_of"] is None
    assert row(ws, MINE)["duplicate_of"] == copy
    correct(ws, MINE, {}, undo=True)
    assert row(ws, copy)["duplicate_of"] == MINE


def _all(ws: Workspace) -> list[dict[str, Any]]:
    return ws.to_arrow(ws.table("document")).to_pylist()  # type: ignore[no-any-return]


def test_other_sources_stay_as_they_are(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "others"
    folder.mkdir()
    (folder / "b.txt").write_text(plan(place="成都市", body=OTHER * 2), encoding="utf-8")
    load_documents(ws, folder)
    content = ws.sources["others"].content_hash
    correct(ws, MINE, {"date": "2001", "region_id": "CN-BJ"})
    assert ws.sources["others"].content_hash == content
    assert set(ws.sources["plans"].tables) >= {"document", "passage", "source"}


def test_an_unknown_document_is_said_with_near_ones(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Did you mean doc:plans:uk\.html"):
        correct(ws, "uk.html", {"date": "2020"})
    with pytest.raises(UsageError, match="No documents are loaded"):
        correct(open_workspace(tmp_path / "empty"), "x", {"date": "2020"})


def test_a_file_edited_by_hand_is_read_or_refused(ws: Workspace, tmp_path: Path) -> None:
    file = ws.path / NAME
    with file.open("w", encoding="utf-8-sig", newline="") as text:
        csv.writer(text).writerows([["document_id", "fact", "value"], [MINE, "region_id", "CN-BJ"]])
    load_documents(ws, tmp_path / "plans")
    assert (row(ws, MINE)["region_id"], row(ws, MINE)["level"]) == ("CN-BJ", "province")
    correction = read_corrections(ws.path)[MINE, "region_id"]
    assert (correction.found, correction.found_from) == ("CN-330100", "filename")
    file.write_text("document_id,fact,value\nx,colour,red\n")
    with pytest.raises(DataError, match="colour"):
        load_documents(ws, tmp_path / "plans")
    file.write_text("nothing of this kind\n")
    with pytest.raises(DataError, match="document_id"):
        correct(ws, MINE, {"date": "2020"})
