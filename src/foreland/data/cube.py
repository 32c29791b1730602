"""Observations as an array: period × region × field, what the numerics work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import condition
from foreland.core.provenance import Caveat, Input
from foreland.core.scope import Scope
from foreland.data.coverage import Coverage, choose, region_levels

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

LARGEST = 400_000_000
"""Most cells of an array brought into memory (3.2 GB of doubles)."""


@dataclass(frozen=True, eq=False)
class Cube:
    """Values of one indicator.

    Parameters
    ----------
    values
        Shape (T, R, F). NaN where suppressed or, for indicators that don't add up, absent; absent
        counts and amounts are 0, because sources leave out what is nil.
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
        As in :func:`foreland.data.coverage.choose`.
    """
    import pyarrow.compute as pc

    chosen = choose(ws, scope, by_field=by_field, summable=summable)
    scope = scope.replace(
        level=chosen.level, scheme=chosen.scheme, indicator=chosen.indicator_id, source=chosen.source_id
    )
    conditions = {
        "indicator_id": chosen.indicator_id,
        "source_id": chosen.source_id,
        "field_id": {"prefix": f"{chosen.scheme}:"},
    }
    observation = ws.table("observation")
    for name, value in conditions.items():
        observation = observation.filter(condition(observation[name], value))
    levels = region_levels(ws)
    places = [region for region, level in levels.items() if level == chosen.level]
    periods = _periods(ws, observation, scope, window, chosen)
    # A range of periods is named as such, so that the filter stays short in the provenance.
    conditions["period"] = {"from": periods[0], "to": periods[-1]} if len(periods) > 1 else periods[0]
    wanted = [*places, scope.benchmark] if scope.benchmark else places
    rows = ws.to_arrow(
        observation.filter(condition(observation.period, conditions["period"]))
        .filter(lambda t: t.region_id.isin(wanted))
        .select("region_id", "field_id", "period", "value", "status")
    )
    regions = sorted(set(pc.unique(rows["region_id"]).to_pylist()) - ({scope.benchmark} - set(places)))
    if not regions:
        raise DataError("data.error.no_rows", indicator=chosen.indicator_id, periods=scope.period or "—")
    fields = sorted(pc.unique(rows["field_id"]).to_pylist())
    axes = (
        periods,
        [*regions, *([scope.benchmark] if scope.benchmark not in (None, *regions) else [])],
        fields,
    )
    if np.prod([len(axis) for axis in axes], dtype=float) > LARGEST:
        shape = " × ".join(str(len(axis)) for axis in axes)
        raise DataError("data.error.too_large", shape=shape, limit=f"{LARGEST:,}")
    values = np.full([len(axis) for axis in axes], 0.0 if chosen.aggregation == "sum" else np.nan)
    positions = tuple(
        pc.index_in(rows[name], value_set=_array(axis)).to_numpy()
        for name, axis in zip(("period", "region_id", "field_id"), axes, strict=True)
    )
    values[positions] = rows["value"].to_numpy(zero_copy_only=False)
    inputs = Input(
        table="observation",
        filter=conditions,
        rows=rows.num_rows,
        sources={chosen.source_id: ws.sources[chosen.source_id].content_hash},
        match={"region_id": "region_id", "field_id": "field_id", "period": "period"},
    )
    benchmark = values[:, axes[1].index(scope.benchmark)] if scope.benchmark else None
    return Cube(
        values=values[:, : len(regions)],
        periods=tuple(periods),
        regions=tuple(regions),
        fields=tuple(fields),
        coverage=chosen,
        scope=scope,
        benchmark=benchmark,
        inputs=(inputs,),
        caveats=_caveats(rows),
    )


def _periods(ws: Workspace, observation, scope: Scope, window: int | None, chosen: Coverage) -> list[str]:  # type: ignore[no-untyped-def]
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


def _caveats(rows) -> tuple[Caveat, ...]:  # type: ignore[no-untyped-def]
    import pyarrow.compute as pc

    found = []
    for status, key in (
        ("suppressed", "data.caveat.suppressed_values"),
        ("estimated", "data.caveat.estimated_values"),
    ):
        count = pc.sum(pc.equal(rows["status"], status)).as_py() or 0
        if count:
            found.append(Caveat(key, "note", {"count": count, "of": rows.num_rows}))
    return tuple(found)


def _array(values: list[str]):  # type: ignore[no-untyped-def]
    import pyarrow as pa

    return pa.array(values, pa.string())
