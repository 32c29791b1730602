"""Find policy instruments: what a sentence says government does, did or will do.

The words and what each is taken for stand in :mod:`foreland.data.reading.instrument_words`.

A phrase ends with its head, in both languages, so that of several heads without a stop between them the last one
decides. Heads of a list are separate instruments, but a list that ends with “等…项目” is one. The search is the
automaton of Aho and Corasick (1975) with leftmost-longest matching: each character is looked at once.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from foreland.data.reading.instrument_context import COUNTED, CUES, DOUBLING, NAMED, abroad, mere, names, retyped, trim
from foreland.data.reading.instrument_words import HEADS, PUNCTUATION, Word, words
from foreland.data.reading.model import Instrument, Mention
from foreland.data.taxonomy.tagger import spellings

_BOUNDS = frozenset(("support", "stop", "cut", "list"))
_BATCH = re.compile(r"[0-9.一二两三四五六七八九十个项条亿百千万元级批几系列首重点大余多以上、新续扩改建在开工]*")
"""Between “等” and the head of a list, as in “等12个百亿元、70个亿元以上新建项目”."""
_SUMMARISING = frozenset(("head", "economic", "general", "soft"))
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_REACH = {"zh": 14, "en": 40}
"""Characters that may stand between two heads of one phrase."""
_AROUND = 300
"""How far around a general word, in characters, subjects are looked for; and in words, for the start of a list."""

_BARE = frozenset(("概念验证", "小试", "中试", "小试中试", "中试熟化", "中试验证", "检验检测", "创业孵化"))
"""Services that a platform is named after: in “概念验证、中试平台” the head stands for the whole list."""
_JOINED = re.compile(r"[、和与及等]{1,2}[^，；。]{0,8}")
_NUMBERED = re.compile(r"[0-9]+(?:个|家|项|条|件|座)")
_LONG = 8
"""Characters in front of a general word that name it though they end with a number."""
_SEAM = re.compile(r"”\s*“")
_EDGES = " \t“”‘’\"'-–·"


class _Token(NamedTuple):
    start: int
    end: int
    word: Word


class _Hit(NamedTuple):
    begin: int
    """Where the phrase begins."""
    start: int
    """Where its head begins."""
    end: int
    type: str
    rule: str
    whole: bool = False
    """Whether the phrase is a list that belongs to its head as a whole."""


class Finder:
    """Finds the instruments of sentences of one language; see :func:`find`."""

    def __init__(self, language: str) -> None:
        self.language = language
        vocabulary: dict[str, Word] = {}
        for word in words(language):
            for text in (
                spellings(word.text) if language == "en" and word.kind not in ("stop", "support") else [word.text]
            ):
                vocabulary.setdefault(text.lower() if language == "en" else text, word)
        cuts, lists = PUNCTUATION[language]
        vocabulary |= {mark: Word(mark, "", "cut") for mark in cuts} | {mark: Word(mark, "", "list") for mark in lists}
        self._words = list(vocabulary.values())
        self._search = AhoCorasick(
            list(vocabulary), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA
        )

    def find(self, sentence: str, mentions: Sequence[Mention] = ()) -> list[Instrument]:
        """The instruments in `sentence`, in order and without overlaps."""
        tokens = self._tokens(sentence)
        if not any(token.word.kind in HEADS for token in tokens) and not CUES.search(sentence):
            return []
        reading = _Sentence(sentence, self.language, tokens, mentions)
        return reading.instruments()

    def _tokens(self, sentence: str) -> list[_Token]:
        listed = self._words
        if self.language == "zh":
            return [_Token(start, end, listed[i]) for i, start, end in self._search.find_matches_as_indexes(sentence)]
        lowered = sentence.lower()
        if len(lowered) != len(sentence):
            lowered = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in sentence)
        return [
            _Token(start, end, listed[i])
            for i, start, end in self._search.find_matches_as_indexes(lowered)
            if _whole(lowered, start, end)
        ]


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a match begins and ends with a word, punctuation aside."""
    if text[start] in _LETTERS and start and (text[start - 1] in _LETTERS or text[start - 1].isdigit()):
        return False
    return not (text[end - 1] in _LETTERS and end < len(text) and text[end] in _LETTERS)


