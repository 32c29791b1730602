"""Doubt what cannot be: figures that a careful reader would not believe before looking them up.

Numbers get lost in translation and typing: a part is larger than its whole, a deadline is an amount, a share is above
100 percent. What is doubted is still read and kept; the codes travel with it. The rules ask only for what no sound
text can say, so that a doubt is worth a look. Disagreement between sentences is found by ``conflicts``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from foreland.data.reading.chinese_numbers import number as chinese_number
from foreland.data.reading.english_numbers import NUMBER, value
from foreland.data.reading.measures import measures as vocabulary
from foreland.data.reading.model import Context, Quantity

CODES = (
    "part_larger_than_whole",
    "year_as_amount",
    "amount_as_year",
    "deadline_passed",
    "growth_implausible",
    "share_over_100",
    "magnitude",
)
"""Codes of ``doubts``, in the order in which they are given."""
CONFLICT = "conflicting_values"
"""Code of what ``conflicts`` finds."""

_MONEY = frozenset({"CNY", "USD", "EUR", "GBP", "HKD", "JPY", "KRW"})
_FARTHEST = 60
"""No plan reaches further than this many years beyond its own date."""

_YEAR_AS_AMOUNT = re.compile(r"(?<![\d,.])(20[0-6]\d)(?![\d,.])")
_SCALE = re.compile(r"亿|万|million|billion|trillion", re.IGNORECASE)

_GROWTH = re.compile(
    r"增长|增速|增幅|增加|上涨|涨幅|提高|下降|降低|减少|grow|grew|increas|rise|rose|\bup\b|fell|fall|declin|drop|decreas",
    re.IGNORECASE,
)
_DECLINE = re.compile(r"下降|降低|减少|缩减|压减|fell|fall|declin|drop|decreas|reduc", re.IGNORECASE)
_SHARE = re.compile(
    r"占比|比重|占.{0,20}的?比例|(?<!拨备)(?<!流动性)(?<!保障)(?:覆盖率|普及率|城镇化率|失业率|就业率|合格率|满意率|满意度|优良率|入户率)"
    r"|\bshare of\b|\bproportion of\b|\baccount(?:s|ed|ing)? for\b|\bunemployment rate\b|\burbanization rate\b",
    re.IGNORECASE,
)
_TRADED = re.compile(
    r"交易|成交|清算|结算|交割|资产|存贷款|支付|托管|turnover|trading|transaction|clearing|settle|payment|asset",
    re.IGNORECASE,
)
_CEILING = {
    "CNY": 1.5e14,
    "USD": 1.2e14,
    "EUR": 1.1e14,
    "person": 8.3e9,
    "kW": 1e10,
    "kWh": 5e13,
    "m2": 9.7e12,
    "t": 1e11,
}
"""What no place can have: CNY the GDP of China in the middle 2020s (140 trillion), USD that of the world, people and
land of the world and of China, power several times that of China."""
_TRIPS = re.compile(r"人次|trips|visits|views|passengers", re.IGNORECASE)

_OF_EN = re.compile(
    rf"(?P<part>{NUMBER})\s+(?:out\s+)?of\s+(?:(?:the|its|their|all|these|those)\s+)*(?P<whole>{NUMBER})\s", re.I
)
_AMONG_EN = re.compile(
    rf"\b(?:of|among)\s+(?:the|its|their|all)\s+(?P<whole>{NUMBER})\s+[^\d,]{{3,60}},\s*(?P<part>{NUMBER})\b", re.I
)
_N_ZH = r"(?:\d[\d,.]*|[一二两三四五六七八九十百千]+)[万亿]?"
_C_ZH = r"(?:个|家|项|条|所|座|名|人|户|件|类|种|省|市|县)"
_AMONG_ZH = re.compile(
    rf"(?P<whole>{_N_ZH})(?P<count>{_C_ZH})[^\d，。；,;]{{0,12}}(?:中|里)，?(?:已)?有?(?:超过|近|约)?(?P<part>{_N_ZH})(?P=count)"
)
_INCLUDING = re.compile(
    r"^[^。;；]{0,6}?(?:[，,(（]\s*)?(?:其中|包括|\bincluding\b|\bof which\b|\bof whom\b|\bof them\b)", re.IGNORECASE
)


def doubts(quantities: Sequence[Quantity], context: Context, sentence: str = "") -> list[list[str]]:
    """Say what is doubtful about the quantities of one sentence.

    Parameters
    ----------
    quantities
        What was read in the sentence, in order, with offsets in it.
    context
        What is known around it; the year of the document is what deadlines are held against.
    sentence
        The sentence itself; without it, wholes that are no quantities of their own are looked for in the spans only.

    Returns
    -------
    list[list[str]]
        For each quantity its codes of ``CODES``, none for most.
    """
    found: list[set[str]] = [set() for _ in quantities]
    for n, quantity in enumerate(quantities):
        found[n] |= set(_alone(quantity, context))
    for n in _parts(quantities, sentence):
        found[n].add("part_larger_than_whole")
    return [[code for code in CODES if code in codes] for codes in found]


def _alone(quantity: Quantity, context: Context) -> list[str]:
    codes = []
    year, text, indicator = quantity.year, quantity.text, quantity.indicator
    now = context.year if context.year is not None else 2030
    far = year is not None and not 1900 <= year <= now + _FARTHEST
    if far:
        codes.append("amount_as_year")
    elif year is not None and context.year is not None and quantity.status == "target" and year < context.year:
        codes.append("deadline_passed")
    if quantity.unit in _MONEY and (hit := _YEAR_AS_AMOUNT.search(text)) and (_SCALE.search(text) or far):
        # an amount of 2,025 billion is possible; beside a deadline that is none it is the deadline
        unsaid = year is None and context.year is not None and int(hit[1]) % 5 == 0 and int(hit[1]) > context.year
        if far or (unsaid and quantity.status == "target"):
            codes.append("year_as_amount")
    if quantity.unit == "%":
        growth, decline = _GROWTH.search(indicator), _DECLINE.search(indicator)
        if growth and (quantity.value > 1000 or (decline and quantity.value > 100)):
            codes.append("growth_implausible")
        elif not growth and quantity.value > 100 and _SHARE.search(indicator):
            codes.append("share_over_100")
    ceiling = _CEILING.get(quantity.unit)
    if ceiling is not None and quantity.value > ceiling and not (_TRADED.search(indicator) or _TRIPS.search(text)):
        codes.append("magnitude")
    return codes


def _parts(quantities: Sequence[Quantity], sentence: str) -> set[int]:
    """Places of the quantities that are larger than the whole they are part of."""
    larger: set[int] = set()
    for n, quantity in enumerate(quantities):
        hit = _OF_EN.match(quantity.text)
        if hit and value(hit["part"]) > value(hit["whole"]) > 0:
            larger.add(n)
    for pattern, read in ((_AMONG_EN, value), (_AMONG_ZH, chinese_number), (_OF_EN, value)):
        for hit in pattern.finditer(sentence):
            part, whole = read(hit["part"]), read(hit["whole"])
            if part is not None and whole is not None and part > whole > 0:
                at = hit.start("part")
                larger |= {
                    n for n, q in enumerate(quantities) if q.start <= at < q.end and q.unit in ("count", "person")
                }
    if sentence:
        larger |= _including(quantities, sentence)
    return larger


def _including(quantities: Sequence[Quantity], sentence: str) -> set[int]:
    larger = set()
    for n in range(1, len(quantities)):
        here, before = quantities[n], quantities[n - 1]
        same = here.unit == before.unit and here.unit in {"count", "person", *_MONEY, "kW"}
        if (
            not same
            or here.value <= before.value
            or (before.comparator in (">=", "~") and here.value < 1.2 * before.value)
        ):
            continue
        if before.value % 1 or "每" in sentence[max(0, before.start - 12) : before.start]:
            continue  # a rate is no whole
        between = sentence[before.end : here.start]
        earlier = max((q.value for q in quantities[:n] if q.unit == here.unit), default=0.0)
        if (
            here.value > earlier
            and len(between) < 40
            and _INCLUDING.match(between)
            and not _GROWTH.search(before.indicator)
        ):
            larger.add(n)
    return larger


def conflicts(
    quantities: Sequence[Quantity], measures: Sequence[str | None], tolerance: float = 0.02
) -> list[tuple[int, int]]:
    """Find what one document says twice and differently.

    Parameters
    ----------
    quantities
        Those of a whole document, in order.
    measures
        What each of them measures (``measures.measure``); None is compared with nothing.
    tolerance
        Relative difference that rounding explains.

    Returns
    -------
    list[tuple[int, int]]
        Places of two quantities with the same measure, indicator, year, status, unit and field, both given without a
        bound, whose values differ by more than `tolerance`; the first saying with each later one. What is added in a
        period (kind ``flow``) is left out: a year's and five years' may stand side by side.
    """
    kinds = vocabulary()
    keys: list[tuple[object, ...] | None] = []
    for quantity, measure in zip(quantities, measures, strict=True):
        comparable = measure is not None and measure in kinds and kinds[measure].kind != "flow"
        told = quantity.year is not None and quantity.comparator == "="
        same = (measure, quantity.indicator, quantity.year, quantity.status, quantity.unit, quantity.field)
        keys.append(same if comparable and told else None)
    first: dict[tuple[object, ...], int] = {}
    found = []
    for n, key in enumerate(keys):
        # side by side stand a rise ("from a to b") or a list ("by a and b respectively"), not two sayings
        if key is None or (n and keys[n - 1] == key) or (n + 1 < len(keys) and keys[n + 1] == key):
            continue
        m = first.setdefault(key, n)
        a, b = quantities[m].value, quantities[n].value
        if abs(a - b) > tolerance * max(abs(a), abs(b)):
            found.append((m, n))
    return found
