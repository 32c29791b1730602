"""How fast policy text is read: fields, quantities, instruments.

Prints seconds, MB of UTF-8 a second, how time grows with size, and what a second core adds.

usage: python reading.py SHARED
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq

from foreland.data.reading.reader import read_document

TIMES = 8
"""How often the reports are read to see whether time grows with size."""


def read(text: str) -> int:
    """Everything in one document; gives how much was read."""
    return sum(len(part) for reading in read_document(text, "zh", 2026)[1] for part in reading)


def seconds(texts: list[str]) -> float:
    began = time.process_time()
    for text in texts:
        read(text)
    return time.process_time() - began


def main(shared: str) -> None:
    file = Path(shared) / "data" / "cn_work_reports_2026" / "gwr_provincial_2026.parquet"
    texts = pq.read_table(file)["text"].to_pylist()
    read(texts[0])  # vocabularies are compiled once
    size = sum(len(text.encode()) for text in texts)
    once = min(seconds(texts) for _ in range(3))
    one_text = seconds(["\n".join(texts * TIMES)])
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(read, texts[:4]))
        began = time.perf_counter()
        list(pool.map(read, texts * TIMES, chunksize=4))
        both = time.perf_counter() - began
    print(
        json.dumps(
            {
                "seconds": once,
                "mb_per_s": size / 1e6 / once,
                "growth": one_text / TIMES / once,
                "two_cores": once * TIMES / both,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
