"""Web pages: the main text, the title and the date; no script, no style."""

from __future__ import annotations

import copy
import re
from typing import IO, Any

from foreland.data.documents.extract import Content, Limits, Note, Refused
from foreland.data.documents.furniture import Mark
from foreland.data.documents.plain import clean, decode, read_bytes

KEPT = 0.7
"""Share of the page's running text that the main text must hold; with less, the whole page is taken."""
LONG = 25
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p",
        "pre", "section", "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
    )
)  # fmt: skip
_SILENT = frozenset(("head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TITLES = ("articletitle", "og:title", "dc.title", "dcterms.title")
_DATES = (
    "pubdate", "publishdate", "article:published_time", "datepublished", "dc.date", "dcterms.date", "dcterms.issued",
    "dc.date.issued", "date", "citation_publication_date",
)  # fmt: skip
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}-\d{2}(?!\d)|\d{4}(?=$)")
_SENTENCE = re.compile(r"[，。；！？]|[.,;!?](?:\s|$)")


def read_html(file: IO[bytes], limits: Limits) -> Content:
    """Main text of a page, found by trafilatura (Barbaresi 2021); the whole of its body where that loses much.

    Raises
    ------
    Refused
        ``damaged_html``, ``encoding`` or ``too_long``.
    """
    page, encoding, notes = _decoded(read_bytes(file, limits))
    import lxml.etree
    import lxml.html

    try:
        tree = lxml.html.document_fromstring(_DECLARATION.sub("", page))
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise Refused("damaged_html", error) from error
    whole = _body(tree)
    main = _main(tree)
    if main is None or _kept(whole, main) < KEPT:
        text = whole
        notes = (*notes, Note("whole_page"))
    else:
        text = main
    meta = _meta(tree)
    return Content(
        text,
        "html",
        title=_title(tree, meta),
        date=next((found[0] for name in _DATES if (found := _DAY.match(meta.get(name, "")))), None),
        marks=tuple(_tables(text)),
        encoding=encoding,
        notes=notes,
    )


def _decoded(data: bytes) -> tuple[str, str, tuple[Note, ...]]:
    """The page by its mark, else by UTF-8, else by what it says of itself, else by its bytes."""
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = declared[1].decode("ascii", "replace").lower()
        name = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "iso-8859-1": "cp1252"}.get(name, name)
        try:
            return decode(data, name)
        except (Refused, LookupError, UnicodeError):
            pass
    return decode(data)


def _main(tree: Any) -> str | None:
    """Main text; None where trafilatura finds none or stumbles over the page."""
    from trafilatura import bare_extraction

    try:
        found = bare_extraction(copy.deepcopy(tree), include_comments=False, favor_recall=True)
    except MemoryError:
        raise
    except Exception:  # whatever a page breaks in a library for pages, its body is still there to read
        return None
    text = clean(found.text or "") if found is not None else ""
    return text if text.strip() else None


def _meta(tree: Any) -> dict[str, str]:
    """What the page says of itself in its head, by the name in small letters; the first of each."""
    meta: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = (node.get("name") or node.get("property") or node.get("itemprop") or "").lower()
        meta.setdefault(name, " ".join(clean(node.get("content") or "").split()))
    for script in tree.iter("script"):
        if (script.get("type") or "").lower() == "application/ld+json":
            found = re.search(r'"datePublished"\s*:\s*"([^"]{4,40})"', script.text or "")
            meta.setdefault("datepublished", found[1] if found else "")
    return meta


def _title(tree: Any, meta: dict[str, str]) -> str | None:
    """The title by the page's own account; of its ``<title>``, the part that its text repeats as a heading."""
    title = " ".join(clean(tree.findtext(".//title") or "").split())
    headings = [" ".join(clean(str(node.text_content())).split()) for node in tree.iter("h1", "h2")]
    repeated = next((heading for heading in headings if len(heading) > 3 and heading in title), "")
    return next(filter(None, (*(meta.get(name) for name in _TITLES), repeated, title)), None)


def _body(tree: Any) -> str:
    """All text of the page, a line for each block, the cells of a table separated by tabs."""
    pieces: list[str] = []
    stack: list[tuple[Any, bool]] = [(tree, False)]
    while stack:
        node, closing = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else None
        if closing:
            pieces.append("\n" if tag in _BLOCKS else "\t" if tag in ("td", "th") else "")
            pieces.append(node.tail or "")
            continue
        if tag is None or tag in _SILENT or _HIDDEN.search(node.get("style") or "") or "hidden" in node.attrib:
            pieces.append(node.tail or "")
            continue
        if tag in _BLOCKS:
            pieces.append("\n")
        pieces.append(node.text or "" if tag in ("pre", "textarea") else re.sub(r"\s+", " ", node.text or ""))
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(node))
    lines = (re.sub(r"[^\S\t]+", " ", line).strip() for line in clean("".join(pieces)).split("\n"))
    return "\n".join(re.sub(r" ?\t[\s]*", "\t", line) for line in lines if line)


def _kept(whole: str, main: str) -> float:
    """Share of the running text of a page that stands in its main text."""
    packed = "".join(main.split())
    prose = ["".join(line.split()) for line in whole.split("\n") if len(line) >= LONG and _SENTENCE.search(line)]
    size = sum(map(len, prose))
    return sum(len(line) for line in prose if line[:LONG] in packed) / size if size else 1.0


def _tables(text: str) -> list[Mark]:
    """Runs of lines with cells."""
    marks: list[Mark] = []
    at = 0
    for line in text.split("\n"):
        end = at + len(line)
        if "\t" in line.strip() or (line.startswith("|") and line.count("|") > 1):
            if marks and marks[-1].end + 1 == at:
                marks[-1] = marks[-1]._replace(end=end)
            else:
                marks.append(Mark(at, end, "table", "html"))
        at = end + 1
    return marks
