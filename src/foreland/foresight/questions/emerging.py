"""What is emerging?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, said, span, within
from foreland.foresight.ladder import moving_sum
from foreland.foresight.questions.evidence import evidence_of
from foreland.foresight.questions.series import Series, read_series
from foreland.foresight.questions.signal_weights import SignalWeights, track_record
from foreland.foresight.questions.units import caveats_of, chosen_fields, inputs_of, place_of, scheme_of, seen_from
from foreland.foresight.questions.venues import new_venues
from foreland.foresight.scoring import Score, score
from foreland.foresight.signals import Signals, signals
from foreland.foresight.timing import ahead

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

FAST = 0.08
"""Growth a year from which Boyack & Klavans (2022) call it exceptional."""
NAMED = 3


@question(
    "foresight.emerging",
    zh="什么正在兴起？",
    en="What is emerging?",
    example={"region": "CN"},
    uses=("region", "scheme", "field", "indicator", "period", "source"),
)
def emerging(
    ws: Workspace,
    scope: Scope,
    window: Annotated[int, AtLeast(1)] = 3,
    min_count: Annotated[int, AtLeast(0)] = 30,
    cautious: bool = False,
    weights: SignalWeights = SignalWeights(),
) -> Finding:
    """Rank fields, terms or topics by signals of emergence, as they stood at the end of the period.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. A single year as the period asks for the view from that year.
    window
        Years summed; growth compares the last window with the one before.
    min_count
        Units with fewer documents in the last window get no score, unless all have fewer.
    cautious
        Whether signals count with the lower bound of their interval.
    weights
        How much each signal counts in the score.
    """
    wanted = weights.by_signal()
    series = read_series(ws, seen_from(ws, scope))
    counts = series.counts if scope.region else series.world
    chosen_fields(series, scope)
    evidence, more = evidence_of(ws, series, scope, window)
    at = len(series.periods) - 1
    found = signals(counts, series.totals, at=at, window=window, evidence=evidence)
    try:
        scored = score(found, wanted, among=_enough(found, min_count), sure=cautious)
    except ValueError as error:
        raise DataError(
            "foresight.error.no_signal",
            window=window,
            years=len(series.periods),
            indicator=series.cube.coverage.indicator_id,
        ) from error
    rows = _rows(series, scope, found, scored, window)
    if not rows:
        raise DataError("foresight.error.no_documents", indicator=series.cube.coverage.indicator_id)
    shown = series.cube.scope.replace(region=scope.region, field=scope.field, language=scope.language)
    return answer(
        ws,
        "foresight.emerging",
        shown,
        rows,
        headline=_headline(ws, shown, series, rows, window),
        benchmark=both("foresight.emerging.benchmark", count=len(rows), scheme=scheme_of(series)),
        inputs=[*inputs_of(series, scope), *more],
        steps=_steps(series, window, scored, bool(scope.region)),
        caveats=[
            track_record(ws, scope, weights, window, cautious),
            *caveats_of(series, counts),
            *_small(rows, min_count),
            *new_venues(ws, series, window),
            *series.caveats,
        ],
        parameters={"window": window, "min_count": min_count, "cautious": cautious, **vars(weights)},
        tables={
            "series": _table(
                series,
                counts,
                window,
                [row["field_id"] for row in rows if row["rank"] or row["field_id"] in scope.field],
            )
        },
    ).offering(*_charts(rows))


def _charts(rows: list[dict[str, Any]]) -> list[str]:
    """The charts there is something to draw on: growth needs years enough, the world no world beside it."""
    known = {name for row in rows for name in ("excess", "world_excess") if row.get(name) is not None}
    needs = {"plane": "excess", "parts": "", "courses": "excess", "against_world": "world_excess"}
    return [name for name, column in needs.items() if not column or column in known]


def _enough(found: Signals, min_count: int) -> np.ndarray | None:
    """Units with documents enough to be ranked; None where that would leave fewer than two."""
    enough = found.count >= min_count
    return enough if enough.sum() > 1 else None


def _small(rows: list[dict[str, Any]], min_count: int) -> list[Caveat]:
    few = sum(row["count"] < min_count for row in rows)
    if not few:
        return []
    if any(row["rank"] is None for row in rows):
        return [Caveat("foresight.caveat.not_ranked", "note", {"count": few, "minimum": min_count})]
    return [Caveat("foresight.caveat.small_counts", "serious", {"count": few, "minimum": min_count})]


def _rows(series: Series, scope: Scope, found: Signals, scored: Score, window: int) -> list[dict[str, Any]]:
    """Units with their signals, the most emergent first; columns nothing is known of are left out."""
    columns: dict[str, np.ndarray] = {
        "score": scored.total,
        "growth": found.growth_own,
        "excess": found.growth,
        "excess_low": found.growth_low,
        "excess_high": found.growth_high,
        "vitality": found.vitality,
        "novelty": found.novelty,
        "acceleration": found.acceleration,
        "diffusion": found.diffusion,
        "diffusion_change": np.expm1(found.diffusion_change),
        "breadth": found.breadth,
        "impact": found.impact,
        "top_cited": found.top_cited,
        "coherence": found.coherence,
        "count": found.count,
    }
    if scope.region:
        # Over how many places a field is spread says nothing of one place.
        del columns["diffusion"], columns["diffusion_change"]
        columns |= _against_world(series, window)
    for k, part in enumerate(scored.names):
        columns[f"part_{part}"] = scored.parts[:, k]
    columns = {key: values for key, values in columns.items() if np.isfinite(values).any()}
    calls = called(found)
    ranked = np.isfinite(scored.total)
    order = [u for u in range(len(series.units)) if ranked[u] or found.count[u] > 0]
    # Equal scores: the larger unit is the surer one.
    order.sort(
        key=lambda u: (-round(float(scored.total[u]), 12) if ranked[u] else np.inf, -found.count[u], series.units[u])
    )
    return [
        {
            "rank": place if ranked[u] else None,
            "field_id": series.units[u],
            "course": calls[u],
            **{key: float(values[u]) if np.isfinite(values[u]) else None for key, values in columns.items()},
        }
        for place, u in enumerate(order, start=1)
    ]


def called(found: Signals) -> list[str | None]:
    """What the interval of growth allows to say of each unit."""
    return [
        None
        if not np.isfinite(low)
        else "emerging"
        if low > 0 and own >= FAST
        else "rising"
        if low > 0
        else "falling"
        if high < 0
        else "steady"
        for low, high, own in zip(found.growth_low, found.growth_high, found.growth_own, strict=True)
    ]


def _against_world(series: Series, window: int) -> dict[str, np.ndarray]:
    """The place's share of the world's documents of a unit, the world's growth in it, and how early the place is."""
    world_totals = series.world.sum(axis=1)
    now, world_now = series.counts[-window:].sum(axis=0), series.world[-window:].sum(axis=0)
    start = min(window, len(series.periods)) - 1
    smooth = [
        _ratio(moving_sum(x, window), moving_sum(x.sum(axis=1), window)[:, None])[start:]
        for x in (series.counts, series.world)
    ]
    world = signals(series.world, world_totals, at=len(series.periods) - 1, window=window)
    return {
        "share": _ratio(now, world_now),
        "world_excess": world.growth,
        "years_ahead": ahead(np.nan_to_num(smooth[0]), np.nan_to_num(smooth[1])).years,
    }


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)


