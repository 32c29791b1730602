"""Which works are cited in place of what they built on?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name
from foreland.foresight import disruption as method
from foreland.foresight.questions.citing import Citations, benchmark, read_citations, titled
from foreland.foresight.questions.evidence import BELONGS

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

FEWEST = 5
"""Documents a year or a field has at least for its mean to be told."""


@question(
    "foresight.disruption",
    zh="哪些成果取代了它的前人，哪些巩固了前人？",
    en="Which works are cited in place of what they built on?",
    example={},
    uses=("scheme", "field", "period", "source"),
    beyond_packs=True,
)
def disruption(
    ws: Workspace,
    scope: Scope,
    each: Literal["document", "field"] = "document",
    citation_window: Annotated[int, AtLeast(0)] = 5,
    min_citations: Annotated[int, AtLeast(1)] = 5,
    top: Annotated[int, AtLeast(1)] = 50,
) -> Finding:
    """Rank documents, or fields by the mean of theirs, by the CD index.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    each
        A row for each document or each field.
    citation_window
        Years after a document in which citations count; 0 for all years.
    min_citations
        Documents cited less often in the window are not ranked.
    top
        How many of the most disrupting and of the most consolidating documents are listed.
    """
    read = read_citations(ws, scope)
    window = float(citation_window) if citation_window else None
    found = method.disruption(read.citing, read.cited, read.years, window)
    last = np.nanmax(read.years) if np.isfinite(read.years).any() else np.nan
    # Of a document whose window is not over, later citations are still to come.
    over = read.years + (window or 0) <= last
    ranked = read.inside & over & (found.cited >= min_citations) & np.isfinite(found.cd)
    if not ranked.any():
        raise DataError(
            "foresight.error.none_ranked", documents=f"{int(read.inside.sum()):,}", minimum=min_citations,
            window=citation_window,
        )  # fmt: skip
    rows = _documents(read, found, ranked, top) if each == "document" else _fields(read, found, ranked)
    mean = float(found.cd[ranked].mean())
    left = {
        "no_references": int((read.inside & (found.references == 0)).sum()),
        "open_window": int((read.inside & (found.references > 0) & ~over).sum()),
        "seldom_cited": int((read.inside & (found.references > 0) & over & ~ranked).sum()),
    }
    words = {"count": f"{int(ranked.sum()):,}", "what": read.whole(), "mean": signed(mean, 3), "index": _index(window)}
    by_year = _years(read, found, ranked)
    finding = answer(
        ws,
        "foresight.disruption",
        read.scope,
        rows,
        headline=_headline(ws, rows, each, words),
        benchmark=benchmark(read, int(read.inside.sum()), read.citing.size),
        inputs=read.inputs(by_field=each == "field"),
        steps=[
            Step("foresight.step.cd_index", {"window": _window(citation_window)}),
            Step("foresight.step.cd_ranked", {"minimum": min_citations, **{k: f"{v:,}" for k, v in left.items()}}),
            *([Step("foresight.step.cd_mean", {"fewest": FEWEST})] if each == "field" else []),
        ],
        caveats=[
            Caveat("foresight.caveat.disruption_references", "warning"),
            Caveat("foresight.caveat.disruption_fields", "note"),
            *read.caveats,
        ],
        parameters={
            "each": each,
            "citation_window": citation_window,
            "min_citations": min_citations,
            "top": top,
        },
        tables={"years": by_year},
    )
    return finding.offering("ranking", *(["years"] if by_year.num_rows > 1 else []), "plane")


def _documents(read: Citations, found: method.Disruption, ranked: np.ndarray, top: int) -> list[dict[str, Any]]:
    """The most disrupting and the most consolidating documents, in the order of the index."""
    order = np.flatnonzero(ranked)
    # Documents come by date and id, so that a stable sort breaks ties by these.
    order = order[np.lexsort((order, -found.cited[order], -found.cd[order]))]
    place = np.arange(1, order.size + 1)
    if order.size > 2 * top:
        order, place = (np.concatenate([part[:top], part[-top:]]) for part in (order, place))
    chosen = read.documents.take(order)
    titles, ids = chosen["title"].to_pylist(), chosen["document_id"].to_pylist()
    return [
        {
            "rank": int(place[n]),
            "title": titles[n] or ids[n],
            "year": int(read.years[d]),
            "cd": float(found.cd[d]),
            "cited_window": int(found.cited[d]),
            "cited_alone": int(found.alone[d]),
            "cited_beside": int(found.beside[d]),
            "cited_around": int(found.around[d]),
            "references": int(found.references[d]),
            "document_id": ids[n],
        }
        for n, d in enumerate(order.tolist())
    ]


def _fields(read: Citations, found: method.Disruption, ranked: np.ndarray) -> list[dict[str, Any]]:
    """Means by field of the scheme, or of the one most documents have."""
    import pyarrow.compute as pc

    rows = read.ws.table("link")
    rows = rows.filter((rows.source_id == read.source) & rows.kind.isin(BELONGS))
    links = read.ws.to_arrow(rows.select("from_id", "to_id").distinct().order_by(["from_id", "to_id"]))
    at = pc.index_in(links["from_id"], value_set=read.documents["document_id"].combine_chunks())
    inside = pc.and_(pc.is_valid(at), pc.is_in(at, value_set=_array(np.flatnonzero(ranked))))
    fields = links["to_id"].filter(inside).to_pylist()
    document = at.filter(inside).to_pylist()
    counted: dict[str, int] = {}
    for each in fields:
        counted[each.partition(":")[0]] = counted.get(each.partition(":")[0], 0) + 1
    if not counted:
        raise DataError("foresight.error.no_fields", source=read.source)
    scheme = read.scope.scheme or min(counted, key=lambda code: (-counted[code], code))
    values: dict[str, list[float]] = {}
    for each, d in zip(fields, document, strict=True):
        if each.partition(":")[0] == scheme and (not read.fields or each in read.fields):
            values.setdefault(each, []).append(float(found.cd[d]))
    out = []
    for each, cds in values.items():
        if len(cds) < FEWEST:
            continue
        mean, margin = float(np.mean(cds)), 1.96 * float(np.std(cds, ddof=1)) / len(cds) ** 0.5
        out.append(
            {
                "field_id": each,
                "cd": mean,
                "cd_low": max(mean - margin, -1.0),
                "cd_high": min(mean + margin, 1.0),
                "disrupting_share": float(np.mean(np.array(cds) > 0)),
                "count": len(cds),
            }
        )
    if not out:
        raise DataError("foresight.error.no_fields", source=read.source)
    out.sort(key=lambda row: (-float(str(row["cd"])), row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(out, start=1)]


def _array(values: np.ndarray) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, pa.int32())


def _years(read: Citations, found: method.Disruption, ranked: np.ndarray) -> pa.Table:
    """Mean by year with its 95 % interval, of years with enough documents."""
    import pyarrow as pa

    years = np.unique(read.years[ranked])
    rows: list[dict[str, Any]] = []
    for year in years.tolist():
        cds = found.cd[ranked & (read.years == year)]
        if cds.size < FEWEST:
            continue
        margin = 1.96 * cds.std(ddof=1) / cds.size**0.5
        rows.append(
            {
                "period": f"{year:.0f}",
                "cd": float(cds.mean()),
                "cd_low": float(cds.mean() - margin),
                "cd_high": float(cds.mean() + margin),
                "count": int(cds.size),
            }
        )
    kinds = {"period": pa.string(), "cd": pa.float64(), "cd_low": pa.float64(), "cd_high": pa.float64()}
    return pa.Table.from_pylist(rows, pa.schema({**kinds, "count": pa.int64()}))


def _headline(ws: Workspace, rows: list[dict[str, Any]], each: str, words: dict[str, Any]) -> Text:
    first, last = rows[0], rows[-1]
    if each == "field":
        return both(
            "foresight.disruption.headline.fields" if len(rows) > 1 else "foresight.disruption.headline.one_field",
            first=name(ws, first["field_id"]),
            last=name(ws, last["field_id"]),
            high=signed(first["cd"], 3),
            low=signed(last["cd"], 3),
            **words,
        )
    return both(
        "foresight.disruption.headline.documents",
        first=titled(first),
        last=titled(last),
        high=signed(first["cd"], 2),
        low=signed(last["cd"], 2),
        **words,
    )


def signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")


def _index(window: float | None) -> str:
    return f"CD{window:.0f}" if window else "CD"


def _window(years: int) -> Text:
    return both("foresight.window.years", years=years) if years else both("foresight.window.all")
