"""Which directions should come first?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.reads import at_most
from foreland.core.registry import AtLeast, Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.foresight import directions as method
from foreland.foresight.questions.direction_sources import (
    MIDDLE,
    POINTS,
    Attention,
    Experts,
    Output,
    read_attention,
    read_experts,
    read_output,
)

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

WINDOW, AHEAD = 3, 5
CONCENTRATION, DRAWS, SEED = 20.0, 2000, 20260101
LEVEL = 0.9
KEPT = 6
"""Back-tests that are kept for further questions."""
MOST = 0.95
"""Reliability that no back-test over a few years can prove more than."""
UNTESTED = 0.1
"""Reliability of a signal that too few years could test."""
APART = 0.005
"""Priorities that differ by less tell no direction from another: they are written alike."""
SOURCES = ("momentum", "growth", "attention", "experts")


@dataclass(frozen=True)
class Say:
    """How much each source counts: at 1 it is taken at its word, at 0 it is left out."""

    weight_momentum: Annotated[float, Between(0, 2)] = 1.0
    weight_growth: Annotated[float, Between(0, 2)] = 1.0
    weight_attention: Annotated[float, Between(0, 2)] = 1.0
    weight_experts: Annotated[float, Between(0, 2)] = 1.0


@dataclass(frozen=True)
class Trust:
    """How reliable what can't be back-tested is taken to be, and how alike experts err."""

    expert_reliability: Annotated[float, Between(0, 0.95)] = 0.5
    expert_correlation: Annotated[float, Between(0, 1)] = 0.3
    attention_reliability: Annotated[float, Between(0, 0.95)] = 0.2


@question(
    "foresight.directions",
    zh="哪些方向应当优先？",
    en="Which directions should come first?",
    example={"region": "CN"},
    uses=("region", "scheme", "indicator", "period", "source"),
)
def directions(
    ws: Workspace,
    scope: Scope,
    say: Say = Say(),
    trust: Trust = Trust(),
    into: Literal["iotf", "own"] = "iotf",
    survey: str = "",
    top: Annotated[int, AtLeast(1)] = 5,
) -> Finding:
    """Combine signals and experts into a ranking of directions, and show how it hangs on the weights.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; without a place, all of them together.
    say
        Weights of the sources.
    trust
        Reliabilities that are stated, not tested.
    into
        Directions: industries of the future (through a crosswalk where the figures have another scheme), or the
        fields that were counted.
    survey
        Survey whose experts are asked; by default the newest that speaks of any direction.
    top
        How many directions are the first ones.
    """
    weights = np.array([getattr(say, f"weight_{source}") for source in SOURCES])
    if not (weights > 0).any():
        raise UsageError("foresight.error.no_weight")
    output = read_output(ws, scope, into)
    units = output.units
    last = len(output.own) - 1
    if not output.inputs and not (survey or ws.rows("passage")):
        raise DataError("foresight.error.nothing_to_judge_by")
    record = _record(ws, output)
    attention = read_attention(ws, scope, units)
    mentions = attention.mentions
    experts = read_experts(ws, survey, units, trust.expert_reliability, trust.expert_correlation)
    enough = len(output.own) >= 2 * WINDOW
    silent = np.full(len(units), np.nan)
    # The only place there is is the world: its growth must not count twice.
    apart = bool(scope.region) and output.values.shape[1] > len(scope.region)
    momentum = method.shrunk_growth(output.values.sum(axis=1), last, WINDOW) if enough else silent
    growth = method.shrunk_growth(output.own, last, WINDOW) if enough and apart else silent
    estimates = np.array(
        [
            method.standardised(momentum),
            method.standardised(growth),
            method.standardised(np.log1p(mentions)),
            experts.panel.mean if experts else silent,
        ]
    )
    tested = [UNTESTED if np.isnan(each) else min(max(each, 0.0), MOST) for each in (record.momentum, record.growth)]
    reliability = np.array([*tested, trust.attention_reliability])
    variances = np.vstack(
        [
            np.repeat(method.error_variance(reliability)[:, None], len(units), axis=1),
            experts.panel.variance if experts else np.full(len(units), np.inf),
        ]
    )
    belief = method.combine(estimates, variances, weights, level=LEVEL)
    ranks = method.ranking(estimates, variances, weights, concentration=CONCENTRATION, draws=DRAWS, top=top, seed=SEED)
    chance = method.among_first(belief, top, seed=SEED)
    parts = method.parts(estimates, variances, weights)
    index = [_said(MIDDLE + POINTS * each, each) for each in experts.panel.mean] if experts else [None] * len(units)
    rows = [
        {
            "rank": int(ranks.rank[u]),
            "field_id": unit,
            "priority": float(belief.mean[u]),
            "priority_low": float(belief.low[u]),
            "priority_high": float(belief.high[u]),
            "rank_low": int(ranks.low[u]),
            "rank_high": int(ranks.high[u]),
            "top_share": float(ranks.top[u]),
            "top_chance": float(chance[u]),
            "part_momentum": _said(parts[0, u], estimates[0, u]),
            "part_growth": _said(parts[1, u], estimates[1, u]),
            "part_attention": _said(parts[2, u], estimates[2, u]),
            "part_experts": _said(parts[3, u], estimates[3, u]),
            "mentions_of_policy": int(mentions[u]) if np.isfinite(mentions[u]) else None,
            "importance_index": index[u],
            "output": float(output.own[last - WINDOW + 1 :, u].sum()) if output.last else None,
        }
        for u, unit in enumerate(units)
    ]
    rows.sort(key=lambda row: row["rank"])  # type: ignore[arg-type, return-value]
    if np.ptp(belief.mean) < APART:
        rows = [{**row, **dict.fromkeys(("rank", "rank_low", "rank_high", "top_share"))} for row in rows]
    if not any(np.isfinite(each).any() for each in estimates):
        raise DataError("foresight.error.nothing_to_judge_by")
    return answer(
        ws,
        "foresight.directions",
        output.scope,
        rows,
        headline=_headline(ws, scope, rows, top),
        benchmark=both("foresight.directions.benchmark", count=len(rows)),
        inputs=[*output.inputs, *attention.inputs, *(experts.inputs if experts else ())],
        steps=_steps(ws, output, record, trust, attention, experts, weights),
        caveats=_caveats(output, record, attention, experts),
        parameters={**vars(say), **vars(trust), "into": into, "survey": survey, "top": top},
    ).offering(*(() if _weighed(rows) else ("belief",)))


