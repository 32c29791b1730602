"""Locating lead institutions: spellings, methods, cleaning, and agreement with independent sources."""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

TOOLS = Path(__file__).parents[2] / "tools" / "packs"
spec = importlib.util.spec_from_file_location("institutions", TOOLS / "institutions.py")
assert spec is not None
assert spec.loader is not None
inst = importlib.util.module_from_spec(spec)
sys.modules["institutions"] = inst
spec.loader.exec_module(inst)

ENGLISH = dict(
    zip(
        [
            *["Beijing", "Tianjin", "Hebei", "Shanxi", "Inner Mongolia", "Liaoning", "Jilin", "Heilongjiang"],
            *["Shanghai", "Jiangsu", "Zhejiang", "Anhui", "Fujian", "Jiangxi", "Shandong", "Henan", "Hubei"],
            *["Hunan", "Guangdong", "Guangxi", "Hainan", "Chongqing", "Sichuan", "Guizhou", "Yunnan", "Tibet"],
            *["Shaanxi", "Gansu", "Qinghai", "Ningxia", "Xinjiang"],
        ],
        inst.PROVINCES.values(),
        strict=True,
    )
)
#: ROR files these institutes under the address of the parent body in Beijing.
ROR_WRONG = {
    "中国农业科学院棉花研究所",  # Anyang, Henan
    "中国科学院遗传与发育生物学研究所农业资源研究中心",  # Shijiazhuang
    "中国水产科学研究院东海水产研究所",  # Shanghai
    "煤科集团沈阳研究院有限公司",  # Fushun and Shenyang
}
UNLOCATED = {"中农集团农业装备有限公司", "天筑科技股份有限公司", "香港大学", "香港中文大学", "香港科技大学"}


def small() -> inst.Locator:
    """A locator over a few entries, whose answers can be read off."""
    lists = {
        "天津大学": Counter({"CN-TJ": 9, "CN-BJ": 1}),
        "乙研究所": Counter({"CN-BJ": 2, "CN-SC": 2}),
        "丙研究所": Counter({"CN-SC": 5}),
        "复旦大学": Counter({"CN-SH": 3}),
        "中国科学院": Counter({"CN-BJ": 1}),
    }
    gazetteer = {"乙研究所": ("CN-SC", "Chengdu"), "丙研究所": ("CN-BJ", "Beijing"), "丁公司": ("CN-HE", "Baoding")}
    places = inst.PROVINCES | inst.OUTSIDE | {"深圳": "CN-GD", "西安": "CN-SN", "海西": "CN-QH", "杭州": "CN-ZJ"}
    counties = {"昆山": "CN-JS", "昆山市": "CN-JS", "公安": "CN-HB", "公安县": "CN-HB", "固安": "CN-HE"}
    return inst.Locator(lists, gazetteer, places, counties)


@pytest.mark.parametrize(
    ("name", "province", "method"),
    [
        ("天津大学", "CN-TJ", "list"),  # the majority
        ("乙研究所", "CN-SC", "correction"),  # a tie in the lists is settled by hand
        ("丙研究所", "CN-BJ", "correction"),
        ("丁公司", "CN-HE", "gazetteer"),
        ("复旦大学附属中山医院", "CN-SH", "parent"),
        ("复旦大学深圳研究生院", "CN-GD", "place"),  # a branch with a place of its own is at the branch
        ("复旦大学、天津大学", "CN-SH", "list"),  # the first named
        ("中国科学院北京综合研究中心医院", "CN-BJ", "place"),
        ("中国科学院甲医院", None, "none"),  # the academy's seat says nothing about an institute
        ("中节能大地(杭州)环境修复有限公司", "CN-ZJ", "place"),
        ("北京甲乙（深圳）有限公司", "CN-GD", "place"),
        ("云谷（固安）科技有限公司", "CN-HE", "place"),  # counties count in brackets
        ("昆山甲有限公司", "CN-JS", "place"),  # county-level cities count in front
        ("公安部甲局", None, "none"),  # counties do not: 公安 is police before it is a county
        ("中煤科工集团西安研究院有限公司", "CN-SN", "place"),
        ("浙江清华甲研究院", "CN-ZJ", "place"),
        ("海西州甲研究所", "CN-QH", "place"),
        ("海南大学", "CN-HI", "place"),
        ("香港大学", None, "outside"),
        ("香港理工大学深圳研究院", "CN-GD", "place"),
        ("香港中文大学（深圳）", "CN-GD", "place"),
        ("", None, "none"),
    ],
)
def test_methods_in_order(name: str, province: str | None, method: str) -> None:
    found = small().locate(name)
    assert (found.province_id, found.method) == (province, method)
    assert bool(found.evidence) == (method != "none")


