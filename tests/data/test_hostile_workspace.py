"""Workspaces that were edited, damaged or cut short by hand: a clear error, never another's files, never a fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foreland.core.errors import WorkspaceError
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.workspace import Workspace, open_workspace

from .helpers import put, rows, says


@pytest.fixture
def loaded(ws: Workspace, tmp_path: Path) -> Workspace:
    """A workspace with one small source."""
    path = put(tmp_path, "t.csv", "geo,year,value\n" + "".join(f"DE,{year},{year}.5\n" for year in range(1900, 2020)))
    load(ws, path, mapping=Mapping.from_options(indicator="x", unit="EUR"))
    return ws


@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("/etc/passwd.parquet", 1), ("../../other/t.parquet", 1), ("tables/region/t.parquet", 1),
        ("tables/observation/../../../t.parquet", 1), ("tables/observation/t.csv", 1),
        ("tables/observation/t.parquet", "many"), ("tables/observation/t.parquet", True), (3, 1), (None, 1),
    ],
)  # fmt: skip
def test_manifest_that_names_what_no_load_wrote(loaded: Workspace, file: object, count: object) -> None:
    path = loaded.path / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["sources"]["t"]["tables"]["observation"] = {"file": file, "rows": count}
    path.write_text(json.dumps(manifest))
    with pytest.raises(WorkspaceError) as caught:
        open_workspace(loaded.path)
    says(caught.value, en=["list of files", "manifest.json"], zh=["文件清单", "manifest.json"])


def test_flipped_bits_never_end_in_a_fault(loaded: Workspace) -> None:
    file = loaded.path / loaded.sources["t"].tables["observation"].file
    sound, met = file.read_bytes(), []
    for at in range(4, len(sound) - 8, max(1, len(sound) // 60)):
        for mask in (0x01, 0x80):
            broken = bytearray(sound)
            broken[at] ^= mask
            file.write_bytes(broken)
            try:
                again = open_workspace(loaded.path)
                again.to_arrow(again.table("observation"))
            except Exception as error:
                met.append(error)
    told = [error for error in met if isinstance(error, WorkspaceError)]
    assert len(told) > 10
    assert all(error.cure("zh") for error in told)
    # A flip may rename a column, and the query then says so. What must not come is a bare complaint of DuckDB.
    assert not [error for error in met if "duckdb" in type(error).__module__]


def test_deleted_settings_are_written_anew_and_the_data_stay(loaded: Workspace) -> None:
    before = rows(loaded, "t")
    (loaded.path / "settings.toml").unlink()
    with pytest.raises(WorkspaceError) as caught:
        open_workspace(loaded.path, create=False)
    says(caught.value, en=["foreland init"], zh=["foreland init"])
    assert rows(open_workspace(loaded.path), "t") == before


def test_settings_that_are_a_folder_are_left_alone(loaded: Workspace) -> None:
    (loaded.path / "settings.toml").unlink()
    (loaded.path / "settings.toml").mkdir()
    with pytest.raises(WorkspaceError):
        open_workspace(loaded.path)
