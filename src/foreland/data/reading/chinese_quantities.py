"""Read the quantified results and aims of a Chinese sentence."""

from __future__ import annotations

import re

from foreland.data.reading.chinese_amounts import amounts
from foreland.data.reading.chinese_indicators import Named, name
from foreland.data.reading.chinese_time import Telling
from foreland.data.reading.model import Context, Mention, Quantity

# Measures that have a field only through what was spoken of before: 新能源汽车…, 保有量突破….
_GENERIC = re.compile(
    r"(?:骨干|龙头|规上|核心|相关|产业(?!投资)|企业|营收|营业收入|产值|规模|增加值|全产业链|总产值|装机|产量|销量|出货量|链上|保有量|渗透率|利用率|"
    r"占比|投产|市场|产能|总规模)"
)


def find(sentence: str, mentions: list[Mention], context: Context) -> list[Quantity]:
    """The quantities of `sentence`, in order.

    Parameters
    ----------
    sentence
        One sentence, as :func:`foreland.data.reading.sentences.split` cuts it.
    mentions
        The fields it speaks of, in order.
    context
        What stands around it; without a year, years the sentence does not state stay None.
    """
    found = amounts(sentence)
    if not found:
        return []
    telling = Telling(sentence, context)
    quantities: list[Quantity] = []
    for amount, named in zip(found, name(sentence, found), strict=True):
        quantities.append(
            Quantity(
                amount.start,
                amount.end,
                sentence[amount.start : amount.end],
                amount.value,
                amount.unit,
                named.text,
                amount.comparator,
                telling.status,
                telling.year(amount.start, amount.rule),
                _field(sentence, named, mentions, quantities),
                amount.rule,
            )
        )
    return quantities


def _field(sentence: str, named: Named, mentions: list[Mention], earlier: list[Quantity]) -> str | None:
    """The first field named in the words of the indicator; for a measure that needs a topic, the topic's."""
    for start, end in named.spans:
        for mention in mentions:
            if mention.start < end and start < mention.end:
                return mention.field
    if not mentions or not _GENERIC.match(named.text):
        return None
    start = named.spans[0][0]
    if earlier and "。" not in sentence[earlier[-1].end : start] and start - earlier[-1].end < 4:
        return earlier[-1].field
    clause = sentence.rfind("，", 0, max(start - 1, 0)) + 1
    for mention in mentions:
        # The clause in front, or the sentence, opens with its topic: 人工智能产业突破发展，骨干企业超….
        if mention.start in (0, clause) and mention.end <= start and sentence[mention.end : start].count("，") == 1:
            return mention.field if sentence.find("，", mention.end) - mention.end <= 10 else None
    return None
