"""The words and shapes that page chrome, contents and glossaries have, in Chinese and English."""

from __future__ import annotations

import re
from typing import NamedTuple

CRUMB = 20
LINK = 60
ENTRY = 80
REPEAT = 4
GAP = 9
"""Lines that may stand between two entries of a glossary: a definition that was broken at its links."""
LABELLED = ("source", "published", "editor", "reads", "breadcrumb", "record")

_LABEL = r"\s*[:：]"
_CHROME: tuple[tuple[str, str], ...] = (
    ("source", rf"[（(]?\s*(?:文章|信息|稿件|新闻|图片|内容)?\s*来\s*源{_LABEL}.{{0,40}}"),
    ("published", rf"[（(【]?\s*(?:发布|发表|更新|录入|上传|编辑|印发)?(?:时\s*间|日\s*期){_LABEL}\s*[\d年月日:：./\-\s时分秒]*[）)】]?"),
    ("published", r"(?:Published|Last updated|Updated|Last modified|Date posted|Posted)(?: on)?\s*:?\s*[\w ,./:-]{4,30}"),
    ("editor", rf"[（(]?\s*(?:责任|网络|值班|本期|执行)?(?:编辑|编审|校对|审核|初审|复审|终审|监制|责编){_LABEL}.{{0,30}}"),
    ("editor", rf"[（(]?\s*(?:作者|记者|撰文|供稿|摄影){_LABEL}.{{0,20}}"),
    ("reads", rf"(?:阅读量?|浏览量?|浏览次数|阅读次数|点击数?|点击量|访问量|访问次数)\s*(?:[:：]\s*\d*\s*次?)"),
    ("font_size", r"[【\[（(]?\s*(?:选择)?字\s*[体号]\s*(?:大小)?\s*[:：]?[\s大中小默认超特AaA+\-|｜]*[】\])）]?"),
    ("breadcrumb", r"(?:您?(?:现在|当前)?所?在?的?位置|当前位置|当前所在位置|您所在的位置|您当前的位置|You are here)\s*[:：].{0,120}"),
    ("breadcrumb", r"(?:首页|主页|网站首页|Home)(?:\s*[>»›/＞→]+\s*[^>»›/＞→。；]{1,60}){1,8}"),
    ("share", r"(?:分享|转发|推荐)(?:到|至|给)?\s*[:：]?\s*(?:微信|微博|新浪微博|QQ|QQ空间|朋友圈|人人网|好友)?\s*[:：]?"),
    ("share", r"(?:Share|Tweet|Follow us)(?: this)?(?: page| article| story| post)?(?: on| via| with)?(?: [A-Z]\w+)?\s*:?"),
    ("button", r"(?:[【\[（(]?\s*(?:打\s*印|关\s*闭|收\s*藏|纠\s*错|朗\s*读|下\s*载|返\s*回|复制链接)(?:本页|本文|此页|窗口|正文|页面|顶部|首页|列表|文章)?\s*[】\])）]?[\s|｜/·]*){1,6}"),
    ("button", r".{0,12}点击(?:图片|此处|这里|查看|下载|进入|链接|观看).{0,20}"),
    ("button", r"(?:Skip to (?:main )?content|Back to top|Print(?: this)?(?: page| article)?|Download(?: as)? PDF|View PDF)"),
    ("scan", r".{0,12}(?:扫一扫|扫描二维码|长按识别|关注公众号|关注微信).{0,30}"),
    ("links", r"[【\[]?(?:相关(?:文档|链接|阅读|新闻|文章|附件|信息|稿件|报道|解读|专题)|延伸阅读|推荐阅读|热门推荐|友情链接|猜你喜欢)[】\]]?\s*[:：]?"),
    ("links", r"(?:Related (?:content|links|articles|pages|documents|stories|topics)|See also|More from this section|Read next)\s*:?"),
    ("links", r"[【\[]?(?:上|下)一?[篇页条][】\]]?\s*(?:[:：].{0,60})?"),
    ("attachment", r"(?:附件\s*\d*\s*[:：.]?\s*)?[^。；，]{0,80}\.(?:pdf|docx?|wps|xlsx?|zip|rar|ofd|pptx?)"),
    ("copyright", r".{0,40}(?:版权所有|版权归|著作权所有|未经.{0,12}(?:授权|许可|同意).{0,6}(?:不得|禁止|严禁|请勿)).{0,60}"),
    ("copyright", r"(?:Copyright|©|\(c\) ?\d{4}).{0,100}"),
    ("copyright", r".{0,60}All rights reserved.{0,40}"),
    ("footer", r".{0,40}(?:ICP备|ICP证|公网安备|网站标识码|政府网站标识).{0,60}"),
    ("footer", r"(?:主办单位?|承办单位?|协办单位?|技术支持|网站维护|运行维护|建设维护|运维单位?|网站管理)\s*[:：].{0,60}"),
    ("footer", r"(?:Accept|Reject|Manage)(?: all)? cookies|Cookie(?:s| policy| settings| preferences)|Privacy (?:policy|notice)|Terms (?:of use|and conditions|of service)"),
    ("record", r"(?:索\s*引\s*号|信息分类|主题分类|主题词|主\s*题\s*词|公文种类|公开方式|公开形式|公开范围|公开时限|发文机关|发文字号|文\s*号|成文日期|生效日期|废止日期|有\s*效\s*性|信息名称|组配分类|体裁分类)\s*[:：].{0,60}"),
    ("caption", r".{0,150}(?:记者|通讯员|摄影|全媒体).{0,30}[摄图](?:[）)]|影报道)?"),
    ("page_number", r"[-—–－―·•~\s]+\d{1,4}[-—–－―·•~\s]+|第\s*\d{1,4}\s*页(?:\s*[,，/／、]?\s*共\s*\d{1,4}\s*页)?|Page \d{1,4}(?: (?:of|/) \d{1,4})?|\d{1,4} ?/ ?\d{1,4} ?页"),
)  # fmt: skip
_EDGE: tuple[tuple[str, str], ...] = (
    ("button", r"[|｜>＞»›«‹×✕✖·•大中小【】\[\]A+\-←→▲△↑#]|首\s*页|主\s*页|登录|注册|搜索|检索|无障碍|长者版|适老化|简体|繁體|繁体|English|EN|中文|更多|展开|收起|菜单|网站导航|网站地图|联系我们|关于我们|网站声明|手机版|客户端|微信|微博|微信公众号|官方微博|返回|TOP|顶部|主办|字号|二维码|举报|评论|点赞|QQ空间|新浪微博"),
    ("button", r"(?:Home|Menu|Search|Log ?in|Sign in|Sign up|Register|Subscribe|Share|Print|Email|E-mail|Facebook|Twitter|X|LinkedIn|WhatsApp|Instagram|YouTube|Contact(?: us)?|About(?: us)?|Sitemap|Accessibility|Help|Feedback|News|Events|Close|Navigation|Language|Top|Topics|More)"),
    ("navigation", r"(?:[^\s，。；：、]{2,8}(?:\s+|\s*[|｜·•]\s*)){3,}[^\s，。；：、]{2,8}"),
    ("navigation", r"(?:[A-Z][\w&' ]{1,24}\s*[|｜·•»›]\s*){2,}[A-Z][\w&' ]{1,24}"),
    ("published", r"[（(]?(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}\s*[:：时]\s*\d{2}(?:\s*[:：分]?\s*\d{2})?\s*[分秒]?)?[）)]?(?:\s*来源\s*[:：].{0,30})?"),
    ("source", r"(?:19|20)\d\d[-/.年].{4,16}\s+来源\s*[:：].{0,40}"),
    ("caption", r".{0,60}(?:日报|晚报|晨报|新华社|通讯社|客户端|电视台|新闻网).{0,10}记者\s*\S{2,8}(?:\s+\S{1,8}){0,3}"),
    ("footer", r"(?:地\s*址|邮\s*编|邮政编码|联系电话|电\s*话|传\s*真|联系方式|网\s*址|电子邮箱|邮\s*箱)\s*[:：].{0,60}"),
)  # fmt: skip

