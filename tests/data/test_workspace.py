"""A workspace: created, shared, killed, corrupt, newer, full."""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foreland.core.errors import DataError, WorkspaceError
from foreland.core.tables import ADDED, TAXONOMY, table_spec
from foreland.data.checks import check
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.taxonomy.tables import taxonomy_hash
from foreland.data.workspace import Workspace, open_workspace

from .helpers import put, rows, says, snapshot

TEXT = "geo,year,value\nDE,2020,1\nFR,2020,2\n"
MAPPING = Mapping.from_options(indicator="x", unit="EUR", licence="CC0")


def test_a_new_workspace_knows_places_and_fields(ws: Workspace) -> None:
    assert set(ws.sources) == {TAXONOMY}
    assert ws.sources[TAXONOMY].content_hash == taxonomy_hash()
    regions = {row["region_id"]: row for row in ws.to_arrow(ws.table("region")).to_pylist()}
    assert regions["CN-ZJ"]["name_zh"].startswith("浙江")
    assert ws.rows("field") > 1000
    assert ws.rows("crosswalk") > 100
    assert check(ws) == []


def test_taxonomy_lands_again_when_it_changed(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "w")
    manifest = json.loads((ws.path / "manifest.json").read_text())
    manifest["sources"][TAXONOMY]["content_hash"] = "older"
    (ws.path / "manifest.json").write_text(json.dumps(manifest))
    again = open_workspace(tmp_path / "w")
    assert again.sources[TAXONOMY].content_hash == taxonomy_hash()
    file = again.sources[TAXONOMY].tables["region"].file
    assert open_workspace(tmp_path / "w").sources[TAXONOMY].tables["region"].file == file


def test_a_reader_that_opened_before_still_reads(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", TEXT)
    load(ws, path, mapping=MAPPING)
    old = open_workspace(ws.path)
    for stored in ws.sources["t"].tables.values():
        os.utime(ws.path / stored.file, (0, 0))
    put(tmp_path, "t.csv", TEXT.replace(",2\n", ",5\n"))
    load(ws, path, mapping=MAPPING)
    load(ws, path, mapping=MAPPING)
    assert sorted(row["value"] for row in rows(old, "t")) == [1, 2]
    old.refresh()
    assert sorted(row["value"] for row in rows(old, "t")) == [1, 5]


HOLD = """
import sys, time
from foreland.data.workspace import open_workspace
ws = open_workspace(sys.argv[1])
with ws.staging():
    print("holding", flush=True)
    time.sleep(60)
"""


def test_second_writer_gets_a_clear_message_and_readers_go_on(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", TEXT)
    load(ws, path, mapping=MAPPING)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(ws.path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "holding"
        with pytest.raises(WorkspaceError) as caught:
            load(ws, path, mapping=MAPPING)
        says(caught.value, en=["Another process", "try again"], zh=["另一个进程", "重试"])
        assert len(rows(open_workspace(ws.path), "t")) == 2
    finally:
        holder.kill()
        holder.wait()
    assert load(ws, path, mapping=MAPPING).replaced


KILLED = """
import sys
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.workspace import open_workspace
def tell(stage, share):
    print(stage, share, flush=True)
    if stage == sys.argv[3]:
        import time; time.sleep(60)
load(open_workspace(sys.argv[1]), sys.argv[2], mapping=Mapping.from_options(indicator="x", unit="EUR"), progress=tell)
"""


@pytest.mark.parametrize("stage", ["names", "check", "write"])
def test_killed_load_leaves_the_workspace_as_it_was(ws: Workspace, tmp_path: Path, stage: str) -> None:
    load(ws, put(tmp_path, "t.csv", TEXT), mapping=MAPPING)
    before = snapshot(ws)
    put(tmp_path, "t.csv", TEXT + "AT,2020,3\n")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(ws.path), str(tmp_path / "t.csv"), stage],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(stage):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert snapshot(ws) == before
    assert len(rows(open_workspace(ws.path), "t")) == 2
    load(ws, tmp_path / "t.csv", mapping=MAPPING)
    assert len(rows(ws, "t")) == 3
    assert not list((ws.path / "staging").glob("[0-9a-f]*"))


@pytest.mark.slow
def test_load_killed_at_any_moment(ws: Workspace, tmp_path: Path) -> None:
    """Killed after random spans, the workspace always holds the old load or the new one, whole."""
    big = "geo,year,value\n" + "".join(f"{geo},{year},1\n" for geo in ("DE", "FR") for year in range(1600, 2100))
    load(ws, put(tmp_path, "t.csv", TEXT), mapping=MAPPING)
    put(tmp_path, "t.csv", big)
    for wait in (0.3, 0.5, 0.7, 0.9, 1.1):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(ws.path), str(tmp_path / "t.csv"), "never"], stdout=subprocess.DEVNULL
        )
        time.sleep(wait)
        process.kill()
        process.wait()
        assert len(rows(open_workspace(ws.path), "t")) in (2, 1000)
    load(ws, tmp_path / "t.csv", mapping=MAPPING)
    assert len(rows(ws, "t")) == 1000


