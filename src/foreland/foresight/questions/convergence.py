"""Which fields grow together?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name, span
from foreland.foresight import convergence as method
from foreland.foresight.questions.convergence_places import World, headline_of_place, of_place, of_place_caveats
from foreland.foresight.questions.fields_of import Classified, read_classified

if TYPE_CHECKING:
    import pyarrow as pa
    from scipy.sparse import csr_matrix

    from foreland.data.workspace import Workspace

MOST = 600
"""Most fields compared pair by pair: the largest."""
SMOOTHED = 3
"""Years pooled in the courses by year."""


@question(
    "foresight.convergence",
    zh="哪些领域正在融合？",
    en="Which fields are growing together?",
    example={},
    uses=("region", "scheme", "field", "period", "source"),
)
def convergence(
    ws: Workspace,
    scope: Scope,
    late_years: Annotated[int, AtLeast(1)] = 5,
    early_years: Annotated[int, AtLeast(1)] = 10,
    min_count: Annotated[int, AtLeast(1)] = 5,
) -> Finding:
    """Find pairs of fields that stand together in documents now more than chance has it, and did not before.

    With a place, the documents are those in which it took part (of policy documents, those it issued), and each pair is
    set against the world's.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    late_years
        Years of the later window, up to the end of the period.
    early_years
        Years of the window before it.
    min_count
        Fields in fewer documents of the later window are left out.
    """
    read = read_classified(ws, scope)
    last = int(read.year.max())
    first = int(read.year.min())
    if scope.period_range:
        first, last = (int(period[:4]) for period in scope.period_range)
    split = last - late_years + 1
    start = max(first, split - early_years)
    window = np.where((read.year >= split) & (read.year <= last), 1, -1)
    window[(read.year >= start) & (read.year < split)] = 0
    window = _same_issuers(read, window)
    if not (window == 0).any() or not (window == 1).any():
        raise DataError("foresight.error.one_window", first=first, last=last, split=split)
    everywhere = window
    if read.part is not None:
        window = of_place(ws, read.part, window)
    table = method.incidence(read.unit, read.field, (read.year.size, len(read.fields)))
    # Of a place, the fields are those of the world: what it lacks is part of the answer.
    size = np.asarray(table[np.flatnonzero(everywhere == 1)].sum(axis=0)).ravel()
    kept = np.flatnonzero(size >= min_count)
    kept = np.sort(kept[np.argsort(-size[kept], kind="stable")[:MOST]])
    if kept.size < 2:
        raise DataError("foresight.error.few_fields", minimum=min_count)
    table, fields = table[:, kept], [read.fields[f] for f in kept]
    counts = method.together(table, window, 2)
    documents = np.bincount(window[window >= 0], minlength=2)
    found = method.links(counts, documents)
    rows = _rows(read, found, fields, scope)
    world = None if read.part is None else World.of(table, everywhere, counts, documents, found)
    if world is not None:
        rows = world.beside(rows, fields, _rows(read, world.links, fields, scope))
    years = np.arange(start, last + 1)
    new = [row for row in rows if row["link_state"] == "link_new"]
    words = {"early": span(start, split - 1), "late": span(split, last)}
    finding = answer(
        ws,
        "foresight.convergence",
        scope.replace(scheme=read.scheme, source=read.source or scope.source),
        rows,
        headline=_headline(ws, rows, new, words) if world is None else headline_of_place(ws, read, rows, words),
        benchmark=both(
            f"foresight.convergence.benchmark.{'sentences' if read.sentences else 'documents'}",
            early=f"{documents[0]:,}",
            late=f"{documents[1]:,}",
            fields=len(fields),
            source=name(ws, read.source) if read.source else "",
        )
        if world is None
        else world.benchmark(read, documents),
        inputs=[*read.inputs, *(read.part.inputs if read.part else ())],
        steps=[
            Step("foresight.step.co_classified", words),
            Step("foresight.step.link_now"),
            Step("foresight.step.link_growth"),
            Step("foresight.step.field_distance"),
            *([Step("foresight.step.against_rest")] if world else []),
        ],
        caveats=[
            *(of_place_caveats(read, everywhere) if world else []),
            *_caveats(read, counts, documents, len(read.fields) - len(fields), min_count),
        ],
        parameters={"late_years": late_years, "early_years": early_years, "min_count": min_count},
        tables={
            "nodes": _nodes(counts, fields),
            "cells": _cells(counts[1], documents[1], fields, rows),
            "courses": _courses(read, table, (years, window), (fields, rows)),
            "diversity": _diversity(read, table, (years, window), (fields, method.distance(counts.sum(axis=0)))),
        },
    )
    return finding.offering("map", *(["world"] if world else []), "growth", "courses", "diversity", "matrix")


def _same_issuers(read: Classified, window: np.ndarray) -> np.ndarray:
    """Of policy documents, those of places with some in both windows: else what changes is who speaks."""
    if not read.sentences:
        return window
    there = [set(read.issuer[window == w].tolist()) for w in (0, 1)]
    both_times = np.isin(read.issuer, sorted(there[0] & there[1]))
    return np.where(both_times, window, -1)


def _rows(read: Classified, found: method.Links, fields: list[str], scope: Scope) -> list[dict[str, Any]]:
    """Pairs that are or were linked: new links first, the far before the near, the strongest first."""
    rows = []
    for n in range(found.one.size):
        one, other = fields[found.one[n]], fields[found.other[n]]
        state = method.STATES[int(found.state[n])]
        if state == "apart" or read.related(one, other):
            continue
        if scope.field and not {one, other} & set(scope.field):
            continue
        if other in scope.field and one not in scope.field:
            one, other = other, one
        rows.append(
            {
                "field_id": one,
                "second_field_id": other,
                "link_state": f"link_{state}",
                "far": bool(found.far[n]),
                "together_before": int(found.before[n]),
                "together_now": int(found.after[n]),
                "lift_before": float(found.lift_before[n]),
                "lift": float(found.lift[n]),
                "link_growth": _known(found.growth[n]),
                "link_growth_low": _known(found.growth_low[n]),
                "link_growth_high": _known(found.growth_high[n]),
                "field_distance": float(found.distance[n]),
                "false_discovery": float(found.q[n]),
            }
        )
    order = [f"link_{state}" for state in method.STATES].index
    rows.sort(
        key=lambda row: (
            order(row["link_state"]), not row["far"], -row["lift"], row["field_id"], row["second_field_id"],
        )
    )  # fmt: skip
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _nodes(counts: np.ndarray, fields: list[str]) -> pa.Table:
    """Fields with their documents, and how diverse the company is that they keep."""
    import pyarrow as pa

    # One measure of distance for both windows, so that what changes is the company and not the yardstick.
    diversity = method.rao_stirling(counts, method.distance(counts.sum(axis=0)))
    return pa.table(
        {
            "field_id": pa.array(fields, pa.string()),
            "count": pa.array([int(counts[1, f, f]) for f in range(len(fields))], pa.int64()),
            "diversity_before": pa.array([_known(v) for v in diversity[0]], pa.float64()),
            "diversity": pa.array([_known(v) for v in diversity[1]], pa.float64()),
        }
    )


def _cells(counts: np.ndarray, documents: int, fields: list[str], rows: list[dict[str, Any]]) -> pa.Table:
    """Every pair of the fields in most links, with those not linked: shrunk against chance, the diagonal empty."""
    import pyarrow as pa

    linked: dict[str, int] = {}
    for row in rows:
        for end in ("field_id", "second_field_id"):
            linked[row[end]] = linked.get(row[end], 0) + 1
    own = sorted(linked, key=lambda field: (-linked[field], field))[:14]
    at = [fields.index(field) for field in own]
    lift = (counts + method.PRIOR) / (method.expectation(counts, documents) + method.PRIOR)
    return pa.table(
        {
            "field_id": pa.array([one for one in own for _ in own], pa.string()),
            "second_field_id": pa.array([other for _ in own for other in own], pa.string()),
            "lift": pa.array([float(lift[i, j]) if i != j else None for i in at for j in at], pa.float64()),
        }
    )


def _yearly(table: csr_matrix, read: Classified, times: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Co-occurrences by year over the years pooled up to it, shape (T, F, F), and documents, (T,)."""
    years, window = times
    at = np.where(window >= 0, read.year - years[0], -1)
    counts = method.together(table, at, years.size).cumsum(axis=0)
    documents = np.bincount(at[at >= 0], minlength=years.size).cumsum()
    counts[SMOOTHED:] = counts[SMOOTHED:] - counts[:-SMOOTHED]
    documents[SMOOTHED:] = documents[SMOOTHED:] - documents[:-SMOOTHED]
    return counts, documents


