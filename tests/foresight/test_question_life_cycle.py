"""Life cycles of units: what was planted is found, refused where it can't be told, and worded."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from foreland.core.errors import DataError, UsageError
from foreland.core.registry import chart_names
from foreland.data.workspace import Workspace
from foreland.foresight.life_cycles import Plan, life_cycles

YEARS = np.arange(2000, 2024)


def logistic(turn: float, rate: float, size: float) -> np.ndarray:
    edges = np.r_[YEARS, YEARS[-1] + 1] - 0.5
    return np.round(size * np.diff(1 / (1 + np.exp(-rate * (edges - turn)))))


def rows_of(units: dict[str, np.ndarray]) -> list[tuple[str, str, str, float]]:
    return [
        ("CN", f"own:{u}", str(y), float(v)) for u, values in units.items() for y, v in zip(YEARS, values, strict=True)
    ]


UNITS = {
    "done": logistic(2008, 0.6, 30_000),
    "past": logistic(2016, 0.25, 30_000),
    "early": logistic(2040, 0.2, 100_000),
    "born": np.r_[np.zeros(10), np.round(4 * np.exp(0.35 * np.arange(14)))],
    "flat": np.full(24, 300.0),
    "few": np.r_[np.zeros(20), [20.0, 30.0, 40.0, 50.0]],
    "nil": np.zeros(24),
}


@pytest.fixture
def made(tiny) -> Workspace:
    return tiny(rows_of(UNITS))


def test_phases_and_ceilings_that_were_planted(made: Workspace):
    finding = made.ask("foresight.life_cycle", region="CN")
    rows = {row["field_id"].removeprefix("own:"): row for row in finding.rows()}
    assert {u: row["phase"] for u, row in rows.items()} == {
        "done": "saturated",
        "past": "maturing",
        "early": "growing",
        "born": "emerging",
        "flat": "no_trend",
    }
    assert rows["past"]["inflection"] == "2016"
    # Of 30,000 what comes from 2000 on.
    since = 30_000 / (1 + np.exp(0.25 * (1999.5 - 2016)))
    assert rows["past"]["ceiling_low"] <= since <= rows["past"]["ceiling_high"]
    assert rows["past"]["reached"] == pytest.approx(UNITS["past"].sum() / rows["past"]["ceiling"])
    assert rows["done"]["nine_tenths"] == "2012"
    for unit in ("early", "born", "flat"):
        assert {rows[unit][c] for c in ("ceiling", "ceiling_low", "ceiling_high", "inflection", "reached")} == {None}
    assert rows["early"]["doubling"] == pytest.approx(np.log(2) / 0.2, rel=0.1)
    assert rows["born"]["growth"] == pytest.approx(np.expm1(0.35), rel=0.1)
    growth = [row["growth"] for row in finding.rows()]
    assert growth == sorted(growth, reverse=True)
    assert [int(n) for n in "".join(c if c.isdigit() else " " for c in finding.headline["en"]).split()][:4] == [
        2, 5, 2023, 2,
    ]  # fmt: skip
    codes = {c.code for c in finding.caveats}
    assert {"no_ceiling", "fan_kept", "curve_continues"} <= codes
    assert finding.charts == ("phases", "curves")
    json.dumps(finding.to_dict("en"), allow_nan=False)
    assert all("{" not in finding.explain(language) for language in ("en", "zh"))


@pytest.mark.parametrize("unit", ["done", "past", "early", "flat"])
def test_one_unit_year_by_year(made: Workspace, unit: str):
    finding = made.ask("foresight.life_cycle", region="CN", field=f"own:{unit}", ahead=7)
    rows = finding.rows()
    assert [row["period"] for row in rows] == [str(y) for y in range(2000, 2031)]
    assert [row["count"] for row in rows[:24]] == UNITS[unit].tolist()
    assert [row["running_total"] for row in rows[:24]] == UNITS[unit].cumsum().tolist()
    assert rows[23]["expected_low"] is None
    for row in rows[24:]:
        assert row["count"] is None
        assert row["expected_low"] <= row["expected"] <= row["expected_high"]
        assert row["running_low"] <= row["running_total"] <= row["running_high"]
    told = unit in ("done", "past")
    assert ("ceiling can be told" not in finding.headline["en"]) == told
    assert ("上限" not in finding.headline["zh"]) == told
    assert finding.charts == ("curve", "yearly")
    for name in finding.charts:
        for language in ("en", "zh"):
            assert finding.chart(name, language).to_dict()
    assert "{" not in finding.explain("zh")
    json.dumps(finding.to_dict("zh"), allow_nan=False)


def test_too_little_is_refused(made: Workspace):
    for unit in ("few", "nil"):
        with pytest.raises(DataError) as caught:
            made.ask("foresight.life_cycle", region="CN", field=f"own:{unit}")
        assert caught.value.key == "foresight.error.too_little_to_fit"
        assert caught.value.cure("zh")
    with pytest.raises(DataError):
        made.ask("foresight.life_cycle", region="CN", period="2018:2023")


def test_years_left_out_and_gaps(tiny):
    ws = tiny([row for row in rows_of({"past": UNITS["past"], "flat": UNITS["flat"]}) if row[2] != "2003"])
    finding = ws.ask("foresight.life_cycle", region="CN", field="own:past", leave_out=2)
    assert finding.rows()[0]["period"] == "2004"
    assert sum(row["count"] is not None for row in finding.rows()) == 18


def test_a_year_not_complete_ends_no_rise(tiny):
    """Half of the last year is not in the data yet; fitted, it would be the peak that is past."""
    units = {"up": np.round(400 * np.exp(0.1 * np.arange(24))), "flat": np.full(24, 300.0)}
    whole = tiny(rows_of(units))
    thin = tiny(rows_of({unit: np.append(counts[:-1], counts[-1] // 2) for unit, counts in units.items()}))
    cut = thin.ask("foresight.life_cycle", region="CN")
    assert [row["count"] for row in cut.rows()] == [units[u][:-1].sum() for u in ("up", "flat")]
    assert "in 2022" in cut.headline["en"]
    codes = {caveat.code for caveat in cut.caveats}
    assert "last_year_left" in codes
    assert "last_year_thin" not in codes
    assert "last_year_left" not in {caveat.code for caveat in whole.ask("foresight.life_cycle", region="CN").caveats}


def test_units_that_fall_with_the_whole_are_marked(tiny):
    falling = {unit: logistic(2010, 0.4, size) for unit, size in (("one", 30_000), ("two", 20_000))}
    caveats = {c.code: c for c in tiny(rows_of(falling)).ask("foresight.life_cycle", region="CN").caveats}
    total = sum(falling.values())
    told = caveats["whole_falls"].parameters
    assert told["count"] == 2
    assert told["peak"] == str(2000 + int(total.argmax()))
    assert told["less"] == f"{1 - total[-1] / total.max():.0%}"
    level = {**falling, "large": np.full(24, 50_000.0)}
    assert "whole_falls" not in {c.code for c in tiny(rows_of(level)).ask("foresight.life_cycle", region="CN").caveats}


def test_the_packs_as_the_method_has_them(packed: Workspace, figures: pd.DataFrame):
    finding = packed.ask("foresight.life_cycle", region="JP", indicator="patent_families")
    own = figures[(figures.indicator_id == "patent_families") & (figures.region_id == "JP")]
    own = own[(own.source_id == "ncses-patents") & (own.scheme == "wipo35")]
    wide = own.pivot(index="period", columns="field_id", values="value").fillna(0)
    found = life_cycles(wide.to_numpy(), Plan())
    for row in finding.rows():
        u = list(wide.columns).index(row["field_id"])
        assert row["growth"] == pytest.approx(np.expm1(found.growth.value[u]), rel=1e-6)
        assert (row["ceiling"] is None) == bool(np.isnan(found.ceiling.value[u]))
        assert row["count"] == wide[row["field_id"]].sum()
    assert len(finding) == 35


def test_ceilings_told_before_are_held_against_what_came(tiny):
    """A wave that had passed, and then a second one: the ceiling told in between did not hold."""
    waves = logistic(2008, 0.9, 30_000) + logistic(2023, 1.5, 60_000)
    finding = tiny(rows_of({"waves": waves, "done": UNITS["done"]})).ask("foresight.life_cycle", region="CN")
    caveats = {c.code: c for c in finding.caveats}
    assert caveats["ceilings_kept"].parameters == {"origin": "2018", "years": 5, "told": 2, "passed": 1}
    assert caveats["ceilings_kept"].severity == "warning"
    # Of two units and five years the fan held those of the one that was done, and the first of the other's perhaps.
    share = int(caveats["fan_kept"].parameters["share"].rstrip("%"))
    assert 50 <= share < 80
    assert caveats["fan_kept"].severity == "warning"


def test_charts_and_parameters(packed: Workspace):
    assert chart_names("foresight.life_cycle") == ("curve", "yearly", "phases", "curves")
    for name, value in (("ahead", 0), ("interval_level", 100), ("leave_out", 9), ("min_count", 0)):
        with pytest.raises(UsageError):
            packed.ask("foresight.life_cycle", region="CN", **{name: value})
