"""What an answer was read from, noted while it is worked out, so that it can be kept until just that changes.

A workspace notes each table and each source a computation looks at, with the state it was in. What came out holds
while all of them are in the same state. What was *not* found counts too: the state of a table names every source that
has rows in it, so that a source which is loaded later, and might have been chosen, changes it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

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


class Remembered(dict[Hashable, Any]):
    """What was worked out from a workspace, each value until something it was read from changes.

    A value that is set without :meth:`remember` counts as read from all that the computation around it has read so
    far, and from everything where none is noted.

    Parameters
    ----------
    state
        The present state of what can be read.
    """

    def __init__(self, state: Callable[[Read], Hashable]) -> None:
        super().__init__()
        self._state = state
        self._reads: dict[Hashable, Reads] = {}
        self._swept: dict[Hashable, Any] = {}
        self._guard = threading.Lock()
        self._working: dict[Hashable, threading.RLock] = {}

    def holds(self, reads: Mapping[Read, Hashable]) -> bool:
        """Whether all that was read is as it was."""
        return all(self._state(read) == state for read, state in list(reads.items()))

    def remember(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of a key, worked out where it is not there or no longer holds.

        What ``make`` uses it must read itself, or it must stand in the key.
        """
        if key in self:
            return self[key]
        # Once, even when several threads want it; what they make of each other never goes in a circle.
        with self._guard:
            mine = self._working.setdefault(key, threading.RLock())
        with mine:
            if key in self:
                return self[key]
            try:
                with noting() as reads:
                    value = make()
                self._keep(key, value, reads)
            finally:
                with self._guard:
                    self._working.pop(key, None)
        return value

    def sweep(self) -> None:
        """Let go of what no longer holds, but for who has just found it there."""
        stale = [key for key in list(self) if not self.holds(self._reads.get(key, {}))]
        self._swept = {key: self.pop(key, None) for key in stale}

    def __missing__(self, key: Hashable) -> Any:
        return self._swept[key]

    def _keep(self, key: Hashable, value: Any, reads: Reads) -> None:
        self._reads[key] = dict(reads)
        super().__setitem__(key, value)

    def __setitem__(self, key: Hashable, value: Any) -> None:
        noted = _noted.get()
        self._keep(key, value, {EVERYTHING: self._state(EVERYTHING)} if noted is None else noted)

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) and self.holds(self._reads.get(key, {}))

    def __getitem__(self, key: Hashable) -> Any:
        # No check whether it still holds: who has just found it there, or set it, gets it.
        value = super().__getitem__(key)
        note(self._reads.get(key, {}))
        return value

    def get(self, key: Hashable, default: Any = None) -> Any:
        if key not in self:
            return default
        return self[key]

    def setdefault(self, key: Hashable, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: Hashable, *default: Any) -> Any:
        value = super().pop(key, *default)
        self._reads.pop(key, None)
        return value

    def __delitem__(self, key: Hashable) -> None:
        # Whoever makes room may find that another thread has made it.
        self.pop(key, None)

    def __iter__(self) -> Iterator[Hashable]:
        # Of what is there now: other threads go on adding.
        return iter(list(super().__iter__()))

    def clear(self) -> None:
        super().clear()
        self._reads.clear()


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
