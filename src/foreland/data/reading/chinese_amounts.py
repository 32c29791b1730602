"""Find the amounts in a Chinese sentence: number, unit and comparator, without what only looks like an amount."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from foreland.data.reading.chinese_numbers import ARABIC, NUMBER, WIDE, exact
from foreland.data.reading.model import Comparator


class Unit(NamedTuple):
    """What a unit word stands for: base unit, factor to it, and the kind of thing it counts."""

    unit: str
    factor: Decimal
    kind: str


class Amount(NamedTuple):
    """A number with its unit; ``start`` and ``end`` span both, ``left`` and ``right`` also the comparators."""

    start: int
    end: int
    left: int
    right: int
    value: float
    unit: str
    kind: str
    comparator: Comparator
    rule: str


def _units() -> dict[str, Unit]:
    with Path(__file__).with_name("chinese_units.csv").open(encoding="utf-8", newline="") as lines:
        return {row["word"]: Unit(row["unit"], Decimal(row["factor"]), row["kind"]) for row in csv.DictReader(lines)}


UNITS = _units()
_WORDS = "|".join(re.escape(word) for word in sorted(UNITS, key=len, reverse=True))
_RANK = r"(?:第(?P<rank>[一二三四五六七八九十\d]{1,3})(?P<place>位|名)?|首位)"
_FIND = re.compile(
    # A share written with words, and a share without a unit.
    rf"百分之(?P<percent>{NUMBER})"
    rf"|(?P<part>[一二三四五六七八九十两]{{1,2}}分之[一二三四五六七八九十两]{{1,3}})"
    rf"|(?<![\d/.])(?P<slash>[1-9]\d?/[1-9]\d?)(?![\d/])"
    rf"|(?<![完促组构形生建养达])(?P<tenths>[二三四五六七八九两\d]成(?:[一二三四五六七八九]|半)?)(?=[多以左，。；、）的出]|$)"
    rf"|{_RANK}"
    rf"|(?P<doubling>翻(?:了)?(?P<turns>[一两二三四五])?番|倍增)"
    # Two ends of a range, and one number, each with its unit.
    rf"|(?P<low>{NUMBER})(?P<lowunit>{_WORDS})?(?P<to>[—–\-－~～至到]{{1,2}})(?P<high>{NUMBER})(?P<highmore>[余多]?)(?P<highunit>{_WORDS})"
    rf"|(?P<number>{NUMBER})(?P<more>余|多|来)?(?P<unit>{_WORDS})"
    # People counted without a word for it: 用户超1亿, 惠及80万困难群众.
    rf"|(?P<users>{ARABIC}[万亿]+)(?=(?:以上)?(?:[，。；、]|$))"
    rf"|(?P<folk>{ARABIC}[余多]?[万亿]+[余多]?)(?=(?:名|[^，。；、\d“以人]{{0,6}})(?:群众|残疾人|老人|老年人|儿童|学生|学子|居民|监测对象|人口|劳动力|职工|农民|毕业生|患者|人员|师生|妇女|青年|婴幼儿|消费者|儿女|党员|干部|游客|旅客))"
    # Ratios to one: 2.5∶1.
    rf"|(?<![\d∶:：.])(?P<ratio>\d+\.\d+)[∶:：]1(?![\d∶:：.])"
)

_HEAD = re.compile(r"\d[\d.,]*|[零〇一二两三四五六七八九十百千万亿翻倍首第]")

_BEFORE = re.compile(
    r"(?:(?P<atleast>不低于|不少于|高于|大于|多于|超过|超出|超|突破|首破|冲破|破|跨过|跨越|跨上|迈上|迈过|站上|逾|(?<![通经])过|达到或超过|上|至少)|"
    r"(?P<atmost>不超过|不高于|不大于|低于|少于|小于|控制在|不足)|(?P<about>大约|(?<![节签合预履公条])约|(?<![最附])近|接近|大概|将近))(?:了|了约|占|占全国|占全省|占全球|年度计划)?\Z"
)
_AFTER = re.compile(
    r"(?:（[^（）]{1,8}）|/[人年月日]){0,2}(?:(?P<atleast>以上|之上|多(?![数个样元边种彩能功方级渠式]))|(?P<atmost>以下|以内|之内|之下)|(?P<about>左右|上下))"
)
_BARE = re.compile(r"[十百千万亿]+\Z")
_CJK = frozenset("零〇一二两三四五六七八九十百千万亿")

# What stands right before the number and makes it an ordinal, a rate's base or part of a name.
_NO_LEFT = re.compile(r"(?:第|每|首|(?<![目之以])前|[A-Za-z]|[A-Za-z][-－]|[\d./])\Z")
_VAGUE = re.compile(r"[数几两]\Z")
# What follows the number and its unit and makes them a level, a slogan or a part of a longer word.
_NO_RIGHT = re.compile(r"级(?!别)|强|型|式|大类")
_STEP = re.compile(r"(?:的)?(?:新)?(?:大关|台阶|新台阶|大台阶|关口)")
_QUOTED = re.compile(r"“[^“”]{0,24}”|《[^《》]*》|‘[^‘’]{0,24}’|「[^「」]{0,24}」")
_THRESHOLD = re.compile(
    r"(?:以上|及以上|级)?(?:的)?(?:工业|重大|产业|重点|省|投资|招商|制造业|新|技术|大|外资|龙头|骨干|领军|特色|农业|服务业|先进制造业)*"
    r"(?:级|企业|项目|园区|集群|产业|县|镇|乡|村|单品|品牌|链主|大县|港|街区|商圈|市场主体|县域|俱乐部|台阶|[^，。；、]{0,4}(?:企业|项目)[\d一二三四五六七八九])"
)
_AND_MORE = re.compile(r"及?以上[^，。；、]{0,10}(?:项目|企业|产业|工程|园区|集群)")
_MEASURES = re.compile(r"[^，。；、：]*")
_RUNS_ON = re.compile(
    r"[的（）(”/]|提升|提高|增加|增长|增至|下降|减少|降|扩大|跃升|升|居|占|和|及|与|均|同比|到|至|左右|以上|并|用于|支持|全部|分别|任务|目标|面积|跃|翻|压减|缩|是|比|较|其中|惠及|由|建成|开工|投产|投运"
)
_SPECIFIED = re.compile(
    r"(?:项目|工程|装置|生产线|机组|系统|示范|扩产|风机|设备|码头|泊位|基地|电站|输电|线路|轴承|支架|平台|大厦|望远镜|航母|火箭|船|机)(?:[^，。；、]{0,12})?$"
)
_ADDS = re.compile(
    r"(?:新增|新建|建成|完成|改造|治理|建设|修建|实施|造林|绿化|新改建|改建|扩建|新改扩建|提升|修复|整治|建|铺设|开工|竣工|供应|盘活|"
    r"增加|减少|压减|淘汰|收储|消化|处置|布局|开通|投放|供给|保障|推进|投运|并网|投产|化解|出让|筹集|筹建|疏浚|开挖|拓展|更新|维修|新修|清理|种植|新种|恢复|超额完成|达|达到|实现|和|及|与|"
    r"高质量建设|争取|落实|拓宽|打通|解决|承接|释放|利用|腾退|新投|投用|完工|贯通|新添)(?:了|共|约|近|超|超过|突破|逾)*\Z"
)
# Words behind a count that make it a slogan or a way of counting, not a result.
_LOOSE = re.compile(
    r"(?:重要|主要|重点|关键)?(?:方面|维度|领域|层面|阶段|层次|季度|五年|月|小时|字|新(?=[，。；、”])|坚持|必须|更加|聚焦|转变|"
    r"(?:具体|支持|扶持|重点|配套|惠企|硬核|务实|增量|改革|含金量高的)?(?:政策|措施|举措|意见|新政|硬措施)|[^，。；、]{0,8}(?:硬措施|措施|举措)|”|门联|门出|门协)"
)
_RANKED = re.compile(
    r"(?:居|列|排名|排|位|升至|跃升至|提升至|跃升到|上升到|上升至|升到|跻身|全国|全球|世界|全省|中部|西部|西北|东北|东部|西南|内地|地区|省份|省区|城市|各省|同类|总量|规模|均|稳居|保持|国内|中西部|沿海|亚洲|"
    r"省会|副省级|之|[、，]第[一二三四五六七八九十\d]+(?:位|名)?)(?:的|城市|各省区|各省份|各省区市|省区|省份|省会城市|同类城市|第)?\Z"
)
_NOT_RANK = re.compile(
    r"[一二三四五六七八九十\d]|[个批家次大条座届轮期梯方产季线款步手车代台阶段动要时责资书医道例起家艘颗架项块只所位]|关口|增长极|生产力|增长点|经济|引擎|艘|农业|制造业|粮食|旅游|工业|人民|附属"
)
_FIRST_OF = re.compile(
    r"(?:居|列|全国|全球|世界|各省|省区|省份|地区|城市|西部|中部|东部|西北|东北|内地|排名)[^，。；]{0,6}\Z"
)
_DOUBLED = re.compile(r"[，。；、]|增长|\Z")
_NAMED = re.compile(r"(?:计划|行动|工程|效应|战略|方案|目标|“|专项|培育)")


def amounts(sentence: str) -> list[Amount]:
    """The amounts of `sentence`, in order and without overlaps."""
    text = sentence.translate(WIDE)
    names = [match.span() for match in _QUOTED.finditer(text)] if "“" in text or "《" in text or "‘" in text else []
    found = [
        amount
        for match in _matches(text)
        if not any(a < match.start() and match.end() < b for a, b in names)
        for amount in _read(text, match)
    ]
    return _shared(text, _started(text, found))


def _shared(text: str, found: list[Amount]) -> list[Amount]:
    """Give every number of 分别突破 a、b or 分别增长 a、b 左右 the comparator that one of them carries."""
    index = 0
    while index < len(found):
        end = index + 1
        while end < len(found) and text[found[end - 1].right : found[end].left] in ("、", "和"):
            end += 1
        run = found[index:end]
        if len(run) > 1 and _EACH.search(text, max(0, run[0].left - 8), run[0].left):
            one = run[0] if run[0].left < run[0].start else run[-1] if run[-1].right > run[-1].end else None
            if one is not None:
                comparator = one.comparator
                found[index:end] = [a._replace(comparator=comparator) if a.comparator == "=" else a for a in run]
        index = end
    return found


_EACH = re.compile(r"分别|双双|均|依次")


_PEOPLE = re.compile(
    r"[户客人众口].{0,8}[户客才数量口工众民生次](?:规模)?(?:达到?|突破|超过?|超出|近|约|至|逾)?\Z|[客人众户](?:次|数|才)?(?:达到?|突破|超过?|超出|近|约|至|逾)\Z"
)
_FROM = re.compile(r"(?:从|由)(?:20\d\d年的?|(?:原来|最初|上年|五年前|改革前)的?)?\Z")
_TO = re.compile(r"(?:.{0,6}?(?:至|到|为)|跃)")


def _started(text: str, found: list[Amount]) -> list[Amount]:
    """Mark what growth set out from: the first two numbers of 分别从 771 家、481 家增加到 1076 家、636 家."""
    index = 0
    while index < len(found):
        end = index + 1
        while end < len(found) and text[found[end - 1].right : found[end].left] in ("、", "和"):
            end += 1
        if end < len(found) and _FROM.search(text, max(0, found[index].left - 10), found[index].left):
            gap = text[found[end - 1].right : found[end].left]
            if len(gap) < 12 and _TO.search(gap) and "，" not in gap:
                found[index:end] = [amount._replace(rule="from") for amount in found[index:end]]
        index = end
    return found


def _matches(text: str) -> Iterator[re.Match[str]]:
    """What looks like an amount, tried only where a sign stands that one can begin with."""
    place = 0
    while head := _HEAD.search(text, place):
        match = _FIND.match(text, head.start())
        if match:
            yield match
            place = match.end()
        else:
            # Inside a number in figures nothing new begins.
            place = head.end() if head[0][0] in "0123456789" else head.start() + 1


def _read(text: str, match: re.Match[str]) -> Iterator[Amount]:
    kind = match.lastgroup
    if match["percent"]:
        yield from _share(text, match, match["percent"], Decimal(1), "%", "percent words")
    elif match["part"] or match["slash"]:
        if not (match["slash"] and re.match(r"[A-Za-z]", text[match.end() : match.end() + 1])):
            for found in _share(text, match, match[0], Decimal(1), "other", "fraction"):
                yield found._replace(value=round(found.value, 4))
    elif match["tenths"]:
        yield from _share(text, match, match["tenths"], Decimal(100), "%", "tenths")
    elif match["doubling"]:
        yield from _doubling(text, match)
    elif kind in ("rank", "place") or match[0] == "首位":
        yield from _rank(text, match)
    elif match["users"] or match["folk"]:
        group = "users" if match["users"] else "folk"
        if group == "folk" or _PEOPLE.search(text, max(0, match.start() - 16), match.start()):
            value = exact(match[group])
            if value is not None and not _NO_LEFT.search(text, max(0, match.start(group) - 4), match.start(group)):
                found = _amount(text, match.start(group), match.end(group), value, "person", "person", "people")
                yield found._replace(comparator=">=") if re.search(r"[余多]", match[group]) else found
    elif match["ratio"]:
        yield from _share(text, match, match["ratio"], Decimal(1), "other", "ratio")
    elif match["low"]:
        yield from _range(text, match)
    else:
        yield from _single(text, match)


def _share(text: str, match: re.Match[str], numeral: str, factor: Decimal, unit: str, rule: str) -> Iterator[Amount]:
    value = exact(numeral)
    if value is not None:
        yield _amount(text, match.start(), match.end(), value * factor, unit, "share", rule)


def _doubling(text: str, match: re.Match[str]) -> Iterator[Amount]:
    left, right = text[: match.start()], text[match.end() :]
    if match["doubling"] == "倍增" and (
        _NAMED.match(right)
        or left.endswith(("乘数", "梯度", "双", "个", "成", "几何", "加快", "推动", "年"))
        or right[:1] == "”"
    ):
        return
    if right[:1] == "”" or left[-1:] == "“" or (match["doubling"] == "倍增" and not _DOUBLED.match(right)):
        return
    turns = exact(match["turns"]) if match["turns"] else Decimal(1)
    yield _amount(text, match.start(), match.end(), Decimal(2 ** int(turns or 1)), "times", "times", "doubling")


def _rank(text: str, match: re.Match[str]) -> Iterator[Amount]:
    before = text[max(0, match.start() - 12) : match.start()]
    if match[0] == "首位":
        if _FIRST_OF.search(before) and text[match.end() : match.end() + 1] not in ("度", "产"):
            yield _amount(text, match.start(), match.end(), Decimal(1), "rank", "rank", "first place")
        return
    value = exact(match["rank"])
    if value is None or (match["place"] is None and _NOT_RANK.match(text, match.end())):
        return
    if match["place"] or _RANKED.search(before):
        if match["place"] == "位" and text[match.end() : match.end() + 1] == "的" and not _RANKED.search(before):
            return
        yield _amount(text, match.start(), match.end(), value, "rank", "rank", "rank")


def _range(text: str, match: re.Match[str]) -> Iterator[Amount]:
    unit = UNITS[match["highunit"]]
    low_unit = UNITS[match["lowunit"]] if match["lowunit"] else unit
    low, high = exact(match["low"]), exact(match["high"])
    if (
        low is None
        or high is None
        or low_unit.unit != unit.unit
        or _barred(text, match.start(), match.end(), unit, False)
    ):
        return
    if match["to"] in ("至", "到") and text[max(0, match.start() - 1) : match.start()] in ("从", "由"):
        start = match.start("high")
        yield _amount(text, match.start(), match.start("to"), low * low_unit.factor, unit.unit, unit.kind, "from")
        yield _amount(text, start, match.end(), high * unit.factor, unit.unit, unit.kind, "to")
        return
    if not match["lowunit"] and low < 1000 <= high:
        scale = re.search(r"[万亿千百]+\Z", match["high"])
        if scale and not re.search(r"[万亿千百]", match["low"]):
            low *= exact(scale[0]) or 1
    found = _amount(text, match.start(), match.end(), low * low_unit.factor, unit.unit, unit.kind, "range")
    yield found._replace(comparator=">=")


def _single(text: str, match: re.Match[str]) -> Iterator[Amount]:
    numeral, unit = match["number"], UNITS[match["unit"]]
    value = exact(numeral)
    more = bool(match["more"]) or "余" in numeral or "多" in numeral
    if value is None or _barred(text, match.start(), match.end(), unit, more):
        return
    if numeral == "1" and match["unit"] == "类":
        return
    chinese = all(sign in _CJK for sign in numeral)
    if match["unit"] == "位" and _SHIFT.search(text, max(0, match.start() - 18), match.start()):
        unit = Unit("rank", Decimal(1), "rank")
    found = _amount(text, match.start(), match.end(), value * unit.factor, unit.unit, unit.kind, unit.kind)
    if more or _STEP.match(text, match.end()):
        found = found._replace(comparator=">=")
    if chinese and _BARE.match(numeral):
        # 百亿 names a level unless it is compared: 近百亿元, 超千家, 百余家.
        if not more and found.left == found.start and found.right == found.end:
            return
    elif chinese and not more and not _counted(text, match, unit):
        return
    for place, listed in _elided(text, match.start()):
        end, value = place + len(listed), exact(listed) or Decimal(0)
        yield found._replace(start=place, end=end, left=place, right=end, value=float(value * unit.factor))
    yield found


def _elided(text: str, start: int) -> list[tuple[int, str]]:
    """The numbers in front that share the unit: 分别提高15、22个百分点."""
    listed = _LISTED.search(text, max(0, start - 24), start)
    if listed is None or text[max(0, listed.start() - 1) : listed.start()].isascii():
        return []
    return [(match.start(), match[0]) for match in _NUMERAL.finditer(text, listed.start(), listed.end())]


_SHIFT = re.compile(r"(?:提升|上升|前移|跃升|前进|攀升|下降|后退)(?:了)?\Z|(?:排名|位次|名次)[^，。；]{0,12}\Z")
_LISTED = re.compile(rf"(?<![\d.])(?:{ARABIC}[万亿]*、)+\Z")
_NUMERAL = re.compile(rf"{ARABIC}[万亿]*")


def _counted(text: str, match: re.Match[str], unit: Unit) -> bool:
    """Whether a number in Chinese characters counts something: 新建两所大学, but not 三个转变 nor 一批."""
    if unit.kind not in ("count", "person"):
        return (unit.kind != "plain" and match["number"] not in _CJK) or unit.kind == "times"
    return match["number"] != "一" and bool(_COUNT_CUE.search(text, max(0, match.start() - 6), match.start()))


_COUNT_CUE = re.compile(r"(?:新增|新建|建成|落户|获批|新设|增加|新开|开工|投产|建设|培育|引进|布局|落地)(?:了)?\Z")


def _barred(text: str, start: int, end: int, unit: Unit, more: bool) -> bool:
    """Whether what stands around an amount makes it an ordinal, a level, a specification or part of a name."""
    if _NO_LEFT.search(text, max(0, start - 4), start) or _NO_RIGHT.match(text, end):
        return True
    if text[start] in "十百千万亿" and _VAGUE.search(text, max(0, start - 1), start):
        return True
    if _STEP.match(text, end):
        return False
    if unit.kind == "plain":
        return not _PLAIN_CUE.search(text, max(0, start - 36), start)
    if unit.unit == "FLOPS":
        return text[end : end + 1].isascii() and text[end : end + 1].isalpha()
    if unit.kind == "money":
        return bool(_THRESHOLD.match(text, end) or _AND_MORE.match(text, end))
    if unit.kind == "measure":
        following = _MEASURES.match(text, end)
        behind = following[0] if following else ""
        behind = _AFTER.sub("", behind, count=1) if _AFTER.match(behind) else behind
        if behind and not _RUNS_ON.match(behind):
            return bool(_SPECIFIED.search(behind)) or not _ADDS.search(text, max(0, start - 6), start)
        return False
    if unit.kind in ("count", "person"):
        if text[start - 1 : start] in "一二三四五六七八九" and start:
            return True
        return bool(_LOOSE.match(text, end))
    return False


_PLAIN_CUE = re.compile(
    r"(?:(?:寿命|年龄|天数|浓度|均值)[^，。；]{0,30}|(?:提升|上升|由|从|缩短|压缩|压减|降|降低|减少|增加|延长|提高|达)(?:到|至|了)?)\Z"
)


def _amount(text: str, start: int, end: int, value: Decimal, unit: str, kind: str, rule: str) -> Amount:
    comparator: Comparator = "="
    left, right = start, end
    before = _BEFORE.search(text, max(0, start - 9), start)
    # 上千家 is a thousand at least; 线上50家 is not.
    if before and (before["atleast"] != "上" or text[start] in "百千万亿"):
        left = before.start()
        comparator = _compared(before, text, left)
    if after := _AFTER.match(text, end):
        right = after.end()
        comparator = _compared(after, text, left)
    return Amount(start, end, left, right, float(value), unit, kind, comparator, rule)


def _compared(match: re.Match[str], text: str, start: int) -> Comparator:
    if match["about"]:
        return "~"
    if match["atleast"]:
        # 不超过 is caught as 超过 behind 不 only where the window cut it.
        return "<=" if text[start - 1 : start] == "不" and match["atleast"].startswith("超") else ">="
    return "<="