def _courses(
    read: Classified,
    table: csr_matrix,
    times: tuple[np.ndarray, np.ndarray],
    found: tuple[list[str], list[dict[str, Any]]],
) -> pa.Table:
    """The first links year by year: together, and against chance."""
    import pyarrow as pa

    fields, rows = found
    place = {field: f for f, field in enumerate(fields)}
    chosen = rows[:6]
    own = sorted({place[row[end]] for row in chosen for end in ("field_id", "second_field_id")})
    within = {f: n for n, f in enumerate(own)}
    counts, documents = _yearly(table[:, own], read, times)
    out: list[dict[str, Any]] = []
    for row in chosen:
        i, j = within[place[row["field_id"]]], within[place[row["second_field_id"]]]
        for t, year in enumerate(times[0].tolist()):
            expected = counts[t, i, i] * counts[t, j, j] / max(documents[t], 1)
            out.append(
                {
                    "period": str(year),
                    "field_id": row["field_id"],
                    "second_field_id": row["second_field_id"],
                    "together_now": int(counts[t, i, j]),
                    "lift": float((counts[t, i, j] + 1) / (expected + 1)),
                }
            )
    kinds = {"period": pa.string(), "field_id": pa.string(), "second_field_id": pa.string()}
    return pa.Table.from_pylist(out, pa.schema({**kinds, "together_now": pa.int64(), "lift": pa.float64()}))


