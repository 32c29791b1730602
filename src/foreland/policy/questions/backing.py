"""What stands behind the words of a place: national projects and state key laboratories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from foreland.core.errors import DataError, UsageError
from foreland.core.provenance import Input
from foreland.core.scope import Scope
from foreland.data.cube import Cube, read_cube
from foreland.policy.questions.view import Corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

INDICATORS = ("key_projects", "state_key_labs")
SIZE = "rd_expenditure"
RelativeTo = Literal["places", "rd"]


@dataclass(frozen=True, eq=False)
class Backing:
    """Counts of what backs each field in each place of a corpus.

    Parameters
    ----------
    counts
        Projects and laboratories, two arrays of shape (R, F).
    size
        Weight of each place in what is expected, shape (R,); None where all count alike.
    first, last
        Years of the projects.
    inputs
        For the provenance.
    """

    counts: tuple[np.ndarray, np.ndarray]
    size: np.ndarray | None
    first: str
    last: str
    inputs: tuple[Input, ...]

    @property
    def total(self) -> np.ndarray:
        return self.counts[0] + self.counts[1]


def backing_of(ws: Workspace, read: Corpus, fields: tuple[str, ...], relative_to: RelativeTo = "places") -> Backing:
    """What backs these fields in the places of a corpus.

    Raises
    ------
    DataError
        If the workspace holds no projects and laboratories of this level.
    """
    base = Scope(level=read.scope.level, scheme=read.scope.scheme)
    try:
        held = [read_cube(ws, base.replace(indicator=indicator)) for indicator in INDICATORS]
    except (DataError, UsageError) as error:  # nothing of the kind is loaded, or not at this level
        raise DataError("policy.error.no_backing", level=base.level or "—") from error
    projects, laboratories = (_align(cube, read.regions, fields) for cube in held)
    inputs = [item for cube in held for item in _without(cube, "period")]
    size = None
    if relative_to == "rd":
        last = held[0].periods[-1]
        money = read_cube(ws, Scope(level=base.level, indicator=SIZE, period=last), window=1, by_field=False)
        size = _align(money, read.regions, money.fields)[:, 0]
        inputs += _without(money, "period", "field_id")
    return Backing((projects, laboratories), size, held[0].periods[0], held[0].periods[-1], tuple(inputs))


def _align(cube: Cube, regions: tuple[str, ...], fields: tuple[str, ...]) -> np.ndarray:
    """The cube's values summed over its periods, on other axes; what it lacks is 0."""
    values = np.nansum(cube.values, axis=0)
    out = np.zeros((len(regions), len(fields)))
    rows = [(i, cube.regions.index(region)) for i, region in enumerate(regions) if region in cube.regions]
    columns = [(j, cube.fields.index(field)) for j, field in enumerate(fields) if field in cube.fields]
    for i, r in rows:
        for j, c in columns:
            out[i, j] = values[r, c]
    return out


def _without(cube: Cube, *columns: str) -> Iterator[Input]:
    """Inputs whose rows stand behind a row of the finding whatever they have in some columns."""
    for item in cube.inputs:
        yield replace(item, match={key: value for key, value in item.match.items() if key not in columns})
