"""SYNTHETIC figures for the measure of speed: places × fields × indicators × years, straight to Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

YEARS = [str(year) for year in range(2014, 2025)]
INDICATORS = {
    "synthetic_output": ("USD", "flow"),
    "synthetic_jobs": ("count", "stock"),
    "synthetic_patents": ("count", "flow"),
}
SIZES = {1_000_000: (300, 100), 100_000_000: (3_000, 1_000)}
"""Places and fields by rows; three indicators over eleven years make the rest."""
SCHEME = "synthetic"
NOTE = "SYNTHETIC: drawn from a seed, means nothing."


def places(count: int) -> list[str]:
    return [f"own:R{i:04d}" for i in range(count)]


def fields(count: int) -> list[str]:
    return [f"{SCHEME}:F{i:04d}" for i in range(count)]


def write_workspace(path: Path, regions: int, products: int, seed: int = 1) -> int:
    """A workspace with one SYNTHETIC source of ``regions × products × 3 × 11`` observations; gives their number.

    A nested economy: places differ in how much they can do, fields in how much they ask for, and each year moves
    a little on from the one before.
    """
    from foreland.core.tables import table_spec
    from foreland.data.workspace import open_workspace

    ws = open_workspace(path)
    rng = np.random.default_rng(seed)
    source = "synthetic:speed"
    region_ids, field_ids = pa.array(places(regions)), pa.array(fields(products))
    able, asks = np.sort(rng.random(regions))[::-1, None], np.sort(rng.random(products))[None, :]
    base = np.exp(rng.normal(0, 1, (regions, products)) + 3 * able - 2 * asks) * 20
    schema = table_spec("observation").arrow_schema()
    cells = regions * products
    r = _repeated(np.repeat(np.arange(regions), products), region_ids)
    f = _repeated(np.tile(np.arange(products), regions), field_ids)
    with ws.staging() as staging:
        with pq.ParquetWriter(staging.path("observation"), schema, compression="zstd") as writer:
            line = 1
            for number, indicator in enumerate(INDICATORS):
                values = base / 10**number
                for year in YEARS:
                    values = values * np.exp(rng.normal(0.02, 0.1, values.shape))
                    columns = {
                        "region_id": r,
                        "field_id": f,
                        "indicator_id": _constant(indicator, cells),
                        "period": _constant(year, cells),
                        "value": pa.array(np.round(values).ravel()),
                        "status": _constant("observed", cells),
                        "source_id": _constant(source, cells),
                        "line": pa.array(np.arange(line, line + cells)),
                    }
                    line += cells
                    writer.write_table(pa.table(columns, schema=schema), row_group_size=1_000_000)
        named = [("region", places(regions)), ("field", fields(products))]
        for table, ids in named:
            rows = [
                {
                    f"{table}_id": identifier,
                    "name_en": f"SYNTHETIC {table} {identifier[-4:]}",
                    "name_zh": f"合成{'地区' if table == 'region' else '领域'} {identifier[-4:]}",
                    "source_id": source,
                    **({"level": "other"} if table == "region" else {"scheme": SCHEME, "code": identifier[-5:]}),
                }
                for identifier in ids
            ]
            staging.write(table, pa.Table.from_pylist(rows, schema=table_spec(table).arrow_schema()))
        told = [
            {
                "indicator_id": identifier,
                "name_en": f"SYNTHETIC {identifier.partition('_')[2]}",
                "name_zh": f"合成指标 {identifier.partition('_')[2]}",
                "unit": unit,
                "kind": kind,
                "aggregation": "sum",
                "source_id": source,
            }
            for identifier, (unit, kind) in INDICATORS.items()
        ]
        staging.write("indicator", pa.Table.from_pylist(told, schema=table_spec("indicator").arrow_schema()))
        about = {
            "source_id": source,
            "title_en": "SYNTHETIC figures for measuring speed",
            "title_zh": "合成数据（SYNTHETIC），仅用于测速",
            "content_hash": f"{seed}-{regions}-{products}",
            "note_en": NOTE,
            "note_zh": "合成数据，按种子生成，无实际含义。",
        }
        staging.write("source", pa.Table.from_pylist([about], schema=table_spec("source").arrow_schema()))
        staging.commit(source, f"{seed}-{regions}-{products}")
    return ws.rows("observation")


def _repeated(positions: np.ndarray, texts: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(positions.astype(np.int32), texts).cast(pa.string())


def _constant(text: str, rows: int) -> pa.Array:
    return _repeated(np.zeros(rows), pa.array([text]))
