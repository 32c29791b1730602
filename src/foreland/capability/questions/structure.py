"""How is a place made up, where does a field concentrate, and which places are alike?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.capability import structure as method
from foreland.capability.questions.view import pool, view
from foreland.capability.specialisation import ranks
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


@question(
    "capability.structure",
    zh="各地区的产业结构专业化还是多样化？",
    en="How specialised or diverse is each place?",
    example={"region": "CN-ZJ"},
)
def structure(
    ws: Workspace,
    scope: Scope,
    against: Literal["total", "rest", "mean_of_others"] = "rest",
    window: Annotated[int, AtLeast(1)] = 3,
) -> Finding:
    """Specialisation, concentration and variety of each place.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With a region, it is marked and headlined.
    against
        What the Krugman index compares a place with.
    window
        Periods pooled.
    """
    found = view(ws, scope, window=window)
    cube, X = found.cube, found.X
    whole = None if cube.benchmark is None else pool(cube.benchmark[-found.window :], cube.coverage.kind)
    krugman = method.krugman_index(X, whole, against)
    herfindahl, gini = method.hhi(X), method.specialisation_gini(X)
    parents = _parents(ws, cube.fields)
    variety = method.variety(X, np.array(parents))
    rank = ranks(krugman)
    rows: list[dict[str, Any]] = [
        {
            "region_id": region,
            "rank": int(rank[r]),
            "krugman": float(krugman[r]),
            "hhi": float(herfindahl[r]),
            "gini": float(gini[r]),
            "entropy": float(variety.total[r]),
            "related_variety": float(variety.related[r]),
            "unrelated_variety": float(variety.unrelated[r]),
            "total": float(found.place_totals[r]),
        }
        for r, region in enumerate(cube.regions)
        if rank[r] > 0
    ]
    rows.sort(key=lambda row: (row["rank"], row["region_id"]))
    here = next((row for row in rows if row["region_id"] == scope.focus), None)
    top = name(ws, rows[0]["region_id"])
    headline = (
        both(
            "capability.structure.headline.place",
            place=name(ws, scope.focus),
            rank=here["rank"],
            of=len(rows),
            value=f"{here['krugman']:.2f}",
        )
        if here
        else both("capability.structure.headline.all", top=top, value=f"{rows[0]['krugman']:.2f}")
    )
    return answer(
        ws,
        "capability.structure",
        found.scope,
        rows,
        headline=headline,
        benchmark=found.benchmark_text(ws),
        inputs=found.inputs,
        steps=[*found.steps()[:1], Step(f"capability.step.krugman.{against}"), Step("capability.step.variety")],
        caveats=[*found.small(found.place_totals, 20), *cube.caveats],
        parameters={"against": against, "window": window},
    )


@question(
    "capability.concentration",
    zh="每个领域集中在哪里？",
    en="Where does each field concentrate?",
    example={"level": "province"},
)
def concentration(
    ws: Workspace,
    scope: Scope,
    window: Annotated[int, AtLeast(1)] = 3,
    min_field: Annotated[float, AtLeast(0)] = 10.0,
) -> Finding:
    """How unevenly each field is spread over the places, and who has most of it.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    window
        Periods pooled.
    min_field
        Fields with a smaller total are left out: three units always look concentrated.
    """
    found = view(ws, scope, window=window)
    cube, X = found.cube, np.nan_to_num(found.X)
    gini, hoover = method.locational_gini(found.X), method.hoover_index(found.X)
    herfindahl = method.hhi(found.X, axis=0)
    first = X.argmax(axis=0)
    totals = X.sum(axis=0)
    kept = np.isfinite(gini) & (totals >= min_field) & (totals > 0)
    rank = ranks(np.where(kept, gini, np.nan))
    dropped = int((~kept).sum())
    rows: list[dict[str, Any]] = [
        {
            "field_id": field,
            "rank": int(rank[f]),
            "locational_gini": float(gini[f]),
            "hoover": float(hoover[f]),
            "hhi": float(herfindahl[f]),
            "region_id": cube.regions[first[f]],
            "share": float(X[first[f], f] / totals[f]),
            "total": float(totals[f]),
        }
        for f, field in enumerate(cube.fields)
        if kept[f]
    ]
    if not rows:
        raise DataError("capability.error.fields_too_small", minimum=f"{min_field:g}")
    rows.sort(key=lambda row: (row["rank"], row["field_id"]))
    most = rows[0]
    return answer(
        ws,
        "capability.concentration",
        found.scope,
        rows,
        headline=both(
            "capability.concentration.headline",
            field=name(ws, most["field_id"]),
            place=name(ws, most["region_id"]),
            share=f"{100 * most['share']:.0f}%",
        ),
        benchmark=found.benchmark_text(ws),
        # A field's spread rests on all places, not only on the one that has most.
        inputs=[replace(item, match={"field_id": "field_id"}) for item in found.inputs],
        steps=[*found.steps()[:1], Step("capability.step.concentration")],
        caveats=[
            *([Caveat("capability.caveat.trimmed", "note", {"places": 0, "fields": dropped})] if dropped else []),
            *found.small(totals[kept], 20),
            *cube.caveats,
        ],
        parameters={"window": window, "min_field": min_field},
    )


@question(
    "capability.similar",
    zh="哪些地区与它结构相近？",
    en="Which places are made up alike?",
    example={"region": "CN-ZJ"},
    needs=("region",),
)
def similar(
    ws: Workspace,
    scope: Scope,
    measure: Literal["unido", "finger_kreinin"] = "unido",
    window: Annotated[int, AtLeast(1)] = 3,
    min_place: Annotated[float, AtLeast(0)] = 20.0,
) -> Finding:
    """Places in order of how alike their structure is to that of the place in focus.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; needs a region.
    measure
        Cosine of shares (UNIDO 1979) or the common part (Finger & Kreinin 1979).
    window
        Periods pooled.
    min_place
        Places with a smaller total are left out: a few units make no structure. The place in focus needs it too.
    """
    if not scope.focus:
        raise UsageError("core.error.needs_region", question="capability.similar")
    found = view(ws, scope, window=window)
    cube = found.cube
    r = cube.region_index(scope.focus)
    if not found.place_totals[r] >= min_place:
        raise DataError(
            "capability.error.place_too_small",
            region=scope.focus,
            total=f"{np.nan_to_num(found.place_totals[r]):g}",
            minimum=f"{min_place:g}",
        )
    alike = method.similarity(found.X, measure)[r]
    distance = method.krugman_matrix(found.X)[r]
    strong = found.lq > 1
    rows: list[dict[str, Any]] = [
        {
            "region_id": region,
            "rank": 0,
            "similarity": float(alike[i]),
            "krugman": float(distance[i]),
            "shared_strengths": int((strong[r] & strong[i]).sum()),
            "total": float(found.place_totals[i]),
        }
        for i, region in enumerate(cube.regions)
        if i != r and np.isfinite(alike[i]) and found.place_totals[i] >= min_place
    ]
    rows.sort(key=lambda row: (-row["similarity"], row["region_id"]))
    for position, row in enumerate(rows, 1):
        row["rank"] = position
    places = listed(ws, [row["region_id"] for row in rows[:3]])
    return answer(
        ws,
        "capability.similar",
        found.scope,
        rows,
        headline=both("capability.similar.headline", place=name(ws, scope.focus), places=places),
        benchmark=found.benchmark_text(ws),
        # Behind a comparison stand the figures of both places.
        inputs=[
            *found.inputs,
            *(replace(item, filter={**item.filter, "region_id": scope.focus}, match={}) for item in found.inputs),
        ],
        steps=[*found.steps()[:1], Step(f"capability.step.similarity.{measure}")],
        caveats=[*found.small(found.place_totals[r : r + 1], 50), *cube.caveats],
        parameters={"measure": measure, "window": window, "min_place": min_place},
    )


def _parents(ws: Workspace, fields: tuple[str, ...]) -> list[str]:
    """The field each field is part of; itself where it is part of none."""
    table = ws.table("field")
    rows = ws.to_arrow(table.filter(table.field_id.isin(list(fields))).select("field_id", "parent_id")).to_pylist()
    parent = {row["field_id"]: row["parent_id"] for row in rows}
    return [parent.get(field) or field for field in fields]
