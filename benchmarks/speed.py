"""What people wait for: an answer on the command line, the first page, pages with twenty readers at once.

``python benchmarks/speed.py`` writes ``benchmarks/SPEED.md``; ``--quick`` measures a million rows only and writes
nothing. The figures are SYNTHETIC (``speed_data.py``). Servers listen on loopback; every run is bounded in requests
and time. Exits with 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import speed_client
import speed_data
from speed_client import Heard, get

HERE = Path(__file__).parent
PLACE = "own:R0001"
ASKED = ("capability.specialisation", "--region", PLACE)
PAGES = [
    "/",
    f"/region/{PLACE}",
    f"/capability/specialisation?region={PLACE}",
    "/capability/complexity",
    f"/capability/opportunities?region={PLACE}",
    f"/capability/similar?region={PLACE}",
    f"/capability/growth?region={PLACE}",
    "/capability/concentration",
    "/capability/relatedness",
    "/foresight/life_cycle",
]
READERS, ROUNDS, MOST_SECONDS = 20, 10, 60.0
STARTS, QUIET, PATIENCE = 5, 3.0, 300.0
"""Processes started for an answer; seconds without work after which a server has warmed up; most seconds to wait."""


@dataclass
class Measured:
    """What was measured over a workspace."""

    rows: int
    disk_mb: float
    first_ask: float
    asks: list[float]
    ask_cpu: float
    again: float
    first_page: float = 0.0
    first: dict[str, float] = field(default_factory=dict)
    other: list[float] = field(default_factory=list)
    one: Heard = field(default_factory=Heard)
    twenty: Heard = field(default_factory=Heard)
    server_mb: float = 0.0
    server_peak_mb: float = 0.0


def ask(workspace: Path) -> tuple[float, float]:
    """Wall and CPU seconds of one question in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "foreland.cli", "ask", *ASKED, "--workspace", str(workspace)],
        check=True,
        capture_output=True,
    )
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


AGAIN = """
import sys, time
from foreland.data.workspace import open_workspace
ws = open_workspace(sys.argv[1])
ws.ask("capability.specialisation", region=sys.argv[2])
began = time.perf_counter()
for _ in range(5):
    ws.ask("capability.specialisation", region=sys.argv[2])
print((time.perf_counter() - began) / 5)
"""


def again(workspace: Path) -> float:
    """Seconds of a question asked again in an open session."""
    told = subprocess.run([sys.executable, "-c", AGAIN, workspace, PLACE], check=True, capture_output=True, text=True)
    return float(told.stdout)


