"""Text reuse among many SYNTHETIC documents: seconds, memory, and how many of the planted copies are found.

usage: python benchmarks/reuse.py SHARED_FOLDER [DOCUMENTS] [CHARACTERS]

The documents are made from the sentences of the provincial and national work reports in random order. There are about
20,000 of those, so a sentence stands in hundreds of documents; to be less alike than that, in every document each
number is drawn anew and each name of a province becomes another one. One document in fifty takes a run of sentences
from an earlier one as it stands there: these are the copies to be found, at least half of each as one passage.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from foreland.policy.reuse import find_reuse

PLACES = (
    "北京 天津 河北 山西 辽宁 吉林 上海 江苏 浙江 安徽 福建 江西 山东 "
    "河南 湖北 湖南 广东 海南 重庆 四川 贵州 云南 陕西 甘肃 青海"
)
VARIED = re.compile("|".join([r"\d+", *PLACES.split()]))


def sentences_of(shared: Path) -> list[str]:
    """Distinct sentences of 20 to 150 characters."""
    national = pd.read_parquet(shared / "data/cn_work_reports_national_zh_en/gwr_national_zh_en.parquet")["zh"].dropna()
    provincial = pd.read_parquet(shared / "data/cn_work_reports_2026/gwr_provincial_2026.parquet")["text"]
    found = (s for text in [*provincial, *national] for s in re.findall(r"[^。；！？\n]+[。；！？]", text))
    return sorted({s for s in found if 20 <= len(s) <= 150})


def documents(sentences: list[str], count: int, characters: int) -> tuple[list[str], set[tuple[int, int]]]:
    """Texts of about so many characters, and the pairs of which one copied from the other."""
    rng = np.random.default_rng(2026)
    places = PLACES.split()
    length = int(np.mean([len(s) for s in sentences]))
    per = characters // length
    made: list[str] = []
    planted = set()
    for number in range(count):
        chosen = "".join(sentences[n] for n in rng.integers(len(sentences), size=per))
        digits, names = rng.integers(1, 10, size=len(chosen)), rng.permutation(places)
        state = iter(digits.tolist())
        renamed = dict(zip(places, names.tolist(), strict=True))

        def vary(match: re.Match[str], renamed: dict[str, str] = renamed, state: Iterator[int] = state) -> str:
            word = match.group()
            return renamed.get(word) or "".join(str(next(state)) for _ in word)

        text = VARIED.sub(vary, chosen)
        if number % 50 == 49:
            source = int(rng.integers(number))
            size, at = characters // 20, int(rng.integers(characters // 2))
            text = text[: characters // 2] + made[source][at : at + size] + text[characters // 2 :]
            planted.add((source, number))
        made.append(text)
    return made, planted


def peak_mb() -> float:
    """Peak resident memory of this process. Not ru_maxrss, which starts from the peak of the parent process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main(shared: Path, count: int, characters: int) -> None:
    texts, planted = documents(sentences_of(shared), count, characters)
    made_mb = peak_mb()
    start = time.perf_counter()
    found = find_reuse(texts, ["zh"] * count)
    seconds = time.perf_counter() - start
    whole = {(pair.left, pair.right) for pair in found if pair.longest > characters // 40}
    result = {
        "documents": count,
        "characters": sum(map(len, texts)),
        "seconds": round(seconds, 1),
        "peak_mb": round(peak_mb()),
        "made_mb": round(made_mb),
        "pairs": len(found),
        "passages": sum(len(pair.passages) for pair in found),
        "planted": len(planted),
        "planted_found": len(planted & whole),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(n) for n in (sys.argv[2:4] + ["1000", "20000"][len(sys.argv) - 2 :])))
