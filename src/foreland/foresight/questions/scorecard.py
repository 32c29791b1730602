"""How often were such calls right?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Step
from foreland.core.registry import AtLeast, Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, within
from foreland.foresight import verification as method
from foreland.foresight.back_testing import CALLERS, Rules
from foreland.foresight.questions.population import Population
from foreland.foresight.questions.track_record import Tested, back_tested, caveats_of, inputs_of
from foreland.foresight.questions.units import scheme_of

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

HORIZONS = (3, 5)
BOUNDS = np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0])
"""Bins of probability: narrow where most calls are."""
SMALLEST = 10
"""Bins with fewer calls are not drawn."""


@question(
    "foresight.scorecard",
    zh="以往的判断有多少成真？",
    en="How often were such calls right?",
    example={},
    uses=("level", "scheme", "indicator", "period", "source"),
)
def scorecard(
    ws: Workspace,
    scope: Scope,
    top: Annotated[int, AtLeast(1)] = 20,
    min_count: Annotated[int, AtLeast(1)] = 30,
    fast: Annotated[float, Between(0.0, 0.5)] = 0.08,
    emergent: Literal["sure", "growth", "decile"] = "sure",
    units: Literal["auto", "places", "fields"] = "auto",
) -> Finding:
    """Make calls at every year from the figures up to it, look what came three and five years on, and score who calls.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. A single year as the period asks for the score as known then.
    top
        How many units are called at each origin; at most a fifth of the candidates.
    min_count
        Units with fewer documents in the three years up to the origin are no candidates.
    fast
        Growth of the share per year from which a call came true.
    emergent
        Whether growth must also exceed what counting errors make of it, that mark alone decides, or being among the
        tenth that grew most.
    units
        Fields of the world, or each place's fields as shares of the place's output; by default places where fields
        are few.
    """
    rules = Rules(min_count=float(min_count), growth=fast, emergent=emergent, top=top)
    found = [each for horizon in HORIZONS if (each := back_tested(ws, scope, rules, horizon, units))]
    if not found:
        raise DataError("foresight.error.no_back_test", years=rules.history + 2 * min(HORIZONS))
    people = found[0].population
    shortest = min(found, key=lambda each: each.card.origins)
    cube = people.series.cube
    return answer(
        ws,
        "foresight.scorecard",
        cube.scope.replace(region=(), language=scope.language),
        [row for each in found for row in _rows(each)],
        headline=_headline(ws, found[0]),
        benchmark=_benchmark(found[0]),
        inputs=inputs_of(people),
        steps=steps_of(people, rules),
        caveats=caveats_of(people, shortest.card.origins, shortest.test.horizon),
        parameters={"top": top, "min_count": min_count, "fast": fast, "emergent": emergent, "units": units},
        tables={"origins": _origins(found), "bins": _bins(found), "calls": _calls(found[0])},
    )


def steps_of(people: Population, rules: Rules) -> list[Step]:
    """What was done to come to the scores."""
    what = "foresight.step.units_places" if people.by_place else "foresight.step.units_fields"
    came = {
        "sure": "foresight.step.came_sure",
        "growth": "foresight.step.came_fast",
        "decile": "foresight.step.came_decile",
    }[rules.emergent]
    anew = [Step("foresight.step.units_anew")] if people.known is not None else []
    return [
        Step(what, {"first": people.periods[0], "last": people.periods[-1]}),
        *anew,
        Step("foresight.step.candidates", {"minimum": f"{rules.min_count:g}", "window": rules.window}),
        Step("foresight.step.rolling_origin", {"history": rules.history, "top": rules.top}),
        Step(came, {"fast": f"{rules.growth:.0%}"}),
        Step("foresight.step.model", {"penalty": f"{rules.penalty:g}"}),
        Step("foresight.step.bootstrap"),
        Step("foresight.step.default_caller"),
    ]


def _rows(found: Tested) -> list[dict[str, Any]]:
    """Callers from the best short list to the worst."""
    card = found.card
    rows: list[dict[str, Any]] = []
    for caller in CALLERS:
        own, less = card.scores[caller], card.differences[caller]["precision"]
        rows.append(
            {
                "horizon": found.test.horizon,
                "caller": caller,
                "makes_calls": caller == card.default,
                "precision": own["precision"].value,
                "precision_low": own["precision"].low,
                "precision_high": own["precision"].high,
                "base_rate": card.base_rate,
                "difference": less.value,
                "difference_low": less.low,
                "difference_high": less.high,
                "threat": own["threat"].value,
                "threat_low": own["threat"].low,
                "threat_high": own["threat"].high,
                "recall": own["recall"].value,
                "brier": own["brier"].value,
                "auc": own["auc"].value,
                "auc_low": own["auc"].low,
                "auc_high": own["auc"].high,
                "called": card.calls,
                "origins": card.origins,
            }
        )
    rows.sort(key=lambda row: (-round(row["precision"], 12), CALLERS.index(row["caller"])))
    return rows


def _headline(ws: Workspace, found: Tested) -> Text:
    card, people = found.card, found.population
    own, less = card.scores[card.default]["precision"], card.differences["model"]["precision"]
    words: dict[str, Any] = {
        "indicator": within(ws, people.series.cube.scope.indicator),
        "caller": both(f"foresight.value.{card.default}"),
        "count": card.calls,
        "first": people.periods[found.test.origins[0]],
        "last": people.periods[found.test.origins[-1]],
        "horizon": found.test.horizon,
        "share": f"{own.value:.0%}",
        "low": f"{own.low:.0%}",
        "high": f"{own.high:.0%}",
        "base": f"{card.base_rate:.0%}",
        "less": f"{100 * less.low:+.1f}",
        "more": f"{100 * less.high:+.1f}",
    }
    verdict = "model" if card.model_wins else "baseline"
    chance = "better" if own.low > card.base_rate else "chance"
    return both(f"foresight.scorecard.headline.{verdict}_{chance}", **words)


def _benchmark(found: Tested) -> Text:
    people = found.population
    key = "foresight.scorecard.benchmark.places" if people.by_place else "foresight.scorecard.benchmark.fields"
    return both(
        key,
        base=f"{found.card.base_rate:.0%}",
        count=f"{found.card.candidates:,}",
        scheme=scheme_of(people.series),
        places=len(set(people.region_ids)),
    )


def _origins(found: list[Tested]) -> pa.Table:
    """Precision of each caller's short list by origin, and the share of all candidates that came true."""
    import pyarrow as pa

    rows = []
    for each in found:
        for calls, outcome in zip(each.test.calls, each.test.outcomes, strict=True):
            for caller in CALLERS:
                short = calls.short[caller]
                rows.append(
                    {
                        "horizon": each.test.horizon,
                        "period": each.population.periods[calls.at],
                        "caller": caller,
                        "precision": float((short * outcome.emergent).sum() / short.sum()),
                        "base_rate": float(outcome.emergent.sum() / calls.candidate.sum()),
                        "called": float(short.sum()),
                    }
                )
    return pa.Table.from_pylist(rows)


