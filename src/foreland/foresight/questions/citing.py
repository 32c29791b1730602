"""Documents and who cites whom among them, as the questions about citations read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError, DidYouMean
from foreland.core.finding import Text
from foreland.core.provenance import Caveat, Input
from foreland.core.scope import Scope
from foreland.data.answer import both, listed, name
from foreland.foresight.questions.evidence import BELONGS
from foreland.foresight.questions.places import Part, enough, taking_part, unplaced

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

TITLE = 80
"""Longest title in a headline, in characters."""


@dataclass(frozen=True, eq=False)
class Citations:
    """Documents of one source and the citations among them.

    Parameters
    ----------
    documents
        ``document_id``, ``title``, ``date``, ``venue``, ``citations``, by year and id; D of them.
    years
        Shape (D,), NaN where unknown.
    citing, cited
        Shape (L,): places of documents, link by link, repeats and self-citations as the source has them.
    inside
        Shape (D,): whether the document is in the fields and years asked about.
    outside
        Citations of documents that the source does not hold.
    fields
        Fields asked about, with all beneath them.
    part
        In which documents the places asked about took part; None where none is asked about.
    """

    ws: Workspace
    source: str
    documents: pa.Table
    years: np.ndarray
    citing: np.ndarray
    cited: np.ndarray
    inside: np.ndarray
    outside: int
    fields: tuple[str, ...]
    belongs: int
    scope: Scope
    caveats: tuple[Caveat, ...] = field(default=())
    part: Part | None = None

    @property
    def size(self) -> int:
        return self.documents.num_rows

    def column(self, name: str) -> list[Any]:
        return self.documents[name].to_pylist()

    def inputs(self, *, by_field: bool = False) -> list[Input]:
        """Documents and citations; behind a row stand its document, what it cites and what cites it.

        Behind a row of a field stand the links that put documents in it.
        """
        source = {self.source: self.ws.sources[self.source].content_hash}
        links = {"kind": "cites", "source_id": self.source}
        found = [
            Input("document", {"source_id": self.source}, self.size, source, {"document_id": "document_id"}),
            Input("link", links, self.citing.size + self.outside, source, {"document_id": "from_id"}),
            Input("link", links, self.citing.size + self.outside, source, {"document_id": "to_id"}),
        ]
        if by_field:
            own: dict[str, Any] = {"kind": list(BELONGS), "source_id": self.source}
            found.insert(0, Input("link", own, self.belongs, source, {"field_id": "to_id"}))
        elif self.fields:
            own = {"kind": list(BELONGS), "source_id": self.source, "to_id": list(self.fields)}
            found.append(Input("link", own, self.belongs, source, {"document_id": "from_id"}))
        return [*found, *(self.part.inputs if self.part else ())]

    def whole(self) -> Text:
        """What the documents are, for a headline: of the fields asked about, or all of the source."""
        return listed(self.ws, self.scope.field) if self.scope.field else name(self.ws, self.source)

    def covered(self) -> str:
        """First and last year of the documents inside."""
        known = self.years[self.inside & np.isfinite(self.years)]
        return f"{known.min():.0f}–{known.max():.0f}" if known.size else "—"


def read_citations(ws: Workspace, scope: Scope) -> Citations:
    """The documents of a source with citations: the one named, or the one with the most.

    Raises
    ------
    DataError
        If no source has citations, the one named has none, no document stands in the field, or the places asked about
        took part in too few.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    source = _source(ws, scope)
    rows = ws.table("document")
    rows = rows.filter(rows.source_id == source)
    documents = ws.to_arrow(
        rows.select("document_id", "title", "date", "venue", "citations", "duplicate_of", "kind")
    ).sort_by([("date", "ascending"), ("document_id", "ascending")])
    ids = documents["document_id"].combine_chunks()
    rows = ws.table("link")
    links = ws.to_arrow(rows.filter((rows.source_id == source) & (rows.kind == "cites")).select("from_id", "to_id"))
    ends = [pc.index_in(links[end], value_set=ids) for end in ("from_id", "to_id")]
    known = pc.and_(*(pc.is_valid(end) for end in ends))
    citing, cited = (end.filter(known).combine_chunks().to_numpy().astype(np.int64) for end in ends)
    # A document that repeats another one is that one.
    own = pc.index_in(documents["duplicate_of"], value_set=ids).to_numpy().astype(float)
    repeats = np.isfinite(own)
    stands_for = np.where(repeats, own, np.arange(ids.__len__())).astype(np.int64)
    citing, cited = stands_for[citing], stands_for[cited]
    years = pc.cast(
        pc.if_else(
            pc.match_substring_regex(documents["date"], r"^(1[5-9]|20)\d\d"),
            pc.utf8_slice_codeunits(documents["date"], 0, 4),
            pa.scalar(None, pa.string()),
        ),
        pa.float64(),
    ).to_numpy()
    years = np.asarray(years, dtype=float)
    inside, fields, belongs = ~repeats, _beneath(ws, scope), 0
    if fields:
        members = ws.to_arrow(
            rows.filter((rows.source_id == source) & rows.kind.isin(BELONGS) & rows.to_id.isin(list(fields))).select(
                "from_id"
            )
        )["from_id"]
        belongs = len(members)
        inside = inside & pc.is_in(documents["document_id"], value_set=members.combine_chunks()).to_numpy()
    if scope.period_range:
        first, last = (int(period[:4]) for period in scope.period_range)
        inside = inside & (years >= first) & (years <= last)
    if not inside.any():
        raise DataError("foresight.error.no_such_documents", source=source, field=", ".join(scope.field) or "—")
    outside = links.num_rows - citing.size
    part = _part(ws, scope, ids, stands_for) if scope.region else None
    if part is not None:
        enough(ws, part, inside)
    return Citations(
        ws, source, documents, years, citing, cited, inside, outside, fields, belongs,
        scope.replace(source=source), tuple(_caveats(inside, years, links.num_rows, outside, part)), part,
    )  # fmt: skip


