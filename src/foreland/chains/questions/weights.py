"""Weights of the parts of a chokepoint's score, as a person chooses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from foreland.core.errors import UsageError
from foreland.core.registry import Between

MOST = 2.0
"""A part counts at most twice as much as one that is left as it is."""


@dataclass(frozen=True)
class ChainWeights:
    """What makes a product critical to the chain, wherever one stands."""

    weight_concentration: Annotated[float, Between(0.0, MOST)] = 1.0
    weight_substitutes: Annotated[float, Between(0.0, MOST)] = 1.0
    weight_position: Annotated[float, Between(0.0, MOST)] = 1.0

    def values(self) -> tuple[float, ...]:
        """The weights in the order of the parts.

        Raises
        ------
        UsageError
            If all are zero: nothing would be left to rank by.
        """
        found = (self.weight_concentration, self.weight_substitutes, self.weight_position)
        if not any(found):
            raise UsageError("chains.error.no_weights")
        return found

    def parameters(self) -> dict[str, float]:
        """The weights by name, for the record."""
        return dict(vars(self))


@dataclass(frozen=True)
class Weights(ChainWeights):
    """The same, and how much a place's own supply counts."""

    weight_own: Annotated[float, Between(0.0, MOST)] = 1.0

    def values(self) -> tuple[float, ...]:
        """The weights in the order of the parts; at least one of the first three counts."""
        return (*super().values(), self.weight_own)
