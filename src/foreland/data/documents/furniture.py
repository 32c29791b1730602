"""Mark what is not the document's own text: page chrome, tables of contents, glossaries.

The rules look at lines: at their words, at where they stand to the running text, and at their neighbours. They mark
and never cut, so that what was marked can be looked at, and every offset holds.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

from foreland.data.documents import furniture_words as words

Kind = Literal["furniture", "contents", "glossary", "table"]
CUT: tuple[Kind, ...] = ("furniture", "contents", "glossary")
"""The kinds that are not read; a table is."""


class Mark(NamedTuple):
    """A span of a text that is not running text, and the rule that says so."""

    start: int
    end: int
    kind: Kind
    rule: str


class Line(NamedTuple):
    """A line of a text without the blanks around it."""

    start: int
    end: int
    text: str


def mark(text: str) -> list[Mark]:
    """Page chrome, contents and glossary of a text.

    Returns
    -------
    list of Mark
        In order, without overlap, each of whole lines.
    """
    lines = _lines(text)
    found: dict[int, tuple[Kind, str]] = {}
    for at, rule in _contents(lines).items():
        found[at] = ("contents", rule)
    for at, rule in _chrome(lines, frozenset(found)).items():
        found.setdefault(at, ("furniture", rule))
    for at, rule in _glossary(lines, found).items():
        found.setdefault(at, ("glossary", rule))
    return _spans(lines, found)


def blank(text: str, marks: Iterable[Mark], kinds: Collection[str] = CUT) -> str:
    """The text with what is marked turned into blanks: every offset still holds."""
    pieces, done = [], 0
    for start, end in _merged(marks, kinds):
        pieces += [text[done:start], re.sub(r"[^\n]", " ", text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])


def kept(text: str, marks: Iterable[Mark], kinds: Collection[str] = CUT) -> str:
    """The text without what is marked."""
    pieces, done = [], 0
    for start, end in _merged(marks, kinds):
        pieces.append(text[done:start])
        done = end + 1 if end < len(text) and text[end] == "\n" else end
    return "".join([*pieces, text[done:]])


def _merged(marks: Iterable[Mark], kinds: Collection[str]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for start, end in sorted(item[:2] for item in marks if item.kind in kinds):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _lines(text: str) -> list[Line]:
    """The lines that are not blank."""
    return [Line(*found.span(), found[0]) for found in re.finditer(r"[^\s](?:[^\n]*[^\s])?", text)]


def _spans(lines: list[Line], found: dict[int, tuple[Kind, str]]) -> list[Mark]:
    """One mark for neighbouring lines of one rule."""
    marks: list[Mark] = []
    last = -2
    for at in sorted(found):
        kind, rule = found[at]
        if at == last + 1 and marks[-1][2:] == (kind, rule):
            marks[-1] = marks[-1]._replace(end=lines[at].end)
        else:
            marks.append(Mark(lines[at].start, lines[at].end, kind, rule))
        last = at
    return marks


def _chrome(lines: list[Line], contents: frozenset[int]) -> dict[int, str]:
    found = {at: rule for at, line in enumerate(lines) if (rule := words.chrome(line.text))}
    found |= _page_numbers(lines)
    prose = [at for at, line in enumerate(lines) if at not in found and words.is_prose(line.text)]
    if prose:
        head, tail = range(prose[0]), range(prose[-1] + 1, len(lines))
        for zone in (head, tail):
            found |= {at: rule for at in zone if at not in found and (rule := words.edge(lines[at].text))}
        _crumbs(lines, found, head)
        _repeats(lines, found, [at for at in head if at not in contents], tail)
        _links(lines, found, tail)
    _values(lines, found)
    return found


def _values(lines: list[Line], found: dict[int, str]) -> None:
    """What stands on the line below a label: ``来源：`` and then the newspaper."""
    for at in sorted(found):
        below = at + 1
        if (
            found[at] in words.LABELLED
            and lines[at].text.endswith((":", "："))
            and below < len(lines)
            and below not in found
            and words.is_value(lines[below].text)
        ):
            found[below] = found[at]


def _crumbs(lines: list[Line], found: dict[int, str], head: range) -> None:
    """The path of a page, an item on each line with ``>`` between them."""
    arrows = [at for at in head if words.is_arrow(lines[at].text)]
    for at in arrows:
        found[at] = "breadcrumb"
        for near in (at - 1, at + 1):
            if near in head and near not in found and len(lines[near].text) <= words.CRUMB:
                found[near] = "breadcrumb"
    items = {lines[at].text for at in head if found.get(at) == "breadcrumb"}
    for at in head:
        if at not in found and lines[at].text in items and not words.is_title(lines[at].text):
            found[at] = "breadcrumb"


def _repeats(lines: list[Line], found: dict[int, str], head: list[int], tail: range) -> None:
    """A line of the head that stands there, or below the text, once more."""
    seen: set[str] = set()
    for at in (*head, *tail):
        line = lines[at].text
        if at in found:
            continue
        if line in seen and len(line) >= words.REPEAT:
            found[at] = "repeated_heading"
        if at in head:
            seen.add(line)


def _links(lines: list[Line], found: dict[int, str], tail: range) -> None:
    """Titles of other pages, below a line that announces them."""
    announced = False
    for at in tail:
        if found.get(at) == "links":
            announced = True
        elif announced and at not in found and len(lines[at].text) <= words.LINK:
            found[at] = "links"


def _page_numbers(lines: list[Line]) -> dict[int, str]:
    """Lines of nothing but a number, where these count up by one."""
    numbers = [(at, int(line.text)) for at, line in enumerate(lines) if re.fullmatch(r"\d{1,4}", line.text)]
    follows = [
        (one, other) for one, other in itertools.pairwise(numbers) if other[1] == one[1] + 1 and other[0] > one[0] + 1
    ]
    if len(follows) < 2:
        return {}
    return {at: "page_number" for pair in follows for at, _ in pair}


def _contents(lines: list[Line]) -> dict[int, str]:
    found: dict[int, str] = {}
    headings = [at for at, line in enumerate(lines) if words.CONTENTS.fullmatch(line.text)]
    later = _positions(lines) if headings else {}
    for at in headings:
        if at in found:
            continue
        entries = _entries_below(lines, at, later)
        if len(entries) >= 2:
            found[at] = "contents_heading"
            found |= dict.fromkeys(range(at + 1, entries[-1] + 1), "contents_entry")
    run: list[int] = []
    for at, line in enumerate([*lines, Line(0, 0, "")]):
        if len(line.text) <= words.LEADERS and words.LEADER.search(line.text):
            run.append(at)
            continue
        if len(run) >= 3:
            found |= {entry: found.get(entry, "dotted_leaders") for entry in run}
        run = []
    return found


def _positions(lines: list[Line]) -> dict[str, int]:
    """Where each line stands last, without blanks and page numbers."""
    return {words.heading_key(line.text): at for at, line in enumerate(lines) if len(line.text) <= words.ENTRY}


def _entries_below(lines: list[Line], heading: int, later: dict[str, int]) -> list[int]:
    """Lines below ``heading`` that are entries of contents: with a page number, or found again as a heading."""
    entries = []
    missed = 0
    seen: set[str] = set()
    for at in range(heading + 1, len(lines)):
        line = lines[at].text
        key = words.heading_key(line)
        if len(line) > words.ENTRY or key in seen or words.STOP.search(line):
            break  # what is a sentence is no entry, and nothing below it is
        again = later.get(key, at) > at
        if again or words.PAGE_AT_END.search(line):
            entries.append(at)
            missed = 0
            if again:
                seen.add(key)
        else:
            missed += 1
            if missed > 2:
                break
    return entries


def _glossary(lines: list[Line], taken: dict[int, tuple[Kind, str]]) -> dict[int, str]:
    found: dict[int, str] = {}
    size = lines[-1].end if lines else 0
    for at, line in enumerate(lines):
        if (
            at in found
            or at in taken
            or len(line.text) > words.ENTRY
            or not (heading := words.GLOSSARY.fullmatch(line.text))
        ):
            continue
        if heading["loose"] and line.start < size / 2:
            continue
        end = _glossary_end(lines, at, taken)
        if end is None:
            continue
        first = at - 1 if at and words.ANNEX_ALONE.fullmatch(lines[at - 1].text) else at
        found |= {inside: "glossary" for inside in range(first, end) if inside not in taken}
    return found


def _glossary_end(lines: list[Line], heading: int, taken: dict[int, tuple[Kind, str]]) -> int | None:
    """The line behind the last entry below a glossary's heading; None where there are no entries."""
    last = heading
    entries = highest = 0
    for at in range(heading + 1, len(lines)):
        line = lines[at].text
        if at in taken or words.ANNEX.match(line) or words.SPEECH.match(line) or at - last > words.GAP:
            break
        if not (entry := words.entry(line)):
            continue
        if entry.number is not None:
            if entry.number < highest:
                # A list that starts again belongs to what comes next, and so does its heading.
                break
            highest = entry.number
        entries += 1
        last = at
    if entries < 2:
        return None
    below = last + 1
    if below < len(lines) and below not in taken and lines[last].text.endswith((":", "：")):
        below += 1
    return below
