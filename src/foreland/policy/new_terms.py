"""New terms without a list of terms: strings that hold together, stand freely in text, and were not said before."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from foreland.core.intervals import rate_ratio

Array = NDArray


@dataclass(frozen=True)
class Finder:
    """What a string must be like to be taken for a term.

    Parameters
    ----------
    longest
        Units (characters of Chinese, words of English) of the longest term.
    count, documents
        Fewest mentions in today's and supporting texts, and fewest of today's documents.
    cohesion
        Least pointwise mutual information, in bits, of its two parts, wherever it is cut (Church & Hanks 1990).
    freedom
        Least entropy, in bits, of what stands before it and of what stands behind it (Huang & Powers 2003; Jin &
        Tanaka-Ishii 2006). Every break counts as a neighbour of its own.
    ratio
        A string that was said before must have become this many times as frequent: the lower end of the interval of
        the rates' ratio. One that was not said at all needs only `count` and `documents`; whether that is more than
        chance tells the interval, for a short past proves little.
    near
        Where terms are given that it shall be about: the least share of its mentions that have one of them within
        thirty units.
    """

    longest: int = 8
    count: int = 3
    documents: int = 1
    cohesion: float = 3.0
    freedom: float = 1.0
    ratio: float = 2.0
    near: float = 0.3


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A string that is new: mentions and documents now, mentions before, the interval of the ratio of rates, its
    cohesion and freedom in bits, the share of its mentions now that are near a given term (NaN where none were given),
    whether it was ever put in quotation marks now, and where it stands first: text and character offset."""

    text: str
    count: int
    documents: int
    before: int
    ratio_low: float
    ratio_high: float
    cohesion: float
    freedom: float
    near: float
    quoted: bool
    at: tuple[int, int]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NEARLY, _FAR_MORE = 0.7, 2.0  # shares of the mentions, see `new_terms`
_CHINESE = re.compile(r"[A-Za-z][A-Za-z0-9]*|\d+[A-Za-z]+|[\u3400-\u9fff]\+?")
_ENGLISH = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-'’][A-Za-z0-9]+)*")
_QUOTED = re.compile(r"[“「『\"]([^”」』\"“\n]{2,16})[”」』\"]")
# A term neither begins nor ends with these; they are the grammar around it.
_LOOSE_ZH = frozenset(
    "的了和与等在为是以及将对把被向从到其各也都又并或于由让使更很最不有要个就上中下来去我们这那之所而且年月日亿万元第约再多人"
    "次级家共项个位"
)
# What a sentence of a plan begins with: it goes with the term, it is not part of it.
_LEADS_ZH = _words("""
    加快 推进 推动 促进 加强 强化 提升 提高 实施 开展 打造 建设 支持 鼓励 完善 健全 发展 深入 深化 积极
    持续 优化 扩大 拓展 培育 落实 增强 统筹 保障 确保 坚持 围绕 构建 建立 做好 全面 大力 引导 布局 探索
    创新 壮大 聚焦 规范 扎实 努力 稳步 有序 高效 建成 入选 新增 出台 实现 完成 启动 达到 突破 举办 组织
    全省 全市 全国 全区 我省 我市 省级 国家级 表示 贯彻 抓好 制定 推广 扶持 设立 引进 争创 启用
""")
_LOOSE_EN = frozenset(
    _words("""
    a an the of and or to in on at by for with from as is are was were be been being will we our us it its this that
    these those their they he she his her not no all more most such other new also than into over under between
    through about per up out so can must should would may have has had do did does percent year years yuan
""")
)
_REACH = 30


def new_terms(
    texts_now: Sequence[str],
    texts_before: Sequence[str],
    language: Literal["zh", "en"] = "zh",
    about: Collection[str] = (),
    support: Sequence[str] = (),
    finder: Finder | None = None,
    level: float = 0.95,
) -> list[NewTerm]:
    """Terms of today's texts that the texts before do not have, or hardly.

    Parameters
    ----------
    texts_now, texts_before
        The documents of either time.
    language
        ``zh`` looks at strings of characters, ``en`` at strings of words.
    about
        Known terms (of fields of technology, say): only what is said near them is returned. They themselves are not.
    support
        Other texts of today: what a term is is judged by them as well, so that one that today's texts say a single
        time is found (a national report, supported by those of the provinces).
    finder
        What a term is like; sensible values where not given.
    level
        Coverage of the interval of the ratio of rates.

    Returns
    -------
    list of NewTerm
        Most documents first, then highest lower end of the ratio, most mentions, and the text.

    Notes
    -----
    A term must at least once be followed by a break or a word of grammar, which half a term never is; strings that
    were put in quotation marks need neither that nor cohesion and freedom.
    A string within a longer one that is nearly as frequent is left out for the longer one; a longer one around a
    shorter one that is twice as frequent and new as well is left out for the shorter one.
    """
    if language not in ("zh", "en"):
        raise ValueError(f"language is 'zh' or 'en', not {language!r}")
    finder = finder or Finder(longest=8 if language == "zh" else 4)
    found = _Strings([*texts_now, *support, *texts_before], len(texts_now), len(support), language, finder)
    return found.terms(level, about)


