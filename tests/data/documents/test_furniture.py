"""Page chrome, contents and glossaries are marked; running text never is."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.documents.furniture import CUT, Mark, blank, kept, mark

PROSE = [
    "过去一年，青岚省坚持创新驱动，地区生产总值增长百分之五，建成量子计算实验室三座，培育氢能企业二十家。",
    "今年，我们将加快建设未来产业先导区，支持企业牵头组建创新联合体，完善人才引进和服务政策体系。",
    "与此同时，深化与周边省市的合作，共建跨区域的检测认证平台，推动标准互认、数据互通、设施共享。",
]
HEAD = [
    "您的位置：",
    "首页",
    ">",
    "政务公开",
    ">",
    "省政府工作报告",
    "2031年青岚省政府工作报告",
    "发布时间：",
    "2031-02-03 09:02",
]
HEAD += [
    "来源：",
    "青岚日报",
    "【字体：",
    "大",
    "中",
    "小",
    "】",
    "打印 关闭",
    "分享到：",
    "省长作报告。本报记者 甲乙丙 摄",
]
TAIL = [
    "责任编辑：丁戊己",
    "上一篇：青岚省召开全会",
    "相关链接",
    "青岚省发布规划",
    "版权所有：青岚省人民政府办公厅",
    "青ICP备00000000号",
]


def marked(text: str, *kinds: str) -> list[str]:
    found = [item for item in mark(text) if not kinds or item.kind in kinds]
    return [line for item in found for line in text[item.start : item.end].split("\n")]


def test_chrome_around_a_speech_is_marked_and_nothing_else() -> None:
    text = "\n".join([*HEAD, "各位代表：", *PROSE, *TAIL])
    assert marked(text) == [line for line in [*HEAD, *TAIL] if line != "2031年青岚省政府工作报告"]
    assert kept(text, mark(text)).split("\n")[:3] == ["2031年青岚省政府工作报告", "各位代表：", PROSE[0]]


def test_english_page() -> None:
    head = ["Skip to main content", "Menu", "Search", "Home > Policies > Hydrogen", "Hydrogen Strategy for Bluehaze"]
    head += ["Published 3 February 2031", "Share this page", "Print this page"]
    prose = (
        "By 2035 the province will have built three laboratories, and it will have trained many researchers for them."
    )
    tail = ["Back to top", "Related content", "Another strategy of the province", "© Government of Bluehaze 2031"]
    tail += ["All rights reserved.", "Cookie settings", "Privacy policy"]
    text = "\n".join([*head, prose, prose, *tail])
    assert marked(text) == [line for line in [*head, *tail] if not line.startswith("Hydrogen Strategy")]


def test_a_plan_with_contents() -> None:
    headings = ["第一章 总体要求", "第二章 主要任务", "第三章 保障措施"]
    body = [line for pair in zip(headings, PROSE, strict=True) for line in pair]
    for contents in (
        [f"{heading}{'…' * 6}{page}" for page, heading in enumerate(headings, 3)],
        [f"{heading} ........ {page}" for page, heading in enumerate(headings, 3)],
        headings,
    ):
        text = "\n".join(["青岚省氢能产业规划", "目 录", *contents, *body])
        assert marked(text, "contents") == ["目 录", *contents]
        assert kept(text, mark(text)).split("\n") == ["青岚省氢能产业规划", *body]


def test_dotted_leaders_without_a_heading() -> None:
    entries = ["1 Introduction .......... 1", "2 The aims of the plan ........ 4", "3 Measures . . . . . . . . 12"]
    prose = "By 2035 the province will have built three laboratories, and it will have trained many researchers."
    assert marked("\n".join([*entries, prose]), "contents") == entries


GLOSSARIES = {
    "numbered": ["名词解释", "1.“三链融合”：是指创新链、产业链、资金链。", "2.“双百计划”：指培育百家企业、百个平台。"],
    "two lines": [
        "附件2",
        "名词解释",
        "1.“三链融合”：",
        "创新链、产业链、资金链。",
        "2.“双百计划”：",
        "百家企业、百个平台。",
    ],
    "brackets": ["注释", "［1］三链融合：", "创新链、产业链、资金链。", "［2］双百计划：", "百家企业、百个平台。"],
    "titled": ["《政府工作报告》有关名词解释", "1. 三链融合：创新链、产业链、资金链。", "2. 双百计划：百家企业。"],
    "unnumbered": ["有关名词注释", "三链融合：创新链、产业链、资金链。", "双百计划：百家企业、百个平台。"],
    "english": ["Glossary", "Electrolyser: a device that splits water.", "Fuel cell – a device that makes power."],
    "abbreviations": ["List of abbreviations", "IotF    industries of the future", "GW    gigawatt"],
}


@pytest.mark.parametrize("name", GLOSSARIES)
def test_glossary_at_the_end(name: str) -> None:
    text = "\n".join([*PROSE, *GLOSSARIES[name]])
    assert marked(text, "glossary") == GLOSSARIES[name]


def test_glossary_ends_where_another_annex_or_chrome_begins() -> None:
    glossary = GLOSSARIES["numbered"]
    annex = ["附件3", "民生实事清单", "1.新建幼儿园二十所，增加学位六千个，改善办学条件。"]
    text = "\n".join([*PROSE, *glossary, *annex, *PROSE, "责任编辑：丁戊己"])
    assert marked(text, "glossary") == glossary
    assert marked(text, "furniture") == ["责任编辑：丁戊己"]


def test_numbered_list_that_starts_again_is_no_glossary() -> None:
    text = "\n".join([*PROSE, *GLOSSARIES["numbered"], *(f"{n}. 新建学校。" for n in (1, 2, 3))])
    assert marked(text, "glossary") == GLOSSARIES["numbered"]


@pytest.mark.parametrize(
    "line",
    [
        "来源：多元化供给，保障能源安全，到二〇三〇年建成三座制氢基地并网运行，形成多能互补的供应体系。",
        "打印产业集群加快发展，增材制造企业达到二十家，形成百亿元规模，带动就业三千人以上。",
        "注释率达到百分之九十。",
        "名词解释",
        "目录",
        "2031",
        "目标：实验室三座。",
        "编辑技术取得突破，基因编辑产品获批上市。",
        "时间紧、任务重。",
        "各位代表：",
        "大中小企业融通发展",
        "下一页翻开的是新的奋斗篇章。",
    ],
)
def test_running_text_is_left_alone(line: str) -> None:
    text = "\n".join([*PROSE, line, *PROSE])
    assert mark(text) == []


def test_page_numbers_count_up() -> None:
    text = "\n".join([PROSE[0], "1", PROSE[1], "2", PROSE[2], "3", PROSE[0], "2030"])
    assert marked(text) == ["1", "2", "3"]
    assert mark("\n".join(["指标", "5", "100", "7", *PROSE])) == []


texts = st.lists(
    st.sampled_from([*HEAD, *TAIL, *PROSE, *GLOSSARIES["numbered"], "目录", "", "  ", "1", "2", "x" * 50, "，。"])
)


@given(st.one_of(texts.map("\n".join), st.text(max_size=200)))
def test_marks_are_in_order_of_whole_lines_and_blanks_keep_offsets(text: str) -> None:
    marks = mark(text)
    assert all(one.end < other.start for one, other in itertools.pairwise(marks))
    for item in marks:
        assert 0 <= item.start < item.end <= len(text)
        assert text[: item.start].rpartition("\n")[2].strip() == ""
        assert text[item.end :].partition("\n")[0].strip() == ""
    blanked = blank(text, marks)
    assert len(blanked) == len(text)
    assert blanked.count("\n") == text.count("\n")
    assert all(prose not in "".join(marked(text)) for prose in PROSE)
    assert re.sub(r"\s", "", blanked) == re.sub(r"\s", "", kept(text, marks))


def test_only_the_kinds_asked_for_are_cut() -> None:
    text = "甲\n乙\n丙"
    marks = [Mark(0, 1, "table", "x"), Mark(2, 3, "glossary", "x")]
    assert kept(text, marks) == "甲\n丙"
    assert kept(text, marks, (*CUT, "table")) == "丙"
    assert blank(text, marks) == "甲\n \n丙"


def reports(shared: Path) -> dict[str, str]:
    import pandas as pd

    table = pd.read_parquet(shared / "data" / "cn_work_reports_2026" / "gwr_provincial_2026.parquet")
    return dict(zip(table["province"], table["text"], strict=True))


def speech(page: str) -> tuple[int, int]:
    """Where the speech stands: from the line of the salutation to that of the closing call of every report."""
    lines = page.split("\n")
    first = next(i for i, line in enumerate(lines) if line.strip().startswith("各位代表"))
    last = max(i for i, line in enumerate(lines) if re.search("紧密地?团结在以习近平同志为核心的党中央周围", line))
    start = sum(len(line) + 1 for line in lines[:first])
    return start, start + len("\n".join(lines[first : last + 1]))


def test_every_work_report_keeps_its_speech(shared: Path) -> None:
    pages = reports(shared)
    assert len(pages) == 31
    for province, page in pages.items():
        start, end = speech(page)
        eaten = sum(max(0, min(item.end, end) - max(item.start, start)) for item in mark(page))
        assert eaten <= 0.01 * (end - start), province


def test_work_reports_lose_their_chrome_and_glossaries(shared: Path) -> None:
    """Outside the speech what stays is title, date, speaker and annexes: no more than 80 characters without these."""
    with_annex = {"内蒙古自治区", "广东省"}
    with_glossary = {"广东省": 1000, "海南省": 1800, "江西省": 1600, "四川省": 2200}
    for province, page in reports(shared).items():
        marks = mark(page)
        start, end = speech(page)
        rest = len(kept(page, marks)) - (end - start)
        assert rest <= (4000 if province in with_annex else 80), province
        glossary = sum(item.end - item.start for item in marks if item.kind == "glossary")
        assert glossary >= with_glossary.get(province, 0), province
        assert (glossary > 0) == (province in with_glossary), province
        left = kept(page, marks)
        assert not re.search(
            r"^(?:来源|时间|发布时间|您的位置|当前位置|【?字体|分享|责任编辑|编辑)\s*[:：]", left, re.MULTILINE
        ), province


def test_english_papers_keep_their_text(shared: Path) -> None:
    for path in sorted((shared / "reference").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        cut = sum(item.end - item.start for item in mark(text))
        assert cut <= 0.03 * len(text), path.name
