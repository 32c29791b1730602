"""What burst, when, how strongly, and is it still on?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, Between, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, said, within
from foreland.foresight.bursts import Bursts
from foreland.foresight.bursts import bursts as method
from foreland.foresight.questions.series import Series, read_series
from foreland.foresight.questions.units import caveats_of, chosen_fields, inputs_of, place_of, scheme_of, seen_from
from foreland.foresight.questions.venues import new_venues

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

SPANNED = 2000
"""Most units whose shares by year are kept for the charts."""


@question(
    "foresight.bursts",
    zh="什么曾经爆发，何时，多强，是否仍在持续？",
    en="What burst, when, how strongly, and is it still on?",
    example={"region": "CN"},
    uses=("region", "scheme", "field", "indicator", "period", "source"),
)
def bursts(
    ws: Workspace,
    scope: Scope,
    scaling: Annotated[float, Between(1.1, 5.0)] = 1.5,
    gamma: Annotated[float, Between(0.0, 10.0)] = 1.0,
    levels: Annotated[int, Between(1, 5)] = 2,
    min_count: Annotated[int, AtLeast(0)] = 30,
) -> Finding:
    """Find the years in which a unit took a far larger share of all documents than on the whole.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. A single year as the period asks for the view from that year.
    scaling
        How many times the usual share the first level expects, and each further level of the one below.
    gamma
        How dear it is to go up a level: the higher, the fewer and surer bursts.
    levels
        Levels of bursts within bursts.
    min_count
        Units with fewer documents over all years are left out.
    """
    series = read_series(ws, seen_from(ws, scope))
    counts = series.counts if scope.region else series.world
    chosen_fields(series, scope)
    if (counts > series.totals[:, None] * (1 + 1e-9)).any():
        raise DataError("foresight.error.more_than_all", indicator=series.cube.coverage.indicator_id)
    totals = np.maximum(series.totals, counts.max(axis=1, initial=0.0))
    if not totals.any():
        raise DataError("foresight.error.no_documents", indicator=series.cube.coverage.indicator_id)
    if scaling <= 1:
        raise UsageError("core.error.too_small", name="scaling", value=scaling, minimum=1.1)
    found = method(counts, totals, scaling, gamma, levels)
    enough = counts.sum(axis=0) >= min_count
    if not enough.any():
        raise DataError("foresight.error.all_small", minimum=min_count, indicator=series.cube.coverage.indicator_id)
    rows = _rows(series, scope, counts, totals, found, enough)
    shown = series.cube.scope.replace(region=scope.region, field=scope.field, language=scope.language)
    return answer(
        ws,
        "foresight.bursts",
        shown,
        rows,
        headline=_headline(ws, shown, series, rows, int(enough.sum())),
        benchmark=both(
            "foresight.bursts.benchmark", first=series.periods[0], last=series.periods[-1], scheme=scheme_of(series)
        ),
        inputs=inputs_of(series, scope),
        steps=[
            Step("foresight.step.burst_states", {"scaling": f"{scaling:g}", "levels": levels}),
            Step("foresight.step.burst_path", {"gamma": f"{gamma:g}", "years": len(series.periods)}),
            Step("foresight.step.burst_strength"),
        ],
        caveats=[
            *_caveats(series, counts, rows, int((~enough & (counts.sum(axis=0) > 0)).sum()), min_count),
            *new_venues(ws, series),
        ],
        parameters={"scaling": scaling, "gamma": gamma, "levels": levels, "min_count": min_count},
        tables={"series": _table(series, counts, totals, rows)},
    )


def _rows(
    series: Series, scope: Scope, counts: np.ndarray, totals: np.ndarray, found: Bursts, enough: np.ndarray
) -> list[dict[str, Any]]:
    """Bursts of the units in focus, or of all: those still on first, the strongest of them first."""
    periods = series.periods
    rows: list[dict[str, Any]] = []
    for k in range(len(found.unit)):
        u, first, last = int(found.unit[k]), int(found.start[k]), int(found.end[k])
        if not enough[u] or (scope.field and series.units[u] not in scope.field):
            continue
        years = slice(first, last + 1)
        share = float(counts[years, u].sum() / totals[years].sum())
        rows.append(
            {
                "field_id": series.units[u],
                "burst_level": int(found.level[k]),
                "from_period": periods[first],
                "to_period": periods[last],
                "running": bool(found.running[k]),
                "strength": float(found.weight[k]),
                "rise": share / float(found.base[u]),
                "output_share": share,
                "usual_share": float(found.base[u]),
                "count": float(counts[years, u].sum()),
            }
        )
    rows.sort(
        key=lambda row: (
            not row["running"], -round(row["strength"], 9), row["field_id"], row["burst_level"], row["from_period"]
        )
    )  # fmt: skip
    return [{"rank": place, **row} for place, row in enumerate(rows, start=1)]


def _headline(ws: Workspace, scope: Scope, series: Series, rows: list[dict[str, Any]], of: int) -> Text:
    about: dict[str, Any] = {
        "place": place_of(ws, scope),
        "indicator": within(ws, scope.indicator),
        "first": series.periods[0],
        "last": series.periods[-1],
        "of": of,
    }
    outer = [row for row in rows if row["burst_level"] == 1]
    if len(scope.field) == 1:
        about["field"] = said(ws, scope.field[0])
    if not outer:
        return both(f"foresight.bursts.headline.{'field_none' if len(scope.field) == 1 else 'none'}", **about)
    top = outer[0]
    about |= {
        "top": said(ws, top["field_id"]),
        "since": top["from_period"],
        "until": top["to_period"],
        "rise": f"{top['rise']:.1f}",
        "units": len({row["field_id"] for row in outer}),
        "running": len({row["field_id"] for row in outer if row["running"]}),
    }
    on = "running" if top["running"] else "over"
    return both(f"foresight.bursts.headline.{'field_' if len(scope.field) == 1 else ''}{on}", **about)


def _caveats(
    series: Series, counts: np.ndarray, rows: list[dict[str, Any]], small: int, min_count: int
) -> list[Caveat]:
    running = len({row["field_id"] for row in rows if row["running"]})
    early = len({row["field_id"] for row in rows if row["from_period"] == series.periods[0]})
    own = [
        *([Caveat("foresight.caveat.burst_running", "warning", {"count": running})] if running else []),
        *([Caveat("foresight.caveat.burst_from_start", "warning", {"count": early})] if early else []),
        Caveat("foresight.caveat.burst_size", "note"),
        *([Caveat("foresight.caveat.left_small", "note", {"count": small, "minimum": min_count})] if small else []),
    ]
    return [*own, *caveats_of(series, counts), *series.caveats]


def _table(series: Series, counts: np.ndarray, totals: np.ndarray, rows: list[dict[str, Any]]) -> pa.Table:
    """Shares of all documents by unit that burst, and year."""
    import pyarrow as pa

    wanted = dict.fromkeys(row["field_id"] for row in rows)
    units = [series.units.index(field) for field in list(wanted)[:SPANNED]]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts[:, units] / np.where(totals > 0, totals, np.nan)[:, None]
    return pa.table(
        {
            "period": np.repeat(list(series.periods), len(units)) if units else pa.array([], pa.string()),
            "field_id": pa.array([series.units[u] for u in units] * len(series.periods), pa.string()),
            "output_share": shares.ravel(),
            "count": counts[:, units].ravel(),
        }
    )
