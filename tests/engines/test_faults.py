"""What happens when something breaks: the cluster dies, a worker is killed, a disk fills, somebody presses Ctrl-C.

Each test kills a server of its own: a process of Sail, or with ``make test-spark`` a real cluster of two workers.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from tests.data.helpers import put, rows, says, snapshot
from tests.engines.servers import SERVER, Cluster, Sail, processor_seconds

from foreland.cli.run import FAULT, INTERRUPTED, run
from foreland.core.errors import WorkspaceError
from foreland.core.tables import table_spec
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.workspace import Workspace, open_workspace

TEXT = "geo,year,value\nDE,2020,1\nFR,2020,2\n"
MAPPING = Mapping.from_options(indicator="x", unit="EUR", licence="CC0")

pytest.importorskip("pyspark", reason="needs Spark's client, the extra spark")


@pytest.fixture
def ws(mortal: Sail | Cluster, tmp_path: Path) -> Workspace:
    """A workspace on a server that may be killed, with figures of two places."""
    opened = open_workspace(f"spark://{mortal.address}{tmp_path / 'w'}")
    load(opened, put(tmp_path, "t.csv", TEXT), mapping=MAPPING)
    return opened


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits four seconds only: that it is twenty has a test of its own."""
    monkeypatch.setattr("foreland.core.patience.RETRIES", 4)


def long_work(region: ir.Table) -> ir.Table:
    """A third of a billion triples of places, in the order of a minute.

    Numbered, and so sorted, because Spark's tasks hear that they are to end only as they take the next row of a file,
    a shuffle or a sort, and not within what one row is joined to.
    """
    x, y, z = (region.select(**{name: ibis._.region_id}) for name in "xyz")
    pairs = x.cross_join(y).mutate(number=ibis.row_number().over(order_by=["x", "y"]))
    triples = pairs.cross_join(z).mutate(mixed=(ibis._.x + ibis._.y + ibis._.z).hash() + ibis._.number)
    return triples.aggregate(n=ibis._.mixed.max())


def leftovers(ws: Workspace) -> list[Path]:
    return [*ws.path.glob("staging/*"), *ws.path.glob("*.tmp"), *ws.path.glob(".clock-*")]


def unreachable(error: WorkspaceError, server: Sail | Cluster) -> None:
    assert error.key == "core.error.cluster_unreachable"
    says(error, en=["does not answer", server.address, "run the same command again"], zh=["没有响应", "重新执行"])
    assert error.exit_code == 1


