"""The questions of the chains room, a file for each family of them."""

from __future__ import annotations

from foreland.chains.questions import extraction, linkages, self_reliance

__all__ = ["extraction", "linkages", "self_reliance"]