class _Sentence:
    """One sentence while it is read."""

    def __init__(self, text: str, language: str, tokens: Sequence[_Token], mentions: Sequence[Mention]) -> None:
        self.text = text
        self.language, self.chinese = language, language == "zh"
        self.tokens = tokens
        self.reach = _REACH[language]
        self.hits: list[_Hit] = []
        self.listed = (-1, -1)  # where the list before the last “等” ends and begins
        subjects = [(m.start, m.end, True, m.field) for m in mentions]
        subjects += [
            (t.start, t.end, t.word.kind != "against", t.word.text)
            for t in tokens
            if t.word.kind in ("for", "against", "head", "acted", "mod")
        ]
        self.subjects = sorted(subjects)
        self.starts = [subject[0] for subject in self.subjects]
        self.cuts = [t.start for t in tokens if t.word.kind == "cut"]

    def instruments(self) -> list[Instrument]:
        cut = begin = 0  # where the clause, where the phrase began
        verb = False  # a verb of support was read in this clause
        about: _Token | None = None  # the last head of the phrase, which a further head takes in
        for at, token in enumerate(self.tokens):
            kind = token.word.kind
            if kind in HEADS:
                if about is not None and self._apart(about.end, token.start):
                    about = None
                about = self._head(token, begin, cut, verb, about) or about
            elif kind in _BOUNDS and not self._inside_name(at, begin):
                begin = token.end
                about = None
                verb = verb or kind == "support"
                if kind == "cut":
                    cut, verb = token.end, False
                if token.word.text == "等":
                    self.listed = (begin, self._list_start(at, cut))
                elif self.listed[0] >= 0 and not _BATCH.fullmatch(self.text, self.listed[0], token.end):
                    self.listed = (-1, -1)
        return self._spans()

    def _head(self, token: _Token, begin: int, cut: int, verb: bool, about: _Token | None) -> _Token | None:
        """Take `token` if it names an instrument; the token that then stands for the phrase."""
        text, (type_, kind) = self.text, token.word[1:]
        quoted = text.rfind("“", cut, token.start) if token.start and text[token.start - 1] == "”" else -1
        if quoted >= 0:
            begin = min(begin, quoted)
            called = self.hits and kind == "soft" and type_ == "project" and self.hits[-1].end == quoted
            if about is None and self.hits and (called or self.hits[-1].start >= quoted):
                about = _Token(*self.hits[-1][1:3], Word("", self.hits[-1].type, "head"))
        seam = max(
            (found.end() for found in _SEAM.finditer(text, max(begin, token.start - _AROUND), token.start + 1)),
            default=-1,
        )
        if seam >= 0:
            begin, about = seam - 1, about if about and about.start >= seam else None
        whole = False
        if (
            self.listed[0] >= 0
            and (type_ in ("project", "scenario") or token.word.text.endswith("改革"))
            and kind != "mod"
            and text[token.end : token.end + 1] != "”"
        ):
            if kind != "soft" or about is None or about.start < self.listed[0]:
                about = None
            begin, whole = self.listed[1], True
        elif self._one_list(token, begin):
            begin, whole = self.listed[1], True
        elif kind in _SUMMARISING and self._summarises(begin, type_):
            return token
        abroad_ = type_ == "coordination" and about is not None and about.word.type == "international"
        of_projects = (
            self.chinese
            and about is not None
            and about.word[1:] == ("project", "economic")
            and (type_, kind) == ("regulation", "general")
        )
        if self.chinese and kind == "general" and (type_ != "regulation" or of_projects) and not abroad_:
            about = None  # cooperation with firms is cooperation, a loan to them a loan, a rule on projects a rule
        why = kind
        if kind == "mod":
            return token
        special = retyped(text[max(begin, token.start - _AROUND) : token.end], type_, about.word.type if about else "")
        if special != type_:
            type_, why = special, f"{kind}, what it is for"
        if kind == "carrier" and about is not None and about.end < token.start and token.word.text == "服务":
            return None  # a verb
        if kind == "carrier" and about is not None and about.word.kind == "acted":
            return None  # “企业” alone names no instrument that a service or a rule could be of
        if kind == "soft" and about is not None and about.word.kind == "acted":
            judged = self._judge(token, begin, cut)
            if judged is not None and not judged[0]:
                return None  # what firms are made to do for others
        if kind in ("soft", "carrier", "general") and about is not None:
            type_, why = about.word.type, f"{kind} of {about.word.text or about.word.type}"
        elif kind == "carrier":
            return None
        elif kind != "head":
            beside = text[max(0, token.start - 1) : token.end + 1]
            bare = self.chinese and (type_ == "infrastructure" or (kind == "general" and "、" in beside))
            named = (len(token.word.text) > 2 and not bare) or begin == self.listed[0] or whole
            if not named and len(text[begin : token.start].strip(_EDGES)) < 2:
                return None
            judged = (True, "project") if of_projects else self._judge(token, begin, cut)
            if kind == "acted" and not (verb and (len(token.word.text) > 2 or self._within(begin, token.start))):
                return token
            if judged is None and (kind == "general" or (self.chinese and (kind, type_) == ("soft", "project"))):
                return None
            if (
                judged is not None
                and not judged[0]
                and not (whole and type_ == "scenario" and self._within(begin, token.start))
            ):
                return None
            why = f"{kind}: {judged[1]}" if judged else kind
        if mere(text, token.start, token.end, (token.word.text, type_, kind)):
            return None
        if type_ == "coordination" and abroad(text, max(cut, token.start - _AROUND), token.start):
            type_, why = "international", f"{why}, abroad"
        while self.hits and self.hits[-1].start >= min(begin, about.start if about else begin):
            begin = min(begin, self.hits.pop().begin)
        if type_ == "platform" and token.word.text not in _BARE:
            while self.hits and self._bare(self.hits[-1], begin):
                begin = self.hits.pop().begin
        self.hits.append(_Hit(begin, token.start, token.end, type_, f"{token.word.text} ({why})", whole))
        return token._replace(word=Word(token.word.text, type_, kind))

    def _apart(self, end: int, start: int) -> bool:
        """Whether two heads belong to different phrases: too far from each other, or with a number between them."""
        return start - end > self.reach or (self.language == "zh" and bool(_NUMBERED.search(self.text, end, start)))

    def _summarises(self, begin: int, type_: str) -> bool:
        """Whether the head behind “等” only says again of what type the names before it are."""
        after, start = self.listed
        if begin != after or not self.hits or self.hits[-1].start < start:
            return False
        said = False
        for at in range(len(self.hits) - 1, -1, -1):
            hit = self.hits[at]
            if hit.start < start:
                break
            if hit.type != type_ and "(soft: " in hit.rule:  # a base or platform is what the list is of
                hit = hit._replace(type=type_, rule=hit.rule[: hit.rule.index("(")] + f"(of a list: {type_})")
                self.hits[at] = hit
            said = said or (hit.type == type_ and self.text[hit.begin : hit.end] not in _BARE)
        return said

    def _one_list(self, token: _Token, begin: int) -> bool:
        """Whether `token` ends a list of talents, or of works called as it is, as in “甲高铁、乙高铁等5条高铁”."""
        after, start = self.listed
        if begin != after or token.word.type not in ("talent", "infrastructure"):
            return False
        members = list(itertools.takewhile(lambda hit: hit.start >= start, reversed(self.hits)))
        return bool(members) and all(
            hit.type == token.word.type and (hit.type == "talent" or self.text[hit.start : hit.end] == token.word.text)
            for hit in members
        )

    def _bare(self, hit: _Hit, begin: int) -> bool:
        """Whether `hit` is a service in a list that ends with the platform whose phrase begins at `begin`."""
        return self.text[hit.begin : hit.end] in _BARE and bool(_JOINED.fullmatch(self.text, hit.end, begin))

    def _inside_name(self, at: int, begin: int) -> bool:
        """Whether the verb at `at` belongs to a name, as in “质量提升行动”."""
        token = self.tokens[at]
        if token.end - token.start < 2 or token.start <= begin or at + 1 == len(self.tokens):
            return False
        while at + 2 < len(self.tokens) and self._doubled(at):
            at, token = at + 1, self.tokens[at + 1]
        follower = self.tokens[at + 1]
        if follower.start != token.end or not self.text[begin : token.start].strip(_EDGES):
            return False
        if follower.word.text in ("项目", "试点"):
            return names(token.word.text, follower.word.text)
        return follower.word.kind in ("soft", "carrier") or follower.word[1:] == ("regulation", "general")

    def _doubled(self, at: int) -> bool:
        return self.tokens[at + 1].start == self.tokens[at].end and self.tokens[at + 1].word.text in DOUBLING

    def _within(self, begin: int, end: int) -> bool:
        first, last = bisect_left(self.starts, begin), bisect_left(self.starts, end)
        return any(good for _, _, good, _ in self.subjects[first:last])

    def _judge(self, token: _Token, begin: int, cut: int) -> tuple[bool, str] | None:
        """What the subject nearest to `token` tells: in its phrase, else its clause, else the sentence around it."""
        best: tuple[int, int, bool, str] | None = None
        following = bisect_left(self.cuts, token.end)
        after = self.cuts[following] if following < len(self.cuts) else len(self.text)
        first = bisect_left(self.starts, token.start - _AROUND)
        last = bisect_right(self.starts, token.end + _AROUND)
        for start, end, good, name in self.subjects[first:last]:
            if start == token.start:
                continue
            apart = token.start - end if end <= token.start else start - token.end
            tier = 0 if begin <= start and end <= token.start else 1 if cut <= start and end <= after else 2
            if best is None or (tier, apart) < best[:2]:
                best = (tier, apart, good, name)
        if best is None:
            return None
        named = self.text[token.start - 1 : token.start] == "”" or "“" in self.text[begin : token.start]
        evident = self.chinese and token.word.kind == "soft" and token.word.type in ("project", "regulation")
        if best[0] == 2 and not named and (token.word.kind == "general" or evident):
            return None
        return best[2], best[3]

    def _list_start(self, at: int, cut: int) -> int:
        first = None
        if self.hits and self.hits[-1].whole and self.hits[-1].end > cut:  # a list before this one
            cut = self.hits[-1].end + (self.text[self.hits[-1].end] in "和与及")
        start = cut
        for token in self.tokens[max(0, at - _AROUND) : at]:
            if token.start < cut:
                continue
            if token.word.kind == "list":
                first = token
                break
            if token.word.kind in ("stop", "support") and token.end - token.start > 1:
                start = token.end
        return start if first is not None or start > cut else cut

    def _named(self) -> None:
        """Add what has no head: “…” behind a verb of doing, measures known by their number, markets opened abroad."""
        begins = [hit.begin for hit in self.hits]
        added: list[_Hit] = []
        for pattern, type_, rule in NAMED:
            for found in pattern.finditer(self.text):
                start, end = found.span(found.lastindex or 0)
                at = bisect_left(begins, end)  # of the hits that begin before the quote ends the last one ends last
                if at == 0 or self.hits[at - 1].end <= start:
                    judged = self._judge(_Token(start, end, Word("", type_, "economic")), start, start)
                    if type_ in ("regulation", "international") or (judged[0] if judged else type_ != "project"):
                        added.append(_Hit(start, start, end, type_, rule))
        self.hits = sorted([*self.hits, *added])

    def _spans(self) -> list[Instrument]:
        if self.chinese and CUES.search(self.text):
            self._named()
        found: list[Instrument] = []
        reached = 0
        named: set[tuple[int, str, str]] = set()
        for hit in self.hits:
            start, end = trim(self.text, (max(hit.begin, reached), hit.start, hit.end), hit.whole, self.language)
            name = (self.text.rfind("。", 0, start), self.text[start:end], hit.type)
            if name in named and not COUNTED.match(self.text, max(0, start - 4), start):
                continue  # named a second time in a sentence
            named.add(name)
            works = hit.type == "infrastructure" and self.text[start - 1 : start] == "等"
            if end - start <= 2 and self.chinese and "(head)" not in hit.rule and not works:
                if hit.start - hit.begin < _LONG:
                    continue  # a bare general word, as in “五大行动”, names nothing
                start = max(hit.begin, reached)  # a number inside a name, as in “延长30年试点”
            found.append(Instrument(start, end, self.text[start:end], hit.type, hit.rule))
            reached = end
        return found


@cache
def _finder(language: str) -> Finder:
    return Finder(language)


def find(sentence: str, mentions: Sequence[Mention], language: str) -> list[Instrument]:
    """The policy instruments that `sentence` names.

    Parameters
    ----------
    sentence : str
        One sentence.
    mentions : sequence of Mention
        The fields named in it; a field tells that a phrase is about industry.
    language : {"zh", "en"}
        The language of the sentence.

    Returns
    -------
    list of Instrument
        In the order of the text, without overlaps; ``text == sentence[start:end]``.

    Raises
    ------
    ValueError
        For another language.

    Examples
    --------
    >>> [(found.text, found.type) for found in find("设立量子产业基金，建设中试平台", [], "zh")]
    [('量子产业基金', 'fund'), ('中试平台', 'platform')]
    """
    return _finder(language).find(sentence, mentions)
