"""Units of foresight year by year: counts of a cube, and the totals they are shares of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from foreland.core.errors import DataError
from foreland.core.provenance import Caveat
from foreland.core.scope import Scope
from foreland.data.coverage import covering
from foreland.data.cube import Cube, read_cube

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

WORLD = "agg:world"
TOTAL = "all:total"
UNPLACED = 0.05
"""Share of documents without a place from which on it must be said."""


THIN = 0.7
"""A last year with less than this share of the year before is not complete."""


@dataclass(frozen=True, eq=False)
class Series:
    """Counts of units by year.

    Parameters
    ----------
    counts
        Shape (T, U), not negative: what the places of the scope published in the unit.
    totals
        Shape (T,): all documents of these places, whatever their unit. Without such figures the sum over units.
    world
        Shape (T, U): the same of every place.
    cube
        Where they are from: ``cube.periods`` names the rows, ``cube.fields`` the units, and ``cube.values`` (T, R, U)
        has them by place.
    caveats
        What reading them brought up.
    """

    counts: np.ndarray
    totals: np.ndarray
    world: np.ndarray
    cube: Cube
    caveats: tuple[Caveat, ...]

    @property
    def periods(self) -> tuple[str, ...]:
        return self.cube.periods

    @property
    def units(self) -> tuple[str, ...]:
        return self.cube.fields

    @property
    def years(self) -> np.ndarray:
        """Calendar year of each period, shape (T,)."""
        return np.array([int(period[:4]) for period in self.cube.periods])


def read_series(ws: Workspace, scope: Scope) -> Series:
    """Counts of every unit of a scheme by year, of the places of the scope or of all.

    Raises
    ------
    DataError
        If the values are not counts, or there are fewer than five years of them.
    """
    # All units, as a share needs those beside the one asked for; the cube holds all places anyway.
    cube = _every_year(ws, read_cube(ws, scope.replace(field=()) if scope.field else scope))
    if (cube.values < 0).any():
        raise DataError("foresight.error.negative", indicator=cube.coverage.indicator_id)
    years = sorted({period[:4] for period in cube.periods})
    if len(years) < 5 or len(years) != len(cube.periods):
        raise DataError(
            "foresight.error.few_years", years=", ".join(cube.periods), indicator=cube.coverage.indicator_id
        )
    values = np.nan_to_num(cube.values)
    at = [cube.region_index(region) for region in scope.region] or list(range(len(cube.regions)))
    counts = values[:, at].sum(axis=1)
    world, totals = _world(ws, cube, values)
    own = _totals(ws, cube, scope)
    if scope.region:
        totals = counts.sum(axis=1)
    unknown = unplaced(ws, cube) if scope.region else ()
    return Series(counts, totals if own is None else own, world, cube, (*unknown, *cube.caveats))


def unplaced(ws: Workspace, cube: Cube) -> tuple[Caveat, ...]:
    """How many of the documents no country is known of, where that is much: what a place has of them is not counted."""
    coverage = cube.coverage
    if coverage.level != "country":
        return ()
    # Only fractions add up over places to the documents that have one.
    indicator = coverage.indicator_id if coverage.aggregation == "sum" else f"{coverage.indicator_id}_fractional"
    rows = ws.table("observation")
    rows = rows.filter(
        rows.field_id == TOTAL,
        rows.indicator_id == indicator,
        rows.source_id == coverage.source_id,
        rows.period.isin(list(cube.periods)),
        rows.region_id.isin([*cube.regions, WORLD]),
    )
    sums = rows.group_by(everywhere=rows.region_id == WORLD).agg(documents=rows.value.sum())
    found = {row["everywhere"]: row["documents"] or 0.0 for row in ws.to_arrow(sums).to_pylist()}
    if True not in found or False not in found:
        return ()
    missing = found[True] - found[False]
    if missing < UNPLACED * found[True]:
        return ()
    said = {"count": f"{missing:,.0f}", "share": f"{missing / found[True]:.0%}"}
    return (Caveat("foresight.caveat.unplaced", "warning", said),)


def last_year_thin(periods: Sequence[str], totals: np.ndarray) -> list[Caveat]:
    """That the last year is not complete, where it has far fewer documents than the year before; totals are (T,)."""
    if len(totals) < 2 or not totals[-1] < THIN * totals[-2]:
        return []
    said = {"year": periods[-1], "share": f"{totals[-1] / totals[-2]:.0%}"}
    return [Caveat("foresight.caveat.last_year_thin", "serious", said)]


def nothing_counted(cube: Cube) -> DataError:
    """The error of figures that are all 0."""
    return DataError(
        "foresight.error.nothing_counted",
        indicator=cube.coverage.indicator_id, first=cube.periods[0], last=cube.periods[-1],
    )  # fmt: skip


def _every_year(ws: Workspace, cube: Cube) -> Cube:
    """The cube with zeros in the years that have documents, but none of any unit."""
    rows, coverage = ws.table("observation"), cube.coverage
    rows = rows.filter(
        rows.field_id == TOTAL, rows.indicator_id == coverage.indicator_id, rows.source_id == coverage.source_id
    )
    known = {row["period"] for row in ws.to_arrow(rows.select("period").distinct()).to_pylist()}
    between = {period for period in known if cube.periods[0] < period < cube.periods[-1]}
    periods = tuple(sorted(between.union(cube.periods)))
    if periods == cube.periods:
        return cube
    values = np.zeros((len(periods), *cube.values.shape[1:]))
    values[[periods.index(period) for period in cube.periods]] = cube.values
    return replace(cube, values=values, periods=periods)


def _world(ws: Workspace, cube: Cube, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    world = values.sum(axis=1)
    triple = (cube.coverage.source_id, cube.coverage.scheme, cube.coverage.indicator_id)
    if triple in covering(ws, WORLD):
        whole = read_cube(ws, cube.scope.replace(benchmark=WORLD))
        assert whole.benchmark is not None
        # The world may have fields and years that no place of the level has.
        here = [t for t, period in enumerate(cube.periods) if period in whole.periods]
        rows = [whole.periods.index(cube.periods[t]) for t in here]
        columns = [whole.fields.index(field) for field in cube.fields]
        world[here] = np.maximum(np.nan_to_num(whole.benchmark[np.ix_(rows, columns)]), world[here])
    return world, world.sum(axis=1)


def _totals(ws: Workspace, cube: Cube, scope: Scope) -> np.ndarray | None:
    """All documents of the places by year, where the source gives them: the field ``all:total``."""
    rows = ws.table("observation")
    coverage = cube.coverage
    rows = rows.filter(
        rows.field_id == TOTAL, rows.indicator_id == coverage.indicator_id, rows.source_id == coverage.source_id
    )
    if scope.region:
        rows = rows.filter(rows.region_id.isin(list(scope.region)))
    else:
        rows = rows.filter(rows.region_id.isin([*cube.regions, WORLD]))
    found = ws.to_arrow(rows.select("region_id", "period", "value")).to_pylist()
    if not found:
        return None
    known = {row["region_id"] for row in found}
    if not scope.region and WORLD in known:
        found = [row for row in found if row["region_id"] == WORLD]
    totals = np.zeros(len(cube.periods))
    place = {period: t for t, period in enumerate(cube.periods)}
    for row in found:
        if row["period"] in place and row["value"] is not None:
            totals[place[row["period"]]] += row["value"]
    return totals if (totals > 0).any() else None
