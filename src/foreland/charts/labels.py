"""What is measured, in which unit: for axes, legends, tooltips and headings of tables."""

from __future__ import annotations

from foreland.core.columns import Column, unit_label
from foreland.core.finding import Finding
from foreland.data.coverage import coverage
from foreland.i18n import Language, current_language

AS_INDICATOR = "as indicator"


def unit_of(finding: Finding, spec: Column, language: Language | None = None) -> str:
    """The unit of a column in words; empty where the numbers need none."""
    language = language or current_language()
    if spec.unit != AS_INDICATOR:
        # Percentages, points, ranks and counts say what they are.
        plain = spec.format in ("percent", "points", "rank", "count") or spec.unit in ("count", "ranks")
        return "" if plain else spec.unit_in(language)
    indicator = finding.scope.indicator
    if not indicator or finding.workspace is None:
        return ""
    unit = next((entry.unit for entry in coverage(finding.workspace) if entry.indicator_id == indicator), "")
    return "" if unit in ("", "count", "share") else unit_label(unit, language)


def measured(finding: Finding, spec: Column, language: Language | None = None) -> str:
    """What a column of figures holds: for plain values the indicator's name, and the unit it is in."""
    language = language or current_language()
    label = spec.label(language)
    if spec.unit != AS_INDICATOR:
        return label
    if spec.name == "value" and finding.scope.indicator:
        label = finding.name(finding.scope.indicator, language)
    unit = unit_of(finding, spec, language)
    if not unit:
        return label
    return f"{label}（{unit}）" if language == "zh" else f"{label} ({unit})"
