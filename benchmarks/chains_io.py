"""Input–output systems against pymrio, and hypothetical extraction against solving anew; used by run.py."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SECTORS = 1302
NAIVE = 20  # of so many sectors; the rest takes as long each

Result = dict[str, float]
Run = Callable[..., Result]
Bar = Callable[[str, bool, str], None]


def measure(run: Run, peer: Path, folder: str, bar: Bar) -> list[str]:
    """Measured runs in processes of their own: bars are told, lines of the table come back.

    Parameters
    ----------
    run
        ``run(python, script, *arguments)`` of run.py.
    peer
        Python of the peers' environment.
    folder
        For the data, which is SYNTHETIC.
    bar
        ``bar(text, met, measured)`` of run.py.
    """
    data = f"{folder}/chains.parquet"
    subprocess.run([sys.executable, str(HERE / "chains_data.py"), data, str(SECTORS)], check=True)
    # In turns, so that neither has the machine to itself; the best of each.
    mine, theirs = [], []
    for _ in range(3):
        mine.append(run(sys.executable, "chains_system.py", "foreland", data, f"{folder}/ours.npz"))
        theirs.append(run(peer, "chains_system.py", "pymrio", data, f"{folder}/pymrio.npz"))
    ours, pymrio = (min(runs, key=lambda r: r["cpu"]) for runs in (mine, theirs))
    ratio = ours["cpu"] / pymrio["cpu"]
    apart = difference(f"{folder}/ours.npz", f"{folder}/pymrio.npz")
    bar(
        f"A, L and multipliers of {SECTORS:,} sectors: no more CPU than pymrio",
        ratio <= 1,
        f"{ratio:.2f}× ({ours['cpu']:.2f} and {pymrio['cpu']:.2f} s)",
    )
    bar("equal to pymrio to 1e-10, relative", apart < 1e-10, f"{apart:.1e}")
    extracted = run(sys.executable, "chains_system.py", "extraction", data, f"{folder}/extraction.npz")
    naive = run(sys.executable, "chains_system.py", "naive", data, f"{folder}/naive.npz", str(NAIVE))
    whole = naive["wall"] / NAIVE * SECTORS
    got = f"{extracted['wall']:.2f} s (solving anew {whole:,.0f} s, from {NAIVE} sectors)"
    text = f"extraction of each of {SECTORS:,} sectors, inverse among it: less than 1 s"
    bar(text, extracted["wall"] < 1, got)
    apart = difference(f"{folder}/naive.npz", f"{folder}/extraction.npz")
    bar("equal to solving anew to 1e-10, relative", apart < 1e-10, f"{apart:.1e}")
    lines = [
        (f"{SECTORS:,} sectors: A, L, multipliers", "**foreland**", ours),
        ("", "pymrio", pymrio),
        ("the same: extraction of every sector", "**foreland**", extracted),
        (f"extraction of {NAIVE} of them, solved anew", "numpy", naive),
    ]
    return [
        f"| {task} | {who} | {r['cpu']:.2f} | {r['wall']:.2f} | {r['process_cpu']:.2f} | {r['peak_mb']:,.0f} |"
        for task, who, r in lines
    ]


def difference(one: str, two: str) -> float:
    """Largest difference, relative to the largest value of each result; the first rows where one has fewer."""
    first, second = np.load(one), np.load(two)
    worst = 0.0
    for name in first.files:
        a, b = first[name], second[name]
        b = b[: len(a)]
        worst = max(worst, float(np.abs(a - b).max() / np.abs(b).max()))
    return worst
