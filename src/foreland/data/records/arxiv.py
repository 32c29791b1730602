"""arXiv metadata: JSON lines as the archive gives them out (id, categories, versions), plain or gzip.

The year is that of the first version: an arXiv paper is new when it is posted. arXiv tells neither affiliations nor
citations, so its papers count for the world alone.
"""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from foreland.data.records import jsonl
from foreland.data.records.plain import doi_of, plain, title_of
from foreland.data.records.reading import Reading
from foreland.data.records.record import Bad, Chunk, FieldName, Item, Left, Record, Unit

NAME = "arxiv"
TITLE = ("arXiv metadata", "arXiv 元数据")
LICENCE = "CC0 1.0"
_ID = re.compile(r"(?:arxiv:)?((?:[a-z-]+(?:\.[A-Z]{2})?/)?(\d{2})(\d{2})\.?\d{3,5})(?:v\d+)?$", re.IGNORECASE)


class _Version(msgspec.Struct):
    created: str | None = None


class _Paper(msgspec.Struct):
    id: str | None = None
    title: str | None = None
    abstract: str | None = None
    categories: str | list[str] | None = None
    doi: str | None = None
    journal_ref: str | None = msgspec.field(name="journal-ref", default=None)
    versions: list[_Version] | None = None
    update_date: str | None = None


_decode = msgspec.json.Decoder(_Paper).decode


def detect(path: Path, head: bytes) -> bool:
    """What only arXiv says of a paper."""
    return head.lstrip()[:1] in (b"{", b"[") and b'"categories"' in head and (
        b'"authors_parsed"' in head or b'"submitter"' in head or (b'"update_date"' in head and b'"abstract"' in head)
    )  # fmt: skip


def chunks(path: Path, reading: Reading) -> Iterator[Chunk]:
    """Chunks of lines."""
    return jsonl.chunks(path, reading, "papers")


def parse(chunk: Chunk, fields: dict[str, FieldName]) -> Iterator[Item]:
    """The records of a chunk."""
    for line, raw in jsonl.objects(chunk, "papers"):
        try:
            paper = _decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
            yield jsonl.bad(line, raw, error)
            continue
        yield _record(paper, line, fields)


def _record(paper: _Paper, line: int, fields: dict[str, FieldName]) -> Item:
    found = _ID.match((paper.id or "").strip())
    if not found:
        return Bad(line, "id", paper.id or "", "no_record_id")
    text = plain(paper.abstract or "")
    if text.lower().startswith("this paper has been withdrawn"):
        return Left(line, "retracted")
    date = _posted(paper) or ""
    record = Record(
        line,
        title_of(paper.title or ""),
        int(date[:4]) if date else _year(found[2]),
        native=f"arxiv:{found[1]}",
        doi=doi_of(paper.doi) if paper.doi else "",
        date=date,
        text=text,
        venue=plain(paper.journal_ref or "") or "arXiv",
        url=f"https://arxiv.org/abs/{found[1]}",
    )
    named = paper.categories.split() if isinstance(paper.categories, str) else paper.categories or []
    for place, code in enumerate(dict.fromkeys(named)):
        field_id, above = f"arxiv:{code}", f"arxiv_archive:{code.split('.')[0]}"
        if field_id not in fields:
            fields[field_id] = FieldName(field_id, code, "", above)
            fields.setdefault(above, FieldName(above, code.split(".")[0]))
        # The first category is the one its authors chose; a paper counts there, and is linked to all.
        record.units.append(Unit(field_id, None, place == 0))
    return record


def _posted(paper: _Paper) -> str | None:
    """Day of the first version, in ISO 8601."""
    if not paper.versions or not paper.versions[0].created:
        return None
    found = email.utils.parsedate(paper.versions[0].created)
    if found is None:
        return paper.versions[0].created[:10] if re.match(r"\d{4}-\d{2}-\d{2}", paper.versions[0].created) else None
    return f"{found[0]:04d}-{found[1]:02d}-{found[2]:02d}"


def _year(digits: str) -> int:
    """The year of an id: arXiv began in 1991."""
    return int(digits) + (1900 if int(digits) > 90 else 2000)
