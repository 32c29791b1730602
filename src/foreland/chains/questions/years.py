"""Tables of several years, read so that they can be set side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from foreland.chains.questions.listing import Listed, choose, series
from foreland.chains.questions.tables import Origin, Table, read
from foreland.core.errors import DataError
from foreland.core.provenance import Caveat, Input, Severity
from foreland.core.scope import Scope

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


def read_years(
    ws: Workspace, scope: Scope, *, at_least: int = 1, ends: bool = False, origin: Origin = "domestic"
) -> list[Table]:
    """Tables of one place and classification over the years, oldest first.

    Use tables without a make table are left out. Where some years tell imports apart and others don't, imports of all
    are spread in proportion: what a difference of method makes is no change of the economy.

    Parameters
    ----------
    at_least
        Years that are needed.
    ends
        Only the first and the last of them.
    origin
        Whose products count.

    Raises
    ------
    DataError
        If there are fewer than `at_least` years with the same classification.
    """
    if at_least < 2 and scope.period_range and scope.period_range[0] == scope.period_range[1]:
        entries = [choose(ws, scope)]
    else:
        try:
            entries = series(ws, scope, at_least=max(at_least, 2))
        except DataError as error:
            if at_least > 1 or error.key != "chains.error.one_year":
                raise
            entries = [choose(ws, scope)]
    # Uses of products without a make table can't be led back to industries.
    whole = [entry for entry in entries if entry.products == entry.scheme or "make" in entry.kinds]
    if at_least <= len(whole) < len(entries):
        entries = whole
    if ends and len(entries) > 2:
        entries = [entries[0], entries[-1]]
    alike = len({entry.split for entry in entries}) == 1
    found = [read(ws, entry, scope, origin, as_split=alike) for entry in entries]
    if len(found) == 1:
        return found
    if not alike and origin == "domestic":
        found = [
            _set_aside(table, [entry for entry in entries if entry.split])
            for entry, table in zip(entries, found, strict=True)
        ]
    period = f"{entries[0].period}:{entries[-1].period}"
    return [replace(table, scope=table.scope.replace(period=period)) for table in found]


def _set_aside(table: Table, split: Sequence[Listed]) -> Table:
    """The table with what has to be said of years whose split was not used, instead of there being none."""
    years = ", ".join(entry.period for entry in split)
    kept = (caveat for caveat in table.caveats if caveat.key != "chains.caveat.proportional")
    return replace(table, caveats=(Caveat("chains.caveat.split_set_aside", "warning", {"years": years}), *kept))


def told_once(tables: Sequence[Table], prices: Severity = "warning") -> tuple[Caveat, ...]:
    """What has to be said of any of the tables, each kind once: of several years first that prices differ."""
    found: dict[str, Caveat] = {}
    if len(tables) > 1:
        years = {"before": tables[0].listed.period, "after": tables[-1].listed.period}
        found["chains.caveat.current_prices"] = Caveat("chains.caveat.current_prices", prices, years)
    for n, table in enumerate(reversed(tables)):
        for caveat in table.caveats:
            if n and caveat.key == "chains.caveat.old_table":
                continue  # of years that are set side by side, only the last should be new
            found.setdefault(caveat.key, caveat)
    return tuple(found.values())


def inputs_of(tables: Sequence[Table], *matches: dict[str, str]) -> list[Input]:
    """What was read of each year; every match leads from columns of an answer to flows."""
    found: list[Input] = []
    for table in tables:
        for n, match in enumerate(matches):
            more = table.inputs(match)
            found += more if n == 0 else more[:1]
    return found
