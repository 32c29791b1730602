"""What made sectors grow or shrink between two years?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from foreland.chains.decomposition import Decomposition, decompose
from foreland.chains.errors import ChainError
from foreland.chains.input_output import InputOutput
from foreland.chains.questions.cells import CATEGORIES
from foreland.chains.questions.tables import Table, told
from foreland.chains.questions.years import inputs_of, read_years, told_once
from foreland.core.columns import unit_label, write_amount
from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name
from foreland.i18n import LANGUAGES, t

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Measured = Literal["output", "added", "imports"]

PARTS = ("intensity", "inputs", "origin", "use_level", "use_category", "use_mix", "use_other")
"""Columns of the parts of a change; their sum is the change."""

SIGNED = ("inventory_change", "error")
"""Final uses that change sign by their nature."""


@question(
    "chains.decomposition",
    zh="部门的增长或收缩由什么引起？",
    en="What made sectors grow or shrink?",
    example={"region": "US"},
    uses=("region", "scheme", "field", "period", "source"),
)
def decomposition(ws: Workspace, scope: Scope, measured: Measured = "output") -> Finding:
    """Structural decomposition of a change between two years: technology, import substitution, final use.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. The first and last year of one classification, within ``period``.
    measured
        Whether output, value added or imported inputs changed.
    """
    tables = read_years(ws, scope, at_least=2, ends=True)
    before, after = (unsigned(table) for table in aligned(tables[0], tables[-1]))
    try:
        given = (_quantity(before, measured), _quantity(after, measured))
        found = decompose(before.system, after.system, None if measured == "output" else given)
    except ChainError as error:
        raise told(error, after.sectors, ws) from error
    base = given[0]
    rows = _rows(after, found, base, (before.listed.period, after.listed.period))
    wanted = {after.sectors[k] for k in after.chosen()}
    whole = _whole(found, after.chosen(), after.unit)
    split = after.system.split
    return answer(
        ws,
        "chains.decomposition",
        after.scope,
        [row for row in rows if row["field_id"] in wanted],
        headline=_headline(before, after, [row for row in rows if row["field_id"] in wanted], base, measured),
        benchmark=both("chains.benchmark.two_years", before=before.listed.period, after=after.listed.period,
                       place=name(ws, after.listed.region_id), sectors=len(after.sectors)),
        inputs=inputs_of([before, after], {"field_id": "to_id"}, {"field_id": "from_id"}),
        steps=[*after.steps, Step("chains.step.decomposition"),
               Step("chains.step.decomposition_split" if split else "chains.step.decomposition_whole")],
        caveats=told_once([before, after], "serious"),
        parameters={"measured": measured},
        tables={"whole": pa.Table.from_pylist(whole)},
    )  # fmt: skip


def aligned(before: Table, after: Table) -> tuple[Table, Table]:
    """Two tables over the sectors of either; a sector that a year lacks has no output and no flows in it."""
    if before.sectors == after.sectors:
        return before, after
    union = (*after.sectors, *(sector for sector in before.sectors if sector not in set(after.sectors)))
    return _over(before, union), _over(after, union)


def unsigned(table: Table) -> Table:
    """The table with cells below zero of plain final uses among the balancing items.

    A column with a single negative cell (sales of used goods, spending of foreigners) has no shares that add up, so
    all of it would stand apart from the level of final use.
    """
    final = table.system.final.copy()
    for column, category in enumerate(CATEGORIES):
        if category not in SIGNED:
            final[:, CATEGORIES.index("error")] += np.minimum(final[:, column], 0.0)
            final[:, column] = np.maximum(final[:, column], 0.0)
    return replace(table, system=replace(table.system, final=final))


def _over(table: Table, sectors: tuple[str, ...]) -> Table:
    own, n = table.system, len(sectors)
    at = np.array([sectors.index(sector) for sector in table.sectors])

    def rows(values: np.ndarray) -> np.ndarray:
        found = np.zeros((n, *values.shape[1:]))
        found[at] = values
        return found

    def square(values: np.ndarray) -> np.ndarray:
        found = np.zeros((n, n))
        found[np.ix_(at, at)] = values
        return found

    system = InputOutput(
        flows=square(own.flows),
        output=rows(own.output),
        final=rows(own.final),
        value_added=rows(own.value_added),
        imported=None if own.imported is None else square(own.imported),
        imported_final=None if own.imported_final is None else rows(own.imported_final),
        imports=None if own.imports is None else rows(own.imports),
    )
    return replace(table, sectors=sectors, system=system)


def _quantity(table: Table, measured: Measured) -> np.ndarray:
    system = table.system
    if measured == "output":
        return system.output
    if measured == "added":
        return system.value_added
    if system.imported is None:
        raise DataError("chains.error.not_split")
    return np.asarray(system.imported.sum(axis=0))


def _parts(found: Decomposition) -> dict[str, np.ndarray]:
    return {
        "intensity": found.intensity,
        "inputs": found.inputs,
        "origin": found.origin,
        "use_level": found.level,
        "use_category": found.category,
        "use_mix": found.mix,
        "use_other": found.signed + found.imports,
    }


def _rows(table: Table, found: Decomposition, base: np.ndarray, years: tuple[str, str]) -> list[dict[str, Any]]:
    parts = _parts(found)
    # What no row has a value for is left out: the content of output in output, a split that tables don't have.
    shown = [part for part in PARTS if part.startswith("use_") or parts[part].any()]
    order = sorted(range(len(table.sectors)), key=lambda k: (-abs(found.change[k]), table.sectors[k]))
    return [
        {
            "rank": place,
            "field_id": table.sectors[k],
            "gained": float(found.change[k]),
            "gained_share": float(found.change[k] / base[k]) if base[k] > 0 else None,
            **{part: float(parts[part][k]) for part in shown},
            "from_period": years[0],
            "to_period": years[1],
            "unit": table.unit,
        }
        for place, k in enumerate(order, start=1)
        if found.change[k] or any(values[k] for values in parts.values())
    ]


def _whole(found: Decomposition, chosen: list[int], unit: str) -> list[dict[str, Any]]:
    """The parts summed over sectors, and final use once more by who uses."""
    parts = [("part", part, float(values[chosen].sum())) for part, values in _parts(found).items()]
    uses = found.by_category[chosen].sum(axis=0)
    kinds = [("user", f"io_{category}", float(value)) for category, value in zip(CATEGORIES, uses, strict=True)]
    return [
        {"set": of, "part": part if of == "part" else None, "indicator_id": None if of == "part" else part,
         "contribution": value, "unit": unit}
        for of, part, value in (*parts, *kinds)
        if value
    ]  # fmt: skip


def _headline(before: Table, after: Table, rows: list[dict[str, Any]], base: np.ndarray, measured: Measured) -> Text:
    """The change and its largest parts: of one sector, or of all that are listed."""
    ws = after.ws
    changed = sum(row["gained"] for row in rows)
    known = {row["field_id"] for row in rows}
    started = float(sum(base[k] for k, sector in enumerate(after.sectors) if sector in known))
    demand = sum(row[part] for row in rows for part in PARTS if part.startswith("use_"))
    parts = {part: sum(row.get(part, 0.0) for row in rows) for part in ("intensity", "inputs", "origin")} | {
        "use": demand
    }
    largest = sorted(parts, key=lambda part: (-abs(parts[part]), part))[:3]
    words: dict[str, Any] = {
        "place": name(ws, after.listed.region_id),
        "before": before.listed.period,
        "after": after.listed.period,
        "amount": _amount(abs(changed), after.unit),
        "growth": f"{abs(changed) / started:.1%}" if started else "—",
        "parts": _listed([(part, parts[part]) for part in largest if parts[part]]),
    }
    way = "up" if changed >= 0 else "down"
    if len(rows) == 1:
        words["sector"] = name(ws, rows[0]["field_id"])
        return both(f"chains.decomposition.headline.one.{measured}.{way}", **words)
    return both(f"chains.decomposition.headline.all.{measured}.{way}", **words)


def _amount(value: float, unit: str) -> Text:
    return {
        language: t("chains.amount", language, value=write_amount(value, language), unit=unit_label(unit, language))
        for language in LANGUAGES
    }


def _listed(parts: list[tuple[str, float]]) -> Text:
    return {
        language: t("chains.list_sign", language).join(
            t("chains.part", language, part=t(f"chains.value.{part}", language),
              value=("+" if value >= 0 else "−") + write_amount(abs(value), language))
            for part, value in parts
        )
        for language in LANGUAGES
    }  # fmt: skip
