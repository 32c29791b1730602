"""Titles without markup, and the keys that find like titles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.records.plain import doi_of, number_of, plain, script_language, title_key, title_of


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("Growth of <i>MoS<sub>2</sub></i> &amp; more", "Growth of MoS2 & more"),
        ("&lt;b&gt;Twice&lt;/b&gt; &amp;amp; escaped", "Twice & escaped"),
        ("p < q and r > s", "p < q and r > s"),
        ('<jats:p>One</jats:p><jats:p class="x">Two</jats:p>', "One Two"),
        ("<mml:math><mml:mi>x</mml:mi><mml:annotation>\\x</mml:annotation></mml:math> of", "x of"),
        ("{GaN} on {Si}: 5\\% better", "GaN on Si: 5% better"),
        ("Schr{\\\"o}dinger and Erd\\H{o}s--R\\'enyi", "Schrödinger and Erdős–Rényi"),
        ("$\\alpha_{1}$-decay, \\textbf{bold} and $k$-means", "α1-decay, bold and k-means"),
        ("costs $5 and $6", "costs $5 and $6"),
        ("面向<sub>深海</sub>  采矿", "面向深海 采矿"),
        ("zero\u200bwidth \u202eturned", "zerowidth turned"),
    ],
)
def test_markup_goes_and_words_stay(raw: str, said: str) -> None:
    assert plain(raw) == said


@given(st.text(alphabet="ab <>&;/$\\{}_^~\"'=.%#c中", max_size=80))
def test_any_text_comes_out_in_single_blanks(raw: str) -> None:
    said = plain(raw)
    assert said == " ".join(said.split())
    assert len(title_of(raw * 200)) <= 1000


def test_like_titles_have_one_key_and_short_ones_none() -> None:
    one = title_key("Deep-Sea Mining: a Review of Méthods and Risks")
    assert one == title_key("deep sea mining — a review of methods and risks")
    assert one != title_key("Deep-Sea Mining: a Review of Methods and Rights")
    assert title_key("Editorial") is None
    assert title_key("面向深海采矿的机器人研究") == title_key("面向深海采矿的机器人研究。")
    assert title_key("前言") is None
    assert -(2**63) <= number_of("x") < 2**63


@pytest.mark.parametrize(
    ("raw", "doi"),
    [
        ("https://doi.org/10.1000/ABC.1", "10.1000/abc.1"),
        ("doi:10.1000/x(1)2.", "10.1000/x(1)2"),
        (
            "https://doi.org/10.1002/(SICI)1097(1999)50:1<1::AID-ASI1>3.0.CO;2-7",
            "10.1002/(sici)1097(1999)50:1<1::aid-asi1>3.0.co;2-7",
        ),
        ("Else, 2010 (doi 10.1000/x).", "10.1000/x"),
        ("no DOI", ""),
    ],
)
def test_a_doi_is_lower_case_and_bare(raw: str, doi: str) -> None:
    assert doi_of(raw) == doi


@pytest.mark.parametrize(
    ("title", "code"), [("深海机器人", "zh"), ("ロボットの研究", "ja"), ("Robots", ""), ("로봇 연구", "ko")]
)
def test_scripts_that_give_the_language_away(title: str, code: str) -> None:
    assert script_language(title) == code
