"""Read the quantified results and aims of a Chinese sentence."""

from __future__ import annotations

import re

from foreland.data.reading.chinese_amounts import Amount, amounts
from foreland.data.reading.chinese_indicators import Named, name
from foreland.data.reading.chinese_time import Telling
from foreland.data.reading.model import Context, Mention, Quantity

_GENERIC = re.compile(
    r"(?:骨干|龙头|规上|核心|相关|产业|企业|营收|营业收入|产值|规模|增加值|全产业链|总产值|装机|产量|出货量|链上)"
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
    return [
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
            _field(sentence, amount, named, mentions),
            amount.rule,
        )
        for amount, named in zip(found, name(sentence, found), strict=True)
    ]


def _field(sentence: str, amount: Amount, named: Named, mentions: list[Mention]) -> str | None:
    """The first field named in the words of the indicator; else the topic that opens the sentence."""
    for start, end in named.spans:
        for mention in mentions:
            if mention.start < end and start < mention.end:
                return mention.field
    if mentions and mentions[0].start == 0 and _GENERIC.match(named.text):
        topic, _, _ = sentence.partition("，")
        if amount.start > len(topic) and mentions[0].end <= len(topic) <= mentions[0].end + 10:
            return mentions[0].field
    return None
