"""What a chain or table lacks for a method: told in words by the questions."""

from __future__ import annotations

from typing import Any


class ChainError(ValueError):
    """A table or network that a method can't work on.

    Parameters
    ----------
    kind
        What is wrong: the last part of the text's key ``chains.error.<kind>``.
    **params
        What the text names. Positions in arrays are given as ``sectors`` or ``nodes``, which questions
        turn into names.
    """

    def __init__(self, kind: str, **params: Any) -> None:
        super().__init__(f"{kind}: {params}")
        self.kind = kind
        self.params = params
