"""The units that calls are made of: the same in all years, or those that documents up to each year give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from foreland.core.provenance import Input
from foreland.core.scope import Scope
from foreland.data.discovery.rows import WEIGHT
from foreland.foresight import back_testing
from foreland.foresight.questions.series import TOTAL, WORLD, Series, read_series
from foreland.foresight.questions.units import seen_from

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Kind = Literal["auto", "places", "fields"]
MANY = 100
"""From so many units on they are scored by themselves; fewer, and each place's share in them is a unit."""
DIVIDED = 0.1
"""A scheme divides the documents if they add up to their total within so much, in the middle place and year."""


@dataclass(frozen=True, eq=False)
class Population:
    """The units that calls are made of.

    Parameters
    ----------
    counts, totals
        Shapes (T, U), and (T,) or (T, U): years end with the last that is complete.
    clusters
        Shape (U,): units of one place rise and fall together, so they are drawn together.
    region_ids, field_ids
        For each unit; the place is None where the unit is a field of the world.
    periods
        Length T.
    cut
        Years left out at the end because they are not complete.
    series
        Where the counts are from.
    became
        For each unit, the field of today it became: itself, but for topics of an earlier year.
    kin
        Shape (U,): units with the same number became the same.
    known
        Shape (T, U): whether the unit is one that documents up to the year give. None where units are the same in all
        years: classes of today.
    inputs
        The figures read.
    hindsight
        Whether the units called last know years after the last one.
    """

    counts: np.ndarray
    totals: np.ndarray
    clusters: np.ndarray
    region_ids: tuple[str | None, ...]
    field_ids: tuple[str, ...]
    periods: tuple[str, ...]
    cut: tuple[str, ...]
    series: Series
    became: tuple[str, ...]
    kin: np.ndarray
    known: np.ndarray | None
    inputs: tuple[Input, ...]
    hindsight: bool = False

    @property
    def by_place(self) -> bool:
        return self.region_ids[0] is not None


@dataclass(frozen=True, eq=False)
class _Units:
    """Units of one series in the years of all: counts (T, U), totals (T,) or (T, U), and what they are."""

    counts: np.ndarray
    totals: np.ndarray
    region_ids: tuple[str | None, ...]
    field_ids: tuple[str, ...]


def population(ws: Workspace, scope: Scope, kind: Kind = "auto") -> Population:
    """The units of a scheme: of the world, or as parts of each place's own output.

    Terms are candidates in the years up to which documents give them (``term_weight``). Topics that were built anew at
    some years (``topics-<source>@<year>``) stand side by side, each to be called at its year alone.

    Raises
    ------
    DataError
        As :func:`~foreland.foresight.questions.series.read_series`.
    """
    series = read_series(ws, seen_from(ws, scope.replace(region=(), field=())))
    places = len(series.cube.regions)
    by_place = kind == "places" or (kind == "auto" and len(series.units) < MANY and places > 1)
    end = back_testing.last_sound(series.totals) + 1
    periods, cut = series.periods[:end], series.periods[end:]
    inputs: tuple[Input, ...] = (series.cube.inputs[0],)
    known: np.ndarray | None
    hindsight = False
    origins = _origins(ws, series, periods)
    if origins.keys() - {len(periods) - 1}:
        anew, item = _built_anew(ws, series, tuple(origins.values()), periods, by_place)
        parts = dict(zip(origins, anew, strict=True))
        if len(periods) - 1 not in parts:
            parts[len(periods) - 1] = _units(ws, series, periods, by_place, divides=False)
            hindsight = periods[-1] < series.cube.coverage.last
        units, known = _side_by_side(parts, len(periods), by_place)
        became, inputs = _became(ws, units, series.cube.coverage.source_id), (*inputs, item)
    else:
        units, known = _units(ws, series, periods, by_place), _known(ws, series, periods)
        became = units.field_ids
        if known is not None and by_place:
            known = np.tile(known, places)
    named = [f"{region} {field}" for region, field in zip(units.region_ids, became, strict=True)]
    kin = np.unique(named, return_inverse=True)[1]
    clusters = kin
    if by_place:
        clusters = np.unique([str(region) for region in units.region_ids], return_inverse=True)[1]
    return Population(
        units.counts, units.totals, clusters, units.region_ids, units.field_ids, periods, cut, series,
        became, kin, known, inputs, hindsight,
    )  # fmt: skip


