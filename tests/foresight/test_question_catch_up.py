"""Catching up, worked out again with pandas straight from the packs' files."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from foreland.core.errors import DataError, UsageError
from foreland.data.workspace import Workspace

CASES = [("patent_families", "CN"), ("patent_families", "JP"), ("uspto_patents", "US"), ("uspto_patents", "KR")]


def windows(figures: pd.DataFrame, indicator: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sums over three years by (year, field) and country, and the publisher's world."""
    rows = figures[(figures.indicator_id == indicator) & (figures.scheme == "wipo35")]
    rows = rows[rows.source_id == "ncses-patents"]
    wide = rows.pivot_table(index=["field_id", "period"], columns="region_id", values="value", aggfunc="sum")
    summed = wide.fillna(0).groupby(level="field_id").rolling(3).sum().droplevel(0).dropna()
    countries = [column for column in summed.columns if len(column) == 2]
    return summed[countries], summed[["agg:world"]]


@pytest.mark.parametrize(("indicator", "place"), CASES)
def test_every_row(packed: Workspace, figures: pd.DataFrame, indicator: str, place: str):
    finding = packed.ask("foresight.catch_up", region=place, scheme="wipo35", indicator=indicator)
    output, world = windows(figures, indicator)
    total = np.maximum(world["agg:world"], output.sum(axis=1))
    rows = finding.rows()
    assert len(rows) == 35
    for row in rows:
        own = output.loc[row["field_id"], place]
        best = output.loc[row["field_id"]].drop(columns=place).max(axis=1)
        ratio = own / best
        assert row["count"] == own["2020"]
        assert row["share"] == pytest.approx(own["2020"] / total[row["field_id"], "2020"])
        assert row["share_before"] == pytest.approx(own["2000"] / total[row["field_id"], "2000"])
        assert row["lead_ratio"] == pytest.approx(ratio["2020"])
        now = output.loc[(row["field_id"], "2020")]
        # Of equals the one listed first comes first.
        ahead = (now > own["2020"]) | ((now == own["2020"]) & (now.index < place))
        assert row["rank"] == 1 + ahead.sum()
        assert row["stage"] == ("leader" if ratio["2020"] > 1 else "rival" if ratio["2020"] >= 0.5 else "follower")
        for name, at in (("leader_since", 1.0), ("rival_since", 0.5)):
            held = ratio > at if name == "leader_since" else ratio >= at
            since = None
            for year in reversed(held.index):
                if not held[year]:
                    break
                since = year
            # Held from the first window on: the change itself was not seen.
            assert row[name] == (None if since == "2000" else since)
        two = output.loc[(row["field_id"], "2020")].sort_values(ascending=False)
        assert row["leader_id"] == two.index[0]
        assert row["lead"] == pytest.approx(two.iloc[0] / two.iloc[1])


def test_world_of_patent_families_is_the_publishers(figures: pd.DataFrame):
    """In 2020 China had 49 % of the world's patent families, the United States 9 % (NCSES, Indicators 2022)."""
    rows = figures[(figures.indicator_id == "patent_families") & (figures.period == "2020") & (figures.scheme == "all")]
    counts = rows.set_index("region_id").value
    assert counts["CN"] / counts["agg:world"] == pytest.approx(0.49, abs=0.01)
    assert counts["US"] / counts["agg:world"] == pytest.approx(0.09, abs=0.015)


def test_headline_counts_the_rows(packed: Workspace):
    finding = packed.ask("foresight.catch_up", region="CN", scheme="wipo35", indicator="patent_families")
    rows = finding.to_pandas()
    leads, rivals = (rows.stage == "leader").sum(), (rows.stage == "rival").sum()
    before = (rows.stage_before == "leader").sum()
    for language in ("en", "zh"):
        numbers = [int(n) for n in "".join(c if c.isdigit() else " " for c in finding.headline[language]).split()]
        assert sorted(numbers) == sorted([leads, len(rows), rivals, 1998, 2000, before, 2018, 2020])


def test_home_filings_are_a_serious_caveat(packed: Workspace):
    finding = packed.ask("foresight.catch_up", region="CN", scheme="wipo35", indicator="patent_families")
    assert {c.code: c.severity for c in finding.caveats}["home_office"] == "serious"
    finding = packed.ask("foresight.catch_up", region="CN", scheme="wipo35", indicator="uspto_patents")
    assert "host_office" in {c.code for c in finding.caveats}


def test_only_countries(packed: Workspace):
    with pytest.raises(UsageError) as caught:
        packed.ask("foresight.catch_up", region="CN-ZJ")
    assert caught.value.key == "foresight.error.countries_only"
    assert caught.value.cure("zh")


def test_a_field_that_begins_within_the_panel_is_kept(tiny):
    rows = [(r, "own:old", str(y), 10.0) for r in ("CN", "KR") for y in range(2010, 2021)]
    rows += [
        (r, "own:new", str(y), 0.0 if y < 2017 else v) for r, v in (("CN", 4.0), ("KR", 2.0)) for y in range(2010, 2021)
    ]
    finding = tiny(rows).ask("foresight.catch_up", region="CN", min_count=1)
    new = next(row for row in finding.rows() if row["field_id"] == "own:new")
    assert new["stage"] == "leader"
    assert new["stage_before"] is None
    assert new["share_before"] is None
    assert new["leader_since"] == "2017"
    assert "{" not in finding.explain("zh")


