"""The questions of the foresight room, a file for each family of them."""

from __future__ import annotations

from foreland.foresight.questions import (
    catch_up,
    leadership,
)

__all__ = [
    "catch_up",
    "leadership",
]