@dataclass(frozen=True)
class _Stream:
    """All texts as one row of units, 0 where a string cannot go on; with document and offsets of each."""

    units: Array
    documents: Array
    starts: Array
    ends: Array
    numbers: dict[str, int]

    @classmethod
    def of(cls, texts: Sequence[str], language: str) -> _Stream:
        numbers: dict[str, int] = {}
        parts = []
        for document, text in enumerate(texts):
            pattern = _CHINESE if language == "zh" else _ENGLISH
            matches = [(m.group(), *m.span()) for m in pattern.finditer(text)]
            if not matches:
                continue
            words, starts, ends = zip(*matches, strict=True)
            folded = words if language == "zh" else [word.lower() for word in words]
            units = np.array([numbers.setdefault(word, len(numbers) + 1) for word in folded])
            start, end = np.array(starts), np.array(ends)
            between = np.concatenate([[1], start[1:] - end[:-1]])
            if language == "en":  # a blank or a line end joins words, all else parts them
                apart = np.flatnonzero(between > 0)[1:]
                between[apart] = [bool(text[ends[n - 1] : starts[n]].strip()) for n in apart.tolist()]
            breaks = np.flatnonzero(between > 0)
            part = np.stack([units, np.full(len(units), document), start, end])
            parts.append(np.insert(part, breaks, np.array([[0], [document], [0], [0]]), axis=1))
        rows = np.concatenate([*parts, np.zeros((4, 1), np.int64)], axis=1)
        units, document, start, end = rows.astype(np.int64)
        return cls(units, document, start, end, numbers)


