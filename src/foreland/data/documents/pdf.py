"""PDF: text page by page, broken lines joined, what repeats from page to page marked.

Columns and vertical text are read in the order in which the file draws them.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from foreland.data.documents.extract import Content, Limits, Note, Refused
from foreland.data.documents.furniture import Mark
from foreland.data.documents.plain import clean

FEW = 8
"""A page with fewer letters and digits than this has no text; a scan may carry a stamp."""
EDGE = 3
"""Lines at the top and at the bottom of a page that may be header or footer."""
GARBLED = 0.3
_END = "。！？!?；;：:.…”’）)」』"
_OPEN = "，、,（(《“‘「『—"
_NEW = re.compile(
    r"第[一二三四五六七八九十百零\d]+[章节条篇部编]|[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十\d]{1,3}[)）]"
    r"|\d{1,2}[、．.](?!\d)|\d{1,2}(?:\.\d{1,2})+\s|[•●■◆▪◦·►□○★]|[-–—]{1,2}\s?(?=\S)|附[件录表]|专栏"
    r"|(?:Chapter|Section|Annex|Appendix|Table|Figure|Box) \d"
)
_PREFIXES = frozenset(
    re.findall(
        r"\w+",
        "high low well self non cross long short large small state world policy data market medium multi inter post pre"
        " end full half all early late fast slow open closed cost time decision energy carbon land water",
    )
)
"""First parts of compounds that keep their hyphen at the end of a line."""
_RADICALS = dict(
    zip(
        "⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻤⻥⻦⻨⻩⻬⻮⻰⻳",
        "母民虎西见角贝车长门青页风飞食马鬼鱼鸟麦黄齐齿龙龟",
        strict=True,
    )
)
_GLYPHS = str.maketrans(
    _RADICALS
    | {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), *range(0xFB00, 0xFB07))}
)
"""Characters that fonts put in place of others: radicals for the characters they look like, ligatures."""
_SPACED = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_NO_TITLE = re.compile(r"(?:untitled|无标题|未命名|powerpoint .*|幻灯片 ?\d*|\d+|.{0,3})(?:\.\w+)?", re.IGNORECASE)


def read_pdf(file: IO[bytes], limits: Limits) -> Content:
    """Text of a PDF.

    Raises
    ------
    Refused
        ``encrypted_pdf``, ``scanned_pdf``, ``garbled_pdf``, ``damaged_pdf``, ``too_many_pages``, ``too_long``,
        ``zip_bomb`` or ``no_text``.
    """
    import pypdf
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    try:
        reader = pypdf.PdfReader(file, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("encrypted_pdf")
        count = len(reader.pages)
        if count > limits.pages:
            raise Refused("too_many_pages", f"{count:,} > {limits.pages:,}")
        raw = _pages(reader, limits)
        title, date = _metadata(reader)
    except (Refused, MemoryError):
        raise
    except (DependencyError, FileNotDecryptedError) as error:
        raise Refused("encrypted_pdf", error) from error
    except LimitReachedError as error:
        raise Refused("zip_bomb", error) from error
    except Exception as error:  # a damaged file breaks pypdf in as many ways as there are bytes
        raise Refused("damaged_pdf", f"{type(error).__name__}: {error}") from error
    if not count:
        raise Refused("damaged_pdf", "0")
    if (odd := _share_of_odd("".join(raw))) > GARBLED:
        raise Refused("garbled_pdf", f"{odd:.0%}")
    bare = [at for at, page in enumerate(raw) if sum(map(str.isalnum, page)) < FEW]
    if len(bare) == count:
        raise Refused("scanned_pdf" if _images(reader) else "no_text", f"{count:,}")
    layout = _Layout([_lines(page) for page in raw])
    text, starts, marks = layout.text()
    notes = (Note("pages_without_text", f"{len(bare):,}/{count:,}"),) if bare else ()
    return Content(text, "pdf", title=title, date=date, pages=starts, marks=marks, notes=notes)


def _pages(reader: Any, limits: Limits) -> list[str]:
    """Text of each page as drawn; of a page that can't be read, none."""
    from pypdf.errors import LimitReachedError

    raw: list[str] = []
    size = 0
    problem: Exception | None = None
    for page in reader.pages:
        try:
            raw.append(page.extract_text() or "")
        except (LimitReachedError, MemoryError):
            raise
        except Exception as error:  # as above: one page must not cost the others
            problem = error
            raw.append("")
        size += len(raw[-1])
        if size > limits.characters:
            raise Refused("too_long", f"> {limits.characters:,}")
    if problem is not None and not any(raw):
        raise problem
    return raw


def _share_of_odd(text: str) -> float:
    """Characters of no meaning among all that are not blank."""
    counts = Counter(text)
    total = sum(number for character, number in counts.items() if not character.isspace())
    odd = sum(
        number
        for character, number in counts.items()
        if character == "\ufffd" or (unicodedata.category(character) in ("Co", "Cc", "Cn") and not character.isspace())
    )
    return odd / total if total else 0.0


def _images(reader: Any) -> bool:
    """Whether one of the first pages shows a picture."""
    with contextlib.suppress(Exception):
        for page in list(reader.pages)[:3]:
            objects = page["/Resources"]["/XObject"].get_object()
            if any(objects[name].get_object().get("/Subtype") == "/Image" for name in objects):
                return True
    return False


