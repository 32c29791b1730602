"""The questions of the policy room, a file for each family of them."""

from __future__ import annotations

from foreland.policy.questions import (
    alignment,
    attention,
    chain,
    countries,
    coverage,
    definitions,
    duplication,
    instruments,
    novelty,
    promise,
    reuse,
    targets,
)

__all__ = [
    "alignment",
    "attention",
    "chain",
    "countries",
    "coverage",
    "definitions",
    "duplication",
    "instruments",
    "novelty",
    "promise",
    "reuse",
    "targets",
]
