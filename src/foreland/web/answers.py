"""Answers and figures, kept until the data change."""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from foreland.charts.theme import Size, recolour, use_size
from foreland.core.finding import Finding
from foreland.i18n import Language, t, use_language

if TYPE_CHECKING:
    from foreland.core.registry import Question
    from foreland.data.workspace import Workspace

ANSWERS = 256
FIGURES = 128


class Kept:
    """The last so many results; each is worked out once, even when asked for by several at a time."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._working: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            mine = self._working.setdefault(key, threading.Lock())
        with mine:
            with self._lock:
                if key in self._values:
                    return self._values[key]
            try:
                value = make()
            finally:
                with self._lock:
                    self._working.pop(key, None)
            with self._lock:
                self._values[key] = value
                while len(self._values) > self._size:
                    self._values.popitem(last=False)
            return value

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values


@dataclass(frozen=True)
class Figure:
    """A chart: its SVG for the page, and the specification that scripts may bring to life."""

    svg: Markup
    spec: bytes


class Answers:
    """Asks a workspace, and remembers."""

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws
        self._answers = Kept(ANSWERS)
        self._figures = Kept(FIGURES)

    def key(self, question: Question, arguments: Mapping[str, str]) -> Hashable:
        return (question.id, tuple(sorted(arguments.items())), self.ws.content_hash)

    def has(self, question: Question, arguments: Mapping[str, str]) -> bool:
        """Whether an answer stands ready."""
        return self.key(question, arguments) in self._answers

    def ask(self, question: Question, arguments: Mapping[str, str]) -> Finding:
        """The answer; it holds both languages."""
        finding: Finding = self._answers.get(
            self.key(question, arguments), lambda: question(self.ws, **dict(arguments))
        )
        return finding

    def figure(self, finding: Finding, chart: str, size: Size, language: Language) -> Figure:
        """A chart of a finding in page colours."""
        found: Figure = self._figures.get(
            (finding.id, self.ws.content_hash, chart, size, language),
            lambda: _drawn(finding, chart, size, language),
        )
        return found


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
