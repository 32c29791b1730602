"""One measured run of a peer, in its own environment; prints one line of JSON. ``python peer.py NAME DATA [OUT]``."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import time
import warnings

import pandas as pd

warnings.simplefilter("ignore")


def peak_mb() -> float:
    """Peak resident memory of this process. Not ru_maxrss, which starts from the peak of the parent process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main(name: str, data: str, out: str | None = None) -> None:
    frame = pd.read_parquet(data)
    package = importlib.import_module("econcomplex.pipeline" if name == "econcomplex" else name)
    cpu, wall = time.process_time(), time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        if name == "ecomplexity":
            # Its sampling check of log-supermodularity is not part of the task, so it is switched off.
            result = package.ecomplexity(
                frame,
                {"time": "period", "loc": "region", "prod": "field", "val": "value"},
                check_logsupermodularity=False,
                verbose=False,
            )
        else:
            result = package.compute_complexity(
                frame, {"time": "period", "loc": "region", "act": "field", "val": "value"}
            )
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(
        json.dumps(
            {
                "cpu": cpu,
                "wall": wall,
                "process_cpu": time.process_time(),
                "peak_mb": peak_mb(),
                "rows": len(result),
            }
        )
    )
    if out:
        result.to_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
