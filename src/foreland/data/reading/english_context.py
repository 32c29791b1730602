"""Say what an English quantity is about: its indicator, year, status and field, from the words around it.

The clause of a quantity runs from the quantity before it, or from the start of its part of the sentence, to the next
one. Its subject is what stands left of it; where that is empty or goes on with ``which``, ``accounting for`` or ``up``,
the subject of the quantity before it goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from foreland.data.reading.english_words import (
    AIM,
    ANAPHORA,
    DONE,
    FRAGMENT,
    LIST,
    NOMINAL,
    NOW,
    NTH,
    PIECE,
    PIECE_AND,
    PLAN,
    RELATIVE,
    SAME_SUBJECT,
    TRIM,
    WE,
    YEAR,
)  # fmt: skip
from foreland.data.reading.model import Comparator, Context, Mention, Quantity, Status

_PART = re.compile(r"[;；]|\.\s+(?=[A-Z])")
_RESPECTIVELY = re.compile(r"\brespectively\b", re.IGNORECASE)
_BEHIND = re.compile(r"\s*(?:(?:of|in|increase|growth|rise|decrease|drop|reduction|decline)\b[^,;:.()\x01]{0,90})")
_LONGEST = 160


@dataclass
class Found:
    """A number with its unit, before its surroundings are read."""

    start: int
    end: int
    value: float
    unit: str | None
    rule: str
    stop: int
    """Where number and unit end; ``end`` may lie behind the noun."""
    comparator: Comparator = "="
    factor: float = 1.0


@dataclass(frozen=True)
class _Year:
    start: int
    end: int
    year: int
    deadline: bool
    weak: bool
    """In the title of a document: holds only where no other year is named."""


def described(sentence: str, found: list[Found], mentions: list[Mention], context: Context) -> list[Quantity]:
    """Complete `found`, which are in order and without overlap, to quantities."""
    years = _years(sentence, context)
    bounds = [0, *(hit.end() for hit in _PART.finditer(sentence)), len(sentence)]
    aims = [hit.start() for hit in AIM.finditer(sentence)]
    deeds = [hit.start() for hit in DONE.finditer(sentence)]
    quantities: list[Quantity] = []
    listed = _listed(sentence, found)
    previous: Quantity | None = None
    for n, item in enumerate(found):
        left_bound = max(bound for bound in bounds if bound <= item.start)
        right_bound = min(bound for bound in bounds if bound >= item.end)
        goes_on = bool(n) and found[n - 1].end > left_bound
        left = found[n - 1].end if goes_on else left_bound
        right = found[n + 1].start if n + 1 < len(found) and found[n + 1].start < right_bound else right_bound
        dependent = goes_on and bool(SAME_SUBJECT.match(sentence[left : item.start]))
        window = (left, right)
        subject = _trim(sentence[left : item.start])
        dependent = dependent or bool(n and ANAPHORA.match(subject))
        if n in listed:
            window, dependent = listed[n], False
            subject = _trim(sentence[slice(*window)])
        field = _field(mentions, window, item)
        if field is None and dependent and previous:
            field = previous.field
        indicator = _indicator(sentence, item, subject, previous.indicator if dependent and previous else "")
        year, deadline = _year(sentence, item, years, (left_bound, right, right_bound))
        status = _status(item, aims, deeds, (left_bound, right_bound), sentence, context)
        if (
            year is not None
            and year == context.year
            and NOW.search(sentence)
            and not any(at < right_bound for at in deeds)
        ):
            status = "target"
        if year is None:
            year = _unstated(sentence, status, context)
        elif deadline and context.year is not None and year > context.year:
            status = "target"
        text = sentence[item.start : item.end]
        previous = Quantity(
            item.start, item.end, text, item.value, item.unit or "other", indicator, item.comparator, status, year,
            field, item.rule,
        )  # fmt: skip
        quantities.append(previous)
    return quantities


def _listed(sentence: str, found: list[Found]) -> dict[int, tuple[int, int]]:
    """For a list of numbers with as many subjects ("A, B and C grew by 1, 2 and 3 percent"), each one's subject."""
    spans: dict[int, tuple[int, int]] = {}
    n = 0
    while n < len(found):
        m = n
        while m + 1 < len(found) and LIST.match(sentence[found[m].stop : found[m + 1].start]):
            m += 1
        count = m - n + 1
        if count > 1 and _RESPECTIVELY.search(sentence[max(0, found[n].start - 60) : found[m].end + 40]):
            begin = found[n - 1].end if n else 0
            subject = sentence[begin : found[n].start]
            for split in (PIECE, PIECE_AND):
                pieces, at = [], 0
                for hit in split.finditer(subject):
                    pieces.append((at, hit.start()))
                    at = hit.end()
                pieces.append((at, len(subject)))
                if len(pieces) >= count:
                    spans |= {n + k: (begin + a, begin + b) for k, (a, b) in enumerate(pieces[-count:])}
                    break
        n = m + 1
    return spans


