"""Charts of what places are unusually good at."""

from __future__ import annotations

from typing import Any

from foreland.capability.charts.forms import distinct, totals
from foreland.charts import Key, Ratio, heatmap, ranked_bars, ratio_bars, tile_map
from foreland.core.finding import Finding
from foreland.core.registry import chart

STANDING = Key("standing", {"strength": "focus", "average": "rest", "weakness": "div2", "too_few": "missing"})
MOST = 40
"""Most places or fields of a heat map: names of more can't be read."""


@chart("capability.specialisation", "bars")
def bars(finding: Finding) -> Any:
    """Quotients of the fields of a place, of the places in a field, or the highest of all."""
    rows = [row for row in finding.rows() if row["specialisation"] is not None]
    if _around_zero(finding):
        label = "region_id" if len(distinct(rows, "region_id")) > 1 else "field_id"
        return ranked_bars(finding, _one_each(rows, label), label=label, value="specialisation", limit=40)
    return ratio_bars(finding, rows, Ratio("specialisation", _ends(finding)), key=STANDING)


@chart("capability.specialisation", "heatmap")
def heat(finding: Finding) -> Any:
    """Places × fields; the bars where there is one place or one field only."""
    rows = [row for row in finding.rows() if row["specialisation"] is not None]
    if not rows or min(len(distinct(rows, "region_id")), len(distinct(rows, "field_id"))) < 2:
        return bars(finding)
    places, fields = totals(rows, "region_id")[:MOST], totals(rows, "field_id")[:MOST]
    known = {(row["region_id"], row["field_id"]): row for row in rows}
    cells = [
        known.get((place, field), {"region_id": place, "field_id": field, "specialisation": None})
        for field in fields
        for place in places
    ]
    return heatmap(finding, cells, x="region_id", y="field_id", value="specialisation", midpoint=_middle(finding))


@chart("capability.specialisation", "map")
def tiles(finding: Finding) -> Any:
    """One field: its quotients; several: how many strengths a place has; one place: the bars."""
    rows = [row for row in finding.rows() if row["specialisation"] is not None]
    if not rows or len(distinct(rows, "region_id")) < 2:
        return bars(finding)
    if len(distinct(rows, "field_id")) == 1:
        return tile_map(finding, rows, value="specialisation", midpoint=_middle(finding))
    strengths = dict.fromkeys(distinct(rows, "region_id"), 0)
    for row in rows:
        strengths[row["region_id"]] += row["standing"] == "strength"
    return tile_map(finding, [{"region_id": p, "strengths": n} for p, n in strengths.items()], value="strengths")


def _around_zero(finding: Finding) -> bool:
    return finding.provenance.parameters.get("measure") in ("symmetric", "standardised")


def _middle(finding: Finding) -> float:
    return 0.0 if _around_zero(finding) else 1.0


def _ends(finding: Finding) -> tuple[str, str] | None:
    """The interval belongs to the location quotient, not to other measures."""
    return ("lower", "upper") if finding.provenance.parameters.get("measure") == "lq" else None


def _one_each(rows: list[dict[str, Any]], label: str) -> list[dict[str, Any]]:
    """The first row of each id: where there are several fields, the one a place is best at."""
    return list({row[label]: row for row in reversed(rows)}.values())[::-1]
