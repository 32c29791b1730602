"""What does demand for a field pull along in the economy?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from foreland.chains import pull as method
from foreland.chains.questions.listing import choose
from foreland.chains.questions.makers import Share, crosswalks, fields_with_makers, shares, spread
from foreland.chains.questions.tables import Table, read
from foreland.chains.questions.years import inputs_of
from foreland.core.errors import UsageError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name
from foreland.i18n import LANGUAGES, t

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

DEMAND = 100.0
"""Units of final demand that are followed."""
LEAST = 0.05
"""Of 100 units, what is pulled along less than this is not listed."""


@dataclass(frozen=True)
class Pulled:
    """A field, who makes its products, and what it pulls along."""

    field: str
    makers: list[Share]
    found: method.Pull

    def row(self) -> dict[str, Any]:
        """Totals over all sectors."""
        return {
            "field_id": self.field,
            **_bounds("pulled_output", self.found.total_output),
            **_bounds("pulled_added", self.found.total_value_added),
            **_bounds("pulled_imports", self.found.total_imports),
            "weak_share": sum(share.weight for share in self.makers if share.quality == "weak"),
        }


@question(
    "chains.pull",
    zh="一个产业领域能带动什么？",
    en="What does demand for a field pull along?",
    example={"region": "US", "field": "iotf:hydrogen"},
    uses=("region", "scheme", "field", "period", "source"),
)
def pull(ws: Workspace, scope: Scope) -> Finding:
    """Output, value added and imports that 100 units of final demand for a field bring about, with bounds.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With one field the sectors it pulls along; with several, or none, the
        fields side by side.
    """
    table = read(ws, choose(ws, scope), scope)
    asked = list(scope.field)
    every = [_pulled(table, of) for of in asked] if asked else _all(table)
    alone = every[0] if len(every) == 1 else None
    rows = _sectors(table, alone.found) if alone else _fields(every)
    matches = ({"field_id": "to_id"}, {"field_id": "from_id"}) if alone else ({},)
    steps = [
        *table.steps,
        Step("chains.step.makers", {"makers": _told(table, alone)} if alone else {"makers": _many()}),
    ]
    headline = _headline_one(table, alone, rows) if alone else _headline(table, every)
    tables = {"makers": pa.Table.from_pylist(_makers_rows(alone))} if alone else None
    finding = answer(
        ws,
        "chains.pull",
        table.scope,
        rows,
        headline=headline,
        benchmark=both("chains.benchmark.hundred", table=table.benchmark()),
        inputs=[*inputs_of([table], *matches), *crosswalks(table, [each.field for each in every])],
        steps=[*steps, Step("chains.step.pull")],
        caveats=(Caveat("chains.caveat.editorial_shares", "serious", _weak(every)), *table.caveats),
        tables=tables,
    )
    shown = ("sectors", "imports", "makers") if table.system.split else ("sectors", "makers")
    return finding.offering(*(shown if alone else ("fields", "abroad") if table.system.split else ("fields",)))


def _pulled(table: Table, of: str) -> Pulled:
    makers = shares(table, of)
    return Pulled(of, makers, method.pull(table.system, spread(table, makers)))


def _all(table: Table) -> list[Pulled]:
    """All fields whose makers are known in the table's classification."""
    found, last = [], None
    for of in fields_with_makers():
        try:
            found.append(_pulled(table, of))
        except UsageError as error:
            last = error
    if not found and last is not None:
        raise last
    return found


def _bounds(name: str, of: method.Bounded | None, k: int | None = None) -> dict[str, float | None]:
    if of is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    parts = (of.value, of.low, of.high)
    values = [DEMAND * float(part if k is None else np.asarray(part)[k]) for part in parts]
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


