"""Loading: time and memory of observation rows from CSV. The rows are SYNTHETIC, drawn from a seed.

Run ``python benchmarks/load.py [ROWS]``; 10 million rows by default, 80 million make a file of 2 GB.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REGIONS, PRODUCTS = 3000, 1000


def write_synthetic(path: Path, rows: int) -> None:
    """Write SYNTHETIC observations ``region,product,year,value``: keys in order, values hashed from the row."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'R' || lpad((i % {REGIONS})::VARCHAR, 4, '0') AS region, "
            f"'F' || lpad((i // {REGIONS} % {PRODUCTS})::VARCHAR, 4, '0') AS product, "
            f"1990 + i // {REGIONS * PRODUCTS} AS year, "
            "round((hash(i) % 10000019)::DOUBLE / 100, 2) AS value "
            f"FROM range({rows}) t(i)) TO '{path}' (HEADER, PRESERVE_ORDER true)"
        )


def peak_mb() -> int:
    """Peak memory of this process. Not ``ru_maxrss``: a process inherits that of the one that started it."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


def load_once(workspace: Path, path: Path) -> dict[str, float]:
    """Load the file into a new workspace; seconds and peak memory of this process."""
    from foreland.data.load import load
    from foreland.data.mapping import Mapping
    from foreland.data.workspace import open_workspace

    mapping = Mapping.from_options(
        ["region=region", "field=product", "period=year", "value=value"],
        scheme="synthetic",
        regions="own",
        indicator="x",
        unit="USD",
    )
    ws = open_workspace(workspace)
    started = time.perf_counter()
    report = load(ws, path, mapping=mapping)
    return {
        "rows": report.rows["observation"],
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(time.process_time(), 1),
        "peak_mb": peak_mb(),
        "file_mb": path.stat().st_size // 1_000_000,
    }


def main() -> None:
    """Write the file, load it in a process of its own, print what it took."""
    if len(sys.argv) == 4 and sys.argv[1] == "--child":
        print(json.dumps(load_once(Path(sys.argv[2]), Path(sys.argv[3]))))
        return
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "synthetic.csv"
        write_synthetic(path, rows)
        child = [sys.executable, __file__, "--child", str(Path(folder) / "workspace"), str(path)]
        print(subprocess.run(child, check=True, capture_output=True, text=True).stdout.strip())


if __name__ == "__main__":
    main()
