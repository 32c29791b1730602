"""Made-up works in the layout of OpenAlex's snapshot: gzip JSON lines in folders by day. All of it is SYNTHETIC.

usage: python benchmarks/scale_works.py FOLDER PARTICIPATIONS [--seed N]

What is like the real ones, roughly: shares of countries, few large and many small institutions, teams that are mostly
of one country, 3.3 organisations a work, growth of 4 % a year, titles a tenth of which speak of an industry of the
future, in English and Chinese. What is not: there are no abstracts, three references a work instead of eleven, and
words of no language. A smaller set is the beginning of a larger one.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from foreland.data.taxonomy import regions
from foreland.data.taxonomy import tagger as taxonomy

PER_WORK = 3.3
"""Organisations of a work, on average: what `PARTICIPATIONS` is turned into works by."""
PER_FILE = 100_000
BATCH = 20_000
FIRST, LAST = 2000, 2025
GROWTH = 0.04
INSTITUTIONS, TOPICS, SUBFIELDS = 100_000, 4_516, 252
NOBODY, COUNTRY_ONLY = 0.06, 0.05
"""Shares of works that name no organisation, and of those that name a country alone."""
AT_HOME = 0.75
"""Share of a team's organisations that are drawn from one country."""
MOST = 60
"""Organisations of the largest teams."""
SPEAKING = 0.10
TWICE = 0.004
"""Share of works that repeat the title of another one, as preprints and their articles do."""
SHARES = {"CN": 19, "US": 15, "IN": 6, "GB": 5, "DE": 4.6, "JP": 3.8, "IT": 3.3, "BR": 2.9, "FR": 2.8, "KR": 2.7,
          "CA": 2.7, "ES": 2.6, "AU": 2.4, "RU": 2.2, "ID": 2.2, "IR": 1.9, "TR": 1.7, "PL": 1.5, "NL": 1.5, "CH": 1.2,
          "SE": 1.0, "TW": 1.0, "SA": 0.9, "EG": 0.9, "MY": 0.9, "MX": 0.9, "PK": 0.8, "BE": 0.8, "PT": 0.7,
          "DK": 0.7}  # fmt: skip
"""Of a hundred works; the countries not named share what is left, the n-th 1/n of the first."""
KINDS = ("education", "facility", "company", "government", "healthcare", "nonprofit")
LANGUAGES = {"en": 0.80, "zh": 0.06, "es": 0.05, "de": 0.04, "fr": 0.03, "pt": 0.02}
TYPES = {"article": 0.84, "preprint": 0.05, "book-chapter": 0.07, "review": 0.03, "dataset": 0.01}
Array = np.ndarray


@dataclass(frozen=True)
class World:
    """What all works are drawn from: JSON fragments, and how often each of a kind comes."""

    countries: pa.Array
    share: Array
    starts: Array
    sizes: Array
    authors: pa.Array
    topics: pa.Array
    english: pa.Array
    chinese: pa.Array
    terms: dict[str, pa.Array]


@cache
def world(seed: int) -> World:
    """The institutions, topics and words of a seed."""
    draw = np.random.default_rng([seed, 1 << 40])
    codes = sorted(code for code, place in regions.regions().items() if len(code) == 2 and place.level == "country")
    codes.sort(key=lambda code: (-SHARES.get(code, 0), code))
    rest = 1 / np.arange(1, len(codes) - len(SHARES) + 1)
    share = np.concatenate(
        [[SHARES[code] for code in codes[: len(SHARES)]], (100 - sum(SHARES.values())) * rest / rest.sum()]
    )
    share /= share.sum()
    sizes = np.maximum(3, (share * INSTITUTIONS).astype(np.int64))
    kinds = draw.choice(len(KINDS), sizes.sum(), p=[0.55, 0.15, 0.12, 0.07, 0.07, 0.04])
    authors, number = [], 0
    for code, size in zip(codes, sizes, strict=True):
        for rank in range(size):
            kind = KINDS[kinds[number]]
            authors.append(
                f'{{"institutions":[{{"id":"https://openalex.org/I{100_000_000 + 37 * number}",'
                f'"ror":"https://ror.org/0{number:06d}{number % 97:02d}","display_name":'
                f'"SYNTHETIC {kind} {rank + 1} of {code}","country_code":"{code}","type":"{kind}"}}],'
                f'"countries":["{code}"]}}'
            )
            number += 1
    topics = [
        f'{{"id":"https://openalex.org/T{10_000 + n}","display_name":"SYNTHETIC topic {n}","score":0.9,"subfield":'
        f'{{"id":"https://openalex.org/subfields/{_subfield(n)}","display_name":"SYNTHETIC subfield {_subfield(n)}"}},'
        f'"field":{{"id":"https://openalex.org/fields/{_subfield(n) // 100}","display_name":"Field"}}}}'
        for n in range(TOPICS)
    ]
    syllables = [
        "".join(pair)
        for pair in zip(draw.choice(list("bcdfghklmnprstvz"), 90), draw.choice(list("aeiou"), 90), strict=True)
    ]
    english = ["".join(draw.choice(syllables, size)) for size in draw.integers(2, 5, 6000)]
    chinese = [chr(code) for code in draw.choice(np.arange(0x4E00, 0x9000), 3000, replace=False)]
    return World(
        pa.array([f'{{"institutions":[],"countries":["{code}"]}}' for code in codes]),
        np.cumsum(share), np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes,
        pa.array(authors), pa.array(topics), pa.array(english), pa.array(chinese),
        {language: pa.array(_terms(language)) for language in ("en", "zh")},
    )  # fmt: skip


