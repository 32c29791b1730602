"""How often calls of rising terms came true: papers of ICRA and IROS, 2000 to 2023.

``python benchmarks/foresight_scorecard.py SHARED``. A term is a candidate at an origin if the papers up to that year
alone give it, which is checked at one origin by finding the terms of these papers alone. Prints a line for each caller
and horizon, and the first calls of some years with what came of them; then one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from foreland.data.discovery.build import DiscoveryOptions
from foreland.data.discovery.terms import Terms, find_terms
from foreland.foresight.back_testing import CALLERS, Rules, View, back_test, look
from foreland.foresight.verification import MEASURES, Card, score
from load import peak_mb

FIRST, LAST, CHECKED = 2000, 2023, 2010


def read(path: Path) -> tuple[list[str], np.ndarray]:
    """Titles and abstracts, and their years."""
    rows = pq.read_table(path, columns=["conf", "year", "title", "abstract"])
    series = pc.is_in(rows["conf"], value_set=pc.cast(["icra", "iros"], rows["conf"].type))
    span = pc.and_(pc.greater_equal(rows["year"], FIRST), pc.less_equal(rows["year"], LAST))
    rows = rows.filter(pc.and_(series, span))
    pairs = zip(rows["title"].to_pylist(), rows["abstract"].to_pylist(), strict=True)
    return [f"{title or ''}.\n{abstract or ''}" for title, abstract in pairs], np.array(rows["year"].to_pylist())


def best(terms: Terms, documents: np.ndarray | None = None) -> np.ndarray:
    """Columns of the terms that are kept of some documents."""
    return terms.vocabulary(documents).best(DiscoveryOptions().best).terms


def as_then(terms: Terms, texts: list[str], years: np.ndarray) -> bool:
    """Whether the terms of the papers up to a year, and their C-values, are what these papers alone give."""
    seen = years <= CHECKED
    alone = find_terms([text for text, kept in zip(texts, seen, strict=True) if kept], years[seen].tolist())
    found = [
        {of.keys[n]: round(float(value), 6) for n, value in zip(known.terms, known.c_value, strict=True)}
        for of, known in ((terms, terms.vocabulary(seen)), (alone, alone.vocabulary()))
    ]
    return found[0] == found[1]


def show(terms: Terms, card: Card, views: dict[int, View], horizon: int) -> None:
    print(f"\n{horizon} years on: {card.calls} calls at {card.origins} origins, {card.candidates:,} candidates,")
    print(f"of which {card.base_rate:.1%} came true; {card.default} makes the calls")
    for caller in CALLERS:
        own, less = card.scores[caller], card.differences[caller]["precision"]
        told = " ".join(f"{m} {own[m].value:.3f} [{own[m].low:.3f}, {own[m].high:.3f}]" for m in MEASURES)
        print(f"  {caller:13} {told} difference [{less.low:+.3f}, {less.high:+.3f}]")
    for at, view in list(views.items())[::4]:
        rank = np.where(view.candidate, view.scores["vitality"], -np.inf)
        first = np.argsort(-rank, kind="stable")[:8]
        print(f"  the youngest of {FIRST + at}: {', '.join(terms.labels[u] for u in first)}")


def main(shared: Path) -> None:
    texts, years = read(shared / "data/ai_robotics_papers/papers.parquet")
    began = time.process_time()
    terms = find_terms(texts, years.tolist(), size=len(texts))
    seconds = {"term_seconds": time.process_time() - began}
    there = (terms.counts > 0).astype(float)
    span = np.arange(FIRST, LAST + 1)
    counts = np.array([np.asarray(there[np.flatnonzero(years == y)].sum(axis=0)).ravel() for y in span])
    totals = np.array([(years == y).sum() for y in span], float)

    def known(at: int) -> np.ndarray:
        mask = np.zeros(counts.shape[1], bool)
        mask[best(terms, years <= FIRST + at)] = True
        return mask

    began, rules = time.process_time(), Rules()
    views = look(counts, totals, rules, known_units=known)
    result = {}
    for horizon in (3, 5):
        test = back_test(counts, totals, horizon, rules, views)
        card = score(test)
        show(terms, card, {view.at: view for view in views}, horizon)
        own = card.scores[card.default]["precision"]
        result[str(horizon)] = {"value": own.value, "low": own.low, "base": card.base_rate, "origins": card.origins}
    seconds["test_seconds"] = time.process_time() - began
    told = {"documents": len(texts), "terms": counts.shape[1], "as_then": as_then(terms, texts, years)}
    print(json.dumps({**told, **seconds, "peak_mb": peak_mb(), "scores": result}))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
