"""Systemic risk of all firms of a SYNTHETIC supply network: seconds, memory, and how much pruning leaves out.

usage: python benchmarks/chains_firms.py [FIRMS] [LINKS]

The network is scale-free: firms find customers and suppliers in proportion to a size drawn from a power law (exponent
of the distribution of sizes 2.6), values are lognormal and grow with both sizes, the number of firms by sector falls
as rank ** −0.8 over 600 sectors, and 40 % of all pairs of sectors are essential inputs, 10 % are of no matter.
Prints one line of JSON. A sample of firms is also computed exactly, outside the measured time.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np

from foreland.chains.firm_risk import Propagation, firm_network, systemic_risk

SECTORS = 600
SAMPLE = 64


def network(firms: int, links: int) -> dict[str, Any]:
    """Arguments of `firm_network`: exactly so many different links, from a fixed seed."""
    rng = np.random.default_rng(2026)
    sells = rng.random(firms) ** (-1 / 1.6)
    buys = sells * rng.lognormal(0, 1, firms)
    sells, buys = sells / sells.sum(), buys / buys.sum()
    pairs = np.empty(0, np.int64)
    while len(pairs) < links:
        supplier, customer = rng.choice(firms, links, p=sells), rng.choice(firms, links, p=buys)
        pairs = np.unique(np.r_[pairs, (supplier * firms + customer)[supplier != customer]])
    supplier, customer = np.divmod(rng.permutation(pairs)[:links], firms)
    ranks = np.arange(1, SECTORS + 1) ** -0.8
    return {
        "supplier": supplier,
        "customer": customer,
        "weight": rng.lognormal(0, 2, links) * (sells[supplier] * buys[customer]) ** 0.25,
        "sector": rng.choice(SECTORS, firms, p=ranks / ranks.sum()),
        "importance": rng.choice(3, (SECTORS, SECTORS), p=[0.1, 0.5, 0.4]),
        "production": "generalised",
    }


def peak_mb() -> float:
    """Peak resident memory of this process. Not ru_maxrss, which starts from the peak of the parent process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main(firms: int, links: int) -> None:
    given = network(firms, links)
    cpu, wall = time.process_time(), time.perf_counter()
    prepared = firm_network(**given)
    found = systemic_risk(prepared)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = peak_mb()
    sample = np.random.default_rng(1).choice(np.flatnonzero(~found.exact), SAMPLE, replace=False)
    exact = systemic_risk(prepared, sample, Propagation(prune=0.0)).esri
    kept = found.esri[sample]
    result = {
        "seconds": round(wall, 1),
        "cpu": round(cpu, 1),
        "peak_mb": round(peak),
        "firms": prepared.firms,
        "links": prepared.links,
        "exact": int(found.exact.sum()),
        "kept": round(float(kept.sum() / exact.sum()), 3),
        "furthest": float(np.abs(kept - exact).max()),
        "rank": round(float(np.corrcoef(np.argsort(np.argsort(kept)), np.argsort(np.argsort(exact)))[0, 1]), 4),
        "largest": round(float(found.esri.max()), 4),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*(int(n) for n in (sys.argv[1:3] + ["100000", "1000000"][len(sys.argv) - 1 :])))