@given(st.sampled_from(["天津大学", "丁公司", "云谷(固安)科技", "复旦大学附属中山医院", "昆山甲厂"]), st.data())
def test_blanks_and_widths_do_not_matter(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name)))
    blank = data.draw(st.sampled_from([" ", "\u3000", "\xa0", "\n"]))
    wide = (name[:at] + blank + name[at:]).replace("(", "（").replace(")", "）")
    assert small().locate(wide) == small().locate(name)


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("中国电子科技集团公司第五十五研究、所", "中国电子科技集团公司第五十五研究所"),
        ("水利部 交通运输部　国家能源局南京水利科学研究院", "水利部交通运输部国家能源局南京水利科学研究院"),
        ("江西江中制药（集团）有限责任公司、江西本草天工科技有限责任公司", "江西江中制药(集团)有限责任公司"),
        ("中国极地研究中心（中国极地研究所）", "中国极地研究中心"),
        ("中国铁道科学研究院集团有限公司", "中国铁道科学研究院"),
        ("中国船舶重工集团公司第七○二研究所", "中国船舶重工集团公司第七〇二研究所"),
        ("中国科学院武汉病毒硏究所", "中国科学院武汉病毒研究所"),
    ],
)
def test_spellings(name: str, spelled: str) -> None:
    assert spelled in inst.spellings(name)


def test_place_in_brackets_is_part_of_the_name() -> None:
    assert "中国石油大学" not in inst.spellings("中国石油大学（华东）")


@given(st.integers(1, 10**7), st.integers(0, 99))
def test_funds_are_exact(whole: int, cents: int) -> None:
    assert inst.funds_cny(f"{whole}.{cents:02d}") == whole * 10_000 + cents * 100
    assert inst.funds_cny(f" {whole} ") == whole * 10_000


@pytest.mark.parametrize("text", ["*", "", " ", None, "100-200", "约300", "-5"])
def test_funds_not_given(text: str | None) -> None:
    assert inst.funds_cny(text) is None


@pytest.mark.parametrize(
    ("text", "years"), [("3", 3.0), ("3\xa0年", 3.0), ("3. 5年", 3.5), ("4.2", 4.2), ("", None), (None, None)]
)
def test_duration(text: str | None, years: float | None) -> None:
    assert inst.duration_years(text) == years


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("纳米科技", ("纳米科技", None, False)),
        ("“科技冬奥”重点专项", ("科技冬奥", None, False)),
        ("重大自然灾害监测预誓与防范", ("重大自然灾害监测预警与防范", None, False)),
        ("网络协同制造与智能工厂", ("网络协同制造和智能工厂", None, False)),
        ("“量子调控与量子信息”第二批定向", ("量子调控与量子信息", None, True)),
        ("合成生物学定向项目", ("合成生物学", None, True)),
        ("公共安全风险防控与应急技术装备（含司法专题）定向", ("公共安全风险防控与应急技术装备", "司法专题", True)),
        (
            "重大自然灾害监测预警与防范”重点专项（文化遗产保护利用专题任务）",
            ("重大自然灾害监测预警与防范", "文化遗产保护利用专题", False),
        ),
        (
            "重大自然灾害监测预警与防范（文化遗产保护利用专题任务）（定向）",
            ("重大自然灾害监测预警与防范", "文化遗产保护利用专题", True),
        ),
    ],
)
def test_programme(text: str, cleaned: tuple[str, str | None, bool]) -> None:
    assert tuple(inst.programme(text)) == cleaned


def test_gazetteer_is_sound() -> None:
    with inst.GAZETTEER.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = [inst.normalise(row["institution"]) for row in rows]
    assert len(set(names)) == len(names)
    assert {row["province_id"] for row in rows} <= set(inst.PROVINCES.values())
    assert all(row["note"] for row in rows)
    keys = [(row["province_id"], row["institution"]) for row in rows]
    assert keys == sorted(keys)


