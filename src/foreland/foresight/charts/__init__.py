"""The charts of the foresight room, a file for each family of questions."""

from __future__ import annotations

from foreland.foresight.charts import (
    drivers,
    emerging,
    ladder,
    leadership,
    weak_signals,
)

__all__ = [
    "drivers",
    "emerging",
    "ladder",
    "leadership",
    "weak_signals",
]
