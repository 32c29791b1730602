"""Chinese words and what each may be in a noun phrase, by the part of speech that jieba's dictionary gives."""

from __future__ import annotations

import re
from functools import cache

from foreland.data.discovery.phrases_en import HEAD, IN, LEAD, MODIFIER, NOUN, WEAK, WORDS, flags
from foreland.i18n.bundled import bundled_rows

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
TAG = "\t"
"""Between a Chinese word and its part of speech in a token."""
_PIECES = re.compile(r"[^。！？；;\n!?]+|.", re.DOTALL)
_NOUNS = ("n", "vn", "l", "j", "an", "g", "Ng", "i")
_NO_NOUNS = ("ns", "nrt", "nrfg")
_MODIFIERS = ("b", "a", "ad", "z")


@cache
def lists() -> dict[str, str]:
    """Words of ``stop_zh.csv`` → kind."""
    rows = bundled_rows("data", "discovery", "stop_zh.csv")
    return {row["word"]: row["kind"] for row in rows if row["kind"] != "phrase"}


@cache
def phrases() -> tuple[tuple[str, ...], ...]:
    """Set phrases that are no terms, as words."""
    rows = bundled_rows("data", "discovery", "stop_zh.csv")
    return tuple(tuple(row["word"].split()) for row in rows if row["kind"] == "phrase")


def tokens(text: str) -> list[str]:
    """Tokens of a text with Chinese in it: Chinese words as ``word<TAB>tag``, the rest as in English.

    Sentences without Chinese are read as English, so a text in two languages gives the terms of both. A Latin word in
    a Chinese sentence (AI 芯片) is a word of it, with what English allows it to be.
    """
    import rjieba

    found: list[str] = []
    for piece in _PIECES.findall(text):
        if not HAN.search(piece):
            found += WORDS.findall(piece)
            continue
        for word, tag in rjieba.tag(piece, True):
            if HAN.search(word):
                found.append(word + TAG + tag)
            elif not word.isspace():
                found += WORDS.findall(word)
        found.append("。")
    return found


def fold(token: str) -> str:
    """The word of a token, without its part of speech."""
    return token.partition(TAG)[0]


@cache
def zh_flags(token: str) -> int:
    """What a token may be in a term; a Latin one as :func:`~foreland.data.discovery.phrases_en.flags` says."""
    word, _, tag = token.partition(TAG)
    if not tag:
        return flags(token)
    kind = lists().get(word, "")
    if kind == "break":
        return 0
    if kind in ("weak", "empty"):
        return WEAK if kind == "weak" else IN
    if tag.startswith(_NO_NOUNS):
        return 0
    if tag.startswith(_NOUNS) or tag == "nr":
        return NOUN if len(word) > 1 else WEAK
    if tag in _MODIFIERS:
        return MODIFIER if len(word) > 1 or word in "高低多单双超微软硬冷热深大小强弱" else 0
    if tag in ("v", "vi") and len(word) > 1:
        return IN | HEAD  # 机器 学习: a verb may end what a noun begins
    if tag == "k":
        return IN | HEAD
    if tag in ("t", "m") and word in ("下一代", "第三代", "第四代"):
        return LEAD | IN
    return 0
