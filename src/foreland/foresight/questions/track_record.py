"""How often calls of the kind came true: the score that stands beside a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from foreland.core.errors import ForelandError
from foreland.core.finding import Text
from foreland.core.provenance import Caveat, Input
from foreland.core.reads import at_most
from foreland.core.scope import Scope
from foreland.data.answer import both
from foreland.foresight import back_testing, verification
from foreland.foresight.back_testing import BackTest, Features, Rules, View
from foreland.foresight.questions.population import Kind, Population, population

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

KEPT = 6
"""Back-tests, and what they are made of, that are kept for further questions."""
FEW_ORIGINS = 5


@dataclass(frozen=True, eq=False)
class Tested:
    """A back-test with its scores; ``views`` make further horizons and today's calls cheap."""

    population: Population
    rules: Rules
    views: tuple[View, ...]
    test: BackTest
    card: verification.Card


@dataclass(frozen=True, eq=False)
class Record:
    """What to write beside a call.

    Parameters
    ----------
    text
        The score in a sentence; or that and why there is none.
    caveat
        The same as a caveat to add to the finding: a note where calls beat chance, a warning where they do not or
        where they were not tested.
    score, base_rate
        Precision of the short list, and the share of all candidates that came true. None without a back-test.
    """

    text: Text
    caveat: Caveat
    score: verification.Estimate | None = None
    base_rate: float | None = None


def back_tested(
    ws: Workspace,
    scope: Scope,
    rules: Rules,
    horizon: int,
    kind: Kind = "auto",
    others: Mapping[str, Features] | None = None,
    area_draws: int = 200,
) -> Tested | None:
    """The back-test of a population, kept for further questions; None where no origin has a known outcome.

    Parameters
    ----------
    others
        Further callers by name, as :func:`foreland.foresight.back_testing.look`.
    area_draws
        As :func:`foreland.foresight.verification.score`.
    """
    key = ("tested", _asked(ws, scope), rules, kind, horizon, tuple(others or ()))
    found: tuple[Population, tuple[View, ...], BackTest] = ws.cache.remember(
        key, lambda: _test(ws, scope, rules, horizon, kind, others), fits=at_most(KEPT)
    )
    people, views, test = found
    if not test.calls:
        return None
    card = ws.cache.remember(
        ("card", ws.content_hash, key, area_draws),
        lambda: verification.score(test, people.clusters, area_draws=area_draws),
        fits=at_most(KEPT),
    )
    return Tested(people, rules, views, test, card)


def _asked(ws: Workspace, scope: Scope) -> Scope:
    """What of a scope makes a population: the same calls are the same calls whatever place or field is in focus."""
    from foreland.data.coverage import choose

    chosen = choose(ws, scope)
    return Scope(
        level=chosen.level,
        scheme=chosen.scheme,
        indicator=chosen.indicator_id,
        source=chosen.source_id,
        period=scope.period,
    )


def _test(
    ws: Workspace, scope: Scope, rules: Rules, horizon: int, kind: Kind, others: Mapping[str, Features] | None
) -> tuple[Population, tuple[View, ...], BackTest]:
    found = population(ws, _asked(ws, scope), kind)
    # What can be seen at each origin is the same for every horizon.
    key = ("views", ws.content_hash, found.series.cube.coverage, found.periods, rules, kind, tuple(others or ()))
    there = None if found.known is None else found.known.__getitem__
    views: tuple[View, ...] = ws.cache.remember(
        key,
        lambda: back_testing.look(found.counts, found.totals, rules, others=others, known_units=there),
        fits=at_most(KEPT),
    )
    return found, views, back_testing.back_test(found.counts, found.totals, horizon, rules, views)


def record(
    ws: Workspace,
    scope: Scope,
    caller: str = "signals",
    horizon: int = 3,
    score: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> Record:
    """How often calls of this kind came true on these figures, to be told beside a call.

    Parameters
    ----------
    ws, scope
        As of the question that calls; its places and fields in focus do not matter.
    caller
        One of :data:`foreland.foresight.back_testing.CALLERS`, or the name of ``score``.
    horizon
        Years ahead.
    score
        How the question ranks units, where no caller does: counts (t+1, U) and totals, (t+1,) or (t+1, U), up to an
        origin → what it ranks by, (U,).
    """
    others = None if score is None else {caller: score}
    try:
        found = back_tested(ws, scope, Rules(), horizon, others=others, area_draws=0)
    except ForelandError:
        found = None
    if found is None:
        caveat = Caveat("foresight.caveat.not_tested", "warning")
        return Record(both("foresight.caveat.not_tested"), caveat)
    return told(found, caller)


def told(found: Tested, caller: str) -> Record:
    """The score of a caller in a sentence, and as a caveat."""
    own, card = found.card.scores[caller]["precision"], found.card
    words = {
        "count": card.calls,
        "horizon": found.test.horizon,
        "share": f"{own.value:.0%}",
        "low": f"{own.low:.0%}",
        "high": f"{own.high:.0%}",
        "base": f"{card.base_rate:.0%}",
        "first": found.population.periods[found.test.origins[0]],
        "last": found.population.periods[found.test.origins[-1]],
    }
    better = own.low > card.base_rate
    key = "foresight.caveat.track_record" if better else "foresight.caveat.no_better_than_chance"
    return Record(both(key, **words), Caveat(key, "note" if better else "warning", words), own, card.base_rate)


def untested() -> Caveat:
    """The caveat of a page whose calls have no back-test."""
    return Caveat("foresight.caveat.not_tested", "warning")


def inputs_of(found: Population) -> list[Input]:
    """The figures read; behind a call stand those of its place and field."""
    match = {"region_id": "region_id", "field_id": "field_id"}
    return [replace(item, match=match) for item in found.inputs]


def caveats_of(found: Population, origins: int, horizon: int) -> list[Caveat]:
    """What a reader of scores must know."""
    with_hindsight = found.known is None or found.hindsight
    told = {"count": origins, "horizon": horizon}
    caveats = [Caveat("foresight.caveat.classes_with_hindsight", "note")] if with_hindsight else []
    if origins < FEW_ORIGINS:
        caveats.insert(0, Caveat("foresight.caveat.few_origins", "warning", told))
    caveats.append(Caveat("foresight.caveat.years_shared", "note", told))
    if found.cut:
        caveats.append(Caveat("foresight.caveat.years_cut", "warning", {"years": ", ".join(found.cut)}))
    return [*caveats, *found.series.caveats]
