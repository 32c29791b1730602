"""Writes a SYNTHETIC input–output table of n sectors as parquet, for Foreland and its peers.

``python chains_data.py OUT SECTORS``: columns ``flows`` (n × n, one column a user), ``final`` and ``value_added``.
"""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def table(sectors: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Flows, output, final use in five categories, value added: sectors of very different size, 40 % of cells used."""
    rng = np.random.default_rng(2026)
    n = sectors
    A = rng.lognormal(0, 2, (n, n)) * (rng.uniform(size=(n, n)) < 0.4)
    A *= rng.uniform(0.3, 0.8, n) / np.maximum(A.sum(axis=0), 1e-12)
    final = rng.lognormal(5, 2, n)[:, None] * rng.dirichlet(np.ones(5), n)
    output = np.linalg.solve(np.eye(n) - A, final.sum(axis=1))
    flows = A * output
    return flows, output, final, output - flows.sum(axis=0)


def main(out: str, sectors: str) -> None:
    flows, output, final, added = table(int(sectors))
    names = [f"S{k:04d}" for k in range(len(output))]
    columns = {name: flows[:, k] for k, name in enumerate(names)}
    columns |= {f"final_{k}": final[:, k] for k in range(final.shape[1])}
    columns |= {"output": output, "value_added": added}
    pq.write_table(pa.table(columns), out)


if __name__ == "__main__":
    main(*sys.argv[1:])
