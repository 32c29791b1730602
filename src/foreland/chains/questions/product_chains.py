"""Product chains as the questions see them: products, what goes into what, who supplies which share."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.chains.dependence import pooled
from foreland.chains.errors import ChainError
from foreland.chains.product_chain import ProductChain
from foreland.chains.questions.tables import told
from foreland.core.errors import DataError, DidYouMean, UsageError
from foreland.core.finding import Text
from foreland.core.provenance import Input
from foreland.core.scope import Scope
from foreland.data.answer import both, listed, name
from foreland.data.coverage import lineage, region_levels

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

KINDS = ("input", "type_of")
SHARE = "market_share"


@dataclass(frozen=True)
class ListedChain:
    """One product chain of the workspace."""

    source_id: str
    scheme: str
    products: int


@dataclass(frozen=True)
class Firm:
    """A firm that supplies a product; its share is not known where it is None."""

    actor_id: str
    called: Text
    region_id: str | None
    field_id: str
    share: float | None
    period: str


@dataclass(frozen=True, eq=False)
class Chain:
    """A product chain that was read.

    Parameters
    ----------
    products, places
        Ids along the axes of ``system.shares``.
    system
        The chain.
    period
        Period its edges stand in.
    years
        Period of the shares of each product; empty where there are none.
    asking
        Numbers of the places asked for, a bloc where there are several; none for the world.
    absent
        Places asked for that supply nothing in the chain.
    within
        Places asked for that are seen as the country they lie in.
    """

    ws: Workspace
    listed: ListedChain
    products: tuple[str, ...]
    places: tuple[str, ...]
    system: ProductChain
    period: str
    years: tuple[str, ...]
    firms: tuple[Firm, ...]
    rows: dict[str, int]
    scope: Scope
    asking: tuple[int, ...] = ()
    absent: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    @property
    def asked(self) -> Text:
        """The place or bloc whose shares count as own, in words; the chain as such where there is none."""
        if not self.scope.region:
            return both("chains.word.world")
        return listed(self.ws, [*(self.places[k] for k in self.asking), *self.absent])

    @cached_property
    def at(self) -> dict[str, int]:
        return {product: k for k, product in enumerate(self.products)}

    @cached_property
    def bloc(self) -> ProductChain:
        """The chain with the places asked for as one, in the column of the first."""
        return pooled(self.system, self.asking)

    def index(self, product: str) -> int:
        """Where a product stands.

        Raises
        ------
        UsageError
            If the chain has no such product; names the nearest ones.
        """
        if product in self.at:
            return self.at[product]
        called = {name(self.ws, each)[language]: each for each in self.products for language in ("en", "zh")}
        wanted = product.partition(":")[2] or product
        near = difflib.get_close_matches(product, self.products, 3, 0.8)
        near = near or [called[each] for each in difflib.get_close_matches(wanted, called, 3)]
        raise UsageError("chains.error.unknown_product", name=product, scheme=self.listed.scheme, near=DidYouMean(near))

    def inputs(self, match: str = "field_id") -> list[Input]:
        """What was read; a row leads by its product to shares, suppliers, and edges on both sides."""
        source = {self.listed.source_id: self.ws.sources[self.listed.source_id].content_hash}
        here = {"source_id": self.listed.source_id}
        edges = {**here, "kind": list(KINDS), "period": self.period}
        found = [
            Input(
                table="observation",
                filter={**here, "indicator_id": SHARE},
                rows=self.rows["observation"],
                sources=source,
                match={match: "field_id", "share_period": "period"},
            )
        ]
        if self.rows["supply"]:
            supply = {**here, "kind": "supply"}
            found.append(Input("link", supply, self.rows["supply"], source, {match: "to_id"}))
        found += [Input("link", edges, self.rows["edge"], source, {match: end}) for end in ("to_id", "from_id")]
        return found


def chains(ws: Workspace) -> tuple[ListedChain, ...]:
    """The product chains of a workspace, the largest first."""

    def read() -> tuple[ListedChain, ...]:
        link = ws.table("link")
        edges = link.filter(link.kind.isin(KINDS))
        ends = edges.select("source_id", field=edges.from_id).union(edges.select("source_id", field=edges.to_id))
        rows = ends.mutate(scheme=ends.field.split(":")[0]).group_by(["source_id", "scheme"])
        counted = ws.to_arrow(rows.agg(products=lambda t: t.field.nunique())).to_pylist()
        found = sorted(counted, key=lambda row: (-row["products"], row["source_id"], row["scheme"]))
        return tuple(ListedChain(**row) for row in found)

    known: tuple[ListedChain, ...] = ws.cache.remember("product_chains", read)
    return known


def fitting(ws: Workspace, scope: Scope) -> list[ListedChain]:
    """The chains that go with the source, the classification and the products asked for."""
    schemes = {part.partition(":")[0] for part in scope.field if ":" in part}
    return [
        entry
        for entry in chains(ws)
        if scope.source in (None, entry.source_id)
        and scope.scheme in (None, entry.scheme)
        and (not schemes or entry.scheme in schemes)
    ]


def choose(ws: Workspace, scope: Scope) -> ListedChain:
    """The one chain a question is answered from: what the scope says, else the largest.

    Raises
    ------
    DataError
        If there is none, or none that fits; says how to load one, or what there is.
    """
    if not chains(ws):
        raise DataError("chains.error.no_chain")
    found = fitting(ws, scope)
    if not found:
        has = "; ".join(f"{entry.scheme} ({entry.source_id})" for entry in chains(ws))
        asked = ", ".join(f"{key}={value}" for key, value in scope.to_dict().items())
        raise DataError("chains.error.no_chain_fits", asked=asked, has=has)
    return found[0]


def read(ws: Workspace, scope: Scope) -> Chain:
    """The chain a question is answered from, as seen by the places of the scope.

    A province is seen as its country where it supplies nothing under its own name.

    Raises
    ------
    DataError
        Where there is no chain that fits, or its shares contradict each other.
    UsageError
        If the scope names a place the workspace does not know.
    """
    entry = choose(ws, scope)
    latest = scope.period_range[1] if scope.period_range else None
    found: Chain = ws.cache.remember(("product_chain", entry, latest), lambda: _read(ws, entry, latest))
    asking, absent, within = _asking(ws, scope, found.places)
    filled = scope.replace(scheme=entry.scheme, source=entry.source_id, indicator=SHARE, level="country")
    return replace(found, scope=filled, asking=asking, absent=absent, within=within)


def _asking(
    ws: Workspace, scope: Scope, places: tuple[str, ...]
) -> tuple[tuple[int, ...], tuple[str, ...], tuple[str, ...]]:
    at = {place: k for k, place in enumerate(places)}
    asking: list[int] = []
    absent: list[str] = []
    within: list[str] = []
    for place in scope.region:
        region_levels(ws, place)  # says so where the place is not known
        seen = next((each for each in lineage(ws, place) if each in at), None)
        if seen is None:
            absent.append(place)
        else:
            asking.append(at[seen])
            within += [place] if seen != place else []
    return tuple(dict.fromkeys(asking)), tuple(absent), tuple(within)


def _read(ws: Workspace, entry: ListedChain, latest: str | None) -> Chain:
    link, observation = ws.table("link"), ws.table("observation")
    own = link.filter(link.source_id == entry.source_id)
    edges = ws.to_arrow(
        own.filter(own.kind.isin(KINDS) & own.from_id.startswith(f"{entry.scheme}:"))
        .select("from_id", "to_id", "kind", "period", "weight")
        .order_by(["period", "kind", "from_id", "to_id"])
    ).to_pylist()
    period = _of_period([row["period"] for row in edges], latest)
    edges = [row for row in edges if row["period"] == period]
    products = tuple(sorted({row[end] for row in edges for end in ("from_id", "to_id")}, key=_by_code))
    at = {product: k for k, product in enumerate(products)}
    figures = ws.to_arrow(
        observation.filter(
            (observation.source_id == entry.source_id)
            & (observation.indicator_id == SHARE)
            & observation.field_id.startswith(f"{entry.scheme}:")
        ).select("region_id", "field_id", "period", "value")
    ).to_pylist()
    kept, years = _latest(figures, latest)
    kept = [row for row in kept if row["field_id"] in at]
    places = tuple(sorted({row["region_id"] for row in kept if row["region_id"]}))
    shares = np.zeros((len(products), len(places)))
    for row in kept:
        if row["region_id"]:
            value = np.nan if row["value"] is None else row["value"]
            shares[at[row["field_id"]], places.index(row["region_id"])] = value
    firms = _firms(ws, entry, latest)
    pairs = {kind: [(at[r["from_id"]], at[r["to_id"]]) for r in edges if r["kind"] == kind] for kind in KINDS}
    weights = [np.nan if row["weight"] is None else row["weight"] for row in edges if row["kind"] == "input"]
    try:
        system = ProductChain(
            shares,
            np.array(pairs["input"], np.int64).reshape(-1, 2),
            np.array(weights, float),
            np.array(pairs["type_of"], np.int64).reshape(-1, 2),
        )
    except ChainError as error:
        raise told(error, products, ws) from error
    rows = {"edge": len(edges), "observation": len(kept), "supply": len(firms)}
    of_product = tuple(years.get(product, "") for product in products)
    return Chain(ws, entry, products, places, system, period, of_product, firms, rows, Scope())


def _firms(ws: Workspace, entry: ListedChain, latest: str | None) -> tuple[Firm, ...]:
    link, actor = ws.table("link"), ws.table("actor")
    supply = link.filter(
        (link.source_id == entry.source_id) & (link.kind == "supply") & link.to_id.startswith(f"{entry.scheme}:")
    ).select("from_id", "period", "weight", field_id="to_id")
    known = actor.filter(actor.source_id == entry.source_id).select("actor_id", "name_en", "name_zh", "region_id")
    rows = ws.to_arrow(supply.left_join(known, supply.from_id == known.actor_id)).to_pylist()
    kept, _ = _latest(rows, latest)
    found = [
        Firm(
            row["from_id"],
            {"en": row["name_en"] or row["from_id"], "zh": row["name_zh"] or row["name_en"] or row["from_id"]},
            row["region_id"],
            row["field_id"],
            row["weight"],
            row["period"],
        )
        for row in kept
    ]
    return tuple(sorted(found, key=lambda firm: (firm.field_id, -(firm.share or 0), firm.called["en"], firm.actor_id)))


def _latest(rows: list[dict[str, Any]], latest: str | None) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows of each product's last period, up to one asked for; and which that is."""
    rows = [row for row in rows if latest is None or row["period"] <= latest]
    last: dict[str, str] = {}
    for row in rows:
        last[row["field_id"]] = max(last.get(row["field_id"], ""), row["period"])
    return [row for row in rows if row["period"] == last[row["field_id"]]], last


def _of_period(periods: list[str], latest: str | None) -> str:
    """The last period up to the one asked for, else the first there is: edges often stand in one period only."""
    before = [period for period in periods if latest is None or period <= latest]
    return max(before) if before else min(periods)


def _by_code(product: str) -> tuple[Any, ...]:
    """Codes in their natural order: N9 before N10."""
    import re

    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", product))
