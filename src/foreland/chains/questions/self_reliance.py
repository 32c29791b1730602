"""How far does each sector rely on products made at home, and which imports does it rest on?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from foreland.chains.errors import ChainError
from foreland.chains.imports import ImportContent, SelfReliance, import_content
from foreland.chains.imports import self_reliance as method
from foreland.chains.questions.tables import Table, told
from foreland.chains.questions.years import inputs_of, read_years, told_once
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Reach = Literal["chain", "direct"]

MAPPED = 12
"""Sectors and products in the map of who rests on what: more can't be read."""
NEGLIGIBLE = 1e-6
"""Imports of a product below this share of output are rounding."""


@dataclass(frozen=True)
class Year:
    """What a table says of imports."""

    table: Table
    content: ImportContent
    reliance: SelfReliance

    def at(self, sector: str) -> int | None:
        """Where a sector stands; none where this year doesn't have it, or has no output of it."""
        if sector not in self.table.sectors:
            return None
        k = self.table.sectors.index(sector)
        return k if self.table.system.output[k] > 0 else None

    def of(self, values: np.ndarray, sector: str) -> float | None:
        """A value of a sector, where there is one."""
        k = self.at(sector)
        return None if k is None or not np.isfinite(values[k]) else float(values[k])


@question(
    "chains.self_reliance",
    zh="各部门的投入多大程度上靠国内？依赖哪些进口？",
    en="How far do sectors rely on inputs made at home, and on which imports?",
    example={"region": "US"},
    uses=("region", "scheme", "field", "period", "source"),
)
def self_reliance(ws: Workspace, scope: Scope, reach: Reach = "chain") -> Finding:
    """Import content and self-reliance by sector over the years; with one sector, the imports it rests on.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. Without a period all years of one classification.
    reach
        What sectors and products are ranked by: the whole chain at home, or what a sector buys itself.
    """
    years = [_year(table) for table in read_years(ws, scope)]
    last = years[-1]
    chosen = [last.table.sectors[k] for k in last.table.chosen()]
    alone = chosen[0] if len(chosen) == 1 else None
    rows = _products(years, alone, reach) if alone else _sectors(years, chosen, reach)
    match = ({"sector_id": "to_id"}, {"field_id": "from_id"}) if alone else ({"field_id": "to_id"},)
    tables = {"years": pa.Table.from_pylist(_over_years(years, [alone] if alone else [r["field_id"] for r in rows]))}
    if not alone and (cells := _cells(last, [row["field_id"] for row in rows[:MAPPED]])):
        tables["cells"] = pa.Table.from_pylist(cells)
    offered = {
        (True, True): ("products", "years"),
        (True, False): ("products",),
        (False, True): ("change", "lines", "map"),
        (False, False): ("change", "map"),
    }[(alone is not None, len(years) > 1)]
    return answer(
        ws,
        "chains.self_reliance",
        last.table.scope,
        rows,
        headline=_headline(years, alone, rows, reach),
        benchmark=both(
            "chains.benchmark.made_at_home", share=f"{last.reliance.total:.1%}", table=last.table.benchmark()
        ),
        inputs=inputs_of([year.table for year in years], *match),
        steps=[*last.table.steps, Step("chains.step.import_content"), Step("chains.step.self_reliance")],
        caveats=told_once([year.table for year in years]),
        parameters={"reach": reach},
        tables=tables,
    ).offering(*offered)


def _year(table: Table) -> Year:
    try:
        return Year(table, import_content(table.system), method(table.system))
    except ChainError as error:
        raise told(error, table.sectors, table.ws) from error


