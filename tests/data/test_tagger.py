"""The tagger against hand-made cases, a naive reading of its own rule, and labelled sentences."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import foreland.data.taxonomy as package
from foreland.data.taxonomy.fields import fields, programmes
from foreland.data.taxonomy.tagger import Pattern, Tagger, patterns, plural, spellings

TAGGER = Tagger()


def found(text: str) -> list[tuple[str, str]]:
    return [(span.text, span.field_id.removeprefix("iotf:")) for span in TAGGER.tag(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("培育量子科技、生物制造等未来产业", ["quantum", "biomanufacturing", "future_industry_generic"]),
        ("新能源汽车动力电池", ["nev", "energy_storage"]),
        ("新能源装机和新能源汽车", ["new_energy", "nev"]),
        ("加快风光核氢等重点项目", ["new_energy", "hydrogen"]),
        ("工程机械、轨道交通等优势产业", ["high_end_equipment"]),
        ("航空航天、航空发动机", ["space", "high_end_equipment"]),
        ("AI芯片、智算、算力", ["semiconductors", "ai", "digital"]),
        ("新兴和未来产业", ["emerging_generic", "future_industry_generic"]),
        ("6G、卫星互联网与卫星制造", ["future_networks", "future_networks", "space"]),
        ("Brain-computer interfaces and embodied AI", ["brain_inspired", "embodied_ai"]),
        ("strategic emerging industries, EVs and batteries", ["emerging_generic", "nev", "energy_storage"]),
        ("NEW ENERGY VEHICLES; Deep Sea; low altitude economy", ["nev", "deep_sea", "low_altitude"]),
    ],
)
def test_mentions(text: str, expected: list[str]) -> None:
    assert [field for _, field in found(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "城市大脑上线，产业大脑贯通",
        "不拍脑袋决策，武装头脑",
        "丙烷脱氢催化剂、植物油氢化、加氢裂化和过氧化氢",
        "城市轨道交通运营里程500公里，轨道交通22号线开通",
        "国家高新技术企业达到1.5万家",
        "国家农业高新技术产业示范区、高新技术产业开发区",
        "5G基站20.6万个",
        "电子信息、新型显示产业",
        "推动企业数字化转型、数字政府建设",
        "中原量子谷、量子大道",
        "传承红色基因，文化基因解码",
        "超聚变等领军企业",
        "国际航空枢纽、航空口岸、航空港区和航空货运",
        "中国航天日、文昌国际航天城",
        "看着北斗星走不迷路",
        "秀美风光、壮美风光",
        "深海三文鱼养殖",
        "无人机灯光秀",
        "核电钢、手撕钢",
        "中医药传承创新、医药卫生体制",
        "中国绿色算力大会",
        "组建广西数据集团",
        "世界人形机器人运动会",
        "中新济南未来产业城",
        "重新材料入手，提交最新材料",
        "The rain in Spain remained; AIR and said",
        "a quantum leap; hydrogen peroxide; the solar system; digital transformation",
        "satellite TV, drone strikes, high-tech enterprises, emerging markets",
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_longest_wins_and_shield_only_covers_itself() -> None:
    assert found("新型储能电站") == [("新型储能", "energy_storage")]
    assert found("大脑与类脑智能") == [("类脑智能", "brain_inspired")]
    assert found("高新技术企业和高新技术产业") == [("高新技术产业", "emerging_generic")]


def test_context_is_asked_for_but_not_tagged() -> None:
    assert found("轨道交通等优势产业") == [("轨道交通", "high_end_equipment")]
    assert found("风光储能") == [("风光", "new_energy"), ("储能", "energy_storage")]
    assert found("轨道交通") == []


def test_what_context_hides_may_reach_further_than_the_context() -> None:
    # The automaton takes 轨道交通、航空 and then 航天; read by hand, 航空航天 begins inside and ends behind.
    assert found("轨道交通、航空航天") == [("轨道交通", "high_end_equipment"), ("航空航天", "space")]


def test_word_boundaries_end_at_chinese_characters() -> None:
    assert found("“AI+”与AI技术") == [("AI", "ai"), ("AI", "ai")]
    assert found("16GW、6GHz") == []
    assert found("superfusion energyx drones2") == []


@pytest.mark.parametrize(
    ("singular", "expected"),
    [("industry", "industries"), ("battery", "batteries"), ("switch", "switches"), ("GPU", "GPUs"), ("bus", "buses")],
)
def test_plural(singular: str, expected: str) -> None:
    assert plural(singular) == expected


def test_spellings_keep_capitals_of_a_word() -> None:
    assert "ai" not in spellings("AI")
    assert {"Deep-sea", "Deep-Sea", "DEEP-SEA", "deep sea", "Deep Sea", "DEEP SEA"} <= set(spellings("deep-sea"))


def naive(text: str) -> list[tuple[int, int, str]]:
    """Read the rule of the module literally: at each place try every pattern, take the longest that fits."""
    taken, at = [], 0
    while at < len(text):
        fitting = []
        for pattern in patterns():
            end = at + len(pattern.text)
            if text[at:end] != pattern.text:
                continue
            left = at > 0 and re.match("[A-Za-z0-9]", pattern.text[0]) and re.match("[A-Za-z0-9]", text[at - 1])
            right = end < len(text) and re.match("[A-Za-z0-9]", pattern.text[-1]) and re.match("[A-Za-z0-9]", text[end])
            if not left and not right:
                fitting.append(pattern)
        if not fitting:
            at += 1
            continue
        best: Pattern = max(fitting, key=lambda p: len(p.text))
        if best.field_id:
            taken.append((at, at + best.size, best.field_id))
        at += best.size
    return taken


WORDS = sorted({p.text for p in patterns()})
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.builds(lambda w, a, b: w[min(a, b) : max(a, b)], st.sampled_from(WORDS), st.integers(0, 6), st.integers(0, 6)),
    st.sampled_from(
        ["、", "和", "。", " ", "s", "G", "a", "1", "AI", "氢", "新", "能", "脱", "量子", "轨道交通", "智能"]
    ),
)
TEXTS = st.one_of(st.lists(PIECES, max_size=9).map("".join), st.text(max_size=40))


@settings(deadline=None, max_examples=150)
@given(TEXTS)
@example("轨道交通、航空航天")
def test_same_as_naive_reading(text: str) -> None:
    assert [(s.start, s.end, s.field_id) for s in TAGGER.tag(text)] == naive(text)


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_offsets_slice_the_text_and_do_not_overlap(text: str) -> None:
    spans = TAGGER.tag(text)
    for span in spans:
        assert text[span.start : span.end] == span.text
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert TAGGER.count(text) == Counter(span.field_id for span in spans)
    assert TAGGER.tag_many([text, text]) == [spans, spans]


def test_offsets_beyond_the_basic_plane() -> None:
    [span] = TAGGER.tag("🚀🛰️发展氢能")
    assert (span.start, span.end) == (5, 7)


def test_words_are_of_known_fields_and_each_is_said_once() -> None:
    with Path(package.__path__[0], "terms.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["field_id"] for row in rows} <= set(fields("iotf"))
    assert {row["kind"] for row in rows} == {"term", "exclude"}
    assert {row["lang"] for row in rows} == {"zh", "en"}
    assert all(row["note"] for row in rows if row["kind"] == "exclude")
    assert max(Counter((row["lang"], row["term"]) for row in rows).values()) == 1
    tagged = {(row["field_id"], row["lang"]) for row in rows if row["kind"] == "term"}
    leaves = {field.id for field in fields("iotf").values() if field.parent_id}
    assert tagged == {(leaf, lang) for leaf in leaves for lang in ("zh", "en")}


def test_every_word_finds_itself() -> None:
    for pattern in patterns():
        if pattern.field_id:
            assert TAGGER.tag(pattern.text)[0].field_id == pattern.field_id, pattern


def test_unknown_scheme() -> None:
    with pytest.raises(ValueError, match="no terms"):
        Tagger("nace")


def test_labelled_sentences(shared: Path) -> None:
    gold_folder = shared / "gold"
    spec = importlib.util.spec_from_file_location("gold_score", gold_folder / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    gold = score.read(gold_folder / "dev.gold.jsonl")
    hits = n_gold = n_predicted = 0
    for line in (gold_folder / "dev.sentences.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        spans = [
            {"start": s.start, "end": s.end, "field": s.field_id.removeprefix("iotf:")}
            for s in TAGGER.tag(row["sentence"])
        ]
        labels = gold[row["id"]]["fields"]
        hits += len(score.match(labels, spans, lambda g, p: g["field"] == p["field"]))
        n_gold, n_predicted = n_gold + len(labels), n_predicted + len(spans)
    assert score.prf(hits, n_gold, n_predicted)["f1"] >= 0.95


@pytest.mark.parametrize(
    ("word", "field", "reports"),
    [
        ("量子", "quantum", 14),
        ("未来产业", "future_industry_generic", 30),
        ("人工智能", "ai", 31),
        ("氢能", "hydrogen", 16),
        ("低空经济", "low_altitude", 22),
        ("具身智能", "embodied_ai", 19),
        ("脑机接口", "brain_inspired", 16),
        ("生物制造", "biomanufacturing", 24),
        ("商业航天", "space", 11),
        ("深海", "deep_sea", 8),
        ("6G", "future_networks", 4),
        ("核聚变", "fusion", 3),
    ],
)
def test_reports_that_name_a_field(shared: Path, word: str, field: str, reports: int) -> None:
    pd = pytest.importorskip("pandas")
    texts = pd.read_parquet(shared / "data/cn_work_reports_2026/gwr_provincial_2026.parquet")["text"]
    assert sum(word in text for text in texts) == reports
    tagged = sum(
        any(word in span.text and span.field_id == f"iotf:{field}" for span in TAGGER.tag(text)) for text in texts
    )
    assert tagged == reports


def test_same_fields_in_a_text_and_its_translation(shared: Path) -> None:
    pd = pytest.importorskip("pandas")
    pairs = pd.read_parquet(shared / "data/cn_work_reports_national_zh_en/gwr_national_zh_en.parquet")
    both = only_zh = only_en = 0
    for zh, en in zip(pairs["zh"].astype(str), pairs["en"].astype(str), strict=True):
        in_zh, in_en = set(TAGGER.count(zh)), set(TAGGER.count(en))
        both += len(in_zh & in_en)
        only_zh += len(in_zh - in_en)
        only_en += len(in_en - in_zh)
    assert both >= 300
    assert 2 * both / (2 * both + only_zh + only_en) >= 0.88


def test_counts_in_programmes_are_current(shared: Path) -> None:
    pd = pytest.importorskip("pandas")
    texts = pd.read_parquet(shared / "data/cn_work_reports_2026/gwr_provincial_2026.parquet")["text"]
    found = Counter(field for text in texts for field in set(TAGGER.count(text)))
    named = programmes()["programme:cn_reports_2026"]
    assert named == {field: f"{count}/31" for field, count in found.items()}
