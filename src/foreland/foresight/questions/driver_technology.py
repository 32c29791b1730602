"""What a place turns out in each field of industries of the future: patents, papers, projects and laboratories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from foreland.core.provenance import Caveat, Input
from foreland.core.scope import Scope
from foreland.data.coverage import Coverage, coverage
from foreland.data.cube import Cube, read_cube
from foreland.foresight.drivers import crossed

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

KINDS = {
    "patents": ("patents_fractional", "patent_families", "uspto_patents"),
    "papers": ("papers_fractional",),
    "projects": ("projects_fractional", "key_projects"),
    "labs": ("state_key_labs",),
}
"""Kind of output → its indicators; the first that the workspace has stands for it."""
SCHEME = "iotf"


@dataclass(frozen=True, eq=False)
class Output:
    """Counts of one kind of output in the last years.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    cube
        Where they are from; ``cube.regions`` names the rows.
    counts
        Shape (R, F); NaN for fields that the scheme of the figures does not tell.
    totals
        All of a place's, whatever the field, shape (R,).
    otherwise
        Counts with the weak links of the crosswalk too, shape (R, F); None where there is no crosswalk.
    before
        Counts of as many years before, shape (R, F); None where there are none.
    periods
        First and last period that went in.
    classes
        Field → the classes its counts were taken from; empty without a crosswalk.
    """

    kind: str
    cube: Cube
    counts: np.ndarray
    totals: np.ndarray
    otherwise: np.ndarray | None
    before: np.ndarray | None
    periods: tuple[str, str]
    classes: dict[str, tuple[str, ...]]

    def input(self) -> Input:
        """The figures, and how a row of the answer finds those behind it."""
        column = "classes" if self.classes else "field_id"
        return replace(
            self.cube.inputs[0],
            match={"region_id": "region_id", column: "field_id"},
            within={"period": {"from": self.periods[0], "to": self.periods[1]}},
        )


def read_outputs(ws: Workspace, scope: Scope, level: str, fields: Sequence[str], window: int) -> list[Output]:
    """The outputs that the workspace has by place and field, one a kind.

    Parameters
    ----------
    ws, scope
        The workspace; indicator, scheme and source of the scope choose, its period says up to when.
    level
        Level of the places.
    fields
        Along F.
    window
        Periods pooled. Of a stock the last one stands.
    """
    crosswalks = _crosswalks(ws)
    entries = [
        entry
        for entry in coverage(ws)
        if entry.level == level and entry.aggregation == "sum" and entry.unit == "count" and entry.fields >= 2
        and (entry.scheme == SCHEME or entry.scheme in crosswalks)
        and scope.indicator in (None, entry.indicator_id)
        and scope.scheme in (None, SCHEME, entry.scheme)
        and scope.source in (None, entry.source_id)
    ]  # fmt: skip
    found = []
    for kind, indicators in KINDS.items():
        fitting = [entry for entry in entries if entry.indicator_id in indicators]
        if fitting:
            found.append(_output(ws, scope, kind, min(fitting, key=lambda e: _order(e, indicators)), fields, window))
    return [output for output in found if output is not None]


def _order(entry: Coverage, indicators: tuple[str, ...]) -> tuple[bool, int, int, str]:
    """Figures of the fields themselves come before those a crosswalk leads to."""
    return entry.scheme != SCHEME, indicators.index(entry.indicator_id), -entry.rows, entry.source_id


def _output(
    ws: Workspace, scope: Scope, kind: str, entry: Coverage, fields: Sequence[str], window: int
) -> Output | None:
    asked = Scope(level=entry.level, scheme=entry.scheme, indicator=entry.indicator_id, source=entry.source_id)
    cube = read_cube(ws, asked)
    last = scope.period_range[1] if scope.period_range else None
    upto = [t for t, period in enumerate(cube.periods) if last is None or period[: len(last)] <= last]
    if not upto or len(cube.regions) < 2:
        return None
    end, size = upto[-1] + 1, 1 if entry.kind == "stock" else window
    now = slice(max(0, end - size), end)
    figures = np.nan_to_num(cube.values)
    values = figures[now].sum(axis=0)
    # Only as many years before as are pooled now compare with them.
    earlier = figures[end - 2 * size : end - size].sum(axis=0) if end >= 2 * size else None
    if entry.scheme == SCHEME:
        counts, before = (None if each is None else _aligned(cube, each, fields) for each in (values, earlier))
        otherwise, classes = None, {}
    else:
        links = _crosswalks(ws)[entry.scheme]
        firm, every = _weights(links, cube.fields, fields, weak=False), _weights(links, cube.fields, fields, weak=True)
        counts, otherwise = crossed(values, firm), crossed(values, every)
        before = None if earlier is None else crossed(earlier, firm)
        classes = {
            field: tuple(cube.fields[c] for c in np.flatnonzero(np.nan_to_num(firm[:, f])))
            for f, field in enumerate(fields)
        }
    assert counts is not None
    periods = cube.periods[now.start], cube.periods[end - 1]
    return Output(kind, cube, counts, values.sum(axis=1), otherwise, before, periods, classes)


def _aligned(cube: Cube, values: np.ndarray, fields: Sequence[str]) -> np.ndarray:
    """Values (R, F) in the order of the fields; NaN where the figures leave a field out."""
    found = np.full((len(cube.regions), len(fields)), np.nan)
    for f, field in enumerate(fields):
        if field in cube.fields:
            found[:, f] = values[:, cube.fields.index(field)]
    return found


def _weights(
    links: list[tuple[str, str, float, str]], classes: Sequence[str], fields: Sequence[str], *, weak: bool
) -> np.ndarray:
    """Share of each class that each field takes, (C, F); NaN for fields that no class leads to."""
    found = np.zeros((len(classes), len(fields)))
    for one, other, weight, quality in links:
        if one in classes and other in fields and (weak or quality != "weak"):
            found[classes.index(one), fields.index(other)] = weight
    found[:, ~found.any(axis=0)] = np.nan
    return found


def _crosswalks(ws: Workspace) -> dict[str, list[tuple[str, str, float, str]]]:
    """Scheme → (class, field, share, quality) of the links that lead to fields."""

    def read() -> dict[str, list[tuple[str, str, float, str]]]:
        table = ws.table("crosswalk")
        rows = table.filter(table.to_id.startswith(f"{SCHEME}:")).select("from_id", "to_id", "weight", "quality")
        found: dict[str, list[tuple[str, str, float, str]]] = {}
        for row in ws.to_arrow(rows.order_by(["from_id", "to_id"])).to_pylist():
            found.setdefault(row["from_id"].partition(":")[0], []).append(tuple(row.values()))
        return found

    crosswalks: dict[str, list[tuple[str, str, float, str]]] = ws.cache.remember("foresight.crosswalks", read)
    return crosswalks


def crosswalk_inputs(ws: Workspace, outputs: Sequence[Output]) -> list[Input]:
    """The links that counts were led over."""
    found = []
    table = ws.table("crosswalk")
    for scheme in sorted({output.cube.coverage.scheme for output in outputs if output.classes}):
        rows = table.filter(table.from_id.startswith(f"{scheme}:") & table.to_id.startswith(f"{SCHEME}:"))
        sources = ws.to_arrow(rows.select("source_id").distinct().order_by("source_id"))["source_id"].to_pylist()
        found.append(
            Input(
                "crosswalk",
                {"from_id": {"prefix": f"{scheme}:"}, "to_id": {"prefix": f"{SCHEME}:"}},
                len(_crosswalks(ws)[scheme]),
                {source: ws.sources[source].content_hash for source in sources},
                {"field_id": "to_id"},
            )
        )
    return found


def caveats_of(outputs: Sequence[Output], fields: int) -> list[Caveat]:
    """What leading counts over a crosswalk means, and what the figures themselves brought up."""
    found: list[Caveat] = []
    for output in outputs:
        if output.classes:
            unknown = int(np.isnan(output.counts).all(axis=0).sum())
            found.append(Caveat("foresight.caveat.crossed", "serious", {"unknown": unknown, "of": fields}))
        found += (caveat for caveat in output.cube.caveats if caveat not in found)
    return found
