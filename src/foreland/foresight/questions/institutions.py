"""Which institutions put out most in a field, and how many of the first ten sit in the leading country."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from foreland.core.provenance import Input

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

BELONGS = ("classified", "speaks_of", "mentions", "assigned")
"""Kinds of link from a document to a field."""
TEN = 10
NOBODY = "unknown:"
"""How actors begin that stand for a country alone."""


def top_institutions(
    ws: Workspace, source: str, fields: Sequence[str], years: tuple[str, str]
) -> dict[str, list[tuple[str, str]]]:
    """The ten institutions with most documents in each field, with the place they took part from.

    A document counts one for each institution; one of several places stands for the place of most of its documents.
    Fields in which fewer than ten institutions are named are left out: of five, five may be anyone's.

    Parameters
    ----------
    ws, source
        The workspace, and the source of the documents.
    fields
        Fields to look at.
    years
        First and last year of the documents.
    """
    link, document, part = (ws.table(table) for table in ("link", "document", "participation"))
    belongs = link.filter((link.source_id == source) & link.kind.isin(list(BELONGS)) & link.to_id.isin(list(fields)))
    dated = document.filter((document.source_id == source) & document.date.left(4).between(*years))
    member = belongs.select(document_id="from_id", field="to_id").distinct().semi_join(dated, "document_id")
    taken = part.filter((part.source_id == source) & part.region_id.notnull() & ~part.actor_id.startswith(NOBODY))
    taken = taken.select("document_id", "actor_id", "region_id").distinct()
    counts = member.join(taken, "document_id").group_by(["field", "actor_id", "region_id"]).agg(n=lambda t: t.count())
    held: dict[str, dict[str, dict[str, int]]] = {}
    for row in ws.to_arrow(counts.order_by(["field", "actor_id", "region_id"])).to_pylist():
        held.setdefault(row["field"], {}).setdefault(row["actor_id"], {})[row["region_id"]] = row["n"]
    found = {}
    for field, actors in held.items():
        first = sorted(actors, key=lambda actor: (-sum(actors[actor].values()), actor))[:TEN]
        if len(first) == TEN:
            found[field] = [(actor, min(actors[actor], key=lambda p: (-actors[actor][p], p))) for actor in first]
    return found


def input_of(ws: Workspace, source: str, rows: int) -> Input:
    """The participations of the first ten of a row's field."""
    return Input(
        "participation",
        {"source_id": source},
        rows,
        {source: ws.sources[source].content_hash},
        {"institutions": "actor_id"},
    )
