"""RIS files, as reference managers and most databases export them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from foreland.data.records import tables, tagged
from foreland.data.records.plain import doi_of, plain, script_language, title_of
from foreland.data.records.reading import Reading, through
from foreland.data.records.record import Chunk, FieldName, Item, Record

NAME = "ris"
TITLE = ("Records in RIS", "RIS 文献记录")
LICENCE = ""
_YEAR = re.compile(r"\b(\d{4})\b")
_DAY = re.compile(r"(\d{4})[/-](\d{1,2})(?:[/-](\d{1,2}))?")
_PATENTS = frozenset({"PAT"})


def detect(path: Path, head: bytes) -> bool:
    """It begins with a record's type."""
    return re.search(rb"^\s*TY  ?- ?\w+", head[:20_000], re.MULTILINE) is not None


def chunks(path: Path, reading: Reading) -> Iterator[Chunk]:
    """Chunks of whole records."""
    return reading.chunks(reading.text(path), through(rb"^\s*ER  ?-[^\n]*\n"))


def parse(chunk: Chunk, fields: dict[str, FieldName]) -> Iterator[Item]:
    """The records of a chunk."""
    for line, entry in tagged.ris(chunk.payload.decode("utf-8", "replace"), chunk.line):
        title = title_of(tagged.first(entry, "TI", "T1", "CT", "BT"))
        when = tagged.first(entry, "PY", "Y1", "DA", "YR")
        found = _YEAR.search(when)
        day = _DAY.match(tagged.first(entry, "DA", "Y1", "PY"))
        places = [tables.address(item) for value in entry.get("AD", []) for item in value.split(";")]
        yield Record(
            line,
            title,
            int(found[1]) if found else None,
            doi=doi_of(tagged.first(entry, "DO", "DI", "M3", "UR", "L3")),
            kind="patent" if tagged.first(entry, "TY") in _PATENTS else "paper",
            date=iso(day) if day else "",
            language=language(tagged.first(entry, "LA"), title),
            text=plain(tagged.first(entry, "AB", "N2")),
            venue=plain(tagged.first(entry, "JO", "JF", "T2", "JA", "J2", "BT")),
            url=tagged.first(entry, "UR", "L2"),
            participants=tables.shared(places),
        )


def iso(found: re.Match[str]) -> str:
    """A date in ISO 8601, to the month or the day."""
    month, day = int(found[2]), int(found[3] or 0)
    if not 1 <= month <= 12:
        return found[1]
    return f"{found[1]}-{month:02d}" + (f"-{day:02d}" if 1 <= day <= 31 else "")


LANGUAGES = {"english": "en", "chinese": "zh", "german": "de", "french": "fr", "japanese": "ja", "spanish": "es",
             "russian": "ru", "korean": "ko", "portuguese": "pt", "italian": "it", "中文": "zh"}  # fmt: skip


def language(name: str, title: str) -> str:
    """The code of a language by name or code; where none is named, what the script of the title says."""
    name = name.strip().lower()
    first = re.split(r"[;,\s]", name)[0]
    return LANGUAGES.get(first) or (first if len(first) == 2 and first.isascii() else "") or script_language(title)
