"""The questions of the chains room, a file for each family of them."""

from __future__ import annotations

from foreland.chains.questions import decomposition, extraction, linkages, self_reliance, shock

__all__ = ["decomposition", "extraction", "linkages", "self_reliance", "shock"]
