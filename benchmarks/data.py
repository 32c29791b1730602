"""SYNTHETIC benchmark data: a nested economy of places and fields, drawn from a fixed seed. It describes no real place.

Run as ``python data.py OUT REGIONS FIELDS FILL PERIODS``.
"""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq


def draw(regions: int, fields: int, share: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, column and value of the non-zero cells; the `share` of cells with the best fit is filled."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=regions).astype(np.float32)
    demand = rng.normal(size=fields).astype(np.float32)
    size = np.exp(rng.normal(size=regions))
    score = rng.normal(scale=1.5, size=(regions, fields)).astype(np.float32)
    score += ability[:, None] - np.abs(demand)[None, :] + ability[:, None] * demand[None, :]
    cut = np.quantile(score[:: max(1, regions // 500)], 1 - share)
    row, column = np.nonzero(score > cut)
    value = size[row] * np.exp(0.5 * score[row, column] + 0.5 * rng.normal(size=row.size))
    return row, column, value


def main(out: str, regions: int, fields: int, share: float, periods: int) -> None:
    names = pa.array([f"region-{i:05d}" for i in range(regions)]), pa.array([f"field-{i:05d}" for i in range(fields)])
    meta = {b"note": b"SYNTHETIC: seeded random numbers, no real place or field"}
    schema = pa.schema(
        [("region", pa.string()), ("field", pa.string()), ("value", pa.float64()), ("period", pa.int64())], meta
    )
    with pq.ParquetWriter(out, schema) as writer:
        for t in range(periods):
            row, column, value = draw(regions, fields, share, seed=20_000 + t)
            when = pa.array(np.full(row.size, 2000 + t))
            columns = [names[0].take(pa.array(row)), names[1].take(pa.array(column)), pa.array(value), when]
            writer.write_table(pa.table(columns, schema=schema))
    # The same rows once more, in a format whose reader leaves no buffers behind in the measured process.
    feather.write_feather(pq.read_table(out), f"{out}.arrow", compression="uncompressed")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
