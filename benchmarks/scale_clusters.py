"""Engines that the relational tasks run on: DuckDB in the process itself, Sail and Spark as servers of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


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
def started(engine: str, workspace: Path, memory_gb: float) -> Iterator[Cluster]:
    """A cluster for one workspace, ended afterwards."""
    if engine == "duckdb":
        yield Cluster(str(workspace))
        return
    raise SystemExit(f"no such engine: {engine}")
