"""Chains: where can the chain break?"""

from __future__ import annotations

from foreland.chains.questions.chain_map import chain_map
from foreland.chains.questions.chokepoints import chokepoints
from foreland.chains.questions.decomposition import decomposition
from foreland.chains.questions.dependence import dependence
from foreland.chains.questions.extraction import extraction
from foreland.chains.questions.firms import firms
from foreland.chains.questions.linkages import linkages
from foreland.chains.questions.node import node
from foreland.chains.questions.position import position
from foreland.chains.questions.pull import pull
from foreland.chains.questions.resilience import resilience
from foreland.chains.questions.self_reliance import self_reliance
from foreland.chains.questions.shock import shock
from foreland.chains.questions.systemic import systemic

__all__ = [
    "chain_map",
    "chokepoints",
    "decomposition",
    "dependence",
    "extraction",
    "firms",
    "linkages",
    "node",
    "position",
    "pull",
    "resilience",
    "self_reliance",
    "shock",
    "systemic",
]
