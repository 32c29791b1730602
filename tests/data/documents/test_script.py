"""Traditional to simplified at the same length; Chinese told from English, and both from the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from foreland.data.documents.script import is_traditional, language, to_simplified

PAIRS = [
    ("發展量子資訊與氫能產業，國家實驗室將於臺北設立。", "发展量子资讯与氢能产业，国家实验室将于台北设立。"),
    ("乾坤與乾燥", "乾坤与干燥"),
    ("一目瞭然", "一目了然"),
    ("Plan 2030：氫", "Plan 2030：氢"),
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_known_sentences_become_simplified(old: str, new: str) -> None:
    assert to_simplified(old) == new
    assert is_traditional(old) or old == "一目瞭然"
    assert not is_traditional(new)


def test_agrees_with_opencc_on_its_own_sentences() -> None:
    converter = OpenCC("t2s")
    for old, _ in PAIRS:
        assert to_simplified(old) == converter.convert(old)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("發乾瞭二噁英鍾麼麽著𫫇")), max_size=60))
def test_length_is_kept_whatever_the_text(text: str) -> None:
    assert len(to_simplified(text)) == len(text)


@given(st.text(alphabet="发展量子信息与氢能产业国家实验室体制机制", max_size=40))
def test_simplified_stays_as_it_is(text: str) -> None:
    assert to_simplified(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("到2030年建成三个量子计算实验室，推进AI与6G融合。", ("zh", "han_share")),
        ("到2030年建成三個量子計算實驗室。", ("zh", "han_share")),
        ("支持 Industry of the Future 集群建设，打造 world-class 平台，加快成果转化应用。", ("zh", "han_share")),
        ("By 2030 the region will have built three laboratories for quantum computing.", ("en", "stop_words")),
        ("The plan names 北京 and 上海 as the places for the pilot of the new network.", ("en", "stop_words")),
        ("D'ici 2030, la région aura construit trois laboratoires pour le calcul quantique.", (None, "other_language")),
        (
            "Bis 2030 baut die Region drei Labore für Quantenrechner in Zusammenarbeit mit Firmen.",
            (None, "other_language"),
        ),
        ("2030年までに量子コンピュータの研究所を三つ建設します。", (None, "kana_or_hangul")),
        ("2030년까지 양자 컴퓨터 연구소를 세 곳 건설한다.", (None, "kana_or_hangul")),
        ("К 2030 году регион построит три лаборатории.", (None, "other_script")),
        ("", (None, "too_short")),
        ("12.5 % 30", (None, "too_short")),
    ],
)
def test_language(text: str, expected: tuple[str | None, str]) -> None:
    assert language(text) == expected


def test_language_of_long_text_looks_at_both_ends() -> None:
    assert language("x9 " * 10 + "到二零三零年建成实验室。" * 40_000)[0] == "zh"