def checked() -> list[dict[str, str]]:
    with (TOOLS / "projects_checked.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_checks_by_hand_add_up() -> None:
    rows = checked()
    assert Counter(row["draw"] for row in rows) == {"random-1": 100, "riskiest": 60, "random-2": 100}
    assert all((row["assigned"] == row["by_hand"]) == (row["correct"] == "y") for row in rows)


def test_every_error_found_by_hand_is_mended(shared: Path) -> None:
    known = inst.locator(shared / "data")
    assert [r for r in checked() if known.locate(r["institution"]).province_id != r["by_hand"]] == []


def test_coverage(shared: Path) -> None:
    rows = inst.locate_all(shared / "data" / "cn_province_hightech").to_pandas()
    assert len(rows) == 2579
    assert rows["repeated"].sum() == 430
    assert rows["project"].nunique() == 2149
    assert set(rows.loc[rows["province_id"].isna(), "institution"]) == UNLOCATED
    assert rows["province_id"].notna().mean() >= 0.97
    assert rows.loc[~rows["repeated"], "province_id"].notna().mean() >= 0.97
    # The two lists that print the same project, sometimes under another spelling, agree on the province.
    assert rows.groupby("project")["province_id"].nunique().max() == 1


def test_funds_of_the_list(shared: Path) -> None:
    rows = inst.read_projects(shared / "data" / "cn_province_hightech")
    assert rows["funds_status"].value_counts().to_dict() == {"given": 1313, "blank": 1262, "withheld": 4}
    given_funds = rows.loc[rows["funds_status"] == "given", "funds"].astype(float)
    assert rows["funds_cny"].sum() == round(given_funds.sum() * 10_000)
    assert rows["funds_cny"].notna().sum() == 1313
    assert rows["programme"].str.contains("定向|重点专项|[“”]").sum() == 0


@pytest.mark.parametrize(
    ("name", "province"),
    [
        ("北京大学深圳研究生院", "CN-GD"),
        ("清华大学深圳国际研究生院", "CN-GD"),
        ("中国科学院上海营养与健康研究所", "CN-SH"),
        ("中国人民解放军南京军区南京总医院", "CN-JS"),
        ("西南交通大学", "CN-SC"),
        ("吉林大学", "CN-JL"),
        ("海南大学", "CN-HI"),
        ("长江水利委员会长江科学院", "CN-HB"),
        ("黄河勘测规划设计有限公司", "CN-HA"),
        ("中国石油大学(华东)", "CN-SD"),
        ("中国石油大学（北京）", "CN-BJ"),
        ("中国地质大学（武汉）", "CN-HB"),
        ("华北电力大学", "CN-BJ"),
        ("中国矿业大学", "CN-JS"),
        ("中国矿业大学（北京）", "CN-BJ"),
        ("哈尔滨工业大学", "CN-HL"),
        ("哈尔滨工业大学（深圳）", "CN-GD"),
        ("哈尔滨工业大学（威海）", "CN-SD"),
        ("复旦大学附属中山医院", "CN-SH"),
        ("中国中医科学院广安门医院", "CN-BJ"),
        ("阿里云计算有限公司", "CN-ZJ"),
        ("中国科学院海西研究院", "CN-FJ"),
    ],
)
def test_names_that_mislead(shared: Path, name: str, province: str) -> None:
    assert inst.locator(shared / "data").locate(name).province_id == province


def test_lists_contradicted_by_a_name_are_overruled(shared: Path) -> None:
    known = inst.locator(shared / "data")
    odd = [row for row in inst.contradictions(known) if row[2]]
    assert odd
    for name, _, place in odd:
        assert known.locate(name).province_id == place.split(" in ")[1]


def test_agrees_with_the_research_organization_registry(shared: Path) -> None:
    """ROR is an independent source: its Chinese names cover about half of the projects."""
    pandas = pytest.importorskip("pandas")
    data = shared / "data"
    known = inst.locator(data)
    divisions = pandas.read_csv(data / "cn_admin_divisions/areacity_level3_pinyin.csv", dtype=str, encoding="utf-8-sig")
    cities = divisions[(divisions["deep"] == "1") & divisions["id"].str[:2].isin(inst.LETTERS)]
    by_city: dict[str, set[str]] = {}
    for pinyin, code in zip(cities["pinyin"], cities["id"], strict=True):
        by_city.setdefault(pinyin.replace(" ", ""), set()).add(f"CN-{inst.LETTERS[code[:2]]}")
    by_city |= {"xi'an": {"CN-SN"}, "harbin": {"CN-HL"}}
    orgs = pandas.read_parquet(data / "ror_organisations/orgs.parquet")
    orgs = orgs[(orgs["country_code"] == "CN") & orgs["name_zh"].notna()]
    projects = set(inst.read_projects(data / "cn_province_hightech")["institution"].map(inst.normalise))
    compared, wrong = 0, set()
    for name, region, city in zip(orgs["name_zh"].map(inst.normalise), orgs["subdivision"], orgs["city"], strict=True):
        truth = {ENGLISH[region]} if region in ENGLISH else by_city.get(str(city).lower(), set())
        if name in projects and len(truth) == 1:
            compared += 1
            if known.locate(name).province_id not in truth:
                wrong.add(name)
    assert compared > 220
    assert wrong == ROR_WRONG