def _diversity(
    read: Classified,
    table: csr_matrix,
    times: tuple[np.ndarray, np.ndarray],
    measured: tuple[list[str], np.ndarray],
) -> pa.Table:
    """Rao–Stirling diversity by field and year."""
    import pyarrow as pa

    fields, apart = measured
    if len(fields) > 100:
        size = np.asarray(table.sum(axis=0)).ravel()
        own = np.sort(np.argsort(-size, kind="stable")[:100])
        table, fields, apart = table[:, own], [fields[f] for f in own], apart[np.ix_(own, own)]
    counts, _ = _yearly(table, read, times)
    values = method.rao_stirling(counts, apart)
    kept = [(t, f) for t in range(len(values)) for f in range(len(fields)) if counts[t, f, f] >= 5]
    return pa.table(
        {
            "period": pa.array([str(times[0][t]) for t, _ in kept], pa.string()),
            "field_id": pa.array([fields[f] for _, f in kept], pa.string()),
            "diversity": pa.array([float(values[t, f]) for t, f in kept], pa.float64()),
            "count": pa.array([int(counts[t, f, f]) for t, f in kept], pa.int64()),
        }
    )


def _headline(ws: Workspace, rows: list[dict[str, Any]], new: list[dict[str, Any]], words: dict[str, Any]) -> Text:
    if not rows:
        return both("foresight.convergence.headline.none", **words)
    if not new:
        stronger = sum(row["link_state"] == "link_stronger" for row in rows)
        return both("foresight.convergence.headline.no_new", linked=len(rows), stronger=stronger, **words)
    first = new[0]
    return both(
        "foresight.convergence.headline.new",
        count=len(new),
        far=sum(row["far"] for row in new),
        one=name(ws, first["field_id"]),
        other=name(ws, first["second_field_id"]),
        before=f"{first['together_before']:,}",
        now=f"{first['together_now']:,}",
        lift=f"{first['lift']:.1f}",
        **words,
    )


def _caveats(
    read: Classified, counts: np.ndarray, documents: np.ndarray, left_out: int, min_count: int
) -> list[Caveat]:
    found = []
    if read.sentences:
        found.append(Caveat("foresight.caveat.policy_sentences", "serious"))
    found.append(Caveat("foresight.caveat.classified_only", "note"))
    if left_out:
        found.append(Caveat("foresight.caveat.small_fields", "note", {"count": left_out, "minimum": min_count}))
    if documents.min() < 200:
        found.append(Caveat("foresight.caveat.few_units", "warning", {"count": f"{documents.min():,}"}))
    return found
