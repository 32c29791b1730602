"""The places × fields matrix that most questions of the room start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.capability.specialisation import Floats, location_quotient, observed_sum, presence
from foreland.core.errors import DataError
from foreland.core.finding import Text
from foreland.core.provenance import Caveat, Input, Step
from foreland.core.scope import Scope
from foreland.data.answer import both, name
from foreland.data.cube import Cube, read_cube

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


FEW_PLACES = 30
"""With fewer places, what goes together is hard to tell from chance."""


@dataclass(frozen=True, eq=False)
class View:
    """Figures of a few periods pooled into one matrix, and what follows from it.

    Parameters
    ----------
    cube
        Everything that was read.
    window
        Periods pooled.
    X
        Values, shape (R, F): summed over the window for flows, the last period for stocks.
    lq
        Location quotients against the benchmark, shape (R, F).
    present
        LQ of at least 1 and values of at least the minimum, shape (R, F).
    minimum
        The minimum.
    """

    cube: Cube
    window: int
    X: Floats
    lq: Floats
    present: np.ndarray
    minimum: float

    @property
    def periods(self) -> tuple[str, ...]:
        """The pooled periods."""
        return self.cube.periods[-self.window :]

    @property
    def when(self) -> str:
        """The pooled periods in words."""
        return self.periods[0] if len(self.periods) == 1 else f"{self.periods[0]}–{self.periods[-1]}"

    @property
    def inputs(self) -> list[Input]:
        """What was read; behind one row of an answer stand the pooled periods."""
        span: Any = {"from": self.periods[0], "to": self.periods[-1]}
        return [replace(item, within={"period": span}) for item in self.cube.inputs]

    @property
    def scope(self) -> Scope:
        return self.cube.scope

    @property
    def place_totals(self) -> Floats:
        return observed_sum(self.X, axis=1)

    def benchmark_text(self, ws: Workspace) -> Text:
        """Compared with whom."""
        indicator = name(ws, self.scope.indicator)
        if self.scope.benchmark:
            place = name(ws, self.scope.benchmark)
            return both("capability.benchmark.place", place=place, indicator=indicator, when=self.when)
        level = both(f"core.level.{self.scope.level}")
        return both(
            "capability.benchmark.all",
            count=len(self.cube.regions),
            level=level,
            indicator=indicator,
            when=self.when,
        )

    def steps(self) -> list[Step]:
        """How the matrix came about."""
        return [
            Step(
                "capability.step.pool",
                {"when": self.when, "places": len(self.cube.regions), "fields": len(self.cube.fields)},
            ),
            Step("capability.step.location_quotient", {"benchmark": self.scope.benchmark or "—"}),
        ]

    def small(self, values: Floats, minimum: float) -> list[Caveat]:
        """The caveat that some of the values shown rest on small counts."""
        few = int(((values > 0) & (values < minimum)).sum())
        if not few:
            return []
        return [Caveat("capability.caveat.small_counts", "warning", {"count": few, "minimum": f"{minimum:g}"})]


def pool(values: Floats, kind: str) -> Floats:
    """Values of several periods as one: the sum of a flow, the last known value of anything else.

    Parameters
    ----------
    values
        Shape (T, …).
    kind
        Kind of the indicator.
    """
    if kind == "flow":
        return observed_sum(values, axis=0)
    out = values[0].copy()
    for later in values[1:]:
        out = np.where(np.isnan(later), out, later)
    return out


def view(
    ws: Workspace,
    scope: Scope,
    *,
    window: int = 3,
    min_count: float = 0.0,
    threshold: float = 1.0,
    panel: bool = False,
) -> View:
    """Read and pool the figures a question is about.

    Parameters
    ----------
    window
        Periods pooled. Where the scope names a period or a range of them, just that is looked at.
    panel
        The scope's periods are those the question moves over, in windows; they are not pooled into one.
    min_count
        Smallest value of a cell that counts as present.
    threshold
        Smallest location quotient that counts as present.

    Raises
    ------
    DataError
        If there are fewer than two places or two fields to compare, or values below zero, of which there are no shares.
    """
    cube = read_cube(ws, scope)
    span = scope.period_range
    if span is not None and not panel:
        window = len(cube.periods) if span[0] != span[1] else 1
    window = min(window, len(cube.periods))
    if len(cube.regions) < 2 or len(cube.fields) < 2:
        raise DataError(
            "capability.error.too_small",
            places=len(cube.regions),
            fields=len(cube.fields),
            indicator=cube.scope.indicator,
        )
    if any(known is not None and (known < 0).any() for known in (cube.values, cube.benchmark)):
        raise DataError("capability.error.negative", indicator=cube.scope.indicator)
    kind = cube.coverage.kind
    X = pool(cube.values[-window:], kind)
    if not np.nansum(X) > 0:
        raise DataError("capability.error.all_zero", indicator=cube.scope.indicator, period=cube.periods[-1])
    lq = quotients(cube, X, slice(-window, None))
    return View(cube, window, X, lq, presence(lq, X, threshold, min_count), min_count)


def quotients(cube: Cube, X: Floats, window: slice) -> Floats:
    """Location quotients of pooled values against the cube's benchmark in the same window."""
    reference = None if cube.benchmark is None else pool(cube.benchmark[window], cube.coverage.kind)
    return location_quotient(X, reference)


def earlier(found: View, years: int = 5) -> tuple[Floats, Floats, str, int] | None:
    """The same matrix some periods earlier: values, quotients, its last period and the distance.

    None where the figures do not reach back at least one window.
    """
    periods = found.cube.periods
    end = max(len(periods) - years, found.window)
    distance = len(periods) - end
    if distance < 1:
        return None
    window = slice(end - found.window, end)
    X = pool(found.cube.values[window], found.cube.coverage.kind)
    if not np.nansum(X) > 0:
        return None
    return X, quotients(found.cube, X, window), periods[end - 1], distance
