"""How fast the tagger reads: megabytes of UTF-8 a second on one core.

usage: python benchmarks/tagger.py SHARED_FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas as pd

from foreland.data.taxonomy.tagger import Tagger

REPEATS = 20


def main(shared: Path) -> None:
    """Tag the provincial work reports of 2026 `REPEATS` times."""
    texts = pd.read_parquet(shared / "data/cn_work_reports_2026/gwr_provincial_2026.parquet")["text"].tolist()
    texts *= REPEATS
    size = sum(len(text.encode()) for text in texts) / 1e6
    tagger = Tagger()
    start = time.perf_counter()
    found = sum(len(tagger.tag(text)) for text in texts)
    seconds = time.perf_counter() - start
    print(json.dumps({"mb": round(size, 1), "mb_per_s": round(size / seconds, 1), "found": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
