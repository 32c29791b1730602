"""Which sectors pull and push the whole economy?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.chains import linkages as method
from foreland.chains.multipliers import multiplier
from foreland.chains.questions.listing import choose
from foreland.chains.questions.tables import Origin, Table, read
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


@question(
    "chains.linkages",
    zh="哪些部门带动和支撑整个经济？",
    en="Which sectors pull and push the whole economy?",
    example={"region": "US"},
    uses=("region", "scheme", "field", "period", "source"),
)
def linkages(ws: Workspace, scope: Scope, flows: Origin = "domestic") -> Finding:
    """Backward and forward linkages, the quadrant of key sectors, and multipliers.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. Without a country the newest table.
    flows
        ``domestic``: what is felt at home; ``total``: what the technology needs, wherever it is made.
    """
    table = read(ws, choose(ws, scope), scope, flows)
    found = method.linkages(table.system)
    quadrants = method.quadrant(found.power, found.sensitivity)
    added = multiplier(table.system, table.added_at_home)
    imported = table.imported_inputs
    brought = None if imported is None else multiplier(table.system, imported)
    rows = _rows(table, found, quadrants, added.simple, None if brought is None else brought.simple)
    steps = [
        *table.steps,
        Step("chains.step.leontief"),
        Step("chains.step.linkages"),
        Step("chains.step.quadrant"),
        Step("chains.step.multipliers"),
    ]
    return answer(
        ws,
        "chains.linkages",
        table.scope,
        rows,
        headline=_headline(table, rows),
        benchmark=both("chains.benchmark.mean_sector", table=table.benchmark()),
        inputs=table.inputs(),
        steps=steps,
        caveats=[*table.caveats, *_as_if_at_home(flows)],
        parameters={"flows": flows},
    )


def _as_if_at_home(flows: Origin) -> tuple[Caveat, ...]:
    """With products of any origin imports have multipliers of the home table: no such output arises anywhere."""
    return (Caveat("chains.caveat.as_if_at_home", "warning"),) if flows == "total" else ()


def _rows(
    table: Table,
    found: method.Linkages,
    quadrants: np.ndarray,
    added: np.ndarray,
    brought: np.ndarray | None,
) -> list[dict[str, Any]]:
    order = np.argsort(np.argsort(-np.nan_to_num(found.power + found.sensitivity), kind="stable"), kind="stable")
    rows = [
        {
            "rank": int(order[k]) + 1,
            "field_id": table.sectors[k],
            "quadrant": str(quadrants[k]),
            "power": float(found.power[k]),
            "sensitivity": float(found.sensitivity[k]),
            "output_multiplier": float(found.backward[k]),
            "supply_multiplier": float(found.forward[k]),
            "added_multiplier": float(added[k]),
            "import_multiplier": None if brought is None else float(brought[k]),
            "spread": float(found.backward_variation[k]),
            "output": float(table.system.output[k]),
            "unit": table.unit,
        }
        for k in table.chosen()
        if np.isfinite(found.power[k]) and np.isfinite(found.sensitivity[k])
    ]
    return sorted(rows, key=lambda row: (row["rank"], row["field_id"]))


def _headline(table: Table, rows: list[dict[str, Any]]) -> Text:
    place = {"place": name(table.ws, table.listed.region_id), "year": table.listed.period}
    if len(rows) == 1:
        row = rows[0]
        return both(
            f"chains.linkages.headline.one.{row['quadrant']}",
            sector=name(table.ws, row["field_id"]),
            multiplier=f"{row['output_multiplier']:.2f}",
            **place,
        )
    count = Counter(row["quadrant"] for row in rows)
    key = [row["field_id"] for row in rows if row["quadrant"] == "key"]
    if not key:
        return both("chains.linkages.headline.none", of=len(rows), **place)
    return both(
        "chains.linkages.headline.all", number=count["key"], of=len(rows), sectors=listed(table.ws, key[:3]), **place
    )
