"""Terms and topics of 95,000 abstracts: time on one core and peak memory, and how well planted topics are found.

``python benchmarks/foresight_topics.py [SHARED]``. With the shared folder the titles and abstracts are those of
``ai_robotics_papers``; without it, and for the planted topics, they are SYNTHETIC, drawn from a seed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from load import peak_mb

SIZE = 95_000


def synthetic(size: int) -> list[str]:
    """SYNTHETIC texts: 120 nouns each, by Zipf's law, in sentences of ten."""
    rng = np.random.default_rng(0)
    words = np.array([f"n{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}k" for n in range(8000)])
    texts = []
    for row in (rng.zipf(1.4, (size, 120)) - 1) % len(words):
        said = words[row]
        texts.append(". The ".join(" of the ".join(said[n : n + 10]) for n in range(0, 120, 10)))
    return texts


def real(shared: Path) -> tuple[list[str], list[int]]:
    """Titles and abstracts, and their years."""
    import pyarrow.parquet as pq

    table = pq.read_table(shared / "data/ai_robotics_papers/papers.parquet", columns=["title", "abstract", "year"])
    pairs = zip(table["title"].to_pylist(), table["abstract"].to_pylist(), strict=True)
    return [f"{title or ''}.\n{abstract or ''}" for title, abstract in pairs], table["year"].to_pylist()


def planted(texts: int, topics: int) -> float:
    """Adjusted Rand index of the topics found, their number too, with those SYNTHETIC texts were drawn from."""
    from scipy.sparse import csr_array

    from foreland.data.discovery.kmeans import adjusted_rand
    from foreland.data.discovery.topics import fit_topics

    rng = np.random.default_rng(1)
    truth = rng.integers(0, topics, texts)
    background, words = rng.dirichlet(np.full(1500, 0.1)), rng.dirichlet(np.full(1500, 0.05), topics)
    rows = [rng.multinomial(60, 0.4 * background + 0.6 * words[topic]) for topic in truth]
    return adjusted_rand(truth, fit_topics(csr_array(np.stack(rows))).labels)


def main() -> None:
    from foreland.data.discovery.terms import find_terms
    from foreland.data.discovery.topics import fit_topics

    shared = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if shared is not None and (shared / "data/ai_robotics_papers").is_dir():
        texts, years = real(shared)
    else:
        texts = synthetic(SIZE)
        years = [2000 + n % 20 for n in range(SIZE)]
    started, cpu = time.perf_counter(), time.process_time()
    terms = find_terms(texts, years)
    middle, cpu_middle = time.perf_counter(), time.process_time()
    topics = fit_topics(terms.counts[:, terms.vocabulary().best(20_000).terms])
    told = {
        "documents": len(texts),
        "terms": len(terms.keys),
        "topics": topics.number,
        "stability": round(topics.overall, 3),
        "term_seconds": middle - started,
        "seconds": time.perf_counter() - started,
        "term_cpu": cpu_middle - cpu,
        "cpu": time.process_time() - cpu,
        "peak_mb": peak_mb(),
        "planted": planted(2000, 12),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
