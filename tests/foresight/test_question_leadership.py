"""Who led when, worked out again with pandas: from the packs' files, and from the publisher's raw table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from foreland.charts.theme import use_size
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding
from foreland.core.registry import chart_names
from foreland.data.workspace import Workspace
from foreland.foresight.charts.leadership import _tokens
from foreland.i18n import use_language

QUESTION = "foresight.leadership"


def reigns(output: pd.DataFrame) -> list[tuple[str, str, str]]:
    """(leader, from, to) from a table year × country of a field, summed over three years, held for two."""
    summed = output.fillna(0).rolling(3).sum().dropna()
    largest = [row.sort_values(ascending=False, kind="stable").index[0] for _, row in summed.iterrows()]
    found: list[list[str]] = []
    for i, (year, place) in enumerate(zip(summed.index, largest, strict=True)):
        if largest[i : i + 2] == [place, place] and (not found or found[-1][0] != place):
            found.append([place, str(year), ""])
        if found:
            found[-1][2] = str(year)
    return [(place, first, last) for place, first, last in found]


def told(finding: Finding) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in finding.rows():
        found.setdefault(row["field_id"], []).append((row["leader_id"], row["from_period"], row["to_period"]))
    return found


@pytest.fixture(scope="module")
def families(packed: Workspace) -> Finding:
    return packed.ask(QUESTION, level="country", scheme="wipo35", indicator="patent_families")


@pytest.mark.parametrize("indicator", ["patent_families", "uspto_patents"])
def test_every_reign_of_every_field(packed: Workspace, figures: pd.DataFrame, indicator: str):
    rows = figures[(figures.indicator_id == indicator) & (figures.source_id == "ncses-patents")]
    rows = rows[(rows.scheme == "wipo35") & (rows.region_id.str.len() == 2)]
    expected = {
        field: reigns(part.pivot_table(index="period", columns="region_id", values="value", aggfunc="sum"))
        for field, part in rows.groupby("field_id")
    }
    assert len(expected) == 35
    assert told(packed.ask(QUESTION, level="country", scheme="wipo35", indicator=indicator)) == expected


def test_recount_from_the_publishers_table(families: Finding, shared: Path):
    """Names as published, regions told from countries by depth and by the few groups among them."""
    raw = pd.read_parquet(shared / "data" / "world_sci_tech_by_country" / "country_field_year.parquet")
    raw = raw[raw.measure == "ipf"]
    names = {"China": "CN", "Japan": "JP", "United States": "US", "South Korea": "KR", "Russia": "RU", "Germany": "DE"}
    raw = raw.assign(region=raw.region.str.replace(r"<sup>.*?</sup>|,? ?<.*", "", regex=True).str.strip())
    raw = raw[raw.region.isin(names)]
    # A field of the table carries WIPO's name; ours are matched by letters alone.
    english = {"".join(c for c in families.name(field, "en").lower() if c.isalpha()): field for field in told(families)}
    found = told(families)
    matched = 0
    for field, part in raw.groupby("field"):
        key = "".join(c for c in field.lower() if c.isalpha())
        if key not in english:
            continue
        wide = part.pivot_table(index="year", columns="region", values="value", aggfunc="max").rename(columns=names)
        assert reigns(wide) == found[english[key]], field
        matched += 1
    assert matched >= 30


def test_what_those_who_lived_through_it_would_say(families: Finding):
    """Japan's lead in patents of nearly everything passed to China in the 2010s; Korea led in mobile phones' years."""
    found = told(families)
    last = {field: spans[-1][0] for field, spans in found.items()}
    assert sum(place == "CN" for place in last.values()) == 32
    assert last["wipo35:9"] == last["wipo35:33"] == "JP"
    assert [place for place, *_ in found["wipo35:6"]] == ["JP", "US", "CN"]
    assert [place for place, *_ in found["wipo35:8"]] == ["JP", "KR", "JP", "CN"]


def test_measures_of_a_reign(families: Finding, figures: pd.DataFrame):
    rows = figures[(figures.indicator_id == "patent_families") & (figures.field_id == "wipo35:8")]
    wide = rows.pivot_table(index="period", columns="region_id", values="value", aggfunc="sum").rolling(3).sum()
    countries = wide[[c for c in wide.columns if len(c) == 2]]
    for row in families.rows():
        if row["field_id"] != "wipo35:8":
            continue
        then = countries.loc[row["to_period"]]
        others = then.drop(row["leader_id"]).sort_values(ascending=False)
        assert row["count"] == then[row["leader_id"]]
        assert row["runner_up_id"] == others.index[0]
        assert row["lead"] == pytest.approx(then[row["leader_id"]] / others.iloc[0])
        world = max(wide.loc[row["to_period"], "agg:world"], then.sum())
        assert row["share"] == pytest.approx(then[row["leader_id"]] / world)
        grade = "high" if row["lead"] >= 3 else "medium" if row["lead"] >= 2 else "low"
        assert row["monopoly_risk"] == grade
        assert row["years"] == int(row["to_period"]) - int(row["from_period"]) + 1


def test_headline_counts_the_rows(families: Finding):
    rows = families.rows()
    numbers = {
        "led now": sum(r["to_period"] == "2020" and r["leader_id"] == "CN" for r in rows),
        "led then": sum(r["from_period"] == "2000" and r["leader_id"] == "CN" for r in rows),
        "changes": sum(r["leader_before_id"] is not None for r in rows),
        "fields": len({r["field_id"] for r in rows}), "first": 2000, "last": 2020,
    }  # fmt: skip
    for language in ("en", "zh"):
        said = [int(n) for n in "".join(c if c.isdigit() else " " for c in families.headline[language]).split()]
        assert sorted(said) == sorted(numbers.values())


def test_evidence_leads_to_the_leader_and_the_runner_up(families: Finding):
    row = families.rows()[2]
    own, second, world = (table for _, table in families.evidence(2).tables)
    assert set(own["region_id"].to_pylist()) == {row["leader_id"]}
    assert set(second["region_id"].to_pylist()) == {row["runner_up_id"]}
    assert set(world["region_id"].to_pylist()) == {"agg:world"}
    for table in (own, second, world):
        assert set(table["field_id"].to_pylist()) == {row["field_id"]}


def test_one_field_and_its_charts(packed: Workspace):
    finding = packed.ask(QUESTION, field="wipo35:8")
    assert {row["field_id"] for row in finding.rows()} == {"wipo35:8"}
    assert "2018" in finding.headline["en"]
    ranks = finding.tables["ranks"].to_pandas()
    last = ranks[ranks.period == "2020"].set_index("region_id")["rank"]
    assert last["CN"] == 1
    assert sorted(last) == list(range(1, len(last) + 1))
    assert chart_names(QUESTION) == (*finding.charts, "top_cited")
    assert finding.charts == ("strip", "bump", "lead")
    for name in finding.charts:
        assert finding.chart(name, "zh").to_dict()  # type: ignore[attr-defined]


def test_the_strip_has_a_cell_for_each_field_and_year(families: Finding):
    spec: dict[str, Any] = families.chart("strip", "en").to_dict()  # type: ignore[attr-defined]
    cells, words = (spec["datasets"][layer["data"]["name"]] for layer in spec["layer"])
    record = {(r["field_id"], r["period"]): r["leader_id"] for r in families.tables["series"].to_pylist()}
    assert {(c["field_id"], c["period"]): c["leader_id"] for c in cells} == record
    colours: dict[str, str] = {}
    for cell in cells:
        assert colours.setdefault(cell["leader_id"], cell["fill"]) == cell["fill"]
    assert len(set(colours.values())) == len(colours)
    starts = {(r["field_id"], r["from_period"]) for r in families.rows()}
    assert {(w["field_id"], w["period"]) for w in words} <= starts


def test_chinese_strips_name_places_and_never_by_code(families: Finding):
    with use_size("narrow"), use_language("zh"):
        spec: dict[str, Any] = families.chart("strip", "zh").to_dict()  # type: ignore[attr-defined]
    words = {word["word"] for word in spec["datasets"][spec["layer"][1]["data"]["name"]]}
    assert {"中国", "日本", "美国"} <= words
    assert not any(word.isascii() for word in words)


def test_more_leaders_than_colours_share_the_grey():
    tokens = _tokens([{"leader_id": f"p{i}"} for i in range(12) for _ in range(12 - i)])
    assert len({token for token in tokens.values() if token != "rest"}) == 7
    assert tokens["p11"] == "rest"


def test_nobody_holds(tiny):
    rows = [(r, "own:a", str(y), v) for y in range(2010, 2016) for r, v in (("CN", y % 2 + 1.0), ("KR", 2.0 - y % 2))]
    rows += [(r, "own:b", str(y), v) for y in range(2010, 2016) for r, v in (("CN", y % 2 + 1.0), ("KR", 2.0 - y % 2))]
    with pytest.raises(DataError) as caught:
        tiny(rows).ask(QUESTION, window=1, min_count=0)
    assert caught.value.key == "foresight.error.nobody_held"


def test_a_lead_that_has_not_lasted_is_pending(tiny):
    rows = [
        (r, f"own:{f}", str(y), v)
        for f in "ab"
        for y in range(2010, 2016)
        for r, v in (("CN", 5.0 if y == 2015 else 1.0), ("KR", 3.0))
    ]
    finding = tiny(rows).ask(QUESTION, window=1, min_count=0)
    assert [row["leader_id"] for row in finding.rows()] == ["KR", "KR"]
    pending = next(c for c in finding.caveats if c.code == "lead_pending")
    assert pending.parameters["count"] == 2
    assert all(np.isfinite(row["lead"]) for row in finding.rows())


def test_an_unknown_field_is_named(packed: Workspace):
    with pytest.raises(UsageError) as caught:
        packed.ask(QUESTION, field="wipo35:88")
    assert caught.value.key == "foresight.error.unknown_field"


def test_top_cited_papers_are_no_mere_counts(tiny):
    rows = [(r, f"own:{f}", str(y), v) for f in "ab" for y in range(2010, 2016) for r, v in (("CN", 5.0), ("KR", 1.0))]
    for indicator, mere in (("top_cited_papers", False), ("papers", True)):
        finding = tiny(rows, indicator_id=indicator).ask(QUESTION, indicator=indicator, min_count=9)
        codes = {caveat.code for caveat in finding.caveats}
        assert ("output_not_quality" in codes) == mere
        assert "risk_by_lead" in codes
        # Counted papers say that the top-cited ones, loaded before, can be asked for.
        assert ("top_cited_at_hand" in codes) == mere
        assert {row["monopoly_risk"] for row in finding.rows()} == {"high"}


def test_whole_counts_that_do_not_add_up_are_read_where_they_are_named(tiny):
    """A paper of two countries counts in both, so that the sum over countries exceeds the world."""
    rows = [(r, f"own:{f}", str(y), 60.0) for f in "ab" for y in range(2010, 2016) for r in ("CN", "US")]
    rows += [("agg:world", f"own:{f}", str(y), 80.0) for f in "ab" for y in range(2010, 2016)]
    levels = {"agg:world": "aggregate"}
    ws = tiny(rows, levels=levels, indicator_id="papers", aggregation="none")
    finding = ws.ask(QUESTION, indicator="papers")
    assert {row["share"] for row in finding.rows()} == {0.5}
    assert "several_countries" in {caveat.code for caveat in finding.caveats}
    assert {row["share"] for row in ws.ask("foresight.catch_up", region="CN", indicator="papers").rows()} == {0.5}


@pytest.mark.parametrize("one", [True, False])
def test_places_of_one_size_are_said_to_be_level(tiny, one: bool):
    asked = {"field": "own:a"} if one else {}
    rows = [(r, f"own:{f}", str(y), 50.0) for f in "ab" for y in range(2010, 2016) for r in ("CN", "US")]
    headline = tiny(rows).ask(QUESTION, **asked).headline
    said = "China and US are level in own:a in 2015" if one else "level in all of 2 fields in 2015: nobody leads"
    assert said in headline["en"]
    assert "持平" in headline["zh"]
    rows = [(r, f, y, v + (r == "US" and f == "own:a")) for r, f, y, v in rows]
    now = tiny(rows).ask(QUESTION, **asked).headline["en"]
    assert ("US has led own:a" if one else "US leads 1 of 2 fields") in now


def test_nobody_leads_by_a_handful(tiny):
    def rows(size: float) -> list[tuple[str, str, str, float]]:
        return [
            (r, f"own:{f}", str(y), v if f == "a" or y > 2014 else v / 100)
            for f in "ab"
            for y in range(2010, 2020)
            for r, v in (("CN", size), ("KR", 2 * size))
        ]

    finding = tiny(rows(20.0)).ask(QUESTION, window=1)
    told_ = told(finding)
    assert told_["own:a"] == [("KR", "2010", "2019")]
    assert told_["own:b"] == [("KR", "2015", "2019")]
    for row in finding.rows():
        assert row["lead_low"] < row["lead"] == 2 < row["lead_high"]
