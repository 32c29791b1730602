"""How often the government work reports of the provinces speak of each field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from figures import TOTAL, Figures, Observation
from institutions import PROVINCES
from projects import COUNTRY, tagger

from foreland.data.taxonomy.fields import leaves
from foreland.data.taxonomy.regions import regions, resolve

PERIOD = "2026"
PER = 10_000
SALUTATION = "各位代表"
#: The closing call of every report; what comes behind its line is annex, glossary or the page.
CLOSING = re.compile(r"紧密地?团结在以习近平同志为核心的党中央周围")


class Report(NamedTuple):
    """A report of one province: the page as collected, and the speech in it."""

    region_id: str
    page: str
    speech: str


def speech(page: str) -> str:
    """The speech on a page: from the line of the salutation to the line of the closing call.

    Raises
    ------
    ValueError
        If either is not there.
    """
    lines = page.split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip().startswith(SALUTATION)), None)
    ends = [i for i, line in enumerate(lines) if CLOSING.search(line)]
    if start is None or not ends or ends[-1] < start:
        raise ValueError("no salutation or no closing call")
    return "\n".join(lines[start : ends[-1] + 1])


def characters(text: str) -> int:
    """Characters without blanks and line ends."""
    return len("".join(text.split()))


def read(data: Path) -> Iterator[Report]:
    """The 31 reports, by province id."""
    import pandas as pd

    table = pd.read_parquet(data / "cn_work_reports_2026" / "gwr_provincial_2026.parquet")
    found = {}
    for name, page in zip(table["province"], table["text"], strict=True):
        region = resolve(name, level="province")
        if region is None or region in found:
            raise ValueError(f"unknown or repeated province {name}")
        found[region] = Report(region, page, speech(page))
    if set(found) != set(PROVINCES.values()):
        raise ValueError("not the 31 provinces")
    yield from (found[region] for region in sorted(found))


def build(data: Path) -> Figures:
    """Mentions, characters and mentions per 10,000 of them by province and field; the country is all reports."""
    fields = leaves("iotf")
    reports = list(read(data))
    size = {report.region_id: characters(report.speech) for report in reports}
    count = {report.region_id: tagger().count(report.speech) for report in reports}
    cut = {report.region_id: characters(report.page) - size[report.region_id] for report in reports}
    longest_cut = sorted(cut, key=lambda place: (-cut[place], place))[:5]
    figures = Figures(
        "gov-work-reports-2026",
        {
            "cut": f"{sum(cut.values()):,}",
            "whole": f"{sum(cut.values()) + sum(size.values()):,}",
            "most_cut": ", ".join(regions()[place].short_en for place in longest_cut),
            "most_cut_zh": "、".join(regions()[place].short_zh for place in longest_cut),
            "shortest": f"{min(size.values()):,}",
            "longest": f"{max(size.values()):,}",
        },
    )
    size[COUNTRY] = sum(size.values())
    count[COUNTRY] = sum(count.values(), start=Counter())
    for place, total in size.items():
        figures.add([Observation(place, TOTAL, "report_characters", PERIOD, float(total))])
        for field_id in fields:
            mentions = count[place][field_id]
            figures.add(
                [
                    Observation(place, field_id, "report_mentions", PERIOD, float(mentions)),
                    Observation(place, field_id, "report_mention_density", PERIOD, PER * mentions / total),
                ]
            )
    return figures