def _subfield(topic: int) -> int:
    """The code of a topic's subfield: of 26 fields, 11 to 36."""
    number = topic % SUBFIELDS
    return (11 + number % 26) * 100 + number // 26


def _terms(language: str) -> list[str]:
    """Words of the taxonomy in one language that stand in a title as they are."""
    with Path(taxonomy.__file__).with_name("terms.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["field_id"].startswith("iotf:")]
    return sorted(
        {row["term"] for row in rows if row["lang"] == language and row["kind"] == "term" and "|" not in row["term"]}
    )


def works_of(participations: float) -> int:
    """How many works have so many participations."""
    return round(participations / PER_WORK)


def lines(first: int, size: int, seed: int) -> Iterator[bytes]:
    """JSON lines of the works from number `first` on, some thousand at a time; `first` begins a file."""
    draw, known = np.random.default_rng([seed, first]), world(seed)
    # A file that is cut short is drawn whole, so that a smaller set is the beginning of a larger one.
    for start in range(first, first + PER_FILE, BATCH):
        made = _batch(draw, known, np.arange(start, start + BATCH))
        kept = min(BATCH, first + size - start)
        if kept <= 0:
            return
        made = made.slice(0, kept)
        offsets = np.frombuffer(made.buffers()[1], np.int32)
        yield made.buffers()[2][: int(offsets[kept])].to_pybytes()


def _batch(draw: np.random.Generator, known: World, number: Array) -> pa.Array:
    size = len(number)
    ids = pc.cast(pa.array(2_000_000_000 + 3 * number), pa.string())
    years = FIRST + draw.choice(LAST - FIRST + 1, size, p=_growth())
    titles, languages = _titles(draw, known, size)
    twice = np.flatnonzero(draw.random(size) < TWICE)
    of = np.arange(size)
    of[twice] = np.maximum(0, twice - draw.integers(1, 500, len(twice)))
    years[twice] = np.minimum(LAST, years[of[twice]] + draw.integers(0, 2, len(twice)))
    titles = titles.take(pa.array(of))
    years_text = pc.cast(pa.array(years), pa.string())
    doi = pc.binary_join_element_wise('"https://doi.org/10.5555/synthetic.', ids, '"', "")
    doi = pc.if_else(pa.array(draw.random(size) < 0.68), doi, "null")
    month = pc.utf8_lpad(pc.cast(pa.array(draw.integers(1, 13, size)), pa.string()), 2, "0")
    cited = np.minimum(20_000, (draw.pareto(1.1, size) * 4).astype(np.int64)) * (draw.random(size) > 0.2)
    types = pa.array(list(TYPES)).take(pa.array(draw.choice(len(TYPES), size, p=list(TYPES.values()))))
    topic = known.topics.take(pa.array(np.minimum(TOPICS - 1, (TOPICS * draw.random(size) ** 1.6).astype(np.int64))))
    return pc.binary_join_element_wise(
        '{"id":"https://openalex.org/W', ids, '","doi":', doi, ',"title":"', titles, '","display_name":"', titles,
        '","publication_year":', years_text, ',"publication_date":"', years_text, "-", month,
        '-11","language":"', languages,
        '","type":"', types, '","is_retracted":false,"authorships":[', _teams(draw, known, size),
        '],"primary_topic":', topic, ',"referenced_works":[', _references(draw, number),
        '],"cited_by_count":', pc.cast(pa.array(cited), pa.string()), "}\n", "",
    )  # fmt: skip


@cache
def _growth() -> Array:
    share = (1 + GROWTH) ** np.arange(LAST - FIRST + 1)
    return share / share.sum()


def _titles(draw: np.random.Generator, known: World, size: int) -> tuple[pa.Array, pa.Array]:
    """Titles and their languages. Words are drawn with 1/rank, as those of texts are."""
    language = draw.choice(len(LANGUAGES), size, p=list(LANGUAGES.values()))
    speaking = draw.random(size) < SPEAKING
    found = []
    for code, words, mark, shortest, longest in (("en", known.english, " ", 7, 14), ("zh", known.chinese, "", 12, 26)):
        counts = draw.integers(shortest, longest, size)
        ranks = np.exp(draw.random(counts.sum()) * np.log(len(words))).astype(np.int64)
        joined = pc.binary_join(_lists(counts, words.take(pa.array(ranks))), mark)
        terms = known.terms[code]
        spoken = pc.binary_join_element_wise(terms.take(pa.array(draw.integers(0, len(terms), size))), joined, mark)
        found.append(pc.if_else(pa.array(speaking), spoken, joined))
    titles = pc.if_else(pa.array(language == list(LANGUAGES).index("zh")), found[1], found[0])
    titles = pc.binary_join_element_wise(titles, " (SYNTHETIC)", "")
    return titles, pa.array(list(LANGUAGES)).take(pa.array(language))


def _teams(draw: np.random.Generator, known: World, size: int) -> pa.Array:
    """The authorships of works: an author each for the organisations."""
    counts = np.minimum(MOST, np.ceil(np.exp(draw.normal(0.87, 0.8, size)))).astype(np.int64)
    kind = draw.random(size)
    counts[kind < NOBODY] = 0
    alone = (kind >= NOBODY) & (kind < NOBODY + COUNTRY_ONLY)
    counts[alone] = 1
    home = np.searchsorted(known.share, draw.random(size))
    total = int(counts.sum())
    country = np.repeat(home, counts)
    abroad = draw.random(total) > AT_HOME
    country[abroad] = np.searchsorted(known.share, draw.random(int(abroad.sum())))
    # The n-th institution of a country has 1/n of the works of its first.
    rank = np.exp(draw.random(total) * np.log(known.sizes[country] + 1)).astype(np.int64) - 1
    authors = known.authors.take(pa.array(known.starts[country] + np.minimum(rank, known.sizes[country] - 1)))
    authors = pc.if_else(pa.array(np.repeat(alone, counts)), known.countries.take(pa.array(country)), authors)
    return pc.binary_join(_lists(counts, authors), ",")


def _references(draw: np.random.Generator, number: Array) -> pa.Array:
    """Works cited: of those before, recent ones rather; three in ten are of works that are not in the set."""
    counts = draw.poisson(3, len(number))
    at = np.repeat(number, counts)
    back = (at * (1 - np.sqrt(draw.random(len(at))))).astype(np.int64) + 1
    target = 2_000_000_000 + 3 * np.maximum(0, at - back) + (draw.random(len(at)) < 0.3)
    ids = pc.binary_join_element_wise('"https://openalex.org/W', pc.cast(pa.array(target), pa.string()), '"', "")
    return pc.binary_join(_lists(counts, ids), ",")


def _lists(counts: Array, values: pa.Array) -> pa.Array:
    offsets = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def write(folder: Path, participations: float, seed: int = 7) -> int:
    """Write works with about so many participations into a folder; gives the number of works.

    Files that are there already are taken to be whole: each is renamed when it is done.
    """
    works = works_of(participations)
    world(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "SYNTHETIC.txt").write_text(f"{works:,} SYNTHETIC works, seed {seed}: {Path(__file__).name}\n")
    starts = range(0, works, PER_FILE)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda first: _write_file(folder, first, min(PER_FILE, works - first), seed), starts))
    return works


def _write_file(folder: Path, first: int, size: int, seed: int) -> None:
    number = first // PER_FILE
    day = folder / f"updated_date=2025-{1 + number // 28 % 12:02d}-{1 + number % 28:02d}"
    day.mkdir(exist_ok=True)
    target = day / f"part_{number:04d}.gz"
    if target.exists():
        return
    with gzip.GzipFile(target.with_suffix(".tmp"), "wb", compresslevel=1, mtime=0) as file:
        for block in lines(first, size, seed):
            file.write(block)
    target.with_suffix(".tmp").rename(target)


def main() -> None:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("participations", type=float)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    print(f"{write(asked.folder, asked.participations, asked.seed):,} works")


if __name__ == "__main__":
    main()
