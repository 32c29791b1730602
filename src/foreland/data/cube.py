"""Observations as an array: period × region × field, what the numerics work on."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from foreland.core.errors import DataError
from foreland.core.finding import condition
from foreland.core.provenance import Caveat, Input
from foreland.core.scope import Scope
from foreland.data.coverage import Coverage, choose, definitions, region_levels

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from foreland.data.workspace import Workspace

LARGEST = 400_000_000
"""Most cells of an array brought into memory (3.2 GB of doubles)."""
KEPT_CUBES = 12
KEPT_CELLS = 25_000_000
"""Arrays are kept for further questions up to about this size (200 MB of doubles)."""

_reading = threading.Lock()


@dataclass(frozen=True, eq=False)
class Cube:
    """Values of one indicator.

    Parameters
    ----------
    values
        Shape (T, R, F). NaN where suppressed or absent; but absent counts and amounts of a field are 0,
        because sources leave out what is nil.
    periods, regions, fields
        Ids along the axes, sorted.
    coverage
        Which figures these are.
    scope
        The scope with everything that was chosen filled in.
    benchmark
        Values of the benchmark place, shape (T, F), or None for all places together.
    inputs
        For the provenance.
    caveats
        What reading them brought up.
    """

    values: np.ndarray
    periods: tuple[str, ...]
    regions: tuple[str, ...]
    fields: tuple[str, ...]
    coverage: Coverage
    scope: Scope
    benchmark: np.ndarray | None
    inputs: tuple[Input, ...]
    caveats: tuple[Caveat, ...]

    def region_index(self, region_id: str) -> int:
        """Where a place stands.

        Raises
        ------
        DataError
            If there are no figures of the place in the periods asked for.
        """
        try:
            return self.regions.index(region_id)
        except ValueError:
            raise DataError(
                "data.error.region_without_data",
                region=region_id,
                indicator=self.coverage.indicator_id,
                periods=f"{self.periods[0]}–{self.periods[-1]}",
            ) from None


def read_cube(
    ws: Workspace,
    scope: Scope,
    *,
    window: int | None = None,
    by_field: bool = True,
    summable: bool = True,
) -> Cube:
    """Read the figures a question is about.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    window
        Take the last so many periods up to the end of the scope's; None for all of them. Where the
        scope gives a range, the range stands.
    by_field, summable
        As in :func:`foreland.data.coverage.choose`. By field, a field that is the sum of others which are there
        too is left out, so that nothing counts twice.

    Raises
    ------
    UsageError, DataError
        As :func:`foreland.data.coverage.choose`; or if there are no figures in the periods asked for, or too
        many to bring into memory.
    """
    chosen = choose(ws, scope, by_field=by_field, summable=summable)
    key = ("cube", chosen, scope.period, scope.benchmark, window, by_field)

    def read() -> Cube:
        cube = _read(ws, scope, chosen, window)
        return _without_sums(ws, cube) if by_field else cube

    with _reading:
        # Questions of a room look at the same figures, whatever the place in focus.
        found: Cube = ws.cache.remember(key, read, fits=_may_be_kept)
    return replace(found, scope=_filled(scope, chosen))


def _may_be_kept(cubes: Sequence[Cube]) -> bool:
    return len(cubes) <= KEPT_CUBES and sum(cube.values.size for cube in cubes) <= KEPT_CELLS


def _filled(scope: Scope, chosen: Coverage) -> Scope:
    return scope.replace(
        level=chosen.level, scheme=chosen.scheme, indicator=chosen.indicator_id, source=chosen.source_id
    )


def _read(ws: Workspace, scope: Scope, chosen: Coverage, window: int | None) -> Cube:
    prefix = {"prefix": f"{chosen.scheme}:"}
    conditions = {"indicator_id": chosen.indicator_id, "source_id": chosen.source_id, "field_id": prefix}
    observation = ws.table("observation")
    for name, value in conditions.items():
        observation = observation.filter(condition(observation[name], value))
    periods = _periods(ws, observation, scope, window, chosen)
    wanted = [*_places(ws, chosen.level), *([scope.benchmark] if scope.benchmark else [])]
    rows = ws.to_arrow(
        observation.filter(condition(observation.period, _range(periods)))
        .filter(lambda t: t.region_id.isin(wanted))
        .select("region_id", "field_id", "period", "value", "status")
    )
    return _cube(ws, scope, chosen, rows, periods)


def read_totals(ws: Workspace, scope: Scope, entries: Sequence[Coverage]) -> list[Cube]:
    """Read several sets of figures that are not split by field, in one pass.

    Parameters
    ----------
    ws
        The workspace.
    scope
        Where the period ends.
    entries
        What to read, all at one level. A set without figures up to the period is left out.
    """
    if not entries:
        return []
    key = ("totals", tuple(entries), scope.period)
    return list(ws.cache.remember(key, lambda: _read_totals(ws, scope, entries)))


def _read_totals(ws: Workspace, scope: Scope, entries: Sequence[Coverage]) -> list[Cube]:
    observation = ws.table("observation")
    rows = ws.to_arrow(
        observation.filter(observation.field_id.startswith("all:"))
        .filter(lambda t: t.region_id.isin(_places(ws, entries[0].level)))
        .filter(lambda t: t.indicator_id.isin(sorted({entry.indicator_id for entry in entries})))
        .select("source_id", "indicator_id", "region_id", "field_id", "period", "value", "status")
    )
    cubes = []
    last = scope.period_range[1] if scope.period_range else None
    for entry in entries:
        own = rows.filter((pc.field("source_id") == entry.source_id) & (pc.field("indicator_id") == entry.indicator_id))
        periods = [p for p in sorted(pc.unique(own["period"]).to_pylist()) if last is None or p <= last]
        if periods:
            own = own.filter(pc.field("period") <= periods[-1])
            cubes.append(_cube(ws, Scope(), entry, own, periods))
    return cubes


def _cube(ws: Workspace, scope: Scope, chosen: Coverage, rows: pa.Table, periods: list[str]) -> Cube:
    scope = _filled(scope, chosen)
    seen = set(pc.unique(rows["region_id"]).to_pylist())
    regions = sorted(seen.intersection(_places(ws, chosen.level)))
    if not regions:
        raise DataError("data.error.no_figures", indicator=chosen.indicator_id, periods=scope.period or "—")
    outside = [scope.benchmark] if scope.benchmark and scope.benchmark not in regions else []
    axes = (periods, [*regions, *outside], sorted(pc.unique(rows["field_id"]).to_pylist()))
    shape = [len(axis) for axis in axes]
    if np.prod(shape, dtype=float) > LARGEST:
        raise DataError("data.error.array_too_large", shape=" × ".join(map(str, shape)), limit=f"{LARGEST:,}")
    # A place of which no total is reported has an unknown one.
    nil = chosen.aggregation == "sum" and chosen.scheme != "all"
    values = np.full(shape, 0.0 if nil else np.nan)
    positions = tuple(
        pc.index_in(rows[name], value_set=pa.array(axis, pa.string())).to_numpy()
        for name, axis in zip(("period", "region_id", "field_id"), axes, strict=True)
    )
    values[positions] = rows["value"].to_numpy(zero_copy_only=False)
    # Several questions may share it.
    values.flags.writeable = False
    item = Input(
        table="observation",
        filter={
            "indicator_id": chosen.indicator_id,
            "source_id": chosen.source_id,
            "field_id": {"prefix": f"{chosen.scheme}:"},
            "period": _range(periods),
        },
        rows=rows.num_rows,
        sources={chosen.source_id: ws.sources[chosen.source_id].content_hash},
        match={"region_id": "region_id", "field_id": "field_id", "period": "period"},
    )
    return Cube(
        values=values[:, : len(regions)],
        periods=tuple(periods),
        regions=tuple(regions),
        fields=tuple(axes[2]),
        coverage=chosen,
        scope=scope,
        benchmark=values[:, axes[1].index(scope.benchmark)] if scope.benchmark else None,
        inputs=(item,),
        caveats=_caveats(rows),
    )


def _without_sums(ws: Workspace, cube: Cube) -> Cube:
    """The cube without fields that are the sum of others in it."""

    def read() -> dict[str, str | None]:
        rows = definitions(ws, "field")
        return dict(zip(rows["field_id"].to_pylist(), rows["parent_id"].to_pylist(), strict=True))

    above = ws.cache.remember("field_parents", read)
    parents = {above.get(field) for field in cube.fields}
    sums = [field for field in cube.fields if field in parents]
    if not sums:
        return cube
    keep = [f for f, field in enumerate(cube.fields) if field not in parents]
    caveat = Caveat("data.caveat.aggregation_hazard", "note", {"count": len(sums)})
    return replace(
        cube,
        values=cube.values[:, :, keep],
        fields=tuple(cube.fields[f] for f in keep),
        benchmark=None if cube.benchmark is None else cube.benchmark[:, keep],
        caveats=(*cube.caveats, caveat),
    )


def _places(ws: Workspace, level: str) -> list[str]:
    return [region for region, its in region_levels(ws).items() if its == level]


def _range(periods: list[str]) -> Any:
    """A range of periods is named as such, so that the filter stays short in the provenance."""
    return {"from": periods[0], "to": periods[-1]} if len(periods) > 1 else periods[0]


def _periods(ws: Workspace, observation: ir.Table, scope: Scope, window: int | None, chosen: Coverage) -> list[str]:
    available = sorted(ws.to_arrow(observation.select("period").distinct())["period"].to_pylist())
    asked = scope.period_range
    if asked is not None:
        first, last = asked
        found = [period for period in available if period <= last and (first == last or period >= first)]
        if not found or (first == last and last not in available):
            raise DataError(
                "data.error.no_such_period",
                period=scope.period,
                indicator=chosen.indicator_id,
                first=available[0],
                last=available[-1],
            )
        if first != last:
            return found
        available = found
    return available if window is None else available[-max(window, 1) :]


def _caveats(rows: pa.Table) -> tuple[Caveat, ...]:
    found = []
    for status, key in (
        ("suppressed", "data.caveat.suppressed_values"),
        ("estimated", "data.caveat.estimated_values"),
    ):
        count = pc.sum(pc.equal(rows["status"], status)).as_py() or 0
        if count:
            found.append(Caveat(key, "note", {"count": count, "of": rows.num_rows}))
    return tuple(found)
