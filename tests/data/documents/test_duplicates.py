"""Exact and near repeats, against brute force over sets of shingles."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.data.documents.duplicates import HAN_SHINGLE, LATIN_SHINGLE, Pair, content_hash, near_duplicates

ALPHABET = "量子氢能网络深海基因脑机产业创新省市建设实验室企业平台人才标准示范区项目资金"


def shingles(text: str) -> set[str]:
    """Brute force, for texts of Chinese characters or small Latin letters only."""
    letters = [character for character in text if character.isalnum()]
    han = sum(character > "\u33ff" for character in letters)
    length = HAN_SHINGLE if han * 2 >= len(letters) else LATIN_SHINGLE
    return {"".join(letters[at : at + length]) for at in range(len(letters) - length + 1)}


def brute(texts: list[str], threshold: float) -> list[Pair]:
    sets = [shingles(text) for text in texts]
    found = []
    for second, first in itertools.product(range(len(texts)), repeat=2):
        one, other = sets[first], sets[second]
        if first < second and one and other and len(one & other) >= threshold * min(len(one), len(other)):
            shared = len(one & other)
            found.append(Pair(first, second, shared / len(one | other), shared / len(one), shared / len(other)))
    return found


def made(length: int, rng: random.Random, alphabet: str = ALPHABET) -> str:
    return "".join(rng.choices(alphabet, k=length))


def edited(text: str, share: float, rng: random.Random) -> str:
    return "".join(rng.choice(ALPHABET) if rng.random() < share else character for character in text)


pieces = st.lists(
    st.sampled_from(["甲乙丙丁戊己庚辛", "子丑寅卯辰巳", "春夏，秋冬", "one small step ", "x" * 12]), max_size=8
)


@given(st.lists(pieces.map("".join), max_size=8), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_same_pairs_and_shares_as_brute_force(texts: list[str], threshold: float) -> None:
    assert list(near_duplicates(texts, threshold)) == brute(texts, threshold)


def test_edited_copies_excerpts_and_strangers() -> None:
    rng = random.Random(7)
    base = made(3000, rng)
    texts = [base, edited(base, 0.02, rng), base[500:1200], made(3000, rng), edited(base, 0.3, rng), "，\n".join(base)]
    found = list(near_duplicates(texts))
    assert found == brute(texts, 0.8)
    assert {(pair.first, pair.second) for pair in found} >= {(0, 1), (0, 2), (0, 5)}
    excerpt = next(pair for pair in found if (pair.first, pair.second) == (0, 2))
    assert excerpt.of_second == excerpt.containment == 1
    assert excerpt.of_first == pytest.approx(700 / 3000, abs=0.01)
    assert not any(3 in pair[:2] or 4 in pair[:2] for pair in found)


def test_sampled_sketches_find_what_all_shingles_find() -> None:
    rng = random.Random(11)
    texts = [made(2000, rng) for _ in range(60)]
    texts += [edited(texts[at], 0.02, rng) for at in range(20)] + [texts[at][300:1300] for at in range(20, 40)]
    every = list(near_duplicates(texts))
    sampled = list(near_duplicates(texts, sketch_hashes=12_000))  # about one hash in sixteen
    assert len(every) == 40
    assert sampled == every


def test_boilerplate_alone_makes_no_pair() -> None:
    rng = random.Random(3)
    shared = made(600, rng)
    texts = [shared + made(1400, rng) for _ in range(30)]
    assert list(near_duplicates(texts)) == []


def test_result_is_the_same_every_time_and_in_order() -> None:
    rng = random.Random(5)
    base = made(400, rng)
    texts = [edited(base, 0.01, rng) for _ in range(12)]
    once = list(near_duplicates(texts, 0.5))
    assert once == list(near_duplicates(texts, 0.5))
    assert [pair[1::-1] for pair in once] == sorted(pair[1::-1] for pair in once)


@pytest.mark.parametrize("texts", [[], [""], ["", "，。"], ["短", "短"]])
def test_nothing_to_compare(texts: list[str]) -> None:
    assert list(near_duplicates(texts)) == []


@pytest.mark.parametrize("threshold", [0, -1, 1.01])
def test_threshold_out_of_range(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        list(near_duplicates(["甲"], threshold))


@pytest.mark.parametrize(
    "same",
    [
        "到2030年，建成AI实验室。",
        "到２０３０年建成ＡＩ实验室",
        "到2030年\n\n建成 ai 實驗室！",
        "  到 2030 年建成Ai实验室  ",
    ],
)
def test_hash_overlooks_form(same: str) -> None:
    assert content_hash(same) == content_hash("到2030年建成ai实验室")


def test_hash_of_traditional_phrases() -> None:
    assert content_hash("了解乾坤") == content_hash("瞭解乾坤")


def test_hash_sees_content() -> None:
    texts = ["到2030年", "到2031年", "café", "cafe", "甲乙", "乙甲"]
    assert len({content_hash(text) for text in texts}) == len(texts)
    assert content_hash("cafe\u0301") == content_hash("café")
    assert content_hash("，。 \n") == content_hash("") == ""


@given(st.text(max_size=80))
def test_hash_of_any_text_depends_on_letters_only(text: str) -> None:
    assert content_hash("。 \n".join(text.split(" "))) == content_hash(text)


def test_lone_surrogates_do_no_harm() -> None:
    assert content_hash("甲\ud800乙") == content_hash("甲乙")
