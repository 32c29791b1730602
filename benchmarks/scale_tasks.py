"""One task of ``scale.py`` in a process of its own; ends with a line of JSON.

usage: python benchmarks/scale_tasks.py TASK WORKSPACE [WORKS]

What is asked of tables is written once and runs on whatever engine the workspace's address names.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from foreland.core.scope import Scope
from foreland.data.workspace import Workspace, open_workspace

TITLES = 50_000
"""Titles that are tagged at a time."""


def load(ws: Workspace, works: str) -> dict[str, Any]:
    """Load a folder of works."""
    from foreland.data.records.land import load_records

    shown = [-1]

    def tell(stage: str, share: float) -> None:
        if int(20 * share) > shown[0]:
            shown[0] = int(20 * share)
            print(f"\r  load: {stage} {5 * shown[0]} %  ", end="", file=sys.stderr, flush=True)

    report = load_records(ws, works, layout="openalex", progress=tell)
    print(file=sys.stderr)
    return {"rows": sum(report.rows.values()), "tables": report.rows, "duplicates": report.duplicates}


def cube(ws: Workspace, works: str) -> dict[str, Any]:
    """Region × field × year from the yearly figures that the load counted: what questions read."""
    from foreland.data.cube import read_cube

    found = read_cube(ws, Scope(level="country", scheme="openalex_field", indicator="papers_fractional"))
    return {"rows": int(found.values.size), "total": float(found.values.sum()), "shape": found.values.shape}


def matrix(ws: Workspace, works: str) -> dict[str, Any]:
    """Region × subfield × year from participations and what documents are filed under."""
    from foreland.data.records.relations import places_by_field

    tables = (ws.table(name) for name in ("participation", "link", "field"))
    return _fetched(ws, places_by_field(*tables))


def regions(ws: Workspace, works: str) -> dict[str, Any]:
    """Pairs of regions by year."""
    from foreland.data.records.relations import together

    return _fetched(ws, together(ws.table("participation"), ws.table("document")))


def institutions(ws: Workspace, works: str) -> dict[str, Any]:
    """Pairs of institutions by year; they are many, so only those of ten documents or more are brought back."""
    from foreland.data.records.relations import together

    pairs = together(ws.table("participation"), ws.table("document"), "actor_id")
    return _fetched(ws, pairs.filter(pairs.documents >= 10))


def titles(ws: Workspace, works: str) -> dict[str, Any]:
    """Fields that titles speak of, by year, some thousand titles at a time, on one core."""
    from foreland.data.files import batches
    from foreland.data.taxonomy.tagger import Tagger

    tagger = Tagger()
    found: Counter[tuple[str, str]] = Counter()
    read = size = 0
    for file in ws.files("document"):
        for batch in batches(file, TITLES, ["title", "date"]):
            read += batch.num_rows
            for title, date in zip(batch["title"].to_pylist(), batch["date"].to_pylist(), strict=True):
                size += len(title.encode())
                for field in tagger.count(title):
                    found[field, date[:4]] += 1
    return {"rows": len(found), "total": found.total(), "titles": read, "mb": round(size / 1e6, 1)}


def _fetched(ws: Workspace, expression: Any) -> dict[str, Any]:
    """The rows of pairs or cells brought here, and their sums, which are the same on every engine."""
    import pyarrow.compute as pc

    table = ws.to_arrow(expression)
    fraction = round(pc.sum(table["fraction"]).as_py() or 0, 6)
    return {"rows": table.num_rows, "total": pc.sum(table["documents"]).as_py(), "fraction": fraction}


TASKS: dict[str, Callable[[Workspace, str], dict[str, Any]]] = {
    task.__name__: task for task in (load, cube, matrix, regions, institutions, titles)
}


def peak_mb() -> float:
    """Peak memory of this process. Not ``ru_maxrss``: a process inherits that of the one that started it."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))


def cpu_seconds() -> float:
    """CPU seconds of this process and of its workers that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    """Run one task."""
    task, address, works = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
    ws = open_workspace(address if "://" in address else Path(address))
    ws.to_arrow(ws.table("source"))  # what is imported and connected once is not of the task
    started, cpu = time.perf_counter(), cpu_seconds()
    found = TASKS[task](ws, works)
    told = {"wall": round(time.perf_counter() - started, 2), "cpu": cpu_seconds() - cpu, "peak_mb": peak_mb()}
    print(json.dumps({**found, **told}), flush=True)
    os._exit(0)  # a session of Spark may take long to say good-bye


if __name__ == "__main__":
    main()
