"""Which works are cited in place of what they built on?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name, said
from foreland.foresight import disruption as method
from foreland.foresight.matched import Difference, matched_difference, percentile
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
    uses=("region", "scheme", "field", "period", "source"),
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

    With a place, the documents in which it took part are rated. Who cites them is the whole world, and they are
    compared with all other documents of the same years.

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
    everyone = read.inside & over & (found.cited >= min_citations) & np.isfinite(found.cd)
    inside = read.inside if read.part is None else read.inside & read.part.own
    ranked = everyone & inside
    if ranked.sum() < (1 if read.part is None else FEWEST):
        raise DataError(
            "foresight.error.none_ranked" if read.part is None else "foresight.error.few_ranked",
            place=", ".join(scope.region), count=int(ranked.sum()), fewest=FEWEST,
            documents=f"{int(inside.sum()):,}", minimum=min_citations, window=citation_window,
        )  # fmt: skip
    rows = _documents(read, found, (ranked, everyone), top) if each == "document" else _fields(
        read, found, (ranked, everyone)
    )  # fmt: skip
    mean = float(found.cd[ranked].mean())
    left = {
        "no_references": int((inside & (found.references == 0)).sum()),
        "open_window": int((inside & (found.references > 0) & ~over).sum()),
        "seldom_cited": int((inside & (found.references > 0) & over & ~ranked).sum()),
    }
    words = {"count": f"{int(ranked.sum()):,}", "what": read.whole(), "mean": signed(mean, 3), "index": _index(window)}
    by_year = _years(read, found, (ranked, everyone))
    against = None if read.part is None else matched_difference(
        found.cd[everyone], ranked[everyone], read.years[everyone]
    )  # fmt: skip
    finding = answer(
        ws,
        "foresight.disruption",
        read.scope,
        rows,
        headline=_headline(ws, rows, each, words) if against is None else _of_place(read, against, words),
        benchmark=benchmark(read, int(read.inside.sum()), read.citing.size)
        if against is None
        else both(
            "foresight.disruption.benchmark.place",
            count=f"{against.others:,}",
            mean=signed(against.rest, 3),
            source=name(ws, read.source),
        ),
        inputs=read.inputs(by_field=each == "field"),
        steps=[
            Step("foresight.step.cd_index", {"window": _window(citation_window)}),
            Step("foresight.step.cd_ranked", {"minimum": min_citations, **{k: f"{v:,}" for k, v in left.items()}}),
            *([Step("foresight.step.cd_mean", {"fewest": FEWEST})] if each == "field" else []),
            *([Step("foresight.step.cd_matched", {"used": f"{against.used:,}"})] if against else []),
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


def _documents(
    read: Citations, found: method.Disruption, among: tuple[np.ndarray, np.ndarray], top: int
) -> list[dict[str, Any]]:
    """The most disrupting and the most consolidating documents, in the order of the index."""
    ranked, everyone = among
    order = np.flatnonzero(ranked)
    stands = np.full(ranked.size, np.nan)
    stands[everyone] = percentile(found.cd[everyone], read.years[everyone])
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
            **({"cd_percentile": float(stands[d])} if read.part is not None else {}),
            "cited_window": int(found.cited[d]),
            "cited_alone": int(found.alone[d]),
            "cited_beside": int(found.beside[d]),
            "cited_around": int(found.around[d]),
            "references": int(found.references[d]),
            "document_id": ids[n],
        }
        for n, d in enumerate(order.tolist())
    ]


def _fields(read: Citations, found: method.Disruption, among: tuple[np.ndarray, np.ndarray]) -> list[dict[str, Any]]:
    """Means by field of the scheme, or of the one most documents have; of a place beside all others of a field."""
    import pyarrow.compute as pc

    ranked, everyone = among
    rows = read.ws.table("link")
    rows = rows.filter((rows.source_id == read.source) & rows.kind.isin(BELONGS))
    links = read.ws.to_arrow(rows.select("from_id", "to_id").distinct().order_by(["from_id", "to_id"]))
    at = pc.index_in(links["from_id"], value_set=read.documents["document_id"].combine_chunks())
    inside = pc.and_(pc.is_valid(at), pc.is_in(at, value_set=_array(np.flatnonzero(everyone))))
    fields = links["to_id"].filter(inside).to_pylist()
    document = at.filter(inside).to_pylist()
    counted: dict[str, int] = {}
    for each, d in zip(fields, document, strict=True):
        if ranked[d]:
            counted[each.partition(":")[0]] = counted.get(each.partition(":")[0], 0) + 1
    if not counted:
        raise DataError("foresight.error.no_fields", source=read.source)
    scheme = read.scope.scheme or min(counted, key=lambda code: (-counted[code], code))
    members: dict[str, list[int]] = {}
    for each, d in zip(fields, document, strict=True):
        if each.partition(":")[0] == scheme and (not read.fields or each in read.fields):
            members.setdefault(each, []).append(d)
    out = []
    for each, documents in members.items():
        at_hand = np.array(documents)
        cds = found.cd[at_hand[ranked[at_hand]]]
        if cds.size < FEWEST:
            continue
        mean, margin = float(cds.mean()), 1.96 * float(cds.std(ddof=1)) / cds.size**0.5
        against = matched_difference(found.cd[at_hand], ranked[at_hand], read.years[at_hand])
        out.append(
            {
                "field_id": each,
                "cd": mean,
                "cd_low": max(mean - margin, -1.0),
                "cd_high": min(mean + margin, 1.0),
                "disrupting_share": float((cds > 0).mean()),
                "count": int(cds.size),
                **(_against(against) if read.part is not None else {}),
            }
        )
    if not out:
        raise DataError("foresight.error.no_fields", source=read.source)
    out.sort(key=lambda row: (-float(str(row["cd"])), row["field_id"]))
    return [{"rank": place, **row} for place, row in enumerate(out, start=1)]


def _against(found: Difference) -> dict[str, float | None]:
    values = {
        "cd_rest": found.rest,
        "cd_difference": found.mean,
        "cd_difference_low": found.low,
        "cd_difference_high": found.high,
    }
    return {key: value if found.used else None for key, value in values.items()}


def _array(values: np.ndarray) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, pa.int32())


def _years(read: Citations, found: method.Disruption, among: tuple[np.ndarray, np.ndarray]) -> pa.Table:
    """Mean by year with its 95 % interval, of years with enough documents; of a place beside that of all others."""
    import pyarrow as pa

    ranked, everyone = among
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
                "cd_rest": _mean(found.cd[everyone & ~ranked & (read.years == year)]),
            }
        )
    kinds = {"period": pa.string(), "cd": pa.float64(), "cd_low": pa.float64(), "cd_high": pa.float64()}
    more = {} if read.part is None else {"cd_rest": pa.float64()}
    return pa.Table.from_pylist(rows, pa.schema({**kinds, "count": pa.int64(), **more}))


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if values.size >= FEWEST else None


def _of_place(read: Citations, against: Difference, words: dict[str, Any]) -> Text:
    """How the documents of a place compare with all others of the same years."""
    assert read.part is not None
    known = "alike" if against.low <= 0 <= against.high else "more" if against.low > 0 else "less"
    return both(
        f"foresight.disruption.headline.{known if against.used else 'alone'}",
        **{key: value for key, value in words.items() if key not in ("mean", "count")},
        count=f"{against.used:,}" if against.used else words["count"],
        place=read.part.named(read.ws),
        mean=signed(against.own, 3) if against.used else words["mean"],
        rest=signed(against.rest, 3),
        difference=signed(against.mean, 3),
        low=signed(against.low, 3),
        high=signed(against.high, 3),
    )


def _headline(ws: Workspace, rows: list[dict[str, Any]], each: str, words: dict[str, Any]) -> Text:
    first, last = rows[0], rows[-1]
    if each == "field":
        return both(
            "foresight.disruption.headline.fields" if len(rows) > 1 else "foresight.disruption.headline.one_field",
            first=said(ws, first["field_id"]),
            last=said(ws, last["field_id"]),
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
