"""BibTeX files, as far as a bibliography needs: entries, strings, values in braces or quotes, joined by ``#``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from foreland.data.records import tables
from foreland.data.records.plain import doi_of, plain, script_language, title_of
from foreland.data.records.reading import Reading, before
from foreland.data.records.record import Bad, Chunk, FieldName, Item, Record

NAME = "bibtex"
TITLE = ("Records in BibTeX", "BibTeX 文献记录")
LICENCE = ""
_ENTRY = re.compile(r"^[ \t]*@(\w+)\s*[{(]", re.MULTILINE)
_NAME = re.compile(r"\s*([A-Za-z][\w:.+/-]*)\s*=\s*")
_BARE = re.compile(r"[^\s,#})]+")
_YEAR = re.compile(r"\b(\d{4})\b")
MONTHS = {name: f"{number:02d}" for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
NO_RECORDS = frozenset({"comment", "preamble", "string"})


def detect(path: Path, head: bytes) -> bool:
    """An entry stands in it."""
    known = rb"(article|inproceedings|conference|book|incollection|misc|phdthesis|techreport|proceedings|online|patent)"
    return re.search(rb"^\s*@" + known + rb"\s*\{[^\n]*,", head, re.MULTILINE | re.IGNORECASE) is not None


def chunks(path: Path, reading: Reading) -> Iterator[Chunk]:
    """Chunks of whole entries; each carries the strings of the first."""
    strings: dict[str, str] = {}
    for chunk in reading.chunks(reading.text(path), before(rb"^[ \t]*@\w+\s*[{(]")):
        if chunk.line == 1:
            strings = _strings(chunk.payload.decode("utf-8-sig", "replace"))
        yield chunk._replace(extra={**chunk.extra, "strings": strings})


def parse(chunk: Chunk, fields: dict[str, FieldName]) -> Iterator[Item]:
    """The records of a chunk."""
    text = chunk.payload.decode("utf-8-sig" if chunk.line == 1 else "utf-8", "replace")
    at, line = 0, chunk.line
    for start, kind, key, values in entries(text, chunk.extra.get("strings", {})):
        line += text.count("\n", at, start)
        at = start
        if values is None:
            yield Bad(line, "", key[:80], "record_shape")
        else:
            yield _record(line, kind, values)


def entries(text: str, strings: dict[str, str]) -> Iterator[tuple[int, str, str, dict[str, str] | None]]:
    """Place, type, key and values of each entry; values are None where it does not end before the next begins."""
    found = list(_ENTRY.finditer(text))
    for number, mark in enumerate(found):
        kind = mark[1].lower()
        if kind in NO_RECORDS:
            continue
        limit = found[number + 1].start() if number + 1 < len(found) else len(text)
        comma = text.find(",", mark.end(), limit)
        if comma < 0:
            yield mark.start(), kind, text[mark.end() : limit].strip(" \n})"), None
            continue
        values = _values(text, comma + 1, limit, strings)
        yield mark.start(), kind, text[mark.end() : comma].strip(), values


def _values(text: str, at: int, limit: int, strings: dict[str, str]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    while True:
        found = _NAME.match(text, at, limit)
        if found is None:
            rest = text[at:limit].lstrip()
            return values if rest[:1] in ("}", ")") else None
        pieces, at = [], found.end()
        while True:
            piece, at = _piece(text, at, limit, strings)
            if piece is None:
                return None
            pieces.append(piece)
            at = _skip(text, at, limit)
            if text[at : at + 1] != "#":
                break
            at = _skip(text, at + 1, limit)
        values.setdefault(found[1].lower(), "".join(pieces))
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1, limit)


def _piece(text: str, at: int, limit: int, strings: dict[str, str]) -> tuple[str | None, int]:
    opening = text[at : at + 1]
    if opening not in ("{", '"'):
        bare = _BARE.match(text, at, limit)
        return (strings.get(bare[0].lower(), bare[0]), bare.end()) if bare else (None, at)
    depth, start, at = 0, at + 1, at + 1
    while at < limit:
        character = text[at]
        if character == "\\":
            at += 1
        elif character == "{":
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        elif (character == "}" and opening == "{") or (character == '"' and opening == '"' and not depth):
            return text[start:at], at + 1
        at += 1
    return None, at


def _skip(text: str, at: int, limit: int) -> int:
    while at < limit and text[at].isspace():
        at += 1
    return at


def _strings(text: str) -> dict[str, str]:
    found = dict(MONTHS)
    for mark in re.finditer(r"@string\s*[{(]", text, re.IGNORECASE):
        values = _values(text, mark.end(), len(text), found)
        found |= values or {}
    return found


def _record(line: int, kind: str, values: dict[str, str]) -> Record:
    title = title_of(values.get("title", ""))
    year = _YEAR.search(values.get("year", "") or values.get("date", ""))
    month = values.get("month", "").strip().lower()[:3]
    month = MONTHS.get(month, month if month in MONTHS.values() else "")
    date = values.get("date", "").strip()
    eprint = values.get("eprint", "").strip()
    of_arxiv = "arxiv" in (values.get("archiveprefix", "") + values.get("eprinttype", "")).lower() and eprint
    places = [tables.address(part) for part in re.split(r";|\n|\\and\b", values.get("affiliation", ""))]
    return Record(
        line,
        title,
        int(year[1]) if year else None,
        native=f"arxiv:{re.sub(r'v[0-9]+$', '', eprint)}" if of_arxiv else "",
        doi=doi_of(values.get("doi", "") or values.get("url", "")),
        kind="patent" if kind == "patent" else "paper",
        date=date if re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", date) else f"{year[1]}-{month}" if year and month else "",
        language=script_language(title),
        text=plain(values.get("abstract", "")),
        venue=plain(values.get("journal", "") or values.get("booktitle", "") or values.get("journaltitle", "")),
        url=values.get("url", "").strip(),
        citations=tables.integer(values.get("citations") or values.get("cited-by") or values.get("times-cited")),
        participants=tables.shared(places),
    )
