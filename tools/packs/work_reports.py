"""What the government work reports of the country and its provinces say, as rows of ``document`` and ``passage``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import readings
from figures import Figures, source_texts
from institutions import PROVINCES

from foreland.data.documents.options import DocumentOptions
from foreland.data.taxonomy.regions import regions, resolve

PROVINCIAL, NATIONAL = "gov-work-reports-2026", "gov-work-reports-national"
#: What may be passed on of each source: of the national reports counts, but not the figures in them.
KINDS = {PROVINCIAL: readings.KINDS, NATIONAL: ("field", "instrument", "definition")}
#: The address of most reports leads through a library's own gateway, where nobody else gets in.
GATEWAY = "https://s.fjlib.net"
PER = 10_000
TITLES = {"zh": "{year}年政府工作报告", "en": "Report on the Work of the Government {year}"}


class Report(NamedTuple):
    """A report of one province: the page as collected, and what the loader reads of it."""

    region_id: str
    page: str
    body: str


def provincial_file(data: Path) -> Path:
    """The 31 reports, a row each."""
    return data / "cn_work_reports_2026" / "gwr_provincial_2026.parquet"


def national_file(data: Path) -> Path:
    """The national reports, a segment in both languages each."""
    return data / "cn_work_reports_national_zh_en" / "gwr_national_zh_en.parquet"


@cache
def read(data: Path) -> tuple[Report, ...]:
    """The 31 reports, by province id.

    Raises
    ------
    ValueError
        If they are not those of the 31 provinces.
    """
    import pandas as pd

    from foreland.data.documents.furniture import CUT, mark
    from foreland.data.documents.passages import readable

    table = pd.read_parquet(provincial_file(data))
    found = {}
    for name, page in zip(table["province"], table["text"], strict=True):
        region = resolve(name, level="province")
        if region is None or region in found:
            raise ValueError(f"unknown or repeated province {name}")
        marks = [(m.start, m.end, m.kind, m.rule) for m in mark(page) if m.kind in CUT]
        found[region] = Report(region, page, readable(page, marks))
    if set(found) != set(PROVINCES.values()):
        raise ValueError("not the 31 provinces")
    return tuple(found[region] for region in sorted(found))


def build(data: Path) -> list[Figures]:
    """The reports of the provinces, and those of the country."""
    files = {
        provincial_file(data): DocumentOptions.from_options(source_id=PROVINCIAL),
        national_file(data): DocumentOptions.from_options(
            source_id=NATIONAL, text="zh,en", group_by="year", region="CN"
        ),
    }
    (documents, passages), national = readings.load(files).values()
    if sorted(row["region_id"] for row in documents) != sorted(PROVINCES.values()):
        raise ValueError("not the 31 provinces")
    provincial = Figures(PROVINCIAL, facts(documents, passages))
    readings.put(provincial, documents, passages, _provincial, KINDS[PROVINCIAL])
    country = Figures(NATIONAL, {"documents": len(national[0]) // len(TITLES)})
    readings.put(country, *national, _national, KINDS[NATIONAL])
    return [provincial, country]


def facts(documents: Sequence[dict[str, Any]], passages: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Numbers for the note: sizes, and what was cut."""
    whole = {row["region_id"]: len("".join(row["text"].split())) for row in documents}
    size = {row["region_id"]: row["characters"] for row in documents}
    cut = {place: whole[place] - size[place] for place in whole}
    longest_cut = sorted(cut, key=lambda place: (-cut[place], place))[:5]
    kinds = Counter(row["kind"] for row in passages)
    return {
        **{kind: f"{kinds[kind]:,}" for kind in readings.KINDS},
        "cut": f"{sum(cut.values()):,}",
        "whole": f"{sum(whole.values()):,}",
        "most_cut": ", ".join(regions()[place].short_en for place in longest_cut),
        "most_cut_zh": "、".join(regions()[place].short_zh for place in longest_cut),
        "shortest": f"{min(size.values()):,}",
        "longest": f"{max(size.values()):,}",
    }


def _provincial(row: dict[str, Any]) -> dict[str, Any]:
    """What a report of a province is called in the pack."""
    address = source_texts()[PROVINCIAL]["url"] if row["file"].startswith(GATEWAY) else row["file"]
    return {"document_id": f"doc:gwr-2026:{row['region_id']}", "file": address}


def _national(row: dict[str, Any]) -> dict[str, Any]:
    """What a national report is called in the pack; their own titles are nearly all the same."""
    year, language = row["date"][:4], row["language"]
    return {
        "document_id": f"doc:gwr-national:{year}-{language}",
        "title": TITLES[language].format(year=year),
        "title_from": "given",
        "file": source_texts()[NATIONAL]["url"],
    }
