"""What a pack must hold to be written, and what the report says of words and gaps."""

from __future__ import annotations

from pathlib import Path

import work_reports
from figures import TOTAL, Figures, by_place, indicator_texts
from institutions import PROVINCES

from foreland.data.taxonomy.fields import fields
from foreland.data.taxonomy.regions import regions

#: Sources counted here, not read from a yearbook.
COUNTED = ("most-state-key-labs", "most-key-projects", "gov-work-reports-2026")
#: Provincial reports of 2026 that hold a word anywhere on the page, by plain match.
WORDS = {
    "量子": 14, "未来产业": 30, "人工智能": 31, "氢能": 16, "低空经济": 22, "具身智能": 19,
    "脑机接口": 16, "生物制造": 24, "商业航天": 11, "深海": 8, "6G": 4, "核聚变": 3,
}  # fmt: skip


def problems(figures: Figures) -> list[str]:
    """What keeps a source from being written; empty if nothing."""
    found = []
    rows = figures.observations.values()
    places, known, what = regions(), fields(), indicator_texts()
    for name, unknown in (
        ("region", {row.region_id for row in rows} - set(places)),
        ("field", {row.field_id for row in rows} - set(known)),
        ("indicator", {row.indicator_id for row in rows} - set(what)),
    ):
        if unknown:
            found.append(f"{figures.source_id}: unknown {name} {sorted(unknown)}")
    counted = ("count", "person_year", "share")
    negative = [row for row in rows if (row.value or 0) < 0 and what[row.indicator_id]["unit"] in counted]
    if negative:
        found.append(f"{figures.source_id}: below zero: {negative[0]}")
    of_china = {row.region_id for row in rows if row.region_id.startswith("CN-")}
    if of_china and of_china != set(PROVINCES.values()):
        found.append(f"{figures.source_id}: not the 31 provinces: {sorted(set(PROVINCES.values()) ^ of_china)}")
    return found


def report_words(data: Path) -> list[str]:
    """Lines on the words of :data:`WORDS`: pages that hold them, and speeches."""
    reports = list(work_reports.read(data))
    lines = []
    for word, expected in WORDS.items():
        pages = sum(word in report.page for report in reports)
        speeches = sum(word in report.speech for report in reports)
        note = "" if pages == expected else f"  DIFFERS from {expected}"
        lines.append(f"reports with {word}: {pages} pages, {speeches} speeches{note}")
    return lines


def plain_density(data: Path, word: str) -> dict[str, float]:
    """Province → occurrences of a word per 10,000 characters of the speech, by plain match."""
    found = {r.region_id: r.speech.count(word) / work_reports.characters(r.speech) for r in work_reports.read(data)}
    return {place: work_reports.PER * share for place, share in found.items()}


def report_gap(sources: list[Figures], data: Path, field_id: str = "iotf:quantum", word: str = "量子") -> list[str]:
    """Lines on the places that speak of a field, and the projects and laboratories they have in it.

    Joined crudely, by the plain word, the report names the loudest places and how many projects they lead.
    """
    every = {s.source_id: s for s in sources}
    spoken = by_place(every["gov-work-reports-2026"], "report_mentions")
    density = by_place(every["gov-work-reports-2026"], "report_mention_density")
    projects = by_place(every["most-key-projects"], "key_projects")
    labs = by_place(every["most-state-key-labs"], "state_key_labs")
    rows = []
    for place in PROVINCES.values():
        rows.append(
            (
                spoken[place][field_id, "2026"],
                density[place][field_id, "2026"],
                sum(value for (field, _), value in projects[place].items() if field == field_id),
                labs[place][field_id, "2020"],
                place,
            )
        )
    rows.sort(key=lambda row: (-row[0], row[-1]))
    lines = [f"{field_id}: mentions, per 10,000 characters, projects, laboratories"]
    lines += [f"  {place}: {n:.0f}, {per:.2f}, {p:.0f}, {lab:.0f}" for n, per, p, lab, place in rows if n]
    held = {place: p for _, _, p, _, place in rows}
    crude = sorted(plain_density(data, word).items(), key=lambda item: (-item[1], item[0]))[:4]
    told = ", ".join(f"{place} {per:.2f} ({held[place]:.0f} projects)" for place, per in crude)
    lines.append(f"crude join, {word} per 10,000 characters: {told}")
    total = sum(value for (field, _), value in projects["CN"].items() if field == TOTAL)
    classified = sum(by_place(every["most-key-projects"], "key_projects_classified")["CN"].values())
    return [*lines, f"projects in at least one field: {classified:.0f} of {total:.0f}"]
