"""How findings are written: registered here, asked for through ``Finding.save``, pages and commands."""

from __future__ import annotations

from foreland.core.finding import Finding
from foreland.core.registry import export
from foreland.i18n import Language


@export("svg")
def _svg(finding: Finding, chart: str | None, language: Language) -> bytes:
    from foreland.charts.pictures import picture

    return picture(finding, chart, language).encode()


@export("png")
def _png(finding: Finding, chart: str | None, language: Language) -> bytes:
    from foreland.charts.pictures import picture_png

    return picture_png(finding, chart, language)


@export("csv")
def _csv(finding: Finding, chart: str | None, language: Language) -> bytes:
    from foreland.charts.records import csv_bytes

    return csv_bytes(finding, language)


@export("json")
def _json(finding: Finding, chart: str | None, language: Language) -> bytes:
    from foreland.charts.records import json_bytes

    return json_bytes(finding, language)


@export("parquet")
def _parquet(finding: Finding, chart: str | None, language: Language) -> bytes:
    from foreland.charts.records import parquet_bytes

    return parquet_bytes(finding, language)


@export("md")
def _markdown(finding: Finding, chart: str | None, language: Language) -> bytes:
    from foreland.charts.documents import markdown

    return markdown(finding, language).encode()


@export("html")
def _html(finding: Finding, chart: str | None, language: Language) -> bytes:
    from foreland.charts.documents import page

    return page(finding, chart, language).encode()


@export("docx")
def _word(finding: Finding, chart: str | None, language: Language) -> bytes:
    from foreland.charts.documents import word

    return word(finding, chart, language)


@export("fragment")
def _fragment(finding: Finding, chart: str | None, language: Language) -> bytes:
    from foreland.charts.documents import fragment

    return str(fragment(finding, chart, language)).encode()
