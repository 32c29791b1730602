"""What policy documents say of each field by place: how often, with which means, and with which scenarios."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.provenance import Input
from foreland.data.coverage import region_levels

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from foreland.data.workspace import Workspace

SCENARIO = ("scenario", "procurement")
"""Instruments that open a first market: scenarios, demonstration use and first sets; public procurement."""
BEFORE = 5
"""Years before the pooled ones that a change is measured against."""


@dataclass(frozen=True, eq=False)
class Policy:
    """Counts in the policy documents of the last years, by place and field.

    Parameters
    ----------
    places
        Those with documents, sorted.
    characters
        Length of their documents, shape (P,).
    mentions, means, demand
        Mentions of each field; instruments named in a sentence with it that provide or set conditions; and those that
        open a market. Shape (P, F).
    mentions_before, characters_before
        The same of the years before, shapes (P, F) and (P,).
    documents
        Rows of table ``document`` that count, by place, date and id.
    years, years_before
        First and last year of both; None where there are none before.
    language
        Of the documents.
    other_language
        How many documents in another language stand aside.
    """

    places: tuple[str, ...]
    characters: np.ndarray
    mentions: np.ndarray
    means: np.ndarray
    demand: np.ndarray
    mentions_before: np.ndarray
    characters_before: np.ndarray
    documents: tuple[dict[str, Any], ...]
    years: tuple[int, int]
    years_before: tuple[int, int] | None
    language: str
    other_language: int


def places_with_documents(ws: Workspace) -> Counter[str]:
    """Level → how many of its places have policy documents."""
    levels = region_levels(ws)
    return Counter(levels[region] for region in {row["region_id"] for row in _documents(ws)} if region in levels)


def read_policy(
    ws: Workspace, level: str, fields: Sequence[str], last: int | None, window: int, source: str | None = None
) -> Policy | None:
    """Read the policy documents of the places of a level; None where there are none.

    Parameters
    ----------
    ws, level
        The workspace, and whose documents: a country's are those of its central government.
    fields
        Along F.
    last
        Last year to look at; None for the newest.
    window
        Years pooled, up to the last one that has documents.
    source
        Only documents of this source.
    """
    levels = region_levels(ws)
    rows = [row for row in _documents(ws) if levels.get(row["region_id"]) == level]
    rows = [row for row in rows if (last is None or row["year"] <= last) and source in (None, row["source_id"])]
    if not rows:
        return None
    language = _language(rows)
    held = _once(row for row in rows if row["language"] == language)
    newest = max(row["year"] for row in held)
    now = [row for row in held if row["year"] > newest - window]
    before = [row for row in held if newest - window - BEFORE < row["year"] <= newest - window]
    places = tuple(sorted({row["region_id"] for row in now}))
    counted = _mentions(ws, fields), _instruments(ws, fields)
    mentions, means, demand = _by_place(now, places, fields, *counted)
    return Policy(
        places,
        _characters(now, places),
        mentions,
        means,
        demand,
        _by_place(before, places, fields, *counted)[0],
        _characters(before, places),
        tuple(now),
        (min(row["year"] for row in now), newest),
        (min(row["year"] for row in before), max(row["year"] for row in before)) if before else None,
        language,
        sum(row["language"] != language for row in rows),
    )


def passages_of(
    ws: Workspace, documents: Iterable[dict[str, Any]], fields: Sequence[str]
) -> dict[tuple[str, str, bool], list[str]]:
    """Ids of the instruments named in a sentence with a field, by place, field and whether they open a market."""
    place = {row["document_id"]: row["region_id"] for row in documents}
    rows = _joined(ws, fields).filter(lambda t: t.document_id.isin(sorted(place)))
    found: dict[tuple[str, str, bool], list[str]] = {}
    for row in ws.to_arrow(rows.order_by(["passage_id", "field_id"])).to_pylist():
        cell = place[row["document_id"]], row["field_id"], row["instrument"] in SCENARIO
        found.setdefault(cell, []).append(row["passage_id"])
    return found


def inputs_of(ws: Workspace, policy: Policy) -> list[Input]:
    """What was read, and how a row of the answer finds the mentions and the instruments behind it."""
    sources = {row["source_id"] for row in policy.documents}
    hashes = {source: ws.sources[source].content_hash for source in sorted(sources)}
    span = {"from": policy.years[0], "to": policy.years[1]}
    within = {"document_id": tuple(row["document_id"] for row in policy.documents)}
    common = {"language": policy.language, "document_year": span}
    place = {"region_id": "region_id"}
    return [
        Input(
            "passage",
            {**common, "kind": "field"},
            int(policy.mentions.sum()),
            hashes,
            {**place, "field_id": "field_id"},
            within,
        ),
        *(
            Input(
                "passage",
                {**common, "kind": "instrument"},
                int(counts.sum()),
                hashes,
                {**place, key: "passage_id"},
                within,
            )
            for key, counts in (("demand_passages", policy.demand), ("means_passages", policy.means))
        ),
        Input(
            "document",
            {"kind": "policy", "language": policy.language, "year": span},
            len(policy.documents),
            hashes,
            place,
            within,
        ),
    ]


def _documents(ws: Workspace) -> list[dict[str, Any]]:
    """Policy documents with a place, a year and a length, without their texts."""

    def read() -> list[dict[str, Any]]:
        table = ws.table("document")
        wanted = ["document_id", "date", "language", "region_id", "characters", "content_hash", "duplicate_of"]
        rows = table.filter(table.kind == "policy").select(*wanted, "source_id")
        found = ws.to_arrow(rows).to_pylist()
        for row in found:
            row["year"] = int(row["date"][:4]) if row["date"] and row["date"][:4].isdigit() else None
        found = [row for row in found if row["region_id"] and row["year"] and row["characters"]]
        found.sort(key=lambda row: (row["region_id"], row["date"], row["document_id"]))
        return found

    documents: list[dict[str, Any]] = ws.cache.remember("foresight.documents", read)
    return documents


def _language(rows: list[dict[str, Any]]) -> str:
    """The language in which most places have documents, as counts of words in two don't compare; of equals Chinese."""
    places = {code: {row["region_id"] for row in rows if row["language"] == code} for code in ("zh", "en")}
    return max(places, key=lambda code: len(places[code]))


