"""Documents on the command line: load, list, correct, and reading sentences alone."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.data.documents.made import BODY, write_plans

from .conftest import Cli


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    return write_plans(tmp_path / "plans")


def listed(cli: Cli, *words: object) -> dict[str, dict[str, str]]:
    done = cli("documents", *words)
    assert done.code == 0, done.err
    return {row["document_id"]: row for row in csv.DictReader(io.StringIO(done.out))}


def test_load_list_correct_and_undo(cli: Cli, plans: Path) -> None:
    done = cli("load", plans, "--as", "policy")
    assert done.code == 0, done.err
    assert "5 documents landed" in done.err
    assert done.err.rstrip().endswith("foreland documents")
    found = listed(cli)
    name = "doc:plans:杭州2026.txt"
    assert (found[name]["issuer"], found[name]["region_from"], found[name]["date"]) == (
        "Hangzhou", "filename", "2026-01-15",
    )  # fmt: skip
    assert int(found[name]["passages"]) > 3
    done = cli("correct", name, "--region", "浙江", "--level", "省级", "--date", "2025年3月", "--lang", "zh")
    assert done.code == 0, done.err
    assert "杭州市 (CN-330100) → 浙江省 (CN-ZJ)" in done.err
    changed = listed(cli)[name]
    assert (changed["region_id"], changed["level"], changed["date"]) == ("CN-ZJ", "province", "2025-03")
    assert {changed["region_from"], changed["level_from"], changed["date_from"]} == {"corrected"}
    assert cli("load", plans, "--as", "policy").code == 0
    assert listed(cli)[name] == changed
    assert cli("correct", name, "--undo").code == 0
    assert listed(cli)[name] == found[name]


@pytest.mark.parametrize(("where", "region"), [("folder", ""), ("title", "CN-330100"), ("filename", "CN-330100")])
def test_the_issuer_is_looked_for_where_the_option_says(cli: Cli, plans: Path, where: str, region: str) -> None:
    assert cli("load", plans, "--as", "policy", "--issuer-from", where).code == 0
    found = listed(cli)
    assert found["doc:plans:杭州2026.txt"]["region_id"] == region
    if where == "folder":
        in_folder = next(row for row in found.values() if row["file"] == "浙江/a.docx")
        assert (in_folder["region_id"], in_folder["region_from"]) == ("CN-ZJ", "folder")
        missing = cli("documents", "--missing")
        assert "doc:plans:杭州2026.txt" in missing.out
        assert "foreland correct" in missing.err


def test_json_and_tables(cli: Cli, plans: Path) -> None:
    cli("load", plans, "--as", "policy")
    rows = json.loads(cli("documents", "--format", "json").out)
    assert len(rows) == 5
    assert {type(row["characters"]) for row in rows} == {int}
    table = cli("documents", "--format", "table", "--lang", "zh")
    assert "文献" in table.out
    assert cli("documents", "--source", "plan").code == 2


def test_what_is_not_yet_loaded_names_the_next_command(cli: Cli) -> None:
    cli("init")
    done = cli("documents")
    assert done.code == 0
    assert "--as policy" in done.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("load", "plans"), 3, "foreland load {plans} --as policy"),
        (("load", "plans/uk.html"), 3, "--as policy"),
        (("load", "plans", "--as", "polcy"), 2, "Did you mean policy?"),
        (("load", "plans", "--issuer-from", "title"), 2, "--as policy"),
        (("load", "plans", "--as", "policy", "--scheme", "iotf"), 2, "--scheme"),
        (("load", "plans", "--as", "policy", "--region", "折江"), 2, "Zhejiang"),
        (("load", "plans", "--as", "policy", "--issuer-from", "titel"), 2, "Did you mean title"),
        (("load", "plans/notes.csv", "--as", "policy"), 3, "--text COLUMN"),
        (("load", "nothing", "--as", "policy"), 3, "no file"),
        (("correct", "x"), 2, "--region"),
        (("correct", "x", "--undo", "--date", "2020"), 2, "--undo"),
        (("correct", "x", "--date", "soon"), 2, "no date"),
        (("correct", "x", "--level", "provnce"), 2, "Did you mean province"),
        (("correct", "x", "--language", "fr"), 2, "zh, en"),
    ],
)
def test_errors_say_the_cure(cli: Cli, plans: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = cli(*(plans.parent / word if word.startswith("plans") else word for word in words))
    assert done.code == code
    assert said.format(plans=plans) in done.err
    assert "Traceback" not in done.err
    zh = cli(*(plans.parent / word if word.startswith("plans") else word for word in words), "--lang", "zh")
    assert zh.code == code
    assert zh.err != done.err


def test_a_dry_run_makes_nothing(cli: Cli, plans: Path, tmp_path: Path) -> None:
    done = cli("load", plans, "--as", "policy", "--dry-run", "-w", tmp_path / "none")
    assert done.code == 0
    assert "would land" in done.err
    assert not (tmp_path / "none").exists()


# Reading alone ----------------------------------------------------------------------------------


def sentences(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_extract_reads_sentences(cli: Cli, tmp_path: Path) -> None:
    source = sentences(
        tmp_path / "s.jsonl", {"id": "a", "sentence": BODY}, {"id": 2, "sentence": "天气很好。", "before": None}
    )
    done = cli("extract", source, "--out", tmp_path / "p.jsonl", "--year", "2026")
    assert done.code == 0, done.err
    first, second = (json.loads(line) for line in (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines())
    assert (first["id"], second["id"]) == ("a", 2)
    assert {"quantum", "robotics", "embodied_ai", "hydrogen"} & {item["field"] for item in first["fields"]}
    assert 5e10 in [item["value"] for item in first["quantities"]]
    assert all(
        BODY[item["start"] : item["end"]] == item["text"] for items in list(first.values())[1:] for item in items
    )
    assert second["fields"] == []
    piped = cli("extract", source, "--year", "2026")
    assert piped.out == (tmp_path / "p.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "said"),
    [("{bad", "JSON"), ("[1]", "object"), ('{"id": 1}', "sentence"), ('{"sentence": "x"}', "id"),
     ('{"id": 1, "sentence": 5}', "sentence"), ("\xff", "JSON"),
     ('{"id": 1, "sentence": "x", "position": "a"}', "position")],
)  # fmt: skip
def test_extract_names_the_line_and_writes_nothing(cli: Cli, tmp_path: Path, line: str, said: str) -> None:
    source = tmp_path / "s.jsonl"
    source.write_bytes(b'{"id": 1, "sentence": "x"}\n\n' + line.encode("latin-1") + b"\n")
    target = tmp_path / "p.jsonl"
    target.write_text("before")
    done = cli("extract", source, "--out", target)
    assert done.code == 3
    assert said in done.err
    assert "line 3" in done.err
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []


def test_extract_from_stdin(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    row = json.dumps({"id": 1, "sentence": BODY}, ensure_ascii=False)
    done = subprocess.run(
        [sys.executable, "-m", "foreland.cli", "extract", "-"],
        input=row.encode(), capture_output=True, check=False, env={**os.environ, "FORELAND_LANG": "en"}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["id"] == 1
    empty = subprocess.run(
        [sys.executable, "-m", "foreland.cli", "extract", "-"],
        input=b"\n", capture_output=True, check=False, env={**os.environ, "FORELAND_LANG": "en"}, timeout=60,
    )  # fmt: skip
    assert empty.returncode == 3
    assert b"no sentences" in empty.stderr
