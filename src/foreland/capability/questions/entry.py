"""Which fields did a place enter and leave, and how well can that be foretold?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.capability import entry as method
from foreland.capability.questions.view import View, pool, quotients, view
from foreland.capability.relatedness import density, proximity
from foreland.capability.specialisation import Floats
from foreland.capability.specialisation import presence as present_where
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

CANDIDATE_BELOW = 0.5
"""A field counts as entered only from a quotient below this, so that wavering around 1 is no entry."""


@question(
    "capability.entry",
    zh="这个地区新进入、退出了哪些领域？",
    en="Which fields did this place enter and leave?",
    example={"region": "CN", "scheme": "wipo35", "indicator": "patent_families"},
    needs=("region",),
)
def entry(
    ws: Workspace,
    scope: Scope,
    horizon: Annotated[int, AtLeast(1)] = 5,
    window: Annotated[int, AtLeast(1)] = 3,
    min_count: Annotated[int, AtLeast(0)] = 5,
) -> Finding:
    """Entries and exits of a place over the horizon, for every pair of periods so far apart.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; needs a region.
    horizon
        Periods from start to end.
    window
        Periods pooled at either end.
    min_count
        Smallest value that counts as having a field.

    Notes
    -----
    Entry: the quotient rises from below 0.5 to 1 and more; exit: it falls from 1 and more to below 0.5
    (Neffke, Henning & Boschma 2011, with a margin against wavering). Each change is listed once, at the last
    start from which it is seen.
    """
    if not scope.focus:
        raise UsageError("core.error.needs_region", question="capability.entry")
    found = view(ws, scope, window=window, min_count=min_count, panel=True)
    lq, X, ends = _panel(found)
    r = found.cube.region_index(scope.focus)
    here = present_where(lq, X, 1.0, min_count)
    if len(ends) <= horizon:
        raise DataError("capability.error.panel_too_short", periods=len(found.cube.periods), needed=horizon + window)
    entered = here[horizon:, r] & (np.nan_to_num(lq[:-horizon, r]) < CANDIDATE_BELOW)
    left = here[:-horizon, r] & (np.nan_to_num(lq[horizon:, r]) < CANDIDATE_BELOW)
    rows: list[dict[str, Any]] = []
    for event, happened in (("entry", entered), ("exit", left)):
        for f in np.flatnonzero(happened.any(axis=0)).tolist():
            t = int(np.flatnonzero(happened[:, f])[-1])
            rows.append(
                {
                    "region_id": scope.focus,
                    "field_id": found.cube.fields[f],
                    "event": event,
                    "from_period": ends[t],
                    "to_period": ends[t + horizon],
                    "specialisation_before": float(np.nan_to_num(lq[t, r, f])),
                    "specialisation": float(np.nan_to_num(lq[t + horizon, r, f])),
                    "value": float(X[t + horizon, r, f]),
                    "holds": bool(here[-1, r, f] if event == "entry" else not here[-1, r, f]),
                }
            )
    rows.sort(key=lambda row: (row["event"], row["to_period"], row["field_id"]))
    entries = sum(row["event"] == "entry" for row in rows)
    table = rows or _empty()
    return answer(
        ws,
        "capability.entry",
        found.scope,
        table,
        headline=both(
            "capability.entry.headline",
            place=name(ws, scope.focus),
            entries=entries,
            exits=len(rows) - entries,
            first=ends[0],
            last=ends[-1],
        ),
        benchmark=found.benchmark_text(ws),
        inputs=found.cube.inputs,
        steps=[*found.steps(), Step("capability.step.events", {"horizon": horizon, "window": window})],
        caveats=[*found.small(found.X[r], min_count), *found.cube.caveats],
        parameters={"horizon": horizon, "window": window, "min_count": min_count},
    )


@question(
    "capability.entry_model",
    zh="用相近性预测新领域，准不准？",
    en="How well does relatedness foretell which fields places enter?",
    example={"region": "CN", "scheme": "wipo35", "indicator": "patent_families"},
)
def entry_model(
    ws: Workspace,
    scope: Scope,
    horizon: Annotated[int, AtLeast(1)] = 5,
    window: Annotated[int, AtLeast(1)] = 3,
    min_count: Annotated[int, AtLeast(0)] = 5,
    top: Annotated[int, AtLeast(1)] = 20,
) -> Finding:
    """An entry model judged out of time against two plain rules; with a region, what it expects there.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    horizon
        Periods from start to entry; the model learns up to t and is tested on t to t + horizon.
    window
        Periods pooled.
    min_count
        Smallest value that counts as having a field.
    top
        The k of precision at k.
    """
    found = view(ws, scope, window=window, min_count=min_count, panel=True)
    lq, X, ends = _panel(found)
    here = present_where(lq, X, 1.0, min_count)
    omega = np.stack([density(M, proximity(M)) for M in here.astype(float)])
    size = np.nansum(X, axis=2, keepdims=True)
    panel = method.EntryPanel(
        present=here,
        features={
            "density": omega,
            "specialisation": np.log1p(np.nan_to_num(lq)),
            "place_size": np.log1p(size),
            "field_size": np.log1p(np.nansum(X, axis=1, keepdims=True)),
            "diversity": here.sum(axis=2, keepdims=True).astype(float),
            "ubiquity": here.sum(axis=1, keepdims=True).astype(float),
        },
        size=X,
        candidate=np.nan_to_num(lq) < CANDIDATE_BELOW,
    )
    settings = method.EntrySettings(horizon=horizon, top=(top,))
    try:
        judged = method.judge_entry_model(panel, settings)
    except method.EntryError as error:
        known: dict[str, Any] = {"periods": len(ends), "needed": 2 * horizon + 1, "sample": "", **error.counts}
        raise DataError(f"capability.error.{error.code}", **known) from error
    rows: list[dict[str, Any]] = []
    for score, result in judged.comparison.scores.items():
        gain = judged.comparison.gains.get(score)
        rows.append(
            {
                "score_of": score,
                "roc_auc": result.roc_auc.value,
                "roc_auc_lower": result.roc_auc.lower,
                "roc_auc_upper": result.roc_auc.upper,
                "average_precision": result.average_precision.value,
                "average_precision_lower": result.average_precision.lower,
                "average_precision_upper": result.average_precision.upper,
                "precision_at": result.precision_at[top].value,
                "base_rate": judged.base_rate,
                "gain": gain.roc_auc.value if gain else None,
            }
        )
    best = max(rows, key=lambda row: (row["roc_auc"], row["score_of"] == "model"))
    model_wins = best["score_of"] == "model"
    tables = {}
    if scope.focus:
        tables["forecast"] = _forecast(found, panel, settings, found.cube.region_index(scope.focus))
    caveats = [Caveat("capability.caveat.past_is_no_promise", "note"), *found.cube.caveats]
    if not model_wins:
        caveats.insert(0, Caveat("capability.caveat.baseline_wins", "serious"))
    if judged.test_entries < 30:
        caveats.append(Caveat("capability.caveat.few_entries", "warning", {"count": judged.test_entries}))
    return answer(
        ws,
        "capability.entry_model",
        found.scope,
        rows,
        headline=both(
            "capability.entry_model.headline" if model_wins else "capability.entry_model.headline.baseline",
            auc=f"{rows[0]['roc_auc']:.2f}",
            low=f"{rows[0]['roc_auc_lower']:.2f}",
            high=f"{rows[0]['roc_auc_upper']:.2f}",
            other=f"{max(row['roc_auc'] for row in rows[1:]):.2f}",
            entries=judged.test_entries,
            cells=judged.test_cells,
        ),
        benchmark=both("capability.entry_model.benchmark"),
        inputs=found.cube.inputs,
        steps=[
            *found.steps(),
            Step("capability.step.events", {"horizon": horizon, "window": window}),
            Step(
                "capability.step.entry_model",
                {
                    "train": ends[judged.train_starts[-1] + horizon],
                    "test": ends[judged.test_start],
                    "end": ends[judged.test_start + horizon],
                },
            ),
        ],
        caveats=caveats,
        parameters={"horizon": horizon, "window": window, "min_count": min_count, "top": top},
        tables=tables,
    ).offering(*(() if tables else ("dots",)))


def _panel(found: View) -> tuple[Floats, Floats, list[str]]:
    """Quotients and values of every full window, shape (T, R, F), and the last period of each."""
    cube, window = found.cube, found.window
    ends = range(window, len(cube.periods) + 1)
    X = np.stack([pool(cube.values[end - window : end], cube.coverage.kind) for end in ends])
    lq = np.stack([quotients(cube, X[i], slice(end - window, end)) for i, end in enumerate(ends)])
    return lq, X, [cube.periods[end - 1] for end in ends]


def _forecast(found: View, panel: method.EntryPanel, settings: method.EntrySettings, r: int):  # type: ignore[no-untyped-def]
    import pyarrow as pa

    _, probability = method.forecast_entry(panel, settings)
    order = [f for f in np.argsort(-probability[r], kind="stable") if np.isfinite(probability[r, f])]
    return pa.table(
        {
            "field_id": pa.array([found.cube.fields[f] for f in order], pa.string()),
            "probability": pa.array([float(probability[r, f]) for f in order], pa.float64()),
            "specialisation": pa.array([float(found.lq[r, f]) for f in order], pa.float64()),
        }
    )


def _empty():  # type: ignore[no-untyped-def]
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    return pa.schema(
        [
            ("region_id", text),
            ("field_id", text),
            ("event", text),
            ("from_period", text),
            ("to_period", text),
            ("specialisation_before", number),
            ("specialisation", number),
            ("value", number),
            ("holds", pa.bool_()),
        ]
    ).empty_table()
