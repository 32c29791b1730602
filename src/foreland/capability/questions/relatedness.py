"""Which fields go together, and which of them does a place have?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from foreland.capability import relatedness as method
from foreland.capability.matrices import cooccurrence, ubiquity
from foreland.capability.questions.view import FEW_PLACES, View, view
from foreland.core.finding import Finding
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

CONTINUOUS = ("pearson", "pearson_unit")


@question(
    "capability.relatedness",
    zh="哪些领域彼此相近？",
    en="Which fields are related to one another?",
    example={"region": "CN", "scheme": "wipo35", "indicator": "patent_families"},
)
def relatedness(
    ws: Workspace,
    scope: Scope,
    measure: method.Measure = "minimum_conditional",
    diagonal: method.Diagonal = "zero",
    window: Annotated[int, AtLeast(1)] = 3,
    min_count: Annotated[int, AtLeast(0)] = 5,
    links: Annotated[int, AtLeast(1)] = 3,
) -> Finding:
    """Proximity of fields from the places that have both: the product space.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With a region, its fields are marked.
    measure
        How proximity is measured; see :func:`foreland.capability.relatedness.proximity`.
    diagonal
        Proximity of a field to itself.
    window
        Periods pooled.
    min_count
        Smallest value that counts as having a field.
    links
        Strongest links kept of each field.
    """
    found = view(ws, scope, window=window, min_count=min_count)
    cube, M = found.cube, found.present.astype(float)
    phi = proximities(found, measure, diagonal)
    together = cooccurrence(M)
    here = M[cube.region_index(scope.focus)] > 0 if scope.focus else np.zeros(len(cube.fields), bool)
    near = method.nearest(np.where(np.eye(len(phi), dtype=bool), 0, phi), min(links, len(phi) - 1)).tocoo()
    pairs = sorted({(min(i, j), max(i, j)) for i, j in zip(near.row.tolist(), near.col.tolist(), strict=True)})
    rows = [
        {
            "field_id": cube.fields[i],
            "other_id": cube.fields[j],
            "proximity": float(max(phi[i, j], phi[j, i])),
            "together": int(together[i, j]),
            "has": "both" if here[i] and here[j] else "one" if here[i] or here[j] else "neither",
        }
        for i, j in pairs
    ]
    rows.sort(key=lambda row: (-row["proximity"], row["field_id"], row["other_id"]))
    density = method.density(M, phi if measure != "pearson" else (1 + phi) / 2)
    nodes = _nodes(found, density, here)
    caveats = [*found.cube.caveats]
    if len(cube.regions) < FEW_PLACES:
        caveats.append(Caveat("capability.caveat.few_places", "warning", {"count": len(cube.regions)}))
    best = rows[0] if rows else None
    return answer(
        ws,
        "capability.relatedness",
        found.scope,
        rows,
        headline=both(
            "capability.relatedness.headline",
            a=name(ws, best["field_id"] if best else None),
            b=name(ws, best["other_id"] if best else None),
            together=best["together"] if best else 0,
            of=len(cube.regions),
        ),
        benchmark=found.benchmark_text(ws),
        inputs=found.inputs,
        steps=[
            *found.steps(),
            Step("capability.step.presence", {"min_count": min_count}),
            Step(f"capability.step.proximity.{measure}"),
            Step("capability.step.links", {"links": links}),
        ],
        caveats=caveats,
        parameters={
            "measure": measure,
            "diagonal": diagonal,
            "window": window,
            "min_count": min_count,
            "links": links,
        },
        tables={"nodes": nodes},
    )


def proximities(found: View, measure: method.Measure, diagonal: method.Diagonal = "zero") -> method.Array:
    """Proximity of a view's fields: from presence, or from quotients for the continuous measures."""
    M = np.nan_to_num(found.lq) if measure in CONTINUOUS else found.present.astype(float)
    return method.proximity(M, measure, diagonal=diagonal)


def _nodes(found: View, density: method.Array, here: np.ndarray):  # type: ignore[no-untyped-def]
    import pyarrow as pa

    focus = found.cube.scope.focus
    r = found.cube.region_index(focus) if focus else None
    fields = len(found.cube.fields)
    return pa.table(
        {
            "field_id": list(found.cube.fields),
            "total": np.nansum(found.X, axis=0),
            "ubiquity": ubiquity(found.present.astype(float)).astype(int),
            "present": here,
            "specialisation": found.lq[r] if r is not None else np.full(fields, np.nan),
            "density": density[r] if r is not None else np.full(fields, np.nan),
        }
    )
