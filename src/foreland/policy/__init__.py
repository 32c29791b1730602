"""Policy: who has promised what, and what stands behind it?"""

from __future__ import annotations

from foreland.policy.questions.alignment import alignment, emphasis
from foreland.policy.questions.attention import attention
from foreland.policy.questions.chain import chain
from foreland.policy.questions.countries import countries
from foreland.policy.questions.coverage import coverage
from foreland.policy.questions.definitions import definitions
from foreland.policy.questions.duplication import duplication
from foreland.policy.questions.instruments import instruments
from foreland.policy.questions.novelty import novelty
from foreland.policy.questions.promise import promise
from foreland.policy.questions.reuse import reuse, wording
from foreland.policy.questions.targets import ambition, targets

__all__ = [
    "alignment",
    "ambition",
    "attention",
    "chain",
    "countries",
    "coverage",
    "definitions",
    "duplication",
    "emphasis",
    "instruments",
    "novelty",
    "promise",
    "reuse",
    "targets",
    "wording",
]
