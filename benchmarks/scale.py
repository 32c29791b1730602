"""From one million to a hundred million participations: SYNTHETIC works loaded and asked about under 4 GB.

usage: python benchmarks/scale.py [--participations N ...] [--engines duckdb,sail,spark] [--dir FOLDER] [--again]

Each size is made up (``scale_works.py``), loaded into a workspace, asked about (``scale_tasks.py``) and cleared away.
What was measured is kept in ``scale.json`` at once, so a run that was cut short goes on where it stopped; ``--again``
measures anew. The page of the documentation is written from it: ``python benchmarks/scale_page.py``.
Exits with 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

import scale_bars
import scale_clusters
import scale_measure
import scale_works

HERE = Path(__file__).parent
RESULTS = HERE / "scale.json"
SIZES = (1_000_000, 3_162_278, 10_000_000, 31_622_777, 100_000_000)
MEMORY_GB = 4
"""What a task may take, the process and its workers together."""
ENGINE_GB = 3.4
"""What DuckDB is given of it; Python, Arrow and what they hold of the result take the rest."""
SPARK = {"spark.sql.autoBroadcastJoinThreshold": "1MB"}
"""Spark takes a table's size for that of its compressed columns, and would send whole ones to every worker."""
SEED = 7
ALONE = ("load", "cube", "titles")
"""Tasks that run in this process on every engine, so they are measured on DuckDB only."""
ASKED = ("matrix", "regions", "institutions")


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Results:
    """What was measured, on disk after each task."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.all: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {"sizes": {}}
        self.all |= {"memory_gb": MEMORY_GB, "engine_gb": ENGINE_GB, "seed": SEED}

    def of(self, size: int) -> dict[str, Any]:
        found: dict[str, Any] = self.all["sizes"].setdefault(str(size), {"engines": {}})
        return found

    def put(self, size: int, engine: str, task: str, told: dict[str, Any]) -> None:
        told["machine"] = machine()
        self.of(size)["engines"].setdefault(engine, {})[task] = told
        self.save()

    def save(self) -> None:
        self.all["sizes"] = dict(sorted(self.all["sizes"].items(), key=lambda item: int(item[0])))
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text(json.dumps(self.all, indent=1) + "\n")
        os.replace(temporary, self.path)


def machine() -> str:
    """The machine and what ran on it, short enough for a table."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} × {platform.machine()}, {memory:.0f} GB, Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}"
    )


def run_size(size: int, engines: list[str], folder: Path, results: Results, again: bool) -> None:
    """Everything that has not been measured yet at one size."""
    told = results.of(size)["engines"]

    def missing(engine: str) -> list[str]:
        tasks = (*ALONE, *ASKED) if engine == "duckdb" else ASKED
        return [task for task in tasks if again or task not in told.get(engine, {})]

    if not any(map(missing, engines)):
        return say(f"{size:,}: all measured")
    works, workspace = folder / f"works-{size}", folder / f"workspace-{size}"
    try:
        if not (workspace / "manifest.json").is_file() or "load" in missing("duckdb"):
            make(size, works, results)
            shutil.rmtree(workspace, ignore_errors=True)
            loaded = load(works, workspace)
            if "load" in missing("duckdb"):  # and not only for the other engines' sake
                results.put(size, "duckdb", "load", loaded)
            shutil.rmtree(works, ignore_errors=True)
        for engine in engines:
            with scale_clusters.started(engine, workspace) as cluster:
                for task in missing(engine):
                    if task != "load":
                        results.put(size, engine, task, ask(task, engine, cluster, workspace))
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
    return None


def make(size: int, works: Path, results: Results) -> None:
    """Write the works."""
    say(f"{size:,} participations: {scale_works.works_of(size):,} works are made up")
    started, cpu = time.perf_counter(), time.process_time()
    number = scale_works.write(works, size, SEED)
    results.of(size)["made"] = {
        "works": number,
        "gz_mb": round(scale_measure.size_mb(works)),
        "wall": round(time.perf_counter() - started, 1),
        "cpu": round(time.process_time() - cpu, 1),
    }
    results.save()


def load(works: Path, workspace: Path) -> dict[str, Any]:
    """Load the works into a workspace of bounded memory."""
    from foreland.core.settings import Settings
    from foreland.data.workspace import open_workspace

    open_workspace(workspace, settings=Settings(memory_limit=f"{ENGINE_GB}GB", spark=SPARK))
    command = [str(HERE / "scale_tasks.py"), "load", str(workspace), str(works)]
    told = scale_measure.measured(command, [(workspace / "staging", "spill")])
    told["tables_mb"] = round(scale_measure.size_mb(workspace / "tables"))
    say_what("load", told)
    return told


def say_what(task: str, told: dict[str, Any]) -> None:
    say(
        f"  {task}: {told['wall']:,.1f} s, {told['cpu']:,.1f} CPU s, {told['peak_mb']:,} MB, "
        f"spill {told['spill_mb']:,} MB, {told['rows']:,} rows"
    )


def ask(task: str, engine: str, cluster: scale_clusters.Cluster, workspace: Path) -> dict[str, Any]:
    """Run a task on an engine."""
    command = [str(HERE / "scale_tasks.py"), task, cluster.address]
    spill = [(workspace / "staging", "spill"), *((folder, "") for folder in cluster.spill)]
    told = scale_measure.measured(command, spill, cluster.pids)
    say_what(f"{task} on {engine}", told)
    return told


@contextmanager
def workplace(given: Path | None) -> Iterator[Path]:
    """A folder for works and workspaces; removed at the end if it is one of ours."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    # Not /tmp, which is memory on some machines.
    with tempfile.TemporaryDirectory(prefix=".scale-", dir=HERE) as made:
        yield Path(made)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--participations", type=float, nargs="+", default=list(SIZES))
    parser.add_argument("--engines", default="duckdb", help="of duckdb, sail and spark, with commas")
    parser.add_argument("--dir", type=Path, help="where works and workspaces are put")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--again", action="store_true", help="measure what was measured before too")
    asked = parser.parse_args()
    engines = asked.engines.split(",")
    if unknown := set(engines) - {"duckdb", *scale_clusters.SERVERS}:
        parser.error(f"no such engine: {', '.join(unknown)}")
    results = Results(asked.results)
    with workplace(asked.dir) as folder:
        for size in asked.participations:
            run_size(round(size), engines, folder, results, asked.again)
    bars = scale_bars.bars(results.all)
    for bar in bars:
        print("ok  " if bar.met else "MISS", bar.text, "→", bar.measured)
    return int(not all(bar.met for bar in bars))


if __name__ == "__main__":
    raise SystemExit(main())