def _sectors(table: Table, found: method.Pull) -> list[dict[str, Any]]:
    """What is pulled along in each sector, the most output first; imports are of the sector's product."""
    rows: list[dict[str, Any]] = [
        {
            "field_id": sector,
            **_bounds("pulled_output", found.output, k),
            **_bounds("pulled_added", found.value_added, k),
            **_bounds("pulled_imports", found.imports, k),
        }
        for k, sector in enumerate(table.sectors)
    ]
    rows = [row for row in rows if max(row["pulled_output_high"], row["pulled_imports_high"] or 0.0) >= LEAST]
    rows.sort(key=lambda row: (-row["pulled_output"], row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _fields(every: list[Pulled]) -> list[dict[str, Any]]:
    rows = sorted((each.row() for each in every), key=lambda row: (-row["pulled_output"], row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _makers_rows(pulled: Pulled) -> list[dict[str, Any]]:
    return [
        {
            "field_id": share.sector,
            "made": share.weight,
            "made_low": share.low,
            "made_high": share.high,
            "quality": f"sure_{share.quality}",
        }
        for share in pulled.makers
    ]


def _told(table: Table, pulled: Pulled) -> Text:
    """The makers in words: sector, share, how sure, and why."""
    found: dict[Any, str] = {}
    for language in LANGUAGES:
        parts = []
        for share in pulled.makers:
            notes = t("chains.note_sign", language).join(note[language] for note in share.notes if note[language])
            key = "chains.maker" if notes else "chains.maker.plain"
            parts.append(
                t(key, language, sector=name(table.ws, share.sector)[language], share=f"{share.weight:.0%}", note=notes,
                  quality=t(f"chains.value.sure_{share.quality}", language))
            )  # fmt: skip
        found[language] = t("chains.note_sign", language).join(parts)
    return found


def _many() -> Text:
    return both("chains.makers.many", count=len(fields_with_makers()))


def _weak(every: list[Pulled]) -> dict[str, str]:
    """How much of the shares rests on weak links, at most."""
    return {"weak": f"{max(each.row()['weak_share'] for each in every):.0%}"}


def _range(row: dict[str, Any], column: str) -> str:
    return f"{row[f'{column}_low']:.0f}–{row[f'{column}_high']:.0f}"


def _headline_one(table: Table, pulled: Pulled, rows: list[dict[str, Any]]) -> Text:
    ws, total = table.ws, pulled.row()
    words: dict[str, Any] = {
        "field": name(ws, pulled.field),
        "place": name(ws, table.listed.region_id),
        "year": table.listed.period,
        "output": f"{total['pulled_output']:.0f}",
        "output_range": _range(total, "pulled_output"),
        "added": f"{total['pulled_added']:.0f}",
        "added_range": _range(total, "pulled_added"),
        "sector": name(ws, rows[0]["field_id"]),
    }
    if total["pulled_imports"] is None:
        return both("chains.pull.headline.one", **words)
    words |= {"imports": f"{total['pulled_imports']:.0f}", "import_range": _range(total, "pulled_imports")}
    return both("chains.pull.headline.one_imports", **words)


def _headline(table: Table, every: list[Pulled]) -> Text:
    ws = table.ws
    rows = _fields(every)
    most = rows[0]
    words: dict[str, Any] = {
        "place": name(ws, table.listed.region_id),
        "year": table.listed.period,
        "number": len(rows),
        "field": name(ws, most["field_id"]),
        "output": f"{most['pulled_output']:.0f}",
        "output_range": _range(most, "pulled_output"),
    }
    if most["pulled_imports"] is None:
        return both("chains.pull.headline.all", **words)
    # The same field may pull along most of both.
    abroad = max(rows, key=lambda row: (row["pulled_imports"], row["field_id"]))
    words |= {
        "abroad": name(ws, abroad["field_id"]),
        "imports": f"{abroad['pulled_imports']:.0f}",
        "import_range": _range(abroad, "pulled_imports"),
    }
    key = "all_both" if abroad["field_id"] == most["field_id"] else "all_imports"
    return both(f"chains.pull.headline.{key}", **words)