# The cluster dies ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("stage", ["names", "write", "confirm"])
def test_cluster_dies_during_a_load(
    ws: Workspace, mortal: Sail | Cluster, tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(ws)
    put(tmp_path, "t.csv", TEXT + "AT,2020,3\n")
    confirm = ws.engine.confirm

    deaths = iter([mortal.kill])

    def die_at(reached: str, *_: Any) -> None:
        if reached == stage:
            next(deaths, lambda: None)()

    def confirm_late(table: str, files: dict[Path, int]) -> None:
        assert all(file.is_file() for file in files)
        if table == "observation":
            die_at("confirm")
        confirm(table, files)

    monkeypatch.setattr(ws.engine, "confirm", confirm_late)
    with pytest.raises(WorkspaceError) as caught:
        load(ws, tmp_path / "t.csv", mapping=MAPPING, progress=die_at)
    unreachable(caught.value, mortal)
    assert snapshot(ws) == before
    assert not leftovers(ws)
    mortal.start()
    assert load(ws, tmp_path / "t.csv", mapping=MAPPING).replaced
    assert sorted(row["value"] for row in rows(ws, "t")) == [1, 2, 3]
    assert rows(open_workspace(ws.path), "t") == rows(ws, "t")


@pytest.mark.usefixtures("hasty")
def test_command_line_says_that_the_cluster_died(
    ws: Workspace, mortal: Sail | Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(ws)
    mortal.kill()
    address = f"spark://{mortal.address}{ws.path}"
    for command in (
        ["load", str(put(tmp_path, "u.csv", TEXT)), "--indicator", "x", "--unit", "EUR", "-w", address],
        ["ask", "capability.specialisation", "--region", "CN-ZJ", "-w", address],
    ):
        assert run(["--lang", "en", *command]) == FAULT
        said = capsys.readouterr().err
        assert "does not answer" in said
        assert "run the same command again" in said.replace("\n", " ")
        assert "Traceback" not in said
        assert "Warning" not in said
    assert snapshot(ws) == before


def test_cluster_dies_during_a_question_and_comes_back(
    ws: Workspace, mortal: Sail | Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not SERVER:
        monkeypatch.setattr("foreland.core.patience.RETRIES", 4)
        ws.engine.close()
    earlier = ws.table("region").count().as_table()
    (number,) = ws.to_arrow(earlier).to_pydict().values()
    asked = long_work(ws.table("region"))
    death = threading.Timer(2.0, mortal.kill)
    death.start()
    began = time.monotonic()
    with pytest.raises(WorkspaceError) as caught:
        ws.to_arrow(asked)
    assert not death.is_alive(), "was over before the cluster was killed"
    assert time.monotonic() - began < 35
    unreachable(caught.value, mortal)
    mortal.start()
    assert [*ws.to_arrow(earlier).to_pydict().values()] == [number]
    assert len(rows(ws, "t")) == 2
    assert rows(ws, "t", "indicator") == rows(open_workspace(ws.path), "t", "indicator")


def test_waits_twenty_seconds_and_not_ten_minutes() -> None:
    import grpc

    from foreland.core.patience import Patience

    class Unavailable(grpc.RpcError):
        def code(self) -> grpc.StatusCode:
            return grpc.StatusCode.UNAVAILABLE

    asking = threading.local()
    assert not Patience(asking).can_retry(Unavailable())
    asking.waits = True
    state = Patience(asking).to_state()
    waits = []
    while state.can_retry(Unavailable()) and (wait := state.next_attempt()) is not None:
        waits.append(wait / 1000)
    assert 15 < sum(waits) < 25


def test_process_ends_at_once_when_the_cluster_died_after_the_answer(ws: Workspace, mortal: Sail | Cluster) -> None:
    """Spark's client would clear its results on the cluster, and wait for it, before the process may end."""
    program = (
        "import sys; from foreland.data.workspace import open_workspace\n"
        "ws = open_workspace(sys.argv[1]); ws.to_arrow(ws.table('region'))\n"
        "print('answered', flush=True); sys.stdin.readline(); print('ends', flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, f"spark://{mortal.address}{ws.path}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "answered\n"
        mortal.kill()
        began = time.monotonic()
        process.communicate("\n", timeout=60)
    assert time.monotonic() - began < 5
    assert process.returncode == 0


# A worker is killed --------------------------------------------------------------------------------


def synthetic(ws: Workspace, source: str, first: int, number: int) -> None:
    """SYNTHETIC observations with the values ``first``, ``first + 1``, …"""
    schema = table_spec("observation").arrow_schema()
    same = {"region_id": "DE", "field_id": None, "indicator_id": "x", "period": "2020", "status": "observed"}
    columns = {
        **{name: pa.repeat(pa.scalar(same.get(name), schema.field(name).type), number) for name in schema.names},
        "value": pa.array(range(first, first + number), schema.field("value").type),
        "source_id": pa.repeat(source, number),
    }
    with ws.staging() as staging:
        staging.write("observation", pa.table({name: columns[name] for name in schema.names}, schema=schema))
        staging.commit(source, source)


@pytest.mark.parametrize("victim", ["executor", "worker"])
def test_job_ends_rightly_when_a_worker_is_killed(ws: Workspace, mortal: Sail | Cluster, victim: str) -> None:
    if not isinstance(mortal, Cluster):
        pytest.skip("needs workers to kill: make test-spark")
    size, sources = 2_500_000, 4
    for part in range(sources):
        synthetic(ws, f"made-{part}", part * size, size)
    figures = ws.table("observation").filter(ibis._.source_id.startswith("made-"))
    number = 80
    places = ws.table("region").select(region=ibis._.region_id).distinct().order_by("region").limit(number)
    # Each figure beside each place: 800 million rows, whose sum is known beforehand.
    asked = figures.cross_join(places).filter((ibis._.region.length() + ibis._.value) > 0)
    asked = asked.aggregate(n=ibis._.count(), total=ibis._.value.cast("int64").sum())
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(ws.to_arrow(asked).to_pylist()))
    cluster = mortal.cluster
    until = time.monotonic() + 60
    while len(executors := cluster.executors()) < 2:
        assert time.monotonic() < until, "the cluster gives no executors"
        time.sleep(0.2)
    worked = processor_seconds(list(executors))
    thread.start()
    while processor_seconds(list(executors)) - worked < 3:
        time.sleep(0.1)
    assert thread.is_alive()
    executor, worker = next(iter(executors.items()))
    os.kill({"executor": executor, "worker": worker}[victim], signal.SIGKILL)
    assert thread.is_alive(), "was over before the worker was killed"
    thread.join(300)
    count = size * sources
    assert found == [[{"n": count * number, "total": count * (count - 1) // 2 * number}]]
    assert executor not in cluster.executors()
    if victim == "worker":
        assert cluster.registered() == 1
        cluster.add_worker()


# A disk fills --------------------------------------------------------------------------------------


def test_disk_of_the_cluster_fills(ws: Workspace, mortal: Sail | Cluster) -> None:
    if not isinstance(mortal, Cluster) or not mortal.cluster.spill.is_mount():
        pytest.skip("needs a cluster with a small disk to spill on: make test-spark, with the right to mount")
    synthetic(ws, "made", 0, 2_000_000)
    scattered = ws.table("observation").filter(ibis._.source_id == "made").select(
        key=(ibis._.value * 7919.0).cast("string").hash(), value=ibis._.value
    )  # fmt: skip
    sums = scattered.group_by("key").aggregate(total=ibis._.value.sum()).aggregate(n=ibis._.count())
    wide = scattered.cross_join(ws.table("crosswalk").limit(60).select(code=ibis._.to_id)).group_by("key", "code")
    with pytest.raises(WorkspaceError) as caught:
        ws.to_arrow(wide.aggregate(total=ibis._.value.sum()).aggregate(n=ibis._.total.sum()))
    assert caught.value.key == "core.error.cluster_disk"
    says(caught.value, en=["disk of the cluster is full", "Free space"], zh=["集群的磁盘已满", "释放空间"])
    assert ws.to_arrow(sums).to_pylist()[0]["n"] > 1_900_000


# Ctrl-C --------------------------------------------------------------------------------------------

SLOW = """
import sys
from tests.engines.test_faults import long_work
from foreland.cli.run import leave, run
from foreland.core.engine_spark import SparkEngine
from foreland.data.workspace import open_workspace

really, count = SparkEngine._run, SparkEngine._count
files = open_workspace(sys.argv[1]).files("region")

def run_slowly(self, expression):
    print("working", flush=True)
    SparkEngine._run = really
    return really(self, long_work(self.read("region", files)))

def count_slowly(self, table, file):
    print("working", flush=True)
    SparkEngine._count = count
    return self.to_arrow(long_work(self.read("region", files)))

if sys.argv[2] == "load":
    SparkEngine._count = count_slowly
else:
    SparkEngine._run = run_slowly
leave(run(["--lang", "en", *sys.argv[2:], "--workspace", sys.argv[1]]))
"""


@pytest.mark.parametrize("command", ["ask", "load"])
def test_interrupt_returns_at_once_and_frees_the_cluster(
    ws: Workspace, mortal: Sail | Cluster, tmp_path: Path, command: str
) -> None:
    before = snapshot(ws)
    words = {
        "ask": ["ask", "capability.specialisation", "--region", "CN-ZJ"],
        "load": ["load", str(put(tmp_path, "u.csv", TEXT)), "--indicator", "x", "--unit", "EUR"],
    }[command]
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, f"spark://{mortal.address}{ws.path}", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        workers = mortal.workers()
        worked = processor_seconds(workers)
        until = time.monotonic() + 60
        while processor_seconds(workers) - worked < 2 and time.monotonic() < until and process.poll() is None:
            time.sleep(0.1)
        assert process.poll() is None, process.communicate()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert time.monotonic() - began < 6
    assert process.returncode == INTERRUPTED, said
    assert "Interrupted." in said
    assert "Traceback" not in said
    assert snapshot(ws) == before
    assert not leftovers(ws)
    time.sleep(1.5)
    worked = processor_seconds(workers)
    time.sleep(2)
    assert processor_seconds(workers) - worked < 0.6, "the cluster goes on with what nobody waits for"
