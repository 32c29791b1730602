"""Find the parts of a Chinese work report from its headings: review, plan of several years, aims for the year."""

from __future__ import annotations

import re
from collections.abc import Sequence

from foreland.data.reading.chinese_time import Part, plan_named
from foreland.data.reading.model import Sentence

_REVIEW = re.compile(r"回顾|总结|成就|主要成绩|过去[一五]年")
_DATED = re.compile(r"(20\d\d)年")
_WORK = re.compile(r"(?:年|的).{0,10}(?:工作(?!报告)|任务|安排|目标|部署|建议)")
_PLAN = re.compile(r"十(?P<plan>[一二三四五六七八九])五|今后五年|未来五年|五年规划")
_AIMS = re.compile(r"目标|任务|考虑|要求|举措|规划|思路|蓝图")
_MINOR = re.compile(r"[（(〔\[]|\d+[.、．)]|——|第[一二三四五六七八九十]+[节条]")
_LONGEST = 45


def parts(sentences: Sequence[Sentence], year: int | None) -> list[Part | None]:
    """For each sentence the part it stands in; None before the first heading that tells, or under one that mixes.

    Parameters
    ----------
    sentences
        The sentences of one document, headings among them.
    year
        The year of the document.
    """
    found: list[Part | None] = []
    part: Part | None = None
    for sentence in sentences:
        kinds = _opened(sentence.text, year)
        if kinds:
            part = kinds.pop() if len(kinds) == 1 else None
        found.append(part)
    return found


def _opened(text: str, year: int | None) -> set[Part]:
    """The parts that `text` opens; none where it is no heading, or one that stays within its part."""
    if len(text) > _LONGEST or text[-1] in "。；！？，、" or _MINOR.match(text):
        return set()
    kinds: set[Part] = set()
    dated = [int(match[1]) for match in _DATED.finditer(text)]
    past = bool(dated) and year is not None and min(dated) < year
    if _REVIEW.search(text) or (past and _WORK.search(text)):
        kinds.add("review")
    if ("今年" in text or (bool(dated) and (year is None or max(dated) == year))) and _WORK.search(text):
        kinds.add("year")
    plans = [plan_named(match["plan"]) if match["plan"] else None for match in _PLAN.finditer(text)]
    if any(ends is None or year is None or ends >= year for ends in plans) and _AIMS.search(text):
        kinds.add("plan")
    return kinds
