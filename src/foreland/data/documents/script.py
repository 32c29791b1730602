"""Script and language of a text: traditional characters made simplified, Chinese told from English."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Literal

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN = re.compile(f"[{HAN}]")
_LATIN = re.compile("[A-Za-zÀ-ÖØ-öø-ɏ]+")
_KANA_HANGUL = re.compile("[\u3041-\u30ff\uac00-\ud7a3\u1100-\u11ff]")
_OTHER_SCRIPT = re.compile("[\u0370-\u10ff\u1200-\u1cff]")
_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "the of and to in that is for with as by are from this which be has have will not it their its was were on at"
        " or an we our they these more than",
    )
)
SAMPLE = 200_000
"""Characters looked at to tell language and script: the first half and the last half of them."""
MIN_WORDS = 5
MIN_HAN = 4
ENGLISH_SHARE = 0.12
"""Least share of stop words among English words; running English has about a third, headings about an eighth."""


def to_simplified(text: str) -> str:
    """The text in simplified characters, of the same length: every offset into it still holds.

    Characters and phrases are those of OpenCC's ``t2s``, all of which keep their number of characters; one that did
    not would be left out.
    """
    if text.isascii():
        return text
    characters, phrases, alternatives, _ = _to_simplified()
    new = text.translate(characters)
    if not needs_phrases(text):
        return new
    pieces, done = [], 0
    for found in alternatives.finditer(text):
        pieces += [new[done : found.start()], phrases[found[0]]]
        done = found.end()
    return "".join([*pieces, new[done:]])


def simplified_characters() -> dict[int, str]:
    """The simplified form of each character that has one, by code point, phrases aside."""
    return _to_simplified()[0]


def needs_phrases(text: str) -> bool:
    """Whether the text has a character that some phrase treats unlike the rest, as 乾 in 乾坤."""
    return any(character in text for character in _to_simplified()[3])


def is_traditional(text: str) -> bool:
    """Whether more of the characters are written only in traditional than only in simplified text."""
    traditional, simplified = _only()
    sample = _sample(text)
    return len(traditional.findall(sample)) > len(simplified.findall(sample))


def language(text: str) -> tuple[Literal["zh", "en"] | None, str]:
    """The language of a text, ``zh`` or ``en``, and what told it.

    Chinese is told by the share of Chinese characters against words in Latin letters, English by its stop words,
    which French or German has few of.

    Returns
    -------
    language
        None where it is neither, or where too little is there to tell.
    how
        ``han_share`` or ``stop_words``; with None: ``too_short``, ``kana_or_hangul``, ``other_script`` or
        ``other_language``.
    """
    sample = _sample(text)
    han = len(_HAN.findall(sample))
    words = [word.lower() for word in _LATIN.findall(sample)]
    if len(_KANA_HANGUL.findall(sample)) * 10 > han + len(words):
        return None, "kana_or_hangul"
    if len(_OTHER_SCRIPT.findall(sample)) > han + sum(map(len, words)):
        return None, "other_script"
    # A Chinese word has about 1.6 characters: from this share on, at least half of the words are Chinese.
    if han >= MIN_HAN and han >= 1.6 * len(words):
        return "zh", "han_share"
    if len(words) < MIN_WORDS:
        return None, "too_short"
    share = sum(word in _ENGLISH for word in words) / len(words)
    return ("en", "stop_words") if share >= ENGLISH_SHARE else (None, "other_language")


def _sample(text: str) -> str:
    return text if len(text) <= SAMPLE else text[: SAMPLE // 2] + text[-SAMPLE // 2 :]


def _pairs(name: str) -> list[tuple[str, list[str]]]:
    lines = (files("opencc") / "dictionary" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if "\t" in line and not line.startswith("#"))
    return [(row[0], row[1].split()) for row in rows]


@lru_cache(maxsize=1)
def _to_simplified() -> tuple[dict[int, str], dict[str, str], re.Pattern[str], str]:
    """Characters, phrases, the phrases as one pattern, and the characters that a phrase treats unlike the rest."""
    characters = {ord(old): new[0] for old, new in _pairs("TSCharacters") if len(old) == len(new[0]) == 1}
    phrases = {old: new[0] for old, new in _pairs("TSPhrases") if len(old) == len(new[0])}
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    triggers = {
        character
        for old, new in phrases.items()
        for character, alone, there in zip(old, old.translate(characters), new, strict=True)
        if alone != there
    }
    return characters, phrases, re.compile("|".join(map(re.escape, longest_first))), "".join(sorted(triggers))


@lru_cache(maxsize=1)
def _only() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Characters written in traditional text only, and in simplified text only."""
    old = {character for character, new in _pairs("TSCharacters") if character not in new}
    new = {character for character, olds in _pairs("STCharacters") if character not in olds}
    return tuple(re.compile("[" + "".join(sorted(some)) + "]") for some in (old - new, new - old))  # type: ignore[return-value]
