"""Surveys on disk: several write at once, nothing is lost, closed rounds are frozen."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from foreland.core.errors import DataError, UsageError, WorkspaceError
from foreland.data.surveys import store
from foreland.data.surveys.model import Answer, Topic, parse
from foreland.data.workspace import Workspace, open_workspace

from .made import TOPICS, answers, fill, moonlamp


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "ws")


@pytest.fixture
def opened(ws: Workspace) -> tuple[Workspace, list[str]]:
    """A survey with an open first round and three participants."""
    store.create(ws, moonlamp())
    tokens = store.invite(ws, "moonlamp", 3)
    store.open_round(ws, "moonlamp")
    return ws, [store.participant_of(ws, "moonlamp", token).number for token in tokens]  # type: ignore[union-attr]


def test_no_name_and_no_usable_link_is_stored(ws: Workspace) -> None:
    store.create(ws, moonlamp())
    tokens = store.invite(ws, "moonlamp", 2)
    assert len(set(tokens)) == 2
    assert min(map(len, tokens)) >= 20
    written = "".join(file.read_text() for file in (ws.path / "surveys").rglob("*") if file.is_file())
    assert not any(token in written for token in tokens)
    assert store.participant_of(ws, "moonlamp", tokens[1]).number == "p002"  # type: ignore[union-attr]
    assert store.participant_of(ws, "moonlamp", "guessed") is None
    assert store.participant_of(ws, "moonlamp", "") is None


def test_answers_come_back_as_they_were_saved(opened) -> None:  # type: ignore[no-untyped-def]
    ws, (one, two, _) = opened
    said = answers(1, 1)
    assert store.save(ws, "moonlamp", 1, one, said, 0) == store.Saved(1)
    store.save(ws, "moonlamp", 1, two, answers(2, 1), 0)
    found = store.log(ws, "moonlamp", 1)
    assert dict(found.latest[one].answers) == said
    assert list(found.latest) == [one, two]


def test_a_later_answer_replaces_the_earlier_and_says_so(opened) -> None:  # type: ignore[no-untyped-def]
    ws, (one, *_) = opened
    store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=5, year=2030)}, 0)
    done = store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=2)}, 1)
    assert done.replaced
    assert (done.version, done.merged, done.overruled) == (2, (), ())
    found = store.log(ws, "moonlamp", 1)
    assert found.latest[one].answers == {"lamp": Answer(importance=2)}
    assert len(found.versions[one]) == 2, "the earlier answer stays on record"


def test_two_tabs_of_one_person_lose_nothing(opened) -> None:  # type: ignore[no-untyped-def]
    ws, (one, *_) = opened
    store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=3), "ice": Answer(year=2040)}, 0)
    # Both tabs show the first version. One changes lamp and adds clock, the other changes ice and adds a comment.
    store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=5), "ice": Answer(year=2040),
                                        "clock": Answer(year="never")}, 1)  # fmt: skip
    done = store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=3, comment="dust"),
                                               "ice": Answer(year=2050)}, 1)  # fmt: skip
    assert dict(store.log(ws, "moonlamp", 1).latest[one].answers) == {
        "lamp": Answer(importance=5, comment="dust"), "ice": Answer(year=2050), "clock": Answer(year="never"),
    }  # fmt: skip
    assert set(done.merged) == {"lamp", "clock"}
    assert done.overruled == ()
    third = store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=1), "ice": Answer(year=2040)}, 1)
    assert third.overruled == ("lamp",)
    assert store.log(ws, "moonlamp", 1).latest[one].answers["lamp"] == Answer(importance=1, comment="dust")


def test_what_is_taken_out_of_a_form_is_taken_out(opened) -> None:  # type: ignore[no-untyped-def]
    ws, (one, *_) = opened
    store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=3), "ice": Answer(year=2040)}, 0)
    store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=3), "ice": Answer()}, 1)
    assert list(store.log(ws, "moonlamp", 1).latest[one].answers) == ["lamp"]


def test_many_who_save_at_once_lose_nothing(ws: Workspace) -> None:
    store.create(ws, moonlamp())
    store.invite(ws, "moonlamp", 6)
    store.open_round(ws, "moonlamp")
    names = [each.number for each in store.participants(ws, "moonlamp")]

    def work(person: int) -> None:
        for turn in range(5):
            year = {"lamp": Answer(year=2030 + turn), TOPICS[turn].topic_id: Answer(importance=1 + person % 5)}
            store.save(ws, "moonlamp", 1, names[person], year, turn)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    found = store.log(ws, "moonlamp", 1)
    assert found.damaged == 0
    assert {name: len(each) for name, each in found.versions.items()} == dict.fromkeys(names, 5)
    assert all(version.answers["lamp"].year == 2034 for version in found.latest.values())


PROGRAM = """
import sys
from foreland.data.surveys import store
from foreland.data.surveys.model import Answer
from foreland.data.workspace import open_workspace
ws = open_workspace(sys.argv[1])
for turn in range(8):
    store.save(ws, "moonlamp", 1, sys.argv[2], {"lamp": Answer(year=2030 + turn, comment="月" * 500)}, turn)
