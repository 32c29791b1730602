"""The questions of the capability room, a file for each family of measures."""

from __future__ import annotations

from foreland.capability.questions import (
    complexity,
    entry,
    growth,
    opportunities,
    relatedness,
    specialisation,
    structure,
)

__all__ = ["complexity", "entry", "growth", "opportunities", "relatedness", "specialisation", "structure"]