def test_manifest_cut_short(ws: Workspace) -> None:
    path = ws.path / "manifest.json"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(WorkspaceError) as caught:
        open_workspace(ws.path)
    says(caught.value, en=["list of files", "manifest.json", "backup"], zh=["文件清单", "manifest.json", "备份"])


@pytest.mark.parametrize("damage", ["cut", "inside", "gone", "other"])
def test_damaged_table_is_found_and_cured_by_loading_again(ws: Workspace, tmp_path: Path, damage: str) -> None:
    path = put(tmp_path, "t.csv", TEXT)
    load(ws, path, mapping=MAPPING)
    file = ws.path / ws.sources["t"].tables["observation"].file
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[:-10])
    elif damage == "inside":
        file.write_bytes(content[:30] + bytes(40) + content[70:])
    elif damage == "gone":
        file.unlink()
    else:
        file.write_bytes((ws.path / ws.sources["t"].tables["indicator"].file).read_bytes())
    problems = check(ws)
    assert [(item.source_id, item.severity) for item in problems] == [("t", "error")]
    assert "t: " in problems[0].text("en")
    assert "重新加载" in problems[0].text("zh")
    if damage in ("cut", "gone"):
        with pytest.raises(WorkspaceError) as caught:
            ws.to_arrow(ws.table("observation"))
        assert caught.value.cure("zh")
    load(ws, path, mapping=MAPPING)
    assert check(ws) == []


def test_newer_workspace(ws: Workspace) -> None:
    settings = ws.path / "settings.toml"
    settings.write_text(settings.read_text().replace("format = 1", "format = 99"))
    with pytest.raises(WorkspaceError) as caught:
        open_workspace(ws.path)
    says(caught.value, en=["format 99", "newer Foreland"], zh=["格式为 99", "较新版本"])


def test_folder_of_other_things(tmp_path: Path) -> None:
    put(tmp_path, "thesis.docx", "x")
    with pytest.raises(WorkspaceError) as caught:
        open_workspace(tmp_path)
    says(caught.value, en=["not a workspace", "empty folder"], zh=["不是工作区", "空文件夹"])
    with pytest.raises(WorkspaceError):
        open_workspace(tmp_path / "absent", create=False)
    assert not (tmp_path / "absent").exists()


def test_removing_a_source(ws: Workspace, tmp_path: Path) -> None:
    before = ws.content_hash
    load(ws, put(tmp_path, "t.csv", TEXT), mapping=MAPPING)
    ws.remove("t")
    assert ws.content_hash == before
    assert rows(ws, "t") == []


def test_check_finds_undefined_ids_missing_licences_and_gaps(ws: Workspace, tmp_path: Path) -> None:
    text = "地区,年份,数值\n全国,2020,100\n" + "".join(
        f"{name},2020,{value}\n" for name, value in (("浙江", 30), ("安徽", 20), ("江苏", 40))
    )
    load(ws, put(tmp_path, "t.csv", text), mapping=Mapping.from_options(indicator="x", unit="元"))
    problems = {item.key: item for item in check(ws)}
    assert set(problems) == {"data.check.no_licence", "data.check.sum_gap"}
    assert problems["data.check.sum_gap"].params["gap"] == "-10.0%"
    assert problems["data.check.sum_gap"].severity == "warning"
    ws._write_manifest({key: value for key, value in ws.sources.items() if key != TAXONOMY})
    undefined = [item for item in check(ws) if item.key == "data.check.undefined"]
    assert {item.params["table"]: item.params["number"] for item in undefined} == {"region": 4, "field": 1}


def mounted(folder: Path) -> bool:
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    return done.returncode == 0


