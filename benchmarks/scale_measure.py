"""What a program takes while it runs: seconds, CPU, memory of it and its workers together, and what it spills."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

EVERY = 0.1
"""Seconds between looks at memory; the highest mark of the program itself is the kernel's."""


def family(pid: int) -> list[int]:
    """A process and those below it."""
    found = [pid]
    for each in found:
        with suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def resident_mb(pids: Iterable[int]) -> float:
    """Resident memory of processes together; what they share counts in each."""
    pages = 0
    for pid in pids:
        with suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU seconds of running processes and of their children that ended."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, after[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def size_mb(folder: Path, within: str = "") -> float:
    """What files take on the disk, all or those below folders of a name; what goes meanwhile is left out."""
    size = 0
    for place, _, names in os.walk(folder):
        if not within or within in Path(place).relative_to(folder).parts:
            for name in names:
                with suppress(OSError):
                    size += os.stat(os.path.join(place, name)).st_blocks * 512
    return size / 1e6


def measured(command: list[str], spill: Iterable[tuple[Path, str]], cluster: Iterable[int] = ()) -> dict[str, Any]:
    """Run a program that ends with a line of JSON.

    Parameters
    ----------
    command
        What is run with this Python.
    spill
        Folders that it spills into, each with the name of the folders in them that count; all where it is empty.
    cluster
        Processes of a cluster that works for it; their CPU and memory count with its own.

    Returns
    -------
    dict
        What the program says, and ``cpu`` and ``wall`` of the whole process, ``peak_mb``, ``spill_mb``.
    """
    before = cpu_seconds(pid for each in cluster for pid in family(each))
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    peak = spilled = 0.0
    looked = 0.0
    try:
        while process.poll() is None:
            peak = max(peak, resident_mb(pid for each in (process.pid, *cluster) for pid in family(each)))
            if time.perf_counter() - looked > 10 * EVERY:
                spilled = max(spilled, sum(size_mb(folder, within) for folder, within in spill))
                looked = time.perf_counter()
            time.sleep(EVERY)
    except BaseException:
        # Its folders are about to be removed.
        process.kill()
        process.wait()
        raise
    wall = time.perf_counter() - started
    told = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    found: dict[str, Any] = json.loads(told.strip().splitlines()[-1])
    found["cpu"] += cpu_seconds(pid for each in cluster for pid in family(each)) - before
    return {
        **found,
        "process_wall": round(wall, 2),
        "cpu": round(found["cpu"], 2),
        "peak_mb": round(max(peak, found["peak_mb"])),
        "spill_mb": round(spilled),
    }
