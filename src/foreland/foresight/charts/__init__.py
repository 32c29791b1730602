"""The charts of the foresight room, a file for each family of questions."""

from __future__ import annotations

from foreland.foresight.charts import (
    ladder,
    leadership,
)

__all__ = [
    "ladder",
    "leadership",
]