def _units(ws: Workspace, series: Series, periods: tuple[str, ...], by_place: bool, divides: bool = True) -> _Units:
    """Units of a series; `divides` as of :func:`_place_totals`."""
    places, units = len(series.cube.regions), len(series.units)
    counts = series.world
    totals = series.totals
    region_ids: tuple[str | None, ...] = (None,) * units
    field_ids = series.units
    if by_place:
        counts = np.nan_to_num(series.cube.values).reshape(len(series.periods), places * units)
        totals = np.repeat(_place_totals(ws, series, divides), units, axis=1)
        region_ids = tuple(region for region in series.cube.regions for _ in range(units))
        field_ids = series.units * places
    end = len(periods)
    return _Units(counts[:end], totals[:end], region_ids, field_ids)


def _side_by_side(parts: dict[int, _Units], years: int, by_place: bool) -> tuple[_Units, np.ndarray]:
    """The units of several origins (index of the year) as one row, and the year at which each is known, (T, U)."""
    found = list(parts.values())
    ends = np.cumsum([len(each.field_ids) for each in found])
    known = np.zeros((years, int(ends[-1])), bool)
    for at, each, end in zip(parts, found, ends.tolist(), strict=True):
        known[at, end - len(each.field_ids) : end] = True
    units = _Units(
        np.concatenate([each.counts for each in found], axis=1),
        np.concatenate([each.totals for each in found], axis=1) if by_place else found[-1].totals,
        tuple(region for each in found for region in each.region_ids),
        tuple(field for each in found for field in each.field_ids),
    )
    return units, known


def _origins(ws: Workspace, series: Series, periods: tuple[str, ...]) -> dict[int, str]:
    """Index of a year → the source of the units that were built from the documents up to it, in order of year."""
    coverage = series.cube.coverage
    if coverage.source_id != coverage.scheme:
        return {}
    found = {at: f"{coverage.source_id}@{period}" for at, period in enumerate(periods)}
    return {at: source for at, source in found.items() if source in ws.sources}


