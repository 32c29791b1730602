"""The charts of the foresight room, a file for each family of questions."""

from __future__ import annotations

from foreland.foresight.charts import (
    emerging,
    ladder,
    leadership,
    weak_signals,
)

__all__ = [
    "emerging",
    "ladder",
    "leadership",
    "weak_signals",
]
