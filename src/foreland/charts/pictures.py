"""A chart as SVG or PNG, without a browser. The exported picture says where it comes from."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlencode

from markupsafe import escape

from foreland.charts.theme import FONT, colour, is_narrow, width, wrap
from foreland.core.finding import Finding
from foreland.i18n import Language, current_language, t, use_language

PLAIN = "sans-serif"
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINK = re.compile(r'xlink:href="[^"]*?(?<!:)//(?=[a-z])')
MARGIN = 20
LINE = 15

_address: ContextVar[str] = ContextVar("foreland_address", default="")
# The converter runs one script engine; calls from several threads must take turns.
_one_at_a_time = threading.Lock()


@contextmanager
def use_address(base: str) -> Iterator[None]:
    """Permalinks inside the block start with ``base`` (``http://127.0.0.1:8321``)."""
    token = _address.set(base.rstrip("/"))
    try:
        yield
    finally:
        _address.reset(token)


def permalink(finding: Finding, language: Language | None = None) -> str:
    """The address of a finding with everything that was chosen written out."""
    question = finding.registered
    defaults = {parameter.name: parameter.default for parameter in question.parameters}
    chosen = {
        name: value
        for name, value in finding.provenance.parameters.items()
        if (name in question.uses or name in defaults) and value not in (None, "", defaults.get(name))
    }
    if language:
        chosen["lang"] = language
    path = f"{_address.get()}/{question.room}/{question.name}"
    return f"{path}?{urlencode(chosen, safe=',:')}" if chosen else path


def address_of(question: str, **asked: str | None) -> str:
    """The path of a question's page, for links in a chart."""
    chosen = {name: value for name, value in asked.items() if value not in (None, "", ())}
    query = urlencode({**chosen, "lang": current_language()}, safe=",:")
    return f"/{question.replace('.', '/', 1)}?{query}"


def bare(spec: dict[str, Any]) -> dict[str, Any]:
    """A specification without its title, for pages that state the finding as a heading."""
    return {key: value for key, value in spec.items() if key != "title"}


def chart_svg(spec: dict[str, Any]) -> str:
    """A Vega-Lite specification as SVG.

    Charts carry their data. No address is ever read while drawing.
    """
    import vl_convert

    spec = _shown(spec)
    # Texts are measured in the plain face, which takes a third of the time of trying a whole stack of them.
    text = json.dumps(spec, ensure_ascii=False).replace(_quoted(FONT), _quoted(PLAIN))
    with _one_at_a_time:
        svg = str(vl_convert.vegalite_to_svg(text, allowed_base_urls=[], format_locale="en-US"))
    # The converter puts an address of its own before the paths that links lead to.
    svg = LINK.sub('href="/', svg)
    return svg.replace(f'font-family="{PLAIN}"', f'font-family="{escape(FONT)}"')


def _shown(value: Any) -> Any:
    """The value with � for what XML has no character for: the converter would take the whole process down."""
    if isinstance(value, dict):
        return {_shown(key): _shown(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    return UNPRINTABLE.sub("\ufffd", value) if isinstance(value, str) else value


def _quoted(font: str) -> str:
    return json.dumps(font, ensure_ascii=False)


def picture(finding: Finding, name: str | None, language: Language) -> str:
    """A chart with title, benchmark and a footer of source, permalink and data version, as SVG."""
    with use_language(language):
        svg = chart_svg(finding.chart(name, language).to_dict())
        opening = re.match(r"<svg[^>]*>", svg)
        assert opening is not None
        wide, high = (float(re.search(rf'{side}="([\d.]+)"', opening[0])[1]) for side in ("width", "height"))  # type: ignore[index]
        inner = _reachable(svg[opening.end() :].rpartition("</svg>")[0])
        across = max(wide, width())
        lines = [line for text in _footer(finding, language) for line in wrap(text, across, 10.5)]
    top = high + 18
    total = top + LINE * len(lines) + MARGIN
    texts = "".join(
        f'<text x="0" y="{top + LINE * (i + 0.8):.0f}" fill="{colour("muted")}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    return _shown(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across + 2 * MARGIN:.0f}" height="{total + MARGIN:.0f}" '
        f'viewBox="{-MARGIN} {-MARGIN} {across + 2 * MARGIN:.0f} {total + MARGIN:.0f}" role="img">'
        f"<title>{escape(finding.headline[language])}</title>"
        f'<rect x="{-MARGIN}" y="{-MARGIN}" width="100%" height="100%" fill="{colour("surface")}"/>'
        f"{inner}"
        f'<line x1="0" x2="{across:.0f}" y1="{high + 8:.0f}" y2="{high + 8:.0f}" stroke="{colour("grid")}"/>'
        f'<g font-family="{escape(FONT)}" font-size="10.5">{texts}</g></svg>'
    )


def _reachable(svg: str) -> str:
    """A file stands alone: its links lead to where it was made, or nowhere."""
    if _address.get():
        return svg.replace('<a href="/', f'<a href="{escape(_address.get())}/')
    return re.sub(r"</?a\b[^>]*>", "", svg)


def picture_png(finding: Finding, name: str | None, language: Language, scale: float = 2) -> bytes:
    """The same picture as PNG."""
    import vl_convert

    svg = picture(finding, name, language)
    with _one_at_a_time:
        return bytes(vl_convert.svg_to_png(svg, scale=1.5 if is_narrow() else scale))


def _footer(finding: Finding, language: Language) -> list[str]:
    colon = t("charts.colon", language)
    lines = [f"{t('charts.footer.source', language)}{colon}{finding.source_line(language)}"]
    serious = [caveat.label(language) for caveat in finding.caveats if caveat.severity != "note"]
    if serious:
        joiner = "；" if language == "zh" else "; "
        lines.append(f"{t('charts.footer.caveats', language)}{colon}{joiner.join(serious)}")
    marks = [
        t("charts.footer.version", language, version=finding.provenance.version),
        t("charts.footer.finding", language, id=finding.id),
    ]
    if finding.workspace is not None:
        marks.append(t("charts.footer.data", language, hash=finding.workspace.content_hash[:10]))
    return [*lines, " · ".join(marks), permalink(finding, language)]
