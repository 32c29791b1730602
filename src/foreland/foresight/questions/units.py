"""What questions about units year by year have in common: the view from a year, inputs, caveats."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from foreland.core.errors import DataError, DidYouMean
from foreland.core.finding import Text
from foreland.core.provenance import Caveat, Input
from foreland.core.scope import Scope
from foreland.data.answer import both, listed, scheme_name
from foreland.data.coverage import choose
from foreland.foresight.questions.catch_up import OFFICE
from foreland.foresight.questions.series import WORLD, Series, last_year_thin

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


def seen_from(ws: Workspace, scope: Scope) -> Scope:
    """A single year as the period means all years up to it: what could be known then."""
    if scope.period is None or ":" in scope.period:
        return scope
    first = choose(ws, scope.replace(field=())).first
    return scope.replace(period=f"{min(first, scope.period)}:{scope.period}")


def chosen_fields(series: Series, scope: Scope) -> None:
    """Check that the fields in focus are among the units.

    Raises
    ------
    DataError
        If one is not; names the nearest.
    """
    for field in scope.field:
        if field not in series.units:
            near = difflib.get_close_matches(field, series.units, 3)
            known = ", ".join(series.units[:12]) + (" …" if len(series.units) > 12 else "")
            raise DataError("foresight.error.unknown_field", name=field, near=DidYouMean(near), known=known)


def inputs_of(series: Series, scope: Scope) -> list[Input]:
    """The figures read; behind one row of the finding stand those of its unit."""
    everything = replace(series.cube.inputs[0], match={"field_id": "field_id"})
    world = replace(everything, filter={**everything.filter, "region_id": WORLD})
    if not scope.region:
        return [everything, world]
    return [replace(everything, filter={**everything.filter, "region_id": tuple(scope.region)}), world]


def caveats_of(series: Series, counts: np.ndarray) -> list[Caveat]:
    """What any reading of yearly counts has to live with."""
    indicator, last = series.cube.coverage.indicator_id, series.periods[-1]
    found = last_year_thin(series.periods, series.totals)
    if indicator in OFFICE:
        found.append(Caveat(OFFICE[indicator], "warning"))
    if last < series.cube.coverage.last:
        found.append(Caveat("foresight.caveat.known_today", "note", {"year": last}))
    elif indicator == "patent_families":
        found.append(Caveat("foresight.caveat.families_lag", "warning", {"year": last}))
    found.append(Caveat("foresight.caveat.classes_of_today", "note"))
    if "fractional" not in indicator and counts.sum() > 1.0001 * series.totals.sum():
        found.append(Caveat("foresight.caveat.whole_counts", "note"))
    found.append(Caveat("foresight.caveat.output_not_quality", "note"))
    return found


def scheme_of(series: Series) -> Text:
    """What the classification of the units is called."""
    return scheme_name(series.cube.coverage.scheme)


def place_of(ws: Workspace, scope: Scope) -> Text:
    """The places asked about, or the world."""
    return listed(ws, scope.region) if scope.region else both("foresight.the_world")
