"""Foresight: what is coming, who is catching up, and how often were such calls right?"""

from __future__ import annotations

from foreland.foresight.questions.bursts import bursts
from foreland.foresight.questions.catch_up import catch_up
from foreland.foresight.questions.convergence import convergence
from foreland.foresight.questions.delphi import delphi
from foreland.foresight.questions.directions import directions
from foreland.foresight.questions.disruption import disruption
from foreland.foresight.questions.drivers import drivers
from foreland.foresight.questions.emerging import emerging
from foreland.foresight.questions.forecast import forecast
from foreland.foresight.questions.leadership import leadership
from foreland.foresight.questions.life_cycle import life_cycle
from foreland.foresight.questions.main_path import main_path
from foreland.foresight.questions.scorecard import scorecard
from foreland.foresight.questions.weak_signals import weak_signals

__all__ = [
    "bursts",
    "catch_up",
    "convergence",
    "delphi",
    "directions",
    "disruption",
    "drivers",
    "emerging",
    "forecast",
    "leadership",
    "life_cycle",
    "main_path",
    "scorecard",
    "weak_signals",
]
