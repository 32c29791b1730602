"""What an answer was read from, noted while it is worked out, so that it can be kept until just that changes.

A workspace notes each table and each source a computation looks at, with the state it was in. What came out holds
while all of them are in the same state. What was *not* found counts too: the state of a table names every source that
has rows in it, so that a source which is loaded later, and might have been chosen, changes it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

Read = tuple[str, str]
"""``("table", name)``, ``("source", id)``, or :data:`EVERYTHING`."""
EVERYTHING: Read = ("everything", "")
Reads = dict[Read, Hashable]
"""What was read, each with its state when it was first read."""

_noted: ContextVar[Reads | None] = ContextVar("reads", default=None)


@contextmanager
def noting(*, hand_on: bool = True) -> Iterator[Reads]:
    """Note what is read within the block; what stands around it has then read the same, unless told otherwise."""
    mine = Reads()
    token = _noted.set(mine)
    try:
        yield mine
    finally:
        _noted.reset(token)
        if hand_on:
            note(mine)


def note(reads: Mapping[Read, Hashable]) -> None:
    """Say that something was read."""
    noted = _noted.get()
    if noted is not None:
        for read, state in reads.items():
            noted.setdefault(read, state)


class _Kept(NamedTuple):
    """A value, and what it was read from."""

    value: Any
    reads: Reads


class Remembered:
    """What was worked out from a workspace, each value until something it was read from changes.

    Parameters
    ----------
    state
        The present state of what can be read.
    """

    def __init__(self, state: Callable[[Read], Hashable]) -> None:
        self._state = state
        self._kept: dict[Hashable, _Kept] = {}
        self._guard = threading.Lock()
        self._working: dict[Hashable, threading.RLock] = {}

    def holds(self, reads: Mapping[Read, Hashable]) -> bool:
        """Whether all that was read is as it was."""
        return all(self._state(read) == state for read, state in list(reads.items()))

    def remember(
        self, key: Hashable, make: Callable[[], Any], fits: Callable[[Sequence[Any]], bool] | None = None
    ) -> Any:
        """The value of a key, worked out where it is not there or no longer holds.

        Parameters
        ----------
        key
            The first item of a tuple says of what kind the value is.
        make
            Works the value out. What it uses it must read itself, or it must stand in the key.
        fits
            Whether so many values of the kind may be kept, given from the oldest to the newest: the oldest go until
            they may, but the newest never.
        """
        found = self._find(key)
        if found is not None:
            return found.value
        # Once, even when several threads want it; what they make of each other never goes in a circle.
        with self._guard:
            mine = self._working.setdefault(key, threading.RLock())
        with mine:
            found = self._find(key)
            if found is not None:
                return found.value
            try:
                with noting() as reads:
                    value = make()
                self._kept[key] = _Kept(value, dict(reads))
                if fits is not None and isinstance(key, tuple):
                    self._make_room(key[0], fits)
            finally:
                with self._guard:
                    self._working.pop(key, None)
        return value

    def sweep(self) -> None:
        """Let go of what no longer holds."""
        for key, kept in list(self._kept.items()):
            if not self.holds(kept.reads):
                self._kept.pop(key, None)

    def __contains__(self, key: Hashable) -> bool:
        kept = self._kept.get(key)
        return kept is not None and self.holds(kept.reads)

    def __iter__(self) -> Iterator[Hashable]:
        # Of what is there now: other threads go on adding.
        return iter(list(self._kept))

    def _find(self, key: Hashable) -> _Kept | None:
        kept = self._kept.get(key)
        if kept is None or not self.holds(kept.reads):
            return None
        note(kept.reads)
        return kept

    def _make_room(self, kind: Hashable, fits: Callable[[Sequence[Any]], bool]) -> None:
        alike = [key for key in self if isinstance(key, tuple) and key[0] == kind]
        values = [kept.value for key in alike if (kept := self._kept.get(key)) is not None]
        while len(values) > 1 and not fits(values):
            self._kept.pop(alike.pop(0), None)
            values.pop(0)


def at_most(number: int) -> Callable[[Sequence[Any]], bool]:
    """So many values of a kind may be kept."""
    return lambda kept: len(kept) <= number


class Noted(Mapping[str, Any]):
    """A mapping of what is loaded, by source; it notes which sources are looked at, or all where they are listed."""

    def __init__(self, values: Mapping[str, Any], state: Callable[[Read], Hashable]) -> None:
        self._values = values
        self._state = state

    def __getitem__(self, source_id: str) -> Any:
        note({("source", source_id): self._state(("source", source_id))})
        return self._values[source_id]

    def __iter__(self) -> Iterator[str]:
        note({EVERYTHING: self._state(EVERYTHING)})
        return iter(self._values)

    def __len__(self) -> int:
        note({EVERYTHING: self._state(EVERYTHING)})
        return len(self._values)
