"""The charts of the capability room, a file for each family of questions."""

from __future__ import annotations

from foreland.capability.charts import complexity, entry, growth, relatedness, specialisation, structure

__all__ = ["complexity", "entry", "growth", "relatedness", "specialisation", "structure"]
