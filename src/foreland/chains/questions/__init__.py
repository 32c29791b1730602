"""The questions of the chains room, a file for each family of them."""

from __future__ import annotations

from foreland.chains.questions import (
    chain_map,
    chokepoints,
    decomposition,
    dependence,
    extraction,
    firms,
    linkages,
    node,
    position,
    pull,
    resilience,
    self_reliance,
    shock,
    systemic,
)

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
