"""A folder that several machines share: two writers, clocks that differ, and a disk that fills while files land."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import pytest
from tests.data.helpers import put, rows, says, snapshot

from foreland.core.errors import WorkspaceError
from foreland.core.settings import Settings
from foreland.data import files
from foreland.data.documents import land as documents
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.records import land as records
from foreland.data.workspace import Workspace, open_workspace

TEXT = "geo,year,value\nDE,2020,1\nFR,2020,2\n"
MAPPING = Mapping.from_options(indicator="x", unit="EUR", licence="CC0")
HOUR = 3600.0


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    opened = open_workspace(tmp_path / "w")
    load(opened, put(tmp_path, "t.csv", TEXT), mapping=MAPPING)
    return opened


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared file system that grants every lock to everybody."""

    class Granted:
        def __init__(self, path: Path) -> None: ...
        def acquire(self, timeout: float) -> None: ...
        def release(self) -> None: ...

    monkeypatch.setattr("filelock.FileLock", Granted)


@contextmanager
def machine(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr("platform.node", lambda: name)
        yield


def tables(ws: Workspace) -> set[str]:
    return {file.relative_to(ws.path).as_posix() for file in ws.path.glob("tables/*/*")}


def staged(ws: Workspace) -> list[Path]:
    return [folder for folder in ws.path.glob("staging/*") if folder.name != "spill"]


# Two writers ---------------------------------------------------------------------------------------


def test_two_writers_on_one_machine(ws: Workspace, tmp_path: Path, server: str) -> None:
    """One through the cluster, one embedded: the lock is the folder's."""
    cluster = open_workspace(f"spark://{server}{ws.path}")
    with ws.staging(), pytest.raises(WorkspaceError) as caught:
        load(cluster, tmp_path / "t.csv", mapping=MAPPING)
    assert caught.value.key == "core.error.workspace_locked"
    assert not load(cluster, put(tmp_path, "u.csv", TEXT), mapping=MAPPING).replaced
    ws.refresh()
    assert rows(ws, "u") == rows(cluster, "u")


@pytest.mark.usefixtures("no_locks")
def test_two_writers_where_locks_are_not_kept(
    ws: Workspace, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_workspace(f"spark://{server}{ws.path}")
    mine, theirs = put(tmp_path, "mine.csv", TEXT), put(tmp_path, "theirs.csv", TEXT)
    landed: set[str] = set()

    def meanwhile(stage: str, *_: Any) -> None:
        if stage == "write" and not landed:
            landed.add("theirs")
            with machine(monkeypatch, "elsewhere"):
                load(other, theirs, mapping=MAPPING)
            landed.update(tables(ws))

    with machine(monkeypatch, "here"), pytest.raises(WorkspaceError) as caught:
        load(ws, mine, mapping=MAPPING, progress=meanwhile)
    assert caught.value.key == "core.error.written_meanwhile"
    says(caught.value, en=["Another process", "what the other loaded stands"], zh=["另一个进程", "保持不变"])
    assert tables(ws) == landed - {"theirs"}
    assert not staged(ws)
    ws.refresh()
    assert "mine" not in ws.sources
    assert len(rows(ws, "theirs")) == 2
    load(ws, mine, mapping=MAPPING)
    assert len(rows(ws, "mine")) == len(rows(ws, "theirs")) == 2


def test_remains_of_this_machine_go_at_once_and_of_another_after_a_day(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {}
    for name in ("here", "elsewhere", "long gone"):
        with machine(monkeypatch, name):
            folders[name] = files.folder_of_a_load(ws.path / "staging")
            folders[name].mkdir(parents=True)
            (folders[name] / "region.parquet").write_bytes(b"half")
    long_ago = time.time() - 25 * HOUR
    os.utime(folders["elsewhere"], (long_ago, long_ago))  # its file is still being written
    for path in (folders["long gone"] / "region.parquet", folders["long gone"]):
        os.utime(path, (long_ago, long_ago))
    with machine(monkeypatch, "here"), ws.staging():
        assert {name for name, folder in folders.items() if folder.exists()} == {"elsewhere"}


# Clocks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [-3, 3])
def test_age_is_told_by_the_clock_that_keeps_the_files(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    """The file server's clock is hours ahead of this machine's or behind; files that it wrote just now are new."""
    now = time.time() + ahead * HOUR
    monkeypatch.setattr(files, "clock", lambda folder: now)
    ages = {"new": 0.0, "half": HOUR / 2, "old": 1.1 * HOUR, "from the future": -5 * HOUR}
    for name, age in ages.items():
        file = ws.path / "tables" / "region" / f"{name}.parquet"
        file.write_bytes(b"")
        os.utime(file, (now - age, now - age))
    for stored in ws.sources["t"].tables.values():
        os.utime(ws.path / stored.file, (0, 0))
    with ws.staging():
        pass
    found = {name for name in ages if (ws.path / "tables" / "region" / f"{name}.parquet").exists()}
    assert found == {"new", "half", "from the future"}
    assert len(rows(ws, "t")) == 2


def test_clock_is_that_of_the_files(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    really = time.time()
    monkeypatch.setattr("time.time", lambda: really + 5 * HOUR)
    assert abs(files.clock(ws.path) - really) < 60
    assert not list(ws.path.glob(".clock-*"))


@pytest.mark.parametrize(("sweep", "name"), [(documents._sweep, ".load-x"), (records._sweep, ".records-x")])
def test_parts_of_other_loads_outlast_a_wrong_clock(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, sweep: Any, name: str
) -> None:
    part = ws.path / name
    part.mkdir()
    really = time.time()
    monkeypatch.setattr("time.time", lambda: really + 1000 * HOUR)
    arguments = (ws.path,) if name == ".load-x" else (ws.path, part.with_name("mine"))
    sweep(*arguments)
    assert part.exists()
    os.utime(part, (0, 0))
    sweep(*arguments)
    assert not part.exists()


# A disk that fills ---------------------------------------------------------------------------------


def attempt(ws: Workspace, path: Path) -> WorkspaceError | None:
    try:
        load(ws, path, mapping=MAPPING)
    except WorkspaceError as error:
        return error
    return None


def test_disk_fills_at_any_file_that_lands(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is forced to the disk, and so each may be the one that no longer fits: tables, then the manifest."""
    before, there = snapshot(ws), tables(ws)
    put(tmp_path, "t.csv", TEXT + "AT,2020,3\n")
    really, reached = files.sync, 0
    for last in range(100):
        room = iter(range(last))

        def sync(path: Path, room: Iterator[int] = room) -> None:
            if next(room, None) is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            really(path)

        with monkeypatch.context() as patch:
            patch.setattr(files, "sync", sync)
            patch.setattr("foreland.data.workspace.sync", sync)
            refused = attempt(ws, tmp_path / "t.csv")
        if refused is None:
            break
        reached += 1
        assert refused.key == "core.error.disk_full"
        says(refused, en=["disk is full", "Free some space"], zh=["磁盘已满", "释放空间"])
        assert snapshot(ws) == before
        assert tables(ws) == there
        assert not staged(ws)
    assert reached > len(ws.sources["t"].tables)
    assert len(rows(ws, "t")) == 3


def test_disk_fills_with_what_memory_does_not_hold(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "w", settings=Settings(memory_limit="200MB", threads=2))
    spill = ws.path / "staging" / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    try:
        command = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(spill)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("needs the right to mount a small tmpfs")
    except FileNotFoundError:
        pytest.skip("needs the program mount")
    try:
        x, y, z = (ws.table("region").select(**{name: ibis._.region_id}) for name in "xyz")
        triples = x.cross_join(y).cross_join(z.limit(30)).mutate(key=ibis._.x + ibis._.y + ibis._.z)
        with pytest.raises(WorkspaceError) as caught:
            ws.to_arrow(triples.group_by("key").aggregate(n=ibis._.count()).aggregate(n=ibis._.n.max()))
    finally:
        subprocess.run(["umount", str(spill)], check=False)
    assert caught.value.key == "core.error.no_room"
    says(caught.value, en=["disk has no room", "Free some space"], zh=["磁盘空间不足", "释放空间"])
    assert ws.to_arrow(ws.table("region")).num_rows == ws.rows("region")


def test_interrupt_when_the_manifest_already_stands(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the very moment after: the load stands, and with it its files."""
    refresh, asked = ws.refresh, iter(range(100))

    def refresh_then_interrupt() -> None:
        if next(asked) == 1:
            raise KeyboardInterrupt
        refresh()

    monkeypatch.setattr(ws, "refresh", refresh_then_interrupt)
    with pytest.raises(KeyboardInterrupt):
        load(ws, put(tmp_path, "u.csv", TEXT), mapping=MAPPING)
    assert len(rows(open_workspace(ws.path), "u")) == 2
