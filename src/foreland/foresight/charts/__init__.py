"""The charts of the foresight room, a file for each family of questions."""

from __future__ import annotations

from foreland.foresight.charts import (
    bursts,
    convergence,
    delphi,
    directions,
    disruption,
    drivers,
    emerging,
    forecast,
    ladder,
    leadership,
    life_cycle,
    main_path,
    scorecard,
    weak_signals,
)

__all__ = [
    "bursts",
    "convergence",
    "delphi",
    "directions",
    "disruption",
    "drivers",
    "emerging",
    "forecast",
    "ladder",
    "leadership",
    "life_cycle",
    "main_path",
    "scorecard",
    "weak_signals",
]
