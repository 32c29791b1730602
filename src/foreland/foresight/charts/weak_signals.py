"""Charts of weak signals."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import numpy as np

from foreland.charts import Key
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.foresight.charts.planes import MOST, Plane, size_plane
from foreland.foresight.charts.spans import growth_spans
from foreland.i18n import current_language, t

TOKENS = {"weak": "kind2", "strong": "kind1", "latent": "axis", "well_known": "kind3"}
LISTED = 40


@chart("foresight.weak_signals", "map")
def signal_map(finding: Finding) -> Any:
    """Growth of diffusion against the number of documents, parted at the medians."""
    rows = [row for row in finding.rows() if row["diffusion_growth"] is not None]
    cross = tuple(
        float(np.median([row[column] for row in rows])) if rows else None
        for column in ("documents_a_year", "diffusion_growth")
    )
    language = current_language()
    corners = tuple(t(f"foresight.value.{kind}", language) for kind in ("weak", "strong", "latent", "well_known"))
    drawn = Plane(
        "documents_a_year",
        "diffusion_growth",
        ("diffusion_low", "diffusion_high"),
        "quadrant",
        TOKENS,
        also=("probability", "count"),
        cross=(cross[0], cross[1]),
        corners=corners,
        titles=(t("foresight.axis.documents_a_year", language), t("foresight.axis.diffusion_growth", language)),
    )
    # Of a long list the surest of each kind: of those that grow by the lower bound, of the others by the upper.
    kinds = {kind: [row for row in rows if row["quadrant"] == kind] for kind in TOKENS}
    for kind in ("latent", "well_known"):
        kinds[kind].sort(key=lambda row: (row["diffusion_high"], row["field_id"]))
    kinds = {kind: some[: MOST // 4] for kind, some in kinds.items()}
    own = [row for row in rows if row["field_id"] in finding.scope.field]
    shown = (
        rows if len(rows) <= MOST else [*own, *(row for some in zip_longest(*kinds.values()) for row in some if row)]
    )
    return size_plane(finding, list({row["field_id"]: row for row in shown}.values()), drawn)


@chart("foresight.weak_signals", "growth")
def growth(finding: Finding) -> Any:
    """Growth of diffusion with its interval, weak signals first."""
    told = ("diffusion_growth", "diffusion_low", "diffusion_high")
    return growth_spans(
        finding,
        finding.rows()[:LISTED],
        told,
        Key("quadrant", TOKENS),
        t("foresight.axis.diffusion_growth", current_language()),
    )
