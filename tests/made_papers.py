"""Makes ``tests/library/papers.jsonl``: made-up papers (SYNTHETIC) in the layout of OpenAlex works.

Run it as ``python tests/made_papers.py``; the same code gives the same bytes. About 160 papers of 2008 to 2023 from
eight countries. Planted:

* **a main path**: eleven papers on quantum computing, two years or less apart, each of which cites the one before; the
  other papers on quantum computing cite one of the eleven, and nothing else leads around them;
* **a burst**: eight papers a year on solid-state batteries from 2016 to 2018, one every other year before and after;
* **convergence**: from 2019 on papers on quantum computing speak of gene therapy too, which none did before;
* **catching up**: China's part in the papers grows from a tenth to more than a half, that of the United States falls.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "library" / "papers.jsonl"
YEARS = range(2008, 2024)
QUANTUM, GENES, ROBOTS, SEA, BATTERIES = range(5)
WORDS = (("quantum computing", "量子计算"), ("gene therapy", "基因治疗"), ("humanoid robots", "人形机器人"),
         ("deep-sea mining", "深海采矿"), ("solid-state batteries", "固态电池"))  # fmt: skip
TOPICS = (
    ("T90001", "Made-up qubits", ("3107", "Atomic and Molecular Physics, and Optics"), ("31", "Physics and Astronomy")),
    ("T90002", "Made-up vectors", ("1311", "Genetics"), ("13", "Biochemistry, Genetics and Molecular Biology")),
    ("T90003", "Made-up gaits", ("2207", "Control and Systems Engineering"), ("22", "Engineering")),
    ("T90004", "Made-up nodules", ("2212", "Ocean Engineering"), ("22", "Engineering")),
    ("T90005", "Made-up electrolytes", ("1603", "Electrochemistry"), ("16", "Chemistry")),
)
ASPECTS = ("limits", "control", "errors", "yields", "costs", "noise", "lifetimes", "safety", "scaling", "standards")
COUNTRIES = ("CN", "US", "DE", "JP", "KR", "GB", "FR", "IN")
MAIN = {2008: 1, 2009: 1, 2011: 1, 2012: 1, 2014: 1, 2015: 1, 2017: 1, 2018: 1, 2020: 1, 2021: 1, 2023: 1}


def papers() -> list[dict[str, Any]]:
    """The works, by year."""
    draw = random.Random(2008)
    found: list[dict[str, Any]] = []
    main: list[int] = []
    by_field: dict[int, list[int]] = {field: [] for field in range(5)}
    for year in YEARS:
        burst = 8 if 2016 <= year <= 2018 else year % 2
        plan = [(QUANTUM, True)] * MAIN.get(year, 0) + [(QUANTUM, False)] * 2 + [(GENES, False)] * 2
        plan += [(ROBOTS, False)] * 2 + [(SEA, False)] + [(BATTERIES, False)] * burst
        for field, on_main in plan:
            number = len(found) + 1
            if on_main:
                cites = main[-1:]
                main.append(number)
            elif field == QUANTUM:
                cites = [draw.choice([k for k in main if k != number][-2:])]
            else:
                earlier = [k for k in by_field[field] if year - 5 <= found[k - 1]["publication_year"] < year]
                # The first papers of a field are cited by all that come soon after: they are its sources.
                few = [k for k in earlier if k in by_field[field][::4]]
                cites = sorted({*few, *draw.sample(earlier, min(len(earlier), draw.randrange(0, 3)))})
            by_field[field].append(number)
            found.append(_work(draw, number, year, field, cites))
    for work in found:
        cited = sum(work["id"] in other["referenced_works"] for other in found)
        work["cited_by_count"] = cited + draw.randrange(0, 3)
    return found


def _work(draw: random.Random, number: int, year: int, field: int, cites: list[int]) -> dict[str, Any]:
    chinese = number % 9 == 0
    words = [WORDS[field][chinese]]
    also = [GENES] if field == QUANTUM and year >= 2019 else []
    words += [WORDS[other][chinese] for other in also]
    aspect = draw.choice(ASPECTS)
    if chinese:
        title = f"虚构研究之{number}：{'与'.join(words)}的若干问题"
        said = [f"本文为虚构，论述{word}。" for word in words]
    else:
        title = f"Made-up study {number}: {' and '.join(words)}, their {aspect}"
        said = ["This", "made-up", "paper", "speaks", "of", *" and ".join(words).split(), "and", aspect]
    index: dict[str, list[int]] = {}
    for place, word in enumerate(said):
        index.setdefault(word, []).append(place)
    rise = (year - YEARS[0]) / (len(YEARS) - 1)
    weights = [0.1 + 1.2 * rise, 0.9 - 0.6 * rise, 0.3, 0.25, 0.2, 0.2, 0.15, 0.15]
    authors = [
        {"institutions": [_place(draw, draw.choices(COUNTRIES, weights)[0])]} for _ in range(draw.randrange(1, 4))
    ]
    topics = [_topic(TOPICS[each], 0.99 - 0.2 * n) for n, each in enumerate([field, *also])]
    return {
        "id": f"https://openalex.org/W9000000{number:03d}",
        "doi": f"https://doi.org/10.5555/made-up.papers.{number:03d}" if number % 10 else None,
        "display_name": title,
        "publication_year": year,
        "publication_date": f"{year}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}",
        "language": "zh" if chinese else "en",
        "type": "article",
        "authorships": authors,
        "primary_topic": topics[0],
        "topics": topics,
        "referenced_works": [f"https://openalex.org/W9000000{k:03d}" for k in cites],
        "cited_by_count": 0,
        "abstract_inverted_index": index,
        "primary_location": {"source": {"display_name": f"Made-up Journal {number % 3 + 1}"}},
    }


def _place(draw: random.Random, country: str) -> dict[str, str]:
    number = draw.randrange(3)
    name = f"{country.lower()}{number}"
    kind = ("education", "facility", "company")[number]
    called = {"education": "University", "facility": "Institute", "company": "Works"}[kind]
    return {
        "id": f"https://openalex.org/I9{COUNTRIES.index(country)}{number}",
        "ror": f"https://ror.org/made-up-{name}",
        "display_name": f"Made-up {called} of {country}",
        "country_code": country,
        "type": kind,
    }


def _topic(about: Any, score: float) -> dict[str, Any]:
    identifier, name, subfield, field = about
    return {
        "id": f"https://openalex.org/{identifier}",
        "display_name": name,
        "score": round(score, 2),
        "subfield": {"id": f"https://openalex.org/subfields/{subfield[0]}", "display_name": subfield[1]},
        "field": {"id": f"https://openalex.org/fields/{field[0]}", "display_name": field[1]},
    }


def text() -> str:
    """The file."""
    return "".join(json.dumps(work, ensure_ascii=False, separators=(",", ":")) + "\n" for work in papers())


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
