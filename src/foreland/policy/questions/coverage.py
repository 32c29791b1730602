"""Who speaks of which field at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.policy.questions.view import Corpus, Texts, chosen_fields, chosen_regions, corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

BY_PLACE_AND_FIELD = {"region_id": "region_id", "field_id": "field_id"}


@question(
    "policy.coverage",
    zh="哪些地区提到了哪些领域？",
    en="Which places speak of which fields?",
    example={"field": "iotf:quantum"},
    uses=("region", "field", "level", "period", "source"),
)
def coverage(ws: Workspace, scope: Scope, texts: Texts = "auto") -> Finding:
    """Count in whose documents each field is spoken of, since when, and in how much of the text.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at: the places of a field, the fields of a place, or all of both.
    texts
        Language of the documents.
    """
    read = corpus(ws, scope, texts)
    counts, fields = read.counts("field")
    mentions, density = read.by_region(counts), read.density(counts)
    places, chosen = chosen_regions(ws, scope, read.regions), chosen_fields(scope, fields)
    spoken = (mentions > 0).sum(axis=0)
    rank = 1 + (density[None] > density[:, None]).sum(axis=1)
    rows: list[dict[str, Any]] = []
    for f in chosen:
        for r in places:
            years = read.year_of[(read.region_of == r) & (counts[:, f] > 0)]
            rows.append(
                {
                    "region_id": read.regions[r],
                    "field_id": fields[f],
                    "mentions": int(mentions[r, f]),
                    "mention_density": float(density[r, f]),
                    "rank": int(rank[r, f]) if mentions[r, f] else None,
                    "first_year": int(years.min()) if years.size else None,
                    "last_year": int(years.max()) if years.size else None,
                    "documents": int(years.size),
                    "places": int(spoken[f]),
                    "of": len(read.regions),
                }
            )
    if not mentions.any():
        raise DataError("policy.error.nothing_read", kind="field", documents=len(read.documents))
    if scope.field:
        rows.sort(key=lambda row: (row["field_id"], -row["mention_density"], row["region_id"]))
    else:
        rows.sort(key=lambda row: (-row["places"], row["field_id"], -row["mention_density"], row["region_id"]))
    return answer(
        ws,
        "policy.coverage",
        read.scope.replace(region=scope.region, field=scope.field, period=scope.period),
        rows,
        headline=_headline(read, rows, spoken, fields),
        benchmark=read.benchmark(),
        inputs=[
            read.input("passage", int(mentions.sum()), BY_PLACE_AND_FIELD, kind="field"),
            read.input("document", len(read.documents), {"region_id": "region_id"}),
        ],
        steps=[Step("policy.step.mentions"), Step("policy.step.density")],
        caveats=read.caveats,
        parameters={"texts": texts},
    ).offering(*_charts(scope, read))


def _headline(read: Corpus, rows: list[dict[str, Any]], spoken: np.ndarray, fields: tuple[str, ...]) -> Text:
    ws, scope = read.ws, read.scope
    if scope.field and not scope.region:
        field = scope.field[0]
        who = [row["region_id"] for row in rows if row["field_id"] == field and row["mentions"]]
        some = listed(ws, who[:8])
        more = {"en": " and others", "zh": "等"} if len(who) > 8 else {"en": "", "zh": ""}
        return both(
            f"policy.coverage.headline.{'field' if who else 'none'}",
            field=name(ws, field), count=len(who), of=len(read.regions),
            places={language: some[language] + more[language] for language in some},
        )  # fmt: skip
    if scope.region or len(read.regions) == 1:
        focus = scope.focus or read.regions[0]
        own = [row for row in rows if row["region_id"] == focus]
        most = sorted(own, key=lambda row: (-row["mention_density"], row["field_id"]))
        spoken_of = [row["field_id"] for row in most if row["mentions"]]
        if scope.field or not spoken_of:
            return both(
                f"policy.coverage.headline.{'both' if spoken_of else 'silent'}",
                place=name(ws, focus),
                fields=listed(ws, spoken_of or scope.field) if scope.field else both("policy.coverage.any"),
                count=sum(row["mentions"] for row in own),
            )
        return both(
            "policy.coverage.headline.place",
            place=name(ws, focus),
            count=len(spoken_of),
            of=len(own),
            fields=listed(ws, spoken_of[:3]),
        )
    order = sorted(range(len(fields)), key=lambda f: (-spoken[f], fields[f]))
    return both(
        "policy.coverage.headline.all",
        most=name(ws, fields[order[0]]), most_count=int(spoken[order[0]]),
        least=name(ws, fields[order[-1]]), least_count=int(spoken[order[-1]]), of=len(read.regions),
    )  # fmt: skip


def _charts(scope: Scope, read: Corpus) -> tuple[str, ...]:
    if len(read.regions) == 1 or scope.region:
        return ("bars",)
    return ("map", "bars") if len(scope.field) == 1 else ("places", "matrix", "map")
