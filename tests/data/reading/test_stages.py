"""Stage of innovation × domain of policy: own sentences for each stage, each domain and each type."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import foreland.data.reading as reading
from foreland.data.reading.model import INSTRUMENTS
from foreland.data.reading.stages import DOMAINS, SIDES, STAGES, cells, instrument_types, named


@pytest.mark.parametrize(
    ("type_", "sentence", "language", "expected"),
    [
        ("platform", "建设国家实验室，加强基础研究。", "zh", [("research", "science_technology")]),
        ("platform", "组建量子创新联合体。", "zh", [("breakthrough", "science_technology")]),
        ("platform", "建设中试平台。", "zh", [("transfer", "science_technology")]),
        ("platform", "建设甲江平台。", "zh", []),  # nothing tells the stage
        ("scenario", "开放一批低空场景。", "zh", [("application", "industry")]),
        ("procurement", "扩大政府采购。", "zh", [("application", "fiscal")]),
        ("fund", "设立甲江基金。", "zh", [("transfer", "finance")]),
        (
            "fund",
            "基金投向颠覆性技术和首台（套）装备。",
            "zh",
            [("breakthrough", "finance"), ("application", "finance")],
        ),
        ("talent", "为核心技术攻关引进人才。", "zh", [("breakthrough", "education")]),
        ("tax", "落实研发费用加计扣除。", "zh", [("breakthrough", "fiscal")]),
        ("project", "开展技术攻关。", "zh", [("breakthrough", "science_technology")]),
        ("regulation", "深化职务科技成果赋权改革。", "zh", [("transfer", "science_technology")]),
        ("coordination", "深化校企合作，共建产业学院。", "zh", [("transfer", "education"), ("transfer", "industry")]),
        ("coordination", "加强统筹。", "zh", []),
        ("platform", "We will build national laboratories.", "en", [("research", "science_technology")]),
        ("platform", "We will build pilot-scale testing platforms.", "en", [("transfer", "science_technology")]),
        ("credit", "Loans will support breakthroughs.", "en", [("breakthrough", "finance")]),
        ("scenario", "We will open scenarios.", "en", [("application", "industry")]),
        (
            "project",
            "Major technology programs will tackle bottlenecks.",
            "en",
            [("breakthrough", "science_technology")],
        ),
    ],
)
def test_cells(type_, sentence, language, expected):
    assert cells(type_, sentence, language) == expected


def test_every_type_has_a_side_names_and_known_defaults():
    types = instrument_types()
    assert tuple(types) == INSTRUMENTS
    for one in types.values():
        assert one.side in SIDES
        assert one.stage in ("", *STAGES)
        assert one.domain in ("", *DOMAINS)
        assert one.name_en
        assert one.name_zh
        assert one.description_en
        assert one.description_zh


def test_all_sides_have_instruments():
    assert {one.side for one in instrument_types().values()} == set(SIDES)


def test_unknown_types_are_refused():
    with pytest.raises(KeyError):
        cells("wishes", "建设中试平台", "zh")


def test_each_mapping_says_why_in_both_languages():
    with (Path(reading.__file__).parent / "stages.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for language in ("zh", "en"):
        told = [(row["axis"], row["code"]) for row in rows if row["lang"] == language and row["reason"]]
        assert told == [("stage", s) for s in STAGES] + [("domain", d) for d in DOMAINS]


@given(st.text(alphabet="基础研究攻关中试场景产业人才基金税 abcdefg", max_size=30), st.sampled_from(INSTRUMENTS))
def test_cells_are_known_and_unique_and_more_text_only_adds_stages(text, type_):
    found = cells(type_, text, "zh")
    assert len(set(found)) == len(found)
    assert all(stage in STAGES and domain in DOMAINS for stage, domain in found)
    assert set(named("stage", text, "zh")) <= set(named("stage", text + "，开展中试。", "zh"))
