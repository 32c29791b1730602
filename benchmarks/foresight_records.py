"""A million records: made up, loaded, counted; time and memory of the whole.

usage: python benchmarks/foresight_records.py [RECORDS] [--gzip]

The records are SYNTHETIC, in the layout of OpenAlex works: words of no language, so that nothing but the layout, the
sizes and the numbers of authors, topics and references are like the real ones (about 2.5 kB a record).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

COUNTRIES = ("CN", "US", "DE", "JP", "GB", "FR", "KR", "IN", "IT", "CA", "AU", "ES", "NL", "CH", "SE", "BR")
SPOKEN = ("quantum computing", "solid-state battery", "humanoid robot", "gene therapy", "deep-sea mining")
YEARS = range(2008, 2024)


def lines(records: int, seed: int = 7) -> Iterator[bytes]:
    """Made-up works, a line each."""
    draw = random.Random(seed)
    words = ["".join(draw.choices("aeiou") + draw.choices("bcdfghklmnprstvz", k=2) + draw.choices("aeiou")
                     + draw.choices("bcdklmnrst")) for _ in range(4000)]  # fmt: skip
    places = [
        {
            "id": f"https://openalex.org/I{n}",
            "ror": f"https://ror.org/0{n:08d}",
            "display_name": f"University of {draw.choice(words).title()}",
            "country_code": draw.choices(COUNTRIES, weights=range(len(COUNTRIES), 0, -1))[0],
            "type": draw.choice(("education", "company", "facility", "government")),
        }
        for n in range(5000)
    ]
    subfields = [(f"https://openalex.org/subfields/{1700 + n}", f"Subfield {n}") for n in range(40)]
    topics = [
        {
            "id": f"https://openalex.org/T{10000 + n}",
            "display_name": f"Topic {n}",
            "score": 0.9,
            "subfield": dict(zip(("id", "display_name"), subfields[n % 40], strict=True)),
            "field": {"id": f"https://openalex.org/fields/{11 + n % 26}", "display_name": f"Field {n % 26}"},
        }
        for n in range(1000)
    ]
    for n in range(1, records + 1):
        size = draw.randrange(40, 80)
        index: dict[str, list[int]] = {}
        for at, word in enumerate(draw.choices(words, k=size)):
            index.setdefault(word, []).append(at)
        if n % 3 == 0:
            index.setdefault(draw.choice(SPOKEN), []).append(size)
        some = draw.sample(topics, 3)
        cited = sorted({draw.randrange(1, n) for _ in range(draw.randrange(0, 20))}) if n > 50 else []
        year = draw.choice(YEARS)
        work = {
            "id": f"https://openalex.org/W{n}",
            "doi": f"https://doi.org/10.5555/made.{n}" if n % 5 else None,
            "display_name": " ".join(draw.choices(words, k=9)).capitalize(),
            "publication_year": year,
            "publication_date": f"{year}-{draw.randrange(1, 13):02d}-11",
            "language": "en",
            "type": "article",
            "is_retracted": False,
            "authorships": [{"institutions": [draw.choice(places)]} for _ in range(draw.choice((1, 1, 2, 3)))],
            "primary_topic": some[0],
            "topics": some,
            "referenced_works": [f"https://openalex.org/W{m}" for m in cited],
            "cited_by_count": int(draw.paretovariate(1)) - 1,
            "abstract_inverted_index": index,
            "primary_location": {"source": {"id": "https://openalex.org/S1", "display_name": "Made-up Letters"}},
        }
        yield json.dumps(work).encode() + b"\n"


def write(target: Path, records: int) -> None:
    """Write the made-up works."""
    with gzip.open(target, "wb", compresslevel=1) if target.suffix == ".gz" else target.open("wb") as file:
        file.writelines(lines(records))


RUN = """
import json, resource, sys, time
from foreland.data.load import load
from foreland.data.workspace import open_workspace
ws = open_workspace(sys.argv[2])
start = time.perf_counter()
report = load(ws, sys.argv[1])
took = time.perf_counter() - start
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
with open("/proc/self/status") as status:  # ru_maxrss of a process starts from the peak of the one that started it
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({
    "seconds": took,
    "cpu": sum(each.ru_utime + each.ru_stime for each in used),
    "peak_mb": (peak + used[1].ru_maxrss) / 1024,
    "records": report.rows["document"],
    "links": report.rows["link"],
    "observations": report.rows["observation"],
}))
"""


def measure(records: int, packed: bool = False) -> dict[str, float]:
    """Load made-up works into a new workspace, in a process of its own.

    Returns
    -------
    dict
        ``seconds`` and ``cpu`` of the load, ``peak_mb`` (the highest resident memory of the process and, added to it,
        of its worker), ``records``, ``links``, ``observations`` and ``mb``, the size of the file.
    """
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / ("works.jsonl.gz" if packed else "works.jsonl")
        write(file, records)
        command = [sys.executable, "-c", RUN, str(file), str(Path(made) / "workspace")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return {**json.loads(done.stdout), "mb": file.stat().st_size / 1e6}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--gzip", action="store_true")
    asked = parser.parse_args()
    print(json.dumps(measure(asked.records, asked.gzip)))


if __name__ == "__main__":
    main()
