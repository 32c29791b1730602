"""Who issued a document, told by names, titles and texts that are made up."""

from __future__ import annotations

import pytest

from foreland.data.documents.issuer import in_name, in_text, in_title, known_region, level_of
from foreland.data.taxonomy import regions

PROVINCES = [place for place in regions.regions().values() if place.level == "province"]
PREFECTURES = [place for place in regions.regions().values() if place.level == "prefecture"]


@pytest.mark.parametrize("place", PROVINCES, ids=lambda place: place.id)
def test_every_province_is_known_in_title_name_and_text(place: regions.Region) -> None:
    titled = in_title(f"{place.name_zh}人民政府关于印发未来产业规划的通知")
    assert titled is not None
    assert (titled.region_id, titled.level) == (place.id, "province")
    named = in_name(f"2026_{place.short_zh}_规划")
    assert named is not None
    assert named.region_id == place.id
    spoken = in_text(f"规划\n各位代表：\n现在，我代表{place.name_zh}人民政府，向大会报告工作。")
    assert spoken is not None
    assert spoken.region_id == place.id
    assert in_name(f"{place.id}_plan").region_id == place.id  # type: ignore[union-attr]


def test_every_prefecture_is_known_by_its_full_name_with_and_without_its_province() -> None:
    known = regions.regions()
    wrong = []
    for place in PREFECTURES:
        for title in (
            f"{place.name_zh}人民政府工作报告",
            f"{known[place.parent_id or ''].name_zh}{place.name_zh}人工智能规划",
        ):
            found = in_title(title)
            if found is None or (found.region_id, found.level) != (place.id, "city"):
                wrong.append((title, found))
    assert not wrong


@pytest.mark.parametrize(
    ("title", "region_id", "level"),
    [
        ("国务院关于支持浙江高质量发展的意见", "CN", "central"),
        ("工业和信息化部等七部门关于推动未来产业发展的实施意见", "CN", "central"),
        ("浙江省杭州市余杭区人民政府关于印发规划的通知", "CN-330100", "county"),
        ("北京市朝阳区政府工作报告", "CN-BJ", "county"),
        ("江苏省苏州工业园区规划", "CN-320500", "city"),
        ("吉林市2026年政府工作报告", "CN-220200", "city"),
        ("吉林2026年政府工作报告", "CN-JL", "province"),
        ("海南省海洋规划", "CN-HI", "province"),
        ("中国（上海）自由贸易试验区方案", "CN-SH", "province"),
        ("浙江省经济和信息化厅关于公布名单的通知", "CN-ZJ", "province"),
        ("香港创新科技发展蓝图", "CN-HK", "province"),
        ("UK Innovation Strategy", "GB", "foreign"),
        ("Germany's High-Tech Plan", "DE", "foreign"),
        ("欧盟芯片法案", "agg:eu27", "foreign"),
        ("Zhejiang Provincial Plan for Hydrogen", "CN-ZJ", "province"),
    ],
)
def test_titles(title: str, region_id: str, level: str) -> None:
    found = in_title(title)
    assert found is not None
    assert (found.region_id, found.level) == (region_id, level)


@pytest.mark.parametrize(
    "title", ["关于支持上海发展的意见", "阿里云白皮书", "AI plan for all", "Policy for this Chadwick", "未来产业规划"]
)
def test_titles_that_name_nobody(title: str) -> None:
    assert in_title(title) is None


def test_a_county_without_a_province_has_a_level_and_no_place() -> None:
    found = in_title("某某县人民政府关于印发规划的通知")
    assert found is not None
    assert (found.region_id, found.level) == (None, "county")


@pytest.mark.parametrize(
    ("text", "region_id"),
    [
        ("关于规划的通知\n为落实党中央、国务院部署，现提出。\n杭州市人民政府\n2026年1月1日\n", "CN-330100"),
        ("浙政发〔2024〕1号\n各市：", "CN-ZJ"),
        ("国发〔2024〕1号\n各省：", "CN"),
        ("工作报告\n——在甘肃省第十四届人民代表大会第四次会议上\n甘肃省省长", "CN-GS"),
        ("报告\n在第十四届全国人民代表大会第一次会议上\n", "CN"),
        ("Report\nOn behalf of the State Council, I now report.", "CN"),
        ("Plan\nThe People's Government of Zhejiang Province hereby publishes it.", "CN-ZJ"),
    ],
)
def test_texts(text: str, region_id: str) -> None:
    found = in_text(text)
    assert found is not None
    assert found.region_id == region_id


def test_a_body_that_is_only_named_did_not_issue_the_text() -> None:
    assert in_text("在党中央、国务院坚强领导下，各地加快发展。") is None


@pytest.mark.parametrize(
    ("name", "region_id"), [("zhejiang-report-2026", "CN-ZJ"), ("usa_plan", "US"), ("hebei2026", "CN-HE")]
)
def test_latin_names_of_files(name: str, region_id: str) -> None:
    found = in_name(name)
    assert found is not None
    assert found.region_id == region_id


def test_names_and_levels() -> None:
    assert known_region("Taiwan") == "CN-TW"
    assert known_region("浙江省") == "CN-ZJ"
    assert known_region("nowhere") is None
    assert [level_of(i) for i in ("CN", "CN-ZJ", "CN-330100", "FR", "agg:eu27")] == [
        "central", "province", "city", "foreign", "foreign",
    ]  # fmt: skip


def test_the_head_of_all_reports_tells_the_province(shared: object) -> None:
    import pandas as pd

    rows = pd.read_parquet(f"{shared}/data/cn_work_reports_2026/gwr_provincial_2026.parquet")
    wrong = [row.province for row in rows.itertuples() if _region(row.text) != known_region(str(row.province))]
    assert not wrong


def _region(text: object) -> str | None:
    found = in_text(str(text))
    return found.region_id if found else None
