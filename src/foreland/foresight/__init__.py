"""Foresight: what is coming, who is catching up, and how often were such calls right?"""

from __future__ import annotations

from foreland.foresight.questions.catch_up import catch_up
from foreland.foresight.questions.drivers import drivers
from foreland.foresight.questions.emerging import emerging
from foreland.foresight.questions.leadership import leadership
from foreland.foresight.questions.weak_signals import weak_signals

__all__ = [
    "catch_up",
    "drivers",
    "emerging",
    "leadership",
    "weak_signals",
]
