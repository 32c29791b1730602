"""What a workspace has figures of: the choices a question and its controls have."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from foreland.core.errors import DataError, DidYouMean, UsageError
from foreland.core.reads import noting
from foreland.core.scope import Scope
from foreland.data.kept import kept

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace


HEADLINE = (
    "hightech_revenue",
    "rd_expenditure",
    "rd_intensity",
    "invention_patents_granted",
    "hightech_enterprises",
    "contracts_sold",
    "patent_families",
    "uspto_patents",
    "articles_whole",
    "articles_fractional",
)
"""Indicators a reader looks for first, in this order, where the data have them."""


@dataclass(frozen=True)
class Coverage:
    """Figures of one indicator in one scheme at one level from one source."""

    source_id: str
    scheme: str
    indicator_id: str
    level: str
    unit: str
    kind: str
    aggregation: str
    first: str
    last: str
    periods: int
    regions: int
    fields: int
    rows: int


def coverage(ws: Workspace) -> tuple[Coverage, ...]:
    """What the observations of a workspace cover, in a total order."""
    found: tuple[Coverage, ...] = tuple(entry for entry, _ in _covered(ws))
    return found


def _covered(ws: Workspace) -> tuple[tuple[Coverage, tuple[str, ...]], ...]:
    """What the observations cover, each with the regions there are figures of."""

    def read() -> tuple[tuple[Coverage, tuple[str, ...]], ...]:
        with noting() as reads:
            # Only for what they are read from: the file is of exactly that state.
            for table in ("observation", "region", "indicator"):
                ws.rows(table)
        rows = kept(ws, "coverage", reads, lambda: _count(ws))
        return tuple((Coverage(regions=len(row["region_ids"]), **_rest(row)), tuple(row["region_ids"])) for row in rows)

    found: tuple[tuple[Coverage, tuple[str, ...]], ...] = ws.cache.remember("coverage", read)
    return found


def _rest(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "region_ids"}


def _count(ws: Workspace) -> list[dict[str, Any]]:
    observation, region, indicator = (ws.table(name) for name in ("observation", "region", "indicator"))
    # Counted in two steps: what differs among a few cells of each set is counted ten times as fast as among all rows.
    cells = (
        observation.join(region.select("region_id", "level"), "region_id")
        .group_by(["source_id", "indicator_id", "level", "field_id", "period"])
        .agg(rows=lambda t: t.count())
    )
    key = ["source_id", "scheme", "indicator_id", "level"]
    counted = (
        cells.mutate(scheme=cells.field_id.split(":")[0])
        .group_by(key)
        .agg(
            first=lambda t: t.period.min(),
            last=lambda t: t.period.max(),
            periods=lambda t: t.period.nunique(),
            fields=lambda t: t.field_id.nunique(),
            rows=lambda t: t.rows.sum(),
        )
        .join(indicator.select("indicator_id", "unit", "kind", "aggregation"), "indicator_id")
        .order_by(key)
    )
    having = (
        observation.mutate(scheme=observation.field_id.split(":")[0])
        .select("source_id", "scheme", "indicator_id", "region_id")
        .distinct()
    )
    levels = region_levels(ws)
    places: dict[tuple[str, ...], list[str]] = {}
    for row in ws.to_arrow(having).to_pylist():
        if (level := levels.get(row["region_id"])) is not None:
            places.setdefault((*(row[name] for name in key[:3]), level), []).append(row["region_id"])
    return [
        {**row, "region_ids": sorted(places[tuple(row[name] for name in key)])}
        for row in ws.to_arrow(counted).to_pylist()
    ]


def definitions(ws: Workspace, table: str) -> pa.Table:
    """A small table that defines things, read once: regions, fields or indicators."""
    found: pa.Table = ws.cache.remember(f"definitions:{table}", lambda: ws.to_arrow(ws.table(table)))
    return found


def level_of(ws: Workspace, region_id: str) -> str:
    """The level of a region.

    Raises
    ------
    UsageError
        If the workspace does not know the region; names the nearest ones.
    """
    return region_levels(ws, region_id)[region_id]


def level_compared(ws: Workspace, scope: Scope) -> str | None:
    """The level of the places compared: the one asked for, else that of the place in focus.

    Raises
    ------
    UsageError
        If it is that of groups of countries, which overlap, so that neither ranks nor sums over them mean anything.
    """
    level = scope.level or (level_of(ws, scope.focus) if scope.focus else None)
    if level == "aggregate":
        raise UsageError("data.error.groups_overlap", asked=scope.focus or level)
    return level


def region_levels(ws: Workspace, asked: str | None = None) -> dict[str, str]:
    """Region → level for every region the workspace knows, checked to hold ``asked``."""

    def read() -> dict[str, str]:
        rows = definitions(ws, "region")
        return dict(zip(rows["region_id"].to_pylist(), rows["level"].to_pylist(), strict=True))

    levels: dict[str, str] = ws.cache.remember("region_levels", read)
    if asked is not None and asked not in levels:
        from foreland.data.taxonomy.regions import suggest

        near = [f"{region.id} ({region.name()})" for region in suggest(asked)]
        near = near or difflib.get_close_matches(asked, levels, 3)
        raise UsageError("data.error.unknown_region", name=asked, near=DidYouMean(near))
    return levels


def lineage(ws: Workspace, place: str) -> list[str]:
    """A place and those it lies in, up to its country."""

    def read() -> dict[str, str | None]:
        rows = definitions(ws, "region")
        parents = zip(rows["region_id"].to_pylist(), rows["parent_id"].to_pylist(), strict=True)
        levels = region_levels(ws)
        return {region: None if levels[region] == "country" else parent for region, parent in parents}

    parents: dict[str, str | None] = ws.cache.remember("region_parents", read)
    found, above = [place], parents.get(place)
    while above and above not in found:
        found.append(above)
        above = parents.get(above)
    return found


def place_ids(ws: Workspace, asked: Any) -> Any:
    """Ids for names of places that the workspace knows; what is an id, or not known, stays as it is."""
    from foreland.data.taxonomy import regions

    if not isinstance(asked, str):
        return [place_ids(ws, each) for each in asked]
    levels = region_levels(ws)
    if asked in levels:
        return asked
    if f"own:{asked}" in levels:
        return f"own:{asked}"
    found = regions.resolve(asked)
    return found if found in levels else asked


def covering(ws: Workspace, region_id: str) -> set[tuple[str, str, str]]:
    """The (source, scheme, indicator) triples that have figures of a region."""
    return _by_place(ws).get(region_id, set())


def places_covered(ws: Workspace) -> list[str]:
    """The regions there are figures of."""
    return sorted(_by_place(ws))


def _by_place(ws: Workspace) -> dict[str, set[tuple[str, str, str]]]:
    def invert() -> dict[str, set[tuple[str, str, str]]]:
        held: dict[str, set[tuple[str, str, str]]] = {}
        for entry, places in _covered(ws):
            for place in places:
                held.setdefault(place, set()).add((entry.source_id, entry.scheme, entry.indicator_id))
        return held

    found: dict[str, set[tuple[str, str, str]]] = ws.cache.remember("covering", invert)
    return found


def choose(ws: Workspace, scope: Scope, *, by_field: bool = True, summable: bool = True, wants: str = "") -> Coverage:
    """The one set of figures a question is answered from: what the scope says, else the finest and fullest.

    Parameters
    ----------
    ws, scope
        The workspace, and what was asked for.
    by_field
        Whether figures of at least two fields are needed.
    summable
        Whether values must add up over places and fields.
    wants
        What the question needs in words, for the error.

    Raises
    ------
    UsageError
        If the scope names a region, scheme, indicator or source the workspace does not have, or groups of countries.
    DataError
        If nothing fits (says what would), or several sources have the same figures.
    """
    level = level_compared(ws, scope)
    known = coverage(ws)
    if scope.scheme is None and scope.field:
        # A field says which classification it belongs to.
        scope = scope.replace(scheme=scope.field[0].partition(":")[0])
    _check_named(ws, scope, known)
    usable = [
        entry
        for entry in known
        if (level is None or entry.level == level)
        and entry.level != "aggregate"
        and (not by_field or entry.fields >= 2)
        and (not summable or entry.aggregation == "sum")
        # What is said of a field is no output of it: an index answers only where it is asked for by name.
        and (scope.indicator is not None or not summable or entry.kind in ("flow", "stock"))
    ]
    if scope.focus:
        having = covering(ws, scope.focus)
        usable = [e for e in usable if (e.source_id, e.scheme, e.indicator_id) in having]
    fitting = [
        entry
        for entry in usable
        if scope.scheme in (None, entry.scheme)
        and scope.indicator in (None, entry.indicator_id)
        and scope.source in (None, entry.source_id)
    ]
    if not fitting:
        raise (summable and _not_summable(scope, known, usable)) or _nothing(scope, level, usable or known)
    best = min(
        fitting,
        # Units as of a year (topics-papers@2015) are for tests, unless they are asked for.
        key=lambda e: (
            "@" in e.scheme,
            _prominence(e, by_field),
            -e.fields,
            -e.rows,
            e.source_id,
            e.scheme,
            e.indicator_id,
            e.level,
        ),
    )
    same = [e for e in fitting if (e.scheme, e.indicator_id, e.level) == (best.scheme, best.indicator_id, best.level)]
    if len(same) > 1:
        names = ", ".join(e.source_id for e in same)
        raise DataError("data.error.several_sources", indicator=best.indicator_id, sources=names)
    return best


def _prominence(entry: Coverage, by_field: bool) -> int:
    """Totals of the indicators looked for first come first, where no field is asked for."""
    known = not by_field and entry.scheme == "all" and entry.indicator_id in HEADLINE
    return HEADLINE.index(entry.indicator_id) if known else len(HEADLINE)


def _check_named(ws: Workspace, scope: Scope, known: tuple[Coverage, ...]) -> None:
    for region in scope.region:
        level_of(ws, region)
    if scope.benchmark:
        level_of(ws, scope.benchmark)
    if scope.source is not None and scope.source not in ws.sources:
        _refuse("source", scope.source, set(ws.sources))
    for name, has in (
        ("level", {e.level for e in known}),
        ("scheme", {e.scheme for e in known}),
        ("indicator", {e.indicator_id for e in known}),
    ):
        asked = getattr(scope, name)
        if asked is not None and asked not in has:
            _refuse(name, asked, has)


def _refuse(name: str, asked: str, has: set[str]) -> NoReturn:
    near = difflib.get_close_matches(asked, has, 3, 0.5)
    raise UsageError(
        f"data.error.unknown_{name}", name=asked, near=DidYouMean(near), known=", ".join(sorted(has)) or "—"
    )


def _not_summable(scope: Scope, known: Sequence[Coverage], usable: Sequence[Coverage]) -> DataError | None:
    """The error where figures that don't add up over places were asked for; None where that is not what is wrong."""
    asked = [entry for entry in known if entry.indicator_id == scope.indicator]
    if not asked or any(entry.aggregation == "sum" for entry in asked):
        return None
    fractional = f"{scope.indicator}".removesuffix("_whole") + "_fractional"
    if any(entry.indicator_id == fractional for entry in known):
        return DataError("data.error.whole_counts", indicator=scope.indicator, fractional=fractional)
    has = ", ".join(sorted({entry.indicator_id for entry in usable})[:8])
    return DataError("data.error.not_summable", indicator=scope.indicator, has=has or "—")


def _nothing(scope: Scope, level: str | None, known: Sequence[Coverage]) -> DataError:
    asked = ", ".join(f"{name}={value}" for name, value in {"level": level, **scope.to_dict()}.items() if value)
    has = sorted({f"{e.indicator_id} ({e.scheme}, {e.level}, {e.first}–{e.last})" for e in known})
    shown = "; ".join(has[:8]) + (" …" if len(has) > 8 else "")
    if not asked:
        return DataError("data.error.nothing_usable", has=shown or "—")
    return DataError("data.error.nothing_fits", asked=asked, has=shown or "—")
