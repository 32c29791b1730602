"""Text files and Markdown: the encoding found, the markup taken off."""

from __future__ import annotations

import codecs
import re
from typing import IO

from foreland.data.documents.extract import Content, Limits, Note, Refused
from foreland.data.documents.furniture import Mark

HEAD = 1 << 20
_COMMON_SIMPLIFIED = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五"
    "果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回"
    "则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速"
)
_COMMON_TRADITIONAL = frozenset(
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種面而方後多定行學法所民得經"
    "十三之進著等部度家電力裡如水化高自二理起小物現實加量都兩體制機當使點從業本去把性好應開它合還因由其些然前外天政四日那社義事平形"
    "相全表間樣與關各重新線內數正心反你明看原又麼利比或但質氣第向道命此變條只沒結解問意建月公無系軍很情者最立代想已通並提直題黨程展五"
    "果料象員革位入常文總次品式活設及管特件長求老頭基資邊流路級少圖山統接知較將組見計別她手角期根論運農指幾九區強放決西被幹做必戰先回"
    "則任取據處隊南給色光門即保治北造百規熱領七海口東導器壓志世金增爭濟階油思術極交受聯什認六共權收證改清己美再採轉更單風切打白教速"
)
_HAN = re.compile("[\u4e00-\u9fff]+")
_BREAKS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_DROPPED = dict.fromkeys(
    [
        *range(9),
        *range(14, 32),
        *range(0x7F, 0xA0),
        0xAD,
        0x200B,
        0x2060,
        0xFEFF,
        *range(0xFFF9, 0xFFFC),
        0xFFFE,
        0xFFFF,
    ]
)
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2028\u2029\u2060\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """The text with ``\\n`` for every line end, and without control characters and halves of characters."""
    if not _CONTROL.search(text):
        return text
    text = _BREAKS.sub("\n", text).translate(_DROPPED)
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def detect(data: bytes) -> str:
    """The encoding of a text, told by its mark, else by what its bytes can be and what they say.

    UTF-8 where it fits, or all but fits. Of GB18030 and Big5 the one in which more of the characters are among the
    most common ones; a Western European text has no Chinese words in either.

    Raises
    ------
    Refused
        ``encoding``, if it is none of these.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return name
    head = data[:HEAD]
    zeros = head[0::2].count(0), head[1::2].count(0)
    if sum(zeros):
        # Latin text in UTF-16 without a mark has a zero in every other byte; anything else with zeros is no text.
        if max(zeros) > 0.2 * len(head) and min(zeros) * 50 < max(zeros):
            return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
        raise Refused("encoding", "00")
    decoded = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    bad = decoded.count("\ufffd")
    beyond = _beyond(decoded) - bad
    if bad == 0 or bad * 20 < beyond:
        return "utf-8"
    scores = {name: _chinese(head, name) for name in ("gb18030", "big5hkscs")}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= 0.3:
        return best
    if sum(byte > 0x7F for byte in head) <= 0.15 * len(head):
        return "cp1252"
    raise Refused("encoding", head[:8].hex(" "))


def _beyond(text: str) -> int:
    """Characters that are not ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _chinese(head: bytes, encoding: str) -> float:
    """Share of common characters among the Chinese ones of a text; 0 where they don't come in words."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    runs = _HAN.findall(text)
    han = sum(map(len, runs))
    beyond = _beyond(text)
    # A letter with an accent, misread, takes its neighbour with it and gives one character alone.
    if not han or han * 2 < beyond or han < 1.5 * len(runs) or text.count("\ufffd") * 20 > beyond:
        return 0.0
    common = _COMMON_SIMPLIFIED if encoding == "gb18030" else _COMMON_TRADITIONAL
    # GB18030 holds the traditional characters as well.
    also = _COMMON_TRADITIONAL if encoding == "gb18030" else frozenset()
    return sum(character in common or character in also for run in runs for character in run) / han


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str, tuple[Note, ...]]:
    """Text, name of the encoding, and a note where bytes of it were bad.

    Raises
    ------
    Refused
        ``encoding``, if none fits.
    """
    name = encoding or detect(data)
    try:
        return clean(data.decode(name)), name, ()
    except UnicodeDecodeError:
        text = data.decode(name, "replace")
    bad = text.count("\ufffd")
    if bad * 20 > _beyond(text):
        raise Refused("encoding", f"{name}, {bad:,}")
    return clean(text), name, (Note("bad_bytes", f"{bad:,}"),)


def read_bytes(file: IO[bytes], limits: Limits) -> bytes:
    """All bytes of a file, unless no encoding could make them few enough characters.

    Raises
    ------
    Refused
        ``too_long``.
    """
    most = 4 * limits.characters + 4
    if file.seek(0, 2) > most:
        raise Refused("too_long", f"> {limits.characters:,}")
    file.seek(0)
    return file.read()


def read_plain(file: IO[bytes], limits: Limits) -> Content:
    """A text file as it is."""
    text, encoding, notes = decode(read_bytes(file, limits))
    return Content(text, "text", encoding=encoding, notes=notes)


_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_LINE = re.compile(r"^(title|date)\s*:\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCE = re.compile(r"^ {0,3}(?:```|~~~).*$\n?", re.MULTILINE)
_RULE = re.compile(r"^ {0,3}(?:[-*_][ \t]*){3,}$|^ {0,3}=+[ \t]*$", re.MULTILINE)
_LEAD = re.compile(r"^[ \t]{0,3}(?:#{1,6}[ \t]+|(?:>[ \t]?)+|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?)", re.MULTILINE)
_TRAIL = re.compile(r"(?<![ \t])[ \t]+#+[ \t]*$", re.MULTILINE)
_TARGET = r"(?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])"
_IMAGE = re.compile(rf"!\[[^\]\n]{{0,500}}\]{_TARGET}")
_LINK = re.compile(rf"\[([^\]\n]{{1,500}})\]{_TARGET}")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n^]+\]:[ \t]*\S+.*$\n?", re.MULTILINE)
_STRONG = re.compile(r"(\*\*\*|\*\*|\*|__|~~)(?=\S)([^\n*_~]+?)(?<=\S)\1")
_CODE = re.compile(r"`+([^`\n]+)`+")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,300}>")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~])")
_TABLE = re.compile(r"(?:^[ \t]*\|?[^\n|]*\|[^\n]*(?:\n|\Z)){2,}", re.MULTILINE)
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$")


def read_markdown(file: IO[bytes], limits: Limits) -> Content:
    """A Markdown file without its markup; the cells of a table are separated by tabs."""
    text, encoding, notes = decode(read_bytes(file, limits))
    meta: dict[str, str] = {}
    if front := _FRONT.match(text):
        meta = {key.lower(): value for key, value in _FRONT_LINE.findall(front[1]) if value}
        text = text[front.end() :]
    for pattern in (_COMMENT, _FENCE, _IMAGE, _REFERENCE, _TAG):
        text = pattern.sub("", text)
    pieces: list[str] = []
    marks: list[Mark] = []
    size = done = 0
    for found in _TABLE.finditer(text):
        rows = found[0].rstrip("\n").split("\n")
        if not any(_TABLE_RULE.match(row) for row in rows):
            continue
        before = _plain(text[done : found.start()])
        table = "\n".join(_row(row) for row in rows if not _TABLE_RULE.match(row))
        pieces += [before, table, "\n"]
        marks.append(Mark(size + len(before), size + len(before) + len(table), "table", "markdown"))
        size += len(before) + len(table) + 1
        done = found.end()
    pieces.append(_plain(text[done:]))
    return Content(
        "".join(pieces),
        "markdown",
        title=meta.get("title"),
        date=meta.get("date"),
        marks=tuple(marks),
        encoding=encoding,
        notes=notes,
    )


def _plain(text: str) -> str:
    for pattern in (_RULE, _LEAD, _TRAIL):
        text = pattern.sub("", text)
    for pattern, group in ((_LINK, r"\1"), (_STRONG, r"\2"), (_STRONG, r"\2"), (_CODE, r"\1"), (_ESCAPE, r"\1")):
        text = pattern.sub(group, text)
    return text


def _row(row: str) -> str:
    cells = row.strip().removeprefix("|").removesuffix("|").split("|")
    return "\t".join(_plain(cell.strip()) for cell in cells)
