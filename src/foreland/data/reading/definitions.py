"""Find how a document defines the industries of the future (未来产业): by a statement or by a list.

Governments differ in what they mean: some stress breakthrough and disruptive frontier technology, some the
integration of new technologies with industry. Two forms are read, as the classical doctrine of definition names
them: *intensional* ones give a genus and marks (“未来产业是由前沿技术驱动……”), *enumerative* ones give members
(“量子科技、具身智能等未来产业”). The marks stand in ``definitions.csv``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from foreland.data.reading.model import Mention

_GENERIC = frozenset(("future_industry_generic", "emerging_generic"))

_ZH = "[“‘]?未来产业[”’]?"
_EN = (
    r"(?:industr(?:y|ies) of the future|"
    r"future(?:-oriented)? industr(?:y|ies)(?! (?:technolog|develop|polic|plan|fund|pilot)))(?: \([A-Za-z ]+\))?"
)
_REST_ZH, _REST_EN = r"[^。；;！？\n]+", r"[^.;!?\n]+"
_IS_ZH = (
    "(?:是指|指的是|系指|即(?!将)|(?:被)?定义为|代表着?|具有|具备|呈现|"
    "(?<!不)是(?!否|[^，。；]{0,10}(?:重要|关键|重点|主攻|方向|抓手|必然|必须))|指(?![数标引导南])|"
    "由(?=[^，。；]{2,60}驱动)|以(?=[^，。；]{2,60}(?:为特征|为核心|驱动|引领)))"
)
_IS_EN = (
    r"(?:refers? to|means?|represents?|depends? on|rel(?:y|ies) on|"
    r"(?:is|are|can be|may be) (?:defined as|understood as)|"
    r"(?:is|are) (?:largely |mainly )?(?:driven|characteri[sz]ed|formed|based|shaped|led|enabled) (?:by|on|from|as)|"
    r"(?:is|are) (?:an?|the|those|all|industries)\b(?! (?:\w+ )?(?:important|key|vital|crucial|new focus|top|focus))|"
    r"(?:has|have|exhibits?|features?|presents?)\b(?! (?:become|been|emerged|not|grown|to)\b))"
)
_STATED = {
    "zh": re.compile(
        f"{_ZH}[，、]?(?:通常|一般|主要)?{_IS_ZH}{_REST_ZH}|"
        f"(?:由|以)[^，。；]{{2,60}}(?:驱动|引领|支撑|为特征|为核心)的{_ZH}"
    ),
    "en": re.compile(
        rf"(?i)\b(?:the )?{_EN}(?:,[^.;,]{{3,120}},)? (?:typically |generally |usually |significantly |often |also )?"
        rf"{_IS_EN}{_REST_EN}|\b{_EN} (?:that|which) (?:are|is|cater|depend|rely|emerge){_REST_EN}"
    ),
}
_NAMELY_ZH = (
    "(?:如|例如|比如|包括|主要包括|主要有|涵盖|覆盖|聚焦|聚焦于|重点聚焦|重点包括|重点发展|重点布局|主要是|分别是|即)"
)
_NAMELY_EN = (
    r"(?:such as|including|like|namely|for example,?|e\.g\.,?|focus(?:ing|es)? on|cover(?:ing|s)?|"
    r"includ(?:e|es)|compris(?:e|es|ing))"
)
_LISTED = {
    "zh": re.compile(
        "(?P<before>[^，。；;：:！？\\n]{0,200}?(?:等|这些)(?:[^，。；、等]{0,12}(?:和|与|及|、))?[^，。；、和]{0,8}?"
        f"{_ZH})|{_ZH}(?:领域|方向|赛道)?[，：:、（]?{_NAMELY_ZH}(?P<after>[^。；;！？）\\n]+)"
    ),
    "en": re.compile(
        rf"(?i)\b(?P<before>(?:[^.;:!?\n,]{{1,60}}, ){{0,20}}[^.;:!?\n,]{{1,60}},? and other {_EN})|"
        rf"\b{_EN},? {_NAMELY_EN}(?P<after>{_REST_EN})|"
        rf"\bthe focus of (?:the )?{_EN} is on(?P<focus>{_REST_EN})"
    ),
}
_LEAD = re.compile(
    r"^.*(?:前瞻布局|超前布局|谋划布局|系统布局|布局发展|培育发展|培育壮大|加快发展|大力发展|积极发展|重点发展|抢占|推动|推进|布局|培育|发展|构筑|打造|壮大|"
    r"支持|聚焦|开辟|促进|谋划|建设|拓展|探索|加快|是指|在)(?=[^、]{2,}、|[^、]{2,}等)"
)


class Definition(NamedTuple):
    """What a sentence says the industries of the future are: ``text == sentence[start:end]``."""

    start: int
    end: int
    text: str
    attributes: tuple[str, ...]
    """Codes of ``definitions.csv``, in its order."""
    fields: tuple[str, ...]
    """Codes of the fields named as members, in the order of the text."""
    rule: str
    """``statement`` or ``list``."""


class Attribute(NamedTuple):
    """A mark by which industries of the future are defined."""

    code: str
    name_en: str
    name_zh: str
    pattern_en: str
    pattern_zh: str


@cache
def attributes() -> dict[str, Attribute]:
    """The marks by code."""
    with Path(__file__).with_name("definitions.csv").open(encoding="utf-8", newline="") as lines:
        return {row["code"]: Attribute(**row) for row in csv.DictReader(lines)}


@cache
def _patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    if language == "zh":
        return tuple((a.code, re.compile(a.pattern_zh)) for a in attributes().values())
    return tuple((a.code, re.compile(rf"(?i)\b(?:{a.pattern_en})\b")) for a in attributes().values())


def find_definitions(sentence: str, mentions: Sequence[Mention], language: str) -> list[Definition]:
    """How `sentence` defines the industries of the future.

    Parameters
    ----------
    sentence : str
        One sentence.
    mentions : sequence of Mention
        The fields named in it.
    language : {"zh", "en"}
        The language of the sentence.

    Returns
    -------
    list of Definition
        In the order of the text, without overlaps. A statement without a single mark or field defines nothing, nor
        does a list without a field.

    Examples
    --------
    >>> found = find_definitions("未来产业是由前沿技术驱动、尚处孕育阶段的产业。", [], "zh")
    >>> [(d.rule, d.attributes) for d in found]
    [('statement', ('frontier', 'early_stage'))]
    """
    if ("未来产业" if language == "zh" else "uture") not in sentence:
        return []
    found = [
        _read(sentence, *match.span(), mentions, language, "statement")
        for match in _STATED[language].finditer(sentence)
    ]
    for match in _LISTED[language].finditer(sentence):
        start, end = match.span()
        if match["before"] is not None and language == "zh":
            lead = _LEAD.match(match["before"])
            start += lead.end() if lead else 0
        found.append(_read(sentence, start, end, mentions, language, "list"))
    kept: list[Definition] = []
    for one in sorted(found, key=lambda d: (d.start, -d.end)):
        if (one.fields or (one.attributes and one.rule == "statement")) and (not kept or one.start >= kept[-1].end):
            kept.append(one)
    return kept


def _read(sentence: str, start: int, end: int, mentions: Sequence[Mention], language: str, rule: str) -> Definition:
    while end > start and sentence[end - 1] in " \t,，、":
        end -= 1
    while start < end and sentence[start] in " \t,，、":
        start += 1
    text = sentence[start:end]
    told = text.replace("战略性新兴产业", "")  # a name, which says nothing of the industries of the future
    marks = tuple(code for code, pattern in _patterns(language) if pattern.search(told))
    fields = dict.fromkeys(m.field for m in mentions if start <= m.start and m.end <= end and m.field not in _GENERIC)
    return Definition(start, end, text, marks, tuple(fields), rule)