def _record(ws: Workspace, output: Output) -> method.Record:
    """The back-test, kept until the data change."""
    key = ("directions", ws.content_hash, output.scope.replace(region=(), language=None), output.units)
    found: method.Record = ws.cache.remember(
        key, lambda: method.track_record(output.values, window=WINDOW, ahead=AHEAD), fits=at_most(KEPT)
    )
    return found


def _said(value: float, source: float) -> float | None:
    return float(value) if np.isfinite(source) else None


def _headline(ws: Workspace, scope: Scope, rows: list[dict[str, Any]], top: int) -> Text:
    place: Text = name(ws, scope.region[0]) if scope.region else both("foresight.directions.everywhere")
    if rows[0]["rank"] is None:
        return both("foresight.directions.headline.untold", place=place, count=len(rows))
    first, last = rows[0], rows[-1]
    clear = first["priority_low"] > last["priority_high"]
    chance = "below_one" if first["top_chance"] < 0.005 else "clear" if clear else "open"
    held = [row["field_id"] for row in rows if row["top_share"] >= LEVEL]
    values = {
        "place": place,
        "fields": listed(ws, [row["field_id"] for row in rows[:3]]),
        "held": len(held),
        "chance": both(f"foresight.directions.chance.{chance}", chance=f"{first['top_chance']:.0%}"),
        "top": min(top, len(rows)),
    }
    which = ("clear" if clear else "open") + ("" if _weighed(rows) else "_one")
    return both(f"foresight.directions.headline.{which}", **values)


def _weighed(rows: list[dict[str, Any]]) -> bool:
    """Whether other weights would give other ranks; they can't where one signal is all there is."""
    return any(row["rank_low"] != row["rank_high"] for row in rows)


def _steps(
    ws: Workspace,
    output: Output,
    record: method.Record,
    trust: Trust,
    attention: Attention,
    experts: Experts | None,
    weights: np.ndarray,
) -> list[Step]:
    tested = {"ahead": AHEAD, "window": WINDOW, "origins": record.origins, "places": record.places}
    signals = (
        Step("foresight.step.directions_untested", {"reliability": f"{UNTESTED:g}"})
        if np.isnan(record.growth)
        else Step(
            "foresight.step.directions_record",
            {**tested, "momentum": f"{record.momentum:.2f}", "growth": f"{record.growth:.2f}"},
        )
    )
    panel = experts.panel if experts else None
    return [
        *([Step("foresight.step.directions_crosswalk")] if output.crossed else []),
        *(
            [Step("foresight.step.directions_growth", {"window": WINDOW, "last": output.last}), signals]
            if output.last
            else []
        ),
        *(
            [
                Step(
                    "foresight.step.directions_attention",
                    {
                        "reliability": f"{trust.attention_reliability:g}",
                        "first": attention.years[0],
                        "last": attention.years[1],
                    },
                )
            ]
            if attention.years
            else []
        ),
        *(
            [
                Step(
                    "foresight.step.directions_experts",
                    {
                        "title": experts.held.title,
                        "round": experts.held.last.number,
                        "people": int(panel.experts.max()),
                        "worth": f"{panel.effective.max():.1f}",
                        "reliability": f"{trust.expert_reliability:g}",
                        "correlation": f"{trust.expert_correlation:g}",
                        "middle": f"{MIDDLE:g}",
                        "points": f"{POINTS:g}",
                    },
                )
            ]
            if experts and panel
            else []
        ),
        Step("foresight.step.directions_combine", {"weights": " : ".join(f"{each:g}" for each in weights)}),
        Step("foresight.step.directions_sensitivity", {"draws": f"{DRAWS:,}", "concentration": f"{CONCENTRATION:g}"}),
    ]


def _caveats(output: Output, record: method.Record, attention: Attention, experts: Experts | None) -> list[Caveat]:
    known = [each for each in (record.momentum, record.growth) if np.isfinite(each)]
    weak = [Caveat("foresight.caveat.weak_signals", "serious", {"best": f"{max(known):.2f}"})] if known else []
    return [
        *(weak if known and max(known) < 0.3 else []),
        *([Caveat("foresight.caveat.untested_signals", "serious")] if output.last and not known else []),
        Caveat("foresight.caveat.direction_not_return", "warning"),
        *([] if experts else [Caveat("foresight.caveat.no_experts", "note")]),
        *([Caveat("foresight.caveat.consensus_is_not_accuracy", "warning")] if experts else []),
        *(
            [Caveat("foresight.caveat.other_language", "note", {"count": attention.other_language})]
            if attention.other_language
            else []
        ),
        *output.caveats,
    ]