def _built_anew(
    ws: Workspace, series: Series, sources: tuple[str, ...], periods: tuple[str, ...], by_place: bool
) -> tuple[list[_Units], Input]:
    """Units of each of some sources, in the years and places of a series; all of them are read at once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    regions, indicator = (*series.cube.regions, WORLD), series.cube.coverage.indicator_id
    table = ws.table("observation")
    table = table.filter(
        table.source_id.isin(sources),
        table.indicator_id == indicator,
        table.region_id.isin(regions if by_place else [WORLD]),
        table.period.isin(periods),
        table.value.notnull(),
    )
    rows = ws.to_arrow(table.select("source_id", "field_id", "region_id", "period", "value"))
    ids = sorted(pc.unique(rows["field_id"]).to_pylist())
    axes = {"source_id": sources, "period": periods, "region_id": regions, "field_id": ids}
    source, *at = (pc.index_in(rows[name], value_set=pa.array(known)).to_numpy() for name, known in axes.items())
    values = rows["value"].to_numpy()
    found = []
    for number, name in enumerate(sources):
        own = source == number
        grid = np.zeros((len(periods), len(regions), len(ids)))
        grid[tuple(each[own] for each in at)] = values[own]
        field_ids = tuple(each for each in ids if each.startswith(f"{name}:"))
        counts = grid[:, :, [ids.index(each) for each in field_ids]]
        totals = grid[:, :, ids.index(TOTAL)]
        if not by_place:
            found.append(_Units(counts[:, -1], totals[:, -1], (None,) * len(field_ids), field_ids))
            continue
        region_ids = tuple(region for region in regions[:-1] for _ in field_ids)
        counts = counts[:, :-1].reshape(len(periods), -1)
        totals = np.repeat(totals[:, :-1], len(field_ids), axis=1)
        found.append(_Units(counts, totals, region_ids, field_ids * (len(regions) - 1)))
    filtered = {
        "indicator_id": indicator, "source_id": sources, "field_id": {"prefix": f"{series.cube.coverage.scheme}@"},
    }  # fmt: skip
    hashes = {name: ws.sources[name].content_hash for name in sources}
    return found, Input(table="observation", filter=filtered, rows=rows.num_rows, sources=hashes)


def _known(ws: Workspace, series: Series, periods: tuple[str, ...]) -> np.ndarray | None:
    """Which terms are among the best of the documents up to each year, (T, U); None where that was not landed."""
    table = ws.table("observation")
    table = table.filter(table.source_id == series.cube.coverage.source_id, table.indicator_id == WEIGHT)
    rows = ws.to_arrow(table.select("field_id", "period")).to_pydict()
    if not rows["field_id"]:
        return None
    unit = {field: u for u, field in enumerate(series.units)}
    place = {period: t for t, period in enumerate(periods)}
    known = np.zeros((len(periods), len(unit)), bool)
    for field, period in zip(rows["field_id"], rows["period"], strict=True):
        if field in unit and period in place:
            known[place[period], unit[field]] = True
    for t in range(1, len(periods)):
        if not known[t].any():  # a year without documents adds nothing to what was known
            known[t] = known[t - 1]
    return known


def _became(ws: Workspace, units: _Units, last: str) -> tuple[str, ...]:
    """The topic of the last scheme that most documents of a topic are in, for each unit.

    It is asked only to draw those that became the same together for intervals, and to say what came of earlier calls:
    no call knows it.
    """
    import pyarrow.compute as pc

    schemes = sorted({field.rpartition(":")[0] for field in units.field_ids} - {last})
    table = ws.table("link")
    assigned = table.filter(table.kind == "assigned")
    now = ws.to_arrow(assigned.filter(assigned.source_id == last).select("from_id", "to_id"))
    then = ws.to_arrow(assigned.filter(assigned.source_id.isin(schemes)).select("from_id", "to_id"))
    pairs = then.join(now.rename_columns(["from_id", "now"]), "from_id", join_type="inner")
    pairs = pairs.group_by(["to_id", "now"], use_threads=False).aggregate([("from_id", "count")])
    pairs = pairs.take(pc.sort_indices(pairs, [("from_id_count", "ascending"), ("now", "descending")]))
    most = dict(zip(pairs["to_id"].to_pylist(), pairs["now"].to_pylist(), strict=True))
    return tuple(most.get(field, field) for field in units.field_ids)


def _place_totals(ws: Workspace, series: Series, divides: bool = True) -> np.ndarray:
    """All documents of each place by year, (T, R).

    The sum over units where the scheme divides the documents among them: what a source counts without a class comes
    and goes, and would look like a rise or fall of every class. Else, for terms or topics, as the source gives them;
    always so where `divides` is false, for later documents must not decide which it is.
    """
    cube = series.cube
    sums = np.nan_to_num(cube.values).sum(axis=2)
    rows = ws.table("observation")
    rows = rows.filter(
        rows.field_id == TOTAL,
        rows.indicator_id == cube.coverage.indicator_id,
        rows.source_id == cube.coverage.source_id,
        rows.region_id.isin(list(cube.regions)),
    )
    given = np.full(sums.shape, np.nan)
    year = {period: t for t, period in enumerate(cube.periods)}
    place = {region: r for r, region in enumerate(cube.regions)}
    for row in ws.to_arrow(rows.select("region_id", "period", "value")).to_pylist():
        if row["period"] in year and row["value"]:
            given[year[row["period"]], place[row["region_id"]]] = row["value"]
    both_known = np.isfinite(given) & (sums > 0)
    if divides and (not both_known.any() or abs(np.median(given[both_known] / sums[both_known]) - 1) < DIVIDED):
        return sums
    return np.where(np.isfinite(given), given, sums)
