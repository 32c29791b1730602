"""Find quantified results and aims in English policy text.

A sentence is read once for numbers. What a number counts is said by the sign or word at it (``US$``, ``percent``,
``hectares``), by the noun it stands before (``300 enterprises``), by the list it stands in (``4, 5 and 6 percent``)
or by its subject (``the number of stations exceeded 130,000``), in this order; a number of which nothing is said is
none. Dates, ordinals, names, references, durations and set phrases are covered before. Every quantity keeps the name
of the rule that made it; what its year, status and field are is told in ``english_context``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from foreland.data.reading.english_context import Found, described
from foreland.data.reading.english_numbers import NUMBER, ORDINALS, SCALES, value
from foreland.data.reading.english_words import (
    ABOUT,
    AFTER_ABOUT,
    AFTER_GE,
    AFTER_LE,
    DEFINITE,
    GE,
    HOW_MANY_TIMES,
    LE,
    LIST,
    NOT,
    RANK,
    SPELT,
    STOP,
    SUBJECT,
    TIMES,
    VERB,
    WORD,
    number_pattern,
    units,
)  # fmt: skip
from foreland.data.reading.model import Context, Mention, Quantity

_WHOLE = re.compile(rf"\s+(?:out\s+)?of\s+(?:(?:the|its|their|all|these|those)\s+)*(?:{NUMBER})(?=\s)", re.IGNORECASE)
_OF_THE = re.compile(r"\s+of\s+(?:(?:the|its|their|these|those)\s+)+", re.IGNORECASE)
_PART_OF = re.compile(rf"\b(?:of|among)\s+(?:the|its|their|all)\s+(?:{NUMBER})\s[^,;:]{{3,60}},\s*$", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(\w+s)\s+(?:(?:has|have|had|will|should)\s+)?"
    r"(?:exceed|reach|total+|surpass|top|number)(?:ed|ped|ing|s)?\s+(?:over\s+)?$",
    re.IGNORECASE,
)
_TIMES_WHAT = re.compile(r"\s+(?:that|the|as|of|higher|more|larger|greater|what|its|their|faster)\b", re.I)
_YEARLIKE = re.compile(r"(?:19|20)\d\d")
_SCALED = re.compile(rf"\b(?:{'|'.join(SCALES)})\b", re.IGNORECASE)
_NO_SIZES = frozenset({"%", "pp", "times", "CNY", "USD", "EUR", "GBP", "HKD", "JPY", "KRW"})


def find(sentence: str, mentions: list[Mention], context: Context) -> list[Quantity]:
    """Find the quantities of an English sentence.

    Parameters
    ----------
    sentence
        The sentence; offsets of the answer count from its first character.
    mentions
        The fields spoken of in it, with offsets in it.
    context
        What is known around it: the text before tells year and status where the sentence does not, and the year of
        the document what "this year" is.

    Returns
    -------
    list[Quantity]
        In order of their start, without overlaps.
    """
    if not SPELT.search(sentence.lower()):
        return []
    found = list(_special(sentence))
    taken = [(item.start, item.end) for item in found]
    covered = NOT.sub(lambda hit: "\x01" * len(hit[0]), sentence)
    for hit in number_pattern().finditer(covered):
        if not any(hit.start() < end and start < hit.end() for start, end in taken):
            found += _measured(covered, hit)
    if not found:
        return []
    found.sort(key=lambda item: item.start)
    _share_units(covered, found)
    for item in found:
        if item.unit is None and item.rule == "en.bare":
            _by_subject(sentence, item)
    _share_units(covered, found)
    found = _ranges(sentence, [item for item in found if item.unit])
    _compare(sentence, found)
    return described(sentence, found, mentions, context)


def _special(sentence: str) -> Iterator[Found]:
    for hit in TIMES.finditer(sentence):
        yield Found(hit.start(), hit.end(), HOW_MANY_TIMES[hit.lastgroup or "two"], "times", "en.times", hit.end())
    for hit in RANK.finditer(sentence):
        kind = hit.lastgroup or "no"
        word = hit[kind].lower()
        place = float(ORDINALS[word]) if word in ORDINALS else value(word)
        yield Found(hit.start(), hit.end(), place, "rank", "en.rank", hit.end(), "<=" if kind == "top" else "=")


def _measured(text: str, hit: re.Match[str]) -> Iterator[Found]:
    """What stands at a number: its unit by sign, by suffix or by the noun behind it."""
    known = units()
    number = hit["number"] or hit["fraction"]
    amount, start, end = value(number), hit.start(), hit.end()
    item = Found(start, end, amount, None, "en.bare", end, ">=" if hit["plus"] else "=")
    if hit["suffix"]:
        if text[hit.start("suffix") - 1] == "-" and hit["suffix"][0].isalpha():
            item.rule = "en.size"
        word = hit["suffix"].lower()
        item.unit, item.factor = known["suffix"].get(word) or known["suffix"][re.sub(r"[\s-]+", " ", word)]
        if item.rule == "en.size" and item.unit not in _NO_SIZES:
            return  # a 10,000-ton ship is no amount of tons
        if word == "times" and not number[0].isdigit() and not _TIMES_WHAT.match(text, end):
            item.unit, item.rule = None, "en.often"  # "raised three times" says how often
        else:
            item.rule = "en.unit"
    elif hit["sign"]:
        item.unit, item.factor = known["prefix"][hit["sign"].strip().lstrip("\\").lower()]
        item.rule = "en.currency"
    elif hit["fraction"]:
        item.value, item.unit, item.rule = round(amount, 4), "other", "en.fraction"
    else:
        _counted(text, item, number)
    if hit["top"]:
        # "5 to 6 million" is in millions at both ends
        if not _SCALED.search(number) and (scale := _SCALED.findall(hit["top"])):
            item.value = value(f"{number} {' '.join(scale)}")
        joint = hit["joint"].lower()
        words_before = text[max(0, start - 10) : start].lower()
        if (joint == "and" and "between" not in words_before) or (joint == "to" and words_before.endswith("from ")):
            item.end = item.stop = hit.end("number")
            top = Found(hit.start("top"), end, value(hit["top"]), item.unit, item.rule, end, factor=item.factor)
            item.value *= item.factor
            top.value *= top.factor
            yield item
            yield top
            return
        item.comparator, item.rule = ">=", "en.range"
    item.value = round(item.value * item.factor, 6)
    yield item


def _counted(text: str, item: Found, number: str) -> None:
    """Read the noun phrase behind a bare number, and let its head say what is counted."""
    known = units()
    spelled = not number[0].isdigit()
    if not spelled and _YEARLIKE.fullmatch(number):
        item.rule = "en.year"
        return
    whole = _WHOLE.match(text, item.end) or _OF_THE.match(text, item.end)
    at, head, last, unit = whole.end() if whole else item.end, 0, "", None
    for _ in range(9):
        step = WORD.match(text, at)
        word = step[1].lower() if step else ""
        if not step or word in STOP:
            break
        if head and word.endswith(("ed", "ing", "ly")):
            break
        if word in known["skip"]:
            if not head:
                item.rule = "en.skipped"
                return
            break
        for part in word.split("/"):
            if part in known["noun"]:
                head, last, unit = step.end(1), part, "person"
            elif part in known["small"] or part == "ones" or _plural(part):
                head, last, unit = step.end(1), part, "count"
        at = step.end()
        if text[at : at + 1] in (",", ".", ";", ":", ")", "("):
            break
    if unit is None:
        return
    if DEFINITE.search(text[: item.start]) and not whole:
        item.rule = "en.definite"
    elif spelled and (
        item.value == 1 or (item.value <= 12 and last not in known["small"] and last not in known["noun"])
    ):
        item.rule = "en.vague"
    else:
        item.end, item.unit, item.rule = head, unit, "en.count"


def _plural(word: str) -> bool:
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "'s", "’s"))


def _share_units(text: str, found: list[Found]) -> None:
    """Give a bare number of a list the unit of its neighbour: the next one's, else the one's before."""
    for here, there in [*zip(found[-2::-1], found[:0:-1], strict=True), *zip(found[1:], found[:-1], strict=True)]:
        if here.unit or here.rule != "en.bare" or not there.unit or there.rule in ("en.times", "en.rank"):
            continue
        between = text[here.stop : there.start] if here.start < there.start else text[there.stop : here.start]
        if LIST.match(between):
            here.unit, here.factor, here.rule = there.unit, there.factor, "en.list"
            here.value = round(here.value * here.factor, 6)


def _by_subject(sentence: str, item: Found) -> None:
    """Let the subject of the clause say what a number alone counts: "the number of … exceeded 130,000"."""
    before = sentence[max(0, item.start - 160) : item.start]
    if _PART_OF.search(before):
        item.unit, item.rule = "count", "en.subject"
        return
    if (hit := _COUNTED.search(before)) and (noun := hit[1].lower()) in units()["noun"] | units()["small"]:
        item.unit = "person" if noun in units()["noun"] else "count"
        item.rule = "en.subject"
        return
    if not VERB.search(before):
        return
    for pattern, unit in SUBJECT:
        if pattern.search(before):
            people = any(
                word in before.lower() for word in ("talent", "student", "professional", "personnel", "people")
            )
            people = people or any(word in units()["noun"] for word in re.findall(r"[a-z]+", before.lower()))
            item.unit = unit or ("person" if people else "count")
            item.rule = "en.subject"
            return


def _ranges(sentence: str, found: list[Found]) -> list[Found]:
    """Join "between 5% and 6%" and "5%-6%", where both ends have their unit, to one quantity from the lower end."""
    joined: list[Found] = []
    for item in found:
        last = joined[-1] if joined else None
        if last and last.unit == item.unit and last.end == last.stop and last.value < item.value:
            between = sentence[last.stop : item.start].strip().lower()
            opened = "between" in sentence[max(0, last.start - 10) : last.start].lower()
            if between in ("-", "–", "—", "~") or (between == "and" and opened):
                last.end = last.stop = item.stop
                last.comparator, last.rule = ">=", "en.range"
                continue
        joined.append(item)
    return joined


def _compare(sentence: str, found: list[Found]) -> None:
    previous: Found | None = None
    for item in found:
        if item.comparator == "=" and item.unit != "rank":
            before, after = sentence[max(0, item.start - 48) : item.start], sentence[item.stop : item.stop + 16]
            floor, ceiling = GE.search(before), LE.search(before)
            # "no less than" ends in "less than": the longer of the two speaks
            if floor and not (ceiling and ceiling.start() < floor.start()):
                item.comparator = ">="
            elif ceiling:
                item.comparator = "<="
            elif ABOUT.search(before) or AFTER_ABOUT.match(after):
                item.comparator = "~"
            elif AFTER_GE.match(after):
                item.comparator = ">="
            elif AFTER_LE.match(after):
                item.comparator = "<="
            elif previous and previous.unit == item.unit and LIST.match(sentence[previous.stop : item.start]):
                item.comparator = previous.comparator
        previous = item