"""


def test_two_processes_that_save_at_once_lose_nothing(opened) -> None:  # type: ignore[no-untyped-def]
    ws, names = opened
    running = [subprocess.Popen([sys.executable, "-c", PROGRAM, str(ws.path), name]) for name in names[:2]]
    assert [each.wait(60) for each in running] == [0, 0]
    found = store.log(ws, "moonlamp", 1)
    assert found.damaged == 0
    assert [len(found.versions[name]) for name in names[:2]] == [8, 8]


def test_a_line_cut_short_is_passed_over_and_swallows_nothing(opened) -> None:  # type: ignore[no-untyped-def]
    ws, (one, two, _) = opened
    store.save(ws, "moonlamp", 1, one, answers(1, 1), 0)
    path = ws.path / "surveys" / "moonlamp" / "answers" / "1.jsonl"
    with path.open("ab") as file:
        file.write(path.read_bytes()[:70])
    store.save(ws, "moonlamp", 1, two, answers(2, 1), 0)
    found = store.log(ws, "moonlamp", 1)
    assert found.damaged == 1
    assert dict(found.latest[one].answers) == answers(1, 1)
    assert dict(found.latest[two].answers) == answers(2, 1)


# Rounds -------------------------------------------------------------------------------------------


def test_a_closed_round_is_frozen_and_lands(opened) -> None:  # type: ignore[no-untyped-def]
    ws, (one, two, _) = opened
    store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=4, year=2031, obstacles=("funding", "market"))}, 0)
    store.save(ws, "moonlamp", 1, two, {"lamp": Answer(year="never", comment="dust")}, 0)
    survey, people = store.close_round(ws, "moonlamp")
    assert people == 2
    assert survey.open_round is None
    with pytest.raises(UsageError, match="frozen"):
        store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=1)}, 1)
    link = ws.to_arrow(ws.table("link").order_by(["from_id", "kind"])).to_pylist()
    assert [(row["from_id"][-4:], row["kind"], row["weight"], row["unit"]) for row in link] == [
        ("p001", "delphi_importance", 4, "step"),
        ("p001", "delphi_obstacle:funding", 1, "count"),
        ("p001", "delphi_obstacle:market", 1, "count"),
        ("p001", "delphi_year", 2031, "year"),
        ("p002", "delphi_year", None, "never"),
    ]
    assert {row["to_id"] for row in link} == {"delphi-moonlamp:lamp"}
    assert "dust" not in str(link)
    field = ws.table("field")
    found = ws.to_arrow(field.filter(field.scheme == "delphi-moonlamp")).to_pylist()
    assert {row["parent_id"] for row in found} >= {"iotf:quantum"}
    assert "survey:moonlamp:1" in ws.sources


def test_rounds_follow_each_other_and_links_stay(opened) -> None:  # type: ignore[no-untyped-def]
    ws, (one, *_) = opened
    with pytest.raises(UsageError, match="open"):
        store.open_round(ws, "moonlamp")
    with pytest.raises(DataError, match="Nobody"):
        store.close_round(ws, "moonlamp")
    store.save(ws, "moonlamp", 1, one, {"lamp": Answer(importance=3), "ice": Answer(year=2040)}, 0)
    store.close_round(ws, "moonlamp")
    with pytest.raises(UsageError, match="No round"):
        store.close_round(ws, "moonlamp")
    assert store.open_round(ws, "moonlamp").open_round.number == 2  # type: ignore[union-attr]
    assert store.log(ws, "moonlamp", 2).latest == {}
    # The form of the second round begins with the answers of the first: two tabs changed one topic each.
    store.save(ws, "moonlamp", 2, one, {"lamp": Answer(importance=5), "ice": Answer(year=2040)}, 0)
    store.save(ws, "moonlamp", 2, one, {"lamp": Answer(importance=3), "ice": Answer(year=2041)}, 0)
    assert dict(store.log(ws, "moonlamp", 2).latest[one].answers) == {
        "lamp": Answer(importance=5), "ice": Answer(year=2041),
    }  # fmt: skip
    assert store.log(ws, "moonlamp", 1).latest[one].answers["ice"] == Answer(year=2040)


def test_a_round_that_can_not_land_stays_open(opened) -> None:  # type: ignore[no-untyped-def]
    ws, (one, *_) = opened
    store.save(ws, "moonlamp", 1, one, answers(1, 1), 0)
    other = open_workspace(ws.path)
    with ws.staging(), pytest.raises(WorkspaceError):
        store.close_round(other, "moonlamp")
    assert store.read(ws, "moonlamp").open_round is not None
    assert "survey:moonlamp:1" not in ws.sources
    store.close_round(ws, "moonlamp")


def test_the_same_survey_lands_as_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "now", lambda: "2026-01-01T00:00:00+00:00")
    hashes = []
    for name in ("a", "b"):
        ws = open_workspace(tmp_path / name)
        fill(ws)
        hashes.append({each: loaded.content_hash for each, loaded in ws.sources.items()})
    assert hashes[0] == hashes[1]
    assert {"survey:moonlamp:1", "survey:moonlamp:2"} <= set(hashes[0])


# What can't be ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", "-a", "a" * 41, "月"])
def test_ids_that_can_not_stand_in_addresses_are_refused(ws: Workspace, name: str) -> None:
    with pytest.raises(UsageError, match="addresses"):
        store.create(ws, replace(moonlamp(), survey_id=name))
    assert not (ws.path / "surveys").exists()


def test_surveys_that_can_not_be_asked_are_refused(ws: Workspace) -> None:
    with pytest.raises(DataError, match="1 to 200"):
        store.create(ws, replace(moonlamp(), topics=()))
    with pytest.raises(DataError, match="same id or text"):
        store.create(ws, replace(moonlamp(), topics=(Topic("a", "x", "y"), Topic("b", "x", "z"))))
    store.create(ws, moonlamp())
    with pytest.raises(UsageError, match="already"):
        store.create(ws, moonlamp())
    with pytest.raises(UsageError, match="moonlamp"):
        store.read(ws, "moonlam")
    for hostile in ("../../etc", "moonlamp/..", ""):
        with pytest.raises(UsageError):
            store.log(ws, hostile, 1)
    (ws.path / "surveys" / "moonlamp" / "survey.json").write_text(json.dumps({"topics": 3}))
    with pytest.raises(DataError, match="can't be read"):
        store.read(ws, "moonlamp")


def test_parts_of_answers() -> None:
    survey = moonlamp()
    said = {"importance": "4", "year": "2031", "confidence": " 5 ", "expertise": "", "obstacles": "资金; Technology",
            "comment": "a\r\nb\x1b[31m"}  # fmt: skip
    found, faults = parse(survey, said)
    assert faults == []
    assert found == Answer(4, 2031, 5, None, ("technology", "funding"), "a\nb[31m")
    for text in ("never", "Never", "永远不会", "不会实现"):
        assert parse(survey, {"year": text})[0].year == "never"
    assert parse(survey, {"year": "2031年"})[0].year == 2031
    assert parse(survey, {"year": "2031.0", "importance": "3.0"})[0] == Answer(importance=3, year=2031)
    wrong = {"importance": "6", "confidence": "0", "expertise": "5", "year": "2025", "obstacles": "moths",
             "comment": "x" * 2001}  # fmt: skip
    _, faults = parse(survey, wrong)
    assert [fault.part for fault in faults] == ["importance", "confidence", "expertise", "year", "obstacles", "comment"]
    assert all(fault.text("zh") and fault.text("en") for fault in faults)
    for year in ("soon", "20300", "２０３１", "-2030", "2099", "2031-5", "1e3"):
        assert [fault.part for fault in parse(survey, {"year": year})[1]] == ["year"], year
    for step in ("²", "1.5", "-1", "１", "1e0"):
        assert [fault.part for fault in parse(survey, {"importance": step})[1]] == ["importance"], step
