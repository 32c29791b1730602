"""Charts: one theme, and the helpers that the rooms' ``charts.py`` call with plain rows.

Every helper takes the finding first, so that titles, benchmark, names, labels and the way numbers are
written are the finding's own; then rows; then the names of columns. It returns an Altair chart.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_WHERE = {
    "Key": "ratios",
    "Ratio": "ratios",
    "backbone": "layout",
    "bump": "trends",
    "curve": "curves",
    "heatmap": "heat",
    "intervals": "bars",
    "lines": "trends",
    "network": "networks",
    "quadrant": "clouds",
    "ranked_bars": "bars",
    "ratio_bars": "ratios",
    "scatter": "clouds",
    "stacked_parts": "changes",
    "stress_layout": "layout",
    "tile_map": "tiles",
}

__all__ = [
    "Key",
    "Ratio",
    "backbone",
    "bump",
    "curve",
    "heatmap",
    "intervals",
    "lines",
    "network",
    "quadrant",
    "ranked_bars",
    "ratio_bars",
    "scatter",
    "stacked_parts",
    "stress_layout",
    "tile_map",
]

if TYPE_CHECKING:
    from foreland.charts.bars import intervals, ranked_bars
    from foreland.charts.changes import stacked_parts
    from foreland.charts.clouds import quadrant, scatter
    from foreland.charts.curves import curve
    from foreland.charts.heat import heatmap
    from foreland.charts.layout import backbone, stress_layout
    from foreland.charts.networks import network
    from foreland.charts.ratios import Key, Ratio, ratio_bars
    from foreland.charts.tiles import tile_map
    from foreland.charts.trends import bump, lines


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"foreland.charts.{_WHERE[name]}"), name)
    raise AttributeError(f"module 'foreland.charts' has no attribute {name!r}")
