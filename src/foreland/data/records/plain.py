"""Titles and abstracts as plain words: HTML, MathML and LaTeX taken out; keys by which like titles are found."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata

LONGEST_TITLE = 1000
"""Characters of a title that are kept; real ones are far shorter."""
LEAST_WEIGHT = 24
"""Letters a title needs to be told from others by its words alone; a Chinese character weighs as three."""

_MARKED = re.compile(r"[<&$\\{}~]")
_ATTRIBUTE = r"""\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)"""
_TAG = re.compile(rf"</?([A-Za-z][\w:.-]*)(?:{_ATTRIBUTE})*\s*/?>")
_ANNOTATION = re.compile(r"<((?:\w+:)?annotation(?:-xml)?)\b[^>]*>.*?</\1>|<!--.*?-->", re.DOTALL)
_BLOCKS = frozenset({"p", "br", "div", "li", "ul", "ol", "title", "sec", "tr", "td", "h1", "h2", "h3", "h4", "section"})
_DROP = re.compile(r"[\u00ad\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_COMMANDS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "Gamma": "Γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε",
    "varepsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ", "Theta": "Θ", "iota": "ι", "kappa": "κ", "lambda": "λ",
    "Lambda": "Λ", "mu": "μ", "nu": "ν", "xi": "ξ", "Xi": "Ξ", "pi": "π", "Pi": "Π", "rho": "ρ", "sigma": "σ",
    "Sigma": "Σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "Phi": "Φ", "chi": "χ", "psi": "ψ",
    "Psi": "Ψ", "omega": "ω", "Omega": "Ω", "infty": "∞", "times": "×", "cdot": "·", "pm": "±", "leq": "≤", "le": "≤",
    "geq": "≥", "ge": "≥", "neq": "≠", "approx": "≈", "sim": "~", "to": "→", "rightarrow": "→", "leftarrow": "←",
    "ell": "ℓ", "partial": "∂", "nabla": "∇", "circ": "°", "degree": "°", "sqrt": "√", "sum": "∑", "int": "∫",
    "in": "∈", "ldots": "…", "dots": "…", "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø",
    "l": "ł", "L": "Ł", "aa": "å", "AA": "Å", "i": "i", "j": "j", "textendash": "–", "textemdash": "—",
}  # fmt: skip
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
}  # fmt: skip
_ACCENT = re.compile(r"""\\(?:([`'^~"=.])\s*|([uvHckrd])(?:\s+|(?=\{)))(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))""")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?\s*")
_MATH = re.compile(r"(?<!\\)\$\$?([^$]{1,200}?)\$\$?")
_SUBSCRIPT = re.compile(r"(?<!\\)[_^](?=[{\\\w+*-])")
_ASIDE = re.compile("[\ue000-\ue07f]")
_ESCAPED = re.compile(r"\\([%&$#_{}])")


def plain(text: str) -> str:
    """The text without markup and with single blanks.

    Examples
    --------
    >>> plain("Growth of <i>MoS<sub>2</sub></i> &amp; G\\\\\\"{o}del's $\\\\alpha_{1}$")
    "Growth of MoS2 & Gödel's α1"
    """
    if _MARKED.search(text):
        text = _unlatex(_unhtml(text))
    return " ".join(_DROP.sub("", text).split())


def title_of(text: str) -> str:
    """A title in plain words, of bounded length."""
    return plain(text[: 4 * LONGEST_TITLE])[:LONGEST_TITLE].strip()


def _unhtml(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
        if "&" in text:  # written twice over, as in "&amp;lt;"
            text = html.unescape(text)
    if "<" not in text:
        return text
    text = _ANNOTATION.sub("", text)
    return _TAG.sub(lambda found: " " if found[1].lower().rpartition(":")[2] in _BLOCKS else "", text)


def _unlatex(text: str) -> str:
    if not _LATEX.search(text):
        return text
    text = _MATH.sub(_math, text)
    if "\\" in text:
        text = _ACCENT.sub(_accent, text)
        text = _ESCAPED.sub(lambda found: chr(0xE000 + ord(found[1])), text)  # kept aside from what is syntax
        text = text.replace("\\\\", " ").replace("\\ ", " ").replace("\\,", " ").replace("\\(", "").replace("\\)", "")
        text = _COMMAND.sub(lambda found: _COMMANDS.get(found[1], ""), text)
    text = text.replace("{", "").replace("}", "").replace("~", " ").replace("---", "—").replace("--", "–")
    return _ASIDE.sub(lambda found: chr(ord(found[0]) - 0xE000), text)


_LATEX = re.compile(r"[\\${}]")


def _math(found: re.Match[str]) -> str:
    """Inner text of a formula; what stands between two prices is no formula."""
    inner = found[1]
    if not re.search(r"[\\_^{]", inner) and (" " in inner.strip() or inner[:1].isspace()):
        return found[0]
    return _SUBSCRIPT.sub("", inner)


def _accent(found: re.Match[str]) -> str:
    mark, letter = found[1] or found[2], found[3] or found[4]
    return unicodedata.normalize("NFC", letter + _ACCENTS[mark])


_NOT_WORDS = re.compile(r"[\W_]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def title_key(title: str) -> int | None:
    """A number that titles share which differ in case, accents, width, blanks or punctuation alone.

    None where a title is too short to be known by its words ("Editorial", "Introduction").
    """
    if not title.isascii():
        title = "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c))
    words = _NOT_WORDS.sub("", title.casefold())
    if len(words) < LEAST_WEIGHT and len(words) + 2 * len(_WIDE.findall(words)) < LEAST_WEIGHT:
        return None
    return number_of(words)


def number_of(key: str) -> int:
    """64 bits of a text, as a signed integer; 2 million texts share one with a chance of one in ten million."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") - 2**63


_ONLY_DOI = re.compile(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:)?\s*(10\.\d{4,9}/\S+)", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+", re.IGNORECASE)


def doi_of(text: str) -> str:
    """A DOI in lower case, without resolver and trailing marks; empty where there is none.

    A text that is nothing but a DOI may hold any character, as those of the nineties do (``<1::AID-X>3.0.CO;2-7``).
    """
    whole = _ONLY_DOI.fullmatch(text.strip())
    if whole:
        return whole[1].rstrip(".,;").lower()
    found = _DOI.search(text)
    return found[0].rstrip(".,;)]}").lower() if found else ""


_SCRIPTS = ((re.compile("[\u3040-\u30ff]"), "ja"), (re.compile("[\uac00-\ud7af]"), "ko"), (_WIDE, "zh"),
            (re.compile("[\u0400-\u04ff]"), "ru"))  # fmt: skip


def script_language(title: str) -> str:
    """The language that the script of a title gives away; empty for Latin letters, which many share."""
    if title.isascii():
        return ""
    return next((code for script, code in _SCRIPTS if len(script.findall(title)) * 5 >= len(title)), "")
