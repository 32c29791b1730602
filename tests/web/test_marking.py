"""Marks in a text: nothing lost, nothing twice, everything closed; pages that fit each other."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from foreland.web.compare import covered, differences
from foreland.web.marking import DEPTH, PAGE, SLACK, Span, border, marked, pages, readable

LETTERS = "ab𠮷😀量。\n<&\"'> "


class Drawn(HTMLParser):
    """Each character that is read, with the marks around it; fails where something is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.characters: list[tuple[str, frozenset[int], int]] = []
        self.links = 0
        self.summary = 0
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append((tag, dict(attrs)))
        self.links += tag == "a"
        assert sum(name == "a" for name, _ in self.open) <= 1, "no link within a link"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if any(tag == "summary" for tag, _ in self.open) or not any(tag == "p" for tag, _ in self.open):
            return
        marks = [int(attrs["data-n"] or 0) for tag, attrs in self.open if tag in ("mark", "details")]
        for character in data:
            self.characters.append((character, frozenset(marks), len(marks)))


@st.composite
def texts(draw) -> tuple[str, int, list[Span]]:
    text = draw(st.text(LETTERS, max_size=60))
    offset = draw(st.integers(0, 30))
    kinds = st.sampled_from(["field", "quantity", "instrument", "definition", "other", "furniture", "glossary"])
    places = st.integers(-5, offset + len(text) + 5)
    found = draw(st.lists(st.tuples(places, places, kinds), max_size=7))
    return text, offset, [Span(min(a, b), max(a, b), k, n, f"?mark={n}") for n, (a, b, k) in enumerate(found)]


@given(texts())
def test_each_character_stands_once_in_exactly_its_marks(case) -> None:
    text, offset, spans = case
    drawn = Drawn(str(marked(text, offset, spans, lambda kind, length: f"{kind} {length}")))
    expected = []
    for line_at, line in _lines(text):
        expected += [(line_at + k, character) for k, character in enumerate(line)]
    read = [(character, marks) for character, marks, _ in drawn.characters]
    # Folded parts break lines, so that a line of blanks beside one may go; nothing else does.
    assert "".join(c for c, _ in read).replace(" ", "") == "".join(c for _, c in expected).replace(" ", "")
    visible = [(at, c) for at, c in expected if c != " "]
    for (at, character), (seen, marks) in zip(visible, [each for each in read if each[0] != " "], strict=True):
        assert character == seen
        own = {s.number for s in spans if s.start <= at + offset < s.end}
        cuts = {s.number for s in spans if s.kind in ("furniture", "glossary")}
        assert marks - cuts == own - cuts
        assert marks & cuts <= own, "of cut parts that overlap one is enough"
        assert bool(marks & cuts) == bool(own & cuts)


def _lines(text: str) -> list[tuple[int, str]]:
    found, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append((at, line))
        at += len(line) + 1
    return found


def test_a_mark_has_one_stop_for_the_keyboard() -> None:
    spans = [
        Span(0, 9, "instrument", 0, "?mark=a"),
        Span(2, 5, "field", 1, "?mark=b"),
        Span(2, 5, "quantity", 2, "?mark=c"),
    ]
    html = str(marked("建设量子科技先导区。", 0, spans, lambda kind, _: kind))
    assert html.count("aria-describedby") == 2, "the field has no words of its own: the quantity lies on all of them"
    assert html.count("<a ") == 3
    assert html.count('tabindex="-1"><') >= 1


def test_marks_without_end_do_not_nest_without_end() -> None:
    spans = [Span(n, 400 - n, "field", n, f"?mark={n}") for n in range(190)]
    drawn = Drawn(str(marked("量" * 400, 0, spans, lambda kind, _: kind)))
    assert max(depth for *_, depth in drawn.characters) == DEPTH
    assert len(drawn.characters) == 400


def test_what_no_page_may_hold_is_shown_as_such_at_the_same_length() -> None:
    text = "a\x00b\x1f\u202ec\r\nd\ufffe"
    assert readable(text) == "a\ufffdb\ufffd\ufffdc \nd\ufffd"
    assert len(readable(text)) == len(text)


@given(
    st.integers(0, 9 * PAGE),
    st.sampled_from(["字", "字。", "word. ", "字" * 3000 + "\n"]),
    st.sampled_from([5_000, PAGE]),
)
def test_pages_are_the_text(length: int, pattern: str, size: int) -> None:
    text = (pattern * (length // len(pattern) + 1))[:length]
    total = pages(length, size)
    borders = [border(n, text, 0, size) for n in range(total)] + [length]
    assert borders[0] == 0
    assert borders == sorted(borders)
    for n in range(total - 1):
        assert size - SLACK <= borders[n + 1] - borders[n] <= size + SLACK
        if pattern in ("字。", "word. "):
            assert text[borders[n + 1] - 1] in "。."
    # A part of the text gives the same border as the whole.
    for n in range(1, total):
        at = n * size - SLACK
        assert border(n, text[at : n * size], at, size) == borders[n]


@given(st.lists(st.sampled_from("ab量 "), max_size=12), st.lists(st.sampled_from("ab量 "), max_size=12))
def test_without_what_differs_both_sides_are_the_same(left: list[str], right: list[str]) -> None:
    mine, theirs = differences(left, right)
    kept = []
    for text, cut in (("".join(left), mine), ("".join(right), theirs)):
        out = {k for a, b in cut for k in range(a, b)}
        kept.append("".join(c for k, c in enumerate(text) if k not in out))
    assert kept[0] == kept[1]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted), max_size=8))
def test_covered_counts_each_character_once(spans: list[list[int]]) -> None:
    assert covered([(a, b) for a, b in spans]) == len({k for a, b in spans for k in range(a, b)})
