"""Chains: where can the chain break?"""

from __future__ import annotations

from foreland.chains.questions.extraction import extraction
from foreland.chains.questions.linkages import linkages

__all__ = ["extraction", "linkages"]