@contextmanager
def server(workspace: Path) -> Iterator[tuple[int, int]]:
    """The dashboard over a workspace: its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "foreland.cli", "serve", "--workspace", str(workspace), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port, process.pid
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def first_page(port: int, pid: int) -> None:
    """Wait for the first page of a server that is starting."""
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        try:
            get(port, "/")
            return
        except OSError:
            os.kill(pid, 0)
            time.sleep(0.02)
    raise SystemExit("the server did not answer")


def memory_mb(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith(name))


def wait_until_quiet(pid: int) -> None:
    """Wait until the server has asked every question once, as it does after its start."""

    def worked() -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    until, before, since = time.perf_counter() + PATIENCE, worked(), time.perf_counter()
    while time.perf_counter() < until and time.perf_counter() - since < QUIET:
        time.sleep(0.25)
        if (now := worked()) > before + 5:
            before, since = now, time.perf_counter()


def measure(rows: int, folder: Path) -> Measured:
    """Everything over so many rows."""
    workspace = folder / f"speed-{rows}"
    held = speed_data.write_workspace(workspace, *speed_data.SIZES[rows])
    disk = sum(file.stat().st_size for file in workspace.rglob("*") if file.is_file()) / 1e6
    told(f"{held:,} rows, {disk:.0f} MB")
    first, _ = ask(workspace)
    runs = [ask(workspace) for _ in range(STARTS)]
    found = Measured(held, disk, first, [wall for wall, _ in runs], min(cpu for _, cpu in runs), again(workspace))
    told(f"first ask {first:.1f} s, then {min(found.asks):.2f} s, again in the session {found.again:.3f} s")
    shutil.rmtree(workspace / "kept", ignore_errors=True)
    began = time.perf_counter()
    with server(workspace) as (port, pid):
        first_page(port, pid)
        found.first_page = time.perf_counter() - began
        told(f"first page after {found.first_page:.1f} s")
        for page in PAGES:
            found.first[page], status, _ = get(port, page)
            told(f"first {found.first[page]:7.2f} s  {page}  {status}")
        wait_until_quiet(pid)
        for page in PAGES:  # what the start page left to be asked for stands ready now
            get(port, page)
        asked = [page for page in PAGES if page.count("/") > 1 and "region/" not in page]
        found.other = [get(port, f"{page}{'&' if '?' in page else '?'}view=table")[0] for page in asked]
        found.one = speed_client.read(port, PAGES, 1, ROUNDS, MOST_SECONDS)
        found.twenty = speed_client.read(port, PAGES, READERS, ROUNDS, MOST_SECONDS)
        found.server_mb, found.server_peak_mb = memory_mb(pid, "VmRSS"), memory_mb(pid, "VmHWM")
    told(f"20 readers: p95 {1000 * found.twenty.quantile(0.95):.0f} ms, {len(found.twenty.errors)} errors")
    shutil.rmtree(workspace)
    return found


def told(text: str) -> None:
    print(text, flush=True)


def bars(measured: list[Measured]) -> list[tuple[str, bool, str]]:
    """What was promised, whether it was kept, and what was measured."""
    found = []
    for each in measured:
        size = f"{each.rows:,} rows"
        wall, cold = float(np.median(each.asks)), min(each.asks)
        got = f"{wall:.2f} s (best {cold:.2f} s, {each.ask_cpu:.2f} CPU s)"
        if each.rows < 10_000_000:
            found.append((f"{size}: `foreland ask` in a new process: less than 1.5 s", wall < 1.5, got))
        p95 = each.twenty.quantile(0.95)
        found.append(
            (f"{size}: warm pages with {READERS} readers: p95 less than 300 ms", p95 < 0.3, f"{1000 * p95:.0f} ms")
        )
        errors = len(each.twenty.errors) + len(each.one.errors)
        got = f"{errors} in {each.twenty.count + each.one.count:,} pages"
        found.append((f"{size}: no errors", not errors, got))
    return found


def report(measured: list[Measured], promised: list[tuple[str, bool, str]]) -> str:
    machine = f"{os.cpu_count()} × {platform.machine()}, Python {platform.python_version()}, {platform.system()}"
    load = os.getloadavg()[1]
    head = ["what", *(f"{each.rows:,} rows" for each in measured)]

    def line(what: str, *cells: str) -> str:
        return f"| {what} | " + " | ".join(cells) + " |"

    def ms(seconds: float) -> str:
        return f"{1000 * seconds:,.0f}" if seconds >= 0.01 else f"{1000 * seconds:,.1f}"

    lines = [
        "# Speed",
        "",
        "Written by `python benchmarks/speed.py`; do not edit. The figures are **SYNTHETIC** (`speed_data.py`): one",
        "source of places × fields × 3 indicators × 11 years, drawn from a seed. One server process, one process of",
        "readers, on the loopback of the same machine; readers take one page after the other without a pause.",
        "",
        f"Machine: {machine}; load average over five minutes at the end {load:.1f}.",
        "",
        line(*head),
        "|---|" + "--:|" * len(measured),
        line("on disk, MB", *(f"{each.disk_mb:,.0f}" for each in measured)),
        line("`foreland ask` right after the load, s", *(f"{each.first_ask:.1f}" for each in measured)),
        line(
            f"`foreland ask` in a new process, s: median of {STARTS} (best)",
            *(f"{np.median(each.asks):.2f} ({min(each.asks):.2f})" for each in measured),
        ),
        line("the same, CPU s", *(f"{each.ask_cpu:.2f}" for each in measured)),
        line("`ws.ask` again in an open session, ms", *(ms(each.again) for each in measured)),
        line("`foreland serve` until the first page is there, s", *(f"{each.first_page:.1f}" for each in measured)),
        line(
            "a page drawn anew from an answer that stands ready, ms: median (most)",
            *(f"{ms(float(np.median(each.other)))} ({ms(max(each.other))})" for each in measured),
        ),
        line("memory of the server, MB: at the end (peak)",
             *(f"{each.server_mb:,.0f} ({each.server_peak_mb:,.0f})" for each in measured)),
        line(f"pages a second with {READERS} readers",
             *(f"{each.twenty.count / each.twenty.wall:,.0f}" for each in measured)),
        "",
        "Pages. The first time, while the server still asks every question once after its start, each waits for its",
        "answer; then milliseconds, p50 / p95, with one reader and with twenty.",
        "",
        line("page", *(f"{each.rows:,}: first, s | one | twenty" for each in measured)),
        "|---|" + "--:|--:|--:|" * len(measured),
    ]  # fmt: skip
    for page in (*PAGES, None):
        cells = []
        for each in measured:
            cells.append("" if page is None else f"{each.first[page]:.2f}")
            cells += [
                f"{ms(heard.quantile(0.5, page))} / {ms(heard.quantile(0.95, page))}"
                for heard in (each.one, each.twenty)
            ]
        lines.append(line(f"`{page}`" if page else "all", *cells))
    lines += ["", "| bar | met | measured |", "|---|---|---|"]
    lines += [line(text, "yes" if met else "**no**", got) for text, met, got in promised]
    return "\n".join([*lines, ""])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a million rows only, and no report")
    parser.add_argument("--folder", type=Path, help="where the workspaces are made, and removed again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        sizes = list(speed_data.SIZES)[: 1 if options.quick else None]
        measured = [measure(rows, Path(folder)) for rows in sizes]
    promised = bars(measured)
    for text, met, got in promised:
        told(f"{'ok  ' if met else 'MISS'} {text} → {got}")
    if not options.quick:
        (HERE / "SPEED.md").write_text(report(measured, promised), encoding="utf-8")
    return 0 if all(met for _, met, _ in promised) else 1


if __name__ == "__main__":
    sys.exit(main())