def test_alone_in_a_field(tiny):
    rows = [(r, "own:a", "2020", 10.0) for r in ("CN", "KR")] + [
        ("CN", "own:b", "2020", 5.0),
        ("KR", "own:b", "2020", 0.0),
    ]
    finding = tiny(rows).ask("foresight.catch_up", region="CN", min_count=1)
    alone = next(row for row in finding.rows() if row["field_id"] == "own:b")
    assert (alone["stage"], alone["share"], alone["lead_ratio"]) == ("leader", 1.0, None)
    json.dumps(finding.to_dict("en"), allow_nan=False)
    assert all("inf" not in cell for row in finding.written("en") for cell in row)


def test_without_a_world_the_countries_are_it(tiny):
    finding = tiny([(r, f"own:{f}", "2020", v) for r, v in (("CN", 3.0), ("KR", 1.0)) for f in "ab"]).ask(
        "foresight.catch_up", region="CN"
    )
    assert [row["share"] for row in finding.rows()] == [0.75, 0.75]


@pytest.mark.parametrize("question", ["foresight.catch_up", "foresight.weak_signals"])
@pytest.mark.parametrize("minimum", [0, 10])
def test_figures_that_are_all_zero_are_refused(tiny, question: str, minimum: int):
    rows = [(r, f"own:{f}", str(y), 0.0) for r in ("CN", "US") for f in "abc" for y in range(2008, 2020)]
    with pytest.raises(DataError) as caught:
        tiny(rows).ask(question, region="CN", min_count=minimum)
    assert caught.value.key == "foresight.error.nothing_counted"
    assert "2008–2019" in str(caught.value)
    assert caught.value.cure("zh")


def test_nobody_leads_where_two_are_level(tiny):
    """CN is as large as US in a and second in b; in c US and KR are level ahead of it."""
    sizes = {"a": (50.0, 50.0, 5.0), "b": (40.0, 50.0, 5.0), "c": (1.0, 50.0, 50.0)}
    rows = [
        (r, f"own:{f}", str(y), v)
        for f, values in sizes.items()
        for r, v in zip(("CN", "US", "KR"), values, strict=True)
        for y in range(2010, 2020)
    ]
    finding = tiny(rows).ask("foresight.catch_up", region="CN")
    told = {row["field_id"][-1]: (row["stage"], row["leader_id"], row["lead"]) for row in finding.rows()}
    assert told == {"a": ("rival", None, 1.0), "b": ("rival", "US", 1.25), "c": ("follower", None, 1.0)}
    assert "leads in 0 of 3 fields in 2017–2019, is level with the largest other in 1" in finding.headline["en"]
    assert "a rival in 1 more; in 2010–2012 it led in 0" in finding.headline["en"]
    assert "持平 1 个" in finding.headline["zh"]
    for chart in finding.charts:
        assert finding.chart(chart, "zh").to_dict()


def test_a_field_of_one_document_comes_last_and_nobody_leads_it(tiny):
    rows = [(r, f"own:{f}", str(y), v) for f, r, v in (("a", "CN", 30.0), ("a", "US", 60.0), ("b", "US", 40.0))
            for y in range(2015, 2020)]  # fmt: skip
    rows += [("CN", "own:one", "2019", 1.0), ("US", "own:one", "2019", 0.0), ("CN", "own:b", "2019", 10.0)]
    finding = tiny(rows).ask("foresight.catch_up", region="CN")
    last = finding.rows()[-1]
    assert [row["field_id"] for row in finding.rows()] == ["own:a", "own:b", "own:one"]
    claims = ("stage", "lead_ratio", "leader_id", "led_since", "lead", "monopoly_risk")
    assert [last[name] for name in claims] == [None] * 6
    assert (last["share"], last["count"]) == (1.0, 1.0)
    assert "leads in 0 of 3 fields" in finding.headline["en"]
    caveat = next(c for c in finding.caveats if c.code == "too_small_to_lead")
    assert caveat.parameters == {"count": 1, "minimum": 30}
    anyhow = tiny(rows).ask("foresight.catch_up", region="CN", min_count=1)
    assert (anyhow.rows()[0]["field_id"], anyhow.rows()[0]["stage"]) == ("own:one", "leader")
    none = tiny(rows).ask("foresight.catch_up", region="CN", min_count=1000)
    assert "no country reaches 1000 in any of 3 fields" in none.headline["en"]
    for chart in finding.charts:
        assert finding.chart(chart, "en").to_dict()
        assert none.chart(chart, "en").to_dict()


@pytest.mark.parametrize("question", ["foresight.catch_up", "foresight.leadership", "foresight.emerging"])
@pytest.mark.parametrize(("size", "said"), [(60.0, True), (80.0, False)])
def test_a_last_year_that_is_not_complete_is_told(tiny, question: str, size: float, said: bool):
    rows = [
        (r, f"own:{f}", str(y), (100.0 if y < 2019 else size) * (1 + (r == "CN")))
        for f in "abc"
        for r in ("CN", "US")
        for y in range(2008, 2020)
    ]
    finding = tiny(rows).ask(question, **({} if question == "foresight.leadership" else {"region": "CN"}))
    told = {c.code: c.parameters for c in finding.caveats}
    assert told.get("last_year_thin") == ({"year": "2019", "share": "60%"} if said else None)


def test_publication_lag_of_families_is_told(packed: Workspace):
    asked = {"region": "CN", "scheme": "wipo35", "indicator": "patent_families"}
    assert "families_lag" in {c.code for c in packed.ask("foresight.catch_up", **asked).caveats}
    earlier = packed.ask("foresight.catch_up", **asked, period="2000:2015")
    assert "families_lag" not in {c.code for c in earlier.caveats}
