"""By which works did a field's knowledge come down to today?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding
from foreland.core.intervals import clopper_pearson
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both
from foreland.foresight import main_paths as method
from foreland.foresight.citations import CitationNetwork, citation_network
from foreland.foresight.questions.citing import Citations, benchmark, read_citations, titled
from foreland.foresight.questions.places import Part

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace


HELD = ("node", "known")
"""What rows are worked out with, and do not show."""


@question(
    "foresight.main_path",
    zh="这个领域的知识主线是怎样走过来的？",
    en="By which works did this field's knowledge come down to today?",
    example={"field": "iotf:quantum"},
    uses=("region", "field", "period", "source"),
    beyond_packs=True,
)
def main_path(
    ws: Workspace,
    scope: Scope,
    search: Literal["key_route", "global", "forward", "backward"] = "key_route",
    traversal: Literal["spc", "splc", "spnp"] = "spc",
    routes: Annotated[int, AtLeast(1)] = 10,
) -> Finding:
    """Find the chain of citations that most ways through a field's literature use.

    Of a place, the path stays that of the whole network: a network cut down to the documents of one place loses the
    links through all others, and its path would be that of the holes. What is told is where the place stands on it.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at: the documents of a field, term or topic, or a whole source; with a place,
        those in which it took part are marked.
    search
        Key routes, the globally heaviest path, or step by step forward or backward.
    traversal
        Which ways are counted.
    routes
        How many of the heaviest links are keys.
    """
    read = read_citations(ws, scope)
    place = np.flatnonzero(read.inside)
    at = np.full(read.size, -1)
    at[place] = np.arange(place.size)
    both_in = (at[read.citing] >= 0) & (at[read.cited] >= 0)
    network = citation_network(at[read.cited[both_in]], at[read.citing[both_in]], place.size, read.years[place])
    if not network.tail.size:
        raise DataError("foresight.error.no_citations_inside", documents=f"{place.size:,}")
    found = method.traversal(network.tail, network.head, network.size, traversal)
    whole = method.global_path(found)
    match search:
        case "key_route":
            path = method.key_route(found, routes)
        case "global":
            path = whole
        case _:
            path = method.local_path(found, search)
    on_main = set(whole.nodes.tolist())
    rows = _rows(read, network, found, (path, on_main), place)
    links = _links(found, path, rows, set(whole.links.tolist()))
    first, last = rows[0], rows[-1]
    share = None if read.part is None else _share(read, read.part, rows)
    return answer(
        ws,
        "foresight.main_path",
        read.scope,
        [{key: value for key, value in row.items() if key not in HELD} for row in rows],
        headline=both(
            "foresight.main_path.headline" if share is None else "foresight.main_path.headline.place",
            **(share or {}),
            what=read.whole(),
            count=len(rows),
            first=titled(first),
            last=titled(last),
            middle=titled(max(rows, key=lambda row: (row["through"], -row["rank"]))),
            share=f"{max(row['through'] for row in rows):.0%}",
        ),
        benchmark=benchmark(read, place.size, int(network.tail.size)),
        inputs=read.inputs(),
        steps=[
            Step(
                "foresight.step.citation_network",
                {
                    "links": f"{int(both_in.sum()):,}",
                    "loops": f"{network.loops:,}",
                    "duplicates": f"{network.duplicates:,}",
                    "against": f"{network.against_time:,}",
                    "circles": f"{network.circles:,}",
                    "documents": f"{network.in_circles:,}",
                },
            ),
            Step("foresight.step.traversal", {"weight": traversal.upper(), "ways": _ways(found.log_paths)}),
            Step(f"foresight.step.search_{search}", {"routes": routes}),
            *([Step("foresight.step.path_share")] if share else []),
        ],
        caveats=[
            *([Caveat("foresight.caveat.path_of_all", "note")] if share else []),
            *_caveats(network, path, place.size),
            *read.caveats,
        ],
        parameters={"search": search, "traversal": traversal, "routes": routes},
        tables={"links": links},
    )


def _rows(
    read: Citations,
    network: CitationNetwork,
    found: method.Traversal,
    path: tuple[method.MainPath, set[int]],
    place: np.ndarray,
) -> list[dict[str, Any]]:
    """The documents on the path, the oldest first; a circle of documents stands under the one cited most."""
    cited = np.bincount(read.cited[read.citing != read.cited], minlength=read.size)
    members: dict[int, list[int]] = {int(node): [] for node in path[0].nodes}
    for document, node in zip(place.tolist(), network.node.tolist(), strict=True):
        if node in members:
            members[node].append(document)
    titles, ids, venues = (read.column(name) for name in ("title", "document_id", "venue"))
    part = read.part
    rows = []
    for node, documents in members.items():
        chosen = min(documents, key=lambda d: (-cited[d], d))
        year = read.years[chosen]
        rows.append(
            {
                "year": int(year) if np.isfinite(year) else None,
                "title": titles[chosen] or ids[chosen],
                "through": float(min(np.exp(found.log_through[node] - found.log_paths), 1.0)),
                "on_main": node in path[1],
                "cited_within": int(cited[chosen]),
                "merged": len(documents),
                "venue": venues[chosen],
                **({"took_part": bool(part.own[documents].any())} if part is not None else {}),
                "document_id": ids[chosen],
                "node": node,
                "known": part is not None and bool(part.known[documents].any()),
            }
        )
    rows.sort(key=lambda row: (found.level[row["node"]], row["year"] or 0, row["document_id"]))
    rows = _by_year(rows, found)
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _share(read: Citations, part: Part, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The place's share of the documents on the path, and of all, each of those with a known place."""
    known = [row for row in rows if row["known"]]
    own = sum(row["took_part"] for row in known)
    low, high = clopper_pearson(own, len(known)) if known else (np.array(0.0), np.array(1.0))
    everything = part.own[read.inside & part.known]
    return {
        "place": part.named(read.ws),
        "own": own,
        "known": len(known),
        "of_path": f"{own / len(known):.0%}" if known else "—",
        "low": f"{float(low):.0%}",
        "high": f"{float(high):.0%}",
        "of_all": f"{everything.mean():.1%}",
    }


