"""Name what each amount of a Chinese sentence measures, from the words around it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from foreland.data.reading.chinese_amounts import Amount

_STOPS = frozenset("，。；：？！\n")
_CLAUSE = re.compile(r"[，。；：？！\n]")
_LEAD = re.compile(
    r"[\s、，。；：）”—·]*(?:其中|同时|并|且|和|与|及|以及|力争|确保|预计|全年|到20\d\d年(?:底)?|20\d\d年|今年|五年来?|（[^）]*）|总共|全部|力求|争取(?!中央))*[，、]?"
)
_TAIL = re.compile(
    r"(?:分别|累计|历史性|首次|成功|已经?|均|预计|同比|再|又|达到了?|达成?|达到或超过|为|有|是|实现|完成|突破|超过?|增至|增加[至到]|提高[至到]|提升[至到]|"
    r"上升[至到]|下降[至到]|降[至到]|升[至到]|扩大[至到]|增长[至到]|发展[至到]|稳定在|保持在|控制在|维持在|保持|稳定|从|由|至|到|了|约|近|共|在|的|跃升至|迈上|站上|跨上|跨越|跨过|扩面[至到]|拓展[至到]|跃[至上]|稳居|[、，：])+\Z"
)
_VERB_ONLY = re.compile(
    r"(?:同比|年均|预计|比上年|较上年|比20\d\d年|较20\d\d年|进一步|分别|首次|实际|名义|提升幅度)*"
    r"(?:(?:增长|增加|提高|提升|下降|降低|上升|增幅|增速|占比|占|居|位居|列|位列|排名|排|升至|跃居|跃升|稳居|同比|年均|回升|减少|缩小|扩大|高于|低于|快于|增收|翻|比|较|对)|"
    r"(?:增|降|总投资|总规模|规模|总量|总数|总值|总额|总产值|产值|营收|累计|实现|为|达|面积)*\Z)"
)
_GROWS = re.compile(
    r"(?:分别|预计|年均|同比)*(?:年均)?(?:增长|增加|提高|提升|下降|降低|上升|扩大|减少|回升|翻番|压减|增)(?:了|约)?\Z"
)
_ADDING = re.compile(
    r"(?:累计|全年|再)?(?:新增|新建|新建成|建成|新培育|培育|培育认定|新改建|新引进|引进|新设|新认定|认定|建设|新开工|开工|完成|改造|争取|实施|打造|组建|创建|获批|新获批|发放|举办|新开通|开通|落实|布局建设|新签约|签约|转化|投放)"
)
_NOUN = re.compile(
    r"(?:左右|以上|以内)?(?:的)?([^，。；、：？！\n“”（）]*(?:[“（][^”）]*[”）][^，。；、：？！\n“”（）]*)*)"
)
_NO_NOUN = re.compile(
    r"(?:/|，|、|。|；|增至|降至|升至|提升|提高|跃|整合|缩|扩|翻|增长|增加|提高|提升|居|均|分别|其中|以上|左右|和|及|与|到|至|较|比|同比|下降|占|位|并|）|有序|全部|以|用于|[“（]?\Z)"
)
_BREAK = re.compile(r"[、和与及]")
_SHARED = re.compile(
    r"(?:(?:进出口|出口|进口|增加值|零售额|销售额|交易额|成交额|总产值|产值|营业收入|营收|收入|投资|产量|销量|产销量|产能|用电量|利润|总额|总量|规模|占比|比重|数量|人数|存款余额|贷款余额|余额|面积|总投资|"
    r"吞吐量|发电量|装机|装机容量|装机规模|投资额|消费|覆盖率|数|率|额|量|指数|企业|产业))?(?:实现|预计)?(?:年均|同比|预计)?(?:增长|下降|增加|提高|提升|达|达到|突破|超过|增至|上升|为|居|列|提高到|提升至|增加到|增长到|实现)*\Z"
)


@dataclass(frozen=True)
class Named:
    """What an amount measures: the words, and the spans of the sentence they come from, the leading span first."""

    text: str
    spans: tuple[tuple[int, int], ...]


def name(sentence: str, found: list[Amount]) -> list[Named]:
    """For each of `found` what it measures."""
    stops = [-1, *(match.start() for match in _CLAUSE.finditer(sentence))]
    named: list[Named] = []
    index = 0
    while index < len(found):
        if found[index].rule != "from" and (origins := _block(found, index)):
            # What it grew to has the name of what it grew from, one by one.
            named += [named[place] for place in origins][: len(found) - index]
            index += min(len(origins), len(found) - index)
            continue
        run = _run(sentence, found, index)
        items = _respectively(sentence, found, index, run, stops) if run > 1 else None
        if items is None:
            named.append(_one(sentence, found, index, named, stops))
            index += 1
        else:
            named += items
            index += run
    return named


def _block(found: list[Amount], index: int) -> range:
    """The starting amounts right in front of `index`."""
    first = index
    while first and found[first - 1].rule == "from":
        first -= 1
    return range(first, index)


def _run(sentence: str, found: list[Amount], index: int) -> int:
    """How many amounts follow each other with nothing but 、 or 和 between."""
    run = 1
    while index + run < len(found) and sentence[found[index + run - 1].right : found[index + run].left] in (
        "、",
        "和",
        "及",
        "与",
        "，",
    ):
        run += 1
    return run


def _clause_start(start: int, stops: list[int]) -> int:
    return stops[bisect_right(stops, start - 1) - 1] + 1


def _trim(sentence: str, start: int, end: int) -> tuple[int, int]:
    """The span without opening words (力争, 到2030年) and without the verb before the number."""
    if lead := _LEAD.match(sentence, start, end):
        start = lead.end()
    if tail := _TAIL.search(sentence, start, end):
        end = tail.start()
    return start, max(start, end)


def _one(sentence: str, found: list[Amount], index: int, named: list[Named], stops: list[int]) -> Named:
    amount = found[index]
    clause = _clause_start(amount.left, stops)
    previous = found[index - 1].right if index and found[index - 1].right > clause else None
    begin = clause
    if previous is not None:
        # The noun behind the amount in front is no part of this one's name.
        begin = max([previous, *(end for _, end in named[-1].spans if end <= amount.left)])
    start, end = _trim(sentence, begin, amount.left)
    before = sentence[start:end]
    of = amount.kind == "share" and sentence[amount.right : amount.right + 1] == "的"
    noun = _noun(sentence, found, index) if of or amount.kind in ("count", "person", "measure", "money") else None
    if noun:
        verb = _ADDING.match(before)
        listed = (start, end) if before else None
        if (
            verb is None
            and previous is not None
            and not before
            and named
            and (inherited := _ADDING.match(named[-1].text))
        ):
            return Named(inherited[0] + sentence[slice(*noun)], (noun,))
        spans = (noun, listed) if listed else (noun,)
        lead = verb[0] if verb else before if before.endswith(("累计", "新增", "推进", "惠及", "服务", "带动")) else ""
        return Named(lead + sentence[slice(*noun)], spans)
    if (
        named
        and (not before or _VERB_ONLY.match(before))
        and (previous is not None or (index and _near(sentence, found, index)))
    ):
        base = _GROWS.sub("", named[-1].text)
        if not before and amount.kind == "count" and previous is None:
            # 新增企业3家，累计达到20家: the stock is not what was added.
            base = _ADDING.sub("", base, count=1) if begin < amount.left else ""
        if base:
            return Named(base + before, (*named[-1].spans, (start, end)))
    if (
        before
        and previous is not None
        and named
        and sentence[previous : previous + 1] in "、和及"
        and amount.kind in ("count", "person", "measure")
    ):
        inherited = _ADDING.match(named[-1].text)
        if inherited and not _ADDING.match(before):
            return Named(inherited[0] + before, ((start, end),))
    if not before:
        # 全国第一，…: the clause in front names it.
        start, end = _trim(sentence, _clause_start(max(clause - 1, 0), stops), max(clause - 1, 0))
        before = sentence[start:end]
    return Named(before, ((start, end),))


def _near(sentence: str, found: list[Amount], index: int) -> bool:
    """Whether the amount in front stands at the end of the clause in front."""
    gap = sentence[found[index - 1].right : found[index].left]
    return gap[:1] in "，；" and _CLAUSE.search(gap, 1) is None


def _noun(sentence: str, found: list[Amount], index: int) -> tuple[int, int] | None:
    """The noun behind an amount, as far as the next amount."""
    amount = found[index]
    match = _NOUN.match(sentence, amount.right, found[index + 1].left if index + 1 < len(found) else len(sentence))
    if match is None or not match[1].strip() or _NO_NOUN.match(match[1]):
        return None
    noun = match[1].rstrip("和与及、 ")
    return (match.start(1), match.start(1) + len(noun)) if noun else None


def _respectively(sentence: str, found: list[Amount], index: int, run: int, stops: list[int]) -> list[Named] | None:
    """The names of `run` amounts in a row, each with its own item of the list in front of 分别 or of its own."""
    first = found[index]
    clause = _clause_start(first.left, stops)
    begin = found[index - 1].right if index and found[index - 1].right > clause else clause
    head = sentence[begin : first.left]
    if "分别" not in head and not (
        _BREAK.search(head) and run == len(_BREAK.split(head)) and first.kind in ("share", "money", "rank", "times")
    ):
        return None
    place = head.rfind("分别")
    words, verb = (head[:place], head[place + 2 :]) if place >= 0 else (head, "")
    lead = _LEAD.match(words)
    offset = lead.end() if lead else 0
    words = words[offset:]
    origin = begin + offset
    items = _items(words)
    if len(items) != run and len(items) > run:
        # 工业、制造业和技改投资, 外贸出口分别: only the last items are counted.
        items = items[-run:]
    if len(items) != run:
        span = (origin, origin + len(words))
        return [Named(words + _tail(verb), (span,)) for _ in range(run)]
    last_start, last_end = items[-1]
    shared = _SHARED.search(words, last_start, last_end)
    suffix = words[shared.start() : last_end] if shared else ""
    if shared and shared.start() <= last_start:
        suffix = ""
    named = []
    for number, (start, end) in enumerate(items):
        own = words[start:end]
        text = own if number == len(items) - 1 or own.endswith((suffix, "数", "率", "额", "量", "值")) else own + suffix
        named.append(Named(text + _tail(verb), ((origin + start, origin + end),)))
    return named


def _items(words: str) -> list[tuple[int, int]]:
    items, start, depth = [], 0, 0
    for place, sign in enumerate(words):
        depth += (sign in "“（") - (sign in "”）")
        if depth <= 0 and sign in "、和与及" and not (sign == "和" and words[place + 1 : place + 2] in ("谐",)):
            if place > start:
                items.append((start, place))
            start = place + 1
    if start < len(words):
        items.append((start, len(words)))
    return items


def _tail(verb: str) -> str:
    """The verb of growth, which belongs to the name; 达到 does not."""
    kept = re.match(
        r"(?:预计|同比|年均|比上年|较上年)*(?:增长|下降|提高|提升|增加|上升|减少|占全国|居全国|扩大|降低)(?![至到])",
        verb,
    )
    return kept[0] if kept else ""
