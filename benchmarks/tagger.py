"""How fast the tagger reads: megabytes of UTF-8 a second on one core.

usage: python benchmarks/tagger.py [SHARED_FOLDER]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pandas as pd

from foreland.data.taxonomy.tagger import Tagger

REPEATS = 20


def main(shared: Path) -> None:
    """Read the provincial work reports of 2026 `REPEATS` times with each verb."""
    texts = pd.read_parquet(shared / "data/cn_work_reports_2026/gwr_provincial_2026.parquet")["text"].tolist()
    texts *= REPEATS
    size = sum(len(text.encode()) for text in texts) / 1e6
    start = time.perf_counter()
    tagger = Tagger()
    print(f"build  {time.perf_counter() - start:.3f} s")
    for name, verb in (("tag", tagger.tag), ("count", tagger.count)):
        start = time.perf_counter()
        found = sum(len(verb(text)) for text in texts)
        elapsed = time.perf_counter() - start
        print(f"{name:5s}  {size:.1f} MB in {elapsed:.2f} s: {size / elapsed:.1f} MB/s ({found} found)")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared")
