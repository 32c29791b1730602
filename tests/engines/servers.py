"""Spark Connect servers that a test may kill: Sail of its own, or a cluster of its own where there is Spark itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_cluster import SparkCluster

SERVER = os.environ.get("FORELAND_SPARK_SERVER", "")
"""Another server than Sail, ``host:port``; ``make test-spark`` names a real cluster."""
SAIL = Path(__file__).parents[2] / "tools" / "sail.py"


class Sail:
    """One process, the same port each time it is started."""

    def __init__(self) -> None:
        self.address = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        port = self.address.rpartition(":")[2] or "0"
        self._process = subprocess.Popen(
            [sys.executable, str(SAIL), port], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        assert self.address, "Sail did not start"

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def workers(self) -> list[int]:
        """Processes that work on a job."""
        assert self._process is not None
        return [self._process.pid]


class Cluster:
    """The Spark Connect server of a cluster of two workers."""

    def __init__(self, cluster: SparkCluster) -> None:
        self.cluster = cluster
        self.address = cluster.address

    def start(self) -> None:
        self.cluster.start_connect()

    def kill(self) -> None:
        self.cluster.connect.kill()

    def runs(self) -> bool:
        return self.cluster.connect.process.poll() is None

    def workers(self) -> list[int]:
        return list(self.cluster.executors())


def processor_seconds(processes: list[int]) -> float:
    """What processes have worked so far."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
