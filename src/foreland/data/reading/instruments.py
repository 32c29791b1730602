"""Find policy instruments: what a sentence says government does, did or will do.

The words stand in ``instruments_zh.csv`` and ``instruments_en.csv``, each with what it is taken for:

========  =====================================================================================================
head      names an instrument of its type wherever it stands
economic  names one unless the nearest word that tells a subject tells a social, cultural or Party one
general   names one only where a word of industry or technology stands in the same clause, nearer than others
acted     names one only behind a verb of support, a short word only with industry or a field in its own phrase
soft      takes the type of what it is about (“强链行动” is of a chain); of nothing known, its own, as economic does
carrier   takes the type of what it is about; of nothing known, it is no instrument
mod       names no instrument, but gives soft words and carriers their type
shield    is read over as a whole, so that no part of it is taken
for       tells a subject of industry, technology or markets
against   tells a subject of welfare, culture, ecology or the Party
support   a verb of support, which begins a phrase
stop      any other word that begins or ends a phrase: a verb, a particle
========  =====================================================================================================

A phrase ends with its head, in both languages, so that of several heads without a stop between them the last one
decides. Heads of a list are separate instruments, but a list that ends with “等…项目” is one. The search is the
automaton of Aho and Corasick (1975) with leftmost-longest matching: each character is looked at once.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from foreland.data.reading.model import INSTRUMENTS, Instrument, Mention
from foreland.data.taxonomy.tagger import spellings

KINDS = (
    "head", "economic", "general", "acted", "soft", "carrier", "mod", "shield", "for", "against", "support", "stop",
)  # fmt: skip
"""What a word of the list is taken for."""

_PUNCTUATION = {"zh": ("，；。：！？,;:!?（）()\n——", "、"), "en": (".;:!?()\n—", ",")}
_BOUNDS = frozenset(("support", "stop", "cut", "list"))
_BATCH = re.compile(r"[0-9.一二两三四五六七八九十个项条亿百千万元级批几系列首重点大余多以上、]*")
"""Between “等” and the head of a list, as in “等12个百亿元、70个亿元以上项目”."""
_SUMMARISING = frozenset(("head", "economic", "general", "soft"))
_HEADS = frozenset(("head", "economic", "general", "acted", "soft", "carrier", "mod"))
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_REACH = {"zh": 14, "en": 40}
"""Characters that may stand between two heads of one phrase."""
_AROUND = 300
"""How far around a general word, in characters, subjects are looked for; and in words, for the start of a list."""

_COUNTED = re.compile(
    r".*(?:[0-9０-９〇一二三四五六七八九十百千万亿两几多余零]+(?:个|家|项|条|件|座|台|辆|户|支|只|类|种|批|大|所|处|名|人次|人|年|"
    r"月|对|套|款|场|次|亿元|万元|公里|万千瓦|千瓦|平方公里)级?(?:以上|左右|多|余)?|(?:新一?|更|多|第)?[一几两]批|各类|全国(?=国家|首)|全球)"
)
_COUNTED_EN = re.compile(r"(?i).*?\b(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|dozens of|more)\s+")
_LEADING = re.compile(r"^(?:建设|发展|开发|提质|增效|好|至少|以上|左右|[0-9.%％—-]+)+(?![链区园])")
_LISTED = re.compile(r"[^，；。]{0,40}?等[^，；。、“]{0,8}(?:产业|领域|方面|环节)")
"""Behind a name in a list of industries."""
_TOPIC = re.compile(r"(?:[、和与及][^，；。]{0,40})?等[^，；。、“]{0,6}(?:领域|行业|赛道)(?!改革|合作|项目|试点|场景|攻关)")
"""Behind any name in a list of fields something is done in."""
_TRADED = re.compile(r"(?:交易|贸易|进出口|进口|出口|投资)?(?:总额|额|总值|总量|规模|占比|比重)|进出口|成为|占")
"""Behind a kind of trade that is counted, not furthered."""
_RANKED = re.compile(r"(?:经济)?(?:总量|人口|入选|获批|获评|跻身|实现|增长|占)")
"""Behind a region that is counted or does something."""
_TOWARDS = re.compile(r"(?:向|迈向|朝着)[^，；。、]{0,8}$")
"""Before what something is to become."""
_BARE = frozenset(("概念验证", "小试", "中试", "小试中试", "中试熟化", "中试验证", "检验检测", "创业孵化"))
"""Services that a platform is named after: in “概念验证、中试平台” the head stands for the whole list."""
_JOINED = re.compile(r"[、和与及等]{1,2}[^，；。]{0,8}")
_MERELY = re.compile(
    r"产业|经济|支出|投入|经费|装机|发电|产量|出货|大会|论坛|指数|增加值|总量|总规模|规模(?!化)|企业|设备|领域|总?里程|通过能力|吞吐|客运|货运|旅客|客货|年?(?:货邮|旅客|货物|集装箱)吞吐|沿线|经济带?|走廊"
)
"""Behind a name that only says of which industry or figure it speaks."""
_COUNTED_TALENT = re.compile(r"总量|支撑|资源|优势|占比|数量|总数")
_ACTS = re.compile(r"(?:等)?(?:牵头|承担|参与|主导|组建|开展|联合|牵引|带动|出海|加快|加大|投资|通过|积极|主动|深度)")
"""Behind an enterprise that does something itself."""
_PROGRAMME = re.compile(r"(?:实施|启动|开展|推进)(“[^”“]{2,16}”)(?=[，、；。])")
_NUMBERED = re.compile(r"[0-9]+(?:个|家|项|条|件|座)")
_CLAUSES = re.compile(r"“[0-9]+条”")
_EDGES = " \t“”‘’\"'-–·"


class Word(NamedTuple):
    """A word of the list: its type, empty for words that name no instrument, and its kind."""

    text: str
    type: str
    kind: str


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


@cache
def words(language: str) -> tuple[Word, ...]:
    """The list of `language`; ValueError for another language, a word listed twice, an unknown kind or type."""
    if language not in _PUNCTUATION:
        raise ValueError(f"instruments are read in zh and en, not in {language!r}")
    found: dict[str, Word] = {}
    with Path(__file__).with_name(f"instruments_{language}.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            word = Word(row["term"], row["type"], row["kind"])
            named = word.kind in _HEADS and word.kind != "carrier"
            if word.text in found or word.kind not in KINDS or named != (word.type in INSTRUMENTS):
                raise ValueError(f"instruments_{language}.csv: {word.text!r} ({word.type}, {word.kind})")
            found[word.text] = word
    return tuple(found.values())


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
        cuts, lists = _PUNCTUATION[language]
        vocabulary |= {mark: Word(mark, "", "cut") for mark in cuts} | {mark: Word(mark, "", "list") for mark in lists}
        self._words = list(vocabulary.values())
        self._search = AhoCorasick(
            list(vocabulary), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA
        )

    def find(self, sentence: str, mentions: Sequence[Mention] = ()) -> list[Instrument]:
        """The instruments in `sentence`, in order and without overlaps."""
        tokens = self._tokens(sentence)
        if "“" not in sentence and not any(token.word.kind in _HEADS for token in tokens):
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
        self.language = language
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
            if kind in _HEADS:
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
            if about is None and self.hits and self.hits[-1].start >= quoted:
                about = _Token(*self.hits[-1][1:3], Word("", self.hits[-1].type, "head"))
        seam = text.rfind("”“", begin, token.start + 1)
        if seam >= 0:
            begin, about = seam + 1, about if about and about.start > seam else None
        whole = False
        if (
            self.listed[0] >= 0
            and type_ in ("project", "scenario")
            and kind != "mod"
            and text[token.end : token.end + 1] != "”"
        ):
            begin, about, whole = self.listed[1], None, True
        elif kind in _SUMMARISING and self._summarises(begin, type_):
            return token
        if kind == "general" and type_ == "coordination" and about and about.word.type != "international":
            about = None  # cooperation with firms or ports is cooperation
        why = kind
        if kind == "mod":
            return token
        if kind in ("soft", "carrier", "general") and about is not None:
            type_, why = about.word.type, f"{kind} of {about.word.text or about.word.type}"
        elif kind == "carrier":
            return None
        elif kind != "head":
            named = len(token.word.text) > 2 or begin == self.listed[0] or whole
            if not named and len(text[begin : token.start].strip(_EDGES)) < 2:
                return None
            judged = self._judge(token, begin, cut)
            if kind == "acted" and not (verb and (len(token.word.text) > 2 or self._within(begin, token.start))):
                return token if len(token.word.text) > 2 else None
            if (judged is None and kind == "general") or (judged is not None and not judged[0]):
                return None
            why = f"{kind}: {judged[1]}" if judged else kind
        if self._mere(token, type_):
            return None
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
        for at in range(len(self.hits) - 1, -1, -1):
            hit = self.hits[at]
            if hit.start < start:
                break
            if hit.type != type_ and "(soft: " in hit.rule:  # a base or platform is what the list is of
                self.hits[at] = hit._replace(type=type_, rule=hit.rule[: hit.rule.index("(")] + f"(of a list: {type_})")
        return self.hits[-1].type == type_

    def _bare(self, hit: _Hit, begin: int) -> bool:
        """Whether `hit` is a service in a list that ends with the platform whose phrase begins at `begin`."""
        return self.text[hit.begin : hit.end] in _BARE and bool(_JOINED.fullmatch(self.text, hit.end, begin))

    def _inside_name(self, at: int, begin: int) -> bool:
        """Whether the verb at `at` belongs to a name, as in “质量提升行动”."""
        token = self.tokens[at]
        if token.end - token.start < 2 or token.start <= begin or at + 1 == len(self.tokens):
            return False
        follower = self.tokens[at + 1]
        return follower.start == token.end and (
            follower.word.kind in ("soft", "carrier") or follower.word.text == "项目"
        )

    def _mere(self, token: _Token, type_: str) -> bool:
        """Whether what follows shows that an industry, a figure or an actor is meant."""
        if _TOPIC.match(self.text, token.end):
            return True
        if type_ == "infrastructure" or token.word.text.endswith("研究"):
            return bool(_MERELY.match(self.text, token.end) or _LISTED.match(self.text, token.end))
        if type_ == "international":
            return bool(_TRADED.match(self.text, token.end))
        if type_ == "coordination":
            return bool(_RANKED.match(self.text, token.end))
        if type_ == "cluster":
            return bool(_TOWARDS.search(self.text, 0, token.start))
        if type_ == "talent":
            return bool(_COUNTED_TALENT.match(self.text, token.end))
        return type_ == "enterprise" and token.word.kind == "acted" and bool(_ACTS.match(self.text, token.end))

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
        if best is None or (best[0] == 2 and token.word.kind == "general"):
            return None
        return best[2], best[3]

    def _list_start(self, at: int, cut: int) -> int:
        start, first = cut, None
        for token in self.tokens[max(0, at - _AROUND) : at]:
            if token.start < cut:
                continue
            if token.word.kind == "list":
                first = token
                break
            if token.word.kind == "stop" and token.end - token.start > 1:
                start = token.end
        return start if first is not None or start > cut else cut

    def _quoted(self) -> None:
        """Add named programmes without a head: “…” behind a verb of doing, and measures known by their number."""
        begins = [hit.begin for hit in self.hits]
        added: list[_Hit] = []
        for pattern, type_, rule in ((_PROGRAMME, "project", "named programme"), (_CLAUSES, "regulation", "measures")):
            for found in pattern.finditer(self.text):
                start, end = found.span(found.lastindex or 0)
                at = bisect_left(begins, end)  # of the hits that begin before the quote ends the last one ends last
                if at == 0 or self.hits[at - 1].end <= start:
                    judged = self._judge(_Token(start, end, Word("", type_, "economic")), start, start)
                    if type_ == "regulation" or (judged and judged[0]):
                        added.append(_Hit(start, start, end, type_, rule))
        self.hits = sorted([*self.hits, *added])

    def _spans(self) -> list[Instrument]:
        if "“" in self.text:
            self._quoted()
        found: list[Instrument] = []
        reached = 0
        for hit in self.hits:
            start, end = self._trim(max(hit.begin, reached), hit.start, hit.end, hit.whole)
            if end - start <= 2 and self.language == "zh" and "(head)" not in hit.rule:
                continue  # a bare general word, as in “五大行动”, names nothing
            found.append(Instrument(start, end, self.text[start:end], hit.type, hit.rule))
            reached = end
        return found

    def _trim(self, begin: int, head: int, end: int, whole: bool) -> tuple[int, int]:
        """The shortest phrase: numbers and leading verbs left out, quotation marks whole."""
        text = self.text
        lead = text[begin:head].partition("“")[0]
        counted = (_COUNTED if self.language == "zh" else _COUNTED_EN).match(lead)
        if counted and not whole:
            begin += counted.end()
        if self.language == "zh" and not whole:
            leading = _LEADING.match(text[begin:head])
            if leading:
                begin += leading.end()
        opened, closed = text.count("“", begin, end), text.count("”", begin, end)
        if opened > closed:
            if end < len(text) and text[end] == "”":
                end += 1
            else:
                begin = text.rfind("“", begin, end) + 1
        elif closed > opened:
            begin = min(text.find("”", begin, end) + 1, head)
        while begin < head and text[begin] in " \t-–·，、,”’":
            begin += 1
        return begin, end


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
