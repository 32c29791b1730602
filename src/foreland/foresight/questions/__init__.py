"""The questions of the foresight room, a file for each family of them."""

from __future__ import annotations

from foreland.foresight.questions import (
    catch_up,
    drivers,
    emerging,
    leadership,
    weak_signals,
)

__all__ = [
    "catch_up",
    "drivers",
    "emerging",
    "leadership",
    "weak_signals",
]
