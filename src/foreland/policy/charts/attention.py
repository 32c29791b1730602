"""Charts of attention over places, fields and years."""

from __future__ import annotations

from typing import Any

from foreland.charts import Key, Ratio, heatmap, lines, ratio_bars, tile_map
from foreland.core.finding import Finding
from foreland.core.registry import chart

CHANGE = Key("change", {"more": "focus", "less": "bench", "unclear": "axis"})


@chart("policy.attention", "heat")
def heat(finding: Finding) -> Any:
    """Fields by years for one place, places by fields for many; empty where nothing is said."""
    rows = finding.rows()
    shown = [{**row, "mention_density": row["mention_density"] if row["mentions"] else None} for row in rows]
    total: dict[str, float] = {}
    over_years = len({row["year"] for row in rows}) > 1
    down = "field_id" if over_years or len({row["region_id"] for row in rows}) == 1 else "region_id"
    for row in rows:
        total[row[down]] = total.get(row[down], 0.0) + row["mention_density"]
    across = "year" if down == "field_id" else "field_id"
    width: dict[Any, float] = {}
    for row in rows:
        width[row[across]] = width.get(row[across], 0.0) + row["mention_density"]
    shown.sort(
        key=lambda row: (
            -total[row[down]], row[down],
            row["year"] if across == "year" else -width[row[across]], row[across],
        )
    )  # fmt: skip
    return heatmap(finding, shown, x=across, y=down, value="mention_density")


@chart("policy.attention", "lines")
def over_time(finding: Finding) -> Any:
    """Mentions per 10,000 characters by year; the fields that are spoken of most in colour."""
    rows = finding.rows()
    newest = max(row["year"] for row in rows)
    first = [row["field_id"] for row in rows if row["year"] == newest][:5]
    drawn = [{**row, "period": str(row["year"])} for row in rows]
    return lines(finding, drawn, y="mention_density", series="field_id", focus=list(finding.scope.field) or first)


@chart("policy.attention", "shift")
def shift(finding: Finding) -> Any:
    """The newest year against those before it."""
    rows = finding.rows()
    newest = max(row["year"] for row in rows)
    drawn = [row for row in rows if row["year"] == newest and row["ratio"]]
    drawn.sort(key=lambda row: (-row["ratio"], row["region_id"], row["field_id"]))
    return ratio_bars(finding, drawn, Ratio("ratio", ("low", "high"), also=("mentions", "density_before")), key=CHANGE)


@chart("policy.attention", "map")
def tiles(finding: Finding) -> Any:
    """How much each place speaks of the field, or of all of them together."""
    held: dict[str, float] = {}
    for row in finding.rows():
        held[row["region_id"]] = held.get(row["region_id"], 0.0) + row["mention_density"]
    rows = [{"region_id": place, "mention_density": value} for place, value in sorted(held.items())]
    return tile_map(finding, rows, value="mention_density")
