"""The questions of the policy room, a file for each family of them."""

from __future__ import annotations

from foreland.policy.questions import attention, coverage, duplication, promise

__all__ = ["attention", "coverage", "duplication", "promise"]