def _part(ws: Workspace, scope: Scope, ids: pa.Array, stands_for: np.ndarray) -> Part:
    """Who took part; in a document that others repeat, whoever took part in one of them."""
    part = taking_part(ws, scope.region, ids)
    own, known = (np.bincount(stands_for, marks, stands_for.size) > 0 for marks in (part.own, part.known))
    return replace(part, own=own, known=known)


def _source(ws: Workspace, scope: Scope) -> str:
    rows = ws.table("link")
    rows = rows.filter(rows.kind == "cites")
    counted = ws.to_arrow(rows.group_by("source_id").agg(n=rows.count())).to_pylist()
    counted.sort(key=lambda row: (-row["n"], row["source_id"]))
    known = [row["source_id"] for row in counted]
    if not known:
        raise DataError("foresight.error.no_citations")
    if scope.source is None:
        return str(known[0])
    if scope.source not in known:
        raise DataError(
            "foresight.error.source_without_citations",
            source=scope.source, near=DidYouMean(known[:3]), known=", ".join(known),
        )  # fmt: skip
    return scope.source


def _beneath(ws: Workspace, scope: Scope) -> tuple[str, ...]:
    """The fields asked about and all beneath them."""
    if not scope.field:
        return ()
    rows = ws.table("field")
    under: dict[str, list[str]] = {}
    for row in ws.to_arrow(rows.filter(rows.parent_id.notnull()).select("field_id", "parent_id")).to_pylist():
        under.setdefault(row["parent_id"], []).append(row["field_id"])
    found = dict.fromkeys(scope.field)
    queue = list(found)
    for each in queue:
        new = [child for child in under.get(each, ()) if child not in found]
        found.update(dict.fromkeys(new))
        queue += new
    return tuple(sorted(found))


def _caveats(inside: np.ndarray, years: np.ndarray, links: int, outside: int, part: Part | None) -> list[Caveat]:
    found = [] if part is None else unplaced(part, inside)
    undated = int((inside & ~np.isfinite(years)).sum())
    if undated:
        found.append(Caveat("foresight.caveat.undated", "warning", {"count": f"{undated:,}"}))
    if outside:
        share = outside / links
        found.append(
            Caveat(
                "foresight.caveat.cited_outside",
                "warning" if share > 0.5 else "note",
                {"share": f"{share:.1%}", "count": f"{outside:,}"},
            )
        )
    return found


def titled(row: Mapping[str, Any]) -> Text:
    """A document by title and year, as each language quotes titles."""
    title = row["title"] if len(row["title"]) <= TITLE else row["title"][: TITLE - 1].rstrip() + "…"
    en, zh = f"“{title}”", f"《{title}》"
    return {"en": f"{en} ({row['year']})", "zh": f"{zh}（{row['year']}）"} if row["year"] else {"en": en, "zh": zh}


def benchmark(read: Citations, documents: int, links: int) -> Text:
    """What an answer about citations rests on."""
    return both(
        "foresight.benchmark.citations",
        source=name(read.ws, read.source),
        documents=f"{documents:,}",
        links=f"{links:,}",
        years=read.covered(),
    )
