"""The charts of the chains room, a file for each family of questions."""

from __future__ import annotations

from foreland.chains.charts import (
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
