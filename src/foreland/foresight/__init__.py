"""Foresight: what is coming, and who is catching up?"""

from __future__ import annotations

from foreland.foresight.questions import catch_up

__all__ = ["catch_up"]
