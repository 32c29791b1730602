"""Which firm's failure would cost a supplier network most?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pyarrow as pa

from foreland.chains.errors import ChainError
from foreland.chains.firm_risk import Cascade, FirmNetwork, FirmRisk, cascade, firm_network, systemic_risk
from foreland.chains.questions.suppliers import Suppliers, suppliers
from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Inputs = Literal["linear", "leontief"]
PROFILE = 400
"""Places of the profile that are drawn; the first hundred are always among them."""


@question(
    "chains.firms",
    zh="哪家企业倒下，供应网络损失最大？",
    en="Which firm's failure would cost a supplier network most?",
    example={},
    uses=("period", "source"),
    beyond_packs=True,
)
def firms(
    ws: Workspace,
    scope: Scope,
    firm: str = "",
    production: Inputs = "linear",
    top: Annotated[int, AtLeast(1)] = 100,
) -> Finding:
    """Economic systemic risk of every firm of a supplier network, or whom the failure of one would hit.

    Parameters
    ----------
    ws, scope
        The workspace, and which network: without a source the one with most trades, in its last year.
    firm
        Id or name of a firm: its cascade instead of the ranking.
    production
        ``linear``: a missing input costs a firm its share of all its inputs. ``leontief``: without an input nothing is
        made.
    top
        Firms listed at most.
    """
    network = suppliers(ws, scope)
    try:
        prepared = firm_network(
            network.supplier, network.customer, network.amount, sector=network.sector, production=production
        )
    except ChainError as error:
        raise _told(error) from error
    if firm.strip():
        return _cascade(network, prepared, (network.index(firm), production), top)
    found = systemic_risk(prepared)
    rows = _rows(network, prepared, found)
    caveats = [*network.caveats, _model(network)]
    if not found.exact.all():
        caveats.append(Caveat("chains.caveat.pruned", "note", {"number": int(found.exact.sum())}))
    finding = answer(
        ws,
        "chains.firms",
        network.scope,
        rows[:top],
        headline=_headline(network, rows),
        benchmark=_benchmark(network),
        inputs=network.inputs(),
        steps=_steps(network, prepared, production),
        caveats=caveats,
        parameters={"firm": "", "production": production, "top": top},
        tables={"profile": _profile(rows)},
    ).offering("ranking", "profile", "sides")
    return _named(finding, network)


def _rows(network: Suppliers, prepared: FirmNetwork, found: FirmRisk) -> list[dict[str, Any]]:
    sells = np.bincount(network.supplier, minlength=len(network.firms))
    buys = np.bincount(network.customer, minlength=len(network.firms))
    order = np.lexsort((np.arange(len(found.esri)), -found.esri))
    return [
        {
            "rank": place,
            "firm_id": network.firms[k],
            **_about(network, int(k)),
            "esri": float(found.esri[k]),
            "esri_downstream": float(found.downstream[k]),
            "esri_upstream": float(found.upstream[k]),
            "own_share": float(found.own_share[k]),
            "firms_hit": int(found.hit[k]),
            "customers": int(sells[k]),
            "suppliers": int(buys[k]),
        }
        for place, k in enumerate(order, start=1)
    ]


def _about(network: Suppliers, k: int) -> dict[str, Any]:
    """Sector and seat of a firm, where the network has any."""
    found: dict[str, Any] = {}
    if network.sector is not None:
        found["field_id"] = network.sector_of(k)
    if network.places:
        found["region_id"] = network.places.get(network.firms[k])
    return found


def _profile(rows: list[dict[str, Any]]) -> pa.Table:
    """The index by rank; thinned out where there are many firms."""
    kept = rows[:100] + rows[100 :: max(1, len(rows) // PROFILE)]
    return pa.Table.from_pylist([{key: row[key] for key in ("rank", "firm_id", "esri")} for row in kept])


def _headline(network: Suppliers, rows: list[dict[str, Any]]) -> Text:
    first = rows[0]
    alike = sum(row["esri"] >= first["esri"] / 2 for row in rows)
    return both(
        "chains.firms.headline.all",
        firm=network.called[first["firm_id"]],
        esri=f"{first['esri']:.1%}",
        own=f"{first['own_share']:.1%}",
        number=alike,
        of=len(rows),
    )


def _cascade(network: Suppliers, prepared: FirmNetwork, asked: tuple[int, Inputs], top: int) -> Finding:
    """Whom the failure of one firm would hit."""
    failing, production = asked
    found = cascade(prepared, failing)
    rows: list[dict[str, Any]] = [
        {
            "rank": place,
            "firm_id": network.firms[k],
            **_about(network, int(k)),
            "loss_own": float(found.loss[k]),
            "loss_downstream": float(found.downstream[k]),
            "loss_upstream": float(found.upstream[k]),
            "loss_share": float(found.loss[k] * prepared.own_share[k]),
        }
        for place, k in enumerate(found.order[:top], start=1)
    ]
    told: dict[str, Any] = {"firm": network.called[network.firms[failing]], "esri": f"{found.total:.1%}"}
    if rows:
        worst = max(rows, key=lambda row: row["loss_own"])
        told |= {"other": network.called[worst["firm_id"]], "part": f"{worst['loss_own']:.0%}"}
    finding = answer(
        network.ws,
        "chains.firms",
        network.scope,
        pa.Table.from_pylist(rows, schema=None if rows else _empty()),
        headline=both(
            "chains.firms.headline.one" if rows else "chains.firms.headline.alone", number=len(found.order), **told
        ),
        benchmark=_benchmark(network),
        inputs=network.inputs(),
        steps=_steps(network, prepared, production),
        caveats=[*network.caveats, _model(network)],
        parameters={"firm": network.firms[failing], "production": production, "top": top},
        tables=_sides(network, found, prepared),
    ).offering("cascade", *(("hit_sectors",) if network.sector is not None else ()))
    return _named(finding, network, network.firms[failing])


def _empty() -> pa.Schema:
    return pa.schema([("rank", pa.int64()), ("firm_id", pa.string()), ("loss_own", pa.float64())])


def _sides(network: Suppliers, found: Cascade, prepared: FirmNetwork) -> dict[str, pa.Table]:
    """Losses by sector, where firms have one."""
    if network.sector is None:
        return {}
    lost = np.bincount(network.sector, found.loss * prepared.output, len(network.sectors) + 1)
    made = np.bincount(network.sector, prepared.output, len(network.sectors) + 1)
    rows: list[dict[str, Any]] = [
        {"field_id": sector, "loss_own": float(lost[k] / made[k])}
        for k, sector in enumerate(network.sectors)
        if made[k] > 0
    ]
    return {"sectors": pa.Table.from_pylist(sorted(rows, key=lambda row: (-row["loss_own"], row["field_id"])))}


def _steps(network: Suppliers, prepared: FirmNetwork, production: Inputs) -> list[Step]:
    counts = {"firms": len(network.firms), "links": prepared.links}
    if prepared.self_loops or prepared.without_weight:
        left = prepared.self_loops + prepared.without_weight
        first = Step("chains.step.trades_left", {**counts, "left": left})
    else:
        first = Step("chains.step.trades", counts)
    shares = [] if network.sector is None else [Step("chains.step.esri_shares")]
    return [first, Step(f"chains.step.esri_{production}"), *shares, Step("chains.step.esri")]


def _model(network: Suppliers) -> Caveat:
    key = "chains.caveat.esri" if network.sector is not None else "chains.caveat.esri_no_sector"
    return Caveat(key, "serious")


def _benchmark(network: Suppliers) -> Text:
    return both(
        "chains.benchmark.network",
        source=name(network.ws, network.source_id),
        firms=f"{len(network.firms):,}",
        links=f"{len(network.supplier):,}",
    )


def _named(finding: Finding, network: Suppliers, *more: str) -> Finding:
    """The finding with the names of firms."""
    told = {*more}
    for table in (finding.table, *finding.tables.values()):
        if "firm_id" in table.column_names:
            told.update(table["firm_id"].to_pylist())
    return replace(finding, labels={**finding.labels, **{firm: network.called[firm] for firm in sorted(told)}})


def _told(error: ChainError) -> DataError:
    """An error of the method in words."""
    edges = error.params.get("edges", [])
    return DataError(f"chains.error.{error.kind}", **({"number": len(edges), "row": edges[0]} if edges else {}))
