"""Which sectors of a table make the products of a field, with what share, and how sure that is.

``pull_fields.csv`` says of every field which kinds of makers its products come from, ``pull_sectors.csv`` where those
makers stand in each classification. Both are judgements of their editors. A crosswalk that a workspace holds from a
field to a table's classification comes before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.chains.pull import Spread
from foreland.chains.questions.tables import Table
from foreland.core.errors import UsageError, Worded
from foreland.core.finding import Text
from foreland.core.provenance import Input
from foreland.data.answer import name
from foreland.i18n.bundled import bundled_rows

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

LEEWAY = {"good": 0.25, "partial": 0.5, "weak": 1.0}
"""How far a share may lie off, as a part of itself: what is known to the point of one digit at best is not exact."""


@dataclass(frozen=True)
class Share:
    """A sector's part in making the products of a field."""

    sector: str
    weight: float
    low: float
    high: float
    quality: str
    notes: tuple[Text, ...] = field(default=())


@dataclass(frozen=True)
class Maker:
    """A row of ``pull_fields.csv``; one without a maker says why the field has none."""

    maker: str
    weight: float
    quality: str
    note: Text


@cache
def _makers() -> Mapping[str, tuple[Maker, ...]]:
    found: dict[str, list[Maker]] = {}
    for row in bundled_rows("chains", "pull_fields.csv"):
        note: Text = {"en": row["note_en"], "zh": row["note_zh"]}
        held = found.setdefault(row["from_id"], [])
        held.append(Maker(row["maker"], float(row["weight"]), row["quality"], note))
    return {key: tuple(rows) for key, rows in found.items()}


@cache
def _codes() -> Mapping[tuple[str, str], tuple[str, ...]]:
    rows = bundled_rows("chains", "pull_sectors.csv")
    return {(row["maker"], row["scheme"]): tuple(row["codes"].split()) for row in rows}


def fields_with_makers() -> list[str]:
    """Fields that have makers, in the order of the file."""
    return [key for key, rows in _makers().items() if rows[0].maker]


def shares(table: Table, of: str) -> list[Share]:
    """The sectors that make the products of a field, the largest first; weights add up to 1.

    A sector of the table makes its own products. Where several sectors of a fine table are one kind of maker, they
    share in proportion to their output, and each may have any part of it.

    Raises
    ------
    UsageError
        ``chains.error.no_products`` for a name that no products go by; ``chains.error.no_makers`` where nobody has said
        which sectors make them.
    """
    if of in table.sectors:
        return [Share(of, 1.0, 1.0, 1.0, "good")]
    output = dict(zip(table.sectors, table.system.output.tolist(), strict=True))
    found: dict[str, Share] = {}
    for share in _landed(table.ws, of, table.listed.scheme) or _edited(of, table.listed.scheme, output):
        if output.get(share.sector, 0.0) > 0:
            held = found.get(share.sector)
            found[share.sector] = share if held is None else _joined(held, share)
    total = sum(share.weight for share in found.values())
    if total <= 0:
        named = _makers().get(of, ())
        if named and not named[0].maker:
            raise UsageError("chains.error.no_products", field=Worded(name(table.ws, of)), why=Worded(named[0].note))
        known = ", ".join(fields_with_makers())
        raise UsageError("chains.error.no_makers", field=Worded(name(table.ws, of)), scheme=table.listed.scheme,
                         known=known)  # fmt: skip
    whole = [
        replace(share, weight=share.weight / total, low=share.low / total, high=min(share.high / total, 1.0))
        for share in found.values()
    ]
    return sorted(whole, key=lambda share: (-share.weight, share.sector))


def spread(table: Table, found: list[Share]) -> Spread:
    """Shares as the method wants them."""
    weights, low, high = (np.zeros(len(table.sectors)) for _ in range(3))
    for share in found:
        k = table.index(share.sector)
        weights[k], low[k], high[k] = share.weight, share.low, max(share.high, share.weight)
    return Spread(weights / weights.sum(), low, high)


def crosswalks(table: Table, fields: Sequence[str]) -> list[Input]:
    """The rows of crosswalks of the workspace that say who makes the products of fields."""
    ws = table.ws
    crosswalk = ws.table("crosswalk")
    here = crosswalk.from_id.isin(list(fields)) & crosswalk.to_id.startswith(f"{table.listed.scheme}:")
    sources = ws.to_arrow(crosswalk.filter(here).select("source_id"))["source_id"].to_pylist()
    return [
        Input(
            table="crosswalk",
            filter={"source_id": source, "from_id": list(fields), "to_id": {"prefix": f"{table.listed.scheme}:"}},
            rows=sources.count(source),
            sources={source: ws.sources[source].content_hash},
            match={"field_id": "from_id"} if len(fields) > 1 else {"field_id": "to_id"},
        )
        for source in sorted(set(sources))
    ]


def _joined(one: Share, other: Share) -> Share:
    """Two kinds of makers that stand in one sector; as sure as the less sure of them."""
    return Share(
        one.sector,
        one.weight + other.weight,
        one.low + other.low,
        one.high + other.high,
        max(one.quality, other.quality, key=lambda q: LEEWAY.get(q, 1.0)),
        (*one.notes, *other.notes),
    )


def _bounded(sector: str, weight: float, quality: str, note: Text) -> Share:
    leeway = LEEWAY.get(quality, 1.0)
    return Share(sector, weight, weight * (1 - leeway), weight * (1 + leeway), quality, (note,))


def _landed(ws: Workspace, of: str, scheme: str) -> list[Share]:
    """Shares from a crosswalk of the workspace."""
    crosswalk = ws.table("crosswalk")
    rows = crosswalk.filter((crosswalk.from_id == of) & crosswalk.to_id.startswith(f"{scheme}:")).order_by("to_id")
    return [
        _bounded(row["to_id"], row["weight"], row["quality"], {"en": row["note_en"] or "", "zh": row["note_zh"] or ""})
        for row in ws.to_arrow(rows).to_pylist()
        if row["weight"] > 0
    ]


def _edited(of: str, scheme: str, output: Mapping[str, float]) -> Iterator[Share]:
    """Shares from the bundled lists."""
    for maker in _makers().get(of, ()):
        sectors = [f"{scheme}:{code}" for code in _codes().get((maker.maker, scheme), ())]
        made: dict[str, Any] = {sector: output.get(sector, 0.0) for sector in sectors}
        total = sum(made.values())
        whole = _bounded("", maker.weight, maker.quality, maker.note)
        for sector, own in made.items():
            if own > 0:
                part = own / total
                low = whole.low if part == 1 else 0.0
                yield replace(whole, sector=sector, weight=whole.weight * part, low=low)
