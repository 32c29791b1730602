"""Terms: what is one, how it is counted, and that nothing of later years shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from foreland.core.errors import DataError
from foreland.data.discovery.acronyms import Acronyms, Definition, long_form_start
from foreland.data.discovery.clean import clean
from foreland.data.discovery.phrases_en import WORDS, fold
from foreland.data.discovery.stream import find_sequences, frequent_strings
from foreland.data.discovery.terms import TermRule, Terms, c_value, find_terms

ONE = TermRule(documents=1, share=1.0)


def counts_of(terms: Terms, document: int = 0) -> dict[str, int]:
    row = terms.counts[[document]].tocoo()
    return {terms.keys[column]: int(value) for column, value in zip(row.col, row.data, strict=True)}


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("H<sub>2</sub>O in <i>situ</i>", "H2O in situ"),
        ("<jats:p>Robots</jats:p><!-- x -->walk", " Robots  walk"),
        ("$k$-means and $O(n^2)$ steps", "k-means and   steps"),
        ("costs $5 and then $10 more", "costs $5 and then $10 more"),
        (r"\emph{Deep} \textbf{nets} \cite{a,b} of Schr\"{o}dinger", "Deep nets   of Schrodinger"),
        ("a &lt; b &amp;amp; c", "a < b & c"),
        ("ＡＩ（人工智能）", "AI(人工智能)"),
        ("if a < b and c > d then", "if a < b and c > d then"),
    ],
)
def test_markup_is_taken_out(raw: str, plain: str) -> None:
    assert clean(raw) == plain


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("robots", "robot"), ("Matrices", "matrix"), ("policies", "policy"), ("analysis", "analysis"), ("CNNs", "cnn"),
        ("classes", "class"), ("physics", "physics"), ("Newton's", "newton"), ("multi-", "multi"), ("GPS", "gps"),
        ("databases", "database"), ("series", "series"), ("modelling", "modeling"), ("boxes", "box"),
    ],
)  # fmt: skip
def test_words_are_folded(word: str, folded: str) -> None:
    assert fold(word) == folded


@given(st.text("abcdeiosuxyhz", min_size=3, max_size=9))
def test_folding_a_plural_gives_what_the_word_gives(stem: str) -> None:
    word = stem + "t"
    assert fold(word + "s") == fold(word) == word
    assert fold(word.upper() + "S") == fold(word)


def test_phrases_are_maximal_and_nested_ones_count() -> None:
    terms = find_terms(["We propose a novel multi-agent system. The multi-agent systems learn."], rule=ONE)
    counts = counts_of(terms)
    assert counts == {"multi-agent-system": 2, "multi-agent": 2, "agent-system": 2, "agent": 2}
    assert terms.labels[terms.keys.index("multi-agent-system")] in ("multi-agent system", "multi-agent systems")


def test_boilerplate_is_no_term() -> None:
    text = (
        "In this paper, we present the results. Experimental results show that our proposed method outperforms others."
    )
    assert "state" not in " ".join(find_terms([text + " Gripper. State-of-the-art."], rule=ONE).keys)
    assert find_terms([text + " Gripper."], rule=ONE).keys == ("gripper",)
    zh = find_terms(["本文研究基于深度学习的机器人抓取方法，结果表明该方法有效。"], rule=ONE)
    assert not {"本文", "研究", "结果", "方法"} & set(zh.keys)
    assert any("机器人" in key for key in zh.keys)


def test_short_and_long_forms_are_one_unit() -> None:
    text = "Simultaneous localization and mapping (SLAM) is hard. SLAM needs cameras. Visual SLAM drifts."
    terms = find_terms([text], rule=ONE)
    unit = "simultaneous-localization-and-mapping"
    assert counts_of(terms)[unit] == 3  # the definition is one mention, not two
    assert "slam" not in terms.keys
    assert terms.labels[terms.keys.index(unit)] == "Simultaneous localization and mapping (SLAM)"


@pytest.mark.parametrize(
    ("short", "words", "start"),
    [
        ("SLAM", "solve simultaneous localization and mapping", 1),
        ("SSL", "with self supervised learning", 1),
        ("CNNs", "deep convolutional neural networks", 1),
        ("DoF", "six degrees of freedom", 1),
        ("XYZ", "nothing of the kind", None),
        ("UN", "the UN", None),
    ],
)
def test_long_forms_by_schwartz_and_hearst(short: str, words: str, start: int | None) -> None:
    assert long_form_start(short, words.split()) == start


def test_a_short_form_stands_for_what_was_said_until_then() -> None:
    cellular, convolutional = (1, 3), (2, 3)
    early = [Definition(9, cellular, d, 1990, d) for d in range(3)]
    late = [Definition(9, convolutional, d, 2015, d) for d in range(10, 40)]
    known = Acronyms([*late, *early])
    assert known.meaning(9, 99, 1989) is None
    assert known.meaning(9, 99, 1991) == cellular
    assert known.meaning(9, 99, 2020) == convolutional
    assert known.meaning(9, 2, 2020) == cellular  # what the document says itself goes first


def test_two_languages_in_one_abstract_give_the_terms_of_both() -> None:
    text = "面向机器人的人工智能芯片。The gripper uses tactile sensors. 基于 SLAM 的导航。"
    keys = set(find_terms([text], rule=ONE).keys)
    assert {"人工智能-芯片", "gripper", "tactile-sensor", "slam"} <= keys


def test_c_value_by_hand() -> None:
    # The example of Frantzi, Ananiadou & Mima (2000), section 2.3, with log2(n + 1): a stands in b and c.
    frequency = np.array([10, 4, 2])
    nested = csr_array(np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0]], float))
    found = c_value(frequency, np.array([1, 2, 3]), nested)
    assert found == pytest.approx([1 * (10 - 3), np.log2(3) * (4 - 2), 2 * 2])
    assert c_value(np.array([10, 0, 2]), np.array([1, 2, 3]), nested)[0] == pytest.approx(8)  # b is not there


@given(st.lists(st.integers(0, 4), min_size=2, max_size=40), st.integers(1, 3))
def test_frequent_strings_equal_brute_force(units: list[int], least: int) -> None:
    row = np.array(units)
    usable = row > 0
    found = frequent_strings(row, usable, 3, least)
    for length, strings in enumerate(found, 1):
        said: dict[tuple[int, ...], list[int]] = {}
        for at in range(len(units) - length + 1):
            if usable[at : at + length].all():
                said.setdefault(tuple(units[at : at + length]), []).append(at)
        expected = {at for places in said.values() if len(places) >= least for at in places}
        assert set(strings.at.tolist()) == expected
        by_id: dict[int, set[tuple[int, ...]]] = {}
        for at, number in zip(strings.at.tolist(), strings.ids.tolist(), strict=True):
            by_id.setdefault(number, set()).add(tuple(units[at : at + length]))
        assert all(len(texts) == 1 for texts in by_id.values())
        assert len(by_id) == strings.size


@given(st.lists(st.integers(0, 3), min_size=2, max_size=30), st.lists(st.tuples(*[st.integers(0, 3)] * 2), max_size=4))
def test_sequences_are_found_where_they_are(units: list[int], sequences: list[tuple[int, ...]]) -> None:
    at, which = find_sequences(np.array(units), sequences)
    expected = [(n, s) for n in range(len(units) - 1) for s in set(sequences) if tuple(units[n : n + 2]) == s]
    assert sorted(zip(at.tolist(), which, strict=True)) == sorted(expected)


WORDS_OF = (
    "robot",
    "arms",
    "neural network",
    "graph kernels",
    "walk",
    "the",
    "CNN",
    "of",
    "convolutional network (CNN)",
    "localization and mapping (LAM)",
    "localization and mapping",
    "and mapping of arms (MOA)",
    "mapping of arms",
    "LAM",
    "MOA",
)


@given(st.lists(st.lists(st.sampled_from(WORDS_OF), min_size=1, max_size=8), min_size=6, max_size=16), st.data())
def test_the_vocabulary_of_a_year_does_not_see_later_ones(texts: list[list[str]], data: st.DataObject) -> None:
    said = [" ".join(words) + " gripper hand." for words in texts]
    cut = data.draw(st.integers(2, len(said) - 1))
    years = [2000] * cut + [2001] * (len(said) - cut)
    rule = TermRule(documents=2, share=1.0)
    whole, early = find_terms(said, years, rule), find_terms(said[:cut], years[:cut], rule)
    then, now = whole.vocabulary(np.array(years) <= 2000), early.vocabulary()
    told = {whole.keys[n]: (f, d, round(c, 9)) for n, f, d, c in zip(*_columns(then), strict=True)}
    assert told == {early.keys[n]: (f, d, round(c, 9)) for n, f, d, c in zip(*_columns(now), strict=True)}


def test_what_a_later_text_defines_is_no_earlier_term() -> None:
    said = ["We do localization and mapping of robots."] * 3 + ["A LAM is localization and mapping (LAM)."] * 2
    years = [2000] * 3 + [2001] * 2
    rule = TermRule(documents=2, share=1.0)
    terms = find_terms(said, years, rule)
    early = terms.vocabulary(np.array(years) <= 2000).terms
    assert "localization-and-mapping" not in {terms.keys[n] for n in early}
    assert counts_of(terms, 3)["localization-and-mapping"] == 2


def test_terms_are_called_as_the_documents_of_a_year_call_them() -> None:
    said = ["A soft-robot walks."] * 2 + ["Soft robots (SR) walk, SR walk."] * 5
    years = np.array([2000] * 2 + [2001] * 5)
    terms = find_terms(said, years.tolist(), ONE)
    column = np.array([terms.keys.index("soft-robot")])
    assert terms.spelled.labels(column, years <= 2000) == ["soft-robot"]
    assert terms.spelled.labels(column) == [terms.labels[column[0]]] == ["Soft robots (SR)"]


def test_a_key_is_that_of_one_term() -> None:
    terms = find_terms(["COVID-19 robots help.", "COVID 19-robots help."], rule=ONE)
    assert {"covid_19-robot", "covid-19-robot"} <= set(terms.keys)
    assert len(set(terms.keys)) == len(terms.keys)


def _columns(v: object) -> tuple[list, ...]:
    return tuple(getattr(v, name).tolist() for name in ("terms", "frequency", "documents", "c_value"))


def test_the_same_texts_give_the_same_terms_in_any_order() -> None:
    texts = ["Soft robot arms grasp.", "A soft robot arm and a graph kernel.", "Graph kernels of soft robots."]
    one, other = find_terms(texts, rule=ONE), find_terms(texts[::-1], rule=ONE)
    assert one.keys == other.keys
    assert (one.counts.toarray() == other.counts.toarray()[::-1]).all()


@pytest.mark.parametrize("texts", [[], [""], ["", "  \n"], ["<p></p>"]])
def test_no_text_is_said_clearly(texts: list[str]) -> None:
    with pytest.raises(DataError) as error:
        find_terms(texts)
    assert error.value.key == "data.discovery.error.no_text"
    assert error.value.text("zh") != error.value.text("en")


def test_no_term_is_said_clearly() -> None:
    with pytest.raises(DataError) as error:
        find_terms(["We show that it is so.", "They do not."])
    assert error.value.key == "data.discovery.error.no_terms"


def test_tokens_keep_what_belongs_together() -> None:
    assert WORDS.findall("GPT-4, 3D and 6-DoF; k-means' state-of-the-art") == [
        "GPT-4", ",", "3D", "and", "6-", "DoF", ";", "k-", "means", "'", "state-", "of-", "the-", "art",
    ]  # fmt: skip