def _bins(found: list[Tested]) -> pa.Table:
    """Probabilities given against the share that came true, for the model and the baseline."""
    import pyarrow as pa

    rows = []
    for each in found:
        here = np.array([calls.candidate for calls in each.test.calls])
        truth = np.array([outcome.emergent for outcome in each.test.outcomes])[here]
        for caller in ("model", method.BASELINE):
            chance = np.array([calls.chances[caller] for calls in each.test.calls])[here]
            rows += [
                {
                    "horizon": each.test.horizon,
                    "caller": caller,
                    "chance": one.chance,
                    "came": one.came,
                    "called": one.count,
                }
                for one in method.reliability(chance, truth, BOUNDS)
                if one.count >= SMALLEST
            ]
    return pa.Table.from_pylist(rows)


def _calls(found: Tested) -> pa.Table:
    """The calls of the default caller, origin by origin, and what came of each."""
    import pyarrow as pa

    people, caller = found.population, found.card.default
    rows = []
    for calls, outcome in zip(found.test.calls, found.test.outcomes, strict=True):
        score = calls.scores[caller]
        at = [int(u) for u in np.flatnonzero(calls.short[caller] > 0)]
        at.sort(key=lambda u: (-score[u], people.field_ids[u], people.region_ids[u] or ""))
        rows += [
            {
                "period": people.periods[calls.at],
                "rank": place,
                "region_id": people.region_ids[u],
                "field_id": people.field_ids[u],
                "became_id": people.became[u],
                "chance": float(calls.chances[caller][u]),
                "growth_after": float(outcome.growth[u]),
                "came_true": bool(outcome.emergent[u]),
            }
            for place, u in enumerate(at, start=1)
        ]
    return pa.Table.from_pylist(rows)
