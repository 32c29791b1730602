"""Answers and figures, kept until something they were read from changes."""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from markupsafe import Markup, escape

from foreland.charts.theme import Size, recolour, use_size
from foreland.core.errors import DataError, ForelandError, UsageError
from foreland.core.finding import Finding
from foreland.core.reads import Reads, note, noting
from foreland.i18n import Language, t, use_language

if TYPE_CHECKING:
    from foreland.core.registry import Question
    from foreland.data.workspace import Workspace

ANSWERS, ANSWER_BYTES = 512, 256_000_000
FIGURES, FIGURE_BYTES = 512, 64_000_000
"""Most answers and figures that are kept, and most memory they may take."""


class Kept:
    """The last so many results; each is worked out once, even when asked for by several at a time.

    Parameters
    ----------
    most
        Most results kept.
    most_bytes
        Most bytes they may take together; the last one is kept whatever its size.
    weigh
        The bytes of a result.
    holds
        Whether a result is still what would be worked out now; else it is not used.
    """

    def __init__(
        self,
        most: int,
        most_bytes: float = float("inf"),
        weigh: Callable[[Any], int] = lambda _: 0,
        holds: Callable[[Any], bool] = lambda _: True,
    ) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._weigh, self._holds = weigh, holds
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()
        self._working: dict[Hashable, threading.Lock] = {}
        self.bytes = 0

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            found = self._find(key)
            mine = self._working.setdefault(key, threading.Lock()) if found is None else None
        if mine is None:
            return found[0]  # type: ignore[index]
        with mine:
            with self._lock:
                found = self._find(key)
            if found is not None:
                return found[0]
            try:
                value = make()
            finally:
                with self._lock:
                    self._working.pop(key, None)
            self.put(key, value)
            return value

    def find(self, key: Hashable) -> Any:
        """The result under a key, None where there is none that holds."""
        with self._lock:
            found = self._find(key)
        return None if found is None else found[0]

    def put(self, key: Hashable, value: Any) -> None:
        """Keep a result; the ones used longest ago make room."""
        weight = self._weigh(value)
        with self._lock:
            if key in self._values:
                self._drop(key)
            self._values[key] = (value, weight)
            self.bytes += weight
            while len(self._values) > self._most or (self.bytes > self._most_bytes and len(self._values) > 1):
                self._drop(next(iter(self._values)))

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return self._find(key) is not None

    def __len__(self) -> int:
        return len(self._values)

    def _find(self, key: Hashable) -> tuple[Any, int] | None:
        found = self._values.get(key)
        if found is not None and not self._holds(found[0]):
            self._drop(key)
            return None
        if found is not None:
            self._values.move_to_end(key)
        return found

    def _drop(self, key: Hashable) -> None:
        self.bytes -= self._values.pop(key)[1]


@dataclass(frozen=True)
class Figure:
    """A chart: its SVG for the page, and the specification that scripts may bring to life."""

    svg: Markup
    spec: bytes


@dataclass(frozen=True)
class Result:
    """What came of a question or a drawing, and what it was read from. That there is no answer is a result too."""

    value: Any
    reads: Reads
    error: ForelandError | None = None