def _steps(series: Series, window: int, scored: Score, of_place: bool) -> list[Step]:
    last = series.periods[-1]
    weights: Text = {
        language: ("、" if language == "zh" else ", ").join(
            f"{both(f'foresight.signal.{signal}')[language]} {weight:.2f}"
            for signal, weight in zip(scored.names, scored.weights, strict=True)
        )
        for language in ("en", "zh")
    }
    return [
        Step("foresight.step.known_by", {"first": series.periods[0], "last": last, "window": window}),
        Step("foresight.step.shrunk_growth"),
        Step("foresight.step.vitality"),
        Step("foresight.step.signal_score", {"weights": weights}),
        Step("foresight.step.course", {"fast": f"{FAST:.0%}"}),
        *([Step("foresight.step.years_ahead")] if of_place else []),
    ]


def _headline(ws: Workspace, scope: Scope, series: Series, rows: list[dict[str, Any]], window: int) -> Text:
    periods = series.periods
    first = periods[max(len(periods) - window, 0)]
    about: dict[str, Any] = {
        "place": place_of(ws, scope),
        "indicator": within(ws, scope.indicator),
        "first": first,
        "last": periods[-1],
        "of": sum(row["rank"] is not None for row in rows),
    }
    own = next((row for row in rows if row["field_id"] in scope.field), None)
    row = own or rows[0]
    if row.get("growth") is None:
        return both("foresight.emerging.headline.vital", top=said(ws, row["field_id"]), **about)
    about |= {"top": said(ws, row["field_id"]), "growth": f"{row['growth']:+z.0%}", "excess": f"{row['excess']:+z.0%}"}
    about |= {"before": span(periods[-2 * window], periods[-window - 1]), "now": span(first, periods[-1])}
    if own is not None and own["rank"] is None:
        return both("foresight.emerging.headline.few", count=f"{own['count']:,.0f}", **about)
    if own is not None:
        return both("foresight.emerging.headline.field", rank=own["rank"], **about)
    rising = sum(row["course"] in ("emerging", "rising") for row in rows if row["rank"])
    emerging = [row for row in rows if row["rank"] and row["course"] == "emerging"]
    if not emerging:
        # The first by score is no more than that: its growth may be chance, or that of all documents.
        return both(f"foresight.emerging.headline.{'rising' if rising else 'none'}", rising=rising, **about)
    about |= {"top": said(ws, emerging[0]["field_id"])}
    about |= {key: f"{emerging[0][key]:+z.0%}" for key in ("growth", "excess")}
    leading = listed(ws, [row["field_id"] for row in emerging[:NAMED]])
    return both("foresight.emerging.headline.all", leading=leading, rising=rising, **about)


def _table(series: Series, counts: np.ndarray, window: int, order: list[str]) -> pa.Table:
    """Count and share of all documents by year, of the units at either end of the list."""
    import pyarrow as pa

    kept = order if len(order) <= 160 else order[:110] + order[-50:]
    place = {unit: u for u, unit in enumerate(series.units)}
    at = [place[unit] for unit in kept]
    start = min(window, len(series.periods)) - 1
    smooth = _ratio(moving_sum(counts, window), moving_sum(series.totals, window)[:, None])[start:, at]
    periods = series.periods[start:]
    return pa.table(
        {
            "period": np.repeat(list(periods), len(at)).tolist(),
            "field_id": kept * len(periods),
            "output_share": [None if np.isnan(value) else float(value) for value in smooth.ravel()],
            "count": counts[start:, at].ravel().tolist(),
        }
    )
