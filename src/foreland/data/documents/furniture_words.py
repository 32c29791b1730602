"""The words and shapes that page chrome, contents and glossaries have, in Chinese and English."""

from __future__ import annotations

import csv
import re
from importlib.resources import files
from typing import NamedTuple

CRUMB = 20
LINK = 60
STOP = re.compile(r"[。！？；]|[a-z]{3,}[.;]$")
"""What ends a sentence, and stands in no entry of contents."""
ENTRY = 80
LEADERS = 300
REPEAT = 4
GAP = 9
"""Lines that may stand between two entries of a glossary: a definition that was broken at its links."""
LABELLED = ("source", "published", "editor", "reads", "breadcrumb", "record")


def _patterns(place: str, flags: re.RegexFlag) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Patterns of whole lines, each with the rule it stands for."""
    text = files("foreland.data.documents").joinpath("furniture.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple((row["rule"], re.compile(row["pattern"], flags)) for row in rows if row["place"] == place)


_ROW = _patterns("anywhere", re.IGNORECASE)
_EDGE_ROW = _patterns("edge", re.NOFLAG)
_LONGEST = 200
_HINT = re.compile(
    r"来\s*源|时\s*间|日\s*期|编|校对|审|责|监制|作者|记者|撰文|供稿|摄|浏览|阅读|点击|访问|字\s*[体号]|位置|[>»›＞→/]|分享|转发|推荐"
    r"|打\s*印|关\s*闭|收\s*藏|纠\s*错|朗\s*读|下\s*载|返\s*回|复制|扫|长按|关注"
    r"|相关|延伸|链接|猜|[篇页条]|\.[a-z]{2,4}$|版权|著作|未经"
    r"|©|备|ICP|标识|主\s*[办题]|承办|协办|技术支持|维护|运维|管理|索\s*引|分类|公文|公开|发文|文\s*号|成文|有\s*效|信息|通讯"
    r"|媒体|^[-—–－―·•~]|publish|updated|modified|posted|share|tweet|follow|skip|back|print|download|view|related"
    r"|see also|more|read|copyright|\(c\)|rights|cookie|privacy|terms|page|you are",
    re.IGNORECASE,
)
_PROSE = re.compile(r"[。；！？]|，.*，|[.!?;](?:\s|$)|,.*,")
_TITLE = re.compile(
    r"(?:报告|规划|纲要|意见|方案|办法|通知|条例|决定|措施|计划|行动|政策|规定|细则|公告|公报|白皮书|战略|讲话)(?:[（(].*[）)])?$"
    r"|\b(?:Plan|Strategy|Act|Report|Policy|Programme|Program|Roadmap|White Paper|Framework|Bill)\b"
)
_ARROW = re.compile(r"[>＞»›→]+")

CONTENTS = re.compile(r"目\s*录|目\s*次|(?:Table of )?Contents|TABLE OF CONTENTS|CONTENTS")
_DOT = "[.．·•。…⋯]"
LEADER = re.compile(rf"(?<!{_DOT})(?<!{_DOT}\s)(?:(?:{_DOT}\s?){{4,}}|…{{2,}})\s*[-—(（]?\s*\d{{1,4}}\s*[-—)）]?$")
PAGE_AT_END = re.compile(r"(?:[.．·•…⋯\s\t]{2,}|\s)\(?[\divxIVX]{1,4}\)?$")
_ANNEX_WORD = r"附\s*[件录表]\s*[一二三四五六七八九十\d]*\s*[:：.、]?\s*"
ANNEX = re.compile(rf"{_ANNEX_WORD}(?:[^。，；]{{0,40}}$)|(?:Annex|Appendix)\s+[A-Z\d]+\b[^.;]{{0,60}}$")
ANNEX_ALONE = re.compile(_ANNEX_WORD)
SPEECH = re.compile(r"各位(?:代表|委员|同志)[:：，,！!]")
GLOSSARY = re.compile(
    rf"(?:{_ANNEX_WORD})?[（(【]?(?:《[^》]{{2,40}}》|政府工作报告)?"
    r"(?:中|的|有关|相关|部分|主要|专业|重要|若干|内容|专有|专用|涉及|政策|经济|科技|及)*"
    r"(?:(?:名词|术语|用语|词语|词汇|概念|缩略语|缩略词|英文缩写)(?:和|及|与|、)?(?:术语|缩略语|缩写)?"
    r"(?:解释|注释|注解|释义|说明|简释|解读|汇总|对照)表?"
    r"|(?P<loose>注\s*释|注\s*解|释\s*义|尾注|脚注|缩略语表?|术语表"
    r"|Notes|NOTES|Endnotes|ENDNOTES|Footnotes|Explanatory notes))"
    r"[）)】]?\s*[:：]?"
    r"|(?:(?:Annex|Appendix)\s+[A-Z\d]+\s*[:.–-]?\s*)?"
    r"(?i:glossary(?: of (?:key )?terms)?(?: and (?:abbreviations|acronyms))?|(?:list of )?(?:abbreviations|acronyms)"
    r"(?: and (?:abbreviations|acronyms))?)\s*:?"
)
_NUMBERED = re.compile(r"[\[［【(（〔]?(\d{1,3})[\]］】)）〕]\s*\S|(\d{1,3})\s*[.．、:：]\s*\D")
_TERM = re.compile(
    r"[^。；，：:]{1,40}[:：]|(?:是?指|即|又称|也称|简称|包括|是“)|[^。；]{1,40}(?:是指|，指|,指)"
    r"|[A-Z][\w/&.-]*(?: [\w/&.()-]+){0,6}\s*(?:[:–—]|-\s|\t|\s{2,})\s*\S"
)
_KEY = re.compile(r"[\s.．·•…⋯]*[-—(（]?\s*[\divxIVX]{0,4}\s*[-—)）]?$")


class Entry(NamedTuple):
    """An entry of a glossary, and its number if it has one."""

    number: int | None


def chrome(line: str) -> str | None:
    """The rule by which a line is chrome wherever it stands."""
    if len(line) > _LONGEST or not _HINT.search(line):
        return None
    return next((rule for rule, pattern in _ROW if pattern.fullmatch(line)), None)


def edge(line: str) -> str | None:
    """The rule by which a line is chrome above or below the running text."""
    if len(line) > _LONGEST:
        return None
    return next((rule for rule, pattern in _EDGE_ROW if pattern.fullmatch(line)), None)


def is_prose(line: str) -> bool:
    """Whether a line is running text: long, and with the marks of a sentence."""
    long = 30 if line[:200].isascii() is False else 70
    return len(line) >= long and _PROSE.search(line) is not None


def is_value(line: str) -> bool:
    """Whether a line can be what a label announces."""
    return len(line) <= 15 and not re.search(r"[。；！？，：:]", line) and not is_title(line)


def is_title(line: str) -> bool:
    """Whether a line reads like the title of a document."""
    return _TITLE.search(line) is not None


def is_arrow(line: str) -> bool:
    """Whether a line is nothing but what stands between the items of a path."""
    return _ARROW.fullmatch(line) is not None


def heading_key(line: str) -> str:
    """A heading without blanks, leaders and page number, to find it again."""
    return re.sub(r"\s+", "", _KEY.sub("", line) or line)


def entry(line: str) -> Entry | None:
    """The entry that a line of a glossary begins."""
    if found := _NUMBERED.match(line):
        return Entry(int(found[1] or found[2]))
    return Entry(None) if _TERM.match(line) else None
