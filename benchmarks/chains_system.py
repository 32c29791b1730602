"""One measured run of an input–output system; prints one line of JSON.

``python chains_system.py foreland|pymrio DATA [OUT]``: flows, final use and value added → technical coefficients, the
Leontief inverse, output and value-added multipliers. ``python chains_system.py extraction DATA [OUT]`` (Foreland):
from the table as read to every sector's extraction in all four forms, the inverse among it.
``python chains_system.py naive DATA [OUT] [SECTORS]``: the system solved anew without each of the first sectors.

Runs in either environment, so it imports nothing that a peer's hasn't got. Reading is outside the timed call.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")


def peak_mb() -> float:
    """Peak resident memory of this process. Not ru_maxrss, which starts from the peak of the parent process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def foreland(frame: pd.DataFrame) -> Callable[[], dict[str, Any]]:
    from foreland.chains.input_output import InputOutput
    from foreland.chains.multipliers import multiplier

    table = arrays(frame)

    def call() -> dict[str, Any]:
        system = InputOutput(*table)
        found = {"A": system.coefficients, "L": system.leontief}
        found["output"] = multiplier(system, system.output).simple
        found["value_added"] = multiplier(system, system.value_added).simple
        return found

    return call


def pymrio(frame: pd.DataFrame) -> Callable[[], dict[str, Any]]:
    import pymrio

    names = [c for c in frame.columns if c.startswith("S")]
    index = pd.MultiIndex.from_product([["here"], names], names=["region", "sector"])
    Z = pd.DataFrame(frame[names].to_numpy(), index=index, columns=index)
    finals = [c for c in frame.columns if c.startswith("final")]
    users = pd.MultiIndex.from_product([["here"], finals], names=["region", "category"])
    Y = pd.DataFrame(frame[finals].to_numpy(), index=index, columns=users)
    F = pd.DataFrame(frame[["output", "value_added"]].to_numpy().T, index=["output", "value_added"], columns=index)

    def call() -> dict[str, Any]:
        x = pymrio.calc_x(Z, Y)
        A = pymrio.calc_A(Z, x)
        L = pymrio.calc_L(A)
        S = pymrio.calc_S(F, x)
        M = pymrio.calc_M(S, L)
        return {"A": A, "L": L, "output": M.loc["output"], "value_added": M.loc["value_added"]}

    return call


def extraction(frame: pd.DataFrame) -> Callable[[], dict[str, Any]]:
    from foreland.chains.extraction import extraction as extract
    from foreland.chains.input_output import InputOutput

    table = arrays(frame)
    return lambda: {"total": extract(InputOutput(*table)).total}


def naive(frame: pd.DataFrame, sectors: int) -> Callable[[], dict[str, Any]]:
    flows, output, final, _ = arrays(frame)

    def call() -> dict[str, Any]:
        A, f, lost = flows / output, final.sum(axis=1), []
        for k in range(sectors):
            rest = np.arange(len(output)) != k
            left = np.linalg.solve(np.eye(rest.sum()) - A[np.ix_(rest, rest)], f[rest])
            lost.append(output.sum() - left.sum())
        return {"total": np.array(lost)}

    return call


def arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    names = [c for c in frame.columns if c.startswith("S")]
    finals = [c for c in frame.columns if c.startswith("final")]
    cells = (frame[names], frame["output"], frame[finals], frame["value_added"])
    flows, output, final, added = (np.ascontiguousarray(part.to_numpy()) for part in cells)
    return flows, output, final, added


def main(who: str, data: str, out: str = "", sectors: str = "40") -> None:
    frame = pd.read_parquet(data)
    makers = {"foreland": foreland, "pymrio": pymrio, "extraction": extraction}
    call = naive(frame, int(sectors)) if who == "naive" else makers[who](frame)
    if who != "naive":
        call()  # BLAS and imports wake up in the first call
    times = []
    for _ in range(1 if who == "naive" else 3):
        cpu, wall = time.process_time(), time.perf_counter()
        found = call()
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
    cpu, wall = min(times)
    print(json.dumps({"cpu": cpu, "wall": wall, "process_cpu": time.process_time(), "peak_mb": peak_mb()}))
    if out:
        np.savez(out, **{name: np.asarray(value) for name, value in found.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
