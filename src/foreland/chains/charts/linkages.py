"""Charts of linkages."""

from __future__ import annotations

from typing import Any

from foreland.charts import quadrant as corners
from foreland.charts import ranked_bars
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t


@chart("chains.linkages", "quadrant")
def quadrant(finding: Finding) -> Any:
    """Pull against push; both above the mean sector, at 1, is a key sector."""
    words = [t(f"chains.value.{code}", current_language()) for code in ("forward", "key", "weak", "backward")]
    return corners(
        finding,
        finding.rows(),
        x="power",
        y="sensitivity",
        label="field_id",
        corners=(words[0], words[1], words[2], words[3]),
        cross=(1.0, 1.0),
    )


@chart("chains.linkages", "multipliers")
def multipliers(finding: Finding) -> Any:
    """Output brought about by a unit of final use."""
    rows = sorted(finding.rows(), key=lambda row: (-row["output_multiplier"], row["field_id"]))
    return ranked_bars(finding, rows, label="field_id", value="output_multiplier", limit=30)
