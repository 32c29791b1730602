"""Where does each sector stand between raw materials and final use?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.chains.errors import ChainError
from foreland.chains.position import Position, Propagation, propagation
from foreland.chains.position import position as method
from foreland.chains.questions.cells import CATEGORIES, EXPORTS
from foreland.chains.questions.listing import choose
from foreland.chains.questions.tables import Table, read, told
from foreland.chains.questions.years import inputs_of
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

INVENTORIES = CATEGORIES.index("inventory_change")
WEAK = 0.002
"""Linkages below this share say nothing, however short: a length is told only above it."""


@question(
    "chains.position",
    zh="各部门处在产业链的上游还是下游？",
    en="Who stands upstream, who downstream?",
    example={"region": "US"},
    uses=("region", "scheme", "field", "period", "source"),
)
def position(ws: Workspace, scope: Scope) -> Finding:
    """Upstreamness and downstreamness by sector; with one sector, how many steps others are away from it.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    """
    entry = choose(ws, scope)
    table = read(ws, entry, scope)
    try:
        found = method(table.system, exports=(EXPORTS,), inventories=(INVENTORIES,))
    except ChainError as error:
        raise told(error, table.sectors, ws) from error
    chosen = [table.sectors[k] for k in table.chosen()]
    alone = chosen[0] if len(chosen) == 1 else None
    every = _rows(table, found)
    steps = [*table.steps, Step("chains.step.position")]
    if alone:
        lengths = propagation(table.system)
        rows = _neighbours(table, lengths, found, alone)
        steps.append(Step("chains.step.propagation", {"least": f"{WEAK:.1%}"}))
        headline = _headline_one(table, rows, [row for row in every if row["field_id"] == alone])
    else:
        rows = [row for row in every if row["field_id"] in chosen]
        headline = _headline(table, rows)
    matches = ({"field_id": "from_id"}, {"field_id": "to_id"})
    finding = answer(
        ws,
        "chains.position",
        table.scope,
        rows,
        headline=headline,
        benchmark=both("chains.benchmark.mean_position", table=table.benchmark(), **_means(every)),
        inputs=inputs_of([table], *matches),
        steps=steps,
        caveats=table.caveats,
    )
    return finding.offering(*(("steps", "reach") if alone else ("plane", "ranking")))


def _rows(table: Table, found: Position) -> list[dict[str, Any]]:
    """Sectors with where they stand, the most upstream first."""
    # Stocks run down are no negative sales.
    left = [n for n, category in enumerate(CATEGORIES) if category not in ("inventory_change", "error")]
    final = np.maximum(table.system.final[:, left], 0.0).sum(axis=1)
    used = table.system.flows.sum(axis=1)
    rows: list[dict[str, Any]] = [
        {
            "field_id": sector,
            "upstreamness": float(found.upstreamness[k]),
            "downstreamness": float(found.downstreamness[k]),
            "sold_on": float(used[k] / (used[k] + final[k])) if used[k] + final[k] > 0 else None,
            "output": float(table.system.output[k]),
            "unit": table.unit,
        }
        for k, sector in enumerate(table.sectors)
        if np.isfinite(found.upstreamness[k]) and np.isfinite(found.downstreamness[k])
    ]
    rows.sort(key=lambda row: (-row["upstreamness"], row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _neighbours(table: Table, found: Propagation, where: Position, sector: str) -> list[dict[str, Any]]:
    """Sectors with the steps to and from the one asked for, the strongest linked first."""
    k = table.index(sector)
    rows: list[dict[str, Any]] = [
        {
            "field_id": other,
            "steps_to": _kept(found.length[i, k], found.strength[i, k]),
            "strength_to": float(found.strength[i, k]),
            "steps_from": _kept(found.length[k, i], found.strength[k, i]),
            "strength_from": float(found.strength[k, i]),
            "upstreamness": float(where.upstreamness[i]) if np.isfinite(where.upstreamness[i]) else None,
            "sector_id": sector,
        }
        for i, other in enumerate(table.sectors)
        if i != k and max(found.strength[i, k], found.strength[k, i]) > WEAK
    ]
    rows.sort(key=lambda row: (-max(row["strength_to"], row["strength_from"]), row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _kept(length: float, strength: float) -> float | None:
    return float(length) if np.isfinite(length) and strength > WEAK else None


def _means(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Means over sectors, weighted by output."""
    weight = np.array([row["output"] for row in rows])
    return {
        short: f"{np.average([row[column] for row in rows], weights=weight):.2f}" if rows and weight.sum() else "—"
        for short, column in (("up", "upstreamness"), ("down", "downstreamness"))
    }


def _headline(table: Table, rows: list[dict[str, Any]]) -> Text:
    ws = table.ws
    place = {"place": name(ws, table.listed.region_id), "year": table.listed.period}
    if not rows:
        return both("chains.position.headline.none", **place)
    up, down = rows[0], rows[-1]
    return both(
        "chains.position.headline.all",
        up=name(ws, up["field_id"]),
        far=f"{up['upstreamness']:.1f}",
        down=name(ws, down["field_id"]),
        near=f"{down['upstreamness']:.1f}",
        **place,
    )


def _headline_one(table: Table, rows: list[dict[str, Any]], own: list[dict[str, Any]]) -> Text:
    ws = table.ws
    words: dict[str, Any] = {
        "place": name(ws, table.listed.region_id),
        "year": table.listed.period,
        "sector": name(ws, table.scope.field[0]),
    }
    if not own:
        return both("chains.position.headline.none", place=words["place"], year=words["year"])
    words |= {"up": f"{own[0]['upstreamness']:.1f}", "down": f"{own[0]['downstreamness']:.1f}"}
    supplied = max((row for row in rows if row["steps_to"]), key=lambda row: row["strength_to"], default=None)
    if supplied is None:
        return both("chains.position.headline.alone", **words)
    return both(
        "chains.position.headline.one",
        supplier=name(ws, supplied["field_id"]),
        steps=f"{supplied['steps_to']:.1f}",
        **words,
    )
