"""The charts of the chains room, a file for each family of questions."""

from __future__ import annotations

from foreland.chains.charts import extraction, linkages, self_reliance

__all__ = ["extraction", "linkages", "self_reliance"]
