"""foresight.scorecard: its figures from the packs' files, counted by other code."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.conftest import Tiny

from foreland.core.errors import DataError
from foreland.core.finding import Finding
from foreland.core.scope import Scope
from foreland.data.workspace import Workspace
from foreland.foresight.questions.track_record import population, record

SCOPE = {"scheme": "ncses_env", "indicator": "uspto_patents"}


@pytest.fixture(scope="module")
def finding(packed: Workspace) -> Finding:
    return packed.ask("foresight.scorecard", **SCOPE)


@pytest.fixture(scope="module")
def wide(figures: pd.DataFrame, packed: Workspace) -> pd.DataFrame:
    """Year × (country, field) of the environment patents."""
    region = packed.to_arrow(packed.table("region").select("region_id", "level")).to_pandas()
    countries = set(region.region_id[region.level == "country"])
    rows = figures[
        (figures.scheme == "ncses_env") & (figures.indicator_id == "uspto_patents") & figures.region_id.isin(countries)
    ]
    rows = rows.astype({"region_id": str, "field_id": str, "period": str})
    return rows.pivot_table(index="period", columns=["region_id", "field_id"], values="value").fillna(0.0)


def by_hand(wide: pd.DataFrame, horizon: int) -> tuple[float, float, int]:
    """Precision of vitality's short lists and the share of candidates that came true, a unit at a time."""
    country = wide.T.groupby(level=0).sum().T
    years = list(wide.index)
    hits = calls = true = every = 0.0
    origins = range(5 + horizon, len(years) - horizon)
    for t in origins:
        young: dict[tuple[str, str], float] = {}
        came: dict[tuple[str, str], bool] = {}
        for unit in wide.columns:
            n, total = wide[unit].to_numpy(), country[unit[0]].to_numpy()
            if n[t - 2 : t + 1].sum() < 30:
                continue
            weight = [1 / (t - s + 1) for s in range(t + 1)]
            own, all_ = (np.dot(weight, x[: t + 1]) / x[: t + 1].sum() for x in (n, total))
            young[unit] = round(own / all_, 10)
            x = np.arange(horizon)
            after = slice(t + 1, t + 1 + horizon)
            y = np.log((n[after] + 0.5) / np.maximum(total[after], 1))
            slope = np.polyfit(x, y, 1)[0]
            error = np.sqrt((((x - x.mean()) / ((x - x.mean()) ** 2).sum()) ** 2 / (n[after] + 0.5)).sum())
            came[unit] = slope >= np.log(1.08) and slope > 1.645 * error
        k = min(20, len(young) // 5)
        listed = sorted(young, key=lambda unit: -young[unit])[:k]
        hits, calls = hits + sum(came[unit] for unit in listed), calls + k
        true, every = true + sum(came.values()), every + len(came)
    return hits / calls, true / every, len(origins)


@pytest.mark.parametrize("horizon", [3, 5])
def test_precision_and_base_rate_are_those_counted_by_hand(finding: Finding, wide: pd.DataFrame, horizon: int) -> None:
    precision, base, origins = by_hand(wide, horizon)
    row = next(r for r in finding.rows() if r["caller"] == "vitality" and r["horizon"] == horizon)
    assert row["precision"] == pytest.approx(precision, abs=1e-12)
    assert row["base_rate"] == pytest.approx(base, abs=1e-12)
    assert row["origins"] == origins
    assert row["precision_low"] <= row["precision"] <= row["precision_high"]


def test_every_caller_at_both_horizons_and_one_of_them_makes_the_calls(finding: Finding) -> None:
    rows = finding.rows()
    for horizon in (3, 5):
        own = [row for row in rows if row["horizon"] == horizon]
        assert len(own) == 9
        default = [row["caller"] for row in own if row["makes_calls"]]
        model = next(row for row in own if row["caller"] == "model")
        assert default == (["model"] if model["difference_low"] > 0 else ["vitality"])
        assert [row["precision"] for row in own] == sorted((row["precision"] for row in own), reverse=True)


def test_says_so_where_the_model_does_not_beat_the_baseline(finding: Finding) -> None:
    first = [row for row in finding.rows() if row["horizon"] == 3]
    model, base = (next(r for r in first if r["caller"] == name) for name in ("model", "vitality"))
    assert model["difference_low"] <= 0, "on these figures it does not"
    assert base["precision_low"] <= base["base_rate"], "nor is vitality better than chance"
    assert "does not beat" in finding.headline["en"]
    assert "no better beyond doubt" in finding.headline["en"]
    assert "未胜出" in finding.headline["zh"]


def test_years_are_told_with_their_horizon(finding: Finding) -> None:
    """Of the horizon with the fewest years, the longest, while the headline is of the shortest."""
    origins = {row["horizon"]: row["origins"] for row in finding.rows()}
    assert origins[5] < origins[3]
    caveat = next(c for c in finding.caveats if c.code == "years_shared")
    assert caveat.parameters == {"count": origins[5], "horizon": 5}
    assert "within 5 years" in caveat.text("en")
    assert "5 年内" in caveat.text("zh")
    assert "within 3 years" in finding.headline["en"]


def test_calls_are_told_one_by_one(finding: Finding, wide: pd.DataFrame) -> None:
    calls = finding.tables["calls"].to_pylist()
    row = next(r for r in finding.rows() if r["horizon"] == 3 and r["makes_calls"])
    assert np.mean([call["came_true"] for call in calls]) == pytest.approx(row["precision"], abs=0.01)
    assert len(calls) == pytest.approx(row["called"], abs=3)
    for call in calls[:40]:
        t = list(wide.index).index(call["period"])
        assert wide[(call["region_id"], call["field_id"])].iloc[t - 2 : t + 1].sum() >= 30
        assert 0 <= call["chance"] <= 1
    by_origin = [r for r in finding.tables["origins"].to_pylist() if r["caller"] == "vitality" and r["horizon"] == 3]
    weighted = sum(r["precision"] * r["called"] for r in by_origin) / sum(r["called"] for r in by_origin)
    vitality = next(r for r in finding.rows() if r["caller"] == "vitality" and r["horizon"] == 3)
    assert weighted == pytest.approx(vitality["precision"])


def test_later_years_do_not_change_calls_already_made(packed: Workspace, finding: Finding) -> None:
    earlier = packed.ask("foresight.scorecard", **SCOPE, period="1998:2016").tables["origins"].to_pylist()
    later = {(r["horizon"], r["period"], r["caller"]): r for r in finding.tables["origins"].to_pylist()}
    assert earlier
    for row in earlier:
        assert later[row["horizon"], row["period"], row["caller"]] == row


def test_a_year_means_the_score_as_known_then(packed: Workspace) -> None:
    one = packed.ask("foresight.scorecard", **SCOPE, period="2016")
    other = packed.ask("foresight.scorecard", **SCOPE, period="1998:2016")
    assert one.rows() == other.rows()


def test_too_few_years_is_told(packed: Workspace) -> None:
    with pytest.raises(DataError) as error:
        packed.ask("foresight.scorecard", **SCOPE, period="2014:2022")
    assert error.value.key == "foresight.error.no_back_test"


def test_years_that_are_not_complete_are_left_out(tiny: Tiny) -> None:
    rng = np.random.default_rng(0)
    level = {f"t:{u}": rng.uniform(40, 200) * np.exp(rng.normal(0, 0.1) * np.arange(20)) for u in range(12)}
    rows = [
        (place, field, str(2000 + t), float(rng.poisson(value[t] * (0.4 if t == 19 else 1))))
        for place in ("CN", "US", "DE")
        for field, value in level.items()
        for t in range(20)
    ]
    ws = tiny(rows)
    finding = ws.ask("foresight.scorecard")
    assert next(c for c in finding.caveats if c.code == "years_cut").parameters["years"] == "2019"
    assert population(ws, Scope()).periods[-1] == "2018"


def test_many_units_are_scored_as_units_of_the_world(tiny: Tiny) -> None:
    """Terms stand in documents together: their share is that of all documents, not of the sum over terms."""
    rng = np.random.default_rng(1)
    rate = rng.normal(0, 0.1, 120)
    level = rng.uniform(20, 90, 120) * np.exp(rate * np.arange(16)[:, None])
    documents = [2000.0 * 1.05**t for t in range(16)]
    rows: list[tuple[str, str, str, float | None]] = [
        (place, f"terms-x:{u:03d}", str(2000 + t), float(rng.poisson(level[t, u] / 2)))
        for place in ("CN", "US")
        for u in range(120)
        for t in range(16)
    ]
    rows += [(place, "all:total", str(2000 + t), documents[t] / 2) for place in ("CN", "US") for t in range(16)]
    ws = tiny(rows)
    found = population(ws, Scope(scheme="terms-x"))
    assert not found.by_place
    assert found.counts.shape == (16, 120)
    assert np.allclose(found.totals, documents)
    finding = ws.ask("foresight.scorecard", scheme="terms-x")
    assert "region_id" not in finding.table.column_names
    vitality = next(r for r in finding.rows() if r["caller"] == "vitality")
    assert vitality["precision_low"] > vitality["base_rate"], "steady growth can be called"
    own = population(ws, Scope(scheme="terms-x"), "places")
    assert own.totals.shape == own.counts.shape == (16, 240)
    assert np.allclose(own.totals[:, 0], np.array(documents) / 2)


# The track record beside a call ----------------------------------------------------------------


def test_record_tells_the_scorecards_figure(packed: Workspace, finding: Finding) -> None:
    told = record(packed, Scope(**SCOPE), "vitality")
    row = next(r for r in finding.rows() if r["caller"] == "vitality" and r["horizon"] == 3)
    assert told.score is not None
    assert told.score.value == row["precision"]
    assert told.base_rate == row["base_rate"]
    assert told.caveat.code == "no_better_than_chance"
    assert f"{row['precision']:.0%}" in told.text["en"]
    assert told.caveat.text("zh") == told.text["zh"]
    assert record(packed, Scope(**SCOPE, region=("CN",)), "vitality").text == told.text


def test_record_of_articles_is_better_than_chance(packed: Workspace) -> None:
    told = record(packed, Scope(scheme="ncses_se", indicator="articles_fractional"))
    assert told.caveat.code == "track_record"
    assert told.score is not None
    assert told.base_rate is not None
    assert told.score.low > told.base_rate


def test_record_says_where_nothing_was_tested(packed: Workspace) -> None:
    assert record(packed, Scope(scheme="iotf", indicator="key_projects", level="province")).caveat.code == "not_tested"
    assert record(packed, Scope(scheme="ncses_env", period="2016:2022")).score is None


def test_record_tests_what_a_question_ranks_by(packed: Workspace) -> None:
    """A rank of its own, here the number of documents, is as the caller that does the same."""

    def number(counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
        return np.asarray(counts[-3:].sum(axis=0))

    own = record(packed, Scope(**SCOPE), "number", score=number)
    size = record(packed, Scope(**SCOPE), "size")
    assert own.score == size.score