def _by_year(rows: list[dict[str, Any]], found: method.Traversal) -> list[dict[str, Any]]:
    """By year where that puts no citing document before the one it cites; else by level."""
    sortable = all(row["year"] is not None for row in rows)
    if not sortable:
        return rows
    ordered = sorted(rows, key=lambda row: (row["year"], found.level[row["node"]], row["document_id"]))
    at = {row["node"]: n for n, row in enumerate(ordered)}
    inside = [(t, h) for t, h in zip(found.tail.tolist(), found.head.tolist(), strict=True) if t in at and h in at]
    return ordered if all(at[t] < at[h] for t, h in inside) else rows


def _links(found: method.Traversal, path: method.MainPath, rows: list[dict[str, Any]], main: set[int]) -> pa.Table:
    import pyarrow as pa

    named = {row["node"]: row["document_id"] for row in rows}
    share = np.exp(found.log_weight[path.links] - found.log_paths)
    return pa.table(
        {
            "from_document_id": pa.array([named[int(node)] for node in found.tail[path.links]], pa.string()),
            "to_document_id": pa.array([named[int(node)] for node in found.head[path.links]], pa.string()),
            "through": pa.array(share, pa.float64()),
            "on_main": pa.array([int(row) in main for row in path.links], pa.bool_()),
        }
    )


def _ways(log_paths: float) -> str:
    """A number of ways that may have thousands of digits."""
    if log_paths < np.log(1e6):
        return f"{np.exp(log_paths):,.0f}"
    digits = log_paths / np.log(10)
    return f"{10 ** (digits % 1):.1f} × 10^{int(digits)}"


def _caveats(network: CitationNetwork, path: method.MainPath, documents: int) -> list[Caveat]:
    found = [Caveat("foresight.caveat.path_not_importance", "note")]
    if network.circles or network.against_time:
        found.append(
            Caveat(
                "foresight.caveat.circles",
                "warning" if network.in_circles > 0.05 * documents else "note",
                {
                    "circles": f"{network.circles:,}",
                    "documents": f"{network.in_circles:,}",
                    "against": f"{network.against_time:,}",
                },
            )
        )
    if path.tied:
        found.append(Caveat("foresight.caveat.path_tied", "note", {"count": path.tied}))
    return found
