"""Which sector would be missed most?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from foreland.chains import extraction as method
from foreland.chains.input_output import ratio
from foreland.chains.questions.listing import choose
from foreland.chains.questions.tables import Table, read
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Loss = Literal["others", "total", "backward", "forward"]
Measured = Literal["output", "added"]


@question(
    "chains.extraction",
    zh="少了哪个部门，损失最大？",
    en="Which sector would be missed most?",
    example={"region": "US"},
    uses=("region", "scheme", "field", "period", "source"),
)
def extraction(ws: Workspace, scope: Scope, loss: Loss = "others", measured: Measured = "output") -> Finding:
    """Hypothetical extraction of every sector, and whom the loss of one would hit.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With one sector, its losers are listed as well.
    loss
        What sectors are ranked by: what the other sectors lose, that and the sector's own output, what is lost where it
        no longer buys, or where it no longer sells.
    measured
        Whether output or value added is lost.
    """
    table = read(ws, choose(ws, scope), scope)
    system = table.system
    found = method.extraction(system, None if measured == "output" else system.value_added)
    rows = _rows(table, found, loss)
    wanted = {table.sectors[k] for k in table.chosen()}
    told = [row for row in rows if row["field_id"] in wanted]
    losers = _losers(table, told[0]["field_id"], measured) if len(told) == 1 else []
    finding = answer(
        ws,
        "chains.extraction",
        table.scope,
        told,
        headline=_headline(table, told, losers, (loss, measured), len(rows)),
        benchmark=both(f"chains.benchmark.whole_{measured}", table=table.benchmark()),
        # What the sector buys, and what it sells.
        inputs=[*table.inputs(), table.inputs({"field_id": "from_id"})[0]],
        steps=[*table.steps, Step("chains.step.extraction"), Step(f"chains.step.extraction_{loss}")],
        caveats=(*table.caveats, Caveat("chains.caveat.no_substitutes", "warning")),
        parameters={"loss": loss, "measured": measured},
        tables={"losers": pa.Table.from_pylist(losers)} if losers else None,
    )
    # One bar or one dot says nothing; whom one sector's loss would hit has no answer for all.
    return finding.offering(*(("losers",) if losers else ("ranking", "sides")))


def _rows(table: Table, found: method.Extraction, loss: Loss) -> list[dict[str, Any]]:
    output = table.system.output
    by = {name: getattr(found, name) / found.whole for name in ("others", "total", "backward", "forward")}
    own = (found.total - found.others) / found.whole
    missed = ratio(found.others, found.total - found.others)
    kept = [k for k in np.flatnonzero(output > 0) if np.isfinite(by[loss][k])]
    order = sorted(kept, key=lambda k: (-by[loss][k], table.sectors[k]))
    return [
        {
            "rank": place,
            "field_id": table.sectors[k],
            "loss_others": float(by["others"][k]),
            "loss_total": float(by["total"][k]),
            "loss_backward": float(by["backward"][k]),
            "loss_forward": float(by["forward"][k]),
            "share": float(own[k]),
            "missed": float(missed[k]) if np.isfinite(missed[k]) else None,
            "output": float(output[k]),
            "unit": table.unit,
        }
        for place, k in enumerate(order, start=1)
    ]


def _losers(table: Table, sector: str, measured: Measured) -> list[dict[str, Any]]:
    """What each other sector loses when one is taken out, the hardest hit first."""
    system, k = table.system, table.index(sector)
    lost = method.lost_by(system, k)
    share = ratio(lost, system.output)
    amount = lost if measured == "output" else ratio(lost, system.output) * system.value_added
    rows = [
        {"field_id": table.sectors[i], "loss_own": float(share[i]), "loss_amount": float(amount[i]), "unit": table.unit}
        for i in range(len(table.sectors))
        if i != k and np.isfinite(share[i]) and share[i] > 0
    ]
    return sorted(rows, key=lambda row: (-row["loss_own"], row["field_id"]))


def _headline(
    table: Table,
    rows: list[dict[str, Any]],
    losers: list[dict[str, Any]],
    asked: tuple[Loss, Measured],
    of: int,
) -> Text:
    loss, measured = asked
    place = {"place": name(table.ws, table.listed.region_id), "year": table.listed.period}
    if not rows:
        return both("chains.extraction.headline.none", **place)
    first = rows[0]
    lost = {"sector": name(table.ws, first["field_id"]), "share": f"{first[f'loss_{loss}']:.1%}"}
    if losers:
        hit = {"loser": name(table.ws, losers[0]["field_id"]), "part": f"{losers[0]['loss_own']:.0%}"}
        lost["share"] = f"{first['loss_others']:.1%}"
        return both(f"chains.extraction.headline.one.{measured}", **lost, **hit, **place)
    if table.scope.field:
        return both(f"chains.extraction.headline.some.{measured}", **lost, **place, rank=first["rank"], of=of)
    return both(f"chains.extraction.headline.{loss}.{measured}", **lost, **place)
