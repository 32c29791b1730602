"""What a pack must hold to be written, and what the report says of words and gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import readings
import work_reports
from figures import TOTAL, Figures, by_place, indicator_texts
from institutions import PROVINCES
from projects import tagger
from work_reports import NATIONAL, PER, PROVINCIAL

from foreland.data.documents.passages import count_characters
from foreland.data.taxonomy.fields import fields
from foreland.data.taxonomy.regions import regions

#: Sources counted or read here, not taken from a yearbook.
COUNTED = ("most-state-key-labs", "most-key-projects", PROVINCIAL, NATIONAL)
#: Provincial reports of 2026 that hold a word anywhere on the page, by plain match.
WORDS = {
    "量子": 14, "未来产业": 30, "人工智能": 31, "氢能": 16, "低空经济": 22, "具身智能": 19,
    "脑机接口": 16, "生物制造": 24, "商业航天": 11, "深海": 8, "6G": 4, "核聚变": 3,
}  # fmt: skip


def problems(figures: Figures) -> list[str]:
    """What keeps a source from being written; empty if nothing."""
    found = []
    rows = figures.observations.values()
    documents, passages = (figures.tables.get(table, []) for table in ("document", "passage"))
    places, known, what = regions(), fields(), indicator_texts()
    named = {row.region_id for row in rows} | {row["region_id"] for row in documents}
    for name, unknown in (
        ("region", named - set(places)),
        (
            "field",
            ({row.field_id for row in rows} | {row["field_id"] for row in passages})
            - {None, *known, *(row["field_id"] for row in figures.tables.get("field", []))},
        ),
        ("indicator", {row.indicator_id for row in rows} - set(what)),
        ("document", {row["document_id"] for row in passages} - {row["document_id"] for row in documents}),
        ("kind", {row["kind"] for row in passages} - set(readings.KINDS)),
    ):
        if unknown:
            found.append(f"{figures.source_id}: unknown {name} {sorted(unknown)}")
    counted = ("count", "person_year", "share")
    ends = {row[end] for row in figures.tables.get("link", []) for end in ("from_id", "to_id")}
    if unknown := ends - {row["field_id"] for row in figures.tables.get("field", [])}:
        found.append(f"{figures.source_id}: links of unknown fields {sorted(unknown)}")
    negative = [row for row in rows if (row.value or 0) < 0 and what[row.indicator_id]["unit"] in counted]
    if negative:
        found.append(f"{figures.source_id}: below zero: {negative[0]}")
    of_china = {place for place in named if place.startswith("CN-")}
    if of_china and of_china != set(PROVINCES.values()):
        found.append(f"{figures.source_id}: not the 31 provinces: {sorted(set(PROVINCES.values()) ^ of_china)}")
    if foreign := sorted(set(readings.foreign(passages))):
        found.append(f"{figures.source_id}: not in words of our own: {foreign[:20]}")
    if any(row["text"] is not None for row in documents):
        found.append(f"{figures.source_id}: holds a text")
    return found


def report_words(sources: list[Figures], data: Path) -> Iterator[str]:
    """Lines on the words of :data:`WORDS`: in how many reports a plain match finds each, on the whole page and in what
    the loader reads of it, and in how many the reader finds its field; with the words that make more of it.
    """
    read = next(source for source in sources if source.source_id == PROVINCIAL)
    spoken: dict[str, dict[str, set[str]]] = {}
    for row in read.tables["passage"]:
        if row["kind"] == "field":
            spoken.setdefault(row["field_id"], {}).setdefault(row["method"], set()).add(row["document_id"])
    reports = work_reports.read(data)
    for word, expected in WORDS.items():
        pages = sum(word in report.page for report in reports)
        bodies = sum(word in report.body for report in reports)
        note = "" if pages == expected else f"  DIFFERS from {expected}"
        (field,) = tagger().count(word)
        terms = spoken[field]
        own: set[str] = set().union(*(places for term, places in terms.items() if word in term))
        every = set().union(*terms.values())
        others = sorted((t for t in terms if word not in t), key=lambda t: (-len(terms[t] - own), t))
        more = ", ".join(f"{term} +{len(terms[term] - own)}" for term in others[:5] if terms[term] - own)
        yield (
            f"reports with {word}: {pages} pages, {bodies} as read{note}; read in words with {word}: {len(own)}; "
            f"{field}: {len(every)}{f' ({more})' if more else ''}"
        )


def report_readings(sources: list[Figures]) -> Iterator[str]:
    """Lines on what was read: passages by kind, and how many have a measure, a year and a doubt."""
    for source in sources:
        if passages := source.tables.get("passage"):
            kinds = Counter(row["kind"] for row in passages)
            told = ", ".join(f"{kinds[kind]:,} {kind}" for kind in readings.KINDS if kinds[kind])
            yield f"{source.source_id}: {len(source.tables['document'])} documents; {told}"
            quantities = [row for row in passages if row["kind"] == "quantity"]
            if quantities:
                held = {name: sum(row[name] is not None for row in quantities) for name in ("measure", "year", "doubt")}
                told = ", ".join(f"{name} {number:,}" for name, number in held.items())
                targets = sum(row["status"] == "target" for row in quantities)
                yield f"  of {len(quantities):,} quantities: {targets:,} targets; {told}"


def plain_density(data: Path, word: str) -> dict[str, float]:
    """Province → occurrences of a word per 10,000 characters of what is read of a report, by plain match."""
    found = {r.region_id: r.body.count(word) / count_characters(r.body) for r in work_reports.read(data)}
    return {place: PER * share for place, share in found.items()}


def mentions(source: Figures) -> dict[str, tuple[Counter[str], int]]:
    """Place → mentions by field, and characters, of a source with one document a place."""
    documents = {row["document_id"]: row for row in source.tables["document"]}
    found: dict[str, Counter[str]] = {row["region_id"]: Counter() for row in documents.values()}
    for row in source.tables["passage"]:
        if row["kind"] == "field":
            found[documents[row["document_id"]]["region_id"]][row["field_id"]] += 1
    return {row["region_id"]: (found[row["region_id"]], row["characters"]) for row in documents.values()}


def report_gap(sources: list[Figures], data: Path, field_id: str = "iotf:quantum", word: str = "量子") -> Iterator[str]:
    """Lines on the places that speak of a field, and the projects and laboratories they have in it.

    Joined crudely, by the plain word, the report names the loudest places and how many projects they lead.
    """
    every = {s.source_id: s for s in sources}
    spoken = mentions(every[PROVINCIAL])
    projects = by_place(every["most-key-projects"], "key_projects")
    labs = by_place(every["most-state-key-labs"], "state_key_labs")
    held = {
        place: sum(value for (field, _), value in projects[place].items() if field == field_id)
        for place in PROVINCES.values()
    }
    yield f"{field_id}: mentions, per 10,000 characters, projects, laboratories"
    for place in sorted(spoken, key=lambda place: (-spoken[place][0][field_id], place)):
        (found, size), lab = spoken[place], labs[place][field_id, "2020"]
        if count := found[field_id]:
            yield f"  {place}: {count}, {PER * count / size:.2f}, {held[place]:.0f}, {lab:.0f}"
    crude = sorted(plain_density(data, word).items(), key=lambda item: (-item[1], item[0]))[:4]
    told = ", ".join(f"{place} {per:.2f} ({held[place]:.0f} projects)" for place, per in crude)
    yield f"crude join, {word} per 10,000 characters: {told}"
    total = sum(value for (field, _), value in projects["CN"].items() if field == TOTAL)
    classified = sum(by_place(every["most-key-projects"], "key_projects_classified")["CN"].values())
    yield f"projects in at least one field: {classified:.0f} of {total:.0f}"
