"""The vocabulary of measures: what is named, what is kept apart, what is left alone."""

from __future__ import annotations

import csv
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import foreland.data.reading.measures as module
from foreland.data.reading.measures import measure, measures


@pytest.mark.parametrize(
    ("indicator", "unit", "expected"),
    [
        ("地区生产总值增长", "%", "gdp_growth"),
        ("全省地区生产总值年均增长", "%", "gdp_growth_average"),
        ("到2030年全市生产总值", "CNY", "gdp"),
        ("人均地区生产总值", "USD", "gdp_per_capita"),
        ("海洋生产总值", "CNY", "ocean_gdp"),
        ("规上工业增加值增长", "%", "industrial_value_added_growth"),
        ("高技术制造业增加值增长", "%", "high_tech_value_added_growth"),
        ("花卉产业增加值增长", "%", "value_added_growth"),
        ("战略性新兴产业增加值占规上工业比重", "%", "emerging_value_added_share"),
        ("全社会研发投入强度", "%", "rd_intensity"),
        ("全社会研发经费支出占地区生产总值比重", "%", "rd_intensity"),
        ("全社会研发经费投入年均增长", "%", "rd_spending_growth_average"),
        ("技术合同成交额", "CNY", "technology_contracts"),
        ("技术合同成交额增长", "%", "technology_contracts_growth"),
        ("每万人口高价值发明专利拥有量", "count", "invention_patents_per_10k"),
        ("国家高新技术企业", "count", "enterprises_high_tech"),
        ("新增高新技术企业", "count", "enterprises_high_tech_new"),
        ("新增国家级专精特新“小巨人”企业", "count", "enterprises_little_giant_new"),
        ("全国重点实验室", "count", "laboratories_national"),
        ("国家级实验室再增加", "count", "laboratories_national_new"),
        ("社会消费品零售总额增长", "%", "retail_growth"),
        ("外贸进出口增长", "%", "trade_growth"),
        ("一般公共预算收入增长", "%", "fiscal_revenue_growth"),
        ("居民消费价格涨幅", "%", "cpi"),
        ("城镇新增就业", "person", "urban_jobs"),
        ("城镇调查失业率", "%", "unemployment"),
        ("单位地区生产总值能耗下降", "%", "energy_intensity_cut"),
        ("新增新能源装机", "kW", "capacity_new_energy_new"),
        ("新能源汽车产量增长", "%", "nev_output_growth"),
        ("智能算力", "FLOPS", "computing_power_intelligent"),
        ("总算力规模", "FLOPS", "computing_power"),
        ("5G基站", "count", "base_stations_5g"),
        ("粮食总产量", "t", "grain_output"),
    ],
)
def test_chinese(indicator: str, unit: str, expected: str) -> None:
    assert measure(indicator, unit, "zh") == expected


@pytest.mark.parametrize(
    ("indicator", "unit", "expected"),
    [
        ("GDP grew", "%", "gdp_growth"),
        ("GDP of the county", "CNY", "gdp"),
        ("per capita GDP", "CNY", "gdp_per_capita"),
        ("the service sector as a proportion of GDP", "%", "services_share"),
        ("the average surveyed urban unemployment rate", "%", "unemployment"),
        ("the consumer price index (CPI) rose", "%", "cpi"),
        ("energy consumption per unit of GDP fell", "%", "energy_intensity_cut"),
        ("R&D spending as a share of GDP", "%", "rd_intensity"),
        ("the future industrial output value", "CNY", "output_value"),
        (
            "the added value of future industries will account for of strategic emerging industries",
            "%",
            "future_industry_share",
        ),
        ("the number of 5G base stations", "count", "base_stations_5g"),
        ("the value added of strategic emerging industries increased", "%", "emerging_value_added_growth"),
        ("rural per capita disposable income", "CNY", "income_rural"),
        ("grain output", "t", "grain_output"),
    ],
)
def test_english(indicator: str, unit: str, expected: str) -> None:
    assert measure(indicator, unit, "en") == expected


