"""Surveys on the command line, from the topics to the results."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from foreland.data.surveys import store
from foreland.data.surveys.model import Answer
from foreland.data.workspace import open_workspace

from .conftest import Cli


@pytest.fixture
def topics(tmp_path: Path, cli: Cli) -> Path:
    cli("init")
    path = tmp_path / "topics.csv"
    path.write_text("id,en,zh,field\nlamp,A lamp,月灯,iotf:space\nice,Water from ice,月冰,\n", encoding="utf-8")
    return path


def test_a_survey_from_its_topics_to_its_results(cli: Cli, topics: Path, tmp_path: Path) -> None:
    done = cli("delphi", "new", "moon", "--topics", topics, "--title", "Moon", "--title-zh", "月", "--last-year", 2070)
    assert done.code == 0, done.err
    assert "2 topics" in done.err
    assert "foreland delphi open moon" in done.err
    assert cli("delphi", "open", "moon").code == 0
    done = cli("delphi", "invite", "moon", 2, "--address", "http://10.0.0.5:8321/")
    links = [row["link"] for row in csv.DictReader(io.StringIO(done.out))]
    assert len(set(links)) == 2
    assert links[0].startswith("http://10.0.0.5:8321/delphi/moon/answer/")
    ws = open_workspace("foreland-workspace")
    who = store.participant_of(ws, "moon", links[0].rpartition("/")[2])
    assert who is not None
    store.save(ws, "moon", 1, who.number, {"lamp": Answer(importance=5, year=2040)}, 0)
    paper = tmp_path / "paper.csv"
    paper.write_text("participant,topic,importance,year\nA01,lamp,3,2050\nA01,ice,4,never\n", encoding="utf-8")
    done = cli("delphi", "import", "moon", paper)
    assert done.code == 0, done.err
    assert "Answers taken: 2; people who answered: 1." in done.err
    paper.write_text("participant,topic,importance\nA01,lamp,2\nA01,lamp,1\n", encoding="utf-8")
    done = cli("delphi", "import", "moon", paper)
    assert "replaced: 1 (A01)" in done.err
    assert "lines 3" in done.err
    paper.write_text("participant,topic,importance\nA01,lamp,\n", encoding="utf-8")
    done = cli("delphi", "import", "moon", paper)
    assert "Answers taken: 0" in done.err
    assert "without any answer, passed over: 1." in done.err
    for words in ((), ("--round", 1)):
        done = cli("delphi", "export", "moon", *words)
        assert (done.code, done.out) == (2, ""), "answers of an open round are seen by nobody"
        assert "Close it first: foreland delphi close moon" in done.err
    listed = json.loads(cli("delphi", "list", "--format", "json").out)
    assert listed == [
        {"survey": "moon", "title": "Moon", "topics": 2, "rounds_closed": 0, "open_round": 1, "participants": 3,
         "answered": 2},
    ]  # fmt: skip
    done = cli("delphi", "close", "moon", "--lang", "zh")
    assert done.code == 0, done.err
    assert "2 人" in done.err
    rows = json.loads(cli("ask", "foresight.delphi", "--survey", "moon", "--format", "json").out)
    assert [row["field_id"] for row in rows["rows"]] == ["delphi-moon:ice", "delphi-moon:lamp"]
    out = tmp_path / "out.xlsx"
    assert cli("delphi", "export", "moon", "-o", out).code == 0
    assert out.stat().st_size > 1000
    told = csv.DictReader(io.StringIO(cli("delphi", "export", "moon", "--round", 1).out))
    assert [(row["participant"], row["topic"], row["year"]) for row in told] == [
        ("p001", "lamp", "2040"), ("p003", "lamp", ""), ("p003", "ice", "never"),
    ]  # fmt: skip


def test_what_is_wrong_is_said_with_its_cure(cli: Cli, topics: Path, tmp_path: Path) -> None:
    assert cli("delphi", "list").code == 0
    assert cli("delphi", "open", "moon").code == 2
    assert cli("delphi", "new", "Moon!", "--topics", topics).code == 2
    assert cli("delphi", "new", "moon", "--topics", topics, "--first-year", 2030, "--last-year", 2030).code == 2
    assert cli("delphi", "new", "moon", "--topics", tmp_path / "none.csv").code == 3
    assert cli("delphi", "new", "moon", "--topics", topics).code == 0
    done = cli("delphi", "new", "moon", "--topics", topics, "--lang", "zh")
    assert done.code == 2
    assert "已有名为 moon 的调查" in done.err
    assert cli("delphi", "close", "moon").code == 2
    assert cli("delphi", "export", "moon", "-o", "a.txt").code == 2
    assert cli("delphi", "export", "moon", "--round", 3).code == 2
    assert cli("delphi", "invite", "moon", "--address", "ftp://x").code == 2
    cli("delphi", "open", "moon")
    bad = tmp_path / "bad.csv"
    bad.write_text("participant,topic,year\nA,lump,2030\n", encoding="utf-8")
    done = cli("delphi", "import", "moon", bad)
    assert done.code == 3
    assert "line 2, column topic" in done.err
    done = cli("ask", "foresight.delphi")
    assert done.code == 3
    assert "foreland delphi new" in done.err
