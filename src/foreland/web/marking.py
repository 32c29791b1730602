"""A text with its marks as HTML: spans may overlap, nest and cross; every character stands there once.

Offsets are characters (Unicode code points) of the document's text and never leave the server: what a
browser gets are elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

MARKS = ("field", "quantity", "instrument", "definition", "other")
"""What is marked in the text, each with a look of its own."""
CUTS = ("furniture", "contents", "glossary")
"""What the reader left out: shown grey, long parts folded."""
PAGE = 30_000
"""Characters of a page."""
SLACK = 2_000
"""How far before its place a page may end, so that it ends with a sentence."""
DEPTH = 8
"""Marks around one character; more would be seen by nobody."""
UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
"""Characters that no page may hold, or that turn the direction of what follows."""
STOPS = "。！？；!?"


@dataclass(frozen=True)
class Span:
    """A mark: where it stands, what it is, where it leads.

    Parameters
    ----------
    start, end
        Characters of the document, ``end`` exclusive.
    kind
        One of :data:`MARKS` or :data:`CUTS`.
    number
        Its place among the marks of the page; marks are told apart by it.
    url
        Address that says why it matched.
    chosen
        Whether it is the one that is looked at.
    tip
        A few words for a pointer that rests on it.
    anchor
        Name that an address may lead to.
    """

    start: int
    end: int
    kind: str
    number: int = 0
    url: str = ""
    chosen: bool = False
    tip: str = ""
    anchor: str = ""


def kind_of(kind: str) -> str:
    """The look of a kind of passage; a kind that is not known gets one, too."""
    return kind if kind in MARKS or kind in CUTS else "other"


# Pages ------------------------------------------------------------------------------------------


def pages(length: int, size: int = PAGE) -> int:
    """How many pages a text of so many characters has; a rest too short for a page stays with the last."""
    return max(1, -(-(length - SLACK) // size))


def border(number: int, window: str, at: int, size: int = PAGE) -> int:
    """Where page ``number`` (from 0) begins: behind the last line, or else sentence, that ends near its place.

    Parameters
    ----------
    window
        Part of the text that holds the characters from ``SLACK`` before ``number * size`` to there.
    at
        Where the window begins in the text.
    """
    if number <= 0:
        return 0
    place = number * size
    near = window[place - SLACK - at : place - at]
    found = near.rfind("\n")
    if found < 0:
        found = max(near.rfind(stop) for stop in STOPS)
    if found < 0:
        found = near.rfind(". ")
    return place - len(near) + found + 1 if found >= 0 else place


def readable(text: str) -> str:
    """Characters that no page may hold give way to one that says so; the length stays."""
    return UNSHOWN.sub("\ufffd", text.replace("\r", " "))


# Marks ------------------------------------------------------------------------------------------


def marked(text: str, offset: int, spans: Sequence[Span], named: Callable[[str, int], str]) -> Markup:
    """A part of a text with its marks: one paragraph a line, cut parts grey.

    Parameters
    ----------
    text
        The part.
    offset
        Where it begins in the document.
    spans
        Marks that touch it.
    named
        What a folded part is called, from its kind and length.
    """
    text = readable(text)
    local = sorted(
        (
            replace(s, start=max(s.start - offset, 0), end=min(s.end - offset, len(text)))
            for s in spans
            if s.start < offset + len(text) and s.end > offset and s.end > s.start
        ),
        key=lambda s: (s.start, -s.end, s.number),
    )
    blocks = [s for s in local if s.kind in CUTS and _fills_lines(text, s)]
    rest = [s for s in local if s not in blocks]
    begun: set[int] = set()
    out: list[Markup] = []
    at = 0
    for block in blocks:
        if block.end <= at:
            continue
        start = max(block.start, at)
        out += _lines(text, at, start, rest, begun)
        inner = Markup("").join(_lines(text, start, block.end, rest, begun))
        shown = block.chosen or any(s.chosen and s.start < block.end and s.end > start for s in rest)
        anchor = Markup(' id="{}"').format(block.anchor) if block.anchor else Markup("")
        out.append(
            Markup('<details class="cut" data-n="{}"{}{}><summary>{}</summary>{}</details>').format(
                block.number,
                anchor,
                Markup(" open") if shown else Markup(""),
                named(block.kind, block.end - start),
                inner,
            )
        )
        at = block.end
    out += _lines(text, at, len(text), rest, begun)
    return Markup("\n").join(out)


def _fills_lines(text: str, span: Span) -> bool:
    """Whether nothing else stands on the lines of a cut part; a page number within a sentence stays there."""
    before = text[: span.start].rpartition("\n")[2].strip()
    after = text[span.end :].partition("\n")[0].strip()
    return "\n" in text[span.start : span.end].strip("\n") or not (before or after) or span.end - span.start > 200


def _lines(text: str, start: int, end: int, spans: Sequence[Span], begun: set[int]) -> Iterator[Markup]:
    """Each line between two places as a paragraph."""
    at, first = start, 0
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        if text[at:stop].strip():
            # Spans are in order: those that ended before this line are behind us for good.
            while first < len(spans) and spans[first].end <= at and spans[first].start < at:
                first += 1
            here = []
            for span in spans[first:]:
                if span.start >= stop:
                    break
                if span.end > at:
                    here.append((max(span.start, at), min(span.end, stop), span))
            yield Markup("<p>{}</p>").format(_line(text, at, stop, here, begun))
        at = stop + 1


def _line(text: str, start: int, end: int, pieces: Sequence[tuple[int, int, Span]], begun: set[int]) -> Markup:
    """Marks put into each other; one that crosses another goes on in a second piece."""
    out: list[str] = []
    open_: list[tuple[int, Span]] = []
    linked: set[int] = set()
    waiting = sorted(pieces, key=lambda piece: (piece[0], -piece[1], piece[2].number))
    borders = sorted({start, end, *(p[0] for p in waiting), *(p[1] for p in waiting)})
    k = 0
    for at, following in zip(borders, [*borders[1:], end], strict=True):
        again: list[tuple[int, Span]] = []
        while any(stop <= at for stop, _ in open_):
            stop, span = open_.pop()
            out.append("</mark>")
            if stop > at:
                again.insert(0, (stop, span))
        while k < len(waiting) and waiting[k][0] == at:
            again.append((waiting[k][1], waiting[k][2]))
            k += 1
        for stop, span in sorted(again, key=lambda one: -one[0]):
            if len(open_) < DEPTH:
                out.append(_opening(span, span.number in begun))
                begun.add(span.number)
                open_.append((stop, span))
        if following > at:
            out.append(_own(text[at:following], open_[-1][1] if open_ else None, linked))
    out += ["</mark>"] * len(open_)
    return Markup("".join(out))


def _opening(span: Span, more: bool) -> str:
    names = f"mk k-{span.kind}" + (" more" if more else "") + (" chosen" if span.chosen else "")
    anchor = f' id="{escape(span.anchor)}"' if span.anchor and not more else ""
    tip = f' title="{escape(span.tip)}"' if span.tip else ""
    return f'<mark class="{names}" data-n="{span.number}" tabindex="-1"{anchor}{tip}>'


def _own(text: str, span: Span | None, linked: set[int]) -> str:
    """Text that belongs to no mark, or to the innermost; the first piece of a mark is where the keyboard stops."""
    written = str(escape(text))
    if span is None or not span.url:
        return written
    stop = ' tabindex="-1"' if span.number in linked else f' aria-describedby="k-{span.kind}"'
    linked.add(span.number)
    return f'<a href="{escape(span.url)}"{stop}>{written}</a>'
