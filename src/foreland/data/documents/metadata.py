"""What a document is: its title, date, language, issuer and level, and how each of them was found.

What a person gave or corrected comes first, then what a table says, then what the file shows. Nothing is made up: what
is not found stays empty.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from foreland.data.documents import issuer
from foreland.data.documents.dates import Found, find_dates, first_of_span, read_date

FOUND_FROM = ("given", "corrected", "table", "filename", "folder", "title", "heading", "text", "metadata", "guessed")
"""How a fact was found; each has a name ``data.documents.from.<how>``."""

ISSUER_FROM = ("auto", "filename", "folder", "title", "text")
"""Where the issuer may be looked for; any other word is a column of a table."""

FACTS = ("title", "date", "language", "region_id", "level")
HEAD_LINES = 15
MAX_TITLE = 160

_TITLE_WORD = re.compile(
    r"(?:报告|規劃|报吿|報告|规划|纲要|意见|通知|方案|计划|计画|条例|办法|决定|措施|行动|战略|要点|公报|政策|白皮书|蓝皮书|清单|细则|"
    r"批复|建议|指南|路线图|蓝图|愿景|讲话|规定|法案|若干)(?:[（(].{1,20}[)）])?$|"
    r"\b(?:report|plan|strategy|act|policy|roadmap|vision|white paper|programme|program|agenda|initiative|guidelines?|"
    r"framework|bill|budget|outline|opinions|measures|action plan)\b",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint).*|untitled.*|document\d*|文档\d*|新建.*|无标题.*|首页|目录|contents|"
    r"附件\d*[:：]?|政策文件|正文|index|home|第?\s*\d+\s*页?|[\W\d_]+|.*\.(?:docx?|pdf|wps|indd|pptx?|html?|txt))$",
    re.IGNORECASE,
)
_SITE = re.compile(r"\s*[_|｜]\s*.*$|\s+[-–—]\s+[^-–—]*$|-[^-]*(?:网|政府|门户)[^-]*$")
_WHOLE = re.compile(r"(?:19|20)\d\d年|政府工作报告|.*关于|REPORT ON|Report on")
_DELIVERED = re.compile(r"会议|大会上|delivered|session|congress", re.IGNORECASE)
_MADE = re.compile(r"成文|发文|印发|签发|发布|公布|issued|published|date", re.IGNORECASE)


@dataclass(frozen=True)
class Facts:
    """The facts of one document, each with how it was found; None and empty where it was not."""

    title: str | None = None
    title_from: str | None = None
    date: str | None = None
    date_from: str | None = None
    language: str | None = None
    language_from: str | None = None
    region_id: str | None = None
    region_from: str | None = None
    level: str | None = None
    level_from: str | None = None

    @property
    def year(self) -> int | None:
        """The year of the date."""
        return int(self.date[:4]) if self.date else None

    def but(self, how: str, **facts: str | None) -> Facts:
        """A copy with some facts replaced, all of them found in one way; empty ones are left as they are."""
        changes = {name: value for name, value in facts.items() if value and name in FACTS}
        return replace(self, **changes, **{how_of(name): how for name in changes})


def how_of(fact: str) -> str:
    """The column that says how a fact was found."""
    return f"{fact.removesuffix('_id')}_from"


@dataclass(frozen=True)
class Shown:
    """What a document shows of itself.

    Attributes
    ----------
    text
        Its text, blanks in place of what was marked as furniture, contents or glossary.
    stem, folder
        Name of the file without its ending, and of the folder it lies in; empty for a row of a table.
    title, date
        What the file's own metadata say.
    whole
        The text with all that was marked: a date of publication is furniture and says a date all the same.
    """

    text: str
    stem: str = ""
    folder: str = ""
    title: str = ""
    date: str = ""
    whole: str = ""


def find_facts(
    shown: Shown,
    *,
    given: Mapping[str, str] | None = None,
    table: Mapping[str, str] | None = None,
    corrected: Mapping[str, str] | None = None,
    issuer_from: str = "auto",
) -> Facts:
    """The facts of a document.

    Parameters
    ----------
    shown
        What it shows of itself.
    given, table, corrected
        What a person said of the whole load, what the table says of the row, and what a person corrected: facts by
        name (:data:`FACTS`), ``region_id`` as an id.
    issuer_from
        Where to look for the issuer, one of :data:`ISSUER_FROM`; a column was read before and leaves nothing to look
        for.
    """
    lines = [line.strip() for line in shown.text[:6_000].splitlines()]
    head = [line for line in lines if line][:HEAD_LINES]
    title, title_from = _title(shown, head)
    facts = Facts(title, title_from)
    date = _date(shown, title, title_from)
    if date:
        facts = replace(facts, date=date[0], date_from=date[1])
    language, how = _language(shown.text)
    facts = replace(facts, language=language, language_from=how)
    found = _issuer(shown, title, head, issuer_from)
    if found:
        place, where = found
        facts = replace(
            facts,
            region_id=place.region_id,
            region_from=where if place.region_id else None,
            level=place.level,
            level_from=where,
        )
    for how, said in (("table", table), ("given", given), ("corrected", corrected)):
        said = {name: value for name, value in (said or {}).items() if value and name in FACTS}
        if how != "corrected" and facts.date and "date" in said and facts.date.startswith(said["date"]):
            said.pop("date")  # who says the year does not take the day from a document that says it
        if "region_id" in said and "level" not in said:
            said["level"] = issuer.level_of(said["region_id"])
        facts = facts.but(how, **said)
    return facts


# Title ------------------------------------------------------------------------------------------


def _title(shown: Shown, head: Sequence[str]) -> tuple[str | None, str | None]:
    own = _clean(_SITE.sub("", shown.title) if len(_SITE.sub("", shown.title)) >= 6 else shown.title)
    folded = _folded("".join(head))
    heading = _heading(head)
    if _sensible(own) and (not heading or _folded(own) in folded):
        return own, "metadata"
    if heading:
        return heading, "heading"
    if _sensible(own):
        return own, "metadata"
    stem = _clean(re.sub(r"[_\s]+", " ", shown.stem))
    return (stem, "filename") if re.search(r"[^\W\d_]", stem) else (None, None)


def _heading(head: Sequence[str]) -> str | None:
    """The title among the first lines: a line, or up to three lines that belong together, that end as titles do."""
    for at, line in enumerate(head):
        marked = re.match(r"#{1,2}\s+(\S.*)", line)
        if marked:
            return _clean(marked[1])
        if not _may_be_title(line):
            continue
        for count in (1, 2, 3):
            parts = head[at : at + count]
            if len(parts) < count or not all(map(_may_be_title, parts)):
                break
            whole = _joined(parts)
            # What stands in front of a whole title is a path through a site.
            if len(whole) > MAX_TITLE or (count > 1 and _WHOLE.match(parts[-1])):
                break
            # 「关于印发」 breaks off a title that goes on in the next line.
            following = head[at + count] if at + count < len(head) else ""
            goes_on = re.search(r"(?:关于|印发|发布|《[^》]*|的|和|、)$", whole) or (
                re.search(r"(?:印发|发布|转发|批转)", whole)
                and not re.search(r"(?:通知|决定|公告)$", whole)
                and following.endswith(("通知", "决定", "公告"))
            )
            if _TITLE_WORD.search(whole) and not goes_on:
                return _clean(whole)
    return None


def _may_be_title(line: str) -> bool:
    return (
        2 <= len(line) <= (MAX_TITLE if line.isascii() else 90)
        and not re.search(r"[。；;！!？?，：:]$|https?://|^[（(【\[—―–>·]|^各|^现将|^来源|摄$", line)
        and not re.fullmatch(r"[\W\d]*", line)
        and not _NO_TITLE.match(line)
        and not re.match(r"[一二三四五六七八九十]+、|第[一二三四五六七八九十\d]+[章节条]|\d+[.、]\s*\S", line)
    )


def _joined(parts: Sequence[str]) -> str:
    text = parts[0]
    for part in parts[1:]:
        text += part if re.search(r"[一-鿿》”]$", text) or re.match(r"[一-鿿《“]", part) else f" {part}"
    return text


def _sensible(title: str) -> bool:
    return 4 <= len(title) <= MAX_TITLE and not _NO_TITLE.match(title) and "�" not in title


def _clean(text: str) -> str:
    text = re.sub(r"[\x00-\x1f\x7f\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2069]", " ", text)
    text = re.sub(r"(?<=[一-鿿])[ 　]+(?=[一-鿿])", "", text)
    return re.sub(r"\s+", " ", text).strip(" 　#*>·-—_")[:MAX_TITLE]


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


# Date -------------------------------------------------------------------------------------------


def _date(shown: Shown, title: str | None, title_from: str | None) -> tuple[str, str] | None:
    """The date, by what tells it best; a year alone is made a day where a later witness has one in that year."""
    witnesses = [(found, "filename") for found in find_dates(shown.stem, packed=True, years=True)]
    witnesses += [(found, title_from or "title") for found in find_dates(title or "", years=_year_counts(title or ""))]
    whole = shown.whole or shown.text
    head = [line.strip() for line in whole[:6_000].splitlines() if line.strip()][: 2 * HEAD_LINES]
    witnesses += [(found, "heading") for found in _head_dates(head)]
    witnesses += [(found, "text") for found in _issuing_lines(whole)]
    own = read_date(shown.date) if shown.date else None
    sound = [(found.date, how) for found, how in witnesses if not found.aim]
    if own:
        sound.append((own, "metadata"))
    if not sound:
        # 「规划（2021—2025年）」 was most likely made when it begins.
        begins = first_of_span(title or "") or first_of_span(shown.stem)
        return (str(begins), "guessed") if begins and begins <= datetime.date.today().year else None
    best, how = sound[0]
    for date, where in sound[1:]:
        # The day of a file's own date says when the file was made, not the document.
        if len(date) > len(best) and date.startswith(best) and where != "metadata":
            best, how = date, where
    return best, how


def _year_counts(title: str) -> bool:
    """Whether a bare year in an English title is when it was written: "Vision 2030" and "Made 2025" are aims."""
    return bool(re.match(r"(?:19|20)\d\d\b", title) or re.search(r"\b(?:report|budget|yearbook|review)\b", title, re.I))


def _head_dates(head: Sequence[str]) -> list[Found]:
    """Dates of the first lines, the most telling first: when it was delivered, then when made or published."""
    dated = [
        (line, found)
        for line in head
        if len(line) <= 250
        for found in find_dates(line)
        if len(found.date) >= 7 or len(line) <= 8
    ]

    def rank(item: tuple[str, Found]) -> int:
        line, found = item
        if _DELIVERED.search(line):
            return 0
        around = len(line) - (found.end - found.start)
        return 1 if _MADE.search(line) and around <= 60 else 2 if around <= 12 else 3

    # A date inside a sentence of the first lines tells of something else.
    return [found for line, found in sorted(dated, key=rank) if rank((line, found)) < 3]


def _issuing_lines(text: str) -> list[Found]:
    """Dates that stand alone on a line, as where a document is signed; the first below the head, then the rest."""
    found = []
    for match in re.finditer(r"^[ \t　（(]*([^\n]{6,24}?)(?:印发|发布|[)） \t　])*$", text, re.MULTILINE):
        line = match[1].strip()
        dates = [date for date in find_dates(line) if date.whole]
        if len(dates) == 1 and len(line) - (dates[0].end - dates[0].start) <= 1:
            found.append(dates[0])
    return found


# Language and issuer ----------------------------------------------------------------------------


def _language(text: str) -> tuple[str | None, str | None]:
    from foreland.data.documents.script import language

    found, _ = language(text)
    return (found, "text") if found else (None, None)


def _issuer(shown: Shown, title: str | None, head: Sequence[str], where: str) -> tuple[issuer.Issuer, str] | None:
    from foreland.data.documents.script import to_simplified

    text = shown.text
    # What stands between the head and the signature speaks of others.
    ends = text if len(text) <= 2 * issuer.HEAD else f"{text[: issuer.HEAD]}\n{text[-issuer.TAIL :]}"
    looks: dict[str, Any] = {
        "filename": lambda: issuer.in_name(to_simplified(shown.stem)) if shown.stem else None,
        "title": lambda: issuer.in_title(to_simplified(title)) if title else None,
        "text": lambda: issuer.in_text(to_simplified(ends)),
        "folder": lambda: issuer.in_name(to_simplified(shown.folder)) if shown.folder else None,
    }
    names = ("filename", "title", "text", "folder") if where == "auto" else (where,)
    level: tuple[issuer.Issuer, str] | None = None
    for name in names:
        found = looks[name]() if name in looks else None
        if found is not None and found.region_id:
            # A county that the gazetteer has no place for, below the place that something else names.
            if level and level[0].level == "county" and found.level in ("province", "city"):
                found = found._replace(level="county")
            return found, name
        if found is not None and level is None:
            level = found, name
    return level