@pytest.mark.parametrize(
    ("indicator", "unit", "language"),
    [
        ("地区生产总值增长", "CNY", "zh"),  # the unit of something else
        ("地区生产总值", "%", "zh"),
        ("高新技术企业和科技型中小企业", "count", "zh"),  # two at once
        ("改造城镇老旧小区", "count", "zh"),
        ("社会消费品零售总额高于全国", "pp", "zh"),
        ("高新技术产业产值占规上工业比重", "%", "zh"),  # output value is not value added
        ("新增新能源装机占比", "%", "zh"),  # of what is added, not of all
        ("制造业占比", "%", "zh"),  # of what?
        ("", "%", "zh"),
        ("增长", "%", "zh"),
        ("the contribution of consumption", "%", "en"),
        ("GDP increased", "CNY", "en"),  # by or to?
        ("Larkshire has twelve bridges", "count", "en"),
    ],
)
def test_where_unsure_there_is_none(indicator: str, unit: str, language: str) -> None:
    assert measure(indicator, unit, language) is None


def test_the_list_is_sound() -> None:
    with (Path(module.__file__).parent / "measures.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids) >= 80
    for row in rows:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", row["id"])
        assert not row["id"].endswith(("_new", "_average"))
        assert all((row["name_zh"], row["name_en"], row["zh"]))
        assert row["kind"] in ("level", "flow", "growth", "share", "rank")
        assert (row["kind"] in ("growth", "share")) <= (row["unit"] == "%")
    for entry in measures().values():
        assert all((entry.name_zh, entry.name_en, entry.units))
    assert len({entry.name_zh for entry in measures().values()}) == len(measures())
    assert len({entry.name_en for entry in measures().values()}) == len(measures())


def test_every_name_of_the_list_is_its_own_measure() -> None:
    """A measure's Chinese pattern is not swallowed by one that stands before it."""
    examples = {
        "gdp": "地区生产总值", "rd_spending": "研发经费投入", "retail": "社会消费品零售总额", "trade": "进出口总额",
        "exports": "出口总额", "fiscal_revenue": "一般公共预算收入", "unicorns": "独角兽企业",
        "income": "居民人均可支配收入", "income_urban": "城镇居民人均可支配收入",
        "income_rural": "农村居民人均可支配收入", "output_value": "茶产业产值", "value_added": "茶产业增加值",
        "revenue": "茶产业营业收入", "fund_size": "产业引导基金规模",
    }  # fmt: skip
    for expected, indicator in examples.items():
        assert measure(indicator, "CNY" if expected != "unicorns" else "count", "zh") == expected


@given(st.text(max_size=40), st.sampled_from(["%", "CNY", "count", "person", "?"]), st.sampled_from(["zh", "en"]))
def test_any_text_gives_a_known_measure_of_its_unit_or_none(indicator: str, unit: str, language: str) -> None:
    found = measure(indicator, unit, language)
    assert found is None or unit in measures()[found].units


def test_indicators_of_the_labelled_sentences(shared: Path) -> None:
    path = shared / "gold" / "dev.gold.jsonl"
    if not path.exists():
        pytest.skip("needs the labelled sentences")
    labels = [q for line in path.read_text(encoding="utf-8").splitlines() for q in json.loads(line)["quantities"]]
    named = [measure(q["indicator"], q["unit"], "zh") for q in labels]
    assert sum(name is not None for name in named) / len(named) >= 0.45
    # growth is never read into an indicator that does not speak of it, nor missed in kind where it does
    for label, name in zip(labels, named, strict=True):
        if name:
            grows = "增长" in label["indicator"] or "下降" in label["indicator"]
            assert (measures()[name].kind == "growth") == grows, (label["indicator"], name)


def test_it_is_fast() -> None:
    measure("地区生产总值增长", "%", "zh")
    indicators = [f"第{n}县地区生产总值增长" for n in range(5000)]
    started = time.perf_counter()
    for indicator in indicators:
        measure(indicator, "%", "zh")
    assert time.perf_counter() - started < 1.0
