"""One measured run of Foreland; prints one line of JSON. ``python ours.py DATA [--as-peers] [--save OUT]``."""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
import pyarrow.feather as feather
import pyarrow.parquet as pq

from foreland.capability.pipeline import Columns, Settings, findings


def peak_mb() -> float:
    """Peak resident memory of this process. Not ru_maxrss, which starts from the peak of the parent process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--as-peers", action="store_true", help="float64 and the definitions of ecomplexity")
    parser.add_argument("--save")
    options = parser.parse_args()
    table = feather.read_table(f"{options.data}.arrow", memory_map=False)
    settings = Settings()
    if options.as_peers:
        settings = Settings(diagonal="one", gain="stata", centre="ubiquity", dtype=np.float64)
    cpu, wall = time.process_time(), time.perf_counter()
    found = findings(table, Columns(period="period"), settings)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(
        json.dumps(
            {
                "cpu": cpu,
                "wall": wall,
                "process_cpu": time.process_time(),
                "peak_mb": peak_mb(),
                "rows": found.cells.num_rows if found.cells else 0,
            }
        )
    )
    if options.save:
        for name in ("regions", "fields", "cells"):
            pq.write_table(getattr(found, name), f"{options.save}.{name}.parquet")


if __name__ == "__main__":
    main()
