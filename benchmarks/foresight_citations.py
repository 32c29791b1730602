"""Main paths against pyBibX and the CD index against cdindex, on SYNTHETIC citations; used by run.py."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
# pyBibX asks for language models; its main paths need none of them.
PEER = ("cdindex==1.0.20", "chardet", "networkx", "numpy", "pandas==2.3.3", "Pillow", "numba", "scipy", "scikit-learn")
PYBIBX = "pybibx==5.9.5"
NEEDED = 17_000
"""Free megabytes that pyBibX takes at 20,000 documents and 100,000 citations; with less, half of both are compared."""

Result = dict[str, float]
Run = Callable[..., Result]
Bar = Callable[[str, bool, str], None]


def peer() -> Path:
    """The peers' own environment, made once."""
    home = HERE / ".peers" / "citations"
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEER], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", PYBIBX], check=True)
        (home / "complete").touch()
    return python


def citations(path: str, documents: int, links: int, seed: int = 3) -> None:
    """Documents over 30 years, each citing earlier years, the younger and the lower numbers more often."""
    rng = np.random.default_rng(seed)
    year = 1990 + np.arange(documents) * 30 // documents
    citing = rng.integers(0, documents, links * 2)
    cited = (citing * rng.random(links * 2) ** 0.8).astype(np.int64)
    earlier = year[cited] < year[citing]
    pairs = np.unique(citing[earlier] * documents + cited[earlier])
    pairs = np.sort(rng.choice(pairs, min(links, pairs.size), replace=False))
    np.savez(path, citing=pairs // documents, cited=pairs % documents, year=year)


def free_megabytes() -> float:
    """Memory that is free; none where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable"))


def measure(run: Run, folder: str, bar: Bar) -> list[str]:
    """Measured runs in processes of their own: bars are told, lines of the table come back."""
    python = peer()
    lines: list[tuple[str, str, Result]] = []

    def measured(who: str, task: str, data: str) -> tuple[Result, np.ndarray]:
        out = f"{folder}/{who}.npy"
        result = run(
            sys.executable if who == "foreland" else python, "foresight_citations_run.py", who, task, data, out
        )
        return result, np.load(out)

    size, links = (20_000, 100_000) if free_megabytes() > NEEDED else (10_000, 50_000)
    data = f"{folder}/paths.npz"
    citations(data, size, links)
    mine, weights = measured("foreland", "path", data)
    theirs, known = measured("pybibx", "path", data)
    text = f"main paths, {size:,} documents, {links:,} citations"
    lines += [(text, "**foreland**", mine), ("", PYBIBX.replace("==", " "), theirs)]
    got = f"{mine['cpu']:.2f} s, {mine['peak_mb']:,.0f} MB (pyBibX {theirs['cpu']:.0f} s, {theirs['peak_mb']:,.0f} MB)"
    bar(f"{text}: less time and memory than pyBibX", mine["cpu"] < theirs["cpu"] / 10, got)
    apart = float(np.abs(weights - known).max()) if weights.size == known.size else np.inf
    bar("SPC of every citation as pyBibX has it, where floating point holds it: to 1e-9", apart < 1e-9, f"{apart:.1e}")
    data = f"{folder}/million.npz"
    citations(data, 100_000, 1_000_000)
    mine, _ = measured("foreland", "path", data)
    text = "main paths, 100,000 documents, 1,000,000 citations"
    lines.append((text, "**foreland**", mine))
    got = f"{mine['cpu']:.2f} s, {mine['peak_mb']:,.0f} MB"
    bar(f"{text}: less than 10 s and 1 GB", mine["cpu"] < 10 and mine["peak_mb"] < 1024, got)
    # In turns, so that neither has the machine to itself; the best of each.
    runs = [(measured("foreland", "disruption", data), measured("cdindex", "disruption", data)) for _ in range(2)]
    (mine, own), (theirs, known) = (min(part, key=lambda r: r[0]["cpu"]) for part in zip(*runs, strict=True))
    text = "CD5 of 100,000 documents, 1,000,000 citations"
    lines += [(text, "**foreland**", mine), ("", PEER[0].replace("==", " "), theirs)]
    got = f"{mine['cpu']:.2f} s (cdindex {theirs['cpu']:.2f} s, and {theirs['built']:.1f} s for its graph)"
    bar(f"{text}: within the time of cdindex", mine["cpu"] <= theirs["cpu"], got)
    arrays = np.load(data)
    refers = np.bincount(arrays["citing"], minlength=own.size) > 0
    same = np.array_equal(own[refers], known[refers], equal_nan=True) and np.isnan(own[~refers]).all()
    invented = int((known[~refers] == 1).sum())
    got = f"{int(refers.sum()):,} equal; cdindex has 1.0 for {invented:,} of {int((~refers).sum()):,} without"
    bar("equal to cdindex where there are references, none where there are not", bool(same), got)
    return [
        f"| {task} | {who} | {r['cpu']:.2f} | {r['wall']:.2f} | {r['process_cpu']:.2f} | {r['peak_mb']:,.0f} |"
        for task, who, r in lines
    ]
