"""Which fields could a place turn to next?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.capability import opportunities as method
from foreland.capability.complexity import complexity
from foreland.capability.questions.complexity import reference_anchor
from foreland.capability.questions.view import view
from foreland.capability.relatedness import density, proximity, relative_relatedness
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace


@dataclass(frozen=True)
class ScoreWeights:
    """How much each part counts in the score; any positive sum."""

    weight_relatedness: Annotated[float, AtLeast(0)] = 1.0
    weight_complexity: Annotated[float, AtLeast(0)] = 1.0
    weight_gain: Annotated[float, AtLeast(0)] = 1.0


@question(
    "capability.opportunities",
    zh="这个地区接下来能发展什么？",
    en="What could this place turn to next?",
    example={"region": "CN", "scheme": "wipo35", "indicator": "patent_families"},
    needs=("region",),
)
def opportunities(
    ws: Workspace,
    scope: Scope,
    weights: ScoreWeights = ScoreWeights(),
    formula: method.GainFormula = "atlas",
    proximities: Literal["own", "outside"] = "own",
    window: Annotated[int, AtLeast(1)] = 3,
    min_count: Annotated[int, AtLeast(0)] = 5,
) -> Finding:
    """Fields the place lacks, by how near, how complex and how useful for further steps they are.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; needs a region.
    weights
        Weight of each part in the score.
    formula
        Formula of the gain; see :func:`foreland.capability.opportunities.outlook_gain`.
    proximities
        Proximity of fields from all places, or from all but this one.
    window
        Periods pooled.
    min_count
        Smallest value that counts as having a field.
    """
    if not scope.focus:
        raise UsageError("core.error.needs_region", question="capability.opportunities")
    parts = (weights.weight_relatedness, weights.weight_complexity, weights.weight_gain)
    if sum(parts) <= 0:
        raise UsageError("capability.error.no_weight")
    found = view(ws, scope, window=window, min_count=min_count)
    cube, M = found.cube, found.present.astype(float)
    r = cube.region_index(scope.focus)
    if not M[r].any():
        raise DataError(
            "capability.error.nothing_present",
            region=scope.focus,
            indicator=cube.scope.indicator,
            minimum=f"{min_count:g}",
        )
    phi = proximity(M if proximities == "own" else np.delete(M, r, axis=0))
    omega = density(M, phi)
    worked = complexity(M, anchor=reference_anchor(found))
    if np.isnan(worked.pci).all():
        raise DataError("capability.error.no_axis", places=len(M), fields=M.shape[1])
    pci = worked.pci
    gain = method.outlook_gain(M, phi, pci, formula)
    score = method.opportunity_score(M, omega, pci, gain, method.Weights(*parts))[r]
    relative = relative_relatedness(M, omega)[r]
    outlook = method.outlook_index(M, omega, pci)
    rows: list[dict[str, Any]] = [
        {
            "region_id": scope.focus,
            "field_id": field,
            "rank": 0,
            "score": float(score[f]),
            "relatedness": float(omega[r, f]),
            "relative_relatedness": float(relative[f]),
            "pci": float(pci[f]),
            "gain": float(gain[r, f]),
            "specialisation": float(found.lq[r, f]),
            "value": float(found.X[r, f]),
        }
        for f, field in enumerate(cube.fields)
        if np.isfinite(score[f])
    ]
    rows.sort(key=lambda row: (-row["score"], row["field_id"]))
    for position, row in enumerate(rows, 1):
        row["rank"] = position
    place = name(ws, scope.focus)
    fields = listed(ws, [row["field_id"] for row in rows[:3]])
    key = "capability.opportunities.headline" if rows else "capability.opportunities.headline.none"
    coi_rank = 1 + int((outlook > outlook[r]).sum())
    caveats = [
        Caveat("capability.caveat.near_is_not_wise", "note"),
        *found.small(found.X[r], min_count),
        *cube.caveats,
    ]
    if "sign_unstable" in worked.caveats:
        caveats.append(Caveat("capability.caveat.sign_unstable", "serious", {"margin": f"{worked.sign_margin:.2f}"}))
    return answer(
        ws,
        "capability.opportunities",
        found.scope,
        rows,
        headline=both(key, place=place, fields=fields, count=len(rows), rank=coi_rank, of=len(cube.regions)),
        benchmark=found.benchmark_text(ws),
        inputs=found.inputs,
        steps=[
            *found.steps(),
            Step("capability.step.presence", {"min_count": min_count}),
            Step("capability.step.proximity.minimum_conditional"),
            Step("capability.step.density"),
            Step("capability.step.complexity"),
            Step(f"capability.step.anchor.{worked.anchor}"),
            Step(f"capability.step.gain.{formula}"),
            Step(
                "capability.step.score",
                dict(zip(("relatedness", "complexity", "gain"), (f"{part:g}" for part in parts), strict=True)),
            ),
        ],
        caveats=caveats,
        parameters={
            **asdict(weights),
            "formula": formula,
            "proximities": proximities,
            "window": window,
            "min_count": min_count,
        },
    )
