"""What is known of units beside their counts: places, citations, fields read with, links among their papers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, UsageError
from foreland.core.provenance import Input
from foreland.core.scope import Scope
from foreland.data.coverage import covering
from foreland.data.cube import read_cube
from foreland.foresight.questions.series import WORLD, Series
from foreland.foresight.questions.track_record import kept
from foreland.foresight.signals import Evidence

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from foreland.data.workspace import Workspace

BELONGS = ("mentions", "assigned", "classified", "speaks_of")
"""Kinds of link from a document to a unit."""
MOST_CELLS = 40_000_000
FEWEST_PLACES = 3


def evidence_of(ws: Workspace, series: Series, scope: Scope) -> tuple[Evidence, tuple[Input, ...]]:
    """What the workspace holds of the units of a series, and what was read for it.

    Places and citations come from figures of the same source, the rest from links of its documents.
    """
    key = ("evidence", ws.content_hash, series.cube.coverage, series.periods, scope.region)
    found: tuple[Evidence, tuple[Input, ...]] = kept(ws, key, lambda: _evidence(ws, series, scope))
    return found


def _evidence(ws: Workspace, series: Series, scope: Scope) -> tuple[Evidence, tuple[Input, ...]]:
    cube = series.cube
    places = cube.values if len(cube.regions) >= FEWEST_PLACES else None
    cited, top, inputs = _figures(ws, series, scope)
    found = Evidence(places=places, top_cited=top)
    if cited is not None:
        counts = series.counts if scope.region else series.world
        received, size = np.nansum(cited, axis=1), counts.sum(axis=1)
        mean = np.divide(received, size, out=np.full(size.shape, np.nan), where=size > 0)
        found = replace(found, cited=cited, expected=mean[:, None])
    linked, more = _links(ws, series, scope)
    return replace(found, **linked), (*inputs, *more)


def _figures(
    ws: Workspace, series: Series, scope: Scope
) -> tuple[np.ndarray | None, np.ndarray | None, tuple[Input, ...]]:
    """Citations received and papers among the tenth cited most, by year and unit, where the source has them."""
    cube = series.cube
    focus = scope.focus or WORLD
    inputs: list[Input] = []
    arrays: list[np.ndarray | None] = []
    for indicator in ("citations_received", "top_cited_papers"):
        arrays.append(None)
        if (cube.coverage.source_id, cube.coverage.scheme, indicator) not in covering(ws, focus):
            continue
        asked = cube.scope.replace(indicator=indicator, region=(), field=(), benchmark=None)
        try:
            own = read_cube(ws, asked if scope.region else asked.replace(benchmark=WORLD))
        except (DataError, UsageError):  # figures of the world alone, or of other years
            continue
        if scope.region:
            values = np.nan_to_num(own.values[:, [own.region_index(r) for r in scope.region if r in own.regions]])
            values = values.sum(axis=1)
        else:
            assert own.benchmark is not None
            values = np.nan_to_num(own.benchmark)
        arrays[-1] = _aligned(values, (own.periods, own.fields), (series.periods, series.units))
        inputs += [replace(own.inputs[0], match={"field_id": "field_id"})]
    return arrays[0], arrays[1], tuple(inputs)


def _aligned(values: np.ndarray, have: tuple[Any, Any], want: tuple[Any, Any]) -> np.ndarray:
    """Values by (period, unit) on the axes wanted; 0 where there is nothing."""
    found = np.zeros((len(want[0]), len(want[1])))
    rows = [(want[0].index(p), i) for i, p in enumerate(have[0]) if p in want[0]]
    place = {unit: u for u, unit in enumerate(want[1])}
    columns = [(place[f], j) for j, f in enumerate(have[1]) if f in place]
    if rows and columns:
        (to_t, from_t), (to_u, from_u) = zip(*rows, strict=True), zip(*columns, strict=True)
        found[np.ix_(to_t, to_u)] = values[np.ix_(from_t, from_u)]
    return found


def _links(ws: Workspace, series: Series, scope: Scope) -> tuple[dict[str, np.ndarray], tuple[Input, ...]]:
    """Documents by unit and field, and links within and beyond units.

    Terms and topics are sources of their own, made of the documents of another: what else those documents are linked
    to may come from any source.
    """
    source, scheme = series.cube.coverage.source_id, series.cube.coverage.scheme
    link = ws.table("link")
    belongs = link.filter(link.kind.isin(list(BELONGS)))
    own = belongs.filter(belongs.source_id == source)
    members = _members(own, scheme)
    number = _number(ws, members)
    if not number:
        return {}, ()
    at_hand = members.select("document_id").distinct()
    unit = members.join(_dated(ws), "document_id")
    if scope.region:
        part = ws.table("participation")
        unit = unit.semi_join(part.filter(part.region_id.isin(list(scope.region))), "document_id")
    found: dict[str, np.ndarray] = {}
    told = belongs.semi_join(at_hand, belongs.from_id == at_hand.document_id)
    other = next((s for s in _schemes(ws, told) if s != scheme and not s.startswith(("terms-", "topics-"))), scheme)
    fields = _by_field(ws, unit, _members(told, other), series)
    if fields is not None:
        found["fields"] = fields
    cites = link.filter(link.kind == "cites").select(document_id="from_id", cited="to_id").distinct()
    cites = cites.semi_join(at_hand.rename(cited="document_id"), "cited").semi_join(at_hand, "document_id")
    documents = _number(ws, at_hand)
    if _number(ws, cites) * number / documents <= MOST_CELLS:
        found |= _within(ws, unit, members, cites, series)
    return found, (Input("link", {"kind": BELONGS, "source_id": source}, number, _hashes(ws, source)),)


def _number(ws: Workspace, rows: ir.Table) -> int:
    return int(ws.to_arrow(rows.agg(n=rows.count())).to_pylist()[0]["n"])


def _dated(ws: Workspace) -> ir.Table:
    """Documents and their years; that of the first where two sources have the same."""
    document = ws.table("document").filter(lambda t: t.date.notnull())
    return document.group_by("document_id").agg(year=document.date.left(4).min())


def _schemes(ws: Workspace, belongs: ir.Table) -> dict[str, int]:
    """Schemes that documents are linked to, the one with the most links first."""
    rows = belongs.mutate(scheme=belongs.to_id.split(":")[0]).group_by("scheme").agg(n=lambda t: t.count())
    listed = sorted(ws.to_arrow(rows).to_pylist(), key=lambda row: (-row["n"], row["scheme"]))
    return {row["scheme"]: row["n"] for row in listed}


def _members(belongs: ir.Table, scheme: str) -> ir.Table:
    own = belongs.filter(belongs.to_id.startswith(f"{scheme}:"))
    return own.select(document_id="from_id", unit="to_id").distinct()


def _by_field(ws: Workspace, unit: ir.Table, field: ir.Table, series: Series) -> np.ndarray | None:
    paired = unit.join(field.rename(field="unit"), "document_id")
    paired = paired.filter(paired.unit != paired.field).group_by(["year", "unit", "field"]).agg(n=lambda t: t.count())
    rows = ws.to_arrow(paired).to_pydict()
    fields = {name: k for k, name in enumerate(sorted(set(rows["field"])))}
    if len(fields) < 2 or len(series.periods) * len(series.units) * len(fields) > MOST_CELLS:
        return None
    years = {period[:4]: t for t, period in enumerate(series.periods)}
    units = {name: u for u, name in enumerate(series.units)}
    found = np.zeros((len(years), len(units), len(fields)))
    for year, name, other, n in zip(rows["year"], rows["unit"], rows["field"], rows["n"], strict=True):
        if year in years and name in units:
            found[years[year], units[name], fields[other]] += n
    return found


def _within(ws: Workspace, unit: ir.Table, members: ir.Table, cites: ir.Table, series: Series) -> dict[str, np.ndarray]:
    """Citations a unit's documents give to documents at hand, and those of them that stay within the unit."""
    given = unit.join(cites, "document_id")
    same = given.semi_join(members.rename(cited="document_id"), ["cited", "unit"])
    found = {}
    for name, rows in (("links", given), ("inside", same)):
        listed = ws.to_arrow(rows.group_by(["year", "unit"]).agg(n=lambda t: t.count())).to_pylist()
        found[name] = _counted(listed, series)
    return found if found["links"].any() else {}


