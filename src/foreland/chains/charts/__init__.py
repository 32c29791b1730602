"""The charts of the chains room, a file for each family of questions."""

from __future__ import annotations

from foreland.chains.charts import decomposition, extraction, linkages, self_reliance, shock

__all__ = ["decomposition", "extraction", "linkages", "self_reliance", "shock"]