class Answers:
    """Asks a workspace, and remembers each answer until something it was read from changes."""

    def __init__(self, ws: Workspace) -> None:
        def holds(result: Result) -> bool:
            return ws.cache.holds(result.reads)

        self.ws = ws
        self._answers = Kept(ANSWERS, ANSWER_BYTES, _answer_bytes, holds)
        self._figures = Kept(FIGURES, FIGURE_BYTES, _figure_bytes, holds)
        self._marks: WeakKeyDictionary[Finding, object] = WeakKeyDictionary()

    def key(self, question: Question, arguments: Mapping[str, str]) -> Hashable:
        return (question.id, tuple(sorted(arguments.items())))

    def has(self, question: Question, arguments: Mapping[str, str]) -> bool:
        """Whether an answer stands ready."""
        return self.key(question, arguments) in self._answers

    def ask(self, question: Question, arguments: Mapping[str, str]) -> Finding:
        """The answer; it holds both languages."""

        def work() -> Result:
            with noting() as reads:
                try:
                    return Result(question(self.ws, **dict(arguments)), reads)
                except (DataError, UsageError) as error:
                    # What the frames of the failed question hold must not stay with it.
                    error.__context__ = error.__cause__ = None
                    return Result(None, reads, error.with_traceback(None))

        result: Result = self._answers.get(self.key(question, arguments), work)
        if result.error is not None:
            raise result.error.with_traceback(None)
        note(result.reads)
        finding: Finding = result.value
        return finding

    def figure(self, finding: Finding, chart: str, size: Size, language: Language) -> Figure:
        """A chart of a finding in page colours."""

        def work() -> Result:
            with noting() as reads:
                return Result(_drawn(finding, chart, size, language), reads)

        # A mark of its own rather than the finding's id: what things are called is no part of the id.
        mark = self._marks.setdefault(finding, object())
        figure: Figure = self._figures.get((mark, chart, size, language), work).value
        return figure


def _answer_bytes(result: Result) -> int:
    finding: Finding | None = result.value
    if finding is None:
        return 0
    return int(finding.table.nbytes) + sum(int(table.nbytes) for table in finding.tables.values())


def _figure_bytes(result: Result) -> int:
    figure: Figure = result.value
    return len(figure.svg) + len(figure.spec)


def _drawn(finding: Finding, chart: str, size: Size, language: Language) -> Figure:
    from foreland.charts.pictures import bare, chart_svg

    with use_language(language), use_size(size):
        spec = bare(finding.chart(chart, language).to_dict())
        svg = chart_svg(spec)
    title = t(f"{finding.question}.chart.{chart}", language)
    label = f"{title}: {finding.headline[language]}" if language == "en" else f"{title}：{finding.headline[language]}"
    return Figure(inline(svg, f"{size[0]}-{chart}-", label), recolour(json.dumps(spec), "css").encode())


def inline(svg: str, prefix: str, label: str) -> Markup:
    """An SVG made fit to stand in a page: scaled by the page, coloured by its style sheet, ids its own."""
    opening = re.match(r"<svg[^>]*>", svg)
    assert opening is not None
    wide, high = (re.search(rf'\b{side}="([\d.]+)"', opening[0]) for side in ("width", "height"))
    box = re.search(r'viewBox="([^"]+)"', opening[0])
    assert box is not None
    assert wide is not None
    assert high is not None
    inner = svg[opening.end() :]
    # A strict content-security policy ignores style attributes; what they say becomes attributes.
    inner = re.sub(r' style="([^"]*)"', _attributes, inner)
    inner = re.sub(r'\b(id="|href="#)', rf"\1{prefix}", inner).replace("url(#", f"url(#{prefix}")
    # One picture with one name: roles and names of its parts, and what is not drawn, would only weigh.
    inner = re.sub(
        r' (?:role="graphics[^"]*"|aria-[a-z]+="[^"]*"|font-family="[^"]*"|pointer-events="none")', "", inner
    )
    inner = re.sub(r'<path class="(?:fore|back)ground" d="[^"]*"(?: display="none")?/>', "", inner)
    inner = re.sub(r"(\d+\.\d{2})\d+", r"\1", inner)
    # A mark and its name beside it lead to the same page: the name is the stop of keyboards and readers.
    inner = re.sub(r'(<a href="[^"]*")>(?!<text)', r'\1 tabindex="-1" aria-hidden="true">', inner)
    # What stands in a picture can't be reached; where parts are links it is a group.
    role = "group" if '<a href="' in inner else "img"
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box[1]}" width="{wide[1]}" height="{high[1]}" '
        f'role="{role}" aria-label="{escape(label)}" focusable="false">'
    )
    return Markup(start + recolour(inner, "css"))


def _attributes(found: re.Match[str]) -> str:
    kept = []
    for part in found[1].split(";"):
        name, _, value = part.partition(":")
        if name.strip() in {"mix-blend-mode", "opacity", "fill", "stroke", "font-style", "font-weight"}:
            kept.append(f' {name.strip()}="{value.strip()}"')
    return "".join(kept)