_ROW = tuple((rule, re.compile(pattern, re.IGNORECASE)) for rule, pattern in _CHROME)
_EDGE_ROW = tuple((rule, re.compile(pattern)) for rule, pattern in _EDGE)
_LONGEST = 200
_HINT = re.compile(
    r"来\s*源|时\s*间|日\s*期|编|校对|审|责|监制|作者|记者|撰文|供稿|摄|浏览|阅读|点击|访问|字\s*[体号]|位置|[>»›＞→/]|分享|转发|推荐"
    r"|打\s*印|关\s*闭|收\s*藏|纠\s*错|朗\s*读|下\s*载|返\s*回|复制|扫|长按|关注|相关|延伸|链接|猜|[篇页条]|\.[a-z]{2,4}$|版权|著作|未经"
    r"|©|备|ICP|标识|主\s*[办题]|承办|协办|技术支持|维护|运维|管理|索\s*引|分类|公文|公开|发文|文\s*号|成文|有\s*效|信息|通讯|媒体"
    r"|^[-—–－―·•~]|publish|updated|modified|posted|share|tweet|follow|skip|back|print|download|view|related|see also|more|read"
    r"|copyright|\(c\)|rights|cookie|privacy|terms|page|you are",
    re.IGNORECASE,
)
_PROSE = re.compile(r"[。；！？]|，.*，|[.!?;](?:\s|$)|,.*,")
_TITLE = re.compile(
    r"(?:报告|规划|纲要|意见|方案|办法|通知|条例|决定|措施|计划|行动|政策|规定|细则|公告|公报|白皮书|战略|讲话)(?:[（(].*[）)])?$"
    r"|\b(?:Plan|Strategy|Act|Report|Policy|Programme|Program|Roadmap|White Paper|Framework|Bill)\b"
)
_ARROW = re.compile(r"[>＞»›→]+")

CONTENTS = re.compile(r"目\s*录|目\s*次|(?:Table of )?Contents|TABLE OF CONTENTS|CONTENTS")
LEADER = re.compile(r"(?:[.．·•。…⋯]\s?){4,}\s*[-—(（]?\s*\d{1,4}\s*[-—)）]?$|…{2,}\s*\d{1,4}$")
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
    r"|(?P<loose>注\s*释|注\s*解|释\s*义|尾注|脚注|缩略语表?|术语表|Notes|NOTES|Endnotes|ENDNOTES|Footnotes|Explanatory notes))"
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
