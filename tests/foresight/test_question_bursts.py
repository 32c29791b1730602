"""Bursts of units, worked out again with pandas from the packs' files, and on made-up figures."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from foreland.core.errors import DataError, UsageError
from foreland.core.registry import chart_names
from foreland.data.workspace import Workspace
from foreland.foresight.bursts import bursts

YEARS = range(2001, 2021)


def rows_of(units: dict[str, list[float]], place: str = "CN") -> list[tuple[str, str, str, float]]:
    return [(place, f"own:{u}", str(y), v) for u, values in units.items() for y, v in zip(YEARS, values, strict=True)]


def test_every_burst_of_the_packs(packed: Workspace, figures: pd.DataFrame):
    finding = packed.ask("foresight.bursts", region="CN", indicator="patent_families", scaling=2.0, levels=1)
    own = figures[(figures.indicator_id == "patent_families") & (figures.region_id == "CN")]
    own = own[own.source_id == "ncses-patents"]
    wide = own[own.scheme == "wipo35"].pivot(index="period", columns="field_id", values="value").fillna(0)
    total = own[own.field_id == "all:total"].set_index("period").value.reindex(wide.index)
    found = bursts(wide.to_numpy(), total.to_numpy(), 2.0)
    expected = {
        (wide.columns[u], wide.index[a], wide.index[b]): w
        for u, a, b, w in zip(found.unit, found.start, found.end, found.weight, strict=True)
    }
    rows = finding.rows()
    assert {(r["field_id"], r["from_period"], r["to_period"]): r["strength"] for r in rows} == pytest.approx(expected)
    for row in rows:
        years = wide.loc[row["from_period"] : row["to_period"]]
        share = years[row["field_id"]].sum() / total.loc[years.index].sum()
        assert row["output_share"] == pytest.approx(share)
        assert row["usual_share"] == pytest.approx(wide[row["field_id"]].sum() / total.sum())
        assert row["rise"] == pytest.approx(row["output_share"] / row["usual_share"])
        assert row["running"] == (row["to_period"] == "2020")
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    order = [(not row["running"], -row["strength"]) for row in rows]
    assert order == sorted(order)


def test_a_planted_burst(tiny):
    steady = [100.0] * 20
    hot = [20.0] * 12 + [80.0] * 4 + [20.0] * 4
    late = [10.0] * 17 + [60.0] * 3
    ws = tiny(rows_of({"a": steady, "hot": hot, "late": late, "b": steady}))
    finding = ws.ask("foresight.bursts", region="CN")
    first = [row for row in finding.rows() if row["burst_level"] == 1]
    assert [(row["field_id"], row["from_period"], row["to_period"], row["running"]) for row in first] == [
        ("own:late", "2018", "2020", True),
        ("own:hot", "2013", "2016", False),
    ]
    assert "2018" in finding.headline["en"]
    assert {c.code for c in finding.caveats} >= {"burst_running", "burst_size"}
    assert "burst_from_start" not in {c.code for c in finding.caveats}
    assert all("{" not in finding.explain(language) for language in ("en", "zh"))
    json.dumps(finding.to_dict("en"), allow_nan=False)
    # The view from 2015: the burst was still on, and the late one had not begun.
    then = ws.ask("foresight.bursts", region="CN", period="2015")
    assert {(row["field_id"], row["running"]) for row in then.rows()} == {("own:hot", True)}


def test_one_unit_named(tiny):
    ws = tiny(rows_of({"a": [100.0] * 20, "hot": [20.0] * 12 + [80.0] * 4 + [20.0] * 4}))
    hot = ws.ask("foresight.bursts", region="CN", field="own:hot")
    assert {row["field_id"] for row in hot.rows()} == {"own:hot"}
    assert "2013–2016" in hot.headline["en"]
    calm = ws.ask("foresight.bursts", region="CN", field="own:a")
    assert len(calm) == 0
    assert "did not burst" in calm.headline["en"]
    with pytest.raises(DataError, match="--min-count"):
        ws.ask("foresight.bursts", region="CN", min_count=1_000_000)
    for name in chart_names("foresight.bursts"):
        assert hot.chart(name, "zh").to_dict()
        assert calm.chart(name, "en").to_dict()
    with pytest.raises(DataError, match="own:none"):
        ws.ask("foresight.bursts", region="CN", field="own:none")


def test_small_and_empty_units(tiny):
    rng = np.random.default_rng(1)
    few = [0.0] * 18 + [6.0, 6.0]
    ws = tiny(rows_of({"a": list(rng.poisson(200, 20).astype(float)), "few": few, "nil": [0.0] * 20}))
    finding = ws.ask("foresight.bursts", region="CN")
    assert len(finding) == 0
    assert {c.code for c in finding.caveats} >= {"left_small"}
    assert {row["field_id"] for row in ws.ask("foresight.bursts", region="CN", min_count=10).rows()} == {"own:few"}
    with pytest.raises(DataError):
        tiny(rows_of({"nil": [0.0] * 20})).ask("foresight.bursts", region="CN")


@pytest.mark.parametrize(("name", "value"), [("scaling", 1.0), ("gamma", -1.0), ("levels", 0), ("levels", 99)])
def test_parameters_out_of_range(packed: Workspace, name: str, value: float):
    with pytest.raises(UsageError):
        packed.ask("foresight.bursts", region="CN", **{name: value})
