"""What is known of units beside their counts: places, citations, fields read with, links among their papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, UsageError
from foreland.core.provenance import Input
from foreland.core.reads import at_most
from foreland.core.scope import Scope
from foreland.data.coverage import covering
from foreland.data.cube import read_cube
from foreland.foresight.questions.series import WORLD, Series
from foreland.foresight.questions.track_record import KEPT
from foreland.foresight.signals import Evidence

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from foreland.data.workspace import Workspace

BELONGS = ("mentions", "assigned", "classified", "speaks_of")
"""Kinds of link from a document to a unit."""
MOST_CELLS = 40_000_000
FEWEST_PLACES = 3


def evidence_of(ws: Workspace, series: Series, scope: Scope, window: int) -> tuple[Evidence, tuple[Input, ...]]:
    """What the workspace holds of the units of a series, and what was read for it.

    Places and citations come from figures of the same source, the rest from links of its documents: those of the last
    two windows, which is what signals compare.
    """
    key = ("evidence", ws.content_hash, series.cube.coverage, series.periods, scope.region, window)
    found: tuple[Evidence, tuple[Input, ...]] = ws.cache.remember(
        key, lambda: _evidence(ws, series, scope, window), fits=at_most(KEPT)
    )
    return found


def _evidence(ws: Workspace, series: Series, scope: Scope, window: int) -> tuple[Evidence, tuple[Input, ...]]:
    cube = series.cube
    places = cube.values if len(cube.regions) >= FEWEST_PLACES else None
    figures, inputs = _figures(ws, series, scope)
    linked, more = _links(ws, series, scope, window)
    return replace(Evidence(places=places), **figures, **linked), (*inputs, *more)


def _figures(ws: Workspace, series: Series, scope: Scope) -> tuple[dict[str, np.ndarray], tuple[Input, ...]]:
    """Citations received and documents among the tenth cited most, by year and unit, where the source has them.

    They are those of whole documents. Where the series counts fractions, they are scaled to it, so that what comes of
    them per document stays what it is.
    """
    counts = series.counts if scope.region else series.world
    kind = series.cube.coverage.indicator_id.removesuffix("_fractional")
    found: dict[str, np.ndarray] = {}
    inputs: list[Input] = []
    whole = _figure(ws, series, scope, kind)
    size = counts if whole is None else whole[0]
    for signal, indicator in (("cited", "citations_received"), ("top_cited", f"top_cited_{kind}")):
        read = _figure(ws, series, scope, indicator)
        if read is None:
            continue
        values, used = read
        inputs.append(used)
        each = np.divide(values, size, out=np.zeros(size.shape), where=size > 0)
        found[signal] = each * counts
        if signal == "cited":
            received, documents = values.sum(axis=1), size.sum(axis=1)
            mean = np.divide(received, documents, out=np.full(documents.shape, np.nan), where=documents > 0)
            found["expected"] = mean[:, None]
    return found, tuple(inputs)


def _figure(ws: Workspace, series: Series, scope: Scope, indicator: str) -> tuple[np.ndarray, Input] | None:
    """Figures of an indicator of the same source by year and unit, shape (T, U); None where there are none."""
    cube = series.cube
    if (cube.coverage.source_id, cube.coverage.scheme, indicator) not in covering(ws, scope.focus or WORLD):
        return None
    asked = cube.scope.replace(indicator=indicator, region=(), field=(), benchmark=None if scope.region else WORLD)
    try:
        own = read_cube(ws, asked, summable=False)
    except (DataError, UsageError):  # of other places or years
        return None
    if scope.region:
        at = [own.regions.index(region) for region in scope.region if region in own.regions]
        values = np.nan_to_num(own.values[:, at]).sum(axis=1)
    else:
        assert own.benchmark is not None
        values = np.nan_to_num(own.benchmark)
    aligned = _aligned(values, (own.periods, own.fields), (series.periods, series.units))
    return aligned, replace(own.inputs[0], match={"field_id": "field_id"})


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


def _links(ws: Workspace, series: Series, scope: Scope, window: int) -> tuple[dict[str, np.ndarray], tuple[Input, ...]]:
    """Documents by unit and field, and links within and beyond units.

    Terms and topics are sources of their own, made of the documents of another: what else those documents are linked
    to may come from any source.
    """
    import pyarrow.compute as pc

    source, scheme = series.cube.coverage.source_id, series.cube.coverage.scheme
    link = ws.table("link")
    belongs = link.filter(link.kind.isin(list(BELONGS)))
    own = ws.to_arrow(_members(belongs.filter(belongs.source_id == source), scheme))
    if not own.num_rows:
        return {}, ()
    documents = pc.unique(own["document"])
    belonging = _matrix(own["document"], own["unit"], documents, series.units)
    found: dict[str, np.ndarray] = {}
    year = _year_of(ws, series, scope, documents, window)
    other = _other_scheme(ws, belongs, scheme)
    told = own if other == scheme else ws.to_arrow(_members(belongs, other))
    kinds = sorted(pc.unique(told["unit"]).to_pylist())
    if len(kinds) > 1 and len(series.periods) * len(series.units) * len(kinds) <= MOST_CELLS:
        fields = _matrix(told["document"], told["unit"], documents, kinds)
        by_field = np.zeros((len(series.periods), len(series.units), len(kinds)))
        for t in np.unique(year[year >= 0]):
            at = year == t
            by_field[t] = (belonging[at].T @ fields[at]).toarray()
        if other == scheme:
            # What a unit is read with, not itself.
            same = [(u, kinds.index(unit)) for u, unit in enumerate(series.units) if unit in set(kinds)]
            for u, k in same:
                by_field[:, u, k] = 0
        found["fields"] = by_field
    cites = ws.to_arrow(link.filter(link.kind == "cites").select("from_id", "to_id").distinct())
    ends = [pc.index_in(cites[name], value_set=documents) for name in ("from_id", "to_id")]
    known = pc.and_(pc.is_valid(ends[0]), pc.is_valid(ends[1])).to_numpy(zero_copy_only=False)
    citing, cited = (end.to_numpy(zero_copy_only=False)[known].astype(np.int64) for end in ends)
    seen = year[citing] >= 0
    citing, cited = citing[seen], cited[seen]
    if len(citing):
        found |= _within(belonging, year, citing, cited, series)
    return found, (Input("link", {"kind": BELONGS, "source_id": source}, own.num_rows, _hashes(ws, source)),)


def _matrix(documents: Any, units: Any, rows: Any, columns: Sequence[str]) -> Any:
    """Which document belongs to which unit, a sparse matrix of ones, (documents, units)."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from scipy.sparse import csr_array

    row = pc.index_in(documents, value_set=rows)
    column = pc.index_in(units, value_set=pa.array(list(columns), pa.string()))
    known = pc.and_(pc.is_valid(row), pc.is_valid(column)).to_numpy(zero_copy_only=False)
    at = [each.to_numpy(zero_copy_only=False)[known].astype(np.int64) for each in (row, column)]
    return csr_array((np.ones(len(at[0])), (at[0], at[1])), shape=(len(rows), len(columns)))


