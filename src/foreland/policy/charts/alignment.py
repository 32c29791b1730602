"""Charts of how places follow the centre."""

from __future__ import annotations

from typing import Any

from foreland.charts import Key, Ratio, heatmap, ranked_bars, ratio_bars, scatter, tile_map
from foreland.core.finding import Finding
from foreland.core.registry import chart

STRESS = Key("change", {"stressed": "focus", "played_down": "bench", "as_centre": "axis"})


@chart("policy.alignment", "bars")
def bars(finding: Finding) -> Any:
    """Places by how alike their emphasis is to the centre's."""
    return ranked_bars(finding, _places(finding), label="region_id", value="similarity", limit=40)


@chart("policy.alignment", "map")
def tiles(finding: Finding) -> Any:
    """Similarity to the centre on tiles."""
    return tile_map(finding, _places(finding), value="similarity")


@chart("policy.alignment", "scatter")
def coverage_and_similarity(finding: Finding) -> Any:
    """How much of the centre's attention a place covers at all, against how alike the weights are."""
    return scatter(finding, _places(finding), x="covered", y="similarity", label="region_id")


def _places(finding: Finding) -> list[dict[str, Any]]:
    """All places, so that the one in focus stands among them."""
    table = finding.tables.get("places")
    return finding.rows() if table is None else table.to_pylist()


@chart("policy.emphasis", "ratio")
def ratio(finding: Finding) -> Any:
    """Weight in the place over weight at the centre."""
    rows = finding.rows()
    if rows and "instrument_id" in rows[0]:
        # Names of instruments are found as those of fields are.
        rows = [{**row, "field_id": row["instrument_id"]} for row in rows]
    return ratio_bars(finding, rows, Ratio("ratio", ("low", "high"), also=("share", "centre_share")), key=STRESS)


@chart("policy.emphasis", "shares")
def shares(finding: Finding) -> Any:
    """Shares of the place, of all places and of the centre beside each other."""
    rows = finding.rows()
    label = "field_id" if "field_id" in rows[0] else "instrument_id"
    rows.sort(key=lambda row: (-row["centre_share"], row[label]))
    drawn = [
        {label: row[label], "value": row[column], "who": column}
        for row in rows
        for column in ("share", "share_all", "centre_share")
    ]
    return heatmap(finding, [{**row, "share": row["value"]} for row in drawn], x="who", y=label, value="share")
