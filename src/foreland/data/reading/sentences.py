"""Cut a document into sentences, with the place of each."""

from __future__ import annotations

import re
from collections.abc import Iterable

from foreland.data.reading.model import Sentence

_CHINESE = re.compile(r"[^。；！？\n]*(?:[。；！？]+[”’」』）】》\"]*|(?=\n)|\Z)")

# A word before a full stop that does not end the sentence.
_ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "vs",
        "etc",
        "eg",
        "ie",
        "cf",
        "al",
        "fig",
        "figs",
        "eq",
        "eqs",
        "sec",
        "secs",
        "ch",
        "chap",
        "vol",
        "vols",
        "nos",
        "pp",
        "p",
        "art",
        "arts",
        "para",
        "paras",
        "ed",
        "eds",
        "inc",
        "ltd",
        "co",
        "corp",
        "dept",
        "gov",
        "gen",
        "col",
        "sgt",
        "capt",
        "rev",
        "hon",
        "jr",
        "sr",
        "approx",
        "est",
        "max",
        "min",
        "cat",
        "ref",
        "refs",
        "tab",
        "annex",
        "app",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "bn",
        "mn",
        "tn",
        "ca",
    ]
)
# Abbreviations that also end sentences: only a following number or lower case keeps the sentence open.
_BEFORE_NUMBER = frozenset(
    [
        "no",
        "nos",
        "fig",
        "figs",
        "eq",
        "eqs",
        "sec",
        "secs",
        "ch",
        "chap",
        "vol",
        "vols",
        "p",
        "pp",
        "art",
        "arts",
        "para",
        "paras",
        "ref",
        "tab",
        "ca",
        "approx",
    ]
)
_ENDS_SENTENCES = frozenset(["etc", "inc", "ltd", "co", "corp", "jr", "sr", "al", "bn", "mn", "tn"])
_STOP = re.compile(
    r"(?P<stop>[.!?]+)(?P<close>[\"'”’)\]]*)(?P<gap>\s+)(?=(?P<next>[\"'“‘(\[]*\S))|(?P<line>\n\s*\n|\n(?=\s*(?:[-*•▪–]\s|\(?\d+[.)]\s)))"
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘]+\Z")


def split(text: str, language: str) -> list[Sentence]:
    """The sentences of `text`, in order; whitespace around them belongs to none.

    Chinese sentences end at ``。；！？`` (with the quotes that close behind them) and at line ends. English ones
    end at a full stop, question or exclamation mark before a new sentence, at an empty line and before an item
    of a list; decimals, initials, ``U.S.`` and abbreviations such as ``No. 5`` do not end them.

    Parameters
    ----------
    text
        The document.
    language
        ``zh`` or ``en``.

    Raises
    ------
    ValueError
        For another language.
    """
    if language == "zh":
        return _trimmed(text, ((m.start(), m.end()) for m in _CHINESE.finditer(text)))
    if language == "en":
        return _trimmed(text, _english(text))
    raise ValueError(f"sentences are cut in zh and en, not in {language!r}")


def _trimmed(text: str, spans: Iterable[tuple[int, int]]) -> list[Sentence]:
    found = []
    for start, end in spans:
        piece = text[start:end]
        bare = piece.strip()
        if bare:
            start += len(piece) - len(piece.lstrip())
            found.append(Sentence(start, start + len(bare), bare))
    return found


def _english(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for match in _STOP.finditer(text):
        if match["line"] is None and not _ends(text, start, match):
            continue
        end = match.start() if match["line"] is not None else match.start("gap")
        spans.append((start, end))
        start = match.end()
    spans.append((start, len(text)))
    return spans


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    following = match["next"][-1]
    if match["stop"] != ".":
        return not following.islower()
    word = _LAST_WORD.search(text, max(start, match.start() - 40), match.start())
    if word is None:
        return not following.islower()
    written = word[0]
    bare = written.lower().replace(".", "")
    if bare in _BEFORE_NUMBER and following.isdigit():
        return False
    if following.islower():
        return False
    if "." in written and len(bare) <= 4 and all(len(part) <= 1 for part in written.split(".")):
        # "U.S. Government" goes on, "in the U.S. The" ends: a common opening word decides.
        return bool(_OPENING.match(text, match.end()))
    if len(bare) == 1 and bare.isalpha() and written.isupper() and written != "I":
        return False
    if bare in _ENDS_SENTENCES:
        return True
    return bare not in _ABBREVIATIONS


_OPENING = re.compile(
    r"[\"'“‘(\[]*(?:The|This|These|Those|That|It|Its|In|On|At|By|For|From|With|We|Our|They|Their|He|She|His|Her|A|An|And|But|If|"
    r"As|To|There|Here|When|While|However|Moreover|Since|After|Before|Under|Over|All|Both|Each|More|Most|No|Not|Such|Thus)\b"
)
