"""The questions of the foresight room, a file for each family of them."""

from __future__ import annotations

from foreland.foresight.questions import (
    bursts,
    catch_up,
    convergence,
    delphi,
    directions,
    disruption,
    drivers,
    emerging,
    forecast,
    leadership,
    life_cycle,
    main_path,
    scorecard,
    weak_signals,
)

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
