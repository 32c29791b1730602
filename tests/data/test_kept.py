"""What is kept from one process to the next: of exactly the present state, and never in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from foreland.data import coverage as module
from foreland.data.coverage import coverage, covering
from foreland.data.workspace import Workspace, open_workspace

Tiny = Callable[..., Workspace]
ROWS = [("a", "s:1", "2020", 1.0), ("a", "s:2", "2021", 2.0), ("b", "s:1", "2021", None)]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The times that coverage was worked out."""
    found: list[str] = []
    count = module._count

    def counting(ws: Workspace) -> object:
        found.append("")
        return count(ws)

    monkeypatch.setattr(module, "_count", counting)
    return found


def fresh(ws: Workspace) -> Workspace:
    return open_workspace(ws.path, create=False)


def files(ws: Workspace) -> list[Path]:
    return list((ws.path / "kept").iterdir())


def test_the_next_process_finds_it(tiny: Tiny, counted: list[str]):
    ws = tiny(ROWS)
    (known,) = coverage(ws)
    assert (known.rows, known.regions, known.fields, known.periods, known.first) == (3, 2, 2, 2, "2020")
    again = fresh(ws)
    assert coverage(again) == (known,)
    assert covering(again, "b") == {("tiny-things", "s", "things")}
    assert len(counted) == len(files(ws)) == 1


def test_figures_that_are_loaded_change_it_and_the_old_file_goes(tiny: Tiny, counted: list[str]):
    ws = tiny(ROWS)
    coverage(ws)
    before = files(ws)
    tiny(ROWS, indicator_id="more")
    assert {entry.indicator_id for entry in coverage(fresh(ws))} == {"things", "more"}
    assert len(counted) == 2
    assert len(files(ws)) == 1
    assert files(ws) != before
    # The workspace that stood open sees them when it looks again, and not before.
    assert len(coverage(ws)) == 1
    ws.refresh()
    assert len(coverage(ws)) == 2
    assert len(counted) == 2


@pytest.mark.parametrize("content", [b"", b"ARROW1 but no more", b"\0" * 5000])
def test_a_damaged_file_is_made_anew(tiny: Tiny, counted: list[str], content: bytes):
    ws = tiny(ROWS)
    known = coverage(ws)
    (file,) = files(ws)
    sound = file.read_bytes()
    file.write_bytes(content)
    assert coverage(fresh(ws)) == known
    assert len(counted) == 2
    assert file.read_bytes() == sound


def test_a_folder_that_can_not_be_written_answers_all_the_same(tiny: Tiny, counted: list[str]):
    ws = tiny(ROWS)
    (ws.path / "kept").write_text("in the way", encoding="utf-8")
    assert len(coverage(ws)) == 1
    assert coverage(fresh(ws)) == coverage(ws)
    assert len(counted) == 2


def test_without_figures_there_is_nothing_to_find(tmp_path: Path):
    assert coverage(open_workspace(tmp_path / "empty")) == ()
    assert coverage(open_workspace(tmp_path / "empty")) == ()


def test_a_load_that_lands_meanwhile_is_not_taken_for_the_state_before(tiny: Tiny, monkeypatch: pytest.MonkeyPatch):
    ws = tiny(ROWS)
    count = module._count

    def overtaken(slow: Workspace) -> object:
        tiny(ROWS, indicator_id="more")
        slow.refresh()
        return count(slow)

    monkeypatch.setattr(module, "_count", overtaken)
    assert len(coverage(ws)) == 2
    assert not (ws.path / "kept").exists()
    monkeypatch.setattr(module, "_count", count)
    assert len(coverage(ws)) == 2
