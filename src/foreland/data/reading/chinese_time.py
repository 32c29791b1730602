"""Tell results from aims in a Chinese report, and the year each is about.

A work report reviews first and plans afterwards, so the place in the document is evidence, and so are the words:
力争 and 到2030年 speak of an aim, 同比 and 五年来 of a result. Each piece adds its weight; the sum decides.
Weights are hand-set on a log-odds scale, positive for a result.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from foreland.data.reading.model import Context, Status

Part = Literal["review", "plan", "year"]


@dataclass(frozen=True)
class PlacedContext(Context):
    """A context whose part of the document is known from the headings.

    Attributes
    ----------
    part
        ``review`` of past work, ``plan`` of several years, or aims for the ``year``.
    """

    part: Part | None = None


_PLACES = (0.24, 0.30, 0.34, 0.38, 0.42, 0.46, 0.50)
_PRIOR = (4.5, 2.2, 0.9, -0.4, -1.2, -2.4, -3.5, -5.5)
_PARTS = {"review": 5.0, "plan": -5.0, "year": -5.5}

_CUES = re.compile(
    r"(?P<aim>力争|确保|预期目标|主要目标|目标是|努力实现|争取(?!中央|国家|到位|各类|资金|超长期)|今年(?!以来)|今后|未来|将(?=新增|建成|达|实现|完成|突破|力争|投)|计划(?=新|投|完成|建)|年内|要(?=[^求素闻点塞务件害])|再(?=新增|增|新建|建|培育|创))"
    r"|(?P<order>(?:^|[，。；：—\n])(?:加快|推进|推动|支持|深入实施|实施|打造|构建|健全|完善|加强|深化|强化|做大|做强|做优|做好|培育|壮大|加大|优化|坚持|抓好|抓实|持续|积极|统筹|落实|扩大|提升|提高|发展|建设|开展|聚焦|促进|发挥|引导|鼓励|探索|用好|稳步|大力|着力|全力|加力|办好|建好|完成|新建|新增|改造|建立|争创|创建))"
    r"|(?P<pace>年均[^，。；]{0,14}\d[^，。；]{0,8}(?:以上|左右))"
    r"|(?P<soft>左右|保持稳定|基本同步|不低于|以内)"
    r"|(?P<past>五年来|过去[五一]年|一年来|去年|上年|同比|五年间|[五5]年[累新完共]|较20\d\d年|比20\d\d年|五年的|这五年|五年前|以来|“十[一二三四五]五”(?:末|期间|时期|以来)?(?=[^规]))"
    r"|(?P<done>预计|了|获批|入选|获评|投产|投用|投运|落户|成功|首次|跃居|跃升|升至|稳居|居全国|位居|位列|累计|连续|跻身|[从由][^，。；]{1,18}(?:增加|提高|提升|增长|上升|下降|扩大|增|跃升|降|跨越|减少)[至到]|翻番|翻了|分别增长|增长\d|下降\d|显著|蝉联|挂牌|开工建设|建成投|荣获|圆满|形成|超额|排名)"
)
_WEIGHTS = {"aim": -3.0, "order": -0.7, "pace": -2.5, "soft": -0.9, "past": 2.2, "done": 1.0}
_CAPS = {"aim": 1, "order": 2, "pace": 1, "soft": 1, "past": 1, "done": 2}

_YEAR = re.compile(
    r"(?P<base>比|较|自|从|由|在|是|为|相当于|超过|占|高于|低于)?(?P<to>到|至)?(?:20\d\d(?:[—\-－~～至]))?(?P<year>20\d\d)年(?P<since>以来|起|开始|的\d|水平)?"
)
_PLAN = re.compile(r"“?十([一二三四五六七八九])五”?")
_SPAN = re.compile(r"年均|五年|今后五年|每年")
_THIS = re.compile(r"今年|年内|全年|当年")
_NUMERALS = "一二三四五六七八九"
_CLAUSES = "，。；：\n"


def plan_end(year: int) -> int:
    """The last year of the five-year plan that runs in `year`."""
    return year + (-year) % 5


@dataclass(frozen=True)
class Telling:
    """A sentence and its surroundings, asked for the status and year of the amounts in it."""

    sentence: str
    context: Context

    @property
    def part(self) -> Part | None:
        return self.context.part if isinstance(self.context, PlacedContext) else None

    @cached_property
    def status(self) -> Status:
        """Result or aim."""
        return "achieved" if self._score > 0 else "target"

    @cached_property
    def _score(self) -> float:
        score = 0.0
        if self.part:
            score += _PARTS[self.part]
        elif self.context.position is not None:
            score += _PRIOR[bisect(_PLACES, self.context.position)]
        score += _weigh(self.sentence)
        score += 0.4 * _weigh(self.context.before)
        for year in self._years:
            if self.context.year is not None and year[2] == "in":
                score += 3.0 if year[1] < self.context.year else -4.0
        if self.context.year is not None:
            for match in _PLAN.finditer(self.sentence):
                score += -3.0 if _ending(match) >= self.context.year else 0.0
        return score

    @cached_property
    def _years(self) -> list[tuple[int, int, str]]:
        """Place, year and use (``in`` or ``base``) of the years the sentence names."""
        found = []
        for match in _YEAR.finditer(self.sentence):
            based = bool(match["since"]) or (match["base"] is not None and match["to"] is None and match["base"] != "在")
            found.append((match.start("year"), int(match["year"]), "base" if based else "in"))
        return found

    def year(self, start: int, rule: str) -> int | None:
        """The year of the amount that begins at `start`."""
        now = self.context.year
        if rule == "from":
            return next((year for place, year, _ in reversed(self._years) if place < start and start - place < 24), None)
        named = [year for place, year, use in self._years if use == "in" and place < start]
        if self.status == "achieved":
            past = [year for year in named if now is None or year < now]
            return past[-1] if past else None if now is None else now - 1
        ahead = [year for year in named if now is None or year >= now]
        if ahead:
            return ahead[-1]
        clause = max(self.sentence.rfind(sign, 0, start) for sign in _CLAUSES) + 1
        if _THIS.search(self.sentence, clause, start) and not _SPAN.search(self.sentence, clause, start):
            return now
        later = [year for _, year, use in self._years if use == "in" and (now is None or year >= now)]
        if later:
            return later[0]
        if plans := [_ending(match) for match in _PLAN.finditer(self.sentence)]:
            if now is None or plans[-1] >= now:
                return plans[-1]
        if now is None:
            return None
        if _SPAN.search(self.sentence) and not _THIS.search(self.sentence):
            return plan_end(now)
        return self._undated(now)

    def _undated(self, now: int) -> int:
        """The year of an aim that names none: by the part of the document, the words in front, the place."""
        if self.part:
            return plan_end(now) if self.part == "plan" else now
        last = None
        for match in re.finditer(r"今年|(?P<year>20\d\d)年|十(?P<plan>[一二三四五六七八九])五|五年|年均", self.context.before):
            last = match
        place = self.context.position
        if last is not None:
            if last["year"] and int(last["year"]) >= now:
                return int(last["year"])
            if last["plan"] and 1955 + 5 * (11 + _NUMERALS.index(last["plan"]) - 1) >= now and not (place and place > 0.5):
                return plan_end(now)
            if last[0] in ("五年", "年均"):
                return plan_end(now)
            if last[0] == "今年":
                return now
        # Only in the first year of a plan does a report set it out between the review and the year's work.
        return plan_end(now) if now % 5 == 1 and place is not None and place < 0.44 else now


def _ending(match: re.Match[str]) -> int:
    """The last year of the numbered plan: 十五五, the fifteenth, ends in 2030."""
    return 1955 + 5 * (10 + _NUMERALS.index(match[1]) + 1)


def _weigh(text: str) -> float:
    counts = dict.fromkeys(_WEIGHTS, 0)
    for match in _CUES.finditer(text):
        counts[match.lastgroup or ""] += 1
    return sum(_WEIGHTS[name] * min(count, _CAPS[name]) for name, count in counts.items())
