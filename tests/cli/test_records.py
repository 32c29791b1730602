"""Papers and patents on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Cli

WORK = {
    "id": "https://openalex.org/W1", "display_name": "A made-up paper on quantum computing", "publication_year": 2020,
    "authorships": [], "referenced_works": ["https://openalex.org/W9"], "abstract_inverted_index": {"words": [0]},
}  # fmt: skip


def works(folder: Path, *more: dict) -> Path:
    path = folder / "works.jsonl"
    path.write_text("".join(json.dumps(work) + "\n" for work in (WORK, *more)), encoding="utf-8")
    return path


def test_an_export_is_recognised_and_loaded(cli: Cli, tmp_path: Path) -> None:
    path = works(tmp_path)
    done = cli("load", path, "--dry-run")
    assert done.code == 0, done.err
    assert "1 documents would land" in done.err
    done = cli("load", path, "--source", "made", "--licence", "CC0-1.0", "--references", "inside", "--no-abstracts")
    assert done.code == 0, done.err
    assert "read as openalex" in done.err
    assert "cites" not in done.err
    assert "--source made" not in cli("documents").out
    assert "A made-up paper" in cli("documents", "--source", "made").out
    assert "papers" in cli("documents").err


def test_what_says_nothing_about_records_is_refused(cli: Cli, tmp_path: Path) -> None:
    path = works(tmp_path)
    for words, said in (
        (["--as", "openalex", "--map", "region=x"], "--map"),
        (["--as", "openalex", "--scheme", "iotf"], "--scheme"),
        (["--as", "openalex", "--references", "some"], "references"),
    ):
        done = cli("load", path, *words)
        assert done.code == 2
        assert said in done.err
    table = tmp_path / "figures.csv"
    table.write_text("geo,year,value\nDE,2020,1\n", encoding="utf-8")
    done = cli("load", table, "--no-abstracts")
    assert done.code == 2
    assert "--no-abstracts" in done.err
    done = cli("load", table, "--as", "openalexx")
    assert done.code == 2


def test_a_bad_export_says_where_and_loads_nothing(cli: Cli, tmp_path: Path) -> None:
    path = works(tmp_path, {**WORK, "publication_year": 2099})
    done = cli("load", path, "--lang", "zh")
    assert done.code == 3
    assert "第 2 行" in done.err
    assert "works" not in cli("sources").out


def test_texts_enough_for_topics_lead_to_discover_which_says_its_stages(cli: Cli, tmp_path: Path) -> None:
    words = ("grasp planning", "gait learning", "tactile skin", "speech decoding")
    many = [
        {**WORK, "id": f"https://openalex.org/W{n + 10}", "display_name": f"{words[n % 4]} {n} by {words[(n + 1) % 4]}"}
        for n in range(24)
    ]
    path = works(tmp_path, *many)
    done = cli("load", path)
    assert done.code == 0, done.err
    assert "foreland discover works" in done.err
    assert "foreland ask" in done.err
    done = cli("discover", "works", "--no-topics")
    assert done.code == 0, done.err
    stages = [line for line in done.err.splitlines() if line.endswith(" …")]
    assert stages == ["Reading …", "Finding terms …", "Writing …"]
    few = works(tmp_path)
    assert "foreland discover" not in cli("load", few, "--source", "few").err