def _metadata(reader: Any) -> tuple[str | None, str | None]:
    title = date = None
    with contextlib.suppress(Exception):  # a title or date that can't be read is none
        found = " ".join(clean(reader.metadata.title or "").split()).removeprefix("Microsoft Word - ")
        title = found if found and not _NO_TITLE.fullmatch(found) else None
    with contextlib.suppress(Exception):
        moment = reader.metadata.creation_date or reader.metadata.modification_date
        date = moment.date().isoformat() if moment else None
    return title, date


def _lines(page: str) -> list[str]:
    lines = (" ".join(line.split()) for line in clean(page).translate(_GLYPHS).split("\n"))
    return [_closed(line) for line in lines if line]


def _closed(line: str) -> str:
    """A line without the blanks that a font left between its Chinese characters."""
    gaps = len(_SPACED.findall(line))
    return _SPACED.sub("", line) if gaps >= 3 and gaps * 3 > len(line) - gaps else line


def _wide(text: str) -> int:
    """Width of a text in half characters."""
    return len(text) + sum(character >= "\u2e80" for character in text)


class _Row(NamedTuple):
    page: int
    text: str
    rule: str


class _Layout:
    """Pages as lines, and how they become paragraphs."""

    def __init__(self, pages: list[list[str]]) -> None:
        self.pages = pages
        furniture = _repeated(pages)
        self.rows = [
            _Row(page, line, furniture.get((page, at), ""))
            for page, lines in enumerate(pages)
            for at, line in enumerate(lines)
        ]
        body = [row.text for row in self.rows if not row.rule]
        widths = sorted(width for width in map(_wide, body) if width >= 20)
        self.width = widths[int(0.9 * (len(widths) - 1))] if widths else 80
        self.words = {word.lower() for line in body for word in re.findall("[A-Za-z]+(?:-[A-Za-z]+)*", line)}

    def text(self) -> tuple[str, tuple[int, ...], tuple[Mark, ...]]:
        """The text, where each page starts in it, and the marks of headers and footers.

        These stand behind the paragraph that they interrupt.
        """
        pieces: list[str] = []
        marks: list[Mark] = []
        starts: dict[int, int] = {}
        waiting: list[_Row] = []
        size = 0
        last = ""

        def write(piece: str) -> None:
            nonlocal size
            pieces.append(piece)
            size += len(piece)

        def write_waiting() -> None:
            for row in waiting:
                if size:
                    write("\n")
                marks.append(Mark(size, size + len(row.text), "furniture", row.rule))
                write(row.text)
            waiting.clear()

        for row in self.rows:
            if row.rule:
                waiting.append(row)
                continue
            between = self._between(last, row.text) if last else None
            if between is None:
                write_waiting()
                between = "\n" if size else ""
            elif between == "-":
                pieces[-1] = pieces[-1][:-1]
                size -= 1
                between = ""
            write(between)
            starts.setdefault(row.page, size)
            write(row.text)
            last = row.text
        write_waiting()
        return "".join(pieces), tuple(_filled(starts, len(self.pages), size)), tuple(marks)

    def _between(self, above: str, below: str) -> str | None:
        """What stands between two lines of one paragraph, ``-`` for a hyphen to take out; None between two."""
        room = self.width - _wide(above)
        needed = 2 if below[0] >= "\u2e80" else _wide(below.split(" ", 1)[0]) + 1
        full = room < needed + max(4, 0.12 * self.width)
        if _NEW.match(below) and (not full or above[-1] in _END):
            return None
        if not full and above[-1] not in _OPEN and not self._goes_on(above, below):
            return None
        if above[-1] == "-" and above[-2:-1].isalpha() and below[0].islower():
            return "" if self._compound(above, below) else "-"
        return "" if above[-1] >= "\u2e80" or below[0] >= "\u2e80" else " "

    def _goes_on(self, above: str, below: str) -> bool:
        """Whether a line that has room left is continued all the same: ragged English."""
        return below[0].islower() and above[-1] not in _END and _wide(above) >= 0.5 * self.width

    def _compound(self, above: str, below: str) -> bool:
        """Whether a hyphen at the end of a line is the word's own."""
        found = re.search("([A-Za-z]+)-$", above)
        after = re.match("[A-Za-z]+", below)
        if not found or not after:
            return True
        first, second = found[1].lower(), after[0].lower()
        if f"{first}-{second}" in self.words:
            return True
        return first + second not in self.words and first in _PREFIXES


def _filled(starts: dict[int, int], count: int, size: int) -> Iterator[int]:
    """Where each page starts; a page without a line of its own, where the next one does."""
    at = [size] * count
    following = size
    for page in reversed(range(count)):
        following = starts.get(page, following)
        at[page] = following
    yield from at


def _repeated(pages: list[list[str]]) -> dict[tuple[int, int], str]:
    """Lines at the top and bottom that come back on at least three pages and on a third of them all."""
    found: dict[tuple[int, int], str] = {}
    filled = sum(1 for lines in pages if lines)
    if filled < 3:
        return found
    for rule, places in (("page_header", range(EDGE)), ("page_footer", range(-1, -EDGE - 1, -1))):
        seen: Counter[str] = Counter()
        for lines in pages:
            seen.update({_key(lines[at]) for at in places if -len(lines) <= at < len(lines)})
        for page, lines in enumerate(pages):
            for at in places:
                if not -len(lines) <= at < len(lines):
                    break
                key = _key(lines[at])
                if len(key) > 80 or seen[key] < 3 or seen[key] * 3 < filled:
                    break
                found[page, at % len(lines)] = "page_number" if not re.search(r"\w", key.replace("#", "")) else rule
    return found


def _key(line: str) -> str:
    """A line with every number alike."""
    return re.sub(r"\d+|\b[ivxl]{1,6}$", "#", "".join(line.split()))
