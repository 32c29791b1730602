"""Titles and abstracts as plain text: without HTML, LaTeX and full-width letters."""

from __future__ import annotations

import html
import re
import unicodedata

_INLINE = re.compile(
    r"</?(?:sub|sup|i|b|em|strong|tt|sc|mml:\w+|jats:(?:sub|sup|italic|bold|sc))(?:\s[^<>]*)?/?>", re.I
)
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>", re.DOTALL)
_MATH = re.compile(r"\$\$?([^$]{1,400}?)\$\$?|\\\((.{1,400}?)\\\)|\\\[(.{1,400}?)\\\]", re.DOTALL)
_LOOKS_LIKE_MATH = re.compile(r"[\\^_={}<>|+]|^\S+$")
_ACCENT = re.compile(r"\\[`'^\"~=.cvuHrk]\s*\{?\\?([A-Za-z])\}?(?![A-Za-z])|\\[`'^\"~=.]\{?\\?([A-Za-z])\}?")
_REFERENCE = re.compile(r"\\(?:cite\w*|ref|eqref|label|footnote|url|href)\*?(?:\[[^\]]*\])*\{[^{}]*\}")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?\s?(?:\[[^\]]*\])?")
_GLYPH = re.compile(r"\(cid:\d+\)")
_WORD = re.compile(r"\w+")


def clean(text: str) -> str:
    """Plain text of a title or an abstract.

    Tags, comments and entities of HTML and JATS go; of LaTeX the commands go and what they hold stays, formulas go
    unless they are one word (``$k$-means``), amounts of dollars stay. Compatibility forms become the usual ones (NFKC).
    """
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub(" ", _INLINE.sub("", text))
    if "$" in text or "\\" in text:
        text = _ACCENT.sub(lambda found: found[1] or found[2], text)
        text = _MATH.sub(_formula, text)
        text = _COMMAND.sub("", _REFERENCE.sub(" ", text))
        text = text.replace("{", "").replace("}", "").replace("~", " ").replace("\\", " ")
    if "(cid:" in text:  # letters that a PDF reader could not name
        text = _GLYPH.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFKC", text).replace("\u2010", "-").replace("\u2011", "-")


def _formula(found: re.Match[str]) -> str:
    inner = next(group for group in found.groups() if group is not None).strip()
    if _WORD.fullmatch(inner):
        return inner
    return " " if _LOOKS_LIKE_MATH.search(inner) else found[0]
