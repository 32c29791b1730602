"""Definitions of the industries of the future: own sentences for each form, and a real article by offsets."""

from __future__ import annotations

import itertools
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.reading.definitions import Definition, attributes, find_definitions
from foreland.data.reading.model import Mention
from foreland.data.taxonomy.tagger import Tagger

TAGGER = Tagger("iotf")


def read(sentence: str, language: str) -> list[Definition]:
    mentions = [Mention(s.start, s.end, s.text, s.field_id.split(":")[1], s.term) for s in TAGGER.tag(sentence)]
    return find_definitions(sentence, mentions, language)


@pytest.mark.parametrize(
    ("sentence", "language", "expected"),
    [
        ("未来产业是指由前沿技术驱动、尚处孕育阶段、不确定性高的产业。", "zh", "frontier early_stage uncertain"),
        ("未来产业具有战略性、引领性和颠覆性。", "zh", "disruptive strategic leading"),
        ("未来产业，代表新一轮科技革命方向，成长性好、周期长。", "zh", "growth_potential long_term transformative"),
        ("培育由新一代信息技术与制造交叉融合驱动的未来产业。", "zh", "cross_integration next_generation_it"),
        ("Future industries are driven by disruptive technologies.", "en", "disruptive"),
        ("The future industry refers to high-tech, forward-looking firms.", "en", "forward_looking high_technology"),
        ("Industries of the future rely on strategic demand, long-term.", "en", "strategic demand_driven long_term"),
        ("We want industries of the future that are low-carbon and at an early stage.", "en", "early_stage green"),
    ],
)  # fmt: skip
def test_statements(sentence, language, expected):
    (found,) = read(sentence, language)
    assert found.rule == "statement"
    assert found.attributes == tuple(expected.split())


@pytest.mark.parametrize(
    ("sentence", "language", "text", "fields"),
    [
        ("前瞻布局量子科技、具身智能等未来产业。", "zh", "量子科技、具身智能等未来产业", "quantum embodied_ai"),
        ("大力发展氢能、脑机接口等前沿未来产业。", "zh", "氢能、脑机接口等前沿未来产业", "hydrogen brain_inspired"),
        ("培育低空经济、核聚变等新兴产业和未来产业。", "zh",
         "低空经济、核聚变等新兴产业和未来产业", "low_altitude fusion"),
        ("未来产业包括生物制造、6G。", "zh", "未来产业包括生物制造、6G", "biomanufacturing future_networks"),
        ("发展未来产业，如量子科技、氢能。", "zh", "未来产业，如量子科技、氢能", "quantum hydrogen"),
        (
            "We will foster industries of the future such as embodied AI and 6G.", "en",
            "industries of the future such as embodied AI and 6G", "embodied_ai future_networks",
        ),
        (
            "The focus of the future industry is on quantum technology.", "en",
            "The focus of the future industry is on quantum technology", "quantum",
        ),
        (
            "Hydrogen energy, quantum technology and other industries of the future.", "en",
            "Hydrogen energy, quantum technology and other industries of the future", "hydrogen quantum",
        ),
    ],
)  # fmt: skip
def test_lists(sentence, language, text, fields):
    (found,) = read(sentence, language)
    assert (found.rule, found.text, found.fields) == ("list", text, tuple(fields.split()))


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("培育壮大新兴产业和未来产业。", "zh"),
        ("未来产业是我市发展的重要抓手。", "zh"),
        ("未来产业指数上升。", "zh"),
        ("建设未来产业先导区，发展量子科技。", "zh"),
        ("未来，产业基础将更加牢固。", "zh"),
        ("We will foster industries of the future.", "en"),
        ("The future industry plan is driven by demand.", "en"),
        ("Future industries have become a new focus.", "en"),
        ("", "zh"),
    ],
)
def test_what_defines_nothing(sentence, language):
    assert read(sentence, language) == []


def test_a_name_is_no_mark():
    (found,) = read("发展氢能、量子科技等战略性新兴产业和未来产业。", "zh")
    assert found.attributes == ()


def test_attributes_have_names_and_patterns_in_both_languages():
    for one in attributes().values():
        assert all(one), one.code


@given(
    st.lists(
        st.sampled_from(
            ["未来产业", "是指", "包括", "前沿技术", "量子科技", "、", "氢能", "等", "，", "。", "发展", "具有"]
        ),
        max_size=16,
    ).map("".join)
)
def test_spans_are_sound(sentence):
    found = read(sentence, "zh")
    for one in found:
        assert one.text == sentence[one.start : one.end]
        assert "未来产业" in one.text
        assert set(one.attributes) <= set(attributes())
        assert one.attributes or one.fields
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))


# Offsets in the news article among the shared references; labels by hand.
ARTICLE = [
    (416, 672, "list", {"frontier"}, {"quantum", "gene_cell", "future_networks", "hydrogen", "energy_storage"}),
    (2295, 2440, "statement", {"breakthrough", "disruptive", "frontier"}, set()),  # Zhejiang
    (2467, 2629, "statement", {"cross_integration", "next_generation_it"}, {"new_materials", "new_energy"}),  # others
    (4037, 4114, "statement", {"uncertain", "long_term"}, set()),
]


def test_places_differ_in_what_they_mean(shared):
    """Zhejiang stresses breakthrough and disruption, other places the integration of technologies."""
    articles = list((shared / "reference").glob("003_*.txt"))
    if not articles:
        pytest.skip("needs the reference articles of the shared folder")
    text = articles[0].read_text(encoding="utf-8")
    found = [
        one._replace(start=one.start + match.start(), end=one.end + match.start())
        for match in re.finditer(r"[^\n]+?(?:[.?!](?=\s)|$)", text, re.MULTILINE)
        for one in read(match.group(), "en")
    ]
    for start, end, rule, marks, fields in ARTICLE:
        overlapping = [one for one in found if one.start < end and start < one.end]
        assert [one.rule for one in overlapping] == [rule]
        assert marks <= set(overlapping[0].attributes)
        assert fields <= set(overlapping[0].fields)
    zhejiang, others = (
        set(next(o for o in found if o.start < end and start < o.end).attributes) for start, end, *_ in ARTICLE[1:3]
    )
    assert {"breakthrough", "disruptive"} <= zhejiang - others
    assert "cross_integration" in others - zhejiang


@pytest.mark.parametrize(
    ("unit", "language"),
    [("未来产业", "zh"), ("未来产业是甲", "zh"), ("future industry ", "en"), ("future industries, word ", "en")],
)
def test_text_without_sentences_takes_time_in_proportion(unit, language):
    def seconds(times: int) -> float:
        start = time.process_time()
        find_definitions(unit * times, [], language)
        return time.process_time() - start

    assert min(seconds(3200) for _ in range(2)) < 100 * max(min(seconds(200) for _ in range(3)), 0.002)
