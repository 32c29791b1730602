"""init, load, check, packs, sources and doctor."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from foreland.data.workspace import open_workspace

from .conftest import Cli

LONG = "iso3,sitc,usd\nCHN,7611,100\nKOR,7611,50\nCHN,0011,20\nDEU,0011,5\n"
MAPPED = ("--map", "region=iso3", "--map", "field=sitc", "--map", "value=usd", "--scheme", "mine",
          "--indicator", "exports", "--unit", "USD", "--period", "2000", "--licence", "CC0")  # fmt: skip


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    path = tmp_path / "exports.csv"
    path.write_text(LONG, encoding="utf-8")
    return path


def test_init_makes_a_workspace_once(cli: Cli) -> None:
    assert cli("init").code == 0
    before = Path("foreland-workspace/settings.toml").read_bytes()
    again = cli("init")
    assert again.code == 0
    assert "nothing was changed" in again.err
    assert Path("foreland-workspace/settings.toml").read_bytes() == before


def test_init_refuses_a_folder_of_other_things(cli: Cli, exports: Path) -> None:
    done = cli("init", exports.parent)
    assert done.code == 1
    assert "empty" in done.err


def test_load_lands_every_row_and_says_so(cli: Cli, exports: Path) -> None:
    done = cli("load", exports, *MAPPED)
    assert done.code == 0, done.err
    assert "4 observations" in done.err
    assert done.out == ""
    table = open_workspace("foreland-workspace").table("observation").to_pandas()
    assert table["value"].sum() == 175
    assert set(table["region_id"]) == {"CN", "KR", "DE"}
    again = cli("load", exports, *MAPPED, "--lang", "zh")
    assert "替换" in again.err


def test_dry_run_changes_nothing(cli: Cli, exports: Path) -> None:
    cli("init")
    done = cli("load", exports, *MAPPED, "--dry-run")
    assert done.code == 0
    assert "4 observations would land" in done.err
    assert open_workspace("foreland-workspace").rows("observation") == 0


def test_mapping_file_says_the_same_as_the_options(cli: Cli, exports: Path) -> None:
    Path("map.toml").write_text(
        '[columns]\nregion = "iso3"\nfield = "sitc"\nvalue = "usd"\n'
        '[constants]\nindicator = "exports"\nunit = "USD"\nperiod = "2000"\n[table]\nscheme = "mine"\n'
        '[source]\nlicence = "CC0"\n',
        encoding="utf-8",
    )
    assert cli("load", exports, *MAPPED, "-w", "one").code == 0
    assert cli("load", exports, "--mapping", "map.toml", "-w", "two").code == 0
    one, two = (open_workspace(name).table("observation").to_pandas() for name in ("one", "two"))
    assert one.equals(two)
    both = cli("load", exports, "--mapping", "map.toml", *MAPPED, "-w", "three")
    assert both.code == 2
    assert "--map" in both.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("no-such-file.csv",), 3, "no-such-file.csv"),
        (("exports.csv", "--map", "region=iso4", *MAPPED[2:]), 3, "iso3"),
        (("exports.csv", "--map", "regoin=iso3"), 2, "region"),
        (("exports.csv", "--as", "no-layout"), 2, "no-layout"),
        (("exports.csv", *MAPPED, "--skip", "-1"), 2, "skip"),
        ((), 2, "PATH"),
    ],
)
def test_load_errors(cli: Cli, exports: Path, words: tuple[str, ...], code: int, told: str) -> None:
    for language in ("en", "zh"):
        done = cli("load", *words, "--lang", language)
        assert done.code == code, done.err
        assert told in done.err
        assert "Traceback" not in done.err


def test_rejected_rows_can_be_seen(cli: Cli, tmp_path: Path) -> None:
    rows = [f"CHN,{1000 + i},{i}" for i in range(60)] + ["CHN,9999,not a number"]
    (tmp_path / "bad.csv").write_text("iso3,sitc,usd\n" + "\n".join(rows) + "\n", encoding="utf-8")
    done = cli("load", "bad.csv", *MAPPED)
    assert done.code == 0, done.err
    assert "62" in done.err
    listed = cli("check", "--rejects", "--format", "json")
    [reject] = json.loads(listed.out)
    assert reject["line"] == 62
    assert reject["text"] == "not a number"
    assert reject["reason"].startswith("line 62")


def test_check_fails_with_3_when_a_file_is_gone(cli: Cli, exports: Path) -> None:
    cli("load", exports, *MAPPED)
    assert cli("check").code == 0
    next(Path("foreland-workspace/tables/observation").glob("*.parquet")).unlink()
    done = cli("check", "--format", "csv")
    assert done.code == 3
    assert "exports" in done.out
    doctor = cli("doctor")
    assert doctor.code == 1
    assert "exports" in doctor.out


def test_doctor_finds_a_sound_workspace(cli: Cli, workspace: Path) -> None:
    for language in ("en", "zh"):
        done = cli("doctor", "-w", workspace, "--lang", language)
        assert done.code == 0, done.out
    checks = {row["check"]: row for row in csv.DictReader(io.StringIO(cli("doctor", "-w", workspace).out))}
    assert checks["Workspace"]["state"] == "ok"
    assert checks["Files"]["state"] == "ok"


def test_doctor_works_without_a_workspace(cli: Cli) -> None:
    done = cli("doctor")
    assert done.code == 0
    assert "foreland init" in done.out


def test_packs_lists_and_installs(cli: Cli) -> None:
    listed = list(csv.DictReader(io.StringIO(cli("packs").out)))
    assert {row["pack"] for row in listed} == {"china-provinces", "us-input-output", "world-technology"}
    assert {row["installed"] for row in listed} == {"False"}
    assert cli("packs", "install", "china-provinces").code == 0
    listed = list(csv.DictReader(io.StringIO(cli("packs").out)))
    assert {row["pack"] for row in listed if row["installed"] == "True"} == {"china-provinces"}
    rows = list(csv.DictReader(io.StringIO(cli("sources").out)))
    assert sum(int(row["observations"]) for row in rows) == open_workspace("foreland-workspace").rows("observation")
    assert all(row["licence"] for row in rows)
    wrong = cli("packs", "install", "china-province", "--lang", "zh")
    assert wrong.code == 2
    assert "china-provinces" in wrong.err


def test_missing_workspace_names_the_ways_to_get_one(cli: Cli) -> None:
    for language in ("en", "zh"):
        done = cli("sources", "--lang", language)
        assert done.code == 1
        assert "foreland init" in done.err
        assert "foreland demo" in done.err


def test_workspace_comes_from_the_environment(cli: Cli, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORELAND_WORKSPACE", str(workspace))
    assert cli("sources").code == 0
