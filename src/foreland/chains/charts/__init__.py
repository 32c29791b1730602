"""The charts of the chains room, a file for each family of questions."""

from __future__ import annotations

from foreland.chains.charts import (
    chain_map,
    decomposition,
    extraction,
    firms,
    linkages,
    position,
    pull,
    self_reliance,
    shock,
    systemic,
)

__all__ = [
    "chain_map",
    "decomposition",
    "extraction",
    "firms",
    "linkages",
    "position",
    "pull",
    "self_reliance",
    "shock",
    "systemic",
]
