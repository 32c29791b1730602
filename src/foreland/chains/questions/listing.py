"""Which input–output tables a workspace has, and which of them answers a question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, Worded
from foreland.core.finding import Text
from foreland.core.scope import Scope
from foreland.data.answer import name
from foreland.data.coverage import lineage, region_levels

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

FLOWS = ("flow", "flow_domestic", "flow_imported", "make")
PREFERRED_SECTORS = 200
"""Of tables of one year the finest is read, but no finer than this: more sectors than one can look at."""


@dataclass(frozen=True)
class Listed:
    """One table of the workspace: a country in a year, from one source, in one classification.

    `scheme` is the classification of the sectors that use, `products` that of what is used: another one in
    supply and use tables.
    """

    source_id: str
    region_id: str
    scheme: str
    products: str
    period: str
    kinds: tuple[str, ...]
    sectors: int

    @property
    def split(self) -> bool:
        """Whether it tells imported use from domestic use."""
        return "flow_imported" in self.kinds


def tables(ws: Workspace) -> tuple[Listed, ...]:
    """The input–output tables of a workspace, in a total order."""

    def read() -> tuple[Listed, ...]:
        link = ws.table("link")
        rows = (
            link.filter(link.kind.isin(FLOWS))
            .mutate(users=link.to_id.split(":")[0], products=link.from_id.split(":")[0])
            .group_by(["source_id", "region_id", "period", "kind", "users", "products"])
            .agg(sectors=lambda t: t.to_id.nunique())
            .order_by(["source_id", "region_id", "period", "users", "products", "kind"])
        )
        found: dict[tuple[str, str, str, str, str], dict[str, Any]] = {}
        for row in ws.to_arrow(rows).to_pylist():
            # A make table leads from industries to the products that the use table starts from.
            made = row["kind"] == "make"
            users, products = (row["products"], row["users"]) if made else (row["users"], row["products"])
            key = (row["source_id"], row["region_id"], users, products, row["period"])
            held = found.setdefault(key, {"kinds": [], "sectors": 0})
            held["kinds"].append(row["kind"])
            held["sectors"] = max(held["sectors"], 0 if made else row["sectors"])
        return tuple(
            Listed(*key, tuple(held["kinds"]), held["sectors"])
            for key, held in sorted(found.items())
            if any(kind.startswith("flow") for kind in held["kinds"])
        )

    known: tuple[Listed, ...] = ws.cache.remember("io_tables", read)
    return known


def fitting(ws: Workspace, scope: Scope) -> list[Listed]:
    """The tables that go with what was asked for, whatever their year.

    A province has no table of its own: that of its country stands in.

    Raises
    ------
    UsageError
        If the scope names a place the workspace does not know.
    DataError
        If there is no table, or none that fits; says what there is.
    """
    known = tables(ws)
    if not known:
        raise DataError("chains.error.no_tables")
    place = _country(ws, scope.focus, {entry.region_id for entry in known}) if scope.focus else None
    schemes = {part.partition(":")[0] for part in scope.field} & {entry.scheme for entry in known}
    found = [
        entry
        for entry in known
        if place in (None, entry.region_id)
        and scope.scheme in (None, entry.scheme)
        and (scope.scheme is not None or not schemes or entry.scheme in schemes)
        and scope.source in (None, entry.source_id)
    ]
    if not found:
        has = sorted({f"{e.region_id} {e.scheme} ({e.source_id})" for e in known})
        asked = ", ".join(f"{key}={value}" for key, value in scope.to_dict().items())
        raise DataError("chains.error.no_table_fits", asked=asked, has="; ".join(has))
    return found


def choose(ws: Workspace, scope: Scope) -> Listed:
    """The one table a question is answered from: what the scope says, else the newest, split and finest."""
    found = fitting(ws, scope)
    periods = sorted({entry.period for entry in found})
    if scope.period_range:
        first, last = scope.period_range
        within = [entry for entry in found if first <= entry.period <= last]
        if not within:
            raise DataError("chains.error.no_such_year", period=scope.period, has=", ".join(periods))
        found = within
    return min(found, key=_preference)


def series(ws: Workspace, scope: Scope, *, at_least: int = 2) -> list[Listed]:
    """Tables of one place, source and classification over the years, oldest first.

    Raises
    ------
    DataError
        ``chains.error.one_year`` where there are fewer than `at_least` with the same classification: says which years
        have which.
    """
    found = fitting(ws, scope)
    if scope.period_range and scope.period_range[0] != scope.period_range[1]:
        first, last = scope.period_range
        within = [entry for entry in found if first <= entry.period <= last]
        found = within or found
    groups: dict[tuple[str, ...], list[Listed]] = {}
    for entry in found:
        groups.setdefault((entry.source_id, entry.region_id, entry.scheme, entry.products), []).append(entry)
    best = min(groups.values(), key=lambda g: (len(g) < at_least, not g[-1].split, *_preference(g[-1])))
    if len(best) < at_least:
        has = "; ".join(f"{group[0].scheme}: {', '.join(e.period for e in group)}" for group in groups.values())
        raise DataError("chains.error.one_year", has=has)
    return sorted(best, key=lambda entry: entry.period)


def _preference(entry: Listed) -> tuple[Any, ...]:
    """The newest first; of one year the table that tells imports apart, then the finest that can be looked at."""
    newest = -int(entry.period[:4]) if entry.period[:4].isdigit() else 0
    fine = -entry.sectors if entry.sectors <= PREFERRED_SECTORS else entry.sectors
    return (newest, not entry.split, fine, entry.source_id, entry.region_id, entry.scheme)


def _country(ws: Workspace, place: str, having: set[str]) -> str:
    region_levels(ws, place)  # says so where the place is not known
    found = next((above for above in lineage(ws, place) if above in having), None)
    if found is not None:
        return found
    raise DataError("chains.error.no_table_of", place=Worded(name(ws, place)), has=Worded(with_ids(ws, having)))


def with_ids(ws: Workspace, ids: Iterable[str]) -> Text:
    """Names with their ids, in the order of the ids."""
    called = [(identifier, name(ws, identifier)) for identifier in sorted(ids)]
    return {
        "en": ", ".join(code if text["en"] == code else f"{text['en']} ({code})" for code, text in called),
        "zh": "、".join(code if text["zh"] == code else f"{text['zh']}（{code}）" for code, text in called),
    }