def _sectors(years: Sequence[Year], chosen: list[str], reach: Reach) -> list[dict[str, Any]]:
    """Each sector's self-reliance, the least self-reliant first."""
    first, last = years[0], years[-1]
    rows = []
    for sector in chosen:
        chain, direct = last.of(last.reliance.sector_chain, sector), last.of(last.reliance.sector, sector)
        k = last.at(sector)
        if chain is None or k is None:
            continue
        before = first.of(_reached(first, reach), sector) if len(years) > 1 else None
        now = chain if reach == "chain" else direct
        rows.append(
            {
                "field_id": sector,
                "self_reliance_chain": chain,
                "self_reliance": direct,
                "share_before": before,
                "share_change": None if before is None or now is None else now - before,
                "import_content": float(last.content.chain[k]),
                "import_direct": float(last.content.direct[k]),
                "product_id": last.table.sectors[int(last.content.by_product[:, k].argmax())],
                "from_period": first.table.listed.period if len(years) > 1 else None,
                "to_period": last.table.listed.period,
            }
        )
    key = "self_reliance_chain" if reach == "chain" else "self_reliance"
    rows.sort(key=lambda row: (row[key] if row[key] is not None else 2.0, row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _reached(year: Year, reach: Reach) -> np.ndarray:
    return year.reliance.sector_chain if reach == "chain" else year.reliance.sector


def _products(years: Sequence[Year], sector: str, reach: Reach) -> list[dict[str, Any]]:
    """The imported products one sector's output rests on, the largest first."""
    first, last = years[0], years[-1]
    k = last.at(sector)
    if k is None:
        return []
    now, then = _parts(last, sector), _parts(first, sector) if len(years) > 1 else {}
    total = sum(part[reach] for part in now.values())
    rows: list[dict[str, Any]] = [
        {
            "field_id": product,
            "sector_id": sector,
            "import_content": part["chain"],
            "import_direct": part["direct"],
            "share": part[reach] / total if total else None,
            "self_reliance_chain": _finite(last.reliance.chain[last.table.sectors.index(product), k]),
            "share_before": then[product][reach] if product in then else None,
            "share_change": part[reach] - then[product][reach] if product in then else None,
            "from_period": first.table.listed.period if len(years) > 1 else None,
            "to_period": last.table.listed.period,
        }
        for product, part in now.items()
        if part["chain"] > NEGLIGIBLE
    ]
    key = "import_content" if reach == "chain" else "import_direct"
    rows.sort(key=lambda row: (-row[key], row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _parts(year: Year, sector: str) -> dict[str, dict[Reach, float]]:
    """Imports of each product per unit of a sector's output: through the chain, and bought by itself."""
    k, system = year.at(sector), year.table.system
    if k is None or system.imported is None:
        return {}
    direct = system.imported[:, k] / system.output[k]
    return {
        product: {"chain": float(year.content.by_product[i, k]), "direct": float(direct[i])}
        for i, product in enumerate(year.table.sectors)
    }


def _over_years(years: Sequence[Year], sectors: list[str]) -> list[dict[str, Any]]:
    """Self-reliance and import content of sectors in every year."""
    return [
        {
            "field_id": sector,
            "period": year.table.listed.period,
            "self_reliance_chain": year.of(year.reliance.sector_chain, sector),
            "self_reliance": year.of(year.reliance.sector, sector),
            "import_content": float(year.content.chain[k]),
            "import_direct": float(year.content.direct[k]),
        }
        for sector in sectors
        for year in years
        if (k := year.at(sector)) is not None
    ]


def _cells(year: Year, sectors: list[str]) -> list[dict[str, Any]]:
    """Imports through the chain: the products the least self-reliant sectors rest on most."""
    at = [k for sector in sectors if (k := year.at(sector)) is not None]
    if not at:
        return []
    weight = year.content.by_product[:, at].sum(axis=1)
    kept = [int(i) for i in np.argsort(-weight, kind="stable")[:MAPPED] if weight[i] > NEGLIGIBLE]
    return [
        {
            "field_id": year.table.sectors[k],
            "product_id": year.table.sectors[i],
            "import_content": float(year.content.by_product[i, k]),
        }
        for k in at
        for i in kept
    ]


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _headline(years: Sequence[Year], alone: str | None, rows: list[dict[str, Any]], reach: Reach) -> Text:
    first, last = years[0], years[-1]
    ws, listed = last.table.ws, last.table.listed
    words: dict[str, Any] = {"place": name(ws, listed.region_id), "year": listed.period}
    many = "years" if len(years) > 1 else "year"
    words |= {"before": first.table.listed.period} if many == "years" else {}
    if not rows:
        return both("chains.self_reliance.headline.none", place=words["place"], year=words["year"])
    if alone:
        now, then = last.of(_content(last, reach), alone) or 0.0, first.of(_content(first, reach), alone) or 0.0
        words |= {"sector": name(ws, alone), "product": name(ws, rows[0]["field_id"]), "now": f"{100 * now:.1f}"}
        words |= {"then": f"{100 * then:.1f}"} if many == "years" else {}
        return both(f"chains.self_reliance.headline.one.{reach}.{many}", **words, part=f"{rows[0]['share']:.0%}")
    key = "self_reliance_chain" if reach == "chain" else "self_reliance"
    least = rows[0]
    words |= {
        "sector": name(ws, least["field_id"]),
        "share": f"{least[key]:.0%}",
        "total": f"{last.reliance.total:.1%}",
    }
    words |= {"then": f"{first.reliance.total:.1%}"} if many == "years" else {}
    return both(f"chains.self_reliance.headline.all.{reach}.{many}", **words)


def _content(year: Year, reach: Reach) -> np.ndarray:
    return year.content.chain if reach == "chain" else year.content.direct