def test_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    try:
        if not mounted(disk):
            pytest.skip("needs the right to mount a small tmpfs")
    except FileNotFoundError:
        pytest.skip("needs the program mount")
    try:
        ws = open_workspace(disk / "w")
        load(ws, put(tmp_path, "t.csv", TEXT), mapping=MAPPING)
        before = snapshot(ws)
        # Digits of the square root of the line number don't compress.
        big = "geo,year,value\n" + "".join(
            f"DE,{1600 + i % 600}-{i // 600 % 12 + 1:02d}-{i // 7200 + 1:02d},{i**0.5!r}\n" for i in range(180_000)
        )
        put(tmp_path, "big.csv", big)
        with pytest.raises(WorkspaceError) as caught:
            load(ws, tmp_path / "big.csv", mapping=MAPPING)
        says(caught.value, en=["disk is full", "Free some space"], zh=["磁盘已满", "释放空间"])
        assert snapshot(ws) == before
        assert not list((ws.path / "staging").glob("[0-9a-f]*"))
        load(ws, tmp_path / "t.csv", mapping=MAPPING)
    finally:
        subprocess.run(["umount", str(disk)], check=False)


MEASURE = """
import sys
from pathlib import Path
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.workspace import open_workspace
mapping = Mapping.from_options(
    ["region=region", "field=product"], scheme="mine", regions="own", indicator="x", unit="USD"
)
report = load(open_workspace(sys.argv[1]), sys.argv[2], mapping=mapping)
# Not ru_maxrss: a process inherits that of the one that started it.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(report.rows["observation"], int(peak.split()[1]) // 1024)
"""


@pytest.mark.slow
def test_a_large_file_streams(ws: Workspace, tmp_path: Path) -> None:
    """300 MB of CSV load in less memory than the file has, with DuckDB held to 200 MB."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc/self/status to measure memory")
    benchmark = Path(__file__).parents[2] / "benchmarks" / "load.py"
    write_synthetic = runpy.run_path(str(benchmark))["write_synthetic"]
    settings = ws.path / "settings.toml"
    settings.write_text(settings.read_text().replace('memory_limit = ""', 'memory_limit = "200MB"'))
    path = tmp_path / "large.csv"
    write_synthetic(path, 11_500_000)
    assert path.stat().st_size > 290_000_000
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(ws.path), str(path)], capture_output=True, text=True, check=True
    )
    number, megabytes = map(int, done.stdout.split())
    assert number == 11_500_000
    assert megabytes < 450


def test_reading_errors_are_not_blamed_on_the_workspace(ws: Workspace, tmp_path: Path) -> None:
    if not Path("/proc/self/mem").exists():
        pytest.skip("needs /proc/self/mem, a file that opens and can't be read")
    with pytest.raises(DataError) as caught:
        load(ws, "/proc/self/mem", mapping=MAPPING)
    assert caught.value.key == "data.error.cannot_read"


def test_places_are_asked_by_name_in_either_language(ws: Workspace) -> None:
    from foreland.data.coverage import place_ids

    assert place_ids(ws, "Germany") == place_ids(ws, "德国") == "DE"
    assert place_ids(ws, ["浙江", "CN-JS"]) == ["CN-ZJ", "CN-JS"]
    assert place_ids(ws, "Atlantis") == "Atlantis"


def test_files_of_earlier_versions_are_read_with_their_later_columns_empty(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "ws")
    for source, lacking in (("old", ADDED["document"]), ("new", ())):
        row = {"document_id": f"doc:{source}", "kind": "paper", "citations": 3, "venue": "Journal", "source_id": source}
        schema = table_spec("document").arrow_schema()
        rows = pa.Table.from_pylist([row], schema=schema).drop_columns(list(lacking))
        about = {"source_id": source, "title_en": "T", "title_zh": "题", "licence": "CC0-1.0", "content_hash": "0"}
        with ws.staging() as staging:
            pq.write_table(rows, staging.path("document"))
            staging.write("source", pa.Table.from_pylist([about], schema=table_spec("source").arrow_schema()))
            staging.commit(source, "0")
    read = ws.to_arrow(ws.table("document").select("document_id", "citations", "venue").order_by("document_id"))
    assert read.to_pylist() == [
        {"document_id": "doc:new", "citations": 3, "venue": "Journal"},
        {"document_id": "doc:old", "citations": None, "venue": None},
    ]
    ws.remove("new")
    assert ws.to_arrow(ws.table("document").select("citations")).to_pylist() == [{"citations": None}]
    assert check(ws) == []
