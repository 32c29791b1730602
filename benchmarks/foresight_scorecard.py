"""How often calls of rising terms came true: papers of ICRA and IROS, 2000 to 2023.

usage: python benchmarks/foresight_scorecard.py PAPERS.parquet

Terms are found anew for every origin: a term is a candidate if the papers up to that year alone would have given it.
Prints a line for each caller and horizon, and the first calls of some years with what came of them; then one line of
JSON. Columns read: conf, year, title, abstract.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from foreland.data.discovery.terms import find_terms
from foreland.foresight.back_testing import CALLERS, Rules, back_test, look
from foreland.foresight.verification import MEASURES, score

FIRST, LAST = 2000, 2023
BEST = 1500  # terms of the largest C-value that are kept of the papers up to a year, as foreland.data.discovery does


def main(path: Path) -> None:
    rows = pq.read_table(path, columns=["conf", "year", "title", "abstract"])
    chosen = pc.and_(
        pc.is_in(rows["conf"], value_set=pc.cast(["icra", "iros"], rows["conf"].type)),
        pc.and_(pc.greater_equal(rows["year"], FIRST), pc.less_equal(rows["year"], LAST)),
    )
    rows = rows.filter(chosen)
    years = np.array(rows["year"].to_pylist())
    texts = [
        f"{t or ''}.\n{a or ''}" for t, a in zip(rows["title"].to_pylist(), rows["abstract"].to_pylist(), strict=True)
    ]
    began = time.perf_counter()
    terms = find_terms(texts, years.tolist(), size=len(texts))
    there = (terms.counts > 0).astype(float)
    span = np.arange(FIRST, LAST + 1)
    counts = np.array([np.asarray(there[np.flatnonzero(years == y)].sum(axis=0)).ravel() for y in span])
    totals = np.array([(years == y).sum() for y in span], float)
    seconds = {"terms": time.perf_counter() - began}
    print(f"{len(years):,} papers, {counts.shape[1]:,} terms")

    def known(at: int) -> np.ndarray:
        mask = np.zeros(counts.shape[1], bool)
        mask[terms.vocabulary(years <= FIRST + at).best(BEST).terms] = True
        return mask

    rules = Rules()
    began = time.perf_counter()
    views = look(counts, totals, rules, known_units=known)
    result = {}
    for horizon in (3, 5):
        test = back_test(counts, totals, horizon, rules, views)
        card = score(test)
        print(
            f"\n{horizon} years on: {card.calls} calls from {FIRST + test.origins[0]} to {FIRST + test.origins[-1]}, "
            f"{card.candidates:,} candidates, of which {card.base_rate:.1%} came true; {card.default} makes the calls"
        )
        for caller in CALLERS:
            own, less = card.scores[caller], card.differences[caller]["precision"]
            told = " ".join(f"{m} {own[m].value:.3f} [{own[m].low:.3f}, {own[m].high:.3f}]" for m in MEASURES)
            print(f"  {caller:13} {told} difference [{less.low:+.3f}, {less.high:+.3f}]")
        for calls, outcome in list(zip(test.calls, test.outcomes, strict=True))[::3]:
            first = np.argsort(-calls.scores[card.default], kind="stable")[:10]
            named = ", ".join(f"{terms.labels[u]} {'✓' if outcome.emergent[u] else '–'}" for u in first)
            print(f"  {FIRST + calls.at}: {named}")
        result[str(horizon)] = {
            "base_rate": card.base_rate,
            "calls": card.calls,
            "default": card.default,
            **{caller: {m: vars(e) for m, e in card.scores[caller].items()} for caller in CALLERS},
        }
    seconds["test"] = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "scores": result}))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
