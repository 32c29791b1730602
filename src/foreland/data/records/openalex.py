"""OpenAlex works: JSON lines as the snapshot has them, plain or gzip, or pages as the API gives them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec

from foreland.data.records import jsonl
from foreland.data.records.plain import doi_of, plain, script_language, title_of
from foreland.data.records.reading import Reading
from foreland.data.records.record import Bad, Chunk, FieldName, Item, Left, Participant, Record, Unit
from foreland.data.taxonomy import regions

NAME = "openalex"
TITLE = ("OpenAlex works", "OpenAlex 论文")
LICENCE = "CC0 1.0"
LEFT_OUT = frozenset(
    {"paratext", "erratum", "retraction", "peer-review", "supplementary-materials", "grant", "dataset", "software",
     "libguides"}
)  # fmt: skip
"""Types that are no works of research of their own."""
KINDS = {"education": "university", "company": "firm", "government": "government", "facility": "institute",
         "funder": "finance"}  # fmt: skip
MOST_WORDS = 200_000

Loose = str | int | None
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""A count or a place in a text: neither is negative, and none fills a table's widest number."""


class _Named(msgspec.Struct):
    id: Loose = None
    display_name: str | None = None


class _Institution(msgspec.Struct):
    id: str | None = None
    display_name: str | None = None
    ror: str | None = None
    country_code: str | None = None
    type: str | None = None


class _Authorship(msgspec.Struct):
    institutions: list[_Institution] | None = None
    countries: list[str | None] | None = None


class _Topic(msgspec.Struct):
    id: Loose = None
    display_name: str | None = None
    score: float | None = None
    subfield: _Named | None = None
    field: _Named | None = None


class _Location(msgspec.Struct):
    source: _Named | None = None


class _Work(msgspec.Struct):
    id: str | None = None
    doi: str | None = None
    title: str | None = None
    display_name: str | None = None
    publication_year: int | None = None
    publication_date: str | None = None
    language: str | None = None
    type: str | None = None
    authorships: list[_Authorship] | None = None
    topics: list[_Topic] | None = None
    primary_topic: _Topic | None = None
    referenced_works: list[str] | None = None
    cited_by_count: Count | None = None
    abstract_inverted_index: dict[str, list[Count]] | None = None
    primary_location: _Location | None = None
    is_paratext: bool | None = None
    is_retracted: bool | None = None


FIELDS = tuple(name for name in _Work.__struct_fields__ if name != "title")
"""What is read of a work. Its title stands twice; the display name is the one that is taken."""

_decode = msgspec.json.Decoder(_Work, strict=False).decode


def detect(path: Path, head: bytes) -> bool:
    """Works name themselves and what they cite."""
    return b"openalex.org/W" in head and (b'"authorships"' in head or b'"referenced_works"' in head)


def chunks(path: Path, reading: Reading) -> Iterator[Chunk]:
    """Chunks of lines of one file, or of all files of a snapshot's folder."""
    return jsonl.chunks(path, reading, "results")


def parse(chunk: Chunk, fields: dict[str, FieldName]) -> Iterator[Item]:
    """The records of a chunk; fields that they name are put into `fields`."""
    for line, raw in jsonl.objects(chunk, "results"):
        try:
            work = _decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
            yield jsonl.bad(line, raw, error)
            continue
        yield _record(work, line, fields)


def _record(work: _Work, line: int, fields: dict[str, FieldName]) -> Item:
    if work.is_retracted:
        return Left(line, "retracted")
    if work.is_paratext or work.type in LEFT_OUT:
        return Left(line, "no_work")
    native = _id(work.id)
    if not native:
        return Bad(line, "id", str(work.id or ""), "no_record_id")
    title = title_of(work.display_name or work.title or "")
    record = Record(
        line,
        title,
        work.publication_year,
        native=f"openalex:{native}",
        doi=doi_of(work.doi) if work.doi else "",
        date=work.publication_date or "",
        language=work.language or script_language(title),
        text=_abstract(work.abstract_inverted_index),
        url=f"https://openalex.org/{native}",
        citations=work.cited_by_count,
    )
    if work.primary_location and work.primary_location.source:
        record.venue = work.primary_location.source.display_name or ""
    if work.authorships:
        record.participants = _participants(work.authorships)
    if work.referenced_works:
        record.references = ["openalex:" + item.rpartition("/")[2] for item in work.referenced_works]
    _classify(record, work, fields)
    return record


def _id(address: Loose) -> str:
    return str(address or "").rpartition("/")[2]


def _abstract(index: dict[str, list[int]] | None) -> str:
    """The abstract: OpenAlex gives each of its words with the places it stands in."""
    if not index:
        return ""
    # Most abstracts have a word in every place; where some are left out, the last place tells the size.
    try:
        words = _spread(index, sum(map(len, index.values())))
    except IndexError:
        size = max(max(places, default=0) for places in index.values()) + 1
        if size > MOST_WORDS:
            return ""
        words = _spread(index, size)
    return plain(" ".join(words))


def _spread(index: dict[str, list[int]], size: int) -> list[str]:
    """Words in their places; IndexError if there are more places."""
    words = [""] * min(size, MOST_WORDS)
    for word, places in index.items():
        for place in places:
            words[place] = word
    return words


def _participants(authorships: list[_Authorship]) -> list[Participant]:
    """Organisations with their part of the credit: an author has 1/n, an organisation its part of each author's."""
    one = 1 / len(authorships)
    shares: dict[str, float] = {}
    known: dict[str, tuple[str, str, str | None]] = {}
    for author in authorships:
        found: dict[str, tuple[str, str, str | None]] = {}
        for item in author.institutions or ():
            key = f"ror:{_id(item.ror)}" if item.ror else f"openalex:{_id(item.id)}" if item.id else ""
            if key:
                found[key] = (item.display_name or key, KINDS.get(item.type or "", "other"), place(item.country_code))
        if not found:
            for region in filter(None, map(place, author.countries or ())):
                found[f"unknown:{region}"] = ("", "other", region)
        for key, about in found.items():
            shares[key] = shares.get(key, 0.0) + one / len(found)
            known[key] = about
    return [Participant(key, *known[key], min(share, 1.0)) for key, share in shares.items()]


@cache
def place(code: str | None) -> str | None:
    """The place of a country code."""
    code = (code or "").upper()
    return code if code in regions.regions() and len(code) == 2 else None


def _classify(record: Record, work: _Work, fields: dict[str, FieldName]) -> None:
    primary = work.primary_topic or (work.topics[0] if work.topics else None)
    for topic in work.topics or ([primary] if primary else []):
        if topic.id:
            name = _topic(topic, fields)
            counted = primary is not None and topic.id == primary.id
            record.units.append(Unit(name, topic.score, counted))
            if counted:
                more = (fields[name].parent_id, f"openalex_field:{_id(topic.field.id)}" if topic.field else None)
                record.units += [Unit(item, None, True, False) for item in more if item]


def _topic(topic: _Topic, fields: dict[str, FieldName]) -> str:
    name = f"openalex_topic:{_id(topic.id)}"
    if name not in fields:
        parent = None
        if topic.subfield and topic.subfield.id:
            parent = f"openalex_subfield:{_id(topic.subfield.id)}"
            above = f"openalex_field:{_id(topic.field.id)}" if topic.field and topic.field.id else None
            fields.setdefault(parent, FieldName(parent, topic.subfield.display_name or parent, "", above))
        fields[name] = FieldName(name, topic.display_name or name, "", parent)
    return name
