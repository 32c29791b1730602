"""Bursts of 100,000 SYNTHETIC series over 25 years, beside a plain Viterbi in Python for a part of them.

usage: python benchmarks/foresight_bursts.py [SERIES]

Counts are Poisson around sizes drawn from a gamma distribution; a tenth of the series rises fourfold for five years.
The plain version goes through series, years and states with whole binomial costs. Prints one line of JSON.
"""

from __future__ import annotations

import json
import math
import sys
import time

import numpy as np

from foreland.foresight.bursts import bursts

YEARS = 25
PLAIN = 1000  # series of the plain version; the rest takes as long each


def series(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts (YEARS, number) and totals (YEARS,), from a fixed seed."""
    rng = np.random.default_rng(2026)
    totals = np.linspace(6000, 20000, YEARS).round()
    rate = rng.gamma(0.6, 15, number)[None, :] * (totals / totals.mean())[:, None]
    first = rng.integers(0, YEARS - 4, number)
    rising = (np.arange(YEARS)[:, None] >= first) & (np.arange(YEARS)[:, None] < first + 5)
    rate *= np.where(rising & (rng.random(number) < 0.1), 4.0, 1.0)
    return rng.poisson(rate).astype(float), totals


def plain(r: list[float], d: list[float], scaling: float = 2.0, gamma: float = 1.0) -> list[int]:
    """States of one series, two of them."""
    n, p0 = len(r), sum(r) / sum(d)
    if not sum(r):
        return [0] * n
    shares = (p0, min(p0 * scaling, 0.9999))
    up = gamma * math.log(n)
    cost, came = [0.0, up], []
    for t in range(n):
        choose = math.lgamma(d[t] + 1) - math.lgamma(r[t] + 1) - math.lgamma(d[t] - r[t] + 1)
        here = [-(choose + r[t] * math.log(p) + (d[t] - r[t]) * math.log(1 - p)) for p in shares]
        if t:
            origins = (0 if cost[0] <= cost[1] else 1, 0 if cost[0] + up <= cost[1] else 1)
            came.append(origins)
            cost = [min(cost[0], cost[1]), min(cost[0] + up, cost[1])]
        cost = [cost[0] + here[0], cost[1] + here[1]]
    states = [0 if cost[0] <= cost[1] else 1]
    for origins in reversed(came):
        states.append(origins[states[-1]])
    return states[::-1]


def main(number: int) -> None:
    counts, totals = series(number)
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        found = bursts(counts, totals)
        best = min(best, time.perf_counter() - start)
    start = time.perf_counter()
    nested = bursts(counts, totals, levels=3)
    three = time.perf_counter() - start
    d = totals.tolist()
    start = time.perf_counter()
    own = [plain(counts[:, u].tolist(), d) for u in range(PLAIN)]
    naive = (time.perf_counter() - start) / PLAIN * number
    result = {
        "series": number,
        "seconds": round(best, 3),
        "three_levels": round(three, 3),
        "plain": round(naive, 1),
        "bursts": len(found.unit),
        "nested": len(nested.unit),
        "compared": PLAIN,
        "equal": int((found.states[:, :PLAIN] == np.array(own).T).all(axis=0).sum()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
