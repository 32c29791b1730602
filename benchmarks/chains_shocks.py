"""Losses of capacity day by day against BoARIO: seconds a step, and whether both lose the same; used by run.py."""

from __future__ import annotations

import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from chains_data import table

HERE = Path(__file__).parent
# BoARIO names no dependencies; these are what it imports.
PEER = ("boario==0.7.2", "pymrio==0.7.0", "pandas==2.3.3", "country_converter", "dask", "progressbar2")
SECTORS = 1302
STEPS = 40  # of the large table, timed

Result = dict[str, float]
Run = Callable[..., Result]
Bar = Callable[[str, bool, str], None]


def peer() -> Path:
    """BoARIO's own environment, made once: it is older than the other peers' pandas."""
    home = HERE / ".peers" / "boario"
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEER], check=True)
        (home / "complete").touch()
    return python


def measure(run: Run, folder: str, bar: Bar, china: Path | None = None) -> list[str]:
    """Measured runs in processes of their own: bars are told, lines of the table come back.

    Parameters
    ----------
    run
        ``run(python, script, *arguments)`` of run.py.
    folder
        For the tables.
    bar
        ``bar(text, met, measured)`` of run.py.
    china
        The table of China 2018 with 153 sectors, where it is there; else a SYNTHETIC one of that size.
    """
    python = peer()
    large, small = f"{folder}/shock_large.npz", f"{folder}/shock_small.npz"
    flows, _, final, added = table(SECTORS)
    write(large, flows, final.sum(axis=1), added)
    if china is None:
        flows, _, final, added = table(153)
        write(small, flows, final.sum(axis=1), added)
    else:
        write(small, *china_2018(china))

    def both(data: str, steps: int, inventory: int, restoration: int) -> tuple[Result, Result, float]:
        arguments = [str(steps), str(inventory), str(restoration)]
        mine, theirs = f"{folder}/mine.npy", f"{folder}/boario.npy"
        # In turns, so that neither has the machine to itself; the best of each.
        runs = [
            (
                run(sys.executable, "chains_shock_run.py", "foreland", data, mine, *arguments),
                run(python, "chains_shock_run.py", "boario", data, theirs, *arguments),
            )
            for _ in range(2)
        ]
        ours, boario = (min(part, key=lambda r: r["cpu"]) for part in zip(*runs, strict=True))
        added = np.load(data)["value_added"]
        losses = [float(((1 - np.load(made)) @ added).sum()) for made in (mine, theirs)]
        return ours, boario, abs(losses[0] / losses[1] - 1)

    ours, boario, apart = both(large, STEPS, 90, 60)
    a_step, theirs = ours["cpu"] / STEPS, boario["cpu"] / STEPS
    text = f"a step of a shock in {SECTORS:,} sectors: at most 0.03 CPU seconds"
    bar(text, a_step <= 0.03, f"{a_step:.4f} s (BoARIO {theirs:.3f} s, {theirs / a_step:.0f}×)")
    apart_short = both(small, 365, 15, 10)[2]
    apart_usual = both(small, 365, 90, 60)[2]
    worst = max(apart, apart_short, apart_usual)
    name = "SYNTHETIC" if china is None else "China 2018"
    bar(f"value added lost as in BoARIO to 1 % (also {name}, 153 sectors, a year)", worst < 0.01, f"{worst:.1e}")
    seconds = web(small)
    text = "a year's simulation of 153 sectors with a band of eight more: less than 1 s"
    bar(text, seconds < 1, f"{seconds:.2f} s")
    lines = [(f"{SECTORS:,} sectors: {STEPS} days after a loss", "**foreland**", ours), ("", "BoARIO 0.7.2", boario)]
    return [
        f"| {task} | {who} | {r['cpu']:.2f} | {r['wall']:.2f} | {r['process_cpu']:.2f} | {r['peak_mb']:,.0f} |"
        for task, who, r in lines
    ]


def write(path: str, flows: np.ndarray, final: np.ndarray, added: np.ndarray) -> None:
    """A closed table, and 30 % of the capacity of three sectors among the larger."""
    output = flows.sum(axis=1) + final
    loss = np.zeros(len(output))
    loss[np.argsort(-output)[[1, 10, 40]]] = 0.3
    np.savez(path, flows=flows, final=final, value_added=added, loss=loss)


def china_2018(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Home uses by import proportionality; what imports and stocks add to inputs counts as value added."""
    import pandas as pd

    cells = pd.read_csv(path, dtype={"Code": str}).set_index("Code")
    codes = [code for code in cells.index if code.isdigit()]
    flows = cells.loc[codes, codes].to_numpy(float)
    output = cells.loc[codes, "GO"].to_numpy(float)
    uses = ["FU101", "FU102", "FU103", "FU201", "FU202", "EX"]
    final = cells.loc[codes, uses].to_numpy(float).clip(min=0).sum(axis=1)
    home = np.minimum(output / (flows.sum(axis=1) + final), 1.0)
    flows *= home[:, None]
    return flows, output - flows.sum(axis=1), output - flows.sum(axis=0)


def web(data: str) -> float:
    """Seconds of what a page asks for, after a first call that loads the code."""
    from foreland.chains.ario import Shock
    from foreland.chains.bands import simulate_band
    from foreland.chains.input_output import InputOutput

    arrays = np.load(data)
    output = arrays["flows"].sum(axis=1) + arrays["final"]
    system = InputOutput(arrays["flows"], output, arrays["final"][:, None], arrays["value_added"])
    shock = Shock(arrays["loss"], 30, "linear", 30)
    simulate_band(system, shock, steps=2)
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        simulate_band(system, shock, steps=365)
        best = min(best, time.perf_counter() - start)
    return best
