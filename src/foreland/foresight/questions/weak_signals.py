"""What do few speak of yet, and more every year?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name, within
from foreland.foresight import weak_signals as method
from foreland.foresight.questions.evidence import occurrences_of
from foreland.foresight.questions.series import Series, nothing_counted, read_series
from foreland.foresight.questions.track_record import untested
from foreland.foresight.questions.units import caveats_of, chosen_fields, inputs_of, place_of, scheme_of, seen_from
from foreland.foresight.signals import unrest

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

ORDER = ("weak", "strong", "latent", "well_known", None)
SURE = 0.9
NAMED = 3


@question(
    "foresight.weak_signals",
    zh="哪些是弱信号？",
    en="Which are the weak signals?",
    example={},
    uses=("region", "scheme", "field", "indicator", "period", "source"),
)
def weak_signals(
    ws: Workspace,
    scope: Scope,
    window: Annotated[int, AtLeast(1)] = 3,
    years: Annotated[int, AtLeast(2)] = 12,
    min_count: Annotated[int, AtLeast(0)] = 10,
    time_weight: Annotated[float, Between(0.0, 0.2)] = 0.05,
) -> Finding:
    """Sort fields, terms or topics into weak and strong signals, latent and well-known ones.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. A single year as the period asks for the view from that year.
    window
        Years pooled into one period of the maps.
    years
        How many years to look back.
    min_count
        Units with fewer documents in all these years are left out.
    time_weight
        How much less a period counts than the one after it.
    """
    series = read_series(ws, seen_from(ws, scope))
    chosen_fields(series, scope)
    counts = series.counts if scope.region else series.world
    if not counts.any():
        raise nothing_counted(series.cube)
    spans = _spans(series, window, years)
    if not spans:
        raise DataError(
            "foresight.error.few_periods", window=window, years=years, indicator=series.cube.coverage.indicator_id
        )
    documents, totals = (np.stack([x[a:b].sum(axis=0) for a, b in spans]) for x in (counts, series.totals))
    told = None if scope.region else occurrences_of(ws, series)
    occurrences = None if told is None else np.stack([told[a:b].sum(axis=0) for a, b in spans])
    try:
        found = method.weak_signals(
            documents,
            totals,
            occurrences,
            time_weight=time_weight,
            least=float(min_count),
            unrest=unrest(counts[spans[0][0] :], series.totals[spans[0][0] :]) / window,
        )
    except ValueError as error:
        raise DataError(
            "foresight.error.few_periods", window=window, years=years, indicator=series.cube.coverage.indicator_id
        ) from error
    rows = _rows(series, found, documents, (window, time_weight))
    if not rows:
        raise DataError("foresight.error.all_small", minimum=min_count, indicator=series.cube.coverage.indicator_id)
    shown = series.cube.scope.replace(region=scope.region, field=scope.field, language=scope.language)
    first, last = series.periods[spans[0][0]], series.periods[-1]
    left = len(series.units) - len(rows)
    return answer(
        ws,
        "foresight.weak_signals",
        shown,
        rows,
        headline=_headline(ws, shown, rows, first, last),
        benchmark=both("foresight.weak_signals.benchmark", count=len(rows), scheme=scheme_of(series)),
        inputs=inputs_of(series, scope),
        steps=[
            Step("foresight.step.spans", {"window": window, "first": first, "last": last, "spans": len(spans)}),
            Step("foresight.step.degree", {"time_weight": f"{time_weight:g}"}),
            Step("foresight.step.quadrants"),
            Step("foresight.step.ends_sure"),
            *([Step("foresight.step.two_maps")] if found.emergence else []),
        ],
        caveats=[
            untested(),
            Caveat("foresight.caveat.medians_decide", "note"),
            *([Caveat("foresight.caveat.left_small", "note", {"count": left, "minimum": min_count})] if left else []),
            *caveats_of(series, counts),
            *series.caveats,
        ],
        parameters={"window": window, "years": years, "min_count": min_count, "time_weight": time_weight},
    )


def _spans(series: Series, window: int, years: int) -> list[tuple[int, int]]:
    """Rows of each period of the maps, counted back from the last year; those without any document are left out."""
    last = len(series.periods)
    number = min(years, last) // window
    spans = [(last - (k + 1) * window, last - k * window) for k in reversed(range(number))]
    return [(a, b) for a, b in spans if series.totals[a:b].sum() > 0]


def _rows(
    series: Series, found: method.WeakSignals, documents: np.ndarray, setting: tuple[int, float]
) -> list[dict[str, Any]]:
    issue, emergence = found.issue, found.emergence
    window, time_weight = setting

    def growth(rate: float) -> float:
        return float(method.without_weights(np.asarray(rate), len(documents), time_weight))

    rows: list[dict[str, Any]] = []
    for u, unit in enumerate(series.units):
        if not np.isfinite(issue.rate[u]):
            continue
        code = int(found.quadrant[u])
        row: dict[str, Any] = {
            "field_id": unit,
            "quadrant": method.QUADRANTS[code] if code >= 0 else None,
            "probability": float(found.probability[u]) if code >= 0 else None,
            "documents_a_year": float(issue.level[u]) / window,
            "diffusion_growth": growth(issue.rate[u]),
            "diffusion_low": growth(issue.low[u]),
            "diffusion_high": growth(issue.high[u]),
            "count": float(documents[-1, u]),
        }
        if emergence is not None:
            row["occurrences_a_year"] = float(emergence.level[u]) / window
            row["visibility_growth"] = growth(emergence.rate[u])
        rows.append(row)
    place = {code: k for k, code in enumerate(ORDER)}
    # By the lower bound: what few documents say must not lead.
    rows.sort(key=lambda row: (place[row["quadrant"]], -row["diffusion_low"], row["field_id"]))
    return [{"rank": k, **row} for k, row in enumerate(rows, start=1)]


def _headline(ws: Workspace, scope: Scope, rows: list[dict[str, Any]], first: str, last: str) -> Text:
    about: dict[str, Any] = {
        "place": place_of(ws, scope),
        "indicator": within(ws, scope.indicator),
        "first": first,
        "last": last,
        "of": len(rows),
    }
    own = next((row for row in rows if row["field_id"] in scope.field), None)
    if own is not None:
        kind = own["quadrant"] or "open"
        called = both(f"foresight.value.{kind}")
        return both("foresight.weak_signals.headline.field", field=name(ws, own["field_id"]), kind=called, **about)
    weak = [row for row in rows if row["quadrant"] == "weak"]
    if not weak:
        return both("foresight.weak_signals.headline.none", **about)
    sure = sum(row["probability"] >= SURE for row in weak)
    leading = listed(ws, [row["field_id"] for row in weak[:NAMED]])
    return both("foresight.weak_signals.headline.all", weak=len(weak), sure=sure, leading=leading, **about)
