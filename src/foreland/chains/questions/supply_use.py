"""Make and use tables, as the questions see them: one system of industries by industries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from foreland.chains.errors import ChainError
from foreland.chains.input_output import InputOutput
from foreland.chains.questions.cells import CATEGORIES, by_code, final_uses, matrix, positive, value_added, vector
from foreland.chains.questions.listing import Listed
from foreland.chains.supply_use import SupplyUse, industry_by_industry
from foreland.core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


def symmetric(entry: Listed, links: pa.Table, figures: pa.Table) -> tuple[tuple[str, ...], InputOutput]:
    """Industries by industries, every product sold to users in the same proportions whoever made it.

    Products that nobody makes at home (noncomparable imports) stay as sectors of their own, without output and inputs,
    so that what is bought of them counts as imported.

    Raises
    ------
    DataError
        ``chains.error.no_make`` where there is no make table.
    """
    if "make" not in entry.kinds:
        raise DataError("chains.error.no_make", period=entry.period, scheme=entry.scheme)
    ends = {
        (row["from_id"], row["to_id"], row["kind"]) for row in links.select(["from_id", "to_id", "kind"]).to_pylist()
    }
    industries = tuple(sorted({a if kind == "make" else b for a, b, kind in ends}, key=by_code))
    products = tuple(sorted({b if kind == "make" else a for a, b, kind in ends}, key=by_code))
    make, use = matrix(links, "make", industries, products), matrix(links, "flow", products, industries)
    final, imports = final_uses(figures, products), vector(figures, "io_imports", products)
    added = value_added(figures, industries)
    if added is None:
        added = make.sum(axis=1) - use.sum(axis=0)
    imported = imported_final = None
    if "flow_imported" in entry.kinds:
        # Import tables are worked out apart from use tables, so a cell of theirs may be the larger by rounding.
        imported = np.minimum(matrix(links, "flow_imported", products, industries), np.maximum(use, 0.0))
        imported_final = final_uses(figures, products, "io_imported_")
        if imports is not None:
            # Both are published; where they differ (duties, freight at home, redefinitions) output needs the rest.
            final[:, CATEGORIES.index("error")] += imported.sum(axis=1) + imported_final.sum(axis=1) - imports
        use, final, imports = use - imported, final - imported_final, None
    elif imports is None:
        imports = np.zeros(len(products))
    imports, final = positive(imports, final)
    try:
        tables = SupplyUse(np.maximum(make, 0.0), use, final, added, imports, imported, imported_final)
        system = industry_by_industry(tables)
    except ChainError as error:
        raise DataError(f"chains.error.{error.kind}", **error.params) from error
    alone = np.flatnonzero(tables.unmade & (use.sum(axis=1) + final.sum(axis=1) != 0))
    return (*industries, *(products[k] for k in alone)), _with_unmade(system, tables, alone)


def _with_unmade(system: InputOutput, tables: SupplyUse, alone: np.ndarray) -> InputOutput:
    """The system with products that nobody makes at home as rows without output."""
    more, n = len(alone), len(system)
    if not more:
        return system

    def grown(flows: np.ndarray | None, rows: np.ndarray | None) -> np.ndarray | None:
        if flows is None or rows is None:
            return None
        width = rows.shape[1] + (more if rows.shape[1] == n else 0)
        found = np.zeros((n + more, width))
        found[:n, : flows.shape[1]] = flows
        found[n:, : rows.shape[1]] = rows
        return found

    foreign = tables.use[tables.unmade].sum(axis=0)
    if tables.imported is not None:
        foreign = foreign + tables.imported[tables.unmade].sum(axis=0)
    flows = grown(system.flows, tables.use[alone])
    final = grown(system.final, tables.final[alone])
    assert flows is not None
    assert final is not None
    return replace(
        system,
        flows=flows,
        output=np.append(system.output, np.zeros(more)),
        final=final,
        value_added=np.append(system.value_added - foreign, np.zeros(more)),
        imports=None if system.imports is None or tables.imports is None
        else np.append(system.imports, tables.imports[alone]),
        imported=grown(system.imported, None if tables.imported is None else tables.imported[alone]),
        imported_final=grown(
            system.imported_final, None if tables.imported_final is None else tables.imported_final[alone]
        ),
    )  # fmt: skip