class _Strings:
    """Strings of up to so many units, with their counts now and before."""

    def __init__(self, texts: Sequence[str], now: int, support: int, language: str, finder: Finder) -> None:
        self.texts, self.now, self.language, self.finder = texts, now, language, finder
        self.stream = _Stream.of(texts, language)
        documents, spoken = self.stream.documents, self.stream.units > 0
        self.is_now, self.is_body, self.is_past = documents < now, documents < now + support, documents >= now + support
        self.size_now, self.size_body, self.size_past = (
            int(np.count_nonzero(part & spoken)) for part in (self.is_now, self.is_body, self.is_past)
        )
        self.ids: list[Array] = [np.zeros(0, np.int64)]  # by length: which string begins here, 0 for none
        self.counts: list[Array] = [np.zeros(1, np.int64)]
        self.quoted = {q for text in texts[:now] for q in _QUOTED.findall(text)}
        self._count()

    def _count(self) -> None:
        """Number the strings; one that is rare now does not grow, for a longer one is rarer still."""
        units = self.stream.units
        base = int(units.max(initial=0)) + 1
        ids = units
        for length in range(1, self.finder.longest + 1):
            if length > 1:
                shifted = np.zeros(len(units), np.int64)
                shifted[: max(len(units) - length + 1, 0)] = units[length - 1 :]
                grown = (ids > 0) & (shifted > 0)
                _, inverse = np.unique(ids[grown] * base + shifted[grown], return_inverse=True)
                ids = np.zeros(len(units), np.int64)
                ids[grown] = inverse + 1
            counts = np.bincount(ids[self.is_body], minlength=int(ids.max(initial=0)) + 1)
            ids = np.where(counts[ids] >= self.finder.count, ids, 0)
            self.ids.append(ids)
            self.counts.append(counts)

    def terms(self, level: float, about: Collection[str]) -> list[NewTerm]:
        """Those that are terms, and new."""
        self.near = self._near(about)
        self.known = set(about)
        loose = _LOOSE_ZH if self.language == "zh" else _LOOSE_EN
        codes = [self.stream.numbers[word] for word in loose if word in self.stream.numbers]
        self.closing = np.isin(self.stream.units, [0, *codes])
        found: dict[str, NewTerm] = {}
        for length in range(1, self.finder.longest + 1):
            for term in self._of_length(length, level):
                found[term.text] = term
        kept = self._without_variants(found)
        return sorted(kept, key=lambda term: (-term.documents, -term.ratio_low, -term.count, term.text))

    def _of_length(self, length: int, level: float) -> list[NewTerm]:
        ids, documents = self.ids[length], self.stream.documents
        at = np.flatnonzero(ids)
        if not len(at):
            return []
        size = int(ids.max()) + 1
        names, first = np.unique(ids[at], return_index=True)
        first = at[first]  # texts now stand first, so this is where it is said now
        said, body = at[self.is_now[at]], at[self.is_body[at]]
        now, before = (np.bincount(ids[part], minlength=size)[names] for part in (self.is_now, self.is_past))
        once = np.unique(ids[said] * len(self.texts) + documents[said]) // len(self.texts)
        spread = np.bincount(once, minlength=size)[names]
        low, high = rate_ratio(now, self.size_now, before, self.size_past, level)
        cohesion = self._cohesion(length, first)
        freedom = np.minimum(
            self._entropy(ids[body], self.stream.units[body - 1], body, size),
            self._entropy(ids[body], self.stream.units[body + length], body, size),
        )[names]
        chosen = (now > 0) & (spread >= self.finder.documents) & ((before == 0) | (low >= self.finder.ratio))
        closed = np.bincount(ids[body], self.closing[body + length], minlength=size)[names] > 0
        near = np.full(len(names), np.nan)
        if self.known:
            near = np.bincount(ids[said], self.near[said], minlength=size)[names] / np.maximum(now, 1)
            chosen &= near >= self.finder.near
        firm = closed & (cohesion >= self.finder.cohesion) & (freedom >= self.finder.freedom)
        terms = []
        for n in np.flatnonzero(chosen):
            document, start = int(documents[first[n]]), int(self.stream.starts[first[n]])
            text = self.texts[document][start : int(self.stream.ends[first[n] + length - 1])]
            quoted = text in self.quoted
            if text in self.known:
                continue
            if quoted or (firm[n] and self._well_formed(text)):
                numbers = int(now[n]), int(spread[n]), int(before[n]), float(low[n]), float(high[n])
                shape = text if self.language == "zh" else " ".join(text.split())
                terms.append(
                    NewTerm(
                        shape,
                        *numbers,
                        float(cohesion[n]),
                        float(freedom[n]),
                        float(near[n]),
                        quoted,
                        (document, start),
                    )
                )
        return terms

    def _well_formed(self, text: str) -> bool:
        if self.language == "en":
            words = text.lower().split()
            return words[0] not in _LOOSE_EN and words[-1] not in _LOOSE_EN and len(text) > 2
        whole = text[0] not in _LOOSE_ZH and text[-1] not in _LOOSE_ZH
        return len(text) > 1 and whole and not text.startswith(_LEADS_ZH)

    def _near(self, about: Collection[str]) -> Array:
        """Whether a unit has one of the terms within reach, in the same text."""
        near = np.zeros(len(self.stream.units), bool)
        if not about:
            return near
        words = re.compile("|".join(re.escape(word) for word in sorted(about, key=lambda word: (-len(word), word))))
        edges = np.searchsorted(self.stream.documents, np.arange(len(self.texts) + 1))
        for document, text in enumerate(self.texts[: self.now]):
            here = slice(*edges[document : document + 2])
            found = np.array([m.start() for m in words.finditer(text)])
            filled = np.maximum.accumulate(self.stream.starts[here])  # a break stands where the unit before it does
            at = np.searchsorted(filled, found, "left") if len(found) else np.zeros(0, np.int64)
            size = here.stop - here.start
            change = np.zeros(size + 1, np.int64)
            np.add.at(change, np.maximum(at - _REACH, 0), 1)
            np.add.at(change, np.minimum(at + _REACH, size), -1)
            near[here] = np.cumsum(change[:-1]) > 0
        return near

    def _cohesion(self, length: int, first: Array) -> Array:
        """Least pointwise mutual information, in bits, over the places where a string can be cut."""
        least = np.full(len(first), np.inf)
        together = self.counts[length][self.ids[length][first]]
        for cut in range(1, length):
            head = self.counts[cut][self.ids[cut][first]]
            tail = self.counts[length - cut][self.ids[length - cut][first + cut]]
            least = np.minimum(least, np.log2(together * float(self.size_body) / (head * tail)))
        return least

    @staticmethod
    def _entropy(ids: Array, neighbours: Array, places: Array, size: int) -> Array:
        """Entropy in bits of the neighbours of each string, a break being different each time."""
        top = int(neighbours.max(initial=0)) + 1
        different = np.where(neighbours > 0, neighbours, top + places)
        base = int(different.max(initial=0)) + 1
        keys, counts = np.unique(ids * base + different, return_counts=True)
        owner = keys // base
        total = np.bincount(owner, counts, minlength=size)
        spread = np.bincount(owner, counts * np.log2(counts), minlength=size)
        total = np.maximum(total, 1)
        return np.log2(total) - spread / total

    def _without_variants(self, found: dict[str, NewTerm]) -> list[NewTerm]:
        """Leave out parts for the whole they nearly always stand in, and wholes for a part that is far more common."""
        dropped: set[str] = set()
        glue = "" if self.language == "zh" else " "
        for text in sorted(found, key=lambda t: (-len(t), t)):
            pieces = list(text) if self.language == "zh" else text.split(" ")
            for i in range(len(pieces)):
                for j in range(i + 1, len(pieces) + 1):
                    part = glue.join(pieces[i:j])
                    if part == text or part not in found or part in dropped:
                        continue
                    if found[text].count >= _NEARLY * found[part].count and text not in dropped:
                        dropped.add(part)
                    elif found[part].count >= _FAR_MORE * found[text].count:
                        dropped.add(text)
        return [term for text, term in found.items() if text not in dropped]
