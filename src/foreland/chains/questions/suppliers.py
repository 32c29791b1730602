"""Supplier networks as the questions see them: firms, and who sells how much to whom."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from foreland.chains.questions.listing import with_ids
from foreland.core.errors import DataError, DidYouMean, UsageError
from foreland.core.finding import Text
from foreland.core.provenance import Caveat, Input
from foreland.core.scope import Scope

if TYPE_CHECKING:
    from foreland.chains.firm_network import Floats, Ints
    from foreland.data.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Suppliers:
    """A supplier network that was read.

    Parameters
    ----------
    firms
        Ids in the order of the numbers in ``supplier`` and ``customer``, which have one entry a trade.
    amount
        What was sold; None where no trade has an amount.
    sector
        Number of each firm's sector in ``sectors``; the last number is for those without one. None where none has.
    """

    ws: Workspace
    source_id: str
    period: str
    firms: tuple[str, ...]
    supplier: Ints
    customer: Ints
    amount: Floats | None
    unit: str
    sector: Ints | None
    sectors: tuple[str, ...]
    called: dict[str, Text]
    places: dict[str, str]
    rows: int
    caveats: tuple[Caveat, ...]
    scope: Scope

    def index(self, firm: str) -> int:
        """Where a firm stands, by id or by name in either language.

        Raises
        ------
        UsageError
            If there is none; names the nearest.
        """
        if firm in self.called:
            return self.firms.index(firm)
        named = {text[language].casefold(): code for code, text in self.called.items() for language in ("en", "zh")}
        named |= {code.rpartition(":")[2].casefold(): code for code in self.firms}
        wanted = firm.strip().casefold()
        if wanted in named:
            return self.firms.index(named[wanted])
        # Names of firms are long, and what people remember of them is how they start.
        starts = {each[: len(wanted)]: each for each in reversed(named)}
        near = [named[starts[each]] for each in difflib.get_close_matches(wanted, starts, 3, 0.7)]
        raise UsageError("chains.error.unknown_firm", name=firm, near=DidYouMean(list(dict.fromkeys(near))))

    def sector_of(self, k: int) -> str | None:
        """Id of a firm's sector."""
        if self.sector is None or self.sector[k] >= len(self.sectors):
            return None
        return self.sectors[self.sector[k]]

    def inputs(self) -> list[Input]:
        """What was read; a row leads by its firm to what it sells and to what it buys."""
        source = {self.source_id: self.ws.sources[self.source_id].content_hash}
        here = {"source_id": self.source_id, "period": self.period, "kind": "trade"}
        return [Input("link", here, self.rows, source, {"firm_id": end}) for end in ("from_id", "to_id")]


def suppliers(ws: Workspace, scope: Scope) -> Suppliers:
    """Read the supplier network that goes with what was asked for: of the source with most trades, in its last year.

    Raises
    ------
    DataError
        If there is none.
    """
    link = ws.table("link")
    trades = link.filter(link.kind == "trade")
    counted = ws.to_arrow(
        trades.group_by(["source_id", "period"]).agg(trades=lambda t: t.count()).order_by(["source_id", "period"])
    ).to_pylist()
    if not counted:
        raise DataError("chains.error.no_trades")
    first, last = scope.period_range or ("", "9999")
    fitting = [
        row
        for row in counted
        if scope.source in (None, row["source_id"]) and (not scope.period_range or first <= row["period"] <= last)
    ]
    if not fitting:
        has = "; ".join(f"{row['source_id']} {row['period']}" for row in counted)
        raise DataError("chains.error.no_such_trades", has=has)
    of = {row["source_id"]: sum(r["trades"] for r in fitting if r["source_id"] == row["source_id"]) for row in fitting}
    source = min(of, key=lambda each: (-of[each], each))
    period = max(row["period"] for row in fitting if row["source_id"] == source)
    chosen: tuple[Caveat, ...] = ()
    if others := sorted({*of} - {source}):
        told = {"source": with_ids(ws, [source]), "others": with_ids(ws, others)}
        chosen = (Caveat("chains.caveat.network_chosen", "warning", told),)
    rows = ws.to_arrow(
        trades.filter((trades.source_id == source) & (trades.period == period))
        .select("from_id", "to_id", "weight", "unit")
        .order_by(["from_id", "to_id"])
    )
    network = _network(ws, rows, (source, period), scope)
    return replace(network, caveats=(*chosen, *network.caveats))


def _network(ws: Workspace, rows: pa.Table, which: tuple[str, str], scope: Scope) -> Suppliers:
    source, period = which
    weight = rows["weight"].to_numpy(zero_copy_only=False).astype(float)
    known = np.isfinite(weight)
    caveats: list[Caveat] = []
    read = rows.num_rows
    if not known.any():
        caveats.append(Caveat("chains.caveat.no_amounts", "serious"))
    elif not known.all():
        told = {"number": int((~known).sum()), "of": read}
        caveats.append(Caveat("chains.caveat.some_amounts", "warning", told))
        rows, weight = rows.filter(pa.array(known)), weight[known]
    ends = {name: rows[name].to_pylist() for name in ("from_id", "to_id")}
    firms = tuple(sorted({*ends["from_id"], *ends["to_id"]}))
    at = {firm: k for k, firm in enumerate(firms)}
    actor = ws.table("actor")
    known_firms = ws.to_arrow(actor.filter(actor.source_id == source).select(
        "actor_id", "name_en", "name_zh", "region_id")).to_pylist()  # fmt: skip
    called: dict[str, Text] = {firm: {"en": firm, "zh": firm} for firm in firms}
    places: dict[str, str] = {}
    for row in known_firms:
        if row["actor_id"] in at:
            called[row["actor_id"]] = {
                "en": row["name_en"] or row["actor_id"],
                "zh": row["name_zh"] or row["actor_id"],
            }
            if row["region_id"]:
                places[row["actor_id"]] = row["region_id"]
    sector, sectors = _sectors(ws, source, at)
    if sector is not None and (lacking := int((sector == len(sectors)).sum())):
        caveats.append(Caveat("chains.caveat.firms_without_sector", "note", {"number": lacking, "of": len(firms)}))
    units = pc.drop_null(rows["unit"]).unique().to_pylist()
    return Suppliers(
        ws=ws,
        source_id=source,
        period=period,
        firms=firms,
        supplier=np.array([at[firm] for firm in ends["from_id"]], np.int64),
        customer=np.array([at[firm] for firm in ends["to_id"]], np.int64),
        amount=weight if known.any() else None,
        unit=units[0] if len(units) == 1 else "",
        sector=sector,
        sectors=sectors,
        called=called,
        places=places,
        rows=read,
        caveats=tuple(caveats),
        scope=scope.replace(source=source, period=period),
    )


def _sectors(ws: Workspace, source: str, at: dict[str, int]) -> tuple[Ints | None, tuple[str, ...]]:
    """The sector of each firm; firms without one share a number of their own."""
    link = ws.table("link")
    rows: list[dict[str, Any]] = ws.to_arrow(
        link.filter((link.kind == "supply") & (link.source_id == source)).select("from_id", "to_id").distinct()
    ).to_pylist()
    rows = [row for row in rows if row["from_id"] in at]
    if not rows:
        return None, ()
    sectors = tuple(sorted({row["to_id"] for row in rows}))
    number = {sector: k for k, sector in enumerate(sectors)}
    found = np.full(len(at), len(sectors), np.int64)
    for row in sorted(rows, key=lambda row: (row["from_id"], row["to_id"]), reverse=True):
        found[at[row["from_id"]]] = number[row["to_id"]]
    return found, sectors
