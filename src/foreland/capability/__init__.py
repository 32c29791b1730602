"""Capability: what are we good at, and what could we become good at?"""

from __future__ import annotations

# Some verbs are called like the module of their numerics. The questions import those modules before the verbs
# take the names here; elsewhere write ``from foreland.capability.complexity import …``.
from foreland.capability.questions.complexity import complexity, field_complexity
from foreland.capability.questions.entry import entry, entry_model
from foreland.capability.questions.growth import growth, position, ranking
from foreland.capability.questions.opportunities import opportunities
from foreland.capability.questions.relatedness import relatedness
from foreland.capability.questions.specialisation import specialisation
from foreland.capability.questions.structure import concentration, similar, structure

__all__ = [
    "complexity",
    "concentration",
    "entry",
    "entry_model",
    "field_complexity",
    "growth",
    "opportunities",
    "position",
    "ranking",
    "relatedness",
    "similar",
    "specialisation",
    "structure",
]
