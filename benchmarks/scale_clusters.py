"""Engines that the relational tasks run on: DuckDB in the process itself, Sail and Spark as servers of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TOOLS = Path(__file__).parents[1] / "tools"


@dataclass
class Cluster:
    """Where a workspace is reached, and what works for it.

    Parameters
    ----------
    address
        Address of the workspace.
    pids
        Processes whose CPU and memory count with the task's.
    spill
        Folders they spill into.
    """

    address: str
    pids: list[int] = field(default_factory=list)
    spill: list[Path] = field(default_factory=list)


@contextmanager
def started(engine: str, workspace: Path) -> Iterator[Cluster]:
    """A cluster for one workspace, ended afterwards."""
    if engine == "duckdb":
        yield Cluster(str(workspace))
        return
    spilling = tempfile.TemporaryDirectory(prefix=".spill-", dir=workspace.parent)
    with spilling as spill, SERVERS[engine](Path(spill)) as (place, pids):
        yield Cluster(f"spark://{place}{workspace.resolve()}", pids, [Path(spill)])


@contextmanager
def sail(spill: Path) -> Iterator[tuple[str, list[int]]]:
    """Sail in one process: its address and id."""
    command = [sys.executable, str(TOOLS / "sail.py")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "TMPDIR": str(spill)}
    ) as server:
        try:
            assert server.stdout is not None
            place = server.stdout.readline().strip()
            if not place:
                raise SystemExit("Sail did not start; pip install pysail")
            yield place, [server.pid]
        finally:
            server.terminate()


@contextmanager
def spark(spill: Path) -> Iterator[tuple[str, list[int]]]:
    """A standalone cluster of Spark: a master, two workers of a core each, and Spark Connect."""
    sys.path.insert(0, str(TOOLS))
    from spark_cluster import Sizes, SparkCluster

    with SparkCluster(
        Sizes(workers=2, worker_cores=1, worker_memory="1g", driver_memory="1g"), folder=spill
    ) as cluster:
        yield cluster.address, [each.pid for each in cluster._started]


SERVERS: dict[str, Callable[[Path], AbstractContextManager[tuple[str, list[int]]]]] = {"sail": sail, "spark": spark}
