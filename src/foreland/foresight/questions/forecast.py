"""What will grow fast next, and how sure is that?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name, said
from foreland.data.coverage import level_of
from foreland.foresight.back_testing import Calls, Rules, call_now, last_growth, share
from foreland.foresight.questions.population import Population
from foreland.foresight.questions.scorecard import steps_of
from foreland.foresight.questions.track_record import Tested, back_tested, caveats_of, inputs_of, told
from foreland.foresight.questions.units import chosen_fields

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

DRAWN = 6
"""Units whose course is drawn."""


@question(
    "foresight.forecast",
    zh="接下来什么会快速增长，把握有多大？",
    en="What will grow fast next, and how sure is that?",
    example={},
    uses=("region", "level", "scheme", "field", "indicator", "period", "source"),
)
def forecast(
    ws: Workspace,
    scope: Scope,
    horizon: Annotated[int, Between(2, 8)] = 3,
    top: Annotated[int, AtLeast(1)] = 20,
    min_count: Annotated[int, AtLeast(1)] = 30,
    fast: Annotated[float, Between(0.0, 0.5)] = 0.08,
    units: Literal["auto", "places", "fields"] = "auto",
) -> Finding:
    """Call what will grow fast, by whoever called best so far, with a probability learnt from what came of such calls.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; places and fields in focus choose among the calls. A single year as the
        period asks for the calls of that year.
    horizon
        Years ahead.
    top
        How many units are named.
    min_count
        Units with fewer documents in the last three years are not called.
    fast
        Growth of the share per year that counts as fast.
    units
        As in ``foresight.scorecard``.
    """
    for asked in scope.region:
        level_of(ws, asked)
    rules = Rules(min_count=float(min_count), growth=fast, top=top)
    found = back_tested(ws, scope, rules, horizon, units, area_draws=0)
    if found is None:
        raise DataError("foresight.error.no_back_test", years=rules.history + 2 * horizon)
    people = found.population
    chosen_fields(people.series, scope)
    now = call_now(people.counts, people.totals, horizon, rules, found.views)
    order = [] if now is None else _order(now, found, scope)
    if now is None or not order:
        raise DataError("foresight.error.no_candidates", minimum=min_count, period=people.periods[-1])
    rows = _rows(now, found, order[:top])
    tied = _tied(now.chances[found.card.default][order])
    cube = people.series.cube
    return answer(
        ws,
        "foresight.forecast",
        cube.scope.replace(region=scope.region if people.by_place else (), field=scope.field, language=scope.language),
        rows,
        headline=_headline(ws, found, now, rows, tied),
        benchmark=both(
            "foresight.forecast.benchmark",
            base=f"{now.base_rate:.0%}",
            first=people.periods[found.views[0].at],
            last=people.periods[now.at - horizon],
        ),
        inputs=inputs_of(people),
        steps=[*steps_of(people, rules), Step("foresight.step.calls_now", {"year": people.periods[now.at]})],
        caveats=[
            told(found, found.card.default).caveat,
            *_ties(found, rows[0]["chance"], tied),
            *caveats_of(people, found.card.origins, horizon),
        ],
        parameters={"horizon": horizon, "top": top, "min_count": min_count, "fast": fast, "units": units},
        tables={"courses": _courses(people, order[:DRAWN]), "calls": _calls(found, order[:top])},
    )


def _order(now: Calls, found: Tested, scope: Scope) -> list[int]:
    """The candidates in focus from the one that ranks highest with the default caller."""
    people, score = found.population, now.scores[found.card.default]
    kept = [
        int(u)
        for u in np.flatnonzero(now.candidate)
        if (not scope.region or not people.by_place or people.region_ids[u] in scope.region)
        and (not scope.field or people.field_ids[u] in scope.field)
    ]
    return sorted(kept, key=lambda u: (-score[u], people.field_ids[u], people.region_ids[u] or ""))


def _rows(now: Calls, found: Tested, order: list[int]) -> list[dict[str, Any]]:
    people, caller = found.population, found.card.default
    window = people.counts[-found.rules.window :].sum(axis=0)
    grown = np.expm1(last_growth(people.counts, people.totals, found.rules.window))
    called, came = _before(found)
    rows = []
    for place, u in enumerate(order, start=1):
        row: dict[str, Any] = {"rank": place}
        if people.by_place:
            row["region_id"] = people.region_ids[u]
        rows.append(
            {
                **row,
                "field_id": people.field_ids[u],
                "chance": float(now.chances[caller][u]),
                "base_rate": now.base_rate,
                "model_chance": float(now.chances["model"][u]),
                "share_growth": float(grown[u]),
                "count": float(window[u]),
                "called_before": float(called[u]),
                "came_before": float(came[u]),
            }
        )
    return rows


def _before(found: Tested) -> tuple[np.ndarray, np.ndarray]:
    """How often each unit and its kin were on the short list, and how often that came true, (U,) each."""
    caller, kin = found.card.default, found.population.kin
    listed = np.array([calls.short[caller] > 0 for calls in found.test.calls])
    truth = np.array([outcome.emergent for outcome in found.test.outcomes])
    called, came = (np.bincount(kin, x.sum(axis=0)) for x in (listed, listed & truth))
    return called[kin], came[kin]


def _tied(chances: np.ndarray) -> int:
    """How many of the candidates, in order, share the probability of the first."""
    others = np.flatnonzero(~np.isclose(chances, chances[0], rtol=1e-9, atol=1e-12))
    return int(others[0]) if len(others) else len(chances)


def _ties(found: Tested, chance: float, tied: int) -> list[Caveat]:
    if tied < 2:
        return []
    caller = both(f"foresight.value.{found.card.default}")
    values = {"count": tied, "chance": f"{chance:.1%}", "caller": caller}
    return [Caveat("foresight.caveat.same_chance", "note", values)]


def _headline(ws: Workspace, found: Tested, now: Calls, rows: list[dict[str, Any]], tied: int) -> Text:
    own, first = found.card.scores[found.card.default]["precision"], rows[0]
    unit = said(ws, first["field_id"])
    if "region_id" in first:
        unit = both("foresight.forecast.unit", place=name(ws, first["region_id"]), field=unit)
    better = own.low > found.card.base_rate
    return both(
        f"foresight.forecast.headline.{'better' if better else 'chance'}{'_tied' if tied > 1 else ''}",
        tied=tied,
        caller=both(f"foresight.value.{found.card.default}"),
        unit=unit,
        year=found.population.periods[now.at],
        horizon=now.horizon,
        chance=f"{first['chance']:.0%}",
        base=f"{now.base_rate:.0%}",
        share=f"{own.value:.0%}",
        low=f"{own.low:.0%}",
        high=f"{own.high:.0%}",
        tested=f"{found.card.base_rate:.0%}",
    )


def _courses(people: Population, order: list[int]) -> pa.Table:
    """Share of all documents by year, three years pooled, of the first units."""
    import pyarrow as pa

    def pooled(x: np.ndarray) -> np.ndarray:
        return np.array([x[max(t - 2, 0) : t + 1].sum(axis=0) for t in range(2, len(x))])

    totals = people.totals[:, order] if people.totals.ndim == 2 else people.totals
    shares = share(pooled(people.counts[:, order]), pooled(totals))
    return pa.Table.from_pylist(
        [
            {
                "period": people.periods[t + 2],
                "region_id": people.region_ids[u],
                "field_id": people.field_ids[u],
                "output_share": float(shares[t, k]),
            }
            for k, u in enumerate(order)
            for t in range(len(shares))
        ]
    )


def _calls(found: Tested, order: list[int]) -> pa.Table:
    """Earlier calls of the units called now, and what came of them."""
    import pyarrow as pa

    people, caller = found.population, found.card.default
    kin = {u: np.flatnonzero(people.kin == people.kin[u]) for u in order}
    rows = []
    for calls, outcome in zip(found.test.calls, found.test.outcomes, strict=True):
        ranks = np.argsort(np.argsort(-calls.scores[caller][calls.candidate], kind="stable"), kind="stable") + 1
        rank = np.zeros(len(calls.candidate), int)
        rank[calls.candidate] = ranks
        rows += [
            {
                "period": people.periods[calls.at],
                "rank": int(rank[v]),
                "region_id": people.region_ids[u],
                "field_id": people.field_ids[u],
                "chance": float(calls.chances[caller][v]),
                "growth_after": float(outcome.growth[v]),
                "came_true": bool(outcome.emergent[v]),
            }
            for u in order
            # Topics are others at each origin: of those that became this one, that called first.
            for v in sorted(kin[u][calls.short[caller][kin[u]] > 0], key=lambda v: rank[v])[:1]
        ]
    schema = pa.schema(
        [
            ("period", pa.string()),
            ("rank", pa.int64()),
            ("region_id", pa.string()),
            ("field_id", pa.string()),
            ("chance", pa.float64()),
            ("growth_after", pa.float64()),
            ("came_true", pa.bool_()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)
