"""Cells of input–output tables: links and figures as matrices and vectors."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from foreland.data.chains.table import FINAL_USES

CATEGORIES = (*FINAL_USES, "error")
"""Final uses in the order of the columns of ``final``; indicators are ``io_<category>``."""
EXPORTS = CATEGORIES.index("exports")


def of_schemes(rows: pa.Table, column: str, schemes: tuple[str, ...]) -> pa.Table:
    """The rows whose ids are of some classifications."""
    scheme = pc.list_element(pc.split_pattern(rows[column], ":", max_splits=1), 0) if rows.num_rows else None
    return rows if scheme is None else rows.filter(pc.is_in(scheme, pa.array(sorted(set(schemes)))))


def matrix(links: pa.Table, kind: str, rows: tuple[str, ...], columns: tuple[str, ...]) -> np.ndarray:
    """Links of a kind as a dense matrix; what is not stored is zero."""
    wanted = links.filter(pc.equal(links["kind"], kind))
    found = np.zeros((len(rows), len(columns)))
    across = pc.index_in(wanted["from_id"], pa.array(rows, pa.string())).to_numpy(zero_copy_only=False)
    down = pc.index_in(wanted["to_id"], pa.array(columns, pa.string())).to_numpy(zero_copy_only=False)
    known = ~(np.isnan(across.astype(float)) | np.isnan(down.astype(float)))
    weights = wanted["weight"].to_numpy(zero_copy_only=False)
    np.add.at(found, (across[known].astype(int), down[known].astype(int)), weights[known])
    return found


def vector(figures: pa.Table, indicator: str, fields: tuple[str, ...]) -> np.ndarray | None:
    """Figures of one indicator along an axis; None where there are none."""
    own = figures.filter(pc.equal(figures["indicator_id"], indicator))
    if not own.num_rows:
        return None
    at = pc.index_in(own["field_id"], pa.array(fields, pa.string())).to_numpy(zero_copy_only=False).astype(float)
    found = np.zeros(len(fields))
    known = ~np.isnan(at)
    found[at[known].astype(int)] = np.nan_to_num(own["value"].to_numpy(zero_copy_only=False)[known])
    return found if known.any() else None


def final_uses(figures: pa.Table, fields: tuple[str, ...], prefix: str = "io_") -> np.ndarray:
    """Final uses by category, shape (n, :data:`CATEGORIES`)."""
    columns = [vector(figures, f"{prefix}{category}", fields) for category in CATEGORIES]
    return np.column_stack([np.zeros(len(fields)) if column is None else column for column in columns])


def value_added(figures: pa.Table, fields: tuple[str, ...]) -> np.ndarray | None:
    """All of a column that is no product of a sector: value added, and taxes and imports paid on inputs."""
    added = vector(figures, "io_value_added", fields)
    for other in ("io_product_taxes", "io_imported_inputs"):
        more = vector(figures, other, fields)
        if more is not None and added is not None:
            added = added + more
    return added


def positive(imports: np.ndarray | None, final: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
    """Imports without negative entries, which are adjustments (duties, freight at home): those are a final use."""
    if imports is None or (imports >= 0).all():
        return imports, final
    moved = final.copy()
    moved[:, CATEGORIES.index("other_final_use")] -= np.minimum(imports, 0.0)
    return np.maximum(imports, 0.0), moved


def by_code(identifier: str) -> tuple[str, str]:
    """What ids are sorted by: numbers as numbers."""
    code = identifier.partition(":")[2]
    return (code.zfill(12) if code.isdigit() else code, identifier)
