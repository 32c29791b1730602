"""Which places and fields are complex?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.capability import complexity as method
from foreland.capability.fitness import Fitness, fitness, reflections
from foreland.capability.matrices import Array, Trim, continuous_presence, dense, restrict
from foreland.capability.questions.view import FEW_PLACES, View, view
from foreland.capability.specialisation import ranks
from foreland.core.errors import DataError
from foreland.core.finding import Finding
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Presence = Literal["binary", "continuous"]
Anchor = Literal["reference", "fitness", "diversity", "previous"]

REFERENCE = ("CH", "DE", "FI", "JP", "KR", "SE", "SG", "TW", "US")
"""Economies at the technological frontier by any account, to tell which end of the scale is up.

On patents of some forty countries neither diversity nor fitness does: both agree only weakly with the axis,
and by them Norway and Moldova would come out on top.
"""


COARSE = 50
"""With fewer fields than this the index tells two baskets apart rather than levels of technology."""


@dataclass(frozen=True)
class Choices:
    """How complexity is worked out.

    Parameters
    ----------
    presence
        Binary (LQ of at least 1) or continuous (LQ / (1 + LQ)).
    anchor
        What fixes the sign of the index. ``reference``: :data:`REFERENCE`, or fitness where none of them is
        among the places.
    window
        Periods pooled.
    min_count
        Smallest value that counts as having a field.
    min_place, min_field
        Places and fields with a smaller total are left out of the ranking.
    min_share
        Places with a smaller share of all places' total are left out too: without such a floor, micro-territories
        come out on top of trade.
    """

    presence: Presence = "binary"
    anchor: Anchor = "reference"
    window: Annotated[int, AtLeast(1)] = 3
    min_count: Annotated[int, AtLeast(0)] = 5
    min_place: Annotated[float, AtLeast(0)] = 20.0
    min_field: Annotated[float, AtLeast(0)] = 0.0
    min_share: Annotated[float, AtLeast(0)] = 0.0001


@question(
    "capability.complexity",
    zh="哪些地区的能力更复杂？",
    en="Which places have the more complex capabilities?",
    example={"region": "CN", "scheme": "wipo35", "indicator": "patent_families"},
)
def complexity(
    ws: Workspace,
    scope: Scope,
    choices: Choices = Choices(),
    pci_from: str = "",
) -> Finding:
    """Economic complexity, fitness and diversity of places.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    choices
        How complexity is worked out.
    pci_from
        Level whose field complexity scores the places (a country's places by the world's fields); empty to
        work it out from the places themselves.
    """
    found, kept, M, result = _worked(ws, scope, choices)
    eci, inputs = result.eci, found.inputs
    if pci_from:
        outside = scope.replace(region=(), level=pci_from, source=None)
        outer = _worked(ws, outside, replace(choices, anchor="fitness"))
        known = dict(zip(outer[0].cube.fields, outer[3].pci, strict=True))
        eci = method.outside_complexity(M, np.array([known.get(field, np.nan) for field in found.cube.fields]))
        inputs += outer[0].inputs
    fit = fitness(M)
    # High orders differ in ever fewer digits, so they are put on a scale of deviations like the index itself.
    reflected = reflections(M, 18)[0][-1]
    reflected = (reflected - np.nanmean(reflected)) / np.nanstd(reflected)
    both_known = np.isfinite(reflected) & np.isfinite(eci)
    if (reflected[both_known] * eci[both_known]).sum() < 0:
        reflected = -reflected
    diversity = np.asarray(M.sum(axis=1)).ravel()
    rank, fitness_rank = ranks(eci), ranks(fit.fitness)
    rows: list[dict[str, Any]] = [
        {
            "region_id": region,
            "rank": int(rank[r]),
            "eci": float(eci[r]),
            "fitness": float(fit.fitness[r]),
            "fitness_rank": int(fitness_rank[r]),
            "reflections": float(reflected[r]),
            "diversity": float(diversity[r]),
            "total": float(found.place_totals[r]),
        }
        for r, region in enumerate(found.cube.regions)
        if rank[r] > 0
    ]
    rows.sort(key=lambda row: (row["rank"], row["region_id"]))
    top = name(ws, rows[0]["region_id"])
    here = next((row for row in rows if row["region_id"] == scope.focus), None)
    headline = (
        both(
            "capability.complexity.headline.place",
            place=name(ws, scope.focus),
            rank=here["rank"],
            of=len(rows),
            top=top,
        )
        if here
        else both("capability.complexity.headline.all", top=top, of=len(rows))
    )
    return answer(
        ws,
        "capability.complexity",
        found.scope,
        rows,
        headline=headline,
        benchmark=found.benchmark_text(ws),
        inputs=inputs,
        steps=_steps(found, choices, result.anchor, [("outside", {"level": pci_from})] if pci_from else []),
        caveats=[*_caveats(kept, result, fit), *found.cube.caveats],
        parameters={**asdict(choices), "pci_from": pci_from},
    )


@question(
    "capability.field_complexity",
    zh="哪些领域更复杂、更难模仿？",
    en="Which fields are the more complex, and hard to copy?",
    example={"region": "CN", "scheme": "wipo35", "indicator": "patent_families"},
)
def field_complexity(
    ws: Workspace,
    scope: Scope,
    choices: Choices = Choices(),
) -> Finding:
    """Complexity of fields: PCI on the scale of ECI, quality, ubiquity.

    Parameters
    ----------
    ws, scope, choices
        As in :func:`complexity`.
    """
    found, kept, M, result = _worked(ws, scope, choices)
    fit = fitness(M)
    rank = ranks(result.pci)
    spread = np.asarray(M.sum(axis=0)).ravel()
    here = found.present[found.cube.region_index(scope.focus)] if scope.focus else np.zeros(len(spread), bool)
    rows: list[dict[str, Any]] = [
        {
            "field_id": field,
            "rank": int(rank[f]),
            "pci": float(result.pci[f]),
            "quality": float(fit.complexity[f]),
            "ubiquity": float(spread[f]),
            "total": float(np.nansum(found.X[:, f])),
            "present": bool(here[f]),
        }
        for f, field in enumerate(found.cube.fields)
        if rank[f] > 0
    ]
    rows.sort(key=lambda row: (row["rank"], row["field_id"]))
    return answer(
        ws,
        "capability.field_complexity",
        found.scope,
        rows,
        headline=both(
            "capability.field_complexity.headline",
            top=name(ws, rows[0]["field_id"]),
            last=name(ws, rows[-1]["field_id"]),
            of=len(rows),
        ),
        benchmark=found.benchmark_text(ws),
        inputs=found.inputs,
        steps=_steps(found, choices, result.anchor, []),
        caveats=[*_caveats(kept, result, fit), *found.cube.caveats],
        parameters=asdict(choices),
    )


def _worked(ws: Workspace, scope: Scope, choices: Choices) -> tuple[View, Trim, Array, method.Complexity]:
    found = view(ws, scope, window=choices.window, min_count=choices.min_count)
    floor = max(choices.min_place, choices.min_share * np.nansum(found.X))
    kept = restrict(np.nan_to_num(found.X), min_place_total=floor, min_field_total=choices.min_field)
    M = _presence(found, choices.presence) * kept.places[:, None] * kept.fields[None, :]
    result = method.complexity(M, anchor=_anchor(ws, scope, choices))
    if np.isnan(result.eci).all():
        raise DataError("capability.error.no_axis", places=int(kept.places.sum()), fields=int(kept.fields.sum()))
    return found, kept, M, result


def _presence(found: View, presence: Presence) -> Array:
    if presence == "binary":
        return found.present.astype(float)
    return dense(continuous_presence(np.nan_to_num(found.lq)))


def _anchor(ws: Workspace, scope: Scope, choices: Choices) -> method.Anchor:
    if choices.anchor in ("fitness", "diversity"):
        return method.Anchor(choices.anchor)
    found = view(ws, scope, window=choices.window, min_count=choices.min_count, panel=True)
    if choices.anchor == "reference":
        return reference_anchor(found)
    periods = found.cube.periods
    if len(periods) <= choices.window:
        raise DataError("capability.error.no_previous", period=periods[0])
    earlier = scope.replace(period=periods[-choices.window - 1])
    before = view(ws, earlier, window=choices.window, min_count=choices.min_count, panel=True)
    eci = method.complexity(_presence(before, choices.presence)).eci
    known = dict(zip(before.cube.regions, eci, strict=True))
    return method.Anchor("previous", np.array([known.get(region, np.nan) for region in found.cube.regions]))


def reference_anchor(found: View) -> method.Anchor:
    """The reference economies among the places; fitness where there are none."""
    rows = [r for r, region in enumerate(found.cube.regions) if region in REFERENCE]
    return method.Anchor("reference", np.array(rows)) if rows else method.Anchor("fitness")


def _steps(found: View, choices: Choices, decided: str, extra: list[tuple[str, dict[str, str]]]) -> list[Step]:
    return [
        *found.steps(),
        Step(f"capability.step.presence.{choices.presence}", {"min_count": choices.min_count}),
        Step("capability.step.complexity"),
        Step(f"capability.step.anchor.{decided}"),
        *[Step(f"capability.step.{key}", values) for key, values in extra],
    ]


def _caveats(kept: Trim, result: method.Complexity, fit: Fitness) -> list[Caveat]:
    caveats = [Caveat("capability.caveat.levels_not_comparable", "note")]
    if kept.places.sum() < FEW_PLACES:
        caveats.append(Caveat("capability.caveat.few_places", "warning", {"count": int(kept.places.sum())}))
    if kept.fields.sum() < COARSE:
        caveats.append(Caveat("capability.caveat.coarse", "warning", {"count": int(kept.fields.sum())}))
    dropped = len(kept.dropped_places), len(kept.dropped_fields)
    if any(dropped):
        caveats.append(Caveat("capability.caveat.trimmed", "note", {"places": dropped[0], "fields": dropped[1]}))
    if "sign_unstable" in result.caveats:
        caveats.append(Caveat("capability.caveat.sign_unstable", "serious", {"margin": f"{result.sign_margin:.2f}"}))
    if not fit.converged:
        caveats.append(Caveat("capability.caveat.not_converged", "note", {"rounds": fit.iterations}))
    if "eigengap_small" in result.caveats:
        caveats.append(Caveat("capability.caveat.eigengap_small", "warning", {"gap": f"{result.eigengap:.3f}"}))
    if "disconnected" in result.caveats:
        caveats.append(Caveat("capability.caveat.disconnected", "serious", {"count": result.components}))
    return caveats