def _trim(clause: str) -> str:
    before = None
    while before != clause:
        before, clause = clause, TRIM.sub("", clause)
    return " ".join(clause.split())[-_LONGEST:]


def _indicator(sentence: str, item: Found, subject: str, inherited: str) -> str:
    behind = ""
    if item.unit in ("%", "pp", "other", "CNY", "USD", "times") and (hit := _BEHIND.match(sentence, item.end)):
        behind = " ".join(hit[0].split())
    counted = " ".join(sentence[item.stop : item.end].split()) if item.end > item.stop else ""
    own = [inherited, subject] if inherited and inherited not in subject else [subject]
    return " ".join(part for part in [*own, counted, behind] if part)[-2 * _LONGEST :]


def _field(mentions: list[Mention], window: tuple[int, int], item: Found) -> str | None:
    # what is counted says it best; then the subject; then what stands behind
    for start, end in ((item.start, item.end), (window[0], min(window[1], item.start)), window):
        for mention in mentions:
            if mention.start < end and start < mention.end:
                return mention.field
    return None


def _years(text: str, context: Context) -> list[_Year]:
    years = []
    for hit in YEAR.finditer(text):
        if hit["ref"] and not hit["by"]:
            continue
        weak = bool(hit["made"] or hit["title"])
        years.append(_Year(hit.start("year"), hit.end(), int(hit["year"]), bool(hit["by"]), weak))
    for hit in PLAN.finditer(text):
        number = int(hit["n"]) if hit["n"] else NTH.get(hit["word"].lower())
        if number and not any(
            year.start < hit.start() + 90 and year.end > hit.start() for year in years if year.deadline
        ):
            title = bool(
                re.match(r"\s+(?:Development\s+)?(?:Plans?|Outline)\b(?![\"”’']?\s+period)", text[hit.end() :])
            )
            years.append(_Year(hit.start(), hit.end(), 1955 + 5 * number, False, title))
    if context.year is not None:
        for hit in RELATIVE.finditer(text):
            # five-year plans of China end in years that five divides; elsewhere five years are five years
            ahead = 4 if context.year % 5 == 1 else 5
            shift = 0 if hit["now"] else 1 if hit["next"] else ahead if hit["plan"] else -1
            years.append(_Year(hit.start(), hit.end(), context.year + shift, bool(hit["plan"]), False))
    return sorted(years, key=lambda year: year.start)


def _year(text: str, item: Found, years: list[_Year], window: tuple[int, int, int]) -> tuple[int | None, bool]:
    """The year of one quantity: one close behind it, else the last before it, else the next in its part."""
    for named in (False, True):
        known = [year for year in years if year.weak is named]
        before = [year for year in known if year.end <= item.start]
        behind = [year for year in known if item.end <= year.start < window[1]]
        if behind and not re.search(r"[,;:]", text[item.end : behind[0].start]):
            return behind[0].year, behind[0].deadline
        later = [year for year in known if item.end <= year.start < window[2]]
        inside = [year for year in before if year.start >= window[0]]
        if inside or (before and not later):
            return (inside or before)[-1].year, (inside or before)[-1].deadline
        if later:
            return later[0].year, later[0].deadline
    return None, False


def _unstated(sentence: str, status: Status, context: Context) -> int | None:
    for named in reversed([year for year in _years(context.before, context) if not year.weak]):
        # what is achieved is not of a year to come, what is aimed at not of one gone by
        if context.year is None or (named.year <= context.year if status == "achieved" else named.year >= context.year):
            return named.year
    # who speaks of what "we" did and will do speaks of the year just gone and of the one begun
    if context.year is not None and WE.search(f"{context.before} {sentence}"):
        return context.year if status == "target" else context.year - 1
    return None


def _status(
    item: Found, aims: list[int], deeds: list[int], part: tuple[int, int], sentence: str, context: Context
) -> Status:
    """The word of aim or result that governs: the last one left in this part of the sentence, else the next right."""
    for low, high, pick in ((part[0], item.start, max), (item.start, part[1], min), (0, part[0], max)):
        aim = [at for at in aims if low <= at < high]
        deed = [at for at in deeds if low <= at < high]
        if aim or deed:
            if not deed:
                return "target"
            return (
                "target"
                if aim and pick(aim[-1 if pick is max else 0], deed[-1 if pick is max else 0]) in aim
                else "achieved"
            )
    aim = [hit.start() for hit in AIM.finditer(context.before)]
    deed = [hit.start() for hit in DONE.finditer(context.before)]
    if FRAGMENT.match(sentence) and (aim or deed):
        return "target" if aim and (not deed or aim[-1] > deed[-1]) else "achieved"
    if NOMINAL.match(sentence) and context.position is not None:
        # "GDP growth of around 5 percent": an item of a list without a verb; reports look back first
        return "target" if context.position >= 0.2 else "achieved"
    return "achieved"