def _once(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without documents that repeat another one of the same place."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for row in sorted(rows, key=lambda row: row["duplicate_of"] is not None):
        says = {(row["region_id"], row["duplicate_of"] or row["document_id"])}
        if row["content_hash"]:
            says.add((row["region_id"], row["content_hash"]))
        if not says & seen:
            kept.append(row)
        seen |= says
    return sorted(kept, key=lambda row: (row["region_id"], row["date"], row["document_id"]))


def _joined(ws: Workspace, fields: Sequence[str]) -> ir.Table:
    """Instruments beside each field that their sentence speaks of."""
    rows = ws.table("passage")
    spoken = rows.filter((rows.kind == "field") & rows.field_id.isin(list(fields)))
    spoken = spoken.select("document_id", "sentence_start", "field_id").distinct()
    named = rows.filter((rows.kind == "instrument") & rows.instrument.notnull())
    named = named.select("passage_id", "document_id", "sentence_start", "instrument")
    return named.inner_join(spoken, ["document_id", "sentence_start"]).select(
        "passage_id", "document_id", "field_id", "instrument"
    )


def _mentions(ws: Workspace, fields: Sequence[str]) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        rows = ws.table("passage")
        rows = rows.filter((rows.kind == "field") & rows.field_id.isin(list(fields)))
        counts = rows.group_by(["document_id", "field_id"]).agg(count=lambda t: t.count())
        return ws.to_arrow(counts.order_by(["document_id", "field_id"])).to_pylist()

    found: list[dict[str, Any]] = ws.cache.remember(("foresight.mentions", tuple(fields)), read)
    return found


def _instruments(ws: Workspace, fields: Sequence[str]) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        counts = _joined(ws, fields).group_by(["document_id", "field_id", "instrument"]).agg(count=lambda t: t.count())
        return ws.to_arrow(counts.order_by(["document_id", "field_id", "instrument"])).to_pylist()

    found: list[dict[str, Any]] = ws.cache.remember(("foresight.instruments", tuple(fields)), read)
    return found


def _by_place(
    documents: list[dict[str, Any]],
    places: tuple[str, ...],
    fields: Sequence[str],
    mentioned: list[dict[str, Any]],
    named: list[dict[str, Any]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mentions, means and demand by place and field."""
    at = {row["document_id"]: places.index(row["region_id"]) for row in documents if row["region_id"] in places}
    column = {field: f for f, field in enumerate(fields)}
    mentions, means, demand = (np.zeros((len(places), len(fields))) for _ in range(3))
    for row in mentioned:
        if row["document_id"] in at:
            mentions[at[row["document_id"]], column[row["field_id"]]] += row["count"]
    for row in named:
        if row["document_id"] in at:
            into = demand if row["instrument"] in SCENARIO else means
            into[at[row["document_id"]], column[row["field_id"]]] += row["count"]
    return mentions, means, demand


def _characters(documents: list[dict[str, Any]], places: tuple[str, ...]) -> np.ndarray:
    total = np.zeros(len(places))
    for row in documents:
        if row["region_id"] in places:
            total[places.index(row["region_id"])] += row["characters"]
    return total