def _year_of(ws: Workspace, series: Series, scope: Scope, documents: Any, window: int) -> np.ndarray:
    """Row of each document's year in the series; −1 outside the last two windows or the places asked about."""
    import pyarrow.compute as pc

    rows = {period[:4]: t for t, period in enumerate(series.periods) if t >= len(series.periods) - 2 * window}
    dated = _dated(ws).filter(lambda t: t.year.isin(list(rows)))
    if scope.region:
        part = ws.table("participation")
        dated = dated.semi_join(part.filter(part.region_id.isin(list(scope.region))), "document_id")
    read = ws.to_arrow(dated)
    place = pc.index_in(documents, value_set=read["document_id"].combine_chunks())
    years = np.array([rows[year] for year in read["year"].to_pylist()], dtype=np.int64)
    found = np.full(len(documents), -1)
    known = pc.is_valid(place).to_numpy(zero_copy_only=False)
    found[known] = years[place.to_numpy(zero_copy_only=False)[known].astype(np.int64)]
    return found


def _dated(ws: Workspace) -> ir.Table:
    """Documents and their years; the first where two sources have the same document."""
    document = ws.table("document").filter(lambda t: t.date.notnull())
    return document.group_by("document_id").agg(year=document.date.left(4).min())


def _other_scheme(ws: Workspace, belongs: ir.Table, scheme: str) -> str:
    """The scheme of fields that documents have most links to, beside that of the units, or that where it is alone."""
    rows = belongs.mutate(scheme=belongs.to_id.split(":")[0]).group_by("scheme").agg(n=lambda t: t.count())
    listed = sorted(ws.to_arrow(rows).to_pylist(), key=lambda row: (-row["n"], row["scheme"]))
    names = [row["scheme"] for row in listed if not row["scheme"].startswith(("terms-", "topics-"))]
    return next((name for name in names if name != scheme), scheme)


def _members(belongs: ir.Table, scheme: str) -> ir.Table:
    own = belongs.filter(belongs.to_id.startswith(f"{scheme}:"))
    return own.select(document="from_id", unit="to_id").distinct()


def _within(
    belonging: Any, year: np.ndarray, citing: np.ndarray, cited: np.ndarray, series: Series
) -> dict[str, np.ndarray]:
    """Citations a unit's documents give to documents at hand, and those of them that stay within the unit."""
    found = {name: np.zeros((len(series.periods), len(series.units))) for name in ("links", "inside")}
    for t in np.unique(year[citing]):
        at = year[citing] == t
        given = belonging[citing[at]]
        found["links"][t] = given.sum(axis=0)
        found["inside"][t] = given.multiply(belonging[cited[at]]).sum(axis=0)
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
