"""Questions on the command line: clean data, names for ids, evidence, errors that help."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from foreland.core import registry
from foreland.data.workspace import open_workspace

from .conftest import Cli

SPECIALISATION = "capability.specialisation"


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def ask(cli: Cli, workspace: Path) -> Cli:
    def call(*words: object):  # type: ignore[no-untyped-def]
        return cli("ask", *words, "--workspace", workspace)

    return call


def test_listing_names_every_question_in_both_languages(cli: Cli) -> None:
    done = cli("ask")
    assert done.code == 0
    assert [row["question"] for row in records(done.out)] == list(registry.questions())
    assert all(row["en"] and row["zh"] for row in records(done.out))
    assert [r["question"] for r in records(cli("ask", "policy").out)] == list(registry.questions("policy"))


def test_piped_answer_is_clean_csv_equal_to_the_finding(ask: Cli, workspace: Path) -> None:
    done = ask(SPECIALISATION, "--region", "CN-ZJ")
    rows = records(done.out)
    finding = open_workspace(workspace).ask(SPECIALISATION, region="CN-ZJ")
    assert [row["field_id"] for row in rows] == finding.table["field_id"].to_pylist()
    assert [float(row["value"]) for row in rows] == finding.table["value"].to_pylist()
    assert {row["region_name"] for row in rows} == {"Zhejiang"}
    assert finding.headline["en"] in done.err
    assert finding.id in done.err
    assert finding.headline["en"] not in done.out


def test_quiet_leaves_stderr_empty(ask: Cli) -> None:
    done = ask(SPECIALISATION, "--region", "CN-ZJ", "--quiet")
    assert done.err == ""
    assert records(done.out)


@pytest.mark.parametrize("name", ["浙江", "浙江省", "Zhejiang", "zhejiang", "330000", " 浙 江 "])
def test_places_are_found_by_any_of_their_names(ask: Cli, name: str) -> None:
    assert {row["region_id"] for row in records(ask(SPECIALISATION, "--region", name, "-q").out)} == {"CN-ZJ"}


def test_a_code_of_several_classifications_is_that_of_the_table_the_question_reads(ask: Cli) -> None:
    for words in (("--region", "US"), ()):
        found = ask("chains.linkages", *words, "--field", "334")
        assert found.code == 0, found.err
        assert {row["field_id"] for row in records(found.out)} == {"bea71:334"}
        assert found.out.startswith("rank,field_id,")
    # Where the question has no answer of its own, what is meant can't be told.
    unclear = ask("chains.linkages", "--region", "FR", "--field", "334")
    assert unclear.code == 2
    assert "334 can mean several things" in unclear.err


def test_what_is_empty_in_every_row_is_not_told(ask: Cli) -> None:
    words = ("--region", "US", "--period", "2023", "--format", "table")
    told = next(line for line in ask("chains.self_reliance", *words).err.splitlines() if "same in every row" in line)
    assert "2023" in told
    assert "—" not in told


def test_several_places_and_names_with_commas(ask: Cli) -> None:
    two = ask("policy.promise", "--region", "浙江、江苏", "-q")
    assert {row["region_id"] for row in records(two.out)} == {"CN-ZJ", "CN-JS"}
    again = ask("policy.promise", "--region", "Zhejiang", "--region", "CN-JS", "-q")
    assert again.out == two.out
    korea = ask("foresight.catch_up", "--region", "Korea, Republic of", "-q")
    assert korea.code == 0
    assert korea.out == ask("foresight.catch_up", "--region", "KR", "-q").out


def test_fields_are_found_by_name(ask: Cli) -> None:
    by_name = ask("policy.promise", "--field", "量子科技", "-q")
    assert by_name.code == 0, by_name.err
    assert {row["field_id"] for row in records(by_name.out)} == {"iotf:quantum"}
    assert by_name.out == ask("policy.promise", "--field", "iotf:quantum", "-q").out


@pytest.mark.parametrize(
    ("words", "near", "language"),
    [
        (("--region", "Zhejang"), "Did you mean Zhejiang (CN-ZJ)", "en"),
        (("--region", "折江"), "您是否要找：浙江 (CN-ZJ)", "zh"),
        (("--region", "浙江", "--field", "quantm technology"), "Quantum", "en"),
    ],
)
def test_wrong_names_are_answered_with_near_ones(ask: Cli, words: tuple[str, ...], near: str, language: str) -> None:
    done = ask("policy.promise", *words, "--lang", language)
    assert done.code == 2
    assert near in done.err
    assert done.out == ""


def test_place_the_workspace_has_nothing_about(ask: Cli) -> None:
    done = ask(SPECIALISATION, "--region", "UKC")
    assert done.code == 3
    assert "TLC" in done.err
    assert "foreland load" in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("capability.specialization",), 2, "capability.specialisation"),
        ((SPECIALISATION, "--region", "CN-ZJ", "--min-count", "many"), 2, "min_count"),
        ((SPECIALISATION, "--region", "CN-ZJ", "--min-count", "-1"), 2, "min_count"),
        ((SPECIALISATION, "--region", "CN-ZJ", "--measure", "lg"), 2, "standardised"),
        ((SPECIALISATION, "--regoin", "CN-ZJ"), 2, "--region"),
        ((SPECIALISATION, "--region", "CN-ZJ", "--format", "xls"), 2, "parquet"),
        ((SPECIALISATION, "--region", "CN-ZJ", "--chart", "pie"), 2, "pie"),
        ((SPECIALISATION, "--region", "CN-ZJ", "--evidence", "0"), 2, "0"),
        ((SPECIALISATION, "--region", "CN-ZJ", "--scheme", "sitc2"), 2, "sitc2"),
        ((SPECIALISATION, "--region", "CN-ZJ", "--out", "no/such/folder/x.csv"), 1, "folder"),
        ((SPECIALISATION, "--region", "CN-ZJ", "--out", "x.xyz"), 2, "xyz"),
    ],
)
def test_errors_say_what_and_leave_stdout_empty(ask: Cli, words: tuple[str, ...], code: int, told: str) -> None:
    for language in ("en", "zh"):
        done = ask(*words, "--lang", language)
        assert done.code == code, done.err
        assert told in done.err
        assert done.out == ""
        assert "Traceback" not in done.err
        assert (
            done.err.startswith({"en": "Error: ", "zh": "错误："}[language])
            or "\nError: " in done.err
            or "\n错误：" in done.err
        )


def test_json_holds_the_finding_whole(ask: Cli) -> None:
    told = json.loads(ask(SPECIALISATION, "--region", "CN-ZJ", "--format", "json", "-q").out)
    assert told["question"] == SPECIALISATION
    assert told["rows"]
    assert told["provenance"]["inputs"]


def test_evidence_adds_up_to_the_number(ask: Cli) -> None:
    words = (SPECIALISATION, "--region", "CN-ZJ", "--indicator", "key_projects", "--window", "3", "-q")
    rows = records(ask(*words).out)
    for number in (1, 2, len(rows)):
        evidence = json.loads(ask(*words, "--evidence", number, "--format", "json").out)
        figures = [r["value"] for part in evidence["evidence"] if part["table"] == "observation" for r in part["rows"]]
        assert sum(figures) == float(rows[number - 1]["value"])


def test_explanation_names_steps_and_sources(ask: Cli) -> None:
    told = ask("policy.promise", "--region", "CN-ZJ", "--explain", "--lang", "zh").out
    assert "## 计算步骤" in told
    assert "国家重点研发计划项目" in told


def test_files_are_written_in_every_format(ask: Cli, tmp_path: Path) -> None:
    starts = {"csv": b"\xef\xbb\xbf", "json": b"{", "parquet": b"PAR1", "md": b"# ", "html": b"<!", "docx": b"PK",
              "svg": b"<svg", "png": b"\x89PNG"}  # fmt: skip
    for suffix, start in starts.items():
        done = ask("foresight.catch_up", "--region", "CN", "--out", tmp_path / f"answer.{suffix}")
        assert done.code == 0, done.err
        assert done.out == ""
        assert (tmp_path / f"answer.{suffix}").read_bytes().startswith(start), suffix


def test_binary_formats_go_through_a_pipe(
    shell: Callable[..., subprocess.CompletedProcess[bytes]], workspace: Path
) -> None:
    done = shell("ask", "foresight.catch_up", "--region", "CN", "--format", "parquet", "-q", "-w", workspace)
    assert done.stdout.startswith(b"PAR1")
    assert done.stdout.endswith(b"PAR1")
    drawn = shell("ask", "foresight.catch_up", "--region", "CN", "--chart", "lines", "-q", "-w", workspace)
    assert drawn.stdout.startswith(b"<svg")


def test_markdown_on_stdout(ask: Cli) -> None:
    lines = ask(SPECIALISATION, "--region", "CN-ZJ", "--format", "md", "-q").out.splitlines()
    assert lines[0].startswith("| Region | Field |")
    assert len({line.count("|") for line in lines}) == 1


def on_terminal(words: list[str], **environment: str) -> str:
    """What a command shows on a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "foreland.cli", *words],
        stdout=theirs, stderr=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm-256color", **environment},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    process.wait(60)
    os.close(ours)
    return shown.decode()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("columns", [80, 120])
def test_table_on_a_terminal_fits_and_has_no_colour_when_told(workspace: Path, language: str, columns: int) -> None:
    words = ["ask", "policy.promise", "--region", "CN-ZJ", "--rows", "5", "-w", str(workspace), "--lang", language]
    shown = on_terminal(words, COLUMNS=str(columns), NO_COLOR="1")
    lines = re.sub(r"\x1b\[[\d;]*m|\r", "", shown).splitlines()
    assert max(map(cell_len, lines)) <= columns
    heading = {"zh": "领域", "en": "Field"}[language]
    assert any(heading in line for line in lines)
    assert "\x1b[3" not in shown, "colour in spite of NO_COLOR"
    assert "region_id" not in shown
    assert all(
        re.search(r"\d$|[是否]$|yes$|no$", line.rstrip()) for line in lines if re.match(r" \w", line) and "." in line
    )


def test_picture_is_not_poured_onto_a_terminal(workspace: Path) -> None:
    words = ["ask", "foresight.catch_up", "--region", "CN", "--chart", "lines", "-w", str(workspace)]
    assert "<svg" not in on_terminal(words)
