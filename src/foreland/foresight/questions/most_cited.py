"""How much of a place's output is among the world's most cited of its field and year."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from foreland.core.intervals import clopper_pearson
from foreland.core.provenance import Caveat, Input, Step
from foreland.data.coverage import coverage, covering
from foreland.data.cube import Cube, read_cube
from foreland.foresight import ladder as method

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

WORLD = "agg:world"
BASE = re.compile(r"(?:top_cited_|top10?_)?(?P<kind>papers|patents)(?P<counting>_fractional)?")
PARTS = {"top10": 0.1, "top1": 0.01}
"""Indicators of the most cited, and the share of the world's documents that they hold."""
TOLD = 0.95
"""Where the citations of a smaller share of documents are known, the reader is told."""


@dataclass(frozen=True, eq=False)
class MostCited:
    """Documents and those among the most cited, summed over windows; of shape (T, R, F), the axes of a cube.

    Parameters
    ----------
    documents
        By the counting of the cube, whole or fractional: those whose citations are known, where they are counted.
    top
        Of each part, how many of them are in it.
    known
        Share of the world's documents whose citations are known, in the last window.
    told
        Whether ``documents`` are those whose citations are known.
    """

    documents: np.ndarray
    top: dict[str, np.ndarray]
    known: float
    told: bool
    fractional: bool
    inputs: tuple[Input, ...]

    def of(self, at: tuple[int, int, int]) -> dict[str, float | None]:
        """Columns of a row: the shares of the place's documents, that of the tenth with its exact 95 % interval."""
        size = float(self.documents[at])
        if not size > 0:
            return dict.fromkeys(("top10_share", "top10_low", "top10_high", "top1_share"))
        ten, one = (min(float(self.top[part][at]), size) for part in PARTS)
        low, high = clopper_pearson(ten, size)
        return {
            "top10_share": ten / size,
            "top10_low": float(low),
            "top10_high": float(high),
            "top1_share": one / size,
        }

    def steps(self) -> list[Step]:
        return [Step(f"foresight.step.most_cited_{'fractional' if self.fractional else 'whole'}")]

    def caveats(self) -> list[Caveat]:
        code = "citations_known_only" if self.told else "citations_unknown"
        share = {"share": f"{self.known:.0%}"}
        found = [Caveat(f"foresight.caveat.{code}", "warning", share)] if self.known < TOLD else []
        return [Caveat("foresight.caveat.young_citations", "note"), *found]


def at_hand(ws: Workspace, indicator: str, scheme: str) -> str | None:
    """The indicator of the tenth most cited that goes with one of output, if the workspace has it."""
    named = BASE.fullmatch(indicator)
    if named is None:
        return None
    wanted = [f"top10_{named['kind']}{named['counting'] or ''}", f"top_cited_{named['kind']}"]
    known = {entry.indicator_id for entry in coverage(ws) if entry.scheme == scheme}
    return next((each for each in wanted if each in known), None)


def most_cited(ws: Workspace, cube: Cube, window: int) -> MostCited | None:
    """The most cited among the documents of a cube of papers or patents; None where the source does not tell them.

    References
    ----------
    Waltman, L. & Schreiber, M. (2013). On the calculation of percentile-based bibliometric indicators. JASIST 64(2),
    372–379. doi:10.1002/asi.22792. Waltman, L. et al. (2012). The Leiden Ranking 2011/2012: data collection,
    indicators, and interpretation. JASIST 63(12), 2419–2432: PP(top 10 %), and whole against fractional counting.
    """
    named = BASE.fullmatch(cube.coverage.indicator_id)
    if named is None:
        return None
    counting = named["counting"] or ""
    names = {part: f"{part}_{named['kind']}{counting}" for part in PARTS}
    base = f"{named['kind']}{counting}"
    source, scheme = cube.coverage.source_id, cube.coverage.scheme
    if any((source, scheme, each) not in covering(ws, WORLD) for each in (*names.values(), base)):
        return None
    # Workspaces loaded before these were counted do not have them.
    with_citations = f"{named['kind']}_with_citations{counting}"
    told = (source, scheme, with_citations) in covering(ws, WORLD)
    below = with_citations if told else base
    asked = cube.scope.replace(level=cube.coverage.level, source=source)
    read = {
        each: read_cube(
            ws, asked.replace(indicator=each, region=(), field=(), benchmark=WORLD), summable=False
        )
        for each in dict.fromkeys((*names.values(), below, base))
    }  # fmt: skip
    summed = {each: method.moving_sum(_aligned(own, cube), window) for each, own in read.items()}
    world = [
        0.0 if own.benchmark is None else np.nansum(own.benchmark[-window:])
        for own in (read[names["top10"]], read[base])
    ]
    known = float(world[0] / world[1] / PARTS["top10"]) if world[1] else 0.0
    inputs = tuple(replace(own.inputs[0], match={"field_id": "field_id"}) for own in read.values())
    return MostCited(
        summed[below], {part: summed[names[part]] for part in PARTS}, known, told, bool(counting), inputs
    )  # fmt: skip


def _aligned(own: Cube, cube: Cube) -> np.ndarray:
    """Values of one cube on the axes of another, shape (T, R, F); 0 where there are none."""
    found = np.zeros((len(cube.periods), len(cube.regions), len(cube.fields)))
    axes = [(own.periods, cube.periods), (own.regions, cube.regions), (own.fields, cube.fields)]
    here, there = [], []
    for have, want in axes:
        place = {each: n for n, each in enumerate(want)}
        here.append([n for n, each in enumerate(have) if each in place])
        there.append([place[each] for each in have if each in place])
    if all(here):
        found[np.ix_(*there)] = np.nan_to_num(own.values)[np.ix_(*here)]
    return found
