"""Quantities of Chinese sentences: made-up sentences read by hand, and the labelled ones beside the project."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.reading.chinese_parts import parts
from foreland.data.reading.chinese_quantities import find
from foreland.data.reading.chinese_time import PlacedContext, plan_end, plan_named
from foreland.data.reading.gold import predict
from foreland.data.reading.model import Context, Quantity
from foreland.data.reading.reader import Reader
from foreland.data.reading.sentences import split

READER = Reader("zh")
REVIEW = Context("", 0.1, 2026)
AIMS = Context("", 0.8, 2026)


def read(sentence: str, context: Context = REVIEW) -> list[Quantity]:
    return find(sentence, READER.mentions(sentence), context)


def told(sentence: str) -> list[tuple[str, float, str, str]]:
    return [(q.text, q.value, q.unit, q.comparator) for q in read(sentence)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("产值突破1.5万亿元。", [("1.5万亿元", 1.5e12, "CNY", ">=")]),
        ("进口超20亿美元。", [("20亿美元", 2e9, "USD", ">=")]),
        ("产值近百亿元。", [("百亿元", 1e10, "CNY", "~")]),
        ("占比提高到45.5％左右。", [("45.5％", 45.5, "%", "~")]),
        ("比重提升0.3个百分点。", [("0.3个百分点", 0.3, "pp", "=")]),
        ("覆盖率达到百分之九十五。", [("百分之九十五", 95, "%", "=")]),
        ("上云率近七成。", [("七成", 70, "%", "~")]),
        ("产量占全国1/4。", [("1/4", 0.25, "other", "=")]),
        ("种类压减三分之一以上。", [("三分之一", 0.3333, "other", ">=")]),
        ("装机10.4GW、储能3吉瓦时。", [("10.4GW", 1.04e7, "kW", "="), ("3吉瓦时", 3e6, "kWh", "=")]),
        ("发电1200亿度。", [("1200亿度", 1.2e11, "kWh", "=")]),
        ("算力达3.2EFLOPS，智算800P。", [("3.2EFLOPS", 3.2e18, "FLOPS", "="), ("800P", 8e17, "FLOPS", "=")]),
        ("粮食产量700亿斤以上。", [("700亿斤", 3.5e7, "t", ">=")]),
        ("造林3万公顷。", [("3万公顷", 3e8, "m2", "=")]),
        ("建成3个光伏基地、2家医院。", [("3个", 3, "count", "="), ("2家", 2, "count", "=")]),
        ("线上50家商店，规模以上30家企业。", [("50家", 50, "count", "="), ("30家", 30, "count", "=")]),
        ("新增企业１２家。", [("１２家", 12, "count", "=")]),
        ("惠及1,200万人次。", [("1,200万人次", 1.2e7, "person", "=")]),
        ("惠及750多万人次。", [("750多万人次", 7.5e6, "person", ">=")]),
        ("改造农房20余万户。", [("20余万户", 200000, "count", ">=")]),
        ("平台用户超2亿。", [("2亿", 2e8, "person", ">=")]),
        ("救助30多万困难群众。", [("30多万", 300000, "person", ">=")]),
        ("失业率控制在5.5%以内。", [("5.5%", 5.5, "%", "<=")]),
        ("涨幅不超过2%。", [("2%", 2, "%", "<=")]),
        ("占比不低于10%。", [("10%", 10, "%", ">=")]),
        ("新建平台2—4家。", [("2—4家", 2, "count", ">=")]),
        ("经济增长5%-5.5%。", [("5%-5.5%", 5, "%", ">=")]),
        ("专利实现翻番。", [("翻番", 2, "times", "=")]),
        ("利润翻两番。", [("翻两番", 4, "times", "=")]),
        ("平台数量实现倍增，", [("倍增", 2, "times", "=")]),
        ("出口增长1.7倍。", [("1.7倍", 1.7, "times", "=")]),
        ("指数居全国第3位。", [("第3位", 3, "rank", "=")]),
        ("排名全国第八，增速稳居全球首位。", [("第八", 8, "rank", "="), ("首位", 1, "rank", "=")]),
        ("总量迈上3万亿元台阶。", [("3万亿元", 3e12, "CNY", ">=")]),
        ("服务企业上千家。", [("千家", 1000, "count", ">=")]),
        ("新建两所大学。", [("两所", 2, "count", "=")]),
        ("收入比缩小至2.1∶1。", [("2.1∶1", 2.1, "other", "=")]),
        ("占比分别提高15、22个百分点。", [("15", 15, "pp", "="), ("22个百分点", 22, "pp", "=")]),
        ("产值分别突破3亿元、5亿元。", [("3亿元", 3e8, "CNY", ">="), ("5亿元", 5e8, "CNY", ">=")]),
        ("收入分别增长4%、6%左右。", [("4%", 4, "%", "~"), ("6%", 6, "%", "~")]),
        ("人均寿命达到80.2岁。", [("80.2岁", 80.2, "other", "=")]),
        ("寿命从2020年的75.2岁提升至2025年的76.8岁。",
         [("75.2岁", 75.2, "other", "="), ("76.8岁", 76.8, "other", "=")]),
        ("排名由369位上升到235位。", [("369位", 369, "rank", "="), ("235位", 235, "rank", "=")]),
        ("建成超100公里绿道。", [("100公里", 100, "km", ">=")]),
        ("通过标准20项，签约项目30个，节约资金5亿元。",
         [("20项", 20, "count", "="), ("30个", 30, "count", "="), ("5亿元", 5e8, "CNY", "=")]),
        ("13个大模型完成备案。", [("13个", 13, "count", "=")]),
    ],
)  # fmt: skip
def test_values_units_and_comparators(sentence: str, expected: list[tuple[str, float, str, str]]) -> None:
    assert told(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "2026年2月3日召开第四次会议。",
        "做强6大特色产业，抓好三大领域。",
        "打造百亿级产业、万吨级码头。",
        "推动“五个一”工程和“1+6+N”体系。",
        "12英寸芯片、9兆瓦时储能系统下线。",
        "国能60万吨煤制油项目开工。",
        "出台10条措施、15项支持政策。",
        "实施“三年倍增”行动和倍增计划。",
        "处于全国第一梯队，发挥第一动力作用。",
        "全国首个第11个项目。",
        "引进亿元以上项目和超10亿元企业，开工5亿元以上新建续建项目。",
        "探明甲地超40吨金矿，增速连续30个月居前。",
        "建设15分钟生活圈，优化12345热线。",
        "数十家企业、几百个项目、若干平台。",
        "每万人口拥有5G基站，每百户家庭。",
        "抓好两个方面工作，重点把握5个方面。",
        "工业机器人产量成倍增长，完成三项改革。",
        "推进“十四五”和十五五规划。",
        "连续6年无事故，五年来持续向好。",
        "建成一个新甲市，取得一项成果。",
        "培育世界500强和5A级景区。",
    ],
)
def test_what_is_no_quantity(sentence: str) -> None:
    assert told(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "context", "status", "year"),
    [
        ("去年全市产值增长5%。", Context("", None, 2026), "achieved", 2025),
        ("产值预计增长5.5%，三家企业获批上市。", REVIEW, "achieved", 2025),
        ("五年来企业增至300家。", Context("", 0.3, 2026), "achieved", 2025),
        ("2024年，产值增长5%。", REVIEW, "achieved", 2024),
        ("力争产值增长5%左右。", AIMS, "target", 2026),
        ("新建平台3个。", AIMS, "target", 2026),
        ("到2030年，产值达到3亿元。", Context("", 0.4, 2026), "target", 2030),
        ("产值2027年达到3亿元。", AIMS, "target", 2027),
        ("研发投入年均增长10%以上，企业达到20家。", Context("", 0.36, 2026), "target", 2030),
        ("力争“十五五”末产值翻番。", Context("", 0.4, 2026), "target", 2030),
        ("今年主要预期目标是：产值增长5%左右，失业率5.5%以内。", Context("", 0.4, 2026), "target", 2026),
        ("产值增长5%左右；", Context("“十五五”良好开局。预期目标是：收入增长3%左右；", 0.44, 2026), "target", 2026),
        ("占比达到70%左右；", Context("到2028年，企业达到50家左右；", 0.6, 2026), "target", 2028),
        ("研发投入年均增长7%以上。", Context("", 0.34, 2021), "target", 2025),
        ("今年新增就业900万人以上。", Context("", 0.3, 2011), "target", 2011),
        ("到二〇三五年，产值翻一番。", Context("", 0.4, 2026), "target", 2035),
        ("是：产值增长5%。", Context("今年经济发展的\n主要预期目标\n", 0.28, 2026), "target", 2026),
        ("产值增长5%。", PlacedContext("", 0.3, 2026, "year"), "target", 2026),
        ("占比达到7%。", PlacedContext("", 0.3, 2026, "plan"), "target", 2030),
        ("产值增长5%。", PlacedContext("", 0.5, 2026, "review"), "achieved", 2025),
        ("力争产值达到3亿元。", Context("", 0.8, None), "target", None),
        ("产值增长5%，三家企业获批。", Context("", 0.1, None), "achieved", None),
    ],
)  # fmt: skip
def test_status_and_year(sentence: str, context: Context, status: str, year: int | None) -> None:
    found = read(sentence, context)
    assert found
    assert {(q.status, q.year) for q in found} == {(status, year)}


def test_growth_from_and_to() -> None:
    found = read("经营主体、服务平台分别从2020年的771家、48家增加到1076家、63家。")
    assert [(q.value, q.year, q.indicator) for q in found] == [
        (771, 2020, "经营主体"),
        (48, 2020, "服务平台"),
        (1076, 2025, "经营主体"),
        (63, 2025, "服务平台"),
    ]
    assert [(q.value, q.year) for q in read("占比由30%提高到70%。")] == [(30, None), (70, 2025)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("外贸增长2.7%，集成电路、皮鞋、锂电池出口分别增长10%、4%、5%。",
         [("外贸增长", None), ("集成电路出口增长", "semiconductors"), ("皮鞋出口增长", None),
          ("锂电池出口增长", "energy_storage")]),
        ("新增产业集群3个、“小巨人”企业23家。", [("新增产业集群", None), ("新增“小巨人”企业", None)]),
        ("新建3个中试平台、2家实验室。", [("新建中试平台", None), ("新建实验室", None)]),
        ("智能算力达4800P、增长2倍，占比45%。",
         [("智能算力", "ai"), ("智能算力增长", "ai"), ("智能算力占比", "ai")]),
        ("建成3个光伏基地、2家医院。", [("建成光伏基地", "new_energy"), ("建成医院", None)]),
        ("推进甲项目等10个光伏基地建设。", [("光伏基地建设", "new_energy")]),
        ("在量子科技、生物制造等领域实施100项专项。", [("专项", "quantum")]),
        ("新能源汽车渗透率达40%，保有量突破50万辆。", [("新能源汽车渗透率", "nev"), ("保有量", "nev")]),
        ("85%的改革任务完成。", [("改革任务完成", None)]),
        ("人工智能产业发展，骨干企业超10家。", [("骨干企业", "ai")]),
        ("推进“人工智能+”行动，5家工厂入选名单。", [("工厂入选名单", None)]),
    ],
)  # fmt: skip
def test_indicators_and_fields(sentence: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(q.indicator, q.field) for q in read(sentence)] == expected


pieces = st.sampled_from(
    [
        *[
            "产值",
            "增长",
            "5%",
            "3.2万亿元",
            "1—2个",
            "分别",
            "、",
            "，",
            "和",
            "第3位",
            "翻番",
            "到2030年",
            "从",
            "增加到",
        ],
        *["20家", "左右", "超", "近", "以上", "量子科技", "“", "”", "十五五", "数十", "每", "万吨级", "百亿", "。"],
        *["（", "）", "1/3", "余", "新增", "12", "．"],
    ]
)


@given(st.lists(pieces, max_size=18).map("".join), st.floats(0, 1), st.sampled_from([None, 2011, 2024, 2026]))
def test_quantities_are_spans_in_order(sentence: str, position: float, year: int | None) -> None:
    found = read(sentence, Context("", position, year))
    assert all(sentence[q.start : q.end] == q.text and q.text and q.value >= 0 and q.rule for q in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


@given(st.integers(1, 10**6), st.sampled_from(["家", "元", "%", "人次", "千瓦"]))
def test_what_stands_behind_changes_nothing(value: int, unit: str) -> None:
    alone, followed = read(f"总量达到{value}{unit}。"), read(f"总量达到{value}{unit}，各项工作稳步推进。")
    assert [q._replace(status="achieved") for q in alone] == [q._replace(status="achieved") for q in followed]
    assert [q.value for q in alone] == [value]


def test_plans() -> None:
    assert [plan_named(sign) for sign in "一二三四五"] == [2010, 2015, 2020, 2025, 2030]
    assert [plan_end(year) for year in (2021, 2024, 2025, 2026)] == [2025, 2025, 2025, 2030]


def test_parts_of_a_report() -> None:
    text = (
        "2026年甲市政府工作报告\n各位代表：\n一、2025年工作回顾\n产值增长5%。\n（一）发展工业\n二、“十五五”时期主要目标\n力争翻番。\n"
        "三、2026年重点工作\n新建3个。\n四、加强自身建设\n依法行政。"
    )
    sentences = split(text, "zh")
    found = dict(zip([s.text for s in sentences], parts(sentences, 2026), strict=True))
    assert found["各位代表："] is None
    assert found["产值增长5%。"] == found["（一）发展工业"] == "review"
    assert found["力争翻番。"] == "plan"
    assert found["新建3个。"] == found["依法行政。"] == "year"
    mixed = split("一、2025年工作回顾\n甲。\n二、“十五五”时期目标和2026年工作安排\n乙。", "zh")
    assert parts(mixed, 2026)[-1] is None


# Against the labels ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gold(shared: Path) -> tuple[Path, list[dict[str, Any]]]:
    file = shared / "gold" / "dev.sentences.jsonl"
    if not file.exists():
        pytest.skip("needs the labelled sentences of the shared folder")
    return file.parent, [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def scored(folder: Path, rows: list[dict[str, Any]], where: Path, year: int | None = 2026) -> dict[str, Any]:
    ids = {row["id"] for row in rows}
    labels = [
        line
        for line in (folder / "dev.gold.jsonl").read_text(encoding="utf-8").splitlines()
        if json.loads(line)["id"] in ids
    ]
    (where / "gold.jsonl").write_text("\n".join(labels), encoding="utf-8")
    lines = [json.dumps(row, ensure_ascii=False) for row in predict(rows, year)]
    (where / "predicted.jsonl").write_text("\n".join(lines), encoding="utf-8")
    program = [
        sys.executable,
        str(folder / "score.py"),
        str(where / "gold.jsonl"),
        str(where / "predicted.jsonl"),
        "--json",
    ]
    return json.loads(subprocess.run(program, capture_output=True, check=True, text=True).stdout)["quantities"]


def test_labelled_sentences(gold: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    score = scored(*gold, tmp_path)
    assert score["f1"] >= 0.98
    assert score["status"] >= 0.98
    assert score["comparator"] >= 0.98
    assert score["year"] >= 0.97
    assert score["field"] >= 0.93


def test_the_year_need_not_be_said(gold: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    assert scored(*gold, tmp_path, year=None)["year"] >= 0.97


def test_names_of_places_do_not_matter(gold: tuple[Path, list[dict[str, Any]]]) -> None:
    """Every province and large city named becomes 甲乙: same length, so the same quantities are due."""
    names = re.compile(
        "江西|山东|湖南|浙江|河南|辽宁|西藏|陕西|上海|福建|山西|内蒙古|杭州|宁波|温州|济南|青岛|长沙|沈阳|大连|西安|福州|厦门|太原|郑州"
    )
    _, rows = gold
    masked = [
        {**row, **{key: names.sub(lambda m: "甲" * len(m[0]), row[key]) for key in ("before", "sentence")}}
        for row in rows
    ]
    assert masked != rows
    for row, other in zip(predict(rows, 2026), predict(masked, 2026), strict=True):
        keys = ("start", "end", "value", "unit", "comparator", "status", "year")
        assert [[q[k] for k in keys] for q in row["quantities"]] == [[q[k] for k in keys] for q in other["quantities"]]


def test_another_year_moves_every_year_with_it(gold: tuple[Path, list[dict[str, Any]]]) -> None:
    """Five years earlier, plan and all: each quantity stays, five years earlier."""
    _, rows = gold
    earlier = []
    for row in rows:
        shifted = {}
        for key in ("before", "sentence"):
            text = re.sub(r"20\d\d(?=年)", lambda m: str(int(m[0]) - 5), row[key])
            shifted[key] = text.replace("十四五", "十三五").replace("十五五", "十四五")
        earlier.append({**row, **shifted})
    for row, other in zip(predict(rows, 2026), predict(earlier, 2021), strict=True):
        assert [(q["start"], q["value"], q["status"]) for q in row["quantities"]] == [
            (q["start"], q["value"], q["status"]) for q in other["quantities"]
        ]
        assert [q["year"] and q["year"] - 5 for q in row["quantities"]] == [q["year"] for q in other["quantities"]]