def _counted(rows: list[dict[str, Any]], series: Series) -> np.ndarray:
    years = {period[:4]: t for t, period in enumerate(series.periods)}
    units = {name: u for u, name in enumerate(series.units)}
    found = np.zeros((len(years), len(units)))
    for row in rows:
        if row["year"] in years and row["unit"] in units:
            found[years[row["year"]], units[row["unit"]]] += row["n"]
    return found


def occurrences_of(ws: Workspace, series: Series) -> np.ndarray | None:
    """How often terms occur in the documents of a year, shape (T, U), where links say it."""
    source, scheme = series.cube.coverage.source_id, series.cube.coverage.scheme
    link = ws.table("link")
    told = link.filter(link.kind == "mentions", link.source_id == source, link.to_id.startswith(f"{scheme}:"))
    dated = _dated(ws).rename(from_id="document_id")
    rows = told.join(dated, "from_id").group_by(["year", "to_id"]).agg(n=lambda t: t.weight.sum())
    listed = ws.to_arrow(rows.rename(unit="to_id")).to_pylist()
    found = _counted([row for row in listed if row["n"] is not None], series)
    return found if found.any() else None


def _hashes(ws: Workspace, source: str) -> dict[str, str]:
    return {source: ws.sources[source].content_hash} if source in ws.sources else {}
